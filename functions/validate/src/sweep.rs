//! The sweep of what has not moved: objects whose event was lost, and uploads that nobody works at any more.

use std::collections::HashSet;

use cloud::Cloud;
use cloud::bucket::keys;
use roster::Findings;
use roster::durations::{DAY, MINUTE};
use runtime::metrics::{self, Metric};
use runtime::{DEAD_AFTER, Grace};
use wire::{Status, UploadId};

use crate::intake::Intake;
use crate::known_settings::KnownSettings;
use crate::pause::PausedTurn;
use crate::set_folder::SetFolder;
use crate::{ValidateFault, failed, is_checked, kept, pause, save, take};

/// How old an object of which nothing is known is when its event counts as lost, in milliseconds.
const LOST_AFTER: u64 = 3 * MINUTE;

/// How long a file of users that somebody downloaded is kept, in milliseconds.
const DOWNLOAD_KEPT: u64 = DAY;

/// What becomes of an upload whose object is gone.
const TAKEN_AWAY: &str = "The file was taken out of the inbox, or replaced by another one, before it was checked. \
                          Upload it again if it was not meant to be replaced.";

/// What becomes of one that waited for the end of a pause, which is no fault where a job writes the same file every night.
const REPLACED_IN_PAUSE: &str = "The file came during a pause, and was taken out of the inbox, or replaced by a newer one, \
                                 before the pause was over. Nothing was changed.";

/// Goes over everything; what fails does not keep the rest from being gone over.
pub(crate) async fn sweep(cloud: &Cloud, grace: Grace, now: u64) -> Result<(), ValidateFault> {
    let mut result = Ok(());
    let mut present = HashSet::new();
    let (settings, mut turn) = (KnownSettings::read(cloud).await?, PausedTurn::default());
    let mut objects = cloud.object_list(keys::INBOX).await?;
    // Of files that waited for the end of a pause the oldest comes first.
    objects.sort_by_key(|object| object.modified_at);
    metrics::print(now, None, &[(Metric::InboxFiles, objects.len() as f64)]);
    for object in objects {
        match sweep_object(cloud, &settings, &mut turn, &object.key, grace, now).await {
            Ok(id) => present.extend(id),
            Err(fault) => result = Err(fault),
        }
    }
    if result.is_ok() {
        // Only now it is known of every object which upload it is.
        result = end_deserted(cloud, &present, grace, now).await;
    }
    let result = delete_downloads(cloud, now).await.and(result);
    let result = delete_credentials(cloud, &settings, now).await.and(result);
    kept::sweep(cloud, &settings, grace, now).await.and(result)
}

/// Handles an object that was left behind, and answers with the upload that it is.
async fn sweep_object(
    cloud: &Cloud,
    settings: &KnownSettings,
    turn: &mut PausedTurn,
    key: &str,
    grace: Grace,
    now: u64,
) -> Result<Option<UploadId>, ValidateFault> {
    if SetFolder::of(key).is_some_and(|set| !set.is_closed_by_it()) {
        return Ok(None);
    }
    let Some(head) = cloud.object_head(key).await? else { return Ok(None) };
    if let Some(id) = keys::looked_at(key) {
        if head.modified_at + grace.millis(LOST_AFTER) < now {
            take(cloud, key, now).await?;
        }
        return Ok(Some(id));
    }
    let intake = Intake::read(cloud, settings, &head, now).await?;
    let id = intake.ticket.id.clone();
    let left_alone_since = match cloud.upload_get(&id).await? {
        Some(record) if record.upload.status == Status::Paused => {
            let is_over = pause::pause_of(settings, &intake, &head, now).is_none();
            if is_over && turn.is_free(cloud).await? {
                let taken = take(cloud, key, now).await;
                turn.take(cloud, &id).await?;
                taken?;
            }
            return Ok(Some(id));
        }
        Some(record) => head.modified_at.max(record.attempted_at.unwrap_or_default()) + grace.millis(DEAD_AFTER),
        None => head.modified_at + grace.millis(LOST_AFTER),
    };
    if left_alone_since < now {
        tracing::warn!(upload = %id, "an object was left behind");
        take(cloud, key, now).await?;
    }
    Ok(Some(id))
}

/// Ends uploads that were being checked, or wait for the end of a pause, and whose object is gone.
async fn end_deserted(cloud: &Cloud, present: &HashSet<UploadId>, grace: Grace, now: u64) -> Result<(), ValidateFault> {
    let mut result = Ok(());
    for id in cloud.upload_list_open().await?.into_iter().filter(|id| !present.contains(id)) {
        let ended = end_if_deserted(cloud, &id, grace, now).await;
        result = ended.and(result);
    }
    result
}

async fn end_if_deserted(cloud: &Cloud, id: &UploadId, grace: Grace, now: u64) -> Result<(), ValidateFault> {
    let Some(record) = cloud.upload_get(id).await? else { return Ok(()) };
    let upload = &record.upload;
    let since = record.attempted_at.unwrap_or(upload.created_at);
    let (why, is_open) = match upload.status {
        Status::InProgress => (TAKEN_AWAY, !is_checked(upload)),
        Status::Paused => (REPLACED_IN_PAUSE, true),
        _ => (TAKEN_AWAY, false),
    };
    if !is_open || since + grace.millis(DEAD_AFTER) >= now {
        return Ok(());
    }
    tracing::warn!(upload = %id, "its object is gone");
    let ended = failed(upload, &Findings::default(), why.to_owned(), now);
    let (record, _) = save(cloud, record, ended).await?;
    if record.upload.status.is_final() {
        cloud.upload_close(id).await?;
    }
    Ok(())
}

/// Deletes the temporary passwords that may no longer be read: after as many days as the settings say.
async fn delete_credentials(cloud: &Cloud, settings: &KnownSettings, now: u64) -> Result<(), ValidateFault> {
    let files = cloud.credentials_delete_old(&settings.get()?.accounts.passwords, now).await?;
    if files > 0 {
        tracing::info!(files, "deleted temporary passwords whose time to be read is over");
    }
    Ok(())
}

async fn delete_downloads(cloud: &Cloud, now: u64) -> Result<(), ValidateFault> {
    for object in cloud.object_list(keys::DOWNLOADS).await? {
        if object.modified_at + DOWNLOAD_KEPT < now {
            cloud.object_delete(&object.key).await?;
        }
    }
    Ok(())
}
