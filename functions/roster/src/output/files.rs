//! The files that Rollbook gives out.
//!
//! All are UTF-8 with a byte order mark, commas and CRLF, which Excel opens right, and no cell can start a formula:
//! see `file::cell`. Cells that were sent are written as they were sent.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::diff::{KeptField, Kind};
use crate::file::csv_file::CsvFile;
use crate::file::parsed::{AS_BEFORE, MAY_STAY};
use crate::file::reading::Omissions;
use crate::file::{ParsedRoster, Row, cell};
use crate::model::{ClassGuid, Code, Column, Guid, Presence, UserType};
use crate::validate::wrong_password;

mod audit;
mod classes;
mod credentials;
mod errors_by_row;
mod plan;
mod users;

pub use audit::{AuditFile, AuditLine};
pub use classes::{Membership, classes_file, enrolments_file, flat_file, flat_template, part_templates};
pub use credentials::Credentials;
pub use errors_by_row::{RowErrors, errors_by_row};
pub use plan::plan_file;
pub use users::{reset_file, users_file};

/// What became of a row that was processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletedRow {
    /// `None` where nobody is created.
    pub guid: Option<Guid>,
    pub username: String,
    /// Where one was generated.
    pub temporary_password: Option<String>,
    /// `created`, `updated`, `unchanged` and so on.
    pub result: &'static str,
    /// The fields in which the row differs from the account.
    pub not_updated: Vec<KeptField>,
    /// What became of what the row says of a class.
    pub class: Option<CompletedClass>,
}

/// What became of what a row says of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletedClass {
    pub guid: ClassGuid,
    /// `enrolled`, `enrolment unchanged` and so on.
    pub result: &'static str,
}

/// Returns every row that `errors` names, with all that is wrong with it.
///
/// The cells are as sent, but for secret ones, which are empty; the column `Error` stands at the far right. A column
/// `Error` of the upload is replaced. In a damaged row of a file with passwords, cells that a password can have slipped
/// into are empty, too.
///
/// A row with too few cells is filled up, so that its `Error` stands below the header; what a row has too much
/// stands to the right of it. Where nothing that stands in the file would be wrong with the row any more, a cell to the
/// right says that it is to be emptied. So the file uploads as it is once its rows are corrected, and no row before.
///
/// Where the user or the class of a row exists by now, the row has their GUIDs. What the format that the file was made from
/// does not say, the row leaves as it is, so that the corrected file blanks nothing.
pub fn error_file(parsed: &ParsedRoster, errors: &RowErrors) -> Vec<u8> {
    let kept = places(parsed, |column| column != Column::Error);
    let place = |column| kept.iter().position(|&i| parsed.sent[i] == Some(column));
    let guids = [Column::UserGuid, Column::ClassGuid].map(|column| (column, place(column), errors.have(column)));
    let appended: Vec<Column> =
        guids.iter().filter(|(_, place, any)| place.is_none() && *any).map(|(column, ..)| *column).collect();
    let mut file = CsvFile::new();
    let added = appended.iter().chain(&[Column::Error]).map(|column| Cow::Borrowed(column.header()));
    file.line(headers(parsed, &kept).chain(added));
    for row in &parsed.rows {
        let Some(text) = errors.text(row.number) else { continue };
        let mut cells = sent_or_as_before(parsed, row, &kept);
        for (column, place, _) in &guids {
            if let (Some(place), Some(guid)) = (place, errors.guid(row.number, *column)) {
                cells[*place] = guid.into();
            }
        }
        let own = appended.iter().map(|column| Cow::Owned(errors.guid(row.number, *column).unwrap_or_default()));
        cells.extend(own.collect::<Vec<_>>());
        let surplus = (parsed.header.len()..row.cells.len()).map(|i| surplus_cell(row, i));
        let not_yet = looks_right(parsed, row).then_some(Cow::Borrowed(NOT_YET));
        file.line(cells.into_iter().chain([cell::protect(&text)]).chain(surplus).chain(not_yet));
    }
    file.bytes()
}

/// Returns the cells of a row as sent; where the format that the file was made from does not say something, its cell says
/// that it stays as it is.
fn sent_or_as_before<'p>(parsed: &'p ParsedRoster, row: &'p Row, kept: &'p [usize]) -> Vec<Cow<'p, str>> {
    let mut cells: Vec<Cow<str>> = sent(parsed, row, kept).collect();
    for (cell, column) in cells.iter_mut().zip(kept.iter().map(|&place| parsed.sent[place])) {
        if column.is_some_and(|column| leaves_as_before(parsed, row, column, cell)) {
            *cell = Cow::Borrowed(AS_BEFORE);
        }
    }
    cells
}

/// Returns whether a cell of a file that was made from those of a format says nothing, or only stands there for new users.
fn leaves_as_before(parsed: &ParsedRoster, row: &Row, column: Column, cell: &str) -> bool {
    let Omissions { unsaid, unsaid_of, .. } = &parsed.reading.omissions;
    if row.damage.is_some() || !MAY_STAY.contains(&column) {
        return false;
    }
    let user_type = || parsed.cell(row, Column::UserType)?.parse::<UserType>().ok();
    let is_unsaid = unsaid.contains(&column)
        || user_type().and_then(|of| unsaid_of.get(&of)).is_some_and(|of| of.contains(&column));
    is_unsaid && (cell.is_empty() || column == Column::Status)
}

/// A cell too many, by which a row is rejected until somebody has looked at it.
const NOT_YET: &str = "Empty this cell once the row is right.";

/// Returns whether the row of the error file may hide what was wrong with the one that was sent. Its cells were counted
/// or cut otherwise, or what was wrong is a password, which is in no file.
fn looks_right(parsed: &ParsedRoster, row: &Row) -> bool {
    let surplus = row.cells.iter().skip(parsed.header.len()).any(|sent| !cell::trim(sent).is_empty());
    let of_secrets = |(column, sent): (&Option<Column>, &str)| {
        column.is_some_and(|column| column.spec().secret && is_wrong_secret(column, sent))
    };
    let damaged = row.damage.is_some_and(|damage| damage != Code::RowUnreadable);
    (damaged && !surplus) || parsed.sent.iter().zip(&row.cells).any(of_secrets)
}

fn is_wrong_secret(column: Column, sent: &str) -> bool {
    sent.contains(char::REPLACEMENT_CHARACTER) || (column == Column::Password && wrong_password(sent).is_some())
}

/// Returns every row that `done` names, with what became of it.
///
/// The cells are as sent, but for secret ones, which are empty. GUID and user name stand in place where the file has
/// the columns. The column of temporary passwords is there and empty. Where the settings keep a field of a user, its
/// cell is what the account has, and one more column says what the row said. What the format that the file was made
/// from does not say, the row of a user who existed leaves as it is, as in [`error_file`].
pub fn completed_file(parsed: &ParsedRoster, done: &BTreeMap<u32, CompletedRow>) -> Vec<u8> {
    completed(parsed, done, |_| "")
}

/// Returns [`completed_file`] with the temporary passwords.
///
/// It is for those who may see them, and only for a while.
pub fn credentials_file(parsed: &ParsedRoster, done: &BTreeMap<u32, CompletedRow>) -> Vec<u8> {
    completed(parsed, done, |row| row.temporary_password.as_deref().unwrap_or(""))
}

fn completed(
    parsed: &ParsedRoster,
    done: &BTreeMap<u32, CompletedRow>,
    password: impl Fn(&CompletedRow) -> &str,
) -> Vec<u8> {
    use Column::{ClassGuid, Error, NotUpdated, Result, TemporaryPassword, UserGuid, Username};
    let kept = places(parsed, |column| !matches!(column, TemporaryPassword | Result | NotUpdated | Error));
    let place = |column| kept.iter().position(|&i| parsed.sent[i] == Some(column));
    let (guid, username, class) = (place(UserGuid), place(Username), place(ClassGuid));
    let has_classes = done.values().any(|row| row.class.is_some());
    let appended = [(UserGuid, guid, true), (Username, username, true), (ClassGuid, class, has_classes)];
    let appended = appended.into_iter().chain([(TemporaryPassword, None, true), (Result, None, true)]);
    let appended = appended.filter(|(_, place, is_said)| place.is_none() && *is_said);
    let appended = appended.map(|(column, ..)| column.header());
    let differs = done.values().any(|row| !row.not_updated.is_empty());
    let appended = appended.chain(differs.then(|| NotUpdated.header()));
    let mut file = CsvFile::new();
    file.line(headers(parsed, &kept).chain(appended.map(Cow::Borrowed)));
    for row in &parsed.rows {
        let Some(done) = done.get(&row.number) else { continue };
        // Of somebody new nothing is as before.
        let is_new = done.result == Kind::Created.as_str();
        let mut cells = if is_new { sent(parsed, row, &kept).collect() } else { sent_or_as_before(parsed, row, &kept) };
        for KeptField { column, kept: of_account, .. } in &done.not_updated {
            if let Some(place) = place(*column) {
                cells[place] = Cow::Owned(cell::protect(of_account).into_owned());
            }
        }
        let own_guid = done.guid.map(|guid| guid.to_string()).unwrap_or_default();
        let class_guid = done.class.as_ref().map(|class| class.guid.to_string()).unwrap_or_default();
        for (place, value) in [(guid, own_guid.into()), (username, cell::protect(&done.username))] {
            match place {
                Some(place) => cells[place] = value,
                None => cells.push(value),
            }
        }
        match class {
            Some(place) if !class_guid.is_empty() => cells[place] = class_guid.into(),
            None if has_classes => cells.push(class_guid.into()),
            _ => {}
        }
        let said = differs.then(|| Cow::Owned(cell::protect(&said(&done.not_updated)).into_owned()));
        let result = match &done.class {
            Some(class) => Cow::Owned(format!("{}; {}", done.result, class.result)),
            None => Cow::Borrowed(done.result),
        };
        file.line(cells.into_iter().chain([Cow::Borrowed(password(done)), result]).chain(said));
    }
    file.bytes()
}

/// Returns what a row said of the fields that were not updated: `first_name: Jane; grade: 9`.
fn said(not_updated: &[KeptField]) -> String {
    let said = |field: &KeptField| match field.said.as_str() {
        "" => format!("{}: empty", field.column.header()),
        said => format!("{}: {said}", field.column.header()),
    };
    not_updated.iter().map(said).collect::<Vec<_>>().join("; ")
}

/// Returns a file of classes or enrolments as it is kept: the columns that are read, under our headers.
///
/// Every row has the number that it had.
pub fn kept_part(parsed: &ParsedRoster) -> Vec<u8> {
    let mut file = CsvFile::new();
    file.values(parsed.columns.iter().map(|column| column.header()));
    let mut next = 2;
    for row in &parsed.rows {
        while next < row.number {
            file.values([""]);
            next += 1;
        }
        file.line(row.cells.iter().map(cell::resend));
        next = row.number + 1;
    }
    file.bytes()
}

/// Returns every row of a file of classes or enrolments that `done` names.
///
/// The row is as it was kept, with the GUID of its class and what became of it.
pub fn completed_part(parsed: &ParsedRoster, done: &BTreeMap<u32, CompletedClass>) -> Vec<u8> {
    let kept = places(parsed, |column| !matches!(column, Column::Result | Column::Error));
    let guid = kept.iter().position(|&i| parsed.columns[i] == Column::ClassGuid);
    let mut file = CsvFile::new();
    let appended = guid.is_none().then_some(Column::ClassGuid).into_iter().chain([Column::Result]);
    file.line(headers(parsed, &kept).chain(appended.map(|column| Cow::Borrowed(column.header()))));
    for row in &parsed.rows {
        let Some(CompletedClass { guid: class, result }) = done.get(&row.number) else { continue };
        let mut cells: Vec<Cow<str>> = sent(parsed, row, &kept).collect();
        match guid {
            Some(place) => cells[place] = class.to_string().into(),
            None => cells.push(class.to_string().into()),
        }
        file.line(cells.into_iter().chain([Cow::Borrowed(*result)]));
    }
    file.bytes()
}

/// Returns a roster of these rows below their headers.
///
/// The cells are as somebody typed or sent them.
pub fn rows_file<'a>(headers: &[&'a str], rows: impl IntoIterator<Item = Vec<&'a str>>) -> Vec<u8> {
    let mut file = CsvFile::new();
    file.values(headers.iter().copied());
    rows.into_iter().for_each(|row| file.line(row.into_iter().map(cell::resend)));
    file.bytes()
}

/// Returns the headers of a roster, to be filled in.
pub fn template() -> Vec<u8> {
    let mut file = CsvFile::new();
    file.values(Column::ALL.into_iter().filter(|c| c.spec().presence.is_of_user()).map(Column::header));
    file.bytes()
}

/// Returns the data dictionary: each column with its rule, accepted values and an example.
pub fn dictionary() -> Vec<u8> {
    let mut file = CsvFile::new();
    file.values(["column", "header", "rule", "accepted values", "example"]);
    for spec in Column::ALL.map(Column::spec) {
        let presence = match spec.presence {
            Presence::Required => "must be there",
            Presence::Optional => "may be absent",
            Presence::Class => "may be absent, about classes",
            Presence::Ours => "written by Rollbook",
        };
        file.values([spec.header, presence, spec.rule, spec.accepted, spec.example]);
    }
    file.bytes()
}

/// Returns the places of the columns that are kept.
fn places(parsed: &ParsedRoster, keep: impl Fn(Column) -> bool) -> Vec<usize> {
    (0..parsed.header.len()).filter(|&i| parsed.sent[i].is_none_or(&keep)).collect()
}

/// Returns the headers at `places` as they were sent.
fn headers<'a>(parsed: &'a ParsedRoster, places: &[usize]) -> impl Iterator<Item = Cow<'a, str>> {
    places.iter().map(|&i| cell::resend(&parsed.header[i]))
}

/// Returns the cells of `row` at `places` as they were sent; those of secret columns, and those that the row lacks, are
/// empty.
fn sent<'a>(parsed: &'a ParsedRoster, row: &'a Row, places: &'a [usize]) -> impl Iterator<Item = Cow<'a, str>> {
    let is_secret = |place: usize| parsed.sent[place].is_some_and(|column| column.spec().secret);
    places.iter().map(move |&i| if is_secret(i) { Cow::Borrowed("") } else { sent_cell(row, i) })
}

/// Returns a cell as it was sent; an empty one where a password may have slipped into it.
fn sent_cell(row: &Row, place: usize) -> Cow<'_, str> {
    match row.cells.get(place) {
        Some(sent) if place < row.doubtful => cell::resend(sent),
        _ => Cow::Borrowed(""),
    }
}

/// Returns what a row has too much. What may be a password leaves a sign, or the row would look as if nothing were too
/// much.
fn surplus_cell(row: &Row, place: usize) -> Cow<'_, str> {
    match row.cells.get(place).unwrap_or_default() {
        NOT_YET => Cow::Borrowed(NOT_YET),
        sent if place >= row.doubtful && !cell::trim(sent).is_empty() => Cow::Borrowed("x"),
        _ => sent_cell(row, place),
    }
}

#[cfg(test)]
mod tests;
