//! Cells in which reading finds nothing and changes nothing.
//!
//! Most cells are such, and most of these can be told by the kinds of their characters alone. The others are asked what
//! the readers of [`super::cells`] ask, which decide: a plan is the same whether or not a row of such cells is read, which
//! the properties hold.

use memchr::memchr;

use crate::file::cell;
use crate::file::plain_cell::{Kinds, PlainCell};
use crate::model::Column;
use crate::model::text::{has_idle_joiner, is_unprintable, mixes_alphabets, normal};

use super::broken::{self, TextCondition};
use super::cells::is_too_long;
use super::damage::{is_formatted_number, is_marked, is_spreadsheet_error};
use super::email;
use super::nothing::{is_no_id, is_no_name, is_nothing, may_be_no_id, may_be_null};

/// Returns whether a cell is unremarkable, where the kinds of its characters are enough to tell. `column` is one of text:
/// a name, the address, the position, the user name, the custom ID or the one of a school.
///
/// Inlined, so that nothing of it is left but what the column asks.
#[inline(always)]
pub(crate) fn looks_unremarkable(column: Column, cell: PlainCell) -> bool {
    const WORDS: Kinds = Kinds::LETTER.or(Kinds::SPACE).or(Kinds::HYPHEN).or(Kinds::DOT);
    const CODE: Kinds = Kinds::LETTER.or(Kinds::DIGIT).or(Kinds::HYPHEN).or(Kinds::LOW_LINE);
    let PlainCell { bytes, .. } = cell;
    let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else { return false };
    // Words for nothing begin with one of these.
    let may_be_nothing = || matches!(first, b'n' | b'N' | b'u' | b'U');
    if bytes.len() > column.spec().max_chars {
        return false;
    }
    match column {
        Column::FirstName | Column::LastName | Column::MiddleName => {
            let ends = first.is_ascii_alphabetic() && (last.is_ascii_alphabetic() || last == b'.');
            cell.is_within(WORDS) && ends && !may_be_nothing()
        }
        Column::Position => {
            let ends = first.is_ascii_alphabetic() && (last.is_ascii_alphanumeric() || last == b')');
            cell.is_within(WORDS.or(Kinds::DIGIT).or(Kinds::SIGN)) && ends && !may_be_nothing()
        }
        Column::Username => {
            let ends = first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric();
            cell.is_within(CODE.or(Kinds::DOT).or(Kinds::AT)) && ends && !may_be_nothing()
        }
        // A word for nothing has no digits, and zeros alone are none.
        Column::CustomId => {
            let has_digit = || bytes.iter().any(|b| matches!(b, b'1'..=b'9'));
            cell.is_within(Kinds::LETTER.or(Kinds::DIGIT)) && has_digit()
        }
        Column::Email => is_address(cell),
        _ => false,
    }
}

/// Returns whether an address consists of letters, digits and few signs, and has them where an address has them;
/// `false` for a name or domain of more than 63 bytes.
fn is_address(cell: PlainCell) -> bool {
    parts_of_address(cell).is_some_and(|(name, domain)| is_name(name) && is_domain(domain))
}

/// How long the parts of an address are at most that are told by their characters.
const LONGEST_PART: usize = 63;
const IN_DOMAINS: Kinds = Kinds::LETTER.or(Kinds::DIGIT).or(Kinds::HYPHEN).or(Kinds::DOT);

/// Returns what stands before and behind the first `@`.
#[inline(always)]
pub(crate) fn parts_of_address(cell: PlainCell<'_>) -> Option<(PlainCell<'_>, &[u8])> {
    let head = cell.first(cell.bytes.len().min(PlainCell::BLOCK));
    let at = match head.places_of(Kinds::AT) {
        Some(0) | None => memchr(b'@', cell.bytes)?,
        Some(places) => places.trailing_zeros() as usize,
    };
    Some((cell.first(at), &cell.bytes[at + 1..]))
}

/// Returns whether what stands before the `@` is as in most addresses.
#[inline(always)]
pub(crate) fn is_name(name: PlainCell) -> bool {
    let has_empty_part = || match name.places_of(Kinds::DOT) {
        // No dot at either end, nor two side by side.
        Some(dots) => (dots << 1 | 1) & (dots | 1 << name.bytes.len()) != 0,
        None => name.bytes.split(|byte| *byte == b'.').any(<[u8]>::is_empty),
    };
    name.bytes.len() <= LONGEST_PART && name.is_within(IN_DOMAINS.or(Kinds::LOW_LINE)) && !has_empty_part()
}

/// Returns whether what stands behind the `@` is as in most addresses.
pub(crate) fn is_domain(domain: &[u8]) -> bool {
    let top = domain.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let is_below_another = || domain.len() > top && domain[domain.len() - top - 1] == b'.';
    domain.len() <= LONGEST_PART
        && top > 1
        && is_below_another()
        && PlainCell::alone(domain).is_within(IN_DOMAINS)
        && domain.first().is_some_and(u8::is_ascii_alphanumeric)
        // The parts of a domain begin and end with no hyphen.
        && !domain.windows(2).any(|pair| matches!(pair, b".." | b".-" | b"-."))
}

/// Returns whether a cell that is not empty is read under this column as it is written, with nothing to be said of it. It
/// asks all that the readers ask.
pub(crate) fn is_read_as_written(column: Column, text: &str) -> bool {
    let may_open = matches!(text.as_bytes().first(), None | Some(b'\'' | b'`' | b'"' | 0xe2 | 0xc2 | 0xef));
    let is_name = matches!(column, Column::FirstName | Column::LastName | Column::MiddleName);
    let strange = |c: char| is_unprintable(c) || matches!(c, '\n' | '\r' | char::REPLACEMENT_CHARACTER);
    let is_whole = || {
        cell::value(text) == text
            && cell::unprotect_parts(text) == text
            && cell::within_other_quotes(text).is_none()
            && !text.contains(strange)
            && !is_spreadsheet_error(text)
            && !is_too_long(column, text)
    };
    let is_kept =
        || normal(text) == text && !has_idle_joiner(text) && broken::look_at(text, is_name) == TextCondition::Sound;
    !may_open
        && is_whole()
        && match column {
            Column::FirstName | Column::LastName => {
                is_kept() && !is_no_name(text) && !may_be_null(text) && !has_mixed_word(text)
            }
            Column::MiddleName => is_kept() && !is_nothing(column, text) && !may_be_null(text) && !has_mixed_word(text),
            Column::Position => is_kept() && !is_nothing(column, text),
            Column::Email => is_kept() && !is_nothing(column, text) && email::is_address(text),
            Column::Username => is_kept() && !is_nothing(column, text) && !mixes_alphabets(text),
            Column::CustomId => {
                let is_id = !is_no_id(text) && !may_be_no_id(text) && !is_marked(text) && !is_formatted_number(text);
                is_id && !mixes_alphabets(text) && !has_idle_joiner(text)
            }
            Column::SchoolDistrictExternalId => true,
            _ => false,
        }
}

fn has_mixed_word(name: &str) -> bool {
    !name.is_ascii() && name.split(|c: char| !c.is_alphabetic()).any(mixes_alphabets)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::file::plain::Cutter;

    /// The columns of which it is asked.
    const COLUMNS: [Column; 8] = [
        Column::FirstName,
        Column::LastName,
        Column::MiddleName,
        Column::Position,
        Column::Email,
        Column::Username,
        Column::CustomId,
        Column::SchoolDistrictExternalId,
    ];

    /// What programs write for no value, and IDs that they damage.
    const WORDS: [&str; 12] =
        ["null", "NULL", "NaN", "none", "n/a", "NA", "N.A.", "nil", "undefined", "00", "1E5", "1E+05"];

    fn looks_so(column: Column, text: &str) -> bool {
        let (mut cutter, row) = (Cutter::new(b','), format!("\"{}\"\n", text.replace('"', "\"\"")));
        cutter.cut(&row, 0, 1, 1);
        !cutter.rows().is_empty() && looks_unremarkable(column, cutter.row(&row, 0).cell(0))
    }

    #[test]
    fn tells_plain_cells_by_their_characters() {
        let check = |column: Column, so: bool, texts: &[&str]| {
            texts.iter().for_each(|text| assert_eq!(looks_so(column, text), so, "{text}"));
        };
        check(Column::FirstName, true, &["Ora", "Mary-Jane", "Ana Maria", "J."]);
        check(Column::FirstName, false, &["", "José", "O'Neil", "Nora", "-", "A1", " Ora", "Ora ", "(none)", "A,B"]);
        check(Column::CustomId, true, &["1", "0013", "A7", "1E5"]);
        check(Column::CustomId, false, &["", "0", "000", "NA", "tbd", "1,2", "1.0", "1-2", "=1", "'1", "é1"]);
        check(Column::Email, true, &["a@x.example", "n.b_c@x-y.example", "1@2.example"]);
        check(
            Column::Email,
            false,
            &["", "a", "a@x", "a..b@x.example", ".a@x.example", "a@-x.example", "a@b@x.example"],
        );
        check(Column::Email, false, &["a@x_y.example", "a@x.e", "a@x.12", "a@.example", "@x.example", "é@x.example"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]
        #[test]
        fn what_looks_unremarkable_is_read_as_it_is_written(
            text in prop_oneof![
                "[A-Za-z0-9 ._@,/()-]{1,12}",
                "[a-zA-Z0-9._-]{1,6}@[a-z0-9_.-]{1,10}\\.[a-z]{1,4}",
                select(&WORDS[..]).prop_map(str::to_owned),
            ]
        ) {
            for column in COLUMNS {
                prop_assert!(!looks_so(column, &text) || is_read_as_written(column, &text), "{:?} {:?}", column, text);
            }
        }
    }
}
