//! No enrolment outlives its user.

use futures::{StreamExt, TryStreamExt, stream};
use roster::{EndReason, Guid};
use wire::stored::Outcome;

use super::enrol::{Deed, EnrolmentWrite};
use super::log::ClassAuthor;
use crate::changes::Applying;
use crate::{Cloud, Error};

/// How many users leave their classes at once, and how many enrolments of one user go.
const SIDE_BY_SIDE: usize = 8;

impl Cloud {
    /// Ends every enrolment of a user who is not there any more, and returns how many.
    ///
    /// Repeating it is safe.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, [`Error::Item`] where an item of it can't be read, and
    /// [`Error::Contended`] where others write the same items again and again.
    pub async fn enrolment_end_all_of(&self, user: Guid, at: u64) -> Result<usize, Error> {
        self.enrolments_end(user, &ClassAuthor::by_hand(None, at)).await
    }

    /// Ends every enrolment of users whom an upload removed, also those that its plan does not know.
    pub(crate) async fn enrolment_end_all_of_removed(
        &self,
        users: Vec<Guid>,
        applying: &Applying<'_>,
    ) -> Result<(), Error> {
        let author = ClassAuthor::of_upload(applying);
        let ended = stream::iter(users).map(|user| self.enrolments_end(user, &author));
        let _: Vec<usize> = ended.buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
        Ok(())
    }

    /// Deletes every enrolment of a user who is erased. It may be stopped anywhere.
    pub(crate) async fn enrolment_delete_all_of(&self, user: Guid) -> Result<(), Error> {
        let keys = self.enrolment_keys_of_user(user).await?;
        let deleted = stream::iter(keys).map(|key| async move { self.item_delete(&key).await });
        deleted.buffer_unordered(SIDE_BY_SIDE).try_collect().await
    }

    async fn enrolments_end(&self, user: Guid, author: &ClassAuthor) -> Result<usize, Error> {
        let active = self.enrolment_list_of_user(user).await?.into_iter().filter(|enrolment| enrolment.is_active());
        let deed = Deed::End { seen: None, why: EndReason::UserRemoved };
        let ends: Vec<_> = active.map(|e| EnrolmentWrite { class: e.class, user, deed: deed.clone() }).collect();
        let outcomes = self.enrolment_write_all(ends, author).await?;
        Ok(outcomes.into_iter().filter(|outcome| *outcome == Outcome::Done).count())
    }
}
