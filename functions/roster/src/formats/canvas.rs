//! Canvas SIS: `users.csv`, `accounts.csv`, `terms.csv`, `courses.csv`, `sections.csv` and `enrollments.csv`.
//!
//! Canvas knows no user types and no schools of users: both follow from the enrolments. A class is a section, or a course
//! whose members are in none.

mod classes;
mod people;

use crate::file::reading::Omissions;
use crate::model::{Code, Finding};

use super::known::{FormatFiles, Translated};
use super::layout::{canvas as layout, known_columns};
use super::report::{FormatReport, WrittenSet, finish};
use super::translation::{Completeness, incomplete};

use classes::CanvasClasses;

/// Returns whether a file has no rows, and others can't be read without them.
fn is_as_good_as_missing(known: &FormatFiles, stem: &str) -> bool {
    let needs_it = || match stem {
        "courses" => known.has_rows("sections") || known.has_rows("enrollments"),
        "enrollments" => known.tables.get("users").is_some_and(|users| !people::inferred(users).is_empty()),
        _ => false,
    };
    !known.has_rows(stem) && needs_it()
}

/// Reads the files as a set.
pub(super) fn translate(known: &FormatFiles) -> Result<Translated, Finding> {
    let mut report = FormatReport::default();
    known.check_columns(&[
        ("users", &[&["userid"]]),
        ("accounts", &[&["accountid"]]),
        ("terms", &[&["termid"]]),
        ("courses", &[&["courseid"], &["accountid"]]),
        ("sections", &[&["sectionid"], &["courseid"]]),
        ("enrollments", &[&["userid"], &["role", "roleid"], &["courseid", "sectionid"]]),
    ])?;
    for (stem, table) in known.tables.iter() {
        let columns = known_columns(&layout::FILES, stem);
        if columns.is_empty() {
            report.of_file(Code::FilesLeftOut, table.name.clone());
        } else {
            report.headers(table, &columns.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
    for (stem, why) in [
        ("users", "which says who the people are"),
        ("courses", "by which it is known what somebody is, and at which school"),
        ("enrollments", "by which it is known what somebody is, and at which school"),
    ] {
        if known.tables.get(stem).is_none() || is_as_good_as_missing(known, stem) {
            return Err(incomplete(known.format, &format!("{}, {why}", known.lack_of(stem))));
        }
    }
    if !known.has_rows("users") {
        report.gap(None, known.lack_of("users"));
    }
    known.say_missing(&["accounts", "courses", "sections", "enrollments"], &mut report);
    for table in ["accounts", "terms", "courses"].into_iter().filter_map(|stem| known.tables.get(stem)) {
        report.damaged_rows(table);
    }
    let classes = CanvasClasses::read(known, &mut report);
    let table = known.tables.get("users");
    let users = table.map(|table| people::write(known, table, &classes, &mut report));
    let inferred = table.map(people::inferred).unwrap_or_default();
    let written = classes.write(known, &mut report);
    let there = table.map(people::ids).unwrap_or_default();
    let enrolments = known.tables.get("enrollments").map(|table| classes.write_enrolments(table, &there, &mut report));
    let schools = classes.schools();
    let completeness = Completeness::Everybody;
    let omissions = Omissions { unsaid: people::unsaid(known), ..known.format.omissions() };
    Ok(finish(
        known,
        report,
        WrittenSet { users, classes: Some(written), enrolments, schools, omissions, inferred, completeness },
    ))
}
