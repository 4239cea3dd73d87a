//! The domain of Rollbook: what a roster is, what is wrong with one, and what it would change.
//!
//! Everything here is pure. There is no clock, no random number, no file and no network: time, ids and
//! randomness come in as arguments, so the same code runs in a Lambda function, in the browser (as
//! WebAssembly) and in a test, and gives the same answer in each.
//!
//! ```text
//! bytes --parse--> ParsedRoster --validate--> Valid --diff--> Diff --plan--> Plan
//! ```
//!
//! Every arrow returns what is good *and* the [`Finding`]s: a person's mistake is data, never an `Err`.
//! The types carry the preconditions: only a file whose headers are right becomes a [`ParsedRoster`], only rows
//! that hold by themselves are in a [`Valid`], and only what was compared with the directory is in a
//! [`Plan`].
//!
//! The rooms stand in the order of the pipeline, and each uses only those before it:
//!
//! | room | what it holds |
//! | --- | --- |
//! | `model` | what everything speaks of: users, schools, roles, columns, codes, findings |
//! | `settings` | what an organisation decides about syncs and accounts |
//! | `file` | bytes to rows, and copies of files without what must not be kept |
//! | `formats` | files of other systems' formats, read as a set of ours |
//! | `validate` | what holds of rows without a directory |
//! | `username` | user names made by rule |
//! | `diff` | the rows compared with the users that exist |
//! | `plan` | order, counts, why a plan waits, and whom it makes more powerful |
//! | `classes` | classes and enrolments, planned once the users are |
//! | `mapping` | proposals how files of other systems are read |
//! | `watching` | what people are told of: rosters that did not come, and what became of those that did |
//! | `output` | the files and documents that people get, and feeds for other systems |
//!
//! What several rooms use stands in the first of them that uses it. [`plan_roster`] is the whole way. It asks the
//! directory first which rows change nothing, and reads only the others (`diff/settle.rs`); the plan is the same.

#![warn(clippy::missing_errors_doc)]

mod classes;
mod diff;
mod file;
mod formats;
mod mapping;
mod model;
mod output;
mod plan;
mod plan_roster;
mod sent;
pub mod settings;
pub mod username;
mod validate;
pub mod watching;

#[cfg(test)]
mod testing;

pub use classes::{
    ClassChange, ClassComparison, ClassCounts, ClassKind, ClassLines, ClassPlan, ClassRow, ClassRowResult, ClassTally,
    EndReason, EnrolmentChange, EnrolmentKind, ItemCounts, SetFiles, ShownEnrolment, class_lines, leavers,
    plan_classes, set_lines,
};
pub use diff::{
    Change, Comparison, CountedRow, Diff, Diffed, KeptField, Kind, Named, RekeyChoice, Removal, Sender, TwoPeople,
    Unchanged, UnchangedRow, UnchangedRows, diff,
};
pub use file::{
    Erased, KnownError, MANIFEST, MAX_BYTES, MAX_ROWS, ManifestFile, NamedFiles, NoPlace, Omissions, ParsedRoster,
    Reading, Redacted, RedactedFile, Row, SentRow, SetBytes, lone_part, parse, parse_part, protect, read_directory,
    read_manifest, read_schools, read_users, recognise_headers, recognise_part, redact_copy, redact_file, redact_rows,
    sent_rows, without_secrets, words,
};
pub use formats::{
    Completeness, Delivery, FileUse, Format, Gap, SentFile, Translated, Translation, file_use, lone_users, translate,
};
pub use mapping::{
    Confidence, MappingFacts, MappingProposal, PreviewPerson, ProposedColumn, SeenHeader, ValueGroup, propose,
    suggested_meanings,
};
pub use model::durations;
pub use model::{
    Class, ClassDirectory, ClassFields, ClassGuid, ClassRole, ClassStatus, Code, Codes, Column, Day, Directory,
    DirectoryBuilder, Doubts, Enrolment, EnrolmentFields, Fields, FileRow, Finding, Findings, Grade, Guid, Permission,
    Person, Presence, Role, RoleId, Roles, RowOfPart, Rows, School, SchoolId, SchoolKind, Schools, SentAs, SetPart,
    Severity, SourceId, Status, User, UserType, alike, as_on_slip, code, column, finding, temporary_password,
    temporary_words,
};
pub use output::{
    CompletedClass, CompletedRow, FeedContents, RowErrors, completed_file, completed_part, credentials_file,
    dictionary, docs, error_file, errors_by_row, feed, files, kept_part, plan_file, reset_file, slips, template,
    users_file,
};
pub use plan::{Counts, Hold, LimitOf, Plan, RekeyChoices, Tally, plan};
pub use plan_roster::{CheckedRoster, Inputs, PlannedRoster, Unplanned, check_roster, plan_checked, plan_roster};
pub use sent::{PartsOfSet, Sent, SentReport, check_sent};
pub use settings::{
    Accounts, ClassProblem, ClassRules, FeedFormat, FileEncoding, KeyUse, LargeChanges, LimitSet, Limits, Mode,
    ModeSettings, NameColumn, NamedSource, OtherSource, PasswordSource, PersonDiffers, ReadingSettings, RemovalAction,
    Scope, Settings, SingleName, SourceProblem, SourceRules, accounts,
};
pub use settings::{
    CellSource, DateFormat, MappedColumn, MappingPlace, MappingProblem, MappingProfile, NameOrder, NamePart, RowFilter,
    UsedProfile, check_profiles, count_up, header_key,
};
pub use settings::{
    ClockTime, MAX_PAUSE_DAYS, NoClockTime, SourceSchedule, WatchPause, WatchProblem, WatchRules, Weekday,
};
pub use validate::{Clues, Password, RejectedRow, Valid, ValidRow, password_policy, typed_id, validate};

/// Users: what they are called and for how long they are kept.
pub mod user {
    pub use crate::model::fold;
    pub use crate::model::user::{RECOVERABLE_DAYS, RECOVERABLE_MILLIS};
}

/// Roles: what they allow, which of them a sync can give, and to whom a plan gives them.
pub mod role {
    pub use crate::model::role::*;
    pub use crate::plan::granted_roles::{closed, handed_out};
    pub use crate::plan::promotion::{Power, promoted, renew_passwords};
    pub use crate::settings::role_rules::{
        ID_CHARS, KEPT, MAX_ROLES, NAME_CHARS, RolesError, check, check_given, check_rule, new_id, with_ids,
    };
}
