//! What a roster changes: its rows compared with the users that exist.

use std::collections::{BTreeMap, HashMap};

use crate::Finding;
use crate::plan::{Change, UnchangedRow};
use crate::settings::{Mode, ModeSettings, Scope};
use crate::user::{Directory, Guid, SchoolId, Schools, User, UserType};
use crate::valid::{Password, RejectedRow, Valid};

/// What a comparison goes by, apart from the rows and the users.
pub struct Comparison<'a> {
    pub mode: Mode,
    pub scope: Scope,
    /// Those of `mode`.
    pub settings: &'a ModeSettings,
    /// What the GUIDs of new users are derived from.
    pub guid_seed: [u8; 32],
    /// Whether the user has this password already, so that it is no change. Asked only where the setting Update
    /// password is on.
    pub password_is_current: &'a dyn Fn(&User, &Password) -> bool,
}

/// What every row does, before it is counted and held against the limits.
#[derive(Debug, Clone, Default)]
pub struct Diff {
    /// In no order yet.
    pub changes: Vec<Change>,
    pub unchanged: Vec<Unchanged>,
    /// Rows that validation or the comparison rejected.
    pub rejected: Vec<RejectedRow>,
    /// The passwords of created and updated users, until they are hashed. Take them out before the plan is made.
    pub passwords: HashMap<Guid, Password>,
    /// How many managed users within the scope each school and user type has now.
    pub managed: BTreeMap<(SchoolId, UserType), u64>,
    pub rows_without_owner: u64,
    pub cut_off: bool,
    pub total_rows: u64,
}

/// A row that changes nothing, and where it is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unchanged {
    pub row: UnchangedRow,
    pub school: SchoolId,
    pub user_type: UserType,
}

/// Compares the rows with the users.
///
/// A full sync needs every user of the organisation in `directory`; for a partial one see [`crate::Named`].
pub fn diff(valid: Valid, _directory: &Directory, _schools: &Schools, _c: &Comparison) -> (Diff, Vec<Finding>) {
    let diff = Diff {
        rejected: valid.rejected,
        rows_without_owner: valid.rows_without_owner,
        cut_off: valid.cut_off,
        total_rows: valid.total_rows,
        ..Diff::default()
    };
    (diff, Vec::new())
}
