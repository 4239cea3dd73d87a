//! Heads, notices, times and what stands in for content that is not there yet.

use leptos::html::H1;
use leptos::prelude::*;

use super::{Icon, Sign};
use crate::api::CallFailure;
use crate::browser;
use crate::tasks::{Tasks, sleep};
use crate::visits::Visits;

/// The id of the title of the page, which can take the focus.
pub const PAGE_TITLE: &str = "page-title";

/// Shows the head of a page, whose title is the window's, too.
///
/// The title takes the focus when one page leads to another, so that a screen reader says where one is.
#[component]
pub fn PageHead(
    #[prop(into)] title: Signal<String>,
    /// What stands above the title.
    #[prop(optional)]
    above: Option<ViewFn>,
    /// What stands beside the title.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let (visits, tasks) = (expect_context::<Visits>(), Tasks::here());
    let heading = NodeRef::<H1>::new();
    Effect::new(move |seen: Option<()>| {
        browser::set_title(&title.get());
        if seen.is_none() && visits.is_a_further_one() {
            tasks.run(focus_when_there(heading));
        }
    });
    view! {
        <header class="page-head">
            <div class="page-head-words">
                {above.map(|above| above.run())}
                <h1 id=PAGE_TITLE tabindex="-1" node_ref=heading>{title}</h1>
            </div>
            {children.map(|children| view! { <div class="page-head-actions">{children()}</div> })}
        </header>
    }
}

/// Moves the focus to `heading` as soon as its page is there: the page before stays until this one is drawn.
async fn focus_when_there(heading: NodeRef<H1>) {
    for _ in 0..60 {
        if let Some(heading) = heading.get_untracked()
            && heading.is_connected()
        {
            // Focus is a courtesy: a heading that can't take it changes nothing.
            let _ = heading.focus();
            return;
        }
        sleep(16).await;
    }
}

/// How serious a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Info,
    Good,
    Attention,
    Bad,
}

/// Shows a few sentences that stand out.
///
/// A screen reader says those at once that ask for something.
#[component]
pub fn Notice(tone: Tone, #[prop(into)] title: String, children: Children) -> impl IntoView {
    let (class, sign, role) = match tone {
        Tone::Info => ("notice info", Sign::Info, None),
        Tone::Good => ("notice good", Sign::Check, None),
        Tone::Attention => ("notice attention", Sign::Warning, Some("status")),
        Tone::Bad => ("notice bad", Sign::Warning, Some("alert")),
    };
    view! {
        <div class=class role=role>
            <Icon sign/>
            <div class="notice-words">
                <p class="notice-title">{title}</p>
                {children()}
            </div>
        </div>
    }
}

/// Shows what went wrong and what to do about it, with a button to try again where that makes sense.
#[component]
pub fn ProblemNote(failure: CallFailure, #[prop(optional, into)] retry: Option<Callback<()>>) -> impl IntoView {
    let hint = failure.problem.hint.map(|hint| view! { <p>{hint}</p> });
    let again = retry.map(|retry| {
        view! { <p><button type="button" class="button small" on:click=move |_| retry.run(())>"Try again"</button></p> }
    });
    view! { <Notice tone=Tone::Bad title=failure.problem.message>{hint}{again}</Notice> }
}

/// Says in a line that something isn't known because it could not be asked, and offers to ask again.
#[component]
pub fn NotKnown(
    /// A sentence: what isn't known.
    what: &'static str,
    failure: CallFailure,
    #[prop(into)] retry: Callback<()>,
) -> impl IntoView {
    view! {
        <p class="muted" role="status">
            {what}" "{failure.problem.message}" "<button type="button" class="link" on:click=move |_| retry.run(())>"Try again"</button>
        </p>
    }
}

/// Shows why a list has nothing in it, and what to do.
#[component]
pub fn Empty(#[prop(into)] title: String, children: Children) -> impl IntoView {
    view! {
        <div class="empty">
            <p class="empty-title">{title}</p>
            {children()}
        </div>
    }
}

/// Keeps the place of content that is on its way.
#[component]
pub fn Skeleton(#[prop(default = 4)] lines: u32) -> impl IntoView {
    let lines = (0..lines).map(|_| view! { <span class="skeleton-line"></span> }).collect_view();
    view! { <div class="skeleton" role="status"><span class="unseen">"Loading"</span>{lines}</div> }
}

/// Shows the day of a time in the reader's own zone and language.
#[component]
pub fn Day(at: u64) -> impl IntoView {
    view! { <time datetime=browser::iso_time(at)>{browser::local_day(at)}</time> }
}

/// Shows a day of the calendar in the reader's own language.
#[component]
pub fn CalendarDay(day: roster::Day) -> impl IntoView {
    let words = browser::midnight_of(day.as_str()).map_or_else(|| day.to_string(), browser::local_day);
    view! { <time datetime=day.to_string()>{words}</time> }
}

/// Shows a time in the reader's own zone and language.
#[component]
pub fn When(at: u64) -> impl IntoView {
    view! { <time datetime=browser::iso_time(at)>{browser::local_time(at)}</time> }
}
