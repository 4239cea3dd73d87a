//! Sessions: who is signed in, since when, and for how long.

use aws_sdk_dynamodb::types::AttributeValue;
use roster::Guid;
use roster::durations::{HOUR, MINUTE};
use serde::Serialize;

use crate::table::{Key, SortKeys, WriteOutcome, condition, flag, n, needed, number, s, string};
use crate::users::Account;
use crate::{Cloud, Error};

/// How long a session lasts that nobody uses, in milliseconds.
pub const IDLE: u64 = HOUR;

/// How long no second use of a session is recorded after one, in milliseconds.
const USE_WRITTEN_AFTER: u64 = 5 * MINUTE;

/// Who signed in, with what and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub user: Guid,
    pub started_at: u64,
    /// When it was used last, as far as that was written down.
    pub used_at: u64,
    /// A digest of the password hash that it was started with: it ends when the user has another one.
    pub credential: String,
    /// The organisation's provider vouched for the user, so no password was asked for.
    pub signed_on: bool,
}

impl Session {
    /// Returns a session of the account as it is now.
    pub fn new(account: &Account, started_at: u64, signed_on: bool) -> Session {
        let credential = credential(account.password_hash.as_deref());
        Session { user: account.user.guid, started_at, used_at: started_at, credential, signed_on }
    }

    /// Returns whether the account is still as it was when the session was started.
    ///
    /// It has the same password, and was never signed out since.
    pub fn holds_for(&self, account: &Account) -> bool {
        let since = account.signed_out_at.is_none_or(|at| at < self.started_at);
        since && self.credential == credential(account.password_hash.as_deref())
    }
}

/// When a session was there.
///
/// It is for whoever wants to know what is kept of them, and lacks what would continue it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionTimes {
    pub started_at: u64,
    /// `None` where it was ended before its time.
    pub used_at: Option<u64>,
    /// When its time is over, used or not.
    pub ends_at: Option<u64>,
}

/// Returns a digest that stands for a password hash, and tells nothing of it.
fn credential(password_hash: Option<&str>) -> String {
    crate::bucket::digest(password_hash.unwrap_or_default().as_bytes())
}

/// Times are milliseconds since 1970.
impl Cloud {
    /// Keeps a session.
    ///
    /// `token_digest` is the SHA-256 of its token in hexadecimal.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn session_start(&self, token_digest: &str, session: &Session, ends_at: u64) -> Result<(), Error> {
        let item = [
            ("guid", s(session.user.to_string())),
            ("started_at", n(session.started_at)),
            ("used_at", n(session.used_at)),
            ("credential", s(&session.credential)),
            ("signed_on", AttributeValue::Bool(session.signed_on)),
            ("ends_at", n(ends_at)),
            ("expires", n(ends_at / 1000)),
        ];
        let item = item.map(|(name, value)| (name.to_owned(), value)).into();
        let marker = Key::session_of(session.user, session.started_at, token_digest);
        self.item_put(&marker, [("expires".to_owned(), n(ends_at / 1000))].into()).await?;
        self.item_put(&Key::session(token_digest), item).await
    }

    /// Returns when sessions of a user were there, of those that began in the last hours.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn session_list(&self, user: Guid) -> Result<Vec<SessionTimes>, Error> {
        let query = self.query_pk(Key::session_of_pk(user), SortKeys::All).consistent_read(true);
        let mut pages = query.into_paginator().items().send();
        let mut sessions = Vec::new();
        while let Some(marker) = pages.next().await {
            let marker = marker?;
            let parts = needed(&marker, "sk")?.split_once('#').and_then(|(at, id)| Some((at.parse().ok()?, id)));
            let (started_at, id) = parts.ok_or_else(|| Error::Item("the marker of a session".to_owned()))?;
            let item = self.item_get(&Key::session(id)).await?.unwrap_or_default();
            let [used_at, ends_at] = ["used_at", "ends_at"].map(|name| number(&item, name));
            sessions.push(SessionTimes { started_at, used_at, ends_at });
        }
        Ok(sessions)
    }

    /// Returns a session whose time is not over, and that was used a while ago at most.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn session_get(&self, token_digest: &str, now: u64) -> Result<Option<Session>, Error> {
        let Some(item) = self.item_get(&Key::session(token_digest)).await? else {
            return Ok(None);
        };
        // The table deletes what has expired in its own time.
        if number(&item, "ends_at").is_none_or(|ends_at| ends_at <= now) {
            return Ok(None);
        }
        let (Some(started_at), Some(credential)) = (number(&item, "started_at"), string(&item, "credential")) else {
            return Ok(None);
        };
        let used_at = number(&item, "used_at").unwrap_or(started_at);
        if used_at + IDLE <= now {
            return Ok(None);
        }
        let guid = needed(&item, "guid")?.parse().map_err(|_| Error::Item("a session's GUID".to_owned()))?;
        let signed_on = flag(&item, "signed_on");
        Ok(Some(Session { user: Guid(guid), started_at, used_at, credential: credential.to_owned(), signed_on }))
    }

    /// Records now and then that a session is being used.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn session_touch(&self, token_digest: &str, session: &Session, now: u64) -> Result<(), Error> {
        if session.used_at + USE_WRITTEN_AFTER > now {
            return Ok(());
        }
        let request = self.dynamo.update_item().table_name(&self.table);
        let request = request
            .set_key(Some(Key::session(token_digest).item()))
            .update_expression("SET used_at = :now")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":now", n(now));
        match condition(request.send().await)? {
            // One that was ended meanwhile stays over.
            WriteOutcome::Written | WriteOutcome::ConditionFailed => Ok(()),
        }
    }

    /// Lets a session go on after its user has set another password.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn session_renew(&self, token_digest: &str, password_hash: &str) -> Result<(), Error> {
        let request = self.dynamo.update_item().table_name(&self.table);
        let request = request
            .set_key(Some(Key::session(token_digest).item()))
            .update_expression("SET credential = :credential")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":credential", s(credential(Some(password_hash))));
        match condition(request.send().await)? {
            // Without it there is none that could go on.
            WriteOutcome::Written | WriteOutcome::ConditionFailed => Ok(()),
        }
    }

    /// Ends a session.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn session_end(&self, token_digest: &str) -> Result<(), Error> {
        self.item_delete(&Key::session(token_digest)).await
    }
}
