//! What is left to do once an upload is over. Doing it again does no harm.

use cloud::Cloud;
use wire::UploadId;

use crate::ApplyFault;

/// Releases the lease of an upload that is over, wakes the one that waits longest, and deletes the upload's secrets.
pub(crate) async fn close(cloud: &Cloud, id: &UploadId) -> Result<(), ApplyFault> {
    cloud.lease_release(id).await?;
    let mut result = Ok(());
    for waiting in cloud.lease_waiters().await? {
        match cloud.upload_get(&waiting.upload).await {
            Ok(Some(record)) if !record.upload.status.is_final() => {
                cloud.upload_wake_apply(&record.upload).await?;
                break;
            }
            // It had the lease, and was stopped before it left the queue.
            Ok(_) => cloud.lease_stop_waiting(&waiting).await?,
            // The others do not wait for one that can't be read.
            Err(error) => result = Err(error.into()),
        }
    }
    // Last: an upload that is not closed is found by the sweep, and the next one is woken then.
    cloud.upload_close(id).await?;
    result
}
