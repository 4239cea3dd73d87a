//! Which role each of the users of a class gets.

use std::collections::HashSet;

use crate::classes::change::EnrolmentKind;
use crate::classes::lines::SaidRole;
use crate::model::{ClassFields, ClassGuid, ClassRole, Code, Enrolment, EnrolmentFields, Guid};

use super::differ::Differ;
use super::places::ClassPlace;

impl Differ<'_> {
    /// Decides the role of each place. The primary teacher stays, unless the settings let a file say otherwise.
    pub(super) fn roles(
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
}
