//! What the row of headers says about the columns of a file.

mod names;
mod understood;

use std::collections::BTreeMap;

use crate::model::finding::shorten;
use crate::model::{Code, Column, Finding, Presence, UserType};

use names::meaning;

use super::cell;

pub(crate) use names::{Certainty, meaning as name_meaning};
pub(crate) use understood::{PlaceContent, Understood, nameless, places, understand};

/// How many headers that mean nothing are named. A file of thousands is no roster, and the first ones show it.
const NAMED: usize = 50;
/// How many headers are compared with ours. To the right of them none is recognised.
const COMPARED: usize = 500;
/// How alike a header and a right one must be for the one to be a misspelling of the other: 0 to 1.
const ALIKE: f64 = 0.78;
/// The same for long headers, which are abbreviated rather than misspelled.
const ALIKE_LONG: f64 = 0.6;
const LONG: usize = 16;
/// The same for offering one of the missing headers.
const PERHAPS: f64 = 0.5;

/// What one header is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Recognised {
    Exactly(Column),
    /// But for capital letters.
    Capitals(Column),
    /// Spelled more or less like it, or what others call it; 1 is the same letters.
    Nearly(Column, f64),
    /// It speaks of passwords, and may be none.
    Secret,
    Unknown,
    Empty,
}

/// Returns the columns under headers that have to be exactly ours, or all that is wrong with them.
fn columns(header: &[String]) -> Result<Vec<Column>, Vec<Finding>> {
    let recognised = recognise_all(header);
    let exact: Vec<Column> = recognised.iter().filter_map(|r| r.exactly()).collect();
    let shown = shown_of(header, &recognised);
    let mut check = Check { header, shown, taken: Vec::new(), findings: Vec::new() };
    check.exact(&recognised);
    check.capitals(&recognised);
    check.nearly(&recognised);
    check.unknown(&recognised);
    check.missing();
    if check.findings.is_empty() { Ok(exact) } else { Err(check.in_order()) }
}

/// Returns how many of the cells are headers of ours, as far as one can tell.
pub(crate) fn known(cells: &[String]) -> usize {
    recognise_all(cells).into_iter().filter(|r| r.column().is_some()).count()
}

/// Returns whether the cell is a name of the column, as a header is.
pub(crate) fn means(cell: &str, column: Column) -> bool {
    names::meaning(cell).is_some_and(|(meant, _)| meant == column)
}

/// Returns the column that the header means and no other.
pub(crate) fn certain(header: &str) -> Option<Column> {
    let named = || names::meaning(header).filter(|(_, certainty)| *certainty <= Certainty::Sure);
    Column::from_header(header).or_else(|| named().map(|(column, _)| column))
}

/// Returns how many of the cells are names that mean one of our columns; misspelt ones are not looked for.
pub(crate) fn named(cells: &[String]) -> usize {
    cells.iter().take(COMPARED).filter(|cell| meaning(cell::trim(cell)).is_some()).count()
}

/// Returns the finding that no row holds the headers. It says which of the rows looks most like headers, and what it
/// has of them, but shows nothing of it: any cell may be a password.
pub(crate) fn not_found(header: &[String], row: u32, above: bool) -> Finding {
    let recognised = recognise_all(header);
    let has: Vec<&str> = Column::ALL
        .into_iter()
        .filter(|c| recognised.iter().any(|r| r.column() == Some(*c)))
        .map(Column::header)
        .collect();
    let few = has.len() < 2;
    let misses: Vec<&str> = required().map(Column::header).filter(|header| few || !has.contains(header)).collect();
    let expected = match (has.len(), misses.len()) {
        (0 | 1, _) => format!("No row looks like headers; the first is row {row}. They are {}.", misses.join(", ")),
        _ if above => format!("Row {row} looks like headers, but a row above it looks like a person."),
        (_, 0) => format!("Row {row} looks most like headers: it has {}.", has.join(", ")),
        _ => {
            format!("Row {row} looks most like headers: it has {}, and misses {}.", has.join(", "), misses.join(", "))
        }
    };
    Finding::file(Code::HeadersNotFound).expecting(expected)
}

/// Returns for each column whether its cells can't be secrets, going by its header. `None` where the row does not look
/// like headers at all.
pub(crate) fn harmless(header: &[String]) -> Option<Vec<bool>> {
    let recognised = recognise_all(header);
    are_headers(&recognised).then(|| recognised.iter().map(Recognised::is_harmless).collect())
}

/// Returns whether a column with this header may hold passwords.
pub(crate) fn may_be_secret(header: &str) -> bool {
    const PINS: [&str; 4] = ["pin", "pincode", "loginpin", "studentpin"];
    let recognised = recognise(header);
    let is_secret = recognised.column().is_some_and(|column| column.spec().secret);
    is_secret || recognised == Recognised::Secret || PINS.contains(&letters(header).as_str())
}

/// Returns for each header whether it is that of a column that holds no secrets.
pub(crate) fn harmless_by_name(header: &[String]) -> Vec<bool> {
    recognise_all(header).iter().map(Recognised::is_harmless).collect()
}

/// Returns for each header whether it may be shown and kept. One that can be a password, or says something of a person,
/// may not.
pub(crate) fn shown(header: &[String]) -> Vec<bool> {
    shown_of(header, &recognise_all(header))
}

/// Returns for each header whether it may be shown. A row of data that ran into the headers makes a row that is too
/// long, or has data in it. Of such a row, and right of a password, only what is surely a header is shown; of others
/// what has letters only.
fn shown_of(header: &[String], recognised: &[Recognised]) -> Vec<bool> {
    let ran_into = header.len() > Column::ALL.len() || header.iter().any(|h| is_data(cell::trim(h)));
    let secret = |r: &Recognised| *r == Recognised::Secret || r.column().is_some_and(|column| column.spec().secret);
    let password = recognised.iter().position(secret).unwrap_or(usize::MAX);
    let words = |h: &str| h.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '_' | '-'));
    let surely = |h: &str| {
        // A word before a name that is known, or in brackets behind it, may be anything.
        meaning(h).is_some() && meaning(&letters(h)).is_some() && !h.contains(['(', '[', '.'])
    };
    let headers = header.iter().map(|h| cell::trim(h)).enumerate();
    headers.map(|(i, h)| (!ran_into && i <= password && words(h)) || (i < COMPARED && surely(h))).collect()
}

/// Returns whether a text is a number, an address or a user type, which no header is and every row of data has.
fn is_data(text: &str) -> bool {
    let number = !text.is_empty() && !text.contains(char::is_alphabetic);
    number || text.contains('@') || text.parse::<UserType>().is_ok()
}

/// Returns whether the cells are headers, not data.
pub(crate) fn are_found(header: &[String]) -> bool {
    are_headers(&recognise_all(header))
}

/// Returns whether the row holds headers, not data: three of them, or every second one, are ours. What is said of a row
/// of data must not show its cells, for one may be a password.
fn are_headers(recognised: &[Recognised]) -> bool {
    let known = recognised.iter().filter(|r| r.column().is_some()).count();
    known >= 3 || known * 2 >= recognised.len()
}

fn recognise_all(header: &[String]) -> Vec<Recognised> {
    let mut recognised: Vec<Recognised> = header.iter().take(COMPARED).map(|h| recognise(h)).collect();
    recognised.resize(header.len(), Recognised::Unknown);
    recognised
}

fn recognise(header: &str) -> Recognised {
    let header = cell::trim(header);
    if header.is_empty() {
        return Recognised::Empty;
    }
    if let Some(column) = Column::from_header(header) {
        return Recognised::Exactly(column);
    }
    if let Some(column) = Column::ALL.into_iter().find(|c| c.header().eq_ignore_ascii_case(header)) {
        return Recognised::Capitals(column);
    }
    match meaning(header) {
        Some((column, Certainty::Own)) => return Recognised::Nearly(column, 1.0),
        // Any header that is spelled more or less right is the better one.
        Some((column, Certainty::Sure)) => return Recognised::Nearly(column, ALIKE - 0.001),
        Some((column, Certainty::Alone)) => return Recognised::Nearly(column, ALIKE - 0.002),
        Some((_, Certainty::Several)) => return Recognised::Unknown,
        None => {}
    }
    let letters = letters(header);
    let scored = Column::ALL.map(|column| (column, alike(&letters, column)));
    let (nearest, score) = scored.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((Column::Error, 0.0));
    let enough = if letters.len() >= LONG { ALIKE_LONG } else { ALIKE };
    // Whoever writes it like this means a password, and it must be taken for one.
    let password = ["pass", "pwd", "pword", "secret", "kennw", "parol"].iter().any(|part| letters.contains(part));
    if score >= enough && (!password || nearest.spec().secret) {
        Recognised::Nearly(nearest, score)
    } else if password {
        Recognised::Secret
    } else {
        Recognised::Unknown
    }
}

impl Recognised {
    fn column(self) -> Option<Column> {
        match self {
            Recognised::Exactly(column) | Recognised::Capitals(column) | Recognised::Nearly(column, _) => Some(column),
            Recognised::Secret | Recognised::Unknown | Recognised::Empty => None,
        }
    }

    fn is_harmless(&self) -> bool {
        self.column().is_some_and(|column| !column.spec().secret)
    }

    fn exactly(self) -> Option<Column> {
        matches!(self, Recognised::Exactly(_)).then(|| self.column()).flatten()
    }
}

/// Returns the letters and digits of a header in lower case: `First Name` and `first_name` have the same.
fn letters(header: &str) -> String {
    header.chars().filter(|c| c.is_alphanumeric()).take(64).flat_map(char::to_lowercase).collect()
}

fn alike(letters: &str, column: Column) -> f64 {
    strsim::normalized_damerau_levenshtein(letters, &self::letters(column.header()))
}

/// The headers while they are checked: the right ones first, so that a wrong one is never offered a header that is
/// there already, and no fact is told twice.
struct Check<'h> {
    header: &'h [String],
    /// Which of them may be shown.
    shown: Vec<bool>,
    /// The columns that a header stands for, or is meant to.
    taken: Vec<Column>,
    /// With the place of the header; those of missing ones come last.
    findings: Vec<(usize, Finding)>,
}

impl Check<'_> {
    fn exact(&mut self, recognised: &[Recognised]) {
        for (place, column) in recognised.iter().enumerate().filter_map(|(i, r)| Some((i, r.exactly()?))) {
            self.take(place, column, None);
        }
    }

    fn capitals(&mut self, recognised: &[Recognised]) {
        for (place, recognised) in recognised.iter().enumerate() {
            if let Recognised::Capitals(column) = *recognised {
                self.take(place, column, Some(Code::HeaderCapitals));
            }
        }
    }

    /// Takes headers for the columns that they are alike to, the most alike first.
    fn nearly(&mut self, recognised: &[Recognised]) {
        let mut nearly: Vec<(usize, Column, f64)> = Vec::new();
        for (place, recognised) in recognised.iter().enumerate() {
            match *recognised {
                Recognised::Nearly(column, score) => nearly.push((place, column, score)),
                Recognised::Secret => nearly.push((place, Column::Password, ALIKE)),
                _ => {}
            }
        }
        nearly.sort_by(|a, b| b.2.total_cmp(&a.2));
        for (place, column, _) in nearly {
            if self.taken.contains(&column) {
                self.unknown_at(place, None);
            } else {
                self.take(place, column, Some(Code::HeaderMisspelled));
            }
        }
    }

    fn unknown(&mut self, recognised: &[Recognised]) {
        let unknown = |r: &&(usize, &Recognised)| *r.1 == Recognised::Unknown;
        let all: Vec<(usize, &Recognised)> = recognised.iter().enumerate().collect();
        let unknown: Vec<usize> = all.iter().filter(unknown).take(NAMED).map(|(place, _)| *place).collect();
        let perhaps = self.perhaps(&unknown);
        for place in unknown {
            self.unknown_at(place, perhaps.get(&place).copied());
        }
        let empty = all.iter().filter(|r| *r.1 == Recognised::Empty);
        let empty: Vec<usize> = empty.map(|(place, _)| *place).collect();
        if let Some(first) = empty.first() {
            let expected = format!("Expected a header of the data dictionary above {}.", at_columns(&empty));
            self.findings.push((*first, Finding::file(Code::HeaderEmpty).expecting(expected)));
        }
    }

    /// Returns which of the missing headers the unknown ones may be, each at most one; the most alike first.
    fn perhaps(&self, unknown: &[usize]) -> BTreeMap<usize, Column> {
        let missing: Vec<Column> = required().filter(|c| !self.taken.contains(c)).collect();
        let mut pairs: Vec<(usize, Column, f64)> = Vec::new();
        for &place in unknown {
            let letters = letters(&self.header[place]);
            pairs.extend(missing.iter().map(|&column| (place, column, alike(&letters, column))));
        }
        pairs.retain(|(_, _, score)| *score >= PERHAPS);
        pairs.sort_by(|a, b| b.2.total_cmp(&a.2));
        let mut perhaps = BTreeMap::new();
        for (place, column, _) in pairs {
            if !perhaps.contains_key(&place) && !perhaps.values().any(|c| *c == column) {
                perhaps.insert(place, column);
            }
        }
        perhaps
    }

    fn unknown_at(&mut self, place: usize, perhaps: Option<Column>) {
        let at = at_columns(&[place]);
        let expected = match perhaps {
            Some(column) => format!("Perhaps {}, which is missing, above {at}.", column.header()),
            None => format!("Expected a header of the data dictionary above {at}, or no such column."),
        };
        self.wrong(Code::HeaderUnknown, place, None, expected);
    }

    fn missing(&mut self) {
        let missing = required().filter(|c| !self.taken.contains(c));
        let finding = |c: Column| Finding { column: Some(c.header().to_owned()), ..Finding::file(Code::HeaderMissing) };
        self.findings.extend(missing.map(|c| (usize::MAX, finding(c))));
    }

    /// Notes the column, and what is wrong with the header that stands for it. That it is repeated is said once, at
    /// the second one.
    fn take(&mut self, place: usize, column: Column, wrong: Option<Code>) {
        if let Some(code) = wrong {
            let expected = format!("Expected {} above {}.", column.header(), at_columns(&[place]));
            self.wrong(code, place, Some(column), expected);
        }
        if !self.taken.contains(&column) {
            self.taken.push(column);
            return;
        }
        let told =
            |f: &(usize, Finding)| f.1.code == Code::HeaderRepeated && f.1.column.as_deref() == Some(column.header());
        if !self.findings.iter().any(told) {
            let same = |h: &String| column.header().eq_ignore_ascii_case(cell::trim(h));
            let places: Vec<usize> = (0..self.header.len()).filter(|&i| same(&self.header[i])).collect();
            let expected = format!("Expected each header once; it stands above {}.", at_columns(&places));
            self.wrong(Code::HeaderRepeated, place, Some(column), expected);
        }
    }

    fn wrong(&mut self, code: Code, place: usize, column: Option<Column>, expected: String) {
        let column = column.map(|c| c.header().to_owned());
        let value = self.shown[place].then(|| shorten(cell::trim(&self.header[place])));
        self.findings.push((place, Finding { column, value, ..Finding::file(code).expecting(expected) }));
    }

    fn in_order(mut self) -> Vec<Finding> {
        self.findings.sort_by_key(|(place, _)| *place);
        self.findings.into_iter().map(|(_, finding)| finding).collect()
    }
}

fn required() -> impl Iterator<Item = Column> {
    Column::ALL.into_iter().filter(|c| c.spec().presence == Presence::Required)
}

/// Returns `column D`, or `columns D, E and 7 more`.
pub(crate) fn at_columns(places: &[usize]) -> String {
    let more = places.len().saturating_sub(NAMED);
    let letters: Vec<String> = places[..places.len() - more].iter().map(|&place| letter(place)).collect();
    let columns = if places.len() == 1 { "column" } else { "columns" };
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{columns} {}{more}", letters.join(", "))
}

/// Returns what a spreadsheet calls the column: A to Z, AA and so on.
fn letter(place: usize) -> String {
    let last = char::from(b'A' + (place % 26) as u8);
    if place < 26 { last.to_string() } else { format!("{}{last}", letter(place / 26 - 1)) }
}
