//! The removal of a user that is absent from a full roster.

use crate::model::User;
use crate::settings::RemovalAction;

use super::change::{Change, Kind};
use super::row_diff::{normal_fields, removed};

/// A user that a full sync removes.
pub(super) struct Absent<'d> {
    pub(super) user: &'d User,
    /// The removal is not made after all.
    pub(super) withdrawn: bool,
}

impl Absent<'_> {
    /// Returns the removal as a change; `None` where it is withdrawn.
    pub(super) fn change(&self, action: RemovalAction, exchange: Option<u32>) -> Option<Change> {
        let before = normal_fields(self.user).filter(|_| !self.withdrawn)?;
        let after = removed(&before, action);
        Some(Change {
            kind: Kind::Removed,
            guid: self.user.guid,
            row: None,
            seen_version: Some(self.user.version),
            before: Some(before),
            after,
            password: None,
            restores: false,
            exchange,
            two_people: None,
            not_updated: Vec::new(),
        })
    }
}
