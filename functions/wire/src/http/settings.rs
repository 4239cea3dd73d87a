//! The settings of the organisation.

use roster::{Settings, UserType};
use serde::{Deserialize, Serialize};

/// The settings and the version that a change of them must name; a stale one answers 409.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SettingsDocument {
    pub version: u64,
    pub settings: Settings,
    /// Whether somebody has set a default password. Looked at in replies only.
    #[serde(default)]
    pub has_default_password: bool,
}

/// A default password to set.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultPassword {
    pub password: String,
}

/// A user, and what a rule for user names would call them if it named everybody anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsernameExample {
    pub first_name: String,
    pub last_name: String,
    pub user_type: UserType,
    /// The present user name.
    pub present: String,
    /// `None` where the rule gives this user no name.
    pub made: Option<String>,
}
