//! Classes: what a roster says of them, and what that changes.
//!
//! It is planned after the users, for who is in a class is decided by who is there. Users and classes are one plan for
//! whoever approves it.

pub mod change;
pub mod compare;
pub mod lines;
pub mod members;
pub mod plan;
mod read_lines;

pub use change::{ClassChange, ClassKind, EndReason, EnrolmentChange, EnrolmentKind, ShownEnrolment};
pub use compare::differ::{ClassComparison, ClassRow, ClassRowResult};
pub use lines::{ClassLines, SetFiles};
pub use members::leavers;
pub use plan::{ClassCounts, ClassPlan, ClassTally, ItemCounts, plan_classes};
pub use read_lines::{class_lines, set_lines};
