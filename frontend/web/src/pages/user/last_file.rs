//! What the newest file that the user could be in would do to the user now.

use leptos::prelude::*;
use roster::Guid;
use wire::http::{FindingRow, KeptFile, LastFile, Outlook};

use crate::api::{CallFailure, use_api};
use crate::components::{ChangeCard, FindingsTable, ProblemNote, When};
use crate::session::use_session;
use crate::tasks::Tasks;
use crate::words::{self, Tense};

/// Offers to look, and shows what was found.
#[component]
pub fn LastFilePanel(guid: Guid) -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let failure = RwSignal::new(None::<CallFailure>);
    let found = RwSignal::new(None::<LastFile>);
    let busy = RwSignal::new(false);
    let look = move |_| {
        failure.set(None);
        busy.set(true);
        tasks.run(async move {
            let reply = api.last_file(&guid.to_string()).await;
            busy.set(false);
            match reply {
                Ok(last) => {
                    session.say(headline(&last.outlook));
                    found.set(Some(last));
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    view! {
        <section class="panel" aria-labelledby="last-file-title">
            <h2 id="last-file-title">"What the last file says"</h2>
            <p class="muted">"What the newest roster that was carried out would do to this user today, with the settings of today. Nothing is changed by looking."</p>
            {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
            {move || found.get().map(|last| view! { <Found last/> })}
            <div class="actions">
                <button type="button" class="button" id="last-file" disabled=busy on:click=look>
                    {move || if busy.get() { "Looking\u{2026}" } else { "Look into the last file" }}
                </button>
            </div>
        </section>
    }
}

#[component]
fn Found(last: LastFile) -> impl IntoView {
    let LastFile { file, outlook } = last;
    let title = headline(&outlook);
    let file = file.map(|KeptFile { upload, file_name, created_at, mode }| {
        let mode = words::mode(mode).to_lowercase();
        view! { <p class="muted small"><a class="breaks" href=format!("/uploads/{upload}")>{file_name}</a>", "{mode}", "<When at=created_at/></p> }
    });
    let details = match outlook {
        Outlook::Change(change) => Some(
            view! { <ul class="changes"><ChangeCard change=*change tense=Tense::Ahead open=true/></ul> }.into_any(),
        ),
        Outlook::Rejected(reasons) => Some(view! { <Reasons reasons/> }.into_any()),
        _ => None,
    };
    view! { <div id="last-file-found"><p class="found-title">{title}</p>{file}{details}</div> }
}

#[component]
fn Reasons(reasons: Vec<FindingRow>) -> impl IntoView {
    let findings = RwSignal::new(reasons);
    view! { <FindingsTable findings/> }
}

fn headline(outlook: &Outlook) -> &'static str {
    match outlook {
        Outlook::NoFile => "No file that this user could be in is kept.",
        Outlook::TooLarge => "The last file is too large to be looked through here.",
        Outlook::NoRow { removes: false } => "The last file has no row for this user. The user would be left alone.",
        Outlook::NoRow { removes: true } => {
            "The last file has no row for this user. Uploaded again, it would remove the user."
        }
        Outlook::Rejected(_) => "The row of the last file would be rejected, and the user left alone.",
        Outlook::Nothing => "The last file would change nothing.",
        Outlook::Unclear => {
            "What the last file would do can\u{2019}t be told from this user\u{2019}s row alone. Upload the file again to see its plan."
        }
        Outlook::Change(_) => "The last file would change this user.",
    }
}
