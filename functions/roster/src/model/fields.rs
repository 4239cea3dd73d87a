//! The fields of a user that a sync manages.

use serde::{Deserialize, Serialize};

use super::column::Column;
use super::ids::{Guid, SchoolId, SourceId};
use super::role::Roles;
use super::user::User;
use super::user_type::{Grade, Status, UserType};

/// The fields of a user that a sync manages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fields {
    pub custom_id: String,
    pub first_name: String,
    pub middle_name: String,
    pub last_name: String,
    pub email: String,
    pub school: SchoolId,
    pub user_type: UserType,
    pub position: String,
    pub grade: Grade,
    pub status: Status,
    pub username: String,
    #[serde(default, skip_serializing_if = "Roles::is_empty")]
    pub roles: Roles,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceId>,
}

impl Fields {
    /// Returns whether the user, unless it is deleted, is an administrator who can sign in.
    pub fn is_active_administrator(&self) -> bool {
        self.user_type == UserType::Administrator && self.status == Status::Active
    }

    /// Returns the fields of a managed user; `None` for a user without a custom ID.
    pub fn of(user: &User) -> Option<Fields> {
        Some(Fields {
            custom_id: user.custom_id.clone()?,
            first_name: user.first_name.clone(),
            middle_name: user.middle_name.clone(),
            last_name: user.last_name.clone(),
            email: user.email.clone(),
            school: user.school.clone(),
            user_type: user.user_type,
            position: user.position.clone(),
            grade: user.grade,
            status: user.status,
            username: user.username.clone(),
            roles: user.roles.clone(),
            source: user.source.clone(),
        })
    }

    /// Returns a user with these fields, who was never deleted and has no name from before.
    pub fn into_user(self, guid: Guid, version: u64) -> User {
        User {
            guid,
            custom_id: Some(self.custom_id),
            first_name: self.first_name,
            middle_name: self.middle_name,
            last_name: self.last_name,
            email: self.email,
            school: self.school,
            user_type: self.user_type,
            position: self.position,
            grade: self.grade,
            status: self.status,
            username: self.username,
            version,
            deleted_at: None,
            erase_at: None,
            roles: self.roles,
            source: self.source,
            former_usernames: Vec::new(),
        }
    }

    /// Returns the field under a column, the school by its identifier; `None` where the column is of no field.
    pub(crate) fn value(&self, column: Column) -> Option<&str> {
        Some(match column {
            Column::FirstName => &self.first_name,
            Column::LastName => &self.last_name,
            Column::MiddleName => &self.middle_name,
            Column::Email => &self.email,
            Column::CustomId => &self.custom_id,
            Column::SchoolDistrictExternalId => &self.school.0,
            Column::UserType => self.user_type.as_str(),
            Column::Position => &self.position,
            Column::Grade => self.grade.as_str(),
            Column::Status => self.status.as_str(),
            Column::Username => &self.username,
            Column::Password
            | Column::UserGuid
            | Column::ClassGuid
            | Column::ClassId
            | Column::ClassName
            | Column::ClassGrade
            | Column::CourseCode
            | Column::Subject
            | Column::Period
            | Column::Term
            | Column::ClassStartDate
            | Column::ClassEndDate
            | Column::ClassStatus
            | Column::ClassRole
            | Column::EnrolmentStartDate
            | Column::EnrolmentEndDate
            | Column::EnrolmentStatus
            | Column::Action
            | Column::TemporaryPassword
            | Column::Result
            | Column::NotUpdated
            | Column::Error => return None,
        })
    }

    /// How many fields there are.
    pub const COUNT: usize = 13;

    /// Returns every field with the header of its column, in the order of the roster.
    ///
    /// Plans, the audit log and the page show a change of the fields that stand here, and of no others.
    pub fn list(&self) -> [(&'static str, &str); Fields::COUNT] {
        // Without `..`, so that a field that is added has to be put into the list.
        let Fields {
            custom_id,
            first_name,
            middle_name,
            last_name,
            email,
            school,
            user_type,
            position,
            grade,
            status,
            username,
            roles,
            source,
        } = self;
        [
            (Column::FirstName.header(), first_name),
            (Column::LastName.header(), last_name),
            (Column::MiddleName.header(), middle_name),
            (Column::Email.header(), email),
            (Column::CustomId.header(), custom_id),
            (Column::SchoolDistrictExternalId.header(), &school.0),
            (Column::UserType.header(), user_type.as_str()),
            (Column::Position.header(), position),
            (Column::Grade.header(), grade.as_str()),
            (Column::Status.header(), status.as_str()),
            (Column::Username.header(), username),
            ("roles", roles.as_str()),
            ("source", source.as_ref().map_or("", |source| source.0.as_str())),
        ]
    }
}
