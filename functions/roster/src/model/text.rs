//! The one form in which text is kept and compared, and characters that deceive the eye.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{UnicodeNormalization, is_nfc};
use unicode_script::{Script, UnicodeScript};
use unicode_security::mixed_script::AugmentedScriptSet;

/// Returns `text` with every letter in its composed form (NFC) and plain spaces: what nobody can see is no difference.
pub(crate) fn normal(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || (is_nfc(text) && !text.contains(is_odd_space)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfc().map(|c| if is_odd_space(c) { ' ' } else { c }).collect())
}

/// Returns the form in which user names and e-mail addresses are compared.
pub fn fold(text: &str) -> String {
    normal(text).to_lowercase()
}

/// Returns whether the two texts look the same: they differ only in the form of their letters, or in spaces.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one == other || normal(one).split_whitespace().eq(normal(other).split_whitespace())
}

/// Returns whether letters stand together in `text` that no language writes together, as in a Latin name with a
/// Cyrillic А.
///
/// Japanese and Korean have several alphabets, and Latin letters stand beside theirs and beside Chinese ones.
pub(crate) fn mixes_alphabets(text: &str) -> bool {
    if text.is_ascii() || have_one_alphabet(text.chars()) {
        return false;
    }
    let others = alphabets(text.chars().filter(|c| c.script() != Script::Latin));
    !(others.hanb || others.jpan || others.kore)
}

/// Returns whether all letters belong to the alphabet, or alphabets, of one language.
pub(crate) fn have_one_alphabet(text: impl Iterator<Item = char>) -> bool {
    !alphabets(text).is_empty()
}

fn alphabets(text: impl Iterator<Item = char>) -> AugmentedScriptSet {
    let mut common = AugmentedScriptSet::default();
    text.filter(|c| c.is_alphabetic() || is_combining_mark(*c)).for_each(|c| common.intersect_with(c.into()));
    common
}

/// Returns whether a joiner stands where it can't be seen: it shapes letters of Arabic and Indic scripts, and nothing
/// else.
pub(crate) fn has_idle_joiner(text: &str) -> bool {
    const SHAPED_BY_NONE: [Script; 4] = [Script::Latin, Script::Greek, Script::Cyrillic, Script::Common];
    let mut before = None;
    text.chars().any(|c| {
        let idle = is_joiner(c) && before.is_none_or(|b: char| is_joiner(b) || SHAPED_BY_NONE.contains(&b.script()));
        before = Some(c);
        idle
    })
}

/// Returns whether a character is one that nobody types and nobody sees, so that it makes two equal values different.
/// Joiners are part of some scripts, and line breaks have a finding of their own.
pub(crate) fn is_unprintable(c: char) -> bool {
    match c {
        '\n' | '\r' => false,
        '\u{ad}' | '\u{feff}' => true,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{61c}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' => true,
        '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        _ => c.is_control(),
    }
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Returns whether a character is white space that looks like a space and is none. Line breaks are no such thing.
fn is_odd_space(c: char) -> bool {
    c.is_whitespace() && !c.is_ascii() && !matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_one_form() {
        let check = |text: &str, form: &str| {
            assert_eq!(normal(text), form);
            assert_eq!(normal(form), form);
            assert!(same(text, form));
        };
        check("Ora Klein", "Ora Klein");
        check("Jose\u{301}", "José");
        check("Ora\u{a0}\u{202f}Klein", "Ora  Klein");
        check("山田\u{3000}太郎", "山田 太郎");
        assert!(same("Ora  Klein", "Ora Klein"));
        assert!(!same("Ora Klein", "OraKlein") && !same("ora", "Ora"));
    }

    #[test]
    fn tells_letters_that_deceive() {
        let check = |mixed: bool, texts: &[&str]| {
            for text in texts {
                assert_eq!(mixes_alphabets(text), mixed, "{text}");
            }
        };
        check(true, &["\u{410}na", "Kle\u{456}n", "\u{3bf}ra", "ora.כהן", "Я山田"]);
        check(
            false,
            &["", "Ora", "José", "Анна", "Άννα", "כהן", "山田たろう", "John李", "김Kim", "Mª", "O’Brien-2", "אב12"],
        );
    }

    #[test]
    fn joiners_belong_to_scripts_that_join() {
        let check = |idle: bool, texts: &[&str]| {
            for text in texts {
                assert_eq!(has_idle_joiner(text), idle, "{text:?}");
            }
        };
        check(true, &["Kl\u{200d}ein", "\u{200c}علی", "10\u{200d}2", "Анна\u{200c}"]);
        check(false, &["Klein", "علی\u{200c}رضا", "क्\u{200d}ष"]);
    }
}
