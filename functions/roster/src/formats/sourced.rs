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

use crate::file::reading::Omissions;
use crate::model::{Column, Finding};

use super::kind::Format;
use super::known::{FormatFiles, Translated};
use super::report::{FormatReport, WrittenSet, finish};
use super::translation::{Completeness, incomplete};
use super::values::list;

use classes::ClassIds;
use end_days::EndDays;
use orgs::Orgs;

/// Reads the files as a set.
pub(super) fn translate(known: &FormatFiles) -> Result<Translated, Finding> {
    let mut report = FormatReport::default();
    let completeness = announced::read(known, &mut report)?;
    check_files(known, &completeness, &mut report)?;
    headers::say_what_is_not_read(known, &mut report);
    let orgs = Orgs::read(known, &completeness, &mut report);
    check_orgs(known, &orgs, &completeness)?;
    check_users(known, &mut report);
    let (users, people) = match known.tables.get("users") {
        Some(table) => {
            let (users, people) = people::write(known, table, &orgs, &completeness, &mut report)?;
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
    let blank_keeps = match completeness {
        Completeness::Everybody => BTreeSet::new(),
        // Who somebody is, and where, need not be among the changes.
        Completeness::OnlyChanges(_) => BTreeSet::from([Column::UserType, Column::SchoolDistrictExternalId]),
    };
    let mut omissions = known.format.omissions();
    omissions.no_place.disabled = people::disabled_unsaid(known);
    let written = WrittenSet {
        users,
        classes,
        enrolments,
        schools: orgs.count(),
        omissions: Omissions {
            unsaid: people::unsaid(known),
            unsaid_of: people::unsaid_of(known),
            blank_keeps,
            ..omissions
        },
        inferred: BTreeSet::new(),
        completeness,
    };
    Ok(finish(known, report, written))
}

/// Says that nobody can tell who is absent, where no row says who is there.
fn check_users(known: &FormatFiles, report: &mut FormatReport) {
    if !known.has_rows("users") {
        report.gap(None, known.lack_of("users"));
    }
}

/// Checks that schools are known, where the file that says so has none: otherwise every row would be rejected for a school
/// that nobody should make.
fn check_orgs(known: &FormatFiles, orgs: &Orgs, completeness: &Completeness) -> Result<(), Finding> {
    if known.has_rows("orgs") || *completeness != Completeness::Everybody {
        return Ok(());
    }
    const NAMING: [(&str, &[&str]); 4] = [
        ("users", &["orgsourcedids"]),
        ("users", &["primaryorgsourcedid"]),
        ("roles", &["orgsourcedid"]),
        ("classes", &["schoolsourcedid", "orgsourcedid"]),
    ];
    let tables = NAMING.into_iter().filter_map(|(stem, keys)| Some((known.tables.get(stem)?, keys)));
    let cells = tables.flat_map(|(table, keys)| {
        let place = table.place(keys);
        table.rows.iter().filter(|row| row.damage.is_none()).map(move |row| row.get(place))
    });
    let mut named = cells.flat_map(list).peekable();
    if named.peek().is_none() || named.any(|org| orgs.is_school(org)) {
        return Ok(());
    }
    let lack = known.lack_of("orgs");
    Err(incomplete(known.format, &format!("{lack}, which says which schools the other files name")))
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
    let in_roles = matches!(known.format, Format::OneRoster12 | Format::SdsV21);
    let has_people = known.has_rows("users") || has("users") && !has("roles");
    if in_roles && has_people && !known.has_rows("roles") && *completeness == Completeness::Everybody {
        let what = format!(
            "{}, which says what somebody is, and at which school. Send it along with users.csv and orgs.csv: all \
             together, or packed into one zip",
            known.lack_of("roles")
        );
        return Err(incomplete(known.format, &what));
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
        known.say_missing(&["orgs", "classes", "enrollments"], report);
    }
    Ok(())
}
