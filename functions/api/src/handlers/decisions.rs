//! Approving and rejecting a plan. A decision names the digest of the plan that was seen.

use axum::Extension;
use axum::extract::State;
use cloud::uploads::Decided;
use roster::{Counts, RekeyChoice};
use uuid::Uuid;
use wire::http::{Approve, Reject};
use wire::stored::PlanHead;
use wire::{Decision, Status, Upload, Verdict};

use crate::app::App;
use crate::auth::authority::RoleAuthority;
use crate::auth::caller::Caller;
use crate::error::Failure;
use crate::extract::{Json, Path};
use crate::resources::uploads::visible;

/// The longest reason in characters.
const REASON_CHARS: usize = 1000;

/// How many re-keys may be decided otherwise than the rest: the decision is part of an item of the table.
const EXCEPTIONS: usize = 5000;

/// Serves `POST /api/uploads/{id}/approve`.
pub async fn approve(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<Uuid>,
    Json(asked): Json<Approve>,
) -> Result<Json<Upload>, Failure> {
    let upload = visible(&app, &caller, id).await?;
    caller.check_may_approve(&upload)?;
    let Approve { digest, removals, rekeys } = asked;
    let decision = Decision { rekeys, ..decision(&app, &caller, digest, Verdict::Approved) };
    if upload.status != Status::AwaitingApproval {
        // Not decided here, for what follows is checked on the plan that was looked at.
        return repeated(&app, upload, &decision).await;
    }
    if upload.digest.as_ref() != Some(&decision.digest) {
        return Err(Failure::PlanChanged);
    }
    let head = app.cloud.plan_head_get(&upload.id, &decision.digest).await?;
    if removals != removals_by(&app, &upload, &head, &decision).await? {
        return Err(Failure::RemovalsDiffer);
    }
    RoleAuthority::load(&app, &caller).await?.check_plan(&head)?;
    decide(&app, &caller, &upload, decision).await
}

/// Returns how many users the plan removes by a decision that has a choice for each of its re-keys, and for no other
/// row.
async fn removals_by(app: &App, upload: &Upload, head: &PlanHead, decision: &Decision) -> Result<u64, Failure> {
    let Counts { removed, rekeyed, .. } = head.counts;
    let choices = match (&decision.rekeys, rekeyed) {
        (None, 0) => return Ok(removed),
        (Some(choices), 1..) if choices.except.len() <= EXCEPTIONS => choices,
        (Some(_), 1..) => return Err(Failure::TooManyChoices),
        (None, 1..) | (Some(_), 0) => return Err(Failure::ChoicesMissing),
    };
    let (mut removals, mut unknown) = (removed, choices.except.clone());
    for (n, chunk) in head.user_chunks().filter(|(_, chunk)| chunk.tallies.iter().any(|t| t.counts.rekeyed > 0)) {
        for change in app.cloud.plan_changes_get(upload, n, chunk).await? {
            let (Some(_), Some(row)) = (&change.two_people, change.row) else { continue };
            unknown.remove(&row);
            let removes = choices.choice_for(row) == RekeyChoice::TwoPeople && change.is_rekey_with_removal();
            removals += u64::from(removes);
        }
    }
    if unknown.is_empty() { Ok(removals) } else { Err(Failure::ChoicesMissing) }
}

/// Serves `POST /api/uploads/{id}/reject`.
pub async fn reject(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<Uuid>,
    Json(asked): Json<Reject>,
) -> Result<Json<Upload>, Failure> {
    let upload = visible(&app, &caller, id).await?;
    let reason = asked.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS {
        return Err(Failure::Invalid {
            message: "The reason is empty or too long.",
            hint: "Say in up to 1000 characters why, for whoever sent the file.",
        });
    }
    let verdict = Verdict::Rejected { reason: reason.to_owned() };
    let decision = decision(&app, &caller, asked.digest, verdict);
    decide(&app, &caller, &upload, decision).await
}

fn decision(app: &App, caller: &Caller, digest: String, verdict: Verdict) -> Decision {
    Decision { verdict, by: Some(caller.as_decider()), at: app.now(), digest, rekeys: None }
}

async fn decide(app: &App, caller: &Caller, upload: &Upload, decision: Decision) -> Result<Json<Upload>, Failure> {
    match app.cloud.upload_decide(&upload.id, decision.clone()).await? {
        Decided::Recorded(upload) => {
            let approved = decision.verdict == Verdict::Approved;
            tracing::info!(upload = %upload.id, user = %caller.guid, approved, "decided");
            Ok(Json(upload))
        }
        // Known only from its ticket: the file has not arrived.
        Decided::NotFound => Err(Failure::NotAwaiting { status: upload.status }),
        Decided::OtherPlan(_) => Err(Failure::PlanChanged),
        Decided::NotAwaiting(upload) => repeated(app, upload, &decision).await,
    }
}

/// Returns whether the two are the same decision, by whomever and whenever it was made.
fn is_same(made: &Decision, decision: &Decision) -> bool {
    let what = |d: &Decision| (d.verdict.clone(), d.digest.clone(), d.rekeys.clone());
    what(made) == what(decision)
}

/// Answers the same decision like the first time, and sets off again what follows from it, in case that the first time
/// ended halfway.
async fn repeated(app: &App, upload: Upload, decision: &Decision) -> Result<Json<Upload>, Failure> {
    match &upload.decision {
        Some(made) if is_same(made, decision) => {
            if made.verdict == Verdict::Approved && upload.status == Status::Queued {
                app.cloud.upload_wake_apply(&upload).await?;
            }
            Ok(Json(upload))
        }
        Some(made) if made.verdict == Verdict::Approved => Err(Failure::AlreadyApproved),
        Some(_) => Err(Failure::AlreadyRejected),
        None => Err(Failure::NotAwaiting { status: upload.status }),
    }
}
