//! Tickets: what the API promised of a file before it comes.

use std::collections::BTreeMap;

use roster::durations::DAY;
use roster::{FileEncoding, Mode, Scope, SourceId};
use serde::{Deserialize, Serialize};
use wire::upload::CheckedBefore;
use wire::{Source, Status, Upload, UploadId};

use crate::table::{Item, Key, from_json, json, n};
use crate::{Cloud, Error};

/// For how long a file that was announced is awaited, in milliseconds. The link holds for 15 minutes, and the rest is for
/// functions that could not run.
const TICKET_LASTS: u64 = DAY;

/// An object of the inbox before it is checked, and on whose behalf it is there.
///
/// It is as the API promised it to the browser, or as the bucket has it where somebody dropped it.
///
/// An [`Upload`] has the same fields. They are no struct of their own within both: an upload is stored with its status
/// and its mapping between them, and what is stored stays byte for byte as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    pub id: UploadId,
    pub mode: Mode,
    /// Whether its one row was filled in on the page, about one person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
    pub scope: Scope,
    pub source: Source,
    /// The source of the users in the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_source: Option<SourceId>,
    pub file_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<FileEncoding>,
    /// The sheet that was chosen, where the file is a workbook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// How it was read where it was checked before it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<CheckedBefore>,
    pub bytes: u64,
    /// The SHA-256 of the file that was announced, in hexadecimal; `None` where somebody dropped it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The object's key in the bucket, [`keys::inbox`].
    pub key: String,
    pub created_at: u64,
}

impl Ticket {
    /// Returns whether its file may still come.
    ///
    /// The table deletes what is over only hours later.
    pub fn is_awaited(&self, now: u64) -> bool {
        now < self.created_at + TICKET_LASTS
    }

    /// Returns the upload that the object is to be: it waits to be checked.
    pub fn upload(&self, created_at: u64) -> Upload {
        Upload {
            id: self.id.clone(),
            status: Status::Queued,
            mode: self.mode,
            by_hand: self.by_hand,
            scope: self.scope.clone(),
            source: self.source.clone(),
            of_source: self.of_source.clone(),
            file_name: self.file_name.clone(),
            encoding: self.encoding,
            sheet: self.sheet.clone(),
            checked: self.checked.clone(),
            profile: None,
            bytes: self.bytes,
            sha256: self.sha256.clone(),
            created_at,
            updated_at: created_at,
            failure: None,
            counts: None,
            class_counts: None,
            parts: Vec::new(),
            findings: BTreeMap::new(),
            holds: Vec::new(),
            digest: None,
            compared_after: None,
            decision: None,
            progress: None,
            left_alone: 0,
            files: Vec::new(),
            done: None,
            class_done: None,
            files_deleted_at: None,
            redacted_at: None,
            marks: Vec::new(),
            pause: None,
        }
    }
}

impl Cloud {
    /// Keeps a ticket for a day.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn ticket_put(&self, ticket: &Ticket) -> Result<(), Error> {
        let expires = n((ticket.created_at + TICKET_LASTS) / 1000);
        let item = Item::from([("ticket".to_owned(), json(ticket)?), ("expires".to_owned(), expires)]);
        self.item_put(&Key::ticket(&ticket.id), item).await
    }

    /// Returns the ticket of an upload that came through the API.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn ticket_get(&self, id: &UploadId) -> Result<Option<Ticket>, Error> {
        self.item_get(&Key::ticket(id)).await?.map(|item| from_json(&item, "ticket")).transpose()
    }
}
