//! What everything else speaks of: users, schools and roles, columns, codes and findings.

pub mod alike;
pub mod class;
pub mod class_directory;
pub mod code;
pub mod column;
pub mod directory;
pub mod fields;
pub mod finding;
mod hash_index;
pub mod ids;
pub(crate) mod people;
pub mod role;
pub mod school;
pub(crate) mod school_year;
pub mod set_part;
pub mod temporary_password;
pub(crate) mod text;
pub mod user;
mod user_index;
pub mod user_type;

pub use class::{Class, ClassFields, ClassRole, ClassStatus, Day, Enrolment, EnrolmentFields};
pub use class_directory::ClassDirectory;
pub use code::{Code, Severity};
pub use column::{Column, Presence};
pub use directory::{Directory, DirectoryBuilder};
pub use fields::Fields;
pub use finding::{Codes, Doubts, FileRow, Finding, Findings, Person, RowOfPart, Rows, SentAs};
pub(crate) use ids::derived_uuid;
pub use ids::{ClassGuid, Guid, SchoolId, SourceId};
pub use role::{Permission, Role, RoleId, Roles};
pub use school::{School, SchoolKind, Schools};
pub use set_part::SetPart;
pub use temporary_password::{as_on_slip, temporary_password, temporary_words};
pub use text::fold;
pub use user::User;
pub use user_type::{Grade, Status, UserType};
