//! What values of other systems mean in our words.

use std::borrow::Cow;

use crate::file::cell::letters;
use crate::file::words;
use crate::model::{Column, Day, UserType};

/// What somebody is to another system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ForeignRole {
    Is(UserType),
    /// Rollbook does not keep such people.
    NotKept,
    Unknown,
}

impl ForeignRole {
    /// Returns which of somebody's roles counts: the one with the lowest number.
    pub fn rank(self) -> u8 {
        match self {
            ForeignRole::Is(UserType::Administrator) => 0,
            ForeignRole::Is(UserType::Teacher) => 1,
            ForeignRole::Is(UserType::Staff) => 2,
            ForeignRole::Is(UserType::Student) => 3,
            ForeignRole::Unknown => 4,
            ForeignRole::NotKept => 5,
        }
    }
}

/// Returns what a role is.
pub(super) fn role(role: &str) -> ForeignRole {
    use UserType::*;
    match letters(role).as_str() {
        "student" | "pupil" | "learner" => ForeignRole::Is(Student),
        "teacher" | "faculty" | "professor" | "lecturer" | "instructor" | "educator" => ForeignRole::Is(Teacher),
        "administrator"
        | "districtadministrator"
        | "siteadministrator"
        | "systemadministrator"
        | "schooladministrator"
        | "principal" => ForeignRole::Is(Administrator),
        "aide" | "proctor" | "counselor" | "staff" | "officestaff" | "assistant" | "paraprofessional" | "other"
        | "teacherassistant" | "teachingassistant" | "substitute" | "librarian" | "nurse" | "coach" | "specialist"
        | "therapist" | "assistantprincipal" | "viceprincipal" | "adjunct" | "researcher" | "itadmin" | "vendor"
        | "chair" | "dean" | "headofschool" | "registrar" | "superintendent" => ForeignRole::Is(Staff),
        "guardian" | "parent" | "relative" | "observer" | "contact" | "alumni" | "extern" => ForeignRole::NotKept,
        _ => ForeignRole::Unknown,
    }
}

/// Returns the class role in our words; `None` for people who are not kept. A word that is not known stays.
pub(super) fn class_role(role: &str) -> Option<Cow<'_, str>> {
    Some(match letters(role).as_str() {
        "student" | "pupil" | "learner" => "Student".into(),
        "teacher" | "faculty" | "instructor" => "teacher".into(),
        "administrator" | "proctor" | "aide" | "ta" | "designer" | "teacherassistant" | "assistant" => "Aide".into(),
        "guardian" | "parent" | "relative" | "observer" => return None,
        _ => Cow::Borrowed(role),
    })
}

/// Returns a grade in our words; one that is not known stays. `PS` is what comes after grade 12.
pub(super) fn grade(cell: &str) -> &str {
    match cell.to_ascii_uppercase().as_str() {
        "PS" => "Other",
        _ => words::meaning(Column::Grade, cell).unwrap_or(cell),
    }
}

/// Returns the grade that a list of grades says; nothing where it says several.
pub(super) fn only_grade(cell: &str) -> &str {
    let mut grades = list(cell);
    match (grades.next(), grades.next()) {
        (Some(only), None) => grade(only),
        _ => "",
    }
}

/// Returns the parts of a cell with commas between them.
pub(super) fn list(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(',').map(str::trim).filter(|part| !part.is_empty())
}

/// In which order a date with slashes has its parts, where the format says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SlashDates {
    MonthFirst,
    DayFirst,
    Unclear,
}

/// Returns a day as Rollbook writes it; what can't be read in one way only stays.
pub(super) fn day(cell: &str, slashes: SlashDates) -> Cow<'_, str> {
    let date = cell.split(['T', ' ']).next().unwrap_or_default();
    if date.parse::<Day>().is_ok() {
        return Cow::Borrowed(date);
    }
    let parts: Vec<u16> = date.split('/').filter_map(|part| part.parse().ok()).collect();
    // Which century a year of two digits is in is not said.
    if parts.last().is_none_or(|year| *year < 1000) {
        return Cow::Borrowed(cell);
    }
    let day = match (&parts[..], slashes) {
        ([month, day, year], SlashDates::MonthFirst) => format!("{year:04}-{month:02}-{day:02}"),
        ([day, month, year], SlashDates::DayFirst) => format!("{year:04}-{month:02}-{day:02}"),
        _ => return Cow::Borrowed(cell),
    };
    if day.parse::<Day>().is_ok() { Cow::Owned(day) } else { Cow::Borrowed(cell) }
}

/// Returns what a cell that is true or false says; `None` where it says neither.
pub(super) fn truth(cell: &str) -> Option<bool> {
    match letters(cell).as_str() {
        "true" | "yes" | "y" | "1" => Some(true),
        "false" | "no" | "n" | "0" => Some(false),
        _ => None,
    }
}

/// Returns whether a status says that something is over.
pub(super) fn is_over(status: &str) -> bool {
    matches!(
        letters(status).as_str(),
        "tobedeleted" | "inactive" | "deleted" | "completed" | "concluded" | "disabled" | "suspended" | "archived"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_are_in_our_words() {
        for (cell, expected) in [
            ("TK", "K"),
            ("PR", "PreK"),
            ("IT", "Other"),
            ("ps", "Other"),
            ("UG", "Other"),
            ("13", "Other"),
            ("09", "9"),
            ("x", "x"),
        ] {
            assert_eq!(grade(cell), expected, "{cell}");
        }
        assert_eq!(only_grade("09"), "9");
        assert_eq!(only_grade("09, 10"), "");
    }

    #[test]
    fn days_are_read_where_they_have_one_meaning() {
        assert_eq!(day("2026-08-31", SlashDates::Unclear), "2026-08-31");
        assert_eq!(day("2026-08-31T00:00:00.000Z", SlashDates::Unclear), "2026-08-31");
        assert_eq!(day("8/3/2026", SlashDates::MonthFirst), "2026-08-03");
        assert_eq!(day("31/08/2026", SlashDates::DayFirst), "2026-08-31");
        for unclear in ["1/05/2023", "31/08/2026", "tomorrow"] {
            assert_eq!(day(unclear, SlashDates::Unclear), unclear);
        }
        assert_eq!(day("31/08/2026", SlashDates::MonthFirst), "31/08/2026", "no month");
        assert_eq!(day("8/31/26", SlashDates::MonthFirst), "8/31/26", "no year");
    }
}
