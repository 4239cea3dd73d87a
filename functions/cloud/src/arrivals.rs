//! The uploads that are watched, and what is remembered of rosters for the next ones.

use roster::durations::DAY;
use roster::watching::{LastRoster, WatchedStage, WatchedUpload};
use wire::{Status, Upload};

use crate::full_rows::RosterKind;
use crate::table::{Item, Key, SortKeys, from_json, json, n};
use crate::{Cloud, Error};

/// How far back uploads are looked at, in milliseconds: what a schedule may ask for, and a day more.
const LOOK_BACK: u64 = 9 * DAY;

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

/// For how long a roster is remembered, in milliseconds: longer than from one summer to the next.
const ROSTER_REMEMBERED: u64 = 400 * DAY;

impl Cloud {
    /// Returns what is remembered of the last roster that came before an upload.
    ///
    /// It has the same source, sync mode and schools.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn last_roster_before(&self, upload: &Upload) -> Result<Option<LastRoster>, Error> {
        let query = self.query_pk(Key::last_rosters_pk(upload), SortKeys::Before(&upload.id.0));
        let answer = query.consistent_read(true).scan_index_forward(false).limit(1).send().await?;
        answer.items().first().map(|item| from_json(item, "roster")).transpose()
    }

    /// Remembers the roster of an upload for the next ones.
    ///
    /// Doing it again does no harm.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn last_roster_put(&self, upload: &Upload, roster: &LastRoster) -> Result<(), Error> {
        let expires = n((upload.created_at + ROSTER_REMEMBERED) / 1000);
        let item = Item::from([("roster".to_owned(), json(roster)?), ("expires".to_owned(), expires)]);
        self.item_put(&Key::last_roster(upload), item).await
    }
}

impl Key {
    fn last_roster(upload: &Upload) -> Key {
        Key::new(Key::last_rosters_pk(upload), &upload.id.0)
    }

    /// Returns the partition of the rosters of an upload's kind.
    fn last_rosters_pk(upload: &Upload) -> String {
        format!("LAST#{}#{}", upload.mode.as_str(), RosterKind::of(upload).place())
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
        Status::Paused => WatchedStage::Paused,
        Status::Failed if upload.is_gone_in_pause() => WatchedStage::Dropped,
        Status::Failed => WatchedStage::Failed,
        Status::Rejected => WatchedStage::Dropped,
    };
    WatchedUpload {
        upload: upload.id.0.clone(),
        source: upload.of_source.clone(),
        came_at: upload.created_at,
        stage,
        since: upload.updated_at,
        by_hand: upload.by_hand,
        marks: upload.marks.clone(),
    }
}
