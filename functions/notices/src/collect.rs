//! The uploads that notices may be about.

use std::collections::{BTreeSet, HashMap};

use cloud::Cloud;
use cloud::notices::WatchMemory;
use roster::watching::{Arrival, ArrivalStage};
use wire::{Status, Upload, UploadId};

use crate::NoticesFault;

/// How far back uploads are looked at, in milliseconds: what a schedule may ask for, and a day more.
const LOOK_BACK: u64 = 9 * 24 * 60 * 60 * 1000;

const PAGE: u16 = 100;

/// What there is to be told of.
pub(crate) struct Seen {
    pub(crate) arrivals: Vec<Arrival>,
    pub(crate) uploads: HashMap<String, Upload>,
    /// Those that are not over.
    pub(crate) open: BTreeSet<UploadId>,
}

/// Reads the uploads of the last days, those that are open, and those that were at the last run.
pub(crate) async fn collect(cloud: &Cloud, memory: &WatchMemory, now: u64) -> Result<Seen, NoticesFault> {
    let mut uploads = HashMap::new();
    let mut cursor = None;
    loop {
        let page = cloud.upload_list(PAGE, cursor.as_deref()).await?;
        let oldest = page.items.last().map_or(0, |upload| upload.created_at);
        uploads.extend(page.items.into_iter().map(|upload| (upload.id.clone(), upload)));
        cursor = page.cursor;
        if cursor.is_none() || oldest + LOOK_BACK < now {
            break;
        }
    }
    let open: BTreeSet<UploadId> = cloud.upload_list_open().await?.into_iter().collect();
    let others = open.union(&memory.open).filter(|id| !uploads.contains_key(*id)).cloned().collect();
    uploads.extend(cloud.upload_get_many(others).await?);
    let open = uploads.values().filter(|upload| !upload.status.is_final()).map(|upload| upload.id.clone()).collect();
    let arrivals = uploads.values().map(arrival).collect();
    Ok(Seen { arrivals, uploads: uploads.into_iter().map(|(id, upload)| (id.0, upload)).collect(), open })
}

fn arrival(upload: &Upload) -> Arrival {
    let changes = upload.counts_done().map_or(0, |counts| counts.changes())
        + upload.class_done.or(upload.class_counts).map_or(0, |counts| counts.changes());
    let rejected = upload.counts.map_or(0, |counts| counts.rejected);
    let stage = match upload.status {
        Status::Queued | Status::InProgress => ArrivalStage::Moving,
        Status::AwaitingApproval => ArrivalStage::Held { changes },
        Status::Completed | Status::CompletedWithErrors => {
            ArrivalStage::Done { changes, left_out: rejected + upload.left_alone }
        }
        Status::Failed => ArrivalStage::Failed,
        Status::Rejected => ArrivalStage::Rejected,
    };
    Arrival {
        upload: upload.id.0.clone(),
        source: upload.of_source.clone(),
        came_at: upload.created_at,
        stage,
        since: upload.updated_at,
        by_hand: upload.by_hand,
    }
}
