//! The column of addresses.

use std::collections::BTreeMap;

use crate::model::Column;
use crate::model::finding::grouped;
use crate::settings::CellSource;

use super::super::in_use::HeaderUse;
use super::super::proposal::Confidence;
use super::chooser::{Choice, Chooser};

impl Chooser<'_, '_> {
    pub(super) fn email(&mut self) {
        let is_private =
            |place: usize| ["privat", "home", "personal"].iter().any(|word| self.column(place).key.contains(word));
        let mut named = self.candidates(|meaning| meaning == HeaderUse::Is(Column::Email));
        named.sort_by_key(|(place, _)| (std::cmp::Reverse(self.column(*place).addresses > 0), is_private(*place)));
        let fallbacks = self.candidates(|meaning| meaning == HeaderUse::Fallback(Column::Email));
        let unnamed: Vec<usize> = self
            .free()
            .filter(|&place| {
                self.meanings[place].is_none() && self.column(place).is_mostly(self.column(place).addresses)
            })
            .collect();
        let all: Vec<usize> =
            named.iter().chain(&fallbacks).map(|(place, _)| *place).chain(unnamed.iter().copied()).collect();
        let Some(&first) = all.first() else { return };
        let is_fallback = |place: &usize| {
            let is_named = fallbacks.iter().any(|(other, _)| other == place);
            is_named || stem(&self.column(*place).key) == stem(&self.column(first).key)
        };
        let more: Vec<usize> = all[1..].iter().copied().filter(is_fallback).take(9).collect();
        let column = self.column(first);
        let from = match more[..] {
            [] => CellSource::Header(self.header(first)),
            _ => CellSource::FirstOf(std::iter::once(&first).chain(&more).map(|&place| self.header(place)).collect()),
        };
        let is_named = self.meanings[first].is_some();
        let fallback = if more.is_empty() { "" } else { " Where it is empty, the next column is taken." };
        let (confidence, reason) = if column.filled == 0 {
            (Confidence::Likely, format!("The header says so; it has no values.{fallback}"))
        } else if column.addresses == column.filled {
            let sure = if is_named { Confidence::Certain } else { Confidence::Likely };
            (sure, format!("All {} values are addresses.{fallback}", grouped(column.filled)))
        } else {
            let (addresses, filled) = (grouped(column.addresses), grouped(column.filled));
            (Confidence::Likely, format!("{addresses} of {filled} values are addresses.{fallback}"))
        };
        let others = all[1..].iter().copied().filter(|place| !more.contains(place)).collect();
        let choice = Choice::new(from, confidence, reason).others(others);
        let choice = if is_private(first) {
            choice.look_at("The header says that these are private addresses.")
        } else if !is_named {
            choice.look_at("Make sure that these are the people's own addresses, not those of parents.")
        } else {
            choice
        };
        self.keep(Column::Email, choice, BTreeMap::new());
    }
}

/// Returns a header's key without a number or a single letter behind it: `email1` and `email2` have the same.
fn stem(key: &str) -> &str {
    let without = key.trim_end_matches(|c: char| c.is_ascii_digit());
    match without.strip_suffix(['a', 'b', 'c']).filter(|stem| stem.ends_with("mail")) {
        Some(stem) => stem,
        None => without,
    }
}
