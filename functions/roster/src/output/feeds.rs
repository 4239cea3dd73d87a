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

use crate::formats::SentFile;
use crate::settings::FeedFormat;

pub use directory::FeedContents;

use directory::FeedDirectory;

/// Returns the files of a feed.
///
/// They are the same whatever the order of users, classes and enrolments.
pub fn feed(format: FeedFormat, contents: &FeedContents) -> Vec<SentFile> {
    let directory = FeedDirectory::of(contents);
    match format {
        FeedFormat::OneRoster12 => one_roster::files(&directory),
        FeedFormat::SdsV21 => sds::files(directory),
        FeedFormat::Clever => clever::files(directory),
        FeedFormat::Canvas => canvas::files(&directory),
    }
}
