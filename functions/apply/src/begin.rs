//! Begins a plan: the lease, a last look at whether all of it is intact, and the record that says so.

use cloud::Cloud;
use cloud::lease::Lease;
use cloud::table::WriteOutcome;
use cloud::uploads::UploadRecord;
use wire::UploadId;
use wire::stored::PlanHead;

use crate::ApplyFault;

/// Whether a plan was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begun {
    Yes,
    /// Another plan is being applied, and this one is in the queue.
    HeldByAnother,
}

/// Acquires the lease and records that the plan is being applied.
///
/// # Errors
///
/// [`ApplyFault::Overtaken`] where somebody else was woken for it, too. The lease is the upload's, whoever acquired it.
pub(crate) async fn begin(
    cloud: &Cloud,
    record: &mut UploadRecord,
    head: &PlanHead,
    now: u64,
) -> Result<Begun, ApplyFault> {
    let id = record.upload.id.clone();
    let approved_at = record.upload.decision.as_ref().map_or(record.upload.created_at, |decision| decision.at);
    if !acquire_lease(cloud, &id, approved_at).await? {
        tracing::info!(upload = %id, "another plan is being applied; it waits");
        return Ok(Begun::HeldByAnother);
    }
    // Now, so that nothing of a plan is carried out of which a part was altered while it waited.
    cloud.plan_check(record.upload.digest.as_deref().unwrap_or_default(), head).await?;
    record.upload.begin_applying(head.chunks.len() as u32, now);
    record.applied_at = Some(now);
    match cloud.upload_save(record).await? {
        WriteOutcome::Written => Ok(Begun::Yes),
        WriteOutcome::ConditionFailed => Err(ApplyFault::Overtaken(id)),
    }
}

/// Acquires the lease. If its holder is over, and was stopped before it released it, it is released first.
async fn acquire_lease(cloud: &Cloud, id: &UploadId, approved_at: u64) -> Result<bool, ApplyFault> {
    if cloud.lease_acquire(id, approved_at).await? == Lease::Acquired {
        return Ok(true);
    }
    if let Some(holder) = cloud.lease_holder().await? {
        let holds = cloud.upload_get(&holder).await?.is_some_and(|record| !record.upload.status.is_final());
        if holds {
            return Ok(false);
        }
        cloud.lease_release(&holder).await?;
    }
    Ok(cloud.lease_acquire(id, approved_at).await? == Lease::Acquired)
}
