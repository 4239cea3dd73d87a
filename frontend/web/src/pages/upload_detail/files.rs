//! The files of an upload.

use leptos::prelude::*;
use wire::{FileKind, UploadId};

use crate::api::Failure;
use crate::browser::follow;
use crate::components::{Icon, ProblemNote, Sign};
use crate::session::{use_api, use_session};
use crate::tasks::Tasks;
use crate::words;

/// Each file that there is now, with a button that downloads it.
#[component]
pub fn Files(id: UploadId, files: Vec<FileKind>) -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let failure = RwSignal::new(None::<Failure>);
    let get = Callback::new(move |kind: FileKind| {
        failure.set(None);
        let id = id.clone();
        tasks.run(async move {
            match api.file(&id, kind).await {
                Ok(link) => {
                    session.say("The download starts.");
                    follow(&link.url, None);
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    });
    let lines = FileKind::ALL.into_iter().filter(|kind| files.contains(kind)).map(|kind| {
        let (name, what) = words::file(kind);
        view! {
            <li>
                <button type="button" class="file" id=format!("file-{}", kind.as_str()) on:click=move |_| get.run(kind)>
                    <Icon sign=Sign::Download/>
                    <span class="file-words"><span class="file-name">{name}</span><span class="muted small">{what}</span></span>
                </button>
            </li>
        }
    });
    view! {
        <section aria-labelledby="files-title">
            <h2 id="files-title">"Files"</h2>
            <ul class="files">{lines.collect_view()}</ul>
            {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
        </section>
    }
}
