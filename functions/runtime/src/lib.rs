//! What the functions run with, whatever they do: the events that wake them, the loop that serves these, computing on
//! every core, password hashes, and the numbers that CloudWatch watches. It knows no table and no bucket.

#![warn(clippy::missing_errors_doc)]

pub mod event;
pub mod metrics;
pub mod parallel;
pub mod passwords;
mod serve;

pub use event::{Event, Grace, UnreadableEvent};
pub use serve::{DEAD_AFTER, now, serve};
