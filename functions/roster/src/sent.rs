//! What somebody sends: one roster of users, perhaps with their classes, or the files of a set; and what can be said of it
//! before anything is compared.

use std::borrow::Cow;

use crate::classes::{class_lines, set_lines};
use crate::file::reading::Reading;
use crate::file::{ParsedRoster, SetBytes, lone_part, parse, parse_part};
use crate::formats::translation::miss_nobody;
use crate::formats::{Delivery, Translated, Translation, lone_users, translate};
use crate::model::{Finding, Findings, Schools, SetPart};
use crate::settings::{Mode, ModeSettings, Scope, UsedProfile};
use crate::validate::validate;

/// What somebody sends.
#[derive(Debug)]
pub struct Sent<'b> {
    /// The file of users; `None` in a set that has none.
    pub users: Option<Cow<'b, [u8]>>,
    /// `None` where it is one roster of users.
    pub set: Option<PartsOfSet>,
    /// What is to be said of how it was packed.
    pub notes: Vec<Finding>,
    /// How files of another system were read as a set; `None` where it was sent in our columns.
    pub translation: Option<Translation>,
}

/// The files of a set beside that of users.
#[derive(Debug, Default)]
pub struct PartsOfSet {
    pub classes: Option<ParsedRoster>,
    pub enrolments: Option<ParsedRoster>,
    /// What is wrong with them.
    pub findings: Findings,
}

/// What can be said of what was sent before it is compared with anything.
#[derive(Debug)]
pub struct SentReport {
    /// It fails as a whole.
    pub failed: bool,
    /// How many rows all files have.
    pub rows: u64,
    /// How many rows about users are rejected.
    pub rejected: u64,
    /// The mapping that read the file of users.
    pub used: Option<UsedProfile>,
    /// Sorted.
    pub findings: Findings,
}

impl<'b> Sent<'b> {
    /// Reads what was sent as one file.
    ///
    /// It is a roster of users, a file of classes or enrolments alone, which is a set, or the file of users of another
    /// system's format.
    ///
    /// # Errors
    ///
    /// The findings where it fails as a whole.
    pub fn read(bytes: &'b [u8], reading: &Reading, schools: &Schools) -> Result<Sent<'b>, Findings> {
        if let Some(delivery) = lone_users(bytes, reading) {
            return Sent::of_delivery(delivery, reading, schools);
        }
        match lone_part(bytes, reading) {
            Some(part) => {
                let mut set = SetBytes::default();
                *set.part_mut(part) = Some(bytes.to_vec());
                Sent::of_set(set, reading)
            }
            None => Ok(Sent { users: Some(Cow::Borrowed(bytes)), set: None, notes: Vec::new(), translation: None }),
        }
    }

    /// Reads the files of a set.
    ///
    /// # Errors
    ///
    /// The findings where one of them fails as a whole.
    pub fn of_set(set: SetBytes, reading: &Reading) -> Result<Sent<'b>, Findings> {
        let SetBytes { users, classes, enrolments } = set;
        let (mut findings, mut failed) = (Findings::default(), false);
        let mut read = |part, bytes: Option<Vec<u8>>| {
            let (parsed, found) = parse_part(&bytes?, part, reading);
            failed |= parsed.is_none();
            findings.append(found);
            parsed
        };
        let (classes, enrolments) = (read(SetPart::Classes, classes), read(SetPart::Enrolments, enrolments));
        if failed {
            return Err(findings);
        }
        let set = Some(PartsOfSet { classes, enrolments, findings });
        Ok(Sent { users: users.map(Cow::Owned), set, notes: Vec::new(), translation: None })
    }

    /// Reads files that came together: those of another system's format, or those of a set.
    ///
    /// # Errors
    ///
    /// The findings where they fail as a whole.
    pub fn of_delivery(delivery: Delivery, reading: &Reading, schools: &Schools) -> Result<Sent<'b>, Findings> {
        let Some(Translated { set, translation }) = translate(&delivery, reading, schools)? else {
            return Sent::of_set(delivery.into_set().map_err(|finding| vec![finding])?, reading);
        };
        let notes = translation.notes.clone();
        let set = Sent::of_set(set, &translation.reading(reading.clone()))?;
        Ok(Sent { notes, translation: Some(translation), ..set })
    }

    /// Returns what was sent, where a sync of this mode may take it.
    ///
    /// # Errors
    ///
    /// Where it holds only what has changed, or lacks a file or rows, and the sync would remove everybody else.
    pub fn for_mode(self, mode: Mode) -> Result<Sent<'b>, Findings> {
        match self.translation.as_ref().and_then(|translation| translation.refusal(mode)) {
            Some(finding) => Err(vec![finding].into()),
            None => {
                let translation = self.translation.map(|translation| translation.in_mode(mode));
                let mut notes = self.notes;
                if let Some(translation) = translation.as_ref().filter(|_| !mode.removes_absent()) {
                    miss_nobody(&mut notes, translation.format);
                }
                Ok(Sent { translation, notes, ..self })
            }
        }
    }

    /// Returns how the file of users is read.
    ///
    /// It is read as usual, but for what the format that it was made from does not have.
    pub fn reading(&self, usual: &Reading) -> Reading {
        let usual = usual.clone();
        match &self.translation {
            Some(translation) => translation.reading(usual),
            None => usual.settings.into(),
        }
    }

    /// Returns the files of a set; nothing where it is one roster.
    pub fn parts(&self) -> Vec<SetPart> {
        let Some(set) = &self.set else { return Vec::new() };
        let users = self.users.is_some().then_some(SetPart::Users);
        users.into_iter().chain(set.files().map(|(part, _)| part)).collect()
    }
}

impl PartsOfSet {
    /// Returns the files with what they are.
    pub fn files(&self) -> impl Iterator<Item = (SetPart, &ParsedRoster)> {
        let files = [(SetPart::Classes, &self.classes), (SetPart::Enrolments, &self.enrolments)];
        files.into_iter().filter_map(|(part, file)| Some((part, file.as_ref()?)))
    }
}

/// Checks what was sent as far as it can be without a directory.
///
/// `parsed` hears how many rows there are before they are checked one by one.
pub fn check_sent(
    sent: Result<Sent, Findings>,
    reading: &Reading,
    (schools, scope, settings): (&Schools, &Scope, &ModeSettings),
    parsed: impl FnOnce(u64),
) -> SentReport {
    let failed = |mut findings: Findings| {
        findings.sort();
        SentReport { failed: true, rows: 0, rejected: 0, used: None, findings }
    };
    let sent = match sent {
        Ok(sent) => sent,
        Err(findings) => return failed(findings),
    };
    let reading = &sent.reading(reading);
    let mut report = SentReport { failed: false, rows: 0, rejected: 0, used: None, findings: sent.notes.into() };
    let roster = match &sent.users {
        Some(users) => match parse(users, reading) {
            (Some(roster), findings) => {
                report.findings.append(findings);
                report.used = roster.profile();
                Some(roster)
            }
            (None, findings) => return failed(findings),
        },
        None => None,
    };
    let of_parts = sent.set.iter().flat_map(PartsOfSet::files).map(|(_, file)| file.rows.len());
    report.rows = (of_parts.sum::<usize>() + roster.as_ref().map_or(0, |roster| roster.rows.len())) as u64;
    parsed(report.rows);
    if let Some(roster) = &roster {
        let (valid, findings) = validate(roster, schools, scope, settings);
        report.rejected = valid.rejected.len() as u64;
        report.findings.append(findings);
    }
    let translation = sent.translation;
    let (_, findings) = match (sent.set, &roster) {
        (Some(set), _) => {
            report.findings.append(set.findings);
            set_lines(roster.is_some(), set.classes.as_ref(), set.enrolments.as_ref(), schools, scope)
        }
        (None, Some(roster)) => class_lines(roster, schools, scope),
        (None, None) => return report,
    };
    report.findings.append(findings);
    if let Some(translation) = &translation {
        translation.locate(&mut report.findings);
    }
    report.findings.sort();
    report
}
