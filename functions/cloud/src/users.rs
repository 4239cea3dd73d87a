//! The users: how one, some or all are read.

mod item;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use roster::user::fold;
use roster::{Directory, DirectoryBuilder, Guid, Named, User};
use serde_json::{Value, json};
use wire::attribute::Attribute;

use crate::table::{BY_EMAIL, Item, Key, SHARDS, SortKeys, flag, needed, s, shard, string};
use crate::{Cloud, Error};
pub use item::{Account, Listing, item_of, user_of};
use item::{account_of, guid_of};
pub(crate) use item::{attributes, deletion_order, named};

/// How many requests are under way at once when much is read. More than one processor can take in; a page has 1 MB, and
/// several times that as items.
const SIDE_BY_SIDE: usize = 16;

/// How often in a row the table may leave everything unprocessed that it is asked for.
const MOST_ROUNDS_FOR_NOTHING: u32 = 12;

impl Cloud {
    /// Returns every user of the organisation, deleted ones included.
    ///
    /// Pages of all shards are put together as they come, so that few of them are in memory at once.
    ///
    /// It is read consistently, which costs twice as much: a plan may be made a second after another one was carried out,
    /// and would create once more whom that one created.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn directory_get(&self) -> Result<Directory, Error> {
        let mut builder = DirectoryBuilder::default();
        let mut pages = stream::iter((0..SHARDS).map(|number| self.shard(number))).flatten_unordered(SIDE_BY_SIDE);
        while let Some(page) = pages.next().await {
            for item in page?.items() {
                builder.push(&user_of(item)?);
            }
        }
        Ok(builder.finish())
    }

    /// Returns the pages of one shard.
    fn shard(&self, number: u8) -> impl Stream<Item = Result<QueryOutput, Error>> + Unpin {
        let mut request = self.query_pk(shard(number), SortKeys::All).consistent_read(true);
        for name in Attribute::of_user().map(Attribute::name) {
            request = request.expression_attribute_names(format!("#{name}"), name);
        }
        let pages = request.projection_expression(projection()).into_paginator().send();
        Box::pin(stream::unfold(pages, async |mut pages| {
            let page = pages.next().await?;
            Some((page.map_err(Error::from), pages))
        }))
    }

    /// Returns the users that are named, and nobody else.
    ///
    /// Values that belong to nobody are simply not found.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn directory_get_named(&self, names: &Named) -> Result<Directory, Error> {
        let by_name = names.usernames.iter().map(|name| Key::username(name));
        let by_mail = names.staff_emails.iter().map(|email| Key::staff_email(email));
        let reservations = self.item_get_many(by_name.chain(by_mail).collect(), &["guid"]).await?;
        let held = reservations.iter().map(|item| guid_of(needed(item, "guid")?));
        let mut guids: HashSet<Guid> = held.collect::<Result<_, _>>()?;
        guids.extend(&names.guids);

        let homes = self.item_get_many(guids.into_iter().map(Key::guid).collect(), &["user_pk", "user_sk"]).await?;
        let mut keys: HashSet<Key> = homes.iter().map(home).collect::<Result<_, _>>()?;
        // A custom ID alone makes the key; the GUID is not part of it.
        let nobody = Guid(uuid::Uuid::nil());
        keys.extend(names.custom_ids.iter().map(|id| Key::user(Some(id), nobody)));
        let items = self.get_users(keys).await?;
        let users = items.iter().map(user_of).collect::<Result<_, _>>()?;
        Ok(Directory::of_named(users, names.usernames.clone()))
    }

    /// Returns the password hashes of `users`, of those that have one.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn password_list_hashes(&self, users: &[&User]) -> Result<HashMap<Guid, String>, Error> {
        let keys = users.iter().map(|user| Key::user(user.custom_id.as_deref(), user.guid)).collect();
        let items = self.item_get_many(keys, &["guid", "password_hash"]).await?;
        let with_hash = items.iter().filter_map(|item| Some((item, string(item, "password_hash")?)));
        with_hash.map(|(item, hash)| Ok((guid_of(needed(item, "guid")?)?, hash.to_owned()))).collect()
    }

    /// Returns those of the users, by custom ID, whose password others may know.
    ///
    /// They did not choose it.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn user_list_with_known_passwords(&self, custom_ids: &[&str]) -> Result<HashSet<Guid>, Error> {
        // A custom ID alone makes the key; the GUID is not part of it.
        let keys = custom_ids.iter().map(|id| Key::user(Some(id), Guid(uuid::Uuid::nil()))).collect();
        let items = self.item_get_many(keys, &["guid", "temporary_password", "own_password"]).await?;
        let known = items.iter().filter(|item| item.contains_key("temporary_password") && !flag(item, "own_password"));
        known.map(|item| guid_of(needed(item, "guid")?)).collect()
    }

    /// Returns the users with these GUIDs as they are now, in no order.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn user_get_many(&self, guids: impl IntoIterator<Item = Guid>) -> Result<Vec<User>, Error> {
        let homes = self.item_get_many(guids.into_iter().map(Key::guid).collect(), &["user_pk", "user_sk"]).await?;
        let keys = homes.iter().map(home).collect::<Result<_, _>>()?;
        self.get_users(keys).await?.iter().map(user_of).collect()
    }

    /// Returns the keys of the items of users with these GUIDs, deleted ones included.
    pub(crate) async fn user_homes(&self, guids: HashSet<Guid>) -> Result<HashMap<Guid, Key>, Error> {
        let keys = guids.into_iter().map(Key::guid).collect();
        let homes = self.item_get_many(keys, &["pk", "user_pk", "user_sk"]).await?;
        let guid = |item: &Item| guid_of(needed(item, "pk")?.trim_start_matches("GUID#"));
        homes.iter().map(|item| Ok((guid(item)?, home(item)?))).collect()
    }

    /// Returns `users` as they are now, of those that are still where they were, in no order.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn user_get_again(&self, users: &[User]) -> Result<Vec<User>, Error> {
        let keys = users.iter().map(|user| Key::user(user.custom_id.as_deref(), user.guid)).collect();
        self.get_users(keys).await?.iter().map(user_of).collect()
    }

    /// Returns the user with this GUID, deleted ones included.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn account_get(&self, guid: Guid) -> Result<Option<Account>, Error> {
        let Some(reservation) = self.item_get(&Key::guid(guid)).await? else { return Ok(None) };
        let item = self.item_get(&home(&reservation)?).await?;
        item.map(|item| account_of(&item)).transpose()
    }

    /// Returns what the item of this user has, but for what the API gives to nobody.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn user_get_attributes(&self, guid: Guid) -> Result<BTreeMap<&'static str, Value>, Error> {
        let Some(reservation) = self.item_get(&Key::guid(guid)).await? else { return Ok(BTreeMap::new()) };
        let item = self.item_get(&home(&reservation)?).await?.unwrap_or_default();
        let readable = Attribute::ALL.into_iter().filter(|attribute| attribute.read_with().is_some());
        let named = readable.filter_map(|attribute| Some((attribute.name(), item.get(attribute.name())?)));
        Ok(named.map(|(name, value)| (name, as_json(value))).collect())
    }

    /// Returns the user with this user name, whatever its case, deleted ones included.
    ///
    /// Nobody is found by a former one.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn account_get_by_username(&self, username: &str) -> Result<Option<Account>, Error> {
        let Some(reservation) = self.item_get(&Key::username(username)).await? else { return Ok(None) };
        let account = self.account_get(guid_of(needed(&reservation, "guid")?)?).await?;
        Ok(account.filter(|account| account.user.is_named(username)))
    }

    /// Returns the user that has this e-mail address, whatever its case, deleted ones left out.
    ///
    /// It is the teacher, staff member or administrator, for theirs are unique; or else the student, where only one has
    /// it.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn account_get_by_email(&self, email: &str) -> Result<Option<Account>, Error> {
        let request = self.dynamo.query().table_name(&self.table).index_name(BY_EMAIL).limit(20);
        let request = request.key_condition_expression("email_key = :email");
        let answer = request.expression_attribute_values(":email", s(fold(email))).send().await?;
        let mut accounts = Vec::new();
        for item in answer.items() {
            let found = self.item_get(&Key::new(needed(item, "pk")?, needed(item, "sk")?)).await?;
            accounts.extend(found.map(|item| account_of(&item)).transpose()?);
        }
        // The index may lag behind the items.
        accounts.retain(|account| account.user.deleted_at.is_none() && fold(&account.user.email) == fold(email));
        if let Some(staff) = accounts.iter().position(|account| account.user.user_type.is_staff()) {
            return Ok(Some(accounts.swap_remove(staff)));
        }
        Ok(accounts.pop().filter(|_| accounts.is_empty()))
    }

    /// Returns the managed user with this custom ID, deleted ones left out.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn account_get_by_custom_id(&self, custom_id: &str) -> Result<Option<Account>, Error> {
        // A custom ID alone makes the key; the GUID is not part of it.
        let item = self.item_get(&Key::user(Some(custom_id), Guid(uuid::Uuid::nil()))).await?;
        let account = item.map(|item| account_of(&item)).transpose()?;
        Ok(account.filter(|account| account.user.deleted_at.is_none()))
    }

    /// Returns the items of users under `keys` that exist, in no order.
    async fn get_users(&self, keys: HashSet<Key>) -> Result<Vec<Item>, Error> {
        self.item_get_many(keys, &Attribute::of_user().map(Attribute::name).collect::<Vec<_>>()).await
    }

    /// Returns the items under `keys` that exist, in no order, with these attributes.
    pub(crate) async fn item_get_many(&self, keys: HashSet<Key>, attributes: &[&str]) -> Result<Vec<Item>, Error> {
        let keys: Vec<Key> = keys.into_iter().filter(Key::can_exist).collect();
        let batches: Vec<Vec<Key>> = keys.chunks(100).map(<[Key]>::to_vec).collect();
        let read = stream::iter(batches).map(|batch| self.get_batch(batch, attributes)).buffer_unordered(SIDE_BY_SIDE);
        let read: Vec<Vec<Item>> = read.try_collect().await?;
        Ok(read.into_iter().flatten().collect())
    }

    /// Asks again for what the table left unprocessed, which it may do with any part at any time: because an answer has
    /// 16 MB at most, and, after a pause, because it had too much to do.
    async fn get_batch(&self, keys: Vec<Key>, attributes: &[&str]) -> Result<Vec<Item>, Error> {
        let mut left = keys.len();
        let mut wanted = Some(batch(&keys, attributes)?);
        let (mut items, mut rounds_for_nothing) = (Vec::new(), 0);
        while let Some(request) = wanted {
            let answer = self.dynamo.batch_get_item().request_items(&self.table, request).send().await?;
            items.extend(answer.responses.and_then(|mut tables| tables.remove(&self.table)).unwrap_or_default());
            wanted = answer.unprocessed_keys.and_then(|mut tables| tables.remove(&self.table));
            let still_left = wanted.as_ref().map_or(0, |wanted| wanted.keys().len());
            rounds_for_nothing = if still_left < left { 0 } else { rounds_for_nothing + 1 };
            left = still_left;
            if rounds_for_nothing >= MOST_ROUNDS_FOR_NOTHING {
                return Err(Error::Contended("a part of the table"));
            }
            if wanted.is_some() {
                tokio::time::sleep(pause_before_round(rounds_for_nothing)).await;
            }
        }
        Ok(items)
    }
}

/// Returns what is asked for in one request.
fn batch(keys: &[Key], attributes: &[&str]) -> Result<KeysAndAttributes, Error> {
    let mut wanted = KeysAndAttributes::builder().consistent_read(true);
    for (i, name) in attributes.iter().enumerate() {
        wanted = wanted.expression_attribute_names(format!("#a{i}"), *name);
    }
    let names: Vec<String> = (0..attributes.len()).map(|i| format!("#a{i}")).collect();
    let wanted = wanted.projection_expression(names.join(", "));
    Ok(wanted.set_keys(Some(keys.iter().map(Key::item).collect())).build()?)
}

/// Returns a time that is not the same for those who wait together: of up to two seconds, the longer the more often
/// nothing came.
fn pause_before_round(rounds_for_nothing: u32) -> Duration {
    let longest = (25u64 << rounds_for_nothing.min(10)).min(2000);
    Duration::from_millis(fastrand::u64(0..=longest))
}

fn as_json(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!(text),
        AttributeValue::N(number) => number.parse::<u64>().map_or_else(|_| json!(number), |number| json!(number)),
        AttributeValue::Bool(flag) => json!(flag),
        AttributeValue::Ss(texts) => json!(texts),
        // No attribute of a user is of another kind.
        _ => Value::Null,
    }
}

fn projection() -> String {
    Attribute::of_user().map(|attribute| format!("#{}", attribute.name())).collect::<Vec<_>>().join(", ")
}

/// Returns the key of the user whose GUID is reserved.
fn home(reservation: &Item) -> Result<Key, Error> {
    Ok(Key::new(needed(reservation, "user_pk")?, needed(reservation, "user_sk")?))
}
