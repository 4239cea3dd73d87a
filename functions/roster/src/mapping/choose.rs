//! Chooses for each column of ours where its cells come from.

mod chooser;
mod classes;
mod email;
mod grade;
mod ids;
mod meaning;
mod names;
mod school;
mod status;
mod user_type;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Code, Column, Finding, Presence};
use crate::settings::{MappedColumn, MappingProfile, header_key};

use super::in_use::HeaderUse;
use super::proposal::ProposedColumn;

pub(super) use chooser::Chooser;

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

impl Chooser<'_, '_> {
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
                HeaderUse::Fallback(of) | HeaderUse::Is(of) if self.mapped.contains_key(&of) => {
                    format!("{}, which comes from another header", of.header())
                }
                HeaderUse::Fallback(of) | HeaderUse::Is(of) => match of.spec().presence {
                    Presence::Class => "about a class, but no header has the ID of one".to_owned(),
                    _ => format!("perhaps {}, which is not read", of.header()),
                },
                HeaderUse::Whole(_) => "the whole name, of which the parts are read".to_owned(),
            };
            Some(what)
        };
        (0..self.seen.columns.len()).filter_map(|place| Some((place, about(place)?))).collect()
    }
}
