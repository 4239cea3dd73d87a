//! The lease on the organisation: one plan is applied at a time, and the others wait in a queue.
//!
//! An upload enters the queue first (a `WAIT` item) and then tries to acquire the lease; a holder releases it first and
//! then reads the queue. Whatever the order in which the two happen, either the upload gets the lease, or the holder
//! sees it waiting. The one that waits longest is woken first; a plan that is approved at that very moment can be
//! quicker. The lease has no time limit: an upload that stands still is moved on by the sweep. On pages it is the
//! upload's turn.

use wire::UploadId;

use crate::table::{Key, SortKeys, WriteOutcome, condition, n, needed, number, s};
use crate::{Cloud, Error};

/// The result of asking for the lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    Acquired,
    /// Another upload has it; the one that asked is in the queue and is woken when the lease is released.
    HeldByAnother,
}

/// An approved upload that waits for the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub upload: UploadId,
    approved_at: u64,
}

impl Cloud {
    /// Acquires the lease for `id`, or leaves it in the queue.
    ///
    /// Acquires it again for the upload that has it.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn lease_acquire(&self, id: &UploadId, approved_at: u64) -> Result<Lease, Error> {
        let wait = Key::wait(approved_at, id);
        let waiting = [("upload".to_owned(), s(&id.0)), ("approved_at".to_owned(), n(approved_at))];
        self.item_put(&wait, waiting.into()).await?;
        let item = Key::lease().item().into_iter().chain([("holder".to_owned(), s(&id.0))]).collect();
        let request = self.dynamo.put_item().table_name(&self.table).set_item(Some(item));
        let request = request.condition_expression("attribute_not_exists(pk) OR holder = :me");
        let wrote = condition(request.expression_attribute_values(":me", s(&id.0)).send().await)?;
        if wrote == WriteOutcome::Written {
            self.item_delete(&wait).await?;
            return Ok(Lease::Acquired);
        }
        Ok(Lease::HeldByAnother)
    }

    /// Returns the upload that is being applied.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn lease_holder(&self) -> Result<Option<UploadId>, Error> {
        let Some(item) = self.item_get(&Key::lease()).await? else { return Ok(None) };
        Ok(Some(UploadId(needed(&item, "holder")?.to_owned())))
    }

    /// Releases the lease, if `id` has it.
    ///
    /// The caller must then read the queue, also where the lease was released before, for nobody may have read it
    /// since.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn lease_release(&self, id: &UploadId) -> Result<(), Error> {
        let request = self.dynamo.delete_item().table_name(&self.table).set_key(Some(Key::lease().item()));
        let request = request.condition_expression("holder = :me").expression_attribute_values(":me", s(&id.0));
        condition(request.send().await)?.accept_either();
        Ok(())
    }

    /// Returns the approved uploads that wait for the lease, oldest approval first.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn lease_waiters(&self) -> Result<Vec<Waiting>, Error> {
        let query = self.query_pk("TURN", SortKeys::StartingWith("WAIT#"));
        let answer = query.consistent_read(true).send().await?;
        let waiting = answer.items().iter().map(|item| {
            let approved_at = number(item, "approved_at").unwrap_or_default();
            Ok(Waiting { upload: UploadId(needed(item, "upload")?.to_owned()), approved_at })
        });
        waiting.collect()
    }

    /// Takes an upload out of the queue.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn lease_stop_waiting(&self, waiting: &Waiting) -> Result<(), Error> {
        self.item_delete(&Key::wait(waiting.approved_at, &waiting.upload)).await
    }
}
