//! The end of waiting for the end of a pause.

use wire::audit::{Action, Entry};
use wire::upload::Decider;
use wire::{Status, Upload, UploadId};

use crate::bucket::keys;
use crate::table::WriteOutcome;
use crate::uploads::UploadRecord;
use crate::{Cloud, Error};

impl Cloud {
    /// Records that an upload waits no longer, and answers with how it is.
    ///
    /// Its pause is over, or `by` has it checked now: of two at once one is recorded.
    ///
    /// `None` where there is no such upload.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, [`Error::Item`] where an item of it can't be read, and
    /// [`Error::Contended`] where others write the same items again and again.
    pub async fn upload_end_pause(
        &self,
        id: &UploadId,
        by: Option<Decider>,
        at: u64,
    ) -> Result<Option<UploadRecord>, Error> {
        loop {
            let Some(mut record) = self.upload_get(id).await? else { return Ok(None) };
            if record.upload.status != Status::Paused {
                return Ok(Some(record));
            }
            record.upload.end_pause(by.clone(), at);
            let entry = Entry::of_upload(at, Action::PauseEnded, &record.upload);
            if self.upload_save_with(&mut record, &[entry]).await? == WriteOutcome::Written {
                return Ok(Some(record));
            }
        }
    }

    /// Puts the object that makes `validate` look at an upload whose file waits in the inbox.
    ///
    /// It is empty: whether it is to be checked is in the record.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer.
    pub async fn upload_look_at(&self, upload: &Upload) -> Result<(), Error> {
        self.object_put(&keys::look_at(&upload.id), Vec::new()).await
    }
}
