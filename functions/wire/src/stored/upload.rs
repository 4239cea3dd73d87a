//! One submission of a roster: the unit of history.

use std::collections::BTreeMap;
use std::fmt;

use roster::{Change, Code, Counts, FileEncoding, Guid, Hold, Mode, RekeyChoice, RekeyChoices, Scope};
use serde::{Deserialize, Serialize};

/// An upload as the history shows it. Times are milliseconds since 1970 (UTC).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    pub id: UploadId,
    pub status: Status,
    pub mode: Mode,
    pub scope: Scope,
    pub source: Source,
    /// The file's name as its sender wrote it.
    pub file_name: String,
    /// The encoding that its sender chose for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<FileEncoding>,
    pub bytes: u64,
    /// The SHA-256 of the file, in hexadecimal, as an administrator announced it; `None` where somebody dropped it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    pub created_at: u64,
    pub updated_at: u64,
    /// Why it failed, in one sentence for a school secretary. Only with [`Status::Failed`].
    pub failure: Option<String>,
    /// Known once the roster was compared.
    pub counts: Option<Counts>,
    /// How many findings of each code.
    pub findings: BTreeMap<Code, u64>,
    /// Why the plan waits, or waited, for approval.
    pub holds: Vec<Hold>,
    /// The SHA-256 of the plan in hexadecimal: what an approval names.
    pub digest: Option<String>,
    pub decision: Option<Decision>,
    /// Chunks carried out, while and after the plan is applied.
    pub progress: Option<Progress>,
    /// Changes that were left undone because the user had drifted or was protected.
    pub left_alone: u64,
    /// The files that can be downloaded now.
    pub files: Vec<FileKind>,
    /// When its files and its plan were deleted, because the settings keep them no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files_deleted_at: Option<u64>,
    /// When lines of users whose personal fields were erased were last taken out of its files and its plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacted_at: Option<u64>,
}

/// Sorts by time of creation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UploadId(pub String);

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where an upload stands.
///
/// | from | to | by | when |
/// | --- | --- | --- | --- |
/// | a ticket, shown as `Queued` | `InProgress` | `validate` | the object is found in the inbox |
/// | `InProgress` | `Failed` | `validate` | the file can't be read or checked, or its object is gone |
/// | `InProgress` | `AwaitingApproval` | `validate` | the plan changes something and is held |
/// | `InProgress` | `Queued` | `validate` | the plan changes nothing, or the settings approve it |
/// | `AwaitingApproval` | `Queued` | the API | an administrator approves |
/// | `AwaitingApproval` | `Rejected` | the API | an administrator rejects |
/// | `Queued` | `InProgress` | `apply` | the upload acquires the lease |
/// | `Queued`, `InProgress` | `Completed`, `CompletedWithErrors` | `apply` | every chunk is done |
/// | `Queued`, `InProgress` | `Failed` | `apply` | the plan can't be carried out, however often it is tried |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Waits for a function: to be checked, or, once approved, for the organisation's turn.
    Queued,
    /// Is being checked, or applied.
    InProgress,
    AwaitingApproval,
    Completed,
    /// Applied, with rows that were rejected or users that were left alone.
    CompletedWithErrors,
    /// [`Upload::failure`] says why. Nothing was changed, unless it says how much.
    Failed,
    /// An administrator decided against the plan; nothing was changed.
    Rejected,
}

impl Status {
    /// The words that pages show.
    pub fn label(self) -> &'static str {
        match self {
            Status::Queued => "Queued",
            Status::InProgress => "In Progress",
            Status::AwaitingApproval => "Awaiting Approval",
            Status::Completed => "Completed",
            Status::CompletedWithErrors => "Completed with Errors",
            Status::Failed => "Failed",
            Status::Rejected => "Rejected",
        }
    }

    /// Whether nothing will happen to the upload any more.
    pub fn is_final(self) -> bool {
        matches!(self, Status::Completed | Status::CompletedWithErrors | Status::Failed | Status::Rejected)
    }
}

/// Who sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// An administrator, on the page.
    Administrator { guid: Guid, username: String },
    /// Somebody with rights on the bucket.
    Bucket { key: String },
}

/// What was decided about a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub verdict: Verdict,
    /// The administrator; `None` when the settings decided.
    pub by: Option<Decider>,
    pub at: u64,
    /// The digest that was decided about.
    pub digest: String,
    /// What was decided about the probable re-keys of the plan; `None` where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rekeys: Option<RekeyChoices>,
}

impl Decision {
    /// Returns what is carried out of a plan's changes by this decision.
    pub fn chosen(&self, changes: Vec<Change>) -> Vec<Change> {
        // A plan with re-keys is not approved without choices; doing nothing irreversible is what is left without.
        let choice = |change: &Change| match (&self.rekeys, change.row) {
            (Some(choices), Some(row)) => choices.choice_for(row),
            _ => RekeyChoice::SamePerson,
        };
        let rekeyed = |change: &Change| change.two_people.is_some();
        if !changes.iter().any(rekeyed) {
            return changes;
        }
        changes.into_iter().flat_map(|change| change.chosen(choice(&change))).collect()
    }
}

/// The administrator who decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decider {
    pub guid: Guid,
    pub username: String,
}

/// Yes or no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Approved,
    Rejected { reason: String },
}

/// Chunks done and in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub done: u32,
    pub total: u32,
}

/// The files of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// As sent, minus passwords.
    Uploaded,
    /// Every change with each field before and after.
    Plan,
    /// Every row that was processed.
    Completed,
    /// Every row that was not.
    Errors,
}

impl FileKind {
    pub const ALL: [FileKind; 4] = [FileKind::Uploaded, FileKind::Plan, FileKind::Completed, FileKind::Errors];

    /// The name in addresses and keys.
    pub fn as_str(self) -> &'static str {
        match self {
            FileKind::Uploaded => "uploaded",
            FileKind::Plan => "plan",
            FileKind::Completed => "completed",
            FileKind::Errors => "errors",
        }
    }
}
