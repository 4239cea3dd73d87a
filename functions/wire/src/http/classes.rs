//! Classes, who is in them, and those of a user.

use roster::{Class, ClassRole, Day, Grade, Guid, Status, UserType};
use serde::{Deserialize, Serialize};

use crate::stored::history::ClassLogEntry;

/// Which classes of a school to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassesQuery {
    /// The archived ones, instead of those that are taught.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A class, who is in it, and what happened to it.
///
/// A caller who may see the class only as its teacher gets no history, no ended enrolments, and only the names of other
/// staff.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassDetail {
    pub class: Class,
    /// Who is in the class now, teachers first, then by name.
    pub members: Vec<ClassMember>,
    /// Whose enrolment ended in the last 30 days, the last one first.
    pub ended: Vec<ClassMember>,
    /// Newest first.
    pub history: Vec<ClassLogEntry>,
    /// Until when an archived class can be restored, in milliseconds since 1970; `None` of one that is taught.
    pub restorable_until: Option<u64>,
    /// Whether the one who asks may archive and restore it.
    pub may_change: bool,
    /// Whether the one who asks may reset the passwords of its students.
    pub may_reset: bool,
}

/// Somebody in a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassMember {
    pub user: Guid,
    pub first_name: String,
    pub last_name: String,
    /// `None` also where the one who asks may not see more than the name.
    pub custom_id: Option<String>,
    pub user_type: UserType,
    pub grade: Grade,
    pub status: Status,
    pub role: ClassRole,
    pub starts: Option<Day>,
    pub ends: Option<Day>,
    /// When it ended, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<u64>,
    /// Whether the one who asks may see the page of the user.
    pub visible: bool,
}

/// A class of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserClass {
    pub class: Class,
    pub role: ClassRole,
    pub starts: Option<Day>,
    pub ends: Option<Day>,
    /// When it ended, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<u64>,
    /// Whether the one who asks may see the page of the class.
    pub visible: bool,
}

/// A class that the one who asks teaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnClass {
    pub class: Class,
    pub role: ClassRole,
    /// How many students are in it.
    pub students: u64,
}

/// The version of the class that was looked at; a stale one answers 409.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenClass {
    pub version: u64,
}
