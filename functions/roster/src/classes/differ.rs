//! What a comparison of classes knows, and what it has found so far.

use std::collections::HashSet;

use crate::diff::Sender;
use crate::model::{
    ClassDirectory, ClassFields, ClassGuid, Code, Column, Enrolment, EnrolmentFields, Fields, Finding, Findings, Guid,
    SchoolId, SetPart,
};
use crate::settings::{ClassRules, Mode, Scope};

use super::change::{ClassChange, EndReason, EnrolmentChange, EnrolmentKind, ShownEnrolment};
use super::lines::{ClassLine, ClassLines};
use super::members::Members;

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
    pub part: Option<SetPart>,
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

/// A comparison under way.
pub(super) struct Differ<'p> {
    pub(super) lines: &'p ClassLines,
    pub(super) members: Members<'p>,
    /// The users who are removed or move.
    pub(super) leaving: HashSet<Guid>,
    pub(super) classes: &'p ClassDirectory,
    pub(super) c: &'p ClassComparison<'p>,
    pub(super) diff: ClassDiff,
    /// The enrolments of which something is decided.
    pub(super) decided: HashSet<(ClassGuid, Guid)>,
}

/// All lines about one class.
pub(super) type LinesOfClass<'l> = Vec<&'l ClassLine>;

impl Differ<'_> {
    pub(super) fn reject(&mut self, line: &ClassLine, code: Code, school: Option<SchoolId>) {
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

    pub(super) fn row(&mut self, line: &ClassLine, class: ClassGuid, why: ClassRowResult) {
        self.diff.rows.push(ClassRow { part: line.part, row: line.row, class, why });
    }
}
