//! Where the value of a field came from.

use leptos::prelude::*;
use wire::http::Origin;

use crate::components::Day;

/// Shows a quiet line below a value, such as "from roster.csv, row 12, approved by dora, 3 Nov".
#[component]
pub fn FieldOrigin(origin: Origin) -> impl IntoView {
    let day = view! { <Day at=origin.at/> };
    let words = match (origin.upload, origin.by) {
        (Some(id), by) if origin.by_hand => {
            let by = by.map_or_else(String::new, |by| format!(", approved by {by}"));
            view! { <a href=format!("/uploads/{id}")>"by hand"</a>{by}", "{day} }.into_any()
        }
        (Some(id), by) => {
            let file = origin.file_name.unwrap_or_else(|| "an upload".to_owned());
            let row = origin.row.map(|row| format!(", row {row}")).unwrap_or_default();
            let by = by.map_or_else(|| "approved by the settings".to_owned(), |by| format!("approved by {by}"));
            view! { "from "<a href=format!("/uploads/{id}")>{file}</a>{row}", "{by}", "{day} }.into_any()
        }
        (None, Some(by)) => view! { "by hand, by "{by}", "{day} }.into_any(),
        (None, None) => view! { "when it was set up, "{day} }.into_any(),
    };
    view! { <span class="origin">{words}</span> }
}

/// Returns the origin of a field among those that are known.
pub fn of<'o>(origins: &'o [Origin], field: &str) -> Option<&'o Origin> {
    origins.iter().find(|origin| origin.field == field)
}
