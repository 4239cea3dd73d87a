//! The schools: add one, rename one, change its external ID.

use leptos::prelude::*;
use roster::{School, SchoolKind};
use wire::http::SchoolEdit;

use crate::api::{Failure, use_api};
use crate::browser::focus;
use crate::components::{Empty, PageHead, ProblemNote, Skeleton, TextField};
use crate::session::use_session;
use crate::tasks::Tasks;

/// The page.
#[component]
pub fn Schools() -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let failure = RwSignal::new(None::<Failure>);
    let loaded = RwSignal::new(false);
    let load = move || {
        failure.set(None);
        tasks.run(async move {
            match api.schools().await {
                Ok(schools) => {
                    session.set_schools(schools);
                    loaded.set(true);
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    load();
    let adding = RwSignal::new(false);
    let changed = Callback::new(move |()| load());
    view! {
        <PageHead title="Schools">
            <Show when=move || !adding.get() && session.is_district()>
                <button type="button" class="button primary" id="add-school" on:click=move |_| adding.set(true)>"Add a school"</button>
            </Show>
        </PageHead>
        <p class="lead">"A roster names each school by its external ID, written exactly as here."</p>
        <Show when=move || adding.get()><Add adding changed/></Show>
        {move || failure.get().map(|failure| view! { <ProblemNote failure retry=changed/> })}
        <Show when=move || loaded.get() fallback=move || failure.get().is_none().then(|| view! { <Skeleton/> })>
            <Table changed/>
        </Show>
    }
}

#[component]
fn Table(changed: Callback<()>) -> impl IntoView {
    let session = use_session();
    let list = move || session.schools().iter().cloned().collect::<Vec<_>>();
    let editing = RwSignal::new(None::<roster::SchoolId>);
    view! {
        <Show when=move || !list().is_empty() fallback=|| view! { <Empty title="There is no school yet."><p>"Add the schools that your rosters name."</p></Empty> }>
            <div class="table-frame">
                <table class="table schools cards">
                    <caption class="unseen">"Schools"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th>
                            <th scope="col">"External ID"</th>
                            <th scope="col">"Kind"</th>
                            <th scope="col"><span class="unseen">"Actions"</span></th>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=list key=|s| (s.id.clone(), s.name.clone(), s.external_id.clone()) let:school>
                            <Row school editing changed/>
                        </For>
                    </tbody>
                </table>
            </div>
        </Show>
    }
}

#[component]
fn Row(school: School, editing: RwSignal<Option<roster::SchoolId>>, changed: Callback<()>) -> impl IntoView {
    let session = use_session();
    let id = school.id.clone();
    let being_edited = Memo::new(move |_| editing.get().as_ref() == Some(&id));
    move || {
        let school = school.clone();
        if being_edited.get() {
            return view! { <tr class="editing"><td colspan="4"><Edit school editing changed/></td></tr> }.into_any();
        }
        let kind = match school.kind {
            SchoolKind::District => "District office",
            SchoolKind::School => "School",
        };
        let label = format!("Change {}", school.name);
        let id = school.id.clone();
        view! {
            <tr>
                <th scope="row" data-label="Name">{school.name}</th>
                <td data-label="External ID"><code>{school.external_id}</code></td>
                <td data-label="Kind">{kind}</td>
                <td class="row-actions">
                    {session.is_district().then(|| view! {
                        <button type="button" class="button small" aria-label=label on:click=move |_| editing.set(Some(id.clone()))>"Change"</button>
                    })}
                </td>
            </tr>
        }
        .into_any()
    }
}

#[component]
fn Add(adding: RwSignal<bool>, changed: Callback<()>) -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let done = Callback::new(move |()| {
        adding.set(false);
        changed.run(());
    });
    let save = move |edit: SchoolEdit, outcome: RwSignal<Saving>| {
        tasks.run(async move {
            match api.add_school(&edit).await {
                Ok(school) => {
                    session.say(format!("{} was added.", school.name));
                    done.run(());
                }
                Err(why) => outcome.set(Saving::Refused(why)),
            }
        });
    };
    view! {
        <section class="panel" aria-labelledby="add-title">
            <h2 id="add-title">"Add a school"</h2>
            <Form name=String::new() external_id=String::new() button="Add the school" save=Callback::new(move |(e, o)| save(e, o)) cancel=Callback::new(move |()| adding.set(false))/>
        </section>
    }
}

#[component]
fn Edit(school: School, editing: RwSignal<Option<roster::SchoolId>>, changed: Callback<()>) -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let seen = school.clone();
    let save = move |edit: SchoolEdit, outcome: RwSignal<Saving>| {
        let (id, edit) = (seen.id.clone(), SchoolEdit { seen: Some(seen.clone()), ..edit });
        tasks.run(async move {
            match api.change_school(&id, &edit).await {
                Ok(school) => {
                    session.say(format!("{} was changed.", school.name));
                    editing.set(None);
                    changed.run(());
                }
                Err(why) => outcome.set(Saving::Refused(why)),
            }
        });
    };
    view! {
        <Form
            name=school.name
            external_id=school.external_id
            button="Save"
            save=Callback::new(move |(e, o)| save(e, o))
            cancel=Callback::new(move |()| editing.set(None))
        />
    }
}

/// Where a form stands.
#[derive(Debug, Clone, PartialEq)]
enum Saving {
    No,
    Busy,
    Refused(Failure),
}

#[component]
fn Form(
    name: String,
    external_id: String,
    button: &'static str,
    save: Callback<(SchoolEdit, RwSignal<Saving>)>,
    cancel: Callback<()>,
) -> impl IntoView {
    let name = RwSignal::new(name);
    let external_id = RwSignal::new(external_id);
    let tried = RwSignal::new(false);
    let saving = RwSignal::new(Saving::No);
    let missing = move |field: RwSignal<String>, words: &'static str| {
        Signal::derive(move || (tried.get() && field.with(|v| v.trim().is_empty())).then(|| words.to_owned()))
    };
    Effect::new(|_| focus("school-name"));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let edit = SchoolEdit {
            name: name.get_untracked().trim().to_owned(),
            external_id: external_id.get_untracked().trim().to_owned(),
            seen: None,
        };
        if edit.name.is_empty() || edit.external_id.is_empty() || saving.get_untracked() == Saving::Busy {
            return;
        }
        saving.set(Saving::Busy);
        save.run((edit, saving));
    };
    view! {
        <form class="row-form" on:submit=submit>
            <TextField id="school-name" label="Name" value=name error=missing(name, "Give the school a name.")/>
            <TextField
                id="school-external-id"
                label="External ID"
                value=external_id
                hint="As the roster\u{2019}s school_district_external_id writes it."
                error=missing(external_id, "Give the ID that rosters use.")
            />
            <div class="actions">
                <button type="button" class="button" on:click=move |_| cancel.run(())>"Cancel"</button>
                <button type="submit" class="button primary" disabled=move || saving.get() == Saving::Busy>{button}</button>
            </div>
        </form>
        {move || match saving.get() {
            Saving::Refused(failure) => Some(view! { <ProblemNote failure/> }),
            _ => None,
        }}
    }
}
