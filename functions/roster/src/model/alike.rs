//! Which custom IDs people take for the same, though they are written differently.
//!
//! [`alike`] decides for two IDs, and says why. [`Index`] finds all IDs that are alike to one: each ID has a few
//! canonical forms (`Forms`), and two IDs are alike where they share one of them, so that nothing is compared with
//! everything. IDs are stored as they are written; the forms are for comparing only.

mod date;
mod index;
mod letters;
mod number;
mod reason;

use unicode_normalization::UnicodeNormalization;

use super::text::is_unprintable;

use date::Dates;
#[cfg(test)]
use index::is_own_form;
pub use index::{AlikeIds, Index, IndexBuilder};
use number::Number;
pub use reason::Reason;

/// Returns why somebody who writes `written` may mean `known`.
///
/// `None` where they are the same, or nobody would.
pub fn alike(written: &str, known: &str) -> Option<Reason> {
    if written == known {
        return None;
    }
    let (a, b) = (Forms::new(written), Forms::new(known));
    if a.own().iter().any(|form| b.own().contains(form)) {
        return Some(first_step(written, known));
    }
    if a.plain.iter().any(|form| b.plain.contains(form)) {
        return Some(Reason::LookAlike);
    }
    if a.dates.meet(&b.dates) {
        return Some(Reason::Date);
    }
    number::alike(a.number.as_ref()?, b.number.as_ref()?)
}

/// Returns the ID without the quotation marks, apostrophe, plus or equals sign around it.
pub(crate) fn unmarked(id: &str) -> &str {
    let front = |c: char| is_quote(c) || matches!(c, '=' | '+');
    id.trim_start_matches(front).trim_end_matches(is_quote).trim()
}

/// Returns the forms of an ID without what means nothing: IDs that share one are alike.
pub(crate) fn plain_forms(id: &str) -> Vec<String> {
    Forms::new(id).plain
}

/// The forms under which an ID is compared.
struct Forms {
    /// Those that take away what means nothing: mostly one, and more where a sign can be read in two ways.
    plain: Vec<String>,
    /// How many of them have its own letters; the others have the Latin ones that look the same.
    own: usize,
    dates: Dates,
    number: Option<Number>,
}

impl Forms {
    fn new(id: &str) -> Forms {
        // Names are looked for among the IDs, too, and letters alone have one form and are neither number nor date.
        if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Forms { plain: vec![id.to_ascii_lowercase()], own: 1, dates: Dates::default(), number: None };
        }
        // So do most IDs: all are digits. To take away what they do not have took five thousand instructions.
        if let Some((plain, number)) = Number::of_digits(id) {
            return Forms { plain: vec![plain.to_owned()], own: 1, dates: Dates::default(), number: Some(number) };
        }
        Forms::of_any(id)
    }

    fn of_any(id: &str) -> Forms {
        let stored = stored(&lower(id));
        let bare = bare_of_marks(&spaced(&stored));
        let mut plain = plain(&bare);
        let own = plain.len();
        if let Some(latin) = letters::latin(id) {
            plain.extend(self::plain(&bare_of_marks(&spaced(&self::stored(&latin)))));
        }
        let number = Number::read(&bare, plain.first().map_or("", String::as_str));
        Forms { dates: Dates::read(&hyphened(&stored)), number, plain, own }
    }

    fn own(&self) -> &[String] {
        &self.plain[..self.own]
    }
}

/// Returns the ID without marks between thousands, decimals that are zero and zeros in front, in each way in which it
/// can be read.
fn plain(bare: &str) -> Vec<String> {
    let mut plain = vec![zeros(&whole(&grouped(bare)))];
    for other in [zeros(&whole(bare)), number::written_out(bare).unwrap_or_default()] {
        if !plain.contains(&other) {
            plain.push(other);
        }
    }
    plain.retain(|form| !form.is_empty());
    plain
}

/// Returns the first step of taking away what means nothing after which both are the same.
fn first_step(written: &str, known: &str) -> Reason {
    type Strip = fn(&str) -> String;
    const STEPS: [(Strip, Reason); 6] = [
        (lower, Reason::LetterCase),
        (spaced, Reason::HyphenOrSpace),
        (|id| spaced(&stored(id)), Reason::UnicodeForm),
        (bare_of_marks, Reason::Marks),
        (grouped, Reason::Thousands),
        (whole, Reason::Decimals),
    ];
    let (mut a, mut b) = (written.to_owned(), known.to_owned());
    for (step, reason) in STEPS {
        (a, b) = (step(&a), step(&b));
        if a == b {
            return reason;
        }
    }
    let count = |text: &str| text.chars().filter(|c| *c == '0').count();
    if zeros(&a) == zeros(&b) {
        if count(&a) < count(&b) { Reason::ZerosLost } else { Reason::ZerosGained }
    } else if number::written_out(&a).is_some() || number::written_out(&b).is_some() {
        Reason::Scientific
    } else {
        Reason::Decimals
    }
}

fn lower(id: &str) -> String {
    id.to_lowercase()
}

/// Returns the ID in one Unicode form, without characters that nobody sees.
fn stored(id: &str) -> String {
    if id.is_ascii() {
        return id.chars().filter(|c| !c.is_control()).collect();
    }
    let seen = |c: &char| !is_unprintable(*c) && !matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}');
    id.nfkc().filter(seen).collect::<String>().to_lowercase()
}

/// Returns the ID with one kind of hyphen.
fn hyphened(id: &str) -> String {
    let hyphen =
        |c| matches!(c, '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}');
    id.chars().map(|c| if hyphen(c) { '-' } else { c }).collect()
}

/// Returns the ID with one kind of hyphen, and without spaces.
fn spaced(id: &str) -> String {
    hyphened(id).chars().filter(|c| !c.is_whitespace()).collect()
}

fn bare_of_marks(id: &str) -> String {
    unmarked(id).to_owned()
}

/// Returns whether a character is a quotation mark or an apostrophe of any kind.
pub(crate) fn is_quote(c: char) -> bool {
    matches!(c, '\'' | '"' | '`' | '\u{b4}' | '\u{301}' | '\u{ab}' | '\u{bb}' | '\u{2018}'..='\u{201f}')
        || matches!(c, '\u{2032}' | '\u{2033}' | '\u{2039}' | '\u{203a}' | '\u{ff02}' | '\u{ff07}')
}

/// Returns the ID without marks between the thousands, where they stand as they do in numbers.
fn grouped(id: &str) -> String {
    [',', '.', '\'', '\u{2019}'].into_iter().find_map(|mark| ungrouped(id, mark)).unwrap_or_else(|| id.to_owned())
}

/// Returns numbers like `20,007`, `1,00,000` and `20,007.00` without their commas.
pub(crate) fn ungrouped(id: &str, mark: char) -> Option<String> {
    let (first, rest) = id.split_once(mark)?;
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != mark).unwrap_or(rest.len());
    let (groups, tail) = rest.split_at(end);
    let mut groups = groups.rsplit(mark);
    let last = groups.next().is_some_and(|group| group.len() == 3 && all_digits(group));
    let middle = groups.all(|group| matches!(group.len(), 2 | 3) && all_digits(group));
    let decimals = tail.is_empty() || tail.starts_with(['.', ',']) && all_digits(&tail[1..]);
    let fits = all_digits(first) && first.len() <= 3 && !first.starts_with('0') && last && middle && decimals;
    fits.then(|| id.replace(mark, ""))
}

/// Returns the ID without decimals that are zero.
fn whole(id: &str) -> String {
    let of = |mark| {
        let (whole, decimals) = id.split_once(mark)?;
        let digits = !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit());
        (digits && !decimals.is_empty() && decimals.bytes().all(|b| b == b'0')).then_some(whole)
    };
    of('.').or_else(|| of(',')).unwrap_or(id).to_owned()
}

/// Returns the ID without zeros in front of its first digits.
fn zeros(id: &str) -> String {
    let Some(start) = id.find(|c: char| c.is_ascii_digit()) else { return id.to_owned() };
    let (front, digits) = id.split_at(start);
    let bare = digits.trim_start_matches('0');
    if bare.starts_with(|c: char| c.is_ascii_digit()) {
        format!("{front}{bare}")
    } else if bare.len() < digits.len() {
        // One zero is a number.
        format!("{front}0{bare}")
    } else {
        id.to_owned()
    }
}

#[cfg(test)]
mod tests;
