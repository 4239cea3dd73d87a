//! What must be unique in the organisation beside custom IDs and GUIDs.

use crate::model::{Code, Column, Directory, User, UserType, fold};

/// What must be unique in the organisation, whatever the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unique {
    Username,
    StaffEmail,
}

impl Unique {
    pub(super) const ALL: [Unique; 2] = [Unique::Username, Unique::StaffEmail];

    pub(super) fn column(self) -> Column {
        match self {
            Unique::Username => Column::Username,
            Unique::StaffEmail => Column::Email,
        }
    }

    pub(super) fn taken(self) -> Code {
        match self {
            Unique::Username => Code::UsernameTaken,
            Unique::StaffEmail => Code::EmailTaken,
        }
    }

    pub(super) fn repeated(self) -> Code {
        match self {
            Unique::Username => Code::UsernameRepeated,
            Unique::StaffEmail => Code::EmailRepeated,
        }
    }

    pub(super) fn own(self) -> &'static str {
        match self {
            Unique::Username => "A user name",
            Unique::StaffEmail => "An address",
        }
    }

    /// Returns what the user holds now. A deleted user keeps its name for ever, and has let go of its address.
    pub(super) fn of_user(self, user: &User) -> Option<String> {
        match self {
            Unique::Username => Some(fold(&user.username)),
            Unique::StaffEmail if user.deleted_at.is_some() => None,
            Unique::StaffEmail => staff_email(user.user_type, &user.email),
        }
    }

    /// Returns the user that holds the value now.
    pub(super) fn owner<'d>(self, directory: &'d Directory, value: &str) -> Option<&'d User> {
        match self {
            Unique::Username => directory.by_username(value),
            Unique::StaffEmail => directory.by_staff_email(value),
        }
    }
}

/// Returns an address as it must be unique among staff; `None` where it need not be.
pub(super) fn staff_email(user_type: UserType, email: &str) -> Option<String> {
    (user_type.is_staff() && !email.is_empty()).then(|| fold(email))
}
