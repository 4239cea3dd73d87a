//! What a cell says, as against how it is written.
//!
//! A spreadsheet takes a cell that starts like a formula for one. Our files put such a cell behind an apostrophe
//! ([`protect`]), and the parser takes one apostrophe off again ([`unprotect`]), so that every file of ours
//! uploads unchanged.
//!
//! People and other programs protect zeros in another way: `="00123"` is a formula that gives the text `00123`.
//! Such a cell means what stands inside ([`value`]).

use std::borrow::Cow;

/// The value of a cell: without white space around it, without our protecting apostrophe, and of `="…"` the text
/// inside. A password is not read like this: it may look like anything.
pub(crate) fn value(sent: &str) -> &str {
    let cell = unprotect(trim(sent));
    text_of_formula(cell).map_or(cell, trim)
}

/// What stands between quotation marks that are none of a CSV file, if the whole cell does.
pub(crate) fn within_other_quotes(cell: &str) -> Option<&str> {
    const MARKS: [(char, char); 6] = [
        ('\u{201c}', '\u{201d}'),
        ('\u{201e}', '\u{201c}'),
        ('\u{201e}', '\u{201d}'),
        ('\u{ab}', '\u{bb}'),
        ('\u{2018}', '\u{2019}'),
        ('\'', '\''),
    ];
    let inside = |(open, close): (char, char)| cell.strip_prefix(open)?.strip_suffix(close);
    let text = MARKS.into_iter().find_map(inside).map(trim)?;
    (!text.is_empty()).then_some(text)
}

/// What `="…"` says, if the cell is that and nothing more.
pub(crate) fn text_of_formula(cell: &str) -> Option<&str> {
    let text = cell.strip_prefix("=\"")?.strip_suffix('"')?;
    (!text.contains('"')).then_some(text)
}

/// Takes white space off both ends, also the kinds that can't be seen: no-break and zero-width spaces, marks for the
/// direction of writing and byte order marks that were pasted along.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_unseen(c))
}

/// A character that takes no room: at the ends of a value it means nothing.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{61c}' | '\u{feff}')
}

/// `value` as our files write it: behind an apostrophe where a spreadsheet could take it for a formula.
pub fn protect(value: &str) -> Cow<'_, str> {
    match starts_like_formula(value.trim_start_matches('\'')) {
        true => Cow::Owned(format!("'{value}")),
        false => Cow::Borrowed(value),
    }
}

/// A cell that was sent, as our files write it: as it was, unless a spreadsheet could take it for a formula.
pub(crate) fn resend(sent: &str) -> Cow<'_, str> {
    match starts_like_formula(trim(sent).trim_start_matches('\'')) {
        true => protect(unprotect(trim(sent))),
        false => Cow::Borrowed(sent),
    }
}

/// The inverse of [`protect`].
pub(crate) fn unprotect(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(value) if starts_like_formula(value.trim_start_matches('\'')) => value,
        _ => cell,
    }
}

fn starts_like_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
}
