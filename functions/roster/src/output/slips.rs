//! Credential sheets: who gets which slip, from a file of ours that has temporary passwords.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::file::words::meaning;
use crate::file::{cell, header};
use crate::model::{Column, Grade, UserType};

/// The slips of one school and grade, or of one school's staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// The school's external ID.
    pub school: String,
    pub of: SheetOf,
    /// By name.
    pub slips: Vec<Slip>,
}

/// Whose slips are on a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SheetOf {
    Students(Grade),
    Staff,
}

/// What one user is handed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Slip {
    pub last_name: String,
    pub first_name: String,
    pub username: String,
    pub temporary_password: String,
}

/// The file is none that slips can be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the file has no {0}")]
pub struct NoSlips(pub(crate) &'static str);

/// Returns the sheets of slips for a file with temporary passwords.
///
/// The file is one that [`crate::credentials_file`] or [`crate::reset_file`] wrote. Each row that has a temporary
/// password gets a slip, by school and grade, those of staff after those of students.
///
/// # Errors
///
/// Where the file has no rows that can be read, or lacks a column that a slip needs.
pub fn slips(file: &[u8]) -> Result<Vec<Sheet>, NoSlips> {
    let file = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let headers = reader.headers().map_err(|_| NoSlips("headers"))?.clone();
    let place = |name: &str| headers.iter().position(|header| cell::trim(header) == name);
    // Headers are those of the roster as they were sent, which may be called otherwise.
    let sent: Vec<String> = headers.iter().map(str::to_owned).collect();
    let understood = header::places(&sent, false).map(|read| read.places).unwrap_or_default();
    let meant = |column: Column| understood.iter().position(|place| place.column() == Some(column));
    let needed = |column: Column| place(column.header()).or_else(|| meant(column)).ok_or(NoSlips(column.header()));
    let [last, first, username] = [needed(Column::LastName)?, needed(Column::FirstName)?, needed(Column::Username)?];
    let password = needed(Column::TemporaryPassword)?;
    let school = needed(Column::SchoolDistrictExternalId).or_else(|none| place("school").ok_or(none))?;
    let (grade, user_type) = (needed(Column::Grade)?, needed(Column::UserType)?);

    let mut sheets: BTreeMap<(String, SheetOf), Vec<Slip>> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|_| NoSlips("rows that can be read"))?;
        let value = |at: usize| cell::value(&cell::unprotect_parts(record.get(at).unwrap_or(""))).to_owned();
        if value(password).is_empty() {
            continue;
        }
        let of = match word(Column::UserType, &value(user_type)) {
            Some(UserType::Student) => {
                SheetOf::Students(word(Column::Grade, &value(grade)).unwrap_or(Grade::Unspecified))
            }
            _ => SheetOf::Staff,
        };
        sheets.entry((value(school), of)).or_default().push(Slip {
            last_name: value(last),
            first_name: value(first),
            username: value(username),
            temporary_password: value(password),
        });
    }
    Ok(sheets.into_iter().map(|((school, of), slips)| sheet(school, of, slips)).collect())
}

/// Returns the word of ours that a cell is, or means.
fn word<T: FromStr>(column: Column, cell: &str) -> Option<T> {
    cell.parse().ok().or_else(|| meaning(column, cell)?.parse().ok())
}

fn sheet(school: String, of: SheetOf, mut slips: Vec<Slip>) -> Sheet {
    slips.sort_by_cached_key(|slip| (slip.last_name.to_lowercase(), slip.first_name.to_lowercase(), slip.clone()));
    Sheet { school, of, slips }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADERS: &str =
        "first_name,last_name,school_district_external_id,user_type,grade,username,temporary_password";

    #[test]
    fn headers_and_words_are_understood_as_in_the_roster() {
        let headers = "First Name,Surname,Middle Name,E-Mail,Student ID,School ID,Role,Job Title,Grade Level,Status";
        let file = format!(
            "{headers},user_guid,username,temporary_password,Result\r\nOra,Klein,,,7,10,Pupil,,09,Active,,ok,a-b,created\r\n"
        );
        let sheets = slips(file.as_bytes()).unwrap();
        assert_eq!((sheets[0].school.as_str(), sheets[0].of), ("10", SheetOf::Students(Grade::G9)));
        assert_eq!((sheets[0].slips[0].last_name.as_str(), sheets[0].slips[0].username.as_str()), ("Klein", "ok"));
    }

    fn read(rows: &str) -> Vec<(String, SheetOf, Vec<String>)> {
        let sheets = slips(format!("\u{feff}{HEADERS}\r\n{rows}").as_bytes()).unwrap();
        let name = |slip: &Slip| format!("{} {}", slip.first_name, slip.last_name);
        sheets.into_iter().map(|sheet| (sheet.school, sheet.of, sheet.slips.iter().map(name).collect())).collect()
    }

    #[test]
    fn slips_stand_by_school_and_grade_and_staff_after_students() {
        let sheets = read(
            "Tom,Berg,2,Teacher,,tberg,a-b\r\nOra,klein,1,Student,10,ok,a-b\r\nEva,Abel,1,Student,10,ea,a-b\r\n\
             Ida,Zorn,1,Student,K,iz,a-b\r\nUwe,Ohm,1,Staff,,uo,a-b\r\nNo,Password,1,Student,K,np,\r\n",
        );
        let sheet = |school: &str, of, names: &[&str]| {
            (school.to_owned(), of, names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(
            sheets,
            [
                sheet("1", SheetOf::Students(Grade::K), &["Ida Zorn"]),
                sheet("1", SheetOf::Students(Grade::G10), &["Eva Abel", "Ora klein"]),
                sheet("1", SheetOf::Staff, &["Uwe Ohm"]),
                sheet("2", SheetOf::Staff, &["Tom Berg"]),
            ]
        );
    }

    #[test]
    fn cells_are_read_as_they_were_meant() {
        let sheets = slips(
            "school,grade,user_type,username,temporary_password,last_name,first_name\n\
             1,,Student,'=x,a-b,\"Klein;'-O\",\" Ora \"\n"
                .as_bytes(),
        )
        .unwrap();
        let slip = &sheets[0].slips[0];
        assert_eq!(
            (slip.username.as_str(), slip.last_name.as_str(), slip.first_name.as_str()),
            ("=x", "Klein;-O", "Ora")
        );
        assert_eq!(sheets[0].of, SheetOf::Students(Grade::Unspecified));
    }

    #[test]
    fn a_file_without_passwords_has_no_slips() {
        assert_eq!(slips(HEADERS.as_bytes()), Ok(Vec::new()));
        assert_eq!(
            slips(b"first_name,last_name,username\n").unwrap_err().to_string(),
            "the file has no temporary_password"
        );
        assert!(slips(b"").is_err());
    }
}
