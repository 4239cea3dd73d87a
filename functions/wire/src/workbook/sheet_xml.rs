//! What the XML of a sheet says besides the values of its cells.

use std::collections::HashSet;
use std::io::Read;

use quick_xml::events::{BytesStart, Event};

use super::xml::{attribute, each_event};

/// What the XML of a sheet says besides the values of its cells. Rows and columns count from zero.
#[derive(Debug, Default)]
pub(super) struct SheetXml {
    /// The hidden rows.
    pub hidden: HashSet<u32>,
    /// The cells with a formula whose value the program that wrote them did not keep, by row and column.
    pub uncalculated: HashSet<(u32, u32)>,
    /// The cells that are merged with others, as their first and their last place.
    pub merged: Vec<MergedArea>,
    next_row: u32,
    cell: OpenCell,
}

/// Cells that are merged.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MergedArea {
    pub row: u32,
    pub column: u32,
    pub last_row: u32,
}

/// The cell that is being read.
#[derive(Debug, Default)]
struct OpenCell {
    /// Where it stands, as `B7`.
    place: String,
    /// A formula has made a text of it, which may be empty.
    is_text: bool,
    has_formula: bool,
    in_value: bool,
    has_value: bool,
}

impl SheetXml {
    /// Reads a sheet as far as it can be read: the library says what is wrong with it.
    pub(super) fn read(content: &mut dyn Read) -> SheetXml {
        let mut sheet = SheetXml::default();
        each_event(content, |event| sheet.see(event));
        sheet
    }

    fn see(&mut self, event: &Event) {
        match event {
            Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
                "row" => self.row(element),
                "c" => self.cell.begin(element),
                "f" => self.cell.has_formula = true,
                "mergeCell" => self.merged.extend(attribute(element, "ref").and_then(|area| MergedArea::read(&area))),
                "v" | "is" => self.cell.in_value = matches!(event, Event::Start(_)),
                _ => {}
            },
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => self.cell.has_value |= self.cell.in_value,
            Event::End(element) => match element.local_name().as_ref() {
                "v" | "is" => self.cell.in_value = false,
                "c" => self.uncalculated.extend(self.cell.lacks_value()),
                _ => {}
            },
            _ => {}
        }
    }

    fn row(&mut self, element: &BytesStart) {
        let number = attribute(element, "r").and_then(|number| number.parse::<u32>().ok());
        let row = number.map_or(self.next_row, |number| number.saturating_sub(1));
        self.next_row = row + 1;
        if attribute(element, "hidden").is_some_and(|hidden| matches!(&*hidden, "1" | "true")) {
            self.hidden.insert(row);
        }
    }
}

impl OpenCell {
    /// Begins a cell. Sheets have millions of them, so that no memory is taken for each.
    fn begin(&mut self, element: &BytesStart) {
        self.place.clear();
        (self.is_text, self.has_formula, self.in_value, self.has_value) = (false, false, false, false);
        for attribute in element.attributes().flatten() {
            match attribute.key.local_name().as_ref() {
                "r" => self.place.push_str(&attribute.value),
                "t" => self.is_text = &*attribute.value == "str",
                _ => {}
            }
        }
    }

    /// Returns where the cell stands, if it has a formula and no value.
    fn lacks_value(&self) -> Option<(u32, u32)> {
        let lacks = self.has_formula && !self.has_value && !self.is_text;
        lacks.then(|| position(&self.place)).flatten()
    }
}

impl MergedArea {
    /// Reads an area like `B7:C9`.
    fn read(area: &str) -> Option<MergedArea> {
        let (first, last) = area.split_once(':')?;
        let ((row, column), (last_row, _)) = (position(first)?, position(last)?);
        Some(MergedArea { row, column, last_row })
    }
}

/// Returns row and column of a place like `B7`.
fn position(place: &str) -> Option<(u32, u32)> {
    let digits = place.find(|c: char| c.is_ascii_digit())?;
    let (letters, number) = place.split_at(digits);
    let mut column: u32 = 0;
    for letter in letters.bytes() {
        let value = u32::from(letter.to_ascii_uppercase().checked_sub(b'A').filter(|value| *value < 26)?);
        column = column.checked_mul(26)?.checked_add(value + 1)?;
    }
    Some((number.parse::<u32>().ok()?.checked_sub(1)?, column.checked_sub(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_without_a_value_are_found() {
        let sheet = r#"<worksheet><sheetData><row r="2" hidden="1"><c r="A2"><f>B2</f><v></v></c><c r="B2"><f>1</f><v>1</v></c>
            <c r="C2" t="str"><f>""</f><v></v></c><c r="D2"/><c r="AA2"><f>B2</f><v/></c><c r="E2"><f>B2</f></c></row>
            </sheetData></worksheet>"#;
        let read = SheetXml::read(&mut sheet.as_bytes());
        assert_eq!(read.uncalculated, HashSet::from([(1, 0), (1, 26), (1, 4)]));
        assert_eq!(read.hidden, HashSet::from([1]));
    }

    #[test]
    fn merged_cells_are_found() {
        let sheet = r#"<worksheet><sheetData/><mergeCells count="3"><mergeCell ref="A1:F1"/><x:mergeCell ref="B2:B9"/>
            <mergeCell ref="C"/></mergeCells></worksheet>"#;
        let merged = SheetXml::read(&mut sheet.as_bytes()).merged;
        let area = |row, column, last_row| MergedArea { row, column, last_row };
        assert_eq!(merged, [area(0, 0, 0), area(1, 1, 8)]);
    }

    #[test]
    fn a_place_that_is_none_is_passed_over() {
        assert_eq!((position("B7"), position("AA1")), (Some((6, 1)), Some((0, 26))));
        for none in ["", "7", "B", "B0", "\u{e4}1", "ZZZZZZZZ1"] {
            assert_eq!(position(none), None, "{none}");
        }
    }
}
