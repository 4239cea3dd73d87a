//! The systems that users come from.

use std::collections::BTreeSet;

use leptos::prelude::*;
use roster::{NamedSource, OtherSource, SourceId, SourceProblem, SourceRules, UserType};

use crate::components::RadioChoice;

/// The sources while they are edited.
#[derive(Clone, Copy)]
pub struct SourceFields {
    lines: RwSignal<Vec<SourceLine>>,
    takes_over: RwSignal<bool>,
    /// What the next line is known by.
    next: StoredValue<u32>,
}

/// One source while it is edited.
#[derive(Clone, Copy, PartialEq, Eq)]
struct SourceLine {
    key: u32,
    id: RwSignal<String>,
    name: RwSignal<String>,
    owns: RwSignal<BTreeSet<UserType>>,
    /// Users may have its short name.
    is_stored: bool,
}

impl SourceLine {
    fn new(key: u32, source: NamedSource, is_stored: bool) -> SourceLine {
        let NamedSource { id: SourceId(id), name, owns } = source;
        SourceLine { key, id: RwSignal::new(id), name: RwSignal::new(name), owns: RwSignal::new(owns), is_stored }
    }

    fn value(self) -> NamedSource {
        let (id, name) = (self.id.get().trim().to_owned(), self.name.get().trim().to_owned());
        NamedSource { id: SourceId(id), name, owns: self.owns.get() }
    }
}

impl SourceFields {
    /// Returns the fields with the sources that are stored.
    pub fn new(rules: &SourceRules) -> SourceFields {
        let lines = (0..).zip(&rules.sources).map(|(key, source)| SourceLine::new(key, source.clone(), true));
        SourceFields {
            lines: RwSignal::new(lines.collect()),
            takes_over: RwSignal::new(rules.other_source == OtherSource::TakeOver),
            next: StoredValue::new(rules.sources.len() as u32),
        }
    }

    /// Returns the sources as they stand; `None` while they can't be told apart, or one has no name.
    pub fn values(self) -> Option<SourceRules> {
        let rules = self.rules();
        rules.check().is_ok().then_some(rules)
    }

    fn rules(self) -> SourceRules {
        SourceRules {
            sources: self.lines.get().into_iter().map(SourceLine::value).collect(),
            other_source: if self.takes_over.get() { OtherSource::TakeOver } else { OtherSource::Reject },
        }
    }

    fn add(self) {
        let key = self.next.get_value();
        self.next.set_value(key + 1);
        let source = NamedSource { id: SourceId(String::new()), name: String::new(), owns: BTreeSet::new() };
        self.lines.update(|lines| lines.push(SourceLine::new(key, source, false)));
    }

    fn remove(self, key: u32) {
        self.lines.update(|lines| lines.retain(|line| line.key != key));
    }
}

/// Shows the sources with what each may do.
#[component]
pub fn SourcesForm(fields: SourceFields) -> impl IntoView {
    let problem = move || fields.rules().check().err().map(|problem| format!("Correct the sources: {problem}."));
    let any = move || fields.lines.with(|lines| !lines.is_empty());
    view! {
        <section class="panel" aria-labelledby="sources-title">
            <h2 id="sources-title">"Sources"</h2>
            <p class="muted">
                "Where users come from several systems, such as an SIS for students and an HR system for staff, each is a source. A full sync removes only users of its own source. Without sources, all rosters are of one."
            </p>
            <div class="sources">
                <For each=move || fields.lines.get() key=|line| line.key let:line><Line line fields/></For>
            </div>
            <p class="field-error" aria-live="polite">{problem}</p>
            <button type="button" class="button" id="add-source" on:click=move |_| fields.add()>"Add a source"</button>
            <Show when=any>
                <OtherRows fields/>
            </Show>
        </section>
    }
}

#[component]
fn Line(line: SourceLine, fields: SourceFields) -> impl IntoView {
    let SourceLine { key, id, name, owns, is_stored } = line;
    let field =
        move |what: &'static str, label: &'static str, hint: &'static str, value: RwSignal<String>, fixed: bool| {
            let problem = if what == "id" { SourceProblem::Id } else { SourceProblem::Name };
            let wrong = move || line.value().check() == Err(problem);
            let input = format!("source-{key}-{what}");
            let hint_id = format!("{input}-hint");
            view! {
                <div class="field" class:wrong=wrong>
                    <label for=input.clone()>{label}</label>
                    <input
                        type="text"
                        id=input
                        autocomplete="off"
                        spellcheck="false"
                        readonly=fixed
                        aria-describedby=hint_id.clone()
                        aria-invalid=move || wrong().then_some("true")
                        prop:value=value
                        on:input:target=move |e| value.set(e.target().value())
                    />
                    <p class="field-hint" id=hint_id>{hint}</p>
                </div>
            }
        };
    let short_hint = if is_stored {
        "It stays: users and folders have it."
    } else {
        "The folder is inbox/…/sources/ and this. It can\u{2019}t be changed later."
    };
    let owned = move |user_type: UserType| {
        let set = move |on: bool| {
            owns.update(|owns| {
                if on {
                    owns.insert(user_type);
                } else {
                    owns.remove(&user_type);
                }
            });
        };
        let checked = move || owns.with(|owns| owns.contains(&user_type));
        view! {
            <label class="radio">
                <input type="checkbox" prop:checked=checked on:change:target=move |e| set(e.target().checked())/>
                <span>{user_type.as_str()}</span>
            </label>
        }
    };
    view! {
        <fieldset class="source">
            <legend class="unseen">{move || format!("Source {}", name.get())}</legend>
            <div class="source-names">
                {field("name", "Name", "Such as SIS or HR.", name, false)}
                {field("id", "Short name", short_hint, id, is_stored)}
            </div>
            <fieldset class="radios">
                <legend>"Only this source has"</legend>
                {UserType::ALL.iter().map(|user_type| owned(*user_type)).collect_view()}
            </fieldset>
            <button type="button" class="button small" on:click=move |_| fields.remove(key)>"Remove this source"</button>
        </fieldset>
    }
}

#[component]
fn OtherRows(fields: SourceFields) -> impl IntoView {
    let choice = move |takes_over: bool, title: &'static str, what: &'static str| {
        view! {
            <RadioChoice name="other-source" value=fields.takes_over of=takes_over title what/>
        }
    };
    view! {
        <fieldset class="radios stacked">
            <legend>"A row about a user of another source"</legend>
            {choice(false, "Is an error", "The row is rejected, and the user stays as it is.")}
            {choice(true, "Takes the user over", "The user is of the file\u{2019}s source from then on.")}
        </fieldset>
        <p class="muted small">"Users who were added by hand, or before there were sources, are taken over by the first roster that has them."</p>
    }
}
