//! What the comparison of classes is made from, and what it decides.

use std::collections::HashSet;

use crate::classes::change::{ClassChange, EnrolmentChange};
use crate::classes::lines::{ClassLine, ClassLines};
use crate::classes::members::Members;
use crate::diff::Sender;
use crate::model::{ClassDirectory, ClassGuid, Findings, Guid, SchoolId, SetPart};
use crate::settings::{Accounts, ClassRules, Mode, Scope};

/// What lines and classes are compared by.
pub struct ClassComparison<'a> {
    pub mode: Mode,
    pub scope: &'a Scope,
    pub rules: &'a ClassRules,
    /// Their year levels say which students are synced.
    pub accounts: &'a Accounts,
    pub sender: Sender<'a>,
    /// What the GUIDs of new classes are derived from.
    pub guid_seed: [u8; 32],
    /// The custom IDs of the rows of the file of users, if there is one: one of them whose user is not there was rejected.
    pub sent_ids: &'a HashSet<String>,
}

/// What the lines of a roster change, in no order.
#[derive(Debug, Default)]
pub(crate) struct ClassDiff {
    pub(crate) classes: Vec<ClassChange>,
    pub(crate) enrolments: Vec<EnrolmentChange>,
    /// The rows that change no enrolment.
    pub(crate) rows: Vec<ClassRow>,
    /// The school of each class that stays as it is.
    pub(crate) same_classes: Vec<SchoolId>,
    /// Of each rejected class the school, where it is known.
    pub(crate) rejected_classes: Vec<Option<SchoolId>>,
    /// Of each rejected enrolment the school of its class, where it is known.
    pub(crate) rejected_enrolments: Vec<Option<SchoolId>>,
    /// Of each class that the file holds.
    pub(crate) sizes: Vec<ClassSize>,
    pub(crate) findings: Findings,
}

/// How many enrolments a class has, and how many of them end.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ClassSize {
    pub(crate) class: ClassGuid,
    pub(crate) school: SchoolId,
    pub(crate) name: String,
    pub(crate) now: u64,
    pub(crate) ended: u64,
    pub(crate) archived: bool,
}

/// A row that changes nothing of an enrolment.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ClassRow {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<SetPart>,
    pub row: u32,
    pub class: ClassGuid,
    pub why: ClassRowResult,
}

/// Why a row changes nothing of an enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassRowResult {
    /// The user is in the class as the row says.
    Same,
    /// The row is about the class itself.
    ClassOnly,
    /// The class is archived by the file.
    Archived,
    /// The user is of a type that this sync leaves alone.
    OtherType,
    /// Another row says the same.
    SameRow,
    /// The user was not in the class, and the row takes it out.
    NotIn,
}

impl ClassRowResult {
    /// Returns the words of the completed file.
    pub fn as_str(self) -> &'static str {
        match self {
            ClassRowResult::Same => "enrolment unchanged",
            ClassRowResult::ClassOnly => "class unchanged",
            ClassRowResult::Archived => "class archived",
            ClassRowResult::OtherType => "enrolment of another user type",
            ClassRowResult::SameRow => "same enrolment as another row",
            ClassRowResult::NotIn => "was not in the class",
        }
    }
}

/// What is decided so far, and what it is decided by.
pub(super) struct Differ<'p> {
    pub(super) lines: &'p ClassLines,
    pub(super) members: Members<'p>,
    pub(super) classes: &'p ClassDirectory,
    pub(super) c: &'p ClassComparison<'p>,
    pub(super) diff: ClassDiff,
    /// The enrolments of which something is decided.
    pub(super) decided: HashSet<(ClassGuid, Guid)>,
    /// Those of them that end whoever their user is.
    pub(super) ended: HashSet<(ClassGuid, Guid)>,
    /// The users of lines of which nobody knows which class they are about: they stay where they are.
    pub(super) protected: HashSet<Guid>,
    /// There are such lines of which the user is not known, either.
    pub(super) unsure: bool,
    /// Some line says who is in a class.
    pub(super) has_members: bool,
}

impl Differ<'_> {
    /// Returns whether what a line says of its class counts: nothing is wrong with it, nor with its user.
    pub(super) fn counts(&self, line: &ClassLine) -> bool {
        !line.rejected && line.member.as_ref().is_none_or(|member| self.members.is_processed(&member.user))
    }

    pub(super) fn row(&mut self, line: &ClassLine, class: ClassGuid, why: ClassRowResult) {
        self.diff.rows.push(ClassRow { part: line.part, row: line.row, class, why });
    }
}
