//! What an upload would change, why it waits for an administrator, and whom it makes more powerful.

mod build;
pub mod granted_roles;
mod holds;
pub mod promotion;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::diff::UnchangedRows;
use crate::diff::change::{Change, Kind, RekeyChoice, Unchanged};
use crate::model::{Code, SchoolId, UserType};
use crate::settings::{Mode, RemovalAction, Scope};

pub use build::plan;

/// All the changes of one upload, in the order in which they are shown and carried out.
///
/// Immutable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub mode: Mode,
    pub scope: Scope,
    pub removal_action: RemovalAction,
    /// Over everything.
    pub counts: Counts,
    /// For each school and user type that the roster or the changes touch, sorted.
    pub tallies: Vec<Tally>,
    /// Why the plan waits for approval; empty when it may be approved by the settings.
    pub holds: Vec<Hold>,
    /// Sorted by school, user type, kind and custom ID; changes of one exchange stand together.
    pub changes: Vec<Change>,
    /// The rows that change nothing, by row number.
    pub unchanged: UnchangedRows,
}

/// What an administrator decided about the probable re-keys of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RekeyChoices {
    pub all: RekeyChoice,
    /// The rows for which the other choice is made.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub except: BTreeSet<u32>,
}

impl RekeyChoices {
    /// Returns the choice for the row of a change.
    pub fn choice_for(&self, row: u32) -> RekeyChoice {
        match self.all {
            choice if !self.except.contains(&row) => choice,
            RekeyChoice::SamePerson => RekeyChoice::TwoPeople,
            RekeyChoice::TwoPeople => RekeyChoice::SamePerson,
        }
    }
}

/// How many rows do what.
///
/// Every row of the roster is counted in exactly one, and `removed` counts users.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub created: u64,
    pub updated: u64,
    pub moved: u64,
    pub reactivated: u64,
    pub removed: u64,
    pub unchanged: u64,
    pub rejected: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub renamed: u64,
    /// Rows of new custom IDs that are probably those of users that exist.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rekeyed: u64,
    /// Rows of users that exist and differ from them, where the settings keep their details.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub kept: u64,
    /// Rows of user types and year levels that are not synced.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub outside: u64,
    /// Rows that have a user once more, for a further class.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub further: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// The counts of one school and user type.
///
/// A rejected row whose school or user type can't be told is counted under `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub school: Option<SchoolId>,
    pub user_type: Option<UserType>,
    pub counts: Counts,
}

/// Why a plan waits for an administrator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Hold {
    /// The settings ask for approval of every plan.
    ApprovalRequired,
    /// A safety limit is passed. `measured` and `limit` are percentages where `share`, else numbers.
    Limit { of: LimitOf, school: Option<SchoolId>, user_type: Option<UserType>, share: bool, measured: f64, limit: f64 },
    /// The plan removes users, and these many rows can't be told whose they are.
    RowsWithoutOwner { rows: u64 },
    /// The plan removes users, and the file has fewer rows than the last full one by more than the limit.
    FileShrank { rows: u64, before: u64, limit_percent: f64 },
    /// The plan removes users, and the file ends in the middle of a row, or seems to.
    RowsCutOff,
    /// The plan removes users, and all rows are of user types that the sync leaves alone.
    OnlyOtherTypes,
    /// The plan makes accounts, or hands some over, that may do more than the one who uploaded the file.
    HandsOutMore,
    /// The plan closes accounts that may do more than the one who uploaded the file.
    ClosesMore,
    /// The file was dropped into the bucket, and the plan makes, hands over or closes accounts that may do more than
    /// students and teachers.
    FromBucket,
    /// Many of the new custom IDs are probably those of users that exist, as after a change of the student
    /// information system.
    ManyRekeyed { rekeyed: u64, new_ids: u64 },
    /// In so many rows of users that exist first and last names are exchanged.
    NamesExchanged { rows: u64, of: u64 },
    /// In so many rows of users that exist the first or last name is that of another user of the file, as where one
    /// column was sorted by itself.
    NamesMixedUp { rows: u64, of: u64 },
    /// Rows that are processed may not mean what they say: so many findings of a code of
    /// [`crate::Severity::Doubtful`].
    Doubtful { code: Code, count: u64 },
    /// So large a share of the enrolments of the classes in the file ends: of all of them, of those of a school, or of one
    /// class, which is named. Both are percentages.
    EnrolmentsEnd { school: Option<SchoolId>, class: Option<String>, measured: f64, limit: f64 },
    /// So many classes are archived.
    ClassesArchived { classes: u64, limit: u64 },
    /// So many more limits are passed, where not all are listed.
    Others { count: u64 },
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitOf {
    Removals,
    Changes,
}

impl Counts {
    /// Returns how many changes there are, of every kind.
    pub fn changes(&self) -> u64 {
        self.created + self.updated + self.moved + self.reactivated + self.renamed + self.rekeyed + self.removed
    }

    /// Returns the sum of both.
    pub fn plus(&self, other: &Counts) -> Counts {
        Counts {
            created: self.created + other.created,
            updated: self.updated + other.updated,
            moved: self.moved + other.moved,
            reactivated: self.reactivated + other.reactivated,
            removed: self.removed + other.removed,
            unchanged: self.unchanged + other.unchanged,
            rejected: self.rejected + other.rejected,
            renamed: self.renamed + other.renamed,
            rekeyed: self.rekeyed + other.rekeyed,
            kept: self.kept + other.kept,
            outside: self.outside + other.outside,
            further: self.further + other.further,
        }
    }

    /// Returns these counts of rows, with others of changes.
    pub fn with_changes(&self, changes: &Counts) -> Counts {
        let Counts { unchanged, rejected, kept, outside, further, .. } = *self;
        Counts { unchanged, rejected, kept, outside, further, ..*changes }
    }

    /// Returns how many rows there are.
    pub fn rows(&self) -> u64 {
        self.changes() - self.removed + self.unchanged + self.kept + self.outside + self.further + self.rejected
    }

    /// Returns the count of rows that change nothing for one reason.
    pub fn of_unchanged(&mut self, why: Unchanged) -> &mut u64 {
        match why {
            Unchanged::Same | Unchanged::SamePerson => &mut self.unchanged,
            Unchanged::Kept => &mut self.kept,
            Unchanged::FurtherClass => &mut self.further,
            Unchanged::Outside | Unchanged::OtherType => &mut self.outside,
        }
    }

    /// Returns the count of one kind.
    pub fn count_mut(&mut self, kind: Kind) -> &mut u64 {
        match kind {
            Kind::Created => &mut self.created,
            Kind::Updated => &mut self.updated,
            Kind::Moved => &mut self.moved,
            Kind::Reactivated => &mut self.reactivated,
            Kind::Renamed => &mut self.renamed,
            Kind::Rekeyed => &mut self.rekeyed,
            Kind::Removed => &mut self.removed,
        }
    }
}
