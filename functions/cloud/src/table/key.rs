//! The keys of all items; what each of them serves is said at the top of the crate.

use roster::{ClassGuid, Guid, Mode};
use sha2::{Digest, Sha256};
use wire::UploadId;
use wire::stored::{KeyId, WebhookId};

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

    /// Returns the reservation of an e-mail address, whatever its case.
    ///
    /// It is that of a teacher, staff member or administrator.
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

    /// Returns an entry of a class's history.
    ///
    /// `part` tells apart what one author did in several transactions.
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

    /// Returns the key of a session.
    ///
    /// `token_digest` is the SHA-256 of the session's token in hexadecimal: the table never has the token.
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

    /// Returns what is remembered of contents that an API key sent.
    ///
    /// `sha256` is in hexadecimal.
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

    /// Returns whether the table takes such a key.
    ///
    /// Under one that is too long nothing stands, and a read would be refused.
    pub(crate) fn can_exist(&self) -> bool {
        self.pk.len() <= 2048 && self.sk.len() <= 1024
    }
}

/// Over how many partitions the users are spread.
pub const SHARDS: u8 = 64;

/// Returns the partition of users number `shard`.
pub fn shard(shard: u8) -> String {
    format!("USER#{shard:02}")
}

fn shard_of(key: &str) -> String {
    shard(Sha256::digest(key.as_bytes())[0] % SHARDS)
}
