//! The columns that say who somebody is.

use std::collections::BTreeMap;

use crate::model::Column;
use crate::model::finding::grouped;
use crate::settings::CellSource;

use super::super::in_use::HeaderUse;
use super::super::proposal::Confidence;
use super::chooser::{Choice, Chooser};
use super::meaning::NameStrength;

impl Chooser<'_, '_> {
    pub(super) fn custom_id(&mut self) {
        let named = self.candidates(|meaning| meaning == HeaderUse::Is(Column::CustomId));
        let internal = self.candidates(|meaning| meaning == HeaderUse::Internal);
        let by_name: Vec<usize> = named.iter().chain(&internal).map(|(place, _)| *place).collect();
        let by_value = self.free().filter(|&place| {
            let column = self.column(place);
            column.known_ids > 0 && column.known_ids * 2 >= column.filled && !by_name.contains(&place)
        });
        let all: Vec<usize> = by_name.iter().copied().chain(by_value).collect();
        let of_users = |place: usize| self.column(place).known_ids;
        let best = all.iter().copied().rev().max_by_key(|&place| of_users(place)).filter(|&place| of_users(place) > 0);
        let others = |chosen: usize| all.iter().copied().filter(|&place| place != chosen).collect::<Vec<_>>();
        let from = |place: usize| CellSource::Header(self.header(place));
        let choice = if let Some(best) = best {
            let (ids, filled) = (of_users(best), self.column(best).filled);
            let reason = format!("{} of {} values are custom IDs of your users.", grouped(ids), grouped(filled));
            let is_most = self.column(best).is_mostly(ids);
            let confidence = if is_most { Confidence::Certain } else { Confidence::Likely };
            let rival = others(best).into_iter().find(|&other| of_users(other) * 2 >= ids);
            let choice = Choice::new(from(best), confidence, reason).others(others(best));
            match rival {
                Some(rival) => choice.look_at(format!("{} has custom IDs of your users, too.", self.quoted(rival))),
                None => choice,
            }
        } else if let Some(&first) = by_name.first() {
            let column = self.column(first);
            let rivals: Vec<usize> = named.iter().skip(1).map(|(place, _)| *place).collect();
            let choice = match rivals.first() {
                Some(&rival) => {
                    let reason = format!("The header says so, and {} could be it, too.", self.quoted(rival));
                    let what = format!(
                        "{} or {}: which one do people know? Neither was recognised by custom IDs of your users.",
                        self.quoted(first),
                        self.quoted(rival)
                    );
                    Choice::new(from(first), Confidence::Guess, reason).look_at(what)
                }
                None if named.is_empty() => {
                    let what = format!("{} is often an internal number that nobody sees.", self.quoted(first));
                    Choice::new(from(first), Confidence::Guess, "It is the only ID in the file.").look_at(what)
                }
                None if column.is_unique && column.filled == self.seen.looked_at => {
                    let sure = named[0].1 >= NameStrength::Sure;
                    let confidence = if sure { Confidence::Certain } else { Confidence::Likely };
                    let reason = format!("The header says so, and all {} values differ.", grouped(column.filled));
                    Choice::new(from(first), confidence, reason)
                }
                None => {
                    let reason = "The header says so, but some rows have no value, or another row's.";
                    Choice::new(from(first), Confidence::Likely, reason)
                }
            };
            choice.others(others(first))
        } else {
            let unique = self.free().find(|&place| {
                let column = self.column(place);
                let is_id = column.addresses == 0 && column.of_words == 0;
                column.is_unique && column.filled == self.seen.looked_at && column.filled > 0 && is_id
            });
            let (place, reason) = match (unique, self.free().next()) {
                (Some(place), _) => (place, "No header says that it is the ID; all values of this one differ."),
                (None, Some(place)) => {
                    (place, "No header says that it is the ID, and no column has another one in each row.")
                }
                (None, None) => (
                    (0..self.seen.columns.len()).find(|place| !self.taken.contains(place)).unwrap_or(0),
                    "There is no other column.",
                ),
            };
            Choice::new(from(place), Confidence::Guess, reason)
                .look_at("Choose the column of the Student ID or Employee ID.")
        };
        self.keep(Column::CustomId, choice, BTreeMap::new());
    }

    pub(super) fn password(&mut self) {
        let is = |place: &usize| {
            !self.taken.contains(place)
                && self.meanings[*place].is_some_and(|(meaning, _)| meaning == HeaderUse::Is(Column::Password))
        };
        let places: Vec<usize> = (0..self.seen.columns.len()).filter(is).collect();
        if let [place] = places[..] {
            let reason = "The header says that it holds passwords. Their values are shown nowhere.";
            let from = CellSource::Header(self.header(place));
            self.keep(Column::Password, Choice::new(from, Confidence::Likely, reason), BTreeMap::new());
        }
    }
}
