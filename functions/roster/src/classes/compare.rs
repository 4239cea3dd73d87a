//! The lines of a roster compared with the classes that exist.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::model::{
    Class, ClassDirectory, ClassFields, ClassGuid, ClassRole, ClassStatus, Code, Directory, Guid, SchoolId,
};
use crate::plan::Plan;
use crate::settings::ClassProblem;

use super::change::{ClassChange, ClassKind, EndReason, EnrolmentKind};
use super::differ::{ClassComparison, ClassDiff, ClassSize, Differ, LinesOfClass};
use super::lines::{ClassLine, ClassLines, SaidRole};
use super::members::{Members, leavers};
use super::places::MemberPlace;

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
                Ok(None) => {
                    unsure = true;
                    self.count_rejected(line, None);
                }
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
