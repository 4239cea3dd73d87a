//! What holds of a row by itself, and of the rows among each other. No directory is needed.

mod cells;
mod damage;
mod draft;
mod email;
mod nearest;
mod passwords;
mod repeated;

use crate::cell::trim;
use crate::finding::Findings;
use crate::settings::{ModeSettings, Scope};
use crate::user::Schools;
use crate::valid::Valid;
use crate::{Column, Upload};

pub(crate) use cells::is_too_long;
pub(crate) use damage::is_unprintable;
use damage::{is_formatted_number, is_marked, is_spreadsheet_error};
use draft::{Draft, Rules};

/// Checks every row. All findings of a row are reported, and a row with one of [`crate::Severity::Row`] is rejected.
///
/// Some rules look at several rows. A row counts for them even if it is rejected for something else, so that
/// everything wrong is said at once and correcting one row never makes another one wrong:
/// - where the rows of several people have one custom ID, GUID, user name or staff e-mail address, all of them
///   are rejected;
/// - of rows that are the same in every cell the first is taken.
pub fn validate(upload: &Upload, schools: &Schools, scope: &Scope, settings: &ModeSettings) -> (Valid, Findings) {
    let mut rules = Rules::new(schools, scope, settings);
    let mut findings = Findings::default();
    let read = |row| Draft::read(upload, row, &mut rules, &mut findings);
    let mut drafts: Vec<Draft> = upload.rows.iter().map(read).collect();
    repeated::report(upload, &mut drafts, &mut findings);
    let mut valid = Valid { cut_off: upload.cut_off, total_rows: upload.rows.len() as u64, ..Valid::default() };
    for draft in drafts {
        valid.cut_off |= draft.rejected && upload.open_end == Some(draft.row.number);
        draft.finish(upload, &mut valid);
    }
    passwords::leave_weak_ones_out(&mut valid.rows, &mut findings);
    findings.extend(rules.notes.into_findings());
    findings.sort();
    valid.doubts.clone_from(&upload.doubts);
    valid.doubts.extend(findings.doubts());
    (valid, findings)
}

/// An ID that was typed by hand, without the white space around it; `None` where no cell of the column could have it,
/// so that no roster could ever name what it stands for.
pub fn typed_id(column: Column, text: &str) -> Option<&str> {
    let id = trim(text);
    let damaged = is_spreadsheet_error(id) || is_formatted_number(id) || is_marked(id) || is_too_long(column, id);
    let strange = |c: char| is_unprintable(c) || matches!(c, '\n' | '\r' | char::REPLACEMENT_CHARACTER);
    (!id.is_empty() && !damaged && !id.contains(strange)).then_some(id)
}

#[cfg(test)]
mod tests;
