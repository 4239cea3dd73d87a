//! The changes of a plan as lines for people, with the words of the page.

use std::fmt::Write as _;

use roster::{Change, ClassChange, EnrolmentChange, Kind, SchoolId, Schools};
use wire::shown::{self, Tense};
use wire::stored::FieldChange;

/// Returns the change of a user.
///
/// Of one who comes or goes every field differs, so those are in the plan file and in JSON.
pub fn user_in_words(change: &Change, tense: Tense, schools: &Schools) -> String {
    let kind = shown::kind(change.kind, tense);
    let who = change.shown().map(|fields| {
        let name = format!("{} {}", fields.first_name, fields.last_name);
        let school = school_name(&fields.school, schools);
        format!("{} ({}), {}, {school}", name.trim(), fields.custom_id, fields.user_type.as_str())
    });
    let fields = match change.kind {
        Kind::Created | Kind::Removed => Vec::new(),
        _ => shown::fields_of_user(change),
    };
    let row = change.row.map(|row| format!("row {row}"));
    lines(kind, [who, row], &fields, shown::note_of_user(change), schools)
}

/// Returns the change of a class.
pub fn class_in_words(change: &ClassChange, tense: Tense, schools: &Schools) -> String {
    let kind = shown::class_kind(change.kind, tense);
    let after = &change.after;
    let name = shown::class_name(&after.name, &after.class_id);
    let which = format!("{name} ({}), {}", after.class_id, school_name(&after.school, schools));
    let fields = if change.before.is_some() { shown::fields_of_class(change) } else { Vec::new() };
    lines(kind, [Some(which), shown::row_in_file(change.row, change.part)], &fields, None, schools)
}

/// Returns the change of somebody's place in a class.
pub fn enrolment_in_words(change: &EnrolmentChange, tense: Tense, schools: &Schools) -> String {
    let kind = shown::enrolment_kind(change.kind, tense);
    let of = &change.shown;
    let name = format!("{} {}", of.first_name, of.last_name);
    let role = change.after.as_ref().or(change.before.as_ref()).map(|fields| format!(" as {}", fields.role));
    let class = shown::class_name(&of.class_name, &of.class_id);
    let school = school_name(&of.school, schools);
    let who = format!("{} ({}){} in {class}, {school}", name.trim(), of.custom_id, role.unwrap_or_default());
    let row = shown::row_in_file(change.row, change.part);
    let fields = shown::fields_of_enrolment(change);
    lines(kind, [Some(who), row], &fields, shown::note_of_enrolment(change), schools)
}

fn lines(
    kind: &str,
    facts: [Option<String>; 2],
    fields: &[FieldChange],
    note: Option<String>,
    schools: &Schools,
) -> String {
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    let mut text = format!("  {kind}: {}", facts.join(", "));
    for FieldChange { field, before, after } in fields {
        let [before, after] = [before, after].map(|value| value_in_words(field, value, schools));
        let _ = write!(text, "\n      {field}: {before} -> {after}");
    }
    if let Some(note) = note {
        let _ = write!(text, "\n      {note}");
    }
    text
}

fn value_in_words(field: &str, value: &str, schools: &Schools) -> String {
    match field {
        _ if value.is_empty() => "(empty)".to_owned(),
        "school_district_external_id" => school_name(&SchoolId(value.to_owned()), schools),
        _ => value.to_owned(),
    }
}

fn school_name(id: &SchoolId, schools: &Schools) -> String {
    schools.by_id(id).map_or_else(|| id.0.clone(), |school| school.name.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schools() -> Schools {
        let school = |id: &str, name: &str| json!({ "id": id, "name": name, "external_id": id, "kind": "school" });
        let all = json!([school("s1", "North"), school("s2", "South")]);
        Schools::new(serde_json::from_value(all).expect("two schools"))
    }

    fn fields(school: &str, last_name: &str) -> serde_json::Value {
        json!({
            "username": "u", "first_name": "Ora", "middle_name": "", "last_name": last_name, "email": "", "custom_id": "7",
            "school": school, "user_type": "Student", "position": "", "grade": "9", "status": "Active", "roles": "",
        })
    }

    #[test]
    fn a_change_says_whom_and_each_field() {
        let change = serde_json::from_value(json!({
            "kind": "moved", "guid": "00000000-0000-4000-8000-000000000001", "row": 3, "seen_version": 1,
            "before": fields("s1", ""), "after": fields("s2", "Klein"), "password": null,
        }));
        let text = user_in_words(&change.expect("a change"), Tense::Ahead, &schools());
        assert_eq!(
            text,
            "  To move: Ora Klein (7), Student, South, row 3\n      last_name: (empty) -> Klein\n      \
             school_district_external_id: North -> South"
        );
    }

    #[test]
    fn an_enrolment_that_ends_says_why() {
        let change = serde_json::from_value(json!({
            "kind": "ended", "class": "00000000-0000-4000-8000-000000000009", "user": "00000000-0000-4000-8000-000000000001",
            "row": null, "seen_version": 1, "before": { "role": "Student", "starts": null, "ends": null }, "after": null,
            "why": "absent",
            "shown": { "school": "s1", "class_id": "M-7", "class_name": "Maths", "custom_id": "7", "first_name": "Ora",
                       "last_name": "Klein" },
        }));
        let text = enrolment_in_words(&change.expect("a change"), Tense::Ahead, &schools());
        assert_eq!(
            text,
            "  Enrolment to end: Ora Klein (7) as Student in Maths, North\n      Because not in the class by the file."
        );
    }
}
