//! A plan as a file: what each change changes.

use crate::classes::ClassPlan;
use crate::diff::Change;
use crate::file::csv_file::CsvFile;
use crate::model::{Column, EnrolmentFields, Fields, Schools};

use super::classes::class_fields;

/// The columns of [`plan_file`].
const PLAN_HEADER: [&str; 10] =
    ["kind", "row", "user_guid", "custom_id", "first_name", "last_name", "school", "field", "before", "after"];

/// Returns one line for each field that a change changes, and one for a new password.
///
/// The value before is empty for a new user, and the one after for a deleted one. Classes and enrolments follow.
pub fn plan_file<'a>(
    changes: impl Iterator<Item = &'a Change>,
    classes: Option<&ClassPlan>,
    schools: &Schools,
) -> Vec<u8> {
    let mut file = CsvFile::new();
    file.values(PLAN_HEADER);
    for change in changes {
        let Some(shown) = change.shown() else { continue };
        let (row, guid) = (change.row.map(|n| n.to_string()).unwrap_or_default(), change.guid.to_string());
        let school = schools.external_id(&shown.school);
        for (field, before, after) in changed_fields(change, schools) {
            file.values([
                change.kind.as_str(),
                row.as_str(),
                &guid,
                &shown.custom_id,
                &shown.first_name,
                &shown.last_name,
                school,
                field,
                before,
                after,
            ]);
        }
    }
    if let Some(classes) = classes {
        class_lines(&mut file, classes, schools);
    }
    file.bytes()
}

/// Writes one line for each field of a class or an enrolment that changes.
fn class_lines(file: &mut CsvFile, classes: &ClassPlan, schools: &Schools) {
    for change in &classes.classes {
        let row = change.row.map(|n| n.to_string()).unwrap_or_default();
        let kind = format!("class {}", change.kind.as_str());
        let before = change.before.as_ref().map(|fields| class_fields(fields, schools));
        for (i, (name, after)) in class_fields(&change.after, schools).into_iter().enumerate() {
            let before = before.as_ref().map_or(String::new(), |fields| fields[i].1.clone());
            if before != after {
                let school = schools.external_id(&change.after.school);
                let field = format!("{} {name}", change.after.class_id);
                file.values([&kind, row.as_str(), "", "", "", "", school, &field, &before, &after]);
            }
        }
    }
    for change in &classes.enrolments {
        let row = change.row.map(|n| n.to_string()).unwrap_or_default();
        let (guid, shown) = (change.user.to_string(), &change.shown);
        let school = schools.external_id(&shown.school);
        let said = |fields: &Option<EnrolmentFields>| fields.as_ref().map(enrolment_in_words).unwrap_or_default();
        let (before, after) = (said(&change.before), said(&change.after));
        let after = change.why.map_or(after, |why| format!("ended: {}", why.as_str()));
        let (first, last) = (shown.first_name.as_str(), shown.last_name.as_str());
        let kind = change.kind.as_str();
        file.values([kind, &row, &guid, &shown.custom_id, first, last, school, &shown.class_id, &before, &after]);
    }
}

/// Returns an enrolment in words: `Student, from 2026-08-31 to 2027-01-29`.
fn enrolment_in_words(fields: &EnrolmentFields) -> String {
    let from = fields.starts.as_ref().map(|day| format!(", from {day}")).unwrap_or_default();
    let to = fields.ends.as_ref().map(|day| format!(" to {day}")).unwrap_or_default();
    format!("{}{from}{to}", fields.role)
}

/// Returns each field that the change changes, before and after. A deleted user is one whose status is `Deleted`.
fn changed_fields<'a>(change: &'a Change, schools: &'a Schools) -> Vec<(&'static str, &'a str, &'a str)> {
    const DELETED: &str = "Deleted";
    let status = |fields: &'a Option<Fields>| fields.as_ref().map_or("", |f| f.status.as_str());
    let mut changed = match (&change.before, &change.after) {
        (Some(_), None) => vec![("status", status(&change.before), DELETED)],
        (before, after) => {
            let list = |fields: &'a Option<Fields>| fields.as_ref().map(|f| shown_fields(f, schools));
            let (before, after) = (list(before), list(after));
            let names = before.or(after).map(|fields| fields.map(|(name, _)| name)).into_iter().flatten();
            let value =
                |list: Option<[(&'static str, &'a str); Fields::COUNT]>, i: usize| list.map_or("", |list| list[i].1);
            let all = names.enumerate().map(|(i, name)| (name, value(before, i), value(after, i)));
            let restored = |name| change.restores && name == "status";
            let all = all.map(|(name, before, after)| (name, if restored(name) { DELETED } else { before }, after));
            all.filter(|(_, before, after)| before != after).collect()
        }
    };
    changed.extend(change.password.map(|source| ("password", "", source.as_str())));
    changed
}

/// Returns the fields with the school as a roster calls it.
fn shown_fields<'a>(fields: &'a Fields, schools: &'a Schools) -> [(&'static str, &'a str); Fields::COUNT] {
    let school = Column::SchoolDistrictExternalId.header();
    fields
        .list()
        .map(|(name, value)| if name == school { (name, schools.external_id(&fields.school)) } else { (name, value) })
}
