//! Users: the list, one of them, and edits by hand.

use roster::{Grade, Guid, Roles, SchoolId, SourceId, Status, User, UserType};
use serde::{Deserialize, Serialize};

use super::passwords::ResetRow;
use crate::stored::history::HistoryEntry;
use crate::stored::upload::UploadId;

/// A user, what happened to it, and where its fields came from.
///
/// What happened stands newest first, at most the last 100 entries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserDetail {
    pub user: UserRow,
    pub history: Vec<HistoryEntry>,
    pub origins: Vec<Origin>,
    /// The reset of the password that came with the change that this is the reply to: the user may do more than before,
    /// and others could have known the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<ResetRow>,
}

/// A user, in a list and alone: what pages show, and the version that a change of the user names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRow {
    pub guid: Guid,
    /// `None` of a user that no sync touches.
    pub custom_id: Option<String>,
    pub first_name: String,
    pub middle_name: String,
    pub last_name: String,
    pub email: String,
    pub school: SchoolId,
    pub user_type: UserType,
    /// Empty for students.
    pub position: String,
    /// `Unspecified` for everybody but students.
    pub grade: Grade,
    pub status: Status,
    pub username: String,
    pub version: u64,
    /// When the user was deleted or archived, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<u64>,
    /// Whether the user left the lists because it was disabled for long.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    /// Until when a deleted or archived user can be recovered; `None` of others, and of one whose personal fields were
    /// erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recoverable_until: Option<u64>,
    /// Those that were given; where there are none, the user has the one of its type.
    #[serde(default, skip_serializing_if = "Roles::is_empty")]
    pub roles: Roles,
    /// The source that the user came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceId>,
}

impl From<User> for UserRow {
    fn from(user: User) -> UserRow {
        let (archived, recoverable_until) = (user.is_archived(), user.recoverable_until());
        UserRow {
            guid: user.guid,
            custom_id: user.custom_id,
            first_name: user.first_name,
            middle_name: user.middle_name,
            last_name: user.last_name,
            email: user.email,
            school: user.school,
            user_type: user.user_type,
            position: user.position,
            grade: user.grade,
            status: user.status,
            username: user.username,
            version: user.version,
            deleted_at: user.deleted_at,
            archived,
            recoverable_until,
            roles: user.roles,
            source: user.source,
        }
    }
}

/// Which users to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsersQuery {
    /// `None` for all schools that the one who asks may see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school: Option<SchoolId>,
    /// A part of a name, or a whole custom ID, user name or e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// The users that were deleted and can be recovered, instead of those that are not deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// The users that were archived and can be recovered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// What set a field of a user last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The header of its column.
    pub field: String,
    pub at: u64,
    /// The upload that did it; `None` where it was done by hand.
    pub upload: Option<UploadId>,
    pub file_name: Option<String>,
    /// Whether the upload was filled in on the page, about this user alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
    pub row: Option<u32>,
    /// The user name of the administrator who approved or did it.
    pub by: Option<String>,
}

/// A custom ID to give, and the version of the user that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomIdEdit {
    pub custom_id: String,
    pub version: u64,
}

/// The version of the deleted user that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recover {
    pub version: u64,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_user_is_sent_with_what_pages_show_and_nothing_else() {
        let mut sent = json!({
            "guid": "01890a5d-ac96-774b-bcce-b302099a8057", "custom_id": "00123", "first_name": "Ora",
            "middle_name": "M", "last_name": "Klein", "email": "ora@contoso.example", "school": "a",
            "user_type": "Student", "position": "", "grade": "9", "status": "Disabled", "username": "ora.klein",
            "version": 3, "deleted_at": 1000, "roles": "mentor",
        });
        let mut user = sent.clone();
        user["erase_at"] = json!(5000);
        user["former_usernames"] = json!(["ora.k"]);
        let row = UserRow::from(serde_json::from_value::<User>(user).unwrap());
        sent["archived"] = json!(true);
        sent["recoverable_until"] = json!(5000);
        assert_eq!(serde_json::to_value(&row).unwrap(), sent);
        assert_eq!(serde_json::from_value::<UserRow>(sent).unwrap(), row);
    }
}
