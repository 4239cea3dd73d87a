//! Roles, and those of a user.

use std::collections::BTreeSet;

use roster::{Permission, Role, RoleId, Roles};
use serde::{Deserialize, Serialize};

/// The roles and the version that a change of them must name; a stale one answers 409.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RolesDocument {
    pub version: u64,
    pub roles: Vec<Role>,
}

impl RolesDocument {
    /// Returns what users with these roles may do.
    ///
    /// A role that is not there any more allows nothing.
    pub fn permissions_of(&self, roles: &Roles) -> BTreeSet<Permission> {
        roster::role::permissions_of(&self.roles, roles)
    }
}

/// Roles to give to a user, and the version of the user that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolesEdit {
    pub roles: BTreeSet<RoleId>,
    pub version: u64,
}
