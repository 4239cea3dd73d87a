//! The columns of classes, and those that only their names tell.

use std::collections::BTreeMap;

use crate::model::{Column, Presence};
use crate::settings::{CellSource, DateFormat, header_key};

use super::super::in_use::HeaderUse;
use super::super::proposal::Confidence;
use super::chooser::{Choice, Chooser};
use super::meaning::NameStrength;

impl Chooser<'_, '_> {
    /// Takes a header for a column by its name alone.
    pub(super) fn named(&mut self, column: Column) {
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
    pub(super) fn classes(&mut self) {
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
    pub(super) fn dates(&mut self, column: Column) {
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
}
