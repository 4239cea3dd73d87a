//! The time zone of an organisation.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday as CivilWeekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::model::Day;
use crate::settings::{ClockTime, Weekday};

/// A time zone, with its changes between summer and winter.
#[derive(Debug, Clone)]
pub struct Zone(TimeZone);

/// No time zone has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such time zone")]
pub struct NoZone;

impl Zone {
    /// Returns the zone of a name such as `America/Chicago`.
    ///
    /// It is as this version of Rollbook knows it, and not what the machine has installed.
    ///
    /// # Errors
    ///
    /// [`NoZone`] where the IANA database has no such name.
    pub fn named(name: &str) -> Result<Zone, NoZone> {
        TimeZoneDatabase::bundled().get(name).map(Zone).map_err(|_| NoZone)
    }

    /// Returns the day that it is at a time.
    pub fn day_at(&self, at: u64) -> Day {
        day_of(self.date_at(at))
    }

    pub(super) fn date_at(&self, at: u64) -> Date {
        let millis = i64::try_from(at).unwrap_or(i64::MAX);
        let at = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX);
        self.0.to_datetime(at).date()
    }

    /// Returns when it is this time on this day. Where a change of the clock leaves the time out, it is as much later;
    /// where the time comes twice, it is the first of both.
    pub(super) fn at(&self, date: Date, time: ClockTime) -> Option<u64> {
        let clock = jiff::civil::time(i8::try_from(time.hour()).ok()?, i8::try_from(time.minute()).ok()?, 0, 0);
        let at = self.0.to_timestamp(date.to_datetime(clock)).ok()?;
        u64::try_from(at.as_millisecond()).ok()
    }
}

pub(super) fn day_of(date: Date) -> Day {
    date.to_string().parse().expect("both write a day of the calendar in the same form")
}

pub(super) fn weekday_of(date: Date) -> Weekday {
    match date.weekday() {
        CivilWeekday::Monday => Weekday::Monday,
        CivilWeekday::Tuesday => Weekday::Tuesday,
        CivilWeekday::Wednesday => Weekday::Wednesday,
        CivilWeekday::Thursday => Weekday::Thursday,
        CivilWeekday::Friday => Weekday::Friday,
        CivilWeekday::Saturday => Weekday::Saturday,
        CivilWeekday::Sunday => Weekday::Sunday,
    }
}
