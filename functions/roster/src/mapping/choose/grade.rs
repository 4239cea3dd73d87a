//! The column of grades.

use crate::file::words;
use crate::model::Column;
use crate::model::finding::grouped;
use crate::settings::CellSource;

use super::super::in_use::HeaderUse;
use super::super::proposal::Confidence;
use super::chooser::{Choice, Chooser};
use super::meaning::NameStrength;

impl Chooser<'_, '_> {
    pub(super) fn grade(&mut self) {
        let column = Column::Grade;
        let named =
            self.candidates(|meaning| matches!(meaning, HeaderUse::Is(c) | HeaderUse::Decoded(c) if c == column));
        let understood = |place: usize| {
            self.column(place)
                .count(|value| words::meaning(column, value).is_some() || self.grade_of(place, value).is_some())
        };
        let plain = |place: usize| self.column(place).count(|value| words::meaning(column, value).is_some());
        let best = named.iter().rev().max_by_key(|(place, strength)| (understood(*place), plain(*place), *strength));
        let Some(&(place, strength)) = best else { return };
        let (filled, known) = (self.column(place).filled, understood(place));
        let values =
            self.values(place, |value| self.grade_of(place, value).filter(|_| words::meaning(column, value).is_none()));
        let is_of_kind = |value: &String| self.kind.is_some_and(|kind| kind.value(column, value).is_some());
        let is_told = values.keys().all(is_of_kind);
        let from = CellSource::Header(self.header(place));
        let reason = match known == filled {
            true if filled > 0 => "Every value is a grade.".to_owned(),
            true => "The header says so; it has no values.".to_owned(),
            false => format!("{} of {} values are grades.", grouped(known), grouped(filled)),
        };
        let sure = known == filled && is_told && strength >= NameStrength::Sure && filled > 0;
        let others = named.iter().map(|(other, _)| *other).filter(|other| *other != place).collect();
        let choice =
            Choice::new(from, if sure { Confidence::Certain } else { Confidence::Likely }, reason).others(others);
        let choice = match () {
            () if known < filled => {
                choice.look_at("Say of the other values which grade each is, or leave them: their rows are rejected.")
            }
            () if !is_told => {
                choice.look_at("Some values are grades only if they are meant so: look at what each becomes.")
            }
            () => choice,
        };
        self.keep(column, choice, values);
    }

    /// Returns the grade that a value is, where the word itself does not say it.
    pub(super) fn grade_of(&self, place: usize, value: &str) -> Option<String> {
        if let Some(known) = self.kind.and_then(|kind| kind.value(Column::Grade, value)) {
            return Some(known.to_owned());
        }
        let word = value.trim().to_lowercase();
        let number = |text: &str| text.trim().parse::<i32>().ok();
        // Beside 1 to 12, nothing is before the first grade but Kindergarten.
        let has_grades =
            || self.column(place).values.keys().any(|other| number(other).is_some_and(|n| (1..=12).contains(&n)));
        match number(&word) {
            Some(0) if has_grades() => return Some("K".to_owned()),
            Some(-2..=-1) if has_grades() => return Some("PreK".to_owned()),
            Some(_) => return None,
            None => {}
        }
        let of_years = ["year", "yr", "y", "stufe", "jg"]
            .iter()
            .find_map(|before| number(word.strip_prefix(before)?.trim_start_matches(['.', ' '])));
        let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        // A class such as 7b is in grade 7. What begins with two zeros, as 00A, is none.
        let is_class = (1..=2).contains(&digits)
            && !word.starts_with("00")
            && word[digits..].chars().count() <= 2
            && word[digits..].chars().all(char::is_alphabetic);
        let of_class = || is_class.then(|| number(&word[..digits])).flatten();
        let grade = of_years.or_else(of_class)?;
        match grade {
            1..=12 => Some(grade.to_string()),
            13 => Some("Other".to_owned()),
            _ => None,
        }
    }
}
