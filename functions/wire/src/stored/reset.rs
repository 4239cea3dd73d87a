//! Resets of passwords, in the table.

use roster::{ClassGuid, Grade, Guid, Roles, SchoolId, UserType};
use serde::{Deserialize, Serialize};

/// A reset of passwords: who did it, when, and of whom.
///
/// The passwords are not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reset {
    /// Sorts by time.
    pub id: String,
    /// Milliseconds since 1970.
    pub at: u64,
    /// The user name of the administrator.
    pub by: String,
    pub school: SchoolId,
    /// `None` for all grades and everybody without one.
    pub grade: Option<Grade>,
    /// `None` for all.
    pub user_type: Option<UserType>,
    /// The class whose students they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassGuid>,
    /// The only user, where it was of one alone.
    pub user: Option<Guid>,
    /// How many got a new password.
    pub users: u64,
    /// How many belong to them and were left alone: disabled ones, the administrator, and whoever was changed at the
    /// same moment.
    pub skipped: u64,
    /// The roles of those users: whoever reads their passwords has to be allowed what these roles allow.
    #[serde(default, skip_serializing_if = "Roles::is_empty")]
    pub hands_out: Roles,
}
