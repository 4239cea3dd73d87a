//! Which rows of a file are rows of people, and which of them can be trusted to have their cells in their columns.
//!
//! The parser and the kept copy both go by this, so that no cell is read of which the copy does not know what it may
//! hold.

use std::borrow::Cow;

use crate::model::{Code, Column};

use super::header::{self, PlaceContent};
use super::layout::Layout;
use super::records::{Record, Records};
use super::{cell, words};

/// How the rows below the headers are read.
pub(crate) struct RowJudge {
    /// What stands in each place of a row.
    pub places: Vec<PlaceContent>,
    /// For each place whether its cells can't be secrets.
    pub harmless: Vec<bool>,
    /// Only what is exactly as the data dictionary says is a row.
    pub strict: bool,
    /// The headers, as a row that repeats them has them.
    headers: Vec<String>,
    /// The first place that may hold a secret.
    secret: Option<usize>,
    none_yet: bool,
    /// The quotation marks of the row before did not fit.
    after_broken: bool,
}

/// What a row of the file is.
pub(crate) enum Line {
    /// None of its cells has anything.
    Blank,
    /// It is about the file, not about a person; this says how.
    NoRow(&'static str),
    Row(JudgedRow),
}

/// A row of a person.
#[derive(Default)]
pub(crate) struct JudgedRow {
    /// Why the cells may not stand in their columns.
    pub damage: Option<Code>,
    /// From this place on the cells may be secrets.
    pub doubtful: Option<usize>,
    /// It lacks cells at the end, which can only be empty ones.
    pub lacks: bool,
    /// It has empty cells too many.
    pub surplus: bool,
    /// The first place without a header where it has a value, though the others are in their places.
    pub nameless: Option<usize>,
}

impl RowJudge {
    /// Begins with the headers of a file: what stands below each, and which columns can't hold secrets.
    pub fn new(places: Vec<PlaceContent>, mut harmless: Vec<bool>, layout: &Layout, strict: bool) -> RowJudge {
        harmless.resize(places.len(), false);
        // Cells below no header have nothing, or the row is damaged.
        let may_be_secret = |place: usize| !harmless[place] && places[place] != PlaceContent::Nameless;
        let secret = (0..places.len()).find(|&place| may_be_secret(place));
        let headers = layout.header.iter().map(|header| cell::trim(header).to_owned()).collect();
        RowJudge { places, harmless, strict, headers, secret, none_yet: true, after_broken: false }
    }

    /// Returns the rows below the headers of this text.
    pub fn records<'t>(&self, text: &'t str, layout: &Layout) -> Records<'t> {
        let text = &text[..layout.rows.end];
        let columns = Some(self.places.len());
        Records::new(text, layout.delimiter, columns, !self.strict).from(layout.rows.start, layout.row)
    }

    /// Says what a row is; every row has to be shown to it in the order of the file.
    pub fn look_at(&mut self, record: &Record) -> Line {
        if record.cells.iter().all(is_blank) && !is_cut_off(record, self.places.len()) {
            return Line::Blank;
        }
        let first = std::mem::replace(&mut self.none_yet, false);
        let after_broken = std::mem::replace(&mut self.after_broken, record.broken.is_some());
        if !self.strict {
            if first && record.cells.iter().all(is_ruled) {
                return Line::NoRow(RULED);
            }
            if self.repeats_headers(record) || self.names_columns(record) {
                return Line::NoRow(HEADERS_AGAIN);
            }
            if first && describes_columns(record) {
                return Line::NoRow(DESCRIPTION);
            }
        }
        let mut judged = self.judge(record);
        // It may be the rest of a quoted cell with a line break, and begin with the rest of a password.
        let is_short = record.cells.len() < self.places.len();
        let is_rest = after_broken && record.broken.is_some() && (is_short || !self.strict);
        if is_rest {
            judged.doubtful = self.secret.map(|_| 0);
        }
        Line::Row(judged)
    }

    fn repeats_headers(&self, record: &Record) -> bool {
        let mut cells = record.cells.iter();
        let same =
            |header: &String| cells.next().is_some_and(|cell| cell::trim(&text(cell)).eq_ignore_ascii_case(header));
        self.headers.iter().all(same) && cells.all(is_blank)
    }

    /// Returns whether most of the cells name their columns, as a second line of headers in other words does.
    fn names_columns(&self, record: &Record) -> bool {
        const LEAST: usize = 5;
        if record.cells.iter().any(|cell| cell.iter().any(|byte| byte.is_ascii_digit() || *byte == b'@')) {
            return false;
        }
        let named = |(place, cell): (&PlaceContent, &[u8])| {
            place.column().is_some_and(|column| header::means(cell::value(&text(cell)), column))
        };
        let filled = record.cells.iter().filter(|cell| !is_blank(cell)).count();
        let named = self.places.iter().zip(record.cells.iter()).filter(|cell| named(*cell)).count();
        named >= LEAST && named * 3 >= filled * 2
    }

    fn judge(&self, record: &Record) -> JudgedRow {
        let (has, needs) = (record.cells.len(), self.places.len());
        let slipped =
            |damage| JudgedRow { damage: Some(damage), doubtful: self.doubtful(record), ..JudgedRow::default() };
        if record.broken.is_some() {
            return slipped(Code::QuoteNotClosed);
        }
        if has < needs {
            if !record.ended {
                return slipped(Code::RowCutOff);
            }
            if self.strict || !self.can_lack(record) {
                return slipped(Code::RowTooShort);
            }
            return JudgedRow { lacks: true, ..JudgedRow::default() };
        }
        let under_none = |(place, cell): (usize, &[u8])| self.is_nameless(place) && !is_blank(cell);
        let nameless = record.cells.iter().enumerate().position(under_none);
        if nameless.is_some() || (has > needs && (self.strict || self.looks_shifted(record, has - needs))) {
            let nameless = nameless.filter(|&place| place < self.headers.len() && self.stands_right(record));
            return JudgedRow { nameless, doubtful: self.secret, ..slipped(Code::RowTooLong) };
        }
        if !self.strict && other_quotations(record).is_some() {
            let doubtful = self.secret.map(|_| 0);
            return JudgedRow { doubtful, ..slipped(Code::RowOtherQuotes) };
        }
        JudgedRow { surplus: has > self.headers.len(), ..JudgedRow::default() }
    }

    /// Returns whether no header stands above this place.
    pub fn is_nameless(&self, place: usize) -> bool {
        self.places.get(place).is_none_or(|place| *place == PlaceContent::Nameless)
    }

    /// Returns from which place on the cells of a row that is damaged may be secrets.
    fn doubtful(&self, record: &Record) -> Option<usize> {
        self.secret.and_then(|secret| record.doubtful(self.places.len(), secret))
    }

    /// Returns whether all that the row lacks is empty cells at its end. They may be empty, and what stands there is
    /// surely in its column, up to the last cell that has anything.
    fn can_lack(&self, record: &Record) -> bool {
        let cells: Vec<Cow<str>> = record.cells.iter().map(text).collect();
        let value = |place: usize| cells.get(place).map_or("", |cell| cell::value(cell));
        let last = (0..cells.len()).rev().find(|&place| !value(place).is_empty()).unwrap_or(0);
        let telling = |column: Column| self.places.iter().position(|place| *place == PlaceContent::Of(column));
        let fits = |column| telling(column).is_some_and(|place| tells(column, value(place)));
        let filled = |column| telling(column).is_some_and(|place| !value(place).is_empty());
        let needed = [Column::FirstName, Column::LastName, Column::CustomId, Column::SchoolDistrictExternalId];
        fits(Column::UserType)
            && fits(Column::Status)
            && needed.into_iter().all(filled)
            && self.places[last].column().is_some_and(|column| tells(column, value(last)))
    }

    /// Returns whether the cells that tell most stand in their columns.
    fn stands_right(&self, record: &Record) -> bool {
        [Column::UserType, Column::Status].into_iter().all(|column| {
            let place = self.places.iter().position(|other| *other == PlaceContent::Of(column));
            let cell = place.and_then(|place| record.cells.iter().nth(place)).unwrap_or_default();
            tells(column, cell::value(&text(cell)))
        })
    }

    /// Returns whether the cells stand too far to the right: a comma too many in a cell of a row whose last cells are
    /// empty.
    fn looks_shifted(&self, record: &Record, by: usize) -> bool {
        let cells: Vec<Cow<str>> = record.cells.iter().map(text).collect();
        let value = |place: usize| cells.get(place).map_or("", |cell| cell::value(cell));
        [Column::UserType, Column::Status].into_iter().any(|column| {
            let Some(place) = self.places.iter().position(|other| *other == PlaceContent::Of(column)) else {
                return false;
            };
            !tells(column, value(place)) && (1..=by.min(FAR)).any(|by| tells(column, value(place + by)))
        })
    }
}

/// Under the headers, as programs for databases rule their tables.
const RULED: &str = "a line of dashes under the headers";
const HEADERS_AGAIN: &str = "the headers once more";
const DESCRIPTION: &str = "a line that describes the columns";
/// How far cells slip.
const FAR: usize = 8;

fn text(cell: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(cell)
}

/// Returns whether the file ends in the middle of a row, of which nothing but delimiters may be left.
pub(crate) fn is_cut_off(record: &Record, columns: usize) -> bool {
    !record.ended && (2..columns).contains(&record.cells.len())
}

pub(crate) fn is_blank(cell: &[u8]) -> bool {
    cell.is_empty() || cell::trim(&text(cell)).is_empty()
}

/// Returns whether each cell says what its column takes: `Required` or `varchar(50)`.
fn describes_columns(record: &Record) -> bool {
    const WORDS: [&str; 14] = [
        "required",
        "optional",
        "mandatory",
        "recommended",
        "conditional",
        "text",
        "string",
        "varchar",
        "nvarchar",
        "char",
        "int",
        "integer",
        "number",
        "date",
    ];
    let describes = |cell: &[u8]| {
        let word = text(cell).to_ascii_lowercase();
        WORDS.contains(&cell::value(word.split('(').next().unwrap_or_default()))
    };
    let filled = || record.cells.iter().filter(|cell| !is_blank(cell));
    filled().count() > 2 && filled().all(describes)
}

fn is_ruled(cell: &[u8]) -> bool {
    cell.iter().all(|b| matches!(b, b'-' | b'=' | b'+' | b' ' | b':')) && cell.iter().any(|b| *b != b' ')
}

/// Returns whether the value is one of the column that hardly stands in another column.
fn tells(column: Column, value: &str) -> bool {
    match column {
        Column::UserType | Column::Status | Column::Grade => words::meaning(column, value).is_some(),
        Column::Email => value.contains('@'),
        Column::UserGuid => uuid::Uuid::try_parse(value).is_ok(),
        _ => false,
    }
}

/// Returns in words which quotation marks, none of a CSV file, are around most cells of the row.
pub(crate) fn other_quotations(record: &Record) -> Option<&'static str> {
    let may_open =
        |cell: &[u8]| matches!(cell.trim_ascii_start().first(), Some(b'\'' | b'`' | b'"' | 0xe2 | 0xc2 | 0xef));
    if record.cells.iter().filter(|cell| may_open(cell)).count() < 3 {
        return None;
    }
    cell::OTHER_QUOTES.into_iter().find_map(|(open, close, what)| {
        let (opening, closing) = (open.to_string(), close.to_string());
        let inside = |cell: &&[u8]| {
            let cell = cell.trim_ascii();
            cell.len() > opening.len() && cell.starts_with(opening.as_bytes()) && cell.ends_with(closing.as_bytes())
        };
        let within = record.cells.iter().filter(inside).count();
        (within >= 3 && within * 2 > record.cells.len()).then_some(what)
    })
}

/// Returns in words which quotation marks, none of a CSV file, are around the whole line: the first cell opens and the
/// last one closes them.
pub(crate) fn line_quotations<C: AsRef<[u8]>>(cells: impl Iterator<Item = C>) -> Option<&'static str> {
    let mut cells = cells.skip_while(|cell| is_blank(cell.as_ref()));
    let first = cells.next()?;
    let last = cells.filter(|cell| !is_blank(cell.as_ref())).last()?;
    let (first, last) = (text(first.as_ref()), text(last.as_ref()));
    let (first, last) = (cell::trim(&first), cell::trim(&last));
    let around = |(open, close, _): &(char, char, &str)| {
        first.starts_with(*open) && !first.ends_with(*close) && last.ends_with(*close) && !last.starts_with(*open)
    };
    cell::OTHER_QUOTES.into_iter().find(around).map(|(_, _, what)| what)
}
