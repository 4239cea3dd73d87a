//! What the last day of something is.

use crate::formats::kind::Format;
use crate::formats::values::{SlashDates, day};
use crate::model::Day;

/// Whether the day that stands at the end of something still belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndDays {
    Included,
    /// It is the day after the last one.
    After,
}

impl EndDays {
    /// Returns what holds in a format.
    pub fn of(format: Format) -> EndDays {
        if format.is_one_roster() { EndDays::After } else { EndDays::Included }
    }

    /// Returns whether something from one day to another one holds today.
    ///
    /// A day that is empty, or that can't be read, ends and begins nothing.
    pub fn holds(self, (begin, end): (&str, &str), today: Option<&Day>) -> bool {
        let Some(today) = today else { return true };
        let begins: Option<Day> = day(begin, SlashDates::Unclear).parse().ok();
        let ends: Option<Day> = self.last_day(end, &day(begin, SlashDates::Unclear)).parse().ok();
        begins.is_none_or(|begins| begins <= *today) && ends.is_none_or(|ends| ends >= *today)
    }

    /// Returns the last day as Rollbook writes it.
    ///
    /// An end that would come before its start is not moved back: such writers give the last day, not the day after.
    pub fn last_day(self, end: &str, start: &str) -> String {
        let end = day(end, SlashDates::Unclear);
        let before = end.parse::<Day>().ok().filter(|_| self == EndDays::After).and_then(|end| end.previous());
        match before.filter(|before| before.as_str() >= start) {
            Some(before) => before.into(),
            None => end.into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_one_roster_is_the_day_after_the_last_one() {
        let last = |end, start| EndDays::After.last_day(end, start);
        assert_eq!(last("2027-02-01", "2026-08-31"), "2027-01-31");
        assert_eq!(last("2027-02-01T00:00:00.000Z", ""), "2027-01-31");
        assert_eq!(last("2026-08-31", "2026-08-31"), "2026-08-31", "it is over on the day on which it starts");
        assert_eq!((last("", "2026-08-31"), last("soon", "")), (String::new(), "soon".to_owned()));
        assert_eq!(EndDays::Included.last_day("2027-02-01", ""), "2027-02-01");
    }

    #[test]
    fn what_is_over_or_has_not_begun_does_not_hold() {
        let today: Day = "2026-11-29".parse().expect("a day");
        let holds = |begin, end| EndDays::After.holds((begin, end), Some(&today));
        assert!(holds("", "") && holds("2026-11-29", "2026-11-30") && holds("soon", "later"));
        assert!(!holds("", "2026-11-29") && !holds("2026-11-30", "") && !holds("2020-01-01", "2021-01-01"));
        assert!(EndDays::Included.holds(("", "2026-11-29"), Some(&today)));
        assert!(EndDays::After.holds(("2030-01-01", "2020-01-01"), None));
    }
}
