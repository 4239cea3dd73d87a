//! What is proposed for files, and that they are read by it.

mod exports;
mod never_seen;
mod properties;
mod proposals;

use std::collections::HashSet;

use super::*;
use crate::file::parse;
use crate::model::Severity;
use crate::settings::CellSource;
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
    let reading = Reading::default().by_profiles(vec![proposal.profile.clone()]);
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

/// Proposes with these custom IDs of users.
fn proposed(file: &str, ids: &[&str]) -> MappingProposal {
    let ids: HashSet<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    let (reading, schools) = (Reading::default(), schools());
    let facts = MappingFacts { reading: &reading, schools: &schools, custom_ids: Some(&ids) };
    propose(file.as_bytes(), &facts).unwrap_or_else(|finding| panic!("{finding:?}"))
}

fn of(proposal: &MappingProposal, column: Column) -> &ProposedColumn {
    proposal.columns.iter().find(|proposed| proposed.column == column).unwrap_or_else(|| panic!("{proposal:#?}"))
}
