//! One person, filled in by hand: a new user, or another value of one that is there.
//!
//! What is filled in is an upload of one row. It is checked here like any other, its plan is shown on the upload's page,
//! and nothing changes before somebody has approved that.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};
use roster::{Permission, UserType};
use wire::UploadId;
use wire::http::UserRow;

use crate::api::{CallFailure, use_api};
use crate::components::{Empty, Notice, PageHead, ProblemNote, SelectField, Skeleton, TextField, Tone};
use crate::session::use_session;
use crate::tasks::Tasks;
use crate::words;

mod draft;
mod row;
mod said;

use draft::{PersonDraft, PersonStep};
use row::PersonFields;

/// Shows the page that adds a user.
#[component]
pub fn NewPerson() -> impl IntoView {
    let own = use_session().me_now().and_then(|me| me.school);
    view! {
        <PageHead title="Add a user" above=ViewFn::from(|| view! { <p class="crumb"><a href="/users">"Users"</a></p> })/>
        <Allowed>
            <p class="lead">"You see what will be created before it is. A later roster with this custom ID is about the same user."</p>
            <PersonForm fields=PersonFields::blank(own.clone()) back="/users".to_owned()/>
        </Allowed>
    }
}

/// Shows the page that edits a user.
#[component]
pub fn EditPerson() -> impl IntoView {
    let (api, tasks) = (use_api(), Tasks::here());
    let guid = use_params_map().with_untracked(|p| p.get("guid").unwrap_or_default());
    let back = format!("/users/{guid}");
    let (user, failure) = (RwSignal::new(None::<UserRow>), RwSignal::new(None::<CallFailure>));
    tasks.run(async move {
        match api.user(&guid).await {
            Ok(found) => user.set(Some(found.user)),
            Err(why) => failure.set(Some(why)),
        }
    });
    let title = Signal::derive(move || {
        user.with(|user| match user {
            Some(user) => format!("Edit {} {}", user.first_name, user.last_name).trim().to_owned(),
            None => "Edit a user".to_owned(),
        })
    });
    let up = StoredValue::new(back);
    let crumb = move || view! { <p class="crumb"><a href="/users">"Users"</a>" \u{203a} "<a href=up.get_value()>"The user"</a></p> };
    view! {
        <PageHead title=title above=ViewFn::from(crumb)/>
        {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
        <Allowed>
            {move || match (user.get(), failure.get()) {
                (Some(user), _) => view! { <Edit user back=up.get_value()/> }.into_any(),
                (None, None) => view! { <Skeleton lines=8/> }.into_any(),
                (None, Some(_)) => ().into_any(),
            }}
        </Allowed>
    }
}

/// Shows what is inside to those who may upload rosters, of which an edit is one.
#[component]
fn Allowed(children: ChildrenFn) -> impl IntoView {
    let may = use_session().may_now(Permission::Upload);
    if may {
        return children().into_any();
    }
    view! { <Empty title="You may not change users here."><p>"It takes the permission to upload rosters."</p></Empty> }
        .into_any()
}

#[component]
fn Edit(user: UserRow, back: String) -> impl IntoView {
    let why_not = match (&user.custom_id, user.deleted_at) {
        (_, Some(_)) => Some("This user is deleted. Recover it first."),
        (None, None) => Some("This user has no custom ID, so no roster can touch it. Give it one first."),
        (Some(_), None) => None,
    };
    match why_not {
        Some(why) => view! {
            <Empty title="This user can\u{2019}t be edited."><p>{why}" "<a href=back>"Back to the user"</a></p></Empty>
        }
        .into_any(),
        None => view! {
            <p class="lead">"You see what will change before it does. Whether a later roster changes it back is up to the settings of its sync mode."</p>
            <PersonForm fields=PersonFields::of(&user) before=PersonFields::of(&user) back/>
        }
        .into_any(),
    }
}

#[component]
fn PersonForm(fields: PersonFields, #[prop(optional)] before: Option<PersonFields>, back: String) -> impl IntoView {
    let draft = PersonDraft::here(fields, before);
    let session = use_session();
    let navigate = use_navigate();
    let opened = Callback::new(move |id: UploadId| {
        navigate(&format!("/uploads/{id}?sent=1"), NavigateOptions::default());
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        draft.send_when_checked(opened);
    };
    draft.check_again_when_typing_rests();
    let own = session.me_now().and_then(|me| me.school);
    let schools = Signal::derive(move || {
        let schools = session.schools();
        let mine = schools.iter().filter(|school| own.as_ref().is_none_or(|own| *own == school.id));
        choose(mine.map(|school| (school.id.0.clone(), school.name.clone())), "Choose a school")
    });
    let types =
        choose(UserType::ALL.iter().map(|of| (of.as_str().to_owned(), of.as_str().to_owned())), "Choose a type");
    let grades = roster::Grade::ALL.iter().map(|grade| (grade.as_str().to_owned(), words::grade(*grade)));
    let grades = choose(grades, "Choose a grade");
    let statuses = roster::Status::ALL.iter().map(|of| (of.as_str().to_owned(), of.as_str().to_owned())).collect();
    let statuses: Vec<(String, String)> = statuses;
    let error = move |column: &'static str| Signal::derive(move || draft.finding_at(column));
    let is_student = move || fields.is_student();
    let busy = move || matches!(draft.step.get(), PersonStep::Checking | PersonStep::Sending);
    let username_hint = if fields.guid.get_value().is_some() {
        "Another one renames the user, where the settings allow it."
    } else {
        "Leave it empty for the one that the settings give."
    };
    view! {
        <form class="panel person" novalidate on:submit=submit>
            <div class="field-row">
                <TextField id="first_name" label="First name" value=fields.first_name error=error("first_name")/>
                <TextField id="middle_name" label="Middle name (optional)" value=fields.middle_name error=error("middle_name")/>
                <TextField id="last_name" label="Last name" value=fields.last_name error=error("last_name")/>
            </div>
            <div class="field-row">
                <TextField id="custom_id" label="Custom ID" value=fields.custom_id hint="The Employee ID or Student ID. 00123 and 123 are different." error=error("custom_id")/>
                <TextField id="email" label="E-mail" value=fields.email kind="text" inputmode="email" error=error("email")/>
            </div>
            <div class="field-row">
                <SelectField id="school_district_external_id" label="School" value=fields.school options=schools error=error("school_district_external_id")/>
                <SelectField id="user_type" label="User type" value=fields.user_type options=types error=error("user_type")/>
            </div>
            <div class="field-row">
                <Show
                    when=is_student
                    fallback=move || view! { <TextField id="position" label="Position (optional)" value=fields.position error=error("position")/> }
                >
                    <SelectField id="grade" label="Grade" value=fields.grade options=grades.clone() error=error("grade")/>
                </Show>
                <SelectField id="status" label="Status" value=fields.status options=statuses hint="A disabled user can\u{2019}t sign in." error=error("status")/>
            </div>
            <div class="field-row">
                <TextField id="username" label="User name (optional)" value=fields.username hint=username_hint error=error("username")/>
            </div>
            <Outcome draft/>
            <div class="actions">
                <a class="button" href=back>"Cancel"</a>
                <button type="submit" class="button primary" id="send-person" disabled=busy>
                    {move || match draft.step.get() {
                        PersonStep::Checking => "Checking\u{2026}",
                        PersonStep::Sending => "Sending\u{2026}",
                        PersonStep::ToLookAt => "Go on all the same",
                        _ => "Show the plan",
                    }}
                </button>
            </div>
            <p class="muted small person-note">"Nothing changes before the plan is approved."</p>
        </form>
    }
}

/// Shows what the check or the sending came to, but for what stands at a field.
#[component]
fn Outcome(draft: PersonDraft) -> impl IntoView {
    let elsewhere = move || {
        let found = draft.elsewhere();
        let line = |text: String| view! { <li>{text}</li> };
        (!found.is_empty()).then(|| view! { <ul class="holds">{found.into_iter().map(line).collect_view()}</ul> })
    };
    move || {
        match draft.step.get() {
        PersonStep::Filling | PersonStep::Checking | PersonStep::Sending => ().into_any(),
        PersonStep::Unchanged => {
            view! { <Notice tone=Tone::Info title="Nothing is changed yet."><p>"The user is just like this."</p></Notice> }.into_any()
        }
        PersonStep::Wrong => {
            let title = match draft.marked_fields() {
                0 => "This can\u{2019}t be processed yet.",
                1 => "Fix the highlighted field.",
                _ => "Fix the highlighted fields.",
            };
            view! { <Notice tone=Tone::Bad title>{elsewhere()}</Notice> }.into_any()
        }
        PersonStep::ToLookAt => {
            let title = match draft.marked_fields() {
                0 => "Look at this before you go on.",
                1 => "Look at the highlighted field before you go on.",
                _ => "Look at the highlighted fields before you go on.",
            };
            view! { <Notice tone=Tone::Attention title>{elsewhere()}</Notice> }.into_any()
        }
        PersonStep::NotChecked(why) => {
            view! { <Notice tone=Tone::Bad title="It could not be checked here."><p>{why}</p></Notice> }.into_any()
        }
        PersonStep::NotSent(failure) => view! { <ProblemNote failure/> }.into_any(),
    }
    }
}

/// Returns the options of a choice, with one before them that chooses nothing.
fn choose(options: impl Iterator<Item = (String, String)>, nothing: &str) -> Vec<(String, String)> {
    [(String::new(), nothing.to_owned())].into_iter().chain(options).collect()
}
