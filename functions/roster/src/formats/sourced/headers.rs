//! Which files and columns are not read.

use crate::formats::known::FormatFiles;
use crate::formats::layout::{known_columns, one_roster, sds};
use crate::formats::report::FormatReport;
use crate::model::Code;

/// What `users.csv` has in other versions than those that are written.
const USERS_OF_OTHERS: [&str; 4] = ["orgsourcedids", "role", "grade", "resourcesourcedids"];

/// What every record may have.
const OF_ALL: [&str; 3] = ["sourcedid", "status", "datelastmodified"];

/// Says which files and columns mean nothing to the format.
pub(super) fn say_what_is_not_read(known: &FormatFiles, report: &mut FormatReport) {
    let layouts = [&one_roster::FILES[..], &sds::FILES].concat();
    for (stem, table) in known.tables.iter() {
        let columns = known_columns(&layouts, stem);
        if columns.is_empty() {
            report.of_file(Code::FilesLeftOut, table.name.clone());
            continue;
        }
        let others = USERS_OF_OTHERS.into_iter().filter(|_| stem == "users");
        let columns: Vec<&str> = columns.iter().map(String::as_str).chain(others).chain(OF_ALL).collect();
        report.headers(table, &columns);
    }
}
