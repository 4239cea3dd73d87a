//! A roster that was compared, on its way from the check to the bucket.

use std::collections::HashMap;

use roster::{ClassPlan, Findings, Guid, Hold, ParsedRoster, PartsOfSet, Password, Plan, Roles, Schools, role};
use wire::upload::PlanMade;
use wire::{FileKind, Upload};

/// A roster that was compared with the users.
pub(crate) struct PlannedUpload {
    pub(crate) parsed: ParsedRoster,
    pub(crate) plan: Plan,
    /// What is done of classes; `None` where the roster says nothing of any, and no user leaves one.
    pub(crate) classes: Option<ClassPlan>,
    pub(crate) findings: Findings,
    /// The passwords of the file that the plan sets.
    pub(crate) passwords: HashMap<Guid, Password>,
    /// The hash of the default password, where new users get it.
    pub(crate) default_password: Option<String>,
    /// What temporary passwords are derived from.
    pub(crate) password_seed: [u8; 32],
    pub(crate) schools: Schools,
    /// The other files of a set.
    pub(crate) set: Option<PartsOfSet>,
}

/// A plan that stands in the bucket.
pub(crate) struct WrittenPlan {
    pub(crate) digest: String,
    pub(crate) errors: Vec<FileKind>,
}

impl PlannedUpload {
    /// Returns how many rows the roster has in all its files.
    pub(crate) fn row_count(&self) -> u64 {
        let of_set = self.set.iter().flat_map(PartsOfSet::files).map(|(_, file)| file.row_count());
        (self.parsed.row_count() + of_set.sum::<usize>()) as u64
    }

    /// Returns the roles of the accounts that the plan makes or hands over.
    pub(crate) fn hands_out(&self) -> Roles {
        role::handed_out(&self.plan.changes, &self.schools)
    }

    /// Returns the roles of the accounts that the plan closes.
    pub(crate) fn closes(&self) -> Roles {
        role::closed(&self.plan.changes, &self.schools)
    }

    /// Returns the upload once the plan is written.
    pub(crate) fn recorded(&self, mut upload: Upload, written: WrittenPlan, now: u64) -> Upload {
        let WrittenPlan { digest, errors } = written;
        let (counts, findings) = (self.plan.counts, self.findings.counts().clone());
        let class_counts = self.classes.as_ref().map(|classes| classes.counts);
        let holds = recorded_holds(&self.plan.holds);
        let profile = self.parsed.profile();
        upload.plan_made(PlanMade { digest, profile, counts, class_counts, findings, holds, errors }, now);
        upload
    }
}

/// How many passed limits are recorded with an upload, which is one item of the table.
const MAX_LIMITS: usize = 40;

/// Returns every reason to hold the plan, but of very many limits only the first ones and how many more there are.
fn recorded_holds(holds: &[Hold]) -> Vec<Hold> {
    let (limits, mut recorded): (Vec<Hold>, Vec<Hold>) =
        holds.iter().cloned().partition(|hold| matches!(hold, Hold::Limit { .. }));
    let others = limits.len().saturating_sub(MAX_LIMITS);
    recorded.extend(limits.into_iter().take(MAX_LIMITS));
    recorded.extend((others > 0).then_some(Hold::Others { count: others as u64 }));
    recorded
}

#[cfg(test)]
mod tests {
    use roster::LimitOf;

    use super::*;

    #[test]
    fn no_reason_is_lost_among_very_many_limits() {
        let limit = |n: usize| Hold::Limit {
            of: LimitOf::Removals,
            school: Some(roster::SchoolId(n.to_string())),
            user_type: None,
            share: true,
            measured: 50.0,
            limit: 10.0,
        };
        let mut holds: Vec<Hold> = [Hold::ApprovalRequired].into_iter().chain((0..45).map(limit)).collect();
        holds.push(Hold::RowsCutOff);
        let recorded = recorded_holds(&holds);
        assert_eq!(recorded[..2], [Hold::ApprovalRequired, Hold::RowsCutOff]);
        assert_eq!((recorded.len(), recorded.last()), (43, Some(&Hold::Others { count: 5 })));
        assert_eq!(recorded_holds(&[limit(1), limit(2)]), [limit(1), limit(2)]);
    }
}
