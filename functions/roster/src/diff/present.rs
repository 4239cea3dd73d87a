//! Who counts as present, and who is absent.

use std::collections::HashMap;
use std::sync::Arc;

use crate::file::NoPlace;
use crate::file::parsed::SettledRows;
use crate::model::people::UserView;
use crate::model::{Directory, Finding, Guid, Status, User, UserType, fold};
use crate::settings::{RemovalAction, Scope};
use crate::validate::RejectedRow;

use super::absent::Absent;
use super::claims::Claims;
use super::comparison::Comparison;
use super::diffed::CountedRow;
use super::row_diff::RowDiff;
use super::target::{Targets, in_scope};
use super::unique::Unique;

/// The users that a row is about, or may be about: by GUID, or by custom ID, however that is written.
pub(super) struct Present {
    /// For each user, what its rejected rows ask for; nothing where its row is good.
    users: HashMap<Guid, [Asked; 2]>,
    /// Their users are present, too.
    settled: Arc<SettledRows>,
}

/// What all rejected rows of one user together ask for of one [`Unique`]. The rows are not kept one by one: a file may
/// hold a million of one user, and each of them is compared with all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Asked {
    #[default]
    Nothing,
    /// Folded.
    One(String),
    /// More than one value, or that the user has none at all.
    Others,
}

impl Asked {
    fn add(&mut self, row: &RejectedRow, unique: Unique) {
        match row.wanted(unique).map(fold) {
            None if unique == Unique::StaffEmail && row.user_type == Some(UserType::Student) => *self = Asked::Others,
            None => {}
            Some(wanted) if *self == Asked::Nothing => *self = Asked::One(wanted),
            Some(wanted) if *self != Asked::One(wanted.clone()) => *self = Asked::Others,
            Some(_) => {}
        }
    }

    /// Returns whether one of the rows would part the user from the folded value.
    fn parts_from(&self, value: &str) -> bool {
        match self {
            Asked::Nothing => false,
            Asked::One(wanted) => wanted != value,
            Asked::Others => true,
        }
    }
}

impl Present {
    pub(super) fn new<'r>(
        rejected: impl Iterator<Item = &'r RejectedRow>,
        entries: &[RowDiff],
        outside: &[CountedRow],
        targets: &Targets,
    ) -> Present {
        let outside = outside.iter().filter_map(|counted| counted.row.guid);
        let good = entries.iter().map(|entry| entry.guid).chain(outside);
        let mut users: HashMap<Guid, [Asked; 2]> = good.map(|guid| (guid, <[Asked; 2]>::default())).collect();
        for row in rejected {
            for guid in targets.maybe(row) {
                let asked = users.entry(guid).or_default();
                Unique::ALL.into_iter().for_each(|unique| asked[unique as usize].add(row, unique));
            }
        }
        Present { users, settled: Arc::default() }
    }

    /// Counts the users of settled rows as present.
    pub(super) fn with(self, settled: &Arc<SettledRows>) -> Present {
        Present { settled: Arc::clone(settled), ..self }
    }

    /// Counts somebody as present.
    pub(super) fn add(&mut self, user: Guid) {
        self.users.entry(user).or_default();
    }

    /// Returns the users that the sync may touch and that no row is about.
    pub(super) fn nobodys<'d>(&self, directory: &'d Directory, c: &Comparison) -> impl Iterator<Item = UserView<'d>> {
        self.settled.other_users(directory).filter(|user| self.is_nobodys(*user, c))
    }

    /// Returns whether the sync may touch the user, and no row is, or may be, about it.
    pub(super) fn is_nobodys(&self, user: UserView, c: &Comparison) -> bool {
        !self.settled.users.contains(user.place.index()) && is_member(user, c) && !self.users.contains_key(&user.guid())
    }

    /// Returns the users that the sync may touch and that no row is about, by custom ID. A user that is disabled
    /// already is not removed by disabling it, and one whom the format has no place for is not absent.
    pub(super) fn absent<'d>(&self, directory: &'d Directory, c: &Comparison, no_place: &NoPlace) -> Vec<Absent<'d>> {
        if !c.mode.removes_absent() {
            return Vec::new();
        }
        let done =
            |user: UserView| c.settings.removal_action == RemovalAction::Disable && user.status() == Status::Disabled;
        let mut absent: Vec<Absent> = self
            .nobodys(directory, c)
            .filter(|user| is_missed(*user, c, no_place) && !done(*user))
            .map(|user| Absent { user: directory.user(user.place), withdrawn: false })
            .collect();
        absent.sort_by(|a, b| a.user.custom_id.cmp(&b.user.custom_id));
        absent
    }

    /// Says of rows that were rejected before names and addresses were compared what is wrong with those, too:
    /// they belong to a user whom no row of the file would part from them. Of a row about another school's user there
    /// is no more to say.
    pub(super) fn report_taken(
        &self,
        rejected: &[RejectedRow],
        targets: &Targets,
        claims: &mut Claims,
        directory: &Directory,
        scope: &Scope,
    ) {
        let others = |row: &RejectedRow| {
            let holder = row.custom_id.as_deref().and_then(|id| directory.by_custom_id(id));
            holder.is_some_and(|holder| !in_scope(scope, holder))
        };
        for row in rejected.iter().filter(|row| !others(row)) {
            for unique in Unique::ALL {
                if let Some(value) = row.wanted(unique)
                    && let Some(owner) = unique.owner(directory, value)
                    && !(in_scope(scope, owner)
                        && (targets.maybe(row).contains(&owner.guid) || self.frees(owner, unique, value)))
                    && !claims.gives_up(owner, unique, &fold(value))
                {
                    let finding = Finding::at(unique.taken(), row.row, unique.column(), value);
                    let is_new = row.custom_id.as_deref().is_some_and(|id| directory.by_custom_id(id).is_none());
                    let asker = (is_new && row.guid.is_none()).then_some(&row.clues);
                    let finding = claims.explained(owner, unique, value, asker, finding);
                    claims.findings.push(finding);
                }
            }
        }
    }

    /// Returns whether a rejected row would part the owner from the value.
    fn frees(&self, owner: &User, unique: Unique, value: &str) -> bool {
        let held = unique != Unique::Username || owner.is_named(value);
        held && self.users.get(&owner.guid).is_some_and(|asked| asked[unique as usize].parts_from(&fold(value)))
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

/// Returns whether a sync may touch the user: it is managed, not deleted, within the scope, of a user type and a year
/// level that are synced, and no user of another source.
pub(super) fn is_member(user: UserView, c: &Comparison) -> bool {
    c.scope.covers(user.school())
        && user.is_managed()
        && c.syncs(user.user_type(), user.grade())
        && c.sender.may_change(user.source())
        && !user.is_deleted()
}

/// Returns whether a full sync removes the user if it is absent: whom its format has no place for is not missed.
pub(super) fn is_missed(user: UserView, c: &Comparison, no_place: &NoPlace) -> bool {
    is_own(user, c) && !no_place.is_for(user.user_type(), user.status())
}

/// Returns whether a sync may touch the user, and answers for it.
pub(super) fn is_own(user: UserView, c: &Comparison) -> bool {
    c.sender.owns(user.source()) && is_member(user, c)
}
