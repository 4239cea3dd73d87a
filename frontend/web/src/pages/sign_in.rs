//! Signing in. Shown in place of whatever page was asked for, which comes back afterwards.

use leptos::prelude::*;
use wire::http::{self, SignOnProblem, SignOnState};

use crate::api::{CallFailure, use_api};
use crate::browser::{focus, query_value, set_title};
use crate::components::{BrandSign, Notice, PAGE_TITLE, Skeleton, TextField, Tone};
use crate::session::use_session;
use crate::tasks::{Tasks, poll};
use crate::visits::Visits;
use crate::words;

/// Shows the page that signs somebody in.
///
/// `expired` says that somebody was signed in until now.
#[component]
pub fn SignIn(expired: bool) -> impl IntoView {
    let (api, tasks) = (use_api(), Tasks::here());
    let state = RwSignal::new(None::<SignOnState>);
    tasks.run(async move {
        // A password can always be tried: the answer to that says more than a page without a form.
        let found = api.sign_on_state().await;
        state.set(Some(found.unwrap_or(SignOnState { enabled: false, passwords: true })));
    });
    set_title("Sign in");
    expect_context::<Visits>().is_a_further_one();
    view! {
        <main class="sign-in">
            <div class="sign-in-card">
                <p class="sign-in-brand"><BrandSign/>"Rollbook"</p>
                <h1 id=PAGE_TITLE tabindex="-1">"Sign in"</h1>
                {expired.then(|| view! {
                    <Notice tone=Tone::Info title="Your session has ended.">
                        <p>"Sign in again to go on where you were."</p>
                    </Notice>
                })}
                {sign_on_problem().map(|problem| view! { <NotSignedOn problem/> })}
                {move || match state.get() {
                    None => view! { <Skeleton lines=4/> }.into_any(),
                    Some(state) => view! {
                        {state.enabled.then(|| view! { <SignOn/> })}
                        {state.passwords.then(|| view! { <Form/> })}
                    }
                    .into_any(),
                }}
            </div>
        </main>
    }
}

#[component]
fn SignOn() -> impl IntoView {
    view! {
        <p class="muted">"Sign in with the account that your organisation gave you."</p>
        <p><a href="/api/sign-on/start" rel="external" id="sign-on" class="button primary wide">"Go to your organisation\u{2019}s sign-in"</a></p>
    }
}

/// Returns why the provider sent somebody back without being signed in.
fn sign_on_problem() -> Option<SignOnProblem> {
    let word = query_value("sign-on")?;
    SignOnProblem::ALL.into_iter().find(|problem| problem.as_str() == word)
}

#[component]
fn NotSignedOn(problem: SignOnProblem) -> impl IntoView {
    let (title, hint) = words::sign_on_problem(problem);
    view! { <div role="alert" id="sign-on-problem"><Notice tone=Tone::Bad title><p>{hint}</p></Notice></div> }
}

#[component]
fn Form() -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let username = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let failure = RwSignal::new(None::<CallFailure>);
    let busy = RwSignal::new(false);
    let wait = RwSignal::new(0_u32);
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
    let button = move || match wait.get() {
        _ if busy.get() => "Signing in\u{2026}".to_owned(),
        0 => "Sign in".to_owned(),
        seconds => format!("Try again in {seconds} s"),
    };
    view! {
        <p class="muted">"With the user name and the password that you have from your school. A password on a slip works once: you choose your own right after."</p>
        {move || failure.get().map(|failure| view! { <WhyNot failure/> })}
        <form on:submit=submit>
            <TextField id="username" label="User name" value=username autocomplete="username"/>
            <TextField id="password" label="Password" value=password kind="password" autocomplete="current-password"/>
            <button type="submit" id="sign-in" class="button primary wide" disabled=move || busy.get() || { wait.get() > 0 }>
                {button}
            </button>
        </form>
    }
}

#[component]
fn WhyNot(failure: CallFailure) -> impl IntoView {
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
