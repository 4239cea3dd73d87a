//! Approve or reject a plan. Approving is never the easy way: nothing does it on Enter, and where users are removed
//! their number has to be typed.

use leptos::prelude::*;
use roster::{Change, Counts, Kind, RemovalAction};
use wire::http::{Approve, ChangesQuery, Reject};
use wire::{Upload, UploadId};

use super::{ProblemNote, TextField};
use crate::api::Failure;
use crate::browser::focus;
use crate::format::{count, list, number, short_digest, typed_number};
use crate::session::{use_api, use_session};
use crate::tasks::Tasks;
use crate::words;

/// How many of the users that a plan removes are named beside the button.
const NAMED: usize = 5;

/// The decision on `upload`, whose plan has `counts` and `digest`. `decided` gets the upload as it is then.
#[component]
pub fn DecisionPanel(
    upload: UploadId,
    counts: Counts,
    digest: String,
    may_approve: bool,
    #[prop(into)] decided: Callback<Upload>,
    /// Leads to the changes of a kind.
    #[prop(into)]
    show: Callback<Kind>,
) -> impl IntoView {
    let failure = RwSignal::new(None::<Failure>);
    let busy = RwSignal::new(false);
    let rejecting = RwSignal::new(false);
    let removed = RwSignal::new(Vec::<Change>::new());
    look_for_removed(upload.clone(), counts, removed);
    let removal = move || match removed.with(|r| r.first().is_some_and(|c| c.after.is_some())) {
        true => RemovalAction::Disable,
        false => RemovalAction::Delete,
    };
    let doing = move || match words::doing(&counts, removal()) {
        Some(doing) => format!("Approving will {doing}."),
        None => "This plan changes no user. Approving it ends the upload.".to_owned(),
    };
    let rejected = (counts.rejected > 0).then(|| {
        let rows = count(counts.rejected, "row was", "rows were");
        view! { <p class="muted">{rows}" rejected; their users are left as they are."</p> }
    });
    let plan = short_digest(&digest);
    let (for_approval, for_rejection) = ((upload.clone(), digest.clone()), (upload, digest));
    view! {
        <section class="panel decision" aria-labelledby="decision-title">
            <h2 id="decision-title">"This plan waits for your decision"</h2>
            <p class="decision-doing">{doing}</p>
            {rejected}
            <Show when=move || { counts.removed > 0 }><Removed removed total=counts.removed show/></Show>
            {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
            <Show
                when=move || rejecting.get()
                fallback={
                    let (id, digest) = for_approval;
                    move || {
                        let (id, digest) = (id.clone(), digest.clone());
                        match may_approve {
                            true => view! { <Approval id digest counts busy failure rejecting decided/> }.into_any(),
                            false => view! { <OwnUpload rejecting/> }.into_any(),
                        }
                    }
                }
            >
                <Rejection id=for_rejection.0.clone() digest=for_rejection.1.clone() busy failure rejecting decided/>
            </Show>
            <p class="muted small">"Nothing changes until you approve. Plan "<code>{plan}</code></p>
        </section>
    }
}

fn look_for_removed(id: UploadId, counts: Counts, removed: RwSignal<Vec<Change>>) {
    let api = use_api();
    if counts.removed == 0 {
        return;
    }
    Tasks::here().run(async move {
        let query = ChangesQuery { kind: Some(Kind::Removed), ..ChangesQuery::default() };
        // The names are a help beside the number; the list below shows its own failure.
        if let Ok(page) = api.changes(&id, &query).await {
            removed.set(page.items);
        }
    });
}

#[component]
fn Removed(removed: RwSignal<Vec<Change>>, total: u64, show: Callback<Kind>) -> impl IntoView {
    let named = move || {
        let names: Vec<String> = removed.with(|changes| {
            changes
                .iter()
                .take(NAMED)
                .filter_map(|c| c.shown())
                .map(|f| format!("{} {} ({})", f.first_name, f.last_name, f.custom_id))
                .collect()
        });
        let others = total.saturating_sub(names.len() as u64);
        match (names.is_empty(), others) {
            (true, _) => String::new(),
            (false, 0) => format!("{}.", list(&names)),
            (false, others) => format!("{} and {}.", names.join(", "), count(others, "other", "others")),
        }
    };
    view! {
        <div class="removals">
            <p><strong>{count(total, "user", "users")}" will be removed: "</strong>{named}</p>
            <p><button type="button" class="link" on:click=move |_| show.run(Kind::Removed)>"Look at all removals"</button></p>
        </div>
    }
}

#[component]
fn Approval(
    id: UploadId,
    digest: String,
    counts: Counts,
    busy: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
    rejecting: RwSignal<bool>,
    decided: Callback<Upload>,
) -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let typed = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let removals = counts.removed;
    let approve = move |_| {
        if busy.get_untracked() {
            return;
        }
        if removals > 0 && typed_number(&typed.get_untracked()) != Some(removals) {
            error.set(Some(format!("Type the number of users that will be removed: {}.", number(removals))));
            focus("removals");
            return;
        }
        error.set(None);
        failure.set(None);
        busy.set(true);
        let (id, approve) = (id.clone(), Approve { digest: digest.clone(), removals });
        tasks.run(async move {
            let reply = api.approve(&id, &approve).await;
            busy.set(false);
            match reply {
                Ok(upload) => {
                    session.say("Approved.");
                    decided.run(upload);
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    let class = if removals > 0 { "button danger" } else { "button primary" };
    view! {
        <Show when=move || { removals > 0 }>
            <div class="confirm">
                <TextField
                    id="removals"
                    label="To approve, type how many users will be removed"
                    value=typed
                    error=error
                    inputmode="numeric"
                />
            </div>
        </Show>
        <div class="actions">
            <button type="button" class="button" id="reject" on:click=move |_| { rejecting.set(true); failure.set(None) }>
                "Reject\u{2026}"
            </button>
            <button type="button" class=class id="approve" disabled=busy on:click=approve>
                {move || if busy.get() { "Approving\u{2026}" } else { "Approve this plan" }}
            </button>
        </div>
    }
}

/// What the one who sent the file can do where somebody else has to approve it.
#[component]
fn OwnUpload(rejecting: RwSignal<bool>) -> impl IntoView {
    view! {
        <p>"You sent this file, so another administrator has to approve its plan. You can reject it."</p>
        <div class="actions">
            <button type="button" class="button" id="reject" on:click=move |_| rejecting.set(true)>"Reject\u{2026}"</button>
        </div>
    }
}

#[component]
fn Rejection(
    id: UploadId,
    digest: String,
    busy: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
    rejecting: RwSignal<bool>,
    decided: Callback<Upload>,
) -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let reason = RwSignal::new(String::new());
    let missing = RwSignal::new(None::<String>);
    Effect::new(|_| focus("reason"));
    let reject = move |_| {
        let words = reason.get_untracked().trim().to_owned();
        if words.is_empty() {
            missing.set(Some("Say why, for whoever sent the file.".to_owned()));
            focus("reason");
            return;
        }
        failure.set(None);
        busy.set(true);
        let (id, reject) = (id.clone(), Reject { digest: digest.clone(), reason: words });
        tasks.run(async move {
            let reply = api.reject(&id, &reject).await;
            busy.set(false);
            match reply {
                Ok(upload) => {
                    session.say("Rejected. Nothing was changed.");
                    decided.run(upload);
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    view! {
        <div class="field" class:wrong=move || missing.get().is_some()>
            <label for="reason">"Why is this plan rejected?"</label>
            <textarea
                id="reason"
                rows="3"
                maxlength="500"
                aria-describedby="reason-error"
                prop:value=reason
                on:input:target=move |e| reason.set(e.target().value())
            ></textarea>
            <p class="field-error" id="reason-error" aria-live="polite">{missing}</p>
        </div>
        <div class="actions">
            <button type="button" class="button" on:click=move |_| rejecting.set(false)>"Back"</button>
            <button type="button" class="button primary" id="reject-now" disabled=busy on:click=reject>
                {move || if busy.get() { "Rejecting\u{2026}" } else { "Reject this plan" }}
            </button>
        </div>
    }
}
