//! The formats of other systems that the directory is written in.

use serde::{Deserialize, Serialize};

/// A format that the directory is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedFormat {
    OneRoster12,
    SdsV21,
    Clever,
    Canvas,
}

impl FeedFormat {
    /// All of them, in the order in which pages list them.
    pub const ALL: [FeedFormat; 4] =
        [FeedFormat::OneRoster12, FeedFormat::SdsV21, FeedFormat::Clever, FeedFormat::Canvas];

    /// Returns the name for people.
    pub fn name(self) -> &'static str {
        match self {
            FeedFormat::OneRoster12 => "OneRoster 1.2",
            FeedFormat::SdsV21 => "Microsoft School Data Sync v2.1",
            FeedFormat::Clever => "Clever",
            FeedFormat::Canvas => "Canvas SIS",
        }
    }

    /// Returns the name of its archive without the ending.
    pub fn as_str(self) -> &'static str {
        match self {
            FeedFormat::OneRoster12 => "oneroster-1.2",
            FeedFormat::SdsV21 => "sds-v2.1",
            FeedFormat::Clever => "clever",
            FeedFormat::Canvas => "canvas",
        }
    }
}
