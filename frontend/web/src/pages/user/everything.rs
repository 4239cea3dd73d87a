//! Everything that is kept about one person, as a file to give to whoever asks for it.

use leptos::prelude::*;
use roster::{Guid, Permission};

use crate::api::{CallFailure, use_api};
use crate::browser::follow;
use crate::components::{Icon, Notice, ProblemNote, Sign, Tone};
use crate::session::use_session;
use crate::tasks::Tasks;

/// Offers the file to those who may have it.
#[component]
pub fn EverythingPanel(guid: Guid) -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let failure = RwSignal::new(None::<CallFailure>);
    let left_out = RwSignal::new(0);
    let busy = RwSignal::new(false);
    let download = move |_| {
        failure.set(None);
        busy.set(true);
        tasks.run(async move {
            let reply = api.everything(&guid.to_string()).await;
            busy.set(false);
            match reply {
                Ok(link) => {
                    session.say("The download starts.");
                    left_out.set(link.left_out);
                    follow(&link.url, None);
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    view! {
        <Show when=move || session.is_district() && session.may(Permission::ManageRoles)>
            <section class="panel" aria-labelledby="everything-title">
                <h2 id="everything-title">"Everything about this person"</h2>
                <p class="muted">"A file with all that Rollbook keeps about this person, for when they ask: the account, its history, and the rows of uploads whose files are kept. It has no password."</p>
                {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
                <Show when=move || { left_out.get() > 0 }>
                    <Notice tone=Tone::Attention title="The file is not complete.">
                        <p>{move || left_out.get()}" uploads could not be looked through in time. The file names them."</p>
                    </Notice>
                </Show>
                <div class="actions">
                    <button type="button" class="button" id="everything" disabled=busy on:click=download>
                        <Icon sign=Sign::Download/>
                        {move || if busy.get() { "Preparing\u{2026}" } else { "Download everything about this person" }}
                    </button>
                </div>
            </section>
        </Show>
    }
}
