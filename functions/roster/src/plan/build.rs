//! From a comparison to a plan: order, counts, and what holds it.

use std::collections::{BTreeMap, HashMap};

use crate::diff::{Change, Comparison, Diff, Kind};
use crate::model::{SchoolId, UserType};

use super::holds::{self, UserGroup};
use super::{Counts, Plan, Tally};

/// Makes the plan.
///
/// `previous_rows` is how many rows the last full roster of the same scope had.
pub fn plan(diff: Diff, c: &Comparison, previous_rows: Option<u64>) -> Plan {
    let tallies = tallies(&diff);
    let counts = tallies.values().fold(Counts::default(), |sum, counts| sum.plus(counts));
    let holds = holds::find(&diff, &tallies, c, previous_rows);
    let unchanged = diff.same.rows.with(diff.unchanged.into_iter().map(|counted| counted.row).collect());
    let tally = |(UserGroup { school, user_type }, counts)| Tally { school, user_type, counts };
    Plan {
        mode: c.mode,
        scope: c.scope.clone(),
        removal_action: c.settings.removal_action,
        counts,
        tallies: tallies.into_iter().map(tally).collect(),
        holds,
        changes: in_order(diff.changes),
        unchanged,
    }
}

fn tallies(diff: &Diff) -> BTreeMap<UserGroup, Counts> {
    let group = |school: &SchoolId, user_type| UserGroup { school: Some(school.clone()), user_type: Some(user_type) };
    let mut tallies: BTreeMap<UserGroup, Counts> = BTreeMap::new();
    for change in &diff.changes {
        if let Some(fields) = change.shown() {
            *tallies.entry(group(&fields.school, fields.user_type)).or_default().count_mut(change.kind) += 1;
        }
    }
    for row in &diff.unchanged {
        let counts = tallies.entry(group(&row.school, row.user_type)).or_default();
        *counts.of_unchanged(row.row.why) += 1;
    }
    for ((school, user_type), rows) in &diff.same.counts {
        tallies.entry(group(school, *user_type)).or_default().unchanged += rows;
    }
    for row in &diff.rejected {
        let group = UserGroup { school: row.school.clone(), user_type: row.user_type };
        tallies.entry(group).or_default().rejected += 1;
    }
    tallies
}

/// Sorts by school, user type, kind and custom ID; changes of one exchange stand together, where the first of them
/// stands.
fn in_order(mut changes: Vec<Change>) -> Vec<Change> {
    // A change is large, so that sorting moves keys, and each change once.
    changes.sort_by_cached_key(sort_key);
    if changes.iter().all(|change| change.exchange.is_none()) {
        return changes;
    }
    let mut first_of: HashMap<u32, usize> = HashMap::new();
    let mut placed: Vec<(usize, Change)> = Vec::with_capacity(changes.len());
    for (i, change) in changes.into_iter().enumerate() {
        let place = change.exchange.map_or(i, |number| *first_of.entry(number).or_insert(i));
        placed.push((place, change));
    }
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, change)| change).collect()
}

fn sort_key(change: &Change) -> Option<(SchoolId, UserType, Kind, String)> {
    let fields = change.shown()?;
    Some((fields.school.clone(), fields.user_type, change.kind, fields.custom_id.clone()))
}

#[cfg(test)]
mod tests;
