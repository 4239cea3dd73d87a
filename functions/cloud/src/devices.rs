//! The key with which devices are signed on which somebody has signed in.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::table::{Item, Key, WriteOutcome};
use crate::{Cloud, Error};

impl Cloud {
    /// Returns the key with which devices are signed: the one that there is, or else `new` from now on.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn device_key_get(&self, new: [u8; 32]) -> Result<[u8; 32], Error> {
        let key = Key::device_key();
        let value = AttributeValue::B(Blob::new(new));
        match self.item_get(&key).await? {
            Some(item) => device_key_of(&item),
            None if self.item_put_new(&key, [("key".to_owned(), value)].into()).await? == WriteOutcome::Written => {
                Ok(new)
            }
            None => device_key_of(&self.item_get(&key).await?.unwrap_or_default()),
        }
    }
}

fn device_key_of(item: &Item) -> Result<[u8; 32], Error> {
    let key = item.get("key").and_then(|value| value.as_b().ok()).and_then(|key| key.as_ref().try_into().ok());
    key.ok_or_else(|| Error::Item("the key of devices is missing".to_owned()))
}
