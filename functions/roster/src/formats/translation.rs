//! What is to be remembered of files that were read as a set: of which format they are, what is to be said of them, and
//! where each row of the set stands in them.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Code, Column, FileRow, Finding, Findings, SetPart};

use super::kind::Format;

/// What is to be remembered of files that were read as a set.
#[derive(Debug, Clone)]
pub struct Translation {
    pub format: Format,
    /// What is to be said of the files.
    pub notes: Vec<Finding>,
    pub completeness: Completeness,
    /// The columns of the file of users that the format does not have, or that the files lack.
    pub unsaid: BTreeSet<Column>,
    pub(super) users: RowPlaces,
    pub(super) classes: RowPlaces,
    pub(super) enrolments: RowPlaces,
}

/// Whether somebody who is not in the files is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completeness {
    Everybody,
    /// They hold only what has changed: these are the files.
    OnlyChanges(String),
}

impl Translation {
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
            if matches!(finding.code, Code::RowTooShort | Code::RowTooLong | Code::RowCutOff)
                && let Some(expected) = places.expected.get(&row)
            {
                finding.expected = Some(expected.clone());
            }
        });
    }
}

/// Where the rows of a file of the set come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RowPlaces {
    files: Vec<String>,
    runs: Vec<RowRun>,
    /// What was expected of the damaged rows.
    expected: BTreeMap<u32, String>,
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
