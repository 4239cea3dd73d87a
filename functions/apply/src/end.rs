//! Ends an upload whose chunks are done: its files, its status, and the lease for the next one.
//!
//! Several may end the same upload at once. All read the same results and write the same files, and the status is
//! recorded once; everything after that does no harm when it is done again.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use cloud::Cloud;
use cloud::bucket::{from_lines, keys, lines};
use cloud::plans::{FINDINGS_PAGE, sources};
use cloud::table::WriteOutcome;
use cloud::uploads::Record;
use roster::{Change, Code, Column, CompletedRow, Finding, Findings, Guid, Mode, UnchangedRow};
use wire::audit::{Action, Entry};
use wire::stored::{ChangeResult, CutFindings, Outcome, PlanHead};
use wire::{FileKind, Progress, Status, Upload, UploadId};

use crate::{Fault, stop};

/// Writes the files, records how the upload ended, and releases the lease.
pub(crate) async fn end(cloud: &Cloud, mut record: Record, now: u64) -> Result<(), Fault> {
    let id = record.upload.id.clone();
    let (report, files) = match report(cloud, &record.upload).await {
        Ok(written) => written,
        // What it is made from is deleted once it is made.
        Err(_) if is_over(cloud, &id).await? => return release_and_wake_next(cloud, &id).await,
        Err(fault) if fault.is_lasting() => return stop::stop(cloud, record, &fault, now).await,
        Err(fault) => return Err(fault),
    };
    let upload = &mut record.upload;
    if upload.mode == Mode::Full {
        cloud.keep_full_rows(&upload.scope, report.head.counts.rows()).await?;
    }
    let clean = report.head.counts.rejected == 0 && report.left_alone == 0;
    upload.status = if clean { Status::Completed } else { Status::CompletedWithErrors };
    upload.left_alone = report.left_alone;
    upload.progress = upload.progress.map(|Progress { total, .. }| Progress { done: total, total });
    upload.files = files;
    upload.findings = report.findings.counts().clone();
    upload.updated_at = now;
    let entry = Entry::of_upload(now, Action::Applied, upload);
    if cloud.save_upload_with(&mut record, &[entry]).await? == WriteOutcome::ConditionFailed
        && !is_over(cloud, &id).await?
    {
        return Err(Fault::Overtaken(id));
    }
    tracing::info!(upload = %id, counts = ?report.head.counts, left_alone = report.left_alone, "ended");
    release_and_wake_next(cloud, &id).await
}

/// Finds out what became of every row, and writes the files that say it.
async fn report(cloud: &Cloud, upload: &Upload) -> Result<(Report, Vec<FileKind>), Fault> {
    let report = Report::read(cloud, upload).await?;
    let files = write_files(cloud, upload, &report).await?;
    Ok((report, files))
}

/// Releases the lease of an upload that is over, wakes the one that waits longest, and deletes the upload's secrets.
pub(crate) async fn release_and_wake_next(cloud: &Cloud, id: &UploadId) -> Result<(), Fault> {
    cloud.lease_release(id).await?;
    let mut result = Ok(());
    for waiting in cloud.lease_waiters().await? {
        match cloud.upload(&waiting.upload).await {
            Ok(Some(record)) if !record.upload.status.is_final() => {
                cloud.wake_apply(&record.upload).await?;
                break;
            }
            // It had the lease, and was stopped before it left the queue.
            Ok(_) => cloud.lease_stop_waiting(&waiting).await?,
            // The others do not wait for one that can't be read.
            Err(error) => result = Err(error.into()),
        }
    }
    cloud.close_upload(id).await?;
    result
}

pub(crate) async fn is_over(cloud: &Cloud, id: &UploadId) -> Result<bool, Fault> {
    Ok(cloud.upload(id).await?.is_some_and(|record| record.upload.status.is_final()))
}

/// What became of every row.
pub(crate) struct Report {
    pub(crate) head: PlanHead,
    /// The kept copy of the file.
    pub(crate) kept: Bytes,
    pub(crate) completed: BTreeMap<u32, CompletedRow>,
    /// Those of the check, and of what was left alone.
    pub(crate) findings: Findings,
    pub(crate) left_alone: u64,
}

impl Report {
    async fn read(cloud: &Cloud, upload: &Upload) -> Result<Report, Fault> {
        let id = &upload.id;
        let digest = upload.digest.as_deref().ok_or(Fault::Incomplete(id.clone(), "a digest"))?;
        let head = cloud.plan_head(id, digest).await?;
        let chunks = head.chunks.len();
        let kept = cloud.intact_object(&keys::uploaded(id), &sources(&head)?.uploaded).await?;
        let (completed, findings) = (BTreeMap::new(), Findings::default());
        let mut report = Report { head, kept, completed, findings, left_alone: 0 };
        report.add_unchanged(cloud, id, digest).await?;
        report.add_findings_of_check(cloud, upload, digest).await?;
        let seed = match chunks {
            0 => None,
            _ => Some(cloud.seeds_of(&report.head).await?.password),
        };
        for n in 0..chunks {
            report.add_chunk(cloud, upload, n as u32, seed.as_ref()).await?;
        }
        report.findings.sort();
        Ok(report)
    }

    pub(crate) async fn add_unchanged(&mut self, cloud: &Cloud, id: &UploadId, digest: &str) -> Result<(), Fault> {
        let expected = &sources(&self.head)?.unchanged;
        let unchanged: Vec<UnchangedRow> = cloud.intact_lines(keys::unchanged(id, digest), expected).await?;
        self.completed.extend(unchanged.into_iter().map(|unchanged| {
            let UnchangedRow { row, guid, username, why, not_updated } = unchanged;
            (row, CompletedRow { guid, username, temporary_password: None, result: why.as_str(), not_updated })
        }));
        Ok(())
    }

    pub(crate) async fn add_findings_of_check(
        &mut self,
        cloud: &Cloud,
        upload: &Upload,
        digest: &str,
    ) -> Result<(), Fault> {
        let mut kept: Vec<Finding> = Vec::new();
        for (n, expected) in (0..).zip(&sources(&self.head)?.findings) {
            kept.extend(cloud.intact_lines(keys::findings(&upload.id, Some(digest), n), expected).await?);
        }
        let cut = cloud.cut_findings(digest, &self.head).await?;
        let cut = cut.into_iter().map(|CutFindings { row, codes }| (row, codes));
        self.findings = Findings::restore(kept, upload.findings.clone(), cut.collect());
        Ok(())
    }

    async fn add_chunk(
        &mut self,
        cloud: &Cloud,
        upload: &Upload,
        n: u32,
        seed: Option<&[u8; 32]>,
    ) -> Result<(), Fault> {
        let id = &upload.id;
        let decision = upload.decision.as_ref().ok_or(Fault::Incomplete(id.clone(), "a decision"))?;
        let changes = cloud.changes_decided(upload, n, &self.head.chunks[n as usize], decision).await?;
        let key = keys::results(id, n);
        let missing = Fault::Incomplete(id.clone(), "the results of a part");
        let results: Vec<ChangeResult> = from_lines(&key, &cloud.get_object(&key).await?.ok_or(missing)?)?;
        let outcomes: HashMap<Guid, Outcome> =
            results.into_iter().map(|result| (result.guid, result.outcome)).collect();
        for change in &changes {
            let outcome = outcomes.get(&change.guid).ok_or(Fault::Incomplete(id.clone(), "the result of a change"))?;
            self.add_change(change, *outcome, seed);
        }
        Ok(())
    }

    pub(crate) fn add_change(&mut self, change: &Change, outcome: Outcome, seed: Option<&[u8; 32]>) {
        let code = match outcome {
            Outcome::Done => {
                self.completed.extend(change.row.map(|row| (row, completed(change, seed))));
                return;
            }
            Outcome::Drifted => Code::UserDrifted,
            Outcome::Taken => Code::TakenMeanwhile,
            Outcome::Protected => Code::UserProtected,
        };
        self.left_alone += 1;
        let custom_id = change.shown().map_or("", |fields| &fields.custom_id);
        let of_row = |row| Finding::at(code, row, Column::CustomId, custom_id);
        self.findings.push(match change.row {
            Some(row) => of_row(row),
            // A removed user is in no row: the custom ID says who it is.
            None => Finding { row: None, ..of_row(0) },
        });
    }
}

fn completed(change: &Change, seed: Option<&[u8; 32]>) -> CompletedRow {
    let password = change.password.zip(seed).and_then(|(source, seed)| source.temporary_password(seed, change.guid));
    CompletedRow {
        guid: Some(change.guid),
        username: change.shown().map(|fields| fields.username.clone()).unwrap_or_default(),
        temporary_password: password,
        result: change.result(),
        not_updated: change.not_updated.clone(),
    }
}

async fn write_files(cloud: &Cloud, upload: &Upload, report: &Report) -> Result<Vec<FileKind>, Fault> {
    let (id, mut files) = (&upload.id, vec![FileKind::Uploaded, FileKind::Plan]);
    for (n, page) in report.findings.chunks(FINDINGS_PAGE).enumerate() {
        cloud.put_object(&keys::all_findings(id, n as u32), lines(page)).await?;
    }
    let (Some(parsed), _) = roster::parse(&report.kept, &report.head.reading) else {
        return Err(Fault::Incomplete(id.clone(), "a file that can be read"));
    };
    if write_completed(cloud, id, &parsed, &report.completed).await? {
        files.push(FileKind::Completed);
    }
    if write_errors(cloud, &keys::errors(id), &parsed, &report.findings).await? {
        files.push(FileKind::Errors);
    }
    Ok(files)
}

/// Writes the completed file, with the temporary passwords and without, if it has any row.
pub(crate) async fn write_completed(
    cloud: &Cloud,
    id: &UploadId,
    parsed: &roster::ParsedRoster,
    completed: &BTreeMap<u32, CompletedRow>,
) -> Result<bool, Fault> {
    // Before the upload has ended nobody gets a link; so the passwords are there when the first one does.
    if completed.values().any(|row| row.temporary_password.is_some()) {
        cloud.put_object(&keys::credentials(id), roster::credentials_file(parsed, completed)).await?;
    }
    if !completed.is_empty() {
        cloud.put_object(&keys::completed(id), roster::completed_file(parsed, completed)).await?;
    }
    Ok(!completed.is_empty())
}

/// Writes the error file under `key`, if it has any row.
pub(crate) async fn write_errors(
    cloud: &Cloud,
    key: &str,
    parsed: &roster::ParsedRoster,
    findings: &Findings,
) -> Result<bool, Fault> {
    let errors = roster::errors_by_row(findings);
    if !errors.is_empty() {
        cloud.put_object(key, roster::error_file(parsed, &errors)).await?;
    }
    Ok(!errors.is_empty())
}
