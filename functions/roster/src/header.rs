//! What the first row of a file says about its columns.

use crate::finding::shorten;
use crate::{Code, Column, Finding, Presence, cell};

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
    /// Spelled more or less like it; 1 is the same letters.
    Nearly(Column, f64),
    Unknown,
    Empty,
}

/// The columns under the headers, or all that is wrong with them.
pub(crate) fn columns(header: &[String]) -> Result<Vec<Column>, Vec<Finding>> {
    let recognised = recognise_all(header);
    let exact: Vec<Column> = recognised.iter().filter_map(|r| r.exactly()).collect();
    let mut check = Check { header, taken: Vec::new(), findings: Vec::new() };
    if !are_headers(&recognised) {
        return Err(check.no_headers());
    }
    check.exact(&recognised);
    check.capitals(&recognised);
    check.nearly(&recognised);
    check.unknown(&recognised);
    check.missing();
    if check.findings.is_empty() { Ok(exact) } else { Err(check.in_order()) }
}

/// How many of the cells are headers of ours, as far as one can tell.
pub(crate) fn known(cells: &[String]) -> usize {
    recognise_all(cells).into_iter().filter(|r| r.column().is_some()).count()
}

/// For each column whether its cells can't be secrets, going by its header. `None` where the row does not look like
/// headers at all.
pub(crate) fn harmless(header: &[String]) -> Option<Vec<bool>> {
    let recognised = recognise_all(header);
    let harmless = |r: &Recognised| r.column().is_some_and(|column| !column.spec().secret);
    are_headers(&recognised).then(|| recognised.iter().map(harmless).collect())
}

/// Whether the row holds headers, not data: three of them, or every second one, are ours. What is said of a row of
/// data must not show its cells, for one may be a password.
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
    let letters = letters(header);
    let scored = Column::ALL.map(|column| (column, alike(&letters, column)));
    let (nearest, score) = scored.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((Column::Error, 0.0));
    let enough = if letters.len() >= LONG { ALIKE_LONG } else { ALIKE };
    // Whoever writes it like this means a password, and it must be taken for one.
    let password = ["pass", "pwd", "pword", "secret"].iter().any(|part| letters.contains(part));
    match () {
        () if password && !nearest.spec().secret => Recognised::Nearly(Column::Password, enough),
        () if password || score >= enough => Recognised::Nearly(nearest, score),
        () => Recognised::Unknown,
    }
}

impl Recognised {
    fn column(self) -> Option<Column> {
        match self {
            Recognised::Exactly(column) | Recognised::Capitals(column) | Recognised::Nearly(column, _) => Some(column),
            Recognised::Unknown | Recognised::Empty => None,
        }
    }

    fn exactly(self) -> Option<Column> {
        matches!(self, Recognised::Exactly(_)).then(|| self.column()).flatten()
    }
}

/// The letters and digits of a header, small: `First Name` and `first_name` have the same.
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

    /// The most alike first.
    fn nearly(&mut self, recognised: &[Recognised]) {
        let mut nearly: Vec<(usize, Column, f64)> = Vec::new();
        for (place, recognised) in recognised.iter().enumerate() {
            if let Recognised::Nearly(column, score) = *recognised {
                nearly.push((place, column, score));
            }
        }
        nearly.sort_by(|a, b| b.2.total_cmp(&a.2));
        for (place, column, _) in nearly {
            if self.taken.contains(&column) {
                self.wrong(Code::HeaderUnknown, place, None, None);
            } else {
                self.take(place, column, Some(Code::HeaderMisspelled));
            }
        }
    }

    fn unknown(&mut self, recognised: &[Recognised]) {
        let unknown = |r: &&(usize, &Recognised)| *r.1 == Recognised::Unknown;
        let all: Vec<(usize, &Recognised)> = recognised.iter().enumerate().collect();
        for &(place, _) in all.iter().filter(unknown).take(NAMED) {
            let letters = letters(&self.header[place]);
            let missing = required().filter(|c| !self.taken.contains(c));
            let nearest = missing.map(|c| (c, alike(&letters, c))).max_by(|a, b| a.1.total_cmp(&b.1));
            let perhaps = nearest.filter(|(_, score)| *score >= PERHAPS);
            let expected = perhaps.map(|(column, _)| format!("Perhaps {}, which is missing.", column.header()));
            self.wrong(Code::HeaderUnknown, place, None, expected);
        }
        let empty: Vec<String> = (all.iter().filter(|r| *r.1 == Recognised::Empty)).map(|(i, _)| letter(*i)).collect();
        if let Some(first) = recognised.iter().position(|r| *r == Recognised::Empty) {
            let more = empty.len().saturating_sub(NAMED);
            let named = empty[..empty.len() - more].join(", ");
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            let columns = if empty.len() == 1 { "column" } else { "columns" };
            let expected = format!("Expected a header of the data dictionary above {columns} {named}{more}.");
            self.findings.push((first, Finding::file(Code::HeaderEmpty).expecting(expected)));
        }
    }

    fn missing(&mut self) {
        let missing = required().filter(|c| !self.taken.contains(c));
        let finding = |c: Column| Finding { column: Some(c.header().to_owned()), ..Finding::file(Code::HeaderMissing) };
        self.findings.extend(missing.map(|c| (usize::MAX, finding(c))));
    }

    /// All are missing.
    fn no_headers(mut self) -> Vec<Finding> {
        self.missing();
        let mut findings = self.in_order();
        if let Some(first) = findings.first_mut() {
            first.expected = Some("The first row should hold the headers; it holds something else.".to_owned());
        }
        findings
    }

    /// Notes the column, and what is wrong with the header that stands for it. A second one is repeated, whatever
    /// else is wrong with it.
    fn take(&mut self, place: usize, column: Column, wrong: Option<Code>) {
        if self.taken.contains(&column) {
            let told = |f: &(usize, Finding)| {
                f.1.code == Code::HeaderRepeated && f.1.column.as_deref() == Some(column.header())
            };
            if !self.findings.iter().any(told) {
                self.wrong(Code::HeaderRepeated, place, Some(column), None);
            }
            return;
        }
        self.taken.push(column);
        if let Some(code) = wrong {
            self.wrong(code, place, Some(column), Some(format!("Expected {}.", column.header())));
        }
    }

    fn wrong(&mut self, code: Code, place: usize, column: Option<Column>, expected: Option<String>) {
        let column = column.map(|c| c.header().to_owned());
        let value = Some(shorten(cell::trim(&self.header[place])));
        self.findings.push((place, Finding { column, value, expected, ..Finding::file(code) }));
    }

    fn in_order(mut self) -> Vec<Finding> {
        self.findings.sort_by_key(|(place, _)| *place);
        self.findings.into_iter().map(|(_, finding)| finding).collect()
    }
}

fn required() -> impl Iterator<Item = Column> {
    Column::ALL.into_iter().filter(|c| c.spec().presence == Presence::Required)
}

/// What a spreadsheet calls the column: A to Z, AA and so on.
fn letter(place: usize) -> String {
    let last = char::from(b'A' + (place % 26) as u8);
    if place < 26 { last.to_string() } else { format!("{}{last}", letter(place / 26 - 1)) }
}
