//! Chooses for each column of ours where its cells come from.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::file::header::{self, Certainty};
use crate::file::words;
use crate::model::finding::grouped;
use crate::model::{Code, Column, Finding, Presence, School, fold};
use crate::settings::{
    CellSource, DateFormat, MappedColumn, MappingProfile, NameOrder, NamePart, header_key, value_key,
};

use super::in_use::{self, ExportKind, HeaderUse};
use super::observed::{SeenColumn, SeenSheet};
use super::proposal::{Confidence, MappingFacts, MappingProposal, ProposedColumn, ValueGroup};

/// What was chosen.
pub(super) struct ChosenMapping {
    pub profile: MappingProfile,
    pub columns: Vec<ProposedColumn>,
    /// What headers are that are not read, by their places.
    pub abouts: BTreeMap<usize, String>,
    pub system: Option<String>,
}

impl ChosenMapping {
    /// Returns the columns that read the header with this key.
    pub(super) fn read_as(&self, key: &str) -> Vec<Column> {
        let reads = |mapped: &MappedColumn| mapped.from.headers().any(|header| header_key(header) == key);
        self.profile.columns.iter().filter(|(_, mapped)| reads(mapped)).map(|(column, _)| *column).collect()
    }
}

/// How surely a header means what it seems to, by its name alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NameStrength {
    /// It can mean several columns.
    Several,
    /// It means another one where there is a surer name for this one.
    Alone,
    Sure,
    /// The system is known by its headers, and this is one of them.
    OfSystem,
}

/// Chooses column by column; what is taken by one is no candidate for the next.
pub(super) struct Chooser<'s, 'k> {
    seen: &'s SeenSheet,
    known: &'s MappingFacts<'k>,
    kind: Option<&'static ExportKind>,
    meanings: Vec<Option<(HeaderUse, NameStrength)>>,
    taken: HashSet<usize>,
    columns: Vec<ProposedColumn>,
    mapped: BTreeMap<Column, MappedColumn>,
}

/// A proposal for one column, before its values are listed.
struct Choice {
    from: CellSource,
    confidence: Confidence,
    reason: String,
    look_at: Option<String>,
    others: Vec<usize>,
}

impl Choice {
    fn new(from: CellSource, confidence: Confidence, reason: impl Into<String>) -> Choice {
        Choice { from, confidence, reason: reason.into(), look_at: None, others: Vec::new() }
    }

    fn look_at(self, what: impl Into<String>) -> Choice {
        Choice { look_at: Some(what.into()), ..self }
    }

    fn others(self, others: Vec<usize>) -> Choice {
        Choice { others, ..self }
    }
}

impl<'s, 'k> Chooser<'s, 'k> {
    pub(super) fn new(seen: &'s SeenSheet, known: &'s MappingFacts<'k>) -> Chooser<'s, 'k> {
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

    /// Chooses for every column.
    ///
    /// # Errors
    ///
    /// Where the file has no header that could be read.
    pub(super) fn choose(mut self) -> Result<ChosenMapping, Finding> {
        let headers: BTreeSet<String> =
            self.seen.columns.iter().map(|column| column.key.clone()).filter(|key| !key.is_empty()).collect();
        let expected = "Expected a row of 1 to 1,000 headers, each another one.";
        self.password();
        // Beside passwords there has to be something to read.
        if self.taken.len() == self.seen.columns.len() || headers.len() > 1000 {
            return Err(Finding::file(Code::HeadersNotFound).expecting(expected));
        }
        self.custom_id();
        self.school();
        self.names();
        self.email();
        self.grade();
        self.user_type();
        self.status();
        self.named(Column::Position);
        self.named(Column::Username);
        self.named(Column::UserGuid);
        self.classes();
        let abouts = self.abouts();
        let name = self.kind.map_or("New mapping", |kind| kind.name).to_owned();
        let mut columns = self.columns;
        columns.sort_by_key(|proposed| proposed.column);
        let profile =
            MappingProfile { name, version: 1, source: None, headers, columns: self.mapped, leave_out: Vec::new() };
        Ok(ChosenMapping { profile, columns, abouts, system: self.kind.map(|kind| kind.name.to_owned()) })
    }

    fn column(&self, place: usize) -> &'s SeenColumn {
        &self.seen.columns[place]
    }

    fn header(&self, place: usize) -> String {
        self.column(place).header.clone()
    }

    fn quoted(&self, place: usize) -> String {
        format!("\u{201c}{}\u{201d}", self.column(place).header)
    }

    /// Returns the places that are free and hold no secret.
    fn free(&self) -> impl Iterator<Item = usize> + '_ {
        let is_free = |place: &usize| !self.taken.contains(place) && !self.column(*place).is_secret;
        (0..self.seen.columns.len()).filter(is_free)
    }

    /// Returns the free places whose names are of this kind, the surest and fullest first.
    fn candidates(&self, is: impl Fn(HeaderUse) -> bool) -> Vec<(usize, NameStrength)> {
        let named = |place: usize| self.meanings[place].filter(|(meaning, _)| is(*meaning)).map(|(_, s)| (place, s));
        let mut candidates: Vec<(usize, NameStrength)> = self.free().filter_map(named).collect();
        candidates
            .sort_by_key(|(place, strength)| (std::cmp::Reverse(*strength), self.column(*place).filled == 0, *place));
        candidates
    }

    /// Keeps a choice, with the values of columns that hold one of a few words.
    fn keep(&mut self, column: Column, choice: Choice, values: BTreeMap<String, String>) {
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
    fn groups(&self, column: Column, place: usize, values: &BTreeMap<String, String>) -> (Vec<ValueGroup>, u64) {
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

    /// Returns the values below a header that mean something else than they say, in the order of the alphabet, as many
    /// as a list may have.
    fn values(&self, place: usize, meant: impl Fn(&str) -> Option<String>) -> BTreeMap<String, String> {
        let values = &self.column(place).values;
        let short = values.keys().filter(|value| value.chars().count() <= MappingProfile::MOST_CHARS);
        let mut meant: Vec<(String, String)> = short.filter_map(|value| Some((value.clone(), meant(value)?))).collect();
        meant.sort();
        let mut keys: HashSet<String> = HashSet::new();
        meant.retain(|(value, _)| keys.insert(value_key(value)));
        meant.truncate(MappingProfile::MOST_VALUES);
        meant.into_iter().collect()
    }

    fn password(&mut self) {
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

    fn custom_id(&mut self) {
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
            let choice = match (rivals.first(), named.is_empty()) {
                (Some(&rival), _) => {
                    let reason = format!("The header says so, and {} could be it, too.", self.quoted(rival));
                    let what = format!(
                        "{} or {}: which one do people know? No value of either is a custom ID of your users yet.",
                        self.quoted(first),
                        self.quoted(rival)
                    );
                    Choice::new(from(first), Confidence::Guess, reason).look_at(what)
                }
                (None, true) => {
                    let what = format!("{} is often an internal number that nobody sees.", self.quoted(first));
                    Choice::new(from(first), Confidence::Guess, "It is the only ID in the file.").look_at(what)
                }
                (None, false) if column.is_unique && column.filled == self.seen.looked_at => {
                    let sure = named[0].1 >= NameStrength::Sure;
                    let confidence = if sure { Confidence::Certain } else { Confidence::Likely };
                    let reason = format!("The header says so, and all {} values differ.", grouped(column.filled));
                    Choice::new(from(first), confidence, reason)
                }
                (None, false) => {
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

    fn school(&mut self) {
        let schools = self.known.schools;
        let is_id = |value: &str| schools.by_external_id(value).is_some();
        let by_name = |value: &str| {
            let same = |school: &&School| fold(school.name.trim()) == fold(value);
            let mut found = schools.iter().filter(same);
            found.next().filter(|_| found.next().is_none()).map(|school| school.external_id.clone())
        };
        let column = Column::SchoolDistrictExternalId;
        let named =
            self.candidates(|meaning| matches!(meaning, HeaderUse::Is(c) | HeaderUse::Decoded(c) if c == column));
        let known = |place: usize| self.column(place).count(|value| is_id(value) || by_name(value).is_some());
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
        let values = self.values(place, |value| by_name(value).filter(|_| !is_id(value)));
        let (known, filled) = (known(place), seen.filled);
        let from = CellSource::Header(self.header(place));
        let others = named.iter().map(|(other, _)| *other).filter(|other| *other != place).collect();
        let choice = match () {
            () if known > 0 && known == filled && filled == self.seen.looked_at => {
                let what = if values.is_empty() {
                    "one of your schools' IDs"
                } else {
                    "the ID or name of one of your schools"
                };
                Choice::new(from, Confidence::Certain, format!("Every value is {what}."))
            }
            () if known > 0 => {
                let reason = format!("{} of {} values are your schools.", grouped(known), grouped(filled));
                Choice::new(from, Confidence::Likely, reason).look_at("Say of the other values which school each is.")
            }
            () => Choice::new(from, Confidence::Guess, "The header says so, but no value is a school of yours.")
                .look_at("Say which school each value is."),
        };
        self.keep(column, choice.others(others), values);
    }

    /// Proposes one school for everybody.
    fn school_of_all(&self) -> Choice {
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

    fn names(&mut self) {
        let [first, last, middle] = [Column::FirstName, Column::LastName, Column::MiddleName]
            .map(|column| self.candidates(|meaning| meaning == HeaderUse::Is(column)));
        let whole = self.candidates(|meaning| matches!(meaning, HeaderUse::Whole(_)));
        match (first.first(), last.first(), whole.first()) {
            (Some(_), Some(_), _) | (Some(_), None, None) | (None, Some(_), None) => {
                self.own_name(Column::FirstName, &first);
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

    /// Returns whether a column can be read, though another one reads it, too.
    fn is_usable(&self, place: usize) -> bool {
        let column = self.column(place);
        let is_once = self.seen.columns.iter().filter(|other| other.key == column.key).count() == 1;
        let is_short = column.header.chars().count() <= MappingProfile::MOST_CHARS;
        let is_password = self.meanings[place].is_some_and(|(meaning, _)| meaning == HeaderUse::Is(Column::Password));
        !column.key.is_empty() && is_once && is_short && !is_password
    }

    fn own_name(&mut self, column: Column, candidates: &[(usize, NameStrength)]) {
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
        let choice = Choice::new(CellSource::Header(self.header(place)), confidence, reason).others(others);
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
    fn whole_name(&mut self, place: usize, confidence: Confidence) {
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

    fn email(&mut self) {
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
        let (confidence, reason) = match () {
            () if column.filled > 0 && column.addresses == column.filled => {
                let sure = if is_named { Confidence::Certain } else { Confidence::Likely };
                (sure, format!("All {} values are addresses.{fallback}", grouped(column.filled)))
            }
            () if column.filled > 0 => {
                let reason = format!(
                    "{} of {} values are addresses.{fallback}",
                    grouped(column.addresses),
                    grouped(column.filled)
                );
                (Confidence::Likely, reason)
            }
            () => (Confidence::Likely, format!("The header says so; it has no values.{fallback}")),
        };
        let others = all[1..].iter().copied().filter(|place| !more.contains(place)).collect();
        let choice = Choice::new(from, confidence, reason).others(others);
        let choice = match (is_private(first), is_named) {
            (true, _) => choice.look_at("The header says that these are private addresses."),
            (false, false) => {
                choice.look_at("Make sure that these are the people's own addresses, not those of parents.")
            }
            (false, true) => choice,
        };
        self.keep(Column::Email, choice, BTreeMap::new());
    }

    fn grade(&mut self) {
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
    fn grade_of(&self, place: usize, value: &str) -> Option<String> {
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

    fn user_type(&mut self) {
        let column = Column::UserType;
        let meant = |value: &str| {
            let letter = match value.trim().to_lowercase().as_str() {
                "s" | "stu" | "p" => Some("Student"),
                "t" | "tch" => Some("Teacher"),
                _ => None,
            };
            letter.map(str::to_owned)
        };
        let understood = |place: usize| self.column(place).count(|value| words::meaning(column, value).is_some());
        let or_meant = |place: usize| {
            understood(place)
                + self.column(place).count(|value| words::meaning(column, value).is_none() && meant(value).is_some())
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
            let values = self.values(place, |value| meant(value).filter(|_| words::meaning(column, value).is_none()));
            let from = CellSource::Header(self.header(place));
            let choice = match () {
                () if plain == filled => Choice::new(from, Confidence::Certain, "Every value is a user type."),
                () => {
                    let reason = format!("{} of {} values are user types.", grouped(known), grouped(filled));
                    Choice::new(from, Confidence::Likely, reason)
                        .look_at("Say of each value which user type it is; parents and others can be left out.")
                }
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

    fn status(&mut self) {
        let column = Column::Status;
        let meant = |value: &str| {
            let known = self.kind.and_then(|kind| kind.value(column, value));
            known.or_else(|| status_word(value)).map(str::to_owned)
        };
        let understood = |place: usize| {
            self.column(place).count(|value| words::meaning(column, value).is_some() || meant(value).is_some())
        };
        let plain = |place: usize| self.column(place).count(|value| words::meaning(column, value).is_some());
        let named = self.candidates(|meaning| meaning == HeaderUse::Is(column));
        let best = named.iter().rev().max_by_key(|(place, strength)| (understood(*place), *strength));
        let Some(&(place, strength)) = best.filter(|(place, _)| self.column(*place).filled > 0) else {
            let reason = "The file has no status: whoever is in it is active.";
            let choice = Choice::new(CellSource::Fixed("Active".to_owned()), Confidence::Likely, reason);
            let leaving = self.free().find(|&place| {
                let says =
                    self.meanings[place] == Some((HeaderUse::About("when somebody leaves"), NameStrength::OfSystem));
                says && self.column(place).filled > 0
            });
            let choice = match leaving {
                Some(place) => {
                    let what = format!(
                        "{} of the rows have a date in {}: are they still there?",
                        grouped(self.column(place).filled),
                        self.quoted(place)
                    );
                    choice.look_at(what)
                }
                None => choice,
            };
            return self.keep(column, choice, BTreeMap::new());
        };
        let (filled, known, plain) = (self.column(place).filled, understood(place), plain(place));
        let values = self.values(place, |value| meant(value).filter(|_| words::meaning(column, value).is_none()));
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

    /// Takes a header for a column by its name alone.
    fn named(&mut self, column: Column) {
        let named = self.candidates(|meaning| meaning == HeaderUse::Is(column));
        let named: Vec<_> = named.into_iter().filter(|(_, strength)| *strength >= NameStrength::Sure).collect();
        let Some(&(place, _)) = named.first() else { return };
        let from = CellSource::Header(self.header(place));
        let others: Vec<usize> = named[1..].iter().map(|(place, _)| *place).collect();
        let rival =
            others.first().map(|&rival| format!("{} or {}: which one is it?", self.quoted(place), self.quoted(rival)));
        let confidence = if rival.is_some() { Confidence::Guess } else { Confidence::Certain };
        let choice = Choice { look_at: rival, ..Choice::new(from, confidence, "The header says so.").others(others) };
        self.keep(column, choice, BTreeMap::new());
    }

    /// Takes what is about classes, if rows name one.
    fn classes(&mut self) {
        let of_class = |column: Column| column.spec().presence == Presence::Class;
        let named = self.candidates(|meaning| matches!(meaning, HeaderUse::Is(Column::ClassId | Column::ClassGuid)));
        if !named.iter().any(|(_, strength)| *strength >= NameStrength::Sure) {
            return;
        }
        for column in Column::ALL.into_iter().filter(|column| of_class(*column)) {
            self.named(column);
            self.dates(column);
        }
        let first =
            self.columns.iter_mut().find(|proposed| matches!(proposed.column, Column::ClassId | Column::ClassGuid));
        if let Some(proposed) = first {
            let what = "Each row is somebody's place in a class: classes and enrolments are changed, too.";
            proposed.look_at.get_or_insert_with(|| what.to_owned());
        }
    }

    /// Finds out how a column that was just taken writes dates.
    fn dates(&mut self, column: Column) {
        use Column::{ClassEndDate, ClassStartDate, EnrolmentEndDate, EnrolmentStartDate};
        const FORMATS: [&str; 8] = [
            "YYYY-MM-DD",
            "MM/DD/YYYY",
            "DD/MM/YYYY",
            "DD.MM.YYYY",
            "DD-MM-YYYY",
            "MM-DD-YYYY",
            "YYYY/MM/DD",
            "YYYYMMDD",
        ];
        let is_date = matches!(column, ClassStartDate | ClassEndDate | EnrolmentStartDate | EnrolmentEndDate);
        let Some(mapped) = self.mapped.get_mut(&column).filter(|_| is_date) else { return };
        let key = mapped.from.headers().next().map(header_key);
        let Some(seen) = self.seen.columns.iter().find(|seen| Some(&seen.key) == key.as_ref()) else { return };
        let day = |text: &str| text.parse::<crate::model::Day>().is_ok();
        let fits = |format: &&str| {
            let format = DateFormat((*format).to_owned());
            seen.filled > 0 && seen.values.keys().all(|value| format.read(value).is_some_and(|date| day(&date)))
        };
        let fitting: Vec<&str> = FORMATS.into_iter().filter(fits).collect();
        if let Some(format) = fitting.first().filter(|format| **format != "YYYY-MM-DD") {
            mapped.dates = Some(DateFormat((*format).to_owned()));
        }
        if let Some(proposed) = self.columns.iter_mut().find(|proposed| proposed.column == column && fitting.len() > 1)
        {
            proposed.look_at = Some(format!("Dates can be {}: which is it?", fitting.join(" or ")));
        }
    }

    /// Returns what the headers are that are not read.
    fn abouts(&self) -> BTreeMap<usize, String> {
        let about = |place: usize| {
            let column = self.column(place);
            let twice = self.seen.columns.iter().filter(|other| other.key == column.key).count() > 1;
            if twice && !column.key.is_empty() {
                return Some("the header stands more than once, so that it can't be read".to_owned());
            }
            let is_read =
                self.mapped.values().any(|mapped| mapped.from.headers().any(|header| header_key(header) == column.key));
            let what = match self.meanings[place].filter(|_| !is_read)?.0 {
                HeaderUse::About(what) => what.to_owned(),
                HeaderUse::Preferred(_) => "what people are called; the legal name is read".to_owned(),
                HeaderUse::Internal => "an internal number".to_owned(),
                HeaderUse::Decoded(of) => format!("{} in words", of.header()),
                HeaderUse::Fallback(of) | HeaderUse::Is(of) => {
                    format!("{}, which comes from another header", of.header())
                }
                HeaderUse::Whole(_) => "the whole name, of which the parts are read".to_owned(),
            };
            Some(what)
        };
        (0..self.seen.columns.len()).filter_map(|place| Some((place, about(place)?))).collect()
    }
}

/// Returns what a header means: in its system, in any, or by its words.
fn meaning_of(column: &SeenColumn, kind: Option<&ExportKind>) -> Option<(HeaderUse, NameStrength)> {
    const OF_OTHERS: [&str; 12] = [
        "parent",
        "guardian",
        "mother",
        "father",
        "contact",
        "emergency",
        "eltern",
        "mutter",
        "vater",
        "tutoremail",
        "teachere",
        "teachern",
    ];
    const CALLED: [&str; 5] = ["preferred", "prefname", "preffirst", "nickname", "knownas"];
    let key = column.key.as_str();
    if let Some(meaning) = kind.and_then(|kind| kind.meaning(key)) {
        return Some((meaning, NameStrength::OfSystem));
    }
    if let Some(meaning) = in_use::anywhere(key) {
        return Some((meaning, NameStrength::Sure));
    }
    if OF_OTHERS.iter().any(|word| key.contains(word)) {
        return Some((HeaderUse::About("a parent, a contact or a teacher"), NameStrength::Sure));
    }
    if CALLED.iter().any(|word| key.contains(word)) {
        let of = if key.contains("surname") || key.contains("last") { Column::LastName } else { Column::FirstName };
        return Some((HeaderUse::Preferred(of), NameStrength::Sure));
    }
    match key {
        "surnameforename" | "lastfirst" | "lastnamefirstname" | "nachnamevorname" | "namevorname" => {
            return Some((HeaderUse::Whole(NameOrder::LastFirst), NameStrength::Sure));
        }
        "firstlast" | "firstnamelastname" | "vornamenachname" | "forenamesurname" => {
            return Some((HeaderUse::Whole(NameOrder::FirstLast), NameStrength::Sure));
        }
        _ => {}
    }
    let (meant, certainty) = header::name_meaning(&column.header)?;
    if meant.spec().presence == Presence::Ours {
        return Some((HeaderUse::About("a column of Rollbook's own files"), NameStrength::Sure));
    }
    match certainty {
        Certainty::Own | Certainty::Sure => Some((HeaderUse::Is(meant), NameStrength::Sure)),
        Certainty::Alone => Some((HeaderUse::Is(meant), NameStrength::Alone)),
        Certainty::Several if meant == Column::LastName => {
            Some((HeaderUse::Whole(NameOrder::FirstLast), NameStrength::Several))
        }
        Certainty::Several => Some((HeaderUse::Is(meant), NameStrength::Several)),
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

/// Returns what words for a status probably mean that are not read by themselves.
fn status_word(value: &str) -> Option<&'static str> {
    const ACTIVE: [&str; 6] = ["actv", "act", "a", "on roll", "current pupil", "registered"];
    const GONE: [&str; 18] = [
        "left",
        "leaver",
        "lvr",
        "inac",
        "i",
        "fut",
        "future",
        "withdrawn",
        "transferred",
        "graduated",
        "pre-registered",
        "pre-enrolled",
        "suspended",
        "tobedeleted",
        "to be deleted",
        "abgang",
        "ausgetreten",
        "beurlaubt",
    ];
    let word = value_key(value);
    if ACTIVE.contains(&word.as_str()) {
        return Some("Active");
    }
    GONE.contains(&word.as_str()).then_some("Disabled")
}
