//! The mode and the file.

use leptos::ev::DragEvent;
use leptos::prelude::*;
use leptos::web_sys::{File, FileList};
use roster::{Mode, SetBytes};
use wire::http::TableFormat;
use worker::Blank;

use super::draft::{OTHER_FILE, UploadDraft, UploadStep};
use crate::browser::save;
use crate::components::{Icon, Sign, TableFormatChoice};
use crate::format::bytes;
use crate::jobs::template_workbook;
use crate::session::use_session;
use crate::tasks::Tasks;

/// Asks for the sync mode.
#[component]
pub fn ModeChoice(mode: RwSignal<Mode>, locked: Signal<bool>, changed: Callback<()>) -> impl IntoView {
    // A school administrator's roster reaches no further than the school.
    let is_of_school = use_session().me_now().is_some_and(|me| me.school.is_some());
    let card = move |value: Mode| {
        let ModeWords { title, text, more } = ModeWords::of(value, is_of_school);
        view! {
            <label class="choice" class:chosen=move || mode.get() == value>
                <input
                    type="radio"
                    name="mode"
                    value=value.as_str()
                    prop:checked=move || mode.get() == value
                    on:change=move |_| {
                        mode.set(value);
                        changed.run(());
                    }
                />
                <span class="choice-words">
                    <span class="choice-title">{title}</span>
                    <span class="choice-text">{text}</span>
                    <span class="choice-more">{more}</span>
                </span>
            </label>
        }
    };
    view! {
        <fieldset class="choices" disabled=locked>
            <legend>"What is in the file?"</legend>
            {Mode::ALL.map(card)}
        </fieldset>
    }
}

/// What is said of a mode that can be chosen.
struct ModeWords {
    title: &'static str,
    text: &'static str,
    more: &'static str,
}

impl ModeWords {
    fn of(mode: Mode, is_of_school: bool) -> ModeWords {
        let text = match mode {
            Mode::Partial | Mode::Full => "Users in the file are created or updated.",
            Mode::Students => "Students in the file are created or updated. Staff are left alone, in the file or not.",
            Mode::Staff => {
                "Administrators, teachers and staff in the file are created or updated. Students are left alone, in \
                 the file or not."
            }
        };
        let (title, more) = match (mode, is_of_school) {
            (Mode::Partial, _) => ("Some users: partial sync", "Everybody else is left alone."),
            (Mode::Full, false) => ("All users: full sync", "Users who are absent from the file are removed."),
            (Mode::Full, true) => (
                "All users of your school: full sync",
                "Users of your school who are absent from the file are removed.",
            ),
            (Mode::Students, false) => {
                ("All students: students only", "Students who are absent from the file are removed.")
            }
            (Mode::Students, true) => (
                "All students of your school: students only",
                "Students of your school who are absent from the file are removed.",
            ),
            (Mode::Staff, false) => (
                "All staff: staff only",
                "Administrators, teachers and staff who are absent from the file are removed.",
            ),
            (Mode::Staff, true) => (
                "All staff of your school: staff only",
                "Administrators, teachers and staff of your school who are absent from the file are removed.",
            ),
        };
        ModeWords { title, text, more }
    }
}

/// Shows where a file is dropped, and a button that opens the browser's own dialog.
#[component]
pub fn DropZone(draft: UploadDraft) -> impl IntoView {
    let over = RwSignal::new(false);
    let dropped = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        if let Some(files) = event.data_transfer().and_then(|transfer| transfer.files()) {
            draft.choose(of_list(&files));
        }
    };
    let hovers = move |event: DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    view! {
        <label class="drop" class:over=over on:dragover=hovers on:dragleave=move |_| over.set(false) on:drop=dropped>
            <input
                type="file"
                id="file"
                class="unseen"
                accept=".csv,.tsv,.txt,text/csv,.xlsx,.xlsm,.xlsb,.xls,.ods,.zip,application/zip"
                multiple=true
                on:change:target=move |event| {
                    if let Some(files) = event.target().files() {
                        draft.choose(of_list(&files));
                    }
                }
            />
            <Icon sign=Sign::Upload/>
            <span class="drop-title">"Drop a file here, or "<span class="drop-link">"choose one"</span></span>
            <span class="muted small">"As your student information system exports it: CSV with commas, semicolons or tabs, or a workbook of Excel or LibreOffice, up to 256 MB"</span>
            <span class="muted small">"Classes in files of their own? Choose users.csv, classes.csv and enrolments.csv together, or a zip of them. The files of OneRoster, School Data Sync, Clever and Canvas are read as they are, chosen together or as a zip."</span>
        </label>
    }
}

/// Returns the blank files of a set in an archive.
fn set_templates() -> Vec<u8> {
    let [classes, enrolments] = roster::files::part_templates();
    let users = Some(roster::files::template());
    wire::archive::pack(&SetBytes { users, classes: Some(classes), enrolments: Some(enrolments) })
}

fn of_list(files: &FileList) -> Vec<File> {
    (0..files.length()).filter_map(|place| files.get(place)).collect()
}

/// Shows the file that was chosen.
#[component]
pub fn Chosen(draft: UploadDraft) -> impl IntoView {
    let sending = move || draft.step.get() == UploadStep::Sending;
    view! {
        <div class="chosen">
            <Icon sign=Sign::File/>
            <span class="chosen-words">
                <span class="chosen-name">{move || draft.named.get().map(|(name, _)| name)}</span>
                <span class="muted small">{move || draft.named.get().map(|(_, size)| bytes(size))}</span>
            </span>
            <Show when=move || !sending()>
                <button type="button" class="button small" id=OTHER_FILE on:click=move |_| draft.clear()>"Choose another file"</button>
            </Show>
        </div>
    }
}

/// Offers the blank template and the data dictionary.
///
/// They are made here from the very table that the check reads.
#[component]
pub fn Helpers() -> impl IntoView {
    let (failed, tasks) = (RwSignal::new(false), Tasks::here());
    let format = RwSignal::new(TableFormat::Csv);
    let save_as =
        move |name: &str, ending: &str, file: &[u8]| failed.set(save(&format!("{name}.{ending}"), file).is_err());
    let button = move |words: &'static str, id: &'static str, get: Callback<()>| {
        view! {
            <button type="button" class="button" id=id on:click=move |_| get.run(())><Icon sign=Sign::Download/>{words}</button>
        }
    };
    let link = move |words, id, name: &'static str, (make, ending): (fn() -> Vec<u8>, &'static str), blank: Blank| {
        let get = move |()| match format.get_untracked() {
            TableFormat::Csv => save_as(name, ending, &make()),
            TableFormat::Xlsx => tasks.run(async move {
                match template_workbook(blank).await {
                    Ok(workbook) => save_as(name, "xlsx", &workbook),
                    Err(_) => failed.set(true),
                }
            }),
        };
        button(words, id, Callback::new(get))
    };
    let dictionary = move |()| save_as("rollbook-data-dictionary", "csv", &roster::files::dictionary());
    view! {
        <section class="helpers" aria-labelledby="helpers-title">
            <h2 id="helpers-title">"Preparing a roster"</h2>
            <p class="muted">"Start from the blank template, and look up what each column takes in the data dictionary."</p>
            <TableFormatChoice format name="template" legend="Templates as" by_hand="to fill in by hand"/>
            <div class="actions start">
                {link("Blank template", "template", "rollbook-template", (roster::files::template, "csv"), Blank::Users)}
                {link("Template with classes", "template-classes", "rollbook-template-with-classes", (roster::files::flat_template, "csv"), Blank::Flat)}
                {link("Templates of a set", "template-set", "rollbook-set-templates", (set_templates, "zip"), Blank::Set)}
                {button("Data dictionary", "dictionary", Callback::new(dictionary))}
            </div>
            <p class="field-error" role="status">{move || failed.get().then_some("The browser did not save the file.")}</p>
        </section>
    }
}
