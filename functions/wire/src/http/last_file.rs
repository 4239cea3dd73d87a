//! What the last file would do to a user.

use roster::{Change, Mode};
use serde::{Deserialize, Serialize};

use super::plans::FindingRow;
use crate::stored::upload::UploadId;

/// What the newest file that a user could be in would do to the user now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LastFile {
    /// `None` where no file that the user could be in is kept.
    pub file: Option<KeptFile>,
    pub outlook: Outlook,
}

/// A file that was uploaded and is still kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFile {
    pub upload: UploadId,
    pub file_name: String,
    pub created_at: u64,
    pub mode: Mode,
}

/// What a kept file would do to a user now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outlook {
    /// No such file is kept.
    NoFile,
    /// The file is so large that it is not looked through.
    TooLarge,
    /// The file has no row for the user; `removes` where its sync removes who is absent.
    NoRow {
        removes: bool,
    },
    /// The row would be rejected: these are the reasons.
    Rejected(Vec<FindingRow>),
    /// The user is as the row says, or its sync leaves the user alone.
    Nothing,
    /// It can't be told from this row alone, because its custom ID is nobody's, or it would take over something.
    Unclear,
    Change(Box<Change>),
}
