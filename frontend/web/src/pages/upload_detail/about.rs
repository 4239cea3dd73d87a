//! Who sent the upload, when, and what was decided.

use leptos::prelude::*;
use roster::{Hold, Mode, SchoolId};
use wire::shown::{OVERTAKEN, overtaken_advice};
use wire::{Source, Upload, Verdict};

use super::Badges;
use crate::components::{Icon, Notice, Sign, Tone, When};
use crate::format::{bytes, number, short_digest};
use crate::session::use_session;
use crate::words;

/// Shows the line of badges and the facts below it.
#[component]
pub fn About(upload: Upload) -> impl IntoView {
    let session = use_session();
    let scope = upload.scope.clone();
    let whose = move || words::scope(&session.schools(), &scope);
    let mode = match upload.mode {
        _ if upload.by_hand => "Filled in on the page, about one person; everybody else is left alone",
        Mode::Partial => "Users who are not in the file are left alone",
        Mode::Full => "Users who are not in the file are removed",
        Mode::Students => "Students who are not in the file are removed, everybody else is left alone",
        Mode::Staff => {
            "Administrators, teachers and staff who are not in the file are removed, students are left alone"
        }
    };
    let from = match &upload.source {
        Source::Administrator { .. } => {
            view! { <div><dt>"Sent by"</dt><dd>{words::source(&upload.source)}</dd></div> }.into_any()
        }
        Source::Bucket { key } => {
            view! { <div><dt>"Dropped into the bucket"</dt><dd><code class="breaks">{key.clone()}</code></dd></div> }
                .into_any()
        }
    };
    let digest = upload.digest.clone().map(|digest| {
        let short = short_digest(&digest);
        view! { <div><dt>"Plan"</dt><dd><code title=digest>{short}</code></dd></div> }
    });
    let of_source = upload.of_source.as_ref().map(words::user_source);
    let whose_are_removed = (upload.mode.removes_absent() && of_source.is_some()).then_some(" (of its source only)");
    let of_source = of_source.map(|source| view! { <div><dt>"Source"</dt><dd>{source}</dd></div> });
    let sheet = upload.sheet.clone().map(|sheet| view! { <div><dt>"Sheet"</dt><dd>{sheet}</dd></div> });
    let read_by = upload.profile.clone().map(|used| {
        let version = number(used.version.into());
        view! { <div><dt>"Read by"</dt><dd id="read-by">"the mapping "{used.name}", version "{version}</dd></div> }
    });
    let checked_by = upload.checked_otherwise().map(|checked| {
        let by = match &checked.profile {
            Some(used) => format!("by the mapping {}, version {}", used.name, number(used.version.into())),
            None => "without a mapping".to_owned(),
        };
        view! { <div><dt>"Checked before it was sent"</dt><dd id="checked-by">{by}</dd></div> }
    });
    let decision = decision(&upload);
    view! {
        <div class="about">
            <p class="badges"><Badges upload=upload.clone()/><span class="muted small">{mode}{whose_are_removed}</span></p>
            <dl class="facts line">
                {from}
                <div><dt>"When"</dt><dd><When at=upload.created_at/></dd></div>
                <div><dt>"Schools"</dt><dd>{whose}</dd></div>
                {of_source}
                {sheet}
                {checked_by}
                {read_by}
                <div><dt>"Size"</dt><dd>{bytes(upload.bytes)}</dd></div>
                {digest}
                {decision}
            </dl>
        </div>
    }
}

fn decision(upload: &Upload) -> Option<impl IntoView + use<>> {
    let decision = upload.decision.clone()?;
    let by = decision.by.map_or_else(|| "the settings".to_owned(), |by| words::decider(&by));
    let reason = match &decision.verdict {
        Verdict::Rejected { reason } => {
            Some(view! { <span class="reason">"\u{201c}"{reason.clone()}"\u{201d}"</span> })
        }
        Verdict::Approved => None,
    };
    Some(view! {
        <div>
            <dt>{words::verdict(&decision.verdict)}</dt>
            <dd>"by "{by}", "<When at=decision.at/>" "{reason}</dd>
        </div>
    })
}

/// Shows why the plan waits for an administrator.
#[component]
pub fn Holds(holds: Vec<Hold>, by_hand: bool) -> impl IntoView {
    let session = use_session();
    let limits = holds.iter().any(|hold| *hold != Hold::ApprovalRequired);
    let title = if limits { "Look closely before you approve" } else { "Why this waits" };
    let class = if limits { "notice attention" } else { "notice info" };
    let lines = move || {
        let schools = session.schools();
        let name = |id: &SchoolId| schools.by_id(id).map(|school| school.name.as_str());
        let sentence = |hold: &Hold| match hold {
            // Whatever the settings say of partial syncs.
            Hold::ApprovalRequired if by_hand => "An edit by hand waits until somebody has looked at it.".to_owned(),
            hold => hold.sentence(name),
        };
        holds.iter().map(|hold| view! { <li>{sentence(hold)}</li> }).collect_view()
    };
    view! {
        <div class=class>
            <Icon sign=if limits { Sign::Warning } else { Sign::Info }/>
            <div class="notice-words"><p class="notice-title">{title}</p><ul class="holds">{lines}</ul></div>
        </div>
    }
}

/// Shows that another upload was carried out since the plan was made, and what follows from it.
#[component]
pub fn Overtaken(upload: Upload) -> impl IntoView {
    view! { <Notice tone=Tone::Attention title=OVERTAKEN><p id="overtaken">{overtaken_advice(&upload)}</p></Notice> }
}
