//! Of what somebody hears by e-mail.

use leptos::prelude::*;
use roster::watching::NoticeKind;
use wire::http::OwnNotices;

use super::ProblemNote;
use crate::api::{CallFailure, use_api};
use crate::session::use_session;
use crate::tasks::Latest;

/// Lets the one who is signed in choose of what to hear.
///
/// Each choice is saved at once.
#[component]
pub fn OwnNoticesForm() -> impl IntoView {
    let (api, session, requests) = (use_api(), use_session(), Latest::here());
    let own = RwSignal::new(None::<OwnNotices>);
    let failure = RwSignal::new(None::<CallFailure>);
    requests.run(async move {
        match api.own_notices().await {
            Ok(notices) => own.set(Some(notices)),
            Err(why) => failure.set(Some(why)),
        }
    });
    let choose = move |kind: NoticeKind, on: bool| {
        let Some(mut notices) = own.get_untracked() else { return };
        if on {
            notices.choice.kinds.insert(kind);
        } else {
            notices.choice.kinds.remove(&kind);
        }
        own.set(Some(notices.clone()));
        failure.set(None);
        requests.run(async move {
            match api.choose_notices(&notices.choice).await {
                Ok(saved) => {
                    own.set(Some(saved));
                    session.say("Your choice was saved.");
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    let choice = move |kind: NoticeKind| {
        let checked = move || own.with(|own| own.as_ref().is_some_and(|own| own.choice.kinds.contains(&kind)));
        view! {
            <label class="radio">
                <input
                    type="checkbox"
                    id=format!("hear-{}", kind.as_str())
                    prop:checked=checked
                    on:change:target=move |e| choose(kind, e.target().checked())
                />
                <span>{kind.label()}</span>
            </label>
        }
    };
    let where_to = move || own.with(|own| own.as_ref().map(where_to));
    view! {
        <p class="muted" aria-live="polite">{where_to}</p>
        <Show when=move || own.with(Option::is_some)>
            <fieldset class="radios stacked">
                <legend class="unseen">"Tell me when"</legend>
                {NoticeKind::ALL.into_iter().filter(|kind| session.is_district() || kind.is_of_upload()).map(choice).collect_view()}
            </fieldset>
        </Show>
        {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
    }
}

fn where_to(own: &OwnNotices) -> String {
    match own.address.as_str() {
        _ if !own.email_is_sent => "No e-mail is sent here: whoever runs Rollbook has named no sender.".to_owned(),
        _ if !own.is_watching => {
            "Watching is switched off, so that nobody is told anything yet. What you choose here counts from when somebody \
             switches it on in the settings."
                .to_owned()
        }
        "" => "You have no e-mail address here, so that nothing can be sent to you.".to_owned(),
        address => format!("E-mails go to {address}. They have counts and a link, and name nobody."),
    }
}
