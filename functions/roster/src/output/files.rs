//! The files that Rollbook gives out.
//!
//! All are UTF-8 with a byte order mark, commas and CRLF, which Excel opens right, and no cell can start a formula:
//! see `file::cell`. Cells that were sent are written as they were sent.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::diff::{Change, KeptField};
use crate::file::{ParsedRoster, Row, cell};
use crate::model::{
    Code, Codes, Column, Fields, Finding, Findings, Guid, Presence, RowOfPart, SchoolId, Schools, SetPart, User,
};
use crate::validate::wrong_password;

mod audit;
mod credentials;

pub use audit::{AuditFile, AuditLine};
pub use credentials::Credentials;

/// The columns of [`plan_file`].
const PLAN_HEADER: [&str; 10] =
    ["kind", "row", "user_guid", "custom_id", "first_name", "last_name", "school", "field", "before", "after"];

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
}

/// Returns every row that `errors` names, as sent but with empty secret cells, and at the far right the column `Error`
/// with all that is wrong with it. A column `Error` of the upload is replaced. In a damaged row of a file with
/// passwords, cells that a password can have slipped into are empty, too.
///
/// A row with too few cells is filled up, so that its `Error` stands below the header; what a row has too much
/// stands to the right of it. Where nothing that stands in the file would be wrong with the row any more, a cell to the
/// right says that it is to be emptied. So the file uploads as it is once its rows are corrected, and no row before.
pub fn error_file(parsed: &ParsedRoster, errors: &RowErrors) -> Vec<u8> {
    let kept = places(parsed, |column| column != Column::Error);
    let mut file = File::new();
    file.line(headers(parsed, &kept).chain([Cow::Borrowed(Column::Error.header())]));
    for row in &parsed.rows {
        let Some(errors) = errors.text(row.number) else { continue };
        let surplus = (parsed.columns.len()..row.cells.len()).map(|i| surplus_cell(row, i));
        let not_yet = looks_right(parsed, row).then_some(Cow::Borrowed(NOT_YET));
        file.line(sent(parsed, row, &kept).chain([cell::protect(&errors)]).chain(surplus).chain(not_yet));
    }
    file.bytes()
}

/// A cell too many, by which a row is rejected until somebody has looked at it.
const NOT_YET: &str = "Empty this cell once the row is right.";

/// Returns whether the row of the error file may hide what was wrong with the one that was sent. Its cells were counted
/// or cut otherwise, or what was wrong is a password, which is in no file.
fn looks_right(parsed: &ParsedRoster, row: &Row) -> bool {
    let surplus = row.cells.iter().skip(parsed.columns.len()).any(|sent| !cell::trim(sent).is_empty());
    let of_secrets = |(column, sent): (&Column, &str)| column.spec().secret && is_wrong_secret(*column, sent);
    let damaged = row.damage.is_some_and(|damage| damage != Code::RowUnreadable);
    (damaged && !surplus) || parsed.columns.iter().zip(&row.cells).any(of_secrets)
}

fn is_wrong_secret(column: Column, sent: &str) -> bool {
    sent.contains(char::REPLACEMENT_CHARACTER) || (column == Column::Password && wrong_password(sent).is_some())
}

/// Returns every row that `done` names, as sent but with empty secret cells, with its GUID and user name (in place
/// where the file has the columns) and what became of it. The column of temporary passwords is there and empty. Where
/// the settings keep a field of a user, its cell is what the account has, and one more column says what the row said.
pub fn completed_file(parsed: &ParsedRoster, done: &BTreeMap<u32, CompletedRow>) -> Vec<u8> {
    completed(parsed, done, |_| "")
}

/// Returns [`completed_file`] with the temporary passwords: for those who may see them, and only for a while.
pub fn credentials_file(parsed: &ParsedRoster, done: &BTreeMap<u32, CompletedRow>) -> Vec<u8> {
    completed(parsed, done, |row| row.temporary_password.as_deref().unwrap_or(""))
}

fn completed(
    parsed: &ParsedRoster,
    done: &BTreeMap<u32, CompletedRow>,
    password: impl Fn(&CompletedRow) -> &str,
) -> Vec<u8> {
    use Column::{Error, NotUpdated, Result, TemporaryPassword, UserGuid, Username};
    let kept = places(parsed, |column| !matches!(column, TemporaryPassword | Result | NotUpdated | Error));
    let place = |column| kept.iter().position(|&i| parsed.columns[i] == column);
    let (guid, username) = (place(UserGuid), place(Username));
    let appended = [(UserGuid, guid), (Username, username), (TemporaryPassword, None), (Result, None)];
    let appended = appended.into_iter().filter(|(_, place)| place.is_none()).map(|(column, _)| column.header());
    let differs = done.values().any(|row| !row.not_updated.is_empty());
    let appended = appended.chain(differs.then(|| NotUpdated.header()));
    let mut file = File::new();
    file.line(headers(parsed, &kept).chain(appended.map(Cow::Borrowed)));
    for row in &parsed.rows {
        let Some(done) = done.get(&row.number) else { continue };
        let mut cells: Vec<Cow<str>> = sent(parsed, row, &kept).collect();
        for KeptField { column, kept: of_account, .. } in &done.not_updated {
            if let Some(place) = place(*column) {
                cells[place] = Cow::Owned(cell::protect(of_account).into_owned());
            }
        }
        let own_guid = done.guid.map(|guid| guid.to_string()).unwrap_or_default();
        for (place, value) in [(guid, own_guid.into()), (username, cell::protect(&done.username))] {
            match place {
                Some(place) => cells[place] = value,
                None => cells.push(value),
            }
        }
        let said = differs.then(|| Cow::Owned(cell::protect(&said(&done.not_updated)).into_owned()));
        file.line(cells.into_iter().chain([password(done), done.result].map(Cow::Borrowed)).chain(said));
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

/// Returns one line for each field that a change changes, from nothing for a new user and to nothing for a deleted one,
/// and one for a new password.
pub fn plan_file<'a>(changes: impl Iterator<Item = &'a Change>, schools: &Schools) -> Vec<u8> {
    let mut file = File::new();
    file.values(PLAN_HEADER);
    for change in changes {
        let Some(shown) = change.shown() else { continue };
        let (row, guid) = (change.row.map(|n| n.to_string()).unwrap_or_default(), change.guid.to_string());
        let school = external_id(schools, &shown.school);
        for (field, before, after) in changed_fields(change, schools) {
            file.values([
                change.kind.as_str(),
                row.as_str(),
                &guid,
                &shown.custom_id,
                &shown.first_name,
                &shown.last_name,
                school,
                field,
                before,
                after,
            ]);
        }
    }
    file.bytes()
}

/// Returns each field that the change changes, before and after. A deleted user is one whose status is `Deleted`.
fn changed_fields<'a>(change: &'a Change, schools: &'a Schools) -> Vec<(&'static str, &'a str, &'a str)> {
    const DELETED: &str = "Deleted";
    let status = |fields: &'a Option<Fields>| fields.as_ref().map_or("", |f| f.status.as_str());
    let mut changed = match (&change.before, &change.after) {
        (Some(_), None) => vec![("status", status(&change.before), DELETED)],
        (before, after) => {
            let list = |fields: &'a Option<Fields>| fields.as_ref().map(|f| shown_fields(f, schools));
            let (before, after) = (list(before), list(after));
            let names = before.or(after).map(|fields| fields.map(|(name, _)| name)).into_iter().flatten();
            let value = |list: Option<[(&'static str, &'a str); 13]>, i: usize| list.map_or("", |list| list[i].1);
            let all = names.enumerate().map(|(i, name)| (name, value(before, i), value(after, i)));
            let restored = |name| change.restores && name == "status";
            let all = all.map(|(name, before, after)| (name, if restored(name) { DELETED } else { before }, after));
            all.filter(|(_, before, after)| before != after).collect()
        }
    };
    changed.extend(change.password.map(|source| ("password", "", source.as_str())));
    changed
}

/// Returns the fields with the school as a roster calls it.
fn shown_fields<'a>(fields: &'a Fields, schools: &'a Schools) -> [(&'static str, &'a str); 13] {
    let school = Column::SchoolDistrictExternalId.header();
    fields
        .list()
        .map(|(name, value)| if name == school { (name, external_id(schools, &fields.school)) } else { (name, value) })
}

/// Returns users in the roster's own columns with GUID and user name, so that the edited file uploads again.
pub fn users_file<'a>(users: impl Iterator<Item = &'a User>, schools: &Schools) -> Vec<u8> {
    let mut file = File::new();
    let columns = Column::ALL.into_iter().filter(|c| c.spec().presence.is_of_user() && !c.spec().secret);
    file.values(columns.map(Column::header));
    for user in users {
        file.values([
            user.first_name.as_str(),
            &user.last_name,
            &user.middle_name,
            &user.email,
            user.custom_id.as_deref().unwrap_or(""),
            external_id(schools, &user.school),
            user.user_type.as_str(),
            &user.position,
            user.grade.as_str(),
            user.status.as_str(),
            &user.username,
            &user.guid.to_string(),
        ]);
    }
    file.bytes()
}

/// The columns of [`reset_file`].
const RESET_HEADER: [&str; 9] = [
    "custom_id",
    "first_name",
    "last_name",
    "school",
    "grade",
    "user_type",
    "username",
    "temporary_password",
    "user_guid",
];

/// Returns users whose passwords were reset, with the new ones.
pub fn reset_file<'a>(users: impl Iterator<Item = (&'a User, &'a str)>, schools: &Schools) -> Vec<u8> {
    let mut file = File::new();
    file.values(RESET_HEADER);
    for (user, password) in users {
        file.values([
            user.custom_id.as_deref().unwrap_or(""),
            &user.first_name,
            &user.last_name,
            external_id(schools, &user.school),
            user.grade.as_str(),
            user.user_type.as_str(),
            &user.username,
            password,
            &user.guid.to_string(),
        ]);
    }
    file.bytes()
}

/// Returns a roster of these rows below their headers. The cells are as somebody typed or sent them.
pub fn rows_file<'a>(headers: &[&'a str], rows: impl IntoIterator<Item = Vec<&'a str>>) -> Vec<u8> {
    let mut file = File::new();
    file.values(headers.iter().copied());
    rows.into_iter().for_each(|row| file.line(row.into_iter().map(cell::resend)));
    file.bytes()
}

/// Returns the headers of a roster, to be filled in.
pub fn template() -> Vec<u8> {
    let mut file = File::new();
    file.values(Column::ALL.into_iter().filter(|c| c.spec().presence.is_of_user()).map(Column::header));
    file.bytes()
}

/// Returns the data dictionary: each column with its rule, accepted values and an example.
pub fn dictionary() -> Vec<u8> {
    let mut file = File::new();
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

/// Returns what the `Error` column says of each row of a file that has findings for which it, or its class, is rejected.
pub fn errors_by_row(findings: &Findings, part: Option<SetPart>) -> RowErrors<'_> {
    let mut whole: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.severity().rejects() && finding.part == part) {
        if let Some(row) = finding.row {
            whole.entry(row).or_default().push(format!("{} {}", finding.message(), finding.hint()));
        }
    }
    RowErrors { whole, part, cut: Some(findings.cut()) }
}

/// What the `Error` column says of each row.
#[derive(Debug, Clone, Default)]
pub struct RowErrors<'f> {
    whole: BTreeMap<u32, Vec<String>>,
    part: Option<SetPart>,
    /// The codes of findings that are not kept whole, of which only the message is said. It is put together when its row
    /// is written: all at once they would be many times as large as the roster.
    cut: Option<&'f BTreeMap<RowOfPart, Codes>>,
}

impl RowErrors<'_> {
    /// Returns whether no row has any errors.
    pub fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.cut.is_none_or(|cut| cut.keys().all(|(part, _)| *part != self.part))
    }

    fn text(&self, row: u32) -> Option<String> {
        let whole = self.whole.get(&row).into_iter().flatten().cloned();
        let cut = self.cut.and_then(|cut| cut.get(&(self.part, row))).into_iter().flat_map(|codes| codes.iter());
        let texts: Vec<String> = whole.chain(cut.map(Finding::message_of_some_cell)).collect();
        (!texts.is_empty()).then(|| texts.join("; "))
    }
}

impl From<BTreeMap<u32, Vec<String>>> for RowErrors<'_> {
    fn from(whole: BTreeMap<u32, Vec<String>>) -> Self {
        RowErrors { whole, part: None, cut: None }
    }
}

/// Returns the places of the columns that are kept.
fn places(parsed: &ParsedRoster, keep: impl Fn(Column) -> bool) -> Vec<usize> {
    (0..parsed.columns.len()).filter(|&i| keep(parsed.columns[i])).collect()
}

/// Returns the headers at `places` as they were sent.
fn headers<'a>(parsed: &'a ParsedRoster, places: &[usize]) -> impl Iterator<Item = Cow<'a, str>> {
    places.iter().map(|&i| cell::resend(&parsed.header[i]))
}

/// Returns the cells of `row` at `places` as they were sent; those of secret columns, and those that the row lacks, are
/// empty.
fn sent<'a>(parsed: &ParsedRoster, row: &'a Row, places: &[usize]) -> impl Iterator<Item = Cow<'a, str>> {
    places.iter().map(|&i| if parsed.columns[i].spec().secret { Cow::Borrowed("") } else { sent_cell(row, i) })
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

fn external_id<'a>(schools: &'a Schools, id: &SchoolId) -> &'a str {
    schools.by_id(id).map_or("", |school| &school.external_id)
}

/// A file that is being written.
struct File(csv::Writer<Vec<u8>>);

impl File {
    fn new() -> File {
        let mark = "\u{feff}".as_bytes().to_vec();
        File(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(mark))
    }

    /// Writes a line of values of ours.
    fn values<'a>(&mut self, values: impl IntoIterator<Item = &'a str>) {
        self.line(values.into_iter().map(cell::protect));
    }

    /// Writes a line of cells that can't start a formula.
    fn line<'a>(&mut self, cells: impl Iterator<Item = Cow<'a, str>>) {
        self.0.write_record(cells.map(AsBytes)).expect("a vector takes every record");
    }

    fn bytes(self) -> Vec<u8> {
        self.0.into_inner().expect("a vector takes every record")
    }
}

/// [`Cow`] has no `AsRef` of bytes, which the writer asks for.
struct AsBytes<'a>(Cow<'a, str>);

impl AsRef<[u8]> for AsBytes<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

#[cfg(test)]
mod tests;
