//! The session: signing in, who is signed in, and single sign-on.

use std::collections::BTreeSet;

use roster::{Grade, Guid, Permission, SchoolId, UserType};
use serde::{Deserialize, Serialize};

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    pub guid: Guid,
    pub username: String,
    pub first_name: String,
    pub last_name: String,
    pub user_type: UserType,
    /// Of a student.
    pub grade: Grade,
    /// `None` for users of the district office, whose permissions are for the whole organisation.
    pub school: Option<SchoolId>,
    pub permissions: BTreeSet<Permission>,
    /// They signed in with a temporary password, and may do nothing before they have set one of their own.
    pub must_set_password: bool,
}

/// A user name and a password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    pub username: String,
    pub password: String,
}

/// An own password to set.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnPassword {
    /// Needed unless the one that they signed in with is a temporary one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    pub new: String,
}

/// How people sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOnState {
    /// At the organisation's provider, which `/api/sign-on/start` leads to.
    pub enabled: bool,
    /// With a password.
    pub passwords: bool,
}

/// Why somebody who came back from the provider is not signed in.
///
/// The page is opened with `?sign-on=` and the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignOnProblem {
    /// Single sign-on is not on.
    Off,
    /// It took too long, or was begun in another browser.
    Expired,
    /// The provider did not let the person in.
    Refused,
    /// The provider can't be reached, or what it says can't be trusted.
    Provider,
    /// No account, or more than one, matches.
    Unknown,
    Disabled,
}

impl SignOnProblem {
    /// All of them.
    pub const ALL: [SignOnProblem; 6] = [
        SignOnProblem::Off,
        SignOnProblem::Expired,
        SignOnProblem::Refused,
        SignOnProblem::Provider,
        SignOnProblem::Unknown,
        SignOnProblem::Disabled,
    ];

    /// Returns the word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            SignOnProblem::Off => "off",
            SignOnProblem::Expired => "expired",
            SignOnProblem::Refused => "refused",
            SignOnProblem::Provider => "provider",
            SignOnProblem::Unknown => "unknown",
            SignOnProblem::Disabled => "disabled",
        }
    }
}
