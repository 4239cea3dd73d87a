//! Schools and users read back from files: the inverse of the users download, for planning without a cloud.

use std::borrow::Cow;
use std::collections::HashSet;
use std::str::FromStr;

use memchr::{memchr, memchr_iter};
use sha2::{Digest, Sha256};

use crate::file::reading::Reading;
use crate::model::people::{Borrowed, SchoolNumber, SourceNumber, UserText};
use crate::model::{
    Column, Directory, DirectoryBuilder, Grade, Guid, School, SchoolId, SchoolKind, Schools, Status, User,
};

use super::cell;
use super::decode::decode;
use super::plain::{Cutter, PlainCells};

/// Why a file of schools or users can't be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KnownError {
    #[error("it is {0}, not a CSV file")]
    NotText(String),
    #[error("it has no column {0}")]
    NoColumn(&'static str),
    #[error("row {row}: {problem}")]
    Row { row: u64, problem: String },
}

/// Reads `school_district_external_id,name` and, where there is one, `kind` (`school`, or `district` for the
/// office). Here a school's identifier is its external ID.
///
/// # Errors
///
/// Where the file is none of schools, lacks an external ID or a name, has an external ID twice, or has another word for
/// the kind.
pub fn read_schools(bytes: &[u8]) -> Result<Vec<School>, KnownError> {
    let table = CsvTable::open(bytes)?;
    let (id_column, name_column) = (table.required("school_district_external_id")?, table.required("name")?);
    let kind_column = table.column("kind");
    let mut seen = HashSet::new();
    let mut schools = Vec::new();
    table.each(|row| {
        let external_id = row.required(id_column, "school_district_external_id")?.to_owned();
        row.once(&mut seen, "The external ID", &external_id)?;
        let kind = match row.cell(kind_column).to_lowercase().as_str() {
            "" | "school" => SchoolKind::School,
            "district" => SchoolKind::District,
            other => return Err(row.wrong(format!("“{other}” is neither school nor district"))),
        };
        let name = row.cell(Some(name_column)).to_owned();
        schools.push(School { id: SchoolId(external_id.clone()), external_id, name, kind });
        Ok(())
    })?;
    Ok(schools)
}

/// Reads users with the columns of the users download. More columns are ignored, and what a file made by hand may
/// lack is made up: a missing GUID is derived from the custom ID (or the row), a missing user name is the custom
/// ID, a missing status is Active. A user without a custom ID is not managed.
///
/// # Errors
///
/// Where the file is none of users, has a value that no user has, or has a custom ID or GUID twice.
pub fn read_users(bytes: &[u8], schools: &Schools) -> Result<Vec<User>, KnownError> {
    let mut builder = DirectoryBuilder::default();
    let (mut ids, mut guids) = (HashSet::new(), HashSet::new());
    let table = CsvTable::open(bytes)?;
    read_each(&table, schools, &mut builder, |row, user| {
        if user.is_managed {
            row.once(&mut ids, "The custom ID", user.texts[UserText::CustomId as usize])?;
        }
        row.once(&mut guids, "The GUID", &user.guid.to_string())
    })?;
    Ok(builder.finish().iter().cloned().collect())
}

/// Reads users as [`read_users`] does, straight into a directory that holds everybody.
///
/// # Errors
///
/// Those of [`read_users`].
pub fn read_directory(bytes: &[u8], schools: &Schools) -> Result<Directory, KnownError> {
    let mut builder = DirectoryBuilder::default();
    read_each(&CsvTable::open(bytes)?, schools, &mut builder, |_, _| Ok(()))?;
    let directory = builder.finish();
    if directory.has_doubles() {
        // Which of them stands where is told by reading them one by one.
        read_users(bytes, schools)?;
    }
    Ok(directory)
}

/// Adds every user of the file to `builder`, once it was shown to `check`.
fn read_each(
    table: &CsvTable,
    schools: &Schools,
    builder: &mut DirectoryBuilder,
    mut check: impl FnMut(&TableRow, &Borrowed) -> Result<(), KnownError>,
) -> Result<(), KnownError> {
    // The texts of a user take about two thirds of its line, and less where columns are left out.
    builder.reserve(memchr_iter(b'\n', table.text.as_bytes()).count(), table.text.len() / 3 * 2);
    let at = |column: Column| table.column(column.header());
    let school_column = table.required(Column::SchoolDistrictExternalId.header())?;
    table.required(Column::CustomId.header())?;
    table.required(Column::UserType.header())?;
    const CUSTOM_ID: usize = UserText::CustomId as usize;
    let [first_name, last_name, middle_name, email, custom_id] = UserText::SIDE_BY_SIDE.map(at);
    let places = [first_name, last_name, middle_name, email, custom_id, at(Column::Position), at(Column::Username)];
    let side_by_side = table.first_side_by_side();
    let [guid, user_type, grade, status] = [Column::UserGuid, Column::UserType, Column::Grade, Column::Status].map(at);
    let mut numbers: hashbrown::HashMap<String, SchoolNumber> = hashbrown::HashMap::new();
    table.each(|row| {
        let mut texts = places.map(|place| row.cell(place));
        let custom_id = Some(texts[CUSTOM_ID]).filter(|id| !id.is_empty());
        let guid = row.guid(guid, custom_id)?;
        let made_up = custom_id.is_none().then(|| guid.to_string());
        let username = &mut texts[UserText::Username as usize];
        if username.is_empty() {
            *username = custom_id.or(made_up.as_deref()).unwrap_or_default();
        }
        let written = side_by_side.and_then(|first| row.side_by_side(first, first + CUSTOM_ID));
        let bytes: usize = texts[..=CUSTOM_ID].iter().map(|text| text.len()).sum();
        let external_id = row.required(school_column, "the school")?;
        let number = match numbers.get(external_id) {
            Some(number) => *number,
            None => {
                let id = schools.by_external_id(external_id).map(|school| school.id.clone());
                let number = builder.school_number(&id.unwrap_or_else(|| SchoolId(external_id.to_owned())));
                numbers.insert(external_id.to_owned(), number);
                number
            }
        };
        let user = Borrowed {
            guid,
            is_managed: custom_id.is_some(),
            texts,
            // Of other length where a cell means less than what is written.
            side_by_side: written.filter(|written| written.len() == bytes + CUSTOM_ID),
            school: number,
            user_type: row.word(user_type, None)?,
            grade: row.word(grade, Some(Grade::Unspecified))?,
            status: row.word(status, Some(Status::Active))?,
            version: 1,
            source: SourceNumber::NONE,
        };
        check(row, &user)?;
        builder.push_borrowed(user);
        Ok(())
    })
}

/// A CSV file with its headers.
struct CsvTable<'b> {
    text: Cow<'b, str>,
    headers: Vec<String>,
    delimiter: u8,
    /// Where the rows start, and the number of the first.
    rows: usize,
    row: u64,
}

/// A row with its cells.
struct TableRow<'r> {
    number: u64,
    cells: TableCells<'r>,
}

enum TableCells<'r> {
    Plain(PlainCells<'r>),
    Other(&'r csv::StringRecord),
}

impl<'b> CsvTable<'b> {
    fn open(bytes: &'b [u8]) -> Result<CsvTable<'b>, KnownError> {
        let decoded = decode(bytes, &Reading::strict())
            .map_err(|f| KnownError::NotText(f.value.unwrap_or_else(|| "not text".to_owned())))?;
        let text = decoded.text;
        let first_line = text.lines().next().unwrap_or_default();
        let count = |delimiter: &&u8| first_line.bytes().filter(|b| b == *delimiter).count();
        let delimiter = *b"\t;,".iter().max_by_key(count).unwrap_or(&b',');
        let mut table = CsvTable { text, headers: Vec::new(), delimiter, rows: 0, row: 0 };
        let (mut reader, mut headers) = (table.reader_from(0), csv::StringRecord::new());
        reader.read_record(&mut headers).map_err(|error| wrong(&error, 1))?;
        let (rows, row) = (reader.position().byte() as usize, reader.position().line());
        (table.rows, table.row) = table.after_line_break(rows, row);
        table.headers = headers.iter().map(|h| cell::value(h).to_lowercase()).collect();
        Ok(table)
    }

    fn reader_from(&self, at: usize) -> csv::Reader<&[u8]> {
        let mut builder = csv::ReaderBuilder::new();
        builder.flexible(true).has_headers(false).delimiter(self.delimiter).from_reader(&self.text.as_bytes()[at..])
    }

    /// Returns the place and the line number after a line break that the reader has begun. It stops between the two
    /// characters of one, and counts the line at the second one.
    fn after_line_break(&self, at: usize, number: u64) -> (usize, u64) {
        if self.text[..at].ends_with('\r') && self.text[at..].starts_with('\n') {
            (at + 1, number + 1)
        } else {
            (at, number)
        }
    }

    fn column(&self, header: &str) -> Option<usize> {
        self.headers.iter().position(|h| h == header)
    }

    /// Returns where the first column of [`UserText::SIDE_BY_SIDE`] stands, if the others stand beside it, and our
    /// separators are between them.
    fn first_side_by_side(&self) -> Option<usize> {
        let columns = UserText::SIDE_BY_SIDE;
        let first = self.column(columns[0].header())?;
        let are_beside = columns.iter().zip(first..).all(|(column, place)| self.column(column.header()) == Some(place));
        (are_beside && self.delimiter == UserText::SEPARATOR).then_some(first)
    }

    fn required(&self, header: &'static str) -> Result<usize, KnownError> {
        self.column(header).ok_or(KnownError::NoColumn(header))
    }

    /// Shows every row that is not blank to `read`.
    fn each(&self, mut read: impl FnMut(&TableRow) -> Result<(), KnownError>) -> Result<(), KnownError> {
        /// How many rows are cut at once.
        const MOST: usize = 64;
        let (mut cutter, mut other) = (Cutter::new(self.delimiter), csv::StringRecord::new());
        let (mut at, mut number) = (self.rows, self.row);
        loop {
            cutter.cut(&self.text, at, self.headers.len(), MOST);
            for (place, row) in cutter.rows().iter().enumerate() {
                let cells = TableCells::Plain(cutter.row(&self.text, place));
                read_unless_blank(TableRow { number, cells }, self.headers.len(), &mut read)?;
                (at, number) = (row.next, number + 1);
            }
            if cutter.rows().len() == MOST {
                continue;
            }
            let mut reader = self.reader_from(at);
            if !reader.read_record(&mut other).map_err(|error| wrong(&error, number))? {
                return Ok(());
            }
            let first = number + other.position().map_or(0, |position| position.line() - 1);
            let cells = TableCells::Other(&other);
            read_unless_blank(TableRow { number: first, cells }, other.len(), &mut read)?;
            let (bytes, lines) = (reader.position().byte() as usize, reader.position().line() - 1);
            (at, number) = self.after_line_break(at + bytes, number + lines);
        }
    }
}

/// Shows the row with so many cells to `read`, unless all of them are empty. An apostrophe of ours is taken off.
fn read_unless_blank(
    row: TableRow,
    cells: usize,
    read: &mut impl FnMut(&TableRow) -> Result<(), KnownError>,
) -> Result<(), KnownError> {
    let sent = || (0..cells).map(|place| row.sent(place).unwrap_or_default());
    if sent().all(|cell| cell.trim().is_empty()) {
        return Ok(());
    }
    if !row.may_be_protected() || !sent().any(|cell| cell::unprotect_parts(cell) != cell) {
        return read(&row);
    }
    let other = sent().map(cell::unprotect_parts).collect();
    read(&TableRow { number: row.number, cells: TableCells::Other(&other) })
}

fn wrong(error: &csv::Error, number: u64) -> KnownError {
    let row = number + error.position().map_or(0, |position| position.line() - 1);
    KnownError::Row { row, problem: error.to_string() }
}

impl<'r> TableRow<'r> {
    /// Returns the cell as it was sent.
    #[inline(always)]
    fn sent(&self, place: usize) -> Option<&'r str> {
        match self.cells {
            TableCells::Plain(cells) => Some(cells.text(place)),
            TableCells::Other(record) => record.get(place),
        }
    }

    /// Returns what is written from the one cell to the other, if that is what was sent.
    fn side_by_side(&self, first: usize, last: usize) -> Option<&'r str> {
        match self.cells {
            TableCells::Plain(cells) => cells.side_by_side(first, last),
            TableCells::Other(_) => None,
        }
    }

    /// Returns whether one of the row's cells may have an apostrophe.
    fn may_be_protected(&self) -> bool {
        match self.cells {
            TableCells::Plain(cells) => memchr(b'\'', cells.line().as_bytes()).is_some(),
            TableCells::Other(_) => true,
        }
    }

    #[inline(always)]
    fn cell(&self, column: Option<usize>) -> &'r str {
        column.and_then(|place| self.sent(place)).map(cell::value).unwrap_or_default()
    }

    fn required(&self, column: usize, what: &str) -> Result<&'r str, KnownError> {
        match self.cell(Some(column)) {
            "" => Err(self.wrong(format!("{what} is missing"))),
            value => Ok(value),
        }
    }

    fn word<T: FromStr>(&self, column: Option<usize>, otherwise: Option<T>) -> Result<T, KnownError> {
        match (self.cell(column), otherwise) {
            ("", Some(otherwise)) => Ok(otherwise),
            (word, _) => word.parse().map_err(|_| self.wrong(format!("“{word}” is not an accepted value"))),
        }
    }

    fn guid(&self, column: Option<usize>, custom_id: Option<&str>) -> Result<Guid, KnownError> {
        let written = self.cell(column);
        if !written.is_empty() {
            return written.parse().map(Guid).map_err(|_| self.wrong(format!("“{written}” is not a GUID")));
        }
        let key = custom_id.map_or_else(|| format!("row {}", self.number), |id| format!("custom ID {id}"));
        let hash = Sha256::digest(key.as_bytes());
        let mut first = [0; 16];
        first.copy_from_slice(&hash[..16]);
        Ok(Guid(uuid::Builder::from_custom_bytes(first).into_uuid()))
    }

    fn once(&self, seen: &mut HashSet<String>, what: &str, value: &str) -> Result<(), KnownError> {
        if seen.insert(value.to_owned()) { Ok(()) } else { Err(self.wrong(format!("{what} {value} stands twice"))) }
    }

    fn wrong(&self, problem: String) -> KnownError {
        KnownError::Row { row: self.number, problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::UserType;

    fn schools() -> Schools {
        let bytes = "\u{feff}school_district_external_id,name,kind\r\n1,North,\r\n0,Office,District\r\n".as_bytes();
        Schools::new(read_schools(bytes).expect("schools"))
    }

    #[test]
    fn a_download_reads_back_as_the_same_users() {
        let guid = Guid(uuid::Uuid::from_u128(7));
        let user = User {
            guid,
            custom_id: Some("-01".to_owned()),
            first_name: "Ora, \"O\"".to_owned(),
            middle_name: "'=x".to_owned(),
            last_name: "Klein".to_owned(),
            email: "ora@north.example".to_owned(),
            school: SchoolId("1".to_owned()),
            user_type: UserType::Teacher,
            position: "=1+1;-2".to_owned(),
            grade: Grade::Unspecified,
            status: Status::Disabled,
            username: "OKlein".to_owned(),
            version: 1,
            deleted_at: None,
            erase_at: None,
            roles: crate::Roles::default(),
            source: None,
            former_usernames: Vec::new(),
        };
        let unmanaged =
            User { custom_id: None, guid: Guid(uuid::Uuid::from_u128(8)), username: "root".to_owned(), ..user.clone() };
        let file = crate::output::users_file([&user, &unmanaged].into_iter(), &schools());
        assert_eq!(read_users(&file, &schools()), Ok(vec![user, unmanaged]));
    }

    #[test]
    fn says_what_a_file_lacks() {
        let check = |bytes: &str, message: &str| {
            let error = read_users(bytes.as_bytes(), &schools()).expect_err(bytes);
            assert_eq!(error.to_string(), message);
        };
        check("custom_id,user_type", "it has no column school_district_external_id");
        check("custom_id;user_type;school_district_external_id\n1;Pupil;1", "row 2: “Pupil” is not an accepted value");
        check(
            "custom_id,user_type,school_district_external_id\n1,Student,1\n1,Student,1",
            "row 3: The custom ID 1 stands twice",
        );
        check("%PDF-1.7 x", "it is a PDF document, not a CSV file");
        let rows = "custom_id,user_type,school_district_external_id\r\n\r\n1,Student,1\r\n\"2\n\",Student,1,9\r\n3,Student,1\r\n";
        check(&format!("{rows}3,Student,1\r\n"), "row 7: The custom ID 3 stands twice");
        check(&format!("{rows}4,Pupil,1\r\n"), "row 7: “Pupil” is not an accepted value");
    }
}
