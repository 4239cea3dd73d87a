//! What the program says: lines for people, or JSON for programs.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};
use roster::{Counts, Severity};
use serde::Serialize;
use wire::http::FindingRow;
use wire::{Status, Upload};

use crate::check::LocalCheck;
use crate::exit::Exit;
use crate::trouble::Trouble;

/// How many findings people are shown of a file; JSON has all.
const SHOWN: usize = 50;

/// For whom the program says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    People,
    Programs,
}

impl Audience {
    /// Says something on standard output: `value` to programs, in one line, and `words` to people. Whoever listens may
    /// have gone, which is no reason to stop sending.
    pub fn say(self, value: &impl Serialize, words: impl FnOnce() -> String) {
        let text = match self {
            Audience::People => words(),
            Audience::Programs => serde_json::to_string(value).unwrap_or_default(),
        };
        let mut out = io::stdout().lock();
        // A closed pipe, and nothing else, makes it fail.
        let _gone = writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush());
    }

    /// Says on standard error why a command can't go on.
    pub fn say_trouble(self, trouble: &Trouble) {
        let text = match self {
            Audience::People => format!("rollbook: {trouble}"),
            Audience::Programs => serde_json::to_string(trouble).unwrap_or_default(),
        };
        let _gone = writeln!(io::stderr(), "{text}");
    }
}

/// How much of a file is sent, on a terminal.
pub struct SendProgress(ProgressBar);

impl SendProgress {
    /// Begins to show it, where somebody looks.
    pub fn of(bytes: u64) -> SendProgress {
        if !io::stderr().is_terminal() {
            return SendProgress(ProgressBar::hidden());
        }
        let style = ProgressStyle::with_template("sending {bytes} of {total_bytes} {wide_bar} {eta}");
        SendProgress(ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
    }

    /// Returns what hears of every part that is sent.
    pub fn listener(&self) -> impl FnMut(u64) + Send + 'static {
        let bar = self.0.clone();
        move |bytes| bar.inc(bytes)
    }

    /// Ends it.
    pub fn finish(self) {
        self.0.finish_and_clear();
    }
}

/// Returns what the check of a file found, for people.
pub fn check_in_words(report: &LocalCheck) -> String {
    let mut text = String::new();
    let LocalCheck { file, failed, rows, rejected, findings, .. } = report;
    let head = if *failed {
        format!("{file}: can't be processed")
    } else {
        format!("{file}: {}, {} rejected", count(*rows, "row", "rows"), rejected)
    };
    let _ = writeln!(text, "{head}");
    for finding in findings.iter().take(SHOWN) {
        let _ = writeln!(text, "{}", finding_in_words(finding));
    }
    if findings.len() > SHOWN {
        let _ = writeln!(text, "  … and {} more; --json has all", findings.len() - SHOWN);
    }
    text
}

/// Returns a finding as a few lines.
pub fn finding_in_words(finding: &FindingRow) -> String {
    let severity = match finding.severity {
        Severity::File | Severity::Row | Severity::Class => "error",
        Severity::Doubtful => "doubt",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let row = match (&finding.rows, finding.row) {
        (Some(rows), _) => format!("{rows}: "),
        (None, Some(row)) => format!("row {row}: "),
        (None, None) => String::new(),
    };
    let column = finding.column.as_ref().map(|column| format!("{column}: ")).unwrap_or_default();
    format!("  {severity}  {row}{column}{}\n         {}", finding.message, finding.hint)
}

/// Returns an upload in a few lines.
pub fn upload_in_words(upload: &Upload) -> String {
    let mut text = format!("{}  {}  {}  {}", upload.id, upload.status.label(), upload.mode.as_str(), upload.file_name);
    if let Some(failure) = &upload.failure {
        let _ = write!(text, "\n  {failure}");
    }
    if let Some(counts) = upload.counts_done() {
        let _ = write!(text, "\n  {}", counts_in_words(&counts));
    }
    if let (Status::Paused, Some(pause)) = (upload.status, &upload.pause) {
        let _ = write!(text, "\n  waits for the end of the pause {}, and is checked then", pause.name);
    }
    if upload.status == Status::AwaitingApproval && !upload.holds.is_empty() {
        let reasons = count(upload.holds.len() as u64, "reason", "reasons");
        let _ = write!(text, "\n  waits for approval for {reasons}; the page of the upload says which");
    }
    text
}

fn counts_in_words(counts: &Counts) -> String {
    let all = [
        ("created", counts.created),
        ("updated", counts.updated),
        ("moved", counts.moved),
        ("reactivated", counts.reactivated),
        ("removed", counts.removed),
        ("unchanged", counts.unchanged),
        ("rejected", counts.rejected),
    ];
    all.map(|(word, n)| format!("{n} {word}")).join(", ")
}

/// Returns what a script hears of an upload.
pub fn exit_of(upload: &Upload) -> Exit {
    match upload.status {
        Status::Failed | Status::Rejected | Status::CompletedWithErrors => Exit::FileWrong,
        // Until the end of a pause; nothing is wrong with what was sent.
        Status::Paused => Exit::Done,
        Status::AwaitingApproval => Exit::Waits,
        Status::Queued | Status::InProgress | Status::Completed => Exit::Done,
    }
}

fn count(n: u64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}
