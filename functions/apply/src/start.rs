//! Brings an upload to where its chunks are carried out, from wherever it stands.

use cloud::Cloud;
use cloud::bucket::keys;
use cloud::lease::Lease;
use cloud::table::WriteOutcome;
use cloud::uploads::Record;
use runtime::Grace;
use wire::stored::PlanHead;
use wire::{Progress, Status, Upload, UploadId, Verdict};

use crate::{Fault, end, stop};

/// An approved upload that has not moved for so long has not been heard of.
const LOST_AFTER: u64 = 2 * 60 * 1000;
/// A chunk takes seconds; if none has been counted for so long, some were lost.
const STUCK_AFTER: u64 = 5 * 60 * 1000;

/// Moves the upload on as far as can be.
pub(crate) async fn start(cloud: &Cloud, id: &UploadId, now: u64) -> Result<(), Fault> {
    let Some(record) = cloud.upload(id).await? else {
        tracing::warn!(upload = %id, "there is no such upload");
        return Ok(());
    };
    match record.upload.status {
        status if status.is_final() => end::release_and_wake_next(cloud, id).await,
        Status::Queued if is_approved(&record.upload) => begin(cloud, record, now).await,
        Status::InProgress if record.upload.progress.is_some() => resume(cloud, record, now).await,
        status => {
            tracing::warn!(upload = %id, status = status.label(), "nobody has approved it");
            Ok(())
        }
    }
}

/// Whether somebody, or the settings, approved the very plan that was recorded. A plan without changes needs no
/// approval.
fn is_approved(upload: &Upload) -> bool {
    let Some(digest) = &upload.digest else { return false };
    let empty = upload.counts.is_some_and(|counts| counts.changes() == 0);
    let approved = |d: &wire::Decision| d.verdict == Verdict::Approved && d.digest == *digest;
    empty || upload.decision.as_ref().is_some_and(approved)
}

async fn begin(cloud: &Cloud, mut record: Record, now: u64) -> Result<(), Fault> {
    let id = record.upload.id.clone();
    let head = match plan_of(cloud, &record.upload).await {
        Err(fault) if fault.is_lasting() => return stop::stop(cloud, record, &fault, now).await,
        head => head?,
    };
    if head.chunks.is_empty() {
        return end::end(cloud, record, now).await;
    }
    let approved_at = record.upload.decision.as_ref().map_or(record.upload.created_at, |decision| decision.at);
    if !acquire_lease(cloud, &id, approved_at).await? {
        tracing::info!(upload = %id, "another plan is being applied; it waits");
        return Ok(());
    }
    // Now, so that nothing of a plan is carried out of which a part was altered while it waited.
    match cloud.check_plan(record.upload.digest.as_deref().unwrap_or_default(), &head).await.map_err(Fault::from) {
        Err(fault) if fault.is_lasting() => return stop::stop(cloud, record, &fault, now).await,
        whole => whole?,
    }
    record.upload.status = Status::InProgress;
    record.upload.progress = Some(Progress { done: 0, total: head.chunks.len() as u32 });
    record.upload.updated_at = now;
    record.applied_at = Some(now);
    match cloud.save_upload(&mut record).await? {
        WriteOutcome::Written => put_chunks(cloud, record, &head, now).await,
        // Somebody else was woken for it, too. The lease is the upload's, whoever acquired it.
        WriteOutcome::ConditionFailed => Err(Fault::Overtaken(id)),
    }
}

/// Goes on with what was begun.
async fn resume(cloud: &Cloud, record: Record, now: u64) -> Result<(), Fault> {
    match plan_of(cloud, &record.upload).await {
        Err(fault) if fault.is_lasting() => stop::stop(cloud, record, &fault, now).await,
        head => put_chunks(cloud, record, &head?, now).await,
    }
}

async fn plan_of(cloud: &Cloud, upload: &Upload) -> Result<PlanHead, Fault> {
    let digest = upload.digest.as_deref().ok_or(Fault::Incomplete(upload.id.clone(), "a digest"))?;
    Ok(cloud.plan_head(&upload.id, digest).await?)
}

/// Acquires the lease. If its holder is over, and was stopped before it released it, it is released first.
async fn acquire_lease(cloud: &Cloud, id: &UploadId, approved_at: u64) -> Result<bool, Fault> {
    if cloud.lease_acquire(id, approved_at).await? == Lease::Acquired {
        return Ok(true);
    }
    if let Some(holder) = cloud.lease_holder().await? {
        let holds = cloud.upload(&holder).await?.is_some_and(|record| !record.upload.status.is_final());
        if holds {
            return Ok(false);
        }
        cloud.lease_release(&holder).await?;
    }
    Ok(cloud.lease_acquire(id, approved_at).await? == Lease::Acquired)
}

/// Puts an object for every chunk that is not done; those that come last, when all the others are.
pub(crate) async fn put_chunks(cloud: &Cloud, record: Record, head: &PlanHead, now: u64) -> Result<(), Fault> {
    let id = &record.upload.id;
    let done = cloud.chunks_done(id).await?;
    let left: Vec<(u32, bool)> = (0..).zip(&head.chunks).map(|(n, chunk)| (n, chunk.last)).collect();
    let left: Vec<(u32, bool)> = left.into_iter().filter(|(n, _)| !done.contains(n)).collect();
    if left.is_empty() {
        return end::end(cloud, record, now).await;
    }
    let wait = left.iter().any(|(_, last)| !last);
    tracing::info!(upload = %id, chunks = left.len(), "applying");
    for (n, last) in left {
        if !(last && wait) {
            cloud.put_object(&keys::chunk(id, n), Vec::new()).await?;
        }
    }
    Ok(())
}

/// Looks for uploads whose event was lost, or whose function was stopped for good.
pub(crate) async fn sweep(cloud: &Cloud, grace: Grace, now: u64) -> Result<(), Fault> {
    let mut result = Ok(());
    for id in cloud.open_uploads().await? {
        // One that can't be read does not keep the others from moving.
        result = sweep_upload(cloud, &id, grace, now).await.and(result);
    }
    result
}

async fn sweep_upload(cloud: &Cloud, id: &UploadId, grace: Grace, now: u64) -> Result<(), Fault> {
    let Some(record) = cloud.upload(id).await? else { return Ok(()) };
    let usual = match record.upload.status {
        Status::Queued if is_approved(&record.upload) => LOST_AFTER,
        Status::InProgress if record.upload.progress.is_some() => STUCK_AFTER,
        status if status.is_final() => LOST_AFTER,
        // Waits for a person, or is being checked, which is not ours.
        _ => return Ok(()),
    };
    if record.upload.updated_at + grace.of(usual) >= now {
        return Ok(());
    }
    tracing::warn!(upload = %id, status = record.upload.status.label(), "has not moved");
    start(cloud, id, now).await
}
