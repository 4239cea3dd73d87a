//! IDs that a spreadsheet takes for numbers.

use super::reason::Reason;

/// How many digits of a number a spreadsheet keeps.
const KEPT_DIGITS: usize = 15;

/// What an ID is as a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    /// The number itself, of an ID that is one.
    pub(super) exact: Option<u128>,
    /// Of `1.2E+11` the numbers that are shown so.
    shown: Option<(u128, u128)>,
    /// Of a long number that ends in zeros the numbers that a spreadsheet may have made it of.
    rounded: Option<(u128, u128)>,
    /// What a spreadsheet makes of a long number.
    cut: Option<u128>,
}

impl Number {
    /// Reads the number that an ID is; `plain` is `bare` without marks between thousands, decimals and zeros in front.
    pub(super) fn read(bare: &str, plain: &str) -> Option<Number> {
        let written = written_out(bare);
        let digits = written.as_deref().unwrap_or(plain);
        let exact: Option<u128> = if is_number(digits) { digits.parse().ok() } else { None };
        let shown = if exact.is_none() { shown(bare) } else { None };
        let (mut rounded, mut cut) = (None, None);
        if let Some(number) = exact.filter(|_| digits.len() > KEPT_DIGITS) {
            let unit = 10u128.checked_pow((digits.len() - KEPT_DIGITS) as u32)?;
            match number % unit {
                0 => rounded = Some((number.saturating_sub(unit / 2), number.saturating_add(unit - 1))),
                rest => cut = Some(number - rest),
            }
        }
        (exact.is_some() || shown.is_some()).then_some(Number { exact, shown, rounded, cut })
    }

    /// Reads an ID of digits alone, no more of them than a spreadsheet keeps. Returns it without zeros in front, too.
    pub(super) fn of_digits(id: &str) -> Option<(&str, Number)> {
        let bare = id.trim_start_matches('0');
        // Of zeros alone one is left.
        let plain = if bare.is_empty() { &id[id.len().checked_sub(1)?..] } else { bare };
        let is_kept = is_number(id) && plain.len() <= KEPT_DIGITS;
        let number = || Number { exact: plain.parse().ok(), shown: None, rounded: None, cut: None };
        is_kept.then(|| (plain, number()))
    }

    /// Returns the numbers that it may have been.
    pub(super) fn ranges(&self) -> impl Iterator<Item = (u128, u128)> {
        let cut = self.cut.map(|number| (number, number));
        [self.shown, self.rounded, cut].into_iter().flatten()
    }
}

/// Returns why somebody who writes the one number may mean the other.
pub(super) fn alike(written: &Number, known: &Number) -> Option<Reason> {
    let within = |(from, to): (u128, u128)| known.exact.is_some_and(|exact| (from..=to).contains(&exact));
    if written.shown.is_some_and(within) {
        return Some(Reason::Scientific);
    }
    let cut = written.cut.map(|number| (number, number));
    (written.rounded.is_some_and(within) || cut.is_some_and(within)).then_some(Reason::LastDigits)
}

/// Returns the number that a spreadsheet takes an ID like `12E3` for, in digits.
pub(super) fn written_out(id: &str) -> Option<String> {
    let (digits, exponent) = id.split_once('e')?;
    let zeros: usize = if is_number(exponent) { exponent.parse().ok()? } else { return None };
    let bare = digits.trim_start_matches('0');
    (is_number(digits) && !bare.is_empty() && bare.len().saturating_add(zeros) <= 38)
        .then(|| format!("{bare}{:0<zeros$}", ""))
}

/// Returns the numbers that are shown as `1.2e+11`.
fn shown(id: &str) -> Option<(u128, u128)> {
    let (mantissa, exponent) = id.split_once('e')?;
    let exponent: i32 = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
    let (whole, decimals) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let digits = format!("{whole}{decimals}");
    if !is_number(whole) || !is_number(&digits) || digits.len() > 20 {
        return None;
    }
    let mut number: u128 = digits.parse().ok()?;
    let mut power = exponent.checked_sub(decimals.len() as i32)?;
    while power < 0 && number.is_multiple_of(10) && number > 0 {
        (number, power) = (number / 10, power + 1);
    }
    let unit = 10u128.checked_pow(u32::try_from(power).ok()?)?;
    let number = number.checked_mul(unit)?;
    Some((number.saturating_sub(unit / 2), number.saturating_add(unit / 2)))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
