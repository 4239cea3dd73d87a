//! Files of programs that come during a pause: they wait in the inbox until it is over, or somebody has them checked.

use cloud::Cloud;
use cloud::bucket::{Head, keys};
use cloud::uploads::UploadRecord;
use roster::durations::DAY;
use roster::{MAX_PAUSE_DAYS, WatchPause};
use wire::{Source, Status, Upload, UploadId};

use crate::ValidateFault;
use crate::intake::Intake;
use crate::known_settings::KnownSettings;

/// For how long a file waits at most, in milliseconds, however often pauses are changed: the bucket deletes what is forgotten,
/// and that must be nothing that waits.
const LONGEST: u64 = MAX_PAUSE_DAYS as u64 * DAY;

/// Returns the pause for whose end an object waits; `None` where it is to be checked now.
pub(crate) fn pause_of(settings: &KnownSettings, intake: &Intake, object: &Head, now: u64) -> Option<WatchPause> {
    // A person is told on the page that there is a pause, and means it nevertheless.
    if !intake.ticket.source.is_program() || intake.refusal.is_some() || object.modified_at + LONGEST < now {
        return None;
    }
    match roster::watching::pause_at(now, &settings.get().ok()?.watch) {
        Ok(pause) => pause.cloned(),
        Err(problem) => {
            // Checking a file is what everybody expects.
            tracing::warn!(%problem, "nobody can tell whether there is a pause");
            None
        }
    }
}

/// Whether the next upload that waited for the end of a pause may be taken up.
///
/// They are taken up one at a time, for each is compared with what the one before it leaves. One that waits for approval
/// does not keep the others waiting.
///
/// A sweep asks about all open uploads once, and after that only about those that it takes up itself.
#[derive(Default)]
pub(crate) struct PausedTurn(Option<bool>);

impl PausedTurn {
    /// Returns whether the next one may be taken up.
    pub(crate) async fn is_free(&mut self, cloud: &Cloud) -> Result<bool, ValidateFault> {
        if let Some(is_free) = self.0 {
            return Ok(is_free);
        }
        let mut is_free = true;
        for id in cloud.upload_list_open().await? {
            is_free &= !is_under_way(cloud, &id).await?;
        }
        self.0 = Some(is_free);
        Ok(is_free)
    }

    /// Notes that an upload was taken up, which may be over by now or wait for a person.
    pub(crate) async fn take(&mut self, cloud: &Cloud, id: &UploadId) -> Result<(), ValidateFault> {
        self.0 = Some(!is_under_way(cloud, id).await?);
        Ok(())
    }
}

async fn is_under_way(cloud: &Cloud, id: &UploadId) -> Result<bool, ValidateFault> {
    let Some(UploadRecord { upload, .. }) = cloud.upload_get(id).await? else { return Ok(false) };
    Ok(matches!(upload.status, Status::Queued | Status::InProgress) && upload.pause.is_some())
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
