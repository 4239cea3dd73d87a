//! The uploads that notices may be about.

use std::collections::{BTreeSet, HashMap};

use cloud::Cloud;
use cloud::arrivals::arrival;
use cloud::notices::WatchMemory;
use roster::watching::WatchedUpload;
use wire::{Upload, UploadId};

use crate::fault::NoticesFault;

/// What there is to be told of.
pub(crate) struct WatchedUploads {
    pub(crate) arrivals: Vec<WatchedUpload>,
    pub(crate) uploads: HashMap<String, Upload>,
    /// Those that are not over.
    pub(crate) open: BTreeSet<UploadId>,
}

/// Reads the uploads of the last days, those that are open, and those that were at the last run.
pub(crate) async fn collect(cloud: &Cloud, memory: &WatchMemory, now: u64) -> Result<WatchedUploads, NoticesFault> {
    let listed = cloud.upload_list_watched(now).await?;
    let mut uploads: HashMap<UploadId, Upload> = listed.into_iter().map(|upload| (upload.id.clone(), upload)).collect();
    let open: BTreeSet<UploadId> = cloud.upload_list_open().await?.into_iter().collect();
    let others = open.union(&memory.open).filter(|id| !uploads.contains_key(*id)).cloned().collect();
    uploads.extend(cloud.upload_get_many(others).await?);
    let open = uploads.values().filter(|upload| !upload.status.is_final()).map(|upload| upload.id.clone()).collect();
    let arrivals = uploads.values().map(arrival).collect();
    Ok(WatchedUploads { arrivals, uploads: uploads.into_iter().map(|(id, upload)| (id.0, upload)).collect(), open })
}
