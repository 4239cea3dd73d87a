//! Writes the files of a set, and remembers from which row of which file each of their rows comes.

use std::borrow::Cow;

use crate::file::cell::protect;
use crate::file::csv_file::CsvFile;
use crate::model::{Column, SetPart};

use super::table::{DamageKind, ForeignRow, ForeignTable};
use super::translation::RowPlaces;

/// A file of a set that is being written.
///
/// Where all its rows come from one file, each has the number that it had there: whoever looks for row 7 finds it in both.
pub(super) struct PartWriter {
    columns: Vec<Column>,
    /// How many cells of a damaged row are written: so few that it is damaged here, too, and enough to tell whom it is
    /// about.
    of_damaged: usize,
    file: CsvFile,
    /// The number of the next row.
    next: u32,
    /// How many rows there are.
    pub rows: u64,
    places: RowPlaces,
    /// Rows that are written behind all others.
    further: Vec<HeldRow>,
    /// Damaged rows after which rows may be missing: the file ends in them.
    last: Vec<HeldRow>,
}

/// A row that is written later.
struct HeldRow {
    file: String,
    number: u32,
    cells: Vec<String>,
    expected: Option<String>,
}

impl PartWriter {
    /// Begins a file with these columns.
    pub fn new(part: SetPart, columns: &[Column]) -> PartWriter {
        let telling = match part {
            SetPart::Users => Column::LastName,
            SetPart::Classes => Column::ClassId,
            SetPart::Enrolments => Column::CustomId,
        };
        let of_damaged = columns.iter().position(|column| *column == telling).map_or(1, |place| place + 1);
        let mut file = CsvFile::new();
        file.values(columns.iter().map(|column| column.header()));
        PartWriter {
            columns: columns.to_vec(),
            of_damaged,
            file,
            next: 2,
            rows: 0,
            places: RowPlaces::default(),
            further: Vec::new(),
            last: Vec::new(),
        }
    }

    /// Writes a row that is made of a row of another file.
    pub fn row<'c>(&mut self, table: &ForeignTable, row: &ForeignRow, cell: impl Fn(Column) -> &'c str) {
        self.rows += 1;
        let damage = row.damage.as_ref();
        let cells = self.cells(damage.map(|damage| damage.kind), cell);
        if damage.is_some_and(|damage| damage.rows_lost) {
            self.last.push(held(table, row, cells));
            return;
        }
        // A second file has no numbers that are free.
        while self.places.is_of_one_file(&table.name) && self.next < row.number {
            self.file.values([""]);
            self.next += 1;
        }
        self.write(&table.name, row.number, &cells, damage.map(|damage| damage.expected.clone()));
    }

    /// Says what the files call somebody who is nobody in the row that was written last.
    pub fn means(&mut self, meant: &str) {
        self.places.means(self.next - 1, meant);
    }

    /// Writes one more row that is made of the same row, behind all others.
    pub fn further<'c>(&mut self, table: &ForeignTable, row: &ForeignRow, cell: impl Fn(Column) -> &'c str) {
        let cells = self.cells(row.damage.as_ref().map(|damage| damage.kind), cell);
        self.further.push(held(table, row, cells));
    }

    /// Returns the file, and where its rows come from.
    pub fn finish(mut self) -> (Vec<u8>, RowPlaces) {
        let (further, last) = (std::mem::take(&mut self.further), std::mem::take(&mut self.last));
        let ends_in_row = !last.is_empty();
        for HeldRow { file, number, cells, expected } in further.into_iter().chain(last) {
            let cells: Vec<Cow<str>> = cells.into_iter().map(Cow::Owned).collect();
            self.write(&file, number, &cells, expected);
        }
        let mut bytes = self.file.bytes();
        if ends_in_row {
            bytes.truncate(bytes.len() - "\r\n".len());
        }
        (bytes, self.places)
    }

    fn cells<'c>(&self, damage: Option<DamageKind>, cell: impl Fn(Column) -> &'c str) -> Vec<Cow<'c, str>> {
        let count = if damage.is_some() { self.of_damaged } else { self.columns.len() };
        let written = |column: &Column| match column {
            // It is kept nowhere, and may begin like a formula.
            Column::Password => Cow::Borrowed(cell(*column)),
            column => protect(cell(*column)),
        };
        let mut cells: Vec<Cow<str>> = self.columns[..count].iter().map(written).collect();
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            // An empty line would be no row.
            cells[count - 1] = Cow::Borrowed("?");
        }
        if damage == Some(DamageKind::TooLong) {
            cells.resize(self.columns.len(), Cow::Borrowed(""));
            cells.push(Cow::Borrowed("?"));
        }
        cells
    }

    fn write(&mut self, file: &str, number: u32, cells: &[Cow<str>], expected: Option<String>) {
        self.places.add(self.next, file, number, expected);
        self.file.line(cells.iter().map(|cell| Cow::Borrowed(&**cell)));
        self.next += 1;
    }
}

fn held(table: &ForeignTable, row: &ForeignRow, cells: Vec<Cow<str>>) -> HeldRow {
    let cells = cells.into_iter().map(Cow::into_owned).collect();
    let expected = row.damage.as_ref().map(|damage| damage.expected.clone());
    HeldRow { file: table.name.clone(), number: row.number, cells, expected }
}
