//! How user names are written: in the letters that every keyboard has, and how long they are.

use unicode_normalization::UnicodeNormalization;

use crate::settings::accounts::Umlauts;

/// The longest user name there is.
pub const MAX_CHARS: u8 = 64;

/// Returns whether a user name may have the character in it: ASCII letters, digits and `. - _`.
pub(super) fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')
}

/// Returns `text` in ASCII. A letter that was typed as a letter and an accent is one letter first, so that both ways of
/// typing a name give the same user name.
pub(super) fn latin(text: &str, umlauts: Umlauts) -> String {
    let two_letters = |c| if umlauts == Umlauts::TwoLetters { two_letters(c) } else { None };
    // Signs are no part of a name: an emoji would be written out as a word.
    let is_of_name = |c: &char| c.is_alphanumeric() || c.is_ascii();
    text.nfc().filter(is_of_name).filter_map(|c| two_letters(c).or_else(|| deunicode::deunicode_char(c))).collect()
}

/// Returns the two letters for one, as passports write them (ICAO Doc 9303, part 3, section 6).
fn two_letters(c: char) -> Option<&'static str> {
    Some(match c {
        'ä' | 'æ' => "ae",
        'ö' | 'ø' | 'œ' => "oe",
        'ü' => "ue",
        'å' => "aa",
        'ß' => "ss",
        'þ' => "th",
        'Ä' | 'Æ' => "Ae",
        'Ö' | 'Ø' | 'Œ' => "Oe",
        'Ü' => "Ue",
        'Å' => "Aa",
        'ẞ' => "SS",
        'Þ' => "Th",
        _ => return None,
    })
}
