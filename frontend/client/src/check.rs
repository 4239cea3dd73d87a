//! Checks what is to be sent, with the code that the page and the server run.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use roster::{Code, Day, Finding, MAX_BYTES, Mode, Reading, SchoolId, Schools, Scope, SentReport, SourceId};
use serde::Serialize;
use wire::Unpacked;
use wire::http::{ClientFacts, FindingRow};

use crate::clock::now;
use crate::trouble::Trouble;

/// What a file is sent as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileTerms {
    pub mode: Mode,
    pub source: Option<SourceId>,
    /// The schools that it is for; none for all that the key may.
    pub schools: BTreeSet<SchoolId>,
}

/// What somebody chose on the command line or in the configuration.
#[derive(Debug, Clone, Default)]
pub struct ChosenTerms<'a> {
    pub mode: Option<Mode>,
    pub source: Option<&'a str>,
    /// By external ID.
    pub schools: Vec<&'a str>,
}

/// What the check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LocalCheck {
    pub file: String,
    /// It can't be processed as a whole.
    pub failed: bool,
    pub rows: u64,
    /// How many rows about users are rejected.
    pub rejected: u64,
    /// The sheet of a workbook that was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    pub findings: Vec<FindingRow>,
}

impl LocalCheck {
    /// Returns whether something is wrong, so that rows are left out or nothing is processed.
    pub fn is_wrong(&self) -> bool {
        self.failed || self.findings.iter().any(|finding| finding.severity.rejects())
    }
}

impl FileTerms {
    /// Returns the terms that were chosen, or that follow from the key.
    pub fn choose(chosen: &ChosenTerms<'_>, facts: &ClientFacts) -> Result<FileTerms, Trouble> {
        let key = &facts.key;
        let mode = match (chosen.mode, key.modes.iter().collect::<Vec<_>>().as_slice()) {
            (Some(mode), _) => mode,
            (None, [only]) => **only,
            (None, several) => {
                let words: Vec<&str> = several.iter().map(|mode| mode.as_str()).collect();
                let message =
                    format!("The key is for several kinds of sync ({}), and none is chosen.", words.join(", "));
                return Err(Trouble::usage(message, "Say which with --mode."));
            }
        };
        if !key.modes.contains(&mode) {
            let message = format!("The key {:?} is not for {} syncs.", key.name, mode.as_str());
            return Err(Trouble::usage(message, "Use another key, or have one made for this kind of sync."));
        }
        let source = chosen.source.map(|source| SourceId(source.to_owned())).or_else(|| key.source.clone());
        if let Some(source) = &source
            && facts.sources.by_id(source).is_none()
        {
            let message = format!("The settings of the organisation name no source {:?}.", source.0);
            return Err(Trouble::usage(message, "Write its short name, as the settings have it (Settings, Sources)."));
        }
        let known = Schools::new(facts.schools.clone());
        let mut schools = BTreeSet::new();
        for external_id in &chosen.schools {
            let Some(school) = known.by_external_id(external_id) else {
                let message = format!("No school has the external ID {external_id:?}.");
                return Err(Trouble::usage(message, "Write it exactly as the list of the schools has it (Schools)."));
            };
            if !facts.scope.covers(&school.id) {
                let message = format!("The key {:?} is not for the school {external_id:?}.", key.name);
                return Err(Trouble::usage(message, "Use a key for that school, or leave --school out."));
            }
            schools.insert(school.id.clone());
        }
        Ok(FileTerms { mode, source, schools })
    }
}

/// Reads a file that is to be sent.
pub fn read(path: &Path) -> Result<Vec<u8>, Trouble> {
    let about = fs::metadata(path).map_err(|error| Trouble::machine("read", path, &error))?;
    if about.is_dir() {
        let message = format!("{} is a folder.", path.display());
        return Err(Trouble::usage(message, "Name a file; pack the files of a set into a zip."));
    }
    if about.len() > MAX_BYTES as u64 {
        let message = format!("{} is larger than {} MiB.", path.display(), MAX_BYTES / 1024 / 1024);
        return Err(Trouble::usage(message, "Check that it is the right file, or split it by school."));
    }
    fs::read(path).map_err(|error| Trouble::machine("read", path, &error))
}

/// Returns the report on a file that is too large to be read at all.
pub fn too_large(file: &str) -> LocalCheck {
    let findings = vec![FindingRow::from(&Finding::file(Code::FileTooLarge))];
    LocalCheck { file: file.to_owned(), failed: true, rows: 0, rejected: 0, sheet: None, findings }
}

/// Checks the bytes of a file.
pub fn check(file: &str, bytes: &[u8], terms: &FileTerms, facts: &ClientFacts) -> LocalCheck {
    let schools = Schools::new(facts.schools.clone());
    let settings = facts.reading.clone().of_source(terms.source.as_ref());
    let reading = Reading::from(settings).on(Day::of_millis(now()));
    let scope = if terms.schools.is_empty() { facts.scope.clone() } else { Scope::of_chosen(terms.schools.clone()) };
    let settings = facts.modes.get(&terms.mode).cloned().unwrap_or_default();
    let Unpacked { sent, sheet, .. } = Unpacked::read(bytes, &reading, &schools, None);
    let sent = sent.and_then(|sent| sent.for_mode(terms.mode));
    let SentReport { failed, rows, rejected, findings, .. } =
        roster::check_sent(sent, &reading, (&schools, &scope, &settings), |_| {});
    let findings = findings.iter().map(FindingRow::from).collect();
    LocalCheck { file: file.to_owned(), failed, rows, rejected, sheet, findings }
}
