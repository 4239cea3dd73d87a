//! What an upload would change of classes, and why it waits for an administrator.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::model::{ClassDirectory, Directory, Findings, SchoolId};
use crate::plan::{Hold, Plan};
use crate::settings::ClassRules;

use super::change::{ClassChange, ClassKind, EnrolmentChange, EnrolmentKind};
use super::compare::compare;
use super::compare::differ::{ClassComparison, ClassDiff, ClassRow, ClassRowResult, ClassSize};
use super::lines::ClassLines;

/// All that one upload changes of classes, carried out once the changes of its users are.
///
/// Immutable.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClassPlan {
    pub counts: ClassCounts,
    /// For each school that the roster or the changes touch, sorted.
    pub tallies: Vec<ClassTally>,
    pub holds: Vec<Hold>,
    /// Sorted by school, kind and class ID; carried out before the enrolments.
    pub classes: Vec<ClassChange>,
    /// Sorted by school, class, kind and custom ID.
    pub enrolments: Vec<EnrolmentChange>,
    /// The rows that change no enrolment, by file and row.
    pub rows: Vec<ClassRow>,
}

/// What is done to classes, and to enrolments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassCounts {
    /// An archived class counts as ended, one that is taught again as updated.
    pub classes: ItemCounts,
    pub enrolments: ItemCounts,
}

/// How many classes, or enrolments, become what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ItemCounts {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub ended: u64,
    pub rejected: u64,
}

/// The counts of one school; `None` for rejected ones whose school can't be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassTally {
    pub school: Option<SchoolId>,
    pub counts: ClassCounts,
}

impl ItemCounts {
    /// Returns how many changes there are.
    pub fn changes(&self) -> u64 {
        self.created + self.updated + self.ended
    }

    /// Returns whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        *self == ItemCounts::default()
    }

    /// Returns the sum of both.
    pub fn plus(&self, other: &ItemCounts) -> ItemCounts {
        ItemCounts {
            created: self.created + other.created,
            updated: self.updated + other.updated,
            unchanged: self.unchanged + other.unchanged,
            ended: self.ended + other.ended,
            rejected: self.rejected + other.rejected,
        }
    }
}

impl ClassCounts {
    /// Returns how many changes there are.
    pub fn changes(&self) -> u64 {
        self.classes.changes() + self.enrolments.changes()
    }

    /// Returns whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        *self == ClassCounts::default()
    }

    /// Returns the sum of both.
    pub fn plus(&self, other: &ClassCounts) -> ClassCounts {
        ClassCounts { classes: self.classes.plus(&other.classes), enrolments: self.enrolments.plus(&other.enrolments) }
    }

    /// Returns how many classes and enrolments are rejected.
    pub fn rejected(&self) -> u64 {
        self.classes.rejected + self.enrolments.rejected
    }

    /// Returns the counts of what needs no change, before any is counted.
    pub fn before_changes(&self) -> ClassCounts {
        let rest = |counts: &ItemCounts| ItemCounts {
            unchanged: counts.unchanged,
            rejected: counts.rejected,
            ..ItemCounts::default()
        };
        ClassCounts { classes: rest(&self.classes), enrolments: rest(&self.enrolments) }
    }

    /// Counts the change of a class.
    pub fn count_class(&mut self, kind: ClassKind) {
        match kind {
            ClassKind::Created => self.classes.created += 1,
            ClassKind::Updated | ClassKind::Restored => self.classes.updated += 1,
            ClassKind::Archived => self.classes.ended += 1,
        }
    }

    /// Counts the change of an enrolment.
    pub fn count_enrolment(&mut self, kind: EnrolmentKind) {
        match kind {
            EnrolmentKind::Created => self.enrolments.created += 1,
            EnrolmentKind::Updated => self.enrolments.updated += 1,
            EnrolmentKind::Ended => self.enrolments.ended += 1,
        }
    }
}

impl ClassPlan {
    /// Returns whether nothing is changed, and nothing was said of classes.
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty() && self.enrolments.is_empty() && self.rows.is_empty() && self.counts.is_empty()
    }
}

/// Plans what the lines of a roster change of classes.
///
/// `plan` is that of its users and `users` are those it was made with. `classes` holds every class that the lines name,
/// those of users who leave or move, and all enrolments of both.
pub fn plan_classes(
    lines: &ClassLines,
    plan: &Plan,
    users: &Directory,
    classes: &ClassDirectory,
    c: &ClassComparison,
) -> (ClassPlan, Findings) {
    let diff = compare(lines, plan, users, classes, c);
    let tallies = tallies(&diff, classes);
    let counts = tallies.values().fold(ClassCounts::default(), |sum, counts| sum.plus(counts));
    let holds = holds(&diff.sizes, c.rules);
    let ClassDiff { mut classes, mut enrolments, mut rows, mut findings, .. } = diff;
    findings.sort();
    classes.sort_by_cached_key(|change| (change.after.school.clone(), change.kind, change.after.class_id.clone()));
    enrolments.sort_by_cached_key(|change| {
        let shown = &change.shown;
        (shown.school.clone(), shown.class_id.clone(), change.kind, shown.custom_id.clone(), change.user)
    });
    rows.sort_by_key(|row| (row.part, row.row));
    let tallies = tallies.into_iter().map(|(school, counts)| ClassTally { school, counts }).collect();
    (ClassPlan { counts, tallies, holds, classes, enrolments, rows }, findings)
}

fn tallies(diff: &ClassDiff, classes: &ClassDirectory) -> BTreeMap<Option<SchoolId>, ClassCounts> {
    let mut tallies: BTreeMap<Option<SchoolId>, ClassCounts> = BTreeMap::new();
    let mut schools: HashMap<_, SchoolId> =
        classes.iter().map(|class| (class.guid, class.fields.school.clone())).collect();
    for change in &diff.classes {
        schools.insert(change.class, change.after.school.clone());
        tallies.entry(Some(change.after.school.clone())).or_default().count_class(change.kind);
    }
    for change in diff.enrolments.iter().filter(|change| !change.only_two_people) {
        tallies.entry(Some(change.shown.school.clone())).or_default().count_enrolment(change.kind);
    }
    for row in diff.rows.iter().filter(|row| row.why == ClassRowResult::Same) {
        tallies.entry(schools.get(&row.class).cloned()).or_default().enrolments.unchanged += 1;
    }
    for school in &diff.same_classes {
        tallies.entry(Some(school.clone())).or_default().classes.unchanged += 1;
    }
    for school in &diff.rejected_classes {
        tallies.entry(school.clone()).or_default().classes.rejected += 1;
    }
    for school in &diff.rejected_enrolments {
        tallies.entry(school.clone()).or_default().enrolments.rejected += 1;
    }
    tallies
}

/// Returns why the plan waits: too many enrolments end, over all, in a school or in a class, or too many classes.
fn holds(sizes: &[ClassSize], rules: &ClassRules) -> Vec<Hold> {
    let mut holds = Vec::new();
    let mut of_school: BTreeMap<SchoolId, (u64, u64)> = BTreeMap::new();
    for size in sizes {
        let sum = of_school.entry(size.school.clone()).or_default();
        *sum = (sum.0 + size.ended, sum.1 + size.now);
    }
    let (ended, now) = of_school.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let share = |ended: u64, now: u64| ended as f64 * 100.0 / now as f64;
    let past = |(ended, now): (u64, u64), limit: Option<f64>, from: u64| {
        limit.filter(|&limit| now > 0 && now >= from && share(ended, now) > limit)
    };
    let from = u64::from(rules.large_share_from);
    if let Some(limit) = past((ended, now), rules.ended_percent, from) {
        holds.push(Hold::EnrolmentsEnd { school: None, class: None, measured: share(ended, now), limit });
    }
    for (school, sum) in of_school {
        if let Some(limit) = past(sum, rules.ended_percent, from) {
            let measured = share(sum.0, sum.1);
            holds.push(Hold::EnrolmentsEnd { school: Some(school), class: None, measured, limit });
        }
    }
    for size in sizes.iter().filter(|size| !size.archived) {
        if let Some(limit) = past((size.ended, size.now), rules.class_ended_percent, from) {
            let (school, class) = (Some(size.school.clone()), Some(size.name.clone()));
            holds.push(Hold::EnrolmentsEnd { school, class, measured: share(size.ended, size.now), limit });
        }
    }
    let archived = sizes.iter().filter(|size| size.archived).count() as u64;
    if let Some(limit) = rules.archived_number.filter(|limit| archived > *limit) {
        holds.push(Hold::ClassesArchived { classes: archived, limit });
    }
    holds
}
