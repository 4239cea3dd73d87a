//! What was sent as `validate` works with it: the file of users in memory that is shared, and the kept copies of the others.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use cloud::Cloud;
use cloud::bucket::{digest, keys};
use roster::{Finding, PartsOfSet, Sent, SetPart, Translation};
use wire::UploadId;

use crate::ValidateFault;

/// What was sent.
pub(crate) struct Rosters {
    /// The file of users; `None` in a set that has none.
    pub(crate) users: Option<Bytes>,
    /// `None` where it is one roster.
    pub(crate) set: Option<PartsOfSet>,
    /// The files of a set.
    pub(crate) parts: Vec<SetPart>,
    /// What is to be said of how they were packed.
    pub(crate) notes: Vec<Finding>,
    /// How files of another system were read as a set.
    pub(crate) translation: Option<Translation>,
}

impl Rosters {
    /// Takes what was read of `bytes`, which are not copied.
    pub(crate) fn new(sent: Sent, bytes: &Bytes) -> Rosters {
        let parts = sent.parts();
        let users = sent.users.map(|users| match users {
            Cow::Borrowed(users) => bytes.slice_ref(users),
            Cow::Owned(users) => Bytes::from(users),
        });
        Rosters { users, set: sent.set, parts, notes: sent.notes, translation: sent.translation }
    }

    /// Keeps the files beside that of users, and answers with the digests of the copies.
    pub(crate) async fn keep_parts(
        &self,
        cloud: &Cloud,
        id: &UploadId,
    ) -> Result<BTreeMap<SetPart, String>, ValidateFault> {
        let mut digests = BTreeMap::new();
        let files: Vec<_> = self.set.iter().flat_map(PartsOfSet::files).collect();
        for (part, file) in files {
            let kept = roster::kept_part(file);
            digests.insert(part, digest(&kept));
            cloud.object_put(&keys::uploaded_part(id, part), kept).await?;
        }
        Ok(digests)
    }
}
