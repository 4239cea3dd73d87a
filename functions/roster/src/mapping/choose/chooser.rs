//! What is chosen so far, and what there is to choose from.

use std::collections::{BTreeMap, HashSet};

use crate::file::words;
use crate::model::Column;
use crate::settings::{CellSource, MappedColumn, MappingProfile, header_key, value_key};

use super::super::in_use::{self, ExportKind, HeaderUse};
use super::super::meant::suggested_meanings;
use super::super::observed::{SeenColumn, SeenSheet};
use super::super::proposal::{Confidence, MappingFacts, MappingProposal, ProposedColumn, ValueGroup};
use super::meaning::{NameStrength, meaning_of};

/// Chooses column by column; what is taken by one is no candidate for the next.
pub(in crate::mapping) struct Chooser<'s, 'k> {
    pub(super) seen: &'s SeenSheet,
    pub(super) known: &'s MappingFacts<'k>,
    pub(super) kind: Option<&'static ExportKind>,
    pub(super) meanings: Vec<Option<(HeaderUse, NameStrength)>>,
    pub(super) taken: HashSet<usize>,
    pub(super) columns: Vec<ProposedColumn>,
    pub(super) mapped: BTreeMap<Column, MappedColumn>,
}

/// A proposal for one column, before its values are listed.
pub(super) struct Choice {
    pub(super) from: CellSource,
    pub(super) confidence: Confidence,
    pub(super) reason: String,
    pub(super) look_at: Option<String>,
    pub(super) others: Vec<usize>,
}

impl Choice {
    pub(super) fn new(from: CellSource, confidence: Confidence, reason: impl Into<String>) -> Choice {
        Choice { from, confidence, reason: reason.into(), look_at: None, others: Vec::new() }
    }

    pub(super) fn look_at(self, what: impl Into<String>) -> Choice {
        Choice { look_at: Some(what.into()), ..self }
    }

    pub(super) fn others(self, others: Vec<usize>) -> Choice {
        Choice { others, ..self }
    }
}

impl<'s, 'k> Chooser<'s, 'k> {
    pub(in crate::mapping) fn new(seen: &'s SeenSheet, known: &'s MappingFacts<'k>) -> Chooser<'s, 'k> {
        let keys: Vec<String> = seen.columns.iter().map(|column| column.key.clone()).collect();
        let kind = in_use::recognise(&keys);
        let is_once = |key: &String| keys.iter().filter(|other| *other == key).count() == 1;
        let meaning = |column: &SeenColumn| {
            let is_usable = !column.key.is_empty() && is_once(&column.key);
            is_usable.then(|| meaning_of(column, kind)).flatten()
        };
        let mut chooser = Chooser {
            seen,
            known,
            kind,
            meanings: seen.columns.iter().map(meaning).collect(),
            taken: HashSet::new(),
            columns: Vec::new(),
            mapped: BTreeMap::new(),
        };
        let unusable = |column: &SeenColumn| {
            column.key.is_empty() || !is_once(&column.key) || column.header.chars().count() > MappingProfile::MOST_CHARS
        };
        chooser.taken.extend((0..keys.len()).filter(|&place| unusable(&seen.columns[place])));
        chooser
    }

    pub(super) fn column(&self, place: usize) -> &'s SeenColumn {
        &self.seen.columns[place]
    }

    pub(super) fn header(&self, place: usize) -> String {
        self.column(place).header.clone()
    }

    pub(super) fn quoted(&self, place: usize) -> String {
        format!("\u{201c}{}\u{201d}", self.column(place).header)
    }

    /// Returns the places that are free and hold no secret.
    pub(super) fn free(&self) -> impl Iterator<Item = usize> + '_ {
        let is_free = |place: &usize| !self.taken.contains(place) && !self.column(*place).is_secret;
        (0..self.seen.columns.len()).filter(is_free)
    }

    /// Returns the free places whose names are of this kind, the surest and fullest first.
    pub(super) fn candidates(&self, is: impl Fn(HeaderUse) -> bool) -> Vec<(usize, NameStrength)> {
        let named = |place: usize| self.meanings[place].filter(|(meaning, _)| is(*meaning)).map(|(_, s)| (place, s));
        let mut candidates: Vec<(usize, NameStrength)> = self.free().filter_map(named).collect();
        candidates
            .sort_by_key(|(place, strength)| (std::cmp::Reverse(*strength), self.column(*place).filled == 0, *place));
        candidates
    }

    /// Keeps a choice, with the values of columns that hold one of a few words.
    pub(super) fn keep(&mut self, column: Column, choice: Choice, values: BTreeMap<String, String>) {
        let places = (0..self.seen.columns.len())
            .filter(|&place| choice.from.headers().any(|header| header_key(header) == self.column(place).key));
        let places: Vec<usize> = places.collect();
        let listed =
            matches!(column, Column::UserType | Column::Grade | Column::Status | Column::SchoolDistrictExternalId);
        let (groups, more_values) = match (&choice.from, listed, places.first()) {
            (CellSource::Header(_), true, Some(&place)) => self.groups(column, place, &values),
            _ => (Vec::new(), 0),
        };
        self.taken.extend(places);
        let others = choice.others.iter().map(|&place| self.header(place)).collect();
        let Choice { from, confidence, reason, look_at, .. } = choice;
        self.mapped.insert(column, MappedColumn { values, ..from.clone().into() });
        self.columns.push(ProposedColumn {
            column,
            from,
            confidence,
            reason,
            look_at,
            others,
            values: groups,
            more_values,
        });
    }

    /// Returns the most frequent values with what each becomes, and how many more there are.
    pub(super) fn groups(
        &self,
        column: Column,
        place: usize,
        values: &BTreeMap<String, String>,
    ) -> (Vec<ValueGroup>, u64) {
        let keyed: BTreeMap<String, &String> = values.iter().map(|(from, to)| (value_key(from), to)).collect();
        let becomes = |value: &str| match keyed.get(&value_key(value)) {
            Some(to) => Some((*to).clone()),
            None if column == Column::SchoolDistrictExternalId => {
                self.known.schools.by_external_id(value).map(|school| school.external_id.clone())
            }
            None => words::meaning(column, value).map(str::to_owned),
        };
        let mut groups: Vec<ValueGroup> = self
            .column(place)
            .values
            .iter()
            .map(|(value, count)| ValueGroup { value: value.clone(), count: *count, becomes: becomes(value) })
            .collect();
        groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        let more = groups.len().saturating_sub(MappingProposal::MOST_GROUPS) as u64;
        groups.truncate(MappingProposal::MOST_GROUPS);
        (groups, more)
    }

    /// Returns what the values below a header mean that are not read by themselves, in the order of the alphabet, as many
    /// as a list may have.
    pub(super) fn meanings_of(&self, column: Column, place: usize) -> BTreeMap<String, String> {
        let mut values: Vec<&str> = self.column(place).values.keys().map(String::as_str).collect();
        values.sort_unstable();
        let mut keys: HashSet<String> = HashSet::new();
        values.retain(|value| keys.insert(value_key(value)));
        suggested_meanings(column, &values, self.kind.map(|kind| kind.name), self.known.schools)
    }
}
