//! What holds of classes for every roster that could be read.

use std::collections::BTreeSet;

use roster::{ClassCounts, ClassPlan, EndReason, EnrolmentKind, Guid, SetPart};
use tests::case::Case;
use tests::outcome::{CaseOutcome, Planned, run, run_in_reverse};

pub fn hold(case: &Case, planned: &Planned) {
    every_row_about_a_class_is_counted_once(planned);
    tallies_add_up(&planned.class_plan);
    absence_ends_enrolments_only_in_a_full_sync(case, &planned.class_plan);
    nobody_is_in_a_class_that_is_not_there(planned);
    a_second_time_changes_no_class(case, planned);
    the_order_of_rows_does_not_matter(case, planned);
}

fn every_row_about_a_class_is_counted_once(planned: &Planned) {
    let plan = &planned.class_plan;
    for (part, sent) in &planned.class_rows {
        let enrolments = plan.enrolments.iter().filter(|change| change.part == *part).filter_map(|change| change.row);
        let mut rows: Vec<u32> = enrolments.collect();
        rows.extend(plan.rows.iter().filter(|row| row.part == *part).map(|row| row.row));
        rows.extend(planned.rejected_in(*part).intersection(sent));
        rows.sort_unstable();
        let sent: Vec<u32> = sent.iter().copied().collect();
        assert_eq!(
            rows, sent,
            "every row of {part:?} changes an enrolment, changes none or is rejected, and only once"
        );
    }
}

fn tallies_add_up(plan: &ClassPlan) {
    let sum = plan.tallies.iter().fold(ClassCounts::default(), |sum, tally| sum.plus(&tally.counts));
    assert_eq!(sum, plan.counts, "the tallies add up to the counts");
    let changes = (plan.classes.len() + plan.enrolments.iter().filter(|change| !change.only_two_people).count()) as u64;
    assert_eq!(plan.counts.changes(), changes);
}

fn absence_ends_enrolments_only_in_a_full_sync(case: &Case, plan: &ClassPlan) {
    let absent = plan.enrolments.iter().filter(|change| change.why == Some(EndReason::Absent));
    assert!(case.about.mode.removes_absent() || absent.count() == 0, "a partial sync ends an enrolment by absence");
    for change in &plan.enrolments {
        assert_eq!(change.kind == EnrolmentKind::Ended, change.why.is_some(), "what ends says why");
        assert!(change.row.is_some() || change.kind != EnrolmentKind::Created || change.only_two_people);
    }
}

fn nobody_is_in_a_class_that_is_not_there(planned: &Planned) {
    let after = &planned.after;
    let there: BTreeSet<Guid> = after.users.iter().filter(|user| user.deleted_at.is_none()).map(|u| u.guid).collect();
    for enrolment in after.enrolments.iter().filter(|enrolment| enrolment.is_active()) {
        let class = after.classes.iter().find(|class| class.guid == enrolment.class);
        assert!(class.is_some_and(|class| class.is_active()), "{enrolment:?} outlives its class");
        assert!(there.contains(&enrolment.user), "{enrolment:?} outlives its user");
    }
    let removed = planned.plan.changes.iter().filter(|change| change.kind == roster::Kind::Removed);
    for user in removed.map(|change| change.guid) {
        assert!(!after.enrolments.iter().any(|e| e.user == user && e.is_active()), "a removed user is in a class");
    }
}

fn a_second_time_changes_no_class(case: &Case, planned: &Planned) {
    let CaseOutcome::Planned(again) = run(&case.roster, &planned.after, &case.terms()) else {
        panic!("the file was read before");
    };
    assert_eq!(again.class_plan.classes, [], "the same file again changes no class");
    assert_eq!(again.class_plan.enrolments, [], "and no enrolment");
    for part in [None, Some(SetPart::Classes), Some(SetPart::Enrolments)] {
        assert_eq!(again.rejected_in(part), planned.rejected_in(part), "the same rows of {part:?} are rejected");
    }
}

fn the_order_of_rows_does_not_matter(case: &Case, planned: &Planned) {
    if planned.findings.iter().any(|f| f.code == roster::Code::RowRepeated) {
        return; // of rows that are the same, the first is taken
    }
    let other = run_in_reverse(&case.roster, &case.world, &case.terms());
    assert_eq!(other.class_plan, planned.class_plan, "the rows in reverse order give the same plan");
    assert_eq!(other.plan, planned.plan, "for users, too");
    assert_eq!(other.findings, planned.findings, "and the same findings");
}
