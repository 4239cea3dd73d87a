//! The uploads that the caller may see, and what is kept of them.

use cloud::tickets::Ticket;
use roster::Reading;
use uuid::Uuid;
use wire::stored::PlanHead;
use wire::{Status, Upload, UploadId};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::{Failure, Thing};

/// Returns the upload, if the caller may see it; one whose file has not arrived is queued.
pub async fn visible(app: &App, caller: &Caller, id: Uuid) -> Result<Upload, Failure> {
    let id = UploadId(id.to_string());
    let upload = match app.cloud.upload_get(&id).await? {
        Some(record) => Some(record.upload),
        None => awaited(app, &id).await?.map(|ticket| ticket.upload(ticket.created_at)),
    };
    upload.filter(|upload| caller.may_see_upload(upload)).ok_or(Failure::Missing { thing: Thing::Upload })
}

/// Returns the ticket of an upload whose file may still come.
pub async fn awaited(app: &App, id: &UploadId) -> Result<Option<Ticket>, Failure> {
    Ok(app.cloud.ticket_get(id).await?.filter(|ticket| ticket.is_awaited(app.now())))
}

/// Returns when another upload was carried out after a plan was made that waits for approval.
pub async fn overtaken_at(app: &App, upload: &Upload) -> Result<Option<u64>, Failure> {
    if upload.status != Status::AwaitingApproval {
        return Ok(None);
    }
    let last = app.cloud.upload_get_last_applied().await?;
    Ok(last.filter(|last| upload.compared_after.as_ref() != Some(&last.upload)).map(|last| last.at))
}

/// Returns the head of a plan; `None` where it will never be readable.
///
/// The upload is shown without it then.
pub fn readable(head: Result<PlanHead, cloud::Error>) -> Result<Option<PlanHead>, Failure> {
    match head {
        Err(error) if error.is_lasting() => {
            tracing::warn!(%error, "a plan can't be read");
            Ok(None)
        }
        head => Ok(Some(head?)),
    }
}

/// Returns the upload, unless its files and its plan were deleted by the settings.
pub fn with_files(upload: Upload) -> Result<Upload, Failure> {
    match upload.files_deleted_at {
        Some(_) => Err(Failure::FilesGone),
        None => Ok(upload),
    }
}

/// Returns how the file was read; one without a plan that can be read is read as it would be now.
pub async fn reading(app: &App, upload: &Upload) -> Result<Reading, Failure> {
    if let Some(digest) = &upload.digest
        && let Some(plan) = readable(app.cloud.plan_head_get(&upload.id, digest).await)?
    {
        return Ok(plan.reading);
    }
    let usual = app.cloud.settings_get().await?.settings.reading.of_source(upload.of_source.as_ref());
    Ok(usual.in_encoding(upload.encoding).into())
}
