//! The source that the users in the file come from.

use leptos::prelude::*;
use roster::{NamedSource, SourceId};

use super::draft::UploadDraft;
use crate::tasks::Tasks;

/// Asks from which source the file is, where the settings name any.
#[component]
pub fn SourceChoice(draft: UploadDraft, locked: Signal<bool>) -> impl IntoView {
    let sources = RwSignal::new(Vec::<NamedSource>::new());
    // Where the settings can't be read now, the check of the file says so.
    Tasks::here().run(async move {
        if let Ok(document) = draft.api.settings().await {
            sources.set(document.settings.sources.sources);
        }
    });
    let choose = move |id: String| {
        draft.of_source.set((!id.is_empty()).then_some(SourceId(id)));
        draft.check();
    };
    let options = move || {
        sources
            .get()
            .into_iter()
            .map(|source| view! { <option value=source.id.0>{source.name}</option> })
            .collect_view()
    };
    view! {
        <Show when=move || sources.with(|sources| !sources.is_empty())>
            <div class="field source-choice">
                <label for="source">"Which source is it from?"</label>
                <select id="source" disabled=locked on:change:target=move |e| choose(e.target().value())>
                    <option value="">"None of them"</option>
                    {options}
                </select>
                <p class="field-hint">"A full sync removes only users of its source; one of none, users without a source."</p>
            </div>
        </Show>
    }
}
