//! Enrolments that end.

use std::collections::{HashMap, HashSet};

use crate::classes::change::{EndReason, EnrolmentChange, EnrolmentKind, ShownEnrolment};
use crate::classes::lines::{MemberCells, UserRef};
use crate::classes::members::leavers;
use crate::model::{ClassFields, ClassGuid, Enrolment, EnrolmentFields, Fields, Guid};
use crate::plan::Plan;

use super::differ::Differ;
use super::groups::ClassGroup;

impl Differ<'_> {
    /// Returns who is absent from a class that a full sync has whole.
    pub(super) fn absent(&self, class: ClassGuid, lines: &ClassGroup) -> HashSet<Guid> {
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
                && !self.lines.no_place.class_roles.contains(&enrolment.fields.role)
                && !meant.contains(&user)
                && !self.protected.contains(&user)
                && !self.members.is_left_alone(&UserRef::Guid(user, String::new()))
                && self.members.member(user).is_some_and(|member| self.is_missed(&member))
        };
        self.classes.members(class).iter().filter(is_absent).map(|enrolment| enrolment.user).collect()
    }

    pub(super) fn end_all(
        &mut self,
        class: ClassGuid,
        fields: &ClassFields,
        why: EndReason,
        ends: impl Fn(&Enrolment) -> bool,
    ) {
        for enrolment in self.classes.members(class).iter().filter(|e| e.is_active() && ends(e)) {
            let user = enrolment.user;
            if self.decided.insert((class, user)) {
                self.end(enrolment, fields, self.why(user, fields).unwrap_or(why));
            }
        }
    }

    /// Returns why a user's place ends whatever else happens to the class.
    fn why(&self, user: Guid, fields: &ClassFields) -> Option<EndReason> {
        if !self.members.leaves(user, &fields.school) {
            return None;
        }
        Some(if self.members.is_removed(user) { EndReason::UserRemoved } else { EndReason::UserMoved })
    }

    fn end(&mut self, enrolment: &Enrolment, fields: &ClassFields, why: EndReason) {
        self.ended.insert((enrolment.class, enrolment.user));
        let change = self.change_of(enrolment, fields, EnrolmentKind::Ended, None, Some(why));
        self.diff.enrolments.push(change);
    }

    /// Ends the enrolments of users who are removed, and those at the school that somebody leaves.
    pub(super) fn end_of_leavers(&mut self, plan: &Plan) {
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
    pub(super) fn change_of(
        &self,
        enrolment: &Enrolment,
        fields: &ClassFields,
        kind: EnrolmentKind,
        after: Option<EnrolmentFields>,
        why: Option<EndReason>,
    ) -> EnrolmentChange {
        let user = self.members.named(enrolment.user);
        let said = |of: fn(&Fields) -> &String| user.as_ref().map(|u| of(u).clone()).unwrap_or_default();
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
            shown: ShownEnrolment::new(
                fields,
                said(|fields| &fields.custom_id),
                said(|fields| &fields.first_name),
                said(|fields| &fields.last_name),
            ),
        }
    }
}
