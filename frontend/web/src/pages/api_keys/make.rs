//! The form in which a key is made.

use std::collections::BTreeSet;

use leptos::prelude::*;
use roster::{Mode, NamedSource, Permission, SchoolId, SourceId};
use wire::http::NewKey;
use wire::stored::KeyDecisions;

use super::KeysEditor;
use crate::browser::focus;
use crate::components::{NotSaved, SelectField, TextField, TickOf};
use crate::format::typed_number;
use crate::words;

/// For how many days a key is made where nobody chooses otherwise, and at most.
const USUAL_DAYS: u32 = 365;
const MOST_DAYS: u64 = 400;

/// What is typed and chosen.
#[derive(Clone, Copy)]
struct KeyFields {
    name: RwSignal<String>,
    school: RwSignal<String>,
    source: RwSignal<String>,
    modes: RwSignal<BTreeSet<Mode>>,
    approves: RwSignal<bool>,
    days: RwSignal<String>,
    /// Whether somebody has tried to make it, so that what is missing is marked.
    tried: RwSignal<bool>,
}

impl KeyFields {
    fn new() -> KeyFields {
        KeyFields {
            name: RwSignal::new(String::new()),
            school: RwSignal::new(String::new()),
            source: RwSignal::new(String::new()),
            modes: RwSignal::new([Mode::Partial].into()),
            approves: RwSignal::new(false),
            days: RwSignal::new(USUAL_DAYS.to_string()),
            tried: RwSignal::new(false),
        }
    }

    /// Returns what is asked for; `None` while something is missing or wrong.
    fn value(self) -> Option<NewKey> {
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        Some(NewKey {
            name: some(self.name.get().trim().to_owned())?,
            school: some(self.school.get()).map(SchoolId),
            source: some(self.source.get()).map(SourceId),
            modes: Some(self.modes.get()).filter(|modes| !modes.is_empty())?,
            decisions: if self.approves.get() { KeyDecisions::Approve } else { KeyDecisions::None },
            days: days(&self.days.get())?,
        })
    }

    fn error(
        self,
        is_wrong: impl Fn(KeyFields) -> bool + Send + Sync + 'static,
        words: &'static str,
    ) -> Signal<Option<String>> {
        Signal::derive(move || (self.tried.get() && is_wrong(self)).then(|| words.to_owned()))
    }
}

/// Asks what a new key is for.
#[component]
pub fn MakeForm(editor: KeysEditor, sources: RwSignal<Vec<NamedSource>>) -> impl IntoView {
    let fields = KeyFields::new();
    let session = editor.session;
    Effect::new(|_| focus("key-name"));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        fields.tried.set(true);
        let Some(new) = untrack(|| fields.value()) else { return };
        // The button that was pressed is disabled while the key is made.
        focus("key-form");
        let api = editor.api;
        editor.all.save(async move { api.make_key(&new).await }, move |made| {
            let row = made.row.clone();
            editor.show_made(made, "The key is made. Copy it now.", |keys| keys.insert(0, row));
        });
    };
    let schools = Signal::derive(move || {
        let all = if session.is_district() { "All schools" } else { "My school" };
        let several =
            session.schools().iter().map(|school| (school.id.0.clone(), school.name.clone())).collect::<Vec<_>>();
        let several = if session.is_district() { several } else { Vec::new() };
        [(String::new(), all.to_owned())].into_iter().chain(several).collect::<Vec<_>>()
    });
    let choices = Signal::derive(move || {
        let named = sources.get().into_iter().map(|source| (source.id.0, source.name));
        [(String::new(), "Any".to_owned())].into_iter().chain(named).collect::<Vec<_>>()
    });
    let no_name = fields.error(|fields| fields.name.with(|name| name.trim().is_empty()), "Give the key a name.");
    let no_days =
        fields.error(|fields| fields.days.with(|text| days(text).is_none()), "A whole number of days from 1 to 400.");
    let no_mode = fields.error(|fields| fields.modes.with(BTreeSet::is_empty), "Choose at least one.");
    view! {
        <section class="panel" aria-labelledby="make-title">
            <h2 id="make-title">"Make a key"</h2>
            <form id="key-form" tabindex="-1" aria-labelledby="make-title" on:submit=submit>
                <fieldset class="bare" disabled=move || editor.all.is_busy()>
                    <TextField id="key-name" label="Name" value=fields.name error=no_name hint="Which program has it, such as Night export."/>
                    <SelectField id="key-school" label="School" value=fields.school options=schools hint="Whose users it may touch."/>
                    <Show when=move || sources.with(|sources| !sources.is_empty())>
                        <SelectField id="key-source" label="Source" value=fields.source options=choices hint="Whose files it sends."/>
                    </Show>
                    <fieldset class="radios stacked">
                        <legend>"Kinds of sync"</legend>
                        {Mode::ALL.map(|mode| view! { <TickOf one=mode label=words::mode(mode) chosen=fields.modes/> }).collect_view()}
                        <p class="field-error" aria-live="polite">{no_mode}</p>
                    </fieldset>
                    <Show when=move || session.may(Permission::Approve)>
                        <label class="radio">
                            <input
                                type="checkbox"
                                prop:checked=fields.approves
                                on:change:target=move |event| fields.approves.set(event.target().checked())
                            />
                            <span>
                                <span class="radio-title">"It may approve plans, too"</span>
                                <span class="muted small">"Then nobody has to look before users are changed or removed. Plans that make or close accounts of administrators always wait for a person."</span>
                            </span>
                        </label>
                    </Show>
                    <TextField
                        id="key-days"
                        label="Days until it expires"
                        value=fields.days
                        inputmode="numeric"
                        error=no_days
                        hint="400 at most. Make a new one before."
                    />
                    <div class="actions">
                        <button type="button" class="button" on:click=move |_| editor.close_form()>"Cancel"</button>
                        <button type="submit" class="button primary">"Make the key"</button>
                    </div>
                </fieldset>
            </form>
            <div aria-live="polite">
                <NotSaved editor=editor.all load_again=Callback::new(move |()| editor.all.load_again())/>
            </div>
        </section>
    }
}

fn days(text: &str) -> Option<u32> {
    typed_number(text).filter(|days| (1..=MOST_DAYS).contains(days)).and_then(|days| u32::try_from(days).ok())
}

#[cfg(test)]
mod tests {
    use super::days;

    #[test]
    fn a_key_lasts_for_whole_days() {
        assert_eq!((days("1"), days("400")), (Some(1), Some(400)));
        for text in ["", "0", "401", "1.5", "-1", "year"] {
            assert_eq!(days(text), None, "{text}");
        }
    }
}
