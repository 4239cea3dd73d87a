//! The column of the school.

use std::collections::BTreeMap;

use crate::model::finding::grouped;
use crate::model::{Column, School};
use crate::settings::CellSource;

use super::super::in_use::HeaderUse;
use super::super::meant;
use super::super::proposal::Confidence;
use super::chooser::{Choice, Chooser};

impl Chooser<'_, '_> {
    pub(super) fn school(&mut self) {
        let schools = self.known.schools;
        let is_id = |value: &str| schools.by_external_id(value).is_some();
        let column = Column::SchoolDistrictExternalId;
        let named =
            self.candidates(|meaning| matches!(meaning, HeaderUse::Is(c) | HeaderUse::Decoded(c) if c == column));
        let known =
            |place: usize| self.column(place).count(|value| is_id(value) || meant::school(schools, value).is_some());
        let from_value = || {
            let few = |place: &usize| {
                !self.column(*place).has_more && self.column(*place).filled * 10 >= self.seen.looked_at * 9
            };
            let all = |place: &usize| known(*place) == self.column(*place).filled;
            // Grades and counts are small numbers, as IDs of schools may be.
            let telling = |place: &usize| {
                self.meanings[*place].is_none() && self.column(*place).values.keys().any(|v| v.len() > 2)
            };
            self.free().filter(few).filter(telling).find(|place| self.column(*place).filled > 0 && all(place))
        };
        let best = named.iter().rev().max_by_key(|(place, _)| known(*place)).map(|(place, _)| *place);
        let best = match best {
            Some(place) if known(place) > 0 => Some(place),
            other => from_value().or(other),
        };
        let Some(place) = best else {
            let choice = self.school_of_all();
            self.keep(column, choice, BTreeMap::new());
            return;
        };
        let seen = self.column(place);
        let values = self.meanings_of(column, place);
        let (known, filled) = (known(place), seen.filled);
        let from = CellSource::Header(self.header(place));
        let others = named.iter().map(|(other, _)| *other).filter(|other| *other != place).collect();
        let choice = if known == 0 {
            Choice::new(from, Confidence::Guess, "The header says so, but no value is a school of yours.")
                .look_at("Say which school each value is.")
        } else if known == filled && filled == self.seen.looked_at {
            let what =
                if values.is_empty() { "one of your schools' IDs" } else { "the ID or name of one of your schools" };
            Choice::new(from, Confidence::Certain, format!("Every value is {what}."))
        } else {
            let reason = format!("{} of {} values are your schools.", grouped(known), grouped(filled));
            Choice::new(from, Confidence::Likely, reason).look_at("Say of the other values which school each is.")
        };
        self.keep(column, choice.others(others), values);
    }

    /// Proposes one school for everybody.
    pub(super) fn school_of_all(&self) -> Choice {
        let mut schools: Vec<&School> = self.known.schools.iter().filter(|school| !school.is_district()).collect();
        schools.sort_by(|a, b| a.external_id.cmp(&b.external_id));
        let named = |school: &School| format!("\u{201c}{}\u{201d}", school.name);
        match schools[..] {
            [] => Choice::new(
                CellSource::Fixed("unknown".to_owned()),
                Confidence::Guess,
                "The file names no school, and there is none yet.",
            )
            .look_at("Add a school first, then choose it."),
            [only] => {
                let reason = format!("The file names no school, and {} is the only one.", named(only));
                Choice::new(CellSource::Fixed(only.external_id.clone()), Confidence::Likely, reason)
            }
            [first, ..] => {
                let what =
                    format!("Everybody would be at {}. Choose the school, or the header that has it.", named(first));
                let from = CellSource::Fixed(first.external_id.clone());
                Choice::new(from, Confidence::Guess, "No header names a school of yours.").look_at(what)
            }
        }
    }
}
