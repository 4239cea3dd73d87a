//! One submission of a roster: the unit of history.

use std::collections::BTreeMap;
use std::fmt;

use roster::watching::Mark;
use roster::{
    Change, ClassCounts, Code, Counts, EnrolmentChange, FileEncoding, Guid, Hold, ItemCounts, Mode, RekeyChoice,
    RekeyChoices, Scope, SetPart, SourceId, UsedProfile, WatchPause,
};
use serde::{Deserialize, Serialize};

use crate::stored::api_key::UsedKey;
use crate::stored::file_kind::FileKind;

/// An upload as the history shows it.
///
/// Times are milliseconds since 1970 (UTC).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    pub id: UploadId,
    pub status: Status,
    pub mode: Mode,
    /// Whether its one row was filled in on the page, about one person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
    pub scope: Scope,
    pub source: Source,
    /// The source of the users in the file; `None` where its sender named none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_source: Option<SourceId>,
    /// The file's name as its sender wrote it.
    pub file_name: String,
    /// The encoding that its sender chose for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<FileEncoding>,
    /// The sheet of a workbook that its sender chose.
    ///
    /// After the upload is read, these are the sheets that were used: one, or those of a set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// How it was read where it was checked before it was sent; `None` where it was not, or nobody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<CheckedBefore>,
    /// The mapping by which its rows were read; `None` where they were understood without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<UsedProfile>,
    pub bytes: u64,
    /// The SHA-256 of the file, in hexadecimal, as an administrator announced it; `None` where somebody dropped it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    pub created_at: u64,
    pub updated_at: u64,
    /// Why it failed, in one sentence for a school secretary. Only with [`Status::Failed`].
    pub failure: Option<String>,
    /// Known once the roster was compared.
    pub counts: Option<Counts>,
    /// The same of classes and enrolments; `None` where the roster says nothing of any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_counts: Option<ClassCounts>,
    /// The files of a set that it is; empty where it is one file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<SetPart>,
    /// How many findings of each code.
    pub findings: BTreeMap<Code, u64>,
    /// Why the plan waits, or waited, for approval.
    pub holds: Vec<Hold>,
    /// The SHA-256 of the plan in hexadecimal: what an approval names.
    pub digest: Option<String>,
    /// The upload that was the last one to change anything before this one was compared with the directory; `None` where
    /// there was none, and of uploads that were checked under an earlier version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared_after: Option<UploadId>,
    pub decision: Option<Decision>,
    /// Chunks carried out, while and after the plan is applied.
    pub progress: Option<Progress>,
    /// Changes that were left undone because the user had drifted or was protected.
    pub left_alone: u64,
    /// How many changes of each kind were carried out, as was decided of them. `None` before, and of uploads that were
    /// carried out under an earlier version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Counts>,
    /// The same of classes and enrolments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_done: Option<ClassCounts>,
    /// The files that can be downloaded now.
    pub files: Vec<FileKind>,
    /// When its files and its plan were deleted, because the settings keep them no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files_deleted_at: Option<u64>,
    /// When lines of users whose personal fields were erased were last taken out of its files and its plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacted_at: Option<u64>,
    /// What is odd about the roster beside the last one of its kind, where a program sent it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
    /// That it came during a pause and was kept until its end, where a program sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<UploadPause>,
}

/// How a file was read that the page checked before it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedBefore {
    /// The mapping; `None` where its columns were understood without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<UsedProfile>,
}

/// That an upload waits for the end of a pause, or waited for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadPause {
    /// The name of the pause in which it came.
    pub name: String,
    /// When it was taken up again; `None` as long as it waits, and where its file was gone before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<u64>,
    /// Who had it checked before the pause was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<Decider>,
}

/// The identifier of an upload, which sorts by time of creation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UploadId(pub String);

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where an upload stands.
///
/// | from | to | by | when |
/// | --- | --- | --- | --- |
/// | a ticket, shown as `Queued` | `InProgress` | `validate` | the object is found in the inbox |
/// | a file that a program sends | `Paused` | `validate` | there is a pause; the object stays in the inbox |
/// | `Paused` | `InProgress` | `validate` | the pause is over, or there is none any more |
/// | `Paused` | `InProgress` | the API | somebody has it checked now |
/// | `Paused` | `Failed` | `validate` | its object is gone, such as where a newer one was put in its place |
/// | `InProgress` | `Failed` | `validate` | the file can't be read or checked, or its object is gone |
/// | `InProgress` | `AwaitingApproval` | `validate` | the plan changes something and is held |
/// | `InProgress` | `Queued` | `validate` | the plan changes nothing, or the settings approve it |
/// | `AwaitingApproval` | `Queued` | the API | an administrator approves |
/// | `AwaitingApproval` | `Rejected` | the API | an administrator rejects |
/// | `Queued` | `InProgress` | `apply` | the upload acquires the lease |
/// | `Queued`, `InProgress` | `Completed`, `CompletedWithErrors` | `apply` | every chunk is done |
/// | `Queued`, `InProgress` | `Failed` | `apply` | the plan can't be carried out, however often it is tried |
///
/// Each is one method of [`Upload`] below, and nothing else sets a status: [`Upload::begin_check`], [`Upload::hold`],
/// [`Upload::end_pause`], [`Upload::plan_made`], [`Upload::decide`], [`Upload::begin_applying`], [`Upload::finish`] and
/// [`Upload::fail`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Waits for a function: to be checked, or, once approved, for the organisation's turn.
    Queued,
    /// Waits in the inbox for the end of a pause.
    Paused,
    /// Is being checked, or applied.
    InProgress,
    AwaitingApproval,
    Completed,
    /// Applied, with rows that were rejected or users that were left alone.
    CompletedWithErrors,
    /// [`Upload::failure`] says why. Nothing was changed, unless it says how much.
    Failed,
    /// An administrator decided against the plan; nothing was changed.
    Rejected,
}

impl Status {
    /// Returns the words that pages show.
    pub fn label(self) -> &'static str {
        match self {
            Status::Queued => "Queued",
            Status::Paused => "Paused",
            Status::InProgress => "In Progress",
            Status::AwaitingApproval => "Awaiting Approval",
            Status::Completed => "Completed",
            Status::CompletedWithErrors => "Completed with Errors",
            Status::Failed => "Failed",
            Status::Rejected => "Rejected",
        }
    }

    /// Whether nothing will happen to the upload any more.
    pub fn is_final(self) -> bool {
        matches!(self, Status::Completed | Status::CompletedWithErrors | Status::Failed | Status::Rejected)
    }
}

/// The transitions of the table at [`Status`]. `at` is when they happen.
impl Upload {
    /// Records that the object was found, and is being checked.
    pub fn begin_check(&mut self) {
        self.leave(&[Status::Queued]);
        self.status = Status::InProgress;
    }

    /// Records that the object was found, and stays where it is until a pause is over.
    pub fn hold(&mut self, pause: &WatchPause) {
        self.leave(&[Status::Queued]);
        self.status = Status::Paused;
        self.pause = Some(UploadPause { name: pause.name.clone(), ended_at: None, ended_by: None });
    }

    /// Records that the object is being checked.
    ///
    /// The pause is over, or somebody does not wait for that.
    pub fn end_pause(&mut self, by: Option<Decider>, at: u64) {
        self.leave(&[Status::Paused]);
        self.status = Status::InProgress;
        self.updated_at = at;
        if let Some(pause) = &mut self.pause {
            pause.ended_at = Some(at);
            pause.ended_by = by;
        }
    }

    /// Records that the file was checked, and its plan is written.
    ///
    /// One that changes nothing needs nobody's approval: `apply` writes the files and ends the upload. One that nothing
    /// holds is approved by the settings.
    pub fn plan_made(&mut self, made: PlanMade, at: u64) {
        self.leave(&[Status::InProgress]);
        let PlanMade { digest, profile, counts, class_counts, findings, holds, errors } = made;
        let of_classes = class_counts.unwrap_or_default();
        let changes = counts.changes() > 0 || of_classes.changes() > 0;
        let holds = if changes { holds } else { Vec::new() };
        let approved = Decision { verdict: Verdict::Approved, by: None, at, digest: digest.clone(), rekeys: None };
        self.status = if holds.is_empty() { Status::Queued } else { Status::AwaitingApproval };
        self.decision = (changes && holds.is_empty()).then_some(approved);
        self.files.push(FileKind::Plan);
        self.files.extend(errors);
        self.counts = Some(counts);
        self.class_counts = class_counts;
        self.findings = findings;
        self.holds = holds;
        self.digest = Some(digest);
        self.profile = profile;
        self.updated_at = at;
    }

    /// Records what an administrator decided about the plan.
    pub fn decide(&mut self, decision: Decision) {
        self.leave(&[Status::AwaitingApproval]);
        self.status = match decision.verdict {
            Verdict::Approved => Status::Queued,
            Verdict::Rejected { .. } => Status::Rejected,
        };
        self.updated_at = decision.at;
        self.decision = Some(decision);
    }

    /// Records that the upload has the lease, and its plan of so many chunks is carried out.
    pub fn begin_applying(&mut self, chunks: u32, at: u64) {
        self.leave(&[Status::Queued]);
        self.status = Status::InProgress;
        self.progress = Some(Progress { done: 0, total: chunks });
        self.updated_at = at;
    }

    /// Records that every chunk is done.
    pub fn finish(&mut self, applied: Applied, at: u64) {
        self.leave(&[Status::Queued, Status::InProgress]);
        let Applied { rejected, done, class_done, left_alone, findings, files } = applied;
        let clean = rejected == 0 && left_alone == 0;
        self.status = if clean { Status::Completed } else { Status::CompletedWithErrors };
        self.progress = self.progress.map(|Progress { total, .. }| Progress { done: total, total });
        self.left_alone = left_alone;
        self.done = Some(done);
        self.class_done = class_done;
        self.findings = findings;
        self.files = files;
        self.updated_at = at;
    }

    /// Records that the file can't be checked, or its plan not be carried out.
    ///
    /// `why` is a sentence for a school secretary.
    pub fn fail(&mut self, why: String, at: u64) {
        self.leave(&[Status::Queued, Status::Paused, Status::InProgress]);
        self.status = Status::Failed;
        self.failure = Some(why);
        self.updated_at = at;
    }

    /// Returns whether a pause ended it.
    ///
    /// It was never looked at, and its file was taken away before it could be.
    pub fn is_gone_in_pause(&self) -> bool {
        self.status == Status::Failed && self.pause.as_ref().is_some_and(|pause| pause.ended_at.is_none())
    }

    /// Returns how the file was read where it was checked before it was sent.
    ///
    /// Only if that is not how it was read here.
    pub fn checked_otherwise(&self) -> Option<&CheckedBefore> {
        let is_read = self.digest.is_some() || self.status.is_final();
        self.checked.as_ref().filter(|checked| is_read && checked.profile != self.profile)
    }

    /// Returns what the plan does, or, once it is carried out, what was done.
    ///
    /// Of a plan that was rejected or stopped it is what it would have done.
    pub fn counts_done(&self) -> Option<Counts> {
        let counts = self.counts?;
        Some(self.done.map_or(counts, |done| counts.with_changes(&done)))
    }

    /// Returns the same of classes and enrolments; `None` where the roster says nothing of any.
    pub fn class_counts_done(&self) -> Option<ClassCounts> {
        let planned = self.class_counts?;
        let of = |planned: ItemCounts, done: ItemCounts| ItemCounts {
            unchanged: planned.unchanged,
            rejected: planned.rejected,
            ..done
        };
        Some(self.class_done.map_or(planned, |done| ClassCounts {
            classes: of(planned.classes, done.classes),
            enrolments: of(planned.enrolments, done.enrolments),
        }))
    }

    /// Checks that the present status is one of `from`: whoever changes a status has looked at it.
    fn leave(&self, from: &[Status]) {
        debug_assert!(from.contains(&self.status), "an upload that is {:?} is taken for one of {from:?}", self.status);
    }
}

/// What the check of a file came to.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanMade {
    pub digest: String,
    /// The mapping by which the rows were read.
    pub profile: Option<UsedProfile>,
    pub counts: Counts,
    pub class_counts: Option<ClassCounts>,
    pub findings: BTreeMap<Code, u64>,
    /// Why the plan is to wait for approval, if it changes anything.
    pub holds: Vec<Hold>,
    /// The error files that were written.
    pub errors: Vec<FileKind>,
}

/// What became of a plan all of whose chunks are done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// How many rows, and classes and enrolments, were rejected when the file was checked.
    pub rejected: u64,
    pub left_alone: u64,
    /// How many of each kind were carried out.
    pub done: Counts,
    pub class_done: Option<ClassCounts>,
    pub findings: BTreeMap<Code, u64>,
    pub files: Vec<FileKind>,
}

/// Who sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// An administrator, on the page or with an API key that they made.
    Administrator {
        guid: Guid,
        username: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<UsedKey>,
    },
    /// Somebody with rights on the bucket.
    Bucket { key: String },
}

impl Source {
    /// Returns whether a program sent it, and nobody sits before a page and waits.
    pub fn is_program(&self) -> bool {
        match self {
            Source::Administrator { key, .. } => key.is_some(),
            Source::Bucket { .. } => true,
        }
    }
}

/// What was decided about a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub verdict: Verdict,
    /// The administrator; `None` when the settings decided.
    pub by: Option<Decider>,
    pub at: u64,
    /// The digest that was decided about.
    pub digest: String,
    /// What was decided about the probable re-keys of the plan; `None` where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rekeys: Option<RekeyChoices>,
}

impl Decision {
    /// Returns what is carried out of a plan's changes by this decision.
    pub fn chosen(&self, changes: Vec<Change>) -> Vec<Change> {
        // A plan with re-keys is not approved without choices; doing nothing irreversible is what is left without.
        let choice = |change: &Change| match (&self.rekeys, change.row) {
            (Some(choices), Some(row)) => choices.choice_for(row),
            _ => RekeyChoice::SamePerson,
        };
        let rekeyed = |change: &Change| change.two_people.is_some();
        if !changes.iter().any(rekeyed) {
            return changes;
        }
        changes.into_iter().flat_map(|change| change.chosen(choice(&change))).collect()
    }
}

impl Decision {
    /// Returns what is carried out of a plan's changes of enrolments by this decision.
    pub fn chosen_enrolments(&self, changes: Vec<EnrolmentChange>) -> Vec<EnrolmentChange> {
        let choice = |change: &EnrolmentChange| match (&self.rekeys, change.user_row) {
            (Some(choices), Some(row)) => choices.choice_for(row),
            _ => RekeyChoice::SamePerson,
        };
        changes.into_iter().filter_map(|change| change.chosen(choice(&change))).collect()
    }
}

/// The administrator who decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decider {
    pub guid: Guid,
    pub username: String,
    /// The API key that acted for them; `None` where they did it themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<UsedKey>,
}

/// Yes or no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Approved,
    Rejected { reason: String },
}

/// Chunks done and in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub done: u32,
    pub total: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(status: Status) -> Upload {
        Upload {
            id: UploadId("1".to_owned()),
            status,
            mode: Mode::Partial,
            by_hand: false,
            scope: Scope::Organisation,
            source: Source::Bucket { key: "inbox/partial/1.csv".to_owned() },
            of_source: None,
            file_name: "1.csv".to_owned(),
            encoding: None,
            sheet: None,
            checked: None,
            profile: None,
            bytes: 1,
            sha256: None,
            created_at: 1,
            updated_at: 1,
            failure: None,
            counts: None,
            class_counts: None,
            parts: Vec::new(),
            findings: BTreeMap::new(),
            holds: Vec::new(),
            digest: None,
            compared_after: None,
            decision: None,
            progress: None,
            left_alone: 0,
            files: vec![FileKind::Uploaded],
            done: None,
            class_done: None,
            files_deleted_at: None,
            redacted_at: None,
            marks: Vec::new(),
            pause: None,
        }
    }

    fn made(created: u64, holds: Vec<Hold>) -> Upload {
        let mut upload = upload(Status::InProgress);
        let counts = Counts { created, ..Counts::default() };
        upload.plan_made(
            PlanMade {
                digest: "d".to_owned(),
                profile: None,
                counts,
                class_counts: None,
                findings: BTreeMap::new(),
                holds,
                errors: Vec::new(),
            },
            2,
        );
        upload
    }

    fn decided(verdict: Verdict) -> Upload {
        let mut upload = upload(Status::AwaitingApproval);
        upload.decide(Decision { verdict, by: None, at: 3, digest: "d".to_owned(), rekeys: None });
        upload
    }

    fn finished(from: Status, rejected: u64, left_alone: u64) -> Upload {
        let mut upload = upload(from);
        let done = Counts { created: 3 - left_alone, ..Counts::default() };
        upload.finish(
            Applied { rejected, left_alone, done, class_done: None, findings: BTreeMap::new(), files: Vec::new() },
            4,
        );
        upload
    }

    #[test]
    fn a_plan_waits_where_it_changes_something_and_is_held() {
        let held = || vec![Hold::ApprovalRequired];
        let after = |upload: Upload| (upload.status, upload.decision.is_some(), upload.holds.len());
        assert_eq!(after(made(1, held())), (Status::AwaitingApproval, false, 1));
        assert_eq!(after(made(1, Vec::new())), (Status::Queued, true, 0), "the settings approve");
        assert_eq!(after(made(0, held())), (Status::Queued, false, 0), "nobody has to");
    }

    #[test]
    fn a_decision_and_an_end_set_the_status() {
        assert_eq!(decided(Verdict::Approved).status, Status::Queued);
        let rejected = decided(Verdict::Rejected { reason: String::new() });
        assert_eq!((rejected.status, rejected.updated_at), (Status::Rejected, 3));
        assert_eq!(finished(Status::Queued, 0, 0).status, Status::Completed);
        assert_eq!(finished(Status::InProgress, 1, 0).status, Status::CompletedWithErrors);
        let three = Some(Counts { created: 3, ..Counts::default() });
        let with_one_left = Upload { counts: three, ..finished(Status::InProgress, 0, 1) };
        assert_eq!(with_one_left.status, Status::CompletedWithErrors);
        assert_eq!(with_one_left.counts_done().map(|counts| counts.created), Some(2));
    }

    #[test]
    fn a_pause_ends_by_being_taken_up_or_by_the_file_being_gone() {
        let day = |text: &str| text.parse().expect("a day");
        let summer = WatchPause { name: "Summer".to_owned(), first: day("2026-06-15"), last: day("2026-08-15") };
        let mut paused = upload(Status::Queued);
        paused.hold(&summer);
        assert_eq!((paused.status, paused.updated_at, paused.status.is_final()), (Status::Paused, 1, false));
        let mut gone = paused.clone();
        gone.fail("It is gone.".to_owned(), 9);
        assert!(gone.is_gone_in_pause());
        paused.end_pause(None, 7);
        let ended = paused.pause.as_ref().and_then(|pause| pause.ended_at);
        assert_eq!((paused.status, paused.updated_at, ended), (Status::InProgress, 7, Some(7)));
        paused.fail("It can't be read.".to_owned(), 9);
        assert!(!paused.is_gone_in_pause());
    }

    #[test]
    fn what_was_done_of_classes_stands_beside_what_was_found() {
        let items = |created, unchanged| ItemCounts { created, unchanged, rejected: 1, ..ItemCounts::default() };
        let planned = ClassCounts { classes: items(3, 5), enrolments: items(4, 6) };
        let done = ClassCounts {
            classes: ItemCounts { created: 2, ..ItemCounts::default() },
            enrolments: ItemCounts { created: 4, ..ItemCounts::default() },
        };
        let of = |class_done| {
            Upload { class_counts: Some(planned), class_done, ..upload(Status::Completed) }.class_counts_done()
        };
        assert_eq!(of(None), Some(planned));
        assert_eq!(of(Some(done)), Some(ClassCounts { classes: items(2, 5), enrolments: items(4, 6) }));
    }

    #[test]
    fn the_mapping_of_the_check_before_is_told_where_it_is_another_one() {
        let used = |version| Some(UsedProfile { name: "SIS".to_owned(), version, digest: format!("d{version}") });
        let of = |checked: Option<UsedProfile>, profile, status| {
            let checked = Some(CheckedBefore { profile: checked });
            let upload = Upload { checked, profile, ..upload(status) };
            upload.checked_otherwise().map(|checked| checked.profile.as_ref().map(|used| used.version))
        };
        assert_eq!(of(used(1), used(1), Status::Completed), None);
        assert_eq!(of(used(1), used(2), Status::Completed), Some(Some(1)));
        assert_eq!(of(None, used(2), Status::Completed), Some(None));
        assert_eq!(of(used(1), None, Status::Failed), Some(Some(1)));
        assert_eq!(of(used(1), None, Status::InProgress), None, "it is not read yet");
        assert_eq!(Upload { profile: used(2), ..upload(Status::Completed) }.checked_otherwise(), None);
    }

    #[test]
    #[should_panic(expected = "an upload that is Rejected")]
    fn what_is_over_does_not_begin_again() {
        upload(Status::Rejected).begin_applying(1, 5);
    }
}
