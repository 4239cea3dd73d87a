//! What the rows of a roster say of classes, each by itself: no class that exists is needed.

use crate::diff::Named;
use crate::file::parsed::LeftOutRow;
use crate::file::reading::NoPlace;
use crate::model::{ClassGuid, ClassRole, ClassStatus, Column, Day, Grade, Guid, Person, SchoolId, SetPart};

/// What a roster says of classes.
#[derive(Debug, Clone, Default)]
pub struct ClassLines {
    pub(crate) lines: Vec<ClassLine>,
    /// Which files there are; `None` where the roster is one file.
    pub(crate) set: Option<SetFiles>,
    /// A file ended in the middle of a row, so that rows may be missing.
    pub(crate) cut_off: bool,
    /// Whom rows are about that a mapping leaves out: they stay in their classes.
    pub(crate) left_out: Vec<UserRef>,
    /// Whom the format that the files were made from has no place for.
    pub(crate) no_place: NoPlace,
}

/// Which files a set has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetFiles {
    pub users: bool,
    pub classes: bool,
}

/// What one row says of a class, of a user's place in it, or of both.
#[derive(Debug, Clone)]
pub(crate) struct ClassLine {
    pub(crate) part: Option<SetPart>,
    pub(crate) row: u32,
    pub(crate) guid: Option<ClassGuid>,
    /// Empty where the row has none.
    pub(crate) class_id: String,
    /// `None` in a file of enrolments.
    pub(crate) cells: Option<ClassCells>,
    /// `None` in a file of classes.
    pub(crate) member: Option<MemberCells>,
    /// The class is to be archived, whatever else its rows say.
    pub(crate) removes: bool,
    pub(crate) person: Option<Person>,
    /// Something is wrong with it, so that it only protects whom it is about.
    pub(crate) rejected: bool,
}

/// What a row says of a class; `None` is a column that the file does not have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ClassCells {
    pub(crate) school: Option<SchoolId>,
    pub(crate) name: Option<String>,
    pub(crate) grade: Option<Grade>,
    pub(crate) course_code: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) period: Option<String>,
    pub(crate) term: Option<String>,
    pub(crate) starts: CellContent<Day>,
    pub(crate) ends: CellContent<Day>,
    pub(crate) status: Option<ClassStatus>,
}

/// What a row says of somebody's place in a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MemberCells {
    pub(crate) user: UserRef,
    pub(crate) role: CellContent<SaidRole>,
    pub(crate) starts: CellContent<Day>,
    pub(crate) ends: CellContent<Day>,
    pub(crate) is_over: bool,
}

/// What a cell says that may be left empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum CellContent<T> {
    /// The file has no such column, or the cell has a date that can't be read.
    #[default]
    Absent,
    /// The cell is empty, or has a role that can't be read.
    Empty,
    Value(T),
}

impl<T: Clone> CellContent<T> {
    /// Returns what the cell says, or `kept` where the file has no such column.
    pub(crate) fn or_kept(&self, kept: Option<&T>) -> Option<T> {
        match self {
            CellContent::Absent => kept.cloned(),
            CellContent::Empty => None,
            CellContent::Value(value) => Some(value.clone()),
        }
    }
}

impl ClassCells {
    /// Returns the columns in which two rows about one class differ.
    pub(crate) fn differing(&self, other: &ClassCells, with_school: bool) -> Vec<Column> {
        let columns = [
            (Column::SchoolDistrictExternalId, with_school && self.school != other.school),
            (Column::ClassName, self.name != other.name),
            (Column::ClassGrade, self.grade != other.grade),
            (Column::CourseCode, self.course_code != other.course_code),
            (Column::Subject, self.subject != other.subject),
            (Column::Period, self.period != other.period),
            (Column::Term, self.term != other.term),
            (Column::ClassStartDate, self.starts != other.starts),
            (Column::ClassEndDate, self.ends != other.ends),
            (Column::ClassStatus, self.status != other.status),
        ];
        columns.into_iter().filter(|(_, differs)| *differs).map(|(column, _)| column).collect()
    }
}

impl MemberCells {
    /// Returns whether the row names the user by this GUID.
    pub(crate) fn is_by_guid(&self, guid: &str) -> bool {
        matches!(&self.user, UserRef::Guid(own, _) if own.to_string() == guid)
    }
}

/// By what a row says who is in the class.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum UserRef {
    /// The user of the row itself, with the custom ID that it has; empty where that can't be read.
    Row(u32, String),
    /// Empty where nobody can tell whom the row means.
    CustomId(String),
    /// A GUID, and the custom ID beside it; empty where there is none.
    Guid(Guid, String),
}

/// What a row calls somebody's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SaidRole {
    Is(ClassRole),
    /// A teacher, the primary one or not.
    Teacher,
}

impl UserRef {
    pub(super) fn of_left_out(row: &LeftOutRow) -> UserRef {
        match row.guid {
            Some(guid) => UserRef::Guid(guid, row.custom_id.clone()),
            None => UserRef::CustomId(row.custom_id.clone()),
        }
    }
}

impl ClassLines {
    /// Returns whether nothing is said of any class.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns the class IDs that rows name.
    pub fn class_ids(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(|line| line.class_id.as_str()).filter(|id| !id.is_empty())
    }

    /// Returns the class GUIDs that rows name.
    pub fn class_guids(&self) -> impl Iterator<Item = ClassGuid> {
        self.lines.iter().filter_map(|line| line.guid)
    }

    /// Returns whom the rows of a partial sync name, if nobody else's places can change by it.
    ///
    /// `None` where a row is about a class itself, which may end everybody's place.
    ///
    /// Where the settings let a file replace the primary teacher, the former one changes, too.
    pub fn named_users(&self) -> Option<Named> {
        let mut named = Named::default();
        for line in &self.lines {
            let member = line.member.as_ref().filter(|_| line.cells.is_none() && !line.removes)?;
            match &member.user {
                UserRef::Row(..) => return None,
                UserRef::CustomId(id) => named.custom_ids.insert(id.clone()),
                UserRef::Guid(guid, id) => {
                    named.guids.insert(*guid);
                    named.custom_ids.insert(id.clone())
                }
            };
        }
        named.custom_ids.remove("");
        Some(named)
    }
}
