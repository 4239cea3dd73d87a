//! Reads the files of classes and enrolments of a set.

use csv::StringRecord;

use crate::file::reading::Reading;
use crate::model::{Code, Column, Finding, Findings, SetPart};

use super::decode::decode;
use super::mapped::ProfileFit;
use super::parse::{MAX_BYTES, MAX_ROWS};
use super::parsed::{ParsedRoster, Row};
use super::records::{DELIMITERS, Records};
use super::rows::is_cut_off;
use super::{cell, header, mapped};

/// Reads the file of classes or of enrolments of a set. `None` where it fails as a whole; the findings say why.
///
/// A file with headers and no rows is one without classes: a set may have none.
pub fn parse_part(bytes: &[u8], part: SetPart, reading: &Reading) -> (Option<ParsedRoster>, Findings) {
    let read = || {
        if bytes.len() > MAX_BYTES {
            return Err(Finding::file(Code::FileTooLarge));
        }
        let decoded = decode(bytes, reading)?;
        let (mut parsed, findings) = rows(&decoded.text, part, reading)?;
        parsed.cut_off |= decoded.ends_in_half();
        Ok((parsed, findings))
    };
    match read() {
        Ok((parsed, findings)) => (Some(parsed), findings.into()),
        Err(finding) => (None, vec![finding.in_part(Some(part))].into()),
    }
}

/// Returns which file of a set the bytes are, where they are one by their headers and no roster of users.
pub fn lone_part(bytes: &[u8], reading: &Reading) -> Option<SetPart> {
    let decoded = decode(bytes, reading).ok()?;
    let first = decoded.text.trim_start().lines().next()?;
    let mut records = Records::new(first, delimiter(first), None, false);
    let header: Vec<String> =
        records.next()?.ok()?.cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
    if let ProfileFit::Reads(_) = mapped::fit(&header, reading) {
        return None;
    }
    let of_user = [Column::FirstName, Column::LastName, Column::UserType, Column::Email];
    let has_users = header.iter().any(|text| header::certain(cell::trim(text)).is_some_and(|c| of_user.contains(&c)));
    let names_class = header.iter().any(|text| is_about_class(cell::trim(text)));
    let fits = |part: &SetPart| columns(&header, *part).is_ok();
    [SetPart::Enrolments, SetPart::Classes].into_iter().find(fits).filter(|_| names_class && !has_users)
}

/// Returns whether a header is about a class whatever stands beside it.
///
/// A list of people has `ID`, `Name`, `School ID` and `Grade`, too.
fn is_about_class(text: &str) -> bool {
    use Column::{
        ClassEndDate, ClassGrade, ClassGuid, ClassId, ClassName, ClassRole, ClassStartDate, ClassStatus, CourseCode,
    };
    const OF_CLASS: [Column; 9] =
        [ClassGuid, ClassId, ClassName, ClassGrade, CourseCode, ClassStartDate, ClassEndDate, ClassStatus, ClassRole];
    const OF_OTHERS: [&str; 4] = ["classtype", "classcode", "coursesourcedid", "coursesisid"];
    header::certain(text).is_some_and(|column| OF_CLASS.contains(&column)) || OF_OTHERS.contains(&&*cell::letters(text))
}

fn rows(text: &str, part: SetPart, reading: &Reading) -> Result<(ParsedRoster, Vec<Finding>), Finding> {
    let delimiter = delimiter(text);
    let mut records = Records::new(text, delimiter, None, false);
    let too_long = |row: super::records::TooLong| Finding::row(Code::RowTooLarge, row.number);
    let cells = |cells: &super::records::Cells| -> StringRecord {
        cells.iter().map(|bytes| cell::unprotect_parts(&String::from_utf8_lossy(bytes)).into_owned()).collect()
    };
    let header: Vec<String> = match records.next() {
        Some(record) => cells(record.map_err(too_long)?.cells).iter().map(str::to_owned).collect(),
        None => return Err(Finding::file(Code::FileEmpty)),
    };
    let places: Vec<Option<Column>> = columns(&header, part)?;
    let read = || places.iter().enumerate().filter_map(|(place, column)| Some((place, (*column)?)));
    let headers = read().map(|(place, _)| header[place].clone()).collect();
    let mut parsed = ParsedRoster::new(headers, read().map(|(_, column)| column).collect(), reading.clone());
    parsed.delimiter = delimiter;
    let mut findings = left_out(&header, &places, part);
    while let Some(record) = records.next() {
        let record = record.map_err(too_long)?;
        let all = cells(record.cells);
        if all.iter().all(|cell| cell::trim(cell).is_empty()) && !is_cut_off(&record, header.len()) {
            continue;
        }
        if parsed.rows.len() == MAX_ROWS {
            return Err(Finding::file(Code::FileTooLarge));
        }
        let number = record.number;
        let filled = all
            .iter()
            .enumerate()
            .filter(|(_, cell)| !cell::trim(cell).is_empty())
            .map(|(at, _)| at + 1)
            .last()
            .unwrap_or(0);
        let damage = if record.broken.is_some() {
            Some(Code::QuoteNotClosed)
        } else if filled > header.len() {
            Some(Code::RowTooLong)
        } else if all.len() < header.len() {
            Some(if record.ended { Code::RowTooShort } else { Code::RowCutOff })
        } else {
            None
        };
        // Rows may be missing, so that nobody who is not in the file is absent for sure.
        parsed.cut_off |= record.ran_on || (!record.ended && damage.is_some());
        if let Some(code) = damage {
            let counted = format!("Expected {} cells, one for each header; the row has {}.", header.len(), all.len());
            let finding = Finding::row(code, number).in_part(Some(part));
            let counts = matches!(code, Code::RowTooLong | Code::RowTooShort);
            findings.push(if counts { finding.expecting(counted) } else { finding });
        }
        let cells = read().map(|(place, _)| all.get(place).unwrap_or_default()).collect();
        parsed.rows.push(Row { number, cells, damage, doubtful: usize::MAX, mapped: None });
    }
    Ok((parsed, findings))
}

/// Returns the delimiter that cuts the first line into most cells.
pub(crate) fn delimiter(text: &str) -> u8 {
    let line = text.trim_start().lines().next().unwrap_or_default();
    let count = |delimiter: u8| line.bytes().filter(|byte| *byte == delimiter).count();
    DELIMITERS.into_iter().rev().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

/// Returns what stands under each header, or the first thing that is wrong with them. Of several headers that mean one
/// column the surest is taken: other systems have an ID of theirs and a number.
fn columns(header: &[String], part: SetPart) -> Result<Vec<Option<Column>>, Finding> {
    let mut places: Vec<Option<Column>> = Vec::with_capacity(header.len());
    let meant: Vec<Option<(Column, Sureness)>> = header.iter().map(|header| column(cell::trim(header), part)).collect();
    for place in &meant {
        let Some((column, sureness)) = place else {
            places.push(None);
            continue;
        };
        let others = || meant.iter().flatten().filter(|(other, _)| other == column).map(|(_, sureness)| sureness);
        if others().filter(|other| *other == sureness).count() > 1 && others().all(|other| other >= sureness) {
            let name = Some(column.header().to_owned());
            return Err(Finding { column: name, ..Finding::file(Code::HeaderRepeated) });
        }
        places.push(others().all(|other| other >= sureness).then_some(*column));
    }
    let has = |columns: &[Column]| columns.iter().any(|column| places.contains(&Some(*column)));
    let needed: &[&[Column]] = match part {
        SetPart::Classes => &[&[Column::ClassId, Column::ClassGuid], &[Column::SchoolDistrictExternalId]],
        SetPart::Enrolments | SetPart::Users => {
            &[&[Column::ClassId, Column::ClassGuid], &[Column::CustomId, Column::UserGuid]]
        }
    };
    match needed.iter().find(|columns| !has(columns)) {
        Some(missing) => {
            let name = Some(missing[0].header().to_owned());
            Err(Finding { column: name, ..Finding::file(Code::HeaderMissing) }.expecting(format!(
                "The file has {}.",
                header.iter().map(|header| cell::trim(header)).take(20).collect::<Vec<_>>().join(", ")
            )))
        }
        None => Ok(places),
    }
}

/// How surely a header means its column, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sureness {
    /// It is the header of the data dictionary, whatever its case and the signs between its words.
    Exactly,
    /// In this file it is what other systems call the column.
    InThisFile,
    /// It is a name of the column in any file.
    Anywhere,
}

/// Returns the column that a header means in a file of classes or enrolments, where `status` is that of the class.
fn column(text: &str, part: SetPart) -> Option<(Column, Sureness)> {
    let name = cell::letters(text);
    let is_own = |column: &Column| is_of(*column, part) && cell::letters(column.header()) == name;
    if let Some(column) = Column::ALL.into_iter().find(is_own) {
        return Some((column, Sureness::Exactly));
    }
    let of_part = match (part, name.as_str()) {
        (SetPart::Classes, "id" | "sourcedid" | "sisid" | "sectionid") => Column::ClassId,
        (SetPart::Classes, "name" | "title") => Column::ClassName,
        (SetPart::Classes, "status") => Column::ClassStatus,
        (SetPart::Classes, "grade" | "grades" | "gradelevel") => Column::ClassGrade,
        (SetPart::Classes, "coursenumber") => Column::CourseCode,
        (SetPart::Classes, "subject" | "subjects") => Column::Subject,
        (SetPart::Classes, "period" | "periods") => Column::Period,
        (SetPart::Classes, "term") => Column::Term,
        (SetPart::Classes, "startdate") => Column::ClassStartDate,
        (SetPart::Classes, "enddate") => Column::ClassEndDate,
        (SetPart::Enrolments, "role" | "userrole") => Column::ClassRole,
        (SetPart::Enrolments, "status" | "enrolmentstatus" | "enrollmentstatus") => Column::EnrolmentStatus,
        (SetPart::Enrolments, "startdate" | "begindate") => Column::EnrolmentStartDate,
        (SetPart::Enrolments, "enddate") => Column::EnrolmentEndDate,
        (SetPart::Enrolments, "userid" | "usersisid" | "usersourcedid") => Column::CustomId,
        _ => {
            let anywhere = header::certain(text).filter(|column| is_of(*column, part));
            return anywhere.map(|column| (column, Sureness::Anywhere));
        }
    };
    Some((of_part, Sureness::InThisFile))
}

/// Returns whether the file has a use for the column.
fn is_of(column: Column, part: SetPart) -> bool {
    use Column::*;
    match column {
        ClassGuid | ClassId | Action | Result | Error => true,
        SchoolDistrictExternalId
        | ClassName
        | ClassGrade
        | CourseCode
        | Subject
        | Period
        | Term
        | ClassStartDate
        | ClassEndDate
        | ClassStatus => part == SetPart::Classes,
        CustomId | UserGuid | ClassRole | EnrolmentStartDate | EnrolmentEndDate | EnrolmentStatus => {
            part == SetPart::Enrolments
        }
        _ => false,
    }
}

/// Returns the note that names the columns that are not read.
fn left_out(header: &[String], places: &[Option<Column>], part: SetPart) -> Vec<Finding> {
    let names: Vec<String> = header
        .iter()
        .zip(places)
        .filter(|(header, column)| column.is_none() && !cell::trim(header).is_empty())
        .map(|(header, _)| format!("\u{201c}{}\u{201d}", cell::trim(header)))
        .take(20)
        .collect();
    let note = || Finding { value: Some(names.join(", ")), ..Finding::file(Code::ColumnsLeftOut) }.in_part(Some(part));
    if names.is_empty() { Vec::new() } else { vec![note()] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns_of(part: SetPart, text: &str) -> Vec<Column> {
        let (parsed, findings) = parse_part(text.as_bytes(), part, &Reading::default());
        parsed.unwrap_or_else(|| panic!("{findings:?}")).columns
    }

    #[test]
    fn headers_are_known_in_both_files() {
        use Column::*;
        assert_eq!(
            columns_of(SetPart::Classes, "SIS ID;School SIS ID;Section Name;Course Number\r\n"),
            [ClassId, SchoolDistrictExternalId, ClassName, CourseCode]
        );
        assert_eq!(
            columns_of(SetPart::Enrolments, "Section SIS ID,SIS ID,role,phone\n1,2,student,\n"),
            [ClassId, CustomId, ClassRole]
        );
    }

    #[test]
    fn of_several_headers_for_one_column_the_surest_is_read() {
        use Column::*;
        let sds = "SIS ID,School SIS ID,Section Name,Section Number,Term SIS ID,Term Name,Term StartDate,Term EndDate,\
                   Course SIS ID,Course Name,Course Number,Course Description,Course Subject,Periods,Status\n";
        assert_eq!(
            columns_of(SetPart::Classes, sds),
            [ClassId, SchoolDistrictExternalId, ClassName, Term, CourseCode, Subject, Period, ClassStatus]
        );
        let one_roster = "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,\
                          beginDate,endDate\n";
        assert_eq!(
            columns_of(SetPart::Enrolments, one_roster),
            [EnrolmentStatus, ClassId, CustomId, ClassRole, EnrolmentStartDate, EnrolmentEndDate]
        );
        let classes = "sourcedId,status,title,grades,courseSourcedId,classCode,schoolSourcedId,subjects,periods\n";
        assert_eq!(columns_of(SetPart::Classes, classes)[..4], [ClassId, ClassStatus, ClassName, ClassGrade]);
    }

    #[test]
    fn a_file_that_ends_in_a_row_is_cut_off() {
        let read = |text: &str| parse_part(text.as_bytes(), SetPart::Enrolments, &Reading::default());
        let (parsed, findings) = read("class_id,custom_id\n1,2\n3");
        let parsed = parsed.expect("a file");
        assert!(parsed.cut_off && parsed.rows[1].damage == Some(Code::RowCutOff));
        assert_eq!(findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::RowCutOff]);
        for whole in ["class_id,custom_id\n1,2", "class_id,custom_id\n1\n3,4\n", "class_id,custom_id\n"] {
            assert!(!read(whole).0.expect("a file").cut_off, "{whole}");
        }
        assert!(read("class_id,custom_id\n1,\"2").0.expect("a file").cut_off);
        assert!(read("class_id,custom_id,role\n1,2,student\n,").0.expect("a file").cut_off);
    }

    #[test]
    fn what_is_wrong_is_said_of_the_file() {
        let check = |text: &str, code: Code| {
            let (parsed, findings) = parse_part(text.as_bytes(), SetPart::Enrolments, &Reading::default());
            let found: Vec<_> = findings.iter().map(|finding| (finding.code, finding.part)).collect();
            assert!(found.contains(&(code, Some(SetPart::Enrolments))), "{text}: {found:?}");
            parsed
        };
        assert!(check("", Code::FileEmpty).is_none());
        assert!(check("class_id,role\n1,student\n", Code::HeaderMissing).is_none());
        assert!(check("class_id,custom_id,Class ID\n1,2,3\n", Code::HeaderRepeated).is_none());
        let parsed = check("class_id,custom_id\n1,2,3\n1,4\n", Code::RowTooLong).expect("a file");
        assert_eq!(
            parsed.rows.iter().map(|row| (row.number, row.damage.is_some())).collect::<Vec<_>>(),
            [(2, true), (3, false)]
        );
    }
}
