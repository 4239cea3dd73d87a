//! The plan explorer: every change with each field before and after.

use leptos::prelude::*;
use roster::{Change, Kind, SchoolId, UserType};
use wire::http::ChangesQuery;
use wire::stored::FieldChange;
use wire::{UploadId, shown};

use super::{Empty, KindBadge, LoadMore, More, Paged};
use crate::api::use_api;
use crate::session::use_session;
use crate::words::{self, Tense};

/// Shows the changes of an upload, filtered by kind, school and user type.
#[component]
pub fn ChangesList(id: UploadId, kind: RwSignal<Option<Kind>>, #[prop(into)] tense: Signal<Tense>) -> impl IntoView {
    let api = use_api();
    let school = RwSignal::new(None::<SchoolId>);
    let user_type = RwSignal::new(None::<UserType>);
    let list = Paged::<Change>::new(move |cursor| {
        let id = id.clone();
        let query = ChangesQuery {
            kind: kind.get_untracked(),
            school: school.get_untracked(),
            user_type: user_type.get_untracked(),
            cursor,
        };
        async move { api.changes(&id, &query).await }
    });
    Effect::new(move |_| {
        kind.track();
        school.track();
        user_type.track();
        list.restart();
    });
    let filtered = move || kind.get().is_some() || school.get().is_some() || user_type.get().is_some();
    let none = move || list.more.get() == More::End && list.items.with(Vec::is_empty);
    view! {
        <Filters kind school user_type tense/>
        <ul class="changes" aria-busy=move || (list.more.get() == More::Loading).then_some("true")>
            <For each=move || list.items.get() key=|c| (c.guid, c.kind) let:change>
                <ChangeCard change tense open=list.items.with_untracked(|all| all.len() == 1)/>
            </For>
        </ul>
        <Show when=none>
            <Empty title=if filtered() { "No changes match these filters." } else { "This plan changes nothing." }>""</Empty>
        </Show>
        <LoadMore list/>
    }
}

#[component]
fn Filters(
    kind: RwSignal<Option<Kind>>,
    school: RwSignal<Option<SchoolId>>,
    user_type: RwSignal<Option<UserType>>,
    tense: Signal<Tense>,
) -> impl IntoView {
    let session = use_session();
    let chosen_kind =
        move || kind.get().and_then(|k| words::KINDS.iter().find(|(of, _)| *of == k)).map_or("", |(_, word)| word);
    let choose_kind = move |word: String| kind.set(words::KINDS.iter().find(|(_, w)| *w == word).map(|(k, _)| *k));
    let schools = move || {
        let schools = session.schools();
        schools
            .iter()
            .map(|s| view! { <option value=s.id.0.clone() selected=school.get_untracked().as_ref() == Some(&s.id)>{s.name.clone()}</option> })
            .collect_view()
    };
    view! {
        <div class="filters" role="group" aria-label="Filter the changes">
            <label>
                <span>"Change"</span>
                <select id="filter-kind" prop:value=chosen_kind on:change:target=move |e| choose_kind(e.target().value())>
                    <option value="">"All changes"</option>
                    {words::KINDS.map(|(k, word)| view! { <option value=word selected=kind.get_untracked() == Some(k)>{move || words::kind(k, tense.get())}</option> })}
                </select>
            </label>
            <label>
                <span>"School"</span>
                <select id="filter-school" on:change:target=move |e| school.set(Some(e.target().value()).filter(|v| !v.is_empty()).map(SchoolId))>
                    <option value="">"All schools"</option>
                    {schools}
                </select>
            </label>
            <label>
                <span>"User type"</span>
                <select id="filter-type" on:change:target=move |e| user_type.set(e.target().value().parse().ok())>
                    <option value="">"All types"</option>
                    {UserType::ALL.iter().map(|t| view! { <option value=t.as_str()>{t.as_str()}</option> }).collect_view()}
                </select>
            </label>
        </div>
    }
}

/// Shows a change with each field before and after.
///
/// `open` shows the fields of a user that comes or goes at once.
#[component]
pub fn ChangeCard(change: Change, #[prop(into)] tense: Signal<Tense>, #[prop(optional)] open: bool) -> impl IntoView {
    let session = use_session();
    let kind = change.kind;
    let fields = shown::fields_of_user(&change);
    let note = shown::note_of_user(&change).map(|note| view! { <p class="change-note">{note}</p> });
    let row = change.row.map(|row| view! { <span>{format!("row {row}")}</span> });
    let Some(shown) = change.shown().cloned() else { return ().into_any() };
    let school = shown.school;
    let head = view! {
        <div class="change-head">
            <KindBadge kind tense/>
            <span class="change-name">{shown.first_name}" "{shown.last_name}</span>
            <span class="change-facts muted">
                <span><code>{shown.custom_id}</code></span>
                <span>{shown.user_type.as_str()}</span>
                <span>{move || words::school(&session.schools(), &school)}</span>
                {row}
            </span>
        </div>
    };
    // Of a user that comes or goes every field differs, so those are shown on demand.
    let body = match kind {
        Kind::Created | Kind::Removed => {
            view! { <details open=open><summary>{head}</summary>{note}<FieldChanges fields whole=true/></details> }
                .into_any()
        }
        _ => view! { {head}<FieldChanges fields/>{note} }.into_any(),
    };
    view! { <li class="change">{body}</li> }.into_any()
}

/// Shows each field that changes, before and after.
///
/// `whole` is for a user that comes or goes, where only one side is there.
#[component]
pub fn FieldChanges(fields: Vec<FieldChange>, #[prop(optional)] whole: bool) -> impl IntoView {
    let session = use_session();
    let value = move |field: &str, text: &str| match field {
        "school_district_external_id" if !text.is_empty() => {
            words::school(&session.schools(), &SchoolId(text.to_owned()))
        }
        _ => words::value(field, text),
    };
    let lines = move || {
        fields
            .iter()
            .map(|change| {
                let before = value(&change.field, &change.before);
                let after = value(&change.field, &change.after);
                let sides = if change.field == "password" {
                    // What it was and is, nobody knows.
                    view! { <span class="after">"set anew"</span> }.into_any()
                } else if whole {
                    only(before, after).into_any()
                } else {
                    both(before, after).into_any()
                };
                view! { <div class="field-change"><dt>{words::field(&change.field)}</dt><dd>{sides}</dd></div> }
            })
            .collect_view()
    };
    view! { <dl class="field-changes">{lines}</dl> }
}

fn both(before: String, after: String) -> impl IntoView {
    view! {
        <span class="unseen">"before: "</span>
        {side("before", before)}
        <span class="to" aria-hidden="true">"\u{2192}"</span>
        <span class="unseen">", after: "</span>
        {side("after", after)}
    }
}

fn only(before: String, after: String) -> impl IntoView {
    if after.is_empty() { side("before", before) } else { side("after", after) }
}

fn side(class: &'static str, text: String) -> impl IntoView {
    let nothing = text.is_empty();
    let text = if nothing { "empty".to_owned() } else { text };
    view! { <span class=class class:nothing=nothing>{text}</span> }
}
