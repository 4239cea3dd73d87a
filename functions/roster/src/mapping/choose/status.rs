//! The column that says whether somebody is there.

use std::collections::BTreeMap;

use crate::file::words;
use crate::model::Column;
use crate::model::finding::grouped;
use crate::settings::{CellSource, value_key};

use super::super::in_use::HeaderUse;
use super::super::proposal::Confidence;
use super::chooser::{Choice, Chooser};
use super::meaning::NameStrength;

impl Chooser<'_, '_> {
    pub(super) fn status(&mut self) {
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
