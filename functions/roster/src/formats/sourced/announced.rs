//! Whether the files hold everybody or only what has changed, and whether they are what the manifest announces.

use crate::formats::known::FormatFiles;
use crate::formats::manifest::Announced;
use crate::formats::report::FormatReport;
use crate::formats::translation::Completeness;
use crate::formats::values::is_over;
use crate::model::{Code, Finding};

/// The files that are read.
const FILES: [&str; 7] = ["orgs", "users", "roles", "classes", "enrollments", "courses", "academicsessions"];
/// The files whose rows make changes.
const CHANGING: [&str; 4] = ["users", "roles", "classes", "enrollments"];

/// Returns whether the files hold everybody.
///
/// # Errors
///
/// Where a file is missing that the manifest announces.
pub(super) fn read(known: &FormatFiles, report: &mut FormatReport) -> Result<Completeness, Finding> {
    let said = |stem: &str| known.tables.manifest.as_ref().and_then(|manifest| manifest.of(stem));
    if known.tables.manifest_is_unclear {
        report.gap(
            None,
            "manifest.csv does not say of any file whether it has everybody or only what has changed".into(),
        );
    }
    for stem in FILES {
        match (known.tables.get(stem), said(stem)) {
            (None, Some(Announced::Bulk | Announced::Delta)) if !known.is_there(stem) => {
                let what = Some(format!("the manifest names {}, which is not there", known.name_of(stem)));
                return Err(Finding { value: what, ..Finding::file(Code::SetIncomplete) });
            }
            (Some(table), Some(Announced::Absent)) => {
                report.of_file(Code::ManifestDiffers, format!("{} is there, and called absent", table.name));
            }
            _ => {}
        }
    }
    let changes: Vec<String> = CHANGING
        .into_iter()
        .filter(|stem| said(stem) == Some(Announced::Delta))
        .filter_map(|stem| Some(known.tables.get(stem)?.name.clone()))
        .collect();
    for stem in CHANGING {
        check_status(known, stem, said(stem) == Some(Announced::Delta), report);
    }
    Ok(if changes.is_empty() { Completeness::Everybody } else { Completeness::OnlyChanges(changes.join(", ")) })
}

/// Says where the column `status` is filled in otherwise than it should be.
fn check_status(known: &FormatFiles, stem: &str, is_delta: bool, report: &mut FormatReport) {
    let Some(table) = known.tables.get(stem).filter(|table| table.has("status")) else { return };
    let place = table.place(&["status"]);
    for row in table.rows.iter().filter(|row| row.damage.is_none()) {
        let status = row.get(place);
        let is_right = is_delta != status.is_empty();
        if is_right {
            continue;
        }
        let (code, what) = if is_delta {
            (Code::StatusUnexpected, "is empty in a file with changes")
        } else if is_over(status) {
            (Code::DeletedInBulk, "has the status {value}")
        } else {
            (Code::StatusUnexpected, "is {value} in a file with everybody")
        };
        report.of_row(code, table, row, &format!("a row of {} {what}", table.name), status);
    }
}
