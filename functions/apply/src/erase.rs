//! Archives users that have been disabled for long, and erases users once nobody can bring them back by hand any more.

use cloud::Cloud;
use roster::accounts::ArchiveRule;

use crate::ApplyFault;
use crate::feeds::leave_mark;

/// Archives as many as one sweep has time for; the next sweep goes on.
pub(crate) async fn archive(cloud: &Cloud, rule: &ArchiveRule, now: u64) -> Result<(), ApplyFault> {
    let users = cloud.user_archive_disabled(rule, now).await?;
    if users > 0 {
        tracing::info!(users, "archived users that have been disabled for long");
        leave_mark(cloud, format!("sweep-{now}")).await?;
    }
    Ok(())
}

/// Erases as many as one sweep has time for; the next sweep goes on.
pub(crate) async fn erase(cloud: &Cloud, now: u64) -> Result<(), ApplyFault> {
    for school in cloud.school_list().await?.iter() {
        let users = cloud.user_erase_gone(&school.id, now).await?;
        if users > 0 {
            tracing::info!(school = school.id.0, users, "erased users whose time to be recovered is over");
        }
    }
    Ok(())
}
