//! Puts the objects that have the chunks of a plan carried out.

use cloud::Cloud;
use cloud::bucket::keys;
use wire::UploadId;
use wire::stored::PlanHead;

use crate::ApplyFault;

/// Whether chunks were left to be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Enqueued {
    Some,
    /// All are done.
    None,
}

/// Puts an object for every chunk of the next step that is not done; see [`wire::stored::ChunkHead::step`].
pub(crate) async fn enqueue_chunks(cloud: &Cloud, id: &UploadId, head: &PlanHead) -> Result<Enqueued, ApplyFault> {
    let done = cloud.chunk_list_done(id).await?;
    let left = || (0..).zip(&head.chunks).filter(|(n, _)| !done.contains(n));
    if left().next().is_none() {
        return Ok(Enqueued::None);
    }
    let next = left().map(|(_, chunk)| chunk.step()).min();
    tracing::info!(upload = %id, chunks = left().count(), "applying");
    for (n, _) in left().filter(|(_, chunk)| Some(chunk.step()) == next) {
        cloud.object_put(&keys::chunk(id, n), Vec::new()).await?;
    }
    Ok(Enqueued::Some)
}
