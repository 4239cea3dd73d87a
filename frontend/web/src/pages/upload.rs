//! Choose a file, see what is wrong with it while it is still on this machine, and send it.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use wire::UploadId;

use crate::components::PageHead;

mod choose;
mod digest;
mod result;
mod send;
mod work;

use choose::{Chosen, DropZone, Helpers, ModeChoice};
use result::Outcome;
use work::{Step, Work};

/// The page.
#[component]
pub fn Upload() -> impl IntoView {
    let work = Work::here();
    let navigate = use_navigate();
    let opened = Callback::new(move |id: UploadId| {
        navigate(&format!("/uploads/{id}?sent=1"), NavigateOptions::default());
    });
    let sending = Signal::derive(move || work.step.get() == Step::Sending);
    view! {
        <PageHead title="Upload a roster"/>
        <p class="lead">"The file is checked here, on this computer. Nothing leaves it before you press Send."</p>
        <ModeChoice mode=work.mode locked=sending changed=Callback::new(move |()| work.check())/>
        <Show when=move || work.named.get().is_some() fallback=move || view! { <DropZone work/> }>
            <Chosen work/>
        </Show>
        <Outcome work opened/>
        <Helpers/>
    }
}
