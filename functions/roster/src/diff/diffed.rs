//! The result of a comparison.

use std::collections::{BTreeMap, HashMap};

use crate::model::{Doubts, Findings, Guid, SchoolId, UserType};
use crate::validate::{Password, RejectedRow};

use super::change::{Change, UnchangedRow};
use super::unchanged::SameRows;

/// The result of a comparison.
#[derive(Debug, Clone)]
pub enum Diffed {
    Complete(Box<Diff>, Findings),
    /// The directory holds only some users, and more can only be told from everybody: compare again with the whole
    /// directory. The reasons are whose a user name is, whether a new or damaged custom ID is that of a user under
    /// another one, which share of their groups so many changes are, and whether another administrator remains.
    NeedsWholeDirectory,
}

impl Diffed {
    /// Returns the comparison with a directory that is known to hold everybody.
    ///
    /// # Panics
    ///
    /// Where the directory held only some users and they were not enough.
    pub fn of_everybody(self) -> (Diff, Findings) {
        match self {
            Diffed::Complete(diff, findings) => (*diff, findings),
            Diffed::NeedsWholeDirectory => panic!("the directory does not hold everybody"),
        }
    }
}

/// What every row does, before it is counted and held against the limits.
#[derive(Debug, Clone, Default)]
pub struct Diff {
    /// In no order that matters.
    pub changes: Vec<Change>,
    pub unchanged: Vec<CountedRow>,
    /// The rows that change nothing and were not looked at any further.
    pub same: SameRows,
    /// Rows that validation or the comparison rejected.
    pub rejected: Vec<RejectedRow>,
    /// The passwords of created and updated users, until they are hashed. Take them out before the plan is made.
    pub passwords: HashMap<Guid, Password>,
    /// How many managed users each school and user type has now, of those that the sync may change.
    pub managed: BTreeMap<(SchoolId, UserType), u64>,
    /// How many of these are of the roster's source: those that a full sync may remove.
    pub removable: BTreeMap<(SchoolId, UserType), u64>,
    /// Rejected rows of which it can't be told whose they are, or that may be about somebody who is removed.
    pub rows_without_owner: u64,
    pub cut_off: bool,
    pub total_rows: u64,
    /// How many rows are of user types that the sync leaves alone.
    pub rows_of_other_types: u64,
    /// How many rows are about users that exist, in how many of these first and last names are exchanged, and in how
    /// many a name is that of another user of the file.
    pub known_rows: u64,
    pub names_exchanged: u64,
    pub names_mixed_up: u64,
    /// Findings of the file, its rows and the comparison for which the plan waits.
    pub doubts: Doubts,
}

/// A row that changes nothing, and where it is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedRow {
    pub row: UnchangedRow,
    pub school: SchoolId,
    pub user_type: UserType,
}
