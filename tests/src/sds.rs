//! Maps the files of Microsoft School Data Sync (version 1) to Rollbook's columns, and makes the variants of the example
//! from the result.

use std::collections::HashMap;
use std::path::Path;

use roster::{ClassRole, Column, Presence};

/// The example organisation, each file as CSV text.
pub struct SdsExample {
    /// `school_district_external_id,name`.
    pub schools: String,
    /// Everybody of the sample.
    pub roster: String,
    /// The sections, as the file of classes of a set.
    pub classes: String,
    /// Who teaches and who is taught in them, as the file of enrolments of a set.
    pub enrolments: String,
}

/// Why a sample could not be mapped.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    #[error("{file}: {source}")]
    Csv { file: &'static str, source: csv::Error },
    #[error("{file} has no column {column}")]
    Column { file: &'static str, column: &'static str },
    #[error("{0} names a school that School.csv does not have")]
    School(String),
    #[error("{0} is not a date like 8/31/2026")]
    Date(String),
}

/// Maps the folder of a School Data Sync export.
///
/// Schools are known by their SIS ID. Passwords are dropped. Students have no e-mail address in the sample and
/// need none; a teacher, who needs one, gets `<user name>@<first word of the school's name>.example`.
///
/// # Errors
///
/// [`MapError`] where a file of the sample is missing or is not as expected.
pub fn map(folder: &Path) -> Result<SdsExample, MapError> {
    let schools = SdsTable::read(folder, "School.csv")?;
    let mut domains = HashMap::new();
    let mut school_rows = Vec::new();
    for school in schools.rows() {
        let (id, name) = (school.get("SIS ID")?, school.get("Name")?);
        let domain = name.split_whitespace().next().unwrap_or(id).to_lowercase();
        domains.insert(id.to_owned(), format!("{domain}.example"));
        school_rows.push(vec![id.to_owned(), name.to_owned()]);
    }
    let mut people = Vec::new();
    for (file, user_type) in [("Teacher.csv", "Teacher"), ("Student.csv", "Student")] {
        for person in SdsTable::read(folder, file)?.rows() {
            let school = person.get("School SIS ID")?;
            let username = person.get("Username")?;
            let domain = domains.get(school).ok_or_else(|| MapError::School(username.to_owned()))?;
            let student = user_type == "Student";
            let email = if student { String::new() } else { format!("{}@{domain}", username.to_lowercase()) };
            people.push(vec![
                person.get("First Name")?.to_owned(),
                person.get("Last Name")?.to_owned(),
                person.get("Middle Name")?.to_owned(),
                email,
                person.get("SIS ID")?.to_owned(),
                school.to_owned(),
                user_type.to_owned(),
                if student { String::new() } else { person.get("Title")?.to_owned() },
                if student { person.get("Grade")?.to_owned() } else { String::new() },
                person.get("Status")?.to_owned(),
                username.to_owned(),
            ]);
        }
    }
    Ok(SdsExample {
        schools: write(&["school_district_external_id", "name"], &school_rows),
        roster: write(&headers(), &people),
        classes: classes(folder)?,
        enrolments: enrolments(folder)?,
    })
}

/// The columns of the file of classes.
const OF_CLASS: [Column; 9] = [
    Column::ClassId,
    Column::SchoolDistrictExternalId,
    Column::ClassName,
    Column::CourseCode,
    Column::Subject,
    Column::Period,
    Column::Term,
    Column::ClassStartDate,
    Column::ClassEndDate,
];

fn classes(folder: &Path) -> Result<String, MapError> {
    let mut rows = Vec::new();
    for section in SdsTable::read(folder, "Section.csv")?.rows() {
        rows.push(vec![
            section.get("SIS ID")?.to_owned(),
            section.get("School SIS ID")?.to_owned(),
            section.get("Section Name")?.to_owned(),
            section.get("Course Number")?.to_owned(),
            section.get("Course Subject")?.to_owned(),
            section.get("Periods")?.to_owned(),
            section.get("Term Name")?.to_owned(),
            day(section.get("Term StartDate")?)?,
            day(section.get("Term EndDate")?)?,
        ]);
    }
    Ok(write(&OF_CLASS.map(Column::header), &rows))
}

fn enrolments(folder: &Path) -> Result<String, MapError> {
    let mut rows = Vec::new();
    for (file, role) in [("TeacherRoster.csv", ClassRole::Primary), ("StudentEnrollment.csv", ClassRole::Student)] {
        for place in SdsTable::read(folder, file)?.rows() {
            let (class, user) = (place.get("Section SIS ID")?.to_owned(), place.get("SIS ID")?.to_owned());
            rows.push(vec![class, user, role.as_str().to_owned()]);
        }
    }
    Ok(write(&[Column::ClassId, Column::CustomId, Column::ClassRole].map(Column::header), &rows))
}

/// Returns a day of the sample, which has the month first, as Rollbook writes it.
fn day(text: &str) -> Result<String, MapError> {
    let wrong = || MapError::Date(text.to_owned());
    let parts: Vec<u16> = text.split('/').map(str::parse).collect::<Result<_, _>>().map_err(|_| wrong())?;
    let [month, day, year] = parts[..] else { return Err(wrong()) };
    Ok(format!("{year:04}-{month:02}-{day:02}"))
}

/// Returns the files of a set as one file, in which each user has a row for each class.
pub fn with_classes(roster: &str, classes: &str, enrolments: &str) -> String {
    let (users, classes, enrolments) =
        (RosterCells::read(roster), RosterCells::read(classes), RosterCells::read(enrolments));
    let of_class = |column: &Column| *column != Column::SchoolDistrictExternalId;
    let columns: Vec<Column> = OF_CLASS.into_iter().filter(of_class).collect();
    let headers = users.headers.iter().map(String::as_str);
    let headers: Vec<&str> =
        headers.chain(columns.iter().map(|c| c.header())).chain([Column::ClassRole.header()]).collect();
    let (id, class_id) = (users.position(Column::CustomId), classes.position(Column::ClassId));
    let [of_user, in_class, role] =
        [Column::CustomId, Column::ClassId, Column::ClassRole].map(|c| enrolments.position(c));
    let mut rows = Vec::new();
    for user in &users.rows {
        let theirs: Vec<_> = enrolments.rows.iter().filter(|place| place[of_user] == user[id]).collect();
        if theirs.is_empty() {
            rows.push([user.clone(), vec![String::new(); columns.len() + 1]].concat());
        }
        for place in theirs {
            let class = classes.rows.iter().find(|class| class[class_id] == place[in_class]);
            let class = class.expect("an enrolment names a class of the sample");
            let cells = columns.iter().map(|column| class[classes.position(*column)].clone()).collect();
            rows.push([user.clone(), cells, vec![place[role].clone()]].concat());
        }
    }
    write(&headers, &rows)
}

/// Returns the roster as it may have been a year before: who joined since is missing, who left since is there, and some
/// had another name, grade, school or status.
///
/// Read with the roster in a full sync, every kind of change occurs.
pub fn earlier(roster: &str) -> String {
    let mut rows = RosterCells::read(roster);
    rows.remove(&["13005", "13017", "13042", "13063", "14011"]);
    rows.set(&["13001", "13010", "13050"], Column::Grade, "8");
    rows.set(&["13028"], Column::Grade, "10");
    rows.set(&["13002", "13031"], Column::LastName, "Formerly");
    rows.set(&["13008", "13038"], Column::SchoolDistrictExternalId, "10002");
    rows.set(&["13080"], Column::SchoolDistrictExternalId, "10001");
    rows.set(&["13012", "14003"], Column::Status, "Disabled");
    rows.set(&["14007"], Column::Position, "Deputy head");
    rows.push("Ada,Winter,,,13901,10001,Student,,12,Active,AWinter");
    rows.push("Ivo,Sommer,Lee,,13902,10001,Student,,12,Active,ISommer");
    rows.push("Mia,Herbst,,,13903,10002,Student,,12,Disabled,MHerbst");
    rows.push("Paul,Frost,,pfrost@fabrikam.example,14901,10002,Teacher,Librarian,,Active,PFrost");
    rows.write()
}

/// Returns the roster with mistakes that people make, one to a row.
///
/// [`PLANTED`] names them.
pub fn with_errors(roster: &str) -> String {
    let mut rows = RosterCells::read(roster);
    for (id, column, value, _) in PLANTED {
        rows.set(&[id], column, value);
    }
    rows.write()
}

/// The mistakes of [`with_errors`]: custom ID of the row, column, what it is set to, code of the finding.
pub const PLANTED: [(&str, Column, &str, &str); 7] = [
    ("14002", Column::Email, "dtodd@", "EMAIL_INVALID"),
    ("13004", Column::Status, "", "CELL_MISSING"),
    ("13009", Column::Grade, "Ninth", "GRADE_UNKNOWN"),
    ("13020", Column::SchoolDistrictExternalId, "10003", "SCHOOL_UNKNOWN"),
    ("13033", Column::UserType, "Parent", "USER_TYPE_UNKNOWN"),
    ("13044", Column::Status, "1", "STATUS_UNKNOWN"),
    ("13055", Column::FirstName, "#N/A", "CELL_EXCEL_ERROR"),
];

/// Returns the required headers and `username`.
fn headers() -> Vec<&'static str> {
    let wanted = |c: &Column| c.spec().presence == Presence::Required || *c == Column::Username;
    Column::ALL.into_iter().filter(wanted).map(Column::header).collect()
}

fn write<H: AsRef<[u8]>>(headers: &[H], rows: &[Vec<String>]) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(headers).expect("memory takes every record");
    for row in rows {
        writer.write_record(row).expect("rows are as long as the headers");
    }
    String::from_utf8(writer.into_inner().expect("memory can be flushed")).expect("the cells were text")
}

/// A roster being edited, cell by cell.
struct RosterCells {
    headers: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl RosterCells {
    fn read(roster: &str) -> RosterCells {
        let mut reader = csv::Reader::from_reader(roster.as_bytes());
        let headers = reader.headers().expect("the example has headers").iter().map(str::to_owned).collect();
        let rows = reader.records().map(|r| r.expect("the example is well formed"));
        RosterCells { headers, rows: rows.map(|r| r.iter().map(str::to_owned).collect()).collect() }
    }

    fn position(&self, column: Column) -> usize {
        self.headers.iter().position(|h| h == column.header()).expect("the example has the column")
    }

    fn set(&mut self, ids: &[&str], column: Column, value: &str) {
        let (key, cell) = (self.position(Column::CustomId), self.position(column));
        for id in ids {
            let row = self.rows.iter_mut().find(|r| r[key] == *id).expect("the example has the ID");
            row[cell] = value.to_owned();
        }
    }

    fn remove(&mut self, ids: &[&str]) {
        let key = self.position(Column::CustomId);
        self.rows.retain(|r| !ids.contains(&r[key].as_str()));
    }

    fn push(&mut self, line: &str) {
        self.rows.push(line.split(',').map(str::to_owned).collect());
    }

    fn write(&self) -> String {
        write(&self.headers, &self.rows)
    }
}

/// A file of the sample.
struct SdsTable {
    file: &'static str,
    headers: Vec<String>,
    records: Vec<csv::StringRecord>,
}

/// A row of it, whose cells are found by header.
struct SdsRecord<'a> {
    table: &'a SdsTable,
    cells: &'a csv::StringRecord,
}

impl SdsTable {
    fn read(folder: &Path, file: &'static str) -> Result<SdsTable, MapError> {
        let fault = |source| MapError::Csv { file, source };
        let mut reader = csv::Reader::from_path(folder.join(file)).map_err(fault)?;
        let headers = reader.headers().map_err(fault)?.iter().map(str::to_owned).collect();
        let records = reader.records().collect::<Result<_, _>>().map_err(fault)?;
        Ok(SdsTable { file, headers, records })
    }

    fn rows(&self) -> impl Iterator<Item = SdsRecord<'_>> {
        self.records.iter().map(|cells| SdsRecord { table: self, cells })
    }
}

impl SdsRecord<'_> {
    fn get(&self, column: &'static str) -> Result<&str, MapError> {
        let place = self.table.headers.iter().position(|h| h == column);
        place.and_then(|i| self.cells.get(i)).ok_or(MapError::Column { file: self.table.file, column })
    }
}

#[cfg(test)]
mod tests {
    use roster::{Accounts, ClassRules, Mode, ModeSettings, Reading, Scope, Sender};

    use super::*;
    use crate::case::CaseSet;
    use crate::outcome::{CaseOutcome, CaseTerms, Planned, run};
    use crate::world::World;

    const ROSTER: &str = include_str!("../example/roster.csv");
    const WITH_CLASSES: &str = include_str!("../example/roster-with-classes.csv");
    const CLASSES: &str = include_str!("../example/set/classes.csv");
    const ENROLMENTS: &str = include_str!("../example/set/enrolments.csv");

    #[test]
    fn the_variants_of_the_example_are_made_from_its_roster() {
        assert_eq!(earlier(ROSTER), include_str!("../example/before.csv"));
        assert_eq!(with_errors(ROSTER), include_str!("../example/with-errors.csv"));
    }

    #[test]
    fn the_example_with_classes_is_its_set_in_one_file() {
        assert_eq!(include_str!("../example/set/users.csv"), ROSTER);
        assert_eq!(with_classes(ROSTER, CLASSES, ENROLMENTS), WITH_CLASSES);
    }

    #[test]
    fn the_example_makes_the_same_classes_in_one_file_and_as_a_set() {
        let set = CaseSet {
            users: true,
            classes: Some(CLASSES.as_bytes().to_vec()),
            enrolments: Some(ENROLMENTS.as_bytes().to_vec()),
        };
        let planned = |roster: &str, set: Option<&CaseSet>| {
            let schools = roster::read_schools(include_bytes!("../example/schools.csv")).unwrap();
            let schools = roster::Schools::new(schools);
            let terms = CaseTerms {
                mode: Mode::Full,
                scope: Scope::Organisation,
                sender: Sender::default(),
                settings: &ModeSettings::default(),
                class_rules: &ClassRules::default(),
                set,
                accounts: &Accounts::default(),
                reading: &Reading::default(),
                notes: &[],
                translation: None,
                schools: &schools,
                previous_rows: None,
            };
            match run(roster.as_bytes(), &World::default(), &terms) {
                CaseOutcome::Planned(planned) => planned,
                CaseOutcome::Failed(findings) => panic!("{findings:#?}"),
            }
        };
        let (flat, set) = (planned(WITH_CLASSES, None), planned(ROSTER, Some(&set)));
        assert_eq!((flat.findings.to_vec(), set.findings.to_vec()), (vec![], vec![]));
        let counts = flat.class_plan.counts;
        assert_eq!((counts.classes.created, counts.enrolments.created), (28, 630));
        assert_eq!((counts.changes(), counts.rejected()), (658, 0));
        assert_eq!(set.class_plan.counts, counts);
        assert_eq!(flat.plan.counts.created, set.plan.counts.created);
        let classes =
            |planned: &Planned| -> Vec<_> { planned.after.classes.iter().map(|c| c.fields.clone()).collect() };
        assert_eq!(classes(&flat), classes(&set));
    }

    #[test]
    fn a_sample_is_mapped_without_its_passwords() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("School.csv", "SIS ID,Name\n1,Contoso High\n");
        let head = "SIS ID,School SIS ID,First Name,Last Name,Username,Password,Status,Middle Name";
        write("Student.csv", &format!("{head},Grade\n7,1,Ora,Klein,OKlein,PLANTED,Active,Lee,9\n"));
        write("Teacher.csv", &format!("{head},Title\n8,1,Craig,Beane,CBeane,PLANTED,Active,,Head\n"));
        write(
            "Section.csv",
            "SIS ID,School SIS ID,Section Name,Section Number,Term Name,Term StartDate,Term EndDate,Course Number,\
             Course Subject,Periods\n9,1,Math,9,SY1516,7/1/2017,6/30/2018,101,Maths,1\n",
        );
        write("TeacherRoster.csv", "Section SIS ID,SIS ID\n9,8\n");
        write("StudentEnrollment.csv", "Section SIS ID,SIS ID\n9,7\n");
        let example = map(folder.path()).unwrap();
        assert_eq!(example.schools, "school_district_external_id,name\r\n1,Contoso High\r\n");
        assert_eq!(
            example.roster,
            "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,position,grade,\
             status,username\r\n\
             Craig,Beane,,cbeane@contoso.example,8,1,Teacher,Head,,Active,CBeane\r\n\
             Ora,Klein,Lee,,7,1,Student,,9,Active,OKlein\r\n"
        );
        assert_eq!(
            example.classes,
            "class_id,school_district_external_id,class_name,course_code,class_subject,class_period,class_term,\
             class_start_date,class_end_date\r\n9,1,Math,101,Maths,1,SY1516,2017-07-01,2018-06-30\r\n"
        );
        assert_eq!(example.enrolments, "class_id,custom_id,class_role\r\n9,8,Primary teacher\r\n9,7,Student\r\n");
    }
}
