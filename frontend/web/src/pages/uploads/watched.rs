//! What is late, and whether there is a pause.

use leptos::prelude::*;
use wire::http::WatchState;
use wire::stored::watch::LateRow;

use crate::api::{ApiResult, use_api};
use crate::components::{NotKnown, Notice, Tone, When};
use crate::tasks::Latest;

/// Shows which rosters are late, and the pause that lasts.
#[component]
pub fn Watched() -> impl IntoView {
    let (api, state) = (use_api().by_itself(), RwSignal::new(None::<ApiResult<WatchState>>));
    let asking = Latest::here();
    let ask = move || asking.run(async move { state.set(Some(api.watching().await)) });
    ask();
    let late = |row: LateRow| {
        let source = row.source_name.or(row.source.map(|id| id.0));
        let title =
            source.map_or_else(|| "Late: no roster came".to_owned(), |name| format!("Late: nothing from {name}"));
        let last = row.last_at.map_or_else(
            || "Nothing came for more than a week.".into_any(),
            |at| view! { "The last one came " <When at/> "." }.into_any(),
        );
        view! {
            <Notice tone=Tone::Attention title><p>"It was expected by "<When at=row.expected_at/>". "{last}</p></Notice>
        }
    };
    let known = move |WatchState { late: rows, pause }| {
        let pause = pause.map(|pause| {
            let title = format!("Pause: {}", pause.name);
            let until = format!(
                "It lasts until the end of {}. Nothing is late, and what programs send waits for its end: open such an upload to have it checked now.",
                pause.last
            );
            view! { <Notice tone=Tone::Info title><p>{until}</p></Notice> }
        });
        view! { {pause} {rows.into_iter().map(late).collect_view()} }
    };
    move || {
        state.get().map(|state| match state {
            Ok(state) => known(state).into_any(),
            Err(failure) => {
                view! { <NotKnown what="It isn\u{2019}t known whether a roster is late." failure retry=move |()| ask()/> }
                    .into_any()
            }
        })
    }
}
