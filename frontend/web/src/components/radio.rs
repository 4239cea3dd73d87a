//! One answer of several, with a line that says what it means.

use leptos::prelude::*;

/// Offers the answer `of` to what `value` says.
///
/// The answers of one question have one `name`.
#[component]
pub fn RadioChoice<T: Copy + PartialEq + Send + Sync + 'static>(
    #[prop(into)] name: String,
    value: RwSignal<T>,
    of: T,
    title: &'static str,
    what: &'static str,
    /// Where something else refers to it.
    #[prop(optional)]
    id: Option<&'static str>,
) -> impl IntoView {
    view! {
        <label class="radio">
            <input
                type="radio"
                name=name
                id=id
                prop:checked=move || value.get() == of
                on:change=move |_| value.set(of)
            />
            <span><span class="radio-title">{title}</span><span class="muted small">{what}</span></span>
        </label>
    }
}
