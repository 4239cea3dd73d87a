//! Where a file has its headers, and what stands between its cells.

use crate::cell;
use crate::header;
use crate::records::{Records, TooLong};

/// The delimiters that are looked for; the first wins where all fit equally.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// How a file is laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    /// How many bytes of the text stand before the first row: the line `sep=;` of Excel, which it does not show.
    pub start: usize,
    pub delimiter: u8,
    /// The headers as written.
    pub header: Vec<String>,
    /// The number of their row.
    pub row: u32,
}

impl Layout {
    /// Looks for the headers. `None` where every row is blank.
    pub fn find(text: &str) -> Result<Option<Layout>, TooLong> {
        if let Some((start, delimiter)) = told(text) {
            return first_row(text, start, delimiter);
        }
        let mut best: Option<((usize, usize), Layout)> = None;
        for delimiter in DELIMITERS {
            let Some(layout) = first_row(text, 0, delimiter)? else { return Ok(None) };
            let fits = (header::known(&layout.header), layout.header.len());
            if best.as_ref().is_none_or(|(before, _)| fits > *before) {
                best = Some((fits, layout));
            }
        }
        Ok(best.map(|(_, layout)| layout))
    }
}

/// The delimiter that the first line tells Excel, and where the line after it starts.
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

/// The first row that is not blank.
fn first_row(text: &str, start: usize, delimiter: u8) -> Result<Option<Layout>, TooLong> {
    let mut records = Records::new(&text.as_bytes()[start..], delimiter, None);
    while let Some(record) = records.next() {
        let record = record?;
        let header: Vec<String> = record.cells.iter().map(|c| String::from_utf8_lossy(c).into_owned()).collect();
        if header.iter().any(|h| !cell::trim(h).is_empty()) {
            return Ok(Some(Layout { start, delimiter, header, row: record.number }));
        }
    }
    Ok(None)
}
