//! Who is put into a class by its lines.

use std::collections::{BTreeSet, HashMap};

use crate::classes::change::{EndReason, EnrolmentChange, EnrolmentKind, ShownEnrolment};
use crate::classes::lines::{CellContent, ClassLine, MemberCells, SaidRole, UserRef};
use crate::classes::members::Member;
use crate::model::{
    Class, ClassFields, ClassGuid, ClassRole, Code, Enrolment, EnrolmentFields, Guid, SchoolId, Status, UserType,
};
use crate::settings::ClassProblem;

use super::differ::{ClassRowResult, Differ};
use super::groups::ClassGroup;

/// Who is put into a class by a line.
pub(super) struct ClassPlace<'l> {
    pub(super) line: &'l ClassLine,
    pub(super) cells: &'l MemberCells,
    pub(super) member: Member,
    pub(super) role: SaidRole,
    /// A student whom the file does not have at the school of the class.
    pub(super) elsewhere: bool,
}

impl Differ<'_> {
    /// Returns who is put into the class by the lines, by custom ID; the others have their findings.
    pub(super) fn places<'l>(
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
    pub(super) fn place_of<'l>(
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
    pub(super) fn is_of_another_type(&self, cells: &MemberCells) -> bool {
        match cells.role {
            CellContent::Value(SaidRole::Is(ClassRole::Student)) => !self.c.mode.covers(UserType::Student),
            CellContent::Value(_) => !self.c.mode.covers(UserType::Teacher),
            CellContent::Absent | CellContent::Empty => false,
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

    /// Returns whether a full sync misses the user where no row is about it.
    pub(super) fn is_missed(&self, member: &Member) -> bool {
        self.is_ours(member) && !self.lines.no_place.is_for(member.user_type, member.status)
    }

    /// Returns whether a full sync may remove users of the type and the school.
    fn is_ours(&self, member: &Member) -> bool {
        self.c.mode.covers(member.user_type)
            && !self.lines.no_place.user_types.contains(&member.user_type)
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

    /// Decides one user's place in the class.
    pub(super) fn place(&mut self, place: &ClassPlace, role: ClassRole, class: ClassGuid, fields: &ClassFields) {
        let ClassPlace { line, cells, member, .. } = place;
        if !self.decided.insert((class, member.guid)) {
            return;
        }
        let existing = self.classes.enrolment(class, member.guid);
        let active = existing.filter(|enrolment| enrolment.is_active());
        let kept = active.map(|enrolment| &enrolment.fields);
        let after = EnrolmentFields {
            role,
            starts: cells.starts.or_kept(kept.and_then(|kept| kept.starts.as_ref())),
            ends: cells.ends.or_kept(kept.and_then(|kept| kept.ends.as_ref())),
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
            shown: ShownEnrolment::new(
                fields,
                member.custom_id.clone(),
                member.first_name.clone(),
                member.last_name.clone(),
            ),
        }
    }
}

/// Returns the role that a row says. A file without roles leaves everybody what they are.
fn said_role(cells: &MemberCells, member: &Member, active: Option<&Enrolment>) -> SaidRole {
    let kept = active.map(|enrolment| enrolment.fields.role).filter(|role| role.suits(member.user_type));
    match (cells.role, kept) {
        (CellContent::Value(role), _) => role,
        (CellContent::Absent, Some(kept)) => SaidRole::Is(kept),
        _ if member.user_type == UserType::Student => SaidRole::Is(ClassRole::Student),
        _ => SaidRole::Teacher,
    }
}
