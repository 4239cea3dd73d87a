//! The lines of a roster compared with the classes that exist.

pub mod differ;
mod ends;
mod groups;
mod places;
mod rejected;
mod roles;
mod said_fields;

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::model::{
    Class, ClassDirectory, ClassFields, ClassGuid, ClassRole, ClassStatus, Code, Directory, Enrolment, Guid, SchoolId,
    UserType, derived_uuid,
};
use crate::plan::Plan;
use crate::settings::ClassProblem;

use super::change::{ClassChange, ClassKind, EndReason, EnrolmentChange, EnrolmentKind};
use super::lines::{ClassLine, ClassLines, SaidRole};
use super::members::Members;

use differ::{ClassComparison, ClassDiff, ClassRowResult, ClassSize, Differ};
use groups::{ClassGroup, ClassKey};
use places::ClassPlace;

/// Compares the lines with the classes; `users` are those that the user plan was made with.
pub(crate) fn compare(
    lines: &ClassLines,
    plan: &Plan,
    users: &Directory,
    classes: &ClassDirectory,
    c: &ClassComparison,
) -> ClassDiff {
    let members = Members::new(plan, users);
    // Of somebody who is not there nothing can end.
    let protected = lines.left_out.iter().filter_map(|user| members.may_mean(user)).collect();
    let mut differ = Differ {
        lines,
        members,
        classes,
        c,
        diff: ClassDiff::default(),
        decided: HashSet::new(),
        ended: HashSet::new(),
        protected,
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

impl<'p> Differ<'p> {
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
        if self.is_rejected(lines) {
            // Those who are in it are looked at all the same.
            self.diff.rejected_classes.push(Some(fields.school.clone()));
        }
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

    fn class(&mut self, known: Option<&Class>, guid: ClassGuid, fields: &ClassFields, lines: &ClassGroup) {
        let kind = match known {
            None if fields.status == ClassStatus::Archived => return,
            None => ClassKind::Created,
            Some(class) if class.fields == *fields => {
                let is_said = lines.iter().any(|line| line.cells.is_some() && self.counts(line));
                self.diff.same_classes.extend(is_said.then(|| fields.school.clone()));
                return;
            }
            Some(class) if class.fields.status == fields.status => ClassKind::Updated,
            Some(_) => match fields.status {
                ClassStatus::Active => ClassKind::Restored,
                ClassStatus::Archived => ClassKind::Archived,
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
}

/// Returns the GUID that a new class gets, derived from its ID: the same whenever the same file is compared again.
fn new_guid(class_id: &str, seed: &[u8; 32]) -> ClassGuid {
    ClassGuid(derived_uuid(seed, &[b"class", class_id.as_bytes()]))
}
