//! School years, which begin in July.

use time::{Date, Month, OffsetDateTime};

/// Returns the year in which the school year ends that it is now, in milliseconds since 1970.
pub(crate) fn end_of_school_year(now: u64) -> i32 {
    let seconds = i64::try_from(now / 1000).unwrap_or_default();
    school_year_of(OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH).date())
}

/// Returns the year in which the school year of a day ends.
pub(crate) fn school_year_of(date: Date) -> i32 {
    date.year() + i32::from(date.month() as u8 >= Month::July as u8)
}
