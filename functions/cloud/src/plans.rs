//! Plans in the bucket: immutable, and read only under the digest that was recorded or approved.

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use roster::{Change, ClassChange, EnrolmentChange, Finding};
use serde::de::DeserializeOwned;
use wire::stored::{ChunkHead, CutFindings, PasswordHash, PlanHead, Sources, VERSION};
use wire::{Decision, Upload, UploadId};

use crate::bucket::{digest, from_lines, keys};
use crate::error::unreadable_place;
use crate::uploads::Seeds;
use crate::{Cloud, Error};

/// How many changes a chunk has at most (an exchange is never split, so that it may be a few more).
pub const CHUNK: usize = 1000;

/// How many findings a page has.
pub const FINDINGS_PAGE: usize = 1000;

/// How many objects of a plan are looked at side by side.
const SIDE_BY_SIDE: usize = 8;

impl Cloud {
    /// Returns the head of the plan with this digest.
    ///
    /// # Errors
    ///
    /// [`Error::Altered`] where the plan is gone or is not what its digest says, [`Error::OtherVersion`] where another
    /// version of Rollbook wrote it, and [`Error::Request`] where the bucket does not answer.
    pub async fn plan_head_get(&self, id: &UploadId, plan_digest: &str) -> Result<PlanHead, Error> {
        let key = keys::plan(id, plan_digest);
        let bytes = self.object_get_intact(&key, plan_digest).await?;
        // The digest is right, so the bytes are as they were written: by another version, if they can't be read.
        let other = |reason| Error::OtherVersion { upload: id.clone(), reason };
        let head: PlanHead = serde_json::from_slice(&bytes).map_err(|error| other(unreadable_place(&error)))?;
        if head.version == VERSION { Ok(head) } else { Err(other(format!("its form is {}", head.version))) }
    }

    /// Checks every object that apply reads against its digest.
    ///
    /// # Errors
    ///
    /// [`Error::Altered`] where one is not what its digest says, [`Error::OtherVersion`] where the plan does not name
    /// all digests, and [`Error::Request`] where the table or the bucket does not answer.
    pub async fn plan_check(&self, plan_digest: &str, head: &PlanHead) -> Result<(), Error> {
        let id = &head.upload;
        let Sources { uploaded, parts, unchanged, findings, cut_findings, password_seed: _ } = sources(head)?;
        let mut objects = vec![(keys::unchanged(id, plan_digest), unchanged.clone())];
        objects.extend((!uploaded.is_empty()).then(|| (keys::uploaded(id), uploaded.clone())));
        objects.extend(parts.iter().map(|(part, digest)| (keys::uploaded_part(id, *part), digest.clone())));
        let cut = cut_findings.iter().map(|digest| (keys::cut_findings(id, Some(plan_digest)), digest.clone()));
        objects.extend(cut);
        let pages = (0..).zip(findings);
        objects.extend(pages.map(|(n, digest)| (keys::findings(id, Some(plan_digest), n), digest.clone())));
        let class_rows = head.classes.iter().map(|classes| classes.rows.clone());
        objects.extend(class_rows.map(|digest| (keys::class_rows(id, plan_digest), digest)));
        for (n, chunk) in (0..).zip(&head.chunks) {
            objects.push((keys::changes_of_chunk(id, n, chunk), chunk.digest.clone()));
            let passwords = chunk.passwords.iter();
            objects.extend(passwords.map(|digest| (keys::passwords(id, n, &chunk.digest, digest), digest.clone())));
        }
        let looked_at = stream::iter(objects)
            .map(|(key, digest)| async move { self.object_get_intact(&key, &digest).await.map(drop) });
        looked_at.buffer_unordered(SIDE_BY_SIDE).try_collect::<()>().await?;
        if head.chunks.is_empty() { Ok(()) } else { self.plan_seeds_get(head).await.map(drop) }
    }

    /// Returns the seeds that the plan was made with.
    ///
    /// # Errors
    ///
    /// [`Error::Altered`] where they are gone or others, [`Error::OtherVersion`] where the plan does not name their
    /// digest, and [`Error::Request`] where the table does not answer.
    pub async fn plan_seeds_get(&self, head: &PlanHead) -> Result<Seeds, Error> {
        let expected = &sources(head)?.password_seed;
        let seeds = self.seeds_get(&head.upload).await?.filter(|seeds| digest(&seeds.password) == *expected);
        seeds.ok_or_else(|| Error::Altered(format!("the secret of {}", head.upload)))
    }

    /// Returns the changes of chunk `n` of a plan.
    ///
    /// Lines may have been taken out of a chunk that was carried out.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer, [`Error::Altered`] where the object is gone or is not what
    /// its digest says, and [`Error::Object`] where it can't be read.
    pub async fn plan_changes_get(&self, upload: &Upload, n: u32, chunk: &ChunkHead) -> Result<Vec<Change>, Error> {
        self.chunk_get(upload, n, chunk).await
    }

    /// Returns the class changes of chunk `n` of a plan.
    ///
    /// The chunk must be of [`ChunkOf::Classes`].
    ///
    /// # Errors
    ///
    /// As [`Cloud::plan_changes_get`].
    pub async fn plan_class_changes_get(
        &self,
        upload: &Upload,
        n: u32,
        chunk: &ChunkHead,
    ) -> Result<Vec<ClassChange>, Error> {
        self.chunk_get(upload, n, chunk).await
    }

    /// Returns the changes of enrolments of chunk `n` of a plan.
    ///
    /// The chunk must be of [`ChunkOf::Enrolments`].
    ///
    /// Lines may have been taken out of a chunk that was carried out.
    ///
    /// # Errors
    ///
    /// As [`Cloud::plan_changes_get`].
    pub async fn plan_enrolments_get(
        &self,
        upload: &Upload,
        n: u32,
        chunk: &ChunkHead,
    ) -> Result<Vec<EnrolmentChange>, Error> {
        self.chunk_get(upload, n, chunk).await
    }

    async fn chunk_get<T: DeserializeOwned>(
        &self,
        upload: &Upload,
        n: u32,
        chunk: &ChunkHead,
    ) -> Result<Vec<T>, Error> {
        let key = keys::changes_of_chunk(&upload.id, n, chunk);
        let bytes = match upload.redacted_at {
            Some(_) if upload.status.is_final() => self.object_get_needed(&key).await?,
            _ => self.object_get_intact(&key, &chunk.digest).await?,
        };
        from_lines(&key, &bytes)
    }

    /// Returns what is carried out of chunk `n` by a decision.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer, [`Error::Altered`] where the object is gone or is not what
    /// its digest says, and [`Error::Object`] where it can't be read.
    pub async fn plan_changes_get_decided(
        &self,
        upload: &Upload,
        n: u32,
        chunk: &ChunkHead,
        decision: &Decision,
    ) -> Result<Vec<Change>, Error> {
        Ok(decision.chosen(self.plan_changes_get(upload, n, chunk).await?))
    }

    /// Returns the hashes of the passwords of chunk `n`.
    ///
    /// Only those that were hashed when the file was checked.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer, [`Error::Altered`] where the object is gone or is not what
    /// its digest says, and [`Error::Object`] where it can't be read.
    pub async fn chunk_passwords_get(
        &self,
        id: &UploadId,
        n: u32,
        chunk: &ChunkHead,
    ) -> Result<Vec<PasswordHash>, Error> {
        match &chunk.passwords {
            Some(digest) => self.object_get_intact_lines(keys::passwords(id, n, &chunk.digest, digest), digest).await,
            None => Ok(Vec::new()),
        }
    }

    /// Returns the values of an object's JSON lines, which must be what their digest says.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer, [`Error::Altered`] where the object is gone or is not what
    /// its digest says, and [`Error::Object`] where it can't be read.
    pub async fn object_get_intact_lines<T: DeserializeOwned>(
        &self,
        key: String,
        expected: &str,
    ) -> Result<Vec<T>, Error> {
        from_lines(&key, &self.object_get_intact(&key, expected).await?)
    }

    /// Returns the bytes of an object, which must be what their digest says.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer, and [`Error::Altered`] where the object is gone or is not
    /// what its digest says.
    pub async fn object_get_intact(&self, key: &str, expected: &str) -> Result<Bytes, Error> {
        let bytes = self.object_get(key).await?.filter(|bytes| digest(bytes) == expected);
        bytes.ok_or_else(|| Error::Altered(key.to_owned()))
    }

    /// Returns the codes of rejected rows whose findings are too many to be kept whole.
    ///
    /// They are of the plan with this digest.
    ///
    /// # Errors
    ///
    /// [`Error::OtherVersion`] where the plan does not name their digest, [`Error::Altered`] where they are gone or are
    /// not what it says, and [`Error::Request`] where the bucket does not answer.
    pub async fn finding_list_cut(&self, plan_digest: &str, head: &PlanHead) -> Result<Vec<CutFindings>, Error> {
        match &sources(head)?.cut_findings {
            Some(digest) => {
                self.object_get_intact_lines(keys::cut_findings(&head.upload, Some(plan_digest)), digest).await
            }
            None => Ok(Vec::new()),
        }
    }

    /// Returns page `n` of an upload's findings, in the order of the rows; `None` past the last one.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer, and [`Error::Object`] where the object can't be read.
    pub async fn finding_list(&self, upload: &Upload, n: u32) -> Result<Option<Vec<Finding>>, Error> {
        let key = if keys::is_applied(upload) {
            keys::all_findings(&upload.id, n)
        } else {
            keys::findings(&upload.id, upload.digest.as_deref(), n)
        };
        self.object_get(&key).await?.map(|bytes| from_lines(&key, &bytes)).transpose()
    }
}

/// Returns the digests of what the upload of the plan is ended with.
///
/// # Errors
///
/// [`Error::OtherVersion`] where the plan has none.
pub fn sources(head: &PlanHead) -> Result<&Sources, Error> {
    let unnamed = || Error::OtherVersion {
        upload: head.upload.clone(),
        reason: "it does not name what it was made from".to_owned(),
    };
    head.sources.as_ref().ok_or_else(unnamed)
}
