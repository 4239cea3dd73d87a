//! The rows that change nothing, in little room: there may be a million of them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::file::parsed::{SettledRow, SettledRows};
use crate::model::people::{People, UserText};
use crate::model::{Directory, SchoolId, UserType};

use super::change::{Unchanged, UnchangedRow};

/// The rows that change nothing, by row number.
///
/// It is written as the list of [`UnchangedRow`]s.
#[derive(Clone, Default)]
pub struct UnchangedRows {
    same: Arc<SettledRows>,
    /// The users, among whom are those of `same`. Copies of their GUIDs and names took 27 bytes a row.
    people: Arc<People>,
    /// All that are not simply as their users are, sorted.
    others: Vec<UnchangedRow>,
}

/// Rows whose users are as they say, and where they are counted.
#[derive(Debug, Clone, Default)]
pub struct SameRows {
    pub(crate) rows: UnchangedRows,
    pub(crate) counts: BTreeMap<(SchoolId, UserType), u64>,
}

impl UnchangedRows {
    /// Adds other rows to those that are the same.
    pub(crate) fn with(self, mut others: Vec<UnchangedRow>) -> UnchangedRows {
        others.sort_by_key(|row| row.row);
        UnchangedRows { others, ..self }
    }

    /// Returns every row, by its number.
    pub fn iter(&self) -> impl Iterator<Item = UnchangedRow> {
        let mut same = (0..self.same.rows.len()).peekable();
        let mut others = self.others.iter().peekable();
        std::iter::from_fn(move || match (same.peek(), others.peek()) {
            (Some(place), Some(other)) if other.row < self.same.rows[*place].number => others.next().cloned(),
            (Some(_), _) => same.next().map(|place| self.same(place)),
            (None, _) => others.next().cloned(),
        })
    }

    /// Returns how many rows there are.
    pub fn len(&self) -> usize {
        self.same.rows.len() + self.others.len()
    }

    /// Returns whether every row changes something.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn same(&self, place: usize) -> UnchangedRow {
        let SettledRow { number, place, .. } = self.same.rows[place];
        let user = self.people.at(place);
        let (guid, username) = (Some(user.guid()), user.text(UserText::Username).to_owned());
        UnchangedRow { row: number, guid, username, why: Unchanged::Same, not_updated: Vec::new() }
    }
}

impl SameRows {
    pub(super) fn of(settled: Arc<SettledRows>, directory: &Directory) -> SameRows {
        let counts = by_school_and_type(directory, &settled.counts);
        let people = Arc::clone(directory.people());
        SameRows { rows: UnchangedRows { same: settled, people, others: Vec::new() }, counts }
    }
}

/// Returns the counts that are not zero, of the schools by number and the user types.
pub(super) fn by_school_and_type(
    directory: &Directory,
    counts: &[[u64; UserType::ALL.len()]],
) -> BTreeMap<(SchoolId, UserType), u64> {
    let of_school = |(school, counts): (&SchoolId, &[u64; UserType::ALL.len()])| {
        let school = school.clone();
        let types = UserType::ALL.iter().zip(*counts).filter(|(_, count)| *count > 0);
        types.map(move |(user_type, count)| ((school.clone(), *user_type), count)).collect::<Vec<_>>()
    };
    directory.schools().iter().zip(counts).flat_map(of_school).collect()
}

/// Of the users only those of the rows are shown.
impl fmt::Debug for UnchangedRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl PartialEq for UnchangedRows {
    fn eq(&self, other: &UnchangedRows) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Serialize for UnchangedRows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for UnchangedRows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<UnchangedRows, D::Error> {
        Ok(UnchangedRows::default().with(Vec::deserialize(deserializer)?))
    }
}
