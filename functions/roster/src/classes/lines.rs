//! What the rows of a roster say of classes, each by itself: no class that exists is needed.

use std::collections::HashMap;

use crate::file::{ParsedRoster, Row, words};
use crate::model::{
    ClassGuid, ClassRole, ClassStatus, Code, Column, Day, Finding, Findings, Grade, Guid, Person, SchoolId, Schools,
    SetPart,
};
use crate::settings::Scope;
use crate::validate::{class_text, typed_id};

/// What a roster says of classes.
#[derive(Debug, Clone, Default)]
pub struct ClassLines {
    pub(crate) lines: Vec<ClassLine>,
    /// Which files there are; `None` where the roster is one file.
    pub(crate) set: Option<SetFiles>,
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
    pub(crate) starts: Option<Option<Day>>,
    pub(crate) ends: Option<Option<Day>>,
    pub(crate) status: Option<ClassStatus>,
}

/// What a row says of somebody's place in a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MemberCells {
    pub(crate) user: UserRef,
    pub(crate) role: Option<SaidRole>,
    pub(crate) starts: Option<Option<Day>>,
    pub(crate) ends: Option<Option<Day>>,
    pub(crate) is_over: bool,
}

/// By what a row says who is in the class.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum UserRef {
    /// The user of the row itself, with the custom ID that it has.
    Row(u32, String),
    CustomId(String),
    Guid(Guid),
}

/// What a row calls somebody's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SaidRole {
    Is(ClassRole),
    /// A teacher, the primary one or not.
    Teacher,
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

    /// Returns the custom IDs of users that rows of a set name.
    pub fn custom_ids(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter_map(|line| match &line.member.as_ref()?.user {
            UserRef::CustomId(id) => Some(id.as_str()),
            UserRef::Row(..) | UserRef::Guid(_) => None,
        })
    }

    /// Returns the GUIDs of users that rows of a set name.
    pub fn user_guids(&self) -> impl Iterator<Item = Guid> {
        self.lines.iter().filter_map(|line| match line.member.as_ref()?.user {
            UserRef::Guid(guid) => Some(guid),
            UserRef::Row(..) | UserRef::CustomId(_) => None,
        })
    }
}

/// Returns whether a file has columns by which classes are named.
pub(crate) fn names_classes(parsed: &ParsedRoster) -> bool {
    parsed.has(Column::ClassId) || parsed.has(Column::ClassGuid)
}

/// Reads what a roster that is one file says of classes.
pub fn class_lines(parsed: &ParsedRoster, schools: &Schools, scope: &Scope) -> (ClassLines, Findings) {
    let mut reader = LineReader::new(parsed, None, schools, scope);
    if names_classes(parsed) {
        parsed.rows.iter().for_each(|row| reader.row(row));
    }
    (ClassLines { lines: reader.lines, set: None }, reader.findings)
}

/// Reads what the files of classes and enrolments of a set say.
pub fn set_lines(
    users: bool,
    classes: Option<&ParsedRoster>,
    enrolments: Option<&ParsedRoster>,
    schools: &Schools,
    scope: &Scope,
) -> (ClassLines, Findings) {
    let mut lines = ClassLines { lines: Vec::new(), set: Some(SetFiles { users, classes: classes.is_some() }) };
    let mut findings = Findings::default();
    for (part, file) in [(SetPart::Classes, classes), (SetPart::Enrolments, enrolments)] {
        let Some(file) = file else { continue };
        let mut reader = LineReader::new(file, Some(part), schools, scope);
        file.rows.iter().for_each(|row| reader.row(row));
        lines.lines.append(&mut reader.lines);
        findings.append(reader.findings);
    }
    (lines, findings)
}

/// Reads the rows of one file.
struct LineReader<'f> {
    parsed: &'f ParsedRoster,
    part: Option<SetPart>,
    schools: &'f Schools,
    scope: &'f Scope,
    lines: Vec<ClassLine>,
    findings: Findings,
    /// Rows that are the same in every cell are one.
    seen: HashMap<Vec<&'f str>, u32>,
}

impl<'f> LineReader<'f> {
    fn new(parsed: &'f ParsedRoster, part: Option<SetPart>, schools: &'f Schools, scope: &'f Scope) -> LineReader<'f> {
        LineReader {
            parsed,
            part,
            schools,
            scope,
            lines: Vec::new(),
            findings: Findings::default(),
            seen: HashMap::new(),
        }
    }

    fn row(&mut self, row: &'f Row) {
        let parsed = self.parsed;
        if row.damage.is_some() || !self.speaks_of_class(row) {
            return;
        }
        if self.part.is_some() {
            let cells: Vec<&str> = row.cells.iter().collect();
            if *self.seen.entry(cells).or_insert(row.number) != row.number {
                return;
            }
        }
        let said = |column| parsed.cell(row, column).unwrap_or_default();
        let person = match self.part {
            None => Person::new(said(Column::FirstName), said(Column::LastName), said(Column::CustomId)),
            Some(SetPart::Enrolments) => Person::new("", "", said(Column::CustomId)),
            Some(_) => None,
        };
        let mut cells = RowReader { reader: self, row, person: person.clone(), rejected: false };
        let (guid, class_id) = (cells.guid(), cells.class_id());
        let removes = cells.removes();
        let class = (cells.reader.part != Some(SetPart::Enrolments)).then(|| cells.class());
        let member = if cells.reader.part == Some(SetPart::Classes) { None } else { cells.member() };
        if guid.is_none() && class_id.is_empty() && !cells.rejected {
            cells.wrong(Code::ClassIdMissing, Column::ClassId, "");
        }
        let rejected = cells.rejected;
        let (part, row) = (self.part, row.number);
        self.lines.push(ClassLine { part, row, guid, class_id, cells: class, member, removes, person, rejected });
    }

    /// Returns whether the row says anything of a class. In a file of a set every row does.
    fn speaks_of_class(&self, row: &Row) -> bool {
        const NAMING: [Column; 4] = [Column::ClassGuid, Column::ClassId, Column::ClassName, Column::Action];
        let says = |column: Column| self.parsed.cell(row, column).is_some_and(|cell| !cell.is_empty());
        self.part.is_some() || NAMING.into_iter().any(says)
    }
}

/// Reads the cells of one row.
struct RowReader<'r, 'f> {
    reader: &'r mut LineReader<'f>,
    row: &'f Row,
    person: Option<Person>,
    rejected: bool,
}

impl RowReader<'_, '_> {
    fn said(&self, column: Column) -> Option<&str> {
        self.reader.parsed.cell(self.row, column)
    }

    fn is_strict(&self) -> bool {
        self.reader.parsed.reading.strict_format
    }

    fn wrong(&mut self, code: Code, column: Column, value: &str) {
        self.rejected = true;
        let finding = Finding::at(code, self.row.number, column, value).in_part(self.reader.part);
        self.reader.findings.push(finding.about(self.person.clone()));
    }

    fn guid(&mut self) -> Option<ClassGuid> {
        let cell = self.said(Column::ClassGuid).filter(|cell| !cell.is_empty())?.to_owned();
        let inside = cell.trim_matches(['{', '}']);
        match uuid::Uuid::try_parse(inside) {
            Ok(guid) => Some(ClassGuid(guid)),
            Err(_) => {
                self.wrong(Code::ClassGuidInvalid, Column::ClassGuid, &cell);
                None
            }
        }
    }

    fn class_id(&mut self) -> String {
        let Some(cell) = self.said(Column::ClassId).filter(|cell| !cell.is_empty()) else { return String::new() };
        let cell = cell.to_owned();
        typed_id(Column::ClassId, &cell).unwrap_or_else(|| {
            self.wrong(Code::ClassIdInvalid, Column::ClassId, &cell);
            String::new()
        })
    }

    fn removes(&mut self) -> bool {
        let Some(cell) = self.said(Column::Action).filter(|cell| !cell.is_empty()) else { return false };
        if letters(cell) == "removeclass" {
            return true;
        }
        let cell = cell.to_owned();
        self.wrong(Code::ActionUnknown, Column::Action, &cell);
        false
    }

    fn class(&mut self) -> ClassCells {
        let school = self.school();
        let (starts, ends) = self.days(Column::ClassStartDate, Column::ClassEndDate);
        ClassCells {
            school,
            name: self.text(Column::ClassName),
            grade: self.word(Column::ClassGrade, Grade::Unspecified, |cell, strict| {
                let word = || words::meaning(Column::Grade, cell).filter(|_| !strict)?.parse().ok();
                cell.parse().ok().or_else(word)
            }),
            course_code: self.text(Column::CourseCode),
            subject: self.text(Column::Subject),
            period: self.text(Column::Period),
            term: self.text(Column::Term),
            starts,
            ends,
            status: self.word(Column::ClassStatus, ClassStatus::Active, |cell, strict| match cell.parse() {
                Ok(status) => Some(status),
                Err(()) if strict => None,
                Err(()) => class_status(cell),
            }),
        }
    }

    /// Reads whose class it is: the school of the row's user, or in a set that of the class.
    fn school(&mut self) -> Option<SchoolId> {
        let column = Column::SchoolDistrictExternalId;
        let cell = self.said(column)?.to_owned();
        let found = self.reader.schools.by_external_id(&cell);
        match found.map(|school| (school.id.clone(), self.reader.scope.covers(&school.id))) {
            Some((school, true)) => return Some(school),
            // The user's own finding says it.
            _ if self.reader.part.is_none() => self.rejected = true,
            Some(_) => self.wrong(Code::ClassOutOfScope, column, &cell),
            None => self.wrong(Code::ClassCellInvalid, column, &cell),
        }
        None
    }

    fn member(&mut self) -> Option<MemberCells> {
        let custom_id = typed_id(Column::CustomId, self.said(Column::CustomId).unwrap_or_default());
        let guid = self.said(Column::UserGuid).and_then(|cell| uuid::Uuid::try_parse(cell).ok()).map(Guid);
        let user = match (self.reader.part, guid, custom_id) {
            (None, _, id) => UserRef::Row(self.row.number, id.unwrap_or_default()),
            (Some(_), Some(guid), _) => UserRef::Guid(guid),
            (Some(_), None, Some(id)) => UserRef::CustomId(id),
            (Some(_), None, None) => {
                let cell = self.said(Column::CustomId).unwrap_or_default().to_owned();
                self.wrong(Code::EnrolmentUserUnknown, Column::CustomId, &cell);
                return None;
            }
        };
        let role = self.role();
        let (starts, ends) = self.days(Column::EnrolmentStartDate, Column::EnrolmentEndDate);
        let is_over = self.word(Column::EnrolmentStatus, false, |cell, _| is_over(cell)).unwrap_or(false);
        Some(MemberCells { user, role, starts, ends, is_over })
    }

    fn role(&mut self) -> Option<SaidRole> {
        let cell = self.said(Column::ClassRole).filter(|cell| !cell.is_empty())?.to_owned();
        let role = said_role(&cell);
        if role.is_none() {
            self.wrong(Code::ClassRoleUnknown, Column::ClassRole, &cell);
        }
        role
    }

    fn text(&mut self, column: Column) -> Option<String> {
        let cell = self.said(column)?.to_owned();
        let text = class_text(column, &cell, self.is_strict());
        if text.is_none() {
            self.wrong(Code::ClassCellInvalid, column, &cell);
        }
        text
    }

    fn word<T>(&mut self, column: Column, empty: T, read: impl Fn(&str, bool) -> Option<T>) -> Option<T> {
        let cell = self.said(column)?.to_owned();
        if cell.is_empty() {
            return Some(empty);
        }
        let word = read(&cell, self.is_strict());
        if word.is_none() {
            self.wrong(Code::ClassCellInvalid, column, &cell);
        }
        word
    }

    fn days(&mut self, first: Column, last: Column) -> (Option<Option<Day>>, Option<Option<Day>>) {
        let (starts, ends) = (self.day(first), self.day(last));
        if let (Some(Some(starts)), Some(Some(ends))) = (&starts, &ends)
            && ends < starts
        {
            let ends = ends.to_string();
            self.wrong(Code::ClassDatesReversed, last, &ends);
        }
        (starts, ends)
    }

    fn day(&mut self, column: Column) -> Option<Option<Day>> {
        let cell = self.said(column)?.to_owned();
        if cell.is_empty() {
            return Some(None);
        }
        match cell.parse() {
            Ok(day) => Some(Some(day)),
            Err(_) => {
                self.wrong(Code::ClassDateInvalid, column, &cell);
                None
            }
        }
    }
}

/// Returns the letters of a word in lower case.
fn letters(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn class_status(cell: &str) -> Option<ClassStatus> {
    match letters(cell).as_str() {
        "active" => Some(ClassStatus::Active),
        "archived" | "inactive" | "tobedeleted" | "deleted" | "closed" => Some(ClassStatus::Archived),
        _ => None,
    }
}

fn is_over(cell: &str) -> Option<bool> {
    match letters(cell).as_str() {
        "active" | "enrolled" => Some(false),
        "ended" | "inactive" | "tobedeleted" | "deleted" | "dropped" | "withdrawn" => Some(true),
        _ => None,
    }
}

/// Reads a role; `teacher` alone leaves open which of the teachers it is.
fn said_role(cell: &str) -> Option<SaidRole> {
    let role = match letters(cell).as_str() {
        "student" | "pupil" | "learner" => ClassRole::Student,
        "primaryteacher" | "primary" | "leadteacher" | "teacherofrecord" => ClassRole::Primary,
        "coteacher" | "secondaryteacher" | "assistantteacher" => ClassRole::CoTeacher,
        "aide" | "teachingassistant" | "assistant" => ClassRole::Aide,
        "teacher" => return Some(SaidRole::Teacher),
        _ => return None,
    };
    Some(SaidRole::Is(role))
}
