//! How sign-ins that fail slow further ones down.
//!
//! Failures are counted by user name, whether or not a user has it, so that the answers don't tell which names
//! exist; by the address that they come from; and all together, in shards by user name, so that somebody who tries one
//! password with very many names from very many addresses is slowed, too. An attempt is counted before its password is
//! looked at and taken back when it was right: attempts made side by side can't all pass before the first one is counted.
//! What is counted of a name in a window stands with the name's failures, and whoever deletes these takes exactly that
//! back: nobody gets a window below what others counted in it.
//!
//! On a device on which somebody has signed in before, only that person's failures on that device count. So nobody is
//! locked out there by what others do elsewhere.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::ReturnValue;
use roster::durations::{DAY, MINUTE};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::table::{Item, Key, SortKeys, WriteOutcome, condition, from_json, json, n, needed, number, s, string};
use crate::transact::{Transacted, WriteAction};
use crate::{Cloud, Error};

/// How many failures in a row are allowed before every further attempt has to wait.
const FREE_ATTEMPTS: u64 = 5;

/// How long the first wait is, in seconds; each further failure doubles it.
const FIRST_WAIT: u64 = 30;

/// The longest wait in seconds.
const LONGEST_WAIT: u64 = 15 * 60;

/// How long failures are remembered without another one, in seconds.
const FORGOTTEN_AFTER: u64 = DAY / 1000;

/// How long failures of an address, and of everybody, are counted together, in milliseconds.
const WINDOW: u64 = 5 * MINUTE;

/// How many failures of an address are looked at in one window. A school may have one address for all its pupils.
const MOST_OF_ADDRESS: u64 = 40;

/// Over how many items the failures of everybody are spread, and how many of each are looked at in one window: 200 in
/// all, or one for so many users where there are more. So whoever tries one password with every name takes no less long
/// where there are many, and on a first day of school those who forgot theirs do not stop everybody else.
const SHARDS: u8 = 8;
const MOST_OF_SHARD: u64 = 25;
const USERS_TO_A_FAILURE: u64 = 20;

/// How often failures that others count at the same moment are read and written anew.
const TRIES: u32 = 3;

/// That a name's failures are still those that were seen. When they were written tells them from others of the same
/// number.
const AS_SEEN: &str = "failures = :seen AND blocked_until = :blocked";

/// The attribute with what of a name's failures is counted in windows.
const COUNTED: &str = "counted";

/// Whether a sign-in may be tried now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Attempt {
    Allowed,
    Wait { seconds: u64 },
}

/// Somebody tries to sign in.
#[derive(Debug, Clone, Copy)]
pub struct SignInAttempt<'a> {
    pub username: &'a str,
    /// Where it comes from.
    pub address: &'a str,
    /// The device, where the user has signed in on it before.
    pub device: Option<&'a str>,
}

impl SignInAttempt<'_> {
    fn key(&self) -> Key {
        match self.device {
            Some(device) => Key::sign_in_on(self.username, device),
            None => Key::sign_in(self.username),
        }
    }

    /// Returns the counters of the failures of the address and of everybody now.
    fn windows(&self, now: u64) -> [(Key, FailuresOf); 2] {
        let shard = Sha256::digest(roster::user::fold(self.username))[0] % SHARDS;
        let window = window(now);
        [
            (Key::failures_of_address(self.address, window), FailuresOf::Address),
            (Key::failures_of_all(shard, window), FailuresOf::Everybody),
        ]
    }
}

/// Whose failures are counted in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FailuresOf {
    Address,
    Everybody,
}

/// The part of a user name's failures that is also counted in the windows of its latest one, by address.
///
/// It is what has to be subtracted there when the failures are forgotten.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Counted {
    window: u64,
    of: BTreeMap<String, u64>,
}

impl Counted {
    /// Returns what a counter of failures says; nothing where none of them was counted in a window.
    fn read(item: &Item) -> Result<Counted, Error> {
        string(item, COUNTED).map_or_else(|| Ok(Counted::default()), |_| from_json(item, COUNTED))
    }

    /// Returns the counts with one more from `address`; what was counted in windows that are over is of no use any
    /// more.
    fn and_one(mut self, address: &str, now: u64) -> Counted {
        if self.window != window(now) {
            self = Counted { window: window(now), of: BTreeMap::new() };
        }
        *self.of.entry(address.to_owned()).or_default() += 1;
        self
    }

    /// Returns how many are counted from `address` in the windows of `now`.
    fn from(&self, address: &str, now: u64) -> u64 {
        let same = self.window == window(now);
        self.of.get(address).copied().filter(|_| same).unwrap_or_default()
    }
}

/// A user name's failures as they were read.
struct Failures {
    number: u64,
    blocked_until: u64,
    counted: Counted,
}

impl Failures {
    /// Reads the failures in a row of an item; `None` where they are forgotten.
    fn read(item: &Item, now: u64) -> Result<Option<Failures>, Error> {
        if number(item, "expires").unwrap_or_default() <= now / 1000 {
            return Ok(None);
        }
        let number = |name| number(item, name).unwrap_or_default();
        let (failures, blocked_until) = (number("failures"), number("blocked_until"));
        Ok(Some(Failures { number: failures, blocked_until, counted: Counted::read(item)? }))
    }
}

/// Returns the number of the window at `now`.
fn window(now: u64) -> u64 {
    now / WINDOW
}

/// Returns how many seconds of the present window are left.
fn seconds_left(now: u64) -> u64 {
    (WINDOW - now % WINDOW).div_ceil(1000)
}

/// What is counted of a user name's failures to sign in, or to name the present password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedAttempts {
    /// `everywhere`, `on_a_known_device` or `present_password`.
    pub counted: &'static str,
    pub failures: u64,
    pub blocked_until: u64,
    /// When they are forgotten, in milliseconds since 1970.
    pub forgotten_at: u64,
    /// The network addresses of the last of them.
    pub addresses: Vec<String>,
}

impl FailedAttempts {
    fn read(item: &Item) -> Result<FailedAttempts, Error> {
        let number = |name| number(item, name).unwrap_or_default();
        let counted = match needed(item, "sk")? {
            "SIGNIN" => "everywhere",
            "PRESENT" => "present_password",
            _ => "on_a_known_device",
        };
        let addresses = Counted::read(item)?.of.into_keys().collect();
        let (failures, blocked_until) = (number("failures"), number("blocked_until"));
        Ok(FailedAttempts { counted, failures, blocked_until, forgotten_at: number("expires") * 1000, addresses })
    }
}

/// Times are milliseconds since 1970.
impl Cloud {
    /// Returns what is counted of a user name's failures.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn sign_in_list_failures(&self, username: &str) -> Result<Vec<FailedAttempts>, Error> {
        let query = self.query_pk(Key::sign_in(username).pk, SortKeys::All).consistent_read(true);
        let mut pages = query.into_paginator().items().send();
        let mut failures = Vec::new();
        while let Some(item) = pages.next().await {
            failures.push(FailedAttempts::read(&item?)?);
        }
        Ok(failures)
    }

    /// Counts an attempt to sign in, or returns how long to wait for the next one.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn sign_in_attempt(&self, attempt: &SignInAttempt<'_>, now: u64) -> Result<Attempt, Error> {
        if attempt.device.is_some() {
            return self.attempt(&attempt.key(), None, now).await;
        }
        // Where one is refused no password is looked at, so that it counts nowhere: not against the name, and not against
        // an address because others filled the shard.
        let windows = attempt.windows(now);
        for (i, (window, whose)) in windows.iter().enumerate() {
            let counted = self.count(window, 1, now).await?;
            if self.are_too_many(*whose, counted).await? {
                self.take_back(&windows[..=i], 1, now).await?;
                return Ok(Attempt::Wait { seconds: seconds_left(now) });
            }
        }
        let allowed = self.attempt(&attempt.key(), Some(attempt.address), now).await?;
        if allowed != Attempt::Allowed {
            self.take_back(&windows, 1, now).await?;
        }
        Ok(allowed)
    }

    /// Forgets the failures that came before a sign-in that succeeded.
    ///
    /// Those from its address were of somebody who mistyped, so in the present windows they count neither against the
    /// address nor against everybody.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, [`Error::Item`] where an item of it can't be read, and
    /// [`Error::Contended`] where others write the same item again and again.
    pub async fn sign_in_succeeded(&self, attempt: &SignInAttempt<'_>, now: u64) -> Result<(), Error> {
        for _ in 0..TRIES {
            let Some(item) = self.item_get(&attempt.key()).await? else { return Ok(()) };
            if self.forget_seen(&attempt.key(), &item).await? == Transacted::Committed {
                return match Counted::read(&item)?.from(attempt.address, now) {
                    0 => Ok(()),
                    failures => self.take_back(&attempt.windows(now), failures, now).await,
                };
            }
        }
        self.item_delete(&attempt.key()).await
    }

    /// Deletes the failures of a user name, if they are unchanged since they were read.
    ///
    /// Of several sign-ins at once only one succeeds in that; what it deletes has the attempts of the others in it, too.
    async fn forget_seen(&self, key: &Key, seen: &Item) -> Result<Transacted, Error> {
        let seen = |name: &str| n(number(seen, name).unwrap_or_default());
        let values = [(":seen", seen("failures")), (":blocked", seen("blocked_until"))];
        // A transaction, for whoever's answer is lost must still learn that it got them.
        self.transact(vec![WriteAction::delete(key).only_if(AS_SEEN, values)]).await
    }

    /// Forgets the failures of a user name, because it has another password.
    ///
    /// Those on devices that are known, and those elsewhere.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn sign_in_forget_failures(&self, username: &str) -> Result<(), Error> {
        let devices = Key::sign_in_on(username, "");
        let query = self.query_pk(devices.pk, SortKeys::StartingWith(&devices.sk));
        let mut pages = query.consistent_read(true).into_paginator().items().send();
        while let Some(item) = pages.next().await {
            let item = item?;
            self.item_delete(&Key::new(needed(&item, "pk")?, needed(&item, "sk")?)).await?;
        }
        self.item_delete(&Key::sign_in(username)).await
    }

    /// Counts an attempt to name the present password, or returns how long to wait.
    ///
    /// It is by somebody who is signed in.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn password_attempt(&self, username: &str, now: u64) -> Result<Attempt, Error> {
        self.attempt(&Key::present_password(username), None, now).await
    }

    /// Forgets the failures of naming the present password.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn password_attempt_succeeded(&self, username: &str) -> Result<(), Error> {
        self.item_delete(&Key::present_password(username)).await
    }

    /// Counts an attempt under a key of its own, or says how long to wait for the next one. `address` is where it comes
    /// from, if it is counted in windows, too.
    async fn attempt(&self, key: &Key, address: Option<&str>, now: u64) -> Result<Attempt, Error> {
        for _ in 0..TRIES {
            let item = self.item_get(key).await?;
            let seen = item.as_ref().map(|item| Failures::read(item, now)).transpose()?.flatten();
            let blocked_until = seen.as_ref().map_or(0, |seen| seen.blocked_until);
            if blocked_until > now {
                return Ok(Attempt::Wait { seconds: (blocked_until - now).div_ceil(1000) });
            }
            if let WriteOutcome::Written = self.count_attempt(key, seen, address, now).await? {
                return Ok(Attempt::Allowed);
            }
        }
        Ok(Attempt::Wait { seconds: 1 })
    }

    /// Returns whether no more than so many failures are looked at in one window.
    async fn are_too_many(&self, whose: FailuresOf, counted: u64) -> Result<bool, Error> {
        match whose {
            FailuresOf::Address => Ok(counted > MOST_OF_ADDRESS),
            // Hardly ever need one ask how many users there are.
            FailuresOf::Everybody if counted <= MOST_OF_SHARD => Ok(false),
            FailuresOf::Everybody => Ok(counted > most_of_shard(self.full_rows_get_largest().await?)),
        }
    }

    async fn take_back(&self, windows: &[(Key, FailuresOf)], failures: u64, now: u64) -> Result<(), Error> {
        for (window, _) in windows {
            self.count(window, -i64::try_from(failures).unwrap_or(i64::MAX), now).await?;
        }
        Ok(())
    }

    /// Adds to what is counted in a window, and answers with the sum. After a lost answer it is added twice, which makes
    /// a difference of an attempt or two among dozens, and for five minutes.
    async fn count(&self, window: &Key, more: i64, now: u64) -> Result<u64, Error> {
        let request = self.dynamo.update_item().table_name(&self.table).set_key(Some(window.item()));
        let request = request
            .update_expression("ADD failures :more SET expires = :expires")
            .expression_attribute_values(":more", n(more))
            .expression_attribute_values(":expires", n((now + 2 * WINDOW) / 1000))
            .return_values(ReturnValue::UpdatedNew);
        let counted = request.send().await?.attributes.unwrap_or_default();
        Ok(number(&counted, "failures").unwrap_or_default())
    }

    /// Writes one failure more than `seen`, unless others did so in between, or forgot them. The item has an ID of the
    /// attempt: one that is sent again after a lost answer finds itself there, and counts once.
    async fn count_attempt(
        &self,
        key: &Key,
        seen: Option<Failures>,
        address: Option<&str>,
        now: u64,
    ) -> Result<WriteOutcome, Error> {
        let failures = seen.as_ref().map_or(0, |seen| seen.number) + 1;
        let request = self
            .dynamo
            .put_item()
            .table_name(&self.table)
            .set_item(Some(key.item()))
            .item("failures", n(failures))
            .item("blocked_until", n(now + wait_after(failures) * 1000))
            .item("expires", n(now / 1000 + FORGOTTEN_AFTER));
        let id = Uuid::new_v4().to_string();
        let request = request.item("attempt", s(&id)).expression_attribute_values(":attempt", s(&id));
        let request = match &seen {
            None => request
                .condition_expression("attribute_not_exists(pk) OR expires <= :now OR attempt = :attempt")
                .expression_attribute_values(":now", n(now / 1000)),
            Some(seen) => request
                .condition_expression(format!("{AS_SEEN} OR attempt = :attempt"))
                .expression_attribute_values(":seen", n(seen.number))
                .expression_attribute_values(":blocked", n(seen.blocked_until)),
        };
        let counted = seen.map(|seen| seen.counted).unwrap_or_default();
        let request = match address {
            Some(address) => request.item(COUNTED, json(&counted.and_one(address, now))?),
            None => request,
        };
        condition(request.send().await)
    }
}

/// Returns how many failures of a shard are looked at in one window, where the longest roster of everybody, or of one
/// source or user type, had so many rows, if there was one.
fn most_of_shard(rows: Option<u64>) -> u64 {
    MOST_OF_SHARD.max(rows.unwrap_or_default() / USERS_TO_A_FAILURE / u64::from(SHARDS))
}

/// Returns the seconds to wait after so many failures in a row.
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
    fn a_large_organisation_may_fail_more_often_and_a_small_one_not_less() {
        let rows = [None, Some(0), Some(4_000), Some(4_160), Some(20_000), Some(100_000)];
        assert_eq!(rows.map(most_of_shard), [25, 25, 25, 26, 125, 625]);
    }

    #[test]
    fn the_wait_starts_with_the_fifth_failure_and_doubles_up_to_fifteen_minutes() {
        let waits: Vec<u64> = (0..=12).map(wait_after).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
    }
}
