//! Enrolments that end without a line that says so.

use std::collections::{HashMap, HashSet};

use crate::diff::{Change, Kind};
use crate::model::{ClassFields, ClassGuid, Enrolment, Guid};
use crate::plan::Plan;

use super::change::{EndReason, EnrolmentChange, EnrolmentKind};
use super::differ::{Differ, LinesOfClass};

impl Differ<'_> {
    /// Ends the enrolments of those who are not in the file, in a full sync of a class that the file has whole.
    pub(super) fn end_absent(&mut self, class: ClassGuid, fields: &ClassFields, lines: &LinesOfClass, unsure: bool) {
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

    pub(super) fn end_all(
        &mut self,
        class: ClassGuid,
        fields: &ClassFields,
        why: EndReason,
        ends: impl Fn(&Enrolment) -> bool,
    ) {
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
    pub(super) fn end_of_leavers(&mut self, plan: &Plan) {
        let mut leaving: Vec<Guid> = self.leaving.iter().copied().collect();
        leaving.sort_unstable();
        let changes: HashMap<Guid, &Change> = plan.changes.iter().map(|change| (change.guid, change)).collect();
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
}
