//! Cells that are merged over several rows, each of which shows what stands in the first one.

use std::collections::BTreeMap;

use roster::{Code, Finding, Rows};

/// The cells of a sheet that are merged over several rows. Rows and columns count from zero.
#[derive(Debug, Default)]
pub(super) struct MergedCells {
    /// Those whose first row has not come yet, by that row.
    coming: BTreeMap<u32, Vec<MergedCell>>,
    /// What stands in those that reach below the row that came last, by their column.
    open: BTreeMap<u32, OpenMergedCell>,
    /// The first row that got a value of a row above, counted from one, and how many there are.
    filled: Option<(u32, Rows)>,
}

#[derive(Debug)]
struct MergedCell {
    column: u32,
    last_row: u32,
}

#[derive(Debug)]
struct OpenMergedCell {
    last_row: u32,
    text: String,
}

impl MergedCells {
    /// Takes note of a cell that reaches down to a row. One that is as wide as several columns counts in its first column;
    /// one that is a single row high is none.
    pub(super) fn add(&mut self, row: u32, column: u32, last_row: u32) {
        if last_row > row {
            self.coming.entry(row).or_default().push(MergedCell { column, last_row });
        }
    }

    /// Fills in what a row shows of the cells above. Rows come from above to below.
    pub(super) fn fill(&mut self, row: u32, cells: &mut Vec<String>) {
        self.open.retain(|_, cell| cell.last_row >= row);
        let mut has_filled = false;
        for (column, above) in &self.open {
            let column = *column as usize;
            if cells.len() <= column {
                cells.resize(column + 1, String::new());
            }
            if cells[column].is_empty() {
                cells[column].clone_from(&above.text);
                has_filled = true;
            }
        }
        if has_filled {
            let number = row + 1;
            let (_, rows) = self.filled.get_or_insert((number, Rows { count: 0, last: number }));
            *rows = Rows { count: rows.count + 1, last: number };
        }
        let below = self.coming.split_off(&(row + 1));
        let begun = std::mem::replace(&mut self.coming, below).remove(&row);
        for MergedCell { column, last_row } in begun.into_iter().flatten() {
            if let Some(text) = cells.get(column as usize).filter(|text| !text.is_empty()) {
                self.open.insert(column, OpenMergedCell { last_row, text: text.clone() });
            }
        }
    }

    /// Returns the note of the rows that got a value of a row above.
    pub(super) fn note(&self) -> Option<Finding> {
        let (first, rows) = self.filled?;
        Some(Finding { rows: (rows.count > 1).then_some(rows), ..Finding::row(Code::CellMerged, first) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cells that are merged, as (row, column, last row), and what becomes of the rows.
    fn check(merged: &[(u32, u32, u32)], rows: &[(u32, &[&str])], expected: &[&[&str]], filled: Option<(u32, u32)>) {
        let mut cells = MergedCells::default();
        merged.iter().for_each(|(row, column, last)| cells.add(*row, *column, *last));
        let mut read = Vec::new();
        for (row, own) in rows {
            let mut own: Vec<String> = own.iter().map(|cell| (*cell).to_owned()).collect();
            cells.fill(*row, &mut own);
            read.push(own);
        }
        assert_eq!(read, expected, "{merged:?}");
        let note = cells.note().map(|note| (note.row.unwrap_or(0), note.rows.map_or(1, |rows| rows.count)));
        assert_eq!(note, filled, "{merged:?}");
    }

    #[test]
    fn each_row_of_a_merged_cell_shows_it() {
        let rows: [(u32, &[&str]); 4] =
            [(0, &["class", "name"]), (1, &["9A", "Ora"]), (2, &["", "Max"]), (3, &["", "Nia"])];
        check(&[(1, 0, 2)], &rows, &[&["class", "name"], &["9A", "Ora"], &["9A", "Max"], &["", "Nia"]], Some((3, 1)));
        check(&[(1, 0, 3)], &rows, &[&["class", "name"], &["9A", "Ora"], &["9A", "Max"], &["9A", "Nia"]], Some((3, 2)));
        check(&[(0, 0, 0)], &rows, &[rows[0].1, rows[1].1, rows[2].1, rows[3].1], None);
    }

    #[test]
    fn what_stands_below_is_not_written_over_and_an_empty_cell_fills_nothing() {
        check(&[(0, 0, 2)], &[(0, &["9A"]), (2, &["9B"])], &[&["9A"], &["9B"]], None);
        check(&[(0, 0, 2)], &[(0, &["", "a"]), (2, &["", "b"])], &[&["", "a"], &["", "b"]], None);
        check(&[(1, 1, 9)], &[(0, &["a"]), (2, &["b"])], &[&["a"], &["b"]], None);
    }

    #[test]
    fn a_cell_at_the_end_of_a_row_is_filled_as_well() {
        check(&[(0, 2, 1)], &[(0, &["a", "b", "c"]), (1, &["d"])], &[&["a", "b", "c"], &["d", "", "c"]], Some((2, 1)));
    }
}
