//! Cuts text into rows and cells, and knows where in the text each of them stands.

use std::ops::Range;

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

/// The delimiters that are looked for; the first wins where all fit equally.
pub(crate) const DELIMITERS: [u8; 6] = [b',', b';', b'\t', b'|', b'^', b'~'];
/// The longest row that is read, in bytes.
pub(crate) const MAX_ROW_BYTES: usize = 1024 * 1024;

/// Rows of fewer cells than this can't be told from a cell with some delimiters in it.
const FEWEST_COLUMNS: usize = 6;

/// The rows of a text, one after the other.
///
/// The text is bytes in which delimiters, quotation marks and line breaks are those of ASCII. Time grows with the
/// length of the text, whatever is in it, and memory with the longest row.
///
/// A quotation mark that is never closed, or closed in the middle of a cell, would take other people's rows for a
/// part of its cell. So would one that another row's stray mark happens to close where a cell ends: its cell goes over
/// several lines and holds as many delimiters as a row, or nearly as many where that row lacks cells. The row is to
/// blame, not they: such a row ends with its line, and the marks in the rest of the line mean nothing. A cell that
/// somebody meant like this, with half a row of delimiters in it, is rejected with its row: the other mistake would
/// remove a user in silence.
///
/// Unless the format is strict, spaces before a quotation mark do not count, and a row that stands as a whole in one
/// cell with quotation marks around it, as a spreadsheet saves text that it did not cut into cells, is what stands in
/// that cell.
pub(crate) struct Records<'t> {
    text: &'t [u8],
    at: usize,
    number: u32,
    quoting: Reader,
    plain: Reader,
    delimiter: u8,
    lenient: bool,
    /// How many cells a row should have, where that is known and enough to tell a row by.
    columns: Option<usize>,
    /// How many bytes may still be read again after a quotation that ran on.
    second_readings: usize,
    cells: Cells,
    /// The cells of a row in one cell.
    inner: Cells,
}

/// A row that was read.
pub(crate) struct Record<'r> {
    /// As a spreadsheet numbers it.
    pub number: u32,
    pub cells: &'r Cells,
    /// The first cell whose quotation marks do not fit: never closed, closed before the cell's end, one too many in a
    /// cell that has none around it, or around what was another row.
    pub broken: Option<usize>,
    /// A quotation went on past the end of its line, so rows may have been lost.
    pub ran_on: bool,
    /// The row ends in a line break, not with the file.
    pub ended: bool,
    /// There are spaces before a quotation mark.
    pub spaced: bool,
    /// The row stood in one cell.
    pub in_one_cell: bool,
}

/// A row is longer than [`MAX_ROW_BYTES`] (or one of very many with quotations that run on); nothing below it can be
/// read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong {
    pub number: u32,
}

impl Record<'_> {
    /// Returns from which cell on the row may hold secrets; `None` where the cells are in their columns. Secrets belong
    /// under `secret` and columns right of it, and the row should have `columns` cells.
    ///
    /// In a row with cells too many, a secret can have slipped to the right by any number of places; in one with
    /// cells too few, to the left by as many as are missing. From a quotation mark that does not fit nothing is
    /// certain.
    pub fn doubtful(&self, columns: usize, secret: usize) -> Option<usize> {
        let missing = columns.saturating_sub(self.cells.len());
        let slipped = (self.cells.len() != columns).then(|| secret.saturating_sub(missing));
        slipped.into_iter().chain(self.broken).min()
    }
}

impl<'t> Records<'t> {
    /// Begins at the start of a text. `columns` is how many cells a row should have; `None` where that is not known
    /// yet.
    pub fn new(text: &'t str, delimiter: u8, columns: Option<usize>, lenient: bool) -> Records<'t> {
        let reader = |quoting| ReaderBuilder::new().delimiter(delimiter).quoting(quoting).build();
        Records {
            text: text.as_bytes(),
            at: 0,
            number: 0,
            quoting: reader(true),
            plain: reader(false),
            delimiter,
            lenient,
            columns: columns.filter(|&columns| columns >= FEWEST_COLUMNS),
            second_readings: text.len().saturating_mul(4),
            cells: Cells::within(text.len()),
            inner: Cells::within(if lenient { text.len() } else { 0 }),
        }
    }

    /// Goes on with the rows from the place `at` of the text on; the last row before has this number.
    pub fn from(self, at: usize, number: u32) -> Records<'t> {
        Records { at, number, ..self }
    }

    /// Returns where the text goes on after the last row, and the number of that row.
    pub fn place(&self) -> (usize, u32) {
        (self.at, self.number)
    }

    /// Passes over empty lines. Returns where the next row starts, and its number.
    pub fn skip_blank_lines(&mut self) -> (usize, u32) {
        while let Some(after) = after_line_break(self.text, self.at) {
            self.at = after;
            self.number += 1;
        }
        (self.at, self.number + 1)
    }

    /// Goes on after the row with this number, whose line break is at `end`.
    pub fn go_on_after(&mut self, number: u32, end: usize) {
        self.number = number;
        self.at = after_line_break(self.text, end).unwrap_or(end);
    }

    /// Goes back to the row with this number, which starts at `at`.
    pub fn go_to(&mut self, number: u32, at: usize) {
        (self.number, self.at) = (number - 1, at);
    }

    /// Reads the next row that is not an empty line.
    pub fn next(&mut self) -> Option<Result<Record<'_>, TooLong>> {
        self.skip_blank_lines();
        if self.at == self.text.len() {
            return None;
        }
        self.number += 1;
        Some(self.read())
    }

    fn read(&mut self) -> Result<Record<'_>, TooLong> {
        let (text, cells, number) = (self.text, &mut self.cells, self.number);
        let limit = text.len().min(self.at + MAX_ROW_BYTES);
        let lenient = self.lenient.then_some(self.delimiter);
        cells.clear();
        let mut end = cells.read(&mut self.quoting, text, self.at..limit, lenient);
        let quotations = text[self.at..end].contains(&b'"');
        let (delimiter, columns) = (self.delimiter, self.columns.unwrap_or(usize::MAX));
        // Where the mark is closed further to the left than it was opened, some of the delimiters stand outside.
        let surplus = cells.len().saturating_sub(columns);
        let swallows = |raw: &[u8]| {
            let inside = raw.iter().filter(|&&b| b == delimiter).count();
            inside + surplus >= columns / 2 && line_break(raw).is_some()
        };
        let fit =
            |raw: &[u8]| quotation(&raw[lenient.map_or(0, |delimiter| spaces_before_quotation(raw, delimiter))..]);
        let mut broken = cells.first(text, |raw| quotations && (fit(raw) != Quotation::Fits || swallows(raw)));
        let ran_on = cells.first(text, |raw| match fit(raw) {
            _ if !quotations => false,
            Quotation::Stray => false,
            Quotation::Fits => swallows(raw),
            Quotation::Open => true,
            Quotation::ClosedEarly => line_break(raw).is_some(),
        });
        if let Some(cell) = ran_on {
            self.second_readings = self.second_readings.checked_sub(end - self.at).ok_or(TooLong { number })?;
            let from = cells.spans[cell].start;
            let line = line_break(&text[from..end]).map_or(end, |i| from + i);
            cells.truncate(cell);
            end = cells.read(&mut self.plain, text, from..line, None);
        }
        let mut in_one_cell = false;
        let filled = |cells: &Cells| cells.len() == 1 && ran_on.is_none() && is_filled(&text[cells.spans[0].clone()]);
        let fits = lenient.is_some() && quotations && (broken.is_none() || filled(cells));
        if fits && cells.are_one(self.delimiter) {
            let fewest = self.columns.map_or(2, |columns| columns / 2);
            if let Some(quotations) = cells.take_apart(&mut self.inner, &mut self.quoting, text, fewest) {
                in_one_cell = true;
                broken = quotations.broken;
            }
        }
        let after = after_line_break(text, end);
        if after.is_none() && end < text.len() {
            return Err(TooLong { number });
        }
        self.at = after.unwrap_or(end);
        let (ran_on, ended) = (ran_on.is_some(), after.is_some());
        Ok(Record { number, spaced: cells.spaced, cells, broken, ran_on, ended, in_one_cell })
    }
}

/// The cells of a row.
pub(crate) struct Cells {
    /// All of them, one after the other, without the quotation marks around them.
    text: Vec<u8>,
    /// Where in `text` each cell ends.
    ends: Vec<usize>,
    /// Where in the text each cell stands, quotation marks and all.
    pub spans: Vec<Range<usize>>,
    spaced: bool,
}

impl Cells {
    /// Makes room for the cells of one row of a text that has `bytes` bytes.
    fn within(bytes: usize) -> Cells {
        let text = vec![0; MAX_ROW_BYTES.min(bytes) + 1];
        Cells { text, ends: Vec::new(), spans: Vec::new(), spaced: false }
    }

    /// Returns how many cells the row has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns the cells from left to right, without the quotation marks around them.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.text[start..end])
    }

    /// Returns how many bytes all cells have together.
    pub fn bytes(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    fn first(&self, text: &[u8], is: impl Fn(&[u8]) -> bool) -> Option<usize> {
        self.spans.iter().position(|span| is(&text[span.clone()]))
    }

    fn clear(&mut self) {
        self.truncate(0);
        self.spaced = false;
    }

    /// Returns whether the first cell has delimiters in it, and no other has anything.
    fn are_one(&self, delimiter: u8) -> bool {
        let mut cells = self.iter();
        cells.next().is_some_and(|first| first.contains(&delimiter)) && cells.all(|cell| cell.trim_ascii().is_empty())
    }

    /// Makes cells of what stands in the first one; `None` where they were fewer than `fewest`.
    fn take_apart(
        &mut self,
        inner: &mut Cells,
        reader: &mut Reader,
        text: &[u8],
        fewest: usize,
    ) -> Option<InnerQuotations> {
        let raw = self.spans[0].clone();
        let marks = text[raw.clone()].iter().position(|&b| b == b'"')?;
        let after = text[raw.clone()].iter().rev().position(|&b| b == b'"')?;
        let line = &self.text[..self.ends[0] - after];
        inner.clear();
        let end = inner.read(reader, line, 0..line.len(), None);
        if end != line.len() || inner.len() < fewest {
            return None;
        }
        let broken = inner.first(line, |cell| quotation(cell) != Quotation::Fits);
        // In the text every quotation mark of the line is written twice.
        let (mut at, mut seen) = (raw.start + marks + 1, 0);
        let mut place = |offset: usize| {
            while seen < offset {
                at += if text[at] == b'"' { 2 } else { 1 };
                seen += 1;
            }
            at
        };
        for span in &mut inner.spans {
            *span = place(span.start)..place(span.end);
        }
        inner.spaced |= self.spaced;
        std::mem::swap(self, inner);
        Some(InnerQuotations { broken })
    }

    fn truncate(&mut self, cells: usize) {
        self.ends.truncate(cells);
        self.spans.truncate(cells);
    }

    /// Adds the cells of the row that starts where `within` does, and says where the row ends: at its line break, or
    /// where `within` does. Where a delimiter is given, spaces before a quotation mark are passed over.
    fn read(&mut self, reader: &mut Reader, text: &[u8], within: Range<usize>, lenient: Option<u8>) -> usize {
        reader.reset();
        let mut used = self.bytes();
        let mut start = within.start;
        let spaces =
            |at: usize| lenient.map_or(0, |delimiter| spaces_before_quotation(&text[at..within.end], delimiter));
        let mut at = within.start + spaces(within.start);
        self.spaced |= at > within.start;
        loop {
            let input = &text[at..within.end];
            let (result, read, written) = reader.read_field(input, &mut self.text[used..]);
            at += read;
            used += written;
            match result {
                ReadFieldResult::InputEmpty => continue,
                ReadFieldResult::Field { record_end } => {
                    // What ended the cell is one byte, except at the end of the input, where nothing did.
                    let end = if input.is_empty() { at } else { at - 1 };
                    self.ends.push(used);
                    self.spans.push(start..end);
                    start = at;
                    if record_end {
                        return end;
                    }
                    at += spaces(at);
                    self.spaced |= at > start;
                }
                // The buffer is longer than a row may be, so it never gets full.
                ReadFieldResult::End | ReadFieldResult::OutputFull => return at,
            }
        }
    }
}

/// How the quotation marks of cells fit that stood in one.
struct InnerQuotations {
    /// The first of the cells whose quotation marks don't fit.
    broken: Option<usize>,
}

/// How the quotation marks of a cell fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quotation {
    /// There is none around the cell, or it is closed where the cell ends.
    Fits,
    Open,
    ClosedEarly,
    /// One in a cell that has none around it, where they mean nothing and come in pairs.
    Stray,
}

/// Returns whether a cell stands in quotation marks and behind them nothing but delimiters of another kind: a
/// spreadsheet fills a line that it did not cut up to the others with its own.
fn is_filled(cell: &[u8]) -> bool {
    let end = cell.iter().rposition(|&b| b == b'"').map_or(0, |mark| mark + 1);
    let (quoted, rest) = cell.split_at(end);
    quotation(quoted) == Quotation::Fits
        && quoted.starts_with(b"\"")
        && rest.iter().all(|b| matches!(b, b';' | b',' | b'\t' | b'|' | b' '))
}

fn quotation(cell: &[u8]) -> Quotation {
    let cell = cell.strip_prefix(b"\xef\xbb\xbf").unwrap_or(cell);
    let Some(mut rest) = cell.strip_prefix(b"\"") else {
        let odd = cell.iter().filter(|&&b| b == b'"').count() % 2 == 1;
        return if odd { Quotation::Stray } else { Quotation::Fits };
    };
    loop {
        let Some(mark) = rest.iter().position(|&b| b == b'"') else { return Quotation::Open };
        rest = &rest[mark + 1..];
        match rest.strip_prefix(b"\"") {
            Some(after_double) => rest = after_double,
            None if rest.trim_ascii().is_empty() => return Quotation::Fits,
            None => return Quotation::ClosedEarly,
        }
    }
}

/// Returns how many bytes of spaces stand before a quotation mark at the start of the text; zero where there is none.
fn spaces_before_quotation(text: &[u8], delimiter: u8) -> usize {
    let mut rest = text;
    loop {
        rest = match rest {
            [b'"', ..] => return text.len() - rest.len(),
            [space @ (b' ' | b'\t'), rest @ ..] if *space != delimiter => rest,
            [0xc2, 0xa0, rest @ ..] | [0xef, 0xbb, 0xbf, rest @ ..] => rest,
            _ => return 0,
        };
    }
}

fn line_break(text: &[u8]) -> Option<usize> {
    text.iter().position(|b| matches!(b, b'\r' | b'\n'))
}

/// Returns where the text goes on after the line break at `at`, if there is one.
fn after_line_break(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at..)? {
        [b'\r', b'\n', ..] => Some(at + 2),
        [b'\r' | b'\n', ..] => Some(at + 1),
        _ => None,
    }
}
