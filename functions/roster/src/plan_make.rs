//! From a comparison to a plan: order, counts, and what holds it.

use crate::diff::{Comparison, Diff};
use crate::plan::{Counts, Plan};

/// Makes the plan. `previous_rows` is how many rows the last full roster of the same scope had.
pub fn plan(diff: Diff, c: &Comparison, _previous_rows: Option<u64>) -> Plan {
    let counts = Counts { rejected: diff.rejected.len() as u64, ..Counts::default() };
    Plan {
        mode: c.mode,
        scope: c.scope.clone(),
        removal_action: c.settings.removal_action,
        counts,
        tallies: Vec::new(),
        holds: Vec::new(),
        changes: diff.changes,
        unchanged: diff.unchanged.into_iter().map(|u| u.row).collect(),
    }
}
