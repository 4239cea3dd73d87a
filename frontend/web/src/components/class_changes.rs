//! The plan explorer of classes: every change of a class or an enrolment, with the reason why an enrolment ends.

use leptos::prelude::*;
use roster::{ClassChange, ClassKind, EnrolmentChange, SchoolId};
use wire::http::{ClassChangesQuery, ItemKind, PlannedClassChange};
use wire::stored::ChunkOf;
use wire::{UploadId, shown};

use super::{ClassKindBadge, Empty, EnrolmentKindBadge, FieldChanges, LoadMore, More, Paged};
use crate::api::use_api;
use crate::session::use_session;
use crate::tasks::poll;
use crate::words::{self, Tense};

/// What the list is filtered by.
#[derive(Clone, Copy)]
pub struct ClassFilter {
    of: RwSignal<Option<ChunkOf>>,
    kind: RwSignal<Option<ItemKind>>,
    school: RwSignal<Option<SchoolId>>,
    /// The class ID, as it is typed.
    class: RwSignal<String>,
}

impl ClassFilter {
    /// Returns a filter that lets everything through.
    pub fn new() -> ClassFilter {
        ClassFilter {
            of: RwSignal::new(None),
            kind: RwSignal::new(None),
            school: RwSignal::new(None),
            class: RwSignal::new(String::new()),
        }
    }

    /// Lets only changes of this kind through.
    pub fn only(self, of: ChunkOf, kind: ItemKind) {
        self.of.set(Some(of));
        self.kind.set(Some(kind));
        self.school.set(None);
        self.class.set(String::new());
    }

    fn query(self, cursor: Option<String>) -> ClassChangesQuery {
        ClassChangesQuery {
            of: self.of.get_untracked(),
            kind: self.kind.get_untracked(),
            school: self.school.get_untracked(),
            class: Some(self.class.with_untracked(|class| class.trim().to_owned())).filter(|class| !class.is_empty()),
            cursor,
        }
    }

    fn is_on(self) -> bool {
        self.of.get().is_some()
            || self.kind.get().is_some()
            || self.school.get().is_some()
            || self.class.with(|class| !class.trim().is_empty())
    }
}

/// Shows the changes of classes and enrolments of an upload.
#[component]
pub fn ClassChangesList(id: UploadId, filter: ClassFilter, #[prop(into)] tense: Signal<Tense>) -> impl IntoView {
    let api = use_api();
    let list = Paged::<PlannedClassChange>::new(move |cursor| {
        let (id, query) = (id.clone(), filter.query(cursor));
        async move { api.class_changes(&id, &query).await }
    });
    let asked = StoredValue::new(filter.query(None));
    Effect::new(move |_| {
        filter.of.track();
        filter.kind.track();
        filter.school.track();
        asked.set_value(filter.query(None));
        list.restart();
    });
    search_when_typing_rests(filter, asked, list);
    let none = move || list.more.get() == More::End && list.items.with(Vec::is_empty);
    let title = move || {
        if filter.is_on() { "No changes match these filters." } else { "This plan changes no class and no enrolment." }
    };
    view! {
        <Filters filter/>
        <ul class="changes" aria-busy=move || (list.more.get() == More::Loading).then_some("true")>
            <For each=move || list.items.get() key=key let:change>
                {match change {
                    PlannedClassChange::Class(change) => view! { <ClassCard change tense/> }.into_any(),
                    PlannedClassChange::Enrolment(change) => view! { <EnrolmentCard change filter=Some(filter) tense/> }.into_any(),
                }}
            </For>
        </ul>
        <Show when=none><Empty title=title()>""</Empty></Show>
        <LoadMore list/>
    }
}

/// Asks again once nothing was typed for a moment.
fn search_when_typing_rests(
    filter: ClassFilter,
    asked: StoredValue<ClassChangesQuery>,
    list: Paged<PlannedClassChange>,
) {
    let before = StoredValue::new(String::new());
    poll(async move || {
        let (typed, query) = (filter.class.get_untracked(), filter.query(None));
        if before.get_value() == typed && asked.get_value() != query {
            asked.set_value(query);
            list.restart();
        }
        before.set_value(typed);
        Some(250)
    });
}

/// Returns what tells a change from the others of its plan.
fn key(change: &PlannedClassChange) -> String {
    match change {
        PlannedClassChange::Class(change) => format!("{} {}", change.class, change.kind.as_str()),
        PlannedClassChange::Enrolment(change) => {
            format!("{} {} {}", change.class, change.user, change.only_two_people)
        }
    }
}

const OF: [(&str, ChunkOf, &str); 2] =
    [("classes", ChunkOf::Classes, "Classes only"), ("enrolments", ChunkOf::Enrolments, "Enrolments only")];

const ITEM_KINDS: [(&str, ItemKind, &str); 3] = [
    ("created", ItemKind::Created, "Created"),
    ("updated", ItemKind::Updated, "Updated"),
    ("ended", ItemKind::Ended, "Ended or archived"),
];

#[component]
fn Filters(filter: ClassFilter) -> impl IntoView {
    let session = use_session();
    let of = move || filter.of.get().and_then(|of| OF.iter().find(|one| one.1 == of)).map_or("", |one| one.0);
    let kind =
        move || filter.kind.get().and_then(|kind| ITEM_KINDS.iter().find(|one| one.1 == kind)).map_or("", |one| one.0);
    let school = move || filter.school.get().map(|id| id.0).unwrap_or_default();
    let schools = move || {
        let schools = session.schools();
        schools
            .iter()
            .map(|s| view! { <option value=s.id.0.clone() selected=filter.school.get_untracked().as_ref() == Some(&s.id)>{s.name.clone()}</option> })
            .collect_view()
    };
    view! {
        <div class="filters" role="group" aria-label="Filter the changes of classes">
            <label>
                <span>"Of what"</span>
                <select id="filter-of" prop:value=of on:change:target=move |e| filter.of.set(OF.iter().find(|one| one.0 == e.target().value()).map(|one| one.1))>
                    <option value="">"Classes and enrolments"</option>
                    {OF.map(|(word, value, label)| view! { <option value=word selected=filter.of.get_untracked() == Some(value)>{label}</option> })}
                </select>
            </label>
            <label>
                <span>"Change"</span>
                <select id="filter-item-kind" prop:value=kind on:change:target=move |e| filter.kind.set(ITEM_KINDS.iter().find(|one| one.0 == e.target().value()).map(|one| one.1))>
                    <option value="">"All changes"</option>
                    {ITEM_KINDS.map(|(word, value, label)| view! { <option value=word selected=filter.kind.get_untracked() == Some(value)>{label}</option> })}
                </select>
            </label>
            <label>
                <span>"School"</span>
                <select id="filter-class-school" prop:value=school on:change:target=move |e| filter.school.set(Some(e.target().value()).filter(|v| !v.is_empty()).map(SchoolId))>
                    <option value="">"All schools"</option>
                    {schools}
                </select>
            </label>
            <label>
                <span>"Class ID"</span>
                <input
                    type="search"
                    id="filter-class"
                    placeholder="A whole class ID"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    prop:value=filter.class
                    on:input:target=move |e| filter.class.set(e.target().value())
                />
            </label>
        </div>
    }
}

#[component]
fn ClassCard(change: ClassChange, tense: Signal<Tense>) -> impl IntoView {
    let session = use_session();
    let kind = change.kind;
    let fields = shown::fields_of_class(&change);
    let note = (kind == ClassKind::Archived).then(|| {
        view! { <p class="change-note">"Its enrolments end. It can be restored with them for 30 days."</p> }
    });
    let (row, school) = (shown::row_in_file(change.row, change.part), change.after.school.clone());
    let head = view! {
        <div class="change-head">
            <ClassKindBadge kind tense/>
            <span class="change-name">{shown::class_name(&change.after.name, &change.after.class_id)}</span>
            <span class="change-facts muted">
                <span><code>{change.after.class_id}</code></span>
                <span>{move || words::school(&session.schools(), &school)}</span>
                {row.map(|row| view! { <span>{row}</span> })}
            </span>
        </div>
    };
    let body = match kind {
        // Of a class that comes every field differs, so those are shown on demand.
        ClassKind::Created => {
            view! { <details><summary>{head}</summary><FieldChanges fields whole=true/></details> }.into_any()
        }
        _ => view! { {head}<FieldChanges fields/>{note} }.into_any(),
    };
    view! { <li class="change">{body}</li> }
}

/// Shows a change of somebody's place in a class.
///
/// With a filter the class is a button that shows its changes only.
#[component]
pub fn EnrolmentCard(
    change: EnrolmentChange,
    #[prop(optional_no_strip)] filter: Option<ClassFilter>,
    #[prop(into)] tense: Signal<Tense>,
) -> impl IntoView {
    let session = use_session();
    let note = shown::note_of_enrolment(&change);
    let fields = shown::fields_of_enrolment(&change);
    let role = change.after.as_ref().or(change.before.as_ref()).map(|fields| fields.role.as_str());
    let row = shown::row_in_file(change.row, change.part);
    let whose = change.shown;
    let (school, class_id) = (whose.school, whose.class_id.clone());
    let name = format!("{} {}", whose.first_name, whose.last_name);
    let class = shown::class_name(&whose.class_name, &whose.class_id);
    let class = match filter {
        Some(filter) => {
            let only = format!("Show only the changes of the class {class}");
            let press = move |_| filter.class.set(class_id.clone());
            view! { <button type="button" class="link" title=only on:click=press>{class}</button> }.into_any()
        }
        None => class.into_any(),
    };
    view! {
        <li class="change">
            <div class="change-head">
                <EnrolmentKindBadge kind=change.kind tense/>
                <span class="change-name">{if name.trim().is_empty() { whose.custom_id.clone() } else { name }}</span>
                <span class="change-facts muted">
                    <span><code>{whose.custom_id}</code></span>
                    {role.map(|role| view! { <span>{role}</span> })}
                    <span>{class}</span>
                    <span>{move || words::school(&session.schools(), &school)}</span>
                    {row.map(|row| view! { <span>{row}</span> })}
                </span>
            </div>
            {(!fields.is_empty()).then(|| view! { <FieldChanges fields/> })}
            {note.map(|note| view! { <p class="change-note">{note}</p> })}
        </li>
    }
}
