//! The columns of each file, and which files and columns are not read.

use crate::formats::known::FormatFiles;
use crate::formats::report::FormatReport;
use crate::model::Code;

/// The files with the columns that any of the formats has, in small letters and digits alone. Those that are read, and
/// those of which nothing is kept.
const COLUMNS: [(&str, &[&str]); 7] = [
    ("academicsessions", &["title", "type", "startdate", "enddate", "parentsourcedid", "schoolyear"]),
    (
        "courses",
        &[
            "schoolyearsourcedid",
            "title",
            "coursecode",
            "code",
            "grades",
            "grade",
            "orgsourcedid",
            "subjects",
            "subject",
            "subjectcodes",
        ],
    ),
    (
        "classes",
        &[
            "title",
            "grades",
            "coursesourcedid",
            "classcode",
            "code",
            "classtype",
            "location",
            "schoolsourcedid",
            "orgsourcedid",
            "termsourcedids",
            "sessionsourcedids",
            "subjects",
            "subjectcodes",
            "periods",
        ],
    ),
    ("enrollments", &["classsourcedid", "schoolsourcedid", "usersourcedid", "role", "primary", "begindate", "enddate"]),
    ("orgs", &["name", "type", "identifier", "parentsourcedid"]),
    (
        "roles",
        &[
            "usersourcedid",
            "roletype",
            "role",
            "begindate",
            "enddate",
            "orgsourcedid",
            "userprofilesourcedid",
            "sessionsourcedid",
            "grade",
            "isprimary",
            "rolestartdate",
            "roleenddate",
        ],
    ),
    (
        "users",
        &[
            "enableduser",
            "orgsourcedids",
            "role",
            "username",
            "userids",
            "givenname",
            "familyname",
            "middlename",
            "identifier",
            "email",
            "sms",
            "phone",
            "agentsourcedids",
            "grades",
            "grade",
            "password",
            "usermasteridentifier",
            "preferredgivenname",
            "preferredmiddlename",
            "preferredfamilyname",
            "primaryorgsourcedid",
            "pronouns",
            "resourcesourcedids",
            "activedirectorymatchid",
        ],
    ),
];

/// What every record may have.
const OF_ALL: [&str; 3] = ["sourcedid", "status", "datelastmodified"];

/// Says which files and columns mean nothing to the format.
pub(super) fn say_what_is_not_read(known: &FormatFiles, report: &mut FormatReport) {
    for (stem, table) in known.tables.iter() {
        match COLUMNS.iter().find(|(own, _)| *own == stem) {
            Some((_, columns)) => report.headers(table, &[&OF_ALL[..], columns].concat()),
            None => report.of_file(Code::FilesLeftOut, table.name.clone()),
        }
    }
}
