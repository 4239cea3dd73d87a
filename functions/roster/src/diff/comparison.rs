//! What a comparison goes by, apart from the rows and the users.

use crate::model::{Grade, Schools, User, UserType};
use crate::settings::{Accounts, Mode, ModeSettings, Scope};
use crate::validate::Password;

/// What a comparison goes by, apart from the rows and the users.
pub struct Comparison<'a> {
    pub mode: Mode,
    pub scope: Scope,
    /// Those of `mode`.
    pub settings: &'a ModeSettings,
    /// Names, roles and year levels.
    pub accounts: &'a Accounts,
    /// When the comparison is made, in milliseconds since 1970.
    pub now: u64,
    /// All of the organisation; they say which one is the district office.
    pub schools: &'a Schools,
    /// How many items an exchange of user names or addresses may write, for its changes happen together or not at all.
    pub max_exchange_writes: usize,
    /// What the GUIDs of new users are derived from.
    pub guid_seed: [u8; 32],
    /// Whether the user has this password already, so that it is no change. Asked only where the setting Update
    /// password is on.
    pub password_is_current: &'a dyn Fn(&User, &Password) -> bool,
}

impl Comparison<'_> {
    /// Returns whether users and rows of this type and grade are synced.
    pub(super) fn syncs(&self, user_type: UserType, grade: Grade) -> bool {
        self.mode.covers(user_type) && self.accounts.syncs(user_type, grade)
    }
}
