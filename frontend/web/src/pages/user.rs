//! One user: fields, custom ID, and everything that happened to it.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use roster::user::RECOVERABLE_DAYS;
use roster::{Kind, Permission, Status, UserType};
use wire::http::{CustomIdEdit, Origin, Recover, ResetRow, UserDetail, UserRow};
use wire::stored::HistoryEntry;

use crate::api::{CallFailure, use_api};
use crate::browser;
use crate::components::{
    Day, Empty, FieldChanges, Icon, KindBadge, Notice, PageHead, ProblemNote, Sign, Skeleton, TextField, Tone, When,
};
use crate::pages::passwords::reset::ResetFiles;
use crate::session::use_session;
use crate::tasks::Tasks;
use crate::words::{self, Tense};

mod classes;
mod everything;
mod last_file;
mod origins;
mod roles;
mod waiting;

use classes::UserClasses;
use everything::EverythingPanel;
use last_file::LastFilePanel;
use origins::FieldOrigin;
use roles::RolesPanel;
use waiting::Waiting;

/// Shows the page of a user.
#[component]
pub fn User() -> impl IntoView {
    let (api, tasks) = (use_api(), Tasks::here());
    let params = use_params_map();
    let detail = RwSignal::new(None::<UserDetail>);
    let failure = RwSignal::new(None::<CallFailure>);
    let load = move || {
        let guid = params.with_untracked(|p| p.get("guid").unwrap_or_default());
        failure.set(None);
        tasks.run(async move {
            match api.user(&guid).await {
                Ok(found) => detail.set(Some(found)),
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    load();
    let may_see_passwords = use_session().may_now(Permission::SeePasswords);
    let may_upload = use_session().may_now(Permission::Upload);
    // What was done on this page, in a sentence.
    let saved = RwSignal::new(None::<String>);
    let title = Signal::derive(move || {
        detail.with(|d| {
            let name = d.as_ref().map(|d| format!("{} {}", d.user.first_name, d.user.last_name).trim().to_owned());
            // One that was erased has no name.
            let name = name.filter(|name| !name.is_empty());
            name.or_else(|| d.as_ref().map(|d| d.user.username.clone())).unwrap_or_else(|| "User".to_owned())
        })
    });
    view! {
        <PageHead title=title above=ViewFn::from(|| view! { <p class="crumb"><a href="/users">"Users"</a></p> })>
            {move || detail.with(|d| d.as_ref().filter(|d| is_editable(&d.user)).map(|d| d.user.guid)).filter(|_| may_upload).map(|guid| view! {
                <a class="button" id="edit-user" href=format!("/users/{guid}/edit")><Icon sign=Sign::Pencil/>"Edit"</a>
            })}
        </PageHead>
        {move || failure.get().map(|failure| view! { <ProblemNote failure retry=Callback::new(move |()| load())/> })}
        {move || saved.get().map(|title| view! { <Notice tone=Tone::Good title>""</Notice> })}
        {move || detail.with(|d| d.as_ref()?.reset.clone()).map(|row| view! {
            <Notice tone=Tone::Attention title="The user got a new temporary password.">
                <p>"The user may do more than before, and others may have known the password. "{hand_out(may_see_passwords)}</p>
                {may_see_passwords.then(|| view! { <ResetFiles row/> })}
            </Notice>
        })}
        {move || match (detail.get(), failure.get()) {
            (Some(found), _) => view! { <Detail found detail saved/> }.into_any(),
            (None, None) => view! { <Skeleton lines=8/> }.into_any(),
            (None, Some(_)) => ().into_any(),
        }}
    }
}

/// Returns whether a roster, and so an edit by hand, can touch the user as it is.
fn is_editable(user: &UserRow) -> bool {
    user.custom_id.is_some() && user.deleted_at.is_none()
}

/// Returns who can hand out a new password: to give roles one need not be allowed to see passwords.
fn hand_out(may_see_passwords: bool) -> &'static str {
    if may_see_passwords {
        "Hand out the new one:"
    } else {
        "Somebody who may see passwords finds the new one on the page Passwords, and can hand it out."
    }
}

#[component]
fn Detail(found: UserDetail, detail: RwSignal<Option<UserDetail>>, saved: RwSignal<Option<String>>) -> impl IntoView {
    let user = found.user.clone();
    let may_change = use_session().may_now(Permission::ChangeUsers);
    let aside = match user.deleted_at {
        Some(at) => view! { <Deleted user at detail saved/> }.into_any(),
        None => view! {
            <div>
                {may_change.then(|| view! { <CustomId user=user.clone() detail saved/> })}
                <ResetPassword user=user.clone()/>
                <RolesPanel user detail saved/>
            </div>
        }
        .into_any(),
    };
    let session = use_session();
    let log = format!("/audit?user={}", found.user.guid);
    let guid = found.user.guid;
    let why_not = match (&found.user.custom_id, found.user.deleted_at) {
        _ if !session.may_now(Permission::Upload) => None,
        (_, Some(_)) => Some("A deleted user can\u{2019}t be edited: recover it first."),
        (None, None) => Some("A user without a custom ID can\u{2019}t be edited here: give it one first."),
        (Some(_), None) => None,
    };
    view! {
        <div class="columns">
            <div>
                <section class="panel" aria-labelledby="fields-title">
                    <h2 id="fields-title">"Account"</h2>
                    <Fields user=found.user origins=found.origins/>
                    {why_not.map(|why| view! { <p class="muted small" id="not-editable">{why}</p> })}
                </section>
                <LastFilePanel guid/>
            </div>
            {aside}
        </div>
        <UserClasses guid/>
        <Waiting guid/>
        <section aria-labelledby="history-title">
            <h2 id="history-title">"History"</h2>
            <Show when=move || session.may(Permission::ReadAudit)>
                <p class="list-foot"><a href=log.clone()>"In the audit log"</a></p>
            </Show>
            <History entries=found.history/>
        </section>
        <EverythingPanel guid/>
    }
}

#[component]
fn Fields(user: UserRow, origins: Vec<Origin>) -> impl IntoView {
    let session = use_session();
    let school = user.school.clone();
    let origin = |field: &str| {
        let origin = origins::of(&origins, field).cloned();
        origin.map(|origin| view! { <FieldOrigin origin/> })
    };
    let line = |name: &'static str, field: &str, value: String| {
        let value = or_dash(value);
        view! { <div><dt>{name}</dt><dd class="breaks">{value}{origin(field)}</dd></div> }
    };
    let status = match user.deleted_at {
        None => user.status.as_str(),
        Some(_) if user.archived => "Archived",
        Some(_) => "Deleted",
    };
    let of_type = match user.user_type {
        UserType::Student => ("Grade", "grade", user.grade.as_str().to_owned()),
        _ => ("Position", "position", user.position.clone()),
    };
    // On a narrow screen the lines that say where values came from are shown on demand.
    let shown = RwSignal::new(false);
    let toggle = move || if shown.get() { "Hide where this came from" } else { "Where this came from" };
    view! {
        <dl class="facts origins" class:shown=shown id="account-facts">
            {line("First name", "first_name", user.first_name)}
            {line("Middle name", "middle_name", user.middle_name)}
            {line("Last name", "last_name", user.last_name)}
            {line("User name", "username", user.username)}
            <div class="wide"><dt>"E-mail"</dt><dd class="breaks">{or_dash(user.email)}{origin("email")}</dd></div>
            <div class="wide">
                <dt>"School"</dt>
                <dd>{move || words::school(&session.schools(), &school)}{origin("school_district_external_id")}</dd>
            </div>
            {line("User type", "user_type", user.user_type.as_str().to_owned())}
            {line(of_type.0, of_type.1, of_type.2)}
            {line("Status", "status", status.to_owned())}
            {line("Custom ID", "custom_id", user.custom_id.unwrap_or_default())}
            {user.source.map(|source| line("Source", "source", words::user_source(&source)))}
            <div class="wide"><dt>"GUID"</dt><dd><code class="breaks">{user.guid.to_string()}</code></dd></div>
        </dl>
        <button
            type="button"
            class="link origins-toggle"
            aria-expanded=move || shown.get().to_string()
            aria-controls="account-facts"
            on:click=move |_| shown.update(|shown| *shown = !*shown)
        >
            {toggle}
        </button>
    }
}

fn or_dash(value: String) -> AnyView {
    if value.is_empty() { view! { <span class="muted">"\u{2013}"</span> }.into_any() } else { value.into_any() }
}

#[component]
fn Deleted(
    user: UserRow,
    at: u64,
    detail: RwSignal<Option<UserDetail>>,
    saved: RwSignal<Option<String>>,
) -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let failure = RwSignal::new(None::<CallFailure>);
    let busy = RwSignal::new(false);
    let archived = user.archived;
    let guid = user.guid.to_string();
    let recover = move |_| {
        failure.set(None);
        busy.set(true);
        let guid = guid.clone();
        tasks.run(async move {
            let reply = api.recover(&guid, &Recover { version: user.version }).await;
            busy.set(false);
            match reply {
                Ok(found) => {
                    session.say("The user was recovered.");
                    saved.set(Some("The user is back, as it was.".to_owned()));
                    detail.set(Some(found));
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    let until = user.recoverable_until.filter(|until| *until > browser::now());
    let recoverable = until.is_some() && session.may_now(Permission::ChangeUsers);
    let fate = match until {
        Some(until) => view! {
            <p>"It can be recovered until "<Day at=until/>": with its GUID, its user name and its password. Then its names, its address and its history are erased."</p>
        }
        .into_any(),
        None => view! {
            <p>{if archived { "Its time in the archive is over: its names, its address and its history are erased, and it can\u{2019}t be recovered here.".to_owned() } else { format!("That is more than {RECOVERABLE_DAYS} days ago: its names, its address and its history are erased, and it can\u{2019}t be recovered here.") }}</p>
        }
        .into_any(),
    };
    let (title, when, back) = if !archived {
        (
            "This user is deleted",
            "Deleted on ",
            "A roster that has its custom ID brings it back with the same GUID and user name. A full sync without it deletes it again.",
        )
    } else {
        (
            "This user is archived",
            "It was disabled for long, and archived on ",
            "A roster that has its custom ID as active brings it back with the same GUID and user name.",
        )
    };
    view! {
        <section class="panel" aria-labelledby="deleted-title">
            <h2 id="deleted-title">{title}</h2>
            <p>{when}<When at/>"."</p>
            {fate}
            <p class="muted">{back}</p>
            {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
            <Show when=move || recoverable>
                <div class="actions">
                    <button type="button" class="button" id="recover" disabled=busy on:click=recover.clone()>
                        {move || if busy.get() { "Recovering\u{2026}" } else { "Recover the user" }}
                    </button>
                </div>
            </Show>
        </section>
    }
}

#[component]
fn CustomId(user: UserRow, detail: RwSignal<Option<UserDetail>>, saved: RwSignal<Option<String>>) -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let had = user.custom_id.clone();
    let value = RwSignal::new(had.clone().unwrap_or_default());
    let failure = RwSignal::new(None::<CallFailure>);
    let busy = RwSignal::new(false);
    let same = {
        let had = had.clone().unwrap_or_default();
        move || value.with(|v| v.trim() == had)
    };
    let guid = user.guid.to_string();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let edit = CustomIdEdit { custom_id: value.get_untracked().trim().to_owned(), version: user.version };
        if busy.get_untracked() || edit.custom_id.is_empty() {
            return;
        }
        failure.set(None);
        saved.set(None);
        busy.set(true);
        let guid = guid.clone();
        tasks.run(async move {
            let reply = api.set_custom_id(&guid, &edit).await;
            busy.set(false);
            match reply {
                Ok(found) => {
                    session.say("The custom ID was saved.");
                    saved.set(found.user.custom_id.as_ref().map(|id| format!("The custom ID is {id} now.")));
                    detail.set(Some(found));
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    let (title, words) = match had {
        Some(_) => (
            "Change the custom ID",
            "A roster finds this user by its custom ID. Change it here when the ID itself was wrong.",
        ),
        None => (
            "Give a custom ID",
            "This user has no custom ID, so no sync touches it. With one, rosters manage it from then on.",
        ),
    };
    view! {
        <section class="panel" aria-labelledby="id-title">
            <h2 id="id-title">{title}</h2>
            <p class="muted">{words}</p>
            <form on:submit=submit>
                <TextField id="custom-id" label="Custom ID" value=value hint="Text: 00123 and 123 are different."/>
                {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
                <div class="actions">
                    <button type="submit" class="button" disabled=move || busy.get() || same() || value.with(|v| v.trim().is_empty())>
                        {move || if busy.get() { "Saving\u{2026}" } else { "Save the custom ID" }}
                    </button>
                </div>
            </form>
        </section>
    }
}

/// Gives a new temporary password to somebody who lost theirs. It is not for oneself, nor for users who can't sign in.
#[component]
fn ResetPassword(user: UserRow) -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let own = session.me_now().is_some_and(|me| me.guid == user.guid);
    let offered = !own && user.status == Status::Active && user.deleted_at.is_none();
    let (confirming, busy) = (RwSignal::new(false), RwSignal::new(false));
    let failure = RwSignal::new(None::<CallFailure>);
    let done = RwSignal::new(None::<ResetRow>);
    let guid = user.guid.to_string();
    let reset = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        failure.set(None);
        busy.set(true);
        let guid = guid.clone();
        tasks.run(async move {
            let reply = api.reset_password(&guid).await;
            busy.set(false);
            confirming.set(false);
            match reply {
                Ok(row) => {
                    session.say("The password was reset.");
                    done.set(Some(row));
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    });
    let ask = move |_| {
        done.set(None);
        confirming.set(true);
        browser::focus("reset-back");
    };
    view! {
        <Show when=move || offered && session.may(Permission::SeePasswords)>
            <section class="panel" aria-labelledby="reset-title">
                <h2 id="reset-title">"Lost password"</h2>
                <p class="muted">"A reset gives this user a new temporary password on a slip. The one that they have now stops working, and they are signed out everywhere."</p>
                {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
                {move || done.get().map(|row| view! {
                    <Notice tone=Tone::Good title="The password was reset."><ResetFiles row/></Notice>
                })}
                <div class="actions">
                    <Show
                        when=move || confirming.get()
                        fallback=move || view! {
                            <button type="button" class="button" id="reset-password" on:click=ask>"Reset the password\u{2026}"</button>
                        }
                    >
                        <button type="button" class="button" id="reset-back" on:click=move |_| confirming.set(false)>"Back"</button>
                        <button type="button" class="button danger" id="reset-now" disabled=busy on:click=move |_| reset.run(())>
                            {move || if busy.get() { "Resetting\u{2026}" } else { "Reset it now" }}
                        </button>
                    </Show>
                </div>
            </section>
        </Show>
    }
}

#[component]
fn History(entries: Vec<HistoryEntry>) -> impl IntoView {
    if entries.is_empty() {
        return view! { <Empty title="Nothing has been recorded yet.">""</Empty> }.into_any();
    }
    let entries = entries.into_iter().map(|entry| view! { <Entry entry/> }).collect_view();
    view! { <ol class="changes">{entries}</ol> }.into_any()
}

#[component]
fn Entry(entry: HistoryEntry) -> impl IntoView {
    let by = match (&entry.by, &entry.upload) {
        (Some(by), Some(_)) => format!("approved by {by}"),
        (Some(by), None) => format!("by {by}, by hand"),
        (None, Some(_)) => "approved by the settings".to_owned(),
        // Nobody takes a user away by hand.
        (None, None) if entry.kind == Kind::Removed => "archived by the settings: disabled for long".to_owned(),
        (None, None) => "by hand".to_owned(),
    };
    let upload = entry.upload.map(|id| {
        let words = entry.row.map_or_else(|| "upload".to_owned(), |row| format!("upload, row {row}"));
        view! { <a href=format!("/uploads/{id}")>{words}</a> }
    });
    let fields = entry.fields;
    let head = view! {
        <div class="change-head">
            <KindBadge kind=entry.kind tense=Tense::Done/>
            <span class="change-facts muted"><When at=entry.at/><span>{by}</span></span>
        </div>
    };
    // Below the line that opens and closes, where a link would be in the way.
    let upload = upload.map(|link| view! { <p class="change-note">{link}</p> });
    let body = match entry.kind {
        Kind::Created => {
            view! { <details><summary>{head}</summary><FieldChanges fields whole=true/></details>{upload} }.into_any()
        }
        _ => view! { {head}<FieldChanges fields/>{upload} }.into_any(),
    };
    view! { <li class="change">{body}</li> }
}
