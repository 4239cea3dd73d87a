//! From an object of the inbox to the upload that it is: whose it is, and what it may touch.

use std::collections::BTreeMap;

use cloud::Cloud;
use cloud::bucket::{Head, keys};
use cloud::uploads::upload_id_of;
use roster::{Mode, Scope};
use wire::{Source, Status, Upload, UploadId};

use crate::{Fault, mode_of};

/// What an object is.
pub(crate) struct Intake {
    pub(crate) id: UploadId,
    /// `None` where the object is in no folder of a mode.
    pub(crate) mode: Option<Mode>,
    scope: Scope,
    source: Source,
    file_name: String,
    bytes: u64,
}

impl Intake {
    /// An object with a ticket is what an administrator uploads on the page, within the administrator's scope;
    /// any other was dropped by somebody with rights on the bucket, and may touch the whole organisation.
    pub(crate) async fn of(cloud: &Cloud, object: &Head) -> Result<Intake, Fault> {
        let path: Vec<&str> = object.key.strip_prefix(keys::INBOX).unwrap_or(&object.key).split('/').collect();
        let mode = if path.len() > 1 { mode_of(path[0]) } else { None };
        if let [_, id, _] = path[..] {
            let ticket = cloud.ticket(&UploadId(id.to_owned())).await?;
            if let Some(ticket) = ticket.filter(|ticket| ticket.key == object.key) {
                let (scope, source, file_name) = (ticket.scope, ticket.source, ticket.file_name);
                return Ok(Intake {
                    id: ticket.id,
                    mode: Some(ticket.mode),
                    scope,
                    source,
                    file_name,
                    bytes: object.bytes,
                });
            }
        }
        Ok(Intake {
            id: upload_id_of(object),
            mode,
            scope: Scope::Organisation,
            source: Source::Bucket { key: object.key.clone() },
            file_name: (*path.last().unwrap_or(&"")).to_owned(),
            bytes: object.bytes,
        })
    }

    /// The upload as it enters the history.
    pub(crate) fn upload(&self, now: u64) -> Upload {
        Upload {
            id: self.id.clone(),
            status: Status::InProgress,
            mode: self.mode.unwrap_or(Mode::Partial),
            scope: self.scope.clone(),
            source: self.source.clone(),
            file_name: self.file_name.clone(),
            bytes: self.bytes,
            created_at: now,
            updated_at: now,
            failure: None,
            counts: None,
            findings: BTreeMap::new(),
            holds: Vec::new(),
            digest: None,
            decision: None,
            progress: None,
            left_alone: 0,
            files: Vec::new(),
        }
    }
}
