//! Clever: `schools.csv`, `students.csv`, `teachers.csv`, `staff.csv`, `sections.csv` and `enrollments.csv`.

use std::collections::HashSet;

use crate::model::{Code, Column, Finding, SetPart, UserType};

use super::flat::{FlatFile, FlatSchools, USER_COLUMNS, ids_of, say_missing, set_of};
use super::known::{FormatFiles, Translated};
use super::layout::{clever as layout, known_columns};
use super::report::{FormatReport, WrittenSet, finish};
use super::set_writer::PartWriter;
use super::table::{ColumnPlace, ForeignTable};
use super::values::SlashDates;

/// What is read of the files of people.
const PERSON: &[(Column, &[&str])] = &[
    (Column::CustomId, &["studentid", "teacherid", "staffid"]),
    (Column::SchoolDistrictExternalId, &["schoolid"]),
    (Column::FirstName, &["firstname"]),
    (Column::LastName, &["lastname"]),
    (Column::MiddleName, &["middlename"]),
    (Column::Email, &["studentemail", "teacheremail", "staffemail", "email"]),
    (Column::Position, &["title"]),
    (Column::Grade, &["grade"]),
    (Column::Username, &["username"]),
    (Column::Password, &["password"]),
];

/// What is read of `sections.csv`.
const SECTION: &[(Column, &[&str])] = &[
    (Column::ClassId, &["sectionid"]),
    (Column::SchoolDistrictExternalId, &["schoolid"]),
    (Column::ClassName, &["name", "sectionname"]),
    (Column::ClassGrade, &["grade"]),
    (Column::CourseCode, &["coursenumber"]),
    (Column::Subject, &["subject"]),
    (Column::Period, &["period"]),
    (Column::Term, &["termname"]),
    (Column::ClassStartDate, &["termstart"]),
    (Column::ClassEndDate, &["termend"]),
];

/// What Clever calls the teachers of a section, the first one first.
const TEACHERS: [&str; 10] = [
    "teacherid",
    "teacher2id",
    "teacher3id",
    "teacher4id",
    "teacher5id",
    "teacher6id",
    "teacher7id",
    "teacher8id",
    "teacher9id",
    "teacher10id",
];

/// What `students.csv` says of people besides, which is never read.
const DEMOGRAPHICS: [&str; 8] =
    ["gender", "dob", "race", "hispaniclatino", "homelanguage", "ellstatus", "frlstatus", "iepstatus"];

/// Reads the files as a set.
pub(super) fn translate(known: &FormatFiles) -> Result<Translated, Finding> {
    let mut report = FormatReport::default();
    let tables = known.tables;
    known.check_columns(&[
        ("schools", &[&["schoolid"]]),
        ("students", &[&["studentid"], &["schoolid"]]),
        ("teachers", &[&["teacherid"], &["schoolid"]]),
        ("staff", &[&["staffid", "teacherid"], &["schoolid"]]),
        ("sections", &[&["sectionid"], &["schoolid"]]),
        ("enrollments", &[&["sectionid"], &["studentid"]]),
    ])?;
    let people = [("students", UserType::Student), ("teachers", UserType::Teacher), ("staff", UserType::Staff)];
    known.check_people(&people, &mut report);
    say_what_is_not_read(known, &mut report);
    tables.get("schools").into_iter().for_each(|table| report.damaged_rows(table));
    let schools = FlatSchools::new(tables.get("schools"), &["schoolid"], &["schoolnumber"], known.schools);
    let file = |stem, user_type| Some(FlatFile::new(tables.get(stem)?, PERSON, user_type, SlashDates::MonthFirst));
    let people = [file("students", "Student"), file("teachers", "Teacher"), file("staff", "Staff")];
    let users = write_people(&people, &schools, &mut report);
    let sections = tables.get("sections").map(|table| FlatFile::new(table, SECTION, "", SlashDates::MonthFirst));
    let classes = sections.as_ref().map(|file| {
        let mut writer = PartWriter::new(SetPart::Classes, &file.columns().collect::<Vec<_>>());
        let (course, number) = (file.table.place(&["coursename"]), file.table.place(&["sectionnumber"]));
        for row in &file.table.rows {
            let school = schools.external_id(file.said(row, Column::SchoolDistrictExternalId));
            let by_course = [row.get(course), row.get(number)].join(" ");
            let name = Some(file.said(row, Column::ClassName)).filter(|name| !name.is_empty());
            file.write_class(row, &school, name.unwrap_or(by_course.trim()), &mut writer);
        }
        writer
    });
    let are_there = known.have_rows_both(["enrollments", "sections"], &mut report);
    let enrolments = enrolments(tables.get("enrollments"), sections.as_ref().map(|file| file.table));
    let enrolments = enrolments.filter(|_| are_there);
    say_who_is_missing(known, &people, &mut report);
    let of_set = set_of(known.format, &[UserType::Student, UserType::Teacher, UserType::Staff], &people, &schools);
    let written = WrittenSet { users: Some(users), classes, enrolments, ..of_set };
    Ok(finish(known, report, written))
}

/// Writes everybody. Who is in `teachers.csv` is a teacher, and not written again as staff.
fn write_people(files: &[Option<FlatFile>; 3], schools: &FlatSchools, report: &mut FormatReport) -> PartWriter {
    let [_, teachers, staff] = files;
    let id_of = |file: &FlatFile<'_>| -> HashSet<String> {
        file.table.rows.iter().map(|row| file.said(row, Column::CustomId).to_owned()).collect()
    };
    let taught_by = teachers.as_ref().map(id_of).unwrap_or_default();
    let mut writer = PartWriter::new(SetPart::Users, &USER_COLUMNS);
    for file in files.iter().flatten() {
        let is_staff = staff.as_ref().is_some_and(|staff| staff.table.name == file.table.name);
        for row in &file.table.rows {
            if is_staff && row.damage.is_none() && taught_by.contains(file.said(row, Column::CustomId)) {
                report.left_out("staff who are teachers, too");
                continue;
            }
            let school = schools.external_id(file.said(row, Column::SchoolDistrictExternalId));
            file.write_person(row, &school, &mut writer);
        }
    }
    writer
}

/// Writes who is taught, from `enrollments.csv`, and who teaches, from `sections.csv`.
fn enrolments(students: Option<&ForeignTable>, sections: Option<&ForeignTable>) -> Option<PartWriter> {
    let mut writer = PartWriter::new(SetPart::Enrolments, &[Column::ClassId, Column::CustomId, Column::ClassRole]);
    if let Some(table) = students {
        let (class, user) = (table.place(&["sectionid"]), table.place(&["studentid"]));
        for row in &table.rows {
            writer.row(table, row, |column| match column {
                Column::ClassId => row.get(class),
                Column::CustomId => row.get(user),
                _ => "Student",
            });
        }
    }
    if let Some(table) = sections {
        let class = table.place(&["sectionid"]);
        let teachers: Vec<ColumnPlace> = TEACHERS.iter().map(|key| table.place(&[key])).collect();
        for row in &table.rows {
            let mut seen = HashSet::new();
            let mut is_written = false;
            for place in &teachers {
                let teacher = row.get(*place);
                if teacher.is_empty() || !seen.insert(teacher) {
                    continue;
                }
                is_written = true;
                let role = if seen.len() == 1 { "Primary teacher" } else { "Co-teacher" };
                writer.row(table, row, |column| match column {
                    Column::ClassId => row.get(class),
                    Column::CustomId => teacher,
                    _ => role,
                });
            }
            if row.damage.is_some() && !is_written {
                // Whoever teaches it may stand in the part that is missing.
                writer.row(table, row, |column| if column == Column::ClassId { row.get(class) } else { "?" });
            }
        }
    }
    (students.is_some() || sections.is_some()).then_some(writer)
}

/// Says who is in a class, and in none of the files of people that are there.
fn say_who_is_missing(known: &FormatFiles, people: &[Option<FlatFile>], report: &mut FormatReport) {
    let there = ids_of(people);
    if let Some(table) = known.tables.get("enrollments").filter(|_| known.has_rows("students")) {
        let user = table.place(&["studentid"]);
        say_missing(table, &[user], (&there, "students.csv"), report);
    }
    if let Some(table) = known.tables.get("sections").filter(|_| known.has_rows("teachers")) {
        let teachers: Vec<ColumnPlace> = TEACHERS.iter().map(|key| table.place(&[key])).collect();
        say_missing(table, &teachers, (&there, "teachers.csv"), report);
    }
}

/// Says which files are missing, and which files and columns are not read.
fn say_what_is_not_read(known: &FormatFiles, report: &mut FormatReport) {
    known.say_missing(&["schools", "students", "teachers"], report);
    for (stem, table) in known.tables.iter() {
        let columns = known_columns(&layout::FILES, stem);
        if columns.is_empty() {
            report.of_file(Code::FilesLeftOut, table.name.clone());
            continue;
        }
        let demographics = table.headers_among(&DEMOGRAPHICS);
        if !demographics.is_empty() {
            report.of_file(Code::DemographicsNotRead, format!("{} of {}", demographics.join(", "), table.name));
        }
        let contacts = table.keys().filter(|key| key.starts_with("contact") || key.starts_with("student"));
        let read = PERSON.iter().chain(SECTION).flat_map(|(_, keys)| keys.iter().copied());
        let all: Vec<&str> = read
            .chain(columns.iter().map(String::as_str))
            .chain(DEMOGRAPHICS)
            .chain(TEACHERS)
            .chain(contacts)
            .collect();
        report.headers(table, &all);
    }
}
