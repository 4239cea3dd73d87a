//! A sheet as the CSV file that it stands for.

use roster::{Code, Finding, MAX_BYTES, Rows};

use super::container::unreadable;
use super::merged::MergedCells;

/// A sheet of a workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetTable {
    pub name: String,
    /// Whether the workbook shows it.
    pub visible: bool,
    /// The cells as CSV in UTF-8 that says so, row for row.
    pub csv: Vec<u8>,
    /// How many rows have anything in them.
    pub rows: u64,
    /// The hidden ones among them: the first, and how many there are.
    pub hidden: Option<(u32, Rows)>,
    /// What is to be said of its merged cells.
    pub merged: Option<Finding>,
}

/// A byte order mark: no encoding that somebody chose for CSV files changes how the cells are read.
const MARK: &str = "\u{feff}";
/// Of how many rows at the start the widest says how many cells each row has. Below it rows end with their last cell, as
/// in a file that Excel saved.
const ROWS_OF_HEADERS: u32 = 50;

/// The most rows and columns of a sheet: what Excel has.
pub(super) const MOST_ROWS: u32 = 1_048_576;
pub(super) const MOST_COLUMNS: u32 = 16_384;

/// Writes cells as they come, from above to below and from left to right.
pub(super) struct SheetWriter {
    text: String,
    /// How many rows are written.
    written: u32,
    /// The cells of the row at hand; empty where it has none yet.
    row: Vec<String>,
    /// How many bytes they have together.
    row_bytes: usize,
    at: u32,
    width: usize,
    rows: u64,
    hidden: Option<(u32, Rows)>,
    is_hidden: Box<dyn Fn(u32) -> bool>,
    merged: MergedCells,
    /// How many bytes the sheet may have.
    most: usize,
}

impl SheetWriter {
    /// Returns a writer for the sheet after these, all of which together may have no more bytes than a file. It asks which
    /// rows are hidden, counted from zero.
    pub(super) fn after(sheets: &[SheetTable], is_hidden: impl Fn(u32) -> bool + 'static) -> SheetWriter {
        let taken = sheets.iter().map(|sheet| sheet.csv.len()).sum();
        SheetWriter {
            most: MAX_BYTES.saturating_sub(taken),
            text: MARK.to_owned(),
            written: 0,
            row: Vec::new(),
            row_bytes: 0,
            at: 0,
            width: 0,
            rows: 0,
            hidden: None,
            is_hidden: Box::new(is_hidden),
            merged: MergedCells::default(),
        }
    }

    /// Takes note, before the cell itself comes, that it is merged with those below it down to `last_row`.
    pub(super) fn merge_down(&mut self, row: u32, column: u32, last_row: u32) {
        if row < MOST_ROWS && column < MOST_COLUMNS {
            self.merged.add(row, column, last_row);
        }
    }

    /// Takes a cell; rows and columns count from zero.
    ///
    /// # Errors
    ///
    /// Where it stands above the one before, or there is too much.
    pub(super) fn cell(&mut self, row: u32, column: u32, text: String) -> Result<(), Finding> {
        if text.is_empty() {
            return Ok(());
        }
        // A file may say of a cell that it stands anywhere.
        if row >= MOST_ROWS || column >= MOST_COLUMNS {
            return Err(Finding::file(Code::FileTooLarge));
        }
        if row != self.at {
            self.end_row()?;
            if row < self.written {
                return Err(unreadable("its rows are in no order"));
            }
            self.at = row;
        }
        let column = column as usize;
        if self.row.len() <= column {
            self.row.resize(column + 1, String::new());
        }
        self.row_bytes += text.len();
        if self.text.len() + self.row_bytes > self.most {
            return Err(Finding::file(Code::FileTooLarge));
        }
        self.row[column] = text;
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), Finding> {
        if self.row.is_empty() {
            return Ok(());
        }
        self.merged.fill(self.at, &mut self.row);
        for _ in self.written..self.at {
            self.text.push('\n');
        }
        if self.rows < ROWS_OF_HEADERS.into() {
            self.width = self.width.max(self.row.len());
        }
        for (place, cell) in self.row.iter().enumerate() {
            if place > 0 {
                self.text.push(',');
            }
            write(&mut self.text, cell);
        }
        self.text.extend(std::iter::repeat_n(',', self.width.saturating_sub(self.row.len())));
        self.text.push('\n');
        self.row.clear();
        self.row_bytes = 0;
        self.written = self.at + 1;
        self.rows += 1;
        if (self.is_hidden)(self.at) {
            let number = self.at + 1;
            let (_, rows) = self.hidden.get_or_insert((number, Rows { count: 0, last: number }));
            *rows = Rows { count: rows.count + 1, last: number };
        }
        if self.text.len() > self.most { Err(Finding::file(Code::FileTooLarge)) } else { Ok(()) }
    }

    /// Returns the sheet once all its cells have come.
    ///
    /// # Errors
    ///
    /// Where there is too much.
    pub(super) fn finish(mut self, name: String, visible: bool) -> Result<SheetTable, Finding> {
        self.end_row()?;
        let merged = self.merged.note();
        Ok(SheetTable { name, visible, csv: self.text.into_bytes(), rows: self.rows, hidden: self.hidden, merged })
    }
}

/// Writes a cell as CSV has it.
fn write(text: &mut String, cell: &str) {
    if cell.contains([',', '"', '\n', '\r', ';', '\t']) || cell.starts_with(' ') {
        text.push('"');
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(cell);
    }
}

impl SheetTable {
    /// Returns the notes of its hidden rows and its merged cells.
    pub(crate) fn notes(&self) -> impl Iterator<Item = Finding> {
        let hidden = self.hidden.map(|(first, rows)| Finding {
            rows: (rows.count > 1).then_some(rows),
            ..Finding::row(Code::RowHidden, first)
        });
        hidden.into_iter().chain(self.merged.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_far_away_and_a_row_of_very_much_are_too_large() {
        let code = |result: Result<(), Finding>| result.map_err(|finding| finding.code);
        for (row, column) in [(0, MOST_COLUMNS), (MOST_ROWS, 0), (u32::MAX, u32::MAX)] {
            let mut writer = SheetWriter::after(&[], |_| false);
            assert_eq!(code(writer.cell(row, column, "1".to_owned())), Err(Code::FileTooLarge), "{row} {column}");
        }
        let mut writer = SheetWriter::after(&[], |_| false);
        let quarter = "x".repeat(MAX_BYTES / 4);
        let results: Vec<_> = (0..5).map(|column| code(writer.cell(0, column, quarter.clone()))).collect();
        assert_eq!(results.iter().position(Result::is_err), Some(3), "the mark at the beginning counts, too");
    }

    #[test]
    fn the_sheets_of_a_workbook_have_no_more_than_a_file_together() {
        let mut writer = SheetWriter::after(&[], |_| false);
        writer.cell(0, 0, "x".repeat(MAX_BYTES / 2)).expect("half a file");
        let first = writer.finish("First".to_owned(), true).expect("a sheet");
        let mut writer = SheetWriter::after(&[first], |_| false);
        assert!(writer.cell(0, 0, "x".repeat(MAX_BYTES / 2)).is_err());
        assert!(writer.cell(0, 0, "x".to_owned()).is_err(), "what is too much stays too much");
    }
}
