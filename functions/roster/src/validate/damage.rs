//! What spreadsheets and other programs leave in cells.

use crate::model::alike;

/// Returns whether a cell is `#N/A`, `#REF!`, `#####` or the like, in any language of the spreadsheet.
pub(super) fn is_spreadsheet_error(cell: &str) -> bool {
    let Some(rest) = cell.strip_prefix('#') else { return false };
    let shouted = rest.chars().all(|c| c.is_uppercase() || c.is_ascii_digit() || "/_¡¿!?".contains(c));
    match rest {
        "N/A" | "NV" | "N/D" | "GETTING_DATA" => true,
        _ if rest.ends_with(['!', '?']) => shouted && rest.chars().any(char::is_uppercase),
        _ => !rest.is_empty() && rest.chars().all(|c| c == '#'),
    }
}

/// Returns whether a cell is an ID as a spreadsheet shows a number: `1.2E+11`, `205.0` or `1,234`.
pub(super) fn is_formatted_number(cell: &str) -> bool {
    is_scientific(cell) || has_empty_decimals(cell) || has_thousands(cell)
}

/// Returns the number without what a spreadsheet put into it, where nothing was lost.
pub(super) fn plain_number(cell: &str) -> Option<String> {
    let without_spaces = cell.replace(NARROW_SPACES, "");
    let number = [',', '\'', '\u{2019}'].into_iter().find_map(|mark| alike::ungrouped(&without_spaces, mark));
    let number = number.unwrap_or(without_spaces);
    let whole = number.split_once(['.', ',']).filter(|_| has_empty_decimals(&number)).map(|(whole, _)| whole);
    let plain = whole.unwrap_or(&number);
    (are_digits(plain) && plain != cell).then(|| plain.to_owned())
}

/// Returns whether a cell is an ID in quotation marks, or one with a mark in front by which a spreadsheet takes it for
/// text, for a formula or for a number.
pub(super) fn is_marked(cell: &str) -> bool {
    let signed = |cell: &str| cell.strip_prefix('+').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let doubled = |c: char| alike::is_quote(c) && !matches!(c, '\'' | '\u{2019}' | '\u{301}');
    cell.starts_with(|c| c == '=' || alike::is_quote(c)) || signed(cell) || cell.ends_with(doubled)
}

/// Returns the ID without the marks.
pub(super) fn without_marks(cell: &str) -> &str {
    alike::unmarked(cell)
}

/// The spaces that a spreadsheet puts between thousands, and nobody types.
const NARROW_SPACES: [char; 3] = ['\u{a0}', '\u{2009}', '\u{202f}'];

/// Returns whether a cell is a whole number with decimals that are zeros: `205.0` or `205,00`.
fn has_empty_decimals(cell: &str) -> bool {
    let zeros = |text: &str| !text.is_empty() && text.bytes().all(|b| b == b'0');
    cell.split_once(['.', ',']).is_some_and(|(whole, decimals)| are_digits(whole) && zeros(decimals))
}

/// Returns whether a cell is a number with marks between thousands: `1,234`, `1,234,567`, `1,23,456.00`, `1'234`, or
/// with spaces that nobody types.
fn has_thousands(cell: &str) -> bool {
    let between = |c: char| NARROW_SPACES.contains(&c) || matches!(c, ',' | '\'' | '\u{2019}');
    let Some(mark) = cell.chars().find(|c| between(*c)) else { return false };
    alike::ungrouped(cell, mark).is_some_and(|number| are_digits(&number) || has_empty_decimals(&number))
}

fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Returns whether a cell is a long number as a spreadsheet shows it: `1.2E+11`. It has one digit, perhaps decimals,
/// and an exponent; with neither decimals nor a sign (`1E5`) it can be an ID that somebody chose.
fn is_scientific(cell: &str) -> bool {
    let cell = cell.strip_prefix('-').unwrap_or(cell);
    let Some((mantissa, exponent)) = cell.split_once(['E', 'e']) else { return false };
    let (whole, decimals) = match mantissa.split_once(['.', ',']) {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (mantissa, None),
    };
    let unsigned = exponent.trim_start_matches(['+', '-']);
    let signed = unsigned.len() + 1 == exponent.len();
    whole.len() == 1
        && are_digits(whole)
        && decimals.is_none_or(are_digits)
        && are_digits(unsigned)
        && (signed || (decimals.is_some() && unsigned.len() == exponent.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: fn(&str) -> bool, right: bool, texts: &[&str]) {
        for text in texts {
            assert_eq!(rule(text), right, "{text}");
        }
    }

    #[test]
    fn knows_the_errors_of_spreadsheets() {
        check(is_spreadsheet_error, true, &["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"]);
        check(is_spreadsheet_error, true, &["#####", "##", "#NV", "#WERT!", "#BEZUG!", "#¡REF!", "#SPILL!"]);
        check(is_spreadsheet_error, false, &["", "#", "#1", "#12!", "#Blessed!", "N/A", "#A1", "a #N/A", "C#"]);
    }

    #[test]
    fn knows_ids_with_marks() {
        check(
            is_marked,
            true,
            &["'901", "=901", "'", "''901", "=\"9\"0\"", "\"901\"", "“901”", "‘901", "+901", "901\""],
        );
        check(is_marked, true, &["«901»", "`901", "„901“", "’901"]);
        check(is_marked, false, &["", "901", "9'01", "-901", "901'", "a+901", "+a", "9\"01"]);
        assert_eq!(["'901", "=901", "=\"9\"1\"", "'"].map(without_marks), ["901", "901", "9\"1", ""]);
    }

    #[test]
    fn knows_numbers_that_a_spreadsheet_shortened() {
        check(is_scientific, true, &["1.2E+11", "1,2E+11", "1E+11", "1.23457E+05", "1.2E11", "1e+11", "5E-05"]);
        check(is_scientific, false, &["", "E", "1E5", "12E5", "12.5E+3", "E+11", "1E+", "1.E+11", "1.2E", "1.2E++3"]);
        check(is_formatted_number, true, &["1.2E+11", "205.0", "205,0", "5.00", "1,234", "1,234,567", "12,345"]);
        check(
            is_formatted_number,
            true,
            &["20\u{202f}007", "1\u{a0}234\u{a0}567", "1'234", "1’234", "1,234.00", "1,00,000"],
        );
        check(is_formatted_number, false, &["", "205", "205.", ".0", "205.1", "1.234", "1,23", "1234,567", "0,123"]);
        check(is_formatted_number, false, &["1,2345", "1,234,5", ",234", "a,234", "1.0.0", "00123", "10-0", "20 007"]);
        let plain = ["1,234", "205.0", "1,234.00", "20\u{202f}007", "1.2E+11"].map(plain_number);
        assert_eq!(plain.map(Option::unwrap_or_default), ["1234", "205", "1234", "20007", ""]);
        check(is_scientific, false, &["00123", "1-E+3", "A1E+5", "1.2E+11a", "1.2.3E+4", "2E-1-4", "1.2E-"]);
    }
}
