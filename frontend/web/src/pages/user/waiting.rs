//! The changes of a user that wait in open plans.

use leptos::prelude::*;
use roster::Guid;
use wire::http::{WaitingChange, WaitingChanges, WaitsFor};

use crate::api::use_api;
use crate::components::{ChangeCard, EnrolmentCard};
use crate::format::count;
use crate::tasks::Tasks;
use crate::words::Tense;

/// Shows what waits for the user, where something does.
#[component]
pub fn Waiting(guid: Guid) -> impl IntoView {
    let (api, tasks) = (use_api(), Tasks::here());
    let waiting = RwSignal::new(WaitingChanges::default());
    tasks.run(async move {
        // The page of the user is whole without it, and a reload asks again.
        if let Ok(found) = api.waiting(&guid.to_string()).await {
            waiting.set(found);
        }
    });
    move || {
        let WaitingChanges { items, left_out } = waiting.get();
        let decided = !items.is_empty() && items.iter().all(|item| item.waits_for != WaitsFor::Approval);
        let title = if decided { "On its way" } else { "Waiting for approval" };
        (!items.is_empty() || left_out > 0).then(|| {
            view! {
                <section id="waiting" aria-labelledby="waiting-title">
                    <h2 id="waiting-title">{title}</h2>
                    {items.into_iter().map(one).collect_view()}
                    {(left_out > 0).then(|| view! {
                        <p class="muted small">{count(left_out, "plan is", "plans are")}" too large to be looked through here, or can\u{2019}t be read: this user may be in them, too."</p>
                    })}
                </section>
            }
        })
    }
}

fn one(waiting: WaitingChange) -> impl IntoView {
    let words = match waiting.waits_for {
        WaitsFor::Approval => "waits for approval",
        WaitsFor::Turn => "is approved, and begins soon",
        WaitsFor::End => "is being carried out",
    };
    let name = if waiting.by_hand { "An edit by hand".to_owned() } else { waiting.file_name };
    view! {
        <p class="waits"><a class="breaks" href=format!("/uploads/{}", waiting.upload)>{name}</a>" "{words}"."</p>
        <ul class="changes">
            {waiting.change.map(|change| view! { <ChangeCard change tense=Tense::Ahead open=true/> })}
            {waiting
                .enrolments
                .into_iter()
                .map(|change| view! { <EnrolmentCard change filter=None tense=Tense::Ahead/> })
                .collect_view()}
        </ul>
    }
}
