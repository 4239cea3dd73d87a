//! Archiving users that have been disabled for long: they leave the lists, can be brought back by hand for a time, and
//! are erased then. What is left of them keeps their user names from ever being given to somebody else.

use roster::accounts::ArchiveRule;
use roster::durations::DAY;
use roster::{Guid, User};
use wire::stored::Outcome;

use crate::changes::is_disabled;
use crate::table::{Item, Key, SHARDS, SortKeys, needed};
use crate::{Cloud, Error};

/// How many users of a shard are looked at in one go; the next go looks at more.
const AT_ONCE: i32 = 500;

impl Cloud {
    /// Archives the users that have been disabled for longer than the rule says, and returns how many.
    ///
    /// It may be stopped anywhere: the marker item of a user goes last.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, [`Error::Item`] where an item of it can't be read, and
    /// [`Error::Contended`] where somebody else wrote one of the users at that moment. The others are archived all the
    /// same.
    pub async fn user_archive_disabled(&self, rule: &ArchiveRule, now: u64) -> Result<usize, Error> {
        let Some(days) = rule.after_days else { return Ok(0) };
        let before = now.saturating_sub(u64::from(days) * DAY);
        let erase_at = now + u64::from(rule.erase_after_days) * DAY;
        let (mut archived, mut result) = (0, Ok(()));
        for shard in 0..SHARDS {
            for marker in self.disabled_before(shard, before).await? {
                // One that fails does not keep the others from being archived.
                match self.archive_marked(&marker, erase_at, now).await {
                    Ok(done) => archived += usize::from(done),
                    Err(error) => result = Err(error),
                }
            }
        }
        result.map(|()| archived)
    }

    async fn archive_marked(&self, marker: &Item, erase_at: u64, now: u64) -> Result<bool, Error> {
        let archived = self.archive(marker, erase_at, now).await?;
        self.item_delete(&Key::new(needed(marker, "pk")?, needed(marker, "sk")?)).await?;
        Ok(archived)
    }

    async fn disabled_before(&self, shard: u8, before: u64) -> Result<Vec<Item>, Error> {
        let before = Key::disabled_sk(before, None);
        let query = self.query_pk(Key::disabled_pk(shard), SortKeys::Before(&before));
        let answer = query.limit(AT_ONCE).send().await?;
        Ok(answer.items.unwrap_or_default())
    }

    /// Archives the user that a marker item is of, unless it was enabled, deleted or disabled anew since.
    async fn archive(&self, marker: &Item, erase_at: u64, now: u64) -> Result<bool, Error> {
        let sk = needed(marker, "sk")?;
        let parts = sk.split_once('#').and_then(|(since, guid)| Some((since.parse::<u64>().ok()?, guid.parse().ok()?)));
        let (since, guid) = parts.ok_or_else(|| Error::Item(format!("{sk} is no marker of a disabled user")))?;
        let Some(account) = self.account_get(Guid(guid)).await? else { return Ok(false) };
        let user = account.user;
        if user.deleted_at.is_some() {
            // An earlier sweep may have been stopped before it came to them.
            self.enrolment_end_all_of(user.guid, now).await?;
        }
        if account.disabled_since != Some(since) || !is_disabled(&user) || !user.is_managed() {
            return Ok(false);
        }
        let after = User { deleted_at: Some(now), erase_at: Some(erase_at), version: user.version + 1, ..user.clone() };
        match self.user_change_outside_syncs(&user, after, None, now).await? {
            Outcome::Done => Ok(true),
            // Somebody wrote the user at this very moment: its marker item stays for the next sweep.
            Outcome::Drifted | Outcome::Taken | Outcome::Protected => Err(Error::Contended("a user to be archived")),
        }
    }
}
