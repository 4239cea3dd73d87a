//! What is kept of uploads that are over: deleted after the days that the settings say, and without the lines of users
//! that were erased.
//!
//! Both may be stopped anywhere and are done again by the next sweep. The plan of an upload that is not over is never
//! touched, for it must stay what its digest says: a user that is erased meanwhile is drift to it, and lines go when the
//! upload has ended.

mod erased_rows;

use cloud::Cloud;
use cloud::bucket::Head;
use cloud::bucket::keys::{self, Part};
use cloud::kept::{ErasedUser, Kept, Receipt};
use cloud::table::WriteOutcome;
use cloud::uploads::UploadRecord;
use roster::durations::DAY;
use roster::{
    EnrolmentChange, Erased, Finding, Reading, Redacted, RedactedFile, UnchangedRow, redact_copy, redact_file,
    redact_rows,
};
use runtime::{DEAD_AFTER, Grace};
use serde::de::DeserializeOwned;
use wire::audit::{Action, Entry};
use wire::stored::{ChangeResult, ClassResult, CutFindings, PlanHead};
use wire::{Upload, UploadId};

use crate::ValidateFault;
use crate::known_settings::KnownSettings;
use erased_rows::{ErasedRows, Left};

/// How many uploads one sweep deletes the files of, and how many it goes through; the next sweep goes on.
const AT_ONCE: usize = 20;

/// Deletes what is past keeping, and takes erased users out of the rest.
pub(crate) async fn sweep(
    cloud: &Cloud,
    settings: &KnownSettings,
    grace: Grace,
    now: u64,
) -> Result<(), ValidateFault> {
    let deleted = delete_old(cloud, settings, now).await;
    // Neither keeps the other from being done.
    take_out_erased(cloud, grace, now).await.and(deleted)
}

async fn delete_old(cloud: &Cloud, settings: &KnownSettings, now: u64) -> Result<(), ValidateFault> {
    let settings = settings.get()?;
    if settings.uploads_kept_days == 0 {
        return Ok(());
    }
    let before = now.saturating_sub(u64::from(settings.uploads_kept_days) * DAY);
    let mut deleted = 0;
    for Kept { id, .. } in cloud.upload_list_with_files(Some(before)).await? {
        if deleted == AT_ONCE {
            break;
        }
        // One that waits for somebody is kept until it is decided about.
        let record = cloud.upload_get(&id).await?;
        let past = |record: &UploadRecord| {
            let upload = &record.upload;
            upload.status.is_final() && settings.is_past_keeping(upload.updated_at, now)
        };
        if record.as_ref().is_none_or(past) {
            delete_files(cloud, &id, record, now).await?;
            deleted += 1;
        }
    }
    if deleted > 0 {
        tracing::info!(uploads = deleted, "deleted files that are past keeping");
    }
    Ok(())
}

/// Deletes the files of an upload. That they are gone is said first, so that nobody is given a link to nothing.
async fn delete_files(
    cloud: &Cloud,
    id: &UploadId,
    record: Option<UploadRecord>,
    now: u64,
) -> Result<(), ValidateFault> {
    if let Some(mut record) = record.filter(|record| record.upload.files_deleted_at.is_none()) {
        record.upload.files_deleted_at = Some(now);
        record.upload.files.clear();
        let entry = Entry::of_upload(now, Action::FilesDeleted, &record.upload);
        if cloud.upload_save_with(&mut record, &[entry]).await? == WriteOutcome::ConditionFailed {
            return Err(ValidateFault::Overtaken);
        }
    }
    Ok(cloud.upload_files_delete(id).await?)
}

/// Takes users that were erased out of the files of uploads. An upload says up to when that was done; what was written
/// into the inbox after somebody was erased is of a new account of the same person. One that can't be gone through does
/// not keep the others from it, and is gone through by a later sweep.
async fn take_out_erased(cloud: &Cloud, grace: Grace, now: u64) -> Result<(), ValidateFault> {
    let users = cloud.erased_user_list().await?;
    let Some(newest) = users.last().map(|user| user.at) else { return Ok(()) };
    let mut result = take_out_of_resets(cloud, &users).await;
    let (mut gone_through, mut behind) = (0, result.is_err().then_some(0));
    let all_kept = cloud.upload_list_with_files(None).await?;
    for kept in all_kept.iter().filter(|kept| kept.redacted_to < newest) {
        let done = match gone_through {
            AT_ONCE => Ok(false),
            _ => Box::pin(take_out_of(cloud, kept, &users, grace, now)).await,
        };
        match done {
            Ok(true) => gone_through += 1,
            _ => behind = Some(behind.map_or(kept.redacted_to, |behind| behind.min(kept.redacted_to))),
        }
        if let Err(fault) = done {
            tracing::error!(upload = %kept.id, %fault, "erased users can't be taken out of it");
            result = Err(fault);
        }
    }
    let is_out = |user: &&ErasedUser| behind.is_none_or(|behind| user.at <= behind);
    for user in users.iter().filter(is_out).filter(|user| left_lists(user, grace, now)) {
        forget(cloud, user, &all_kept, now).await?;
    }
    result
}

/// Returns whether the user left the lists, too, as far as one can know: whoever was stopped over it begins anew, with
/// another marker item.
fn left_lists(user: &ErasedUser, grace: Grace, now: u64) -> bool {
    user.left_lists_at.is_some() || user.at + grace.millis(DEAD_AFTER) < now
}

/// Notes that nothing is left of a user in any file.
async fn forget(cloud: &Cloud, user: &ErasedUser, kept: &[Kept], now: u64) -> Result<(), ValidateFault> {
    let uploads = kept.iter().filter(|kept| kept.is_before(user.at)).count();
    if cloud.erased_user_forget(user, uploads, now).await? == Receipt::Written {
        tracing::info!(user = %user.guid, uploads, "an erased user is out of all files");
    }
    Ok(())
}

/// Takes users out of the files of one upload, if it is over; whether it is. Somebody else who ended it, too, and is slow
/// may still write its files again, and what goes now would come back.
async fn take_out_of(
    cloud: &Cloud,
    kept: &Kept,
    users: &[ErasedUser],
    grace: Grace,
    now: u64,
) -> Result<bool, ValidateFault> {
    let Kept { id, redacted_to } = kept;
    let over = |upload: &Upload| upload.status.is_final() && upload.updated_at + grace.millis(DEAD_AFTER) < now;
    let Some(record) = cloud.upload_get(id).await?.filter(|record| over(&record.upload)) else { return Ok(false) };
    if record.upload.files_deleted_at.is_none() {
        let erased = erased_since(users, *redacted_to);
        Box::pin(Redaction { cloud, record, erased, now }.carry_out()).await?;
    }
    cloud.upload_files_redacted_to(id, users.last().map_or(*redacted_to, |user| user.at)).await?;
    Ok(true)
}

fn erased_since(users: &[ErasedUser], since: u64) -> Erased {
    let mut erased = Erased::default();
    for user in users.iter().filter(|user| user.at > since) {
        erased.add(user.guid, user.custom_ids.iter().map(String::as_str));
    }
    erased
}

/// Takes the lines of erased users out of the files of resets, which belong to no upload. Who has a line in one that
/// was made after the user was erased came back and needs the password in it.
async fn take_out_of_resets(cloud: &Cloud, users: &[ErasedUser]) -> Result<(), ValidateFault> {
    for object in cloud.object_list(&keys::all_reset_credentials()).await? {
        let reset = match keys::reset_of(&object.key) {
            Some(id) => cloud.reset_get(id).await?,
            None => None,
        };
        let erased = erased_since(users, reset.map_or(0, |reset| reset.at));
        if let Some((head, kept)) = without(cloud, &object.key, |bytes| redact_file(bytes, &erased)).await? {
            put_in_place(cloud, &head, kept).await?;
        }
    }
    Ok(())
}

/// Taking the lines of users out of one upload that is over.
struct Redaction<'a> {
    cloud: &'a Cloud,
    record: UploadRecord,
    erased: Erased,
    now: u64,
}

impl Redaction<'_> {
    /// Takes the users out of every object. What says whose a row is goes last: so one that was stopped finds the rows
    /// again.
    async fn carry_out(mut self) -> Result<(), ValidateFault> {
        let parts = self.parts().await?;
        let upload = self.record.upload.clone();
        let mut erased_rows = self.erased_rows(&upload, &parts).await?;
        let plan = self.plan().await?;
        if plan.is_none() {
            erased_rows.know_rows_by_id();
        }
        let reading = self.reading(plan).await?;
        let copy = self.cloud.object_get(&keys::uploaded(&upload.id)).await?.unwrap_or_default();
        let Redacted { rows, unread_from, .. } =
            redact_copy(&copy, &reading, &erased_rows.erased, &erased_rows.processed);
        drop(copy);
        // A row that can't be read any more may be theirs, unless the plan says whose it is.
        let theirs = |row: u32| {
            rows.contains(&row)
                || unread_from.is_some_and(|from| from <= row && !erased_rows.processed.contains_key(&row))
        };
        for (part, key) in &parts {
            match part {
                Part::Findings => {
                    self.lines(key, |finding: Finding| Left::unless(erased_rows.has_finding(&finding, theirs))).await?;
                }
                Part::CutFindings => {
                    self.lines(key, |cut: CutFindings| Left::unless(theirs(cut.row))).await?;
                }
                Part::PlanFile => self.rewrite(key, |bytes| redact_file(bytes, &erased_rows.in_plan_file)).await?,
                Part::RowsFile => self.rewrite(key, |bytes| redact_rows(bytes, &reading, &erased_rows.erased)).await?,
                Part::Uploaded => {
                    let redact =
                        |bytes: &[u8]| redact_copy(bytes, &reading, &erased_rows.erased, &erased_rows.processed).copy;
                    self.rewrite(key, redact).await?;
                }
                Part::Results => {
                    self.lines(key, |result: ChangeResult| Left::unless(erased_rows.erased.has(result.guid))).await?;
                }
                Part::Unchanged => {
                    let theirs = |row: UnchangedRow| row.guid.is_some_and(|guid| erased_rows.erased.has(guid));
                    self.lines(key, |row| Left::unless(theirs(row))).await?;
                }
                Part::Changes => self.lines(key, |change| erased_rows.left_of(change)).await?,
                Part::EnrolmentsFile => self.rewrite(key, |bytes| redact_file(bytes, &erased_rows.erased)).await?,
                Part::Enrolments => {
                    let theirs = |change: &EnrolmentChange| {
                        [Some(change.user), change.two_people].into_iter().flatten().any(|u| erased_rows.erased.has(u))
                    };
                    self.lines(key, |change| Left::unless(theirs(&change))).await?;
                }
                Part::ClassResults => {
                    let theirs = |result: ClassResult| result.user.is_some_and(|user| erased_rows.erased.has(user));
                    self.lines(key, |result| Left::unless(theirs(result))).await?;
                }
                // It says nothing of anybody, and passwords go when the upload ends.
                Part::Plan | Part::Passwords | Part::Classes => {}
            }
        }
        Ok(())
    }

    /// Returns how the file was read; one without a plan that can be read is read as it would be now.
    async fn reading(&self, plan: Option<PlanHead>) -> Result<Reading, ValidateFault> {
        if let Some(plan) = plan {
            return Ok(plan.reading);
        }
        let upload = &self.record.upload;
        let usual = self.cloud.settings_get().await?.settings.reading.of_source(upload.of_source.as_ref());
        Ok(usual.in_encoding(upload.encoding).into())
    }

    /// Returns the plan, if it is still what it was when it was made.
    async fn plan(&self) -> Result<Option<PlanHead>, ValidateFault> {
        let upload = &self.record.upload;
        let Some(digest) = &upload.digest else { return Ok(None) };
        match self.cloud.plan_head_get(&upload.id, digest).await {
            Err(error) if error.is_lasting() => {
                tracing::warn!(upload = %upload.id, %error, "its plan can't be read: its rows are known by their IDs");
                Ok(None)
            }
            head => Ok(Some(head?)),
        }
    }

    /// Returns all that is kept of the upload, also what attempts left that were stopped, in the order in which lines
    /// go.
    async fn parts(&self) -> Result<Vec<(Part, String)>, ValidateFault> {
        let id = &self.record.upload.id;
        let mut parts = vec![(Part::RowsFile, keys::credentials(id))];
        for object in self.cloud.object_list(&keys::all_of(id)).await? {
            match Part::from_key(&object.key) {
                Some(part) => parts.push((part, object.key)),
                None => tracing::warn!(upload = %id, "it has an object that no upload should have"),
            }
        }
        parts.sort();
        Ok(parts)
    }

    /// Finds the rows of the users that were erased.
    async fn erased_rows<'u>(
        &self,
        upload: &'u Upload,
        parts: &[(Part, String)],
    ) -> Result<ErasedRows<'u>, ValidateFault> {
        let mut erased_rows = ErasedRows::new(upload, &self.erased);
        let tells_owner = |part| matches!(part, Part::Results | Part::Changes | Part::Unchanged);
        for (part, key) in parts.iter().filter(|(part, _)| tells_owner(*part)) {
            let bytes = self.cloud.object_get(key).await?.unwrap_or_default();
            match part {
                Part::Results => {
                    values(&bytes).filter_map(|(_, result)| result).for_each(|r| erased_rows.add_result(&r))
                }
                Part::Changes => {
                    values(&bytes).filter_map(|(_, change)| change).for_each(|change| erased_rows.add(change))
                }
                _ => {
                    let unchanged = values::<UnchangedRow>(&bytes).filter_map(|(_, row)| row);
                    erased_rows.processed.extend(unchanged.filter_map(|row| Some((row.row, row.guid?))));
                }
            }
        }
        Ok(erased_rows)
    }

    /// Takes lines of JSON out of an object, or parts of them. One that can't be read may be theirs, too.
    async fn lines<T: DeserializeOwned>(
        &mut self,
        key: &str,
        left_of: impl Fn(T) -> Left,
    ) -> Result<(), ValidateFault> {
        self.rewrite(key, |bytes| {
            let (mut kept, mut whole) = (Vec::with_capacity(bytes.len()), true);
            for (line, value) in values(bytes) {
                let left = value.map_or(Left::Nothing, &left_of);
                whole &= matches!(left, Left::All);
                match left {
                    Left::All => kept.extend([line, b"\n"].concat()),
                    Left::Other(lines) => kept.extend(lines),
                    Left::Nothing => {}
                }
            }
            if whole { RedactedFile::Unchanged } else { RedactedFile::Without(kept) }
        })
        .await
    }

    /// Writes an object anew, if it has lines of theirs. That it is no longer what a digest says is recorded first.
    async fn rewrite(&mut self, key: &str, redact: impl FnOnce(&[u8]) -> RedactedFile) -> Result<(), ValidateFault> {
        let Some((head, kept)) = without(self.cloud, key, redact).await? else { return Ok(()) };
        if self.record.upload.redacted_at != Some(self.now) {
            self.record.upload.redacted_at = Some(self.now);
            if self.cloud.upload_save(&mut self.record).await? == WriteOutcome::ConditionFailed {
                return Err(ValidateFault::Overtaken);
            }
        }
        put_in_place(self.cloud, &head, kept).await
    }
}

/// Returns the lines of an object with the values that they are; `None` for one that can't be read.
fn values<T: DeserializeOwned>(bytes: &[u8]) -> impl Iterator<Item = (&[u8], Option<T>)> {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| (line, serde_json::from_slice(line).ok()))
}

/// Returns the object as it is, and what is to stand in its place; `None` where it stays.
async fn without(
    cloud: &Cloud,
    key: &str,
    redact: impl FnOnce(&[u8]) -> RedactedFile,
) -> Result<Option<(Head, Vec<u8>)>, ValidateFault> {
    let Some(head) = cloud.object_head(key).await? else { return Ok(None) };
    let bytes = cloud.object_get_same(&head).await?.ok_or(ValidateFault::Overtaken)?;
    Ok(match redact(&bytes) {
        RedactedFile::Unchanged => None,
        RedactedFile::Without(kept) => Some((head, kept)),
        RedactedFile::Unreadable => {
            tracing::warn!(key, "it can't be read as rows, so all of it goes: it may have lines of erased users");
            Some((head, Vec::new()))
        }
    })
}

/// Writes an object in the place of the one that was read. What somebody else writes or deletes at the same time is
/// left to the next sweep.
async fn put_in_place(cloud: &Cloud, head: &Head, bytes: Vec<u8>) -> Result<(), ValidateFault> {
    match cloud.object_put_in_place(head, bytes).await? {
        WriteOutcome::Written => Ok(()),
        WriteOutcome::ConditionFailed => Err(ValidateFault::Overtaken),
    }
}
