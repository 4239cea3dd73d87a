//! A word that there is a pause, for whoever sends a roster nevertheless.

use leptos::prelude::*;
use roster::{Permission, WatchPause};

use crate::api::use_api;
use crate::components::{NotKnown, Notice, Tone};
use crate::session::use_session;
use crate::tasks::Latest;

/// Shows the pause that lasts today.
///
/// What a person sends here is checked at once.
#[component]
pub fn PauseWord() -> impl IntoView {
    let (api, pause) = (use_api().by_itself(), RwSignal::new(Ok(None::<WatchPause>)));
    let asking = Latest::here();
    let ask = move || asking.run(async move { pause.set(api.watching().await.map(|state| state.pause)) });
    // Whoever may send files and not see them is told nothing of pauses, and misses nothing.
    if use_session().may_now(Permission::SeeUploads) {
        ask();
    }
    move || match pause.get() {
        Ok(pause) => pause
            .map(|WatchPause { name, last, .. }| {
                view! {
                    <Notice tone=Tone::Info title=format!("There is a pause until {last}: {name}.")>
                        <p>"What programs send waits for its end. What you send here is checked at once."</p>
                    </Notice>
                }
            })
            .into_any(),
        Err(failure) => {
            view! { <NotKnown what="It isn\u{2019}t known whether there is a pause." failure retry=move |()| ask()/> }
                .into_any()
        }
    }
}
