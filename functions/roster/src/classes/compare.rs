//! The lines of a roster compared with the classes that exist.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::diff::{Kind, Sender};
use crate::model::{
    Class, ClassDirectory, ClassFields, ClassGuid, ClassRole, ClassStatus, Code, Column, Directory, Enrolment,
    EnrolmentFields, Finding, Findings, Grade, Guid, SchoolId, UserType,
};
use crate::plan::Plan;
use crate::settings::{ClassProblem, ClassRules, Mode, Scope};

use super::change::{ClassChange, ClassKind, EndReason, EnrolmentChange, EnrolmentKind, ShownEnrolment};
use super::lines::{ClassCells, ClassLine, ClassLines, MemberCells, SaidRole};
use super::members::{Member, Members, leavers};

/// What lines and classes are compared by.
pub struct ClassComparison<'a> {
    pub mode: Mode,
    pub scope: &'a Scope,
    pub rules: &'a ClassRules,
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
    /// Of each class with so many enrolments now, and so many that end, its name and school.
    pub(crate) sizes: Vec<ClassSize>,
    pub(crate) findings: Findings,
}

/// How many enrolments a class has, and how many of them end.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ClassSize {
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
    let members = Members::new(plan, users);
    let leaving: HashSet<Guid> = leavers(plan).collect();
    let mut differ =
        Differ { lines, members, leaving, classes, c, diff: ClassDiff::default(), decided: HashSet::new() };
    let (groups, unsure) = differ.groups();
    let further = differ.further_schools(&groups);
    for (key, group) in &groups {
        differ.group(key, group, unsure, &further);
    }
    differ.end_of_leavers(plan);
    differ.diff
}

/// A class that lines are about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum ClassKey {
    Known(ClassGuid),
    New(String),
}

/// All lines about one class.
type LinesOfClass<'l> = Vec<&'l ClassLine>;

struct Differ<'p> {
    lines: &'p ClassLines,
    members: Members<'p>,
    /// The users who are removed or move.
    leaving: HashSet<Guid>,
    classes: &'p ClassDirectory,
    c: &'p ClassComparison<'p>,
    diff: ClassDiff,
    /// The enrolments of which something is decided.
    decided: HashSet<(ClassGuid, Guid)>,
}

/// Who is put into a class by a line.
struct MemberPlace<'l> {
    line: &'l ClassLine,
    cells: &'l MemberCells,
    member: Member,
    role: SaidRole,
}

impl<'p> Differ<'p> {
    /// Groups the lines by class, sorted, and says whether there are lines of which nobody knows which class they are
    /// about.
    fn groups(&mut self) -> (BTreeMap<ClassKey, LinesOfClass<'p>>, bool) {
        let renamed: HashMap<&str, ClassGuid> = self
            .lines
            .lines
            .iter()
            .filter_map(|line| Some((line.class_id.as_str(), self.classes.by_guid(line.guid?)?.guid)))
            .filter(|(id, _)| !id.is_empty())
            .collect();
        let has_class: HashSet<&str> =
            self.lines.lines.iter().filter(|line| line.cells.is_some()).map(|line| line.class_id.as_str()).collect();
        let mut groups: BTreeMap<ClassKey, LinesOfClass> = BTreeMap::new();
        let mut unsure = false;
        for line in &self.lines.lines {
            match self.key(line, &renamed, &has_class) {
                Ok(Some(key)) => groups.entry(key).or_default().push(line),
                Ok(None) => unsure = true,
                Err(code) => {
                    unsure |= code == Code::ClassGuidUnknown;
                    self.reject(line, code, None);
                }
            }
        }
        (groups, unsure)
    }

    fn key(
        &self,
        line: &ClassLine,
        renamed: &HashMap<&str, ClassGuid>,
        has_class: &HashSet<&str>,
    ) -> Result<Option<ClassKey>, Code> {
        if let Some(guid) = line.guid {
            let class = self.classes.by_guid(guid).ok_or(Code::ClassGuidUnknown)?;
            let other = self.classes.by_id(&line.class_id).filter(|other| other.guid != class.guid);
            return if other.is_some() { Err(Code::ClassIdTaken) } else { Ok(Some(ClassKey::Known(class.guid))) };
        }
        if line.class_id.is_empty() {
            return Ok(None);
        }
        let id = line.class_id.as_str();
        match self.classes.by_id(id).map(|class| class.guid).or_else(|| renamed.get(id).copied()) {
            Some(guid) => Ok(Some(ClassKey::Known(guid))),
            None if line.cells.is_some() || has_class.contains(id) => Ok(Some(ClassKey::New(id.to_owned()))),
            None if self.lines.set.is_some_and(|set| !set.classes) => Err(Code::ClassFileMissing),
            None => Err(Code::ClassUnknown),
        }
    }

    /// Returns at which schools the file has each user.
    fn further_schools(&self, groups: &BTreeMap<ClassKey, LinesOfClass>) -> HashMap<Guid, BTreeSet<SchoolId>> {
        let mut schools: HashMap<Guid, BTreeSet<SchoolId>> = HashMap::new();
        for line in groups.values().flatten() {
            let (Some(cells), Some(member)) = (&line.cells, &line.member) else { continue };
            if let (Some(school), Some(guid)) = (&cells.school, self.members.may_mean(&member.user)) {
                schools.entry(guid).or_default().insert(school.clone());
            }
        }
        schools
    }

    /// Decides everything about one class.
    fn group(
        &mut self,
        key: &ClassKey,
        lines: &LinesOfClass<'p>,
        unsure: bool,
        further: &HashMap<Guid, BTreeSet<SchoolId>>,
    ) {
        let known = match key {
            ClassKey::Known(guid) => self.classes.by_guid(*guid),
            ClassKey::New(_) => None,
        };
        let fields = match self.fields(known, lines) {
            Ok(fields) => fields,
            Err((code, expected)) => return self.reject_group(known, lines, code, expected),
        };
        let guid = known.map_or_else(|| new_guid(&fields.class_id, &self.c.guid_seed), |class| class.guid);
        let places = self.places(lines, known, guid, &fields, further);
        let teaches = |place: &MemberPlace| match place.role {
            SaidRole::Is(role) => role.teaches(),
            SaidRole::Teacher => true,
        };
        let is_archived = fields.status == ClassStatus::Archived;
        if known.is_none() && !is_archived && !places.iter().any(teaches) {
            let held = self.lines.set.is_none() || lines.iter().any(|line| line.member.is_some());
            match self.c.rules.without_teacher {
                ClassProblem::Reject if held => {
                    return self.reject_group(known, lines, Code::ClassWithoutTeacher, None);
                }
                _ => self.warn(lines[0], Code::ClassHasNoTeacher, &fields.class_id),
            }
        }
        self.class(known, guid, &fields, lines);
        let ended_before = self.diff.enrolments.len();
        let roles = self.roles(guid, &places);
        let students = roles.iter().filter(|role| **role == ClassRole::Student).count() as u32;
        if students > self.c.rules.large_class && !is_archived {
            self.warn(lines[0], Code::ClassLarge, &fields.class_id);
        }
        for (place, role) in places.iter().zip(roles) {
            self.place(place, role, guid, &fields);
        }
        if is_archived {
            self.end_all(guid, &fields, EndReason::ClassArchived, |_| true);
        } else {
            self.end_absent(guid, &fields, lines, unsure);
        }
        let ended = self.diff.enrolments[ended_before..].iter().filter(|e| e.kind == EnrolmentKind::Ended).count();
        let now = self.classes.members(guid).iter().filter(|enrolment| enrolment.is_active()).count();
        self.diff.sizes.push(ClassSize {
            school: fields.school.clone(),
            name: fields.name.clone(),
            now: now as u64,
            ended: ended as u64,
            archived: is_archived && known.is_some_and(Class::is_active),
        });
    }

    /// Returns the class as the lines say it, or why they can't be followed.
    fn fields(&self, known: Option<&Class>, lines: &LinesOfClass) -> Result<ClassFields, (Code, Option<String>)> {
        let said: Vec<(&ClassLine, &ClassCells)> =
            lines.iter().filter(|line| !line.rejected).filter_map(|line| Some((*line, line.cells.as_ref()?))).collect();
        let in_one_file = self.lines.set.is_none();
        let alike = |cells: &ClassCells| {
            let school = cells.school.clone().filter(|_| !in_one_file);
            ClassCells { school, ..cells.clone() }
        };
        let first = said.first().map(|(_, cells)| alike(cells)).unwrap_or_default();
        let ids: BTreeSet<&str> = lines
            .iter()
            .filter(|line| line.guid.is_some() && !line.class_id.is_empty())
            .map(|l| l.class_id.as_str())
            .collect();
        let differing = said.iter().find(|(_, cells)| alike(cells) != first);
        if let Some((line, _)) = differing.filter(|_| !lines.iter().any(|line| line.removes)) {
            let expected = format!("Row {} and row {} say the same of the class.", said[0].0.row, line.row);
            return Err((Code::ClassCellsDiffer, Some(expected)));
        }
        if ids.len() > 1 {
            return Err((Code::ClassCellsDiffer, None));
        }
        let school = match (in_one_file, known) {
            (true, Some(class)) => Some(class.fields.school.clone()),
            (true, None) => self.school_of_rows(&said),
            (false, _) => first.school.clone().or_else(|| Some(known?.fields.school.clone())),
        };
        let in_scope = |school: &SchoolId| self.c.scope.covers(school);
        let Some(school) = school else { return Err((self.code_of_no_class(lines), None)) };
        if !in_scope(&school) || known.is_some_and(|class| !in_scope(&class.fields.school)) {
            return Err((Code::ClassOutOfScope, None));
        }
        let removes = lines.iter().any(|line| line.removes);
        let text = |said: &Option<String>, kept: fn(&ClassFields) -> &String| {
            said.clone().or_else(|| known.map(|class| kept(&class.fields).clone())).unwrap_or_default()
        };
        let status = match removes {
            true => ClassStatus::Archived,
            // A class of the file is taught, unless the file says otherwise.
            false => first.status.unwrap_or(match said.is_empty() {
                true => known.map_or(ClassStatus::Active, |class| class.fields.status),
                false => ClassStatus::Active,
            }),
        };
        let kept = known.map(|class| &class.fields);
        let fields = ClassFields {
            class_id: ids.first().map(|id| (*id).to_owned()).or_else(|| Some(kept?.class_id.clone())).unwrap_or_else(
                || lines.iter().map(|line| line.class_id.clone()).find(|id| !id.is_empty()).unwrap_or_default(),
            ),
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
        match fields.name.is_empty() && !removes {
            true => Err((Code::ClassNameMissing, None)),
            false => Ok(fields),
        }
    }

    /// Returns why lines are about a class that there is not.
    fn code_of_no_class(&self, lines: &LinesOfClass) -> Code {
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
    fn reject_group(&mut self, known: Option<&Class>, lines: &LinesOfClass, code: Code, expected: Option<String>) {
        let school = known.map(|class| class.fields.school.clone());
        for line in lines {
            if !line.rejected {
                self.report(line, code, &line.class_id, expected.clone());
            }
            self.count_rejected(line, school.clone());
        }
        let school = school.or_else(|| lines.iter().find_map(|line| line.cells.as_ref()?.school.clone()));
        if lines.iter().any(|line| line.cells.is_some()) {
            self.diff.rejected_classes.push(school);
        }
        let members = lines.iter().filter_map(|line| line.member.as_ref());
        let decided = members.filter_map(|member| Some((known?.guid, self.members.may_mean(&member.user)?)));
        self.decided.extend(decided.collect::<Vec<_>>());
    }

    fn reject(&mut self, line: &ClassLine, code: Code, school: Option<SchoolId>) {
        if !line.rejected {
            let (column, value) = match code {
                Code::ClassGuidUnknown => {
                    (Column::ClassGuid, line.guid.map(|guid| guid.to_string()).unwrap_or_default())
                }
                _ => (Column::ClassId, line.class_id.clone()),
            };
            let finding = Finding::at(code, line.row, column, &value).in_part(line.part);
            self.diff.findings.push(finding.about(line.person.clone()));
        }
        self.count_rejected(line, school);
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
        lines: &LinesOfClass<'l>,
        known: Option<&Class>,
        guid: ClassGuid,
        fields: &ClassFields,
        further: &HashMap<Guid, BTreeSet<SchoolId>>,
    ) -> Vec<MemberPlace<'l>> {
        let mut places: Vec<MemberPlace> = Vec::new();
        for line in lines {
            let Some(cells) = &line.member else {
                let why = if line.removes { ClassRowResult::Archived } else { ClassRowResult::ClassOnly };
                if !line.rejected {
                    self.row(line, guid, why);
                }
                continue;
            };
            if line.rejected {
                self.count_rejected(line, Some(fields.school.clone()));
                continue;
            }
            match self.place_of(line, cells, known, fields, further) {
                Ok(Some(place)) => places.push(place),
                Ok(None) => self.row(line, guid, ClassRowResult::OtherType),
                Err(code) => {
                    // Of a user whose own row was rejected everything has been said.
                    if let Some((code, value)) = code {
                        self.report(line, code, &value, None);
                    }
                    self.count_rejected(line, Some(fields.school.clone()));
                }
            }
        }
        self.one_each(places, guid, fields)
    }

    /// Returns whom a line puts into the class; `Ok(None)` for somebody whom the sync leaves alone, and the code and the
    /// value of what is wrong.
    #[allow(clippy::type_complexity)]
    fn place_of<'l>(
        &self,
        line: &'l ClassLine,
        cells: &'l MemberCells,
        known: Option<&Class>,
        fields: &ClassFields,
        further: &HashMap<Guid, BTreeSet<SchoolId>>,
    ) -> Result<Option<MemberPlace<'l>>, Option<(Code, String)>> {
        use super::lines::UserRef;
        let Some(member) = self.members.find(&cells.user) else {
            return Err(match &cells.user {
                UserRef::Row(..) => None,
                UserRef::Guid(guid) => Some((Code::EnrolmentUserUnknown, guid.to_string())),
                UserRef::CustomId(id) if self.c.sent_ids.contains(id) => {
                    Some((Code::EnrolmentUserRejected, id.clone()))
                }
                UserRef::CustomId(id) if self.lines.set.is_some_and(|set| !set.users) => {
                    Some((Code::EnrolmentFileMissing, id.clone()))
                }
                UserRef::CustomId(id) => Some((Code::EnrolmentUserUnknown, id.clone())),
            });
        };
        if !self.c.mode.covers(member.user_type) {
            return Ok(None);
        }
        let role = match cells.role {
            Some(role) => role,
            None if member.user_type == UserType::Student => SaidRole::Is(ClassRole::Student),
            None => SaidRole::Teacher,
        };
        let suits = match role {
            SaidRole::Is(role) => role.suits(member.user_type),
            SaidRole::Teacher => member.user_type.is_staff(),
        };
        if !suits {
            let said = if let SaidRole::Is(role) = role { role.as_str() } else { "Teacher" };
            return Err(Some((Code::ClassRoleWrong, said.to_owned())));
        }
        let is_in =
            known.and_then(|class| self.classes.enrolment(class.guid, member.guid)).is_some_and(Enrolment::is_active);
        let is_there = member.school == fields.school
            || further.get(&member.guid).is_some_and(|schools| schools.contains(&fields.school));
        let leaves = cells.is_over || fields.status == ClassStatus::Archived;
        let elsewhere = member.user_type == UserType::Student && !is_in && !is_there && !leaves;
        if elsewhere && self.c.rules.other_school == ClassProblem::Reject {
            return Err(Some((Code::EnrolmentOtherSchool, fields.class_id.clone())));
        }
        Ok(Some(MemberPlace { line, cells, member, role }))
    }

    /// Returns one place for each user, sorted by custom ID. Where lines about one user disagree, none of them is taken.
    fn one_each<'l>(
        &mut self,
        mut places: Vec<MemberPlace<'l>>,
        guid: ClassGuid,
        fields: &ClassFields,
    ) -> Vec<MemberPlace<'l>> {
        places.sort_by(|a, b| (&a.member.custom_id, a.line.row).cmp(&(&b.member.custom_id, b.line.row)));
        let mut one_each: Vec<MemberPlace> = Vec::with_capacity(places.len());
        let mut places = places.into_iter().peekable();
        while let Some(place) = places.next() {
            let mut same = Vec::new();
            while let Some(next) = places.next_if(|next| next.member.guid == place.member.guid) {
                same.push(next);
            }
            let said = |place: &MemberPlace| {
                let MemberCells { role, starts, ends, is_over, .. } = place.cells;
                (*role, starts.clone(), ends.clone(), *is_over)
            };
            if same.iter().all(|other| said(other) == said(&place)) {
                same.iter().for_each(|other| self.row(other.line, guid, ClassRowResult::SameRow));
                one_each.push(place);
                continue;
            }
            self.decided.insert((guid, place.member.guid));
            for place in [place].into_iter().chain(same) {
                self.report(place.line, Code::EnrolmentRepeated, &fields.class_id, None);
                self.count_rejected(place.line, Some(fields.school.clone()));
            }
        }
        one_each
    }

    /// Decides the role of each place. The primary teacher stays, unless the settings let a file say otherwise.
    fn roles(&mut self, class: ClassGuid, places: &[MemberPlace]) -> Vec<ClassRole> {
        let active = |enrolment: &&Enrolment| enrolment.is_active() && enrolment.fields.role == ClassRole::Primary;
        let present = self.classes.members(class).iter().find(active).map(|enrolment| enrolment.user);
        let said_of = |user: Guid| places.iter().find(|place| place.member.guid == user);
        let wants = |place: &MemberPlace| place.role == SaidRole::Is(ClassRole::Primary) && !place.cells.is_over;
        let gives_up = |user: Guid| {
            let place = said_of(user);
            self.leaving.contains(&user)
                || place.is_some_and(|place| place.cells.is_over || matches!(place.role, SaidRole::Is(ClassRole::Aide)))
        };
        let stays = present.filter(|user| !gives_up(*user));
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
        let role = |place: &MemberPlace| match place.role {
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
        self.step_down(class, primary, places);
        roles
    }

    /// Makes the former primary teacher, of whom the file says nothing, a co-teacher.
    fn step_down(&mut self, class: ClassGuid, primary: Option<Guid>, places: &[MemberPlace]) {
        let Some(fields) = self.classes.by_guid(class).map(|class| class.fields.clone()) else { return };
        let is_said = |user: Guid| places.iter().any(|place| place.member.guid == user);
        let former: Vec<Enrolment> = self
            .classes
            .members(class)
            .iter()
            .filter(|e| e.is_active() && e.fields.role == ClassRole::Primary && Some(e.user) != primary)
            .filter(|e| primary.is_some() && !is_said(e.user) && !self.leaving.contains(&e.user))
            .cloned()
            .collect();
        for enrolment in former.into_iter().filter(|_| self.c.rules.replace_primary) {
            let after = EnrolmentFields { role: ClassRole::CoTeacher, ..enrolment.fields.clone() };
            self.decided.insert((class, enrolment.user));
            let change = self.change_of(&enrolment, &fields, EnrolmentKind::Updated, Some(after), None);
            self.diff.enrolments.push(change);
        }
    }

    fn class(&mut self, known: Option<&Class>, guid: ClassGuid, fields: &ClassFields, lines: &LinesOfClass) {
        let kind = match known {
            None if fields.status == ClassStatus::Archived => return,
            None => ClassKind::Created,
            Some(class) if class.fields == *fields => {
                self.diff.same_classes.push(fields.school.clone());
                return;
            }
            Some(class) => match (class.is_active(), fields.status == ClassStatus::Active) {
                (true, false) => ClassKind::Archived,
                (false, true) => ClassKind::Restored,
                _ => ClassKind::Updated,
            },
        };
        let line = lines.iter().filter(|line| line.cells.is_some()).min_by_key(|line| (line.part, line.row));
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
    fn place(&mut self, place: &MemberPlace, role: ClassRole, class: ClassGuid, fields: &ClassFields) {
        let MemberPlace { line, cells, member, .. } = place;
        if !self.decided.insert((class, member.guid)) {
            return;
        }
        let existing = self.classes.enrolment(class, member.guid);
        let active = existing.filter(|enrolment| enrolment.is_active());
        if fields.status == ClassStatus::Archived {
            self.decided.remove(&(class, member.guid));
            return self.row(line, class, ClassRowResult::Archived);
        }
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
                return self.row(line, class, ClassRowResult::Same);
            }
            (Some(_), false) => (EnrolmentKind::Updated, Some(after), None),
            (None, false) => (EnrolmentKind::Created, Some(after), None),
        };
        if kind == EnrolmentKind::Created {
            let elsewhere = member.user_type == UserType::Student && member.school != fields.school;
            if elsewhere && self.c.rules.other_school == ClassProblem::Warn {
                self.warn(line, Code::StudentAtOtherSchool, &fields.class_id);
            }
        }
        self.diff.enrolments.push(EnrolmentChange {
            kind,
            class,
            user: member.guid,
            two_people: member.two_people,
            row: Some(line.row),
            part: line.part,
            user_row: member.row,
            seen_version: existing.map(|enrolment| enrolment.version),
            before: kept.cloned(),
            after,
            only_two_people: false,
            why,
            shown: ShownEnrolment {
                school: fields.school.clone(),
                class_id: fields.class_id.clone(),
                class_name: fields.name.clone(),
                custom_id: member.custom_id.clone(),
                first_name: member.first_name.clone(),
                last_name: member.last_name.clone(),
            },
        });
    }

    /// Ends the enrolments of those who are not in the file, in a full sync of a class that the file has whole.
    fn end_absent(&mut self, class: ClassGuid, fields: &ClassFields, lines: &LinesOfClass, unsure: bool) {
        let has_members = match self.lines.set {
            None => true,
            Some(_) => self.lines.lines.iter().any(|line| line.member.is_some()),
        };
        if !self.c.mode.removes_absent() || unsure || !has_members {
            return;
        }
        let meant = lines.iter().filter_map(|line| line.member.as_ref()).map(|m| self.members.may_mean(&m.user));
        let Some(meant) = meant.collect::<Option<HashSet<Guid>>>() else { return };
        let ends = |differ: &Differ, enrolment: &Enrolment| {
            let user = differ.members.present(enrolment.user);
            let ours = user
                .is_some_and(|user| differ.c.mode.covers(user.user_type) && differ.c.sender.owns(user.source.as_ref()));
            ours && !meant.contains(&enrolment.user) && !differ.leaving.contains(&enrolment.user)
        };
        let absent: HashSet<Guid> =
            self.classes.members(class).iter().filter(|e| ends(self, e)).map(|e| e.user).collect();
        self.end_all(class, fields, EndReason::Absent, |enrolment| absent.contains(&enrolment.user));
    }

    fn end_all(&mut self, class: ClassGuid, fields: &ClassFields, why: EndReason, ends: impl Fn(&Enrolment) -> bool) {
        let ending: Vec<Enrolment> =
            self.classes.members(class).iter().filter(|e| e.is_active() && ends(e)).cloned().collect();
        for enrolment in ending {
            if self.decided.insert((class, enrolment.user)) {
                let change = self.change_of(&enrolment, fields, EnrolmentKind::Ended, None, Some(why));
                self.diff.enrolments.push(change);
            }
        }
    }

    /// Ends the enrolments of users who are removed, and those at the school that somebody leaves.
    fn end_of_leavers(&mut self, plan: &Plan) {
        let mut leaving: Vec<Guid> = self.leaving.iter().copied().collect();
        leaving.sort_unstable();
        let changes: HashMap<Guid, &crate::diff::Change> =
            plan.changes.iter().map(|change| (change.guid, change)).collect();
        for user in leaving {
            let Some(change) = changes.get(&user) else { continue };
            let removed = change.kind == Kind::Removed || change.after.is_none();
            let old_school = change.before.as_ref().map(|before| before.school.clone());
            let moves = change.before.as_ref().zip(change.after.as_ref()).is_some_and(|(b, a)| b.school != a.school);
            let enrolments: Vec<Enrolment> =
                self.classes.of_user(user).filter(|enrolment| enrolment.is_active()).cloned().collect();
            for enrolment in enrolments {
                let Some(class) = self.classes.by_guid(enrolment.class).cloned() else { continue };
                let at_old_school = moves && Some(&class.fields.school) == old_school.as_ref();
                let why = if removed { EndReason::UserRemoved } else { EndReason::UserMoved };
                if change.is_rekey_with_removal() {
                    let ended = self.change_of(
                        &enrolment,
                        &class.fields,
                        EnrolmentKind::Ended,
                        None,
                        Some(EndReason::UserRemoved),
                    );
                    let (only_two_people, user_row) = (true, change.row);
                    self.diff.enrolments.push(EnrolmentChange { only_two_people, user_row, ..ended });
                } else if (removed || at_old_school) && self.decided.insert((enrolment.class, user)) {
                    let ended = self.change_of(&enrolment, &class.fields, EnrolmentKind::Ended, None, Some(why));
                    self.diff.enrolments.push(ended);
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
