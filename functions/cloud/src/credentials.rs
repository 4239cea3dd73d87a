//! Passwords that people set, and temporary ones that are used, reset, and forgotten.
//!
//! A password can change without a new version of its user: a plan that was made before still holds, for what it
//! compares is not touched. What is written is conditional on the password that was seen instead.

use aws_sdk_dynamodb::types::AttributeValue;
use roster::accounts::PasswordRule;
use roster::durations::HOUR;
use roster::role::Power;
use roster::{Guid, Kind, User};
use wire::attribute::Attribute;
use wire::http::Page;
use wire::stored::{FieldChange, HistoryEntry, Reset};

use crate::bucket::{Head, keys};
use crate::changes::author;
use crate::table::{Item, Key, SortKeys, WriteOutcome, from_json, json, n, needed, s};
use crate::transact::{Transacted, WriteAction};
use crate::users::Account;
use crate::{Cloud, Error};

/// How long a copy is kept that somebody fetches, in milliseconds.
const COPY_KEPT: u64 = HOUR;

impl Cloud {
    /// Sets a password that its user chose.
    ///
    /// Not if the one that was seen is no longer the user's, or the user may not sign in any more.
    ///
    /// The history tells of it, and not what it is.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Contended`] where others write the same items
    /// again and again.
    pub async fn password_set_own(&self, seen: &Account, hash: &str, at: u64) -> Result<WriteOutcome, Error> {
        let user = &seen.user;
        let gone = Attribute::ALL.into_iter().filter(|attribute| attribute.is_of_given_password());
        let gone: Vec<&str> = gone.map(Attribute::name).collect();
        let set = "SET password_hash = :hash, temporary_password = :no, own_password = :yes REMOVE";
        let set = format!("{set} {}", gone.join(", "));
        let [yes, no] = [true, false].map(AttributeValue::Bool);
        let values = [(":hash", s(hash)), (":no", no), (":yes", yes)];
        let condition = "password_hash = :seen AND #status = :active AND attribute_not_exists(deleted_at)";
        let seen = s(seen.password_hash.as_deref().unwrap_or_default());
        let update = WriteAction::update(&key_of(user), &set, values);
        let update = update.only_if(condition, [(":seen", seen), (":active", s(roster::Status::Active.as_str()))]);
        self.change_password(update, user.guid, &user.username, at).await
    }

    /// Gives a user a new temporary password, unless the user is no longer as it was seen.
    ///
    /// `power` is what whoever has it may do: once the user may do more, it opens nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Contended`] where others write the same items
    /// again and again.
    pub async fn password_reset(
        &self,
        seen: &User,
        hash: &str,
        power: &Power,
        by: &str,
        at: u64,
    ) -> Result<WriteOutcome, Error> {
        let set = "SET password_hash = :hash, temporary_password = :yes, own_password = :no, temporary_since = :at, \
                   password_power = :power REMOVE temporary_used_at";
        let [yes, no] = [true, false].map(AttributeValue::Bool);
        let values = [(":hash", s(hash)), (":yes", yes), (":no", no), (":at", n(at)), (":power", json(power)?)];
        let update = WriteAction::update(&key_of(seen), set, values);
        let update = update.only_if("version = :seen", [(":seen", n(seen.version))]);
        self.change_password(update, seen.guid, by, at).await
    }

    /// Records that somebody signed in with the temporary password.
    ///
    /// Of two at the same moment one is told [`WriteOutcome::Written`].
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Contended`] where others write the same item again
    /// and again.
    pub async fn password_use_temporary(&self, seen: &Account, now: u64) -> Result<WriteOutcome, Error> {
        let update = WriteAction::update(&key_of(&seen.user), "SET temporary_used_at = :now", [(":now", n(now))]);
        let condition = "password_hash = :seen AND attribute_not_exists(temporary_used_at)";
        let seen = s(seen.password_hash.as_deref().unwrap_or_default());
        // A transaction, for whoever's answer is lost must not be told that somebody was there before.
        Ok(match self.transact(vec![update.only_if(condition, [(":seen", seen)])]).await? {
            Transacted::Committed => WriteOutcome::Written,
            Transacted::Rejected(_) => WriteOutcome::ConditionFailed,
        })
    }

    /// Writes a reset, whatever was known of it before.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn reset_put(&self, reset: &Reset) -> Result<(), Error> {
        self.item_put(&Key::reset(&reset.id), Item::from([("reset".to_owned(), json(reset)?)])).await
    }

    /// Returns a reset.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn reset_get(&self, id: &str) -> Result<Option<Reset>, Error> {
        self.item_get(&Key::reset(id)).await?.map(|item| from_json(&item, "reset")).transpose()
    }

    /// Returns a part of the resets, newest first.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn reset_list(&self, limit: u16, cursor: Option<&str>) -> Result<Page<Reset>, Error> {
        let query = self.query_pk(Key::reset("").pk, SortKeys::All).scan_index_forward(false).limit(limit.into());
        let answer = query.set_exclusive_start_key(cursor.map(|id| Key::reset(id).item())).send().await?;
        let items = answer.items().iter().map(|item| from_json(item, "reset"));
        let cursor = answer.last_evaluated_key().map(|key| needed(key, "sk").map(str::to_owned)).transpose()?;
        Ok(Page { items: items.collect::<Result<_, _>>()?, cursor })
    }

    /// Deletes the files whose passwords may no longer be read by the rule.
    ///
    /// Returns how many there were.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer.
    pub async fn credentials_delete_old(&self, rule: &PasswordRule, now: u64) -> Result<usize, Error> {
        let objects = self.object_list(keys::CREDENTIALS).await?;
        let mut deleted = 0;
        let until = |object: &Head| {
            let readable = rule.readable_until(object.modified_at);
            let is_copy = object.key.starts_with(keys::CREDENTIALS_COPIES);
            if is_copy { readable.min(object.modified_at + COPY_KEPT) } else { readable }
        };
        for object in objects.iter().filter(|object| until(object) <= now) {
            self.object_delete(&object.key).await?;
            deleted += 1;
        }
        Ok(deleted)
    }

    async fn change_password(&self, update: WriteAction, user: Guid, by: &str, at: u64) -> Result<WriteOutcome, Error> {
        let entry = HistoryEntry {
            at,
            upload: None,
            row: None,
            by: Some(by.to_owned()),
            kind: Kind::Updated,
            fields: vec![FieldChange { field: "password".to_owned(), before: String::new(), after: String::new() }],
        };
        let history =
            WriteAction::put_new(&Key::user_log(user, at, &author(None)), [("entry".to_owned(), json(&entry)?)].into());
        Ok(match self.transact(vec![history, update]).await? {
            Transacted::Committed => WriteOutcome::Written,
            Transacted::Rejected(_) => WriteOutcome::ConditionFailed,
        })
    }
}

fn key_of(user: &User) -> Key {
    Key::user(user.custom_id.as_deref(), user.guid)
}
