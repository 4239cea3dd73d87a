//! The classes of a user.

use leptos::prelude::*;
use roster::Guid;
use wire::http::UserClass;

use crate::api::{CallFailure, use_api};
use crate::components::{Day, Empty, ProblemNote, Skeleton};
use crate::pages::classes::{called, days};
use crate::session::use_session;
use crate::tasks::Tasks;
use crate::words;

/// Shows the classes that the user is in, and those that the user left.
#[component]
pub fn UserClasses(guid: Guid) -> impl IntoView {
    let (api, tasks) = (use_api(), Tasks::here());
    let classes = RwSignal::new(None::<Vec<UserClass>>);
    let failure = RwSignal::new(None::<CallFailure>);
    let load = Callback::new(move |()| {
        failure.set(None);
        tasks.run(async move {
            match api.user_classes(guid).await {
                Ok(found) => classes.set(Some(found)),
                Err(why) => failure.set(Some(why)),
            }
        });
    });
    load.run(());
    view! {
        <section id="classes" aria-labelledby="classes-title">
            <h2 id="classes-title">"Classes"</h2>
            {move || match (classes.get(), failure.get()) {
                (Some(found), _) => view! { <Listed found/> }.into_any(),
                (None, Some(failure)) => view! { <ProblemNote failure retry=load/> }.into_any(),
                (None, None) => view! { <Skeleton lines=2/> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn Listed(found: Vec<UserClass>) -> impl IntoView {
    let (left, now): (Vec<_>, Vec<_>) = found.into_iter().partition(|class| class.ended_at.is_some());
    let title = format!("Classes that the user left ({})", left.len());
    let left = (!left.is_empty()).then(|| {
        view! { <details class="unused" id="left-classes"><summary>{title}</summary><Table classes=left ended=true/></details> }
    });
    let now = if now.is_empty() {
        view! { <Empty title="The user is in no class."><p>"Classes come with a roster that names them, or open a class to add the user."</p></Empty> }
            .into_any()
    } else {
        view! { <Table classes=now ended=false/> }.into_any()
    };
    view! { {now}{left} }
}

#[component]
fn Table(classes: Vec<UserClass>, ended: bool) -> impl IntoView {
    let rows = classes.into_iter().map(|class| view! { <Row class ended/> }).collect_view();
    let caption = if ended { "Classes that the user left" } else { "Classes that the user is in" };
    view! {
        <div class="table-frame">
            <table class="table cards">
                <caption class="unseen">{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Class ID"</th>
                        <th scope="col">"Role in the class"</th>
                        <th scope="col">"School"</th>
                        <th scope="col">{if ended { "Ended" } else { "Days" }}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(class: UserClass, ended: bool) -> impl IntoView {
    let session = use_session();
    let UserClass { class, role, starts, ends, ended_at, visible } = class;
    let (name, school) = (called(&class.fields), class.fields.school.clone());
    let name = if visible {
        view! { <a href=format!("/classes/{}", class.guid)>{name}</a> }.into_any()
    } else {
        name.into_any()
    };
    let when = if ended { ended_at.map(|at| view! { <Day at/> }).into_any() } else { days(starts, ends) };
    view! {
        <tr>
            <th scope="row" data-label="Name">{name}</th>
            <td data-label="Class ID"><code class="breaks">{class.fields.class_id}</code></td>
            <td data-label="Role">{role.as_str()}</td>
            <td data-label="School">{move || words::school(&session.schools(), &school)}</td>
            <td data-label=if ended { "Ended" } else { "Days" }>{when}</td>
        </tr>
    }
}
