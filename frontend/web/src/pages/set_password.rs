//! Setting an own password, after somebody has signed in with a temporary one. Nothing else can be reached before.

use leptos::prelude::*;
use wire::http::Me;

use crate::api::use_api;
use crate::browser::{focus, set_title};
use crate::components::{BrandSign, OwnPasswordForm, PAGE_TITLE};
use crate::session::use_session;
use crate::tasks::Tasks;
use crate::visits::Visits;

/// Shows the page that asks for an own password.
#[component]
pub fn SetPassword() -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    set_title("Set your own password");
    expect_context::<Visits>().is_a_further_one();
    Effect::new(|_| focus("new-password"));
    let name = session.me_now().map(|me| format!("{} {}", me.first_name, me.last_name)).unwrap_or_default();
    let done = move |me: Me| {
        session.say("Your password was set.");
        session.sign_in(me);
    };
    let sign_out = move |_| {
        tasks.run(async move {
            // The cookie still opens this page where that failed, and nothing else.
            if api.sign_out().await.is_ok() {
                session.sign_out();
            }
        });
    };
    view! {
        <main class="sign-in">
            <div class="sign-in-card">
                <p class="sign-in-brand"><BrandSign/>"Rollbook"</p>
                <h1 id=PAGE_TITLE tabindex="-1">"Set your own password"</h1>
                <p class="muted">
                    "Welcome, "{name}". The password that you were given works only once. Choose one that nobody else knows; from now on you sign in with it."
                </p>
                <OwnPasswordForm asks_current=false done/>
                <p><button type="button" class="link" id="sign-out" on:click=sign_out>"Sign out without setting one"</button></p>
            </div>
        </main>
    }
}
