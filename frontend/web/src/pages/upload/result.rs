//! What the check found, and sending.

use std::sync::Arc;

use leptos::prelude::*;
use roster::{Code, Mode, Severity};
use wire::{SheetChoice, UploadId};
use worker::CheckReport;

use super::draft::{CHECK_TITLE, UploadDraft, UploadStep};
use super::matching::step::{MatchStep, ReadBy};
use crate::browser::save;
use crate::components::{EncodingSelect, FindingsTable, Icon, Notice, ProblemNote, Sign, Tone};
use crate::findings_csv::findings_csv;
use crate::format::{bytes, count, number, share};

/// Shows everything below the chosen file.
#[component]
pub fn Outcome(draft: UploadDraft, opened: Callback<UploadId>) -> impl IntoView {
    view! {
        <ReadBy draft/>
        {move || draft.report.get().map(|report| view! { <Found draft report/> })}
        {move || match draft.step.get() {
            UploadStep::Choosing => ().into_any(),
            UploadStep::Checking { rows } => view! { <Checking rows/> }.into_any(),
            UploadStep::Matching => view! { <MatchStep draft/> }.into_any(),
            UploadStep::Checked => view! { <Ready draft opened/> }.into_any(),
            UploadStep::SchoolMissing => view! { <p class="notice-line" role="status">"Choose at least one school."</p> }.into_any(),
            UploadStep::NotChecked(why) => view! { <NotChecked draft why/> }.into_any(),
            UploadStep::Sending => view! { <Sending draft/> }.into_any(),
            UploadStep::NotSent(failure) => view! { <ProblemNote failure/><Ready draft opened/> }.into_any(),
        }}
    }
}

#[component]
fn Checking(rows: Option<u64>) -> impl IntoView {
    let words = match rows {
        None => "Reading the file\u{2026}".to_owned(),
        Some(rows) => format!("Checking {}\u{2026}", count(rows, "row", "rows")),
    };
    view! {
        <div class="progress" role="status">
            <p>{words}</p>
            <progress aria-label="Checking the file"></progress>
        </div>
    }
}

#[component]
fn NotChecked(draft: UploadDraft, why: String) -> impl IntoView {
    view! {
        <Notice tone=Tone::Bad title="The file could not be checked here.">
            <p>{why}</p>
            <p><button type="button" class="button small" on:click=move |_| draft.check()>"Try again"</button></p>
        </Notice>
    }
}

/// Returns as which format files of another system were read, in a sentence.
fn read_as(report: &CheckReport) -> Option<String> {
    report.findings.iter().find(|finding| finding.code == Code::FormatRead).map(|finding| finding.message.clone())
}

#[component]
fn Found(draft: UploadDraft, report: Arc<CheckReport>) -> impl IntoView {
    let report = StoredValue::new(report);
    let picked = RwSignal::new(None::<Code>);
    let findings = Memo::new(move |_| {
        let picked = picked.get();
        report.with_value(|r| {
            r.findings.iter().filter(|f| picked.is_none_or(|code| f.code == code)).cloned().collect::<Vec<_>>()
        })
    });
    let name = draft.named.get_untracked().map(|(name, _)| name).unwrap_or_default();
    let failed = RwSignal::new(false);
    let download = move |_| {
        let csv = report.with_value(|r| findings_csv(&r.findings));
        failed.set(save(&format!("findings of {name}"), csv.as_bytes()).is_err());
    };
    let (total, kept) = report.with_value(|r| (r.total(), r.findings.len() as u64));
    view! {
        <section id="check-result" aria-labelledby=CHECK_TITLE>
            <h2 id=CHECK_TITLE>"What the check found"</h2>
            {report.with_value(|r| read_as(r)).map(|sentence| view! { <p>{sentence}</p> })}
            {report.with_value(|r| (!r.sheets.is_empty()).then(|| view! { <SheetSelect draft report=r.clone()/> }))}
            {report.with_value(|r| headline(r))}
            {report.with_value(|r| r.failed && draft.may_match()).then(|| view! { <ToMatch draft/> })}
            {report.with_value(|r| (!r.failed).then(|| figures(r)))}
            {report.with_value(|r| has_doubtful_letters(r, draft)).then(|| view! { <Letters draft/> })}
            {(total > 0).then(|| view! {
                <div class="list-head">
                    <CodeFilter report picked/>
                    <button type="button" class="button small" id="download-findings" on:click=download>
                        <Icon sign=Sign::Download/>"Download as CSV"
                    </button>
                </div>
                <p class="field-error" role="status">{move || failed.get().then_some("The browser did not save the file.")}</p>
                <FindingsTable findings/>
                {(kept < total).then(|| view! {
                    <p class="muted small">{format!("These are the first {} of {} findings.", number(kept), number(total))}</p>
                })}
            })}
        </section>
    }
}

/// Offers to say how the columns of a file are read that failed by its headers.
#[component]
fn ToMatch(draft: UploadDraft) -> impl IntoView {
    view! {
        <p class="to-match">
            <button type="button" class="button" id="match-columns" on:click=move |_| draft.match_columns()>"Match the columns"</button>
            <span class="muted">"Say yourself where each column of ours comes from."</span>
        </p>
    }
}

/// Returns whether somebody should choose the encoding of the file, which does not show it itself.
fn has_doubtful_letters(report: &CheckReport, draft: UploadDraft) -> bool {
    let guessed = [Code::EncodingGuessed, Code::EncodingDoubtful].iter().any(|code| report.codes.contains_key(code));
    guessed || draft.encoding.get_untracked().is_some()
}

#[component]
fn Letters(draft: UploadDraft) -> impl IntoView {
    view! {
        <EncodingSelect
            id="file-encoding"
            label="Encoding of this file"
            usual="The likeliest"
            hint="Look at names with accents. If they are wrong, choose another encoding; the file is checked again at once."
            value=draft.encoding
            changed=Callback::new(move |()| draft.check())
        />
    }
}

/// Asks which sheet of a workbook is the roster.
#[component]
fn SheetSelect(draft: UploadDraft, report: Arc<CheckReport>) -> impl IntoView {
    // What was read may be a set, which is none of the sheets alone.
    let read = report.sheet.clone().filter(|sheet| report.sheets.iter().any(|choice| choice.name == *sheet));
    let option = |choice: &SheetChoice| {
        let chosen = read.as_ref() == Some(&choice.name);
        let words = format!("{} ({})", choice.name, count(choice.rows, "row", "rows"));
        view! { <option value=choice.name.clone() selected=chosen>{words}</option> }
    };
    let options = report.sheets.iter().map(option).collect_view();
    let usual = match &report.sheet {
        Some(sheets) if read.is_none() => format!("All of them, as a set: {sheets}"),
        _ => "By its headers".to_owned(),
    };
    let pick = move |name: String| {
        draft.sheet.set((!name.is_empty()).then_some(name));
        draft.check();
    };
    view! {
        <div class="field">
            <label for="sheet">"Which sheet is the roster?"</label>
            <select id="sheet" aria-describedby="sheet-hint" on:change:target=move |e| pick(e.target().value())>
                <option value="" selected=read.is_none()>{usual}</option>
                {options}
            </select>
            <p class="muted small" id="sheet-hint">"Only this sheet is read. The file is checked again at once."</p>
        </div>
    }
}

fn headline(report: &CheckReport) -> AnyView {
    if report.failed {
        return view! {
            <Notice tone=Tone::Bad title="This file can\u{2019}t be processed.">
                <p>"Nothing was sent. Correct what is named below and choose the file again."</p>
            </Notice>
        }
        .into_any();
    }
    let doubts = report.of(Severity::Doubtful);
    if doubts > 0 && report.rejected == 0 {
        return view! {
            <Notice tone=Tone::Attention title=format!("{} to look at before you send this.", count(doubts, "doubt", "doubts"))>
                <p>"The file may not mean what it says. If you send it as it is, its plan waits until somebody has looked."</p>
            </Notice>
        }
        .into_any();
    }
    match (report.rejected, report.of(Severity::Warning)) {
        (0, 0) => view! { <Notice tone=Tone::Good title="No errors were found."><p>"The server compares the file with the directory once it is sent, and may find more."</p></Notice> }.into_any(),
        (0, n) => view! {
            <Notice tone=Tone::Info title=format!("No errors, and {} to look at.", count(n, "warning", "warnings"))>
                <p>"Rows with warnings are processed."</p>
            </Notice>
        }
        .into_any(),
        (n, _) => view! {
            <Notice tone=Tone::Attention title=format!("{} errors.", count(n, "row has", "rows have"))>
                <p>"Correct the file and choose it again. If you send it as it is, these rows are rejected and their users are left as they are."</p>
            </Notice>
        }
        .into_any(),
    }
}

fn figures(report: &CheckReport) -> impl IntoView + use<> {
    let tile = |n: u64, word: &'static str, warns: bool| {
        let class = match n {
            _ if !warns => "tile",
            0 => "tile zero",
            _ => "tile warn",
        };
        view! { <li><div class=class><span class="tile-figure">{number(n)}</span><span class="tile-word">{word}</span></div></li> }
    };
    view! {
        <ul class="tiles few">
            {tile(report.rows, "Rows", false)}
            {tile(report.ok, "Ready", false)}
            {tile(report.rejected, "With errors", true)}
            {tile(report.of(Severity::Doubtful), "Doubts", true)}
            {tile(report.of(Severity::Warning), "Warnings", true)}
        </ul>
    }
}

#[component]
fn CodeFilter(report: StoredValue<Arc<CheckReport>>, picked: RwSignal<Option<Code>>) -> impl IntoView {
    let options = report.with_value(|r| {
        r.codes
            .iter()
            .map(|(code, n)| view! { <option value=code.as_str()>{format!("{} ({})", code.as_str(), number(*n))}</option> })
            .collect_view()
    });
    let pick = move |word: String| picked.set(Code::ALL.iter().copied().find(|code| code.as_str() == word));
    view! {
        <label class="inline">
            <span>"Show"</span>
            <select id="filter-code" on:change:target=move |e| pick(e.target().value())>
                <option value="">{format!("All findings ({})", number(report.with_value(|r| r.total())))}</option>
                {options}
            </select>
        </label>
    }
}

#[component]
fn Ready(draft: UploadDraft, opened: Callback<UploadId>) -> impl IntoView {
    move || {
        let report = draft.report.get().filter(|r| !r.failed)?;
        let clean = report.rejected == 0;
        let saves = draft.matching.accepted.with(Option::is_some);
        if saves && report.rows > 0 && report.rejected == report.rows {
            return Some(view! { <NobodyIsRead/> }.into_any());
        }
        if saves && !draft.may_save_mapping() {
            return Some(view! { <NotToBeSent draft/> }.into_any());
        }
        let class = if clean { "button primary" } else { "button" };
        let send = if saves { "Save the mapping and send" } else { "Send" };
        let words = match report.rejected {
            0 => format!("{send} {}", count(report.rows, "row", "rows")),
            n if saves => format!("{send}, with {} to be rejected", count(n, "row", "rows")),
            n => format!("{send} as it is, with {} to be rejected", count(n, "row", "rows")),
        };
        let removal = of_absent(draft.mode.get(), draft.schools.get().is_some());
        let whereabouts = if draft.begun.get() && draft.used_ticket().is_some() {
            "The file may have arrived or not. Sending it again makes no second upload.".into_any()
        } else if draft.begun.get() {
            view! { "The file may have arrived or not. Look at "<a href="/">"Uploads"</a>" before you send it again." }
                .into_any()
        } else {
            "Nothing has left this computer yet.".into_any()
        };
        Some(
            view! {
                <div class="send">
                    <p class="muted">{removal}{whereabouts}</p>
                    <button type="button" class=class id="send" on:click=move |_| draft.send(opened)>{words}</button>
                </div>
            }
            .into_any(),
        )
    }
}

/// Says that a mapping which reads nobody is not saved.
#[component]
fn NobodyIsRead() -> impl IntoView {
    let title = "Every row would be rejected, so that there is nothing to send.";
    view! {
        <div id="nobody-is-read">
            <Notice tone=Tone::Attention title>
                <p>"Nothing was saved. Press Change above, and look at the columns and values that the findings name."</p>
            </Notice>
        </div>
    }
}

/// Says who has to save the mapping before the file can be sent.
#[component]
fn NotToBeSent(draft: UploadDraft) -> impl IntoView {
    let (title, what) = if untrack(|| draft.may_change_settings()) {
        (
            "The file was checked and can\u{2019}t be sent: its mapping is not saved.",
            "The server reads by saved mappings only. Press Change above, tick \u{201c}Save this mapping\u{201d} and check again.",
        )
    } else {
        (
            "An administrator has to save this mapping first.",
            "Ask a district administrator to choose this file here and to save the mapping. Then you can send it.",
        )
    };
    view! { <div id="not-to-be-sent"><Notice tone=Tone::Attention title><p>{what}</p></Notice></div> }
}

/// Returns what happens to users who are absent from the file, where something does.
fn of_absent(mode: Mode, of_schools: bool) -> Option<String> {
    let (sync, whom) = match mode {
        Mode::Partial => return None,
        Mode::Full => ("Full sync", "users"),
        Mode::Students => ("Students only", "students"),
        Mode::Staff => ("Staff only", "administrators, teachers and staff"),
    };
    let (of, whose) = if of_schools { (" of the chosen schools", "their ") } else { ("", "") };
    Some(format!("{sync}{of}: {whose}{whom} who are absent from this file will be removed once the plan is approved. "))
}

#[component]
fn Sending(draft: UploadDraft) -> impl IntoView {
    let size = draft.named.get_untracked().map_or(0, |(_, size)| size);
    let percent = move || share(draft.sent_bytes.get(), size).to_string();
    view! {
        <div class="progress">
            <p>{move || format!("Sending: {} of {}", bytes(draft.sent_bytes.get().min(size)), bytes(size))}</p>
            <progress max="100" prop:value=percent aria-label="Sending the file"></progress>
            <p><button type="button" class="button small" on:click=move |_| draft.stop()>"Stop"</button></p>
        </div>
    }
}
