//! A cell as the sheet shows it, where that is what it means.

use calamine::{CellErrorType, DataRef, ExcelDateTime};

/// The number from which the digits that are not shown may be lost: Excel keeps fifteen.
const LARGE: f64 = 1e15;
/// Up to here every whole number has a value of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Returns the text of a cell with that format.
pub(super) fn text(value: DataRef, format: Option<&NumberFormatPattern>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) => text,
        DataRef::SharedString(text) => text.to_owned(),
        DataRef::Int(number) => formatted(number as f64, format),
        DataRef::Float(number) => formatted(number, format),
        DataRef::Bool(value) => if value { "TRUE" } else { "FALSE" }.to_owned(),
        DataRef::DateTime(moment) => date(&moment),
        DataRef::DateTimeIso(text) => iso_date(&text),
        DataRef::DurationIso(text) => text,
        DataRef::Error(CellErrorType::GettingData) => "#GETTING_DATA".to_owned(),
        DataRef::Error(error) => error.to_string(),
    }
}

fn formatted(value: f64, format: Option<&NumberFormatPattern>) -> String {
    format.and_then(|format| format.apply(value)).unwrap_or_else(|| number(value))
}

/// Returns a number with all its digits, and without decimals where it has none. One whose last digits a spreadsheet may
/// have lost is written as spreadsheets show it: an ID like that is a finding, not another ID.
pub(super) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "#NUM!".to_owned();
    }
    if value.fract() == 0.0 {
        let size = value.abs();
        if size < LARGE || (size < EXACT && size % 10.0 != 0.0) {
            return format!("{}", value as i64);
        }
        let shown = format!("{value:.14E}");
        let (digits, exponent) = shown.split_once('E').unwrap_or((&shown, "0"));
        return format!("{}E+{exponent}", digits.trim_end_matches('0').trim_end_matches('.'));
    }
    // 0.1 + 0.2 is 0.3 in a sheet, too.
    let rounded: f64 = format!("{value:.14e}").parse().unwrap_or(value);
    format!("{rounded}")
}

/// Returns a date as ISO 8601 has it; with the time where it has one, and the time alone where it is of no day.
fn date(moment: &ExcelDateTime) -> String {
    let value = moment.as_f64();
    if moment.is_duration() || (0.0..1.0).contains(&value) {
        let seconds = (value * 86_400.0).round() as i64;
        return format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second) {
        (0, 0, 0) => date,
        time => format!("{date} {:02}:{:02}:{:02}", time.0, time.1, time.2),
    }
}

/// Returns a date that a file writes in ISO 8601, without a time that says nothing.
pub(super) fn iso_date(text: &str) -> String {
    match text.split_once('T') {
        Some((day, time)) if time.trim_end_matches('Z').chars().all(|c| matches!(c, '0' | ':' | '.')) => day.to_owned(),
        Some((day, time)) => format!("{day} {}", time.trim_end_matches('Z')),
        None => text.to_owned(),
    }
}

/// A number format that shows more digits than the number has, such as `00000`, perhaps with letters or marks between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NumberFormatPattern {
    /// From left to right; `None` is the place of a digit.
    places: Vec<Option<char>>,
}

impl NumberFormatPattern {
    /// Reads a format as Excel writes it; `None` where it adds no digits, or is longer than Excel lets it be.
    pub(super) fn read(code: &str) -> Option<NumberFormatPattern> {
        const LONGEST: usize = 255;
        if code.len() > LONGEST {
            return None;
        }
        let mut places = Vec::new();
        let mut letters = code.chars();
        while let Some(letter) = letters.next() {
            match letter {
                // What follows is for negative numbers.
                ';' => break,
                '0' => places.push(None),
                '"' => places.extend(letters.by_ref().take_while(|c| *c != '"').map(Some)),
                '\\' => places.push(Some(letters.next()?)),
                '-' | ' ' => places.push(Some(letter)),
                _ => return None,
            }
        }
        (places.iter().filter(|place| place.is_none()).count() > 1).then_some(NumberFormatPattern { places })
    }

    /// Returns a number as the format shows it; `None` where it is negative or has decimals.
    pub(super) fn apply(&self, value: f64) -> Option<String> {
        if value < 0.0 || value.fract() != 0.0 || value >= LARGE {
            return None;
        }
        let width = self.places.iter().filter(|place| place.is_none()).count();
        let mut digits = format!("{value:0width$.0}");
        let surplus = digits.split_off(digits.len() - width);
        // Digits that have no place stand before the first of the others.
        let (mut before, mut rest) = (Some(digits), surplus.chars());
        let mut text = String::new();
        for place in &self.places {
            match place {
                Some(letter) => text.push(*letter),
                None => {
                    text.push_str(&before.take().unwrap_or_default());
                    text.extend(rest.next());
                }
            }
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        let right = [
            (123.0, "123"),
            (-5.0, "-5"),
            (123_456_789_012.0, "123456789012"),
            (999_999_999_999_999.0, "999999999999999"),
            (12.5, "12.5"),
            (0.1 + 0.2, "0.3"),
            (1_234_567_890_123_457.0, "1234567890123457"),
            (1_234_567_890_123_450.0, "1.23456789012345E+15"),
            (12_345_678_901_234_567_890.0, "1.23456789012346E+19"),
            (0.0, "0"),
        ];
        right.iter().for_each(|(value, text)| assert_eq!(number(*value), *text));
    }

    #[test]
    fn formats_add_zeros() {
        let shown = |code: &str, value: f64| NumberFormatPattern::read(code).and_then(|format| format.apply(value));
        assert_eq!(shown("00000", 123.0).as_deref(), Some("00123"));
        assert_eq!(shown("00000", 1_234_567.0).as_deref(), Some("1234567"));
        assert_eq!(shown("000\\-00\\-0000", 12_345_678.0).as_deref(), Some("012-34-5678"));
        assert_eq!(shown("\"S\"0000", 7.0).as_deref(), Some("S0007"));
        assert_eq!(shown("00000;-0", 12.0).as_deref(), Some("00012"));
        for code in ["General", "0", "0.00", "#,##0", "@", "yyyy-mm-dd", "00.0", "0%", "[Red]00", ""] {
            assert_eq!(shown(code, 5.0), None, "{code}");
        }
        assert_eq!(shown(&"0".repeat(255), 5.0).map(|text| text.len()), Some(255));
        assert_eq!(shown(&"0".repeat(256), 5.0), None);
        assert_eq!(shown("00000", -5.0), None);
        assert_eq!(shown("00000", 1.5), None);
    }

    #[test]
    fn dates_are_no_serial_numbers() {
        let shown = |value, is_1904| date(&ExcelDateTime::new(value, ExcelDateTimeType::DateTime, is_1904));
        assert_eq!(shown(46_000.0, false), "2025-12-09");
        assert_eq!(shown(44_538.0, true), "2025-12-09");
        assert_eq!(shown(46_000.5, false), "2025-12-09 12:00:00");
        assert_eq!(shown(0.75, false), "18:00:00");
        assert_eq!(iso_date("2025-12-09T00:00:00"), "2025-12-09");
        assert_eq!(iso_date("2025-12-09T08:30:00"), "2025-12-09 08:30:00");
        assert_eq!(iso_date("2025-12-09"), "2025-12-09");
    }
}
