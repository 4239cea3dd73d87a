//! What holds of a row by itself, and of the rows among each other. No directory is needed.

mod broken;
mod cells;
mod damage;
mod draft;
mod email;
mod nearest;
mod nothing;
pub mod password_policy;
mod passwords;
mod repeated;
mod same_person;
pub(crate) mod unremarkable;
mod valid;

use std::sync::Arc;

use crate::file::ParsedRoster;
use crate::file::cell::trim;
use crate::model::text::{has_idle_joiner, is_unprintable, mixes_alphabets, normal};
use crate::model::{Code, Column, Finding, Findings, Schools};
use crate::settings::{ModeSettings, Scope};

pub(crate) use cells::wrong_password;
use damage::{is_formatted_number, is_marked, is_spreadsheet_error};
use draft::{Draft, Rules};
use nothing::{is_no_id, is_null};
pub use valid::{Clues, OtherRow, Password, Placement, RejectedRow, Unsaid, Valid, ValidRow};

/// Checks every row.
///
/// All findings of a row are reported, and a row with one of [`crate::Severity::Row`] is rejected.
///
/// Some rules look at several rows. A row counts for them even if it is rejected for something else, so that
/// everything wrong is said at once and correcting one row never makes another one wrong:
/// - where the rows of several people have one custom ID, GUID, user name or staff e-mail address, all of them
///   are rejected;
/// - of rows that are the same in every cell the first is taken;
/// - rows about one person that do not contradict each other become one, unless the format is strict.
pub fn validate(parsed: &ParsedRoster, schools: &Schools, scope: &Scope, settings: &ModeSettings) -> (Valid, Findings) {
    let mut rules = Rules::new(schools, scope, settings);
    let mut findings = Findings::default();
    let read = |row| Draft::read(parsed, row, &mut rules, &mut findings);
    let mut drafts: Vec<Draft> = parsed.rows.iter().map(read).collect();
    repeated::report(parsed, &mut drafts, &mut rules.notes, &mut findings);
    same_person::reject_together(parsed, &mut drafts, &mut findings);
    let mut valid = Valid { cut_off: parsed.cut_off, total_rows: parsed.row_count() as u64, ..Valid::default() };
    valid.settled = Arc::clone(&parsed.settled);
    valid.no_place.clone_from(&parsed.reading.omissions.no_place);
    valid.left_out = parsed.left_out.iter().map(RejectedRow::left_out).collect();
    // A file can have millions of rows, which a list that grows would copy.
    valid.rejected.reserve_exact(drafts.iter().filter(|draft| draft.rejected).count());
    for draft in drafts {
        valid.cut_off |= draft.rejected && parsed.open_end == Some(draft.row.number);
        draft.finish(parsed, &mut valid);
    }
    passwords::leave_weak_ones_out(&mut valid.rows, &mut findings);
    findings.extend(rules.notes.into_findings().map(|note| with_person(note, parsed)));
    parsed.name_headers(&mut findings);
    findings.sort();
    valid.doubts.clone_from(&parsed.doubts);
    valid.doubts.extend(findings.doubts().into_iter().filter(|(code, _)| *code != Code::TextDoubtful));
    (valid, findings)
}

/// Adds to a note about one row whom the row is about.
fn with_person(note: Finding, parsed: &ParsedRoster) -> Finding {
    let Some(number) = note.row.filter(|_| note.rows.is_none()) else { return note };
    let in_order = parsed.rows.binary_search_by_key(&number, |row| row.number).ok();
    let place = in_order.or_else(|| parsed.rows.iter().position(|row| row.number == number));
    let person = place.and_then(|place| draft::person_of(parsed, &parsed.rows[place]));
    note.about(person)
}

/// Reads an ID that was typed by hand.
///
/// It is returned in the one form of Unicode and without the white space around it. `None` where no cell of the column
/// could have it, so that no roster could ever name what it stands for, and where it only looks like one that somebody
/// could type.
pub fn typed_id(column: Column, text: &str) -> Option<String> {
    let id = normal(trim(text));
    let damaged =
        is_spreadsheet_error(&id) || is_formatted_number(&id) || is_marked(&id) || cells::is_too_long(column, &id);
    let strange = |c: char| is_unprintable(c) || matches!(c, '\n' | '\r' | char::REPLACEMENT_CHARACTER);
    let deceiving = mixes_alphabets(&id) || has_idle_joiner(&id);
    let damaged = damaged || (column == Column::CustomId && is_no_id(&id));
    (!id.is_empty() && !damaged && !deceiving && !id.contains(strange)).then(|| id.into_owned())
}

/// Reads a text about a class in the one form of Unicode and on one line, empty where the cell says that there is
/// nothing; `None` where no cell of the column could have it.
pub(crate) fn class_text(column: Column, cell: &str, strict: bool) -> Option<String> {
    if !strict && is_null(cell) {
        return Some(String::new());
    }
    let text = normal(cell);
    let strange = |c: char| is_unprintable(c) || c == char::REPLACEMENT_CHARACTER;
    let damaged = is_spreadsheet_error(&text) || cells::is_too_long(column, &text) || text.contains(strange);
    let lines = || text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty());
    (!damaged).then(|| lines().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests;
