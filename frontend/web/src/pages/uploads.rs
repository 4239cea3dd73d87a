//! The history: every upload, newest first, live.

use leptos::prelude::*;
use roster::Permission;
use wire::http::Page;
use wire::{Source, Status, Upload};

use crate::api::{Api, use_api};
use crate::components::{
    Empty, Icon, ListView, LoadMore, ModeBadge, More, PageHead, Paged, Sign, Skeleton, StatusBadge, When,
};
use crate::format::{count, share};
use crate::session::{PageSession, use_session};
use crate::tasks::poll;
use crate::words::{self, Tense};

mod watched;

use watched::Watched;

/// Shows the history of uploads.
#[component]
pub fn Uploads() -> impl IntoView {
    let (api, session) = (use_api(), use_session());
    let may_upload = move || session.may(Permission::Upload);
    let list = Paged::<Upload>::new(move |cursor| async move { api.uploads(cursor).await });
    list.restart();
    keep_fresh(list);
    let older = OlderPlans::new(list);
    let waiting = move || list.items.with(|all| all.iter().filter(|u| waits(u)).count()) + older.count();
    view! {
        <PageHead title="Uploads">
            <Show when=may_upload><a class="button primary" href="/upload"><Icon sign=Sign::Upload/>"Upload a roster"</a></Show>
        </PageHead>
        <p class="lead" aria-live="polite">
            {move || match waiting() {
                0 => "Every roster that was uploaded, and what became of it.".to_owned(),
                n if older.are_all_known() => format!("{} for your decision.", count(n as u64, "upload waits", "uploads wait")),
                n => format!("{} for your decision, and more that are not shown yet.", count(n as u64, "upload waits", "uploads wait")),
            }}
        </p>
        <Watched/>
        <OlderTable older/>
        {move || match list.view() {
            ListView::Loading => view! { <div class="list-loading"><Skeleton lines=6/></div> }.into_any(),
            ListView::Nothing => view! { <Nothing/> }.into_any(),
            ListView::NotYet => ().into_any(),
            ListView::Items => view! { <Table caption="Uploads, newest first" rows=Signal::derive(move || list.items.get())/> }.into_any(),
        }}
        <LoadMore list/>
    }
}

#[component]
fn Nothing() -> impl IntoView {
    let session = use_session();
    view! {
        <Empty title="No roster has been uploaded yet.">
            <p>"A roster is a CSV file with one row for each student, teacher, staff member and administrator. Rollbook checks it, shows what it would change, and waits for your approval."</p>
            <Show when=move || has_no_school(session)>
                <p>"Its rows name schools, so "<a href="/schools">"add the schools"</a>" first."</p>
            </Show>
            <Show when=move || session.may(Permission::Upload)>
                <p><a class="button primary" href="/upload"><Icon sign=Sign::Upload/>"Upload the first roster"</a></p>
            </Show>
        </Empty>
    }
}

/// Returns whether there is no school yet but the district office, and the one who looks can add some.
fn has_no_school(session: PageSession) -> bool {
    session.may(Permission::ManageSchools) && session.knows_schools() && session.schools().iter().nth(1).is_none()
}

/// Returns whether an upload waits for somebody's decision.
fn waits(upload: &Upload) -> bool {
    upload.status == Status::AwaitingApproval
}

/// The plans that wait for a decision, and are not in the part of the history that is shown: a night's rosters push a plan
/// out of sight.
#[derive(Clone, Copy)]
struct OlderPlans {
    list: Paged<Upload>,
    /// The first page of those that wait; `None` until it is there.
    waiting: RwSignal<Option<Page<Upload>>>,
    /// Those that the history does not show, the oldest first.
    rows: Memo<Vec<Upload>>,
}

impl OlderPlans {
    /// Asks for them again and again while the page is shown.
    fn new(list: Paged<Upload>) -> OlderPlans {
        const PAUSE: u32 = 30_000;
        let (api, waiting) = (use_api().by_itself(), RwSignal::new(None::<Page<Upload>>));
        poll(async move || {
            // A round that fails is made good by the next one.
            if let Ok(page) = api.waiting_uploads().await {
                waiting.set(Some(page));
            }
            Some(PAUSE)
        });
        let rows = Memo::new(move |_| {
            let shown = |upload: &Upload| list.items.with(|all| all.iter().any(|other| other.id == upload.id));
            let not_shown = |page: &Page<Upload>| page.items.iter().filter(|upload| !shown(upload)).cloned().collect();
            waiting.with(|waiting| waiting.as_ref().map(not_shown)).unwrap_or_default()
        });
        OlderPlans { list, waiting, rows }
    }

    fn count(self) -> usize {
        self.rows.with(Vec::len)
    }

    /// Returns whether none waits that is shown nowhere.
    fn are_all_known(self) -> bool {
        let all_came = self.waiting.with(|waiting| waiting.as_ref().is_some_and(|page| page.cursor.is_none()));
        all_came || self.list.more.get() == More::End
    }
}

#[component]
fn OlderTable(older: OlderPlans) -> impl IntoView {
    view! {
        <Show when=move || older.count() != 0>
            <section class="older-plans" aria-labelledby="older-plans-title">
                <h2 id="older-plans-title">"Older plans that wait for a decision"</h2>
                <Table caption="Older plans that wait for a decision, the oldest first" rows=older.rows.into()/>
            </section>
        </Show>
    }
}

#[component]
fn Table(caption: &'static str, rows: Signal<Vec<Upload>>) -> impl IntoView {
    view! {
        <div class="table-frame">
            <table class="table uploads cards">
                <caption class="unseen">{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"File"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col">"Mode"</th>
                        <th scope="col">"Changes"</th>
                        <th scope="col">"Sent by"</th>
                        <th scope="col">"When"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || rows.get() key=|u| (u.id.clone(), u.updated_at, u.status.label(), u.progress.map(|p| p.done)) let:upload>
                        <Row upload/>
                    </For>
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(upload: Upload) -> impl IntoView {
    let session = use_session();
    let (by, key) = match &upload.source {
        Source::Administrator { username, key, .. } => {
            (username.clone(), key.as_ref().map(|key| format!("API key {}", key.name)))
        }
        Source::Bucket { .. } => ("Bucket".to_owned(), None),
    };
    let scope = upload.scope.clone();
    let school = move || match &scope {
        roster::Scope::Organisation => String::new(),
        roster::Scope::School(id) => words::school(&session.schools(), id),
        roster::Scope::Schools(ids) => count(ids.len() as u64, "school", "schools"),
    };
    view! {
        <tr>
            <th scope="row" data-label="File">
                <a class="file-link" href=format!("/uploads/{}", upload.id)>{upload.file_name.clone()}</a>
                <span class="muted small">{school}</span>
            </th>
            <td data-label="Status">
                <div class="chips">
                    <StatusBadge status=upload.status/>
                    {upload.marks.iter().map(|mark| view! { <span class="chip">{mark.label()}</span> }).collect_view()}
                </div>
            </td>
            <td data-label="Mode"><ModeBadge mode=upload.mode by_hand=upload.by_hand/></td>
            <td data-label="Changes" class="summary">{what_happened(&upload)}</td>
            <td data-label="Sent by" class="sent-by"><div>{by}{key.map(|key| view! { <span class="muted small">{key}</span> })}</div></td>
            <td data-label="When" class="when"><When at=upload.created_at/></td>
        </tr>
    }
}

fn what_happened(upload: &Upload) -> String {
    let applying = upload.status == Status::InProgress && upload.decision.is_some();
    match (&upload.failure, upload.counts, upload.progress) {
        (Some(failure), ..) => failure.clone(),
        _ if upload.status == Status::Rejected => "Nothing was changed".to_owned(),
        _ if upload.status == Status::Paused => "Waits for the end of a pause".to_owned(),
        (None, _, Some(p)) if applying => format!("Applying: {}%", share(p.done.into(), p.total.into())),
        (None, Some(_), _) => {
            let classes = upload.class_counts_done().unwrap_or_default();
            upload.counts_done().map_or_else(String::new, |counts| words::summary(&counts, &classes, Tense::of(upload)))
        }
        (None, None, _) if upload.status.is_final() => "\u{2013}".to_owned(),
        (None, None, _) => "Being checked\u{2026}".to_owned(),
    }
}

/// Asks for the first page again and again, sooner while something moves, and puts what is new in its place.
fn keep_fresh(list: Paged<Upload>) {
    let api = use_api().by_itself();
    let first = StoredValue::new(true);
    poll(async move || {
        // The list has just been asked for; the first round only waits.
        if !first.get_value() {
            renew(api, list).await;
        }
        first.set_value(false);
        Some(list.items.with_untracked(|all| pause(all)))
    });
}

async fn renew(api: Api, list: Paged<Upload>) {
    // A round that fails is made good by the next one.
    if let Ok(page) = api.uploads(None).await
        && let Some(items) = list.items.with_untracked(|all| merged(all, page.items))
    {
        list.items.set(items);
    }
}

fn pause(uploads: &[Upload]) -> u32 {
    let moving = uploads.iter().any(|u| matches!(u.status, Status::Queued | Status::InProgress));
    if moving { 1_500 } else { 5_000 }
}

/// Returns `known` with the uploads of the first page renewed; `None` where nothing is new.
fn merged(known: &[Upload], first_page: Vec<Upload>) -> Option<Vec<Upload>> {
    let rest = known.iter().filter(|u| first_page.iter().all(|f| f.id != u.id)).cloned();
    let mut all: Vec<Upload> = first_page.iter().cloned().chain(rest).collect();
    all.sort_by(|a, b| b.id.cmp(&a.id));
    (all != known).then_some(all)
}
