//! What people are told: who wants to hear of what, what was told, and what is still on its way.
//!
//! | step | what is written |
//! | --- | --- |
//! | a notice is due | an `OUTBOX` item for everybody who is told, then the `NOTICES` item that says that it was entered |
//! | it arrived | its `OUTBOX` item is deleted |
//! | it did not | the item says when it is tried again, or that it was given up |
//!
//! Where the function is stopped between two of them, the next run does the first again: what was sent and not deleted is
//! sent once more, under the same ID.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::ReturnValue;
use roster::Guid;
use roster::durations::DAY;
use roster::watching::Notice;
use wire::UploadId;
use wire::stored::{NoticeChoice, NoticeDelivery};

use crate::table::{Item, Key, SortKeys, condition, from_json, json, n, needed, number, s, string};
use crate::{Cloud, Error};

/// For how long it is remembered that something was told, and what was given up is listed, in milliseconds.
const REMEMBERED: u64 = 60 * DAY;

/// What is known from run to run by whoever tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WatchMemory {
    /// When watching was switched on, in milliseconds since 1970.
    pub since: u64,
    /// The uploads that were not over at the last run.
    pub open: BTreeSet<UploadId>,
}

impl Cloud {
    /// Acquires the right to tell for as long as `until`.
    ///
    /// No two runs tell side by side: `None` where another one has it.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn notices_begin(&self, run: &str, now: u64, until: u64) -> Result<Option<WatchMemory>, Error> {
        let request = self.dynamo.update_item().table_name(&self.table).set_key(Some(Key::watch_run().item()));
        let request = request
            .update_expression("SET run = :run, held_until = :until, since = if_not_exists(since, :now)")
            // Its own is what a lost answer leaves behind.
            .condition_expression("attribute_not_exists(pk) OR held_until < :now OR run = :run")
            .expression_attribute_values(":run", s(run))
            .expression_attribute_values(":until", n(until))
            .expression_attribute_values(":now", n(now))
            .return_values(ReturnValue::AllNew);
        match request.send().await.map_err(Error::from) {
            Ok(answer) => {
                let item = answer.attributes.unwrap_or_default();
                let open = if string(&item, "open").is_some() { from_json(&item, "open")? } else { BTreeSet::new() };
                Ok(Some(WatchMemory { since: number(&item, "since").unwrap_or(now), open }))
            }
            Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Ends a run, and remembers which uploads are not over.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn notices_end(&self, run: &str, open: &BTreeSet<UploadId>) -> Result<(), Error> {
        let request = self.dynamo.update_item().table_name(&self.table).set_key(Some(Key::watch_run().item()));
        let request = request
            .update_expression("SET held_until = :never, #open = :open")
            .condition_expression("run = :run")
            .expression_attribute_names("#open", "open")
            .expression_attribute_values(":never", n(0))
            .expression_attribute_values(":open", json(open)?)
            .expression_attribute_values(":run", s(run));
        condition(request.send().await)?.accept_either();
        Ok(())
    }

    /// Forgets when watching began, because it is switched off.
    ///
    /// What happens until it is on again is told to nobody.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn notices_forget(&self) -> Result<(), Error> {
        self.item_delete(&Key::watch_run()).await
    }

    /// Returns the IDs of all notices that were entered within the last weeks.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn notice_list_ids(&self) -> Result<BTreeSet<String>, Error> {
        let query = self.query_pk(Key::notices_pk(), SortKeys::All).consistent_read(true).projection_expression("sk");
        let mut items = query.into_paginator().items().send();
        let mut ids = BTreeSet::new();
        while let Some(item) = items.next().await {
            ids.insert(needed(&item?, "sk")?.to_owned());
        }
        Ok(ids)
    }

    /// Enters a notice with those who are told of it.
    ///
    /// Doing it again does no harm.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn notice_enter(&self, notice: &Notice, to: &[NoticeDelivery], now: u64) -> Result<(), Error> {
        for delivery in to {
            self.delivery_add(delivery).await?;
        }
        let item = [("notice".to_owned(), json(notice)?), ("expires".to_owned(), n((now + REMEMBERED) / 1000))];
        self.item_put_new(&Key::notice(&notice.id), item.into()).await?.accept_either();
        Ok(())
    }

    /// Puts a notice on its way, unless it is.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn delivery_add(&self, delivery: &NoticeDelivery) -> Result<(), Error> {
        let item = Item::from([("delivery".to_owned(), json(delivery)?)]);
        self.item_put_new(&key_of(delivery), item).await?.accept_either();
        Ok(())
    }

    /// Returns everything that is on its way or was given up.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn delivery_list(&self) -> Result<Vec<NoticeDelivery>, Error> {
        let query = self.query_pk(Key::outbox_pk(), SortKeys::All).consistent_read(true);
        let mut items = query.into_paginator().items().send();
        let mut deliveries = Vec::new();
        while let Some(item) = items.next().await {
            deliveries.push(from_json(&item?, "delivery")?);
        }
        Ok(deliveries)
    }

    /// Records that an attempt failed.
    ///
    /// What was given up is listed for some weeks.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn delivery_save(&self, delivery: &NoticeDelivery) -> Result<(), Error> {
        let mut item = Item::from([("delivery".to_owned(), json(delivery)?)]);
        item.extend(delivery.given_up_at.map(|at| ("expires".to_owned(), n((at + REMEMBERED) / 1000))));
        self.item_put(&key_of(delivery), item).await
    }

    /// Records that a notice arrived.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn delivery_end(&self, delivery: &NoticeDelivery) -> Result<(), Error> {
        self.item_delete(&key_of(delivery)).await
    }

    /// Returns what a user wants to hear of.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn notice_choice_get(&self, user: Guid) -> Result<NoticeChoice, Error> {
        let item = self.item_get(&Key::notice_choice(user)).await?;
        Ok(item.map(|item| from_json(&item, "choice")).transpose()?.unwrap_or_default())
    }

    /// Records what a user wants to hear of.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn notice_choice_set(&self, user: Guid, choice: &NoticeChoice) -> Result<(), Error> {
        if choice.kinds.is_empty() {
            return self.item_delete(&Key::notice_choice(user)).await;
        }
        let item = [("guid".to_owned(), json(&user)?), ("choice".to_owned(), json(choice)?)];
        self.item_put(&Key::notice_choice(user), item.into()).await
    }

    /// Returns everybody who wants to hear of something.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn notice_choice_list(&self) -> Result<Vec<(Guid, NoticeChoice)>, Error> {
        let mut items = self.query_pk(Key::notice_choices_pk(), SortKeys::All).into_paginator().items().send();
        let mut choices = Vec::new();
        while let Some(item) = items.next().await {
            let item = item?;
            let guid = from_json(&item, "guid")?;
            choices.push((guid, from_json(&item, "choice")?));
        }
        Ok(choices)
    }
}

fn key_of(delivery: &NoticeDelivery) -> Key {
    Key::delivery(&delivery.notice.id, &delivery.channel.key())
}
