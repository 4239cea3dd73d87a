//! The users of a school, with search and downloads.

mod feed;

use leptos::prelude::*;
use roster::user::RECOVERABLE_DAYS;
use roster::{Permission, SchoolId, UserType};
use wire::http::{TableFormat, UserRow, UsersDownload, UsersQuery, Who};

use crate::api::use_api;
use crate::components::{
    Day, Empty, Icon, ListView, LoadMore, More, PageHead, Paged, ProblemNote, Sign, Skeleton, TableFormatChoice,
};
use crate::downloading::Downloading;
use crate::session::use_session;
use crate::tasks::poll;
use crate::words;

/// Shows the list of users.
#[component]
pub fn Users() -> impl IntoView {
    let (api, session) = (use_api(), use_session());
    let school = RwSignal::new(session.me_now().and_then(|me| me.school));
    let search = RwSignal::new(String::new());
    let which = RwSignal::new(Which::Present);
    let list = Paged::<UserRow>::new(move |cursor| {
        let search = Some(search.get_untracked().trim().to_owned()).filter(|s| !s.is_empty());
        let which = which.get_untracked();
        let (deleted, archived) = (which == Which::Deleted, which == Which::Archived);
        let query = UsersQuery { school: school.get_untracked(), search, deleted, archived, cursor };
        async move { api.users(&query).await }
    });
    Effect::new(move |_| {
        school.track();
        which.track();
        list.restart();
    });
    search_when_typing_rests(search, list);
    view! {
        <PageHead title="Users">
            <Show when=move || session.may(Permission::Upload)>
                <a class="button primary" id="add-user" href="/users/new"><Icon sign=Sign::Plus/>"Add a user"</a>
            </Show>
        </PageHead>
        <div class="filters" role="search">
            <label>
                <span>"School"</span>
                <SchoolSelect id="school" school/>
            </label>
            <label>
                <span>"Show"</span>
                <select id="show" on:change:target=move |e| which.set(Which::of(&e.target().value()))>
                    <option value="present">"Users"</option>
                    <option value="deleted">"Deleted users"</option>
                    <option value="archived">"Archived users"</option>
                </select>
            </label>
            <label class="grow">
                <span>"Search"</span>
                <input
                    type="search"
                    id="search"
                    placeholder="Name, or a whole custom ID, user name or e-mail"
                    autocomplete="off"
                    prop:value=search
                    on:input:target=move |e| search.set(e.target().value())
                />
            </label>
        </div>
        {move || match list.view() {
            ListView::Loading => view! { <div class="list-loading"><Skeleton lines=8/></div> }.into_any(),
            ListView::Nothing => {
                view! { <NoUsers searched=!search.get_untracked().trim().is_empty() which=which.get_untracked()/> }.into_any()
            }
            ListView::NotYet => ().into_any(),
            ListView::Items => view! { <Table list/> }.into_any(),
        }}
        <LoadMore list/>
        {move || (which.get() == Which::Present).then(|| view! { <Download/><feed::DownloadFeed/> })}
    }
}

/// The users that are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Present,
    Deleted,
    Archived,
}

impl Which {
    fn of(value: &str) -> Which {
        match value {
            "deleted" => Which::Deleted,
            "archived" => Which::Archived,
            _ => Which::Present,
        }
    }
}

#[component]
fn SchoolSelect(id: &'static str, school: RwSignal<Option<SchoolId>>) -> impl IntoView {
    let session = use_session();
    let all = move || session.is_district().then(|| view! { <option value="">"All schools"</option> });
    let options = move || {
        let chosen = school.get_untracked();
        let schools = session.schools();
        schools
            .iter()
            .map(|s| view! { <option value=s.id.0.clone() selected=chosen.as_ref() == Some(&s.id)>{s.name.clone()}</option> })
            .collect_view()
    };
    view! {
        <select
            id=id
            disabled=move || !session.is_district()
            on:change:target=move |e| school.set(Some(e.target().value()).filter(|v| !v.is_empty()).map(SchoolId))
        >
            {all}
            {options}
        </select>
    }
}

#[component]
fn NoUsers(searched: bool, which: Which) -> impl IntoView {
    if searched {
        return view! { <Empty title="Nobody was found."><p>"Search for a part of a name, or for a whole custom ID, user name or e-mail address."</p></Empty> }
            .into_any();
    }
    match which {
        Which::Present => {
            view! { <Empty title="There are no users here yet."><p><a href="/upload">"Upload a roster"</a>" to create them."</p></Empty> }.into_any()
        }
        Which::Deleted => {
            let kept = format!("A user that a sync deletes is kept here for {RECOVERABLE_DAYS} days and can be recovered.");
            view! { <Empty title="No deleted users."><p>{kept}</p></Empty> }.into_any()
        }
        Which::Archived => {
            view! { <Empty title="No archived users."><p>"Where the settings say so, users that stay disabled for long are kept here and can be recovered."</p></Empty> }.into_any()
        }
    }
}

#[component]
fn Table(list: Paged<UserRow>) -> impl IntoView {
    view! {
        <div class="table-frame" aria-busy=move || (list.more.get() == More::Loading).then_some("true")>
            <table class="table users cards">
                <caption class="unseen">"Users"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Custom ID"</th>
                        <th scope="col">"User type"</th>
                        <th scope="col">"Grade or position"</th>
                        <th scope="col">"School"</th>
                        <th scope="col">"E-mail"</th>
                        <th scope="col">"Status"</th>
                    </tr>
                </thead>
                <tbody><For each=move || list.items.get() key=|u| (u.guid, u.version) let:user><Row user/></For></tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(user: UserRow) -> impl IntoView {
    let session = use_session();
    let what = match user.user_type {
        UserType::Student if user.grade == roster::Grade::Unspecified => String::new(),
        UserType::Student => format!("Grade {}", user.grade),
        _ => user.position.clone(),
    };
    let status = status(&user);
    let id = match user.custom_id {
        Some(id) => view! { <code>{id}</code> }.into_any(),
        None => view! { <span class="muted">"None"</span> }.into_any(),
    };
    let school = user.school.clone();
    view! {
        <tr>
            <th scope="row" data-label="Name"><a href=format!("/users/{}", user.guid)>{user.last_name}", "{user.first_name}</a></th>
            <td data-label="Custom ID">{id}</td>
            <td data-label="User type">{user.user_type.as_str()}</td>
            <td data-label="Grade or position">{what}</td>
            <td data-label="School">{move || words::school_in_list(session, &school)}</td>
            <td data-label="E-mail" class="breaks">{user.email}</td>
            <td data-label="Status">{status}</td>
        </tr>
    }
}

fn status(user: &UserRow) -> AnyView {
    if let Some(until) = user.recoverable_until {
        // One element, because a card puts each into a cell of its own.
        let state = if user.archived { "Archived" } else { "Deleted" };
        return view! { <span><span class="state off">{state}</span>" "<span class="muted">"until "<Day at=until/></span></span> }
            .into_any();
    }
    let disabled = user.status == roster::Status::Disabled;
    view! { <span class="state" class:off=disabled>{user.status.as_str()}</span> }.into_any()
}

#[component]
fn Download() -> impl IntoView {
    let (api, session) = (use_api(), use_session());
    let school = RwSignal::new(session.me_now().and_then(|me| me.school));
    let who = RwSignal::new(Who::All);
    let format = RwSignal::new(TableFormat::Csv);
    let downloading = Downloading::here();
    let download = move |_| {
        let request =
            UsersDownload { school: school.get_untracked(), who: who.get_untracked(), format: format.get_untracked() };
        downloading.start(async move { api.users_download(&request).await });
    };
    let choice = move |value: Who, word: &'static str| {
        view! {
            <label class="radio">
                <input type="radio" name="who" prop:checked=move || who.get() == value on:change=move |_| who.set(value)/>
                <span>{word}</span>
            </label>
        }
    };
    view! {
        <section class="panel" aria-labelledby="download-title">
            <h2 id="download-title">"Download users and classes"</h2>
            <p class="muted">"A file in the roster\u{2019}s own columns. Edit it and upload it as a partial sync: what you edited changes, as far as the settings of partial syncs allow it, and nothing else. Users without a custom ID are left out: no roster can hold them."</p>
            <div class="filters">
                <label><span>"School"</span><SchoolSelect id="download-school" school/></label>
                <fieldset class="radios">
                    <legend>"Who"</legend>
                    {choice(Who::All, "Everybody")}
                    {choice(Who::Staff, "Staff only")}
                    {choice(Who::Administrators, "Administrators only")}
                    {choice(Who::WithClasses, "Everybody, with a row for each class")}
                    {choice(Who::Classes, "Classes")}
                    {choice(Who::Enrolments, "Enrolments: who is in which class")}
                </fieldset>
                <TableFormatChoice format name="format" legend="As" by_hand="to edit by hand"/>
                <button type="button" class="button" id="download-users" disabled=downloading.busy on:click=download>
                    <Icon sign=Sign::Download/>
                    {move || if downloading.busy.get() { "Preparing\u{2026}" } else { "Download" }}
                </button>
            </div>
            {move || downloading.failure.get().map(|failure| view! { <ProblemNote failure/> })}
        </section>
    }
}

/// Searches once nothing was typed for a moment.
fn search_when_typing_rests(search: RwSignal<String>, list: Paged<UserRow>) {
    let asked = StoredValue::new(String::new());
    let before = StoredValue::new(String::new());
    poll(async move || {
        let now = search.get_untracked();
        if before.get_value() == now && asked.get_value() != now {
            asked.set_value(now.clone());
            list.restart();
        }
        before.set_value(now);
        Some(250)
    });
}
