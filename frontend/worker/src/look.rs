//! What a mapping that is being edited makes of a file: its people, and the values of the columns that hold few words.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use roster::{
    CellSource, Column, FileEncoding, MappingProfile, MappingProposal, ParsedRoster, PreviewPerson, Reading, Row,
    Schools, Settings, header_key, parse, words,
};
use serde::{Deserialize, Serialize};
use wire::Unpacked;

/// A mapping that is being edited.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LookRequest {
    pub settings: Settings,
    pub profile: MappingProfile,
    /// The sheet that was chosen, where the file is a workbook.
    #[serde(default)]
    pub sheet: Option<String>,
    /// The encoding that was chosen for the file.
    #[serde(default)]
    pub encoding: Option<FileEncoding>,
}

/// What the mapping makes of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookReport {
    /// The first people, without columns that are secret.
    pub preview: Vec<PreviewPerson>,
    /// What stands below the headers of the columns that hold one of a few words.
    pub values: BTreeMap<Column, SeenValues>,
}

/// The values below a header, the most frequent first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenValues {
    pub counts: Vec<(String, u64)>,
    /// How many more values there are.
    pub more: u64,
}

impl SeenValues {
    /// The columns whose values are counted.
    pub const COLUMNS: [Column; 4] =
        [Column::UserType, Column::Grade, Column::Status, Column::SchoolDistrictExternalId];
}

/// Looks at a file through a mapping; what can't be read by it has nobody.
pub fn look(bytes: &[u8], request: &LookRequest) -> LookReport {
    let LookRequest { settings, profile, sheet, encoding } = request;
    let usual = settings.reading.clone();
    // The rows that are left out are counted, too.
    let whole = MappingProfile { leave_out: Vec::new(), ..profile.clone() };
    let reading = Reading::from(usual.in_encoding(*encoding).with_profile(whole));
    let unpacked = Unpacked::read(bytes, &reading, &Schools::default(), sheet.as_deref());
    let Ok(sent) = unpacked.sent else { return LookReport::default() };
    let Some(users) = &sent.users else { return LookReport::default() };
    let (Some(roster), _) = parse(users, &reading) else { return LookReport::default() };
    let values = SeenValues::COLUMNS.iter().filter_map(|column| match &profile.columns.get(column)?.from {
        CellSource::Header(header) => Some((*column, values(&roster, header)?)),
        _ => None,
    });
    LookReport { values: values.collect(), preview: preview(&roster, profile) }
}

fn values(roster: &ParsedRoster, header: &str) -> Option<SeenValues> {
    let place = place(roster, header)?;
    let mut counted = HashMap::<Cow<str>, u64>::new();
    for row in roster.rows.iter().filter(|row| row.damage.is_none()) {
        let value = row.cells.get(place).unwrap_or_default().trim();
        if !value.is_empty() {
            *counted.entry(Cow::Borrowed(value)).or_default() += 1;
        }
    }
    let mut counts: Vec<(String, u64)> = counted.into_iter().map(|(value, n)| (value.into_owned(), n)).collect();
    counts.sort_by(|(a, of_a), (b, of_b)| of_b.cmp(of_a).then_with(|| a.cmp(b)));
    let more = counts.len().saturating_sub(MappingProposal::MOST_GROUPS) as u64;
    counts.truncate(MappingProposal::MOST_GROUPS);
    Some(SeenValues { counts, more })
}

fn preview(roster: &ParsedRoster, profile: &MappingProfile) -> Vec<PreviewPerson> {
    const PEOPLE: usize = 5;
    let is_read = |row: &&Row| row.damage.is_none() && !is_left_out(roster, profile, row);
    let columns = || profile.columns.keys().copied().filter(|column| !column.spec().secret);
    let cell = |row: &Row, column: Column| {
        let value = roster.cell(row, column)?;
        let meant = match column {
            Column::UserType | Column::Status | Column::Grade => words::meaning(column, value).unwrap_or(value),
            _ => value,
        };
        Some((column, meant.to_owned()))
    };
    let person = |row: &Row| PreviewPerson {
        row: row.number,
        cells: columns().filter_map(|column| cell(row, column)).collect(),
    };
    roster.rows.iter().filter(is_read).take(PEOPLE).map(person).collect()
}

fn is_left_out(roster: &ParsedRoster, profile: &MappingProfile, row: &Row) -> bool {
    profile.leave_out.iter().any(|filter| {
        let cell = place(roster, &filter.header).and_then(|place| row.cells.get(place)).unwrap_or_default();
        let cell = cell.trim().to_lowercase();
        filter.values.iter().any(|value| value.trim().to_lowercase() == cell)
    })
}

/// Returns where a header stands.
fn place(roster: &ParsedRoster, header: &str) -> Option<usize> {
    let key = header_key(header);
    roster.header.iter().position(|other| header_key(other) == key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use roster::{MappedColumn, RowFilter};

    #[test]
    fn an_edited_mapping_shows_its_people_and_counts_all_values() {
        let file = "custom_id,first_name,last_name,middle_name,email,school_district_external_id,user_type,position,grade,\
                    Lage\n1,Ora,Klein,,,10,Student,,3,da\n2,Ben,Okafor,,,10,Student,,3,weg\n3,Nia,Small,,,10,Student,,3,Da\n";
        let mut profile = MappingProfile::identity();
        profile.headers.remove("status");
        profile.headers.insert("lage".to_owned());
        let from = CellSource::Header("Lage".to_owned());
        let values = BTreeMap::from([("da".to_owned(), "Active".to_owned())]);
        profile.columns.insert(Column::Status, MappedColumn { from, values, dates: None });
        profile.leave_out.push(RowFilter { header: "Lage".to_owned(), values: ["WEG".to_owned()].into() });
        let request = LookRequest { settings: Settings::default(), profile, sheet: None, encoding: None };
        let report = look(file.as_bytes(), &request);
        let counts = |counts: &[(&str, u64)]| counts.iter().map(|(v, n)| ((*v).to_owned(), *n)).collect::<Vec<_>>();
        assert_eq!(report.values[&Column::Status].counts, counts(&[("Da", 1), ("da", 1), ("weg", 1)]));
        assert_eq!(report.values[&Column::Grade].counts, counts(&[("3", 3)]));
        let rows: Vec<u32> = report.preview.iter().map(|person| person.row).collect();
        assert_eq!(rows, [2, 4]);
        let statuses = report.preview.iter().flat_map(|p| &p.cells).filter(|(column, _)| *column == Column::Status);
        assert!(statuses.clone().count() == 2 && statuses.clone().all(|(_, value)| value == "Active"));
    }
}
