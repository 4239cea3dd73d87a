//! The history of a user, in the table.

use roster::Kind;
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
