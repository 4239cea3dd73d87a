//! What a program sent: that it waits for the end of a pause, and what is odd about it.

use leptos::prelude::*;
use roster::Permission;
use wire::{Status, Upload, UploadId};

use crate::api::{CallFailure, use_api};
use crate::components::{Notice, ProblemNote, Tone};
use crate::session::use_session;
use crate::tasks::Tasks;

/// Shows what is odd about a roster beside the last one of its kind.
#[component]
pub fn Odd(upload: Memo<Option<Upload>>) -> impl IntoView {
    let marks = Memo::new(move |_| upload.with(|u| u.as_ref().map(|u| u.marks.clone()).unwrap_or_default()));
    view! {
        <Show when=move || marks.with(|marks| !marks.is_empty())>
            <Notice tone=Tone::Attention title="This roster is odd beside the last one of its kind.">
                <ul>{move || marks.get().iter().map(|mark| view! { <li>{mark.sentence()}</li> }).collect_view()}</ul>
            </Notice>
        </Show>
    }
}

/// Shows that an upload waits for the end of a pause, and lets whoever may upload have it checked now.
#[component]
pub fn Paused(id: StoredValue<UploadId>, upload: Memo<Option<Upload>>, taken: Callback<Upload>) -> impl IntoView {
    let (api, session) = (use_api(), use_session());
    let (tasks, busy, failure) = (Tasks::here(), RwSignal::new(false), RwSignal::new(None::<CallFailure>));
    let pause = Memo::new(move |_| {
        upload.with(|u| {
            let upload = u.as_ref().filter(|upload| upload.status == Status::Paused)?;
            Some(upload.pause.as_ref().map(|pause| pause.name.clone()).unwrap_or_default())
        })
    });
    let check = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        tasks.run(async move {
            match api.check_now(&id.get_value()).await {
                Ok(upload) => taken.run(upload),
                Err(why) => failure.set(Some(why)),
            }
            busy.set(false);
        });
    };
    move || {
        pause.get().map(|name| {
            view! {
                <Notice tone=Tone::Info title=format!("It came during the pause {name}.")>
                    <p>"It is kept as it was sent, and checked when the pause is over. Nothing was changed."</p>
                    {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
                    <Show when=move || session.may(Permission::Upload)>
                        <div class="actions start">
                            <button type="button" class="button" id="check-now" aria-disabled=move || busy.get().then_some("true") on:click=check>
                                "Check now"
                            </button>
                        </div>
                    </Show>
                </Notice>
            }
        })
    }
}
