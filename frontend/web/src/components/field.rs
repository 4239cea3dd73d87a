//! Labelled fields with their hints and their errors in place.

use leptos::prelude::*;

/// Asks for one line of text.
///
/// `id` names the field; the hint and the error are tied to it.
#[component]
pub fn TextField(
    id: &'static str,
    #[prop(into)] label: Signal<String>,
    value: RwSignal<String>,
    #[prop(optional)] hint: &'static str,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(default = "text")] kind: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional)] inputmode: &'static str,
) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    let described = format!("{hint_id} {error_id}");
    view! {
        <div class="field" class:wrong=move || error.get().is_some()>
            <label for=id>{label}</label>
            <input
                id=id
                name=id
                type=kind
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                inputmode=(!inputmode.is_empty()).then_some(inputmode)
                aria-describedby=described
                aria-invalid=move || error.get().is_some().then_some("true")
                prop:value=value
                on:input:target=move |event| value.set(event.target().value())
            />
            <p class="field-hint" id=hint_id>{hint}</p>
            <p class="field-error" id=error_id aria-live="polite">{error}</p>
        </div>
    }
}

/// Asks for a number.
///
/// What is typed is kept as text, and `expected` is said of it while `accepts` does not take it.
#[component]
pub fn NumberField(
    id: &'static str,
    label: &'static str,
    value: RwSignal<String>,
    accepts: fn(&str) -> bool,
    expected: &'static str,
    #[prop(optional)] hint: &'static str,
    #[prop(default = "numeric")] inputmode: &'static str,
) -> impl IntoView {
    let error = Signal::derive(move || value.with(|text| !accepts(text)).then(|| expected.to_owned()));
    view! { <TextField id label value hint error inputmode/> }
}

/// Asks for one of several values: what is sent and what is shown of each.
///
/// `id` names the field; the hint and the error are tied to it.
#[component]
pub fn SelectField(
    id: &'static str,
    label: &'static str,
    value: RwSignal<String>,
    #[prop(into)] options: Signal<Vec<(String, String)>>,
    #[prop(optional)] hint: &'static str,
    #[prop(optional, into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    let described = format!("{hint_id} {error_id}");
    let option = move |(of, words): (String, String)| {
        let chosen = value.with_untracked(|value| *value == of);
        view! { <option value=of selected=chosen>{words}</option> }
    };
    view! {
        <div class="field" class:wrong=move || error.get().is_some()>
            <label for=id>{label}</label>
            <select
                id=id
                name=id
                aria-describedby=described
                aria-invalid=move || error.get().is_some().then_some("true")
                on:change:target=move |event| value.set(event.target().value())
            >
                {move || options.get().into_iter().map(option).collect_view()}
            </select>
            <p class="field-hint" id=hint_id>{hint}</p>
            <p class="field-error" id=error_id aria-live="polite">{error}</p>
        </div>
    }
}
