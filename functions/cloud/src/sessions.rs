//! Sessions, and how sign-ins that fail slow an account down.
//!
//! Failures are counted by user name, whether or not a user has it, so that the answers don't tell which names
//! exist. An attempt is counted before its password is looked at and taken back when it was right: attempts made
//! side by side can't all pass before the first one is counted.

use aws_sdk_dynamodb::types::AttributeValue;
use roster::Guid;

use crate::table::{Key, Wrote, condition, flag, n, needed, number, s, string};
use crate::users::Account;
use crate::{Cloud, Error};

/// After this many failures in a row every further attempt has to wait.
const FREE_ATTEMPTS: u64 = 5;

/// How long the first wait is, in seconds; each further failure doubles it.
const FIRST_WAIT: u64 = 30;

/// The longest wait in seconds.
const LONGEST_WAIT: u64 = 15 * 60;

/// Failures are forgotten after a day without another one.
const FORGOTTEN_AFTER: u64 = 24 * 60 * 60;

/// Whether a sign-in may be tried now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Attempt {
    Allowed,
    Wait { seconds: u64 },
}

/// Who signed in, with what and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub user: Guid,
    pub started_at: u64,
    /// [`credential`] of the password hash that it was started with: it ends when the user has another one.
    pub credential: String,
    /// The organisation's provider vouched for the user, so no password was asked for.
    pub signed_on: bool,
}

impl Session {
    /// A session of the account as it is now.
    pub fn new(account: &Account, started_at: u64, signed_on: bool) -> Session {
        let credential = credential(account.password_hash.as_deref());
        Session { user: account.user.guid, started_at, credential, signed_on }
    }

    /// Whether the account is still as it was when the session was started: with the same password, and never signed
    /// out since.
    pub fn holds_for(&self, account: &Account) -> bool {
        let since = account.signed_out_at.is_none_or(|at| at < self.started_at);
        since && self.credential == credential(account.password_hash.as_deref())
    }
}

/// Stands for a password hash, and says nothing of it.
fn credential(password_hash: Option<&str>) -> String {
    crate::bucket::digest(password_hash.unwrap_or_default().as_bytes())
}

/// Times are milliseconds since 1970.
impl Cloud {
    /// Keeps a session. `token_digest` is the SHA-256 of its token in hexadecimal.
    pub async fn start_session(&self, token_digest: &str, session: &Session, ends_at: u64) -> Result<(), Error> {
        let item = [
            ("guid", s(session.user.to_string())),
            ("started_at", n(session.started_at)),
            ("credential", s(&session.credential)),
            ("signed_on", AttributeValue::Bool(session.signed_on)),
            ("ends_at", n(ends_at)),
            ("expires", n(ends_at / 1000)),
        ];
        let item = item.map(|(name, value)| (name.to_owned(), value)).into();
        self.put_item(&Key::session(token_digest), item).await
    }

    /// A session whose time is not over.
    pub async fn session(&self, token_digest: &str, now: u64) -> Result<Option<Session>, Error> {
        let Some(item) = self.get_item(&Key::session(token_digest)).await? else {
            return Ok(None);
        };
        // The table deletes what has expired in its own time.
        if number(&item, "ends_at").is_none_or(|ends_at| ends_at <= now) {
            return Ok(None);
        }
        let (Some(started_at), Some(credential)) = (number(&item, "started_at"), string(&item, "credential")) else {
            return Ok(None);
        };
        let guid = needed(&item, "guid")?.parse().map_err(|_| Error::Item("a session's GUID".to_owned()))?;
        let signed_on = flag(&item, "signed_on");
        Ok(Some(Session { user: Guid(guid), started_at, credential: credential.to_owned(), signed_on }))
    }

    /// Has a session go on after its user has set another password.
    pub async fn renew_session(&self, token_digest: &str, password_hash: &str) -> Result<(), Error> {
        let request = self.dynamo.update_item().table_name(&self.table);
        let request = request
            .set_key(Some(Key::session(token_digest).item()))
            .update_expression("SET credential = :credential")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":credential", s(credential(Some(password_hash))));
        match condition(request.send().await)? {
            // Without it there is none that could go on.
            Wrote::Yes | Wrote::No => Ok(()),
        }
    }

    /// Ends a session.
    pub async fn end_session(&self, token_digest: &str) -> Result<(), Error> {
        self.delete_item(&Key::session(token_digest)).await
    }

    /// Counts an attempt to sign in, or says how long to wait for the next one.
    pub async fn sign_in_attempt(&self, username: &str, now: u64) -> Result<Attempt, Error> {
        let key = Key::sign_in(username);
        for _ in 0..3 {
            let item = self.get_item(&key).await?.filter(|item| number(item, "expires").unwrap_or(0) > now / 1000);
            let failures = item.as_ref().and_then(|item| number(item, "failures")).unwrap_or_default();
            let blocked_until = item.as_ref().and_then(|item| number(item, "blocked_until")).unwrap_or_default();
            if blocked_until > now {
                return Ok(Attempt::Wait { seconds: (blocked_until - now).div_ceil(1000) });
            }
            if let Wrote::Yes = self.count_attempt(&key, failures, now).await? {
                return Ok(Attempt::Allowed);
            }
        }
        Ok(Attempt::Wait { seconds: 1 })
    }

    /// Forgets the failures of a user name, once somebody signed in with it.
    pub async fn sign_in_succeeded(&self, username: &str) -> Result<(), Error> {
        self.delete_item(&Key::sign_in(username)).await
    }

    /// Writes one failure more than `seen`, unless others did so in between.
    async fn count_attempt(&self, key: &Key, seen: u64, now: u64) -> Result<Wrote, Error> {
        let failures = seen + 1;
        let request = self
            .dynamo
            .put_item()
            .table_name(&self.table)
            .set_item(Some(key.item()))
            .item("failures", n(failures))
            .item("blocked_until", n(now + wait_after(failures) * 1000))
            .item("expires", n(now / 1000 + FORGOTTEN_AFTER))
            .condition_expression("attribute_not_exists(pk) OR failures = :seen OR expires <= :now")
            .expression_attribute_values(":seen", n(seen))
            .expression_attribute_values(":now", n(now / 1000));
        condition(request.send().await)
    }
}

/// The seconds to wait after so many failures in a row.
fn wait_after(failures: u64) -> u64 {
    match failures.checked_sub(FREE_ATTEMPTS) {
        None => 0,
        Some(beyond) => (FIRST_WAIT << beyond.min(10)).min(LONGEST_WAIT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_starts_with_the_fifth_failure_and_doubles_up_to_fifteen_minutes() {
        let waits: Vec<u64> = (0..=12).map(wait_after).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
    }
}
