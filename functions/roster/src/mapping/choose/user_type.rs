//! The column of user types.

use std::collections::BTreeMap;

use crate::file::words;
use crate::model::Column;
use crate::model::finding::grouped;
use crate::settings::CellSource;

use super::super::in_use::HeaderUse;
use super::super::meant;
use super::super::proposal::Confidence;
use super::chooser::{Choice, Chooser};

impl Chooser<'_, '_> {
    pub(super) fn user_type(&mut self) {
        let column = Column::UserType;
        let understood = |place: usize| self.column(place).count(|value| words::meaning(column, value).is_some());
        let or_meant = |place: usize| {
            understood(place)
                + self
                    .column(place)
                    .count(|value| words::meaning(column, value).is_none() && meant::user_type(value).is_some())
        };
        let named = self.candidates(|meaning| meaning == HeaderUse::Is(column));
        let best = named.iter().rev().max_by_key(|(place, _)| or_meant(*place)).map(|(place, _)| *place);
        let best = best.filter(|&place| or_meant(place) > 0);
        let by_value = || {
            self.free().find(|&place| {
                let all = understood(place) == self.column(place).filled && self.column(place).filled > 0;
                self.meanings[place].is_none() && all && self.column(place).filled * 10 >= self.seen.looked_at * 9
            })
        };
        if let Some(place) = best.or_else(by_value) {
            let (filled, plain, known) = (self.column(place).filled, understood(place), or_meant(place));
            let values = self.meanings_of(column, place);
            let from = CellSource::Header(self.header(place));
            let choice = if plain == filled {
                Choice::new(from, Confidence::Certain, "Every value is a user type.")
            } else {
                let reason = format!("{} of {} values are user types.", grouped(known), grouped(filled));
                Choice::new(from, Confidence::Likely, reason)
                    .look_at("Say of each value which user type it is; parents and others can be left out.")
            };
            return self.keep(column, choice, values);
        }
        let graded = self.columns.iter().find(|proposed| proposed.column == Column::Grade);
        let all_graded = graded.is_some_and(|proposed| {
            let filled: u64 = proposed.values.iter().map(|group| group.count).sum();
            filled * 20 >= self.seen.looked_at * 19 && filled > 0
        });
        let (word, reason, confidence) = match self.kind.and_then(|kind| kind.user_type) {
            _ if all_graded => ("Student", "The file has no user type, and a grade for everybody.", Confidence::Likely),
            Some(word) => (word, "The file has no user type; such exports are of one.", Confidence::Likely),
            None => ("Student", "The file has no user type.", Confidence::Guess),
        };
        let what = format!("Everybody in the file is taken for a {}: confirm that.", word.to_lowercase());
        let choice = Choice::new(CellSource::Fixed(word.to_owned()), confidence, reason).look_at(what);
        self.keep(column, choice, BTreeMap::new());
    }
}
