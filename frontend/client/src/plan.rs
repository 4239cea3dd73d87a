//! What the plan of an upload would change, why it waits, and what was found: what the page of the upload shows.

use roster::{Change, ClassChange, EnrolmentChange, Hold, Schools};
use serde::Serialize;
use wire::http::{FindingRow, PlannedClassChange, UploadDetail};
use wire::shown::{OVERTAKEN, Tense, overtaken_advice};
use wire::{Status, Upload};

use crate::api::{ListLimit, ListRest, RollbookApi};
use crate::plan_words::{class_in_words, enrolment_in_words, user_in_words};
use crate::say::{Audience, finding_in_words, upload_in_words};
use crate::trouble::Trouble;

/// How many changes of users, of classes and enrolments, and findings people are shown who name no number.
const SHOWN: usize = 20;

/// What is said of a plan before its changes: all that somebody has to know who approves it.
#[derive(Debug, Serialize)]
pub struct PlanSummary {
    #[serde(flatten)]
    pub detail: UploadDetail,
    /// Why it waits, in words.
    pub reasons: Vec<WaitReason>,
    /// Where people look at it.
    pub page: String,
    #[serde(skip)]
    schools: Schools,
}

/// Why a plan waits, and what to do about that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WaitReason {
    pub reason: String,
    pub what_to_do: &'static str,
}

/// One line of what a plan has, for programs.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum PlanLine<'a> {
    User(&'a Change),
    Class(&'a ClassChange),
    Enrolment(&'a EnrolmentChange),
    Finding(&'a FindingRow),
    /// There are more of them than were asked for, or they are no longer kept.
    LeftOut(&'a str),
}

impl PlanSummary {
    /// Asks for an upload, and for the names of the schools that its reasons name.
    pub fn fetch(api: &RollbookApi, id: &str) -> Result<PlanSummary, Trouble> {
        let detail = api.upload(id)?;
        let schools = Schools::new(api.facts()?.schools);
        let reasons = reasons(&detail.upload, &schools);
        Ok(PlanSummary { detail, reasons, page: api.page_of(id), schools })
    }

    /// Returns the upload.
    pub fn upload(&self) -> &Upload {
        &self.detail.upload
    }

    /// Returns the counts, why it waits, what an approval has to name, and where people look at it.
    pub fn in_words(&self) -> String {
        let upload = self.upload();
        let mut lines = vec![upload_in_words(upload)];
        lines.extend(reasons_in_words(&self.reasons));
        lines.extend(overtaken_in_words(upload, self.detail.overtaken_at));
        if let Some(counts) = upload.counts.filter(|_| upload.status == Status::AwaitingApproval) {
            lines.extend(upload.digest.iter().map(|digest| format!("  digest    {digest}")));
            lines.push(format!("  removals  {}", counts.removed));
            if counts.rekeyed > 0 {
                lines.push(format!(
                    "  new IDs   {}; whether they are the same people is said on the page",
                    counts.rekeyed
                ));
            }
            lines.push(format!("  page      {}", self.page));
        }
        lines.join("\n")
    }
}

/// An upload, and why it waits.
#[derive(Debug, Serialize)]
pub struct UploadReport {
    #[serde(flatten)]
    pub upload: Upload,
    pub reasons: Vec<WaitReason>,
    /// When another upload was carried out since its plan was made, in milliseconds since 1970 (UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overtaken_at: Option<u64>,
}

impl UploadReport {
    /// Asks for the names of schools, where there are reasons that may name one.
    pub fn of(api: &RollbookApi, detail: UploadDetail) -> Result<UploadReport, Trouble> {
        let UploadDetail { upload, overtaken_at, .. } = detail;
        let waits = upload.status == Status::AwaitingApproval && !upload.holds.is_empty();
        let schools = if waits { Schools::new(api.facts()?.schools) } else { Schools::default() };
        let reasons = reasons(&upload, &schools);
        Ok(UploadReport { upload, reasons, overtaken_at })
    }

    /// Returns the upload in a few lines.
    pub fn in_words(&self) -> String {
        let UploadReport { upload, reasons, overtaken_at } = self;
        let mut lines = vec![upload_in_words(upload)];
        lines.extend(reasons_in_words(reasons));
        lines.extend(overtaken_in_words(upload, *overtaken_at));
        lines.join("\n")
    }
}

fn reasons_in_words(reasons: &[WaitReason]) -> Vec<String> {
    let title = (!reasons.is_empty()).then(|| "  It waits for approval:".to_owned());
    let in_words = |why: &WaitReason| format!("    - {}\n      {}", why.reason, why.what_to_do);
    title.into_iter().chain(reasons.iter().map(in_words)).collect()
}

/// Returns what is said of a plan that waits since before another upload was carried out.
fn overtaken_in_words(upload: &Upload, overtaken_at: Option<u64>) -> Option<String> {
    overtaken_at.map(|_| format!("  {OVERTAKEN}\n      {}", overtaken_advice(upload)))
}

/// Returns why the plan of an upload waits; nothing of one that waits for nobody.
fn reasons(upload: &Upload, schools: &Schools) -> Vec<WaitReason> {
    let name = |id: &_| schools.by_id(id).map(|school| school.name.as_str());
    let reason = |hold: &Hold| match hold {
        Hold::ApprovalRequired if upload.by_hand => "An edit by hand waits until somebody has looked at it.".to_owned(),
        hold => hold.sentence(name),
    };
    let waits = upload.status == Status::AwaitingApproval;
    let holds = upload.holds.iter().filter(|_| waits);
    holds.map(|hold| WaitReason { reason: reason(hold), what_to_do: hold.advice() }).collect()
}

/// Says what a plan would change and what was found, at most `limit` of each.
pub fn say(api: &RollbookApi, id: &str, limit: Option<usize>, to: Audience) -> Result<Upload, Trouble> {
    let summary = PlanSummary::fetch(api, id)?;
    to.say(&summary, || summary.in_words());
    let limit = ListLimit(limit.or_else(|| (to == Audience::People).then_some(SHOWN)));
    let (upload, schools) = (summary.upload(), &summary.schools);
    if upload.files_deleted_at.is_some() {
        let gone = "  The files and the plan of this upload are no longer kept; the counts stay.";
        to.say(&PlanLine::LeftOut("files and plan"), || gone.to_owned());
        return Ok(summary.detail.upload);
    }
    let tense = Tense::of(upload);
    if upload.digest.is_some() && limit != ListLimit(Some(0)) {
        let rest = api.changes(id, limit, |change| {
            to.say(&PlanLine::User(&change), || user_in_words(&change, tense, schools));
        })?;
        say_rest(rest, "users", to);
        let rest = api.class_changes(id, limit, |change| match &change {
            PlannedClassChange::Class(change) => {
                to.say(&PlanLine::Class(change), || class_in_words(change, tense, schools));
            }
            PlannedClassChange::Enrolment(change) => {
                to.say(&PlanLine::Enrolment(change), || enrolment_in_words(change, tense, schools));
            }
        })?;
        say_rest(rest, "classes and enrolments", to);
    }
    if limit != ListLimit(Some(0)) {
        let rest =
            api.findings(id, limit, |finding| to.say(&PlanLine::Finding(&finding), || finding_in_words(&finding)))?;
        say_rest(rest, "findings", to);
    }
    Ok(summary.detail.upload)
}

/// Says that a list has more than was asked for.
fn say_rest(rest: ListRest, of: &str, to: Audience) {
    if rest == ListRest::More {
        to.say(&PlanLine::LeftOut(of), || format!("  … and more {of}; --limit shows more, and --json all"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_that_was_overtaken_says_what_becomes_of_its_changes() {
        let mut upload: Upload = serde_json::from_value(serde_json::json!({
            "id": "u1", "status": "awaiting_approval", "mode": "full", "scope": "organisation",
            "source": { "bucket": { "key": "inbox/full/a.csv" } }, "file_name": "a.csv", "bytes": 1, "created_at": 0,
            "updated_at": 0, "failure": null, "counts": null, "findings": {}, "holds": [], "digest": "d",
            "decision": null, "progress": null, "left_alone": 0, "files": [],
        }))
        .expect("an upload");
        let report = UploadReport { upload: upload.clone(), reasons: Vec::new(), overtaken_at: Some(7) };
        insta::assert_snapshot!(report.in_words(), @r"
        u1  Awaiting Approval  full  a.csv
          Another upload was carried out after this plan was made.
              Where it changed the same user, class or enrolment, this plan’s change is left alone, and the findings will say which. For a plan that is up to date, reject this one and send the file again.
        ");
        assert!(!UploadReport { overtaken_at: None, ..report }.in_words().contains("Another upload"));
        upload.by_hand = true;
        let report = UploadReport { upload, reasons: Vec::new(), overtaken_at: Some(7) };
        assert!(report.in_words().ends_with("reject this one and make the edit again."), "{}", report.in_words());
    }
}
