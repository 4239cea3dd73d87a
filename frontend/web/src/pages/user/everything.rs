//! Everything that is kept about one person, as a file to give to whoever asks for it.

use leptos::prelude::*;
use roster::{Guid, Permission};

use crate::api::use_api;
use crate::components::{Icon, Notice, ProblemNote, Sign, Tone};
use crate::downloading::Downloading;
use crate::session::use_session;

/// Offers the file to those who may have it.
#[component]
pub fn EverythingPanel(guid: Guid) -> impl IntoView {
    let (api, session, downloading) = (use_api(), use_session(), Downloading::here());
    let download = move |_| downloading.start(async move { api.everything(&guid.to_string()).await });
    view! {
        <Show when=move || session.is_district() && session.may(Permission::ManageRoles)>
            <section class="panel" aria-labelledby="everything-title">
                <h2 id="everything-title">"Everything about this person"</h2>
                <p class="muted">"A file with all that Rollbook keeps about this person, for when they ask: the account, its history, and the rows of uploads whose files are kept. It has no password."</p>
                {move || downloading.failure.get().map(|failure| view! { <ProblemNote failure/> })}
                <Show when=move || { downloading.left_out.get() > 0 }>
                    <Notice tone=Tone::Attention title="The file is not complete.">
                        <p>{move || downloading.left_out.get()}" uploads could not be looked through in time. The file names them."</p>
                    </Notice>
                </Show>
                <div class="actions">
                    <button type="button" class="button" id="everything" disabled=downloading.busy on:click=download>
                        <Icon sign=Sign::Download/>
                        {move || if downloading.busy.get() { "Preparing\u{2026}" } else { "Download everything about this person" }}
                    </button>
                </div>
            </section>
        </Show>
    }
}
