//! What the lines about a class say of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Class, ClassFields, ClassStatus, Code, Grade, SchoolId, UserType};

use super::differ::{Differ, LinesOfClass};
use super::lines::{ClassCells, ClassLine};

impl Differ<'_> {
    /// Returns the class as the lines say it, or why they can't be followed.
    pub(super) fn fields(
        &self,
        known: Option<&Class>,
        lines: &LinesOfClass,
    ) -> Result<ClassFields, (Code, Option<String>)> {
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
        // A class of the file is taught, unless the file says otherwise; enrolments alone say nothing of that.
        let unsaid = if said.is_empty() { known.map(|class| class.fields.status) } else { None };
        let said_status = first.status.or(unsaid).unwrap_or(ClassStatus::Active);
        let status = if removes { ClassStatus::Archived } else { said_status };
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
        if fields.name.is_empty() && !removes {
            return Err((Code::ClassNameMissing, None));
        }
        Ok(fields)
    }

    /// Returns why lines are about a class that there is not.
    pub(super) fn code_of_no_class(&self, lines: &LinesOfClass) -> Code {
        if lines.iter().any(|line| line.cells.is_some()) { Code::ClassRejected } else { Code::ClassUnknown }
    }

    /// Returns the school of a new class of one file: that of most of its students or, where there are none, of most rows.
    pub(super) fn school_of_rows(&self, said: &[(&ClassLine, &ClassCells)]) -> Option<SchoolId> {
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
}
