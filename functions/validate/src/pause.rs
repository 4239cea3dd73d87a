//! Files of programs that come during a pause: they wait in the inbox until it is over, or somebody has them checked.

use cloud::Cloud;
use cloud::bucket::{Head, keys};
use cloud::uploads::UploadRecord;
use roster::{MAX_PAUSE_DAYS, WatchPause};
use wire::{Source, Status, Upload, UploadId};

use crate::ValidateFault;
use crate::intake::Intake;

/// For how long a file waits at most, in milliseconds, however often pauses are changed: the bucket deletes what is forgotten,
/// and that must be nothing that waits.
const LONGEST: u64 = MAX_PAUSE_DAYS as u64 * 24 * 60 * 60 * 1000;

/// Returns the pause for whose end an object waits; `None` where it is to be checked now.
pub(crate) async fn pause_of(
    cloud: &Cloud,
    intake: &Intake,
    object: &Head,
    now: u64,
) -> Result<Option<WatchPause>, ValidateFault> {
    // A person is told on the page that there is a pause, and means it nevertheless.
    if !intake.ticket.source.is_program() || intake.refusal.is_some() || object.modified_at + LONGEST < now {
        return Ok(None);
    }
    let rules = match cloud.settings_get().await {
        Ok(document) => document.settings.watch,
        // It is entered all the same, so that its attempts are counted and it is given up one day.
        Err(cloud::Error::Item(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match roster::watching::pause_at(now, &rules) {
        Ok(pause) => Ok(pause.cloned()),
        Err(problem) => {
            // Checking a file is what everybody expects.
            tracing::warn!(%problem, "nobody can tell whether there is a pause");
            Ok(None)
        }
    }
}

/// Returns whether an upload is under way that waited for the end of a pause. They are taken up one at a time, for each is
/// compared with what the one before it leaves; those that wait for a person keep nobody waiting.
pub(crate) async fn is_one_under_way(cloud: &Cloud) -> Result<bool, ValidateFault> {
    for id in cloud.upload_list_open().await? {
        let Some(UploadRecord { upload, .. }) = cloud.upload_get(&id).await? else { continue };
        let is_moving = matches!(upload.status, Status::Queued | Status::InProgress);
        if is_moving && upload.pause.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns the key of the object that an upload is, where it came during a pause.
pub(crate) async fn object_of_paused(cloud: &Cloud, id: &UploadId) -> Result<Option<String>, ValidateFault> {
    let record = cloud.upload_get(id).await?.filter(|record| record.upload.pause.is_some());
    Ok(record.map(|record| object_of(&record.upload)))
}

fn object_of(upload: &Upload) -> String {
    match &upload.source {
        Source::Bucket { key } => key.clone(),
        Source::Administrator { .. } => keys::inbox(upload.mode, &upload.id, &upload.file_name),
    }
}
