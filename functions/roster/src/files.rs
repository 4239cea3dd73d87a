//! The files that Rollbook gives out.
//!
//! All are UTF-8 with a byte order mark, commas and CRLF, which Excel opens right, and no cell can start a formula:
//! see [`crate::cell`]. Cells that were sent are written as they were sent.

use std::collections::BTreeMap;

use crate::{Change, Column, Finding, Guid, Presence, Row, Schools, Upload, User, cell};

/// The columns of [`plan_file`].
const PLAN_HEADER: [&str; 10] =
    ["kind", "row", "user_guid", "custom_id", "first_name", "last_name", "school", "field", "before", "after"];

/// What became of a row that was processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletedRow {
    pub guid: Guid,
    pub username: String,
    /// Where one was generated.
    pub temporary_password: Option<String>,
    /// `created`, `updated`, `unchanged` and so on.
    pub result: &'static str,
}

/// Every row that `errors` names, as sent but with empty secret cells, and at the far right the column `Error` with
/// all that is wrong with it. A column `Error` of the upload is replaced.
///
/// A row with too few cells is filled up, so that its `Error` stands below the header; what a row has too much
/// stands to the right of it. So the file uploads as it is once its rows are corrected.
pub fn error_file(upload: &Upload, errors: &BTreeMap<u32, Vec<String>>) -> Vec<u8> {
    let kept: Vec<usize> = places(upload, |column| column != Column::Error);
    let mut file = File::new();
    file.line(kept.iter().map(|&i| upload.header[i].as_str()).chain([Column::Error.header()]));
    for row in &upload.rows {
        let Some(errors) = errors.get(&row.number) else { continue };
        let error = errors.join("; ");
        let surplus = row.cells.iter().skip(upload.columns.len());
        file.line(sent(upload, row, &kept).chain([error.as_str()]).chain(surplus));
    }
    file.bytes()
}

/// Every row that `done` names, as sent but with empty secret cells, with its GUID and user name (in place where the
/// file has the columns), the temporary password and what became of it.
pub fn completed_file(upload: &Upload, done: &BTreeMap<u32, CompletedRow>) -> Vec<u8> {
    use Column::{Error, Result, TemporaryPassword, UserGuid, Username};
    let kept = places(upload, |column| !matches!(column, TemporaryPassword | Result | Error));
    let added: Vec<Column> = [UserGuid, Username].into_iter().filter(|&c| !upload.has(c)).collect();
    let ends = added.iter().copied().chain([TemporaryPassword, Result]).map(|c| c.header());
    let mut file = File::new();
    file.line(kept.iter().map(|&i| upload.header[i].as_str()).chain(ends));
    for row in &upload.rows {
        let Some(done) = done.get(&row.number) else { continue };
        let guid = done.guid.to_string();
        let given = |column| match column {
            UserGuid => Some(guid.as_str()),
            Username => Some(done.username.as_str()),
            _ => None,
        };
        let cells =
            kept.iter().zip(sent(upload, row, &kept)).map(|(&i, sent)| given(upload.columns[i]).unwrap_or(sent));
        let added = added.iter().filter_map(|&column| given(column));
        file.line(cells.chain(added).chain([done.temporary_password.as_deref().unwrap_or(""), done.result]));
    }
    file.bytes()
}

/// One line for each field that a change changes.
pub fn plan_file<'a>(changes: impl Iterator<Item = &'a Change>, schools: &Schools) -> Vec<u8> {
    let mut file = File::new();
    file.line(PLAN_HEADER);
    for change in changes {
        let Some(shown) = change.shown() else { continue };
        let list = |fields: Option<&crate::Fields>| fields.map(|f| f.list().map(|(_, v)| v.to_owned()));
        let (before, after) = (list(change.before.as_ref()), list(change.after.as_ref()));
        for (i, (field, _)) in shown.list().into_iter().enumerate() {
            let of = |list: &Option<[String; 11]>| list.as_ref().map(|l| l[i].clone()).unwrap_or_default();
            if of(&before) == of(&after) {
                continue;
            }
            let kind = format!("{:?}", change.kind).to_lowercase();
            let row = change.row.map(|n| n.to_string()).unwrap_or_default();
            let school = schools.by_id(&shown.school).map_or("", |s| s.external_id.as_str());
            file.line([
                kind.as_str(),
                &row,
                &change.guid.to_string(),
                &shown.custom_id,
                &shown.first_name,
                &shown.last_name,
                school,
                field,
                &of(&before),
                &of(&after),
            ]);
        }
    }
    file.bytes()
}

/// Users in the roster's own columns with GUID and user name, so that the edited file uploads again.
pub fn users_file<'a>(users: impl Iterator<Item = &'a User>, schools: &Schools) -> Vec<u8> {
    let mut file = File::new();
    let columns = Column::ALL.into_iter().filter(|c| c.spec().presence != Presence::Ours && !c.spec().secret);
    file.line(columns.map(Column::header));
    for user in users {
        file.line([
            user.first_name.as_str(),
            &user.last_name,
            &user.middle_name,
            &user.email,
            user.custom_id.as_deref().unwrap_or(""),
            schools.by_id(&user.school).map_or("", |s| s.external_id.as_str()),
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

/// The headers of a roster, to be filled in.
pub fn template() -> Vec<u8> {
    let mut file = File::new();
    file.line(Column::ALL.into_iter().filter(|c| c.spec().presence != Presence::Ours).map(Column::header));
    file.bytes()
}

/// The data dictionary: each column with its rule, accepted values and an example.
pub fn dictionary() -> Vec<u8> {
    let mut file = File::new();
    file.line(["column", "header", "rule", "accepted values", "example"]);
    for spec in Column::ALL.map(Column::spec) {
        let presence = match spec.presence {
            Presence::Required => "must be there",
            Presence::Optional => "may be absent",
            Presence::Ours => "written by Rollbook",
        };
        file.line([spec.header, presence, spec.rule, spec.accepted, spec.example]);
    }
    file.bytes()
}

/// What the `Error` column says of a finding.
pub fn error_text(finding: &Finding) -> String {
    format!("{} {}", finding.message(), finding.hint())
}

/// The places of the columns that are kept.
fn places(upload: &Upload, keep: impl Fn(Column) -> bool) -> Vec<usize> {
    (0..upload.columns.len()).filter(|&i| keep(upload.columns[i])).collect()
}

/// The cells of `row` at `places` as they were sent; those of secret columns, and those that the row lacks, are empty.
fn sent<'a>(upload: &'a Upload, row: &'a Row, places: &'a [usize]) -> impl Iterator<Item = &'a str> {
    places.iter().map(|&i| match upload.columns[i].spec().secret {
        true => "",
        false => row.cells.get(i).unwrap_or(""),
    })
}

/// A file that is being written.
struct File(csv::Writer<Vec<u8>>);

impl File {
    fn new() -> File {
        let bytes = "\u{feff}".as_bytes().to_vec();
        File(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(bytes))
    }

    fn line<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        let cells = cells.into_iter().map(|c| cell::protect(c).into_owned());
        self.0.write_record(cells).expect("a vector takes every record");
    }

    fn bytes(self) -> Vec<u8> {
        self.0.into_inner().expect("a vector takes every record")
    }
}
