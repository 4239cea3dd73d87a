//! Which upload was carried out last, so that a plan can say that the directory is no longer as it was compared.

use wire::UploadId;
use wire::audit::Entry;

use crate::table::{Key, WriteOutcome, n, needed, number, s};
use crate::transact::WriteAction;
use crate::uploads::UploadRecord;
use crate::{Cloud, Error};

/// The upload that was the last one to change anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastApplied {
    pub upload: UploadId,
    /// When it ended, in milliseconds since 1970 (UTC).
    pub at: u64,
}

impl Cloud {
    /// Returns the upload that was the last one to change anything.
    ///
    /// `None` where none has since this is kept.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn upload_get_last_applied(&self) -> Result<Option<LastApplied>, Error> {
        let Some(item) = self.item_get(&Key::last_applied()).await? else { return Ok(None) };
        let at = number(&item, "at").ok_or_else(|| Error::Item("the time is missing".to_owned()))?;
        Ok(Some(LastApplied { upload: UploadId(needed(&item, "upload")?.to_owned()), at }))
    }

    /// Saves an upload that has changed something and is over.
    ///
    /// It is recorded as the last one that has.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Contended`] where others write the same items
    /// again and again.
    pub async fn upload_save_applied(
        &self,
        record: &mut UploadRecord,
        entries: &[Entry],
    ) -> Result<WriteOutcome, Error> {
        let upload = &record.upload;
        let item = [("upload".to_owned(), s(&upload.id.0)), ("at".to_owned(), n(upload.updated_at))];
        let last = WriteAction::put(&Key::last_applied(), item.into());
        self.upload_save_and(record, entries, vec![last]).await
    }
}
