//! A roster that can be read: what [`crate::parse`] makes of a file whose headers are right.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use fixedbitset::FixedBitSet;

use crate::file::reading::Reading;
use crate::model::people::{UserPlace, UserView};
use crate::model::{Code, Column, Directory, Doubts, Findings, Guid, Presence, UserType};
use crate::settings::{MappingProfile, UsedProfile};

use super::cell;
use super::mapped::{FileMapping, is_read};

/// A file whose headers are right, with all its rows, the damaged ones too.
#[derive(Clone)]
pub struct ParsedRoster {
    /// The headers as the file writes them.
    pub header: Vec<String>,
    /// The columns that are read, by their places among the cells that are read.
    pub columns: Vec<Column>,
    /// The column under each header; `None` where a profile reads it as a part of one.
    pub(crate) sent: Vec<Option<Column>>,
    /// Every row that is not blank, but for those that are settled, in the order of the file.
    pub rows: Vec<Row>,
    /// The rows that a profile leaves out.
    pub(crate) left_out: Vec<LeftOutRow>,
    /// The rows that are known to change nothing, in the order of the file.
    pub(crate) settled: Arc<SettledRows>,
    /// How the file was read; its rows are checked in the same way.
    pub reading: Reading,
    /// The name of the encoding that the file was read in.
    pub encoding: &'static str,
    pub delimiter: u8,
    /// The file ends in the middle of a row (or of a character), or a quotation mark took rows for a part of a cell.
    pub cut_off: bool,
    /// Findings of the file for which a plan waits.
    pub(crate) doubts: Doubts,
    /// The last row, where the file ends without a line break. If anything is wrong with that row, it may be because
    /// the file goes no further.
    pub(crate) open_end: Option<u32>,
    /// Where each column stands, by its place in [`Column::ALL`].
    places: [Option<usize>; Column::ALL.len()],
}

/// A row of the roster as it was sent. It may hold a password, so it shows nothing of itself when printed.
#[derive(Clone)]
pub struct Row {
    /// As a spreadsheet numbers it: the header is row 1, and blank lines count.
    pub number: u32,
    /// The cells as they were sent, but for our apostrophes within them: as many as there are headers, unless the row is
    /// damaged.
    pub cells: csv::StringRecord,
    /// What a profile makes of them: the cells of our columns.
    pub(crate) mapped: Option<csv::StringRecord>,
    /// Why the row can't be trusted to have its cells in their columns. `parse` has made the finding of it, so
    /// whoever validates rejects the row and says nothing more. Any cell of such a row may be a password that
    /// slipped into another column: look whose row it is, but show nothing of it.
    pub damage: Option<Code>,
    /// The first cell that may be a password that slipped; our files leave it, and all to the right of it, empty.
    pub(crate) doubtful: usize,
}

/// A row that a profile leaves out, as far as it says whose it is. Whatever it says, its user counts as present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeftOutRow {
    pub(crate) number: u32,
    /// Empty where it has none.
    pub(crate) custom_id: String,
    pub(crate) guid: Option<Guid>,
}

/// Rows whose cells were not kept, because their users are what they say.
#[derive(Debug, Clone, Default)]
pub(crate) struct SettledRows {
    /// In the order of the file.
    pub(crate) rows: Vec<SettledRow>,
    /// Their users, by place.
    pub(crate) users: FixedBitSet,
    /// How many there are, of each school by number and each user type.
    pub(crate) counts: Vec<[u64; UserType::ALL.len()]>,
}

impl SettledRows {
    /// Returns the users who have no settled row.
    pub(crate) fn other_users<'d>(&self, directory: &'d Directory) -> impl Iterator<Item = UserView<'d>> {
        // Nearly all have one, so that many are passed over at a time. Where no row was settled, the set has no places.
        let unknown = self.users.len()..directory.len();
        self.users.zeroes().chain(unknown).map(|place| directory.person(UserPlace::new(place)))
    }
}

/// A row whose user is what it says: where both stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SettledRow {
    pub(crate) number: u32,
    pub(crate) place: UserPlace,
    /// Where it starts in the text.
    pub(crate) at: u32,
}

impl ParsedRoster {
    /// Returns how many rows the file has that are not blank.
    pub fn row_count(&self) -> usize {
        self.rows.len() + self.settled.rows.len()
    }

    /// Returns the custom IDs of all rows that have one, as they are written.
    pub fn custom_ids(&self) -> HashSet<String> {
        let ids = self.rows.iter().filter_map(|row| self.cell(row, Column::CustomId));
        ids.filter(|id| !id.is_empty()).map(str::to_owned).collect()
    }

    /// Returns by which profile the file was read; `None` where it was understood by itself.
    pub fn profile(&self) -> Option<UsedProfile> {
        self.reading.settings.profiles.first().map(MappingProfile::used)
    }

    /// Says in findings what the file calls their columns, where a profile calls them otherwise.
    pub(crate) fn name_headers(&self, findings: &mut Findings) {
        let Some(profile) = self.reading.settings.profiles.first() else { return };
        let named = profile.columns.iter().filter_map(|(column, mapped)| {
            let headers: Vec<&str> = mapped.from.headers().collect();
            let is_same = headers.iter().all(|header| *header == column.header());
            let quoted: Vec<String> = headers.iter().map(|header| format!("\u{201c}{header}\u{201d}")).collect();
            let columns = if quoted.len() == 1 { "column" } else { "columns" };
            (!is_same).then(|| (column.header(), format!("your {columns} {}", quoted.join(", "))))
        });
        findings.name_headers(&named.collect());
    }

    /// Makes an upload with no rows. The headers stand above `columns`, and none is there twice. No profile is used.
    pub(crate) fn new(header: Vec<String>, columns: Vec<Column>, mut reading: Reading) -> ParsedRoster {
        reading.settings.profiles.clear();
        ParsedRoster {
            header,
            sent: columns.iter().copied().map(Some).collect(),
            places: places_of(&columns, &reading),
            columns,
            rows: Vec::new(),
            left_out: Vec::new(),
            settled: Arc::default(),
            reading,
            doubts: Doubts::default(),
            encoding: "UTF-8",
            delimiter: b',',
            cut_off: false,
            open_end: None,
        }
    }

    /// Makes the upload one that a profile reads, with no rows.
    pub(crate) fn mapped(self, mapping: &FileMapping) -> ParsedRoster {
        let columns = mapping.columns();
        let sent = mapping.places.iter().filter(|place| is_read(place)).map(|place| place.column()).collect();
        let reading = self.reading.by_profiles(vec![mapping.profile.clone()]);
        ParsedRoster { places: places_of(&columns, &reading), columns, sent, reading, ..self }
    }

    /// Returns what `row` says under `column`, without white space around it and without our protecting apostrophe; of
    /// `="…"` the text inside. A password is what was sent, whatever it looks like: no file of ours holds one.
    /// Unless the format is strict, typographic quotation marks around a value are not a part of it, but for what has
    /// to be exactly what it is: IDs and user names. `None` where the file has no such column, or the damaged row no
    /// such cell. Where a profile reads the file, it is what that makes of the cells.
    pub fn cell<'r>(&self, row: &'r Row, column: Column) -> Option<&'r str> {
        let sent = row.read().get(self.place(column)?)?;
        if column.spec().secret {
            return Some(sent);
        }
        let value = cell::value(sent);
        if value == AS_BEFORE && MAY_STAY.contains(&column) {
            return None;
        }
        Some(self.within_quotes(column, value).unwrap_or(value))
    }

    /// Returns whether the cell says that the user keeps what it has, as our error files do where a format says nothing.
    pub(crate) fn is_as_before(&self, row: &Row, column: Column) -> bool {
        let sent = || row.read().get(self.place(column)?);
        MAY_STAY.contains(&column) && sent().is_some_and(|sent| cell::value(sent) == AS_BEFORE)
    }

    /// Returns the value without the typographic quotation marks around it, if it is read without them.
    pub(crate) fn within_quotes<'v>(&self, column: Column, value: &'v str) -> Option<&'v str> {
        let exact = matches!(column, Column::CustomId | Column::UserGuid | Column::Username);
        let ours = column.spec().presence == Presence::Ours;
        cell::within_other_quotes(value).filter(|_| !self.reading.settings.strict_format && !exact && !ours)
    }

    /// Returns whether the file has the column.
    pub fn has(&self, column: Column) -> bool {
        self.place(column).is_some()
    }

    /// Returns whether the file has columns by which classes are named.
    pub(crate) fn names_classes(&self) -> bool {
        self.has(Column::ClassId) || self.has(Column::ClassGuid)
    }

    /// Returns where the column stands, counted from the left and from zero.
    pub fn place(&self, column: Column) -> Option<usize> {
        self.places[column as usize]
    }
}

impl Row {
    /// Returns the cells of our columns.
    pub(crate) fn read(&self) -> &csv::StringRecord {
        self.mapped.as_ref().unwrap_or(&self.cells)
    }
}

/// What stands in our error files where the format of the upload says nothing.
pub(crate) const AS_BEFORE: &str = "(as before)";
/// Of which columns a cell may say so.
pub(crate) const MAY_STAY: [Column; 5] =
    [Column::MiddleName, Column::Email, Column::Position, Column::Grade, Column::Status];

/// Returns where each column stands; those that say nothing stand nowhere.
fn places_of(columns: &[Column], reading: &Reading) -> [Option<usize>; Column::ALL.len()] {
    const MAY_SAY_NOTHING: [Column; 4] = [Column::MiddleName, Column::Email, Column::Position, Column::Grade];
    let mut places = [None; Column::ALL.len()];
    for (place, column) in columns.iter().enumerate() {
        places[*column as usize] = Some(place);
    }
    for column in reading.omissions.unsaid.iter().filter(|column| MAY_SAY_NOTHING.contains(column)) {
        places[*column as usize] = None;
    }
    places
}

impl fmt::Debug for ParsedRoster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParsedRoster")
            .field("header", &self.header)
            .field("rows", &self.rows.len())
            .field("encoding", &self.encoding)
            .field("cut_off", &self.cut_off)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row")
            .field("number", &self.number)
            .field("cells", &self.cells.len())
            .field("damage", &self.damage)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_follow_the_list_of_columns() {
        for (i, column) in Column::ALL.into_iter().enumerate() {
            assert_eq!(column as usize, i);
        }
    }
}
