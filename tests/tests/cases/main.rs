//! Every folder of `cases`: what must come of it, what holds for all of them, and snapshots of what came.

mod class_invariants;
mod invariants;
mod show;
mod show_classes;

use std::collections::{BTreeMap, BTreeSet};

use roster::{Code, Counts, Finding, Hold, LimitOf, Schools};
use tests::case::Case;
use tests::outcome::{CaseOutcome, Planned, by_code};

/// What only applying a plan can find; the system tests do.
const FOUND_WHILE_APPLYING: [Code; 5] =
    [Code::UserDrifted, Code::TakenMeanwhile, Code::UserProtected, Code::ClassDrifted, Code::EnrolmentDrifted];

/// What is found where the files of a set are taken in, before any of them is read.
const FOUND_ON_THE_WAY_IN: [Code; 3] = [Code::SetIncomplete, Code::SetUnknown, Code::ArchiveUnreadable];

include!(concat!(env!("OUT_DIR"), "/cases.rs"));

/// What the test of every folder does.
fn check(name: &str) {
    let case = Case::load(name);
    let expect = &case.about.expect;
    match case.run() {
        CaseOutcome::Failed(findings) => {
            assert!(expect.failed, "the file failed: {findings:#?}");
            assert_findings(&findings, &expect.findings);
            snapshot(&case, &[("findings", show::findings(&findings))]);
        }
        CaseOutcome::Planned(planned) => {
            assert!(!expect.failed, "the file should have failed: {:#?}", planned.findings);
            let files = planned.files(&case.schools);
            let mut parts = vec![
                ("findings", show::findings(&planned.findings)),
                ("plan", show::plan(&planned.plan, &case.schools)),
                ("files", show::files(&files, &case)),
                ("directory", show::directory(&case.world, &planned.after, &case.schools)),
            ];
            if !planned.class_plan.is_empty() || !case.world.classes.is_empty() {
                parts.push(("classes", show_classes::classes(&case, &planned)));
            }
            snapshot(&case, &parts);
            assert_findings(&planned.findings, &expect.findings);
            assert_eq!(planned.plan.counts, Counts::from(&expect.counts), "counts");
            assert_eq!(planned.class_plan.counts.classes, expect.classes, "counts of classes");
            assert_eq!(planned.class_plan.counts.enrolments, expect.enrolments, "counts of enrolments");
            assert_holds(&planned, &expect.holds, &case.schools);
            invariants::hold(&case, &planned, &files);
            class_invariants::hold(&case, &planned);
        }
    }
}

#[test]
fn every_code_is_found_in_some_case() {
    let mut found = BTreeSet::new();
    for name in Case::names() {
        match Case::load(&name).run() {
            CaseOutcome::Failed(findings) => found.extend(findings.iter().map(|f| f.code)),
            CaseOutcome::Planned(planned) => found.extend(planned.findings.iter().map(|f| f.code)),
        }
    }
    let planned = |code: &&Code| !FOUND_WHILE_APPLYING.contains(code) && !FOUND_ON_THE_WAY_IN.contains(code);
    let missing: Vec<_> = Code::ALL.iter().filter(planned).filter(|code| !found.contains(code)).collect();
    assert!(missing.is_empty(), "no case finds {missing:?}");
}

fn assert_findings(findings: &[Finding], expected: &BTreeMap<Code, u64>) {
    let found = by_code(findings);
    assert_eq!(&found, expected, "{findings:#?}");
}

/// `limit` among the expected holds stands for any number of limits.
fn assert_holds(planned: &Planned, expected: &[String], schools: &Schools) {
    let any_limit = expected.iter().any(|e| e == "limit");
    let word = |hold: &Hold| match hold {
        Hold::Limit { .. } if any_limit => "limit".to_owned(),
        hold => word_of(hold, schools),
    };
    let holds = || planned.plan.holds.iter().chain(&planned.class_plan.holds);
    let found: BTreeSet<String> = holds().map(word).collect();
    assert_eq!(found, expected.iter().cloned().collect(), "{:#?}", holds().collect::<Vec<_>>());
}

fn word_of(hold: &Hold, schools: &Schools) -> String {
    match hold {
        Hold::ApprovalRequired => "approval_required".to_owned(),
        Hold::RowsWithoutOwner { .. } => "rows_without_owner".to_owned(),
        Hold::FileShrank { .. } => "file_shrank".to_owned(),
        Hold::HandsOutMore => "hands_out_more".to_owned(),
        Hold::ClosesMore => "closes_more".to_owned(),
        Hold::FromBucket => "from_bucket".to_owned(),
        Hold::ManyRekeyed { .. } => "many_rekeyed".to_owned(),
        Hold::NamesExchanged { .. } => "names_exchanged".to_owned(),
        Hold::NamesMixedUp { .. } => "names_mixed_up".to_owned(),
        Hold::Doubtful { code, .. } => format!("doubtful {code}"),
        Hold::RowsCutOff => "rows_cut_off".to_owned(),
        Hold::OnlyOtherTypes => "only_other_types".to_owned(),
        Hold::Others { .. } => "others".to_owned(),
        Hold::EnrolmentsEnd { school, class, .. } => {
            let school = school.as_ref().and_then(|id| schools.by_id(id)).map(|s| s.external_id.clone());
            let group = class.clone().or(school);
            group.map_or("enrolments_end".to_owned(), |group| format!("enrolments_end {group}"))
        }
        Hold::ClassesArchived { .. } => "classes_archived".to_owned(),
        Hold::Limit { of, school, user_type, .. } => {
            let of = if *of == LimitOf::Removals { "removals" } else { "changes" };
            let school = school.as_ref().and_then(|id| schools.by_id(id)).map(|s| s.external_id.clone());
            let group = school.or(user_type.map(|t| t.to_string()));
            group.map_or(format!("limit {of}"), |group| format!("limit {of} {group}"))
        }
    }
}

/// Compares with the snapshots that lie beside the roster.
fn snapshot(case: &Case, parts: &[(&str, String)]) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&case.folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(case.about.about.clone());
    settings.bind(|| {
        for (name, content) in parts {
            assert!(!content.contains("PLANTED"), "a password is in {name}");
            insta::assert_snapshot!(*name, content);
        }
    });
}
