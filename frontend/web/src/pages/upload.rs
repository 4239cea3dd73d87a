//! Choose a file, see what is wrong with it while it is still on this machine, and send it.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use wire::UploadId;

use crate::components::PageHead;

mod choose;
pub(super) mod digest;
mod draft;
mod matching;
mod pack;
mod pause;
mod result;
mod schools;
pub(super) mod send;
mod sources;

use choose::{Chosen, DropZone, Helpers, ModeChoice};
use draft::{UploadDraft, UploadStep};
use pause::PauseWord;
use result::Outcome;
use schools::SchoolChoice;
use sources::SourceChoice;

/// Shows the page that sends a roster.
#[component]
pub fn Upload() -> impl IntoView {
    let draft = UploadDraft::here();
    let navigate = use_navigate();
    let opened = Callback::new(move |id: UploadId| {
        navigate(&format!("/uploads/{id}?sent=1"), NavigateOptions::default());
    });
    let sending = Signal::derive(move || draft.step.get() == UploadStep::Sending);
    view! {
        <PageHead title="Upload a roster"/>
        <p class="lead">"The file is checked here, on this computer. Nothing leaves it before you press Send."</p>
        <PauseWord/>
        <ModeChoice mode=draft.mode locked=sending changed=Callback::new(move |()| draft.check())/>
        <SchoolChoice draft locked=sending/>
        <SourceChoice draft locked=sending/>
        <Show when=move || draft.named.get().is_some() fallback=move || view! { <DropZone draft/> }>
            <Chosen draft/>
        </Show>
        <Outcome draft opened/>
        <Helpers/>
    }
}
