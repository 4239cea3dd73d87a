//! Erasing what is personal of users that were deleted or archived long ago. What stays is what keeps a GUID and a user name from
//! ever being given to somebody else, and lets the same person come back as the same user. Lines of theirs in the files
//! of uploads go later: a marker item is written for that.

use std::collections::BTreeSet;

use futures::{StreamExt, TryStreamExt, stream};
use roster::user::RECOVERABLE_MILLIS;
use roster::{Column, Guid, SchoolId, User};
use wire::attribute::{Attribute, OnErasure};
use wire::audit::{self, Entry};

use crate::kept::marker_of_erased;
use crate::table::{Item, Key, SortKeys, n, needed, s};
use crate::transact::{Transacted, WriteAction};
use crate::users::{Listing, deletion_order, user_of};
use crate::{Cloud, Error};

/// How many users of a school are erased in one go; the next go erases more.
const AT_ONCE: i32 = 500;

/// How many users are being erased side by side.
const SIDE_BY_SIDE: usize = 8;

impl Cloud {
    /// Erases the users of `school` whose time is over, and returns how many.
    ///
    /// Names, addresses, passwords and history go, of deleted and archived users. `now` is in milliseconds since 1970.
    ///
    /// It may be stopped anywhere: a user leaves its list last. One that somebody brought back meanwhile is left alone.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, [`Error::Item`] where an item of it can't be read, and
    /// [`Error::Contended`] where others write the same items again and again.
    pub async fn user_erase_gone(&self, school: &SchoolId, now: u64) -> Result<usize, Error> {
        let before = now.saturating_sub(RECOVERABLE_MILLIS);
        let deleted = self.erase_listed(school, Listing::Deleted, before, now).await?;
        Ok(deleted + self.erase_listed(school, Listing::Archived, now, now).await?)
    }

    async fn erase_listed(&self, school: &SchoolId, listing: Listing, before: u64, now: u64) -> Result<usize, Error> {
        let before = deletion_order(before, None);
        let query = self.query_by_school(listing.partition(school), SortKeys::Before(&before));
        let answer = query.limit(AT_ONCE).send().await?;
        let users: Vec<User> = answer.items().iter().map(user_of).collect::<Result<_, _>>()?;
        let users = users.into_iter().filter(|user| user.erase_at.is_none_or(|at| at <= now));
        let erased = stream::iter(users).map(|user| self.erase(user, now)).buffer_unordered(SIDE_BY_SIDE);
        let erased: Vec<Transacted> = erased.try_collect().await?;
        Ok(erased.into_iter().filter(|written| *written == Transacted::Committed).count())
    }

    async fn erase(&self, user: User, now: u64) -> Result<Transacted, Error> {
        let key = Key::user(user.custom_id.as_deref(), user.guid);
        let still_deleted = |update: WriteAction, version: u64| {
            update.only_if("version = :seen AND attribute_exists(deleted_at)", [(":seen", n(version))])
        };
        let fields = WriteAction::update(&key, &erasure(), [(":none", s("")), (":one", n(1))]);
        let entry = Entry::of_user(now, None, audit::Action::UserErased, &user, &[]);
        let marker = marker_of_erased(now, user.guid, &self.user_list_custom_ids(&user).await?)?;
        let mut actions = vec![still_deleted(fields, user.version), marker];
        actions.extend(self.audit_actions(&[entry]).await?);
        let written = self.transact(actions).await?;
        if written != Transacted::Committed {
            return Ok(written);
        }
        self.erase_history(user.guid).await?;
        self.enrolment_delete_all_of(user.guid).await?;
        self.item_delete(&Key::notice_choice(user.guid)).await?;
        let listing = WriteAction::update(&key, "REMOVE gsi_pk, gsi_sk", []);
        let left = self.transact(vec![still_deleted(listing, user.version + 1)]).await?;
        if left == Transacted::Committed {
            self.erased_user_left_lists(now, user.guid).await?;
        }
        Ok(left)
    }

    /// Returns the custom IDs that the user has and had, without those that somebody else has by now.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn user_list_custom_ids(&self, user: &User) -> Result<Vec<String>, Error> {
        let mut ids: BTreeSet<String> = BTreeSet::new();
        let mut after = None;
        loop {
            let (entries, next) = self.history_list_part(user.guid, after.as_ref()).await?;
            let changes = entries.into_iter().flat_map(|entry| entry.fields);
            let changes = changes.filter(|change| change.field == Column::CustomId.header());
            ids.extend(changes.flat_map(|change| [change.before, change.after]).filter(|id| !id.is_empty()));
            match next {
                Some(place) => after = Some(place),
                None => break,
            }
        }
        let mut own: Vec<String> = user.custom_id.iter().cloned().collect();
        for id in ids.into_iter().filter(|id| user.custom_id.as_ref() != Some(id)) {
            // A custom ID alone makes the key; the GUID is not part of it.
            if self.item_get(&Key::user(Some(&id), user.guid)).await?.is_none() {
                own.push(id);
            }
        }
        Ok(own)
    }

    async fn erase_history(&self, user: Guid) -> Result<(), Error> {
        let query = self.query_pk(Key::user_log_pk(user), SortKeys::All).consistent_read(true);
        let mut pages = query.projection_expression("pk, sk").into_paginator().send();
        while let Some(page) = pages.next().await {
            for entry in page?.items() {
                self.item_delete(&key_of(entry)?).await?;
            }
        }
        Ok(())
    }
}

fn key_of(item: &Item) -> Result<Key, Error> {
    Ok(Key::new(needed(item, "pk")?, needed(item, "sk")?))
}

/// Returns the update that takes from a user what is erased.
fn erasure() -> String {
    let of = |kind: OnErasure| Attribute::ALL.into_iter().filter(move |attribute| attribute.on_erasure() == kind);
    let emptied: String = of(OnErasure::Emptied).map(|attribute| format!("#{} = :none, ", attribute.name())).collect();
    let removed: Vec<&str> = of(OnErasure::Removed).map(Attribute::name).collect();
    format!("SET {emptied}version = version + :one REMOVE {}", removed.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_addresses_and_passwords_are_erased() {
        assert_eq!(
            erasure(),
            "SET #first_name = :none, #middle_name = :none, #last_name = :none, #email = :none, #position = :none, \
             version = version + :one \
             REMOVE email_key, password_hash, temporary_password, own_password, temporary_since, temporary_used_at, \
             password_power"
        );
    }
}
