//! The bucket: where its objects stand, and how they are read, written and linked to.

use std::time::Duration;

use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::table::WriteOutcome;
use crate::{Cloud, Error};

/// The headers that go with a link to `PUT`: those that are signed, without the ones that every client sends by itself. The
/// bucket has to let the page send them.
pub const HEADERS_OF_A_LINK: [&str; 3] = ["content-type", "if-none-match", "x-amz-checksum-sha256"];

/// Where every object stands.
///
/// | object | written by |
/// | --- | --- |
/// | `inbox/<mode>/<upload>/<file name>` | the browser, with a link that the API signed |
/// | `inbox/<mode>/<anything>` | anybody with rights on the bucket |
/// | `inbox/look/<upload>` | the API, empty, when somebody does not wait for the end of a pause |
/// | `approvals/<upload>` | whoever approves: the API, or `validate` where the settings do |
/// | `chunks/<upload>/<n>` | `apply`, to wake itself for one chunk |
/// | `uploads/<upload>/uploaded.csv` | `validate`: the file as sent, minus passwords |
/// | `uploads/<upload>/<plan digest>/…` | `validate`: `plan.json`, `plan.csv`, `errors.csv`, `unchanged.jsonl`, `findings/<n>.jsonl`, `findings/cut.jsonl` |
/// | `uploads/<upload>/changes/<n>-<chunk digest>.jsonl` | `validate` |
/// | `uploads/<upload>/passwords/<n>-<chunk digest>-<digest>.jsonl` | `validate`; deleted when the upload ends |
/// | `uploads/<upload>/results/<n>.jsonl` | `apply` |
/// | `uploads/<upload>/completed.csv`, `errors.csv`, `findings/<n>.jsonl` | `apply`, when it ends the upload |
/// | `credentials/<upload>.csv` | `apply`: the completed file with the temporary passwords, if there are any; deleted when they may no longer be read |
/// | `credentials/reset-<reset>.csv` | the API: the passwords of a reset; deleted likewise |
/// | `downloads/<random>.csv`, `downloads/<random>.xlsx`, `downloads/<random>.json`, `downloads/<random>.zip` | the API: users, the audit log, everything about one person or a feed for another system, which an administrator downloads; deleted after a day |
/// | `feeds/<format>.zip` | `apply`: the directory as another system reads it, which may fetch it there |
/// | `feeds/mark`, `feeds/written.json` | `apply`: what was carried out last, and what the feeds were made from |
///
/// # The objects of one upload over time
///
/// | when | comes | goes |
/// | --- | --- | --- |
/// | the file arrives | `inbox/…` | |
/// | somebody has it checked despite a pause | `inbox/look/<upload>` | that, once it is checked |
/// | `validate` has checked it | all of `uploads/<upload>/` that is `validate`'s | `inbox/…`, last |
/// | the plan is approved, by somebody or by the settings | `approvals/<upload>` | |
/// | `apply` has handled that | `chunks/<upload>/<n>`, once it has the lease | `approvals/<upload>` |
/// | `apply` has carried a chunk out | `results/<n>.jsonl` | `chunks/<upload>/<n>` |
/// | the upload ends, whichever way | `completed.csv`, `errors.csv`, findings and `credentials/<upload>.csv`, if it was carried out | `passwords/` |
/// | temporary passwords may no longer be read | | `credentials/<upload>.csv` |
/// | files are kept no longer | | all of `uploads/<upload>/` |
///
/// Where a step is broken off, the next event or the next sweep does what is left of it.
///
/// What depends on the directory stands under a digest: two runs of `validate` for one upload can't mix their
/// plans, and the one that is recorded with the upload is the one that holds.
pub mod keys {
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

    /// Returns the key under which the browser puts the file of a ticket. `file_name` must be a plain name.
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

    /// What an object below [`all_of`] is. What says whose the rows of a file are comes after what needs to know it.
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

    /// Returns the key of the completed file of a file of a set, but for that of users, which is [`completed`].
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

    /// Returns the key of the error file of an upload that is carried out; before that it is [`rejected_rows`].
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

    /// Returns the key of the hashes of a chunk's passwords. Two runs of `validate` make different ones, so each has
    /// its own.
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

    /// Whether the plan is carried out, so that the files say what became of it.
    pub fn is_applied(upload: &Upload) -> bool {
        matches!(upload.status, Status::Completed | Status::CompletedWithErrors)
    }
}

/// An object without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub key: String,
    pub bytes: u64,
    pub etag: String,
    /// Milliseconds since 1970.
    pub modified_at: u64,
}

/// A link by which a file is put into the bucket without any key of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkToPut {
    pub url: String,
    /// Names and values of the headers that the request must have: those of [`HEADERS_OF_A_LINK`].
    pub headers: Vec<(String, String)>,
}

/// Returns the SHA-256 of `bytes` in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns a digest in hexadecimal as S3 writes it.
fn as_checksum(digest: &str) -> String {
    let byte = |at| u8::from_str_radix(digest.get(at..at + 2)?, 16).ok();
    BASE64_STANDARD.encode((0..digest.len()).step_by(2).map_while(byte).collect::<Vec<u8>>())
}

/// Returns values as JSON lines.
pub fn lines<T: Serialize>(values: impl IntoIterator<Item = T>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in values {
        serde_json::to_writer(&mut bytes, &value).expect("our own types are JSON");
        bytes.push(b'\n');
    }
    bytes
}

/// Returns the values of JSON lines; `key` is for the error.
///
/// # Errors
///
/// [`Error::Object`] where a line is no such value.
pub fn from_lines<T: DeserializeOwned>(key: &str, bytes: &[u8]) -> Result<Vec<T>, Error> {
    let unreadable = |e: serde_json::Error| Error::Object { key: key.to_owned(), reason: e.to_string() };
    serde_json::Deserializer::from_slice(bytes).into_iter().map(|value| value.map_err(unreadable)).collect()
}

impl Cloud {
    /// Returns the object's size and age; `None` where there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer.
    pub async fn object_head(&self, key: &str) -> Result<Option<Head>, Error> {
        let answer = self.s3.head_object().bucket(&self.bucket).key(key).send().await;
        let Some(head) = found(answer)? else { return Ok(None) };
        Ok(Some(Head {
            key: key.to_owned(),
            bytes: head.content_length.unwrap_or_default().try_into().unwrap_or_default(),
            etag: head.e_tag.unwrap_or_default(),
            modified_at: millis(head.last_modified),
        }))
    }

    /// Returns the object's bytes; `None` where there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer, and [`Error::Object`] where the object can't be read.
    pub async fn object_get(&self, key: &str) -> Result<Option<Bytes>, Error> {
        let answer = self.s3.get_object().bucket(&self.bucket).key(key).send().await;
        read(key, found(answer)?).await
    }

    /// Returns the bytes of an object as it was when it was looked at; `None` where it is gone, or another stands in
    /// its place.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer, and [`Error::Object`] where the object can't be read.
    pub async fn object_get_same(&self, seen: &Head) -> Result<Option<Bytes>, Error> {
        let request = self.s3.get_object().bucket(&self.bucket).key(&seen.key).if_match(&seen.etag);
        match request.send().await {
            Err(error) if status(&error) == Some(412) => Ok(None),
            answer => read(&seen.key, found(answer)?).await,
        }
    }

    /// Returns the bytes of an object that must be there.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer, and [`Error::Object`] where the object is not there or
    /// can't be read.
    pub async fn object_get_needed(&self, key: &str) -> Result<Bytes, Error> {
        let missing = || Error::Object { key: key.to_owned(), reason: "it is not there".to_owned() };
        self.object_get(key).await?.ok_or_else(missing)
    }

    /// Writes the object, whatever was there. The type of its content follows from the name.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer.
    pub async fn object_put(&self, key: &str, bytes: impl Into<Bytes>) -> Result<(), Error> {
        self.put_request(key, bytes.into()).send().await?;
        Ok(())
    }

    /// Writes the object again, if it is still the one that was looked at.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer.
    pub async fn object_put_in_place(&self, seen: &Head, bytes: impl Into<Bytes>) -> Result<WriteOutcome, Error> {
        match self.put_request(&seen.key, bytes.into()).if_match(&seen.etag).send().await {
            Ok(_) => Ok(WriteOutcome::Written),
            Err(error) if matches!(status(&error), Some(404 | 412)) => Ok(WriteOutcome::ConditionFailed),
            Err(error) => Err(error.into()),
        }
    }

    fn put_request(&self, key: &str, bytes: Bytes) -> PutObjectFluentBuilder {
        let content_type = match key.rsplit_once('.') {
            Some((_, "csv")) => "text/csv; charset=utf-8",
            Some((_, "zip")) => "application/zip",
            Some((_, "xlsx")) => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            _ => "application/json",
        };
        let request = self.s3.put_object().bucket(&self.bucket).key(key).content_type(content_type);
        request.body(ByteStream::from(bytes))
    }

    /// Deletes the object, if there is one.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer.
    pub async fn object_delete(&self, key: &str) -> Result<(), Error> {
        self.s3.delete_object().bucket(&self.bucket).key(key).send().await?;
        Ok(())
    }

    /// Returns every object whose key begins with `prefix`.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer.
    pub async fn object_list(&self, prefix: &str) -> Result<Vec<Head>, Error> {
        let mut pages = self.s3.list_objects_v2().bucket(&self.bucket).prefix(prefix).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            found.extend(page?.contents.unwrap_or_default().into_iter().map(|object| Head {
                key: object.key.unwrap_or_default(),
                bytes: object.size.unwrap_or_default().try_into().unwrap_or_default(),
                etag: object.e_tag.unwrap_or_default(),
                modified_at: millis(object.last_modified),
            }));
        }
        Ok(found)
    }

    /// Returns a link, good for five minutes, that downloads the object under `file_name`.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the link can't be signed.
    pub async fn object_link_to_get(&self, key: &str, file_name: &str) -> Result<String, Error> {
        let plain: String =
            file_name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_. ".contains(c) { c } else { '_' }).collect();
        let request = self.s3.get_object().bucket(&self.bucket).key(key);
        let whole =
            if plain == file_name { String::new() } else { format!("; filename*=UTF-8''{}", in_header(file_name)) };
        let request = request.response_content_disposition(format!("attachment; filename=\"{plain}\"{whole}"));
        let signed = request.presigned(valid_for(Duration::from_secs(5 * 60))?).await?;
        Ok(signed.uri().to_owned())
    }

    /// Returns a link, good for 15 minutes, to `PUT` a file under `key`.
    ///
    /// It takes exactly `bytes` bytes with this SHA-256, in hexadecimal, and only while nothing is there.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the link can't be signed.
    pub async fn object_link_to_put(&self, key: &str, bytes: u64, sha256: &str) -> Result<LinkToPut, Error> {
        let length = i64::try_from(bytes).unwrap_or(i64::MAX);
        let request = self.s3.put_object().bucket(&self.bucket).key(key).content_length(length);
        let request = request.checksum_sha256(as_checksum(sha256));
        let request = request.content_type("text/csv").if_none_match("*");
        let signed = request.presigned(valid_for(Duration::from_secs(15 * 60))?).await?;
        // On Lambda there is one more, which traces the function's own requests and is not signed.
        let needed = signed_headers(signed.uri());
        let headers = signed.headers().filter(|(name, _)| needed.iter().any(|needed| needed == name));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ok(LinkToPut { url: signed.uri().to_owned(), headers })
    }
}

async fn read(
    key: &str,
    object: Option<aws_sdk_s3::operation::get_object::GetObjectOutput>,
) -> Result<Option<Bytes>, Error> {
    let Some(object) = object else { return Ok(None) };
    let unreadable =
        |e: aws_sdk_s3::primitives::ByteStreamError| Error::Object { key: key.to_owned(), reason: e.to_string() };
    Ok(Some(object.body.collect().await.map_err(unreadable)?.into_bytes()))
}

/// Returns the headers without which a link does not hold, but for those that every client sends by itself.
fn signed_headers(link: &str) -> Vec<String> {
    let names = link.split(['?', '&']).find_map(|field| field.strip_prefix("X-Amz-SignedHeaders=")).unwrap_or_default();
    let names = percent_decode_str(names).decode_utf8_lossy().into_owned();
    names.split(';').filter(|name| !["host", "content-length"].contains(name)).map(str::to_owned).collect()
}

/// Returns a name in the form of RFC 5987, which keeps letters that ASCII does not have.
fn in_header(name: &str) -> String {
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');
    utf8_percent_encode(name, ENCODED).to_string()
}

fn valid_for(time: Duration) -> Result<PresigningConfig, Error> {
    PresigningConfig::expires_in(time).map_err(|e| Error::Request { code: None, message: e.to_string() })
}

fn millis(time: Option<aws_sdk_s3::primitives::DateTime>) -> u64 {
    time.and_then(|time| time.to_millis().ok()).and_then(|millis| millis.try_into().ok()).unwrap_or_default()
}

/// Turns "no such object" into `None`. A `HEAD` has no body that could say it, only the status.
fn found<T, E>(answer: Result<T, aws_sdk_s3::error::SdkError<E>>) -> Result<Option<T>, Error>
where
    Error: From<aws_sdk_s3::error::SdkError<E>>,
{
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if status(&error) == Some(404) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn status<E>(error: &aws_sdk_s3::error::SdkError<E>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}
