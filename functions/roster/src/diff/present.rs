//! Who counts as present, and who is absent.

use std::collections::HashMap;

use crate::plan::{Change, Kind};
use crate::settings::{Mode, RemovalAction};
use crate::user::{Directory, Guid, Status, User, fold};
use crate::valid::RejectedRow;
use crate::{Finding, UserType};

use super::claims::Claims;
use super::entry::{Entry, normal_fields};
use super::target::{Targets, in_scope};
use super::unique::Unique;
use super::{Comparison, CountedRow};

/// A user that a full sync removes.
pub(super) struct Absent<'d> {
    pub(super) user: &'d User,
    /// The removal is not made after all.
    pub(super) withdrawn: bool,
}

/// The users that a row is about, or may be about: by custom ID, by GUID, or by a custom ID that lost its zeros.
pub(super) struct Present {
    /// For each user, its rejected rows (by their place in the list); none where its row is good.
    rows: HashMap<Guid, Vec<usize>>,
}

impl Present {
    pub(super) fn new(
        rejected: &[RejectedRow],
        entries: &[Entry],
        outside: &[CountedRow],
        targets: &Targets,
    ) -> Present {
        let outside = outside.iter().filter_map(|counted| counted.row.guid);
        let good = entries.iter().map(|entry| entry.guid).chain(outside);
        let mut rows: HashMap<Guid, Vec<usize>> = good.map(|guid| (guid, Vec::new())).collect();
        for (i, row) in rejected.iter().enumerate() {
            for guid in targets.maybe(row.custom_id.as_deref(), row.guid) {
                rows.entry(guid).or_default().push(i);
            }
        }
        Present { rows }
    }

    /// The users that the sync may touch and that no row is about, by custom ID. A user that is disabled already
    /// is not removed by disabling it.
    pub(super) fn absent<'d>(&self, directory: &'d Directory, c: &Comparison) -> Vec<Absent<'d>> {
        if c.mode == Mode::Partial {
            return Vec::new();
        }
        let done = |u: &User| c.settings.removal_action == RemovalAction::Disable && u.status == Status::Disabled;
        let mut absent: Vec<Absent> = directory
            .iter()
            .filter(|u| is_member(u, c) && !self.rows.contains_key(&u.guid) && !done(u))
            .map(|user| Absent { user, withdrawn: false })
            .collect();
        absent.sort_by(|a, b| a.user.custom_id.cmp(&b.user.custom_id));
        absent
    }

    /// Says of rows that were rejected before names and addresses were compared what is wrong with those, too:
    /// they belong to a user whom no row of the file would part from them.
    pub(super) fn report_taken(&self, rejected: &[RejectedRow], claims: &mut Claims, directory: &Directory) {
        for (i, row) in rejected.iter().enumerate() {
            for unique in Unique::ALL {
                if let Some(value) = row.wanted(unique)
                    && let Some(owner) = unique.owner(directory, value)
                    && !self.frees(i, owner, unique, value, rejected)
                    && !claims.gives_up(owner, unique, &fold(value))
                {
                    let finding = Finding::at(unique.taken(), row.row, unique.column(), value);
                    let finding = claims.explained(owner, unique, value, finding);
                    claims.findings.push(finding);
                }
            }
        }
    }

    /// Whether row `i` is itself about the owner, or another rejected row would part the owner from the value.
    fn frees(&self, i: usize, owner: &User, unique: Unique, value: &str, rejected: &[RejectedRow]) -> bool {
        let rows = self.rows.get(&owner.guid).map_or(&[][..], Vec::as_slice);
        let parts = |row: &RejectedRow| match row.wanted(unique) {
            _ if unique == Unique::Username && !owner.is_named(value) => false,
            Some(wanted) => fold(wanted) != fold(value),
            None => unique == Unique::StaffEmail && row.user_type == Some(UserType::Student),
        };
        rows.iter().any(|&row| row == i || parts(&rejected[row]))
    }
}

impl RejectedRow {
    fn wanted(&self, unique: Unique) -> Option<&str> {
        match unique {
            Unique::Username => self.username.as_deref(),
            Unique::StaffEmail => self.staff_email.as_deref(),
        }
    }
}

impl Absent<'_> {
    /// The removal as a change; `None` where it is withdrawn.
    pub(super) fn change(&self, action: RemovalAction, exchange: Option<u32>) -> Option<Change> {
        let before = normal_fields(self.user).filter(|_| !self.withdrawn)?;
        let after = match action {
            RemovalAction::Delete => None,
            RemovalAction::Disable => Some(crate::Fields { status: Status::Disabled, ..before.clone() }),
        };
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

/// Whether a sync may touch the user: it is managed, not deleted, within the scope, and of a year level that is synced.
pub(super) fn is_member(user: &User, c: &Comparison) -> bool {
    let there = user.is_managed() && user.deleted_at.is_none();
    there && in_scope(&c.scope, user) && c.accounts.syncs(user.user_type, user.grade)
}
