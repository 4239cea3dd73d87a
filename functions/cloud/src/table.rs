//! The table: its keys, and the few ways in which items are read and written.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use roster::{ClassGuid, Guid, Mode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use wire::UploadId;
use wire::stored::{KeyId, WebhookId};

use crate::{Cloud, Error};

/// The index in which the users of a school stand by name.
pub const BY_SCHOOL: &str = "by_school";

/// The index in which users stand by their folded e-mail address.
pub const BY_EMAIL: &str = "by_email";

/// Over how many partitions the users are spread.
pub const SHARDS: u8 = 64;

/// An item as the SDK has it.
pub type Item = HashMap<String, AttributeValue>;

/// The key of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pub pk: String,
    pub sk: String,
}

impl Key {
    /// Returns the key of these two attributes.
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Key {
        Key { pk: pk.into(), sk: sk.into() }
    }

    /// Returns the key of the user with this custom ID or, where there is none, this GUID.
    pub fn user(custom_id: Option<&str>, guid: Guid) -> Key {
        match custom_id {
            Some(id) => Key::new(shard_of(id), format!("C#{id}")),
            None => Key::new(shard_of(&guid.to_string()), format!("G#{guid}")),
        }
    }

    /// Returns the reservation of a GUID, which says where its user is.
    pub fn guid(guid: Guid) -> Key {
        Key::new(format!("GUID#{guid}"), "GUID")
    }

    /// Returns the reservation of a user name, whatever its case.
    pub fn username(username: &str) -> Key {
        Key::new(format!("NAME#{}", roster::user::fold(username)), "NAME")
    }

    /// Returns the reservation of the e-mail address of a teacher, staff member or administrator, whatever its case.
    pub fn staff_email(email: &str) -> Key {
        Key::new(format!("MAIL#{}", roster::user::fold(email)), "MAIL")
    }

    /// Returns the marker item of a user that was disabled at `since`.
    pub fn disabled(since: u64, guid: Guid) -> Key {
        Key::new(Key::disabled_pk(guid.0.as_bytes()[15] % SHARDS), Key::disabled_sk(since, Some(guid)))
    }

    /// Returns the partition of a shard's users that are disabled.
    pub fn disabled_pk(shard: u8) -> String {
        format!("DISABLED#{shard:02}")
    }

    /// Returns the sort key of such a marker item; before all of the moment where no user is named.
    pub fn disabled_sk(since: u64, guid: Option<Guid>) -> String {
        guid.map_or_else(|| format!("{since:013}"), |guid| format!("{since:013}#{guid}"))
    }

    /// Returns the counter of active administrators.
    pub fn administrators() -> Key {
        Key::new("ADMINS", "ADMINS")
    }

    /// Returns an entry of a user's history.
    pub fn user_log(guid: Guid, at: u64, by: &str) -> Key {
        Key::new(Key::user_log_pk(guid), format!("{at:013}#{by}"))
    }

    /// Returns the partition of a user's history.
    pub fn user_log_pk(guid: Guid) -> String {
        format!("USERLOG#{guid}")
    }

    /// Returns the key of an entry of the audit log.
    pub fn audit(month: &str, shard: u8, at: u64, id: &str) -> Key {
        Key::new(Key::audit_pk(month, shard), format!("{at:013}#{id}"))
    }

    /// Returns the partition of a shard of a month's entries.
    pub fn audit_pk(month: &str, shard: u8) -> String {
        format!("AUDIT#{month}#{shard}")
    }

    /// Returns the key of the same entry under the upload or the user that it is about.
    pub fn audit_of(subject: &str, at: u64, id: &str) -> Key {
        Key::new(Key::audit_of_pk(subject), format!("{at:013}#{id}"))
    }

    /// Returns the partition of the entries about an upload or a user.
    pub fn audit_of_pk(subject: &str) -> String {
        format!("AUDITOF#{subject}")
    }

    /// Returns the marker item of a month that has entries.
    pub fn audit_month(month: &str) -> Key {
        Key::new("AUDIT", month)
    }

    /// Returns the key of a school.
    pub fn school(id: &roster::SchoolId) -> Key {
        Key::new("SCHOOLS", format!("SCHOOL#{}", id.0))
    }

    /// Returns the reservation of an external ID.
    pub fn external_id(external_id: &str) -> Key {
        Key::new(format!("XID#{external_id}"), "XID")
    }

    /// Returns the key of a class.
    pub fn class(guid: ClassGuid) -> Key {
        Key::new(format!("CLASSES#{:02}", guid.0.as_bytes()[15] % SHARDS), guid.to_string())
    }

    /// Returns the reservation of a class ID.
    pub fn class_id(class_id: &str) -> Key {
        Key::new(format!("CLASSID#{class_id}"), "CLASSID")
    }

    /// Returns the key of somebody's place in a class.
    pub fn enrolment(class: ClassGuid, user: Guid) -> Key {
        Key::new(Key::enrolments_pk(class), format!("USER#{user}"))
    }

    /// Returns the partition of the enrolments of a class.
    pub fn enrolments_pk(class: ClassGuid) -> String {
        format!("CLASS#{class}")
    }

    /// Returns an entry of a class's history. `part` tells apart what one author did in several transactions.
    pub fn class_log(class: ClassGuid, at: u64, by: &str, part: &str) -> Key {
        Key::new(Key::class_log_pk(class), format!("{at:013}#{by}{part}"))
    }

    /// Returns the partition of a class's history.
    pub fn class_log_pk(class: ClassGuid) -> String {
        format!("CLASSLOG#{class}")
    }

    /// Returns the key of the settings.
    pub fn settings() -> Key {
        Key::new("SETTINGS", "SYNC")
    }

    /// Returns the key of the default password's hash.
    pub fn default_password() -> Key {
        Key::new("SETTINGS", "DEFAULT_PASSWORD")
    }

    /// Returns the key of a reset.
    pub fn reset(id: &str) -> Key {
        Key::new("RESETS", id)
    }

    /// Returns the key of the roles.
    pub fn roles() -> Key {
        Key::new("SETTINGS", "ROLES")
    }

    /// Returns the key of an upload.
    pub fn upload(id: &UploadId) -> Key {
        Key::new("UPLOADS", &id.0)
    }

    /// Returns the marker item of an upload that is not closed.
    pub fn open(id: &UploadId) -> Key {
        Key::new("OPEN", &id.0)
    }

    /// Returns the marker item of an upload that has files.
    pub fn kept(id: &UploadId) -> Key {
        Key::new(Key::kept_pk(), &id.0)
    }

    /// Returns the partition of the uploads that have files.
    pub fn kept_pk() -> String {
        "KEPT".to_owned()
    }

    /// Returns the marker item of a user that was erased, and may still stand in files.
    pub fn erased(at: u64, guid: Guid) -> Key {
        Key::new(Key::erased_pk(), format!("{at:013}#{guid}"))
    }

    /// Returns the partition of such users.
    pub fn erased_pk() -> String {
        "ERASED".to_owned()
    }

    /// Returns the key of an upload's ticket.
    pub fn ticket(id: &UploadId) -> Key {
        Key::new(format!("TICKET#{id}"), "TICKET")
    }

    /// Returns the key of an upload's seeds.
    pub fn seed(id: &UploadId) -> Key {
        Key::new(format!("UPLOAD#{id}"), "SEED")
    }

    /// Returns the marker item of a chunk that is carried out.
    pub fn chunk(id: &UploadId, n: u32) -> Key {
        Key::new(format!("UPLOAD#{id}"), format!("{}{n:06}", Key::chunks_prefix()))
    }

    /// Returns how the sort keys of all chunks begin.
    pub(crate) fn chunks_prefix() -> &'static str {
        "CHUNK#"
    }

    /// Returns the key of the lease.
    pub fn lease() -> Key {
        Key::new("TURN", "TURN")
    }

    /// Returns the key of which upload was carried out last.
    pub fn last_applied() -> Key {
        Key::new("TURN", "LAST")
    }

    /// Returns the marker item of an upload that waits for the lease.
    pub fn wait(approved_at: u64, id: &UploadId) -> Key {
        Key::new("TURN", format!("WAIT#{approved_at:013}#{id}"))
    }

    /// Returns the key of a session. `token_digest` is the SHA-256 of the session's token in hexadecimal: the table
    /// never has the token.
    pub fn session(token_digest: &str) -> Key {
        Key::new(format!("SESSION#{token_digest}"), "SESSION")
    }

    /// Returns the marker item of a session, by which those of its user are found.
    pub fn session_of(user: Guid, started_at: u64, token_digest: &str) -> Key {
        Key::new(Key::session_of_pk(user), format!("{started_at:013}#{token_digest}"))
    }

    /// Returns the partition of the sessions of a user.
    pub fn session_of_pk(user: Guid) -> String {
        format!("SESSIONOF#{user}")
    }

    /// Returns the counter of a user name's failures to sign in.
    pub fn sign_in(username: &str) -> Key {
        Key::new(format!("SIGNIN#{}", roster::user::fold(username)), "SIGNIN")
    }

    /// Returns the counter of its failures on a device on which the user has signed in before.
    pub fn sign_in_on(username: &str, device: &str) -> Key {
        Key::new(Key::sign_in(username).pk, format!("DEVICE#{device}"))
    }

    /// Returns the counter of a user's failures to name the present password.
    pub fn present_password(username: &str) -> Key {
        Key::new(Key::sign_in(username).pk, "PRESENT")
    }

    /// Returns the counter of the failures of an address in a window.
    pub fn failures_of_address(address: &str, window: u64) -> Key {
        Key::new(format!("SIGNINFROM#{address}#{window}"), "SIGNIN")
    }

    /// Returns the counter of a shard of everybody's failures in a window.
    pub fn failures_of_all(shard: u8, window: u64) -> Key {
        Key::new(format!("SIGNINALL#{shard}#{window}"), "SIGNIN")
    }

    /// Returns the item of an API key.
    pub fn api_key(id: &KeyId) -> Key {
        Key::new(Key::api_keys_pk(), &id.0)
    }

    /// Returns the partition of all API keys.
    pub fn api_keys_pk() -> String {
        "APIKEYS".to_owned()
    }

    /// Returns what is remembered of contents that an API key sent. `sha256` is in hexadecimal.
    pub fn sent(key: &KeyId, mode: Mode, sha256: &str) -> Key {
        let mode = mode.as_str();
        Key::new(format!("SENT#{key}"), format!("{mode}#{sha256}"))
    }

    /// Returns the item that says that a notice was told.
    pub fn notice(id: &str) -> Key {
        Key::new(Key::notices_pk(), id)
    }

    /// Returns the partition of what was told.
    pub fn notices_pk() -> String {
        "NOTICES".to_owned()
    }

    /// Returns a notice on its way to somebody.
    pub fn delivery(notice: &str, channel: &str) -> Key {
        Key::new(Key::outbox_pk(), format!("{notice}#{channel}"))
    }

    /// Returns the partition of what is on its way.
    pub fn outbox_pk() -> String {
        "OUTBOX".to_owned()
    }

    /// Returns the item of whoever tells now.
    pub fn watch_run() -> Key {
        Key::new("WATCH", "RUN")
    }

    /// Returns what a user wants to hear of.
    pub fn notice_choice(user: Guid) -> Key {
        Key::new(Key::notice_choices_pk(), user.to_string())
    }

    /// Returns the partition of what users want to hear of.
    pub fn notice_choices_pk() -> String {
        "HEARS".to_owned()
    }

    /// Returns the item of a webhook.
    pub fn webhook(id: &WebhookId) -> Key {
        Key::new(Key::webhooks_pk(), &id.0)
    }

    /// Returns the partition of all webhooks.
    pub fn webhooks_pk() -> String {
        "WEBHOOKS".to_owned()
    }

    /// Returns the item of the key with which devices are signed.
    pub fn device_key() -> Key {
        Key::new("SETTINGS", "DEVICE_KEY")
    }

    /// Whether the table takes such a key: under one that is too long nothing stands, and a read would be refused.
    pub(crate) fn can_exist(&self) -> bool {
        self.pk.len() <= 2048 && self.sk.len() <= 1024
    }

    /// Returns the key as attributes.
    pub fn item(&self) -> Item {
        Item::from([("pk".to_owned(), s(&self.pk)), ("sk".to_owned(), s(&self.sk))])
    }
}

/// Returns the partition of users number `shard`.
pub fn shard(shard: u8) -> String {
    format!("USER#{shard:02}")
}

fn shard_of(key: &str) -> String {
    shard(Sha256::digest(key.as_bytes())[0] % SHARDS)
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

/// Whether an attribute of an item is true.
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

    /// Writes `item` under `key` unless there is one. After a lost answer it is told [`WriteOutcome::ConditionFailed`] of
    /// what it wrote itself: the caller must be content with what is there, or read it.
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
