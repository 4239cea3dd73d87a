//! API keys, and what was sent with each of late.

use roster::Mode;
use roster::durations::{DAY, HOUR, MINUTE};
use wire::UploadId;
use wire::audit::{Action, Entry, Subject, said};
use wire::stored::{ApiKey, KeyEnd, KeyId};

use crate::audit::Author;
use crate::table::{Item, Key, SortKeys, WriteOutcome, condition, from_json, json, n, needed, number, s, string};
use crate::transact::{Transacted, WriteAction};
use crate::{Cloud, Error};

/// For how long a key stays in the list after it ended or expired, in milliseconds.
const LISTED_AFTER: u64 = 30 * DAY;

/// For how long no second use of a key is recorded after one, in milliseconds.
const USE_WRITTEN_AFTER: u64 = MINUTE;

/// For how long what a key sent is remembered, in milliseconds.
///
/// Shorter than a day: what is sent every night goes through every night, also where nothing in it has changed.
pub const SENT_REMEMBERED: u64 = 20 * HOUR;

/// A key with what the table knows of it beside what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    pub key: ApiKey,
    /// The SHA-256 of the secret in hexadecimal.
    pub secret_digest: String,
    /// When it was last used, to the minute; in milliseconds since 1970.
    pub used_at: Option<u64>,
    pub end: Option<KeyEnd>,
}

/// The same contents, sent with the same key as the same kind of sync.
#[derive(Debug, Clone, Copy)]
pub struct SameContents<'a> {
    pub key: &'a KeyId,
    pub mode: Mode,
    /// In hexadecimal.
    pub sha256: &'a str,
}

impl SameContents<'_> {
    fn item_key(&self) -> Key {
        Key::sent(self.key, self.mode, self.sha256)
    }
}

impl Cloud {
    /// Adds a key, with its entry in the audit log.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Contended`] where the identifier is taken.
    pub async fn api_key_add(&self, key: &ApiKey, secret_digest: &str, author: &Author) -> Result<(), Error> {
        let item = Item::from([
            ("key".to_owned(), json(key)?),
            ("secret_digest".to_owned(), s(secret_digest)),
            ("expires".to_owned(), forgotten_at(key.expires_at)),
        ]);
        let mut actions = vec![WriteAction::put_new(&Key::api_key(&key.id), item)];
        let modes: Vec<&str> = key.modes.iter().map(|mode| mode.as_str()).collect();
        let mut entry = entry(Action::KeyMade, key, author);
        entry.details.extend([said("modes", &modes.join(";")), said("expires_at", &key.expires_at)]);
        entry.details.extend(key.source.iter().map(|source| said("source", &source.0)));
        entry.details.extend(key.may_decide().then(|| said("decisions", &"approve")));
        actions.extend(self.audit_actions(&[entry]).await?);
        match self.transact(actions).await? {
            Transacted::Committed => Ok(()),
            Transacted::Rejected(_) => Err(Error::Contended("an API key")),
        }
    }

    /// Returns a key.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn api_key_get(&self, id: &KeyId) -> Result<Option<KeyRecord>, Error> {
        self.item_get(&Key::api_key(id)).await?.map(|item| record(&item)).transpose()
    }

    /// Returns all keys, also those that ended of late, the newest first.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn api_key_list(&self) -> Result<Vec<KeyRecord>, Error> {
        let query = self.query_pk(Key::api_keys_pk(), SortKeys::All).consistent_read(true);
        let mut items = query.into_paginator().items().send();
        let mut found = Vec::new();
        while let Some(item) = items.next().await {
            found.push(record(&item?)?);
        }
        found.sort_by_key(|record| std::cmp::Reverse((record.key.made_at, record.key.id.clone())));
        Ok(found)
    }

    /// Records that a key is used, at most once a minute.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn api_key_touch(&self, record: &KeyRecord, now: u64) -> Result<(), Error> {
        if record.used_at.is_some_and(|at| at + USE_WRITTEN_AFTER > now) {
            return Ok(());
        }
        let request = self.dynamo.update_item().table_name(&self.table);
        let request = request
            .set_key(Some(Key::api_key(&record.key.id).item()))
            .update_expression("SET used_at = :now")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":now", n(now));
        match condition(request.send().await)? {
            // One that is forgotten meanwhile does not come back.
            WriteOutcome::Written | WriteOutcome::ConditionFailed => Ok(()),
        }
    }

    /// Ends a key, unless it was ended before.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where the end has no form to be stored in.
    pub async fn api_key_end(&self, key: &ApiKey, author: &Author) -> Result<WriteOutcome, Error> {
        let by = author.by.as_ref().map(|by| by.username.clone()).unwrap_or_default();
        let end = json(&KeyEnd { at: author.at, by })?;
        let values = [(":end", end), (":expires", forgotten_at(author.at))];
        let update = WriteAction::update(&Key::api_key(&key.id), "SET ended = :end, expires = :expires", values);
        let mut actions = vec![update.only_if("attribute_exists(pk) AND attribute_not_exists(ended)", [])];
        actions.extend(self.audit_actions(&[entry(Action::KeyEnded, key, author)]).await?);
        Ok(match self.transact(actions).await? {
            Transacted::Committed => WriteOutcome::Written,
            Transacted::Rejected(_) => WriteOutcome::ConditionFailed,
        })
    }

    /// Returns the upload that the same contents became when they were last sent, if that is remembered.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn sent_get(&self, sending: &SameContents<'_>, now: u64) -> Result<Option<UploadId>, Error> {
        let Some(item) = self.item_get(&sending.item_key()).await? else { return Ok(None) };
        // The table deletes what is over only hours later.
        let is_over = number(&item, "sent_at").is_none_or(|at| at + SENT_REMEMBERED <= now);
        if is_over { Ok(None) } else { Ok(Some(UploadId(needed(&item, "upload")?.to_owned()))) }
    }

    /// Remembers which upload the contents become, unless another request did so in between.
    ///
    /// `before` is the upload that is remembered so far, or the item of which is over.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn sent_put(
        &self,
        sending: &SameContents<'_>,
        before: Option<&UploadId>,
        upload: &UploadId,
        now: u64,
    ) -> Result<WriteOutcome, Error> {
        let item = [
            ("upload".to_owned(), s(&upload.0)),
            ("sent_at".to_owned(), n(now)),
            ("expires".to_owned(), n((now + SENT_REMEMBERED) / 1000)),
        ];
        let item = sending.item_key().item().into_iter().chain(item).collect();
        let request = self.dynamo.put_item().table_name(&self.table).set_item(Some(item));
        let request = match before {
            Some(before) => {
                request.condition_expression("upload = :before").expression_attribute_values(":before", s(&before.0))
            }
            None => request
                .condition_expression("attribute_not_exists(pk) OR sent_at <= :over")
                .expression_attribute_values(":over", n(now.saturating_sub(SENT_REMEMBERED))),
        };
        condition(request.send().await)
    }
}

/// Returns when the table forgets a key that is over since `at`, in seconds.
fn forgotten_at(at: u64) -> aws_sdk_dynamodb::types::AttributeValue {
    n(at.saturating_add(LISTED_AFTER) / 1000)
}

fn record(item: &Item) -> Result<KeyRecord, Error> {
    Ok(KeyRecord {
        key: from_json(item, "key")?,
        secret_digest: needed(item, "secret_digest")?.to_owned(),
        used_at: number(item, "used_at"),
        end: string(item, "ended").map(|_| from_json(item, "ended")).transpose()?,
    })
}

fn entry(action: Action, key: &ApiKey, author: &Author) -> Entry {
    let subject = Subject::ApiKey { id: key.id.clone() };
    let details = vec![said("name", &key.name)];
    Entry { school: key.school.clone(), details, ..Entry::new(author.at, author.by.clone(), action, subject) }
}
