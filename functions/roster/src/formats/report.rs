//! What is said of the files of another system: one finding for each cause, whatever the order of rows.

use std::collections::{BTreeMap, BTreeSet};

use crate::file::SetBytes;
use crate::file::reading::Omissions;
use crate::model::finding::grouped;
use crate::model::{Code, Column, FileRow, Finding, SetPart, UserType};

use super::delivery::{FileUse, file_use};
use super::known::{FormatFiles, Translated};
use super::set_writer::PartWriter;
use super::table::{ForeignRow, ForeignTable};
use super::translation::{Completeness, Gap, RowPlaces, Translation};

/// What is to be said, while files are read.
#[derive(Default)]
pub(super) struct FormatReport {
    /// By code and what happened: in which row first, with which value, and how often.
    causes: BTreeMap<(Code, String), Seen>,
    /// How many people of each role were left out.
    left_out: BTreeMap<String, u64>,
    /// What there is to say of whole files.
    of_files: BTreeMap<Code, Vec<String>>,
    gaps: Vec<Gap>,
}

struct Seen {
    first: FileRow,
    value: String,
    count: u64,
}

impl FormatReport {
    /// Says something of a row.
    ///
    /// `what` tells those apart that are said together, with `{value}` in it.
    pub fn of_row(&mut self, code: Code, table: &ForeignTable, row: &ForeignRow, what: &str, value: &str) {
        let place = table.at(row);
        let seen = self.causes.entry((code, what.to_owned()));
        let seen = seen.or_insert_with(|| Seen { first: place.clone(), value: value.to_owned(), count: 0 });
        seen.count += 1;
        if place.row < seen.first.row {
            (seen.first, seen.value) = (place, value.to_owned());
        }
    }

    /// Says of a row that it puts somebody into a class who is in no file of people.
    pub fn only_in_classes(&mut self, table: &ForeignTable, row: &ForeignRow, people: &str, id: &str) {
        let what = format!("{} names the user {{value}}, who is not in {people}", table.name);
        self.of_row(Code::PersonOnlyInClasses, table, row, &what, id);
    }

    /// Says something of a whole file.
    pub fn of_file(&mut self, code: Code, what: String) {
        self.of_files.entry(code).or_default().push(what);
    }

    /// Says that something is missing, so that the absence of these people, or of everybody, says nothing.
    pub fn gap(&mut self, of: Option<UserType>, what: String) {
        self.gaps.push(Gap { of, what });
    }

    /// Says which rows of a file are damaged whose rows make none of the set, but are looked up.
    pub fn damaged_rows(&mut self, table: &ForeignTable) {
        for (row, damage) in table.damaged_rows() {
            let what = format!("a row of {}. {}", table.name, damage.expected.trim_end_matches('.'));
            self.of_row(Code::FormatRowDamaged, table, row, &what, "");
        }
    }

    /// Counts somebody who is not kept.
    pub fn left_out(&mut self, role: &str) {
        *self.left_out.entry(role.to_lowercase()).or_default() += 1;
    }

    /// Says which headers of a file mean nothing to the format, and were not read.
    pub fn headers(&mut self, table: &ForeignTable, known: &[&str]) {
        /// How many of them are named.
        const NAMED: usize = 10;
        let others: Vec<&str> = table.headers_beside(known).take(NAMED).collect();
        if !others.is_empty() {
            let names: Vec<String> = others.iter().map(|header| format!("\u{201c}{header}\u{201d}")).collect();
            self.of_file(Code::ColumnsLeftOut, format!("{} of {}", names.join(", "), table.name));
        }
    }

    fn into_findings(self) -> Vec<Finding> {
        let of_rows = self.causes.into_iter().map(|((code, what), Seen { first, value, count })| {
            let more = match count {
                1 => String::new(),
                2 => ", and so in one more row".to_owned(),
                count => format!(", and so in {} more rows", grouped(count - 1)),
            };
            let what = format!("{}{more}", what.replace("{value}", &format!("\u{201c}{value}\u{201d}")));
            Finding { value: Some(what), ..Finding::file(code) }.in_file(first)
        });
        let people: Vec<String> =
            self.left_out.iter().map(|(role, count)| format!("{} \u{d7} {role}", grouped(*count))).collect();
        let people = (!people.is_empty()).then_some((Code::PeopleLeftOut, people));
        let of_files = self.of_files.into_iter().chain(people);
        let of_files = of_files.map(|(code, mut what)| {
            what.sort();
            Finding { value: Some(what.join(", ")), ..Finding::file(code) }
        });
        of_rows.chain(of_files).collect()
    }
}

/// The files of the set as they were written; a part that the files say nothing of is `None`.
pub(super) struct WrittenSet {
    pub users: Option<PartWriter>,
    pub classes: Option<PartWriter>,
    pub enrolments: Option<PartWriter>,
    /// How many schools the files have.
    pub schools: usize,
    /// What the files do not say.
    pub omissions: Omissions,
    /// The columns of the file of users that follow from what else the files hold.
    pub inferred: BTreeSet<Column>,
    pub completeness: Completeness,
}

/// Puts together what was read and what there is to say of it.
pub(super) fn finish(known: &FormatFiles, mut report: FormatReport, written: WrittenSet) -> Translated {
    let WrittenSet { users, classes, enrolments, schools, omissions, inferred, completeness } = written;
    for name in known.unread {
        match file_use(name) {
            FileUse::Demographics => report.of_file(Code::DemographicsNotRead, name.clone()),
            _ => report.of_file(Code::FilesLeftOut, name.clone()),
        }
    }
    let count = |part: &Option<PartWriter>| part.as_ref().map_or(0, |part| part.rows);
    let counted = [
        counted(schools as u64, "school", "schools"),
        counted(count(&users), "user", "users"),
        counted(count(&classes), "class", "classes"),
        counted(count(&enrolments), "enrolment", "enrolments"),
    ];
    let stay = match &omissions.no_place.words()[..] {
        [] => String::new(),
        [only] => format!("; it has no place for {only}, who stay as they are"),
        [before @ .., last] => {
            format!("; it has no place for {} and {last}, who stay as they are", before.join(", "))
        }
    };
    let sentence = format!("{}: {}{stay}", known.format.name(), counted.join(", "));
    let read = Finding { value: Some(sentence), ..Finding::file(Code::FormatRead) };
    // A file of users without rows would fail: nobody has changed.
    let users = users.filter(|users| users.rows > 0);
    let mut set = SetBytes::default();
    let mut finished = |part: SetPart, writer: Option<PartWriter>| {
        let Some((bytes, places)) = writer.map(PartWriter::finish) else { return RowPlaces::default() };
        *set.part_mut(part) = Some(bytes);
        places
    };
    let users = finished(SetPart::Users, users);
    let classes = finished(SetPart::Classes, classes);
    let enrolments = finished(SetPart::Enrolments, enrolments);
    let gaps = std::mem::take(&mut report.gaps);
    let notes = std::iter::once(read).chain(report.into_findings()).collect();
    let translation = Translation {
        format: known.format,
        notes,
        completeness,
        gaps,
        omissions,
        inferred,
        users,
        classes,
        enrolments,
    };
    Translated { set, translation }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}
