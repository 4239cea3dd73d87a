//! A class, and who is in it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::{Date, Month};

use super::column::Column;
use super::ids::{ClassGuid, Guid, SchoolId};
use super::user_type::{Grade, UserType, words};

/// A class of a school.
///
/// Homerooms are classes, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    pub guid: ClassGuid,
    /// Grows with every write of the class. A change is carried out only on the version that its plan saw.
    pub version: u64,
    pub fields: ClassFields,
    /// When the class was archived, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<u64>,
}

/// What a roster says of a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassFields {
    /// What the district calls it: unique in the organisation, compared exactly.
    pub class_id: String,
    pub school: SchoolId,
    pub name: String,
    pub grade: Grade,
    pub course_code: String,
    pub subject: String,
    pub period: String,
    pub term: String,
    pub starts: Option<Day>,
    pub ends: Option<Day>,
    pub status: ClassStatus,
}

impl ClassFields {
    /// Returns each field with the header of its column, in the order of a class file.
    ///
    /// The school is its identifier.
    pub fn list(&self) -> [(&'static str, String); 11] {
        let day = |day: &Option<Day>| day.as_ref().map_or_else(String::new, ToString::to_string);
        [
            (Column::ClassId.header(), self.class_id.clone()),
            (Column::SchoolDistrictExternalId.header(), self.school.0.clone()),
            (Column::ClassName.header(), self.name.clone()),
            (Column::ClassGrade.header(), self.grade.as_str().to_owned()),
            (Column::CourseCode.header(), self.course_code.clone()),
            (Column::Subject.header(), self.subject.clone()),
            (Column::Period.header(), self.period.clone()),
            (Column::Term.header(), self.term.clone()),
            (Column::ClassStartDate.header(), day(&self.starts)),
            (Column::ClassEndDate.header(), day(&self.ends)),
            (Column::ClassStatus.header(), self.status.as_str().to_owned()),
        ]
    }
}

words! {
    /// Whether a class is taught.
    ClassStatus { Active = "Active", Archived = "Archived" }
}

words! {
    /// What somebody is in a class. One of its teachers is the primary one.
    ClassRole { Student = "Student", Primary = "Primary teacher", CoTeacher = "Co-teacher", Aide = "Aide" }
}

impl ClassRole {
    /// Returns whether it is the role of a teacher.
    pub fn teaches(self) -> bool {
        matches!(self, ClassRole::Primary | ClassRole::CoTeacher)
    }

    /// Returns whether a user of this type may have the role.
    pub fn suits(self, user_type: UserType) -> bool {
        (self == ClassRole::Student) == (user_type == UserType::Student)
    }
}

/// Somebody's place in a class.
///
/// There is one for each user and class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    pub class: ClassGuid,
    pub user: Guid,
    /// Grows with every write of the enrolment.
    pub version: u64,
    pub fields: EnrolmentFields,
    /// When it ended, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<u64>,
}

/// What a roster says of an enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentFields {
    pub role: ClassRole,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Day>,
}

impl Class {
    /// Returns whether the class is taught.
    pub fn is_active(&self) -> bool {
        self.fields.status == ClassStatus::Active
    }
}

impl Enrolment {
    /// Returns whether somebody is in the class by it.
    pub fn is_active(&self) -> bool {
        self.ended_at.is_none()
    }
}

/// A day of the calendar, written like `2026-11-28`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(String);

/// The text is no day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no day like 2026-11-28")]
pub struct NoDay;

impl Day {
    /// Returns the day as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns a day of the calendar; `None` for a year that can't be written with four digits.
    pub fn of_date(date: Date) -> Option<Day> {
        let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
        (0..=9999).contains(&year).then(|| Day(format!("{year:04}-{month:02}-{day:02}")))
    }

    /// Returns the day, in UTC, of a moment in milliseconds since 1970.
    ///
    /// `None` for one too far away to be written.
    pub fn of_millis(at: u64) -> Option<Day> {
        let seconds = i64::try_from(at / 1000).ok()?;
        Day::of_date(time::OffsetDateTime::from_unix_timestamp(seconds).ok()?.date())
    }

    /// Returns the day in the calendar.
    pub fn date(&self) -> Date {
        let part = |range: std::ops::Range<usize>| self.0[range].parse::<u16>().expect("digits, as every day has");
        let month = Month::try_from(part(5..7) as u8).expect("a month, as every day has");
        Date::from_calendar_date(i32::from(part(0..4)), month, part(8..10) as u8).expect("a day of the calendar")
    }

    /// Returns the day after; `None` after the last one that can be written.
    pub fn next(&self) -> Option<Day> {
        Day::of_date(self.date().next_day()?)
    }

    /// Returns the day before; `None` before the first one that can be written.
    pub fn previous(&self) -> Option<Day> {
        Day::of_date(self.date().previous_day()?)
    }
}

impl FromStr for Day {
    type Err = NoDay;

    /// Takes the one form of ISO 8601 that nobody can read in two ways.
    fn from_str(text: &str) -> Result<Day, NoDay> {
        parsed(text).map(|_| Day(text.to_owned()))
    }
}

fn parsed(text: &str) -> Result<Date, NoDay> {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return Err(NoDay) };
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return Err(NoDay);
    }
    let month = month.parse::<u8>().ok().and_then(|month| Month::try_from(month).ok()).ok_or(NoDay)?;
    let (year, day) = (year.parse().map_err(|_| NoDay)?, day.parse().map_err(|_| NoDay)?);
    Date::from_calendar_date(year, month, day).map_err(|_| NoDay)
}

impl TryFrom<String> for Day {
    type Error = NoDay;

    fn try_from(text: String) -> Result<Day, NoDay> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> String {
        day.0
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar_are_days() {
        for good in ["2026-11-28", "2024-02-29"] {
            assert_eq!(good.parse::<Day>().map(|day| day.to_string()), Ok(good.to_owned()));
        }
        let day = |text: &str| text.parse::<Day>().expect("a day");
        assert_eq!(day("2024-02-28").next(), Some(day("2024-02-29")));
        assert_eq!(day("2026-01-01").previous(), Some(day("2025-12-31")));
        assert_eq!((day("9999-12-31").next(), day("0000-01-01").previous()), (None, None));
        assert_eq!(Day::of_millis(1_795_910_399_999), Some(day("2026-11-28")));
        assert_eq!((Day::of_millis(1_795_910_400_000), Day::of_millis(u64::MAX)), (Some(day("2026-11-29")), None));
        for bad in ["", "2026-02-29", "2026-13-01", "28/11/2026", "2026-1-1", "11-28-2026", "2026-11-28T00:00"] {
            assert_eq!(bad.parse::<Day>(), Err(NoDay), "{bad}");
        }
    }
}
