//! Where every object stands.
//!
//! | object | written by |
//! | --- | --- |
//! | `inbox/<mode>/<upload>/<file name>` | the browser, with a link that the API signed |
//! | `inbox/<mode>/<anything>`, also below `sources/<source>/`, `schools/<external ID>/` and, for the files of a set, `sets/<name>/` | anybody with rights on the bucket |
//! | `inbox/look/<upload>` | the API, empty, when somebody does not wait for the end of a pause |
//! | `approvals/<upload>` | whoever approves: the API, or `validate` where the settings do |
//! | `chunks/<upload>/<n>` | `apply`, to wake itself for one chunk |
//! | `uploads/<upload>/uploaded.csv`, `uploads/<upload>/uploaded-classes.csv`, `uploads/<upload>/uploaded-enrolments.csv` | `validate`: the file, or the files of a set, as sent, minus passwords |
//! | `uploads/<upload>/<plan digest>/plan.json`, `uploads/<upload>/<plan digest>/plan.csv` | `validate`: the plan, and its file for people |
//! | `uploads/<upload>/<plan digest>/errors.csv`, `uploads/<upload>/<plan digest>/errors-classes.csv`, `uploads/<upload>/<plan digest>/errors-enrolments.csv` | `validate`: the rejected rows of each file |
//! | `uploads/<upload>/<plan digest>/unchanged.jsonl`, `uploads/<upload>/<plan digest>/class_rows.jsonl` | `validate`: the rows that change no user, and no enrolment |
//! | `uploads/<upload>/<plan digest>/findings/<n>.jsonl`, `uploads/<upload>/<plan digest>/findings/cut.jsonl` | `validate` |
//! | `uploads/<upload>/failed/findings/<n>.jsonl`, `uploads/<upload>/failed/findings/cut.jsonl` | `validate`, where the file failed, so that there is no plan |
//! | `uploads/<upload>/changes/<n>-<chunk digest>.jsonl`, `uploads/<upload>/classes/<n>-<chunk digest>.jsonl`, `uploads/<upload>/enrolments/<n>-<chunk digest>.jsonl` | `validate`: the changes of a chunk, of users, classes or enrolments |
//! | `uploads/<upload>/passwords/<n>-<chunk digest>-<digest>.jsonl` | `validate`; deleted when the upload ends |
//! | `uploads/<upload>/results/<n>.jsonl`, `uploads/<upload>/class_results/<n>.jsonl` | `apply`: what became of a chunk's changes of users, and of those of classes or enrolments |
//! | `uploads/<upload>/completed.csv`, `uploads/<upload>/completed-classes.csv`, `uploads/<upload>/completed-enrolments.csv` | `apply`, when it ends the upload |
//! | `uploads/<upload>/errors.csv`, `uploads/<upload>/errors-classes.csv`, `uploads/<upload>/errors-enrolments.csv` | `apply`, when it ends the upload |
//! | `uploads/<upload>/findings/<n>.jsonl` | `apply`, when it ends the upload: all findings, those of apply among them |
//! | `credentials/<upload>.csv` | `apply`: the completed file with the temporary passwords, if there are any; deleted when they may no longer be read |
//! | `credentials/reset-<reset>.csv` | the API: the passwords of a reset; deleted likewise |
//! | `credentials/copies/<random>.csv` | the API: one of these files without the passwords that its reader may not see; deleted after an hour |
//! | `downloads/<random>.csv`, `downloads/<random>.xlsx`, `downloads/<random>.json`, `downloads/<random>.zip` | the API: users, the audit log, everything about one person or a feed for another system, which an administrator downloads; deleted after a day |
//! | `feeds/<format>.zip` | `apply`: the directory as another system reads it, which may fetch it there |
//! | `feeds/mark`, `feeds/written.json` | `apply`: what was carried out last, and what the feeds were made from |
//!
//! # The objects of one upload over time
//!
//! | when | comes | goes |
//! | --- | --- | --- |
//! | the file arrives | `inbox/…` | |
//! | somebody has it checked despite a pause | `inbox/look/<upload>` | that, once it is checked |
//! | `validate` has checked it | all of `uploads/<upload>/` that is `validate`'s | `inbox/…`, last |
//! | the plan is approved, by somebody or by the settings | `approvals/<upload>` | |
//! | `apply` has handled that | `chunks/<upload>/<n>`, once it has the lease | `approvals/<upload>` |
//! | `apply` has carried a chunk out | `results/<n>.jsonl` | `chunks/<upload>/<n>` |
//! | the upload ends, whichever way | `completed.csv`, `errors.csv`, findings and `credentials/<upload>.csv`, if it was carried out | `passwords/` |
//! | temporary passwords may no longer be read | | `credentials/<upload>.csv` |
//! | files are kept no longer | | all of `uploads/<upload>/` |
//!
//! Where a step is broken off, the next event or the next sweep does what is left of it.
//!
//! What depends on the directory stands under a digest: two runs of `validate` for one upload can't mix their
//! plans, and the one that is recorded with the upload is the one that holds.

use roster::{FeedFormat, Mode, SetPart};
use wire::stored::{ChunkHead, ChunkOf};
use wire::{FileKind, Status, Upload, UploadId};

/// The folder of the users that administrators download.
pub const DOWNLOADS: &str = "downloads/";
/// The folder of temporary passwords: no other objects hold any.
pub const CREDENTIALS: &str = "credentials/";
/// The folder of rosters that are to be checked, with a folder for each sync mode.
pub const INBOX: &str = "inbox/";
/// The folder of uploads that are to be looked at now: an object stands for one whose file lies elsewhere in the inbox.
/// It says nothing but that it is time; whether an upload is checked stands in the table.
const LOOKED_AT: &str = "inbox/look/";
/// The folder of approvals: an object stands for a plan that is to be carried out.
pub const APPROVALS: &str = "approvals/";
/// The folder of chunks: an object stands for one that is to be carried out.
pub const CHUNKS: &str = "chunks/";

/// The folder of feeds that other systems fetch.
pub const FEEDS: &str = "feeds/";
/// The object that says what was carried out last.
pub const FEEDS_MARK: &str = "feeds/mark";
/// The object that says what the feeds were made from.
pub const FEEDS_WRITTEN: &str = "feeds/written.json";

/// Returns the key of the feed in a format.
pub fn feed(format: FeedFormat) -> String {
    format!("{FEEDS}{}.zip", format.as_str())
}

/// Returns the key under which the browser puts the file of a ticket.
///
/// `file_name` must be a plain name.
pub fn inbox(mode: Mode, id: &UploadId, file_name: &str) -> String {
    format!("{INBOX}{}/{id}/{file_name}", mode.as_str())
}

/// Returns the key that has `validate` look at an upload whose file waits in the inbox.
pub fn look_at(id: &UploadId) -> String {
    format!("{LOOKED_AT}{id}")
}

/// Returns the upload that such a key has looked at.
pub fn looked_at(key: &str) -> Option<UploadId> {
    key.strip_prefix(LOOKED_AT).map(|id| UploadId(id.to_owned()))
}

/// Returns the key that has `apply` begin with an upload.
pub fn approval(id: &UploadId) -> String {
    format!("{APPROVALS}{id}")
}

/// Returns the key that has `apply` carry out chunk `n` of an upload.
pub fn chunk(id: &UploadId, n: u32) -> String {
    format!("{CHUNKS}{id}/{n}")
}

/// Returns the prefix of everything that is kept of an upload, but for its temporary passwords.
pub fn all_of(id: &UploadId) -> String {
    format!("uploads/{id}/")
}

/// What an object below [`all_of`] is.
///
/// What says whose the rows of a file are comes after what needs to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Findings,
    CutFindings,
    /// The plan's file, for people.
    PlanFile,
    /// A file of rows as they were sent, for people.
    RowsFile,
    Uploaded,
    /// A file of enrolments, for people.
    EnrolmentsFile,
    /// What became of changes of classes and enrolments.
    ClassResults,
    Enrolments,
    /// Changes of classes, and the rows that change no enrolment.
    Classes,
    Results,
    Unchanged,
    Changes,
    Plan,
    Passwords,
}

impl Part {
    /// All of them.
    pub const ALL: [Part; 14] = [
        Part::Findings,
        Part::CutFindings,
        Part::PlanFile,
        Part::RowsFile,
        Part::Uploaded,
        Part::EnrolmentsFile,
        Part::ClassResults,
        Part::Enrolments,
        Part::Classes,
        Part::Results,
        Part::Unchanged,
        Part::Changes,
        Part::Plan,
        Part::Passwords,
    ];

    /// Returns what the object under the key is; `None` where no upload has such an object.
    pub fn from_key(key: &str) -> Option<Part> {
        let mut names = key.strip_prefix("uploads/")?.split('/').skip(1).collect::<Vec<_>>();
        let last = names.pop()?;
        Some(match (names.last().copied(), last) {
            (None, "uploaded.csv") => Part::Uploaded,
            (_, "plan.csv") => Part::PlanFile,
            (_, "completed.csv" | "errors.csv") => Part::RowsFile,
            (_, name) if name.ends_with("-classes.csv") => Part::Classes,
            (_, name) if name.ends_with("-enrolments.csv") => Part::EnrolmentsFile,
            (_, "plan.json") => Part::Plan,
            (_, "unchanged.jsonl") => Part::Unchanged,
            (_, "class_rows.jsonl") | (Some("classes"), _) => Part::Classes,
            (Some("enrolments"), _) => Part::Enrolments,
            (Some("class_results"), _) => Part::ClassResults,
            (Some("findings"), "cut.jsonl") => Part::CutFindings,
            (Some("findings"), _) => Part::Findings,
            (Some("changes"), _) => Part::Changes,
            (Some("results"), _) => Part::Results,
            (Some("passwords"), _) => Part::Passwords,
            _ => return None,
        })
    }
}

/// Returns the key of the file as it was sent, without its passwords.
pub fn uploaded(id: &UploadId) -> String {
    format!("uploads/{id}/uploaded.csv")
}

/// Returns the key of a file of a set as it is kept, but for that of users, which is [`uploaded`].
pub fn uploaded_part(id: &UploadId, part: SetPart) -> String {
    format!("uploads/{id}/uploaded-{}", part.file_name())
}

/// Returns the key of the completed file of a file of a set.
///
/// That of users is [`completed`].
pub fn completed_part(id: &UploadId, part: SetPart) -> String {
    format!("uploads/{id}/completed-{}", part.file_name())
}

/// Returns the key of the error file of a file of a set, but for that of users, which is [`errors`].
pub fn errors_part(id: &UploadId, part: SetPart) -> String {
    format!("uploads/{id}/errors-{}", part.file_name())
}

/// Returns the key of the error file of a file of a set as it is before the plan is carried out.
pub fn rejected_rows_part(id: &UploadId, digest: &str, part: SetPart) -> String {
    format!("uploads/{id}/{digest}/errors-{}", part.file_name())
}

/// Returns the key of the completed file.
pub fn completed(id: &UploadId) -> String {
    format!("uploads/{id}/completed.csv")
}

/// Returns the key of the completed file with the temporary passwords.
pub fn credentials(id: &UploadId) -> String {
    format!("{CREDENTIALS}{id}.csv")
}

/// Returns the prefix of the new passwords of all resets.
pub fn all_reset_credentials() -> String {
    format!("{CREDENTIALS}reset-")
}

/// Returns the key of the new passwords of a reset.
pub fn reset_credentials(reset: &str) -> String {
    format!("{CREDENTIALS}reset-{reset}.csv")
}

/// Returns the reset whose new passwords stand under the key.
pub fn reset_of(key: &str) -> Option<&str> {
    key.strip_prefix(CREDENTIALS)?.strip_prefix("reset-")?.strip_suffix(".csv")
}

/// Where copies stand that leave passwords out of one of these files, until they are fetched.
pub const CREDENTIALS_COPIES: &str = "credentials/copies/";

/// Returns the key of a copy for one person; `name` can't be guessed.
pub fn credentials_copy(name: &str) -> String {
    format!("{CREDENTIALS_COPIES}{name}.csv")
}

/// Returns the key of the error file of an upload that is carried out.
///
/// Before that it is [`rejected_rows`].
pub fn errors(id: &UploadId) -> String {
    format!("uploads/{id}/errors.csv")
}

/// Returns the key of the head of the plan with this digest.
pub fn plan(id: &UploadId, digest: &str) -> String {
    format!("uploads/{id}/{digest}/plan.json")
}

/// Returns the key of the plan's file, for people.
pub fn plan_file(id: &UploadId, digest: &str) -> String {
    format!("uploads/{id}/{digest}/plan.csv")
}

/// Returns the key of the error file as it is before the plan is carried out.
pub fn rejected_rows(id: &UploadId, digest: &str) -> String {
    format!("uploads/{id}/{digest}/errors.csv")
}

/// Returns the key of the rows that change nothing.
pub fn unchanged(id: &UploadId, digest: &str) -> String {
    format!("uploads/{id}/{digest}/unchanged.jsonl")
}

/// Returns the key of page `n` of what was found before the plan; a file that failed has no plan.
pub fn findings(id: &UploadId, digest: Option<&str>, n: u32) -> String {
    format!("uploads/{id}/{}/findings/{n}.jsonl", digest.unwrap_or("failed"))
}

/// Returns the key of the codes of rejected rows whose findings are not kept whole.
pub fn cut_findings(id: &UploadId, digest: Option<&str>) -> String {
    format!("uploads/{id}/{}/findings/cut.jsonl", digest.unwrap_or("failed"))
}

/// Returns the key of page `n` of all that was found, once the upload has ended.
pub fn all_findings(id: &UploadId, n: u32) -> String {
    format!("uploads/{id}/findings/{n}.jsonl")
}

/// Returns the key of the changes of chunk `n`.
pub fn changes(id: &UploadId, n: u32, chunk_digest: &str) -> String {
    format!("uploads/{id}/changes/{n}-{chunk_digest}.jsonl")
}

/// Returns the key of the changes of classes of chunk `n`.
pub fn class_changes(id: &UploadId, n: u32, chunk_digest: &str) -> String {
    format!("uploads/{id}/classes/{n}-{chunk_digest}.jsonl")
}

/// Returns the key of the changes of enrolments of chunk `n`.
pub fn enrolments(id: &UploadId, n: u32, chunk_digest: &str) -> String {
    format!("uploads/{id}/enrolments/{n}-{chunk_digest}.jsonl")
}

/// Returns the key of the changes of a chunk, whatever they are of.
pub fn changes_of_chunk(id: &UploadId, n: u32, chunk: &ChunkHead) -> String {
    match chunk.of {
        ChunkOf::Users => changes(id, n, &chunk.digest),
        ChunkOf::Classes => class_changes(id, n, &chunk.digest),
        ChunkOf::Enrolments => enrolments(id, n, &chunk.digest),
    }
}

/// Returns the key of the rows that change no enrolment.
pub fn class_rows(id: &UploadId, digest: &str) -> String {
    format!("uploads/{id}/{digest}/class_rows.jsonl")
}

/// Returns the key of what became of the changes of chunk `n`, which are of classes or enrolments.
pub fn class_results(id: &UploadId, n: u32) -> String {
    format!("uploads/{id}/class_results/{n}.jsonl")
}

/// Returns the key of the hashes of a chunk's passwords.
///
/// Two runs of `validate` make different ones, so each has its own.
pub fn passwords(id: &UploadId, n: u32, chunk_digest: &str, digest: &str) -> String {
    format!("{}{}.jsonl", passwords_of_chunk(id, n, chunk_digest), shortened(digest))
}

/// Returns the prefix of all hashes of a chunk's passwords.
pub fn passwords_of_chunk(id: &UploadId, n: u32, chunk_digest: &str) -> String {
    format!("{}{n}-{}-", all_passwords(id), shortened(chunk_digest))
}

/// Returns enough of a digest to tell objects apart; what is in one is compared with the whole digest.
fn shortened(digest: &str) -> &str {
    digest.get(..32).unwrap_or(digest)
}

/// Returns the prefix of all hashes of an upload's passwords.
pub fn all_passwords(id: &UploadId) -> String {
    format!("uploads/{id}/passwords/")
}

/// Returns the key of what became of the changes of chunk `n`.
pub fn results(id: &UploadId, n: u32) -> String {
    format!("uploads/{id}/results/{n}.jsonl")
}

/// Returns the key of a table that somebody downloads; `name` can't be guessed.
pub fn download(name: &str) -> String {
    format!("{DOWNLOADS}{name}.csv")
}

/// Returns the key of a workbook that somebody downloads; `name` can't be guessed.
pub fn download_workbook(name: &str) -> String {
    format!("{DOWNLOADS}{name}.xlsx")
}

/// Returns the key of a document that somebody downloads; `name` can't be guessed.
pub fn download_document(name: &str) -> String {
    format!("{DOWNLOADS}{name}.json")
}

/// Returns the key of an archive that somebody downloads; `name` can't be guessed.
pub fn download_archive(name: &str) -> String {
    format!("{DOWNLOADS}{name}.zip")
}

/// Returns the key of the file that a person downloads; `None` where the upload does not have it (yet).
pub fn file(upload: &Upload, kind: FileKind) -> Option<String> {
    if !upload.files.contains(&kind) {
        return None;
    }
    let (id, digest) = (&upload.id, upload.digest.as_deref());
    match kind {
        FileKind::Uploaded => Some(uploaded(id)),
        FileKind::Plan => digest.map(|digest| plan_file(id, digest)),
        FileKind::Completed => Some(completed(id)),
        FileKind::Errors if is_applied(upload) => Some(errors(id)),
        FileKind::Errors => digest.map(|digest| rejected_rows(id, digest)),
        FileKind::UploadedClasses => Some(uploaded_part(id, SetPart::Classes)),
        FileKind::UploadedEnrolments => Some(uploaded_part(id, SetPart::Enrolments)),
        FileKind::CompletedClasses => Some(completed_part(id, SetPart::Classes)),
        FileKind::CompletedEnrolments => Some(completed_part(id, SetPart::Enrolments)),
        FileKind::ErrorsClasses => errors_of_part(upload, SetPart::Classes),
        FileKind::ErrorsEnrolments => errors_of_part(upload, SetPart::Enrolments),
    }
}

fn errors_of_part(upload: &Upload, part: SetPart) -> Option<String> {
    if is_applied(upload) {
        return Some(errors_part(&upload.id, part));
    }
    upload.digest.as_deref().map(|digest| rejected_rows_part(&upload.id, digest, part))
}

/// Returns whether the plan is carried out, so that the files say what became of it.
pub fn is_applied(upload: &Upload) -> bool {
    matches!(upload.status, Status::Completed | Status::CompletedWithErrors)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_has_every_part_of_an_upload_and_nothing_else() {
        let rows = include_str!("keys.rs").lines().filter(|line| line.starts_with("//! | `uploads/"));
        let keys: Vec<&str> = rows.flat_map(|row| row.split('`')).filter(|word| word.starts_with("uploads/")).collect();
        let parts: BTreeSet<Part> = keys
            .into_iter()
            .map(|key| Part::from_key(key).unwrap_or_else(|| panic!("no upload has an object {key}")))
            .collect();
        assert_eq!(parts, BTreeSet::from(Part::ALL));
    }
}
