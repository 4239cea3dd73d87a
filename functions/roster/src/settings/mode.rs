//! What holds for one sync mode, and whose users an upload may touch.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::{SchoolId, UserType};

/// Whose rows a sync reads, and whether users that are not in the file are left alone or removed.
///
/// The two that are full syncs of some user types are for districts whose students and staff come from different
/// systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Absent users are left alone.
    Partial,
    /// Absent managed users within the scope are removed.
    Full,
    /// A full sync of students: everybody else is left alone, in the file or not.
    Students,
    /// A full sync of administrators, teachers and staff: students are left alone, in the file or not.
    Staff,
}

impl Mode {
    /// All of them.
    pub const ALL: [Mode; 4] = [Mode::Partial, Mode::Full, Mode::Students, Mode::Staff];

    /// Returns the word for it in folders, files and commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Partial => "partial",
            Mode::Full => "full",
            Mode::Students => "students",
            Mode::Staff => "staff",
        }
    }

    /// Returns the mode of a word; `None` where no mode has it.
    pub fn from_word(word: &str) -> Option<Mode> {
        Mode::ALL.into_iter().find(|mode| mode.as_str() == word)
    }

    /// Returns whether users who are absent from the file are removed.
    pub fn removes_absent(self) -> bool {
        self != Mode::Partial
    }

    /// Returns whether users and rows of this type are synced.
    pub fn covers(self, user_type: UserType) -> bool {
        match self {
            Mode::Partial | Mode::Full => true,
            Mode::Students => user_type == UserType::Student,
            Mode::Staff => user_type != UserType::Student,
        }
    }
}

/// The settings of one sync mode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModeSettings {
    /// An administrator has to approve every plan.
    pub requires_approval: bool,
    /// Details of users that exist follow the file. Off: they keep every detail, passwords too, and only new users are
    /// created and deleted ones come back.
    pub overwrite: bool,
    /// A password in the file replaces that of a user that exists.
    pub update_password: bool,
    /// First, middle and last names in the file replace those of users that exist.
    pub update_names: bool,
    /// Students must have an e-mail address, too.
    pub student_email_required: bool,
    /// What happens to a row whose names say somebody else than the user who has its custom ID.
    pub person_differs: PersonDiffers,
    /// What happens to a user that a full sync removes.
    pub removal_action: RemovalAction,
    /// Past which a plan waits for approval regardless.
    pub limits: Limits,
}

impl Default for ModeSettings {
    fn default() -> Self {
        ModeSettings {
            requires_approval: true,
            overwrite: true,
            update_password: false,
            update_names: false,
            student_email_required: false,
            person_differs: PersonDiffers::Wait,
            removal_action: RemovalAction::Delete,
            limits: Limits::default(),
        }
    }
}

impl ModeSettings {
    /// Returns whether a comparison needs every user of the organisation.
    ///
    /// Only with all of them can it find who is absent, and measure shares.
    pub fn needs_whole_directory(&self, mode: Mode) -> bool {
        let limits = &self.limits;
        let shares = [&limits.overall, &limits.per_school, &limits.per_user_type];
        mode.removes_absent() || shares.iter().any(|set| set.changes_percent.is_some())
    }

    /// Returns the settings of an edit by hand, where these are the ones of partial syncs.
    ///
    /// Its one row is typed on purpose, so every detail follows it, names too, and somebody looks at the plan before it
    /// is carried out. One user of a small school is a large share of it, so only numbers limit such a plan.
    pub fn by_hand(&self) -> ModeSettings {
        let numbers = |set: &LimitSet| LimitSet { removals_percent: None, changes_percent: None, ..set.clone() };
        let limits = Limits {
            overall: numbers(&self.limits.overall),
            per_school: numbers(&self.limits.per_school),
            per_user_type: numbers(&self.limits.per_user_type),
            shrink_percent: None,
            large_changes: None,
        };
        ModeSettings { requires_approval: true, overwrite: true, update_names: true, limits, ..self.clone() }
    }
}

/// What happens to a row whose names say somebody else than the user who has its custom ID.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonDiffers {
    /// The plan waits for approval.
    #[default]
    Wait,
    /// The row is rejected.
    Reject,
}

/// What removal means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemovalAction {
    /// The account is gone, and recoverable for 30 days.
    #[default]
    Delete,
    /// The account stays and can't be signed in to.
    Disable,
}

/// The safety limits: a plan past any of them is held for approval, and says why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Over all users of the scope.
    pub overall: LimitSet,
    /// For each school by itself.
    pub per_school: LimitSet,
    /// For each user type by itself.
    pub per_user_type: LimitSet,
    /// How much shorter than the last full roster of the same scope a full roster may be, in percent.
    pub shrink_percent: Option<f64>,
    /// Which share of a large group a roster may change where no other share is set for it; `None` for any. New users
    /// count in a full roster only.
    ///
    /// To measure it every user has to be read, but not for a partial roster that changes no more users than that share
    /// of the smallest large group; see [`crate::Diffed::NeedsWholeDirectory`].
    pub large_changes: Option<LargeChanges>,
}

/// A share of a group that is large enough for shares to mean something.
///
/// A group is all users, those of a school, or those of a type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LargeChanges {
    pub percent: f64,
    /// How many users the group has at least.
    pub group: u64,
}

impl LargeChanges {
    /// Returns whether so many changes may be more than the share of some group.
    pub(crate) fn may_be_passed(&self, changes: u64) -> bool {
        changes as f64 * 100.0 > self.percent * self.group as f64
    }
}

impl Default for LargeChanges {
    fn default() -> Self {
        LargeChanges { percent: 25.0, group: 20 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let removals = LimitSet { removals_percent: Some(10.0), ..LimitSet::default() };
        Limits {
            overall: removals.clone(),
            per_school: removals.clone(),
            per_user_type: removals,
            shrink_percent: Some(10.0),
            large_changes: Some(LargeChanges::default()),
        }
    }
}

/// Limits of one group of users.
///
/// A share is a percentage of the managed users that the group has now; `None` means no limit. A plan is past a limit
/// when it has *more* than the limit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitSet {
    pub removals_percent: Option<f64>,
    pub removals_number: Option<u64>,
    /// Changes of every kind, removals included.
    pub changes_percent: Option<f64>,
    pub changes_number: Option<u64>,
}

/// Whose users an upload may touch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All schools: a district administrator's upload, or a file dropped into the bucket.
    Organisation,
    /// One school: a school administrator's upload, or one for a school that was chosen.
    School(SchoolId),
    /// Several schools that a district administrator chose.
    Schools(BTreeSet<SchoolId>),
}

impl Scope {
    /// Returns the scope of chosen schools.
    ///
    /// None chosen is the whole organisation.
    pub fn of_chosen(schools: BTreeSet<SchoolId>) -> Scope {
        match schools.len() {
            0 => Scope::Organisation,
            1 => schools.into_iter().next().map_or(Scope::Organisation, Scope::School),
            _ => Scope::Schools(schools),
        }
    }

    /// Returns whether users and rows of the school may be touched.
    pub fn covers(&self, school: &SchoolId) -> bool {
        match self {
            Scope::Organisation => true,
            Scope::School(own) => school == own,
            Scope::Schools(chosen) => chosen.contains(school),
        }
    }

    /// Returns whether somebody of this school may see uploads of the scope; `None` is the district office.
    ///
    /// What is about more than the own school is for those who may see all schools.
    pub fn is_visible_at(&self, school: Option<&SchoolId>) -> bool {
        school.is_none_or(|school| matches!(self, Scope::School(own) if own == school))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_by_hand_is_meant_and_waits_for_somebody_who_looks() {
        let percent = LimitSet { changes_percent: Some(1.0), changes_number: Some(7), ..LimitSet::default() };
        let limits = Limits { per_school: percent, ..Limits::default() };
        let partial = ModeSettings {
            requires_approval: false,
            overwrite: false,
            student_email_required: true,
            person_differs: PersonDiffers::Reject,
            limits,
            ..ModeSettings::default()
        };
        let by_hand = partial.by_hand();
        assert!(by_hand.requires_approval && by_hand.overwrite && by_hand.update_names);
        assert!(partial.needs_whole_directory(Mode::Partial) && !by_hand.needs_whole_directory(Mode::Partial));
        assert_eq!((by_hand.limits.per_school.changes_number, &by_hand.limits.large_changes), (Some(7), &None));
        assert_eq!((by_hand.student_email_required, by_hand.person_differs), (true, PersonDiffers::Reject));
    }
}
