//! The histories of a user and of a class, in the table.

use roster::{ClassKind, Kind};
use serde::{Deserialize, Serialize};

use crate::stored::upload::UploadId;

/// One thing that happened to a user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryEntry {
    pub at: u64,
    /// The upload that did it; `None` where an administrator did it by hand.
    pub upload: Option<UploadId>,
    pub row: Option<u32>,
    /// The user name of the administrator who approved or did it; `None` where the settings approved.
    pub by: Option<String>,
    pub kind: Kind,
    pub fields: Vec<FieldChange>,
}

/// One field before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The header of its column.
    pub field: String,
    pub before: String,
    pub after: String,
}

/// What one upload, or somebody by hand, did to a class and to who is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassLogEntry {
    pub at: u64,
    /// The upload that did it; `None` where an administrator did it by hand.
    pub upload: Option<UploadId>,
    /// The user name of the administrator who approved or did it; `None` where nobody did.
    pub by: Option<String>,
    /// What was done to the class itself; `None` where it stayed as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ClassKind>,
    /// Of the class itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
    #[serde(default)]
    pub enrolled: u64,
    #[serde(default)]
    pub updated: u64,
    #[serde(default)]
    pub ended: u64,
}
