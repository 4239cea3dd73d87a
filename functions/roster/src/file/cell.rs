//! What a cell says, as against how it is written.
//!
//! A spreadsheet takes a cell that starts like a formula for one. Our files put such a cell behind an apostrophe
//! ([`protect`]), and whoever reads a file takes one apostrophe off again ([`unprotect_parts`] and [`value`]), so that
//! every file of ours uploads unchanged.
//!
//! Not every spreadsheet cuts a file where we do: Excel splits at semicolons in half of Europe, and people paste at
//! tabs. Then the quotation marks around a cell no longer stand at the start of one and mean nothing, so that what
//! follows a semicolon, a tab or a line break within our cell starts another cell, or another row. Each of these parts
//! is protected as if it were a cell.
//!
//! People and other programs protect zeros in another way: `="00123"` is a formula that gives the text `00123`.
//! Such a cell means what stands inside ([`value`]).

use std::borrow::Cow;

/// Where other programs may cut a cell into parts.
const CUTS: [char; 4] = [';', '\t', '\r', '\n'];

/// Returns the value of a cell whose parts were unprotected, without white space around it and without our protecting
/// apostrophe; of `="…"` the text inside. A password is not read like this: it may look like anything.
#[inline(always)]
pub(crate) fn value(sent: &str) -> &str {
    match sent.as_bytes() {
        // Nearly all cells are empty, or begin with a letter or a digit and end with no space.
        [] | [b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z'] => sent,
        [b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z', .., b'!'..=b'~'] => sent,
        _ => value_of_other(sent),
    }
}

fn value_of_other(sent: &str) -> &str {
    let cell = unprotect(trim(sent));
    text_of_formula(cell).map_or(cell, trim)
}

/// Quotation marks around cells that are none of a CSV file, in words. Straight double ones are, but not where they are
/// doubled, so that they stand within the cell.
pub(crate) const OTHER_QUOTES: [(char, char, &str); 14] = [
    ('\'', '\'', "single quotation marks ('…')"),
    ('"', '"', "doubled quotation marks (\"\"\"…\"\"\")"),
    ('\u{201c}', '\u{201d}', "typographic quotation marks (\u{201c}…\u{201d})"),
    ('\u{201e}', '\u{201c}', "typographic quotation marks (\u{201e}…\u{201c})"),
    ('\u{201e}', '\u{201d}', "typographic quotation marks (\u{201e}…\u{201d})"),
    ('\u{201d}', '\u{201d}', "typographic quotation marks (\u{201d}…\u{201d})"),
    ('\u{2018}', '\u{2019}', "typographic quotation marks (\u{2018}…\u{2019})"),
    ('\u{201a}', '\u{2018}', "typographic quotation marks (\u{201a}…\u{2018})"),
    ('\u{2019}', '\u{2019}', "typographic quotation marks (\u{2019}…\u{2019})"),
    ('\u{ab}', '\u{bb}', "typographic quotation marks (\u{ab}…\u{bb})"),
    ('\u{bb}', '\u{ab}', "typographic quotation marks (\u{bb}…\u{ab})"),
    ('\u{ff02}', '\u{ff02}', "full-width quotation marks (\u{ff02}…\u{ff02})"),
    ('`', '`', "single quotation marks (`…`)"),
    ('\u{b4}', '\u{b4}', "single quotation marks (\u{b4}…\u{b4})"),
];

/// Returns what stands between quotation marks that are none of a CSV file, if the whole cell does.
pub(crate) fn within_other_quotes(cell: &str) -> Option<&str> {
    // Nearly no cell begins with any of them.
    if cell.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let inside = |(open, close, _): (char, char, &str)| {
        let text = cell.strip_prefix(open)?.strip_suffix(close)?;
        // Two words in quotation marks do not stand in one pair of them. An apostrophe may stand within.
        (open == '\'' || close == '\u{2019}' || !text.contains([open, close])).then_some(text)
    };
    let text = OTHER_QUOTES.into_iter().find_map(inside).map(trim)?;
    (!text.is_empty()).then_some(text)
}

/// Returns the text inside `="…"`, if the cell is that and nothing more.
pub(crate) fn text_of_formula(cell: &str) -> Option<&str> {
    let text = cell.strip_prefix("=\"")?.strip_suffix('"')?;
    (!text.contains('"')).then_some(text)
}

/// Takes white space off both ends, also the kinds that can't be seen: no-break and zero-width spaces, marks for the
/// direction of writing and byte order marks that were pasted along.
pub(crate) fn trim(text: &str) -> &str {
    // Most values begin and end with a letter or a digit.
    let bare = |end: Option<&u8>| end.is_some_and(u8::is_ascii_graphic);
    let bytes = text.as_bytes();
    if bare(bytes.first()) && bare(bytes.last()) { text } else { text.trim_matches(is_space) }
}

/// Returns `value` as our files write it.
///
/// Every part of it that a spreadsheet could take for a formula has an apostrophe before it.
pub fn protect(value: &str) -> Cow<'_, str> {
    if starts_like_formula(value.trim_start_matches('\'')) {
        Cow::Owned(protect_parts(&format!("'{value}")).into_owned())
    } else {
        protect_parts(value)
    }
}

/// Returns a cell that was sent, and whose parts were unprotected, as our files write it: as it was, unless a
/// spreadsheet could take it for a formula.
pub(crate) fn resend(sent: &str) -> Cow<'_, str> {
    let cell = trim(sent);
    if starts_like_formula(sent.trim_start_matches('\'')) || starts_like_formula(cell.trim_start_matches('\'')) {
        protect(unprotect(cell))
    } else {
        protect_parts(sent)
    }
}

/// Takes the apostrophes off the parts of a cell that was sent, but not off its start: see [`value`].
pub(crate) fn unprotect_parts(sent: &str) -> Cow<'_, str> {
    if !sent.contains('\'') {
        return Cow::Borrowed(sent);
    }
    let protected = |part: &str| part.strip_prefix('\'').is_some_and(part_starts_like_formula);
    with_parts(sent, protected, |text, part| text.push_str(&part[1..]))
}

/// Returns the cell with an apostrophe before every part that starts like a formula, but for the first part.
fn protect_parts(cell: &str) -> Cow<'_, str> {
    with_parts(cell, part_starts_like_formula, |text, part| {
        text.push('\'');
        text.push_str(part);
    })
}

/// Returns `cell` with those of its parts written by `write` of which `is` holds. The first part, and what only white
/// space stands in front of, is the start of the cell and stays.
fn with_parts(cell: &str, is: impl Fn(&str) -> bool, write: impl Fn(&mut String, &str)) -> Cow<'_, str> {
    let start = cell.len() - cell.trim_start_matches(is_space).len();
    let ends = cell[start..].match_indices(CUTS).map(|(at, cut)| start + at + cut.len());
    let mut text = String::new();
    let mut done = 0;
    for at in ends {
        let part = cell[at..].split(CUTS).next().unwrap_or_default();
        if is(part) {
            text.push_str(&cell[done..at]);
            write(&mut text, part);
            done = at + part.len();
        }
    }
    match done {
        0 => Cow::Borrowed(cell),
        _ => Cow::Owned(text + &cell[done..]),
    }
}

/// Returns the letters and digits of a text in lower case: `To be deleted` and `tobedeleted` have the same.
pub(crate) fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Takes the apostrophe off the start of a cell.
pub(crate) fn unprotect(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(value) if starts_like_formula(value.trim_start_matches('\'')) => value,
        _ => cell,
    }
}

/// Returns whether a character is white space or takes no room. At the ends of a value both mean nothing.
fn is_space(c: char) -> bool {
    let unseen = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{61c}' | '\u{feff}');
    c.is_whitespace() || unseen
}

/// Returns whether a text starts like a formula, also once it is cut in the white space in front of it.
fn starts_like_formula(text: &str) -> bool {
    let space = &text[..text.len() - text.trim_start_matches(is_space).len()];
    text.starts_with(SIGNS) || space.contains(CUTS)
}

/// Returns whether a part of a cell is a formula once it is cut out. Our quotation marks are doubled, so that two of
/// them can stand in front, and mean nothing.
fn part_starts_like_formula(part: &str) -> bool {
    part.trim_start_matches(|c| is_space(c) || matches!(c, '\'' | '"')).starts_with(SIGNS)
}

const SIGNS: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
