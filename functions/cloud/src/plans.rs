//! Plans in the bucket: immutable, and read only under the digest that was recorded or approved.

use roster::{Change, Finding};
use wire::stored::{ChunkHead, CutFindings, PlanHead, VERSION};
use wire::{Decision, Upload, UploadId};

use crate::bucket::{digest, from_lines, keys};
use crate::{Cloud, Error};

/// How many changes a chunk has at most (an exchange is never split, so that it may be a few more).
pub const CHUNK: usize = 1000;

/// How many findings a page has.
pub const FINDINGS_PAGE: usize = 1000;

impl Cloud {
    /// The head of the plan with this digest.
    pub async fn plan_head(&self, id: &UploadId, plan_digest: &str) -> Result<PlanHead, Error> {
        let key = keys::plan(id, plan_digest);
        let bytes = self.get_needed_object(&key).await?;
        let unreadable = |reason: String| Error::Object { key: key.clone(), reason };
        if digest(&bytes) != plan_digest {
            return Err(unreadable("it is not what its digest says".to_owned()));
        }
        let head: PlanHead = serde_json::from_slice(&bytes).map_err(|e| unreadable(e.to_string()))?;
        match head.version {
            VERSION => Ok(head),
            other => Err(unreadable(format!("version {other} is not known"))),
        }
    }

    /// The changes of chunk `n` of a plan.
    pub async fn changes(&self, id: &UploadId, n: u32, chunk: &ChunkHead) -> Result<Vec<Change>, Error> {
        let key = keys::changes(id, n, &chunk.digest);
        let bytes = self.get_needed_object(&key).await?;
        if digest(&bytes) != chunk.digest {
            return Err(Error::Object { key, reason: "it is not what its digest says".to_owned() });
        }
        from_lines(&key, &bytes)
    }

    /// What is carried out of chunk `n` by a decision.
    pub async fn changes_decided(
        &self,
        id: &UploadId,
        n: u32,
        chunk: &ChunkHead,
        decision: &Decision,
    ) -> Result<Vec<Change>, Error> {
        Ok(decision.chosen(self.changes(id, n, chunk).await?))
    }

    /// The codes of rejected rows whose findings are too many to be kept whole.
    pub async fn cut_findings(&self, upload: &Upload) -> Result<Vec<CutFindings>, Error> {
        let key = keys::cut_findings(&upload.id, upload.digest.as_deref());
        match self.get_object(&key).await? {
            Some(bytes) => from_lines(&key, &bytes),
            None => Ok(Vec::new()),
        }
    }

    /// Page `n` of an upload's findings, in the order of the rows; empty past the last one.
    pub async fn findings(&self, upload: &Upload, n: u32) -> Result<Vec<Finding>, Error> {
        let key = match keys::is_applied(upload) {
            true => keys::all_findings(&upload.id, n),
            false => keys::findings(&upload.id, upload.digest.as_deref(), n),
        };
        match self.get_object(&key).await? {
            Some(bytes) => from_lines(&key, &bytes),
            None => Ok(Vec::new()),
        }
    }
}
