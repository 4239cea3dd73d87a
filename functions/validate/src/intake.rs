//! From an object of the inbox to the upload that it is: whose it is, and what it may touch.

use cloud::Cloud;
use cloud::bucket::{Head, keys};
use cloud::uploads::{Ticket, upload_id_of};
use roster::{Mode, Scope};
use wire::{Source, Status, Upload, UploadId};

use crate::{Fault, mode_of};

/// What an object is.
pub(crate) struct Intake {
    pub(crate) ticket: Ticket,
    /// Whether it is in the folder of a mode; where not, the ticket's mode means nothing.
    pub(crate) has_mode: bool,
}

impl Intake {
    /// An object with a ticket is what an administrator uploads on the page, within the administrator's scope;
    /// any other was dropped by somebody with rights on the bucket, and may touch the whole organisation.
    pub(crate) async fn of(cloud: &Cloud, object: &Head, now: u64) -> Result<Intake, Fault> {
        let path: Vec<&str> = object.key.strip_prefix(keys::INBOX).unwrap_or(&object.key).split('/').collect();
        if let [_, id, _] = path[..] {
            let ticket = cloud.ticket(&UploadId(id.to_owned())).await?;
            if let Some(ticket) = ticket.filter(|ticket| ticket.key == object.key) {
                return Ok(Intake { ticket: Ticket { bytes: object.bytes, ..ticket }, has_mode: true });
            }
        }
        let mode = if path.len() > 1 { mode_of(path[0]) } else { None };
        let ticket = Ticket {
            id: upload_id_of(object),
            mode: mode.unwrap_or(Mode::Partial),
            scope: Scope::Organisation,
            source: Source::Bucket { key: object.key.clone() },
            file_name: (*path.last().unwrap_or(&"")).to_owned(),
            bytes: object.bytes,
            key: object.key.clone(),
            created_at: now,
        };
        Ok(Intake { ticket, has_mode: mode.is_some() })
    }

    /// The upload as it enters the history.
    pub(crate) fn upload(&self, now: u64) -> Upload {
        self.ticket.upload(Status::InProgress, now)
    }
}
