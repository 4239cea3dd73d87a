//! The table: the few ways in which items are read and written.

mod key;

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use key::{Key, SHARDS, shard};

use crate::{Cloud, Error};

/// The index in which the users of a school stand by name.
pub const BY_SCHOOL: &str = "by_school";

/// The index in which users stand by their folded e-mail address.
pub const BY_EMAIL: &str = "by_email";

/// An item as the SDK has it.
pub type Item = HashMap<String, AttributeValue>;

impl Key {
    /// Returns the key as attributes.
    pub fn item(&self) -> Item {
        Item::from([("pk".to_owned(), s(&self.pk)), ("sk".to_owned(), s(&self.sk))])
    }
}

/// Returns a string attribute.
pub fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// Returns a number attribute.
pub fn n(number: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// Returns a value as a string attribute of JSON.
///
/// # Errors
///
/// [`Error::Item`] where the value has no such form.
pub fn json(value: &impl Serialize) -> Result<AttributeValue, Error> {
    serde_json::to_string(value).map(AttributeValue::S).map_err(|e| Error::Item(e.to_string()))
}

/// Returns a string attribute of an item.
pub fn string<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str)
}

/// Returns a number attribute of an item.
pub fn number(item: &Item, name: &str) -> Option<u64> {
    item.get(name).and_then(|value| value.as_n().ok()).and_then(|number| number.parse().ok())
}

/// Returns whether an attribute of an item is true.
pub fn flag(item: &Item, name: &str) -> bool {
    item.get(name).and_then(|value| value.as_bool().ok()).copied().unwrap_or(false)
}

/// Returns a string attribute that must be there.
///
/// # Errors
///
/// [`Error::Item`] where it is missing.
pub fn needed<'a>(item: &'a Item, name: &'static str) -> Result<&'a str, Error> {
    string(item, name).ok_or_else(|| Error::Item(format!("the attribute {name} is missing")))
}

/// Returns an attribute of JSON that must be there.
///
/// # Errors
///
/// [`Error::Item`] where it is missing or can't be read.
pub fn from_json<T: DeserializeOwned>(item: &Item, name: &'static str) -> Result<T, Error> {
    serde_json::from_str(needed(item, name)?).map_err(|e| Error::Item(format!("{name}: {e}")))
}

/// The result of a conditional write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum WriteOutcome {
    Written,
    /// The condition did not hold, and nothing was written.
    ConditionFailed,
}

impl WriteOutcome {
    /// Takes either outcome as good, where only what holds afterwards counts.
    pub(crate) fn accept_either(self) {
        match self {
            WriteOutcome::Written | WriteOutcome::ConditionFailed => {}
        }
    }
}

/// Which items of a partition are asked for, by their sort keys.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SortKeys<'k> {
    All,
    StartingWith(&'k str),
    /// Without this one.
    Before(&'k str),
    /// Without this one.
    After(&'k str),
    /// With both.
    Between(&'k str, &'k str),
}

impl Cloud {
    /// Begins a query of a partition of the table, in the order of the sort keys.
    pub(crate) fn query_pk(&self, pk: impl Into<String>, sort_keys: SortKeys) -> QueryFluentBuilder {
        self.query_partition(["pk", "sk"], pk.into(), sort_keys)
    }

    /// Begins a query of a partition of the index [`BY_SCHOOL`].
    pub(crate) fn query_by_school(&self, pk: impl Into<String>, sort_keys: SortKeys) -> QueryFluentBuilder {
        self.query_partition(["gsi_pk", "gsi_sk"], pk.into(), sort_keys).index_name(BY_SCHOOL)
    }

    fn query_partition(&self, [pk_name, sk_name]: [&str; 2], pk: String, sort_keys: SortKeys) -> QueryFluentBuilder {
        let (range, values) = match sort_keys {
            SortKeys::All => (String::new(), Vec::new()),
            SortKeys::StartingWith(start) => (format!(" AND begins_with({sk_name}, :start)"), vec![(":start", start)]),
            SortKeys::Before(end) => (format!(" AND {sk_name} < :end"), vec![(":end", end)]),
            SortKeys::After(start) => (format!(" AND {sk_name} > :start"), vec![(":start", start)]),
            SortKeys::Between(from, to) => {
                (format!(" AND {sk_name} BETWEEN :from AND :to"), vec![(":from", from), (":to", to)])
            }
        };
        let query = self.dynamo.query().table_name(&self.table);
        let query = query.key_condition_expression(format!("{pk_name} = :pk{range}"));
        let query = query.expression_attribute_values(":pk", s(pk));
        values.into_iter().fold(query, |query, (name, value)| query.expression_attribute_values(name, s(value)))
    }

    /// Reads one item, with everything that was written before.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn item_get(&self, key: &Key) -> Result<Option<Item>, Error> {
        if !key.can_exist() {
            return Ok(None);
        }
        let request = self.dynamo.get_item().table_name(&self.table).set_key(Some(key.item()));
        Ok(request.consistent_read(true).send().await?.item)
    }

    /// Writes `item` under `key` whatever was there.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn item_put(&self, key: &Key, item: Item) -> Result<(), Error> {
        let item = key.item().into_iter().chain(item).collect();
        self.dynamo.put_item().table_name(&self.table).set_item(Some(item)).send().await?;
        Ok(())
    }

    /// Writes `item` under `key` unless there is one.
    ///
    /// After a lost answer it is told [`WriteOutcome::ConditionFailed`] of what it wrote itself: the caller must be
    /// content with what is there, or read it.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn item_put_new(&self, key: &Key, item: Item) -> Result<WriteOutcome, Error> {
        let item = key.item().into_iter().chain(item).collect();
        let request = self.dynamo.put_item().table_name(&self.table).set_item(Some(item));
        condition(request.condition_expression("attribute_not_exists(pk)").send().await)
    }

    /// Deletes the item, if there is one.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn item_delete(&self, key: &Key) -> Result<(), Error> {
        self.dynamo.delete_item().table_name(&self.table).set_key(Some(key.item())).send().await?;
        Ok(())
    }
}

/// Turns a condition that did not hold into a value.
pub(crate) fn condition<T, E, R>(
    answer: Result<T, aws_sdk_dynamodb::error::SdkError<E, R>>,
) -> Result<WriteOutcome, Error>
where
    Error: From<aws_sdk_dynamodb::error::SdkError<E, R>>,
{
    match answer.map_err(Error::from) {
        Ok(_) => Ok(WriteOutcome::Written),
        Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(WriteOutcome::ConditionFailed),
        Err(error) => Err(error),
    }
}
