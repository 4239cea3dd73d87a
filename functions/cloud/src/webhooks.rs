//! Programs that are told by a request.

use wire::audit::{Action, Entry, Subject, said};
use wire::stored::{Webhook, WebhookId};

use crate::audit::Author;
use crate::table::{Item, Key, SortKeys, WriteOutcome, from_json, json, needed, s};
use crate::transact::{Transacted, WriteAction};
use crate::{Cloud, Error};

/// A webhook with what its requests are signed with.
///
/// Signing takes the secret itself, so that the table has it; no reply of the API does but the one that makes it.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookRecord {
    pub webhook: Webhook,
    pub secret: String,
}

impl Cloud {
    /// Adds a webhook, with its entry in the audit log.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Contended`] where the identifier is taken.
    pub async fn webhook_add(&self, record: &WebhookRecord, author: &Author) -> Result<(), Error> {
        let WebhookRecord { webhook, secret } = record;
        let item = Item::from([("webhook".to_owned(), json(webhook)?), ("secret".to_owned(), s(secret))]);
        let mut actions = vec![WriteAction::put_new(&Key::webhook(&webhook.id), item)];
        actions.extend(self.audit_actions(&[entry(Action::WebhookMade, webhook, author)]).await?);
        match self.transact(actions).await? {
            Transacted::Committed => Ok(()),
            Transacted::Rejected(_) => Err(Error::Contended("a webhook")),
        }
    }

    /// Removes a webhook, unless it is gone.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn webhook_remove(&self, webhook: &Webhook, author: &Author) -> Result<WriteOutcome, Error> {
        let delete = WriteAction::delete(&Key::webhook(&webhook.id)).only_if("attribute_exists(pk)", []);
        let mut actions = vec![delete];
        actions.extend(self.audit_actions(&[entry(Action::WebhookRemoved, webhook, author)]).await?);
        Ok(match self.transact(actions).await? {
            Transacted::Committed => WriteOutcome::Written,
            Transacted::Rejected(_) => WriteOutcome::ConditionFailed,
        })
    }

    /// Returns a webhook.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn webhook_get(&self, id: &WebhookId) -> Result<Option<WebhookRecord>, Error> {
        self.item_get(&Key::webhook(id)).await?.map(|item| record(&item)).transpose()
    }

    /// Returns all webhooks.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn webhook_list(&self) -> Result<Vec<WebhookRecord>, Error> {
        let query = self.query_pk(Key::webhooks_pk(), SortKeys::All).consistent_read(true);
        let mut items = query.into_paginator().items().send();
        let mut found = Vec::new();
        while let Some(item) = items.next().await {
            found.push(record(&item?)?);
        }
        Ok(found)
    }
}

fn record(item: &Item) -> Result<WebhookRecord, Error> {
    Ok(WebhookRecord { webhook: from_json(item, "webhook")?, secret: needed(item, "secret")?.to_owned() })
}

fn entry(action: Action, webhook: &Webhook, author: &Author) -> Entry {
    // An address may have a password of its receiver in it.
    let details = vec![said("webhook", &webhook.id.0), said("name", &webhook.name)];
    Entry { details, ..Entry::new(author.at, author.by.clone(), action, Subject::Settings) }
}
