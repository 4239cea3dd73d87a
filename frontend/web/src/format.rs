//! Numbers and sizes as people read them.

/// Writes `1234567` as `1,234,567`.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Writes a number with its word: `1 user`, `2 users`.
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// Writes a size in the unit that keeps it short.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 3] = ["KB", "MB", "GB"];
    if n < 1000 {
        return count(n, "byte", "bytes");
    }
    let mut size = n as f64 / 1000.0;
    let mut unit = 0;
    while size >= 999.5 && unit + 1 < UNITS.len() {
        size /= 1000.0;
        unit += 1;
    }
    if size < 10.0 { format!("{size:.1} {}", UNITS[unit]) } else { format!("{size:.0} {}", UNITS[unit]) }
}

/// Writes a list in words: `a`, `a and b`, `a, b and c`.
pub fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}

/// Returns how much of `total` is done, as a whole percentage.
pub fn share(done: u64, total: u64) -> u64 {
    done.saturating_mul(100).checked_div(total).unwrap_or(0).min(100)
}

/// Reads a whole number typed by a person.
///
/// Its digits may be grouped by thousands: `1,234`, `1.234` or `1 234`. `2.5` is no whole number, and not 25 either.
pub fn typed_number(text: &str) -> Option<u64> {
    const SEPARATORS: [char; 5] = [',', '.', ' ', '\u{a0}', '\u{202f}'];
    let text = text.trim();
    let digits = match text.chars().find(|c| SEPARATORS.contains(c)) {
        Some(separator) if !grouped(text, separator) => return None,
        Some(separator) => text.replace(separator, ""),
        None => text.to_owned(),
    };
    // `parse` alone would take a sign.
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// Returns whether `separator` parts `text` into one to three digits and then threes. `0.125` is a fraction.
fn grouped(text: &str, separator: char) -> bool {
    let (first, rest) = text.split_once(separator).unwrap_or((text, ""));
    (1..=3).contains(&first.len()) && !first.starts_with('0') && rest.split(separator).all(|group| group.len() == 3)
}

/// Writes the straight apostrophes of words that the API says as the page writes its own.
///
/// Those of `can't` and `the user's`, not one that is part of a name.
pub fn curly(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let mut after = rest.clone();
        let ends = matches!(after.next(), Some('t' | 's')) && !after.next().is_some_and(char::is_alphanumeric);
        out.push(if c == '\'' && before.is_alphabetic() && ends { '\u{2019}' } else { c });
        before = c;
    }
    out
}

/// Returns the first characters of a digest, for people to compare.
pub fn short_digest(digest: &str) -> String {
    digest.chars().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            ["0", "999", "1,000", "12,345", "1,234,567"],
            [0, 999, 1000, 12_345, 1_234_567].map(number).as_slice()
        );
    }

    #[test]
    fn sizes_stay_short() {
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(999), "999 bytes");
        assert_eq!(bytes(1_500), "1.5 KB");
        assert_eq!(bytes(12_345_678), "12 MB");
        assert_eq!(bytes(999_900), "1.0 MB");
    }

    #[test]
    fn apostrophes_of_words_are_curly() {
        assert_eq!(curly("You can't see that user's row."), "You can\u{2019}t see that user\u{2019}s row.");
        for text in ["'00123 is marked", "Miles O'Toole", "the field 'name'", "D'souza"] {
            assert_eq!(curly(text), text);
        }
    }

    #[test]
    fn lists_end_in_and() {
        let words = |w: &[&str]| list(&w.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
        assert_eq!(words(&[]), "");
        assert_eq!(words(&["a"]), "a");
        assert_eq!(words(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn a_share_of_nothing_is_nothing() {
        assert_eq!(share(0, 0), 0);
        assert_eq!(share(1, 3), 33);
        assert_eq!(share(5, 4), 100);
    }

    #[test]
    fn people_may_group_the_digits_they_type() {
        for text in [" 1234 ", "1,234", "1.234", "1 234", "1\u{a0}234", "1\u{202f}234"] {
            assert_eq!(typed_number(text), Some(1234), "{text}");
        }
        assert_eq!(typed_number("1,234,567"), Some(1_234_567));
        assert_eq!(typed_number("0"), Some(0));
    }

    #[test]
    fn what_is_no_whole_number_is_not_taken_for_another() {
        for text in [
            "",
            " ",
            "all",
            "2.5",
            "2,5",
            "1,23",
            "12,3456",
            "1234,567",
            "1,234.567",
            "0.125",
            ",123",
            "1,",
            "-5",
            "+5",
            "1,-12",
            "1e3",
            "10 %",
            "99999999999999999999",
        ] {
            assert_eq!(typed_number(text), None, "{text}");
        }
    }
}
