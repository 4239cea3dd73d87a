//! What happened to a class.

use leptos::prelude::*;
use wire::http::ClassHistoryEntry;

use crate::components::Empty;

/// Shows the history of a class, newest first.
#[component]
pub fn ClassHistory(entries: Vec<ClassHistoryEntry>) -> impl IntoView {
    if entries.is_empty() {
        return view! { <Empty title="Nothing has been recorded yet.">""</Empty> }.into_any();
    }
    ().into_any()
}
