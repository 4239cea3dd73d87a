//! Archives users that have been disabled for long, and erases users once nobody can bring them back by hand any more.

use cloud::Cloud;

use crate::ApplyFault;
use crate::feeds::leave_mark;

/// Archives and erases as many as one sweep has time for; the next sweep goes on.
pub(crate) async fn archive_and_erase(cloud: &Cloud, now: u64) -> Result<(), ApplyFault> {
    let archived = archive(cloud, now).await;
    // Neither keeps the other from being done.
    erase(cloud, now).await.and(archived)
}

async fn archive(cloud: &Cloud, now: u64) -> Result<(), ApplyFault> {
    let rule = cloud.settings_get().await?.settings.accounts.archive;
    let users = cloud.user_archive_disabled(&rule, now).await?;
    if users > 0 {
        tracing::info!(users, "archived users that have been disabled for long");
        leave_mark(cloud, format!("sweep-{now}")).await?;
    }
    Ok(())
}

async fn erase(cloud: &Cloud, now: u64) -> Result<(), ApplyFault> {
    for school in cloud.school_list().await?.iter() {
        let users = cloud.user_erase_gone(&school.id, now).await?;
        if users > 0 {
            tracing::info!(school = school.id.0, users, "erased users whose time to be recovered is over");
        }
    }
    Ok(())
}
