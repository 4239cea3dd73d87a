//! Approving and rejecting a plan. A decision names the digest of the plan that was seen.

use axum::extract::State;
use axum::{Extension, Json};
use cloud::uploads::Decided;
use roster::{Permission, Roles};
use uuid::Uuid;
use wire::http::{Approve, Reject};
use wire::{Decision, Source, Status, Upload, Verdict};

use crate::asked::{Body, Named};
use crate::guard::Caller;
use crate::uploads::visible;
use crate::{App, Failure};

/// The longest reason in characters.
const REASON_CHARS: usize = 1000;

/// `POST /api/uploads/{id}/approve`
pub async fn approve(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Named(id): Named<Uuid>,
    Body(asked): Body<Approve>,
) -> Result<Json<Upload>, Failure> {
    let upload = visible(&app, &caller, id).await?;
    if is_own(&upload, &caller) && !caller.may(Permission::ApproveOwn) {
        return Err(Failure::OwnUpload);
    }
    if upload.status != Status::AwaitingApproval {
        // Not decided here, for what follows is checked on the plan that was looked at.
        let decision = decision(&app, &caller, asked.digest, Verdict::Approved);
        return repeated(&app, upload, &decision).await;
    }
    if upload.digest.as_ref() != Some(&asked.digest) {
        return Err(Failure::PlanChanged);
    }
    let removed = upload.counts.map_or(0, |counts| counts.removed);
    if asked.removals != removed {
        return Err(Failure::RemovalsDiffer);
    }
    check_reach(&app, &caller, &upload, &asked.digest).await?;
    decide(&app, &caller, &upload, asked.digest, Verdict::Approved).await
}

/// Nobody gains or gives by a file what their own roles do not allow, nor closes the account of who may do more.
async fn check_reach(app: &App, caller: &Caller, upload: &Upload, digest: &str) -> Result<(), Failure> {
    let (plan, known) = (app.cloud.plan_head(&upload.id, digest).await?, app.cloud.roles().await?);
    let beyond = |roles: &Roles| known.permissions_of(roles).into_iter().find(|p| !caller.may(*p));
    match (beyond(&plan.hands_out), beyond(&plan.closes)) {
        (Some(permission), _) => Err(Failure::HandsOutMore(permission)),
        (None, Some(permission)) => Err(Failure::ClosesMore(permission)),
        (None, None) => Ok(()),
    }
}

/// `POST /api/uploads/{id}/reject`
pub async fn reject(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Named(id): Named<Uuid>,
    Body(asked): Body<Reject>,
) -> Result<Json<Upload>, Failure> {
    let upload = visible(&app, &caller, id).await?;
    let reason = asked.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS {
        return Err(Failure::Invalid(
            "The reason is empty or too long.",
            "Say in up to 1000 characters why, for whoever sent the file.",
        ));
    }
    let verdict = Verdict::Rejected { reason: reason.to_owned() };
    decide(&app, &caller, &upload, asked.digest, verdict).await
}

/// Whether the caller sent it.
pub fn is_own(upload: &Upload, caller: &Caller) -> bool {
    matches!(upload.source, Source::Administrator { guid, .. } if guid == caller.guid)
}

fn decision(app: &App, caller: &Caller, digest: String, verdict: Verdict) -> Decision {
    Decision { verdict, by: Some(caller.as_decider()), at: app.now(), digest }
}

async fn decide(
    app: &App,
    caller: &Caller,
    upload: &Upload,
    digest: String,
    verdict: Verdict,
) -> Result<Json<Upload>, Failure> {
    let decision = decision(app, caller, digest, verdict);
    match app.cloud.decide(&upload.id, decision.clone()).await? {
        Decided::Yes(upload) => {
            let approved = decision.verdict == Verdict::Approved;
            tracing::info!(upload = %upload.id, user = %caller.guid, approved, "decided");
            Ok(Json(upload))
        }
        // Known only from its ticket: the file has not arrived.
        Decided::NotFound => Err(Failure::NotAwaiting(upload.status)),
        Decided::OtherPlan(_) => Err(Failure::PlanChanged),
        Decided::NotAwaiting(upload) => repeated(app, upload, &decision).await,
    }
}

/// The same decision again is answered like the first time; what follows from it is set off again, in case that the
/// first time ended halfway.
async fn repeated(app: &App, upload: Upload, decision: &Decision) -> Result<Json<Upload>, Failure> {
    match &upload.decision {
        Some(made) if made.verdict == decision.verdict && made.digest == decision.digest => {
            if made.verdict == Verdict::Approved && upload.status == Status::Queued {
                app.cloud.wake_apply(&upload).await?;
            }
            Ok(Json(upload))
        }
        Some(made) if made.verdict == Verdict::Approved => Err(Failure::AlreadyApproved),
        Some(_) => Err(Failure::AlreadyRejected),
        None => Err(Failure::NotAwaiting(upload.status)),
    }
}
