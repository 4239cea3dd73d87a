//! What validation hands to the comparison: the rows that hold by themselves, and whom the others are about.

use std::fmt;
use std::sync::Arc;

use crate::file::NoPlace;
use crate::file::parsed::{LeftOutRow, SettledRows};
use crate::model::{Column, Doubts, Grade, Guid, SchoolId, Status, UserType, finding};

/// The rows of a roster, divided into those that hold by themselves and those that are rejected.
#[derive(Debug, Clone, Default)]
pub struct Valid {
    pub rows: Vec<ValidRow>,
    pub rejected: Vec<RejectedRow>,
    /// Rows that a mapping leaves out: they are no rows of the roster, and only keep their users.
    pub left_out: Vec<RejectedRow>,
    /// The rows that are known to change nothing.
    pub(crate) settled: Arc<SettledRows>,
    /// The file ended in the middle of a row, so rows may be missing.
    pub cut_off: bool,
    pub total_rows: u64,
    /// Findings of the file and its rows for which a plan waits, but for those of [`ValidRow::doubted`].
    pub doubts: Doubts,
    /// Whom the format that the file was made from has no place for: they are not absent.
    pub no_place: NoPlace,
}

/// A row that has nothing wrong by itself.
///
/// Position and grade are already those of its user type: a student has no position, and nobody else a grade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidRow {
    pub row: u32,
    pub first_name: String,
    pub middle_name: String,
    pub last_name: String,
    /// As written; empty where there is none.
    pub email: String,
    pub custom_id: String,
    pub school: SchoolId,
    pub user_type: UserType,
    pub position: String,
    pub grade: Grade,
    pub status: Status,
    pub password: Option<Password>,
    /// `None` where the cell is empty: a new user gets a name by rule, a user that exists keeps the present one.
    pub username: Option<String>,
    pub guid: Option<Guid>,
    /// What the row does not say: the user keeps what it has. The file lacks the column, or the row has an address that
    /// can't be used.
    pub unsaid: Unsaid,
    /// The columns whose text may have been broken before it came, with a finding. The plan waits where somebody gets it.
    pub doubted: Vec<Column>,
    /// More rows about the same person, which change nothing.
    pub others: Vec<OtherRow>,
}

/// Which fields of a user a row says nothing of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unsaid {
    pub email: bool,
    pub middle_name: bool,
    pub position: bool,
    pub grade: bool,
    pub status: bool,
    pub user_type: bool,
    pub school: bool,
    /// The row leaves out what nobody can be made without: it is about a user who exists.
    pub needs_user: bool,
}

/// One more row about the same person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherRow {
    pub row: u32,
    /// Where the person stands, too; `None` where the row does not count for that.
    pub place: Option<Placement>,
    /// The row says the same of the user, and is there for a further class.
    pub for_class: bool,
}

impl OtherRow {
    /// Returns what the person is at the school `present`, where the deciding row says another school.
    pub(crate) fn place_at(
        others: &[OtherRow],
        (school, grade): (&SchoolId, Grade),
        present: &SchoolId,
    ) -> Option<Placement> {
        let all = || others.iter().filter_map(|other| other.place.as_ref());
        let there = || all().filter(|place| place.school == *present);
        if school == present || there().next().is_none() {
            return None;
        }
        let position = there().map(|place| &place.position).find(|position| !position.is_empty());
        let position = position.cloned().unwrap_or_default();
        // A person has one grade: where a row says none, that of the others is meant.
        let grade = there().map(|place| place.grade).find(|grade| *grade != Grade::Unspecified).unwrap_or(grade);
        Some(Placement { school: present.clone(), position, grade })
    }
}

/// A school, and what the person is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    pub school: SchoolId,
    pub position: String,
    pub grade: Grade,
}

/// What is known of a rejected row.
///
/// Its user counts as present: a sync leaves it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RejectedRow {
    pub row: u32,
    /// As it is written, also where it is damaged.
    pub custom_id: Option<String>,
    /// Validation has said what is wrong with the custom ID.
    pub id_is_damaged: bool,
    /// The row is without an owner only as long as no user has a custom ID that is alike.
    pub id_may_tell: bool,
    pub guid: Option<Guid>,
    /// Where the row is counted.
    pub school: Option<SchoolId>,
    pub user_type: Option<UserType>,
    /// The e-mail address and the user name that the row asks for, where they are well-formed.
    pub staff_email: Option<String>,
    pub username: Option<String>,
    /// First and last name as read; empty where the row is damaged.
    pub name: String,
    /// The row says no more than whom it may be about: it is damaged, so that its cells may stand in the wrong
    /// columns, or it repeats another row.
    pub only_protects: bool,
    /// It can't be told whose row it is. While there is one, no removal is certain.
    pub without_owner: bool,
    pub clues: Clues,
}

/// What else tells whose a row is, as it is written, for rows whose custom ID and GUID are nobody's.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Clues {
    pub first_name: String,
    pub middle_name: String,
    pub last_name: String,
    pub email: String,
    pub username: String,
    /// Every other cell that is not empty: the custom ID may stand in the wrong column.
    pub others: Vec<String>,
}

/// A cell of a damaged row may be a password.
impl fmt::Debug for Clues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clues(…)")
    }
}

impl ValidRow {
    /// Returns whom the row is about, for its findings.
    pub(crate) fn person(&self) -> Option<finding::Person> {
        finding::Person::new(&self.first_name, &self.last_name, &self.custom_id)
    }

    /// Takes the one of several places where the person is already.
    pub(crate) fn settle_at(&mut self, present: &SchoolId) {
        if let Some(Placement { school, position, grade }) =
            OtherRow::place_at(&self.others, (&self.school, self.grade), present)
        {
            (self.school, self.position, self.grade) = (school, position, grade);
        }
    }
}

impl RejectedRow {
    pub(super) fn left_out(row: &LeftOutRow) -> RejectedRow {
        RejectedRow {
            row: row.number,
            custom_id: Some(row.custom_id.clone()).filter(|id| !id.is_empty()),
            guid: row.guid,
            only_protects: true,
            ..RejectedRow::default()
        }
    }

    /// Returns whom the row is about, for its findings; `None` where it is damaged.
    pub(crate) fn person(&self) -> Option<finding::Person> {
        let id = self.custom_id.as_deref().unwrap_or_default();
        finding::Person::new(&self.name, "", id).filter(|_| !self.name.is_empty())
    }
}

/// A password that arrived in a file.
///
/// It can't be printed or serialised by accident: only [`Password::reveal`] gives its text, to the code that hashes it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Keeps the text of a password as it is.
    pub fn new(text: impl Into<String>) -> Password {
        Password(text.into())
    }

    /// Returns the text of the password, for hashing.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}
