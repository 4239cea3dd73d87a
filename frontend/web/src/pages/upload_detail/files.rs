//! The files of an upload.

use leptos::prelude::*;
use wire::{FileKind, UploadId};

use crate::api::use_api;
use crate::components::{Day, Icon, ProblemNote, Sign};
use crate::downloading::Downloading;
use crate::words;

/// Shows each file that there is now, with a button that downloads it.
///
/// The slips are for the passwords that can be read until `passwords_until`.
#[component]
pub fn Files(id: UploadId, files: Vec<FileKind>, passwords_until: Option<u64>) -> impl IntoView {
    let (api, downloading) = (use_api(), Downloading::here());
    let slips = format!("/uploads/{id}/slips");
    let get = Callback::new(move |kind: FileKind| {
        let id = id.clone();
        downloading.start(async move { api.file(&id, kind).await });
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
            {move || words::left_out(downloading.left_out.get()).map(|text| view! { <p class="muted small">{text}</p> })}
            {move || downloading.failure.get().map(|failure| view! { <ProblemNote failure/> })}
        </section>
    }
}
