//! Sending a file, and one upload.

use std::collections::BTreeSet;

use roster::{ClassTally, FileEncoding, Mode, SchoolId, SourceId, Tally};
use serde::{Deserialize, Serialize};

use crate::stored::upload::UploadId;
use crate::stored::upload::{CheckedBefore, Upload};

/// An upload with the counts of its plan per school and user type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UploadDetail {
    pub upload: Upload,
    pub tallies: Vec<Tally>,
    /// The same of classes and enrolments per school.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub class_tallies: Vec<ClassTally>,
    /// How many of the plan's probable re-keys remove a user if they are two people: those whose changes have a
    /// `two_people.removal`. The others are of users that a partial sync leaves alone, or that are disabled already.
    #[serde(default)]
    pub rekeys_with_removal: u64,
    /// When the last other upload was carried out, where that was after the plan was made and the plan still waits for
    /// approval: what both change is left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overtaken_at: Option<u64>,
    /// Whether the one who asks may reject now.
    pub may_decide: bool,
    /// Whether they may approve, too, which not everybody may who sent the file.
    pub may_approve: bool,
    /// Until when the one who asks finds temporary passwords in the completed file; `None` where there are none for
    /// them.
    pub passwords_until: Option<u64>,
}

/// A file to be uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewUpload {
    pub mode: Mode,
    pub file_name: String,
    pub bytes: u64,
    /// The SHA-256 of the file in hexadecimal. An object with another one is nobody's upload, whoever put it there.
    pub sha256: String,
    /// The encoding that somebody chose for this file; `None` for what the settings say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<FileEncoding>,
    /// The sheet that somebody chose, where the file is a workbook; `None` for the one that is the roster by its headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// How it was read where it was checked before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<CheckedBefore>,
    /// The schools that the file is for; empty for all that its sender may touch.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub schools: BTreeSet<SchoolId>,
    /// The source of the users in the file, of those that the settings name; `None` for none of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_source: Option<SourceId>,
    /// Whether somebody filled in its one row on the page, about one person or one person's place in a class. Such an
    /// upload is a partial sync of at most [`BY_HAND_BYTES`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
    /// Of a program with an API key, whether the same contents once more are another upload.
    #[serde(default, skip_serializing_if = "Repeat::is_never")]
    pub repeat: Repeat,
}

/// Whether contents that were sent in the last 20 hours are sent once more.
///
/// They count as sent with the same key as the same kind of sync.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// Only where that upload failed or was rejected.
    #[default]
    Never,
    Always,
}

impl Repeat {
    fn is_never(&self) -> bool {
        *self == Repeat::Never
    }
}

/// How long the file of an edit by hand may be, in bytes.
pub const BY_HAND_BYTES: u64 = 64 * 1024;

/// Where to `PUT` the file: exactly `bytes` bytes, within 15 minutes, with these headers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadTicket {
    pub id: UploadId,
    #[serde(default)]
    pub arrival: FileArrival,
    pub url: String,
    pub headers: Vec<(String, String)>,
}

/// Whether there is anything left to send.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileArrival {
    #[default]
    Awaited,
    /// The same contents were sent before with the same API key: there is no address to send them to.
    Here,
}
