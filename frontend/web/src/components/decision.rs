//! Approve or reject a plan. Approving is never the easy way: nothing does it on Enter, and where users are removed
//! their number has to be typed.

use std::collections::BTreeSet;

use leptos::prelude::*;
use roster::{Change, ClassCounts, Counts, Kind, Mode, RekeyChoice, RekeyChoices, RemovalAction};
use wire::http::{Approve, ChangesQuery, Reject};
use wire::{Upload, UploadId};

use super::{ProblemNote, TextField};
use crate::api::{CallFailure, use_api};
use crate::browser::focus;
use crate::format::{count, list, number, short_digest, typed_number};
use crate::session::use_session;
use crate::tasks::Tasks;
use crate::words;

/// How many of the users that a plan removes are named beside the button.
const NAMED: usize = 5;

/// Asks for the decision on `upload`, whose plan has `counts` and `digest`.
///
/// `decided` gets the upload as it is then.
#[component]
pub fn DecisionPanel(
    upload: UploadId,
    mode: Mode,
    counts: Counts,
    class_counts: ClassCounts,
    /// See [`wire::http::UploadDetail::rekeys_with_removal`].
    rekeys_with_removal: u64,
    digest: String,
    may_approve: bool,
    #[prop(into)] decided: Callback<Upload>,
    /// Leads to the changes of a kind.
    #[prop(into)]
    show: Callback<Kind>,
) -> impl IntoView {
    let failure = RwSignal::new(None::<CallFailure>);
    let busy = RwSignal::new(false);
    let rejecting = RwSignal::new(false);
    let removed = RwSignal::new(Vec::<Change>::new());
    look_for_removed(upload.clone(), counts, removed);
    let (choices, pairs) = (RwSignal::new(None::<RekeyChoices>), RwSignal::new(Vec::<Change>::new()));
    let rekeyed = Rekeyed { mode, counts, with_removal: rekeys_with_removal, choices, pairs };
    let removal = move || {
        let disables = removed.with(|r| r.first().is_some_and(|c| c.after.is_some()));
        if disables || rekeyed.disables() { RemovalAction::Disable } else { RemovalAction::Delete }
    };
    let doing = move || match words::doing(&rekeyed.decided(), &class_counts, removal()) {
        Some(doing) => format!("Approving will {doing}."),
        None if counts.rekeyed > 0 => "What approving will do depends on the choice below.".to_owned(),
        None => "This plan changes no user and no class. Approving it ends the upload.".to_owned(),
    };
    let rejected = (counts.rejected > 0).then(|| {
        let rows = count(counts.rejected, "row was", "rows were");
        view! { <p class="muted">{rows}" rejected; their users are left as they are."</p> }
    });
    let rejected_classes = (class_counts.rejected() > 0).then(|| {
        let what = count(class_counts.rejected(), "class or enrolment was", "classes and enrolments were");
        view! { <p class="muted">{what}" rejected, and left as they are."</p> }
    });
    let plan = short_digest(&digest);
    let rekeys = (counts.rekeyed > 0).then(|| view! { <Rekeys upload=upload.clone() rekeyed/> });
    let (for_approval, for_rejection) = ((upload.clone(), digest.clone()), (upload, digest));
    view! {
        <section class="panel decision" aria-labelledby="decision-title">
            <h2 id="decision-title">"This plan waits for your decision"</h2>
            <p class="decision-doing">{doing}</p>
            {rejected}
            {rejected_classes}
            <Show when=move || { counts.removed > 0 }><Removed removed total=counts.removed show/></Show>
            {rekeys}
            {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
            <Show
                when=move || rejecting.get()
                fallback={
                    let (id, digest) = for_approval;
                    move || {
                        let (id, digest) = (id.clone(), digest.clone());
                        if may_approve {
                            view! { <Approval id digest rekeyed busy failure rejecting decided/> }.into_any()
                        } else {
                            view! { <OwnUpload rejecting/> }.into_any()
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
        if names.is_empty() {
            return String::new();
        }
        match total.saturating_sub(names.len() as u64) {
            0 => format!("{}.", list(&names)),
            others => format!("{} and {}.", names.join(", "), count(others, "other", "others")),
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
    rekeyed: Rekeyed,
    busy: RwSignal<bool>,
    failure: RwSignal<Option<CallFailure>>,
    rejecting: RwSignal<bool>,
    decided: Callback<Upload>,
) -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let typed = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let unchosen = RwSignal::new(false);
    let removals = Memo::new(move |_| rekeyed.decided().removed);
    let approve = move |_| {
        if busy.get_untracked() {
            return;
        }
        let removals = removals.get_untracked();
        if !untrack(|| rekeyed.is_chosen()) {
            error.set(None);
            unchosen.set(true);
            focus("rekeys-same");
            return;
        }
        unchosen.set(false);
        if removals > 0 && typed_number(&typed.get_untracked()) != Some(removals) {
            error.set(Some(format!("Type the number of users that will be removed: {}.", number(removals))));
            focus("removals");
            return;
        }
        error.set(None);
        failure.set(None);
        busy.set(true);
        let rekeys = rekeyed.choices.get_untracked();
        let (id, approve) = (id.clone(), Approve { digest: digest.clone(), removals, rekeys });
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
    let class = move || if removals.get() > 0 { "button danger" } else { "button primary" };
    view! {
        <p class="field-error" role="status">{move || unchosen.get().then_some("Say first whether they are the same people.")}</p>
        <Show when=move || { removals.get() > 0 }>
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

/// The choices that were made of the re-keys of a plan.
#[derive(Clone, Copy)]
struct Rekeyed {
    mode: Mode,
    counts: Counts,
    /// How many of them remove a user if they are two people.
    with_removal: u64,
    choices: RwSignal<Option<RekeyChoices>>,
    /// The re-keys that were loaded. Only those can be chosen one by one.
    pairs: RwSignal<Vec<Change>>,
}

impl Rekeyed {
    /// Returns the counts of the plan as it is chosen. Before that, re-keys are not counted.
    fn decided(self) -> Counts {
        self.choices.with(|choices| match choices {
            Some(choices) => self.pairs.with(|pairs| chosen(self.counts, self.with_removal, choices, pairs)),
            None => Counts { rekeyed: 0, ..self.counts },
        })
    }

    fn is_chosen(self) -> bool {
        self.counts.rekeyed == 0 || self.choices.with(Option::is_some)
    }

    /// Returns whether the ones who are removed as other people are disabled only.
    fn disables(self) -> bool {
        let removal = |change: &Change| change.two_people.as_ref()?.removal.as_ref().map(|r| r.after.is_some());
        self.pairs.with(|pairs| pairs.iter().find_map(removal)).unwrap_or_default()
    }
}

/// Returns the counts of a plan by these choices. `pairs` holds every re-key that is an exception.
fn chosen(counts: Counts, with_removal: u64, choices: &RekeyChoices, pairs: &[Change]) -> Counts {
    let excepted = |change: &&Change| change.row.is_some_and(|row| choices.except.contains(&row));
    let removing = pairs.iter().filter(excepted).filter(|change| change.is_rekey_with_removal()).count() as u64;
    let others = choices.except.len() as u64;
    let (two_people, removed) = match choices.all {
        RekeyChoice::SamePerson => (others, removing),
        RekeyChoice::TwoPeople => (counts.rekeyed.saturating_sub(others), with_removal.saturating_sub(removing)),
    };
    Counts {
        created: counts.created + two_people,
        removed: counts.removed + removed,
        rekeyed: counts.rekeyed.saturating_sub(two_people),
        ..counts
    }
}

/// Asks whether new custom IDs are those of users that exist: for all of them, and for single ones otherwise.
#[component]
fn Rekeys(upload: UploadId, rekeyed: Rekeyed) -> impl IntoView {
    let (api, tasks) = (use_api(), Tasks::here());
    let Rekeyed { mode, counts, choices, pairs, .. } = rekeyed;
    let total = counts.rekeyed;
    let cursor = RwSignal::new(None::<String>);
    let failure = RwSignal::new(None::<CallFailure>);
    let load = Callback::new(move |()| {
        let (id, cursor_now) = (upload.clone(), cursor.get_untracked());
        tasks.run(async move {
            let query = ChangesQuery { kind: Some(Kind::Rekeyed), cursor: cursor_now, ..ChangesQuery::default() };
            match api.changes(&id, &query).await {
                Ok(page) => {
                    failure.set(None);
                    pairs.update(|pairs| pairs.extend(page.items));
                    cursor.set(page.cursor);
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    });
    load.run(());
    let title = match total {
        1 => "1 new custom ID looks like a user who exists".to_owned(),
        total => format!("{} new custom IDs look like users who exist", number(total)),
    };
    let others = if mode.removes_absent() {
        "New users are created, and the ones who are absent from the file are removed."
    } else {
        "New users are created beside the ones that exist."
    };
    let choice = move |id: &'static str, value: RekeyChoice, title: &'static str, what: &'static str| {
        let chosen = move || choices.with(|choices| choices.as_ref().is_some_and(|choices| choices.all == value));
        let choose = move |_| choices.set(Some(RekeyChoices { all: value, except: BTreeSet::new() }));
        view! {
            <label class="radio">
                <input type="radio" name="rekeys" id=id prop:checked=chosen on:change=choose/>
                <span><span class="radio-title">{title}</span><span class="muted small">{what}</span></span>
            </label>
        }
    };
    view! {
        <section class="rekeys" aria-labelledby="rekeys-title">
            <h3 id="rekeys-title">{title.clone()}</h3>
            <p class="muted small">"Names, grade or type, and school or address are the same; only the custom ID is another."</p>
            <fieldset class="radios stacked">
                <legend class="unseen">{title}</legend>
                {choice("rekeys-same", RekeyChoice::SamePerson, "They are the same people", "Each user gets the new custom ID, and keeps user name, password and history.")}
                {choice("rekeys-two", RekeyChoice::TwoPeople, "They are other people", others)}
            </fieldset>
            <div class="table-frame">
                <table class="table cards">
                    <caption class="unseen">"New custom IDs and the users that they look like"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th>
                            <th scope="col">"Custom ID now"</th>
                            <th scope="col">"In the file"</th>
                            <th scope="col">"Treat as"</th>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=move || pairs.get() key=|change| change.guid let:change><Pair change choices/></For>
                    </tbody>
                </table>
            </div>
            {move || failure.get().map(|failure| view! { <ProblemNote failure retry=load/> })}
            <Show when=move || cursor.get().is_some()>
                <p><button type="button" class="button small" on:click=move |_| load.run(())>"Show more"</button></p>
            </Show>
        </section>
    }
}

/// Shows one re-key, which can be decided otherwise than the rest.
#[component]
fn Pair(change: Change, choices: RwSignal<Option<RekeyChoices>>) -> impl IntoView {
    let row = change.row.unwrap_or_default();
    let before = change.before.unwrap_or_else(|| unreachable!("a re-key is of a user that exists"));
    let after = change.after.map(|fields| fields.custom_id).unwrap_or_default();
    let name = format!("{} {}", before.first_name, before.last_name);
    let label = format!("{name}: treat as");
    let now = move || choices.with(|choices| choices.as_ref().map(|choices| choices.choice_for(row)));
    let pick = move |word: String| {
        choices.update(|choices| {
            let Some(choices) = choices else { return };
            let all = if choices.all == RekeyChoice::SamePerson { "same" } else { "two" };
            if word == all {
                choices.except.remove(&row);
            } else {
                choices.except.insert(row);
            }
        });
    };
    view! {
        <tr>
            <td data-label="Name">{name}</td>
            <td data-label="Custom ID now"><code>{before.custom_id}</code></td>
            <td data-label="In the file"><code>{after}</code></td>
            <td data-label="Treat as">
                <select id=format!("treat-as-{row}") aria-label=label disabled=move || now().is_none() on:change:target=move |e| pick(e.target().value())>
                    <option value="" hidden prop:selected=move || now().is_none()>"Choose above"</option>
                    <option value="same" prop:selected=move || now() == Some(RekeyChoice::SamePerson)>"Same person"</option>
                    <option value="two" prop:selected=move || now() == Some(RekeyChoice::TwoPeople)>"Two people"</option>
                </select>
            </td>
        </tr>
    }
}

/// Shows what the one who sent the file can do where somebody else has to approve it.
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
    failure: RwSignal<Option<CallFailure>>,
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

#[cfg(test)]
mod tests {
    use roster::{Removal, TwoPeople};

    use super::*;

    #[test]
    fn a_re_key_counts_as_what_is_chosen() {
        let counts = Counts { created: 1, removed: 2, rekeyed: 5, ..Counts::default() };
        let pair = |row: u32, removes: bool| {
            let mut change: Change = serde_json::from_value(serde_json::json!({
                "kind": "rekeyed", "guid": "00000000-0000-4000-8000-000000000001", "row": row, "seen_version": 1,
                "before": null, "after": null, "password": null,
            }))
            .unwrap();
            let removal = removes.then_some(Removal { after: None, exchange: None });
            let fields = serde_json::from_value(fields()).unwrap();
            let (guid, password, exchange) = (change.guid, None, None);
            change.two_people = Some(Box::new(TwoPeople { guid, fields, password, removal, exchange }));
            change
        };
        let pairs = [pair(3, true), pair(4, false)];
        let check = |all, except: &[u32], expected: [u64; 3]| {
            let choices = RekeyChoices { all, except: except.iter().copied().collect() };
            let Counts { created, removed, rekeyed, .. } = chosen(counts, 4, &choices, &pairs);
            assert_eq!([created, removed, rekeyed], expected);
        };
        check(RekeyChoice::SamePerson, &[], [1, 2, 5]);
        check(RekeyChoice::SamePerson, &[3, 4], [3, 3, 3]);
        check(RekeyChoice::TwoPeople, &[], [6, 6, 0]);
        check(RekeyChoice::TwoPeople, &[3, 4], [4, 5, 2]);
    }

    fn fields() -> serde_json::Value {
        serde_json::json!({
            "username": "u", "first_name": "", "middle_name": "", "last_name": "", "email": "", "custom_id": "1",
            "school": "s", "user_type": "Student", "position": "", "grade": "9", "status": "Active", "roles": "",
        })
    }
}
