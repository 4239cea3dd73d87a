//! Where a file has its headers and its rows, and what stands between its cells.

use std::ops::Range;

use crate::file::reading::Reading;
use crate::model::Column;

use super::mapped::ProfileFit;
use super::records::{DELIMITERS, Records, TooLong};
use super::{cell, header, mapped};

mod footer;
mod person;

/// How many of them a strict format allows.
const STRICT: usize = 3;
/// In how many rows headers are looked for, and how much text they may have together.
const ROWS_ABOVE: usize = 50;
const BYTES_ABOVE: usize = 256 * 1024;
/// How many headers a row below the first must have, or a row between unusual delimiters.
const ENOUGH: usize = 3;

/// How a file is laid out. All places are those of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub delimiter: u8,
    /// The headers as written.
    pub header: Vec<String>,
    /// Where each of them stands, quotation marks and all.
    pub header_cells: Vec<Range<usize>>,
    /// The number of their row.
    pub row: u32,
    /// Where the rows below start and end.
    pub rows: Range<usize>,
    /// The rows above the headers that are not blank, with their numbers.
    pub above: Vec<(u32, Range<usize>)>,
    /// One of them looks like a person.
    pub person_above: bool,
    /// How many lines below the last row are no rows.
    pub below: u32,
    /// Bytes that no text has stand after the last row.
    pub filled_up: bool,
}

impl Layout {
    /// Looks for the headers.
    ///
    /// `None` where every row is blank.
    pub fn find(text: &str, reading: &Reading) -> Result<Option<Layout>, TooLong> {
        let lenient = !reading.settings.strict_format;
        let (end, filled_up) = if lenient { end_of_text(text) } else { (text.len(), false) };
        let written = &text[..end];
        let found = match told(written) {
            Some((start, delimiter)) => {
                let found = headers(written, start, delimiter, reading)?;
                // The line is of the spreadsheet, and the lines below may still stand in one cell each.
                let few = found.as_ref().is_some_and(|layout| known(&layout.header, reading) < ENOUGH);
                let other = if lenient && few { best(written, start, reading)? } else { None };
                other.filter(|layout| known(&layout.header, reading) >= ENOUGH).or(found)
            }
            None => best(written, 0, reading)?,
        };
        let Some(mut layout) = found else { return Ok(None) };
        layout.filled_up = filled_up;
        if lenient && !reading.only_rows {
            let (end, lines) = footer::start(written, &layout, &columns(&layout.header, reading));
            (layout.rows.end, layout.below) = (end, lines);
        }
        Ok(Some(layout))
    }
}

/// Returns where the text ends that somebody wrote, and whether a host system filled the file up after it: with the
/// mark of DOS for the end of a file, zeros or form feeds.
fn end_of_text(text: &str) -> (usize, bool) {
    let filling = |c: char| matches!(c, '\u{1a}' | '\0' | '\u{c}');
    let nothing = |c: char| filling(c) || c.is_whitespace() || c == char::REPLACEMENT_CHARACTER;
    let written = text.trim_end_matches(nothing).len();
    match text[written..].find(filling) {
        // Half a character that was cut off is no filling.
        Some(place) if !text[written..written + place].contains(char::REPLACEMENT_CHARACTER) => (written + place, true),
        _ => (text.len(), false),
    }
}

/// Returns the delimiter that the first line names for Excel, and where the line after it starts.
fn told(text: &str) -> Option<(usize, u8)> {
    let line = text.split(['\r', '\n']).next()?;
    let told = line.trim_matches([' ', '"']);
    let (sep, delimiter) = told.split_at_checked(4)?;
    let &[delimiter] = delimiter.as_bytes() else { return None };
    if !sep.eq_ignore_ascii_case("sep=") || !(delimiter.is_ascii_punctuation() || delimiter == b'\t') {
        return None;
    }
    let rest = &text[line.len()..];
    let line_break = if rest.starts_with("\r\n") { 2 } else { rest.len().min(1) };
    Some((line.len() + line_break, delimiter))
}

/// Returns the layout with the delimiter that shows most headers.
fn best(text: &str, start: usize, reading: &Reading) -> Result<Option<Layout>, TooLong> {
    let lenient = !reading.settings.strict_format;
    let mut best: Option<((usize, usize), Layout)> = None;
    for (i, delimiter) in DELIMITERS.into_iter().enumerate().take(if lenient { DELIMITERS.len() } else { STRICT }) {
        let layout = match headers(text, start, delimiter, reading) {
            Err(_) if i >= STRICT => continue,
            found => found?,
        };
        let Some(layout) = layout else { return Ok(None) };
        let fits = (known(&layout.header, reading), layout.header.len());
        let better = best.as_ref().is_none_or(|(before, _)| fits > *before);
        if better && (i < STRICT || fits.0 >= ENOUGH) {
            best = Some((fits, layout));
        }
    }
    Ok(best.map(|(_, layout)| layout))
}

/// Returns the layout with the headers in the first row that is not blank; or, where the format need not be strict, in
/// one below that has more of them.
fn headers(text: &str, start: usize, delimiter: u8, reading: &Reading) -> Result<Option<Layout>, TooLong> {
    let lenient = !reading.settings.strict_format;
    let mut records = Records::new(&text[start..], delimiter, None, lenient);
    let mut rows: Vec<LeadingRow> = Vec::new();
    let mut best = 0;
    while let Some(record) = records.next() {
        let record = match record {
            Err(_) if !rows.is_empty() => break,
            record => record?,
        };
        let cells: Vec<String> = record.cells.iter().map(|c| String::from_utf8_lossy(c).into_owned()).collect();
        let spans = record.cells.spans.iter().map(|span| start + span.start..start + span.end).collect();
        let number = record.number;
        let end = start + records.place().0;
        if cells.iter().all(|cell| cell::trim(cell).is_empty()) {
            continue;
        }
        let named = header::named(&cells).max(mapped::named(&cells, reading));
        let row = LeadingRow { named, cells, spans, number, end };
        if rows.is_empty() || (row.named >= ENOUGH && row.named > rows[best].named) {
            best = rows.len();
        }
        rows.push(row);
        if !lenient || rows.len() > ROWS_ABOVE || end > start + BYTES_ABOVE {
            break;
        }
    }
    if rows.is_empty() {
        return Ok(None);
    }
    rows.truncate(best + 1);
    let Some(LeadingRow { cells: header, spans, number, end, .. }) = rows.pop() else { return Ok(None) };
    let columns = if rows.is_empty() { Vec::new() } else { columns(&header, reading) };
    let person_above = rows.iter().any(|row| !row.is_title(&columns));
    let whole = |row: &LeadingRow| row.spans.first().map_or(0, |s| s.start)..row.spans.last().map_or(0, |s| s.end);
    Ok(Some(Layout {
        delimiter,
        header,
        header_cells: spans,
        row: number,
        rows: end..text.len(),
        above: rows.iter().map(|row| (row.number, whole(row))).collect(),
        person_above,
        below: 0,
        filled_up: false,
    }))
}

/// Returns how many of the cells are headers, of ours or of a profile.
fn known(cells: &[String], reading: &Reading) -> usize {
    header::known(cells).max(mapped::named(cells, reading))
}

/// Returns the columns of these headers.
fn columns(headers: &[String], reading: &Reading) -> Vec<Option<Column>> {
    if let ProfileFit::Reads(mapping) = mapped::fit(headers, reading) {
        return mapping.places.iter().map(|place| place.column()).collect();
    }
    match header::understand(headers) {
        Ok(understood) => understood.places.iter().map(|place| place.column()).collect(),
        Err(_) => headers.iter().map(|header| Column::from_header(cell::trim(header))).collect(),
    }
}

/// A row at the start of a file.
struct LeadingRow {
    cells: Vec<String>,
    spans: Vec<Range<usize>>,
    number: u32,
    /// Where the text goes on after it.
    end: usize,
    /// How many of its cells are names of columns.
    named: usize,
}

impl LeadingRow {
    /// Returns whether the row can be a title above headers, not a person. It is headers itself, or few of its cells
    /// have anything, however many columns of others the file has, and nothing of it is a person's.
    fn is_title(&self, columns: &[Option<Column>]) -> bool {
        let pieces = person::pieces(&self.cells);
        let few = pieces.len() <= 3 || pieces.len() * 2 <= columns.iter().flatten().count();
        // A sheet may be called Teachers, or by somebody's address.
        let told = pieces.len() > 1 && pieces.iter().any(|piece| person::is_persons(piece));
        let count = |is: fn(&str) -> bool| pieces.iter().filter(|piece| is(piece)).count();
        // First and last name, and the IDs of the person and the school.
        let named = count(person::is_name) >= 2 && count(footer::is_id) >= 2;
        self.named >= ENOUGH || (few && !told && !named && !self.has_id_beside_name(columns))
    }

    fn has_id_beside_name(&self, columns: &[Option<Column>]) -> bool {
        let has = |wanted: Column, is: fn(&str) -> bool| {
            let mut cells = columns.iter().zip(&self.cells);
            cells.any(|(column, text)| *column == Some(wanted) && is(cell::value(text)))
        };
        let named = [Column::FirstName, Column::LastName].into_iter().any(|column| has(column, person::is_name));
        named && has(Column::CustomId, footer::is_id)
    }
}
