//! What the records of an old workbook say that its library leaves out: hidden rows, formats, and how far its cells reach.

use std::collections::{HashMap, HashSet};
use std::io::{Cursor, Read};

use cfb::CompoundFile;
use roster::{Code, Finding};

use super::container::unreadable;
use super::values::NumberFormatPattern;

/// The most cells of the rectangles that hold the cells of the sheets. The library makes place for all of one, however
/// few of its cells are filled: a file of a few bytes can have a cell in each corner of many sheets.
const MOST_CELLS: u64 = 20_000_000;

/// What is known of a sheet.
#[derive(Default)]
pub(super) struct SheetFacts {
    /// Counted from zero, as are the places of cells.
    pub(super) hidden: HashSet<u32>,
    /// The formats of numbers that show more than the number has.
    formats: HashMap<(u32, u32), usize>,
    patterns: Vec<Option<NumberFormatPattern>>,
}

impl SheetFacts {
    pub(super) fn format(&self, row: u32, column: u32) -> Option<&NumberFormatPattern> {
        self.patterns.get(*self.formats.get(&(row, column))?)?.as_ref()
    }
}

/// Returns what is known of each sheet, in their order. Records that can't be read say nothing: the library says what is
/// wrong with them.
///
/// # Errors
///
/// Where the cells reach too far, or the records can't be found, so that nobody knows how far they reach.
pub(super) fn facts(bytes: &[u8]) -> Result<Vec<SheetFacts>, Finding> {
    let stream = stream(bytes).ok_or_else(|| unreadable("it is damaged"))?;
    let (mut starts, mut codes, mut styles) = (Vec::new(), HashMap::new(), Vec::new());
    for (kind, data) in records(&stream) {
        match kind {
            BOUND_SHEET => starts.extend(number(data, 0, 4)),
            FORMAT => codes.extend(number(data, 0, 2).zip(text(&data[2.min(data.len())..]))),
            STYLE => styles.push(number(data, 2, 2).unwrap_or(0)),
            END => break,
            _ => {}
        }
    }
    let pattern = |format: &usize| codes.get(format).and_then(|code: &String| NumberFormatPattern::read(code));
    let patterns: Vec<Option<NumberFormatPattern>> = styles.iter().map(pattern).collect();
    let (mut sheets, mut left) = (Vec::new(), MOST_CELLS);
    for start in starts {
        let mut sheet = SheetRecords::new(&patterns);
        for (kind, data) in of_sheet(stream.get(start..).unwrap_or_default()) {
            sheet.look(kind, data);
        }
        left = left.checked_sub(sheet.cells()).ok_or_else(|| Finding::file(Code::FileTooLarge))?;
        sheets.push(sheet.facts);
    }
    Ok(sheets)
}

/// What the records of one sheet say.
struct SheetRecords {
    facts: SheetFacts,
    /// From the first row that has a cell to behind the last one.
    rows: (u64, u64),
    columns: (u64, u64),
    /// For how many cells the sheet asks to make place.
    announced: u64,
}

impl SheetRecords {
    fn new(patterns: &[Option<NumberFormatPattern>]) -> SheetRecords {
        let facts = SheetFacts { patterns: patterns.to_vec(), ..SheetFacts::default() };
        SheetRecords { facts, rows: (u64::MAX, 0), columns: (u64::MAX, 0), announced: 0 }
    }

    /// Returns for how many cells place is made.
    fn cells(&self) -> u64 {
        let length = |(from, to): (u64, u64)| to.saturating_sub(from);
        self.announced.max(length(self.rows) * length(self.columns))
    }

    fn look(&mut self, kind: usize, data: &[u8]) {
        let (Some(row), Some(column)) = (number(data, 0, 2), number(data, 2, 2)) else { return };
        let styled: Vec<(usize, usize)> = match kind {
            DIMENSIONS => {
                self.announced = self.announced.max(announced(data));
                return;
            }
            ROW => {
                if number(data, 12, 1).is_some_and(|flags| flags & 0x20 != 0) {
                    self.facts.hidden.insert(row as u32);
                }
                return;
            }
            NUMBERS => {
                let cells = data[4..].chunks_exact(6).enumerate();
                cells.filter_map(|(place, cell)| Some((column + place, number(cell, 0, 2)?))).collect()
            }
            NUMBER | SMALL_NUMBER | FORMULA | LABEL | RICH_LABEL | SHARED_LABEL | OTHER => {
                number(data, 4, 2).map(|style| (column, style)).into_iter().collect()
            }
            _ => return,
        };
        let last = styled.last().map_or(column, |(column, _)| *column) as u64;
        self.rows = (self.rows.0.min(row as u64), self.rows.1.max(row as u64 + 1));
        self.columns = (self.columns.0.min(column as u64), self.columns.1.max(last + 1));
        let SheetFacts { formats, patterns, .. } = &mut self.facts;
        let padded = styled.into_iter().filter(|(_, style)| matches!(patterns.get(*style), Some(Some(_))));
        formats.extend(padded.map(|(column, style)| ((row as u32, column as u32), style)));
    }
}

/// Returns how many cells a sheet says that it has: rows from the first to the last, and columns.
fn announced(data: &[u8]) -> u64 {
    let wide = if data.len() == 10 { 2 } else { 4 };
    let length = |at: usize, bytes: usize| {
        let (from, to) = (number(data, at, bytes).unwrap_or(0), number(data, at + bytes, bytes).unwrap_or(0));
        (to as u64).saturating_sub(from as u64) + 1
    };
    length(0, wide).saturating_mul(length(2 * wide, 2))
}

/// Returns the records of the sheet that begins here, without those of the charts in it.
fn of_sheet(stream: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut depth = 0;
    let own = records(stream).scan((), move |(), (kind, data)| {
        match kind {
            BEGIN => depth += 1,
            END if depth <= 1 => return None,
            END => depth -= 1,
            _ => {}
        }
        Some((depth <= 1).then_some((kind, data)))
    });
    own.flatten()
}

/// The beginning of a sheet, or of a chart within one.
const BEGIN: usize = 0x0809;
const END: usize = 0x000a;
/// How many rows and columns a sheet says that it has.
const DIMENSIONS: usize = 0x0200;
const BOUND_SHEET: usize = 0x0085;
const FORMAT: usize = 0x041e;
const STYLE: usize = 0x00e0;
const ROW: usize = 0x0208;
const NUMBER: usize = 0x0203;
const SMALL_NUMBER: usize = 0x027e;
const NUMBERS: usize = 0x00bd;
const FORMULA: usize = 0x0006;
const LABEL: usize = 0x0204;
/// A text with letters of several kinds.
const RICH_LABEL: usize = 0x00d6;
const SHARED_LABEL: usize = 0x00fd;
/// A truth or an error.
const OTHER: usize = 0x0205;

fn stream(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut file = CompoundFile::open(Cursor::new(bytes)).ok()?;
    let name = ["/Workbook", "/Book"].into_iter().find(|name| file.is_stream(name))?;
    let mut stream = Vec::new();
    // No stream is larger than its file, whatever it says.
    file.open_stream(name).ok()?.take(bytes.len() as u64).read_to_end(&mut stream).ok()?;
    Some(stream)
}

/// Returns the records with their kinds.
fn records(stream: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut rest = stream;
    std::iter::from_fn(move || {
        let (kind, length) = (number(rest, 0, 2)?, number(rest, 2, 2)?);
        let data = rest.get(4..4 + length)?;
        rest = &rest[4 + length..];
        Some((kind, data))
    })
}

/// Returns a number of up to four bytes, the lowest first.
fn number(data: &[u8], at: usize, bytes: usize) -> Option<usize> {
    Some(data.get(at..at + bytes)?.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}

/// Returns the text of a format, which has a byte or two for each letter.
fn text(data: &[u8]) -> Option<String> {
    let (letters, wide) = (number(data, 0, 2)?, number(data, 2, 1)? & 1 == 1);
    if wide {
        let units = data.get(3..3 + letters * 2)?.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
        return Some(char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect());
    }
    Some(data.get(3..3 + letters)?.iter().map(|byte| char::from(*byte)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: usize, data: &[u8]) -> Vec<u8> {
        let head = [(kind as u16).to_le_bytes(), (data.len() as u16).to_le_bytes()].concat();
        [&head, data].concat()
    }

    fn cells(records: &[Vec<u8>]) -> u64 {
        let stream = [record(BEGIN, &[0; 8]), records.concat(), record(END, &[])].concat();
        let mut sheet = SheetRecords::new(&[]);
        of_sheet(&stream).for_each(|(kind, data)| sheet.look(kind, data));
        sheet.cells()
    }

    #[test]
    fn place_is_counted_for_cells_of_every_kind() {
        let cell = |kind, row: u16, column: u16| {
            let place = [row.to_le_bytes(), column.to_le_bytes()].concat();
            record(kind, &[place, vec![0; 10]].concat())
        };
        for kind in [NUMBER, SMALL_NUMBER, FORMULA, LABEL, RICH_LABEL, SHARED_LABEL, OTHER] {
            assert_eq!(cells(&[cell(kind, 0, 0), cell(kind, 999, 9)]), 10_000, "{kind:x}");
        }
        let chart = [record(BEGIN, &[0; 8]), cell(NUMBER, 60_000, 200), record(END, &[])].concat();
        assert_eq!(cells(&[cell(NUMBER, 0, 0), chart, cell(NUMBER, 4, 4)]), 25, "those of a chart are not read");
        let dimensions = [&[0; 4], u32::MAX.to_le_bytes().as_slice(), &[0, 0, 255, 0, 0, 0]].concat();
        assert!(cells(&[record(DIMENSIONS, &dimensions)]) > MOST_CELLS);
        assert_eq!(cells(&[record(DIMENSIONS, &[0, 0, 9, 0, 0, 0, 4, 0, 0, 0])]), 50);
    }
}
