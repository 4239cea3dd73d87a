//! Formats whose records have a `sourcedId`: OneRoster 1.1 and 1.2, School Data Sync v2 and v2.1.
//!
//! They have the same files and differ in what stands where: who is what, and at which school, is in `users.csv`
//! (OneRoster 1.1, School Data Sync v2) or in `roles.csv` (the others). A column is looked for under the names of all.

mod announced;
mod classes;
mod end_days;
mod enrolments;
mod headers;
mod lookup;
mod orgs;
mod people;

use std::collections::BTreeSet;

use crate::model::{Code, Finding};

use super::kind::Format;
use super::known::{FormatFiles, Translated};
use super::report::{FormatReport, WrittenSet, finish};
use super::translation::{Completeness, incomplete};

use classes::ClassIds;
use end_days::EndDays;
use orgs::Orgs;

/// Reads the files as a set.
pub(super) fn translate(known: &FormatFiles) -> Result<Translated, Finding> {
    let mut report = FormatReport::default();
    let completeness = announced::read(known, &mut report)?;
    check_files(known, &completeness, &mut report)?;
    headers::say_what_is_not_read(known, &mut report);
    let orgs = Orgs::read(known, &mut report);
    let (users, people) = match known.tables.get("users") {
        Some(table) => {
            let (users, people) = people::write(known, table, &orgs, &mut report)?;
            (Some(users), people)
        }
        None => (None, people::SourcedPeople::default()),
    };
    let classes = known.tables.get("classes");
    let ids = classes.map(ClassIds::of).unwrap_or_default();
    let classes = classes.map(|table| classes::write(known, table, &ids, &orgs, &completeness, &mut report));
    let end_days = EndDays::of(known.format);
    let enrolments = known.tables.get("enrollments");
    let enrolments = enrolments.map(|table| enrolments::write(table, &ids, &people, end_days, &mut report));
    let (schools, unsaid, unsaid_of) = (orgs.count(), people::unsaid(known), people::unsaid_of(known));
    Ok(finish(
        known,
        report,
        WrittenSet { users, classes, enrolments, schools, unsaid, unsaid_of, inferred: BTreeSet::new(), completeness },
    ))
}

/// Checks that what the others need is there. Of files with everybody, those that are missing are named.
fn check_files(known: &FormatFiles, completeness: &Completeness, report: &mut FormatReport) -> Result<(), Finding> {
    /// The columns without which a file says nothing, each under all its names.
    const NEEDED: [(&str, &[&[&str]]); 5] = [
        ("users", &[&["sourcedid"]]),
        ("orgs", &[&["sourcedid"]]),
        ("roles", &[&["usersourcedid"], &["orgsourcedid"], &["role"]]),
        ("classes", &[&["sourcedid"], &["title"], &["schoolsourcedid", "orgsourcedid"]]),
        ("enrollments", &[&["classsourcedid"], &["usersourcedid"]]),
    ];
    let tables = known.tables;
    known.check_columns(&NEEDED)?;
    let has = |stem: &str| tables.get(stem).is_some();
    if has("enrollments") && !has("users") {
        let what = "users.csv is missing, which says what the custom IDs of those in enrollments.csv are";
        return Err(incomplete(known.format, what));
    }
    if matches!(known.format, Format::OneRoster12 | Format::SdsV21) && has("users") && !has("roles") {
        let what = "roles.csv is missing, which says what somebody is, and at which school";
        return Err(incomplete(known.format, what));
    }
    if let Some(roles) = tables.get("roles").filter(|_| has("users"))
        && let Some((row, _)) = roles.damaged_rows().find(|(_, damage)| damage.rows_lost)
    {
        let what = format!("{} is cut off or damaged in row {}, so that roles are missing", roles.name, row.number);
        return Err(incomplete(known.format, &what));
    }
    for table in ["roles", "orgs", "courses", "academicsessions"].into_iter().filter_map(|stem| tables.get(stem)) {
        report.damaged_rows(table);
    }
    if *completeness == Completeness::Everybody {
        for (stem, name) in [("orgs", "orgs.csv"), ("classes", "classes.csv"), ("enrollments", "enrollments.csv")] {
            if !has(stem) {
                report.of_file(Code::FormatFileMissing, name.to_owned());
            }
        }
    }
    Ok(())
}
