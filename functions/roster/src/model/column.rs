//! The one table of columns: the parser, the data dictionary, the template and the page read it.

use serde::{Deserialize, Serialize};

/// Declares the columns, so that none can be left out of [`Column::ALL`].
macro_rules! columns {
    ($($column:ident,)+) => {
        /// A column of the user roster, in the order in which the template lists them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Column { $($column),+ }

        impl Column {
            /// All columns, in the order of the template.
            pub const ALL: [Column; [$(Column::$column),+].len()] = [$(Column::$column),+];
        }
    };
}

columns! {
    FirstName,
    LastName,
    MiddleName,
    Email,
    CustomId,
    SchoolDistrictExternalId,
    UserType,
    Position,
    Grade,
    Status,
    Password,
    Username,
    UserGuid,
    ClassGuid,
    ClassId,
    ClassName,
    ClassGrade,
    CourseCode,
    Subject,
    Period,
    Term,
    ClassStartDate,
    ClassEndDate,
    ClassStatus,
    ClassRole,
    EnrolmentStartDate,
    EnrolmentEndDate,
    EnrolmentStatus,
    Action,
    TemporaryPassword,
    Result,
    NotUpdated,
    Error,
}

/// Whether a header has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The header must be there; its cells may be empty where the rule says so.
    Required,
    /// The header may be absent.
    Optional,
    /// A column about a class or somebody's place in it. All of them may be absent.
    Class,
    /// A column that Rollbook writes into its own files. Accepted, so that every such file uploads as it
    /// is, and ignored.
    Ours,
}

impl Presence {
    /// Returns whether it is a column about a user.
    pub fn is_of_user(self) -> bool {
        matches!(self, Presence::Required | Presence::Optional)
    }
}

/// What the data dictionary says of one column.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// The header, exactly as it must be written.
    pub header: &'static str,
    pub presence: Presence,
    /// The rule in one sentence.
    pub rule: &'static str,
    /// The accepted values.
    pub accepted: &'static str,
    pub example: &'static str,
    /// The longest value in characters.
    pub max_chars: usize,
    /// A secret: never kept, shown, logged or put into a finding.
    pub secret: bool,
}

impl Column {
    /// Returns the header of the column.
    pub fn header(self) -> &'static str {
        self.spec().header
    }

    /// Returns the column whose header is exactly `header`.
    pub fn from_header(header: &str) -> Option<Column> {
        Column::ALL.into_iter().find(|c| c.header() == header)
    }

    /// Returns the row of the data dictionary.
    pub fn spec(self) -> Spec {
        let required = Spec {
            header: "",
            presence: Presence::Required,
            rule: "",
            accepted: "",
            example: "",
            max_chars: 100,
            secret: false,
        };
        let optional = Spec { presence: Presence::Optional, ..required };
        let class = Spec { presence: Presence::Class, ..required };
        let ours = Spec { presence: Presence::Ours, max_chars: usize::MAX, ..required };
        match self {
            Column::FirstName => Spec {
                header: "first_name",
                rule: "Required. Of a person with one name only, one of first_name and last_name is enough, unless the \
                       setting Strict format is on.",
                accepted: "Text of up to 100 characters",
                example: "Ora",
                ..required
            },
            Column::LastName => Spec {
                header: "last_name",
                rule: "Required. Of a person with one name only, one of first_name and last_name is enough, unless the \
                       setting Strict format is on.",
                accepted: "Text of up to 100 characters",
                example: "Klein",
                ..required
            },
            Column::MiddleName => Spec {
                header: "middle_name",
                rule: "May be empty.",
                accepted: "Text of up to 100 characters",
                example: "Christopher",
                ..required
            },
            Column::Email => Spec {
                header: "email",
                rule: "Required for teachers, staff and administrators, and unique among them, whatever the \
                       case. May be empty for students (a setting can require it), and students may share one.",
                accepted: "An e-mail address",
                example: "ora.klein@contoso.example",
                max_chars: 254,
                ..required
            },
            Column::CustomId => Spec {
                header: "custom_id",
                rule: "Required. The Employee ID or Student ID: unique in the file and in the organisation. It \
                       decides which user the row is about. Text, never a number: 00123 and 123 are different. A word or \
                       sign for nothing, such as N/A, TBD, - or 0, is no ID.",
                accepted: "Text of up to 64 characters",
                example: "0013001",
                max_chars: 64,
                ..required
            },
            Column::SchoolDistrictExternalId => Spec {
                header: "school_district_external_id",
                rule: "Required. The school, or the district office, that the user belongs to.",
                accepted: "The external ID of a school or of the district",
                example: "10001",
                max_chars: 64,
                ..required
            },
            Column::UserType => Spec {
                header: "user_type",
                rule: "Required. Other words for these are read, too, unless the setting Strict format is on.",
                accepted: "Teacher, Staff, Administrator, Student",
                example: "Student",
                ..required
            },
            Column::Position => Spec {
                header: "position",
                rule: "For teachers, staff and administrators; ignored for students. May be empty.",
                accepted: "Text of up to 100 characters",
                example: "Librarian",
                ..required
            },
            Column::Grade => Spec {
                header: "grade",
                rule: "For students; ignored for the others. Empty means Unspecified. Other words for these are read, \
                       too, unless the setting Strict format is on.",
                accepted: "Unspecified, PreK, K, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, Other",
                example: "9",
                ..required
            },
            Column::Status => Spec {
                header: "status",
                rule: "Required. A disabled user can't sign in. Other words for these are read, too, unless the setting \
                       Strict format is on.",
                accepted: "Active, Disabled",
                example: "Active",
                ..required
            },
            Column::Password => Spec {
                header: "password",
                rule: "The password of a new user, where the settings take it from the file. Left empty, the user \
                       gets a temporary one. For users that exist it counts only where the setting Update password \
                       is on. It works once, unless the settings say otherwise. It is never kept in a file.",
                accepted: "Text of 8 to 128 characters that nobody guesses and that has nothing in it by which its \
                           user is known",
                example: "",
                max_chars: 128,
                secret: true,
                ..optional
            },
            Column::Username => Spec {
                header: "username",
                rule: "The name to sign in with, unique whatever the case. Left empty, a new user gets one \
                       by the rule of the settings (without one: the custom ID), and a user that exists keeps the \
                       present one.",
                accepted: "Text of up to 64 characters on one line",
                example: "OKlein",
                max_chars: 64,
                ..optional
            },
            Column::UserGuid => Spec {
                header: "user_guid",
                rule: "The identifier that Rollbook gave the user; leave it as a download has it, or empty. A \
                       row that has it may give the user another custom_id.",
                accepted: "A GUID of a user with a custom ID",
                example: "6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506",
                max_chars: 36,
                ..optional
            },
            Column::ClassGuid => Spec {
                header: "class_guid",
                rule: "The identifier that Rollbook gave the class; leave it as a download has it, or empty for a new class.",
                accepted: "A GUID of a class",
                example: "0b7e1c52-90d4-4f0e-8f4e-3c8a5d1f2e61",
                max_chars: 36,
                ..class
            },
            Column::ClassId => Spec {
                header: "class_id",
                rule: "The ID of the class in your system: unique in the organisation, compared exactly. It decides which class the row is about, unless class_guid is filled in.",
                accepted: "Text of up to 64 characters",
                example: "MATH-101-3",
                max_chars: 64,
                ..class
            },
            Column::ClassName => Spec {
                header: "class_name",
                rule: "What people call the class. A new class needs one.",
                accepted: "Text of up to 100 characters",
                example: "Algebra I",
                ..class
            },
            Column::ClassGrade => Spec {
                header: "class_grade",
                rule: "The year level of the class. Empty means Unspecified.",
                accepted: "Unspecified, PreK, K, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, Other",
                example: "9",
                ..class
            },
            Column::CourseCode => Spec {
                header: "course_code",
                rule: "The code of the course that is taught. May be empty.",
                accepted: "Text of up to 64 characters",
                example: "MATH-101",
                max_chars: 64,
                ..class
            },
            Column::Subject => Spec {
                header: "class_subject",
                rule: "May be empty.",
                accepted: "Text of up to 100 characters",
                example: "Mathematics",
                ..class
            },
            Column::Period => Spec {
                header: "class_period",
                rule: "May be empty.",
                accepted: "Text of up to 64 characters",
                example: "3",
                max_chars: 64,
                ..class
            },
            Column::Term => Spec {
                header: "class_term",
                rule: "May be empty.",
                accepted: "Text of up to 64 characters",
                example: "Fall 2026",
                max_chars: 64,
                ..class
            },
            Column::ClassStartDate => Spec {
                header: "class_start_date",
                rule: "May be empty.",
                accepted: "A date like 2026-08-31",
                example: "2026-08-31",
                max_chars: 10,
                ..class
            },
            Column::ClassEndDate => Spec {
                header: "class_end_date",
                rule: "May be empty; not before the start.",
                accepted: "A date like 2026-08-31",
                example: "2027-01-29",
                max_chars: 10,
                ..class
            },
            Column::ClassStatus => Spec {
                header: "class_status",
                rule: "Empty means Active. Archived ends every enrolment of the class.",
                accepted: "Active, Archived",
                example: "Active",
                ..class
            },
            Column::ClassRole => Spec {
                header: "class_role",
                rule: "Empty means Student for students, and for everybody else the primary teacher of a class that has none, else a co-teacher. Without the column roles stay as they are.",
                accepted: "Student, Primary teacher, Co-teacher, Aide",
                example: "Student",
                ..class
            },
            Column::EnrolmentStartDate => Spec {
                header: "enrolment_start_date",
                rule: "May be empty.",
                accepted: "A date like 2026-08-31",
                example: "2026-08-31",
                max_chars: 10,
                ..class
            },
            Column::EnrolmentEndDate => Spec {
                header: "enrolment_end_date",
                rule: "May be empty; not before the start.",
                accepted: "A date like 2026-08-31",
                example: "2027-01-29",
                max_chars: 10,
                ..class
            },
            Column::EnrolmentStatus => Spec {
                header: "class_member_status",
                rule: "Empty means Active. Ended takes the user out of the class.",
                accepted: "Active, Ended",
                example: "Active",
                ..class
            },
            Column::Action => Spec {
                header: "action",
                rule: "May be empty. REMOVE-CLASS archives the class of the row, in any sync mode; one row of any member is enough.",
                accepted: "REMOVE-CLASS",
                example: "REMOVE-CLASS",
                ..class
            },
            Column::TemporaryPassword => Spec {
                header: "temporary_password",
                rule: "Written by Rollbook into the completed file. Ignored in an upload, and never kept.",
                accepted: "Anything",
                secret: true,
                ..ours
            },
            Column::Result => Spec {
                header: "Result",
                rule: "Written by Rollbook into the completed file. Ignored in an upload.",
                accepted: "Anything",
                example: "created",
                ..ours
            },
            Column::NotUpdated => Spec {
                header: "Not updated",
                rule: "Written by Rollbook into the completed file where it differs from what was sent: what the account \
                       has stands in the row, and here is what the row said. Ignored in an upload.",
                accepted: "Anything",
                example: "first_name: Jane",
                ..ours
            },
            Column::Error => Spec {
                header: "Error",
                rule: "Written by Rollbook into the error file. Ignored in an upload, so that the corrected error \
                       file uploads as it is.",
                accepted: "Anything",
                ..ours
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_is_found_again_and_stands_once() {
        for column in Column::ALL {
            assert_eq!(Column::from_header(column.header()), Some(column));
        }
    }
}
