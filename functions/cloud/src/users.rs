//! The users: how one stands in the table, and how one, some or all are read.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use roster::role::Power;
use roster::user::fold;
use roster::{Directory, DirectoryBuilder, Guid, Named, Roles, SchoolId, SourceId, User};
use serde_json::{Value, json};
use wire::attribute::Attribute;

use crate::table::{BY_EMAIL, Item, Key, SHARDS, SortKeys, flag, from_json, n, needed, number, s, shard, string};
use crate::{Cloud, Error};

/// How many requests are under way at once when much is read. More than one processor can take in; a page has 1 MB, and
/// several times that as items.
const SIDE_BY_SIDE: usize = 16;

/// How often in a row the table may leave everything unprocessed that it is asked for.
const MOST_ROUNDS_FOR_NOTHING: u32 = 12;

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
    /// Returns every user of the organisation, deleted ones included. Pages of all shards are put together as they
    /// come, so that few of them are in memory at once.
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

    /// Returns the users that are named, and nobody else. Values that belong to nobody are simply not found.
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

    /// Returns those of the users, by custom ID, who have a password that they did not choose, so that others may know
    /// it.
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

    /// Returns the user with this user name, whatever its case, deleted ones included. Nobody is found by a former one.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn account_get_by_username(&self, username: &str) -> Result<Option<Account>, Error> {
        let Some(reservation) = self.item_get(&Key::username(username)).await? else { return Ok(None) };
        let account = self.account_get(guid_of(needed(&reservation, "guid")?)?).await?;
        Ok(account.filter(|account| account.user.is_named(username)))
    }

    /// Returns the user that has this e-mail address, whatever its case, deleted ones left out: the teacher, staff
    /// member or administrator, for theirs are unique; or else the student, where only one has it.
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

fn guid_of(text: &str) -> Result<Guid, Error> {
    uuid::Uuid::parse_str(text).map(Guid).map_err(|e| Error::Item(format!("guid: {e}")))
}

/// Returns the user of an item; also of one that came through the index, which does not have the source.
///
/// # Errors
///
/// [`Error::Item`] where an attribute is missing or can't be read.
pub fn user_of(item: &Item) -> Result<User, Error> {
    let text = |attribute: Attribute| needed(item, attribute.name()).map(str::to_owned);
    let at = |attribute: Attribute| number(item, attribute.name());
    let former = item.get(Attribute::FormerUsernames.name()).and_then(|names| names.as_ss().ok());
    Ok(User {
        guid: guid_of(needed(item, Attribute::Guid.name())?)?,
        custom_id: string(item, Attribute::CustomId.name()).map(str::to_owned),
        first_name: text(Attribute::FirstName)?,
        middle_name: text(Attribute::MiddleName)?,
        last_name: text(Attribute::LastName)?,
        email: text(Attribute::Email)?,
        school: SchoolId(text(Attribute::School)?),
        user_type: word(item, Attribute::UserType)?,
        position: text(Attribute::Position)?,
        grade: word(item, Attribute::Grade)?,
        status: word(item, Attribute::Status)?,
        username: text(Attribute::Username)?,
        version: at(Attribute::Version).ok_or_else(|| Error::Item("the version is missing".to_owned()))?,
        deleted_at: at(Attribute::DeletedAt),
        erase_at: at(Attribute::EraseAt),
        roles: Roles::read(string(item, Attribute::Roles.name()).unwrap_or_default()),
        source: string(item, Attribute::Source.name()).map(|source| SourceId(source.to_owned())),
        former_usernames: former.cloned().unwrap_or_default(),
    })
}

/// Returns the item of a user without a password, with its key, as it is written when the user is created. The items that
/// reserve GUID, user name and address are not part of it.
pub fn item_of(user: &User) -> Item {
    let key = Key::user(user.custom_id.as_deref(), user.guid);
    key.item().into_iter().chain(named(attributes(user))).collect()
}

/// Returns the attributes of a user that every write sets. Former user names are added and taken away one by one.
pub(crate) fn attributes(user: &User) -> Vec<(Attribute, AttributeValue)> {
    let mut attributes = vec![
        (Attribute::Guid, s(user.guid.to_string())),
        (Attribute::FirstName, s(&user.first_name)),
        (Attribute::MiddleName, s(&user.middle_name)),
        (Attribute::LastName, s(&user.last_name)),
        (Attribute::Email, s(&user.email)),
        (Attribute::School, s(&user.school.0)),
        (Attribute::UserType, s(user.user_type.as_str())),
        (Attribute::Position, s(&user.position)),
        (Attribute::Grade, s(user.grade.as_str())),
        (Attribute::Status, s(user.status.as_str())),
        (Attribute::Username, s(&user.username)),
        (Attribute::Version, n(user.version)),
        (Attribute::Roles, s(user.roles.as_str())),
    ];
    attributes.extend(user.custom_id.as_ref().map(|id| (Attribute::CustomId, s(id))));
    attributes.extend(user.source.as_ref().map(|source| (Attribute::Source, s(&source.0))));
    let place = match user.deleted_at {
        Some(at) => deletion_order(user.erase_at.unwrap_or(at), Some(user.guid)),
        None => format!("{}#{}#{}", fold(&user.last_name), fold(&user.first_name), user.guid),
    };
    let reachable = user.deleted_at.is_none() && !user.email.is_empty();
    attributes.extend(reachable.then(|| (Attribute::EmailKey, s(fold(&user.email)))));
    attributes.push((Attribute::SchoolPartition, s(Listing::containing(user).partition(&user.school))));
    attributes.push((Attribute::SchoolPlace, s(place)));
    attributes.extend(user.deleted_at.map(|at| (Attribute::DeletedAt, n(at))));
    attributes.extend(user.erase_at.map(|at| (Attribute::EraseAt, n(at))));
    attributes
}

/// Returns the attributes as they stand in an item.
pub(crate) fn named(attributes: Vec<(Attribute, AttributeValue)>) -> impl Iterator<Item = (String, AttributeValue)> {
    attributes.into_iter().map(|(attribute, value)| (attribute.name().to_owned(), value))
}

/// Which of a school's users a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// The users that are not deleted, by name.
    Present,
    /// The users that were deleted and are not erased yet, the earliest first.
    Deleted,
    /// The users that were archived and are not erased yet, the one that is erased next first.
    Archived,
}

impl Listing {
    fn containing(user: &User) -> Listing {
        match user.deleted_at {
            None => Listing::Present,
            Some(_) if user.is_archived() => Listing::Archived,
            Some(_) => Listing::Deleted,
        }
    }

    /// Returns the partition of the index in which the list of a school is.
    pub(crate) fn partition(self, school: &SchoolId) -> String {
        match self {
            Listing::Present => format!("SCHOOL#{}", school.0),
            Listing::Deleted => format!("DELETED#{}", school.0),
            Listing::Archived => format!("ARCHIVED#{}", school.0),
        }
    }
}

/// Returns where a user that was deleted at `at` (or, archived, is to be erased then) stands among those of its school;
/// before all of that moment where no user is named.
pub(crate) fn deletion_order(at: u64, guid: Option<Guid>) -> String {
    guid.map_or_else(|| format!("{at:013}"), |guid| format!("{at:013}#{guid}"))
}

fn account_of(item: &Item) -> Result<Account, Error> {
    let at = |attribute: Attribute| number(item, attribute.name());
    let power = Attribute::PasswordPower.name();
    Ok(Account {
        user: user_of(item)?,
        password_hash: string(item, Attribute::PasswordHash.name()).map(str::to_owned),
        temporary_password: flag(item, Attribute::TemporaryPassword.name()),
        own_password: flag(item, Attribute::OwnPassword.name()),
        password_power: string(item, power).map(|_| from_json(item, power)).transpose()?,
        temporary_since: at(Attribute::TemporarySince),
        temporary_used_at: at(Attribute::TemporaryUsedAt),
        signed_out_at: at(Attribute::SignedOutAt),
        disabled_since: at(Attribute::DisabledSince),
    })
}

fn word<T: std::str::FromStr<Err = ()>>(item: &Item, attribute: Attribute) -> Result<T, Error> {
    let name = attribute.name();
    needed(item, name)?.parse().map_err(|()| Error::Item(format!("{name} is not a word that is known")))
}

#[cfg(test)]
mod tests {
    use roster::{Grade, Status, UserType};

    use super::*;

    const GUID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    fn user() -> User {
        User {
            guid: guid_of(GUID).unwrap(),
            custom_id: Some("00123".to_owned()),
            first_name: "Ora".to_owned(),
            middle_name: "M".to_owned(),
            last_name: "Klein".to_owned(),
            email: "Ora.Klein@x.example".to_owned(),
            school: SchoolId("s1".to_owned()),
            user_type: UserType::Student,
            position: String::new(),
            grade: Grade::G9,
            status: Status::Active,
            username: "Ora.Klein".to_owned(),
            version: 7,
            deleted_at: None,
            erase_at: None,
            roles: Roles::read("teacher;staff"),
            source: None,
            former_usernames: Vec::new(),
        }
    }

    /// The item of a user as it has always been.
    fn item<const N: usize>(more: [(&str, AttributeValue); N]) -> Item {
        let text = [
            ("guid", GUID),
            ("first_name", "Ora"),
            ("middle_name", "M"),
            ("last_name", "Klein"),
            ("email", "Ora.Klein@x.example"),
            ("school", "s1"),
            ("user_type", "Student"),
            ("position", ""),
            ("grade", "9"),
            ("status", "Active"),
            ("username", "Ora.Klein"),
            ("roles", "staff;teacher"),
        ];
        let text = text.map(|(name, value)| (name, AttributeValue::S(value.to_owned())));
        let version = ("version", AttributeValue::N("7".to_owned()));
        text.into_iter().chain([version]).chain(more).map(|(name, value)| (name.to_owned(), value)).collect()
    }

    #[track_caller]
    fn check(user: &User, item: Item) {
        assert_eq!(named(attributes(user)).collect::<Item>(), item);
        assert_eq!(user_of(&item).unwrap(), *user);
    }

    #[test]
    fn a_user_stands_in_the_table_as_it_always_did() {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let number = |value: &str| AttributeValue::N(value.to_owned());
        let place = format!("klein#ora#{GUID}");
        check(
            &user(),
            item([
                ("custom_id", text("00123")),
                ("email_key", text("ora.klein@x.example")),
                ("gsi_pk", text("SCHOOL#s1")),
                ("gsi_sk", text(&place)),
            ]),
        );
        let unmanaged = User { custom_id: None, email: String::new(), ..user() };
        let mut expected = item([("gsi_pk", text("SCHOOL#s1")), ("gsi_sk", text(&place))]);
        expected.insert("email".to_owned(), text(""));
        check(&unmanaged, expected);
        let archived = User { deleted_at: Some(5), erase_at: Some(1_700_000_000_000), ..user() };
        check(
            &archived,
            item([
                ("custom_id", text("00123")),
                ("gsi_pk", text("ARCHIVED#s1")),
                ("gsi_sk", text(&format!("1700000000000#{GUID}"))),
                ("deleted_at", number("5")),
                ("erase_at", number("1700000000000")),
            ]),
        );
    }

    #[test]
    fn former_user_names_are_a_set() {
        let names = vec!["ok".to_owned(), "ora".to_owned()];
        let read = user_of(&item([("former_usernames", AttributeValue::Ss(names.clone()))])).unwrap();
        assert_eq!(read.former_usernames, names);
    }
}
