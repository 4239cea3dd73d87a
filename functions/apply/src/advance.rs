//! Brings an upload on from wherever it stands: acquire the lease, enqueue the chunks, finish. What it needs of others,
//! it calls; none of them calls it.

use cloud::Cloud;
use cloud::uploads::UploadRecord;
use roster::durations::MINUTE;
use runtime::Grace;
use runtime::metrics::{self, Metric};
use wire::stored::PlanHead;
use wire::{Status, Upload, UploadId, Verdict};

use crate::ApplyFault;
use crate::begin::{Begun, begin};
use crate::chunk::{ChunkOutcome, apply_chunk};
use crate::close::close;
use crate::enqueue::{Enqueued, enqueue_chunks};
use crate::fail::fail;
use crate::finish::finish;

/// An approved upload that has not moved for so long has not been heard of.
const LOST_AFTER: u64 = 2 * MINUTE;
/// A chunk takes seconds; if none has been counted for so long, some were lost.
const STUCK_AFTER: u64 = 5 * MINUTE;

/// Moves the upload on as far as can be.
pub(crate) async fn advance(cloud: &Cloud, id: &UploadId, now: u64) -> Result<(), ApplyFault> {
    let Some(mut record) = cloud.upload_get(id).await? else {
        tracing::warn!(upload = %id, "there is no such upload");
        return Ok(());
    };
    if record.upload.status.is_final() {
        return close(cloud, id).await;
    }
    match take_steps(cloud, &mut record, now).await {
        Ok(Moved::Waits) => return Ok(()),
        Ok(Moved::Finished) => {}
        Err(fault) => end_for(cloud, id, fault, now).await?,
    }
    close(cloud, id).await
}

/// Carries chunk `n` out, unless it is done, and moves the upload on where that was the last of those that go first, or
/// of all.
pub(crate) async fn advance_chunk(cloud: &Cloud, id: &UploadId, n: u32, now: u64) -> Result<(), ApplyFault> {
    let Some(record) = cloud.upload_get(id).await? else {
        tracing::warn!(upload = %id, "there is no such upload");
        return Ok(());
    };
    if record.upload.status.is_final() {
        return close(cloud, id).await;
    }
    match apply_chunk(cloud, &record, n, now).await {
        Ok(ChunkOutcome::OthersLeft | ChunkOutcome::NotItsTurn) => Ok(()),
        Ok(ChunkOutcome::LastOfItsKind) => advance(cloud, id, now).await,
        Err(fault) => {
            end_for(cloud, id, fault, now).await?;
            close(cloud, id).await
        }
    }
}

/// How far an upload was moved.
enum Moved {
    /// Something else has to happen first: an approval, another plan's end, or its own chunks.
    Waits,
    /// It is over.
    Finished,
}

async fn take_steps(cloud: &Cloud, record: &mut UploadRecord, now: u64) -> Result<Moved, ApplyFault> {
    let upload = &record.upload;
    let head = match upload.status {
        Status::Queued if is_approved(upload) => {
            let head = plan_of(cloud, upload).await?;
            if !head.chunks.is_empty() && begin(cloud, record, &head, now).await? == Begun::HeldByAnother {
                return Ok(Moved::Waits);
            }
            head
        }
        Status::InProgress if upload.progress.is_some() => plan_of(cloud, upload).await?,
        status => {
            tracing::warn!(upload = %upload.id, status = status.label(), "nobody has approved it");
            return Ok(Moved::Waits);
        }
    };
    if enqueue_chunks(cloud, &record.upload.id, &head).await? == Enqueued::Some {
        return Ok(Moved::Waits);
    }
    // What ending an upload keeps while it waits is much for the stack of a thread.
    Box::pin(finish(cloud, record, now)).await?;
    Ok(Moved::Finished)
}

async fn plan_of(cloud: &Cloud, upload: &Upload) -> Result<PlanHead, ApplyFault> {
    let digest = upload.digest.as_deref().ok_or(ApplyFault::Incomplete(upload.id.clone(), "a digest"))?;
    Ok(cloud.plan_head_get(&upload.id, digest).await?)
}

/// Ends an upload that can't be carried out, however often it is tried.
///
/// # Errors
///
/// The fault, where another attempt may go better.
async fn end_for(cloud: &Cloud, id: &UploadId, fault: ApplyFault, now: u64) -> Result<(), ApplyFault> {
    let Some(mut record) = cloud.upload_get(id).await? else { return Err(fault) };
    // Somebody else ended it; what was needed is deleted then.
    if record.upload.status.is_final() {
        return Ok(());
    }
    if !fault.is_lasting() {
        return Err(fault);
    }
    let failed = fail(cloud, &mut record, &fault, now).await;
    match failed {
        Err(ApplyFault::Overtaken(_)) if is_over(cloud, id).await? => Ok(()),
        failed => failed,
    }
}

async fn is_over(cloud: &Cloud, id: &UploadId) -> Result<bool, ApplyFault> {
    Ok(cloud.upload_get(id).await?.is_some_and(|record| record.upload.status.is_final()))
}

/// Returns whether somebody, or the settings, approved the very plan that was recorded. A plan without changes needs no
/// approval.
fn is_approved(upload: &Upload) -> bool {
    let Some(digest) = &upload.digest else { return false };
    let empty = upload.counts.is_some_and(|counts| counts.changes() == 0);
    let approved = |d: &wire::Decision| d.verdict == Verdict::Approved && d.digest == *digest;
    empty || upload.decision.as_ref().is_some_and(approved)
}

/// Looks for uploads whose event was lost, or whose function was stopped for good.
///
/// It records the age of the oldest open upload that does not wait for approval.
pub(crate) async fn sweep(cloud: &Cloud, grace: Grace, now: u64) -> Result<(), ApplyFault> {
    let (mut result, mut oldest) = (Ok(()), 0);
    for id in cloud.upload_list_open().await? {
        // One that can't be read does not keep the others from moving.
        let swept = match cloud.upload_get(&id).await {
            Ok(Some(record)) => {
                oldest = oldest.max(millis_open(&record.upload, now));
                sweep_upload(cloud, &record, grace, now).await
            }
            Ok(None) => Ok(()),
            Err(error) => Err(error.into()),
        };
        result = swept.and(result);
    }
    metrics::print(now, None, &[(Metric::OldestOpenUploadSeconds, oldest as f64 / 1000.0)]);
    result
}

/// Returns for how long the upload has been open and waited for nobody's decision: the time until somebody decided does
/// not count, and that of a pause neither.
fn millis_open(upload: &Upload, now: u64) -> u64 {
    if upload.status.is_final() || matches!(upload.status, Status::AwaitingApproval | Status::Paused) {
        return 0;
    }
    let pause_ended = upload.pause.as_ref().and_then(|pause| pause.ended_at);
    let since = upload.decision.as_ref().map(|decision| decision.at).or(pause_ended).unwrap_or(upload.created_at);
    now.saturating_sub(since)
}

async fn sweep_upload(cloud: &Cloud, record: &UploadRecord, grace: Grace, now: u64) -> Result<(), ApplyFault> {
    let id = &record.upload.id;
    let usual = match record.upload.status {
        Status::Queued if is_approved(&record.upload) => LOST_AFTER,
        Status::InProgress if record.upload.progress.is_some() => STUCK_AFTER,
        status if status.is_final() => LOST_AFTER,
        // Waits for a person, or is being checked, which is not ours.
        _ => return Ok(()),
    };
    if record.upload.updated_at + grace.millis(usual) >= now {
        return Ok(());
    }
    tracing::warn!(upload = %id, status = record.upload.status.label(), "has not moved");
    advance(cloud, id, now).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_that_somebody_takes_to_decide_does_not_count() {
        let mut upload: Upload = serde_json::from_value(serde_json::json!({
            "id": "1", "status": "in_progress", "mode": "partial", "scope": "organisation",
            "source": { "bucket": { "key": "inbox/partial/1.csv" } }, "file_name": "1.csv", "bytes": 1,
            "created_at": 1000, "updated_at": 1000, "failure": null, "counts": null, "findings": {}, "holds": [],
            "digest": null, "decision": null, "progress": null, "left_alone": 0, "files": [],
        }))
        .unwrap();
        assert_eq!(millis_open(&upload, 9000), 8000);
        upload.status = Status::AwaitingApproval;
        assert_eq!(millis_open(&upload, 9000), 0);
        let digest = String::new();
        upload.decide(wire::Decision { verdict: Verdict::Approved, by: None, at: 7000, digest, rekeys: None });
        assert_eq!(millis_open(&upload, 9000), 2000);
        upload.status = Status::Completed;
        assert_eq!(millis_open(&upload, 9000), 0);
        let pause = serde_json::json!({ "name": "Summer" });
        let mut paused = Upload { status: Status::Paused, decision: None, ..upload };
        paused.pause = serde_json::from_value(pause).unwrap();
        assert_eq!(millis_open(&paused, 9000), 0);
        paused.end_pause(None, 8500);
        assert_eq!(millis_open(&paused, 9000), 500, "the pause does not count");
    }
}
