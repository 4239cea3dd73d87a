//! Lengths of time, in milliseconds.
//!
//! Times are milliseconds since 1970 everywhere; what is in seconds says so.

/// A minute in milliseconds.
pub const MINUTE: u64 = 60 * 1000;

/// An hour in milliseconds.
pub const HOUR: u64 = 60 * MINUTE;

/// A day in milliseconds.
pub const DAY: u64 = 24 * HOUR;
