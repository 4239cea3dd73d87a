//! The check of a roster before anything is sent: the same code that the server runs, on the person's own machine.

use std::collections::BTreeMap;

use roster::{
    Code, Day, Finding, Findings, MappingProfile, Reading, School, Schools, Scope, SentReport, Settings, Severity,
    SourceId, UsedProfile,
};
use serde::{Deserialize, Serialize};
use wire::http::FindingRow;
use wire::{SheetChoice, Unpacked};

/// What a roster is checked against.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    pub schools: Vec<School>,
    pub settings: Settings,
    pub mode: roster::Mode,
    #[serde(default = "whole_organisation")]
    pub scope: Scope,
    /// The sheet that was chosen, where the file is a workbook.
    #[serde(default)]
    pub sheet: Option<String>,
    /// The source of the file, where the organisation names any: only its mappings read it, and those of no source.
    #[serde(default)]
    pub source: Option<SourceId>,
    /// A mapping that is not saved yet, which comes before those of the settings.
    #[serde(default)]
    pub profile: Option<MappingProfile>,
    /// The day of the check: roles of files of other systems count from one day to another one.
    #[serde(default)]
    pub today: Option<Day>,
}

impl Request {
    /// Returns how the file is read.
    fn reading(&self) -> Reading {
        let settings = self.settings.reading.clone().of_source(self.source.as_ref());
        let settings = match &self.profile {
            Some(profile) => settings.with_profile(profile.clone()),
            None => settings,
        };
        Reading::from(settings).on(self.today.clone())
    }
}

fn whole_organisation() -> Scope {
    Scope::Organisation
}

/// What the check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReport {
    /// The file as a whole can't be processed; the findings say why.
    pub failed: bool,
    /// Rows below the headers.
    pub rows: u64,
    /// Rows that hold by themselves.
    pub ok: u64,
    pub rejected: u64,
    /// The mapping that read it.
    #[serde(default)]
    pub used: Option<UsedProfile>,
    /// How many findings of each code.
    pub codes: BTreeMap<Code, u64>,
    /// By row, at most [`CheckReport::KEPT`].
    pub findings: Vec<FindingRow>,
    /// The sheet of a workbook that was read.
    pub sheet: Option<String>,
    /// The sheets among which somebody can choose; empty where there is no choice.
    pub sheets: Vec<SheetChoice>,
}

impl CheckReport {
    /// How many findings are kept with their texts.
    pub const KEPT: usize = 10_000;

    /// Returns how many findings there are.
    pub fn total(&self) -> u64 {
        self.codes.values().sum()
    }

    /// Returns how many of them are of this severity.
    pub fn of(&self, severity: Severity) -> u64 {
        self.codes.iter().filter(|(code, _)| code.severity() == severity).map(|(_, n)| n).sum()
    }
}

/// Checks what is to be sent.
///
/// `parsed` hears how many rows there are before they are checked one by one.
pub fn check(bytes: &[u8], request: &Request, parsed: impl FnOnce(u64)) -> CheckReport {
    let (schools, reading) = (Schools::new(request.schools.clone()), &request.reading());
    let settings = request.settings.of(request.mode);
    let Unpacked { sent, sheet, choices } = Unpacked::read(bytes, reading, &schools, request.sheet.as_deref());
    let sent = sent.and_then(|sent| sent.for_mode(request.mode));
    let SentReport { failed, rows, rejected, used, findings } =
        roster::check_sent(sent, reading, (&schools, &request.scope, settings), parsed);
    CheckReport { sheet, sheets: choices, used, ..report(failed, rows, rejected, findings) }
}

/// Returns the report on a file that is too large to be read at all.
pub fn too_large() -> CheckReport {
    report(true, 0, 0, vec![Finding::file(Code::FileTooLarge)].into())
}

fn report(failed: bool, rows: u64, rejected: u64, findings: Findings) -> CheckReport {
    let codes = findings.counts().clone();
    let findings = findings.iter().take(CheckReport::KEPT).map(FindingRow::from).collect();
    CheckReport {
        failed,
        rows,
        ok: rows.saturating_sub(rejected),
        rejected,
        codes,
        findings,
        used: None,
        sheet: None,
        sheets: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ProposalRequest, propose_mapping};
    use roster::{Mode, SchoolId, SchoolKind};

    fn request() -> Request {
        let school = School {
            id: SchoolId("s1".to_owned()),
            external_id: "north".to_owned(),
            name: "North School".to_owned(),
            kind: SchoolKind::School,
        };
        Request {
            schools: vec![school],
            settings: Settings::default(),
            mode: Mode::Partial,
            scope: Scope::Organisation,
            sheet: None,
            source: None,
            profile: None,
            today: None,
        }
    }

    fn roster(rows: &str) -> String {
        let header = "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,position,grade,status";
        format!("{header}\n{rows}")
    }

    #[test]
    fn every_row_is_either_ready_or_rejected() {
        let rows = "Ora,Klein,,,7,north,Student,,3,Active\nBen,Okafor,,,8,south,Student,,3,Active\n";
        let mut heard = 0;
        let report = check(roster(rows).as_bytes(), &request(), |rows| heard = rows);
        assert_eq!((heard, report.rows, report.ok, report.rejected), (2, 2, 1, 1));
        assert_eq!(report.codes, BTreeMap::from([(Code::SchoolUnknown, 1)]));
        assert_eq!((report.findings[0].row, report.failed), (Some(3), false));
    }

    #[test]
    fn a_mapping_that_is_not_saved_reads_the_file() {
        let rows = "Ora,Klein,,,7,north,Pupil,,3,Active\n";
        let file = roster(rows).replace("custom_id", "Zahl");
        let ids = Some(vec!["7".to_owned()]);
        let request = request();
        let asked = ProposalRequest {
            schools: request.schools.clone(),
            settings: request.settings.clone(),
            source: None,
            custom_ids: ids,
            sheet: None,
            encoding: None,
        };
        let report = propose_mapping(file.as_bytes(), &asked);
        assert!(report.is_needed && report.used.is_none(), "{report:?}");
        let proposal = report.proposal.expect("a proposal");
        assert_eq!(
            proposal.preview[0].cells.iter().find(|(column, _)| *column == roster::Column::CustomId).unwrap().1,
            "7"
        );
        assert!(check(file.as_bytes(), &request, |_| {}).failed);
        let with = Request { profile: Some(proposal.profile.clone()), ..request.clone() };
        let checked = check(file.as_bytes(), &with, |_| {});
        assert_eq!((checked.failed, checked.ok), (false, 1));
        assert_eq!(checked.used, Some(with.profile.as_ref().expect("a mapping").used()));
        let mut saved = asked;
        saved.settings.reading.profiles.push(proposal.profile);
        let report = propose_mapping(file.as_bytes(), &saved);
        assert!(!report.is_needed && report.used.is_some());
    }

    #[test]
    fn a_file_that_can_not_be_read_has_no_rows() {
        let report = check(b"", &request(), |_| panic!("there are no rows"));
        assert!(report.failed && report.rows == 0 && report.total() == 1);
        assert!(too_large().failed);
    }
}
