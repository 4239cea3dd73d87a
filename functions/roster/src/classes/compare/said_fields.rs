//! What the lines about one class say of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::classes::lines::{ClassCells, ClassLine};
use crate::model::{Class, ClassFields, ClassStatus, Code, Column, Grade, SchoolId, UserType};

use super::differ::Differ;
use super::groups::ClassGroup;

impl Differ<'_> {
    /// Returns the class as the lines say it, or why they can't be followed.
    pub(super) fn fields(
        &self,
        known: Option<&Class>,
        lines: &ClassGroup,
    ) -> Result<ClassFields, (Code, Option<String>)> {
        let said: Vec<(&ClassLine, &ClassCells)> = lines
            .iter()
            .filter(|line| self.counts(line))
            .filter_map(|line| Some((*line, line.cells.as_ref()?)))
            .collect();
        let removes = said.iter().any(|(line, _)| line.removes)
            || lines.iter().any(|line| line.removes && line.cells.is_none() && self.counts(line));
        let school = self.school_of(known, &said).ok_or_else(|| (self.code_of_no_class(lines), None))?;
        let in_scope = |school: &SchoolId| self.c.scope.covers(school);
        if !in_scope(&school) || known.is_some_and(|class| !in_scope(&class.fields.school)) {
            return Err((Code::ClassOutOfScope, None));
        }
        let kept = known.map(|class| &class.fields);
        if removes && let Some(kept) = kept {
            // Whatever else the rows say.
            return Ok(ClassFields { status: ClassStatus::Archived, ..kept.clone() });
        }
        let class_id = self.class_id(kept, &said)?;
        if !removes {
            self.agree(&said)?;
        }
        let first = said.first().map(|(_, cells)| (*cells).clone()).unwrap_or_default();
        let text = |said: &Option<String>, kept_of: fn(&ClassFields) -> &String| {
            said.clone().or_else(|| kept.map(|fields| kept_of(fields).clone())).unwrap_or_default()
        };
        let status = match first.status {
            _ if removes => ClassStatus::Archived,
            Some(status) => status,
            // A class of the file is taught, unless the file says otherwise.
            None if !said.is_empty() => ClassStatus::Active,
            None => kept.map_or(ClassStatus::Active, |fields| fields.status),
        };
        let fields = ClassFields {
            class_id,
            school,
            name: text(&first.name, |fields| &fields.name),
            grade: first.grade.or(kept.map(|fields| fields.grade)).unwrap_or(Grade::Unspecified),
            course_code: text(&first.course_code, |fields| &fields.course_code),
            subject: text(&first.subject, |fields| &fields.subject),
            period: text(&first.period, |fields| &fields.period),
            term: text(&first.term, |fields| &fields.term),
            starts: first.starts.or_kept(kept.and_then(|fields| fields.starts.as_ref())),
            ends: first.ends.or_kept(kept.and_then(|fields| fields.ends.as_ref())),
            status,
        };
        if fields.name.is_empty() && !removes { Err((Code::ClassNameMissing, None)) } else { Ok(fields) }
    }

    /// Returns the school of a class: in one file that of a known class stays, for its rows have the schools of users.
    fn school_of(&self, known: Option<&Class>, said: &[(&ClassLine, &ClassCells)]) -> Option<SchoolId> {
        let kept = || known.map(|class| class.fields.school.clone());
        match self.lines.set {
            None => kept().or_else(|| self.school_of_rows(said)),
            Some(_) => said.iter().find_map(|(_, cells)| cells.school.clone()).or_else(kept),
        }
    }

    /// Returns the ID that a class has by its rows. Those that name it by GUID may give it another one, and then no row
    /// about the class has the old one.
    fn class_id(
        &self,
        kept: Option<&ClassFields>,
        said: &[(&ClassLine, &ClassCells)],
    ) -> Result<String, (Code, Option<String>)> {
        let named = |line: &ClassLine| Some(line.class_id.clone()).filter(|id| !id.is_empty());
        let ids: BTreeSet<String> = said.iter().filter_map(|(line, _)| named(line)).collect();
        let present = || kept.map(|fields| fields.class_id.clone());
        match ids.len() {
            0 => Ok(present().unwrap_or_default()),
            1 => Ok(ids.into_iter().next().unwrap_or_default()),
            _ => {
                let ids: Vec<String> = ids.into_iter().take(4).collect();
                let expected = format!("The same class_id in all rows of the class; they say {}.", ids.join(", "));
                Err((Code::ClassCellsDiffer, Some(expected)))
            }
        }
    }

    /// Returns which cells about the class disagree, if any do. In one file rows have the schools of their users.
    fn agree(&self, said: &[(&ClassLine, &ClassCells)]) -> Result<(), (Code, Option<String>)> {
        let Some((first, cells)) = said.first() else { return Ok(()) };
        let differs = |other: &ClassCells| cells.differing(other, self.lines.set.is_some());
        let Some((line, columns)) =
            said.iter().map(|(line, other)| (line, differs(other))).find(|(_, columns)| !columns.is_empty())
        else {
            return Ok(());
        };
        let columns: Vec<&str> = columns.into_iter().map(Column::header).collect();
        let (columns, first, other) = (columns.join(", "), first.row, line.row);
        let expected = format!("The same {columns} in all rows of the class; rows {first} and {other} differ.");
        Err((Code::ClassCellsDiffer, Some(expected)))
    }

    /// Returns why lines are about a class that there is not.
    fn code_of_no_class(&self, lines: &ClassGroup) -> Code {
        if lines.iter().any(|line| line.cells.is_some()) { Code::ClassRejected } else { Code::ClassUnknown }
    }

    /// Returns the school of a new class of one file: that of most of its students or, where there are none, of most rows.
    fn school_of_rows(&self, said: &[(&ClassLine, &ClassCells)]) -> Option<SchoolId> {
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
