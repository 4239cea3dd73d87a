//! What happened to a class.

use leptos::prelude::*;
use roster::ClassKind;
use wire::stored::ClassLogEntry;

use crate::components::{ClassKindBadge, Empty, FieldChanges, When};
use crate::format::{count, list};
use crate::words::Tense;

/// Shows the history of a class, newest first.
#[component]
pub fn ClassHistory(entries: Vec<ClassLogEntry>) -> impl IntoView {
    if entries.is_empty() {
        return view! { <Empty title="Nothing has been recorded yet.">""</Empty> }.into_any();
    }
    let entries = entries.into_iter().map(|entry| view! { <Entry entry/> }).collect_view();
    view! { <ol class="changes">{entries}</ol> }.into_any()
}

#[component]
fn Entry(entry: ClassLogEntry) -> impl IntoView {
    let by = match (&entry.by, &entry.upload) {
        (Some(by), Some(_)) => format!("approved by {by}"),
        (Some(by), None) => format!("by {by}, by hand"),
        (None, Some(_)) => "approved by the settings".to_owned(),
        (None, None) => "by hand".to_owned(),
    };
    let upload = entry.upload.as_ref().map(|id| view! { <span><a href=format!("/uploads/{id}")>"upload"</a></span> });
    let what = match entry.kind {
        Some(kind) => view! { <ClassKindBadge kind tense=Tense::Done/> }.into_any(),
        None => view! { <span class="badge quiet">"Members"</span> }.into_any(),
    };
    let is_new = entry.kind == Some(ClassKind::Created);
    let (members, fields) = (members(&entry), entry.fields);
    view! {
        <li class="change">
            <div class="change-head">
                {what}
                <span class="change-facts muted"><span><When at=entry.at/></span><span>{by}</span>{upload}</span>
            </div>
            {(!fields.is_empty()).then(|| view! { <FieldChanges fields whole=is_new/> })}
            {members.map(|members| view! { <p class="change-note">{members}</p> })}
        </li>
    }
}

/// Returns what was done to who is in the class: `3 people were enrolled and 1 enrolment ended.`
fn members(entry: &ClassLogEntry) -> Option<String> {
    let parts: Vec<String> = [
        (entry.enrolled, "person was enrolled", "people were enrolled"),
        (entry.updated, "enrolment was updated", "enrolments were updated"),
        (entry.ended, "enrolment ended", "enrolments ended"),
    ]
    .into_iter()
    .filter(|(n, ..)| *n > 0)
    .map(|(n, one, many)| count(n, one, many))
    .collect();
    (!parts.is_empty()).then(|| format!("{}.", list(&parts)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_to_members_is_told_in_numbers() {
        let entry = ClassLogEntry {
            at: 1,
            upload: None,
            by: None,
            kind: None,
            fields: Vec::new(),
            enrolled: 3,
            updated: 0,
            ended: 1,
        };
        assert_eq!(members(&entry).as_deref(), Some("3 people were enrolled and 1 enrolment ended."));
        assert_eq!(members(&ClassLogEntry { enrolled: 0, ended: 0, ..entry }), None);
    }
}
