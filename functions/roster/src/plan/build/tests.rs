//! Counts, order and holds of whole plans.

use crate::diff::{Comparison, diff};
use crate::file::parse;
use crate::model::{Directory, Findings, Schools};
use crate::plan::Plan;
use crate::settings::{LargeChanges, LimitSet, Limits, Mode, ModeSettings, Scope, Settings};
use crate::testing::{roster, schools, users};
use crate::validate::validate;

use super::plan;

fn planned(settings: &ModeSettings, directory: &[&str], rows: &[&str], previous: Option<u64>) -> (Plan, Findings) {
    let (parsed, mut findings) = parse(&roster(rows), &crate::Reading::strict());
    let (valid, of_rows) =
        validate(&parsed.expect("the headers are right"), &schools(), &Scope::Organisation, settings);
    let comparison = Comparison {
        mode: Mode::Full,
        sender: Default::default(),
        scope: Scope::Organisation,
        settings,
        accounts: &crate::Accounts::default(),
        now: crate::testing::NOW,
        schools: &schools(),
        max_exchange_writes: crate::testing::MAX_EXCHANGE_WRITES,
        guid_seed: [1; 32],
        password_is_current: &|_, _| false,
    };
    let (diff, of_users) = diff(valid, &Directory::new(users(directory)), &comparison).of_everybody();
    findings.append(of_rows);
    findings.append(of_users);
    (plan(diff, &comparison, previous), findings)
}

fn sentences(plan: &Plan, schools: &Schools) -> Vec<String> {
    let name = |id: &_| schools.by_id(id).map(|s| s.name.as_str());
    plan.holds.iter().map(|hold| hold.sentence(name)).collect()
}

/// Ten students of North and ten of the office, of whom the rows leave out the first `removed` of North and add
/// `created` to the office; and why the plan waits.
fn check(limits: Limits, removed: usize, created: usize, expected: &[&str]) {
    let settings = ModeSettings { requires_approval: false, limits, ..ModeSettings::default() };
    let user = |school: &str, i: usize| format!("custom_id={school}{i}|school_district_external_id={school}");
    let directory: Vec<String> = (0..10).flat_map(|i| [user("10", i), user("D", i)]).collect();
    let mut rows: Vec<String> = (removed..10).map(|i| user("10", i)).collect();
    rows.extend((0..10 + created).map(|i| user("D", i)));
    let directory: Vec<&str> = directory.iter().map(String::as_str).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let (plan, _) = planned(&settings, &directory, &rows, None);
    assert_eq!(sentences(&plan, &schools()), expected);
}

fn none() -> Limits {
    Limits {
        overall: LimitSet::default(),
        per_school: LimitSet::default(),
        per_user_type: LimitSet::default(),
        shrink_percent: None,
        large_changes: None,
    }
}

#[test]
fn limits() {
    check(
        Limits::default(),
        0,
        20,
        &[
            "The plan changes 100 % of all users, more than the limit of 25 %.",
            "The plan changes 100 % of all students, more than the limit of 25 %.",
        ],
    );
    check(Limits::default(), 0, 5, &[]);
    check(Limits { large_changes: None, ..Limits::default() }, 0, 20, &[]);
    check(
        Limits { large_changes: Some(LargeChanges { percent: 20.0, group: 10 }), ..none() },
        0,
        3,
        &["The plan changes 30 % of the users of Office, more than the limit of 20 %."],
    );
    check(Limits::default(), 1, 0, &[]);
    check(Limits::default(), 2, 0, &["The plan removes 20 % of the users of North, more than the limit of 10 %."]);
    check(
        Limits::default(),
        3,
        0,
        &[
            "The plan removes 15 % of all users, more than the limit of 10 %.",
            "The plan removes 30 % of the users of North, more than the limit of 10 %.",
            "The plan removes 15 % of all students, more than the limit of 10 %.",
        ],
    );
    check(none(), 10, 0, &[]);
    let number = LimitSet { removals_number: Some(2), ..LimitSet::default() };
    check(Limits { overall: number.clone(), ..none() }, 2, 0, &[]);
    check(Limits { overall: number, ..none() }, 3, 0, &["The plan removes 3 users, more than the limit of 2."]);
    let changes = LimitSet { changes_percent: Some(10.0), changes_number: Some(0), ..LimitSet::default() };
    check(
        Limits { per_school: changes.clone(), ..none() },
        0,
        2,
        &[
            "The plan changes 20 % of the users of Office, more than the limit of 10 %.",
            "The plan changes 2 users of Office, more than the limit of 0.",
        ],
    );
    check(
        Limits { per_user_type: changes, ..none() },
        0,
        1,
        &["The plan changes 1 student, more than the limit of 0."],
    );
    let share = LimitSet { removals_percent: Some(14.99), ..LimitSet::default() };
    check(
        Limits { overall: share, ..none() },
        3,
        0,
        &["The plan removes 15 % of all users, more than the limit of 14.99 %."],
    );
}

#[test]
fn who_leaves_a_school_or_a_type_is_a_change_for_both() {
    let limited = LimitSet { changes_percent: Some(20.0), ..LimitSet::default() };
    let limits = Limits { per_school: limited.clone(), per_user_type: limited, ..none() };
    let settings = ModeSettings { requires_approval: false, limits, ..ModeSettings::default() };
    let users = |n: usize, school: &str, and: &str| -> Vec<String> {
        (0..n).map(|i| format!("custom_id={n}-{i}|school_district_external_id={school}{and}")).collect()
    };
    let directory = [users(4, "10", ""), users(50, "D", "")].concat();
    let moved = [users(4, "D", ""), users(50, "D", "")].concat();
    let promoted = [users(4, "10", "|user_type=Staff|email=x@x.example"), users(50, "D", "")].concat();
    let said = |rows: &[String]| {
        let [directory, rows] = [&directory[..], rows].map(|all| all.iter().map(String::as_str).collect::<Vec<_>>());
        let (plan, _) = planned(&settings, &directory, &rows, None);
        sentences(&plan, &schools())
    };
    assert_eq!(said(&moved), ["The plan changes 100 % of the users of North, more than the limit of 20 %."]);
    let one = [&promoted[..1], &directory[1..]].concat();
    assert_eq!(said(&one), ["The plan changes 25 % of the users of North, more than the limit of 20 %."]);
    assert_eq!(said(&directory), [""; 0]);
}

#[test]
fn a_first_roster_is_past_no_share() {
    let changes = LimitSet { changes_percent: Some(10.0), ..LimitSet::default() };
    let settings = ModeSettings {
        requires_approval: false,
        limits: Limits { overall: changes.clone(), per_school: changes.clone(), per_user_type: changes, ..none() },
        ..ModeSettings::default()
    };
    let (plan, _) = planned(&settings, &[], &["", ""], None);
    assert_eq!(plan.holds, []);
}

#[test]
fn doubts_hold_removals_only() {
    let settings = ModeSettings {
        requires_approval: false,
        limits: Limits { shrink_percent: Some(10.0), ..none() },
        ..ModeSettings::default()
    };
    let check = |directory: &[&str], rows: &[&str], previous, expected: &[&str]| {
        let (plan, _) = planned(&settings, directory, rows, previous);
        assert_eq!(sentences(&plan, &schools()), expected, "{rows:?}");
    };
    let two = ["custom_id=1", "custom_id=2"];
    check(&two, &["custom_id=1"], Some(1), &[]);
    check(
        &two,
        &["custom_id=1", "custom_id="],
        Some(2),
        &["The plan removes users, and it can't be told whose row one of the rejected rows is."],
    );
    check(&two[..1], &["custom_id=1", "custom_id="], Some(9), &[]);
    check(
        &two,
        &["custom_id=1", "custom_id=7", "custom_id=7|grade=8"],
        None,
        &["The plan removes users, and it can't be told whose rows 2 of the rejected rows are."],
    );
    check(
        &two,
        &["custom_id=1"],
        Some(8),
        &[
            "The plan removes users, and the last file had 8 rows and this one has 1: it shrank by 87.5 %, more than the \
         limit of 10 %.",
        ],
    );
    check(
        &two,
        &["custom_id=1", "…A,B…"],
        None,
        &[
            "The plan removes users, and it can't be told whose row one of the rejected rows is.",
            "The plan removes users, and the file seems to end in the middle of a row, so that rows may be missing.",
        ],
    );
}

#[test]
fn a_whole_plan() {
    let directory = [
        "custom_id=s1",
        "custom_id=s2|school_district_external_id=D",
        "custom_id=s3|status=Disabled",
        "custom_id=s4",
        "custom_id=t1|user_type=Teacher|email=one@x.example|username=one",
        "custom_id=t2|user_type=Teacher|email=two@x.example|username=two",
        "custom_id=|user_type=Administrator|email=root@x.example|username=root",
    ];
    let rows = [
        "custom_id=s1",
        "custom_id=s2|grade=K",
        "custom_id=s3",
        "custom_id=new|password=violet-tractor-9",
        "custom_id=wrong|status=?",
        "custom_id=t1|user_type=Teacher|email=two@x.example",
        "custom_id=t2|user_type=Teacher|email=one@x.example",
    ];
    let (plan, findings) = planned(Settings::default().of(Mode::Full), &directory, &rows, Some(100));
    let sentences = sentences(&plan, &schools());
    insta::assert_json_snapshot!((&plan, &findings[..], sentences));
}
