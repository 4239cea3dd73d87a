//! What the program says: lines for people, or JSON for programs.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};
use roster::{ClassCounts, Code, Kind, Severity};
use serde::Serialize;
use wire::http::{FindingRow, ItemKind};
use wire::shown::{self, LeftAlone, Tense};
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
    /// Says something on standard output: `value` to programs, in one line, and `words` to people.
    ///
    /// Whoever listens may have gone, which is no reason to stop sending.
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
    if findings.iter().any(|finding| matches!(finding.code, Code::HeaderMissing | Code::HeadersNotFound)) {
        let _ = writeln!(text, "{OTHER_HEADERS}");
    }
    text
}

/// What helps with the export of another system, whose headers nobody can change.
const OTHER_HEADERS: &str = "\
  Is it another system's export? Upload it once on Rollbook's page, which matches its columns with ours and keeps the
  mapping. From then on files with these headers go through here, too.";

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
///
/// They say where it stands, and how many users, rows, classes and enrolments become what.
pub fn upload_in_words(upload: &Upload) -> String {
    let mut text = format!("{}  {}  {}  {}", upload.id, upload.status.label(), upload.mode.as_str(), upload.file_name);
    if let Some(failure) = &upload.failure {
        let _ = write!(text, "\n  {failure}");
    }
    let tense = Tense::of(upload);
    for (of, counts) in counts_in_words(upload, tense) {
        let _ = write!(text, "\n  {of:<11} {counts}");
    }
    if let (Status::Paused, Some(pause)) = (upload.status, &upload.pause) {
        let _ = write!(text, "\n  waits for the end of the pause {}, and is checked then", pause.name);
    }
    text
}

/// Returns an upload as a line of a list, which says where its reasons to wait are found.
pub fn upload_in_list(upload: &Upload) -> String {
    let text = upload_in_words(upload);
    if upload.status != Status::AwaitingApproval || upload.holds.is_empty() {
        return text;
    }
    let reasons = count(upload.holds.len() as u64, "reason", "reasons");
    format!("{text}\n  waits for approval for {reasons}; `rollbook plan {}` says which", upload.id)
}

/// Returns the lines of counts: what they are of, and those that are not zero.
fn counts_in_words(upload: &Upload, tense: Tense) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if let Some(counts) = upload.counts_done() {
        let users = shown::counts_by_kind(&counts).map(|(kind, n)| match kind {
            Kind::Rekeyed => ("with a new ID".to_owned(), n),
            kind => (shown::kind(kind, tense).to_lowercase(), n),
        });
        lines.push(("users", listed(users).unwrap_or_else(|| "no changes".to_owned())));
        let rows = [
            ("unchanged", counts.unchanged),
            ("differ and are not updated, by the settings", counts.kept),
            ("of types or year levels that are not synced", counts.outside),
            ("of a user once more, for a further class", counts.further),
            ("rejected", counts.rejected),
        ];
        lines.extend(listed(rows.map(|(words, n)| (words.to_owned(), n))).map(|rows| ("other rows", rows)));
    }
    if let Some(ClassCounts { classes, enrolments }) = upload.class_counts_done() {
        for (of, counts) in [("classes", classes), ("enrolments", enrolments)] {
            let changed = ItemKind::ALL.map(|kind| (shown::item_kind(kind, tense).to_lowercase(), kind.of(&counts)));
            let others = [("unchanged".to_owned(), counts.unchanged), ("rejected".to_owned(), counts.rejected)];
            let all = changed.into_iter().chain(others);
            lines.push((of, listed(all).unwrap_or_else(|| "no changes".to_owned())));
        }
    }
    if let Some(words) = LeftAlone::of(upload).in_words(count) {
        lines.push(("left alone", format!("{words}; the findings say which")));
    }
    lines
}

fn listed(counts: impl IntoIterator<Item = (String, u64)>) -> Option<String> {
    let shown = counts.into_iter().filter(|(_, n)| *n > 0);
    let shown: Vec<String> = shown.map(|(words, n)| format!("{n} {words}")).collect();
    (!shown.is_empty()).then(|| shown.join(", "))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn counts_say_what_changes_and_what_is_left_alone() {
        let upload: Upload = serde_json::from_value(json!({
            "id": "u1", "status": "awaiting_approval", "mode": "full", "scope": "organisation",
            "source": { "bucket": { "key": "inbox/full/a.csv" } }, "file_name": "a.csv", "bytes": 1, "created_at": 0,
            "updated_at": 0, "failure": null,
            "counts": { "created": 1, "updated": 0, "moved": 0, "reactivated": 0, "removed": 2, "unchanged": 3,
                        "rejected": 0, "rekeyed": 4, "kept": 5, "outside": 6 },
            "class_counts": { "classes": { "ended": 1 }, "enrolments": { "created": 7, "ended": 8, "rejected": 9 } },
            "findings": {}, "holds": [{ "reason": "approval_required" }], "digest": "d", "decision": null,
            "progress": null, "left_alone": 0, "files": [],
        }))
        .expect("an upload");
        assert_eq!(
            upload_in_list(&upload),
            "u1  Awaiting Approval  full  a.csv\n  users       1 to create, 4 with a new ID, 2 to remove\n  \
             other rows  3 unchanged, 5 differ and are not updated, by the settings, 6 of types or year levels that are \
             not synced\n  classes     1 to end\n  enrolments  7 to create, 8 to end, 9 rejected\n  waits for approval \
             for 1 reason; `rollbook plan u1` says which"
        );
    }

    #[test]
    fn what_waits_for_the_end_of_a_pause_says_so_before_it_has_any_counts() {
        let upload: Upload = serde_json::from_value(json!({
            "id": "u1", "status": "paused", "mode": "full", "scope": "organisation",
            "source": { "bucket": { "key": "inbox/full/a.csv" } }, "file_name": "a.csv", "bytes": 1, "created_at": 0,
            "updated_at": 0, "failure": null, "counts": null, "findings": {}, "holds": [], "digest": null,
            "decision": null, "progress": null, "left_alone": 0, "files": [], "pause": { "name": "Summer" },
        }))
        .expect("an upload");
        assert_eq!(
            upload_in_words(&upload),
            "u1  Paused  full  a.csv\n  waits for the end of the pause Summer, and is checked then"
        );
    }

    #[test]
    fn users_and_enrolments_that_were_left_alone_are_told_apart() {
        let upload: Upload = serde_json::from_value(json!({
            "id": "u1", "status": "completed_with_errors", "mode": "full", "scope": "organisation",
            "source": { "bucket": { "key": "inbox/full/a.csv" } }, "file_name": "a.csv", "bytes": 1, "created_at": 0,
            "updated_at": 0, "failure": null, "counts": null,
            "findings": { "USER_DRIFTED": 1, "ENROLMENT_DRIFTED": 2 }, "holds": [], "digest": null,
            "decision": null, "progress": null, "left_alone": 3, "files": [],
        }))
        .expect("an upload");
        assert!(upload_in_words(&upload).ends_with("\n  left alone  1 user and 2 enrolments; the findings say which"));
    }
}
