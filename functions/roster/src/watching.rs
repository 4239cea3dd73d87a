//! What people are to be told of: rosters that did not come, and what became of those that did.
//!
//! Times are milliseconds since 1970. Days and times of the day are those of the organisation's time zone.

mod due;
mod mark;
mod notice;
mod zone;

pub use due::{LateSource, WatchedStage, WatchedUpload, due, late_at, pause_at};
pub use mark::{LastRoster, Mark, marks};
pub use notice::{DigestCounts, Notice, NoticeAbout, NoticeKind};
pub use zone::{NoZone, Zone};
