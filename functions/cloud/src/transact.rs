//! Several writes that happen together or not at all.

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update};

use crate::retry::Cancelled;
use crate::table::{Item, Key};
use crate::{Cloud, Error};

/// How many actions DynamoDB takes in one transaction.
pub const MAX_ACTIONS: usize = 100;

/// A write of a transaction, or something that must hold for it.
///
/// No two of one transaction may have the same key.
#[derive(Debug, Clone)]
pub struct WriteAction {
    pub key: Key,
    write: WriteKind,
    condition: Option<String>,
    values: Vec<(String, AttributeValue)>,
}

#[derive(Debug, Clone)]
enum WriteKind {
    Put(Item),
    Update(String),
    Delete,
    /// Nothing is written.
    Check,
}

impl WriteAction {
    /// Writes the item whatever was there.
    pub fn put(key: &Key, item: Item) -> WriteAction {
        WriteAction { key: key.clone(), write: WriteKind::Put(item), condition: None, values: Vec::new() }
    }

    /// Writes the item where there is none.
    pub fn put_new(key: &Key, item: Item) -> WriteAction {
        WriteAction::put(key, item).only_if("attribute_not_exists(pk)", [])
    }

    /// Returns the update of an item by an expression; `values` are those that it names.
    pub fn update<const N: usize>(
        key: &Key,
        expression: &str,
        values: [(&'static str, AttributeValue); N],
    ) -> WriteAction {
        let write = WriteKind::Update(expression.to_owned());
        let values = values.map(|(name, value)| (name.to_owned(), value)).into();
        WriteAction { key: key.clone(), write, condition: None, values }
    }

    /// Returns the deletion of an item.
    pub fn delete(key: &Key) -> WriteAction {
        WriteAction { key: key.clone(), write: WriteKind::Delete, condition: None, values: Vec::new() }
    }

    /// Returns what must hold of an item that the transaction leaves as it is.
    pub fn check<const N: usize>(
        key: &Key,
        condition: &str,
        values: [(&'static str, AttributeValue); N],
    ) -> WriteAction {
        let check = WriteAction { key: key.clone(), write: WriteKind::Check, condition: None, values: Vec::new() };
        check.only_if(condition, values)
    }

    /// Returns the action under a condition; `values` are added to those of the expression.
    pub fn only_if<const N: usize>(
        mut self,
        condition: &str,
        values: [(&'static str, AttributeValue); N],
    ) -> WriteAction {
        self.condition = Some(condition.to_owned());
        self.values.extend(values.map(|(name, value)| (name.to_owned(), value)));
        self
    }

    /// Returns the action with the values `:name` of an expression that was put together from `attributes`.
    pub(crate) fn with_values(mut self, attributes: Vec<(String, AttributeValue)>) -> WriteAction {
        self.values.extend(attributes.into_iter().map(|(name, value)| (format!(":{name}"), value)));
        self
    }

    fn request(self, table: &str) -> Result<TransactWriteItem, Error> {
        let names = self.aliases();
        let values = (!self.values.is_empty()).then(|| self.values.into_iter().collect());
        let item = TransactWriteItem::builder();
        Ok(match self.write {
            WriteKind::Put(attributes) => {
                let attributes = self.key.item().into_iter().chain(attributes).collect();
                let put = Put::builder().table_name(table).set_item(Some(attributes));
                let put = put.set_condition_expression(self.condition).set_expression_attribute_values(values);
                item.put(put.set_expression_attribute_names(names).build()?)
            }
            WriteKind::Update(expression) => {
                let update = Update::builder().table_name(table).set_key(Some(self.key.item()));
                let update = update.update_expression(expression).set_condition_expression(self.condition);
                let update = update.set_expression_attribute_values(values).set_expression_attribute_names(names);
                item.update(update.build()?)
            }
            WriteKind::Delete => {
                let delete = Delete::builder().table_name(table).set_key(Some(self.key.item()));
                let delete = delete.set_condition_expression(self.condition).set_expression_attribute_values(values);
                item.delete(delete.set_expression_attribute_names(names).build()?)
            }
            WriteKind::Check => {
                let check = ConditionCheck::builder().table_name(table).set_key(Some(self.key.item()));
                let check = check.set_condition_expression(self.condition).set_expression_attribute_values(values);
                item.condition_check(check.set_expression_attribute_names(names).build()?)
            }
        }
        .build())
    }

    /// Returns the attributes that are written `#name` in an expression because their names are words of DynamoDB's
    /// own.
    fn aliases(&self) -> Option<std::collections::HashMap<String, String>> {
        let update = if let WriteKind::Update(expression) = &self.write { expression.as_str() } else { "" };
        let text = [update, self.condition.as_deref().unwrap_or("")];
        let words =
            text.iter().flat_map(|text| text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '#')));
        let names: std::collections::HashMap<_, _> =
            words.filter_map(|word| Some((word.to_owned(), word.strip_prefix('#')?.to_owned()))).collect();
        (!names.is_empty()).then_some(names)
    }
}

/// The result of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Transacted {
    Committed,
    /// Nothing was written: the conditions of these actions, by position, did not hold.
    Rejected(Vec<usize>),
}

impl Cloud {
    /// Writes all of `actions` or none.
    ///
    /// One that collides with another transaction is tried again, as [`retry`](crate::retry) says.
    ///
    /// # Errors
    ///
    /// [`Error::Contended`] where it collides again and again, [`Error::Refused`] where an action is invalid, and
    /// [`Error::Request`] where the table does not answer.
    pub async fn transact(&self, actions: Vec<WriteAction>) -> Result<Transacted, Error> {
        let requests = actions.into_iter().map(|action| action.request(&self.table));
        let requests: Vec<_> = requests.collect::<Result<_, _>>()?;
        let Err(error) = self.dynamo.transact_write_items().set_transact_items(Some(requests)).send().await else {
            return Ok(Transacted::Committed);
        };
        match error.as_service_error().and_then(Cancelled::read) {
            Some(Cancelled::Refused(which)) => Ok(Transacted::Rejected(which)),
            Some(Cancelled::Collided) => Err(Error::Contended("an item of a transaction")),
            Some(Cancelled::Invalid(why)) => Err(Error::Refused(why)),
            None => Err(error.into()),
        }
    }
}
