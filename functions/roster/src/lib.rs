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

pub mod accounts;
pub mod alike;
mod cell;
pub mod code;
pub mod column;
mod decode;
pub mod diff;
pub mod docs;
pub mod files;
pub mod finding;
mod header;
mod holds;
mod kept;
mod known;
mod layout;
pub mod parse;
pub mod parsed;
pub mod password;
mod person;
pub mod plan;
mod plan_make;
mod records;
mod redact;
pub mod role;
mod rows;
pub mod settings;
pub mod slips;
#[cfg(test)]
mod testing;
mod text;
pub mod user;
pub mod username;
pub mod valid;
pub mod validate;
pub mod words;

pub use accounts::Accounts;
pub use cell::protect;
pub use code::{Code, Severity};
pub use column::{Column, Presence};
pub use diff::{Comparison, CountedRow, Diff, Diffed, diff};
pub use files::{
    CompletedRow, RowErrors, completed_file, credentials_file, dictionary, error_file, errors_by_row, plan_file,
    reset_file, template, users_file,
};
pub use finding::{Codes, Doubts, Finding, Findings, Person, Rows};
pub use kept::without_secrets;
pub use known::{KnownError, read_schools, read_users};
pub use parse::{MAX_BYTES, MAX_ROWS, parse};
pub use parsed::{ParsedRoster, Row};
pub use password::{as_on_slip, temporary_password, temporary_words};
pub use plan::{
    Change, Counts, Fields, Hold, KeptField, Kind, LimitOf, PasswordSource, Plan, RekeyChoice, RekeyChoices, Removal,
    Tally, TwoPeople, Unchanged, UnchangedRow,
};
pub use plan_make::plan;
pub use redact::{Erased, Redacted, redact_copy, redact_file, redact_rows};
pub use role::{Permission, Role, RoleId, Roles};
pub use settings::{
    FileEncoding, LargeChanges, LimitSet, Limits, Mode, ModeSettings, NameColumn, PersonDiffers, Reading,
    RemovalAction, Scope, Settings, SingleName,
};
pub use user::{Directory, Grade, Guid, School, SchoolId, SchoolKind, Schools, Status, User, UserType};
pub use valid::{Clues, Named, Password, RejectedRow, Valid, ValidRow};
pub use validate::{typed_id, validate};
