//! The directory in the formats of other systems, for whatever reads those.
//!
//! | format | a user is | a class is |
//! | --- | --- | --- |
//! | OneRoster 1.2 | `sourcedId` our GUID, `identifier` the custom ID | `sourcedId` our GUID, `classCode` the class ID |
//! | the others | the custom ID | the class ID |
//!
//! A feed that Rollbook reads again changes nothing: what a format has no place for is left out of the feed, and the reader
//! leaves it as it is. No feed has a password. Files are UTF-8 without a byte order mark, and their cells are as they are:
//! programs read them, and an apostrophe before an ID would make it another one.

mod canvas;
mod clever;
mod directory;
mod file;
mod one_roster;
mod sds;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::formats::SentFile;

pub use directory::FeedContents;

use directory::FeedDirectory;

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

/// Returns the files of a feed. They are the same whatever the order of users, classes and enrolments.
pub fn feed(format: FeedFormat, contents: &FeedContents) -> Vec<SentFile> {
    let directory = FeedDirectory::of(contents);
    match format {
        FeedFormat::OneRoster12 => one_roster::files(&directory),
        FeedFormat::SdsV21 => sds::files(directory),
        FeedFormat::Clever => clever::files(directory),
        FeedFormat::Canvas => canvas::files(&directory),
    }
}
