//! Cuts rows that are written as every program writes them, in one pass and without copying.
//!
//! Most rows of most files are such. Whatever is not is left to [`super::records`], which knows what people and
//! programs do to a file: a quotation mark that does not fit, a line break in a cell, a row that does not end.

use std::ops::Range;

use wide::u8x16;

use super::plain_cell::PlainCell;
use super::records::MAX_ROW_BYTES;

/// Cuts several rows at once, so that whoever looks them up can do so side by side.
#[derive(Debug)]
pub(crate) struct Cutter {
    delimiter: u8,
    rows: Vec<CutRow>,
    /// How many cells a row has.
    columns: usize,
    /// Room for the cells of all rows, which stays from one time to the next.
    spans: Vec<CellSpan>,
    /// Cells with quotation marks in them, which are written twice.
    unescaped: String,
}

/// A row that was cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CutRow {
    /// Where it starts.
    pub(crate) at: usize,
    /// Where its line break is.
    pub(crate) end: usize,
    /// Where the text goes on after that.
    pub(crate) next: usize,
    /// There are quotation marks around one of its cells.
    has_quotes: bool,
}

/// Where a cell stands, in eight bytes: there is one for every cell of a file.
#[derive(Debug, Clone, Copy, Default)]
struct CellSpan {
    from: u32,
    /// With [`CellSpan::UNESCAPED`], where the cell does not stand in the text.
    to: u32,
}

impl CellSpan {
    const UNESCAPED: u32 = 1 << 31;
    /// The longest text of whose cells it can be said where they stand.
    const MAX_BYTES: usize = CellSpan::UNESCAPED as usize - 1;

    /// Returns the cell between these places of the text.
    #[inline]
    fn new(from: usize, to: usize) -> CellSpan {
        CellSpan { from: from as u32, to: to as u32 }
    }

    /// Returns the cell between these places of what was written twice.
    fn unescaped(from: usize, to: usize) -> CellSpan {
        CellSpan { from: from as u32, to: to as u32 | CellSpan::UNESCAPED }
    }
}

impl Cutter {
    /// Returns what cuts rows at this delimiter.
    pub(crate) fn new(delimiter: u8) -> Cutter {
        Cutter { delimiter, rows: Vec::new(), columns: 0, spans: Vec::new(), unescaped: String::new() }
    }

    /// Cuts plain rows of so many `columns`, `most` of them, from `at` on; the first one that is not plain ends them.
    pub(crate) fn cut(&mut self, text: &str, mut at: usize, columns: usize, most: usize) {
        self.rows.clear();
        self.unescaped.clear();
        if text.len() > CellSpan::MAX_BYTES || columns == 0 {
            return;
        }
        self.columns = columns;
        let (bytes, delimiter) = (text.as_bytes(), self.delimiter);
        let mut marks = Marks::new(bytes, at, delimiter);
        for row in 0..most {
            let cells = row * columns..(row + 1) * columns;
            // Row by row: headers may be very many, and rows few.
            if self.spans.len() < cells.end {
                self.spans.resize(cells.end, CellSpan::default());
            }
            let spans = &mut self.spans[cells];
            marks.has_quotes = false;
            // What is too long for a row is told by who reads it.
            let row = cut_row(text, at, delimiter, spans, &mut self.unescaped, &mut marks)
                .filter(|end| end - at <= MAX_ROW_BYTES);
            let Some(end) = row else { return };
            let next = end + if bytes[end..].starts_with(b"\r\n") { 2 } else { 1 };
            self.rows.push(CutRow { at, end, next, has_quotes: marks.has_quotes });
            marks.pass_to(next);
            at = next;
        }
    }

    /// Returns the rows that were cut last.
    pub(crate) fn rows(&self) -> &[CutRow] {
        &self.rows
    }

    /// Returns a row that was cut last from this `text`.
    #[inline]
    pub(crate) fn row<'t>(&'t self, text: &'t str, row: usize) -> PlainCells<'t> {
        let has_quotes = self.rows[row].has_quotes;
        let spans = &self.spans[row * self.columns..][..self.columns];
        PlainCells { text, unescaped: &self.unescaped, spans, has_quotes }
    }
}

/// Cuts the row that starts at `at` into as many cells as there are `spans`. Returns where its line break is; `None`
/// where the row is not plain, does not end, is blank or has another number of cells.
#[inline]
fn cut_row(
    text: &str,
    at: usize,
    delimiter: u8,
    spans: &mut [CellSpan],
    unescaped: &mut String,
    marks: &mut Marks,
) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut from = at;
    let (last, others) = spans.split_last_mut()?;
    for span in others {
        let mut end = marks.next()?;
        if bytes[end] == delimiter {
            *span = CellSpan::new(from, end);
        } else {
            (*span, end) = cut_quoted(text, from, end, unescaped, marks)?;
            if bytes.get(end) != Some(&delimiter) {
                return None;
            }
        }
        from = end + 1;
    }
    let mut end = marks.next()?;
    if matches!(bytes[end], b'\r' | b'\n') {
        *last = CellSpan::new(from, end);
    } else {
        (*last, end) = cut_quoted(text, from, end, unescaped, marks)?;
    }
    matches!(bytes.get(end), Some(b'\r' | b'\n')).then_some(end)
}

/// Cuts the cell that starts at `from`, and in which a mark stands that does not end it. Returns the cell and where it
/// ends; `None` where that is no cell in quotation marks.
fn cut_quoted(
    text: &str,
    from: usize,
    mark: usize,
    unescaped: &mut String,
    marks: &mut Marks,
) -> Option<(CellSpan, usize)> {
    if mark != from || text.as_bytes()[mark] != b'"' {
        return None;
    }
    let (cell, end) = quoted(text, from, unescaped)?;
    marks.pass_to(end + 1);
    marks.has_quotes = true;
    Some((cell, end))
}

/// Returns a cell in quotation marks, and where it ends. Few cells are such.
#[inline(never)]
fn quoted(text: &str, from: usize, unescaped: &mut String) -> Option<(CellSpan, usize)> {
    let bytes = text.as_bytes();
    let (mut at, mut copied) = (from + 1, from + 1);
    let start = unescaped.len();
    loop {
        match bytes.get(at)? {
            b'\r' | b'\n' => return None,
            b'"' if bytes.get(at + 1) == Some(&b'"') => {
                unescaped.push_str(&text[copied..=at]);
                at += 2;
                copied = at;
            }
            b'"' => break,
            _ => at += 1,
        }
    }
    if copied == from + 1 {
        return Some((CellSpan::new(from + 1, at), at + 1));
    }
    unescaped.push_str(&text[copied..at]);
    Some((CellSpan::unescaped(start, unescaped.len()), at + 1))
}

/// The cells of a plain row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlainCells<'t> {
    text: &'t str,
    unescaped: &'t str,
    spans: &'t [CellSpan],
    has_quotes: bool,
}

impl<'t> PlainCells<'t> {
    /// Returns the cell in that place of the row.
    #[inline]
    pub(crate) fn cell(&self, place: usize) -> PlainCell<'t> {
        let (text, range) = self.place(place);
        PlainCell::at(&text.as_bytes()[range.start..], range.len())
    }

    /// Returns the text of a cell.
    #[inline]
    pub(crate) fn text(&self, place: usize) -> &'t str {
        let (text, range) = self.place(place);
        &text[range]
    }

    /// Returns what is written from the one cell to the other; `None` where quotation marks are in the row.
    #[inline(always)]
    pub(crate) fn side_by_side(&self, first: usize, last: usize) -> Option<&'t str> {
        (!self.has_quotes).then(|| &self.text[self.spans[first].from as usize..self.spans[last].to as usize])
    }

    /// Returns in which text a cell stands, and where.
    #[inline]
    fn place(&self, place: usize) -> (&'t str, Range<usize>) {
        let CellSpan { from, to } = self.spans[place];
        let is_unescaped = to & CellSpan::UNESCAPED != 0;
        let text = if is_unescaped { self.unescaped } else { self.text };
        (text, from as usize..(to & !CellSpan::UNESCAPED) as usize)
    }

    /// Returns `N` cells from the `first` on; `None` where quotation marks are in the row.
    #[inline(always)]
    pub(crate) fn unquoted<const N: usize>(&self, first: usize) -> Option<[&'t str; N]> {
        let spans: &[CellSpan; N] = self.spans[first..].first_chunk()?;
        let text = |place: usize| &self.text[spans[place].from as usize..spans[place].to as usize];
        (!self.has_quotes).then(|| std::array::from_fn(text))
    }
}

/// The places at which something may end: delimiters, quotation marks and line breaks. They are found many bytes at a
/// time.
struct Marks<'t> {
    bytes: &'t [u8],
    delimiter: u8,
    /// Where the bytes start that were looked at last, and a bit for each mark among them that is still ahead.
    start: usize,
    ahead: u64,
    /// A cell of the row has quotation marks around it.
    has_quotes: bool,
}

impl<'t> Marks<'t> {
    const BLOCK: usize = u64::BITS as usize;

    fn new(bytes: &'t [u8], at: usize, delimiter: u8) -> Marks<'t> {
        Marks { bytes, delimiter, start: at, ahead: bits_from(bytes, at, delimiter), has_quotes: false }
    }

    /// Returns the place of the next mark.
    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.ahead == 0 {
            self.start += Marks::BLOCK;
            if self.start >= self.bytes.len() {
                return None;
            }
            self.ahead = bits_from(self.bytes, self.start, self.delimiter);
        }
        let place = self.start + self.ahead.trailing_zeros() as usize;
        self.ahead &= self.ahead - 1;
        Some(place)
    }

    /// Passes over the marks before `place`, which is ahead.
    #[inline]
    fn pass_to(&mut self, place: usize) {
        match place - self.start {
            within @ 0..Marks::BLOCK => self.ahead &= u64::MAX << within,
            _ => (self.start, self.ahead) = (place, bits_from(self.bytes, place, self.delimiter)),
        }
    }
}

/// Returns a bit for each of the bytes from `start` on that is a mark, as far as a block goes.
///
/// It is no method of [`Marks`], which then stay in the registers of whoever cuts.
#[inline(never)]
fn bits_from(bytes: &[u8], start: usize, delimiter: u8) -> u64 {
    let rest = &bytes[start.min(bytes.len())..];
    match rest.first_chunk() {
        Some(block) => bits_of(block, delimiter),
        None => {
            let mut block = [0; Marks::BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            bits_of(&block, delimiter) & !(u64::MAX << rest.len())
        }
    }
}

/// Returns a bit for each byte of the block that is a mark.
///
/// A loop over the bytes took 1.7 times as many instructions: of none did the compiler make the one that gathers a bit of
/// each of 16 bytes.
#[inline]
fn bits_of(block: &[u8; Marks::BLOCK], delimiter: u8) -> u64 {
    let marks = [delimiter, b'"', b'\n', b'\r'].map(u8x16::splat);
    let (pieces, _) = block.as_chunks::<16>();
    pieces.iter().zip((0..).step_by(16)).fold(0, |bits, (piece, place)| {
        let piece = u8x16::new(*piece);
        let [delimiters, quotes, feeds, returns] = marks.map(|mark| piece.simd_eq(mark));
        bits | u64::from((delimiters | quotes | feeds | returns).to_bitmask()) << place
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(row: &str, cells: Option<&[&str]>) {
        let mut cutter = Cutter::new(b',');
        let columns = cells.map_or(2, <[&str]>::len);
        cutter.cut(row, 0, columns, 1);
        let found = cutter.rows().first().map(|_| (0..columns).map(|i| cutter.row(row, 0).text(i)).collect::<Vec<_>>());
        assert_eq!(found.as_deref(), cells, "{row:?}");
    }

    #[test]
    fn cuts_what_is_written_plainly() {
        check("a,b\n", Some(&["a", "b"]));
        check("a,b\r\nc,d\n", Some(&["a", "b"]));
        check(",\n", Some(&["", ""]));
        check("\"a, b\",\"\"\n", Some(&["a, b", ""]));
        check("\"Ann \"\"Annie\"\"\",José\r", Some(&["Ann \"Annie\"", "José"]));
        check("\"\"\"a\"\"\",\"b\"\"\"\n", Some(&["\"a\"", "b\""]));
    }

    #[test]
    fn leaves_everything_else() {
        for row in
            ["", "\n", "a,b", "a\n", "a,b,c\n", "a\"b,c\n", "\"a\nb\",c\n", "\"a,b\n", "\"a\"b,c\n", " \"a\",b\n"]
        {
            check(row, None);
        }
    }

    #[test]
    fn a_row_is_as_long_as_one_that_is_read() {
        let row = |bytes: usize| format!("{},b\n", "x".repeat(bytes - 2));
        for (bytes, cut) in [(MAX_ROW_BYTES, 1), (MAX_ROW_BYTES + 1, 0)] {
            let mut cutter = Cutter::new(b',');
            cutter.cut(&row(bytes), 0, 2, 9);
            assert_eq!(cutter.rows().len(), cut, "{bytes}");
        }
    }

    #[test]
    fn cuts_rows_up_to_the_first_that_is_not_plain() {
        let mut cutter = Cutter::new(b',');
        let rows = "a,b\r\nc,\"d\"\n\ne,f\n";
        cutter.cut(rows, 0, 2, 9);
        let places: Vec<(usize, usize)> = cutter.rows().iter().map(|row| (row.at, row.end)).collect();
        assert_eq!(places, [(0, 3), (5, 10)]);
        assert_eq!(cutter.row(rows, 1).text(1), "d");
        cutter.cut(rows, 5, 2, 1);
        assert_eq!((cutter.rows().len(), cutter.row(rows, 0).text(0)), (1, "c"));
    }

    #[test]
    fn there_is_no_room_for_more_than_one_row_that_is_not_there() {
        let (mut cutter, columns) = (Cutter::new(b','), 1000);
        let row = ",".repeat(columns - 1) + "\n";
        cutter.cut(&row.repeat(3), 0, columns, 64);
        assert_eq!((cutter.rows().len(), cutter.spans.len()), (3, 4 * columns));
    }

    #[test]
    fn finds_what_stands_anywhere_in_a_block() {
        for length in 0..200 {
            let long = "x".repeat(length);
            let row = format!("{long},\"{long}, {long}\",\r\n");
            check(&row, Some(&[&long, &format!("{long}, {long}"), ""]));
            check(&row[..row.len() - 2], None);
        }
    }

    #[test]
    fn cells_side_by_side_are_as_they_are_written() {
        let mut cutter = Cutter::new(b',');
        let rows = "a,bc,,d\n\"a\",bc,,d\na,\"b\"\"c\",,d\na,bc,,\"d,e\"\nf,g,h,i\n";
        cutter.cut(rows, 0, 4, 9);
        let written: Vec<_> = (0..cutter.rows().len()).map(|row| cutter.row(rows, row).side_by_side(0, 2)).collect();
        assert_eq!(written, [Some("a,bc,"), None, None, None, Some("f,g,h")]);
    }
}
