//! Links to files, and downloads of users and classes.

use roster::{SchoolId, UserType};
use serde::{Deserialize, Serialize};

/// A link to a file, good for five minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub url: String,
    /// How many lines with passwords are left out, because their users may do more by now than the one who asks, or are
    /// elsewhere; of everything about a person, how many uploads there was no time to look through.
    #[serde(default, skip_serializing_if = "is_none")]
    pub left_out: u64,
}

/// Whose users to download.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsersDownload {
    /// `None` for all schools that the one who asks may see.
    pub school: Option<SchoolId>,
    pub who: Who,
    #[serde(default)]
    pub format: TableFormat,
}

/// What a table is downloaded as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableFormat {
    #[default]
    Csv,
    /// A workbook of Excel.
    Xlsx,
}

impl TableFormat {
    /// Returns the ending of the file's name, without the dot.
    pub fn ending(self) -> &'static str {
        match self {
            TableFormat::Csv => "csv",
            TableFormat::Xlsx => "xlsx",
        }
    }
}

/// Who is in a download of users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    All,
    Staff,
    Administrators,
    /// Everybody, with a row for each class.
    WithClasses,
    /// The classes themselves.
    Classes,
    /// Who is in which class.
    Enrolments,
}

impl Who {
    /// Returns the word in the names of files.
    pub fn as_str(self) -> &'static str {
        match self {
            Who::All => "users",
            Who::Staff => "staff",
            Who::Administrators => "administrators",
            Who::WithClasses => "users-with-classes",
            Who::Classes => "classes",
            Who::Enrolments => "enrolments",
        }
    }

    /// Whether a user of this type belongs to the download.
    pub fn includes(self, user_type: UserType) -> bool {
        match self {
            Who::All | Who::WithClasses | Who::Classes | Who::Enrolments => true,
            Who::Staff => user_type.is_staff(),
            Who::Administrators => user_type == UserType::Administrator,
        }
    }
}

/// Whether nothing was left out.
pub(super) fn is_none(count: &u64) -> bool {
    *count == 0
}
