//! What the values below each header are.

use std::collections::{HashMap, HashSet};

use crate::file::cell;
use crate::file::decode::Decoded;
use crate::file::header;
use crate::file::layout::Layout;
use crate::file::records::Records;
use crate::settings::header_key;

use super::proposal::MappingFacts;

/// How many rows are looked at, how many values of a column are counted one by one, and how long one is.
const ROWS: u64 = 200_000;
const DISTINCT: usize = 1000;
const LONGEST: usize = 100;
/// How many values of a column are shown, and how many of its rows are people of the preview.
const SAMPLES: usize = 3;
pub(super) const PEOPLE: usize = 5;

/// The columns of a file, as its rows show them.
pub(super) struct SeenSheet {
    pub columns: Vec<SeenColumn>,
    /// How many rows were looked at, and how many there are.
    pub looked_at: u64,
    pub rows: u64,
    /// The first rows that have anything, with their numbers.
    pub first: Vec<(u32, Vec<String>)>,
}

/// A column of a file.
pub(super) struct SeenColumn {
    pub header: String,
    pub key: String,
    /// It may hold passwords, so that no value of it is kept.
    pub is_secret: bool,
    /// How many rows have a value.
    pub filled: u64,
    /// How often each value comes; without those beyond [`DISTINCT`].
    pub values: HashMap<String, u64>,
    /// There are more values than are counted.
    pub has_more: bool,
    pub samples: Vec<String>,
    /// No value comes twice.
    pub is_unique: bool,
    pub addresses: u64,
    /// How many values have a comma between two words, several words, or a letter.
    pub with_comma: u64,
    pub of_words: u64,
    pub with_letter: u64,
    /// How many values are custom IDs of users.
    pub known_ids: u64,
    seen: HashSet<u64>,
}

impl SeenSheet {
    pub(super) fn read(decoded: &Decoded, layout: &Layout, known: &MappingFacts) -> SeenSheet {
        let mut columns: Vec<SeenColumn> = layout.header.iter().map(|header| SeenColumn::new(header)).collect();
        let (mut rows, mut looked_at, mut first) = (0, 0, Vec::new());
        let text = &decoded.text[..layout.rows.end];
        let records = Records::new(text, layout.delimiter, Some(columns.len()), true);
        let mut records = records.from(layout.rows.start, layout.row);
        while let Some(Ok(record)) = records.next() {
            let cells: Vec<_> = record.cells.iter().map(String::from_utf8_lossy).collect();
            if cells.iter().all(|cell| cell::trim(cell).is_empty()) {
                continue;
            }
            rows += 1;
            if rows > ROWS {
                continue;
            }
            looked_at += 1;
            for (column, sent) in columns.iter_mut().zip(&cells) {
                column.add(cell::value(sent), known);
            }
            if first.len() < PEOPLE {
                first.push((record.number, cells.into_iter().map(std::borrow::Cow::into_owned).collect()));
            }
        }
        SeenSheet { columns, looked_at, rows, first }
    }
}

impl SeenColumn {
    fn new(header: &str) -> SeenColumn {
        let header = cell::trim(header);
        SeenColumn {
            header: header.to_owned(),
            key: header_key(header),
            is_secret: header::may_be_secret(header),
            filled: 0,
            values: HashMap::new(),
            has_more: false,
            samples: Vec::new(),
            is_unique: true,
            addresses: 0,
            with_comma: 0,
            of_words: 0,
            with_letter: 0,
            known_ids: 0,
            seen: HashSet::new(),
        }
    }

    fn add(&mut self, value: &str, known: &MappingFacts) {
        if value.is_empty() {
            return;
        }
        self.filled += 1;
        if self.is_secret {
            return;
        }
        self.addresses += u64::from(is_address(value));
        self.with_comma += u64::from(value.split_once(',').is_some_and(|(a, b)| has_letter(a) && has_letter(b)));
        self.of_words += u64::from(value.split_whitespace().filter(|word| has_letter(word)).count() > 1);
        self.with_letter += u64::from(has_letter(value));
        self.known_ids += u64::from(known.custom_ids.is_some_and(|ids| ids.contains(value)));
        if self.is_unique {
            self.is_unique = self.seen.insert(hash(value));
            if !self.is_unique {
                self.seen = HashSet::new();
            }
        }
        if let Some(count) = self.values.get_mut(value) {
            *count += 1;
        } else if self.values.len() < DISTINCT {
            if self.samples.len() < SAMPLES {
                self.samples.push(value.chars().take(LONGEST).collect());
            }
            self.values.insert(value.to_owned(), 1);
        } else {
            self.has_more = true;
        }
    }

    /// Returns whether so many of its values are something that the column is.
    pub(super) fn is_mostly(&self, some: u64) -> bool {
        self.filled > 0 && some * 10 >= self.filled * 9
    }

    /// Returns how many rows have a value of which this holds, and whether that was asked of all.
    pub(super) fn count(&self, is: impl Fn(&str) -> bool) -> u64 {
        self.values.iter().filter(|(value, _)| is(value)).map(|(_, count)| count).sum()
    }
}

fn has_letter(text: &str) -> bool {
    text.contains(char::is_alphabetic)
}

fn is_address(value: &str) -> bool {
    let has_dot = |domain: &str| domain.contains('.') && !domain.contains('@');
    !value.contains(char::is_whitespace)
        && value.split_once('@').is_some_and(|(name, d)| !name.is_empty() && has_dot(d))
}

/// Returns a number by which values are told apart: FNV-1a.
fn hash(value: &str) -> u64 {
    value.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
