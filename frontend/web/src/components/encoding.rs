//! The choice of a file's encoding.

use leptos::prelude::*;
use roster::FileEncoding;

/// Asks for an encoding.
///
/// The first choice leaves it to the check to take the likeliest one.
#[component]
pub fn EncodingSelect(
    id: &'static str,
    label: &'static str,
    /// What the first choice is called.
    usual: &'static str,
    hint: &'static str,
    value: RwSignal<Option<FileEncoding>>,
    #[prop(optional, into)] changed: Option<Callback<()>>,
) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    let option = move |encoding: FileEncoding| {
        let chosen = move || value.get() == Some(encoding);
        view! { <option value=encoding.label() prop:selected=chosen>{encoding.label()}</option> }
    };
    let pick = move |word: String| {
        value.set(FileEncoding::ALL.into_iter().find(|encoding| encoding.label() == word));
        if let Some(changed) = changed {
            changed.run(());
        }
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <select id=id aria-describedby=hint_id.clone() on:change:target=move |e| pick(e.target().value())>
                <option value="" prop:selected=move || value.get().is_none()>{usual}</option>
                {FileEncoding::ALL.map(option)}
            </select>
            <p class="muted small" id=hint_id>{hint}</p>
        </div>
    }
}
