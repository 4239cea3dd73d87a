//! What open plans would change of one user.

use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::State;
use futures::future::try_join_all;
use roster::{Change, EnrolmentChange, Guid};
use wire::http::{WaitingChange, WaitingChanges, WaitsFor};
use wire::stored::{ChunkHead, ChunkOf};
use wire::{Status, Upload};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Failure;
use crate::extract::{Json, Path};
use crate::resources::uploads::readable;
use crate::resources::users::visible;

/// For how long plans are gone through, and how many chunks of them are opened: a chunk has 1,000 changes, and a request
/// has half a minute in all.
const AT_MOST: Duration = Duration::from_secs(12);
const CHUNKS_OPENED: usize = 300;

/// How many chunks are read side by side.
const SIDE_BY_SIDE: usize = 8;

/// Serves `GET /api/users/{guid}/waiting`.
///
/// Those are the changes of the user and of the user's places in classes that wait in plans, of the uploads that the
/// caller may see.
///
/// The plans are gone through, the newest first, until [`AT_MOST`] is over or [`CHUNKS_OPENED`] were opened; the answer
/// says how many uploads are left.
pub async fn changes(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(guid): Path<Guid>,
) -> Result<Json<WaitingChanges>, Failure> {
    visible(&app, &caller, guid).await?;
    let mut open = app.cloud.upload_list_open().await?;
    open.reverse();
    let mut waiting = WaitingChanges::default();
    let (mut chunks_left, begun) = (CHUNKS_OPENED, Instant::now());
    for id in open {
        let upload = app.cloud.upload_get(&id).await?.map(|record| record.upload);
        let Some(upload) = upload.filter(|upload| caller.may_see_scope(&upload.scope)) else { continue };
        let Some(waits_for) = waits_for(&upload) else { continue };
        let searched = if begun.elapsed() > AT_MOST { None } else { search(&app, &upload, guid, chunks_left).await? };
        let Some(UserInPlan { change, enrolments, opened }) = searched else {
            waiting.left_out += 1;
            continue;
        };
        chunks_left -= opened;
        if change.is_some() || !enrolments.is_empty() {
            let Upload { id, file_name, by_hand, .. } = upload;
            waiting.items.push(WaitingChange { upload: id, file_name, by_hand, waits_for, change, enrolments });
        }
    }
    Ok(Json(waiting))
}

/// Returns what the changes of an upload wait for; `None` where it has no plan, or is over.
fn waits_for(upload: &Upload) -> Option<WaitsFor> {
    let approved = upload.decision.is_some();
    match upload.status {
        Status::AwaitingApproval => Some(WaitsFor::Approval),
        Status::Queued if approved => Some(WaitsFor::Turn),
        Status::InProgress if approved => Some(WaitsFor::End),
        _ => None,
    }
}

/// What a plan has of one user.
#[derive(Default)]
struct UserInPlan {
    change: Option<Change>,
    enrolments: Vec<EnrolmentChange>,
    /// How many chunks were opened to find it.
    opened: usize,
}

/// Looks for the changes of a user in a plan; `None` where that would open more chunks than are left, and where the plan
/// is not what its digest says, which whoever opens the upload is told.
async fn search(app: &App, upload: &Upload, guid: Guid, chunks_left: usize) -> Result<Option<UserInPlan>, Failure> {
    let Some(digest) = &upload.digest else { return Ok(None) };
    let Some(head) = readable(app.cloud.plan_head_get(&upload.id, digest).await)? else { return Ok(None) };
    let numbered = (0..).zip(&head.chunks).filter(|(_, chunk)| chunk.of != ChunkOf::Classes);
    let numbered: Vec<(u32, &ChunkHead)> = numbered.collect();
    if numbered.len() > chunks_left {
        return Ok(None);
    }
    let mut user = UserInPlan { opened: numbered.len(), ..UserInPlan::default() };
    for few in numbered.chunks(SIDE_BY_SIDE) {
        // A user has one change.
        let wanted = few.iter().filter(|(_, chunk)| chunk.of != ChunkOf::Users || user.change.is_none());
        let reads: Vec<_> = wanted.map(|&(n, chunk)| in_chunk(app, upload, n, chunk, guid)).collect();
        let found = match try_join_all(reads).await {
            Err(error) if error.is_lasting() => {
                tracing::warn!(%error, upload = %upload.id, "a plan can't be read");
                return Ok(None);
            }
            read => read?,
        };
        for UserInPlan { change, enrolments, .. } in found {
            user.change = user.change.or(change);
            user.enrolments.extend(enrolments);
        }
    }
    Ok(Some(user))
}

/// Returns what a chunk of users or enrolments has of a user.
async fn in_chunk(
    app: &App,
    upload: &Upload,
    n: u32,
    chunk: &ChunkHead,
    guid: Guid,
) -> Result<UserInPlan, cloud::Error> {
    let mut user = UserInPlan::default();
    if chunk.of == ChunkOf::Users {
        let changes = app.cloud.plan_changes_get(upload, n, chunk).await?;
        user.change = changes.into_iter().find(|change| change.guid == guid);
    } else {
        let enrolments = app.cloud.plan_enrolments_get(upload, n, chunk).await?;
        user.enrolments = enrolments.into_iter().filter(|change| change.user == guid).collect();
    }
    Ok(user)
}
