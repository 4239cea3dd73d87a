//! The audit log. Entries are added and read; nothing changes or deletes one.
//!
//! An entry of a change stands in the transaction that makes the change, so there is neither without the other. It is
//! written under its month and, where it is about an upload or a user, once more under that, so that what happened to
//! one is found without reading through what happened to all.

use std::collections::BTreeSet;
use std::ops::Range;

use aws_sdk_dynamodb::primitives::{DateTime, DateTimeFormat};
use futures::future::try_join_all;
use roster::User;
use uuid::Uuid;
use wire::UploadId;
use wire::audit::{Entry, Subject};
use wire::http::Page;
use wire::stored::HistoryEntry;
use wire::upload::Decider;

use crate::table::{Item, Key, SortKeys, from_json, json, needed};
use crate::transact::{Transacted, WriteAction};
use crate::{Cloud, Error};

/// Over how many partitions the entries of a month are spread.
const SHARDS: u8 = 4;

/// The last moment of a year of four digits.
const END_OF_TIME: u64 = 253_402_300_799_999;

/// Who does something, and when.
///
/// Nobody where it is part of setting an organisation up.
#[derive(Debug, Clone)]
pub struct Author {
    pub by: Option<Decider>,
    pub at: u64,
}

/// Whose entries are read.
#[derive(Debug, Clone, Copy)]
pub enum Trail<'a> {
    All,
    Upload(&'a UploadId),
    /// What was done by hand, and what uploads did.
    User(&'a User),
}

impl Cloud {
    /// Adds an entry that no other write belongs to.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Contended`] where others write the same items
    /// again and again.
    pub async fn audit_append(&self, entry: &Entry) -> Result<(), Error> {
        match self.transact(self.audit_actions(std::slice::from_ref(entry)).await?).await? {
            Transacted::Committed => Ok(()),
            Transacted::Rejected(_) => Err(Error::Contended("the audit log")),
        }
    }

    /// Returns what a transaction writes to add `entries`.
    ///
    /// Their months are entered at once, which does no harm where the transaction is refused.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn audit_actions(&self, entries: &[Entry]) -> Result<Vec<WriteAction>, Error> {
        let months: BTreeSet<String> = entries.iter().map(|entry| month(entry.at)).collect();
        for month in months {
            self.item_put_new(&Key::audit_month(&month), Item::new()).await?.accept_either();
        }
        let mut actions = Vec::new();
        for (n, entry) in entries.iter().enumerate() {
            let random = Uuid::new_v4();
            // Those of one moment keep their order.
            let id = format!("{n:03}-{random}");
            let item = Item::from([("audit".to_owned(), json(entry)?)]);
            let place = Key::audit(&month(entry.at), random.as_bytes()[0] % SHARDS, entry.at, &id);
            let copies = about(entry).map(|subject| Key::audit_of(&subject, entry.at, &id));
            let keys = [place].into_iter().chain(copies);
            actions.extend(keys.map(|key| WriteAction::put_new(&key, item.clone())));
        }
        Ok(actions)
    }

    /// Returns a part of the log within `time`, newest first.
    ///
    /// There may be more than it has while it has a cursor.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn audit_list(
        &self,
        trail: Trail<'_>,
        time: Range<u64>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<Entry>, Error> {
        if time.is_empty() {
            return Ok(Page { items: Vec::new(), cursor: None });
        }
        let (from, to) = (moment(time.start), moment(time.end));
        let before = cursor.map_or(to.as_str(), |cursor| cursor.min(to.as_str())).to_owned();
        let (items, more) = match trail {
            Trail::All => self.newest_of_months(&from, &before, limit).await?,
            Trail::Upload(id) => self.newest(&[Key::audit_of_pk(&id.0)], &from, &before, limit).await?,
            Trail::User(user) => {
                let id = user.guid.to_string();
                self.newest(&[Key::audit_of_pk(&id), Key::user_log_pk(user.guid)], &from, &before, limit).await?
            }
        };
        let cursor = items.last().filter(|_| more).map(|item| needed(item, "sk").map(str::to_owned)).transpose()?;
        let items = match trail {
            Trail::User(user) => self.with_history(user, &items).await?,
            _ => items.iter().map(|item| from_json(item, "audit")).collect::<Result<_, _>>()?,
        };
        Ok(Page { items, cursor })
    }

    async fn newest_of_months(&self, from: &str, before: &str, limit: usize) -> Result<(Vec<Item>, bool), Error> {
        let mut found = Vec::new();
        for month in self.months(from, before).await? {
            let partitions: Vec<String> = (0..SHARDS).map(|shard| Key::audit_pk(&month, shard)).collect();
            let (items, more) = self.newest(&partitions, from, before, limit - found.len()).await?;
            found.extend(items);
            if more || found.len() >= limit {
                return Ok((found, true));
            }
        }
        Ok((found, false))
    }

    /// Returns the months between two moments that have entries, newest first.
    async fn months(&self, from: &str, before: &str) -> Result<Vec<String>, Error> {
        let of = |moment: &str| month(moment.get(..13).and_then(|at| at.parse().ok()).unwrap_or(END_OF_TIME));
        let Key { pk, .. } = Key::audit_month("");
        let query = self.query_pk(pk, SortKeys::Between(&of(from), &of(before)));
        let query = query.consistent_read(true).scan_index_forward(false);
        let mut pages = query.into_paginator().items().send();
        let mut months = Vec::new();
        while let Some(item) = pages.next().await {
            months.push(needed(&item?, "sk")?.to_owned());
        }
        Ok(months)
    }

    /// Returns up to `limit` items of several partitions whose keys begin with a time, newest first, and whether there
    /// are more.
    async fn newest(
        &self,
        partitions: &[String],
        from: &str,
        before: &str,
        limit: usize,
    ) -> Result<(Vec<Item>, bool), Error> {
        // One more, for the one that `before` may name is there again.
        let at_once = i32::try_from(limit + 1).unwrap_or(i32::MAX);
        let mut reads = Vec::new();
        for pk in partitions {
            let query = self.query_pk(pk, SortKeys::Between(from, before));
            reads.push(query.consistent_read(true).scan_index_forward(false).limit(at_once).send());
        }
        let answers = try_join_all(reads).await?;
        // What is older may be missing: a partition that was not read to its end may have it.
        let mut whole_from = String::new();
        let mut items = Vec::new();
        for answer in answers {
            if let Some(last) = answer.last_evaluated_key() {
                whole_from = whole_from.max(needed(last, "sk")?.to_owned());
            }
            items.extend(answer.items.unwrap_or_default());
        }
        let sk = |item: &Item| needed(item, "sk").unwrap_or_default().to_owned();
        items.retain(|item| sk(item) >= whole_from && sk(item) != before);
        items.sort_by_cached_key(|item| std::cmp::Reverse(sk(item)));
        let more = !whole_from.is_empty() || items.len() > limit;
        items.truncate(limit);
        Ok((items, more))
    }

    /// Returns the entries of a user, with those of its history that uploads made. The others of its history are in the
    /// log.
    async fn with_history(&self, user: &User, items: &[Item]) -> Result<Vec<Entry>, Error> {
        let histories = items.iter().filter(|item| item.contains_key("entry"));
        let histories: Vec<HistoryEntry> =
            histories.map(|item| from_json(item, "entry")).collect::<Result<_, Error>>()?;
        let uploads = self.upload_get_many(histories.iter().filter_map(|entry| entry.upload.clone()).collect()).await?;
        let mut histories = histories.into_iter();
        let mut entries = Vec::new();
        for item in items {
            if !item.contains_key("entry") {
                entries.push(from_json(item, "audit")?);
            } else if let Some(entry) = histories.next()
                && let Some(id) = &entry.upload
            {
                let upload = uploads.get(id);
                entries.push(Entry::of_history(user, entry, upload));
            }
        }
        Ok(entries)
    }
}

/// Returns a time as programs write it, such as `2026-11-22T03:15:13Z`.
pub fn iso_time(at: u64) -> String {
    let time = DateTime::from_millis(i64::try_from(at.min(END_OF_TIME)).unwrap_or_default());
    time.fmt(DateTimeFormat::DateTime).unwrap_or_default()
}

/// Returns the month of a time, as in `2026-11`.
fn month(at: u64) -> String {
    iso_time(at).chars().take("2026-11".len()).collect()
}

/// Returns how the keys of the log and of a history begin.
fn moment(at: u64) -> String {
    format!("{:013}", at.min(9_999_999_999_999))
}

/// Returns what the entry is found under beside its month.
fn about(entry: &Entry) -> impl Iterator<Item = String> {
    let user = match &entry.subject {
        Subject::User { guid, .. } => Some(guid.to_string()),
        _ => None,
    };
    user.into_iter().chain(entry.upload.as_ref().map(|id| id.0.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_kept_by_month() {
        assert_eq!([0, 1_795_000_000_000, u64::MAX].map(month), ["1970-01", "2026-11", "9999-12"]);
        assert_eq!(iso_time(1_795_000_000_000), "2026-11-18T11:06:40Z");
        assert!(moment(5) < moment(1_795_000_000_000) && moment(u64::MAX).len() == 13);
    }
}
