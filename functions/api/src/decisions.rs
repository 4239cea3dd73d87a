//! Approving and rejecting a plan. A decision names the digest of the plan that was seen.

use axum::extract::State;
use axum::{Extension, Json};
use cloud::uploads::Decided;
use uuid::Uuid;
use wire::http::{Approve, Reject};
use wire::{Decision, Status, Upload, Verdict};

use crate::asked::{Body, Named};
use crate::guard::Admin;
use crate::uploads::visible;
use crate::{App, Failure};

/// The longest reason in characters.
const REASON_CHARS: usize = 1000;

/// `POST /api/uploads/{id}/approve`
pub async fn approve(
    State(app): State<App>,
    Extension(admin): Extension<Admin>,
    Named(id): Named<Uuid>,
    Body(asked): Body<Approve>,
) -> Result<Json<Upload>, Failure> {
    let upload = visible(&app, &admin, id).await?;
    if upload.status == Status::AwaitingApproval && upload.digest.as_ref() == Some(&asked.digest) {
        let removed = upload.counts.map_or(0, |counts| counts.removed);
        if asked.removals != removed {
            return Err(Failure::RemovalsDiffer);
        }
    }
    decide(&app, &admin, &upload, asked.digest, Verdict::Approved).await
}

/// `POST /api/uploads/{id}/reject`
pub async fn reject(
    State(app): State<App>,
    Extension(admin): Extension<Admin>,
    Named(id): Named<Uuid>,
    Body(asked): Body<Reject>,
) -> Result<Json<Upload>, Failure> {
    let upload = visible(&app, &admin, id).await?;
    let reason = asked.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS {
        return Err(Failure::Invalid(
            "The reason is empty or too long.",
            "Say in up to 1000 characters why, for whoever sent the file.",
        ));
    }
    let verdict = Verdict::Rejected { reason: reason.to_owned() };
    decide(&app, &admin, &upload, asked.digest, verdict).await
}

async fn decide(
    app: &App,
    admin: &Admin,
    upload: &Upload,
    digest: String,
    verdict: Verdict,
) -> Result<Json<Upload>, Failure> {
    let decision = Decision { verdict, by: Some(admin.as_decider()), at: app.now(), digest };
    match app.cloud.decide(&upload.id, decision.clone()).await? {
        Decided::Yes(upload) => {
            let approved = decision.verdict == Verdict::Approved;
            tracing::info!(upload = %upload.id, user = %admin.guid, approved, "decided");
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
