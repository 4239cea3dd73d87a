//! Lines that are rejected, and what is said of them.

use crate::classes::lines::ClassLine;
use crate::model::{Class, Code, Column, Finding, SchoolId, SetPart};

use super::differ::Differ;
use super::groups::ClassGroup;

impl Differ<'_> {
    /// Rejects everything that the lines say.
    pub(super) fn reject_group(
        &mut self,
        known: Option<&Class>,
        lines: &ClassGroup,
        code: Code,
        expected: Option<String>,
    ) {
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

    /// Returns whether every row of the file of classes about a class was rejected.
    pub(super) fn is_rejected(&self, lines: &ClassGroup) -> bool {
        let mut own = lines.iter().filter(|line| line.part == Some(SetPart::Classes)).peekable();
        own.peek().is_some() && own.all(|line| line.rejected)
    }

    /// Rejects a line of which nobody knows which class it is about: its user stays in all classes.
    pub(super) fn reject(&mut self, line: &ClassLine, code: Code) {
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

    pub(super) fn count_rejected(&mut self, line: &ClassLine, school: Option<SchoolId>) {
        if line.member.is_some() {
            self.diff.rejected_enrolments.push(school);
        }
    }

    pub(super) fn warn(&mut self, line: &ClassLine, code: Code, class_id: &str) {
        let finding = Finding::at(code, line.row, Column::ClassId, class_id).in_part(line.part);
        self.diff.findings.push(finding);
    }

    pub(super) fn report(&mut self, line: &ClassLine, code: Code, value: &str, expected: Option<String>) {
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
}
