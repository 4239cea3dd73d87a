//! The own profile: who one is here, and the password.

use leptos::prelude::*;
use roster::{Permission, UserType};
use wire::http::Me;

use crate::components::{Notice, OwnNoticesForm, OwnPasswordForm, PageHead, Tone};
use crate::session::use_session;
use crate::words;

/// Shows the page of the one who is signed in.
#[component]
pub fn Profile() -> impl IntoView {
    let session = use_session();
    let saved = RwSignal::new(false);
    let done = move |me: Me| {
        session.say("Your password was changed.");
        saved.set(true);
        session.sign_in(me);
    };
    view! {
        <PageHead title="Your profile"/>
        {move || saved.get().then(|| view! {
            <Notice tone=Tone::Good title="Your password was changed."><p>"You are signed out everywhere else."</p></Notice>
        })}
        <div class="columns">
            <section class="panel" aria-labelledby="account-title">
                <h2 id="account-title">"Account"</h2>
                {move || session.me().map(|me| view! { <Fields me/> })}
                <p class="muted small">{move || whom_to_tell(session.is_district())}</p>
            </section>
            <section class="panel" aria-labelledby="password-title">
                <h2 id="password-title">"Change your password"</h2>
                <OwnPasswordForm asks_current=true done/>
            </section>
            <Show when=move || session.may(Permission::SeeUploads)>
                <section class="panel" aria-labelledby="notices-title">
                    <h2 id="notices-title">"What you are told by e-mail"</h2>
                    <OwnNoticesForm/>
                </section>
            </Show>
        </div>
    }
}

/// Returns where the details come from, and what to do if one is wrong.
fn whom_to_tell(is_district: bool) -> &'static str {
    if is_district {
        "These details come from rosters, or were filled in by hand. Whoever may change users here can correct them."
    } else {
        "These details come from your school. Tell the school office if one of them is wrong."
    }
}

#[component]
fn Fields(me: Me) -> impl IntoView {
    let session = use_session();
    let type_and_grade = match me.user_type {
        UserType::Student => format!("{}, {}", me.user_type, words::grade(me.grade).to_lowercase()),
        other => other.as_str().to_owned(),
    };
    let school = me.school;
    let school = move || match &school {
        Some(id) => words::school(&session.schools(), id),
        None => "District office".to_owned(),
    };
    view! {
        <dl class="facts" id="profile">
            <div><dt>"Name"</dt><dd class="breaks">{me.first_name}" "{me.last_name}</dd></div>
            <div><dt>"User name"</dt><dd class="breaks">{me.username}</dd></div>
            <div><dt>"School"</dt><dd>{school}</dd></div>
            <div><dt>"User type"</dt><dd>{type_and_grade}</dd></div>
        </dl>
    }
}
