//! The changes that wait for a user.

use roster::{Change, EnrolmentChange};
use serde::{Deserialize, Serialize};

use super::downloads::is_none;
use crate::stored::upload::UploadId;

/// The changes of a user that plans have which are not carried out yet, newest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WaitingChanges {
    pub items: Vec<WaitingChange>,
    /// How many open uploads there was no time to look through: the user may be in them, too.
    #[serde(default, skip_serializing_if = "is_none")]
    pub left_out: u64,
}

/// What a plan changes of a user that waits: the user, places in classes, or both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaitingChange {
    pub upload: UploadId,
    pub file_name: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
    pub waits_for: WaitsFor,
    /// `None` where only places in classes change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// The places in classes that are given, changed or taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enrolments: Vec<EnrolmentChange>,
}

/// What a change that is not carried out yet waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    Approval,
    /// It is approved, and waits for its turn.
    Turn,
    /// It is being carried out.
    End,
}
