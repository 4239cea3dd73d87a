//! Ends an upload that can't be carried out, however often it is tried.

use cloud::table::Wrote;
use cloud::uploads::Record;
use cloud::{Cloud, Error};
use wire::audit::{Action, Entry};
use wire::{Status, UploadId};

use crate::{Fault, end};

/// Records that the upload failed, why, and how much of its plan was carried out by then, and hands the turn on.
pub(crate) async fn stop(cloud: &Cloud, mut record: Record, why: &Fault, now: u64) -> Result<(), Fault> {
    let id = record.upload.id.clone();
    if end::is_over(cloud, &id).await? {
        return end::hand_on(cloud, &id).await;
    }
    tracing::error!(upload = %id, fault = %why, "can't be carried out");
    let upload = &mut record.upload;
    let begun = match upload.progress {
        Some(progress) => Some((cloud.chunks_done(&id).await?.len(), progress.total)),
        None => None,
    };
    upload.status = Status::Failed;
    upload.failure = Some(sentence(why, begun, &id));
    upload.updated_at = now;
    let entry = Entry::of_upload(now, Action::Failed, upload);
    if cloud.save_upload_with(&mut record, &[entry]).await? == Wrote::No && !end::is_over(cloud, &id).await? {
        return Err(Fault::Overtaken(id));
    }
    end::hand_on(cloud, &id).await
}

/// `begun` is how many parts of how many were carried out, where it was begun.
fn sentence(why: &Fault, begun: Option<(usize, u32)>, id: &UploadId) -> String {
    let why = match why {
        Fault::Cloud(Error::Altered(_)) => {
            "Something that belongs to the plan was altered or taken away in the bucket after the file was checked"
        }
        Fault::Cloud(Error::OtherVersion(_)) => "The plan was made by another version of Rollbook",
        Fault::Incomplete(..) => "Something that the plan needs is missing",
        _ => "The table refuses something of the plan as invalid",
    };
    let done = match begun {
        None => "nothing was changed".to_owned(),
        Some((done, total)) if done as u64 == u64::from(total) => {
            "the plan was carried out, but its completed file and its error file can't be made".to_owned()
        }
        Some((done, total)) => {
            format!("it was stopped when {done} of its {total} parts had been carried out, and others perhaps in part")
        }
    };
    format!("{why}, so {done}: upload the file again, and ask whoever runs Rollbook to look into {id}.")
}
