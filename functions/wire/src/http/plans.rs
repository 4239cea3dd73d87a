//! What an upload would change, and its findings.

use roster::{
    ClassChange, ClassKind, Code, EnrolmentChange, EnrolmentKind, Finding, ItemCounts, Kind, Person, SchoolId,
    Severity, UserType,
};
use serde::{Deserialize, Serialize};

use crate::stored::plan::ChunkOf;

/// Which changes to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangesQuery {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school: Option<SchoolId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_type: Option<UserType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Which changes of classes and enrolments to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassChangesQuery {
    /// Of classes only, or of enrolments only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<ChunkOf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ItemKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school: Option<SchoolId>,
    /// The class ID, as the district writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// What becomes of a class or an enrolment, as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    Created,
    /// Also a class that is taught again.
    Updated,
    /// Also a class that is archived.
    Ended,
}

impl ItemKind {
    /// All of them, in the order of the counts.
    pub const ALL: [ItemKind; 3] = [ItemKind::Created, ItemKind::Updated, ItemKind::Ended];

    /// Returns how many of them there are.
    pub fn of(self, counts: &ItemCounts) -> u64 {
        match self {
            ItemKind::Created => counts.created,
            ItemKind::Updated => counts.updated,
            ItemKind::Ended => counts.ended,
        }
    }
}

impl From<ClassKind> for ItemKind {
    fn from(kind: ClassKind) -> ItemKind {
        match kind {
            ClassKind::Created => ItemKind::Created,
            ClassKind::Updated | ClassKind::Restored => ItemKind::Updated,
            ClassKind::Archived => ItemKind::Ended,
        }
    }
}

impl From<EnrolmentKind> for ItemKind {
    fn from(kind: EnrolmentKind) -> ItemKind {
        match kind {
            EnrolmentKind::Created => ItemKind::Created,
            EnrolmentKind::Updated => ItemKind::Updated,
            EnrolmentKind::Ended => ItemKind::Ended,
        }
    }
}

/// A change of a plan, of a class or of an enrolment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlannedClassChange {
    Class(ClassChange),
    Enrolment(EnrolmentChange),
}

/// A finding with its texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingRow {
    pub row: Option<u32>,
    pub column: Option<String>,
    pub code: Code,
    pub severity: Severity,
    pub message: String,
    pub hint: String,
    /// Whom the row is about, as it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Box<Person>>,
    /// Of a note that stands for several rows: which, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<String>,
    /// Where it stands in the file of another system that was sent: `row 5 of students.csv`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

impl From<&Finding> for FindingRow {
    fn from(finding: &Finding) -> FindingRow {
        FindingRow {
            row: finding.row,
            column: finding.column.clone(),
            code: finding.code,
            severity: finding.severity(),
            message: finding.message(),
            hint: finding.hint(),
            person: finding.person.clone(),
            rows: finding.rows_in_words(),
            place: finding.in_file.as_ref().map(ToString::to_string),
        }
    }
}
