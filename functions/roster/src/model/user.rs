//! An account of the directory.

use serde::{Deserialize, Serialize};

use super::durations::DAY;
use super::ids::{Guid, SchoolId, SourceId};
use super::role::Roles;
use super::text::fold;
use super::user_type::{Grade, Status, UserType};

/// An account of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub guid: Guid,
    /// The Employee ID or Student ID. Only a user that has one is managed: a sync can touch it.
    pub custom_id: Option<String>,
    pub first_name: String,
    pub middle_name: String,
    pub last_name: String,
    /// As written; empty where there is none. Compared through [`fold`].
    pub email: String,
    pub school: SchoolId,
    pub user_type: UserType,
    /// Empty for students.
    pub position: String,
    /// `Unspecified` for everybody but students.
    pub grade: Grade,
    pub status: Status,
    /// As written; compared through [`fold`].
    pub username: String,
    /// Grows with every write of the user. A change is carried out only on the version that its plan saw.
    #[serde(default)]
    pub version: u64,
    /// When a sync deleted the user, in milliseconds since 1970. Such a user counts as absent, and comes back with
    /// the same GUID when its custom ID comes back, also after its personal fields were erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<u64>,
    /// When the personal fields of an archived user are erased, in milliseconds since 1970: one that is deleted because
    /// it was disabled for long, and not because it was absent from a roster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erase_at: Option<u64>,
    #[serde(default, skip_serializing_if = "Roles::is_empty")]
    pub roles: Roles,
    /// The source that the user came from last; `None` where the roster named none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceId>,
    /// Names that it had before, folded; they are never given to anybody else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_usernames: Vec<String>,
}

impl User {
    /// Returns whether a sync may touch the user.
    pub fn is_managed(&self) -> bool {
        self.custom_id.is_some()
    }

    /// Returns whether the user's account is open.
    pub fn can_sign_in(&self) -> bool {
        self.status == Status::Active && self.deleted_at.is_none()
    }

    /// Returns the user's roles; of one that was never given any, the one of its type.
    pub fn roles_in_force(&self, at_district: bool) -> Roles {
        if self.roles.is_empty() { Roles::usual(self.user_type, at_district) } else { self.roles.clone() }
    }

    /// Returns whether `username` is the user's present name, whatever the case.
    pub fn is_named(&self, username: &str) -> bool {
        fold(&self.username) == fold(username)
    }

    /// Returns whether the user is an administrator who can sign in.
    pub fn is_active_administrator(&self) -> bool {
        self.user_type == UserType::Administrator && self.status == Status::Active && self.deleted_at.is_none()
    }

    /// Returns whether the user left the lists because it was disabled for long.
    pub fn is_archived(&self) -> bool {
        self.deleted_at.is_some() && self.erase_at.is_some()
    }

    /// Returns until when an administrator can bring a deleted user back as it was.
    ///
    /// In milliseconds since 1970. `None` for one that is not deleted, or whose personal fields were erased.
    pub fn recoverable_until(&self) -> Option<u64> {
        let erased = self.first_name.is_empty() && self.last_name.is_empty();
        let erase_at = self.deleted_at.map(|at| self.erase_at.unwrap_or(at + RECOVERABLE_MILLIS));
        erase_at.filter(|_| !erased)
    }
}

/// For how many days a deleted user is kept whole.
pub const RECOVERABLE_DAYS: u64 = 30;

/// [`RECOVERABLE_DAYS`] in milliseconds.
pub const RECOVERABLE_MILLIS: u64 = RECOVERABLE_DAYS * DAY;
