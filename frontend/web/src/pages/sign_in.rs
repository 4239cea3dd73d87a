//! Signing in. Shown in place of whatever page was asked for, which comes back afterwards.

use leptos::prelude::*;
use wire::http;

use crate::api::Failure;
use crate::app::{BrandSign, Visits};
use crate::browser::{focus, set_title};
use crate::components::{Notice, TextField, Tone};
use crate::session::{use_api, use_session};
use crate::tasks::{Tasks, poll};

/// The page. `expired` where somebody was signed in until now.
#[component]
pub fn SignIn(expired: bool) -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let username = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let failure = RwSignal::new(None::<Failure>);
    let busy = RwSignal::new(false);
    let wait = RwSignal::new(0_u32);
    set_title("Sign in");
    expect_context::<Visits>().is_a_further_one();
    Effect::new(|_| focus("username"));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || wait.get_untracked() > 0 {
            return;
        }
        busy.set(true);
        failure.set(None);
        let words =
            http::SignIn { username: username.get_untracked().trim().to_owned(), password: password.get_untracked() };
        tasks.run(async move {
            let reply = api.sign_in(&words).await;
            busy.set(false);
            match reply {
                Ok(me) => {
                    session.say(format!("Signed in as {} {}.", me.first_name, me.last_name));
                    session.sign_in(me);
                }
                Err(why) => {
                    if why.status == 429 {
                        count_down(wait, why.retry_after.unwrap_or(30));
                    }
                    password.set(String::new());
                    failure.set(Some(why));
                    focus("password");
                }
            }
        });
    };
    let button = move || match (busy.get(), wait.get()) {
        (true, _) => "Signing in\u{2026}".to_owned(),
        (false, 0) => "Sign in".to_owned(),
        (false, seconds) => format!("Try again in {seconds} s"),
    };
    view! {
        <main class="sign-in">
            <div class="sign-in-card">
                <p class="sign-in-brand"><BrandSign/>"Rollbook"</p>
                <h1 id="page-title" tabindex="-1">"Sign in"</h1>
                <p class="muted">"With the user name and the password that you have from your school. A password on a slip works once: you choose your own right after."</p>
                {expired.then(|| view! {
                    <Notice tone=Tone::Info title="Your session has ended.">
                        <p>"Sign in again to go on where you were."</p>
                    </Notice>
                })}
                {move || failure.get().map(|failure| view! { <WhyNot failure/> })}
                <form on:submit=submit>
                    <TextField id="username" label="User name" value=username autocomplete="username"/>
                    <TextField id="password" label="Password" value=password kind="password" autocomplete="current-password"/>
                    <button type="submit" id="sign-in" class="button primary wide" disabled=move || busy.get() || { wait.get() > 0 }>
                        {button}
                    </button>
                </form>
            </div>
        </main>
    }
}

#[component]
fn WhyNot(failure: Failure) -> impl IntoView {
    let hint = failure.problem.hint.map(|hint| view! { <p>{hint}</p> });
    let tone = if failure.status == 429 { Tone::Attention } else { Tone::Bad };
    view! { <div role="alert" id="sign-in-problem"><Notice tone title=failure.problem.message>{hint}</Notice></div> }
}

fn count_down(wait: RwSignal<u32>, seconds: u32) {
    wait.set(seconds.max(1) + 1);
    poll(async move || {
        wait.update(|n| *n = n.saturating_sub(1));
        (wait.get_untracked() > 0).then_some(1000)
    });
}
