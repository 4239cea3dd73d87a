//! The lines of a roster compared with the classes that exist.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::diff::Sender;
use crate::model::{
    Class, ClassDirectory, ClassFields, ClassGuid, ClassRole, ClassStatus, Code, Column, Directory, Enrolment,
    EnrolmentFields, Finding, Findings, Grade, Guid, SchoolId, Status, UserType,
};
use crate::plan::Plan;
use crate::settings::{Accounts, ClassProblem, ClassRules, Mode, Scope};

use super::change::{ClassChange, ClassKind, EndReason, EnrolmentChange, EnrolmentKind, ShownEnrolment};
use super::lines::{ClassCells, ClassLine, ClassLines, MemberCells, SaidRole, UserRef};
use super::members::{Member, Members, leavers};

/// What lines and classes are compared by.
pub struct ClassComparison<'a> {
    pub mode: Mode,
    pub scope: &'a Scope,
    pub rules: &'a ClassRules,
    /// Their year levels say which students are synced.
    pub accounts: &'a Accounts,
    pub sender: Sender<'a>,
    /// What the GUIDs of new classes are derived from.
    pub guid_seed: [u8; 32],
    /// The custom IDs of the rows of the file of users, if there is one: one of them whose user is not there was rejected.
    pub sent_ids: &'a HashSet<String>,
}

/// What the lines of a roster change, in no order.
#[derive(Debug, Default)]
pub(crate) struct ClassDiff {
    pub(crate) classes: Vec<ClassChange>,
    pub(crate) enrolments: Vec<EnrolmentChange>,
    /// The rows that change no enrolment.
    pub(crate) rows: Vec<ClassRow>,
    /// The school of each class that stays as it is.
    pub(crate) same_classes: Vec<SchoolId>,
    /// Of each rejected class the school, where it is known.
    pub(crate) rejected_classes: Vec<Option<SchoolId>>,
    /// Of each rejected enrolment the school of its class, where it is known.
    pub(crate) rejected_enrolments: Vec<Option<SchoolId>>,
    /// Of each class that the file holds.
    pub(crate) sizes: Vec<ClassSize>,
    pub(crate) findings: Findings,
}

/// How many enrolments a class has, and how many of them end.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ClassSize {
    pub(crate) class: ClassGuid,
    pub(crate) school: SchoolId,
    pub(crate) name: String,
    pub(crate) now: u64,
    pub(crate) ended: u64,
    pub(crate) archived: bool,
}

/// A row that changes nothing of an enrolment.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ClassRow {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<crate::model::SetPart>,
    pub row: u32,
    pub class: ClassGuid,
    pub why: ClassRowResult,
}

/// Why a row changes nothing of an enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassRowResult {
    /// The user is in the class as the row says.
    Same,
    /// The row is about the class itself.
    ClassOnly,
    /// The class is archived by the file.
    Archived,
    /// The user is of a type that this sync leaves alone.
    OtherType,
    /// Another row says the same.
    SameRow,
    /// The user was not in the class, and the row takes it out.
    NotIn,
}

impl ClassRowResult {
    /// Returns the words of the completed file.
    pub fn as_str(self) -> &'static str {
        match self {
            ClassRowResult::Same => "enrolment unchanged",
            ClassRowResult::ClassOnly => "class unchanged",
            ClassRowResult::Archived => "class archived",
            ClassRowResult::OtherType => "enrolment of another user type",
            ClassRowResult::SameRow => "same enrolment as another row",
            ClassRowResult::NotIn => "was not in the class",
        }
    }
}

/// Compares the lines with the classes; `users` are those that the user plan was made with.
pub(crate) fn compare(
    lines: &ClassLines,
    plan: &Plan,
    users: &Directory,
    classes: &ClassDirectory,
    c: &ClassComparison,
) -> ClassDiff {
    let mut differ = Differ {
        lines,
        members: Members::new(plan, users),
        classes,
        c,
        diff: ClassDiff::default(),
        decided: HashSet::new(),
        ended: HashSet::new(),
        protected: HashSet::new(),
        // Who is in rows that are missing, nobody knows.
        unsure: lines.cut_off,
        has_members: lines.lines.iter().any(|line| line.member.is_some()),
    };
    let groups = differ.groups();
    let further = differ.further_schools(&groups);
    for (key, group) in &groups {
        differ.group(key, group, &further);
    }
    differ.end_of_leavers(plan);
    differ.count_ended();
    differ.diff
}

/// A class that lines are about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum ClassKey {
    Known(ClassGuid),
    New(String),
}

/// All lines about one class, by file and row.
type ClassGroup<'l> = Vec<&'l ClassLine>;

struct Differ<'p> {
    lines: &'p ClassLines,
    members: Members<'p>,
    classes: &'p ClassDirectory,
    c: &'p ClassComparison<'p>,
    diff: ClassDiff,
    /// The enrolments of which something is decided.
    decided: HashSet<(ClassGuid, Guid)>,
    /// Those of them that end whoever their user is.
    ended: HashSet<(ClassGuid, Guid)>,
    /// The users of lines of which nobody knows which class they are about: they stay where they are.
    protected: HashSet<Guid>,
    /// There are such lines of which the user is not known, either.
    unsure: bool,
    /// Some line says who is in a class.
    has_members: bool,
}

/// Who is put into a class by a line.
struct ClassPlace<'l> {
    line: &'l ClassLine,
    cells: &'l MemberCells,
    member: Member,
    role: SaidRole,
    /// A student whom the file does not have at the school of the class.
    elsewhere: bool,
}

/// Which IDs the lines give to classes that they name by GUID.
#[derive(Default)]
struct GivenIds<'l> {
    /// The class that gets an ID; `None` where several would.
    classes: HashMap<&'l str, Option<ClassGuid>>,
}

impl<'p> Differ<'p> {
    /// Groups the lines by class, sorted; those of which nobody knows which class they are about are rejected.
    fn groups(&mut self) -> BTreeMap<ClassKey, ClassGroup<'p>> {
        let mut lines: Vec<&ClassLine> = self.lines.lines.iter().collect();
        lines.sort_by_key(|line| (line.part, line.row));
        let given = self.given_ids();
        let has_class: HashSet<&str> =
            lines.iter().filter(|line| line.cells.is_some()).map(|line| line.class_id.as_str()).collect();
        let mut groups: BTreeMap<ClassKey, ClassGroup> = BTreeMap::new();
        let mut rejected: BTreeSet<(Option<ClassGuid>, &str, Option<u32>)> = BTreeSet::new();
        for line in lines {
            match self.key(line, &given, &has_class) {
                Ok(key) => groups.entry(key).or_default().push(line),
                Err(code) => {
                    self.reject(line, code);
                    // In a file of classes each row is a class, in others one that is named.
                    let is_named = line.guid.is_some() || !line.class_id.is_empty();
                    if line.cells.is_some() && (is_named || line.member.is_none()) {
                        rejected.insert((line.guid, &line.class_id, (!is_named).then_some(line.row)));
                    }
                }
            }
        }
        self.diff.rejected_classes.extend(rejected.iter().map(|_| None));
        groups
    }

    fn given_ids(&self) -> GivenIds<'p> {
        let mut given = GivenIds::default();
        for line in self.lines.lines.iter().filter(|line| line.cells.is_some() && !line.class_id.is_empty()) {
            let Some(class) = line.guid.and_then(|guid| self.classes.by_guid(guid)) else { continue };
            let of_id = given.classes.entry(&line.class_id).or_insert(Some(class.guid));
            if *of_id != Some(class.guid) {
                *of_id = None;
            }
        }
        given
    }

    /// Returns which class a line is about, or why that can't be told. Of a line that has its finding any code will do.
    fn key(&self, line: &ClassLine, given: &GivenIds, has_class: &HashSet<&str>) -> Result<ClassKey, Code> {
        let id = line.class_id.as_str();
        let of_id = self.classes.by_id(id).map(|class| class.guid);
        if let Some(guid) = line.guid {
            let class = self.classes.by_guid(guid).ok_or(Code::ClassGuidUnknown)?.guid;
            let is_given = given.classes.get(id);
            // A file of enrolments may still have the ID from before, but not that of another class of the set.
            let in_file = line.cells.is_none() && has_class.contains(id) && of_id.is_none();
            let others = of_id.is_some_and(|other| other != class)
                || is_given == Some(&None)
                || (in_file && is_given != Some(&Some(class)));
            return if others { Err(Code::ClassIdTaken) } else { Ok(ClassKey::Known(class)) };
        }
        match of_id.map(Some).or_else(|| given.classes.get(id).copied()) {
            _ if id.is_empty() => Err(Code::ClassIdMissing),
            Some(Some(guid)) => Ok(ClassKey::Known(guid)),
            Some(None) => Err(Code::ClassIdTaken),
            None if line.cells.is_some() || has_class.contains(id) => Ok(ClassKey::New(id.to_owned())),
            None if self.lines.set.is_some_and(|set| !set.classes) => Err(Code::ClassFileMissing),
            None => Err(Code::ClassUnknown),
        }
    }

    /// Returns at which schools the file has each user.
    fn further_schools(&self, groups: &BTreeMap<ClassKey, ClassGroup>) -> HashMap<Guid, BTreeSet<SchoolId>> {
        let mut schools: HashMap<Guid, BTreeSet<SchoolId>> = HashMap::new();
        for line in groups.values().flatten() {
            let (Some(cells), Some(member)) = (&line.cells, &line.member) else { continue };
            if let (Some(school), Some(guid)) = (&cells.school, self.members.may_mean(&member.user)) {
                schools.entry(guid).or_default().insert(school.clone());
            }
        }
        schools
    }

    /// Returns whether what a line says of its class counts: nothing is wrong with it, nor with its user.
    fn counts(&self, line: &ClassLine) -> bool {
        !line.rejected && line.member.as_ref().is_none_or(|member| self.members.is_processed(&member.user))
    }

    /// Decides everything about one class.
    fn group(&mut self, key: &ClassKey, lines: &ClassGroup<'p>, further: &HashMap<Guid, BTreeSet<SchoolId>>) {
        let known = match key {
            ClassKey::Known(guid) => self.classes.by_guid(*guid),
            ClassKey::New(_) => None,
        };
        let fields = match self.fields(known, lines) {
            Ok(fields) => fields,
            Err((code, expected)) => return self.reject_group(known, lines, code, expected),
        };
        let guid = known.map_or_else(|| new_guid(&fields.class_id, &self.c.guid_seed), |class| class.guid);
        if fields.status == ClassStatus::Archived {
            self.archive(known, guid, &fields, lines);
            return self.hold_class(guid, &fields, known.is_some_and(Class::is_active));
        }
        // A sync of students alone does not say who teaches.
        let has_teacher =
            known.is_some() || !self.c.mode.covers(UserType::Teacher) || self.has_teacher(lines, &fields, further);
        if !has_teacher {
            // Without enrolments nobody can tell who teaches.
            if self.c.rules.without_teacher == ClassProblem::Reject && self.has_members {
                return self.reject_group(known, lines, Code::ClassWithoutTeacher, None);
            }
            self.warn(lines[0], Code::ClassHasNoTeacher, &fields.class_id);
        }
        let places = self.places(lines, known, guid, &fields, further);
        self.class(known, guid, &fields, lines);
        self.enrol(guid, &fields, &places, lines);
        self.hold_class(guid, &fields, false);
    }

    /// Returns whether somebody whom the lines put into the class teaches it.
    fn has_teacher(
        &self,
        lines: &ClassGroup,
        fields: &ClassFields,
        further: &HashMap<Guid, BTreeSet<SchoolId>>,
    ) -> bool {
        let teaches = |role: SaidRole| if let SaidRole::Is(role) = role { role.teaches() } else { true };
        lines.iter().filter(|line| self.counts(line)).any(|line| {
            let place = line.member.as_ref().map(|cells| self.place_of(line, cells, None, fields, further));
            matches!(place, Some(Ok(Some(place))) if teaches(place.role) && !place.cells.is_over)
        })
    }

    /// Archives a class, by which everybody's place in it ends.
    fn archive(&mut self, known: Option<&Class>, guid: ClassGuid, fields: &ClassFields, lines: &ClassGroup) {
        for line in lines {
            match &line.member {
                _ if self.counts(line) => {
                    let is_archived = line.member.is_some() || line.removes;
                    let why = if is_archived { ClassRowResult::Archived } else { ClassRowResult::ClassOnly };
                    self.row(line, guid, why);
                }
                Some(_) => self.count_rejected(line, Some(fields.school.clone())),
                None => {}
            }
        }
        self.class(known, guid, fields, lines);
        self.end_all(guid, fields, EndReason::ClassArchived, |_| true);
    }

    /// Decides who is in a class that is taught.
    fn enrol(&mut self, guid: ClassGuid, fields: &ClassFields, places: &[ClassPlace], lines: &ClassGroup) {
        let absent = self.absent(guid, lines);
        let roles = self.roles(guid, fields, places, &absent);
        let is_student =
            |(place, role): &(&ClassPlace, &ClassRole)| **role == ClassRole::Student && !place.cells.is_over;
        let named: HashSet<Guid> = places.iter().map(|place| place.member.guid).collect();
        let stays = |enrolment: &&Enrolment| {
            let user = enrolment.user;
            enrolment.is_active()
                && enrolment.fields.role == ClassRole::Student
                && !named.contains(&user)
                && !absent.contains(&user)
                && !self.members.leaves(user, &fields.school)
        };
        let students = places.iter().zip(&roles).filter(is_student).count()
            + self.classes.members(guid).iter().filter(stays).count();
        if students as u64 > u64::from(self.c.rules.large_class) {
            self.warn(lines[0], Code::ClassLarge, &fields.class_id);
        }
        for (place, role) in places.iter().zip(roles) {
            self.place(place, role, guid, fields);
        }
        self.end_all(guid, fields, EndReason::Absent, |enrolment| absent.contains(&enrolment.user));
    }

    fn hold_class(&mut self, class: ClassGuid, fields: &ClassFields, archived: bool) {
        let now = self.classes.members(class).iter().filter(|enrolment| enrolment.is_active()).count() as u64;
        let (school, name) = (fields.school.clone(), fields.name.clone());
        self.diff.sizes.push(ClassSize { class, school, name, now, ended: 0, archived });
    }

    /// Counts of each class that the file holds how many enrolments end.
    fn count_ended(&mut self) {
        let mut ended: HashMap<ClassGuid, u64> = HashMap::new();
        let ends = |change: &&EnrolmentChange| change.kind == EnrolmentKind::Ended && !change.only_two_people;
        for change in self.diff.enrolments.iter().filter(ends) {
            *ended.entry(change.class).or_default() += 1;
        }
        for size in &mut self.diff.sizes {
            size.ended = ended.get(&size.class).copied().unwrap_or_default();
        }
    }

    /// Returns the class as the lines say it, or why they can't be followed.
    fn fields(&self, known: Option<&Class>, lines: &ClassGroup) -> Result<ClassFields, (Code, Option<String>)> {
        let said: Vec<(&ClassLine, &ClassCells)> = lines
            .iter()
            .filter(|line| self.counts(line))
            .filter_map(|line| Some((*line, line.cells.as_ref()?)))
            .collect();
        let removes = said.iter().any(|(line, _)| line.removes)
            || lines.iter().any(|line| line.removes && line.cells.is_none() && self.counts(line));
        let school = self.school_of(known, &said).ok_or_else(|| (self.code_of_no_class(lines), None))?;
        let in_scope = |school: &SchoolId| self.c.scope.covers(school);
        if !in_scope(&school) || known.is_some_and(|class| !in_scope(&class.fields.school)) {
            return Err((Code::ClassOutOfScope, None));
        }
        let kept = known.map(|class| &class.fields);
        if removes && let Some(kept) = kept {
            // Whatever else the rows say.
            return Ok(ClassFields { status: ClassStatus::Archived, ..kept.clone() });
        }
        let class_id = self.class_id(kept, &said)?;
        if !removes {
            self.agree(&said)?;
        }
        let first = said.first().map(|(_, cells)| (*cells).clone()).unwrap_or_default();
        let text = |said: &Option<String>, kept_of: fn(&ClassFields) -> &String| {
            said.clone().or_else(|| kept.map(|fields| kept_of(fields).clone())).unwrap_or_default()
        };
        let status = match first.status {
            _ if removes => ClassStatus::Archived,
            Some(status) => status,
            // A class of the file is taught, unless the file says otherwise.
            None if !said.is_empty() => ClassStatus::Active,
            None => kept.map_or(ClassStatus::Active, |fields| fields.status),
        };
        let fields = ClassFields {
            class_id,
            school,
            name: text(&first.name, |fields| &fields.name),
            grade: first.grade.or(kept.map(|fields| fields.grade)).unwrap_or(Grade::Unspecified),
            course_code: text(&first.course_code, |fields| &fields.course_code),
            subject: text(&first.subject, |fields| &fields.subject),
            period: text(&first.period, |fields| &fields.period),
            term: text(&first.term, |fields| &fields.term),
            starts: first.starts.clone().unwrap_or_else(|| kept.and_then(|fields| fields.starts.clone())),
            ends: first.ends.clone().unwrap_or_else(|| kept.and_then(|fields| fields.ends.clone())),
            status,
        };
        if fields.name.is_empty() && !removes { Err((Code::ClassNameMissing, None)) } else { Ok(fields) }
    }

    /// Returns the school of a class: in one file that of a known class stays, for its rows have the schools of users.
    fn school_of(&self, known: Option<&Class>, said: &[(&ClassLine, &ClassCells)]) -> Option<SchoolId> {
        let kept = || known.map(|class| class.fields.school.clone());
        match self.lines.set {
            None => kept().or_else(|| self.school_of_rows(said)),
            Some(_) => said.iter().find_map(|(_, cells)| cells.school.clone()).or_else(kept),
        }
    }

    /// Returns the ID that a class has by its rows. Those that name it by GUID may give it another one, and then no row
    /// about the class has the old one.
    fn class_id(
        &self,
        kept: Option<&ClassFields>,
        said: &[(&ClassLine, &ClassCells)],
    ) -> Result<String, (Code, Option<String>)> {
        let named = |line: &ClassLine| Some(line.class_id.clone()).filter(|id| !id.is_empty());
        let ids: BTreeSet<String> = said.iter().filter_map(|(line, _)| named(line)).collect();
        let present = || kept.map(|fields| fields.class_id.clone());
        match ids.len() {
            0 => Ok(present().unwrap_or_default()),
            1 => Ok(ids.into_iter().next().unwrap_or_default()),
            _ => {
                let ids: Vec<String> = ids.into_iter().take(4).collect();
                let expected = format!("The same class_id in all rows of the class; they say {}.", ids.join(", "));
                Err((Code::ClassCellsDiffer, Some(expected)))
            }
        }
    }

    /// Returns which cells about the class disagree, if any do. In one file rows have the schools of their users.
    fn agree(&self, said: &[(&ClassLine, &ClassCells)]) -> Result<(), (Code, Option<String>)> {
        let Some((first, cells)) = said.first() else { return Ok(()) };
        let differs = |other: &ClassCells| cells.differing(other, self.lines.set.is_some());
        let Some((line, columns)) =
            said.iter().map(|(line, other)| (line, differs(other))).find(|(_, columns)| !columns.is_empty())
        else {
            return Ok(());
        };
        let columns: Vec<&str> = columns.into_iter().map(Column::header).collect();
        let (columns, first, other) = (columns.join(", "), first.row, line.row);
        let expected = format!("The same {columns} in all rows of the class; rows {first} and {other} differ.");
        Err((Code::ClassCellsDiffer, Some(expected)))
    }

    /// Returns why lines are about a class that there is not.
    fn code_of_no_class(&self, lines: &ClassGroup) -> Code {
        if lines.iter().any(|line| line.cells.is_some()) { Code::ClassRejected } else { Code::ClassUnknown }
    }

    /// Returns the school of a new class of one file: that of most of its students or, where there are none, of most rows.
    fn school_of_rows(&self, said: &[(&ClassLine, &ClassCells)]) -> Option<SchoolId> {
        let count = |students: bool| {
            let mut schools: BTreeMap<SchoolId, usize> = BTreeMap::new();
            for (line, cells) in said {
                let is_student = || {
                    let member = self.members.find(&line.member.as_ref()?.user)?;
                    Some(member.user_type == UserType::Student)
                };
                if let Some(school) = cells.school.clone().filter(|_| !students || is_student() == Some(true)) {
                    *schools.entry(school).or_default() += 1;
                }
            }
            schools.into_iter().rev().max_by_key(|(_, rows)| *rows).map(|(school, _)| school)
        };
        count(true).or_else(|| count(false))
    }

    /// Rejects everything that the lines say.
    fn reject_group(&mut self, known: Option<&Class>, lines: &ClassGroup, code: Code, expected: Option<String>) {
        let school = known.map(|class| class.fields.school.clone());
        let of_class = matches!(code, Code::ClassCellsDiffer | Code::ClassNameMissing | Code::ClassWithoutTeacher);
        for line in lines {
            match line.cells {
                _ if !self.counts(line) => {}
                // What is wrong stands in the file of classes.
                None if of_class => self.report(line, Code::ClassRejected, &line.class_id, None),
                _ => self.report(line, code, &line.class_id, expected.clone()),
            }
            self.count_rejected(line, school.clone());
        }
        let schools = || lines.iter().filter_map(|line| line.cells.as_ref()?.school.clone());
        let school = school.or_else(|| schools().min());
        if lines.iter().any(|line| line.cells.is_some()) {
            self.diff.rejected_classes.push(school);
        }
    }

    /// Rejects a line of which nobody knows which class it is about: its user stays in all classes.
    fn reject(&mut self, line: &ClassLine, code: Code) {
        if self.counts(line) {
            let (column, value) = match code {
                Code::ClassGuidUnknown => {
                    (Column::ClassGuid, line.guid.map(|guid| guid.to_string()).unwrap_or_default())
                }
                _ => (Column::ClassId, line.class_id.clone()),
            };
            let finding = Finding::at(code, line.row, column, &value).in_part(line.part);
            self.diff.findings.push(finding.about(line.person.clone()));
        }
        if let Some(member) = &line.member {
            match self.members.may_mean(&member.user) {
                Some(user) => drop(self.protected.insert(user)),
                None => self.unsure = true,
            }
        }
        self.count_rejected(line, None);
    }

    fn count_rejected(&mut self, line: &ClassLine, school: Option<SchoolId>) {
        if line.member.is_some() {
            self.diff.rejected_enrolments.push(school);
        }
    }

    fn warn(&mut self, line: &ClassLine, code: Code, class_id: &str) {
        let finding = Finding::at(code, line.row, Column::ClassId, class_id).in_part(line.part);
        self.diff.findings.push(finding);
    }

    fn report(&mut self, line: &ClassLine, code: Code, value: &str, expected: Option<String>) {
        let column = match code {
            Code::EnrolmentUserUnknown if line.member.as_ref().is_some_and(|member| member.is_by_guid(value)) => {
                Column::UserGuid
            }
            Code::EnrolmentUserUnknown | Code::EnrolmentFileMissing | Code::EnrolmentUserRejected => Column::CustomId,
            Code::ClassRoleWrong => Column::ClassRole,
            Code::ClassNameMissing => Column::ClassName,
            _ => Column::ClassId,
        };
        let finding = Finding::at(code, line.row, column, value).in_part(line.part).about(line.person.clone());
        self.diff.findings.push(match expected {
            Some(expected) => finding.expecting(expected),
            None => finding,
        });
    }

    /// Returns who is put into the class by the lines, by custom ID; the others have their findings.
    fn places<'l>(
        &mut self,
        lines: &ClassGroup<'l>,
        known: Option<&Class>,
        guid: ClassGuid,
        fields: &ClassFields,
        further: &HashMap<Guid, BTreeSet<SchoolId>>,
    ) -> Vec<ClassPlace<'l>> {
        let mut places: Vec<ClassPlace> = Vec::new();
        for line in lines {
            let Some(cells) = &line.member else {
                if self.counts(line) {
                    self.row(line, guid, ClassRowResult::ClassOnly);
                }
                continue;
            };
            if !self.counts(line) {
                self.count_rejected(line, Some(fields.school.clone()));
                continue;
            }
            match self.place_of(line, cells, known, fields, further) {
                Ok(Some(place)) => places.push(place),
                Ok(None) => self.row(line, guid, ClassRowResult::OtherType),
                Err((code, value)) => {
                    self.report(line, code, &value, None);
                    self.count_rejected(line, Some(fields.school.clone()));
                }
            }
        }
        self.one_each(places, guid, fields)
    }

    /// Returns whom a line puts into the class; `Ok(None)` for somebody whom the sync leaves alone, and the code and the
    /// value of what is wrong.
    fn place_of<'l>(
        &self,
        line: &'l ClassLine,
        cells: &'l MemberCells,
        known: Option<&Class>,
        fields: &ClassFields,
        further: &HashMap<Guid, BTreeSet<SchoolId>>,
    ) -> Result<Option<ClassPlace<'l>>, (Code, String)> {
        if self.members.is_left_alone(&cells.user) {
            return Ok(None);
        }
        let Some(member) = self.members.find(&cells.user).filter(|member| !self.is_gone(member)) else {
            return if self.is_of_another_type(cells) { Ok(None) } else { Err(self.nobody(&cells.user)) };
        };
        if !self.c.mode.covers(member.user_type) {
            return Ok(None);
        }
        if let UserRef::Guid(_, id) = &cells.user
            && !id.is_empty()
            && !self.members.has_id(&member, id)
        {
            return Err((Code::EnrolmentUserUnknown, id.clone()));
        }
        let enrolment = known.and_then(|class| self.classes.enrolment(class.guid, member.guid));
        let active = enrolment.filter(|enrolment| enrolment.is_active());
        let role = said_role(cells, &member, active);
        let suits = match role {
            SaidRole::Is(role) => role.suits(member.user_type),
            SaidRole::Teacher => member.user_type.is_staff(),
        };
        if !suits {
            let said = if let SaidRole::Is(role) = role { role.as_str() } else { "Teacher" };
            return Err((Code::ClassRoleWrong, said.to_owned()));
        }
        let is_there = member.school == fields.school
            || further.get(&member.guid).is_some_and(|schools| schools.contains(&fields.school));
        let elsewhere = member.user_type == UserType::Student && !is_there;
        // Who is in the class already may stay, but for those who leave its school.
        let comes = !cells.is_over && (active.is_none() || self.members.leaves(member.guid, &fields.school));
        if elsewhere && comes && self.c.rules.other_school == ClassProblem::Reject {
            return Err((Code::EnrolmentOtherSchool, fields.class_id.clone()));
        }
        Ok(Some(ClassPlace { line, cells, member, role, elsewhere }))
    }

    /// Returns whether the role that a row says is none of somebody whom the sync touches. Of users who are not there
    /// that is all that is known.
    fn is_of_another_type(&self, cells: &MemberCells) -> bool {
        match cells.role.flatten() {
            Some(SaidRole::Is(ClassRole::Student)) => !self.c.mode.covers(UserType::Student),
            Some(_) => !self.c.mode.covers(UserType::Teacher),
            None => false,
        }
    }

    /// Returns whether a full sync has disabled a user of whom the set has no row: whoever is removed is in no class.
    fn is_gone(&self, member: &Member) -> bool {
        let has_users = self.lines.set.is_some_and(|set| set.users);
        let is_absent = || {
            !self.members.is_in_file(member.guid)
                && !self.c.sent_ids.contains(&member.custom_id)
                && self.is_ours(member)
        };
        has_users && self.c.mode.removes_absent() && member.status == Status::Disabled && is_absent()
    }

    /// Returns whether a full sync may miss the user.
    fn is_ours(&self, member: &Member) -> bool {
        self.c.mode.covers(member.user_type)
            && self.c.accounts.syncs(member.user_type, member.grade)
            && self.c.sender.owns(member.source.as_ref())
            && self.c.scope.covers(&member.school)
    }

    /// Returns what is wrong with a row that means nobody.
    fn nobody(&self, user: &UserRef) -> (Code, String) {
        match user {
            UserRef::Guid(guid, _) => (Code::EnrolmentUserUnknown, guid.to_string()),
            UserRef::Row(_, id) => (Code::EnrolmentUserRejected, id.clone()),
            UserRef::CustomId(id) if self.c.sent_ids.contains(id) => (Code::EnrolmentUserRejected, id.clone()),
            UserRef::CustomId(id) if self.lines.set.is_some_and(|set| !set.users) => {
                (Code::EnrolmentFileMissing, id.clone())
            }
            UserRef::CustomId(id) => (Code::EnrolmentUserUnknown, id.clone()),
        }
    }

    /// Returns one place for each user, sorted by custom ID. Where lines about one user disagree, none of them is taken.
    fn one_each<'l>(
        &mut self,
        mut places: Vec<ClassPlace<'l>>,
        guid: ClassGuid,
        fields: &ClassFields,
    ) -> Vec<ClassPlace<'l>> {
        places.sort_by(|a, b| (&a.member.custom_id, a.line.row).cmp(&(&b.member.custom_id, b.line.row)));
        let mut one_each: Vec<ClassPlace> = Vec::with_capacity(places.len());
        let mut places = places.into_iter().peekable();
        while let Some(place) = places.next() {
            let mut same = Vec::new();
            while let Some(next) = places.next_if(|next| next.member.guid == place.member.guid) {
                same.push(next);
            }
            let said = |place: &ClassPlace| {
                let MemberCells { role, starts, ends, is_over, .. } = place.cells;
                (*role, starts.clone(), ends.clone(), *is_over)
            };
            if same.iter().all(|other| said(other) == said(&place)) {
                same.iter().for_each(|other| self.row(other.line, guid, ClassRowResult::SameRow));
                one_each.push(place);
                continue;
            }
            for place in [place].into_iter().chain(same) {
                self.report(place.line, Code::EnrolmentRepeated, &fields.class_id, None);
                self.count_rejected(place.line, Some(fields.school.clone()));
            }
        }
        one_each
    }

    /// Decides the role of each place. The primary teacher stays, unless the settings let a file say otherwise.
    fn roles(
        &mut self,
        class: ClassGuid,
        fields: &ClassFields,
        places: &[ClassPlace],
        absent: &HashSet<Guid>,
    ) -> Vec<ClassRole> {
        let said_of = |user: Guid| places.iter().find(|place| place.member.guid == user);
        let gives_up = |user: Guid| match said_of(user) {
            Some(place) => place.cells.is_over || place.role == SaidRole::Is(ClassRole::Aide),
            None => absent.contains(&user) || self.members.leaves(user, &fields.school),
        };
        let stays = |enrolment: &&Enrolment| {
            enrolment.is_active() && enrolment.fields.role == ClassRole::Primary && !gives_up(enrolment.user)
        };
        let primaries: Vec<Guid> = self.classes.members(class).iter().filter(stays).map(|e| e.user).collect();
        let stays = primaries.first().copied();
        let wants = |place: &ClassPlace| place.role == SaidRole::Is(ClassRole::Primary) && !place.cells.is_over;
        // Where several want it the one who has it stays, else the first by custom ID.
        let wanted = places.iter().find(|place| wants(place) && Some(place.member.guid) == stays);
        let wanted = wanted.or_else(|| places.iter().find(|place| wants(place)));
        let first = places.iter().find(|place| place.role == SaidRole::Teacher && !place.cells.is_over);
        let primary = match (stays, wanted) {
            (Some(stays), Some(wanted)) if self.c.rules.replace_primary && wanted.member.guid != stays => {
                Some(wanted.member.guid)
            }
            (Some(stays), _) => Some(stays),
            (None, wanted) => wanted.or(first).map(|place| place.member.guid),
        };
        let role = |place: &ClassPlace| match place.role {
            _ if place.role != SaidRole::Is(ClassRole::Student)
                && place.role != SaidRole::Is(ClassRole::Aide)
                && Some(place.member.guid) == primary =>
            {
                ClassRole::Primary
            }
            SaidRole::Is(ClassRole::Primary) | SaidRole::Teacher => ClassRole::CoTeacher,
            SaidRole::Is(role) => role,
        };
        let roles: Vec<ClassRole> = places.iter().map(role).collect();
        for (place, role) in places.iter().zip(&roles) {
            if wants(place) && *role != ClassRole::Primary {
                self.warn(place.line, Code::PrimaryKept, &place.line.class_id.clone());
            }
        }
        if self.c.rules.replace_primary && primary.is_some() {
            let is_said = |user: &Guid| places.iter().any(|place| place.member.guid == *user);
            let former = primaries.into_iter().filter(|user| Some(*user) != primary && !is_said(user));
            former.for_each(|user| self.step_down(class, fields, user));
        }
        roles
    }

    /// Makes the former primary teacher, of whom the file says nothing, a co-teacher.
    fn step_down(&mut self, class: ClassGuid, fields: &ClassFields, user: Guid) {
        let Some(enrolment) = self.classes.enrolment(class, user) else { return };
        let after = EnrolmentFields { role: ClassRole::CoTeacher, ..enrolment.fields.clone() };
        self.decided.insert((class, user));
        let change = self.change_of(enrolment, fields, EnrolmentKind::Updated, Some(after), None);
        self.diff.enrolments.push(change);
    }

    fn class(&mut self, known: Option<&Class>, guid: ClassGuid, fields: &ClassFields, lines: &ClassGroup) {
        let kind = match known {
            None if fields.status == ClassStatus::Archived => return,
            None => ClassKind::Created,
            Some(class) if class.fields == *fields => {
                let is_said = lines.iter().any(|line| line.cells.is_some() && self.counts(line));
                self.diff.same_classes.extend(is_said.then(|| fields.school.clone()));
                return;
            }
            Some(class) => match (class.is_active(), fields.status == ClassStatus::Active) {
                (true, false) => ClassKind::Archived,
                (false, true) => ClassKind::Restored,
                _ => ClassKind::Updated,
            },
        };
        let asks = |line: &&&ClassLine| self.counts(line) && (line.cells.is_some() || line.removes);
        let line = lines.iter().filter(asks).min_by_key(|line| (!line.removes, line.part, line.row));
        self.diff.classes.push(ClassChange {
            kind,
            class: guid,
            row: line.map(|line| line.row),
            part: line.and_then(|line| line.part),
            seen_version: known.map(|class| class.version),
            before: known.map(|class| class.fields.clone()),
            after: fields.clone(),
        });
    }

    /// Decides one user's place in the class.
    fn place(&mut self, place: &ClassPlace, role: ClassRole, class: ClassGuid, fields: &ClassFields) {
        let ClassPlace { line, cells, member, .. } = place;
        if !self.decided.insert((class, member.guid)) {
            return;
        }
        let existing = self.classes.enrolment(class, member.guid);
        let active = existing.filter(|enrolment| enrolment.is_active());
        let kept = active.map(|enrolment| &enrolment.fields);
        let after = EnrolmentFields {
            role,
            starts: cells.starts.clone().unwrap_or_else(|| kept.and_then(|kept| kept.starts.clone())),
            ends: cells.ends.clone().unwrap_or_else(|| kept.and_then(|kept| kept.ends.clone())),
        };
        let (kind, after, why) = match (active, cells.is_over) {
            (None, true) => return self.row(line, class, ClassRowResult::NotIn),
            (Some(_), true) => (EnrolmentKind::Ended, None, Some(EndReason::File)),
            (Some(enrolment), false) if enrolment.fields == after => {
                let change = self.change_of_place(place, class, fields, EnrolmentKind::Created, Some(after));
                self.diff.enrolments.extend(change.of_another_person());
                return self.row(line, class, ClassRowResult::Same);
            }
            (Some(_), false) => (EnrolmentKind::Updated, Some(after), None),
            (None, false) => (EnrolmentKind::Created, Some(after), None),
        };
        let comes = kind == EnrolmentKind::Created && place.elsewhere;
        if comes && self.c.rules.other_school == ClassProblem::Warn {
            self.warn(line, Code::StudentAtOtherSchool, &fields.class_id);
        }
        let change = self.change_of_place(place, class, fields, kind, after);
        let (seen_version, before) = (existing.map(|enrolment| enrolment.version), kept.cloned());
        self.diff.enrolments.push(EnrolmentChange { seen_version, before, why, ..change });
    }

    /// Returns a change that a row asks for, of somebody who is not in the class yet.
    fn change_of_place(
        &self,
        place: &ClassPlace,
        class: ClassGuid,
        fields: &ClassFields,
        kind: EnrolmentKind,
        after: Option<EnrolmentFields>,
    ) -> EnrolmentChange {
        let ClassPlace { line, member, .. } = place;
        EnrolmentChange {
            kind,
            class,
            user: member.guid,
            two_people: member.two_people,
            row: Some(line.row),
            part: line.part,
            user_row: member.row,
            seen_version: None,
            before: None,
            after,
            only_two_people: false,
            why: None,
            shown: ShownEnrolment {
                school: fields.school.clone(),
                class_id: fields.class_id.clone(),
                class_name: fields.name.clone(),
                custom_id: member.custom_id.clone(),
                first_name: member.first_name.clone(),
                last_name: member.last_name.clone(),
            },
        }
    }

    /// Returns who is absent from a class that a full sync has whole.
    fn absent(&self, class: ClassGuid, lines: &ClassGroup) -> HashSet<Guid> {
        if !self.c.mode.removes_absent() || self.unsure || !self.has_members {
            return HashSet::new();
        }
        let cells = lines.iter().filter_map(|line| line.member.as_ref());
        let of_this_sync = |cells: &&MemberCells| !self.is_of_another_type(cells);
        let meant = cells.filter(of_this_sync).map(|cells| self.members.may_mean(&cells.user));
        let Some(meant) = meant.collect::<Option<HashSet<Guid>>>() else { return HashSet::new() };
        let is_absent = |enrolment: &&Enrolment| {
            let user = enrolment.user;
            enrolment.is_active()
                && !meant.contains(&user)
                && !self.protected.contains(&user)
                && !self.members.is_left_alone(&UserRef::Guid(user, String::new()))
                && self.members.member(user).is_some_and(|member| self.is_ours(&member))
        };
        self.classes.members(class).iter().filter(is_absent).map(|enrolment| enrolment.user).collect()
    }

    fn end_all(&mut self, class: ClassGuid, fields: &ClassFields, why: EndReason, ends: impl Fn(&Enrolment) -> bool) {
        for enrolment in self.classes.members(class).iter().filter(|e| e.is_active() && ends(e)) {
            let user = enrolment.user;
            if self.decided.insert((class, user)) {
                self.end(enrolment, fields, self.why(user, fields).unwrap_or(why));
            }
        }
    }

    /// Returns why a user's place ends whatever else happens to the class.
    fn why(&self, user: Guid, fields: &ClassFields) -> Option<EndReason> {
        match self.members.leaves(user, &fields.school) {
            true if self.members.is_removed(user) => Some(EndReason::UserRemoved),
            true => Some(EndReason::UserMoved),
            false => None,
        }
    }

    fn end(&mut self, enrolment: &Enrolment, fields: &ClassFields, why: EndReason) {
        self.ended.insert((enrolment.class, enrolment.user));
        let change = self.change_of(enrolment, fields, EnrolmentKind::Ended, None, Some(why));
        self.diff.enrolments.push(change);
    }

    /// Ends the enrolments of users who are removed, and those at the school that somebody leaves.
    fn end_of_leavers(&mut self, plan: &Plan) {
        let mut leaving: Vec<Guid> = leavers(plan).collect();
        leaving.sort_unstable();
        leaving.dedup();
        let after: HashMap<ClassGuid, ClassFields> =
            self.diff.classes.iter().map(|change| (change.class, change.after.clone())).collect();
        for user in leaving {
            for enrolment in self.classes.of_user(user).filter(|enrolment| enrolment.is_active()) {
                let Some(class) = self.classes.by_guid(enrolment.class) else { continue };
                let fields = after.get(&class.guid).unwrap_or(&class.fields);
                let place = (class.guid, user);
                if let Some(why) = self.why(user, fields).filter(|_| self.decided.insert(place)) {
                    self.end(enrolment, fields, why);
                }
                if !self.ended.contains(&place)
                    && let Some(row) = self.members.row_of_rekey_with_removal(user)
                {
                    let why = Some(EndReason::UserRemoved);
                    let ended = self.change_of(enrolment, fields, EnrolmentKind::Ended, None, why);
                    self.diff.enrolments.push(EnrolmentChange { only_two_people: true, user_row: Some(row), ..ended });
                }
            }
        }
    }

    /// Returns a change of an enrolment that no row asks for.
    fn change_of(
        &self,
        enrolment: &Enrolment,
        fields: &ClassFields,
        kind: EnrolmentKind,
        after: Option<EnrolmentFields>,
        why: Option<EndReason>,
    ) -> EnrolmentChange {
        let user = self.members.named(enrolment.user);
        let said = |of: fn(&crate::model::Fields) -> &String| user.as_ref().map(|u| of(u).clone()).unwrap_or_default();
        EnrolmentChange {
            kind,
            class: enrolment.class,
            user: enrolment.user,
            two_people: None,
            row: None,
            part: None,
            user_row: None,
            seen_version: Some(enrolment.version),
            before: Some(enrolment.fields.clone()),
            after,
            only_two_people: false,
            why,
            shown: ShownEnrolment {
                school: fields.school.clone(),
                class_id: fields.class_id.clone(),
                class_name: fields.name.clone(),
                custom_id: said(|fields| &fields.custom_id),
                first_name: said(|fields| &fields.first_name),
                last_name: said(|fields| &fields.last_name),
            },
        }
    }

    fn row(&mut self, line: &ClassLine, class: ClassGuid, why: ClassRowResult) {
        self.diff.rows.push(ClassRow { part: line.part, row: line.row, class, why });
    }
}

/// Returns the role that a row says. A file without roles leaves everybody what they are.
fn said_role(cells: &MemberCells, member: &Member, active: Option<&Enrolment>) -> SaidRole {
    let kept = active.map(|enrolment| enrolment.fields.role).filter(|role| role.suits(member.user_type));
    match (cells.role, kept) {
        (Some(Some(role)), _) => role,
        (None, Some(kept)) => SaidRole::Is(kept),
        _ if member.user_type == UserType::Student => SaidRole::Is(ClassRole::Student),
        _ => SaidRole::Teacher,
    }
}

/// Returns the GUID that a new class gets, derived from its ID: the same whenever the same file is compared again.
fn new_guid(class_id: &str, seed: &[u8; 32]) -> ClassGuid {
    let mut mac = Hmac::<Sha256>::new_from_slice(seed).expect("a key of any length is fine");
    mac.update(b"class");
    mac.update(class_id.as_bytes());
    let bytes = mac.finalize().into_bytes();
    let mut first = [0; 16];
    first.copy_from_slice(&bytes[..16]);
    ClassGuid(uuid::Builder::from_custom_bytes(first).into_uuid())
}
