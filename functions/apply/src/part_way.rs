//! What can be told of a plan that was stopped part way: who was changed by then, and what temporary passwords they got.
//! Nobody could sign in with those otherwise, for what they follow from is deleted when the upload is over.

use std::collections::HashMap;

use bytes::Bytes;
use cloud::Cloud;
use cloud::bucket::{from_lines, keys};
use cloud::plans::sources;
use cloud::uploads::UploadRecord;
use roster::{Change, Guid};
use wire::FileKind;
use wire::stored::{ChangeResult, ChunkOf, Outcome, PlanHead};

use crate::report::{Report, write_files};
use crate::{ApplyFault, class_chunk};

/// What was told of a plan that was stopped.
#[derive(Debug, Default)]
pub(crate) struct PartWay {
    /// The files that were written.
    pub(crate) files: Vec<FileKind>,
    /// How many changes were made, and how many were left alone, as far as it can be told.
    pub(crate) applied: u64,
    pub(crate) left_alone: u64,
    /// How many users have temporary passwords that nobody can read.
    pub(crate) lost: usize,
    /// Of a part it can't be told whom it changed.
    pub(crate) in_doubt: bool,
}

/// Writes the files as far as what they are made from is intact.
pub(crate) async fn tell(cloud: &Cloud, record: &UploadRecord) -> Result<PartWay, ApplyFault> {
    let id = &record.upload.id;
    let in_doubt = PartWay { in_doubt: true, ..PartWay::default() };
    let Some(digest) = &record.upload.digest else { return Ok(in_doubt) };
    let Some(head) = if_intact(cloud.plan_head_get(id, digest).await)? else { return Ok(in_doubt) };
    let kept = match sources(&head) {
        Ok(sources) => if_intact(cloud.object_get_intact(&keys::uploaded(id), &sources.uploaded).await)?,
        Err(_) => None,
    };
    let seed = if_intact(cloud.plan_seeds_get(&head).await)?.map(|seeds| seeds.password);
    let mut report = Report::new(head, kept.unwrap_or_default());
    if_intact(report.add_unchanged(cloud, id, digest).await)?;
    if_intact(report.add_class_rows(cloud, id, digest).await)?;
    if_intact(report.add_findings_of_check(cloud, &record.upload, digest).await)?;
    let (mut given, mut in_doubt) = (0, false);
    for n in 0..report.head.chunks.len() {
        if report.head.chunks[n].of != ChunkOf::Users {
            in_doubt |= !add_class_chunk(cloud, record, &mut report, n).await?;
            continue;
        }
        let Some(done) = if_intact(done_of_chunk(cloud, record, &report.head, n).await)? else {
            in_doubt = true;
            continue;
        };
        for (change, outcome) in done {
            let random = change.password.is_some_and(|source| !source.is_hashed_ahead());
            given += usize::from(random && outcome == Outcome::Done);
            report.add_change(&change, outcome, seed.as_ref());
        }
    }
    report.join_classes();
    report.findings.sort();
    // The error file stands where that of an upload is that was not carried out.
    let written = if_intact(write_files(cloud, id, &report, &keys::rejected_rows(id, digest)).await)?;
    let files = written.flatten().unwrap_or_default();
    let readable = files.contains(&FileKind::Completed) && seed.is_some();
    let (applied, left_alone) = (report.applied, report.left_alone);
    Ok(PartWay { files, applied, left_alone, lost: if readable { 0 } else { given }, in_doubt })
}

/// Adds what became of a part with classes or enrolments; whether that can be told.
async fn add_class_chunk(
    cloud: &Cloud,
    record: &UploadRecord,
    report: &mut Report,
    n: usize,
) -> Result<bool, ApplyFault> {
    let upload = &record.upload;
    let Some(decision) = &upload.decision else { return Ok(false) };
    let chunk = (n as u32, &report.head.chunks[n].clone());
    let changes = if_intact(class_chunk::changes(cloud, upload, chunk, decision).await)?;
    let outcomes = if_intact(class_chunk::outcomes(cloud, upload, n as u32).await)?.flatten();
    let whole = changes.zip(outcomes).filter(|(changes, outcomes)| changes.len() == outcomes.len());
    let Some((changes, outcomes)) = whole else { return Ok(false) };
    report.add_class_changes(&changes, &outcomes);
    Ok(true)
}

/// Returns what is intact, or `None`. Only a fault that passes is worth another attempt.
fn if_intact<T, E: Into<ApplyFault>>(read: Result<T, E>) -> Result<Option<T>, ApplyFault> {
    match read.map_err(Into::into) {
        Ok(intact) => Ok(Some(intact)),
        Err(fault) if fault.passes() => Err(fault),
        Err(fault) => {
            tracing::warn!(%fault, "a part of a stopped plan can't be told of");
            Ok(None)
        }
    }
}

/// Returns the changes of a part that were come to, with what became of them. Where a part was stopped itself, the
/// histories of its users tell.
async fn done_of_chunk(
    cloud: &Cloud,
    record: &UploadRecord,
    head: &PlanHead,
    n: usize,
) -> Result<Vec<(Change, Outcome)>, ApplyFault> {
    let upload = &record.upload;
    let incomplete = |what| ApplyFault::Incomplete(upload.id.clone(), what);
    let decision = upload.decision.as_ref().ok_or(incomplete("a decision"))?;
    let changes = cloud.plan_changes_get_decided(upload, n as u32, &head.chunks[n], decision).await?;
    let key = keys::results(&upload.id, n as u32);
    let results = cloud.object_get(&key).await?.and_then(|bytes: Bytes| {
        let unreadable = |error| tracing::warn!(upload = %upload.id, chunk = n, %error, "results can't be read");
        from_lines(&key, &bytes).map_err(unreadable).ok()
    });
    let outcomes: HashMap<Guid, Outcome> = match results {
        Some(results) => results.into_iter().map(|result: ChangeResult| (result.guid, result.outcome)).collect(),
        None => {
            let at = record.applied_at.ok_or(incomplete("the time of its turn"))?;
            let written =
                cloud.history_users_written_by(&upload.id, at, changes.iter().map(|change| change.guid)).await?;
            written.into_iter().map(|guid| (guid, Outcome::Done)).collect()
        }
    };
    let come_to = changes.into_iter().filter_map(|change| {
        let outcome = *outcomes.get(&change.guid)?;
        Some((change, outcome))
    });
    Ok(come_to.collect())
}
