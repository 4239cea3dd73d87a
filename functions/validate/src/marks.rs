//! What is odd about a roster of a program beside the last one of its kind.

use cloud::Cloud;
use cloud::bucket::digest;
use roster::WatchRules;
use roster::watching::{LastRoster, marks};
use wire::Upload;

use crate::ValidateFault;
use crate::rosters::Rosters;
use crate::store::KeptCopies;

/// What is compared of a roster but for its rows, which are known once it is checked.
pub(crate) struct SeenRoster {
    /// The SHA-256 of what it says, in hexadecimal, however its files were packed.
    sha256: String,
    files: u64,
}

impl SeenRoster {
    /// Returns what is compared of a roster whose copies were kept.
    pub(crate) fn of(rosters: &Rosters, kept: &KeptCopies) -> SeenRoster {
        // The copy of the file of users has no passwords, which may be all that is new.
        let users = rosters.users.as_ref().map(|users| digest(users)).unwrap_or_default();
        let parts: Vec<String> = kept.parts.iter().map(|(part, digest)| format!("{part:?} {digest}")).collect();
        let sha256 = digest([vec![users], parts].concat().join("\n").as_bytes());
        SeenRoster { sha256, files: rosters.parts.len().max(1) as u64 }
    }

    /// Marks the upload with what is odd about its roster, and remembers the roster for the next one. Done again it comes to
    /// the same, for it is compared with the last one that came before it.
    pub(crate) async fn mark(
        self,
        cloud: &Cloud,
        rules: &WatchRules,
        upload: &mut Upload,
        rows: u64,
    ) -> Result<(), ValidateFault> {
        if !rules.enabled || !upload.source.is_program() {
            return Ok(());
        }
        let last = cloud.last_roster_before(upload).await?;
        let SeenRoster { sha256, files } = self;
        let this = LastRoster { upload: upload.id.0.clone(), sha256, files, rows };
        upload.marks = marks(&this, last.as_ref(), rules.shrunken_percent);
        cloud.last_roster_put(upload, &this.or_longer(last.as_ref())).await?;
        Ok(())
    }
}
