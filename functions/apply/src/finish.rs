//! Ends an upload whose chunks are done: its files and its status.
//!
//! Several may end the same upload at once. All read the same results and write the same files, and the status is
//! recorded once.

use cloud::Cloud;
use cloud::bucket::{keys, lines};
use cloud::full_rows::RosterKind;
use cloud::plans::FINDINGS_PAGE;
use cloud::table::WriteOutcome;
use cloud::uploads::UploadRecord;
use wire::FileKind;
use wire::audit::{Action, Entry};
use wire::upload::Applied;

use crate::ApplyFault;
use crate::feeds::leave_mark;
use crate::report::{Report, measure, write_files};

/// Writes the files and records how the upload ended.
///
/// # Errors
///
/// [`ApplyFault::Overtaken`] where somebody else wrote the upload, which may be over then. If it is, what this reads may be
/// gone, too.
pub(crate) async fn finish(cloud: &Cloud, record: &mut UploadRecord, now: u64) -> Result<(), ApplyFault> {
    let id = record.upload.id.clone();
    let report = Box::pin(Report::read(cloud, &record.upload)).await?;
    for (n, page) in report.findings.chunks(FINDINGS_PAGE).enumerate() {
        cloud.object_put(&keys::all_findings(&id, n as u32), lines(page)).await?;
    }
    let written = Box::pin(write_files(cloud, &id, &report, &keys::errors(&id))).await?;
    let written = written.ok_or_else(|| ApplyFault::Incomplete(id.clone(), "a file that can be read"))?;
    if record.upload.mode.removes_absent() {
        cloud.full_rows_set(RosterKind::of(&record.upload), report.head.counts.rows()).await?;
    }
    let parts = record.upload.parts.iter().map(|part| FileKind::uploaded(*part));
    let sent: Vec<FileKind> = if record.upload.parts.is_empty() { vec![FileKind::Uploaded] } else { parts.collect() };
    let applied = Applied {
        rejected: report.head.counts.rejected + report.class_done.map_or(0, |counts| counts.rejected()),
        left_alone: report.left_alone,
        done: report.done,
        class_done: report.class_done,
        findings: report.findings.counts().clone(),
        files: sent.into_iter().chain([FileKind::Plan]).chain(written).collect(),
    };
    // Before the upload is over, for afterwards nobody would.
    leave_mark(cloud, id.0.clone()).await?;
    record.upload.finish(applied, now);
    let entry = Entry::of_upload(now, Action::Applied, &record.upload);
    let saved = match report.applied {
        0 => cloud.upload_save_with(record, &[entry]).await?,
        _ => cloud.upload_save_applied(record, &[entry]).await?,
    };
    if saved == WriteOutcome::ConditionFailed {
        return Err(ApplyFault::Overtaken(id));
    }
    measure(&id, report.applied, report.left_alone, now);
    tracing::info!(upload = %id, counts = ?report.head.counts, left_alone = report.left_alone, "ended");
    Ok(())
}
