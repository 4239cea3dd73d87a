//! Reads what the rows of a roster say of classes.

use crate::file::cell::letters;
use crate::file::reading::NoPlace;
use crate::file::{ParsedRoster, Row, words};
use crate::model::{
    ClassGuid, ClassRole, ClassStatus, Code, Column, Day, Finding, Findings, Grade, Guid, Person, SchoolId, Schools,
    SetPart,
};
use crate::settings::Scope;
use crate::validate::{class_text, typed_id};

use super::lines::{CellContent, ClassCells, ClassLine, ClassLines, MemberCells, SaidRole, SetFiles, UserRef};

/// Reads what a roster that is one file says of classes.
pub fn class_lines(parsed: &ParsedRoster, schools: &Schools, scope: &Scope) -> (ClassLines, Findings) {
    let mut reader = LineReader::new(parsed, None, schools, scope);
    if parsed.names_classes() {
        parsed.rows.iter().for_each(|row| reader.row(row));
    }
    parsed.name_headers(&mut reader.findings);
    let left_out = parsed.left_out.iter().map(UserRef::of_left_out).collect();
    let no_place = NoPlace::default();
    (ClassLines { lines: reader.lines, set: None, cut_off: parsed.cut_off, left_out, no_place }, reader.findings)
}

/// Reads what the files of classes and enrolments of a set say.
pub fn set_lines(
    users: bool,
    classes: Option<&ParsedRoster>,
    enrolments: Option<&ParsedRoster>,
    schools: &Schools,
    scope: &Scope,
) -> (ClassLines, Findings) {
    let set = Some(SetFiles { users, classes: classes.is_some() });
    let mut lines = ClassLines { set, ..ClassLines::default() };
    let mut findings = Findings::default();
    for (part, file) in [(SetPart::Classes, classes), (SetPart::Enrolments, enrolments)] {
        let Some(file) = file else { continue };
        let mut reader = LineReader::new(file, Some(part), schools, scope);
        file.rows.iter().for_each(|row| reader.row(row));
        lines.lines.append(&mut reader.lines);
        lines.cut_off |= part == SetPart::Enrolments && file.cut_off;
        if part == SetPart::Enrolments {
            lines.no_place.clone_from(&file.reading.omissions.no_place);
        }
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
}

impl<'f> LineReader<'f> {
    fn new(parsed: &'f ParsedRoster, part: Option<SetPart>, schools: &'f Schools, scope: &'f Scope) -> LineReader<'f> {
        LineReader { parsed, part, schools, scope, lines: Vec::new(), findings: Findings::default() }
    }

    fn row(&mut self, row: &'f Row) {
        let parsed = self.parsed;
        if row.damage.is_some() {
            return self.lines.push(self.damaged(row));
        }
        if !self.speaks_of_class(row) {
            return;
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
        let member = (cells.reader.part != Some(SetPart::Classes)).then(|| cells.member());
        if guid.is_none() && class_id.is_empty() && !cells.rejected {
            cells.wrong(Code::ClassIdMissing, Column::ClassId, "");
        }
        let rejected = cells.rejected;
        let (part, row) = (self.part, row.number);
        self.lines.push(ClassLine { part, row, guid, class_id, cells: class, member, removes, person, rejected });
    }

    /// Reads of a damaged row only whom it may be about, for its cells may stand in the wrong columns; its finding has
    /// been made.
    fn damaged(&self, row: &Row) -> ClassLine {
        let said = |column| self.parsed.cell(row, column).unwrap_or_default();
        let id = typed_id(Column::CustomId, said(Column::CustomId)).unwrap_or_default();
        let user = match (self.part, uuid::Uuid::try_parse(said(Column::UserGuid))) {
            (None, _) => UserRef::Row(row.number, id),
            (Some(_), Ok(guid)) => UserRef::Guid(Guid(guid), id),
            (Some(_), Err(_)) => UserRef::CustomId(id),
        };
        let member = MemberCells {
            user,
            role: CellContent::Absent,
            starts: CellContent::Absent,
            ends: CellContent::Absent,
            is_over: false,
        };
        let is_of_class = self.part == Some(SetPart::Classes);
        ClassLine {
            part: self.part,
            row: row.number,
            guid: None,
            class_id: String::new(),
            cells: is_of_class.then(ClassCells::default),
            member: (!is_of_class).then_some(member),
            removes: false,
            person: None,
            rejected: true,
        }
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
        self.reader.parsed.reading.settings.strict_format
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
            None if cell.is_empty() && self.reader.parsed.reading.omissions.blank_keeps.contains(&column) => {
                return None;
            }
            // The user's own finding says it.
            _ if self.reader.part.is_none() => self.rejected = true,
            Some(_) => {
                let class_id = self.said(Column::ClassId).unwrap_or_default().to_owned();
                self.wrong(Code::ClassOutOfScope, Column::ClassId, &class_id);
            }
            None => self.wrong(Code::ClassCellInvalid, column, &cell),
        }
        None
    }

    fn member(&mut self) -> MemberCells {
        let user = self.user();
        let role = self.role();
        let (starts, ends) = self.days(Column::EnrolmentStartDate, Column::EnrolmentEndDate);
        let is_over = self.word(Column::EnrolmentStatus, false, |cell, _| is_over(cell)).unwrap_or(false);
        MemberCells { user, role, starts, ends, is_over }
    }

    fn user(&mut self) -> UserRef {
        let written = self.said(Column::CustomId).unwrap_or_default().to_owned();
        let custom_id = typed_id(Column::CustomId, &written);
        if self.reader.part.is_none() {
            return UserRef::Row(self.row.number, custom_id.unwrap_or_default());
        }
        let guid = self.said(Column::UserGuid).filter(|cell| !cell.is_empty()).map(str::to_owned);
        let read = guid.as_deref().map(|cell| uuid::Uuid::try_parse(cell.trim_matches(['{', '}'])));
        match (read, custom_id) {
            (Some(Ok(guid)), id) if id.is_some() || written.is_empty() => {
                UserRef::Guid(Guid(guid), id.unwrap_or_default())
            }
            (None, Some(id)) => UserRef::CustomId(id),
            (Some(Err(_)), id) => {
                self.wrong(Code::EnrolmentUserUnknown, Column::UserGuid, &guid.unwrap_or_default());
                UserRef::CustomId(id.unwrap_or_default())
            }
            (_, None) | (Some(Ok(_)), Some(_)) => {
                self.wrong(Code::EnrolmentUserUnknown, Column::CustomId, &written);
                UserRef::CustomId(String::new())
            }
        }
    }

    fn role(&mut self) -> CellContent<SaidRole> {
        let Some(cell) = self.said(Column::ClassRole).map(str::to_owned) else { return CellContent::Absent };
        if cell.is_empty() {
            return CellContent::Empty;
        }
        match said_role(&cell) {
            Some(role) => CellContent::Value(role),
            None => {
                self.wrong(Code::ClassRoleUnknown, Column::ClassRole, &cell);
                CellContent::Empty
            }
        }
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

    fn days(&mut self, first: Column, last: Column) -> (CellContent<Day>, CellContent<Day>) {
        let (starts, ends) = (self.day(first), self.day(last));
        if let (CellContent::Value(starts), CellContent::Value(ends)) = (&starts, &ends)
            && ends < starts
        {
            let ends = ends.to_string();
            self.wrong(Code::ClassDatesReversed, last, &ends);
        }
        (starts, ends)
    }

    fn day(&mut self, column: Column) -> CellContent<Day> {
        let Some(cell) = self.said(column).map(str::to_owned) else { return CellContent::Absent };
        if cell.is_empty() {
            return CellContent::Empty;
        }
        match cell.parse() {
            Ok(day) => CellContent::Value(day),
            Err(_) => {
                self.wrong(Code::ClassDateInvalid, column, &cell);
                CellContent::Absent
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::reading::Reading;
    use crate::file::{parse, parse_part};
    use crate::testing::{guid, schools};

    const USER: &str = "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,position,\
                        grade,status";

    fn flat(headers: &str, rows: &[&str]) -> (Vec<ClassLine>, Vec<Code>) {
        let person = "Ora,Klein,,,7,10,Student,,9,Active";
        let rows: String = rows.iter().map(|row| format!("{person},{row}\n")).collect();
        let (parsed, _) = parse(format!("{USER},{headers}\n{rows}").as_bytes(), &Reading::default());
        let parsed = parsed.expect("a roster");
        let (lines, findings) = class_lines(&parsed, &schools(), &Scope::Organisation);
        (lines.lines, findings.iter().map(|finding| finding.code).collect())
    }

    fn set(part: SetPart, text: &str) -> (ClassLines, Vec<Code>) {
        let (parsed, _) = parse_part(text.as_bytes(), part, &Reading::default());
        let (parsed, scope) = (parsed.expect("a file"), Scope::Organisation);
        let (classes, enrolments) = match part {
            SetPart::Classes => (Some(&parsed), None),
            _ => (None, Some(&parsed)),
        };
        let (lines, findings) = set_lines(false, classes, enrolments, &schools(), &scope);
        (lines, findings.iter().map(|finding| finding.code).collect())
    }

    #[test]
    fn a_row_speaks_of_a_class_if_it_names_one() {
        let (lines, codes) =
            flat("class_id,class_name,action", &["M-1,Maths,", ",,", ",Maths,", ",,remove class", ",,x"]);
        let read: Vec<_> = lines.iter().map(|line| (line.row, line.removes, line.rejected)).collect();
        assert_eq!(read, [(2, false, false), (4, false, true), (5, true, true), (6, false, true)]);
        assert_eq!(codes, [Code::ClassIdMissing, Code::ClassIdMissing, Code::ActionUnknown]);
        assert_eq!(flat("class_name", &["Maths"]).0.len(), 0, "no column says which class");
    }

    #[test]
    fn a_column_that_is_not_there_says_nothing() {
        let (lines, _) = flat("class_id", &["M-1"]);
        let (cells, member) = (lines[0].cells.as_ref().unwrap(), lines[0].member.as_ref().unwrap());
        assert_eq!((&cells.name, cells.grade, cells.status, &cells.starts), (&None, None, None, &CellContent::Absent));
        assert_eq!((member.role, &member.starts, member.is_over), (CellContent::Absent, &CellContent::Absent, false));
        let (lines, _) = flat("class_id,class_name,class_status,class_role,class_start_date", &["M-1,,,,"]);
        let (cells, member) = (lines[0].cells.as_ref().unwrap(), lines[0].member.as_ref().unwrap());
        assert_eq!((cells.name.as_deref(), cells.status), (Some(""), Some(ClassStatus::Active)));
        assert_eq!((member.role, &cells.starts), (CellContent::Empty, &CellContent::Empty));
    }

    #[test]
    fn words_of_other_systems_are_read() {
        for (word, role) in [
            ("pupil", SaidRole::Is(ClassRole::Student)),
            ("Teacher of Record", SaidRole::Is(ClassRole::Primary)),
            ("co-teacher", SaidRole::Is(ClassRole::CoTeacher)),
            ("Teaching Assistant", SaidRole::Is(ClassRole::Aide)),
            ("TEACHER", SaidRole::Teacher),
        ] {
            let (lines, codes) = flat("class_id,class_role", &[&format!("M-1,{word}")]);
            assert_eq!(lines[0].member.as_ref().unwrap().role, CellContent::Value(role), "{word}");
            assert_eq!(codes, [], "{word}");
        }
        let (lines, _) = flat("class_id,class_status,class_member_status", &["M-1,tobedeleted,dropped"]);
        assert_eq!(lines[0].cells.as_ref().unwrap().status, Some(ClassStatus::Archived));
        assert!(lines[0].member.as_ref().unwrap().is_over);
    }

    #[test]
    fn whom_an_enrolment_means_is_kept_also_where_it_is_wrong() {
        let text = "class_id,user_guid,custom_id\nM,,7\nM,{00000000-0000-0000-0000-000000000005},\n\
                    M,00000000-0000-0000-0000-000000000005,7\nM,x,7\nM,,1.2E+05\nM,,\nM\n";
        let (lines, codes) = set(SetPart::Enrolments, text);
        let users: Vec<&UserRef> = lines.lines.iter().map(|line| &line.member.as_ref().unwrap().user).collect();
        let (by_id, nobody) = (UserRef::CustomId("7".to_owned()), UserRef::CustomId(String::new()));
        let (by_guid, both) = (UserRef::Guid(guid(5), String::new()), UserRef::Guid(guid(5), "7".to_owned()));
        assert_eq!(users, [&by_id, &by_guid, &both, &by_id, &nobody, &nobody, &nobody]);
        let rejected: Vec<bool> = lines.lines.iter().map(|line| line.rejected).collect();
        assert_eq!(rejected, [false, false, false, true, true, true, true]);
        assert_eq!(codes, [Code::EnrolmentUserUnknown; 3]);
    }

    #[test]
    fn a_file_of_classes_has_their_schools() {
        let (lines, codes) = set(SetPart::Classes, "class_id,school_district_external_id\nM,10\nN,11\nO,\n");
        let schools: Vec<bool> = lines.lines.iter().map(|line| line.cells.as_ref().unwrap().school.is_some()).collect();
        assert_eq!((schools, codes), (vec![true, false, false], vec![Code::ClassCellInvalid; 2]));
        assert!(lines.lines.iter().all(|line| line.member.is_none()));
    }

    #[test]
    fn rows_that_may_be_missing_are_remembered_of_enrolments() {
        assert!(set(SetPart::Enrolments, "class_id,custom_id\nM").0.cut_off);
        assert!(!set(SetPart::Enrolments, "class_id,custom_id\nM,7").0.cut_off);
        assert!(!set(SetPart::Classes, "class_id,school_district_external_id\nM").0.cut_off);
    }
}
