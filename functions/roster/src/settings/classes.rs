//! What an organisation decides about classes.

use serde::{Deserialize, Serialize};

/// What an organisation decides about classes, in all modes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClassRules {
    /// What happens to a new class without a teacher.
    pub without_teacher: ClassProblem,
    /// What happens to a student in a class of a school where the file does not have the student.
    pub other_school: ClassProblem,
    /// From more students on a class has a warning.
    pub large_class: u32,
    /// A file may make somebody else the primary teacher of a class that has one.
    pub replace_primary: bool,
    /// Which share of the enrolments of the classes in a file a plan may end, in percent; over all of them, and for each
    /// school by itself. `None` for any.
    pub ended_percent: Option<f64>,
    /// Which share of the enrolments of one class a plan may end, in percent, where the class has
    /// [`ClassRules::large_share_from`] or more. `None` for any.
    pub class_ended_percent: Option<f64>,
    pub large_share_from: u32,
    /// How many classes a plan may archive. `None` for any number.
    pub archived_number: Option<u64>,
}

impl Default for ClassRules {
    fn default() -> Self {
        ClassRules {
            without_teacher: ClassProblem::Reject,
            other_school: ClassProblem::Reject,
            large_class: 80,
            replace_primary: false,
            ended_percent: Some(20.0),
            class_ended_percent: Some(50.0),
            large_share_from: 10,
            archived_number: Some(20),
        }
    }
}

/// What happens where something about a class may be wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassProblem {
    /// What is wrong is left out: the class, or the enrolment.
    #[default]
    Reject,
    /// It is processed, with a warning.
    Warn,
}
