//! Objects of the inbox that were handled.

use cloud::Cloud;
use cloud::bucket::Head;

use crate::ValidateFault;

/// Deletes the object that was handled, and not one that was put in its place meanwhile.
pub(crate) async fn delete(cloud: &Cloud, handled: &Head) -> Result<(), ValidateFault> {
    let now = cloud.object_head(&handled.key).await?;
    if now.is_some_and(|now| now.etag == handled.etag && now.modified_at == handled.modified_at) {
        cloud.object_delete(&handled.key).await?;
    }
    Ok(())
}
