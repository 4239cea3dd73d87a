//! Uploads: the history, the tickets of the browser, decisions, and what must not be forgotten half-way.

use std::collections::{BTreeMap, HashMap, HashSet};

use aws_sdk_dynamodb::types::Select;
use futures::{StreamExt, TryStreamExt, stream};
use roster::{FileEncoding, Mode, Scope, SourceId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wire::audit::{self, Entry};
use wire::http::Page;
use wire::upload::CheckedBefore;
use wire::{Decision, Progress, Source, Status, Upload, UploadId, Verdict};

use crate::bucket::{Head, digest, keys};
use crate::table::{Item, Key, SortKeys, WriteOutcome, from_json, json, n, needed, number, string};
use crate::transact::{Transacted, WriteAction};
use crate::{Cloud, Error};

/// How often one upload is tried before it is given up as one that breaks Rollbook.
pub const MAX_ATTEMPTS: u64 = 12;

/// For how long a file that was announced is awaited, in milliseconds. The link holds for 15 minutes, and the rest is for
/// functions that could not run.
const TICKET_LASTS: u64 = 24 * 60 * 60 * 1000;

/// How many uploads are read at once.
const SIDE_BY_SIDE: usize = 8;

/// An object of the inbox before it is checked, and on whose behalf it is there: as the API promised it to the browser,
/// or as the bucket has it where somebody dropped it.
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
    /// Returns whether its file may still come. The table deletes what is over only hours later.
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

/// An upload with what is known of it beside what people see.
#[derive(Debug, Clone, PartialEq)]
pub struct UploadRecord {
    pub upload: Upload,
    /// Grows with every write; a stale record can't be saved.
    pub version: u64,
    /// When its plan acquired the lease. The users' history has this time, so that a repeated chunk writes the same
    /// entry.
    pub applied_at: Option<u64>,
    /// When the last attempt at checking it began.
    pub attempted_at: Option<u64>,
}

/// The secrets of an upload, from which GUIDs and temporary passwords are derived. Kept until it ends, so that
/// doing something again gives the same.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seeds {
    pub guid: [u8; 32],
    pub password: [u8; 32],
}

/// What became of a decision.
#[derive(Debug, Clone, PartialEq)]
pub enum Decided {
    Recorded(Upload),
    NotFound,
    /// It is not, or no longer, awaiting approval: somebody else may have decided.
    NotAwaiting(Upload),
    /// The decision names another plan than the one that waits.
    OtherPlan(Upload),
}

/// Returns a new id: it sorts by time and, with random bytes, is unique; with bytes derived from an object it is the
/// same whenever the object is heard of.
pub fn upload_id(at: u64, bytes: [u8; 10]) -> UploadId {
    UploadId(uuid::Builder::from_unix_timestamp_millis(at, &bytes).into_uuid().to_string())
}

/// Returns the id of the upload that an object is: the same whenever and however often one hears of the object.
pub fn upload_id_of(object: &Head) -> UploadId {
    let Head { key, etag, modified_at, .. } = object;
    let hash = Sha256::digest(format!("{key}\0{etag}\0{modified_at}"));
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&hash[..10]);
    upload_id(*modified_at, bytes)
}

impl Cloud {
    /// Returns one upload.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn upload_get(&self, id: &UploadId) -> Result<Option<UploadRecord>, Error> {
        match self.item_get(&Key::upload(id)).await? {
            Some(item) => self.with_progress(record(&item)?).await.map(Some),
            None => Ok(None),
        }
    }

    /// Adds what the markers of its chunks tell of an upload that is being applied: how many are carried out, and when
    /// the last one was. At any time that is one upload, the one that has the lease, or none.
    async fn with_progress(&self, mut record: UploadRecord) -> Result<UploadRecord, Error> {
        let upload = &mut record.upload;
        if let (Status::InProgress, Some(progress)) = (upload.status, &mut upload.progress) {
            let markers = self.chunk_list_markers(&upload.id).await?;
            progress.done = u32::try_from(markers.len()).unwrap_or(progress.total).min(progress.total);
            let newest = markers.iter().filter_map(|marker| number(marker, "done_at")).max();
            upload.updated_at = upload.updated_at.max(newest.unwrap_or_default());
        }
        Ok(record)
    }

    /// Returns those of the uploads that exist.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn upload_get_many(&self, ids: HashSet<UploadId>) -> Result<HashMap<UploadId, Upload>, Error> {
        let read = stream::iter(ids).map(|id| async move {
            let record = self.upload_get(&id).await?;
            Ok::<_, Error>(record.map(|record| (id, record.upload)))
        });
        let read: Vec<_> = read.buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
        Ok(read.into_iter().flatten().collect())
    }

    /// Returns a part of the history, newest first.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn upload_list(&self, limit: u16, cursor: Option<&str>) -> Result<Page<Upload>, Error> {
        let request = self.query_pk("UPLOADS", SortKeys::All).scan_index_forward(false).limit(limit.into());
        let request = request.set_exclusive_start_key(cursor.map(|id| Key::upload(&UploadId(id.to_owned())).item()));
        let answer = request.send().await?;
        let cursor = answer.last_evaluated_key().map(|key| needed(key, "sk").map(str::to_owned)).transpose()?;
        let mut items = Vec::new();
        for item in answer.items() {
            items.push(self.with_progress(record(item)?).await?.upload);
        }
        Ok(Page { items, cursor })
    }

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

    /// Enters an upload into the history, unless it is there, and returns what is there.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, [`Error::Item`] where an item of it can't be read, and
    /// [`Error::Contended`] where others write the same items again and again.
    pub async fn upload_enter(&self, upload: &Upload) -> Result<UploadRecord, Error> {
        self.item_put(&Key::open(&upload.id), Item::new()).await?;
        self.upload_files_mark(&upload.id, upload.created_at).await?;
        let item = Item::from([
            ("upload".to_owned(), json(upload)?),
            ("version".to_owned(), n(1)),
            ("status".to_owned(), json(&upload.status)?),
        ]);
        let mut actions = vec![WriteAction::put_new(&Key::upload(&upload.id), item)];
        let entry = Entry::of_upload(upload.created_at, audit::Action::Uploaded, upload);
        actions.extend(self.audit_actions(&[entry]).await?);
        match self.transact(actions).await? {
            Transacted::Committed => {
                Ok(UploadRecord { upload: upload.clone(), version: 1, applied_at: None, attempted_at: None })
            }
            Transacted::Rejected(_) => {
                self.upload_get(&upload.id).await?.ok_or_else(|| Error::Item(format!("upload {} is gone", upload.id)))
            }
        }
    }

    /// Writes a record that was read, unless it was written in between; grows its version.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Contended`] where others write the same items
    /// again and again.
    pub async fn upload_save(&self, record: &mut UploadRecord) -> Result<WriteOutcome, Error> {
        self.upload_save_with(record, &[]).await
    }

    /// Saves the upload with entries in the audit log, which are there exactly where this is what was written.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Contended`] where others write the same items
    /// again and again.
    pub async fn upload_save_with(&self, record: &mut UploadRecord, entries: &[Entry]) -> Result<WriteOutcome, Error> {
        self.upload_save_and(record, entries, Vec::new()).await
    }

    /// Saves the upload with entries in the audit log and what else is written in the same transaction.
    pub(crate) async fn upload_save_and(
        &self,
        record: &mut UploadRecord,
        entries: &[Entry],
        others: Vec<WriteAction>,
    ) -> Result<WriteOutcome, Error> {
        let mut set = "SET upload = :upload, #status = :status, version = :next".to_owned();
        let mut values = vec![
            ("upload".to_owned(), json(&record.upload)?),
            ("status".to_owned(), json(&record.upload.status)?),
            ("next".to_owned(), n(record.version + 1)),
        ];
        if let Some(at) = record.applied_at {
            set.push_str(", applied_at = :applied_at");
            values.push(("applied_at".to_owned(), n(at)));
        }
        let write = WriteAction::update(&Key::upload(&record.upload.id), &set, []).with_values(values);
        let write = write.only_if("version = :seen", [(":seen", n(record.version))]);
        let actions = [write].into_iter().chain(self.audit_actions(entries).await?).chain(others).collect();
        Ok(match self.transact(actions).await? {
            Transacted::Committed => {
                record.version += 1;
                WriteOutcome::Written
            }
            Transacted::Rejected(_) => WriteOutcome::ConditionFailed,
        })
    }

    /// Counts that an attempt at checking the upload begins at `now`.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn upload_count_attempt(&self, id: &UploadId, now: u64) -> Result<u64, Error> {
        let request = self.dynamo.update_item().table_name(&self.table).set_key(Some(Key::upload(id).item()));
        let request = request
            .update_expression("SET attempted_at = :now ADD attempts :one")
            .expression_attribute_values(":now", n(now))
            .expression_attribute_values(":one", n(1));
        let answer = request.return_values(aws_sdk_dynamodb::types::ReturnValue::UpdatedNew).send().await?;
        Ok(answer.attributes().and_then(|item| number(item, "attempts")).unwrap_or_default())
    }

    /// Records a decision about the plan that awaits one, and sets off what follows from it. Of two decisions
    /// at once one is recorded.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, [`Error::Item`] where an item of it can't be read, and
    /// [`Error::Contended`] where others write the same items again and again.
    pub async fn upload_decide(&self, id: &UploadId, decision: Decision) -> Result<Decided, Error> {
        loop {
            let Some(mut record) = self.upload_get(id).await? else { return Ok(Decided::NotFound) };
            if record.upload.status != Status::AwaitingApproval {
                return Ok(Decided::NotAwaiting(record.upload));
            }
            if record.upload.digest.as_ref() != Some(&decision.digest) {
                return Ok(Decided::OtherPlan(record.upload));
            }
            let action = match decision.verdict {
                Verdict::Approved => audit::Action::Approved,
                Verdict::Rejected { .. } => audit::Action::Rejected,
            };
            record.upload.decide(decision.clone());
            let entry = Entry::of_upload(decision.at, action, &record.upload);
            if self.upload_save_with(&mut record, &[entry]).await? == WriteOutcome::Written {
                self.follow_decision(&record.upload).await?;
                return Ok(Decided::Recorded(record.upload));
            }
        }
    }

    async fn follow_decision(&self, upload: &Upload) -> Result<(), Error> {
        match upload.status {
            Status::Rejected => self.upload_close(&upload.id).await,
            _ => self.upload_wake_apply(upload).await,
        }
    }

    /// Puts the object that makes `apply` look at an approved upload. It is empty: the decision is in the record.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer.
    pub async fn upload_wake_apply(&self, upload: &Upload) -> Result<(), Error> {
        self.object_put(&keys::approval(&upload.id), Vec::new()).await
    }

    /// Returns the uploads that are not closed, oldest first: every upload until all that its end asks for is done.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn upload_list_open(&self) -> Result<Vec<UploadId>, Error> {
        let mut pages = self.query_pk("OPEN", SortKeys::All).into_paginator().items().send();
        let mut ids = Vec::new();
        while let Some(item) = pages.next().await {
            ids.push(UploadId(needed(&item?, "sk")?.to_owned()));
        }
        Ok(ids)
    }

    /// Does what is left to do when an upload has ended: its secrets are deleted. Doing it again does no harm.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table or the bucket does not answer.
    pub async fn upload_close(&self, id: &UploadId) -> Result<(), Error> {
        for object in self.object_list(&keys::all_passwords(id)).await? {
            self.object_delete(&object.key).await?;
        }
        self.item_delete(&Key::seed(id)).await?;
        self.item_delete(&Key::open(id)).await
    }

    /// Keeps the seeds of an upload unless it has some, and answers with those that it has.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn seeds_get_or_create(&self, id: &UploadId, seeds: Seeds) -> Result<Seeds, Error> {
        let item = Item::from([("seeds".to_owned(), json(&seeds)?)]);
        match self.item_put_new(&Key::seed(id), item).await? {
            WriteOutcome::Written => Ok(seeds),
            WriteOutcome::ConditionFailed => {
                self.seeds_get(id).await?.ok_or_else(|| Error::Item(format!("the seeds of {id} are gone")))
            }
        }
    }

    /// Returns the seeds of an upload that has not ended.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn seeds_get(&self, id: &UploadId) -> Result<Option<Seeds>, Error> {
        self.item_get(&Key::seed(id)).await?.map(|item| from_json(&item, "seeds")).transpose()
    }

    /// Returns the rows of the last roster of a kind that was carried out.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn full_rows_get(&self, of: RosterKind<'_>) -> Result<Option<u64>, Error> {
        Ok(self.item_get(&of.key()).await?.and_then(|item| number(&item, "rows")))
    }

    /// Returns the rows of the longest roster of a full mode that was carried out for the whole organisation.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn full_rows_get_largest(&self) -> Result<Option<u64>, Error> {
        let query = self.query_pk("FULL".to_owned(), SortKeys::All);
        let items: Vec<Item> = query.into_paginator().items().send().collect::<Result<_, _>>().await?;
        let of_all = items.iter().filter(|item| string(item, "sk").is_some_and(|key| key.ends_with("ORGANISATION")));
        Ok(of_all.filter_map(|item| number(item, "rows")).max())
    }

    /// Keeps the rows of a roster that was carried out, of a mode that removes who is absent.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn full_rows_set(&self, of: RosterKind<'_>, rows: u64) -> Result<(), Error> {
        self.item_put(&of.key(), [("rows".to_owned(), n(rows))].into()).await
    }

    /// Whether chunk `chunk` of the upload is carried out.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn chunk_is_done(&self, id: &UploadId, chunk: u32) -> Result<bool, Error> {
        Ok(self.item_get(&Key::chunk(id, chunk)).await?.is_some())
    }

    /// Returns the chunks of the upload that are carried out.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn chunk_list_done(&self, id: &UploadId) -> Result<HashSet<u32>, Error> {
        let prefix = Key::chunks_prefix();
        let mut done = HashSet::new();
        for marker in self.chunk_list_markers(id).await? {
            done.extend(needed(&marker, "sk")?.strip_prefix(prefix).and_then(|n| n.parse::<u32>().ok()));
        }
        Ok(done)
    }

    /// Records that chunk `chunk` is carried out, and answers with how many are.
    ///
    /// Every chunk writes an item of its own, so that those that end side by side do not get in each other's way. The
    /// count is taken after that and sees all that was written before it: whichever chunk is written last counts all of
    /// them. Others that end at the same moment may do so, too.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn chunk_mark_done(&self, id: &UploadId, chunk: u32, now: u64) -> Result<u64, Error> {
        let marker = [("done_at".to_owned(), n(now))].into();
        // The time is that of the first time, for a chunk that comes again has moved nothing.
        self.item_put_new(&Key::chunk(id, chunk), marker).await?.accept_either();
        self.chunk_count_done(id).await
    }

    /// Counts the chunks of the upload that are carried out.
    async fn chunk_count_done(&self, id: &UploadId) -> Result<u64, Error> {
        let query = self.query_pk(Key::chunk(id, 0).pk, SortKeys::StartingWith(Key::chunks_prefix()));
        let mut pages = query.consistent_read(true).select(Select::Count).into_paginator().send();
        let mut count = 0;
        while let Some(page) = pages.next().await {
            count += u64::try_from(page?.count()).unwrap_or_default();
        }
        Ok(count)
    }

    /// Returns the marker items of the chunks that are carried out.
    async fn chunk_list_markers(&self, id: &UploadId) -> Result<Vec<Item>, Error> {
        let query = self.query_pk(Key::chunk(id, 0).pk, SortKeys::StartingWith(Key::chunks_prefix()));
        let query = query.consistent_read(true).projection_expression("sk, done_at");
        Ok(query.into_paginator().items().send().collect::<Result<_, _>>().await?)
    }
}

/// Which rosters are compared by their length: those that should have the same users in them.
#[derive(Debug, Clone, Copy)]
pub struct RosterKind<'a> {
    pub mode: Mode,
    pub source: Option<&'a SourceId>,
    pub scope: &'a Scope,
}

impl<'a> RosterKind<'a> {
    /// Returns the kind of an upload's roster.
    pub fn of(upload: &'a Upload) -> RosterKind<'a> {
        RosterKind { mode: upload.mode, source: upload.of_source.as_ref(), scope: &upload.scope }
    }

    fn key(self) -> Key {
        Key::new("FULL", self.place())
    }

    /// Returns the words by which a key tells kinds apart. Both modes for everybody have the same.
    pub(crate) fn place(self) -> String {
        let of_scope = match self.scope {
            Scope::Organisation => "ORGANISATION".to_owned(),
            Scope::School(id) => format!("SCHOOL#{}", id.0),
            // They may be more than a key has room for.
            Scope::Schools(ids) => {
                let ids: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
                format!("SCHOOLS#{}", digest(ids.join("\n").as_bytes()))
            }
        };
        let of_mode = match self.mode {
            Mode::Partial | Mode::Full => "",
            Mode::Students => "STUDENTS#",
            Mode::Staff => "STAFF#",
        };
        let of_source = self.source.map_or_else(String::new, |source| format!("SOURCE#{}#", source.0));
        format!("{of_source}{of_mode}{of_scope}")
    }
}

/// Reads the item of an upload. Before chunks had the time in their markers, they counted themselves here, in attributes of
/// their own.
fn record(item: &Item) -> Result<UploadRecord, Error> {
    let mut upload: Upload = from_json(item, "upload")?;
    if let (Some(progress), Some(done)) = (upload.progress, number(item, "done")) {
        let done = u32::try_from(done).unwrap_or(progress.total).max(progress.done).min(progress.total);
        upload.progress = Some(Progress { done, ..progress });
    }
    upload.updated_at = upload.updated_at.max(number(item, "touched_at").unwrap_or_default());
    let version = number(item, "version").ok_or_else(|| Error::Item("the version is missing".to_owned()))?;
    let [applied_at, attempted_at] = ["applied_at", "attempted_at"].map(|name| number(item, name));
    Ok(UploadRecord { upload, version, applied_at, attempted_at })
}
