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
        let leaving = || self.free().find(|place| self.is_day_of_leaving(*place));
        let is_gone = |value: &str| value.chars().count() > 2 && meant::status_word(value) == Some("Disabled");
        let gone = || self.free().find(|&place| self.column(place).count(is_gone) > 0);
        if let Some(place) = leaving() {
            let filled = grouped(self.column(place).filled);
            return choice
                .look_at(format!("{filled} of the rows have a date in {}: are they still there?", self.quoted(place)));
        }
        if let Some(place) = gone() {
            return choice.look_at(format!(
                "In {} of {} rows, {} has a word for somebody who has left: choose it if it is the status.",
                grouped(self.column(place).count(is_gone)),
                grouped(self.seen.looked_at),
                self.quoted(place)
            ));
        }
        match self.free().find(|place| self.may_be_status(*place)) {
            Some(place) => {
                choice.look_at(format!("Choose {} if its values say who is still there.", self.quoted(place)))
            }
            None => choice,
        }
    }

    /// Returns whether a column has the day on which somebody leaves: one of a system that is known by its headers, or one
    /// that is called so and has a day for some people only.
    fn is_day_of_leaving(&self, place: usize) -> bool {
        const CALLED: [&str; 11] = [
            "leaving",
            "dateleft",
            "exitdate",
            "withdrawal",
            "abgang",
            "austritt",
            "entlass",
            "sortie",
            "baja",
            "salida",
            "uitschrijf",
        ];
        let (column, seen) = (self.column(place), self.seen.looked_at);
        let of_system = Some((HeaderUse::About("when somebody leaves"), NameStrength::OfSystem));
        let is_called_so = CALLED.iter().any(|word| column.key.contains(word));
        let of_some = column.filled * 10 < seen * 9 && column.count(has_digit) == column.filled;
        column.filled > 0 && (self.meanings[place] == of_system || is_called_so && of_some)
    }

    /// Returns whether a header speaks of a status, and its values are a few words that nobody here knows.
    fn may_be_status(&self, place: usize) -> bool {
        const CALLED: [&str; 12] = [
            "status",
            "situa",
            "estado",
            "etat",
            "état",
            "zustand",
            "statut",
            "onroll",
            "enrol",
            "scolarit",
            "schülerart",
            "schuelerart",
        ];
        const OF_SOMETHING_ELSE: [&str; 18] = [
            "sen", "marital", "lunch", "meal", "fee", "housing", "home", "visa", "immigra", "residen", "citizen",
            "military", "health", "vaccin", "immuni", "econom", "disab", "famil",
        ];
        let column = self.column(place);
        let is_called = |words: &[&str]| words.iter().any(|word| column.key.contains(word));
        let few = !column.has_more && (2..=20).contains(&column.values.len());
        let most = column.filled * 2 >= self.seen.looked_at && column.count(has_digit) < column.filled;
        self.meanings[place].is_none() && is_called(&CALLED) && !is_called(&OF_SOMETHING_ELSE) && few && most
    }

    fn status_of(&self, value: &str) -> Option<String> {
        let read = words::meaning(Column::Status, value).map(str::to_owned);
        read.or_else(|| meant::status(self.kind, value))
    }

    fn is_status(&self, value: &str) -> bool {
        self.status_of(value).is_some()
    }
}

fn has_digit(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
}
