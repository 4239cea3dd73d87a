//! How snapshots write classes, and who is in them.

use roster::{
    Class, ClassChange, ClassFields, Enrolment, EnrolmentChange, EnrolmentFields, ItemCounts, SchoolId, Schools,
    SetPart,
};
use tests::case::Case;
use tests::outcome::Planned;

use crate::show::hold;

/// Returns the plan of the classes, and the classes and enrolments after it.
pub fn classes(case: &Case, planned: &Planned) -> String {
    let plan = &planned.class_plan;
    let external = |id: &Option<SchoolId>| id.as_ref().map_or("-".to_owned(), |id| school(id, &case.schools));
    let counts = |classes: &ItemCounts, enrolments: &ItemCounts| {
        format!("classes {}; enrolments {}", items(classes), items(enrolments))
    };
    let mut lines = vec![format!("all: {}", counts(&plan.counts.classes, &plan.counts.enrolments))];
    for tally in &plan.tallies {
        let counts = counts(&tally.counts.classes, &tally.counts.enrolments);
        lines.push(format!("{}: {counts}", external(&tally.school)));
    }
    lines.extend(plan.holds.iter().map(|h| format!("waits: {}", hold(h, &external))));
    lines.extend(plan.classes.iter().map(|change| class_change(change, &case.schools)));
    lines.extend(plan.enrolments.iter().map(enrolment_change));
    lines.extend(plan.rows.iter().map(|row| format!("{}: {}", at(row.part, Some(row.row)), row.why.as_str())));
    lines.push("after:".to_owned());
    lines.extend(after(planned, &case.schools));
    lines.join("\n")
}

fn items(counts: &ItemCounts) -> String {
    let all = [
        ("created", counts.created),
        ("updated", counts.updated),
        ("unchanged", counts.unchanged),
        ("ended", counts.ended),
        ("rejected", counts.rejected),
    ];
    let said: Vec<String> = all.iter().filter(|(_, n)| *n > 0).map(|(word, n)| format!("{n} {word}")).collect();
    if said.is_empty() { "none".to_owned() } else { said.join(", ") }
}

fn at(part: Option<SetPart>, row: Option<u32>) -> String {
    let file = part.map(|part| format!("{} ", part.file_name())).unwrap_or_default();
    row.map_or("no row".to_owned(), |row| format!("{file}row {row}"))
}

fn class_change(change: &ClassChange, schools: &Schools) -> String {
    let version = change.seen_version.map_or("new".to_owned(), |version| format!("v{version}"));
    let line = format!(
        "{} {} ({}, {version}, {})",
        change.kind.as_str(),
        change.after.class_id,
        at(change.part, change.row),
        change.class
    );
    let after = list(&change.after, schools);
    match &change.before {
        Some(before) => {
            let before = list(before, schools);
            let differ = before.iter().zip(&after).filter(|(before, after)| before != after);
            line + &differ.map(|((name, b), (_, a))| format!("\n    {name}: {b} → {a}")).collect::<String>()
        }
        None => {
            let said = after.iter().filter(|(_, value)| !value.is_empty());
            line + "\n    " + &said.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ")
        }
    }
}

fn enrolment_change(change: &EnrolmentChange) -> String {
    let version = change.seen_version.map_or("new".to_owned(), |version| format!("v{version}"));
    let shown = &change.shown;
    let mut line = format!(
        "{} {} in {} ({}, {version})",
        change.kind.as_str(),
        shown.custom_id,
        shown.class_id,
        at(change.part, change.row)
    );
    if let Some(why) = change.why {
        line += &format!(": {}", why.as_str());
    }
    if change.only_two_people {
        line += ", if these are two people";
    }
    let place = |fields: &Option<EnrolmentFields>| fields.as_ref().map_or("-".to_owned(), place);
    line + &format!("\n    {} → {}", place(&change.before), place(&change.after))
}

fn place(fields: &EnrolmentFields) -> String {
    let day = |day: &Option<roster::Day>| day.as_ref().map_or(String::new(), ToString::to_string);
    let days = format!("{}..{}", day(&fields.starts), day(&fields.ends));
    if days == ".." { fields.role.as_str().to_owned() } else { format!("{} {days}", fields.role) }
}

fn after(planned: &Planned, schools: &Schools) -> Vec<String> {
    let mut classes: Vec<&Class> = planned.after.classes.iter().collect();
    classes.sort_by_key(|class| &class.fields.class_id);
    let id_of = |enrolment: &Enrolment| {
        let user = planned.after.users.iter().find(|user| user.guid == enrolment.user);
        user.and_then(|user| user.custom_id.clone()).unwrap_or_else(|| "?".to_owned())
    };
    let mut lines = Vec::new();
    for class in classes {
        let said: Vec<String> = list(&class.fields, schools).into_iter().map(|(_, value)| value).collect();
        lines.push(format!("{} v{}", said.join(" | "), class.version));
        let mut members: Vec<&Enrolment> = planned.after.enrolments.iter().filter(|e| e.class == class.guid).collect();
        members.sort_by_key(|enrolment| id_of(enrolment));
        lines.extend(members.iter().map(|enrolment| {
            let ended = if enrolment.is_active() { "" } else { " ended" };
            format!("    {} {}{ended} v{}", id_of(enrolment), place(&enrolment.fields), enrolment.version)
        }));
    }
    lines
}

/// The fields with the school as rosters call it.
fn list(fields: &ClassFields, schools: &Schools) -> Vec<(&'static str, String)> {
    let day = |day: &Option<roster::Day>| day.as_ref().map_or(String::new(), ToString::to_string);
    vec![
        ("class_id", fields.class_id.clone()),
        ("school", school(&fields.school, schools)),
        ("name", fields.name.clone()),
        ("grade", fields.grade.as_str().to_owned()),
        ("course_code", fields.course_code.clone()),
        ("subject", fields.subject.clone()),
        ("period", fields.period.clone()),
        ("term", fields.term.clone()),
        ("starts", day(&fields.starts)),
        ("ends", day(&fields.ends)),
        ("status", fields.status.as_str().to_owned()),
    ]
}

fn school(id: &SchoolId, schools: &Schools) -> String {
    schools.by_id(id).map_or("?".to_owned(), |school| school.external_id.clone())
}
