//! The headers and rows of a file that nobody has seen before.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::file::cell;
use crate::file::decode::Decoded;
use crate::file::header;
use crate::file::layout::Layout;
use crate::file::reading::Reading;
use crate::file::records::{DELIMITERS, Records};
use crate::model::{Code, Column, Finding};
use crate::settings::{CellSource, MappingProfile, header_key};

use super::in_use;

/// How many rows at the start may be titles, and how many rows below the headers show how wide the file is.
const ABOVE: usize = 30;
const BELOW: usize = 20;
/// How much text is looked at for that.
const LOOKED_AT: usize = 256 * 1024;
/// How many characters a header has at most.
const LONGEST: usize = 60;

/// Where a file has its headers and rows.
pub(super) struct FoundHeaders {
    pub layout: Layout,
    /// Whether names in use are among them. Where none is, a row of data may have been taken for headers.
    pub are_known: bool,
}

/// Returns where a file has its headers and rows.
///
/// They are the headers that are known, if three are; else the first row whose cells are short texts, each another one,
/// above rows that are as wide.
///
/// # Errors
///
/// Where the file has nothing that can be headers.
pub(super) fn find(decoded: &Decoded, reading: &Reading) -> Result<FoundHeaders, Finding> {
    let too_long = |row: crate::file::records::TooLong| Finding::row(Code::RowTooLarge, row.number);
    let layout = Layout::find(&decoded.text, reading).map_err(too_long)?;
    let layout = layout.ok_or_else(|| Finding::file(Code::FileEmpty))?;
    if header::named(&layout.header) >= 3 {
        return Ok(FoundHeaders { layout, are_known: true });
    }
    let Some(header) = by_shape(&decoded.text) else { return Ok(FoundHeaders { layout, are_known: false }) };
    let probing = reading.clone().by_profiles(vec![probe(&header)]);
    let layout = Layout::find(&decoded.text, &probing).map_err(too_long)?;
    let layout = layout.ok_or_else(|| Finding::file(Code::FileEmpty))?;
    let in_use = |header: &String| in_use::anywhere(&header_key(header)).is_some();
    let are_known = header::named(&layout.header) > 0 || layout.header.iter().any(in_use);
    Ok(FoundHeaders { layout, are_known })
}

/// Returns a profile that finds the row of these headers.
fn probe(header: &[String]) -> MappingProfile {
    let mut keys: BTreeSet<String> = BTreeSet::new();
    let headers = header.iter().filter(|header| keys.insert(header_key(header)) && !header_key(header).is_empty());
    let from = CellSource::FirstOf(headers.cloned().collect());
    let columns = BTreeMap::from([(Column::CustomId, from.into())]);
    MappingProfile { name: String::new(), version: 1, source: None, headers: keys, columns, leave_out: Vec::new() }
}

/// Returns the headers as the widest of all delimiters shows them.
fn by_shape(text: &str) -> Option<Vec<String>> {
    let mut end = text.len().min(LOOKED_AT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let found = DELIMITERS.into_iter().filter_map(|delimiter| of_delimiter(&text[..end], delimiter));
    found.fold(None, |best: Option<Vec<String>>, header| match best {
        Some(best) if best.len() >= header.len() => Some(best),
        _ => Some(header),
    })
}

fn of_delimiter(text: &str, delimiter: u8) -> Option<Vec<String>> {
    let mut records = Records::new(text, delimiter, None, true);
    let mut rows: Vec<Vec<String>> = Vec::new();
    while let Some(Ok(record)) = records.next() {
        let cells: Vec<String> = record.cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        if cells.iter().any(|cell| !cell::trim(cell).is_empty()) {
            rows.push(cells);
        }
        if rows.len() > ABOVE + BELOW {
            break;
        }
    }
    let is_header = |i: &usize| looks_like_headers(&rows[*i], &rows[i + 1..]);
    let place = (0..rows.len().min(ABOVE)).find(is_header)?;
    Some(rows.swap_remove(place))
}

fn looks_like_headers(row: &[String], below: &[Vec<String>]) -> bool {
    let filled: Vec<&str> = row.iter().map(|cell| cell::trim(cell)).filter(|cell| !cell.is_empty()).collect();
    let distinct: HashSet<String> = filled.iter().map(|cell| header_key(cell)).collect();
    let is_name =
        |cell: &&&str| cell.chars().count() <= LONGEST && cell.contains(char::is_alphabetic) && !cell.contains('@');
    let named = filled.iter().filter(is_name).count();
    let as_wide = below.iter().take(BELOW).filter(|other| other.len() == row.len()).count();
    filled.len() >= 2
        && filled.len() * 3 >= row.len() * 2
        && distinct.len() == filled.len()
        && named * 10 >= filled.len() * 9
        && as_wide >= 1
        && as_wide * 5 >= below.len().min(BELOW) * 4
}
