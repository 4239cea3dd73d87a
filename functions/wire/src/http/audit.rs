//! The audit log.

use roster::{Guid, SchoolId};
use serde::{Deserialize, Serialize};

use crate::stored::audit::Action;
use crate::stored::upload::UploadId;

/// Which entries of the audit log are asked for: those that match all of it.
///
/// A download has no cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditQuery {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// The user name of who did it, whatever its case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<UploadId>,
    /// What was done to this user, also by uploads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Guid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school: Option<SchoolId>,
    /// Not before this time and before that one, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}
