//! The files of an upload.

use leptos::prelude::*;
use wire::{FileKind, UploadId};

use crate::api::{CallFailure, use_api};
use crate::browser::follow;
use crate::components::{Day, Icon, ProblemNote, Sign};
use crate::session::use_session;
use crate::tasks::Tasks;
use crate::words;

/// Shows each file that there is now, with a button that downloads it, and the slips for the passwords that can be read
/// until `passwords_until`.
#[component]
pub fn Files(id: UploadId, files: Vec<FileKind>, passwords_until: Option<u64>) -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let failure = RwSignal::new(None::<CallFailure>);
    let left_out = RwSignal::new(None::<String>);
    let slips = format!("/uploads/{id}/slips");
    let get = Callback::new(move |kind: FileKind| {
        failure.set(None);
        let id = id.clone();
        tasks.run(async move {
            match api.file(&id, kind).await {
                Ok(link) => {
                    session.say("The download starts.");
                    left_out.set(words::left_out(link.left_out));
                    follow(&link.url, None);
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    });
    let lines = FileKind::ALL.into_iter().filter(|kind| files.contains(kind)).map(|kind| {
        let (name, mut what) = words::file(kind);
        if kind == FileKind::Completed && passwords_until.is_some() {
            what = "Every row that was processed, with GUID, user name and temporary passwords";
        }
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
            {passwords_until.map(|until| view! {
                <p class="slips-line">
                    <a class="button small" id="print-slips" href=slips>"Print slips"</a>
                    <span class="muted small">
                        "The temporary passwords can be read until "<Day at=until/>". Then they are gone from the completed file, and only a reset helps."
                    </span>
                </p>
            })}
            {move || left_out.get().map(|text| view! { <p class="muted small">{text}</p> })}
            {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
        </section>
    }
}
