//! Canvas SIS: `users.csv`, `accounts.csv`, `terms.csv`, `courses.csv`, `sections.csv` and `enrollments.csv`.
//!
//! Canvas knows no user types and no schools of users: both follow from the enrolments. A class is a section, or a course
//! whose members are in none.

mod classes;
mod people;

use std::collections::BTreeMap;

use crate::model::{Code, Finding};

use super::known::{FormatFiles, Translated};
use super::report::{FormatReport, WrittenSet, finish};
use super::translation::{Completeness, incomplete};

use classes::CanvasClasses;

/// The files, with the columns that each may have.
const FILES: [(&str, &[&str]); 6] = [
    (
        "users",
        &[
            "userid",
            "integrationid",
            "loginid",
            "password",
            "sshapassword",
            "authenticationproviderid",
            "firstname",
            "lastname",
            "fullname",
            "sortablename",
            "shortname",
            "email",
            "status",
            "pronouns",
            "declaredusertype",
            "canvaspasswordnotification",
            "homeaccount",
        ],
    ),
    ("accounts", &["accountid", "parentaccountid", "name", "status", "integrationid"]),
    ("terms", &["termid", "name", "status", "startdate", "enddate", "integrationid"]),
    (
        "courses",
        &[
            "courseid",
            "shortname",
            "longname",
            "accountid",
            "termid",
            "status",
            "startdate",
            "enddate",
            "courseformat",
            "integrationid",
            "blueprintcourseid",
        ],
    ),
    ("sections", &["sectionid", "courseid", "name", "status", "startdate", "enddate", "integrationid"]),
    (
        "enrollments",
        &[
            "courseid",
            "rootaccount",
            "userid",
            "role",
            "roleid",
            "sectionid",
            "status",
            "associateduserid",
            "limitsectionprivileges",
            "startdate",
            "enddate",
        ],
    ),
];

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
        match FILES.iter().find(|(own, _)| *own == stem) {
            Some((_, columns)) => report.headers(table, columns),
            None => report.of_file(Code::FilesLeftOut, table.name.clone()),
        }
    }
    for stem in ["courses", "enrollments"] {
        if known.tables.get(stem).is_none() {
            let what = format!("{stem}.csv is missing, by which it is known what somebody is, and at which school");
            return Err(incomplete(known.format, &what));
        }
    }
    for stem in ["accounts", "sections"] {
        if known.tables.get(stem).is_none() {
            report.of_file(Code::FormatFileMissing, format!("{stem}.csv"));
        }
    }
    let classes = CanvasClasses::read(known);
    let users = known.tables.get("users").map(|table| people::write(known, table, &classes, &mut report));
    let written = classes.write(known, &mut report);
    let enrolments = known.tables.get("enrollments").map(|table| classes.write_enrolments(table, &mut report));
    let schools = classes.schools();
    let completeness = Completeness::Everybody;
    let (classes, unsaid) = (Some(written), people::unsaid(known));
    Ok(finish(
        known,
        report,
        WrittenSet { users, classes, enrolments, schools, unsaid, unsaid_of: BTreeMap::new(), completeness },
    ))
}
