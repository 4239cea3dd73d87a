//! The uploads that are watched.

use roster::watching::{WatchedStage, WatchedUpload};
use wire::{Status, Upload};

use crate::{Cloud, Error};

/// How far back uploads are looked at, in milliseconds: what a schedule may ask for, and a day more.
const LOOK_BACK: u64 = 9 * 24 * 60 * 60 * 1000;

const PAGE: u16 = 100;

impl Cloud {
    /// Returns the uploads of the last nine days, newest first, and perhaps some that are older.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn upload_list_watched(&self, now: u64) -> Result<Vec<Upload>, Error> {
        let (mut uploads, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.upload_list(PAGE, cursor.as_deref()).await?;
            uploads.extend(page.items);
            cursor = page.cursor;
            let oldest = uploads.last().map_or(0, |upload: &Upload| upload.created_at);
            if cursor.is_none() || oldest + LOOK_BACK < now {
                return Ok(uploads);
            }
        }
    }
}

/// Returns what is watched of an upload.
pub fn arrival(upload: &Upload) -> WatchedUpload {
    let of_classes = upload.class_done.or(upload.class_counts).map_or(0, |counts| counts.changes());
    let changes = upload.counts_done().map_or(0, |counts| counts.changes()) + of_classes;
    let rejected = upload.counts.map_or(0, |counts| counts.rejected);
    let stage = match upload.status {
        Status::Queued | Status::InProgress => WatchedStage::Moving,
        Status::AwaitingApproval => WatchedStage::Held { changes },
        Status::Completed | Status::CompletedWithErrors => {
            WatchedStage::Done { changes, left_out: rejected + upload.left_alone }
        }
        Status::Failed => WatchedStage::Failed,
        Status::Rejected => WatchedStage::Rejected,
    };
    WatchedUpload {
        upload: upload.id.0.clone(),
        source: upload.of_source.clone(),
        came_at: upload.created_at,
        stage,
        since: upload.updated_at,
        by_hand: upload.by_hand,
    }
}
