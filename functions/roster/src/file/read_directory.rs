//! Schools and users read back from files: the inverse of the users download, for planning without a cloud.

use std::borrow::Cow;
use std::collections::HashSet;
use std::str::FromStr;

use memchr::{memchr, memchr_iter};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::file::reading::Reading;
use crate::model::people::{Borrowed, SchoolNumber, SourceNumber, UserText};
use crate::model::{
    Column, Directory, DirectoryBuilder, Grade, Guid, School, SchoolId, SchoolKind, Schools, Status, User, UserType,
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
    builder.reserve(table.about_rows(), table.text.len() / 3 * 2);
    let columns = DirectoryColumns::of(table)?;
    let mut numbers: hashbrown::HashMap<String, SchoolNumber> = hashbrown::HashMap::new();
    let mut known = KnownWords::default();
    table.each(|row| {
        let beside = columns.first_side_by_side.and_then(|first| row.unquoted(first));
        let [first_name, last_name, middle_name, email, custom_id] = match beside {
            Some([first_name, last_name, middle_name, email, custom_id]) => [
                cell::value(first_name),
                cell::value(last_name),
                cell::value(middle_name),
                cell::value(email),
                cell::value(custom_id),
            ],
            None => columns.names_and_ids.map(|place| row.cell(place)),
        };
        let id = Some(custom_id).filter(|id| !id.is_empty());
        let guid = row.guid(columns.guid, id)?;
        let made_up = id.is_none().then(|| guid.to_string());
        let username = match row.cell(columns.username) {
            "" => id.or(made_up.as_deref()).unwrap_or_default(),
            username => username,
        };
        let external_id = row.cell(Some(columns.school));
        let school = match numbers.get(external_id) {
            Some(number) => *number,
            None => {
                let external_id = row.required(columns.school, "the school")?;
                let id = schools.by_external_id(external_id).map(|school| school.id.clone());
                let number = builder.school_number(&id.unwrap_or_else(|| SchoolId(external_id.to_owned())));
                numbers.insert(external_id.to_owned(), number);
                number
            }
        };
        let (position, words) = known.read(row, &columns)?;
        let texts = [first_name, last_name, middle_name, email, custom_id, position, username];
        let user = Borrowed {
            guid,
            is_managed: id.is_some(),
            texts,
            // Another text where a cell means something else than what is written.
            side_by_side: beside.and_then(|cells| {
                let is_written = cells.iter().zip(texts).all(|(cell, text)| cell.len() == text.len());
                is_written.then(|| row.side_by_side(columns.first_side_by_side?, cells.len()))?
            }),
            school,
            user_type: words.user_type,
            grade: words.grade,
            status: words.status,
            version: 1,
            source: SourceNumber::NONE,
        };
        check(row, &user)?;
        builder.push_borrowed(user);
        Ok(())
    })
}

/// Where the columns of users stand.
struct DirectoryColumns {
    /// Those of [`UserText::SIDE_BY_SIDE`].
    names_and_ids: [Option<usize>; 5],
    /// Where the first of them stands, if the others stand beside it, and our separators are between them.
    first_side_by_side: Option<usize>,
    school: usize,
    user_type: Option<usize>,
    position: Option<usize>,
    grade: Option<usize>,
    status: Option<usize>,
    /// Where the user type stands, if position, grade and status stand beside it.
    first_of_words: Option<usize>,
    username: Option<usize>,
    guid: Option<usize>,
}

impl DirectoryColumns {
    fn of(table: &CsvTable) -> Result<DirectoryColumns, KnownError> {
        const WORDS: [Column; 4] = [Column::UserType, Column::Position, Column::Grade, Column::Status];
        let at = |column: Column| table.column(column.header());
        let school = table.required(Column::SchoolDistrictExternalId.header())?;
        table.required(Column::CustomId.header())?;
        table.required(Column::UserType.header())?;
        let [user_type, position, grade, status] = WORDS.map(at);
        let is_separated_as_ours = table.delimiter == UserText::SEPARATOR;
        Ok(DirectoryColumns {
            names_and_ids: UserText::SIDE_BY_SIDE.map(at),
            first_side_by_side: table.first_of(&UserText::SIDE_BY_SIDE).filter(|_| is_separated_as_ours),
            school,
            user_type,
            position,
            grade,
            status,
            first_of_words: table.first_of(&WORDS),
            username: at(Column::Username),
            guid: at(Column::UserGuid),
        })
    }
}

/// What a user is, apart from names and school.
#[derive(Clone, Copy)]
struct UserWords {
    user_type: UserType,
    grade: Grade,
    status: Status,
}

/// The words of users by how they are written. A million users have some dozens of them, so that each is read once.
#[derive(Default)]
struct KnownWords {
    words: hashbrown::HashMap<String, UserWords>,
}

impl KnownWords {
    /// How many are known again. Positions are anybody's own words.
    const MOST: usize = 1000;

    /// Reads position and words of a row.
    fn read<'r>(&mut self, row: &TableRow<'r>, columns: &DirectoryColumns) -> Result<(&'r str, UserWords), KnownError> {
        let position = row.cell(columns.position);
        let written = columns.first_of_words.and_then(|first| row.side_by_side(first, 4));
        if let Some(known) = written.and_then(|written| self.words.get(written)) {
            return Ok((position, *known));
        }
        let words = UserWords {
            user_type: row.word(columns.user_type, None)?,
            grade: row.word(columns.grade, Some(Grade::Unspecified))?,
            status: row.word(columns.status, Some(Status::Active))?,
        };
        if let Some(written) = written.filter(|_| self.words.len() < KnownWords::MOST) {
            self.words.insert(written.to_owned(), words);
        }
        Ok((position, words))
    }
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

    /// Returns where the next apostrophe is; the end where there is none.
    fn next_apostrophe(&self, from: usize, end: usize) -> usize {
        memchr(b'\'', &self.text.as_bytes()[from..end]).map_or(end, |place| from + place)
    }

    /// Returns about how many rows there are, rather too many than too few, going by the first ones: to count them all
    /// would be to go through the whole file once more.
    fn about_rows(&self) -> usize {
        const LOOKED_AT: usize = 64 * 1024;
        let rows = &self.text.as_bytes()[self.rows..];
        let first = &rows[..rows.len().min(LOOKED_AT)];
        let lines = memchr_iter(b'\n', first).count() + 1;
        let all = rows.len() / (first.len() / lines).max(1);
        all + all / 32 + lines
    }

    fn column(&self, header: &str) -> Option<usize> {
        self.headers.iter().position(|h| h == header)
    }

    /// Returns where the first of the columns stands, if the others stand beside it.
    fn first_of(&self, columns: &[Column]) -> Option<usize> {
        let first = self.column(columns[0].header())?;
        let are_beside = columns.iter().zip(first..).all(|(column, place)| self.column(column.header()) == Some(place));
        are_beside.then_some(first)
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
            let end = cutter.rows().last().map_or(at, |row| row.next);
            let mut apostrophe = self.next_apostrophe(at, end);
            for (place, row) in cutter.rows().iter().enumerate() {
                let cells = TableCells::Plain(cutter.row(&self.text, place));
                let table_row = TableRow { number, cells };
                let has_apostrophe = apostrophe < row.next;
                if has_apostrophe {
                    apostrophe = self.next_apostrophe(row.next, end);
                }
                if has_apostrophe || !self.text.as_bytes()[row.at].is_ascii_alphanumeric() {
                    read_unless_blank(table_row, self.headers.len(), &mut read)?;
                } else {
                    // As nearly all are: there is something in it, and no apostrophe that could be ours.
                    read(&table_row)?;
                }
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
    if !sent().any(|cell| cell::unprotect_parts(cell) != cell) {
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

    /// Returns what is written from the `first` cell on, so many `cells` with their separators, if that is what was sent.
    #[inline(always)]
    fn side_by_side(&self, first: usize, cells: usize) -> Option<&'r str> {
        match self.cells {
            TableCells::Plain(plain) => plain.side_by_side(first, first + cells - 1),
            TableCells::Other(_) => None,
        }
    }

    /// Returns `N` cells from the `first` on; `None` where one of the row's may be another one than is written.
    #[inline(always)]
    fn unquoted<const N: usize>(&self, first: usize) -> Option<[&'r str; N]> {
        match self.cells {
            TableCells::Plain(cells) => cells.unquoted(first),
            TableCells::Other(_) => None,
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

    #[inline(always)]
    fn word<T: FromStr>(&self, column: Option<usize>, otherwise: Option<T>) -> Result<T, KnownError> {
        match (self.cell(column), otherwise) {
            ("", Some(otherwise)) => Ok(otherwise),
            (word, _) => word.parse().map_err(|_| self.no_accepted(word)),
        }
    }

    #[cold]
    fn no_accepted(&self, word: &str) -> KnownError {
        self.wrong(format!("“{word}” is not an accepted value"))
    }

    fn guid(&self, column: Option<usize>, custom_id: Option<&str>) -> Result<Guid, KnownError> {
        let written = self.cell(column);
        if !written.is_empty() {
            let guid = Uuid::try_parse_ascii(written.as_bytes());
            return guid.map(Guid).map_err(|_| self.wrong(format!("“{written}” is not a GUID")));
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
