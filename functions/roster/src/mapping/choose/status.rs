//! The column that says whether somebody is there.

use std::collections::BTreeMap;

use crate::file::words;
use crate::model::Column;
use crate::model::finding::grouped;
use crate::settings::{CellSource, value_key};

use super::super::in_use::HeaderUse;
use super::super::meant;
use super::super::proposal::Confidence;
use super::chooser::{Choice, Chooser};
use super::meaning::NameStrength;

impl Chooser<'_, '_> {
    pub(super) fn status(&mut self) {
        let column = Column::Status;
        let understood = |place: usize| self.column(place).count(|value| self.is_status(value));
        let plain = |place: usize| self.column(place).count(|value| words::meaning(column, value).is_some());
        let named = self.candidates(|meaning| meaning == HeaderUse::Is(column));
        let best = named.iter().rev().max_by_key(|(place, strength)| (understood(*place), *strength));
        let best = best.copied().filter(|(place, _)| self.column(*place).filled > 0);
        let Some((place, strength)) = best.or_else(|| self.status_by_values()) else {
            let choice = self.status_of_all();
            return self.keep(column, choice, BTreeMap::new());
        };
        let (filled, known, plain) = (self.column(place).filled, understood(place), plain(place));
        let values = self.meanings_of(column, place);
        let from = CellSource::Header(self.header(place));
        let sure = plain == filled && filled == self.seen.looked_at && strength >= NameStrength::Sure;
        let reason = format!("{} of {} values are statuses.", grouped(known), grouped(filled));
        let choice = if sure {
            Choice::new(from, Confidence::Certain, "Every value is a status.")
        } else {
            Choice::new(from, Confidence::Likely, reason).look_at(
                "Look at what each status means: who has left, is away or comes later is proposed as Disabled, and can \
                 be left out instead.",
            )
        };
        self.keep(column, choice, values);
    }

    /// Finds a column whose header says nothing, and whose values are all statuses, of people who are there and others.
    /// `Y` and `N` are answers to any question, and a letter is short for anything.
    fn status_by_values(&self) -> Option<(usize, NameStrength)> {
        let is_word = |value: &str| value.chars().count() > 2 && !matches!(value_key(value).as_str(), "yes" | "true");
        let is_statuses = |place: &usize| {
            let column = self.column(*place);
            let all = column.filled > 0 && !column.has_more && column.count(|v| self.is_status(v)) == column.filled;
            let mostly = column.filled * 10 >= self.seen.looked_at * 9;
            let is_active = |v: &String| is_word(v) && self.status_of(v).is_some_and(|status| status == "Active");
            self.meanings[*place].is_none() && all && mostly && column.values.keys().any(is_active)
        };
        self.free().find(is_statuses).map(|place| (place, NameStrength::Several))
    }

    /// Proposes that everybody is there, and names what in the file says something else.
    fn status_of_all(&self) -> Choice {
        let reason = "The file has no status: whoever is in it is active.";
        let choice = Choice::new(CellSource::Fixed("Active".to_owned()), Confidence::Likely, reason);
        let is_leaving = |place: &usize| {
            self.meanings[*place] == Some((HeaderUse::About("when somebody leaves"), NameStrength::OfSystem))
                && self.column(*place).filled > 0
        };
        let leaving = || self.free().find(is_leaving);
        let is_gone = |value: &str| value.chars().count() > 2 && meant::status_word(value) == Some("Disabled");
        let gone = || self.free().find(|&place| self.column(place).count(is_gone) > 0);
        match (leaving(), gone()) {
            (Some(place), _) => choice.look_at(format!(
                "{} of the rows have a date in {}: are they still there?",
                grouped(self.column(place).filled),
                self.quoted(place)
            )),
            (None, Some(place)) => choice.look_at(format!(
                "In {} of {} rows, {} has a word for somebody who has left: choose it if it is the status.",
                grouped(self.column(place).count(is_gone)),
                grouped(self.seen.looked_at),
                self.quoted(place)
            )),
            (None, None) => choice,
        }
    }

    fn status_of(&self, value: &str) -> Option<String> {
        let read = words::meaning(Column::Status, value).map(str::to_owned);
        read.or_else(|| meant::status(self.kind, value))
    }

    fn is_status(&self, value: &str) -> bool {
        self.status_of(value).is_some()
    }
}
