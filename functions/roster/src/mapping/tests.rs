//! A made-up file for each kind of export, with the proposal and the people that must come of it.

use super::*;
use crate::file::parse;
use crate::model::Severity;
use crate::testing::schools;

/// What one file must come to.
struct Expected<'e> {
    system: Option<&'e str>,
    /// Where columns come from, as [`described`] writes it.
    columns: &'e [&'e str],
    /// The columns that a person has to look at.
    look_at: &'e [Column],
    /// First, last and middle name, custom ID, school, type, grade, status and address.
    people: &'e [&'e str],
}

/// Checks the proposal for a file, and that the file is read by it.
#[track_caller]
fn check(file: &str, expected: &Expected) -> MappingProposal {
    check_bytes(file.as_bytes(), None, expected)
}

#[track_caller]
fn check_bytes(file: &[u8], ids: Option<&[&str]>, expected: &Expected) -> MappingProposal {
    let ids = ids.map(|ids| ids.iter().map(|id| (*id).to_owned()).collect());
    let (reading, schools) = (Reading::default(), schools());
    let facts = MappingFacts { reading: &reading, schools: &schools, custom_ids: ids.as_ref() };
    let proposal = propose(file, &facts).unwrap_or_else(|finding| panic!("{finding:?}"));
    let columns: Vec<String> = proposal.profile.columns.iter().map(|(column, from)| described(*column, from)).collect();
    assert_eq!(
        (proposal.system.as_deref(), columns),
        (expected.system, expected.columns.iter().map(|s| s.to_string()).collect())
    );
    let look_at: Vec<Column> =
        proposal.columns.iter().filter(|proposed| proposed.look_at.is_some()).map(|proposed| proposed.column).collect();
    assert_eq!(look_at, expected.look_at, "{:#?}", proposal.columns);
    assert_eq!(proposal.profile.check(), []);
    let people = people(file, &proposal);
    assert_eq!(people, expected.people);
    proposal
}

/// Reads a file by the profile of its proposal.
fn people(file: &[u8], proposal: &MappingProposal) -> Vec<String> {
    const COLUMNS: [Column; 9] = [
        Column::FirstName,
        Column::LastName,
        Column::MiddleName,
        Column::CustomId,
        Column::SchoolDistrictExternalId,
        Column::UserType,
        Column::Grade,
        Column::Status,
        Column::Email,
    ];
    let reading = Reading { profiles: vec![proposal.profile.clone()], ..Reading::default() };
    let (parsed, findings) = parse(file, &reading);
    let parsed = parsed.unwrap_or_else(|| panic!("{findings:?}"));
    assert!(findings.iter().all(|finding| finding.severity() >= Severity::Warning), "{findings:?}");
    assert_eq!((parsed.profile(), proposal.rows), (Some(proposal.profile.used()), parsed.rows.len() as u64));
    let said = |row, column| match parsed.cell(row, column) {
        Some(cell) => words::meaning(column, cell).unwrap_or(cell).to_owned(),
        None => "-".to_owned(),
    };
    let person = |row| COLUMNS.map(|column| said(row, column)).join("|");
    let people: Vec<String> = parsed.rows.iter().map(person).collect();
    let shown = |person: &PreviewPerson, column| {
        person.cells.iter().find(|(own, _)| *own == column).map_or("-".to_owned(), |(_, cell)| cell.clone())
    };
    let preview: Vec<String> =
        proposal.preview.iter().map(|person| COLUMNS.map(|column| shown(person, column)).join("|")).collect();
    assert_eq!(preview, people[..people.len().min(5)], "the preview shows what is read");
    people
}

/// Returns where a column comes from: `grade: Grade_Level {0=K}`.
fn described(column: Column, mapped: &crate::settings::MappedColumn) -> String {
    let from = match &mapped.from {
        CellSource::Header(header) => header.clone(),
        CellSource::FirstOf(headers) => headers.join(" | "),
        CellSource::Joined { headers, with } => headers.join(&format!(" +{with}+ ")),
        CellSource::NamePart { header, order, part } => format!("{header} {order:?} {part:?}"),
        CellSource::Fixed(value) => format!("={value}"),
    };
    let values: Vec<String> = mapped.values.iter().map(|(from, to)| format!("{from}={to}")).collect();
    let values = if values.is_empty() { String::new() } else { format!(" {{{}}}", values.join(", ")) };
    let dates = mapped.dates.as_ref().map_or(String::new(), |dates| format!(" [{}]", dates.0));
    format!("{}: {from}{values}{dates}", column.header())
}

#[test]
fn power_school() {
    let headers = "Student_Number\tState_StudentNumber\tLastFirst\tLast_Name\tFirst_Name\tMiddle_Name\tGrade_Level\tGender\tDOB\tSchoolID\tHome_Room\tEnroll_Status";
    let rows = "1001\tS1\tKlein, Ora M\tKlein\tOra\tM\t0\tF\t1/2/2020\t10\tR1\t0\n1002\tS2\tOkafor, Ben\tOkafor\tBen\t\t-1\tM\t1/2/2021\t0020\tR2\t2\n1003\tS3\tDi, Li\tDi\tLi\t\t9\tM\t1/2/2011\t10\tR2\t3\n";
    let proposal = check(
        &format!("{headers}\n{rows}"),
        &Expected {
            system: Some("PowerSchool"),
            columns: &[
                "first_name: First_Name",
                "last_name: Last_Name",
                "middle_name: Middle_Name",
                "custom_id: Student_Number",
                "school_district_external_id: SchoolID",
                "user_type: =Student",
                "grade: Grade_Level {-1=PreK, 0=K}",
                "status: Enroll_Status {0=Active, 2=Disabled, 3=Disabled}",
            ],
            look_at: &[Column::UserType, Column::Status],
            people: &[
                "Ora|Klein|M|1001|10|Student|K|Active|-",
                "Ben|Okafor||1002|0020|Student|PreK|Disabled|-",
                "Li|Di||1003|10|Student|9|Disabled|-",
            ],
        },
    );
    let school = proposal.columns.iter().find(|c| c.column == Column::SchoolDistrictExternalId).expect("a school");
    assert_eq!(
        (school.confidence, school.reason.as_str()),
        (Confidence::Certain, "Every value is one of your schools' IDs.")
    );
    let header = proposal.headers.iter().find(|seen| seen.header == "LastFirst").expect("a header");
    assert_eq!(header.samples, ["Klein, Ora M", "Okafor, Ben", "Di, Li"]);
    assert_eq!(
        (header.read_as.len(), header.is_about.as_deref()),
        (0, Some("the whole name, of which the parts are read"))
    );
}
