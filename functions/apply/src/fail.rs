//! Ends an upload that can't be carried out, however often it is tried.

use cloud::table::WriteOutcome;
use cloud::uploads::UploadRecord;
use cloud::{Cloud, Error};
use wire::audit::{Action, Entry};
use wire::{FileKind, UploadId};

use crate::ApplyFault;
use crate::part_way::{self, PartWay};
use crate::report::measure;

/// Records that the upload failed, why, and how much of its plan was carried out by then. Its files say who was changed.
///
/// # Errors
///
/// [`ApplyFault::Overtaken`] where somebody else wrote the upload, which may be over then.
pub(crate) async fn fail(
    cloud: &Cloud,
    record: &mut UploadRecord,
    why: &ApplyFault,
    now: u64,
) -> Result<(), ApplyFault> {
    let id = record.upload.id.clone();
    tracing::error!(upload = %id, fault = %why, "can't be carried out");
    let begun = match record.upload.progress {
        Some(progress) => Some(CarriedOut {
            done: cloud.chunk_list_done(&id).await?.len() as u64,
            total: progress.total.into(),
            told: part_way::tell(cloud, record).await?,
        }),
        None => None,
    };
    let upload = &mut record.upload;
    if let (Some(begun), Some(progress)) = (&begun, &mut upload.progress) {
        progress.done = u32::try_from(begun.done).unwrap_or(progress.total).min(progress.total);
    }
    upload.fail(sentence(why, begun.as_ref(), &id), now);
    let told = begun.map(|begun| begun.told).unwrap_or_default();
    for file in told.files {
        if !upload.files.contains(&file) {
            upload.files.push(file);
        }
    }
    let entry = Entry::of_upload(now, Action::Failed, upload);
    let saved = if told.applied > 0 || told.in_doubt {
        cloud.upload_save_applied(record, &[entry]).await?
    } else {
        cloud.upload_save_with(record, &[entry]).await?
    };
    match saved {
        WriteOutcome::Written => {
            measure(&id, told.applied, told.left_alone, now);
            Ok(())
        }
        WriteOutcome::ConditionFailed => Err(ApplyFault::Overtaken(id)),
    }
}

/// How much of a plan was carried out.
struct CarriedOut {
    /// Parts of it, of how many.
    done: u64,
    total: u64,
    told: PartWay,
}

/// Returns what the page says of a plan that failed; `begun` is there where anything was carried out.
fn sentence(why: &ApplyFault, begun: Option<&CarriedOut>, id: &UploadId) -> String {
    let why = match why {
        ApplyFault::Cloud(Error::Altered(_)) => {
            "Something that belongs to the plan was altered or taken away in the bucket after the file was checked"
        }
        ApplyFault::Cloud(Error::OtherVersion { .. }) => "The plan was made by another version of Rollbook",
        ApplyFault::Incomplete(..) => "Something that the plan needs is missing",
        _ => "The table refuses something of the plan as invalid",
    };
    let done = begun.map_or_else(|| "nothing was changed".to_owned(), CarriedOut::sentence);
    format!("{why}, so {done}: upload the file again, and ask whoever runs Rollbook to look into {id}.")
}

impl CarriedOut {
    fn sentence(&self) -> String {
        let CarriedOut { done, total, told } = self;
        let has_completed_file = told.files.contains(&FileKind::Completed);
        let carried_out = if done != total {
            format!("it was stopped when {done} of its {total} parts had been carried out, and others perhaps in part")
        } else if has_completed_file {
            "the plan was carried out, but not all of its files can be made".to_owned()
        } else {
            "the plan was carried out, but its completed file and its error file can't be made".to_owned()
        };
        let told_of = has_completed_file.then_some("the completed file has whom it changed");
        let lost = match told.lost {
            0 if told.in_doubt => {
                Some("whoever it created and is in no completed file has to get a new password".to_owned())
            }
            0 => None,
            1 => Some("one user got a temporary password that nobody can read and that has to be reset".to_owned()),
            lost => {
                Some(format!("{lost} users got temporary passwords that nobody can read and that have to be reset"))
            }
        };
        let parts = [Some(carried_out), told_of.map(str::to_owned), lost];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}
