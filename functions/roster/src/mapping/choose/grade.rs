//! The column of grades.

use crate::file::words;
use crate::model::Column;
use crate::model::finding::grouped;
use crate::settings::CellSource;

use super::super::in_use::HeaderUse;
use super::super::meant;
use super::super::proposal::Confidence;
use super::chooser::{Choice, Chooser};
use super::meaning::NameStrength;

impl Chooser<'_, '_> {
    pub(super) fn grade(&mut self) {
        let column = Column::Grade;
        let named =
            self.candidates(|meaning| matches!(meaning, HeaderUse::Is(c) | HeaderUse::Decoded(c) if c == column));
        let understood = |place: usize| self.grades_of(place);
        let plain = |place: usize| self.column(place).count(|value| words::meaning(column, value).is_some());
        let best = named.iter().rev().max_by_key(|(place, strength)| (understood(*place), plain(*place), *strength));
        let Some(&(place, strength)) = best else { return self.grade_by_values() };
        let (filled, known) = (self.column(place).filled, understood(place));
        let values = self.meanings_of(column, place);
        let is_of_kind = |value: &String| self.kind.is_some_and(|kind| kind.value(column, value).is_some());
        let is_told = values.keys().all(is_of_kind);
        let from = CellSource::Header(self.header(place));
        let reason = if filled == 0 {
            "The header says so; it has no values.".to_owned()
        } else if known == filled {
            "Every value is a grade.".to_owned()
        } else if known == 0 {
            "The header says so; none of the values is known as a grade.".to_owned()
        } else {
            format!("{} of {} values are grades.", grouped(known), grouped(filled))
        };
        let sure = known == filled && is_told && strength >= NameStrength::Sure && filled > 0;
        let others = named.iter().map(|(other, _)| *other).filter(|other| *other != place).collect();
        let choice =
            Choice::new(from, if sure { Confidence::Certain } else { Confidence::Likely }, reason).others(others);
        let choice = if known < filled {
            choice.look_at("Say of the other values which grade each is, or leave them: their rows are rejected.")
        } else if !is_told {
            choice.look_at("Some values are grades only if they are meant so: look at what each becomes.")
        } else {
            choice
        };
        self.keep(column, choice, values);
    }

    /// Takes a column whose header says nothing, and whose values are all grades; numbers alone can be anything.
    fn grade_by_values(&mut self) {
        let is_grades = |place: &usize| {
            let column = self.column(*place);
            let all = column.filled > 0 && !column.has_more && self.grades_of(*place) == column.filled;
            let has_word = || column.values.keys().any(|v| v.contains(char::is_alphabetic));
            self.meanings[*place].is_none() && all && column.values.len() > 2 && has_word()
        };
        let Some(place) = self.free().find(is_grades) else { return };
        let choice = Choice::new(CellSource::Header(self.header(place)), Confidence::Guess, "Every value is a grade.")
            .look_at("The header does not say that these are grades: look at what each becomes.");
        let values = self.meanings_of(Column::Grade, place);
        self.keep(Column::Grade, choice, values);
    }

    /// Returns how many rows have a grade.
    fn grades_of(&self, place: usize) -> u64 {
        let has_grades = self.column(place).values.keys().any(|value| meant::is_grade_number(value));
        let is_grade = |value: &str| {
            words::meaning(Column::Grade, value).is_some() || meant::grade(self.kind, has_grades, value).is_some()
        };
        self.column(place).count(is_grade)
    }
}
