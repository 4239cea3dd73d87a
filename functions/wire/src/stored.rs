//! Documents in the bucket. Each is JSON (or JSON lines) with a version.

use roster::{Change, Counts, Guid, Hold, Mode, RemovalAction, Scope, Tally, UserType};
use serde::{Deserialize, Serialize};

use crate::UploadId;

/// The version of every stored document. A reader refuses another one.
pub const VERSION: u32 = 1;

/// `uploads/<id>/plan.json`: the head of a plan. Its SHA-256 is the plan's digest, and it names the digest of
/// every chunk, so that the digest stands for every change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanHead {
    pub version: u32,
    pub upload: UploadId,
    pub mode: Mode,
    pub scope: Scope,
    pub removal_action: RemovalAction,
    pub counts: Counts,
    pub tallies: Vec<Tally>,
    pub holds: Vec<Hold>,
    pub chunks: Vec<ChunkHead>,
}

/// One chunk of a plan: `uploads/<id>/changes/<n>.jsonl`, a [`Change`] a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChunkHead {
    pub changes: u32,
    /// The SHA-256 of the chunk's bytes in hexadecimal.
    pub digest: String,
    /// What is in it, so that a filtered list skips chunks without opening them.
    pub tallies: Vec<Tally>,
    /// It takes administrators away, and is carried out when all the other chunks are: those may bring the ones who
    /// come after them, and somebody must be able to sign in at any time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub last: bool,
}

/// A line of `uploads/<id>/passwords/<n>.jsonl`: the hash of a password that came in the file. The object is
/// deleted when the upload ends.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordHash {
    pub guid: Guid,
    /// Argon2id in PHC format.
    pub hash: String,
}

/// `approvals/<id>`: what makes `apply` start. The decision itself is kept with the upload; this only wakes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    pub version: u32,
    pub upload: UploadId,
    pub digest: String,
}

/// A line of `uploads/<id>/results/<n>.jsonl`: what became of one change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeResult {
    pub guid: Guid,
    pub row: Option<u32>,
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

/// A line of `uploads/<id>/findings/<n>.jsonl` is a [`roster::Finding`]; of `unchanged.jsonl` a
/// [`roster::UnchangedRow`]; of `changes/<n>.jsonl` this.
pub type ChangeLine = Change;

/// Who is in a download of users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    All,
    Staff,
    Administrators,
}

impl Who {
    /// Whether a user of this type belongs to the download.
    pub fn includes(self, user_type: UserType) -> bool {
        match self {
            Who::All => true,
            Who::Staff => user_type.is_staff(),
            Who::Administrators => user_type == UserType::Administrator,
        }
    }
}
