//! Schools and users read back from files: the inverse of the users download, for planning without a cloud.

use std::collections::HashSet;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::model::{Column, Grade, Guid, School, SchoolId, SchoolKind, Schools, Status, User};
use crate::settings::Reading;

use super::cell;
use super::decode::decode;

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
pub fn read_schools(bytes: &[u8]) -> Result<Vec<School>, KnownError> {
    let table = Table::read(bytes)?;
    let (id_column, name_column) = (table.required("school_district_external_id")?, table.required("name")?);
    let kind_column = table.column("kind");
    let mut seen = HashSet::new();
    table.map(|row| {
        let external_id = row.required(id_column, "school_district_external_id")?;
        row.once(&mut seen, "The external ID", &external_id)?;
        let kind = match row.cell(kind_column).to_lowercase().as_str() {
            "" | "school" => SchoolKind::School,
            "district" => SchoolKind::District,
            other => return Err(row.wrong(format!("“{other}” is neither school nor district"))),
        };
        let name = row.cell(Some(name_column)).to_owned();
        Ok(School { id: SchoolId(external_id.clone()), external_id, name, kind })
    })
}

/// Reads users with the columns of the users download. More columns are ignored, and what a file made by hand may
/// lack is made up: a missing GUID is derived from the custom ID (or the row), a missing user name is the custom
/// ID, a missing status is Active. A user without a custom ID is not managed.
pub fn read_users(bytes: &[u8], schools: &Schools) -> Result<Vec<User>, KnownError> {
    let table = Table::read(bytes)?;
    let at = |column: Column| table.column(column.header());
    table.required(Column::CustomId.header())?;
    table.required(Column::UserType.header())?;
    table.required(Column::SchoolDistrictExternalId.header())?;
    let (mut ids, mut guids) = (HashSet::new(), HashSet::new());
    table.map(|row| {
        let text = |column: Column| row.cell(at(column)).to_owned();
        let custom_id = Some(text(Column::CustomId)).filter(|id| !id.is_empty());
        if let Some(id) = &custom_id {
            row.once(&mut ids, "The custom ID", id)?;
        }
        let guid = row.guid(at(Column::UserGuid), custom_id.as_deref())?;
        row.once(&mut guids, "The GUID", &guid.to_string())?;
        let school = row.required(table.required(Column::SchoolDistrictExternalId.header())?, "the school")?;
        let username = Some(text(Column::Username)).filter(|name| !name.is_empty());
        Ok(User {
            guid,
            username: username.or_else(|| custom_id.clone()).unwrap_or_else(|| guid.to_string()),
            custom_id,
            first_name: text(Column::FirstName),
            middle_name: text(Column::MiddleName),
            last_name: text(Column::LastName),
            email: text(Column::Email),
            school: schools.by_external_id(&school).map_or(SchoolId(school), |s| s.id.clone()),
            user_type: row.word(at(Column::UserType), None)?,
            position: text(Column::Position),
            grade: row.word(at(Column::Grade), Some(Grade::Unspecified))?,
            status: row.word(at(Column::Status), Some(Status::Active))?,
            version: 1,
            deleted_at: None,
            erase_at: None,
            roles: crate::Roles::default(),
            former_usernames: Vec::new(),
        })
    })
}

/// A CSV file with its headers.
struct Table {
    headers: Vec<String>,
    rows: Vec<TableRow>,
}

struct TableRow {
    number: u64,
    cells: csv::StringRecord,
}

impl Table {
    fn read(bytes: &[u8]) -> Result<Table, KnownError> {
        let decoded = decode(bytes, &Reading::strict())
            .map_err(|f| KnownError::NotText(f.value.unwrap_or_else(|| "not text".to_owned())))?;
        let first_line = decoded.text.lines().next().unwrap_or_default();
        let count = |delimiter: &&u8| first_line.bytes().filter(|b| b == *delimiter).count();
        let delimiter = *b"\t;,".iter().max_by_key(count).unwrap_or(&b',');
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(decoded.text.as_bytes());
        let wrong = |error: csv::Error| KnownError::Row {
            row: error.position().map_or(1, csv::Position::line),
            problem: error.to_string(),
        };
        let headers = reader.headers().map_err(wrong)?.iter().map(|h| cell::value(h).to_lowercase()).collect();
        let mut rows = Vec::new();
        for cells in reader.records() {
            let cells = cells.map_err(wrong)?;
            if cells.iter().any(|c| !c.trim().is_empty()) {
                let number = cells.position().map_or(0, csv::Position::line);
                rows.push(TableRow { number, cells: cells.iter().map(cell::unprotect_parts).collect() });
            }
        }
        Ok(Table { headers, rows })
    }

    fn column(&self, header: &str) -> Option<usize> {
        self.headers.iter().position(|h| h == header)
    }

    fn required(&self, header: &'static str) -> Result<usize, KnownError> {
        self.column(header).ok_or(KnownError::NoColumn(header))
    }

    fn map<T>(&self, read: impl FnMut(&TableRow) -> Result<T, KnownError>) -> Result<Vec<T>, KnownError> {
        self.rows.iter().map(read).collect()
    }
}

impl TableRow {
    fn cell(&self, column: Option<usize>) -> &str {
        column.and_then(|i| self.cells.get(i)).map(cell::value).unwrap_or_default()
    }

    fn required(&self, column: usize, what: &str) -> Result<String, KnownError> {
        match self.cell(Some(column)) {
            "" => Err(self.wrong(format!("{what} is missing"))),
            value => Ok(value.to_owned()),
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
    }
}
