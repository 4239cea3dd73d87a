//! Files of ours with temporary passwords, read back to leave lines out.

use csv::StringRecord;

use crate::file::csv_file::CsvFile;
use crate::file::reading::Reading;
use crate::file::{cell, parse};
use crate::model::{Column, Guid};
use crate::output::slips::NoSlips;

/// A file that [`super::credentials_file`] or [`super::reset_file`] wrote.
pub struct Credentials {
    header: StringRecord,
    lines: Vec<CredentialsLine>,
}

struct CredentialsLine {
    cells: StringRecord,
    password: LinePassword,
}

/// Whose password a line has.
#[derive(Clone, Copy)]
enum LinePassword {
    Absent,
    User(Guid),
    /// The line has one, and no GUID that can be read.
    Unknown,
}

impl Credentials {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// Where it has no rows that can be read, or no columns for the GUID and the password.
    pub fn read(file: &[u8]) -> Result<Credentials, NoSlips> {
        let bytes = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let header = reader.headers().map_err(|_| NoSlips("headers"))?.clone();
        let (guid, password) = places(&header, file)?;
        let lines = reader.records().map(|cells| {
            let cells = cells.map_err(|_| NoSlips("rows that can be read"))?;
            let value = |at: usize| cell::value(cells.get(at).unwrap_or(""));
            let password = match value(guid).parse() {
                _ if value(password).is_empty() => LinePassword::Absent,
                Ok(guid) => LinePassword::User(Guid(guid)),
                Err(_) => LinePassword::Unknown,
            };
            Ok(CredentialsLine { cells, password })
        });
        Ok(Credentials { lines: lines.collect::<Result<_, _>>()?, header })
    }

    /// Returns the users whose passwords it has.
    pub fn users(&self) -> impl Iterator<Item = Guid> {
        self.lines
            .iter()
            .filter_map(|line| if let LinePassword::User(guid) = line.password { Some(guid) } else { None })
    }

    /// Returns the file with the passwords of certain users, and how many lines are left out.
    ///
    /// A line of which it can't be told whose it is goes, too.
    pub fn only(&self, keep: impl Fn(Guid) -> bool) -> (Vec<u8>, u64) {
        let kept = |line: &&CredentialsLine| match line.password {
            LinePassword::Absent => true,
            LinePassword::User(guid) => keep(guid),
            LinePassword::Unknown => false,
        };
        let mut file = CsvFile::new();
        let mut left_out = self.lines.len() as u64;
        file.line(self.header.iter().map(Into::into));
        for line in self.lines.iter().filter(kept) {
            file.line(line.cells.iter().map(Into::into));
            left_out -= 1;
        }
        (file.bytes(), left_out)
    }
}

/// Returns where the GUID and the password stand. Headers are those of the roster as they were sent, so the parser may
/// have to say what they mean.
fn places(header: &StringRecord, file: &[u8]) -> Result<(usize, usize), NoSlips> {
    let named = |column: Column| header.iter().position(|name| cell::trim(name) == column.header());
    let password = named(Column::TemporaryPassword).ok_or(NoSlips(Column::TemporaryPassword.header()))?;
    let understood = || parse(file, &Reading::default()).0?.columns.iter().position(|c| *c == Column::UserGuid);
    let guid = named(Column::UserGuid).or_else(understood).ok_or(NoSlips(Column::UserGuid.header()))?;
    Ok((guid, password))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::output::files::{CompletedRow, credentials_file, reset_file};
    use crate::testing::{guid, roster, schools, users};

    fn completed(number: u128, password: Option<&str>) -> CompletedRow {
        CompletedRow {
            guid: Some(guid(number)),
            username: format!("u{number}"),
            temporary_password: password.map(str::to_owned),
            result: "created",
            not_updated: Vec::new(),
            class: None,
        }
    }

    #[test]
    fn lines_of_others_are_left_out_and_counted() {
        let (parsed, _) = parse(&roster(&["first_name==x", "", "custom_id=3"]), &Reading::default());
        let done: BTreeMap<u32, CompletedRow> =
            [(2, completed(2, Some("one"))), (3, completed(3, Some("two"))), (4, completed(4, None))].into();
        let file = credentials_file(&parsed.expect("the headers are right"), &done);
        let read = Credentials::read(&file).expect("it is a file of ours");
        assert_eq!(read.users().collect::<Vec<_>>(), [guid(2), guid(3)]);
        assert_eq!(read.only(|_| true), (file.clone(), 0), "nothing else changes");
        let (rest, left_out) = read.only(|user| user == guid(2));
        let rest = String::from_utf8(rest).expect("text");
        assert_eq!((left_out, rest.lines().count()), (1, 3), "one without a password stays: {rest}");
        assert!(rest.contains(",one,created") && !rest.contains("two"));
    }

    #[test]
    fn the_file_of_a_reset_says_whose_lines_they_are() {
        let users = users(&["guid=7|custom_id=1", "guid=8|custom_id=2"]);
        let file = reset_file(users.iter().zip(["one", "two"]), &schools());
        let read = Credentials::read(&file).expect("it is a file of ours");
        assert_eq!(read.users().collect::<Vec<_>>(), [guid(7), guid(8)]);
        let (rest, left_out) = read.only(|user| user == guid(8));
        assert!(left_out == 1 && !String::from_utf8(rest).expect("text").contains("one"));
        let old = String::from_utf8(file).expect("text").replace("user_guid", "something");
        assert!(Credentials::read(old.as_bytes()).is_err(), "whose they are can't be told");
    }
}
