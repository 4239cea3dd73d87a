//! Letters of other alphabets that look like Latin ones.

/// Returns the ID in small letters, with Latin letters in the places of those that look like them; `None` where it has
/// none such.
///
/// A small letter counts as its capital where only that one looks alike: who types `ав-07` may have meant `AB-07`.
pub(super) fn latin(id: &str) -> Option<String> {
    if id.is_ascii() {
        return None;
    }
    let latin: String = id.chars().flat_map(|c| look(c).unwrap_or(c).to_lowercase()).collect();
    (latin != id.to_lowercase()).then_some(latin)
}

/// Returns the letter or digit of ASCII that a letter looks like. Only scripts that have capitals have such letters;
/// the digits of other scripts are digits, whatever they look like.
fn look(c: char) -> Option<char> {
    if c.is_ascii() || !(c.is_lowercase() || c.is_uppercase()) {
        return None;
    }
    prototype(c).or_else(|| c.to_uppercase().find_map(prototype))
}

fn prototype(c: char) -> Option<char> {
    let text = c.to_string();
    let mut letters = unicode_security::skeleton(&text);
    let first = letters.next().filter(|_| letters.next().is_none())?;
    // The standard takes a capital I for a small L.
    let look = if first == 'l' && c.is_uppercase() { 'i' } else { first };
    look.is_ascii_alphanumeric().then_some(look)
}
