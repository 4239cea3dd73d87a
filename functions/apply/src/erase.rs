//! Erases deleted users once nobody can bring them back by hand any more.

use cloud::Cloud;
use roster::user::RECOVERABLE_MILLIS;

use crate::Fault;

/// Erases as many as one look has time for; the next look goes on.
pub(crate) async fn erase(cloud: &Cloud, now: u64) -> Result<(), Fault> {
    let before = now.saturating_sub(RECOVERABLE_MILLIS);
    for school in cloud.schools().await?.iter() {
        let users = cloud.erase_deleted(&school.id, before).await?;
        if users > 0 {
            tracing::info!(school = school.id.0, users, "erased users whose time to be recovered is over");
        }
    }
    Ok(())
}
