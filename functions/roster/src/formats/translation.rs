//! What is to be remembered of files that were read as a set: of which format they are, what is to be said of them, and
//! where each row of the set stands in them.

use std::collections::{BTreeMap, BTreeSet};

use crate::file::reading::{Omissions, Reading};
use crate::model::finding::shorten;
use crate::model::{Code, Column, FileRow, Finding, Findings, SetPart, UserType};
use crate::settings::Mode;

use super::kind::Format;

/// What is to be remembered of files that were read as a set.
#[derive(Debug, Clone)]
pub struct Translation {
    pub format: Format,
    /// What is to be said of the files.
    pub notes: Vec<Finding>,
    pub completeness: Completeness,
    /// The files or rows that are missing.
    ///
    /// With any of them, a sync that removes absent users is refused.
    pub gaps: Vec<Gap>,
    /// What the format does not have, or the files lack.
    pub omissions: Omissions,
    /// The columns of the file of users that follow from what else the files hold: in a sync that need not have everything,
    /// they say nothing of users who exist.
    pub inferred: BTreeSet<Column>,
    pub(super) users: RowPlaces,
    pub(super) classes: RowPlaces,
    pub(super) enrolments: RowPlaces,
}

/// Something that is missing in the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Whose absence says nothing because of it; `None` for everybody.
    pub of: Option<UserType>,
    /// In a sentence without an end.
    pub what: String,
}

/// Whether somebody who is not in the files is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completeness {
    Everybody,
    /// They hold only what has changed: these are the files.
    OnlyChanges(String),
}

impl Translation {
    /// Returns how the file of users is read, which is by no mapping.
    ///
    /// It is read as usual, but for what the format that it was made from does not have.
    pub fn reading(&self, usual: Reading) -> Reading {
        let settings = usual.by_profiles(Vec::new()).settings;
        Reading { settings, omissions: self.omissions.clone(), only_rows: true, today: None }
    }

    /// Returns what is to be remembered where the files go in by a sync of this mode.
    pub fn in_mode(mut self, mode: Mode) -> Translation {
        if !mode.removes_absent() {
            self.omissions.unsaid.append(&mut self.inferred);
            miss_nobody(&mut self.notes, self.format);
        }
        self
    }

    /// Says why a sync that removes whoever is absent may not take the files.
    ///
    /// `None` where it may.
    pub fn refusal(&self, mode: Mode) -> Option<Finding> {
        if !mode.removes_absent() {
            return None;
        }
        if let Completeness::OnlyChanges(files) = &self.completeness {
            return Some(Finding { value: Some(files.clone()), ..Finding::file(Code::DeltaInFullSync) });
        }
        let gaps = self.gaps.iter().filter(|gap| gap.of.is_none_or(|of| mode.covers(of)));
        let gaps: Vec<&str> = gaps.map(|gap| gap.what.as_str()).collect();
        let what = format!("{}, so that nobody can tell who is absent; a partial sync takes them", gaps.join(", and "));
        (!gaps.is_empty()).then(|| incomplete(self.format, &what))
    }

    /// Says of every finding about a row where it stands in the files that were sent.
    pub fn locate(&self, findings: &mut Findings) {
        findings.change_each(|finding| {
            let places = match finding.part {
                None | Some(SetPart::Users) => &self.users,
                Some(SetPart::Classes) => &self.classes,
                Some(SetPart::Enrolments) => &self.enrolments,
            };
            let Some(row) = finding.row else { return };
            finding.in_file = places.find(row).map(Box::new);
            if finding.value.as_deref() == Some(NOBODY)
                && let Some(meant) = places.meant.get(&row)
            {
                finding.value = Some(shorten(meant));
                if let Some(person) = finding.person.as_mut().filter(|person| person.custom_id == NOBODY) {
                    person.custom_id = shorten(meant);
                }
            }
            if matches!(finding.code, Code::RowTooShort | Code::RowTooLong | Code::RowCutOff)
                && let Some(expected) = places.expected.get(&row)
            {
                finding.expected = Some(expected.clone());
            }
        });
    }
}

/// Makes of notes what they say where nobody is absent: that somebody is not among the people is no danger then. Where the
/// custom ID stands in the row, the finding about the row says it all.
pub(crate) fn miss_nobody(notes: &mut Vec<Finding>, format: Format) {
    let is_told = matches!(format, Format::SdsClassic | Format::Clever | Format::Canvas);
    notes.retain(|note| note.code != Code::PersonOnlyInClasses || !is_told);
    for note in notes.iter_mut().filter(|note| note.code == Code::PersonOnlyInClasses) {
        note.code = Code::ReferenceUnknown;
    }
}

/// Returns the finding that the files can't be read together.
pub(super) fn incomplete(format: Format, what: &str) -> Finding {
    let what = format!("they are of {}, and {what}", format.name());
    Finding { value: Some(what), ..Finding::file(Code::FormatIncomplete) }
}

/// What stands for somebody of whom only the ID of another system is known, which may be the custom ID of somebody else.
pub(super) const NOBODY: &str = "?";

/// Where the rows of a file of the set come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RowPlaces {
    files: Vec<String>,
    runs: Vec<RowRun>,
    /// What was expected of the damaged rows.
    expected: BTreeMap<u32, String>,
    /// What the files call those who are [`NOBODY`].
    meant: BTreeMap<u32, String>,
}

/// Rows that follow each other here and there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct RowRun {
    first: u32,
    file: usize,
    first_there: u32,
    count: u32,
}

impl RowPlaces {
    /// Returns whether every row so far comes from this file.
    pub fn is_of_one_file(&self, name: &str) -> bool {
        self.files.iter().all(|file| file == name)
    }

    /// Adds a row, whose number is greater than those before.
    pub fn add(&mut self, row: u32, file: &str, there: u32, expected: Option<String>) {
        let file = self.files.iter().position(|known| known == file).unwrap_or_else(|| {
            self.files.push(file.to_owned());
            self.files.len() - 1
        });
        self.expected.extend(expected.map(|expected| (row, expected)));
        match self.runs.last_mut() {
            Some(RowRun { first, file: of, first_there, count })
                if *of == file && row == *first + *count && there == *first_there + *count =>
            {
                *count += 1;
            }
            _ => self.runs.push(RowRun { first: row, file, first_there: there, count: 1 }),
        }
    }

    /// Remembers what the files call somebody who is [`NOBODY`] in a row.
    pub fn means(&mut self, row: u32, meant: &str) {
        self.meant.insert(row, meant.to_owned());
    }

    /// Returns where a row comes from.
    fn find(&self, row: u32) -> Option<FileRow> {
        let after = self.runs.partition_point(|run| run.first <= row);
        let run = &self.runs[after.checked_sub(1)?];
        let offset = row - run.first;
        (offset < run.count).then(|| FileRow { file: self.files[run.file].clone(), row: run.first_there + offset })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_again() {
        let mut places = RowPlaces::default();
        for (row, file, there) in [(2, "a", 2), (3, "a", 3), (5, "a", 5), (6, "b", 2), (7, "b", 3), (8, "a", 4)] {
            places.add(row, file, there, None);
        }
        let found = |row| places.find(row).map(|place| place.to_string());
        assert_eq!(found(3).as_deref(), Some("row 3 of a"));
        assert_eq!((found(1), found(4), found(9)), (None, None, None));
        assert_eq!(found(7).as_deref(), Some("row 3 of b"));
        assert_eq!(found(8).as_deref(), Some("row 4 of a"));
        assert_eq!(places.runs.len(), 4);
    }
}
