//! The users: how one stands in the table, and how one, some or all are read.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::AttributeValue;
use futures::{StreamExt, TryStreamExt, stream};
use roster::role::Power;
use roster::{Directory, Guid, Named, Roles, SchoolId, User};

use crate::table::{BY_EMAIL, Item, Key, SHARDS, flag, from_json, n, needed, number, s, shard, string};
use crate::{Cloud, Error};
use roster::user::fold;

/// The attributes of a user's item that are the user, without the keys. The index
/// [`BY_SCHOOL`](crate::table::BY_SCHOOL) has them, too.
pub(crate) const FIELDS: [&str; 17] = [
    "guid",
    "custom_id",
    "first_name",
    "middle_name",
    "last_name",
    "email",
    "school",
    "user_type",
    "position",
    "grade",
    "status",
    "username",
    "version",
    "deleted_at",
    "erase_at",
    "roles",
    "former_usernames",
];

/// How many requests are under way at once when much is read.
const SIDE_BY_SIDE: usize = 16;

/// A user and what signing in needs.
#[derive(Clone)]
pub struct Account {
    pub user: User,
    /// Argon2id in PHC format.
    pub password_hash: Option<String>,
    pub temporary_password: bool,
    /// The user chose it, so nobody else knows it.
    pub own_password: bool,
    /// What the user could do who was given the password; not known of own ones and those from long ago.
    pub password_power: Option<Power>,
    /// When the temporary password was given, in milliseconds since 1970; not known of those from long ago.
    pub temporary_since: Option<u64>,
    /// When somebody signed in with it, which works once.
    pub temporary_used_at: Option<u64>,
    /// When it was last disabled or deleted, or no longer an administrator: sessions from before that stay over when it comes back.
    pub signed_out_at: Option<u64>,
    /// Since when it is disabled, in milliseconds since 1970.
    pub disabled_since: Option<u64>,
}

impl Cloud {
    /// Every user of the organisation, deleted ones included.
    pub async fn directory(&self) -> Result<Directory, Error> {
        let shards = stream::iter(0..SHARDS).map(|shard| self.shard(shard)).buffer_unordered(SIDE_BY_SIDE);
        let users: Vec<Vec<User>> = shards.try_collect().await?;
        Ok(Directory::new(users.into_iter().flatten().collect()))
    }

    async fn shard(&self, number: u8) -> Result<Vec<User>, Error> {
        let mut request = self.dynamo.query().table_name(&self.table).consistent_read(true);
        for field in FIELDS {
            request = request.expression_attribute_names(format!("#{field}"), field);
        }
        let mut pages = request
            .projection_expression(projection())
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", s(shard(number)))
            .into_paginator()
            .send();
        let mut users = Vec::new();
        while let Some(page) = pages.next().await {
            for item in page?.items() {
                users.push(user_of(item)?);
            }
        }
        Ok(users)
    }

    /// The users that are named, and nobody else. Values that belong to nobody are simply not found.
    pub async fn named_users(&self, names: &Named) -> Result<Directory, Error> {
        let by_name = names.usernames.iter().map(|name| Key::username(name));
        let by_mail = names.staff_emails.iter().map(|email| Key::staff_email(email));
        let reservations = self.get_items(by_name.chain(by_mail).collect(), &["guid"]).await?;
        let held = reservations.iter().map(|item| guid_of(needed(item, "guid")?));
        let mut guids: HashSet<Guid> = held.collect::<Result<_, _>>()?;
        guids.extend(&names.guids);

        let homes = self.get_items(guids.into_iter().map(Key::guid).collect(), &["user_pk", "user_sk"]).await?;
        let mut keys: HashSet<Key> = homes.iter().map(home).collect::<Result<_, _>>()?;
        // A custom ID alone makes the key; the GUID is not part of it.
        let nobody = Guid(uuid::Uuid::nil());
        keys.extend(names.custom_ids.iter().map(|id| Key::user(Some(id), nobody)));
        let items = self.get_items(keys, &FIELDS).await?;
        let users = items.iter().map(user_of).collect::<Result<_, _>>()?;
        Ok(Directory::of_named(users, names.usernames.clone()))
    }

    /// The password hashes of `users`, of those that have one.
    pub async fn password_hashes(&self, users: &[&User]) -> Result<HashMap<Guid, String>, Error> {
        let keys = users.iter().map(|user| Key::user(user.custom_id.as_deref(), user.guid)).collect();
        let items = self.get_items(keys, &["guid", "password_hash"]).await?;
        let with_hash = items.iter().filter_map(|item| Some((item, string(item, "password_hash")?)));
        with_hash.map(|(item, hash)| Ok((guid_of(needed(item, "guid")?)?, hash.to_owned()))).collect()
    }

    /// Those of the users, by custom ID, who have a password that they did not choose, so that others may know it.
    pub async fn with_known_passwords(&self, custom_ids: &[&str]) -> Result<HashSet<Guid>, Error> {
        // A custom ID alone makes the key; the GUID is not part of it.
        let keys = custom_ids.iter().map(|id| Key::user(Some(id), Guid(uuid::Uuid::nil()))).collect();
        let items = self.get_items(keys, &["guid", "temporary_password", "own_password"]).await?;
        let known = items.iter().filter(|item| item.contains_key("temporary_password") && !flag(item, "own_password"));
        known.map(|item| guid_of(needed(item, "guid")?)).collect()
    }

    /// The users with these GUIDs as they are now, in no order.
    pub async fn users_of(&self, guids: impl IntoIterator<Item = Guid>) -> Result<Vec<User>, Error> {
        let homes = self.get_items(guids.into_iter().map(Key::guid).collect(), &["user_pk", "user_sk"]).await?;
        let keys = homes.iter().map(home).collect::<Result<_, _>>()?;
        self.get_items(keys, &FIELDS).await?.iter().map(user_of).collect()
    }

    /// `users` as they are now, of those that are still where they were, in no order.
    pub async fn users_now(&self, users: &[User]) -> Result<Vec<User>, Error> {
        let keys = users.iter().map(|user| Key::user(user.custom_id.as_deref(), user.guid)).collect();
        self.get_items(keys, &FIELDS).await?.iter().map(user_of).collect()
    }

    /// The user with this GUID, deleted ones included.
    pub async fn account(&self, guid: Guid) -> Result<Option<Account>, Error> {
        let Some(reservation) = self.get_item(&Key::guid(guid)).await? else { return Ok(None) };
        let item = self.get_item(&home(&reservation)?).await?;
        item.map(|item| account_of(&item)).transpose()
    }

    /// The user with this user name, whatever its case, deleted ones included. Nobody is found by a former one.
    pub async fn account_named(&self, username: &str) -> Result<Option<Account>, Error> {
        let Some(reservation) = self.get_item(&Key::username(username)).await? else { return Ok(None) };
        let account = self.account(guid_of(needed(&reservation, "guid")?)?).await?;
        Ok(account.filter(|account| account.user.is_named(username)))
    }

    /// The user that has this e-mail address, whatever its case, deleted ones left out: the teacher, staff member or
    /// administrator, for theirs are unique; or else the student, where only one has it.
    pub async fn account_of_email(&self, email: &str) -> Result<Option<Account>, Error> {
        let request = self.dynamo.query().table_name(&self.table).index_name(BY_EMAIL).limit(20);
        let request = request.key_condition_expression("email_key = :email");
        let answer = request.expression_attribute_values(":email", s(fold(email))).send().await?;
        let mut accounts = Vec::new();
        for item in answer.items() {
            let found = self.get_item(&Key::new(needed(item, "pk")?, needed(item, "sk")?)).await?;
            accounts.extend(found.map(|item| account_of(&item)).transpose()?);
        }
        // The index may lag behind the items.
        accounts.retain(|account| account.user.deleted_at.is_none() && fold(&account.user.email) == fold(email));
        if let Some(staff) = accounts.iter().position(|account| account.user.user_type.is_staff()) {
            return Ok(Some(accounts.swap_remove(staff)));
        }
        Ok(accounts.pop().filter(|_| accounts.is_empty()))
    }

    /// The managed user with this custom ID, deleted ones left out.
    pub async fn account_of_custom_id(&self, custom_id: &str) -> Result<Option<Account>, Error> {
        // A custom ID alone makes the key; the GUID is not part of it.
        let item = self.get_item(&Key::user(Some(custom_id), Guid(uuid::Uuid::nil()))).await?;
        let account = item.map(|item| account_of(&item)).transpose()?;
        Ok(account.filter(|account| account.user.deleted_at.is_none()))
    }

    /// The items under `keys` that exist, in no order, with these attributes.
    pub(crate) async fn get_items(&self, keys: HashSet<Key>, attributes: &[&str]) -> Result<Vec<Item>, Error> {
        let keys: Vec<Key> = keys.into_iter().filter(Key::can_exist).collect();
        let batches: Vec<Vec<Key>> = keys.chunks(100).map(<[Key]>::to_vec).collect();
        let read = stream::iter(batches).map(|batch| self.get_batch(batch, attributes)).buffer_unordered(SIDE_BY_SIDE);
        let read: Vec<Vec<Item>> = read.try_collect().await?;
        Ok(read.into_iter().flatten().collect())
    }

    /// Asks again for what the table left unprocessed, which it may do with any part at any time.
    async fn get_batch(&self, keys: Vec<Key>, attributes: &[&str]) -> Result<Vec<Item>, Error> {
        let mut wanted = aws_sdk_dynamodb::types::KeysAndAttributes::builder().consistent_read(true);
        for (i, name) in attributes.iter().enumerate() {
            wanted = wanted.expression_attribute_names(format!("#a{i}"), *name);
        }
        let names: Vec<String> = (0..attributes.len()).map(|i| format!("#a{i}")).collect();
        let wanted = wanted.projection_expression(names.join(", "));
        let mut wanted = Some(wanted.set_keys(Some(keys.iter().map(Key::item).collect())).build()?);
        let mut items = Vec::new();
        let mut pause = std::time::Duration::from_millis(20);
        while let Some(request) = wanted {
            let answer = self.dynamo.batch_get_item().request_items(&self.table, request).send().await?;
            items.extend(answer.responses.and_then(|mut tables| tables.remove(&self.table)).unwrap_or_default());
            wanted = answer.unprocessed_keys.and_then(|mut tables| tables.remove(&self.table));
            if wanted.is_some() {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(std::time::Duration::from_secs(2));
            }
        }
        Ok(items)
    }
}

fn projection() -> String {
    FIELDS.map(|field| format!("#{field}")).join(", ")
}

/// Where a GUID's user is.
fn home(reservation: &Item) -> Result<Key, Error> {
    Ok(Key::new(needed(reservation, "user_pk")?, needed(reservation, "user_sk")?))
}

fn guid_of(text: &str) -> Result<Guid, Error> {
    uuid::Uuid::parse_str(text).map(Guid).map_err(|e| Error::Item(format!("guid: {e}")))
}

/// The user of an item; also of one that came through the index.
pub fn user_of(item: &Item) -> Result<User, Error> {
    let text = |name: &'static str| needed(item, name).map(str::to_owned);
    Ok(User {
        guid: guid_of(needed(item, "guid")?)?,
        custom_id: string(item, "custom_id").map(str::to_owned),
        first_name: text("first_name")?,
        middle_name: text("middle_name")?,
        last_name: text("last_name")?,
        email: text("email")?,
        school: SchoolId(text("school")?),
        user_type: word(item, "user_type")?,
        position: text("position")?,
        grade: word(item, "grade")?,
        status: word(item, "status")?,
        username: text("username")?,
        version: number(item, "version").ok_or_else(|| Error::Item("the version is missing".to_owned()))?,
        deleted_at: number(item, "deleted_at"),
        erase_at: number(item, "erase_at"),
        roles: Roles::read(string(item, "roles").unwrap_or_default()),
        former_usernames: item.get("former_usernames").and_then(|v| v.as_ss().ok()).cloned().unwrap_or_default(),
    })
}

/// The attributes of a user, without those of its key.
pub(crate) fn attributes(user: &User) -> Vec<(String, AttributeValue)> {
    let mut attributes = vec![
        ("guid", s(user.guid.to_string())),
        ("first_name", s(&user.first_name)),
        ("middle_name", s(&user.middle_name)),
        ("last_name", s(&user.last_name)),
        ("email", s(&user.email)),
        ("school", s(&user.school.0)),
        ("user_type", s(user.user_type.as_str())),
        ("position", s(&user.position)),
        ("grade", s(user.grade.as_str())),
        ("status", s(user.status.as_str())),
        ("username", s(&user.username)),
        ("version", n(user.version)),
        ("roles", s(user.roles.as_str())),
    ];
    attributes.extend(user.custom_id.as_ref().map(|id| ("custom_id", s(id))));
    let order = match user.deleted_at {
        Some(at) => deletion_order(user.erase_at.unwrap_or(at), Some(user.guid)),
        None => format!("{}#{}#{}", fold(&user.last_name), fold(&user.first_name), user.guid),
    };
    let reachable = user.deleted_at.is_none() && !user.email.is_empty();
    attributes.extend(reachable.then(|| ("email_key", s(fold(&user.email)))));
    attributes.push(("gsi_pk", s(Listing::of(user).partition(&user.school))));
    attributes.push(("gsi_sk", s(order)));
    attributes.extend(user.deleted_at.map(|at| ("deleted_at", n(at))));
    attributes.extend(user.erase_at.map(|at| ("erase_at", n(at))));
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Which of a school's users a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// Those that there are, by name.
    Present,
    /// Those that were deleted and not erased yet, the earliest first.
    Deleted,
    /// Those that were archived and not erased yet, the one that is erased next first.
    Archived,
}

impl Listing {
    fn of(user: &User) -> Listing {
        match user.deleted_at {
            None => Listing::Present,
            Some(_) if user.is_archived() => Listing::Archived,
            Some(_) => Listing::Deleted,
        }
    }

    /// The partition of the index in which the list of a school is.
    pub(crate) fn partition(self, school: &SchoolId) -> String {
        match self {
            Listing::Present => format!("SCHOOL#{}", school.0),
            Listing::Deleted => format!("DELETED#{}", school.0),
            Listing::Archived => format!("ARCHIVED#{}", school.0),
        }
    }
}

/// Where a user that was deleted at `at` (or, archived, is to be erased then) stands among those of its school; before
/// all of that moment where no user is named.
pub(crate) fn deletion_order(at: u64, guid: Option<Guid>) -> String {
    guid.map_or_else(|| format!("{at:013}"), |guid| format!("{at:013}#{guid}"))
}

fn account_of(item: &Item) -> Result<Account, Error> {
    Ok(Account {
        user: user_of(item)?,
        password_hash: string(item, "password_hash").map(str::to_owned),
        temporary_password: flag(item, "temporary_password"),
        own_password: flag(item, "own_password"),
        password_power: string(item, "password_power").map(|_| from_json(item, "password_power")).transpose()?,
        temporary_since: number(item, "temporary_since"),
        temporary_used_at: number(item, "temporary_used_at"),
        signed_out_at: number(item, "signed_out_at"),
        disabled_since: number(item, "disabled_since"),
    })
}

fn word<T: std::str::FromStr<Err = ()>>(item: &Item, name: &'static str) -> Result<T, Error> {
    needed(item, name)?.parse().map_err(|()| Error::Item(format!("{name} is not a word that is known")))
}
