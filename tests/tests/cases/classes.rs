//! Every file of `classes`: what must come of it, what holds for all of them, and a snapshot of what came.

use std::fmt::Write;

use roster::{ClassChange, Code, EnrolmentChange};
use tests::class_case::{ClassCase, ClassOutcome, place};
use tests::outcome::by_code;

/// What the test of every file does.
pub fn check(name: &str) {
    let case = ClassCase::load(name);
    let sent = case.sent(&case.before.users, false);
    let outcome = case.run(&sent, &case.before);
    snapshot(&case, &outcome);
    let mut found = by_code(&outcome.findings);
    // Two of the users have one address.
    found.remove(&Code::EmailShared);
    assert_eq!(found, case.findings, "{:#?}", outcome.findings);
    assert_eq!(outcome.classes.counts, case.expected, "counts");
    let holds = outcome.classes.holds.iter().map(|hold| hold.sentence(|_| Some("the school")));
    assert_eq!(holds.collect::<Vec<_>>(), case.holds);
    tallies_add_up(&outcome);
    the_order_of_rows_does_not_matter(&case, &outcome);
    a_second_time_changes_nothing(&case, &sent, &outcome);
}

fn tallies_add_up(outcome: &ClassOutcome) {
    let tallies = outcome.classes.tallies.iter();
    let sum = tallies.fold(roster::ClassCounts::default(), |sum, tally| sum.plus(&tally.counts));
    assert_eq!(sum, outcome.classes.counts, "the tallies add up to the counts");
}

fn the_order_of_rows_does_not_matter(case: &ClassCase, outcome: &ClassOutcome) {
    let reversed = case.run(&case.sent(&case.before.users, true), &case.before);
    let without_row = |change: &EnrolmentChange| EnrolmentChange { row: None, user_row: None, ..change.clone() };
    let class_without_row = |change: &ClassChange| ClassChange { row: None, ..change.clone() };
    let enrolments = |outcome: &ClassOutcome| outcome.classes.enrolments.iter().map(without_row).collect::<Vec<_>>();
    let classes = |outcome: &ClassOutcome| outcome.classes.classes.iter().map(class_without_row).collect::<Vec<_>>();
    assert_eq!(enrolments(&reversed), enrolments(outcome), "the rows in reverse order give the same plan");
    assert_eq!(classes(&reversed), classes(outcome), "the rows in reverse order give the same plan");
    assert_eq!(reversed.classes.counts, outcome.classes.counts);
    assert_eq!(by_code(&reversed.findings), by_code(&outcome.findings));
}

fn a_second_time_changes_nothing(case: &ClassCase, sent: &[u8], outcome: &ClassOutcome) {
    let again = case.run(sent, &outcome.after);
    assert_eq!(again.classes.counts.changes(), 0, "the same again changes nothing: {:#?}", again.classes);
}

fn snapshot(case: &ClassCase, outcome: &ClassOutcome) {
    let mut shown = String::new();
    for finding in outcome.findings.iter() {
        writeln!(shown, "{}  {}  {}\n    {}", place(finding), finding.code, finding.message(), finding.hint()).unwrap();
    }
    for hold in &outcome.classes.holds {
        writeln!(shown, "waits: {}", hold.sentence(|_| Some("the school"))).unwrap();
    }
    for change in &outcome.classes.classes {
        let row = change.row.map_or("no row".to_owned(), |row| format!("row {row}"));
        writeln!(shown, "class {} {} ({row})", change.after.class_id, change.kind.as_str()).unwrap();
        let before = change.before.as_ref();
        for (field, before, after) in [
            ("name", before.map(|fields| fields.name.as_str()), change.after.name.as_str()),
            ("id", before.map(|fields| fields.class_id.as_str()), change.after.class_id.as_str()),
            ("school", before.map(|fields| fields.school.0.as_str()), change.after.school.0.as_str()),
            ("status", before.map(|fields| fields.status.as_str()), change.after.status.as_str()),
        ] {
            if before != Some(after) {
                writeln!(shown, "    {field}: {} -> {after}", before.unwrap_or("-")).unwrap();
            }
        }
    }
    for change in &outcome.classes.enrolments {
        let row = change.row.map_or("no row".to_owned(), |row| format!("row {row}"));
        let role =
            |fields: &Option<roster::EnrolmentFields>| fields.as_ref().map_or("-", |fields| fields.role.as_str());
        let why = change.why.map_or(String::new(), |why| format!(", {}", why.as_str()));
        let (id, class) = (&change.shown.custom_id, &change.shown.class_id);
        let (before, after) = (role(&change.before), role(&change.after));
        writeln!(shown, "{} {id} in {class}: {before} -> {after} ({row}{why})", change.kind.as_str()).unwrap();
    }
    for row in &outcome.classes.rows {
        let part = row.part.map_or("", |part| part.file_name());
        writeln!(shown, "{} row {}: {}", part, row.row, row.why.as_str()).unwrap();
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(ClassCase::folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(case.about.clone());
    settings.bind(|| insta::assert_snapshot!(case.name.as_str(), shown));
}
