//! Uploads: the history, decisions, and what must not be forgotten half-way.

use std::collections::{HashMap, HashSet};

use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wire::audit::{self, Entry};
use wire::http::Page;
use wire::{Decision, Progress, Status, Upload, UploadId, Verdict};

use crate::bucket::{Head, keys};
use crate::table::{Item, Key, SortKeys, WriteOutcome, from_json, json, n, needed, number};
use crate::transact::{Transacted, WriteAction};
use crate::{Cloud, Error};

/// How often one upload is tried before it is given up as one that breaks Rollbook.
pub const MAX_ATTEMPTS: u64 = 12;

/// How many uploads are read at once.
const SIDE_BY_SIDE: usize = 8;

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

/// The secrets of an upload, from which GUIDs and temporary passwords are derived.
///
/// Kept until it ends, so that doing something again gives the same.
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

/// Returns a new id, which sorts by time.
///
/// With random bytes it is unique; with bytes derived from an object it is the same whenever the object is heard of.
pub fn upload_id(at: u64, bytes: [u8; 10]) -> UploadId {
    UploadId(uuid::Builder::from_unix_timestamp_millis(at, &bytes).into_uuid().to_string())
}

/// Returns the id of the upload that an object is.
///
/// It is the same whenever and however often one hears of the object.
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

    /// Saves the upload with entries in the audit log.
    ///
    /// They are there exactly where this is what was written.
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

    /// Records a decision about the plan that awaits one, and sets off what follows from it.
    ///
    /// Of two decisions at once one is recorded.
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

    /// Puts the object that makes `apply` look at an approved upload.
    ///
    /// It is empty: the decision is in the record.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer.
    pub async fn upload_wake_apply(&self, upload: &Upload) -> Result<(), Error> {
        self.object_put(&keys::approval(&upload.id), Vec::new()).await
    }

    /// Returns the uploads that are not closed, oldest first.
    ///
    /// An upload is closed once all that its end asks for is done.
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

    /// Does what is left to do when an upload has ended: its secrets are deleted.
    ///
    /// Doing it again does no harm.
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
