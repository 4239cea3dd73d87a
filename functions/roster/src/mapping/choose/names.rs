//! The columns of names.

use std::collections::BTreeMap;

use crate::model::Column;
use crate::settings::{CellSource, MappingProfile, NameOrder, NamePart};

use super::super::in_use::HeaderUse;
use super::super::proposal::Confidence;
use super::chooser::{Choice, Chooser};
use super::meaning::NameStrength;

impl Chooser<'_, '_> {
    pub(super) fn names(&mut self) {
        let [first, last, middle] = [Column::FirstName, Column::LastName, Column::MiddleName]
            .map(|column| self.candidates(|meaning| meaning == HeaderUse::Is(column)));
        let whole = self.candidates(|meaning| matches!(meaning, HeaderUse::Whole(_)));
        match (first.first(), last.first(), whole.first()) {
            (Some(_), Some(_), _) | (Some(_), None, None) | (None, Some(_), None) => {
                self.own_name(Column::FirstName, &first);
                self.own_name(Column::LastName, &last);
            }
            // As in `Name;Vorname`.
            (Some(_), None, Some((place, NameStrength::Several))) if self.is_one_name(*place) => {
                self.own_name(Column::FirstName, &first);
                self.other_name(Column::LastName, *place);
            }
            (None, Some(_), Some((place, NameStrength::Several))) if self.is_one_name(*place) => {
                self.other_name(Column::FirstName, *place);
                self.own_name(Column::LastName, &last);
            }
            (_, _, Some((place, _))) => return self.whole_name(*place, Confidence::Likely),
            (None, None, None) => {
                let letters = |place: &usize| {
                    let column = self.column(*place);
                    column.is_mostly(column.with_letter) && column.addresses == 0 && self.meanings[*place].is_none()
                };
                let name = self.free().filter(letters).max_by_key(|place| {
                    let column = self.column(*place);
                    (column.with_comma, column.of_words, column.values.len(), std::cmp::Reverse(*place))
                });
                let any = name.or_else(|| self.free().next());
                let any = any.or_else(|| (0..self.seen.columns.len()).find(|&place| self.is_usable(place)));
                return self.whole_name(any.unwrap_or(0), Confidence::Guess);
            }
        }
        if let Some((place, strength)) = middle.first() {
            let confidence = if *strength >= NameStrength::Sure { Confidence::Certain } else { Confidence::Likely };
            let from = CellSource::Header(self.header(*place));
            self.keep(Column::MiddleName, Choice::new(from, confidence, "The header says so."), BTreeMap::new());
        }
    }

    /// Returns whether few cells have several words, so that they are no whole names.
    fn is_one_name(&self, place: usize) -> bool {
        let column = self.column(place);
        column.of_words * 2 < column.filled && column.with_comma == 0
    }

    /// Takes the header that only says it is a name, beside one that says which name.
    fn other_name(&mut self, column: Column, place: usize) {
        let reason = "The header says that it is a name, and the other name has a header of its own.";
        let choice = Choice::new(CellSource::Header(self.header(place)), Confidence::Likely, reason);
        self.keep(column, choice, BTreeMap::new());
    }

    /// Returns both surnames, where people have two, each below a header.
    fn two_surnames(&self, first: usize) -> Option<CellSource> {
        const PAIRS: [(&str, &str); 3] =
            [("primerapellido", "segundoapellido"), ("apellido1", "apellido2"), ("apellidopaterno", "apellidomaterno")];
        let (_, second) = PAIRS.into_iter().find(|(key, _)| *key == self.column(first).key)?;
        let second = self.free().find(|&place| self.column(place).key == second)?;
        Some(CellSource::Joined { headers: vec![self.header(first), self.header(second)], with: " ".to_owned() })
    }

    /// Returns whether a column can be read, though another one reads it, too.
    pub(super) fn is_usable(&self, place: usize) -> bool {
        let column = self.column(place);
        let is_once = self.seen.columns.iter().filter(|other| other.key == column.key).count() == 1;
        let is_short = column.header.chars().count() <= MappingProfile::MOST_CHARS;
        let is_password = self.meanings[place].is_some_and(|(meaning, _)| meaning == HeaderUse::Is(Column::Password));
        !column.key.is_empty() && is_once && is_short && !is_password
    }

    pub(super) fn own_name(&mut self, column: Column, candidates: &[(usize, NameStrength)]) {
        let Some((place, strength)) = candidates.first().copied() else { return };
        let called = self.candidates(|meaning| meaning == HeaderUse::Preferred(column));
        let others: Vec<usize> = candidates[1..].iter().chain(&called).map(|(other, _)| *other).collect();
        let (confidence, reason) = match (called.first(), candidates.len()) {
            (Some((called, _)), _) => {
                let reason = format!(
                    "The header says so; {} is what people are called, not the legal name.",
                    self.quoted(*called)
                );
                (Confidence::Certain, reason)
            }
            (None, 1) if strength >= NameStrength::Sure => (Confidence::Certain, "The header says so.".to_owned()),
            (None, _) => (Confidence::Likely, "The header says so.".to_owned()),
        };
        let two = (column == Column::LastName).then(|| self.two_surnames(place)).flatten();
        let from = two.unwrap_or_else(|| CellSource::Header(self.header(place)));
        let choice = Choice::new(from, confidence, reason).others(others);
        let choice = match candidates.get(1) {
            Some((rival, other)) if *other == strength => {
                let what = format!("{} or {}: which one is the legal name?", self.quoted(place), self.quoted(*rival));
                choice.look_at(what)
            }
            _ => choice,
        };
        self.keep(column, choice, BTreeMap::new());
    }

    /// Takes first, middle and last name out of one cell.
    pub(super) fn whole_name(&mut self, place: usize, confidence: Confidence) {
        let column = self.column(place);
        let has_commas = column.is_mostly(column.with_comma);
        let said = match self.meanings[place] {
            Some((HeaderUse::Whole(order), _)) => Some(order),
            _ => None,
        };
        let order = match said {
            _ if has_commas => NameOrder::LastCommaFirst,
            Some(order @ NameOrder::LastFirst) => order,
            _ => NameOrder::FirstLast,
        };
        let is_one_word = !has_commas && !column.is_mostly(column.of_words);
        if is_one_word {
            let choice = Choice::new(
                CellSource::Header(self.header(place)),
                Confidence::Guess,
                "No header says that it is a name.",
            )
            .look_at("Choose where first and last name come from.");
            self.keep(Column::LastName, choice, BTreeMap::new());
            return;
        }
        let what = match order {
            NameOrder::LastCommaFirst => "Every cell is a last name, a comma and the other names.",
            NameOrder::LastFirst => "The header says that a cell has the last name first.",
            NameOrder::FirstLast => "A cell has all names, probably the last one at its end.",
        };
        for (column, part) in [
            (Column::FirstName, NamePart::First),
            (Column::LastName, NamePart::Last),
            (Column::MiddleName, NamePart::Middle),
        ] {
            let from = CellSource::NamePart { header: self.header(place), order, part };
            let choice = Choice::new(from, confidence, what);
            let is_certain = order == NameOrder::LastCommaFirst && said.is_some();
            self.keep(column, match column {
                Column::LastName if !is_certain => choice.look_at("Look at the names of the first people: nobody can tell where a last name of several words begins."),
                _ => choice,
            }, BTreeMap::new());
        }
    }
}
