//! A word that there is a pause, for whoever sends a roster nevertheless.

use leptos::prelude::*;
use roster::WatchPause;

use crate::api::use_api;
use crate::components::{Notice, Tone};
use crate::tasks::Latest;

/// Shows the pause that lasts today. What a person sends here is checked at once.
#[component]
pub fn PauseWord() -> impl IntoView {
    let (api, pause) = (use_api().by_itself(), RwSignal::new(None::<WatchPause>));
    Latest::here().run(async move {
        // Whoever may send files and not see them is told nothing of pauses, and misses nothing.
        pause.set(api.watching().await.ok().and_then(|state| state.pause));
    });
    move || {
        pause.get().map(|WatchPause { name, last, .. }| {
            view! {
                <Notice tone=Tone::Info title=format!("There is a pause until {last}: {name}.")>
                    <p>"What programs send waits for its end. What you send here is checked at once."</p>
                </Notice>
            }
        })
    }
}
