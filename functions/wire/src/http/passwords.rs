//! Resets of temporary passwords.

use roster::{ClassGuid, Grade, Guid, SchoolId, UserType};
use serde::{Deserialize, Serialize};

use crate::stored::reset::Reset;

/// Whose passwords to reset.
///
/// All users of a school, those of a grade or a type, or the students of a class of the school, or one of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewReset {
    pub school: SchoolId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_type: Option<UserType>,
    /// Only students who are in this class now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassGuid>,
    /// Only this student of the class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Guid>,
}

/// Which resets to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetsQuery {
    /// Those of this class only; who may reset only in the own classes has to name one of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassGuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A reset with what can still be had of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetRow {
    #[serde(flatten)]
    pub reset: Reset,
    /// Until when its file can be had; `None` once it can't.
    pub readable_until: Option<u64>,
}
