//! The directory in the format of another system.

use leptos::prelude::*;
use roster::FeedFormat;
use wire::http::FeedDownload;

use crate::api::use_api;
use crate::components::{Icon, ProblemNote, Sign};
use crate::downloading::Downloading;
use crate::session::use_session;

use super::SchoolSelect;

/// Offers the users, classes and enrolments in the files that another system reads.
#[component]
pub fn DownloadFeed() -> impl IntoView {
    let (api, session) = (use_api(), use_session());
    let school = RwSignal::new(session.me_now().and_then(|me| me.school));
    let format = RwSignal::new(FeedFormat::OneRoster12);
    let downloading = Downloading::here();
    let download = move |_| {
        let request = FeedDownload { school: school.get_untracked(), format: format.get_untracked() };
        downloading.start(async move { api.feed_download(&request).await });
    };
    let choice = move |value: FeedFormat| {
        let id = format!("feed-{}", value.as_str());
        view! {
            <label class="radio">
                <input type="radio" name="feed" id=id prop:checked=move || format.get() == value on:change=move |_| format.set(value)/>
                <span>{value.name()}</span>
            </label>
        }
    };
    view! {
        <section class="panel" aria-labelledby="feed-title">
            <h2 id="feed-title">"Download for another system"</h2>
            <p class="muted">"The files that another system reads, in one archive: users with a custom ID, classes that are taught, and who is in them. No passwords."</p>
            <div class="filters">
                <label><span>"School"</span><SchoolSelect id="feed-school" school/></label>
                <fieldset class="radios">
                    <legend>"For"</legend>
                    {FeedFormat::ALL.map(choice).collect_view()}
                </fieldset>
                <button type="button" class="button" id="download-feed" disabled=downloading.busy on:click=download>
                    <Icon sign=Sign::Download/>
                    {move || if downloading.busy.get() { "Preparing\u{2026}" } else { "Download" }}
                </button>
            </div>
            <p class="muted" aria-live="polite">{move || left_out(format.get())}</p>
            {move || downloading.failure.get().map(|failure| view! { <ProblemNote failure/> })}
        </section>
    }
}

/// Returns what the format has no place for, in a sentence or two.
fn left_out(format: FeedFormat) -> &'static str {
    match format {
        FeedFormat::OneRoster12 => {
            "Positions and classes of the district office are not in it. Disabled users are, marked as such."
        }
        FeedFormat::SdsV21 => "Disabled users, middle names, positions and the dates of classes are not in it.",
        FeedFormat::Clever => {
            "Disabled users, administrators, aides of classes and classes without a teacher are not in it."
        }
        FeedFormat::Canvas => {
            "Administrators, middle names, positions, grades, subjects and periods are not in it. Disabled users are, as suspended."
        }
    }
}
