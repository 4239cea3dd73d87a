//! A plan, and what becomes of it: documents in the bucket, as JSON or JSON lines. Where each stands is listed in
//! `cloud::bucket::keys`.
//!
//! What a function reads of an upload begins with its [`PlanHead`], which has a version and names the digests of the
//! rest; so the lines of the other documents have none. Lines of `changes` are [`roster::Change`]s, of `findings`
//! [`roster::Finding`]s, of `unchanged` [`roster::UnchangedRow`]s.

use std::collections::BTreeMap;

use roster::{
    ClassCounts, ClassGuid, ClassTally, Codes, Counts, Guid, Hold, Mode, Reading, RemovalAction, Roles, Scope, SetPart,
    Tally,
};
use serde::{Deserialize, Serialize};

use crate::stored::upload::UploadId;

/// The version of a plan and of all that belongs to it.
///
/// A reader refuses another one.
pub const VERSION: u32 = 1;

/// The head of a plan.
///
/// Its SHA-256 is the plan's digest, and it names the digest of all that carrying it out reads, so that the digest
/// stands for every change, every password and every line of the files at the end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanHead {
    pub version: u32,
    pub upload: UploadId,
    pub mode: Mode,
    pub scope: Scope,
    pub removal_action: RemovalAction,
    pub counts: Counts,
    /// How many of the probable re-keys remove a user if they are two people; `None` in a plan of an earlier version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rekeys_with_removal: Option<u64>,
    pub tallies: Vec<Tally>,
    pub holds: Vec<Hold>,
    /// How the file was read; its kept copy is read the same way.
    #[serde(default)]
    pub reading: Reading,
    /// The roles of the accounts that it makes or hands over; see [`roster::role::handed_out`].
    #[serde(default, skip_serializing_if = "Roles::is_empty")]
    pub hands_out: Roles,
    /// The roles of the accounts that it closes; see [`roster::role::closed`].
    #[serde(default, skip_serializing_if = "Roles::is_empty")]
    pub closes: Roles,
    /// `None` in a plan of an earlier version, which can be looked at and not carried out.
    #[serde(default)]
    pub sources: Option<Sources>,
    /// What is done of classes; `None` where the roster says nothing of any, and no user leaves one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes: Option<ClassHead>,
    pub chunks: Vec<ChunkHead>,
}

/// What a plan does of classes.
///
/// Their changes are in chunks that come after those of users.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassHead {
    pub counts: ClassCounts,
    pub tallies: Vec<ClassTally>,
    /// The SHA-256 of the rows that change no enrolment, in hexadecimal.
    pub rows: String,
}

impl PlanHead {
    /// Returns the chunks of users with their numbers.
    pub fn user_chunks(&self) -> impl Iterator<Item = (u32, &ChunkHead)> {
        (0..).zip(&self.chunks).filter(|(_, chunk)| chunk.of.is_users())
    }

    /// Returns how many of the probable re-keys remove a user if they are two people.
    pub fn rekeys_with_removal(&self) -> u64 {
        // A plan that does not say so is taken to remove each user that is absent from a full roster.
        let absent = if self.mode.removes_absent() { self.counts.rekeyed } else { 0 };
        self.rekeys_with_removal.unwrap_or(absent)
    }
}

/// The SHA-256 digests, in hexadecimal, of what else an upload is ended with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sources {
    /// Of the kept copy of the file; empty in a set that has no file of users.
    pub uploaded: String,
    /// Of the kept copies of the other files of a set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<SetPart, String>,
    /// Of the rows that change nothing.
    pub unchanged: String,
    /// Of each page of findings.
    pub findings: Vec<String>,
    /// Of the codes of rows whose findings are too many to be kept whole.
    pub cut_findings: Option<String>,
    /// Of the secret that temporary passwords are derived from. It has 32 random bytes, so the digest tells nothing.
    pub password_seed: String,
}

/// One chunk of a plan: a [`roster::Change`] a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChunkHead {
    pub changes: u32,
    /// The SHA-256 of the chunk's bytes in hexadecimal.
    pub digest: String,
    /// The SHA-256 of the chunk's passwords, where it has any that were hashed ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passwords: Option<String>,
    /// What is in it, so that a filtered list skips chunks without opening them.
    pub tallies: Vec<Tally>,
    /// It takes administrators away, and is carried out when all the other chunks are: those may bring the ones who
    /// come after them, and somebody must be able to sign in at any time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub last: bool,
    /// Of what its changes are.
    #[serde(default, skip_serializing_if = "ChunkOf::is_users")]
    pub of: ChunkOf,
    /// What is in one of classes or enrolments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub class_tallies: Vec<ClassTally>,
}

/// Of what the changes of a chunk are.
///
/// Those of one kind are carried out side by side, when all before them are done: a user is enrolled once user and
/// class are there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChunkOf {
    #[default]
    Users,
    /// A [`roster::ClassChange`] a line.
    Classes,
    /// A [`roster::EnrolmentChange`] a line.
    Enrolments,
}

impl ChunkOf {
    fn is_users(&self) -> bool {
        *self == ChunkOf::Users
    }
}

impl ChunkHead {
    /// Returns what decides when the chunk is carried out: all of one step, before any of the next.
    pub fn step(&self) -> (ChunkOf, bool) {
        (self.of, self.last)
    }
}

/// A line of a chunk's passwords: a hash.
///
/// The password came in the file, or is the default password. The object is deleted when the upload ends.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordHash {
    pub guid: Guid,
    /// Argon2id in PHC format.
    pub hash: String,
}

/// A line of the codes of rejected rows whose findings are too many to be kept whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutFindings {
    /// See [`roster::Finding::part`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<SetPart>,
    pub row: u32,
    pub codes: Codes,
}

/// A line of a chunk's results: what became of one change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeResult {
    pub guid: Guid,
    pub row: Option<u32>,
    pub outcome: Outcome,
}

/// A line of the results of a chunk of classes or enrolments, in the order of its changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassResult {
    pub class: ClassGuid,
    /// `None` of a change of the class itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Guid>,
    pub outcome: Outcome,
}

/// What became of one change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Done,
    /// The user is no longer as the plan saw it.
    Drifted,
    /// The user name, e-mail address or custom ID was taken in between.
    Taken,
    /// The user is the administrator who approved, or the last one.
    Protected,
}

impl Outcome {
    /// Returns the word that files use.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Drifted => "drifted",
            Outcome::Taken => "taken",
            Outcome::Protected => "protected",
        }
    }
}
