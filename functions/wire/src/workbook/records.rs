//! What the records of an old workbook say that its library leaves out: hidden rows, formats, and how far its cells reach.

use std::collections::{HashMap, HashSet};
use std::io::{Cursor, Read};

use cfb::CompoundFile;
use roster::{Code, Finding};

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
/// Where the cells reach too far.
pub(super) fn facts(bytes: &[u8]) -> Result<Vec<SheetFacts>, Finding> {
    let Some(stream) = stream(bytes) else { return Ok(Vec::new()) };
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
        let mut facts = SheetFacts { patterns: patterns.clone(), ..SheetFacts::default() };
        let (mut rows, mut columns) = ((u64::MAX, 0), (u64::MAX, 0));
        for (kind, data) in records(stream.get(start..).unwrap_or_default()) {
            let (Some(row), Some(column)) = (number(data, 0, 2), number(data, 2, 2)) else {
                if kind == END {
                    break;
                }
                continue;
            };
            let styled: Vec<(usize, usize)> = match kind {
                END => break,
                ROW => {
                    if number(data, 12, 1).is_some_and(|flags| flags & 0x20 != 0) {
                        facts.hidden.insert(row as u32);
                    }
                    continue;
                }
                NUMBERS => {
                    let cells = data[4..].chunks_exact(6).enumerate();
                    cells.filter_map(|(place, cell)| Some((column + place, number(cell, 0, 2)?))).collect()
                }
                NUMBER | SMALL_NUMBER | FORMULA | LABEL | SHARED_LABEL | OTHER => {
                    number(data, 4, 2).map(|style| (column, style)).into_iter().collect()
                }
                _ => continue,
            };
            let last = styled.last().map_or(column, |(column, _)| *column) as u64;
            rows = (rows.0.min(row as u64), rows.1.max(row as u64 + 1));
            columns = (columns.0.min(column as u64), columns.1.max(last + 1));
            let padded = styled.into_iter().filter(|(_, style)| matches!(patterns.get(*style), Some(Some(_))));
            facts.formats.extend(padded.map(|(column, style)| ((row as u32, column as u32), style)));
        }
        let cells = rows.1.saturating_sub(rows.0) * columns.1.saturating_sub(columns.0);
        left = left.checked_sub(cells).ok_or_else(|| Finding::file(Code::FileTooLarge))?;
        sheets.push(facts);
    }
    Ok(sheets)
}

const END: usize = 0x000a;
const BOUND_SHEET: usize = 0x0085;
const FORMAT: usize = 0x041e;
const STYLE: usize = 0x00e0;
const ROW: usize = 0x0208;
const NUMBER: usize = 0x0203;
const SMALL_NUMBER: usize = 0x027e;
const NUMBERS: usize = 0x00bd;
const FORMULA: usize = 0x0006;
const LABEL: usize = 0x0204;
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
