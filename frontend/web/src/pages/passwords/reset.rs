//! A reset of passwords: asked for twice, carried out, and what it made.

use leptos::prelude::*;
use wire::http::{NewReset, ResetRow};

use crate::api::{CallFailure, use_api};
use crate::browser::{focus, follow};
use crate::components::{Day, Notice, Paged, ProblemNote, Tone};
use crate::format::count;
use crate::session::use_session;
use crate::tasks::{Tasks, sleep};
use crate::words;

/// Resets passwords once somebody has said so twice.
#[component]
pub fn PasswordReset(
    /// Whose; `None` while nobody is chosen.
    #[prop(into)]
    asked: Signal<Option<NewReset>>,
    #[prop(into)] question: Signal<String>,
    #[prop(into)] button: Signal<&'static str>,
    /// The list that the reset is in once it is done.
    list: Paged<ResetRow>,
) -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let (confirming, busy) = (RwSignal::new(false), RwSignal::new(false));
    let failure = RwSignal::new(None::<CallFailure>);
    let done = RwSignal::new(None::<ResetRow>);
    // Whoever chooses others has not confirmed them.
    Effect::new(move |_| {
        asked.track();
        confirming.set(false);
    });
    let reset = move |_| {
        let Some(asked) = asked.get_untracked() else { return };
        if busy.get_untracked() {
            return;
        }
        failure.set(None);
        done.set(None);
        busy.set(true);
        tasks.run(async move {
            let reply = api.reset_passwords(&asked).await;
            busy.set(false);
            confirming.set(false);
            match reply {
                Ok(row) => {
                    session.say("The passwords were reset.");
                    done.set(Some(row));
                    list.restart();
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    // The button comes in the place of the one that was pressed.
    let focus_when_there = move |id: &'static str| {
        tasks.run(async move {
            sleep(0).await;
            focus(id);
        });
    };
    let ask = move |_| {
        done.set(None);
        confirming.set(true);
        focus_when_there("reset-back");
    };
    let back = move |_| {
        confirming.set(false);
        focus_when_there("reset-ask");
    };
    view! {
        {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
        {move || done.get().map(|row| view! { <ResetDone row/> })}
        <Show
            when=move || confirming.get()
            fallback=move || view! {
                <div class="actions">
                    <button type="button" class="button" id="reset-ask" disabled=move || asked.with(Option::is_none) on:click=ask>
                        {button}
                    </button>
                </div>
            }
        >
            <p><strong>{question}</strong>" This can\u{2019}t be undone."</p>
            <div class="actions">
                <button type="button" class="button" id="reset-back" on:click=back>"Back"</button>
                <button type="button" class="button danger" id="reset-now" disabled=busy on:click=reset>
                    {move || if busy.get() { "Resetting\u{2026}" } else { "Reset these passwords" }}
                </button>
            </div>
        </Show>
    }
}

/// Shows how many passwords were reset, and where they are.
#[component]
fn ResetDone(row: ResetRow) -> impl IntoView {
    let title = format!("{} reset.", count(row.reset.users, "password was", "passwords were"));
    let skipped = (row.reset.skipped > 0).then(|| {
        let users = count(row.reset.skipped, "user was", "users were");
        view! { <p>{users}" left alone: disabled, changed at the same moment, of another school, or may do more than you."</p> }
    });
    view! { <Notice tone=Tone::Good title=title>{skipped}<ResetFiles row/></Notice> }
}

/// Shows links to the file and the slips of a reset, while they can be read.
#[component]
pub fn ResetFiles(row: ResetRow) -> impl IntoView {
    let (api, tasks) = (use_api(), Tasks::here());
    let failure = RwSignal::new(None::<CallFailure>);
    let left_out = RwSignal::new(None::<String>);
    let id = row.reset.id.clone();
    let download = move |_| {
        failure.set(None);
        let id = id.clone();
        tasks.run(async move {
            match api.reset_file(&id).await {
                Ok(link) => {
                    left_out.set(words::left_out(link.left_out));
                    follow(&link.url, None);
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    let slips = format!("/resets/{}/slips", row.reset.id);
    match row.readable_until {
        None => view! { <span class="muted">"No longer readable"</span> }.into_any(),
        Some(until) => view! {
            <span class="reset-files">
                <a class="button small" href=slips>"Print slips"</a>
                <button type="button" class="button small" on:click=download>"Download"</button>
                <span class="muted small">"until "<Day at=until/></span>
                {move || left_out.get().map(|text| view! { <span class="muted small">{text}</span> })}
                {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
            </span>
        }
        .into_any(),
    }
}
