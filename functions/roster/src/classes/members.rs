//! Who may be in a class: the users as they are once a plan is carried out.

use std::collections::{HashMap, HashSet};

use crate::diff::{Change, Kind, Unchanged};
use crate::model::{Directory, Fields, Grade, Guid, SchoolId, SourceId, Status, User, UserType};
use crate::plan::Plan;

use super::lines::UserRef;

/// The users as they are once a plan is carried out.
pub(crate) struct Members<'p> {
    changes: HashMap<Guid, &'p Change>,
    by_row: HashMap<u32, Guid>,
    /// The rows of changed users.
    rows: HashMap<Guid, u32>,
    /// Those of whom there are rows.
    in_file: HashSet<Guid>,
    /// The rows of those whom the sync leaves alone, and such users that exist.
    left_alone: (HashSet<u32>, HashSet<Guid>),
    /// By the custom ID that a change gives.
    by_custom_id: HashMap<&'p str, Guid>,
    directory: &'p Directory,
}

/// A user as it is once a plan is carried out.
pub(crate) struct Member {
    pub(crate) guid: Guid,
    pub(crate) custom_id: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) school: SchoolId,
    pub(crate) user_type: UserType,
    pub(crate) grade: Grade,
    pub(crate) status: Status,
    pub(crate) source: Option<SourceId>,
    /// The row that changes the user.
    pub(crate) row: Option<u32>,
    /// The user instead, if that row is about another person.
    pub(crate) two_people: Option<Guid>,
}

impl<'p> Members<'p> {
    pub(crate) fn new(plan: &'p Plan, directory: &'p Directory) -> Members<'p> {
        let changes: HashMap<Guid, &Change> = plan.changes.iter().map(|change| (change.guid, change)).collect();
        let of_changes = plan.changes.iter().filter_map(|change| Some((change.row?, change.guid)));
        let mut by_row: HashMap<u32, Guid> = of_changes.clone().collect();
        let mut left_alone = (HashSet::new(), HashSet::new());
        for row in plan.unchanged.iter() {
            by_row.extend(row.guid.map(|guid| (row.row, guid)));
            // Of somebody who is left alone, and is not there, further rows are no user's, either.
            if matches!(row.why, Unchanged::Outside | Unchanged::OtherType) || row.guid.is_none() {
                left_alone.0.insert(row.row);
                left_alone.1.extend(row.guid);
            }
        }
        let in_file = by_row.values().copied().collect();
        let rows = of_changes.map(|(row, guid)| (guid, row)).collect();
        let given = |change: &'p Change| Some((change.after.as_ref()?.custom_id.as_str(), change.guid));
        let by_custom_id = plan.changes.iter().filter_map(given).collect();
        Members { changes, by_row, rows, in_file, left_alone, by_custom_id, directory }
    }

    /// Returns the user that a row means; `None` where there is none, or none any more.
    pub(crate) fn find(&self, user: &UserRef) -> Option<Member> {
        self.member(match user {
            UserRef::Row(row, _) => *self.by_row.get(row)?,
            UserRef::Guid(guid, _) => *guid,
            UserRef::CustomId(id) => self.guid_of(id)?,
        })
    }

    /// Returns whether the row that a line stands in is not rejected for what it says of its user.
    pub(crate) fn is_processed(&self, user: &UserRef) -> bool {
        match user {
            UserRef::Row(row, _) => self.by_row.contains_key(row) || self.left_alone.0.contains(row),
            UserRef::Guid(..) | UserRef::CustomId(_) => true,
        }
    }

    /// Returns whether the sync leaves the user alone, whatever a row says.
    pub(crate) fn is_left_alone(&self, user: &UserRef) -> bool {
        let is_row = matches!(user, UserRef::Row(row, _) if self.left_alone.0.contains(row));
        is_row || self.may_mean(user).is_some_and(|guid| self.left_alone.1.contains(&guid))
    }

    /// Returns whether the user has the custom ID, or had it before.
    pub(crate) fn has_id(&self, member: &Member, id: &str) -> bool {
        let present = || self.present(member.guid).is_some_and(|user| user.custom_id.as_deref() == Some(id));
        member.custom_id == id || present()
    }

    /// Returns whether there is a row of the user.
    pub(crate) fn is_in_file(&self, user: Guid) -> bool {
        self.in_file.contains(&user)
    }

    /// Returns whom a row may mean that is not processed: that user counts as present.
    pub(crate) fn may_mean(&self, user: &UserRef) -> Option<Guid> {
        match user {
            UserRef::Row(row, id) => self.by_row.get(row).copied().or_else(|| self.guid_of(id)),
            UserRef::Guid(guid, _) => Some(*guid),
            UserRef::CustomId(id) => self.guid_of(id),
        }
    }

    fn guid_of(&self, custom_id: &str) -> Option<Guid> {
        self.by_custom_id.get(custom_id).copied().or_else(|| Some(self.directory.by_custom_id(custom_id)?.guid))
    }

    /// Returns a user, unless it is not there, or not any more.
    pub(crate) fn member(&self, guid: Guid) -> Option<Member> {
        let user = || self.directory.by_guid(guid).filter(|user| user.deleted_at.is_none());
        match self.changes.get(&guid) {
            Some(change) => (change.kind != Kind::Removed).then_some(())?,
            None => return Some(Member::of(guid, &Fields::of(user()?)?, None, None)),
        }
        let change = self.changes.get(&guid)?;
        let two_people = change.two_people.as_deref().map(|two| two.guid);
        Some(Member::of(guid, change.after.as_ref()?, self.rows.get(&guid).copied(), two_people))
    }

    /// Returns what is known of somebody who is in a class, also of one who leaves.
    pub(crate) fn named(&self, guid: Guid) -> Option<Fields> {
        let shown = self.changes.get(&guid).and_then(|change| change.shown().cloned());
        shown.or_else(|| self.directory.by_guid(guid).and_then(Fields::of))
    }

    /// Returns whether the user's place in a class of this school ends because the user is removed, or leaves the school.
    pub(crate) fn leaves(&self, user: Guid, school: &SchoolId) -> bool {
        self.changes.get(&user).is_some_and(|change| match (&change.before, &change.after) {
            (_, None) => true,
            (Some(before), Some(after)) => {
                change.kind == Kind::Removed || (before.school != after.school && before.school == *school)
            }
            (None, Some(_)) => false,
        })
    }

    /// Returns whether the user is removed by the plan.
    pub(crate) fn is_removed(&self, user: Guid) -> bool {
        self.changes.get(&user).is_some_and(|change| change.kind == Kind::Removed || change.after.is_none())
    }

    /// Returns the row of a user who is removed only if that row is about another person.
    pub(crate) fn row_of_rekey_with_removal(&self, user: Guid) -> Option<u32> {
        self.changes.get(&user).filter(|change| change.is_rekey_with_removal())?.row
    }

    /// Returns the user as it is now.
    fn present(&self, guid: Guid) -> Option<&User> {
        self.directory.by_guid(guid)
    }
}

impl Member {
    fn of(guid: Guid, fields: &Fields, row: Option<u32>, two_people: Option<Guid>) -> Member {
        Member {
            guid,
            custom_id: fields.custom_id.clone(),
            first_name: fields.first_name.clone(),
            last_name: fields.last_name.clone(),
            school: fields.school.clone(),
            user_type: fields.user_type,
            grade: fields.grade,
            status: fields.status,
            source: fields.source.clone(),
            row,
            two_people,
        }
    }
}

/// Returns the users of a plan whose places in classes may end.
///
/// They are removed, or move to another school.
pub fn leavers(plan: &Plan) -> impl Iterator<Item = Guid> {
    let leaves = |change: &&Change| match (&change.before, &change.after) {
        (Some(_), None) => true,
        (Some(before), Some(after)) => change.kind == Kind::Removed || before.school != after.school,
        (None, _) => false,
    };
    let leaves = move |change: &&Change| leaves(change) || change.is_rekey_with_removal();
    plan.changes.iter().filter(leaves).map(|change| change.guid)
}
