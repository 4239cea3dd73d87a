//! The first version of School Data Sync, which Microsoft called classic; also with the headers that it has in the United
//! Kingdom.

use crate::model::{Code, Column, Finding, SetPart, UserType};

use super::flat::{FlatFile, FlatSchools, USER_COLUMNS, ids_of, say_missing, set_of};
use super::known::{FormatFiles, Translated};
use super::report::{FormatReport, WrittenSet, finish};
use super::set_writer::PartWriter;
use super::table::ForeignTable;
use super::values::SlashDates;

const ID: &[&str] = &["sisid", "id"];
const OF_SCHOOL: &[&str] = &["schoolsisid", "schooldfenumber"];
const OF_SECTION: &[&str] = &["sectionsisid", "sectionid"];

/// What is read of the files of students and teachers.
const PERSON: &[(Column, &[&str])] = &[
    (Column::CustomId, ID),
    (Column::SchoolDistrictExternalId, OF_SCHOOL),
    (Column::FirstName, &["firstname"]),
    (Column::LastName, &["lastname"]),
    (Column::MiddleName, &["middlename"]),
    (Column::Email, &["secondaryemail"]),
    (Column::Position, &["title"]),
    (Column::Grade, &["grade"]),
    (Column::Status, &["status"]),
    (Column::Username, &["username"]),
    (Column::Password, &["password"]),
];

/// What is read of the file of sections.
const SECTION: &[(Column, &[&str])] = &[
    (Column::ClassId, ID),
    (Column::SchoolDistrictExternalId, OF_SCHOOL),
    (Column::ClassName, &["sectionname"]),
    (Column::CourseCode, &["coursenumber"]),
    (Column::Subject, &["coursesubject"]),
    (Column::Period, &["periods"]),
    (Column::Term, &["termname"]),
    (Column::ClassStartDate, &["termstartdate"]),
    (Column::ClassEndDate, &["termenddate"]),
    (Column::ClassStatus, &["status"]),
];

/// The files with what each may have besides, of which nothing is kept.
const FILES: [(&str, &[&str]); 6] = [
    (
        "school",
        &[
            "sisid",
            "dfenumber",
            "name",
            "schoolnumber",
            "schoolncesid",
            "stateid",
            "gradelow",
            "gradehigh",
            "principalsisid",
            "principalname",
            "principalsecondaryemail",
            "address",
            "city",
            "state",
            "country",
            "zip",
            "postalcode",
            "phone",
            "zone",
            "id",
        ],
    ),
    (
        "section",
        &["sectionnumber", "termsisid", "termid", "coursesisid", "courseid", "coursename", "coursedescription"],
    ),
    ("student", &["stateid", "studentnumber", "graduationyear"]),
    ("teacher", &["stateid", "teachernumber", "qualification"]),
    ("studentenrollment", &["sectionsisid", "sectionid", "sisid", "id"]),
    ("teacherroster", &["sectionsisid", "sectionid", "sisid", "id"]),
];

/// Reads the files as a set.
pub(super) fn translate(known: &FormatFiles) -> Result<Translated, Finding> {
    let mut report = FormatReport::default();
    let tables = known.tables;
    known.check_columns(&[
        ("school", &[&["sisid", "dfenumber", "id"]]),
        ("student", &[ID, OF_SCHOOL]),
        ("teacher", &[ID, OF_SCHOOL]),
        ("section", &[ID, OF_SCHOOL, &["sectionname"]]),
        ("studentenrollment", &[OF_SECTION, ID]),
        ("teacherroster", &[OF_SECTION, ID]),
    ])?;
    known.check_people(&[("student", UserType::Student), ("teacher", UserType::Teacher)], &mut report);
    say_what_is_not_read(known, &mut report);
    tables.get("school").into_iter().for_each(|table| report.damaged_rows(table));
    let schools =
        FlatSchools::new(tables.get("school"), &["sisid", "dfenumber", "id"], &["schoolnumber"], known.schools);
    let in_kingdom = tables.iter().any(|(_, table)| table.has("schooldfenumber") || table.has("dfenumber"));
    let slashes = if in_kingdom { SlashDates::DayFirst } else { SlashDates::MonthFirst };
    let mut users = PartWriter::new(SetPart::Users, &USER_COLUMNS);
    let file = |stem, user_type| Some(FlatFile::new(tables.get(stem)?, PERSON, user_type, slashes));
    let people = [file("student", "Student"), file("teacher", "Teacher")];
    for file in people.iter().flatten() {
        for row in &file.table.rows {
            let school = schools.external_id(file.said(row, Column::SchoolDistrictExternalId));
            file.write_person(row, &school, &mut users);
        }
    }
    let classes = tables.get("section").map(|table| {
        let file = FlatFile::new(table, SECTION, "", slashes);
        let mut writer = PartWriter::new(SetPart::Classes, &file.columns().collect::<Vec<_>>());
        for row in &table.rows {
            let school = schools.external_id(file.said(row, Column::SchoolDistrictExternalId));
            file.write_class(row, &school, file.said(row, Column::ClassName), &mut writer);
        }
        writer
    });
    let are_there = known.have_rows_both(["studentenrollment", "teacherroster"], &mut report);
    let enrolments = enrolments(tables.get("studentenrollment"), tables.get("teacherroster")).filter(|_| are_there);
    let there = ids_of(&people);
    for (stem, people) in [("studentenrollment", "student"), ("teacherroster", "teacher")] {
        if let Some(table) = tables.get(stem).filter(|_| known.has_rows(people)) {
            say_missing(table, &[table.place(ID)], (&there, &known.name_of(people)), &mut report);
        }
    }
    let of_set = set_of(known.format, &[UserType::Student, UserType::Teacher], &people, &schools);
    let written = WrittenSet { users: Some(users), classes, enrolments, ..of_set };
    Ok(finish(known, report, written))
}

fn enrolments(students: Option<&ForeignTable>, teachers: Option<&ForeignTable>) -> Option<PartWriter> {
    let mut writer = PartWriter::new(SetPart::Enrolments, &[Column::ClassId, Column::CustomId, Column::ClassRole]);
    let files = [(students, "Student"), (teachers, "teacher")];
    let files: Vec<_> = files.into_iter().filter_map(|(table, role)| Some((table?, role))).collect();
    for (table, role) in &files {
        let (class, user) = (table.place(OF_SECTION), table.place(ID));
        for row in &table.rows {
            writer.row(table, row, |column| match column {
                Column::ClassId => row.get(class),
                Column::CustomId => row.get(user),
                _ => role,
            });
        }
    }
    (!files.is_empty()).then_some(writer)
}

/// Says which files are missing, and which files and columns are not read.
fn say_what_is_not_read(known: &FormatFiles, report: &mut FormatReport) {
    known.say_missing(&["school", "student", "teacher", "section"], report);
    for (stem, table) in known.tables.iter() {
        let Some((_, columns)) = FILES.iter().find(|(own, _)| *own == stem) else {
            report.of_file(Code::FilesLeftOut, table.name.clone());
            continue;
        };
        if table.has("birthdate") {
            report.of_file(Code::DemographicsNotRead, format!("Birthdate of {}", table.name));
        }
        let read = PERSON.iter().chain(SECTION).flat_map(|(_, keys)| keys.iter().copied());
        let all: Vec<&str> = read.chain(columns.iter().copied()).chain(["birthdate"]).collect();
        report.headers(table, &all);
    }
}
