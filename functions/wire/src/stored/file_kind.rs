//! The files that people get of an upload.

use roster::SetPart;
use serde::{Deserialize, Serialize};

/// The files of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// As sent, minus passwords.
    Uploaded,
    /// Every change with each field before and after.
    Plan,
    /// Every row that was processed.
    Completed,
    /// Every row that was not.
    Errors,
    /// The same of the files of classes and enrolments of a set.
    UploadedClasses,
    UploadedEnrolments,
    CompletedClasses,
    CompletedEnrolments,
    ErrorsClasses,
    ErrorsEnrolments,
}

impl FileKind {
    /// All of them, in the order in which pages list them.
    pub const ALL: [FileKind; 10] = [
        FileKind::Uploaded,
        FileKind::UploadedClasses,
        FileKind::UploadedEnrolments,
        FileKind::Plan,
        FileKind::Completed,
        FileKind::CompletedClasses,
        FileKind::CompletedEnrolments,
        FileKind::Errors,
        FileKind::ErrorsClasses,
        FileKind::ErrorsEnrolments,
    ];

    /// Returns the file as it was sent, for a file of a set.
    pub fn uploaded(part: SetPart) -> FileKind {
        match part {
            SetPart::Users => FileKind::Uploaded,
            SetPart::Classes => FileKind::UploadedClasses,
            SetPart::Enrolments => FileKind::UploadedEnrolments,
        }
    }

    /// Returns the completed file of a file of a set.
    pub fn completed(part: SetPart) -> FileKind {
        match part {
            SetPart::Users => FileKind::Completed,
            SetPart::Classes => FileKind::CompletedClasses,
            SetPart::Enrolments => FileKind::CompletedEnrolments,
        }
    }

    /// Returns the error file of a file of a set.
    pub fn errors(part: SetPart) -> FileKind {
        match part {
            SetPart::Users => FileKind::Errors,
            SetPart::Classes => FileKind::ErrorsClasses,
            SetPart::Enrolments => FileKind::ErrorsEnrolments,
        }
    }

    /// Returns the name in addresses and keys.
    pub fn as_str(self) -> &'static str {
        match self {
            FileKind::Uploaded => "uploaded",
            FileKind::Plan => "plan",
            FileKind::Completed => "completed",
            FileKind::Errors => "errors",
            FileKind::UploadedClasses => "uploaded_classes",
            FileKind::UploadedEnrolments => "uploaded_enrolments",
            FileKind::CompletedClasses => "completed_classes",
            FileKind::CompletedEnrolments => "completed_enrolments",
            FileKind::ErrorsClasses => "errors_classes",
            FileKind::ErrorsEnrolments => "errors_enrolments",
        }
    }
}
