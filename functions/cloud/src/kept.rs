//! Which uploads have files, and the lines of which erased users are still in them.
//!
//! Every upload has a marker item from when it enters the history until its files are deleted. It says up to when erased
//! users were taken out of the files: those who were erased later still have to be.

use roster::Guid;
use wire::UploadId;
use wire::audit::{Action, Entry, Subject, said};

use crate::audit::iso_time;
use crate::bucket::keys;
use crate::table::{Item, Key, SortKeys, from_json, json, n, needed, number};
use crate::transact::{Transacted, WriteAction};
use crate::uploads::upload_id;
use crate::{Cloud, Error};

/// An upload that has files, as far as one knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub id: UploadId,
    /// The lines of users that were erased up to then are out of them, in milliseconds since 1970. Lines that came
    /// later are of the same person's new account.
    pub redacted_to: u64,
}

/// A user that was erased, and may still stand in files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedUser {
    pub at: u64,
    pub guid: Guid,
    /// All that it ever had and nobody else has.
    pub custom_ids: Vec<String>,
    /// When its history was gone and it left the lists; `None` where that is not done, or an earlier version did it.
    pub left_lists_at: Option<u64>,
}

/// What became of a note that nothing is left of an erased user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    Written,
    /// Somebody else wrote it.
    ThereIsOne,
}

impl Kept {
    /// Returns whether the upload is from before a moment, in milliseconds since 1970.
    pub fn is_before(&self, at: u64) -> bool {
        self.id < upload_id(at, [0; 10])
    }
}

impl Cloud {
    /// Writes the marker item of an upload that has files, unless it is there.
    pub(crate) async fn upload_files_mark(&self, id: &UploadId, at: u64) -> Result<(), Error> {
        self.item_put_new(&Key::kept(id), redacted_to(at)).await?.accept_either();
        Ok(())
    }

    /// Returns the uploads that have files, oldest first.
    ///
    /// Only those that are older than `before`, where it is given.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn upload_list_with_files(&self, before: Option<u64>) -> Result<Vec<Kept>, Error> {
        // Ids begin with the time, and sort by it.
        let end = before.map_or_else(|| "~".to_owned(), |before| upload_id(before, [0; 10]).0);
        let items = self.items_before(Key::kept_pk(), end).await?;
        let kept = items.iter().map(|item| {
            let redacted_to = number(item, "redacted_to").unwrap_or_default();
            Ok(Kept { id: UploadId(needed(item, "sk")?.to_owned()), redacted_to })
        });
        kept.collect()
    }

    /// Records that the lines of users that were erased up to `at` are out of the upload's files.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn upload_files_redacted_to(&self, id: &UploadId, at: u64) -> Result<(), Error> {
        self.item_put(&Key::kept(id), redacted_to(at)).await
    }

    /// Deletes everything that is kept of the upload in the bucket, and then its marker item.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table or the bucket does not answer.
    pub async fn upload_files_delete(&self, id: &UploadId) -> Result<(), Error> {
        for object in self.object_list(&keys::all_of(id)).await? {
            self.object_delete(&object.key).await?;
        }
        self.object_delete(&keys::credentials(id)).await?;
        self.item_delete(&Key::kept(id)).await
    }

    /// Returns the users that were erased and may still stand in files, the earliest first.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn erased_user_list(&self) -> Result<Vec<ErasedUser>, Error> {
        let items = self.items_before(Key::erased_pk(), "~".to_owned()).await?;
        items.iter().map(erased_user).collect()
    }

    /// Deletes the marker item of a user that was erased, because no file has lines of it any more.
    ///
    /// The audit log says so: when the account was erased, when it left the lists at `now`, and how many `uploads` with
    /// files there are from before that.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, [`Error::Item`] where an item of it can't be read, and
    /// [`Error::Contended`] where others write the same items again and again.
    pub async fn erased_user_forget(&self, user: &ErasedUser, uploads: usize, now: u64) -> Result<Receipt, Error> {
        let marker = WriteAction::delete(&Key::erased(user.at, user.guid)).only_if("attribute_exists(pk)", []);
        let entry = self.receipt(user, uploads, now).await?;
        let actions = [marker].into_iter().chain(self.audit_actions(&[entry]).await?).collect();
        Ok(match self.transact(actions).await? {
            Transacted::Committed => Receipt::Written,
            Transacted::Rejected(_) => Receipt::ThereIsOne,
        })
    }

    async fn receipt(&self, user: &ErasedUser, uploads: usize, now: u64) -> Result<Entry, Error> {
        let entry = match self.account_get(user.guid).await? {
            Some(account) => Entry::of_user(now, None, Action::UserErasedFromFiles, &account.user, &[]),
            None => {
                let subject = Subject::User { guid: user.guid, custom_id: None };
                Entry::new(now, None, Action::UserErasedFromFiles, subject)
            }
        };
        let mut details = vec![said("account_erased", &iso_time(user.at))];
        details.extend(user.left_lists_at.map(|at| said("left_lists", &iso_time(at))));
        details.push(said("uploads", &uploads));
        Ok(Entry { details, ..entry })
    }

    /// Records that the history of an erased user is gone, and that it left the lists.
    pub(crate) async fn erased_user_left_lists(&self, at: u64, user: Guid) -> Result<(), Error> {
        let update = WriteAction::update(&Key::erased(at, user), "SET left_lists_at = :at", [(":at", n(at))]);
        // Where it is refused, nothing was left to do, and the marker item is gone.
        let _ = self.transact(vec![update.only_if("attribute_exists(pk)", [])]).await?;
        Ok(())
    }

    async fn items_before(&self, pk: String, end: String) -> Result<Vec<Item>, Error> {
        let query = self.query_pk(pk, SortKeys::Before(&end)).consistent_read(true);
        let pages = query.into_paginator().items().send();
        Ok(pages.collect::<Result<_, _>>().await?)
    }
}

/// Returns the write of the marker item of a user that is being erased.
pub(crate) fn marker_of_erased(at: u64, guid: Guid, custom_ids: &[String]) -> Result<WriteAction, Error> {
    let item = Item::from([("custom_ids".to_owned(), json(&custom_ids)?)]);
    Ok(WriteAction::put(&Key::erased(at, guid), item))
}

fn erased_user(item: &Item) -> Result<ErasedUser, Error> {
    let sk = needed(item, "sk")?;
    let parts = sk.split_once('#').and_then(|(at, guid)| Some((at.parse().ok()?, guid.parse().ok()?)));
    let (at, guid) = parts.ok_or_else(|| Error::Item(format!("{sk} is no marker of an erased user")))?;
    let left_lists_at = number(item, "left_lists_at");
    Ok(ErasedUser { at, guid: Guid(guid), custom_ids: from_json(item, "custom_ids")?, left_lists_at })
}

fn redacted_to(at: u64) -> Item {
    [("redacted_to".to_owned(), n(at))].into()
}
