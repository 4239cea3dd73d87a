//! The step "Match the columns", and what is said of a mapping once it reads the file.

use leptos::prelude::*;

use super::super::draft::{UploadDraft, UploadStep};
use super::columns::{ColumnTable, of_edit};
use super::edit::OpenPoint;
use super::save::replaced;
use super::values::{NotRead, People, ValueTables};
use crate::browser::focus;
use crate::components::{Notice, TextField, Tone};
use crate::format::{count, number};

/// The id of the heading, which takes the focus when the step appears.
const TITLE: &str = "match-title";

/// Asks from which columns of the file ours are read.
#[component]
pub fn MatchStep(draft: UploadDraft) -> impl IntoView {
    let matching = draft.matching;
    request_animation_frame(|| focus(TITLE));
    let profile = Memo::new(move |_| of_edit(matching, |edit| Some(edit.profile().clone())));
    let has_people = matching.edit.with_untracked(|edit| edit.as_ref().is_some_and(|edit| edit.is_as_proposed()));
    Effect::new(move |seen: Option<()>| {
        // Read, and not only tracked: a memo that nobody reads follows nothing.
        profile.with(|_| ());
        if let Some(file) = draft.file.get_value()
            && (seen.is_some() || !has_people)
        {
            matching.look(file);
        }
    });
    view! {
        <section class="match" aria-labelledby=TITLE>
            <Head draft/>
            <section aria-labelledby="match-columns-title">
                <h3 id="match-columns-title">"Where each column comes from"</h3>
                <ColumnTable matching/>
            </section>
            <ValueTables matching/>
            <NotRead matching/>
            <People matching/>
            <Keep draft/>
            <Accept draft/>
        </section>
    }
}

#[component]
fn Head(draft: UploadDraft) -> impl IntoView {
    let matching = draft.matching;
    let recognised = of_edit_now(draft, |edit| {
        let proposal = edit.proposal();
        let system = match &proposal.system {
            Some(system) => format!("This looks like an export of {system}."),
            None => "Rollbook does not know the headers of this file.".to_owned(),
        };
        let row = number(proposal.header_row.into());
        format!("{system} Its headers are in row {row}, with {} below.", count(proposal.rows, "row", "rows"))
    });
    let why = move || {
        let why = matching.why.get();
        let is_misfit = why.iter().any(|finding| finding.code == roster::Code::MappingMisfit);
        why.into_iter().next().filter(|_| is_misfit).map(|finding| {
            view! { <Notice tone=Tone::Attention title=finding.message><p>{finding.hint}</p></Notice> }
        })
    };
    view! {
        <h2 id=TITLE tabindex="-1">"Match the columns"</h2>
        <p>{recognised}</p>
        <p class="muted">
            "Say where each of our columns comes from, and look at what is marked. Nothing leaves this computer meanwhile."
        </p>
        {why}
        {move || matching.doubt.get().map(|doubt| view! {
            <Notice tone=Tone::Attention title=doubt>
                <p>"Look at the columns and at what the values mean once more. What is right can stay as it is."</p>
            </Notice>
        })}
    }
}

fn of_edit_now(draft: UploadDraft, read: impl FnOnce(&super::edit::MappingEdit) -> String) -> String {
    draft.matching.edit.with_untracked(|edit| edit.as_ref().map(read)).unwrap_or_default()
}

#[component]
fn Keep(draft: UploadDraft) -> impl IntoView {
    let matching = draft.matching;
    let may_save = move || draft.may_change_settings();
    let wrong = Signal::derive(move || name_problem(draft));
    let replaces = move || {
        let profile = matching.profile()?;
        matching.saved.with(|saved| replaced(saved, &profile))
    };
    view! {
        <section aria-labelledby="match-keep-title">
            <h3 id="match-keep-title">"Next time"</h3>
            <Show
                when=may_save
                fallback=|| view! {
                    <Notice tone=Tone::Info title="An administrator has to save this mapping first.">
                        <p>"You can check the file with these columns. To send it, ask a district administrator to choose it on this page and to save the mapping."</p>
                    </Notice>
                }
            >
                <label class="radio">
                    <input
                        type="checkbox"
                        id="keep-mapping"
                        prop:checked=matching.keep
                        on:change:target=move |event| matching.keep.set(event.target().checked())
                    />
                    <span>"Save this mapping for the next files with these headers"</span>
                </label>
                <Show
                    when=move || matching.keep.get()
                    fallback=|| view! { <p class="muted">"Then the file can be checked, and not sent: the server reads by saved mappings only."</p> }
                >
                    <div class="match-name-field">
                        <TextField id="mapping-name" label="Name of the mapping" value=matching.name error=wrong/>
                    </div>
                    <p class="muted" role="status">{replaces}</p>
                </Show>
            </Show>
        </section>
    }
}

/// Returns what is wrong with the name.
fn name_problem(draft: UploadDraft) -> Option<String> {
    let name = draft.matching.name.get();
    let length = name.trim().chars().count();
    let is_right = (1..=roster::MappingProfile::MOST_CHARS).contains(&length) && !name.chars().any(char::is_control);
    (!is_right).then(|| "Type a name of up to 100 characters.".to_owned())
}

/// Something that is open, with the id of what takes the focus.
fn first_open(draft: UploadDraft) -> Option<(String, String, usize)> {
    let matching = draft.matching;
    let points = of_edit(matching, |edit| edit.open_points());
    let id = |point: &OpenPoint| match point.column {
        Some(column) if point.is_look => format!("look-{}", column.header()),
        Some(column) => format!("from-{}", column.header()),
        None => TITLE.to_owned(),
    };
    let words = |point: &OpenPoint| match point.column {
        Some(column) if point.is_look => format!("Look at {} first.", column.header()),
        _ => point.what.clone(),
    };
    let keeps = draft.may_save_mapping();
    let unnamed = name_problem(draft).filter(|_| keeps).map(|what| ("mapping-name".to_owned(), what));
    let open = points.len() + usize::from(unnamed.is_some());
    let first = points.first().map(|point| (id(point), words(point))).or(unnamed);
    first.map(|(id, words)| (id, words, open))
}

#[component]
fn Accept(draft: UploadDraft) -> impl IntoView {
    let open = Memo::new(move |_| first_open(draft));
    let press = move |_| match open.get_untracked() {
        Some((id, ..)) => {
            draft.session.say(open.get_untracked().map(|(_, words, _)| words).unwrap_or_default());
            focus(&id);
        }
        None => draft.accept_columns(),
    };
    let words = move || match open.get() {
        None => "Everything is clear.".to_owned(),
        Some((_, words, 1)) => words,
        Some((_, words, open)) => format!("{words} {} more after that.", number(open as u64 - 1)),
    };
    view! {
        <div class="send">
            <p class="muted" id="match-open" role="status">{words}</p>
            <button type="button" class="button" on:click=move |_| draft.clear()>"Choose another file"</button>
            <button
                type="button"
                class="button primary"
                id="accept-columns"
                aria-disabled=move || open.with(Option::is_some).then_some("true")
                aria-describedby="match-open"
                on:click=press
            >
                "Check with these columns"
            </button>
        </div>
    }
}

/// Says by which mapping the file was read, and leads back to the step.
#[component]
pub fn ReadBy(draft: UploadDraft) -> impl IntoView {
    let matching = draft.matching;
    let words = move || {
        let saved = draft.report.get()?.used.clone();
        match (matching.accepted.get(), saved) {
            (Some(profile), _) => Some((profile.name, "not saved yet".to_owned())),
            (None, Some(used)) => Some((used.name, format!("version {}", number(used.version.into())))),
            (None, None) => None,
        }
    };
    let sending = move || draft.step.get() == UploadStep::Sending;
    move || {
        words().map(|(name, version)| {
            view! {
                <p class="read-by" id="read-by">
                    <span>"Read by the mapping "<strong>{name}</strong>", "{version}</span>
                    <button type="button" class="button small" id="change-columns" disabled=sending on:click=move |_| draft.match_columns()>
                        "Change"<span class="unseen">" the columns"</span>
                    </button>
                </p>
            }
        })
    }
}
