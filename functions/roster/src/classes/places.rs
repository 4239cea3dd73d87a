//! Who is put into a class by its lines, and as what.

use std::collections::{BTreeSet, HashMap};

use crate::model::{
    Class, ClassFields, ClassGuid, ClassRole, ClassStatus, Code, Enrolment, EnrolmentFields, Guid, SchoolId, UserType,
};
use crate::settings::ClassProblem;

use super::change::{EndReason, EnrolmentChange, EnrolmentKind, ShownEnrolment};
use super::differ::{ClassRowResult, Differ, LinesOfClass};
use super::lines::{ClassLine, MemberCells, SaidRole, UserRef};
use super::members::Member;

/// Who is put into a class by a line.
pub(super) struct MemberPlace<'l> {
    pub(super) line: &'l ClassLine,
    pub(super) cells: &'l MemberCells,
    pub(super) member: Member,
    pub(super) role: SaidRole,
}

impl Differ<'_> {
    /// Returns who is put into the class by the lines, by custom ID; the others have their findings.
    pub(super) fn places<'l>(
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
    pub(super) fn place_of<'l>(
        &self,
        line: &'l ClassLine,
        cells: &'l MemberCells,
        known: Option<&Class>,
        fields: &ClassFields,
        further: &HashMap<Guid, BTreeSet<SchoolId>>,
    ) -> Result<Option<MemberPlace<'l>>, Option<(Code, String)>> {
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
    pub(super) fn one_each<'l>(
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
    pub(super) fn roles(&mut self, class: ClassGuid, places: &[MemberPlace]) -> Vec<ClassRole> {
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
    pub(super) fn step_down(&mut self, class: ClassGuid, primary: Option<Guid>, places: &[MemberPlace]) {
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

    /// Decides one user's place in the class.
    pub(super) fn place(&mut self, place: &MemberPlace, role: ClassRole, class: ClassGuid, fields: &ClassFields) {
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
}
