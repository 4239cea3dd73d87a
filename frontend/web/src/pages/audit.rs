//! The audit log: who did what to what, and when.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use roster::{Guid, SchoolId};
use wire::UploadId;
use wire::audit::{Action, Entry, Subject};
use wire::http::AuditQuery;
use wire::stored::FieldChange;

use crate::api::use_api;
use crate::browser::{midnight_after, midnight_of};
use crate::components::{Empty, Icon, ListView, LoadMore, More, PageHead, Paged, ProblemNote, Sign, Skeleton, When};
use crate::downloading::Downloading;
use crate::session::use_session;
use crate::tasks::{Tasks, sleep};
use crate::words;

/// How many details of an entry are shown at once.
const DETAILS: usize = 4;

/// How long typing must rest before it is searched for, in milliseconds.
const REST: u32 = 350;

/// The filters as they are chosen and typed.
#[derive(Clone, Copy)]
struct Filters {
    action: RwSignal<Option<Action>>,
    by: RwSignal<String>,
    school: RwSignal<Option<SchoolId>>,
    from: RwSignal<String>,
    to: RwSignal<String>,
    /// From the address: the log of one user or of one upload.
    user: RwSignal<Option<Guid>>,
    upload: RwSignal<Option<UploadId>>,
}

impl Filters {
    fn new() -> Filters {
        let query = use_query_map();
        let asked = |name: &str| query.with_untracked(|query| query.get(name));
        Filters {
            action: RwSignal::new(None),
            by: RwSignal::new(String::new()),
            school: RwSignal::new(None),
            from: RwSignal::new(String::new()),
            to: RwSignal::new(String::new()),
            user: RwSignal::new(asked("user").and_then(|guid| guid.parse().ok()).map(Guid)),
            upload: RwSignal::new(asked("upload").map(UploadId)),
        }
    }

    /// Returns the query as it stands; what reads it is run again when it changes.
    fn query(self) -> AuditQuery {
        AuditQuery {
            action: self.action.get(),
            by: Some(self.by.get().trim().to_owned()).filter(|by| !by.is_empty()),
            upload: self.upload.get(),
            user: self.user.get(),
            school: self.school.get(),
            from: midnight_of(&self.from.get()),
            to: midnight_after(&self.to.get()),
            cursor: None,
        }
    }
}

/// Shows the page of the audit log.
#[component]
pub fn Audit() -> impl IntoView {
    let api = use_api();
    let filters = Filters::new();
    let list = Paged::<Entry>::new(move |cursor| {
        let query = AuditQuery { cursor, ..untrack(|| filters.query()) };
        async move { api.audit(&query).await }
    });
    restart_when_it_rests(filters, list);
    let filtered = move || untrack(|| filters.query()) != AuditQuery::default();
    view! {
        <PageHead title="Audit log"><Download filters/></PageHead>
        <p class="lead">"What was done, by whom and when. Nothing here is ever changed or deleted. What an upload did to accounts stands in the entry \u{201c}Plan applied\u{201d}; the download has each of them."</p>
        <Chosen filters/>
        <FilterBar filters/>
        {move || match list.view() {
            ListView::Loading => view! { <div class="list-loading"><Skeleton lines=8/></div> }.into_any(),
            ListView::Nothing if filtered() => {
                view! { <Empty title="Nothing matches these filters."><p>"Choose fewer of them, or a longer time."</p></Empty> }.into_any()
            }
            ListView::Nothing => {
                view! { <Empty title="Nothing has been done yet."><p>"Uploads, decisions and changes will stand here."</p></Empty> }.into_any()
            }
            ListView::NotYet => ().into_any(),
            ListView::Items => view! { <Table list/> }.into_any(),
        }}
        <LoadMore list/>
    }
}

/// Asks again when something was chosen or typed, and no more of it has come for a moment.
fn restart_when_it_rests(filters: Filters, list: Paged<Entry>) {
    let tasks = Tasks::here();
    let asked = StoredValue::new(0u32);
    Effect::new(move |before: Option<AuditQuery>| {
        let query = filters.query();
        if before.as_ref() == Some(&query) {
            return query;
        }
        asked.update_value(|n| *n += 1);
        let this = asked.get_value();
        let pause = if before.is_none() { 0 } else { REST };
        tasks.run(async move {
            sleep(pause).await;
            if asked.get_value() == this {
                list.restart();
            }
        });
        query
    });
}

/// Shows the user or upload whose log it is, with a way to all of it.
#[component]
fn Chosen(filters: Filters) -> impl IntoView {
    let all = move |_| {
        filters.user.set(None);
        filters.upload.set(None);
    };
    let what = move || match (filters.user.get(), filters.upload.get()) {
        (Some(guid), _) => {
            Some(view! { "Of one user: "<a href=format!("/users/{guid}")>{guid.to_string()}</a> }.into_any())
        }
        (None, Some(id)) => {
            Some(view! { "Of one upload: "<a href=format!("/uploads/{id}")>{id.0.clone()}</a> }.into_any())
        }
        (None, None) => None,
    };
    move || {
        what().map(|what| {
            view! { <p class="chosen-log">{what}" "<button type="button" class="link" on:click=all>"Show all"</button></p> }
        })
    }
}

#[component]
fn FilterBar(filters: Filters) -> impl IntoView {
    let session = use_session();
    let choose = move |word: String| {
        filters.action.set(Action::ALL.iter().copied().find(|action| action.as_str() == word));
    };
    // What uploads did to accounts is told of one user only.
    let found = Action::ALL.iter().filter(|action| **action != Action::UserSynced);
    let actions = found.map(|a| view! { <option value=a.as_str()>{a.label()}</option> }).collect_view();
    let schools = move || {
        let schools = session.schools();
        schools.iter().map(|s| view! { <option value=s.id.0.clone()>{s.name.clone()}</option> }).collect_view()
    };
    let choose_school = move |id: String| filters.school.set(Some(id).filter(|id| !id.is_empty()).map(SchoolId));
    view! {
        <div class="filters" role="search" aria-label="Filter the audit log">
            <label>
                <span>"What"</span>
                <select id="audit-action" on:change:target=move |e| choose(e.target().value())>
                    <option value="">"Everything"</option>
                    {actions}
                </select>
            </label>
            <label>
                <span>"Who"</span>
                <input
                    type="search"
                    id="audit-by"
                    placeholder="User name"
                    autocomplete="off"
                    autocapitalize="none"
                    prop:value=filters.by
                    on:input:target=move |e| filters.by.set(e.target().value())
                />
            </label>
            <Show when=move || session.is_district()>
                <label>
                    <span>"School"</span>
                    <select id="audit-school" on:change:target=move |e| choose_school(e.target().value())>
                        <option value="">"All schools"</option>
                        {schools}
                    </select>
                </label>
            </Show>
            <Date id="audit-from" title="From" value=filters.from/>
            <Date id="audit-to" title="To" value=filters.to/>
        </div>
    }
}

#[component]
fn Date(id: &'static str, title: &'static str, value: RwSignal<String>) -> impl IntoView {
    view! {
        <label>
            <span>{title}</span>
            <input type="date" id=id prop:value=value on:input:target=move |e| value.set(e.target().value())/>
        </label>
    }
}

#[component]
fn Download(filters: Filters) -> impl IntoView {
    let (api, downloading) = (use_api(), Downloading::here());
    let download = move |_| {
        let query = untrack(|| filters.query());
        downloading.start(async move { api.audit_download(&query).await });
    };
    view! {
        <button type="button" class="button" id="download-audit" disabled=downloading.busy on:click=download>
            <Icon sign=Sign::Download/>
            {move || if downloading.busy.get() { "Preparing\u{2026}" } else { "Download what is shown" }}
        </button>
        {move || downloading.failure.get().map(|failure| view! { <ProblemNote failure/> })}
    }
}

#[component]
fn Table(list: Paged<Entry>) -> impl IntoView {
    // Entries have no identifier, and the list only grows at its end until it starts anew.
    let rows = move || list.items.get().into_iter().map(|entry| view! { <Row entry/> }).collect_view();
    view! {
        <div class="table-frame" aria-busy=move || (list.more.get() == More::Loading).then_some("true")>
            <table class="table audit cards">
                <caption class="unseen">"Audit log, newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"What"</th>
                        <th scope="col">"About"</th>
                        <th scope="col">"Who"</th>
                        <th scope="col">"When"</th>
                        <th scope="col">"Details"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(entry: Entry) -> impl IntoView {
    let by = entry.by.as_ref().map_or_else(|| "Rollbook".to_owned(), words::decider);
    let details = entry.details.clone();
    view! {
        <tr>
            <th scope="row" data-label="What">{entry.action.label()}</th>
            <td data-label="About"><About entry=entry.clone()/></td>
            <td data-label="Who">{by}</td>
            <td data-label="When" class="when"><When at=entry.at/></td>
            <td data-label="Details" class="breaks"><Details details/></td>
        </tr>
    }
}

/// Shows whom or what an entry is about, and from which file and row it came.
#[component]
fn About(entry: Entry) -> impl IntoView {
    let session = use_session();
    let file = entry.file_name.unwrap_or_else(|| "an upload".to_owned());
    let upload = entry.upload.map(|id| view! { <a class="breaks" href=format!("/uploads/{id}")>{file}</a> });
    let row = entry.row.map(|row| format!(", row {row}"));
    let subject = match entry.subject {
        Subject::Upload => ().into_any(),
        Subject::Settings => view! { <a href="/settings">"Settings"</a> }.into_any(),
        Subject::Role { id } => view! { "Role "<code>{id.0}</code> }.into_any(),
        Subject::School { id } => view! { {move || words::school_in_list(session, &id)} }.into_any(),
        Subject::User { guid, custom_id } => {
            let name = custom_id.unwrap_or_else(|| guid.to_string());
            view! { <a class="breaks" href=format!("/users/{guid}")>{name}</a>" " }.into_any()
        }
        Subject::Class { class_id, .. } => view! { "Class "<code class="breaks">{class_id}</code>" " }.into_any(),
        Subject::Users => "Users".into_any(),
        Subject::AuditLog => "Audit log".into_any(),
        Subject::ApiKey { id } => view! { "API key "<code class="breaks">{id.0}</code> }.into_any(),
    };
    // One element, because a card puts each into a cell of its own.
    view! { <span>{subject}{upload}{row}</span> }
}

#[component]
fn Details(details: Vec<FieldChange>) -> impl IntoView {
    let session = use_session();
    let value = move |change: &FieldChange, text: &str| match change.field.as_str() {
        "school_district_external_id" if !text.is_empty() => {
            words::school(&session.schools(), &SchoolId(text.to_owned()))
        }
        field => words::value(field, text),
    };
    let line = move |change: FieldChange| {
        let field = words::field(&change.field).replace('_', " ");
        let words = move || match (value(&change, &change.before), value(&change, &change.after)) {
            (before, after) if before.is_empty() => after,
            (before, after) if after.is_empty() => format!("{before} \u{2192} nothing"),
            (before, after) => format!("{before} \u{2192} {after}"),
        };
        view! { <li><span class="muted">{field}": "</span>{words}</li> }
    };
    let mut details = details.into_iter();
    let first = details.by_ref().take(DETAILS).map(line).collect_view();
    let rest: Vec<FieldChange> = details.collect();
    let more = (!rest.is_empty()).then(|| {
        let title = format!("{} more", rest.len());
        view! { <details class="more"><summary>{title}</summary><ul>{rest.into_iter().map(line).collect_view()}</ul></details> }
    });
    view! { <div class="audit-details"><ul>{first}</ul>{more}</div> }
}
