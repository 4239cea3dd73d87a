//! Carrying changes of users out.
//!
//! Everything about one user is one transaction: its item (conditional on the version that was seen), its
//! reservations, the number of active administrators of the district office, and an entry in its history. The entry can
//! be written only once, so a change that is carried out again is refused there, and known to be done. Many changes are
//! packed into one transaction; where one of them is refused, DynamoDB says which, and the rest goes again without it.
//!
//! Users that exchange user names or e-mail addresses are one unit, carried out together or not at all.

mod unit;
mod write;

use std::collections::{HashMap, HashSet};

use futures::{StreamExt, TryStreamExt, stream};
use roster::{Change, Fields, Guid, Kind, User};
use wire::audit::{self, Entry};
use wire::stored::{FieldChange, HistoryEntry, Outcome};
use wire::upload::Decider;
use wire::{Decision, UploadId};

use crate::schools::runs_organisation;
use crate::table::{Item, Key, needed};
use crate::transact::{MAX_ACTIONS, Transacted, WriteAction};
use crate::{Cloud, Error};
use unit::Unit;
use write::UserWrite;
pub use write::{NewPassword, PasswordKind};
pub(crate) use write::{author, is_disabled};

/// How many transactions of a chunk are under way at once.
const SIDE_BY_SIDE: usize = 8;

/// How many items an exchange of user names or addresses may write.
///
/// It is one transaction, in which one action is kept for the number of administrators.
pub const MAX_EXCHANGE_WRITES: usize = MAX_ACTIONS - 1;

/// A change of a plan with the password that belongs to it.
pub struct Step {
    pub change: Change,
    pub password: Option<NewPassword>,
}

/// On whose behalf a plan is carried out.
pub struct Applying<'a> {
    pub upload: &'a UploadId,
    /// The time of the history's entries: the same whenever a chunk is repeated.
    pub at: u64,
    /// The time of the writing.
    pub now: u64,
    pub decision: &'a Decision,
}

impl Cloud {
    /// Carries `steps` out and says what became of each, in their order.
    ///
    /// Repeating it is safe and gives `Done` for what was done.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, [`Error::Item`] where an item of it can't be read, and
    /// [`Error::Contended`] where others write the same items again and again.
    pub async fn change_carry_out(&self, steps: Vec<Step>, applying: &Applying<'_>) -> Result<Vec<Outcome>, Error> {
        let removes: Vec<Option<Guid>> =
            steps.iter().map(|step| (step.change.kind == Kind::Removed).then_some(step.change.guid)).collect();
        let mut groups: Vec<(Option<u32>, Vec<UserWrite>)> = Vec::new();
        for step in steps {
            let exchange = step.change.exchange;
            let write = write_of(step, applying)?;
            match groups.last_mut() {
                Some((Some(open), writes)) if Some(*open) == exchange => writes.push(write),
                _ => groups.push((exchange, vec![write])),
            }
        }
        let outcomes = self.user_write_all(groups.into_iter().map(|(_, writes)| writes).collect()).await?;
        let removed = removes.into_iter().zip(&outcomes).filter(|(_, outcome)| **outcome == Outcome::Done);
        self.enrolment_end_all_of_removed(removed.filter_map(|(user, _)| user).collect(), applying).await?;
        Ok(outcomes)
    }

    /// Says which of these users an upload that was applied `at` has changed.
    ///
    /// Their histories have it from that moment on.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn history_users_written_by(
        &self,
        upload: &UploadId,
        at: u64,
        users: impl IntoIterator<Item = Guid>,
    ) -> Result<HashSet<Guid>, Error> {
        let entry = |guid| (Key::user_log(guid, at, &author(Some(upload))), guid);
        let entries: HashMap<Key, Guid> = users.into_iter().map(entry).collect();
        let found = self.item_get_many(entries.keys().cloned().collect(), &["pk", "sk"]).await?;
        let guid = |item: &Item| Ok(entries.get(&Key::new(needed(item, "pk")?, needed(item, "sk")?)).copied());
        found.iter().filter_map(|item| guid(item).transpose()).collect()
    }

    /// Writes a user that somebody changed or brought back by hand, if it is still as it was `seen`.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, [`Error::Item`] where an item of it can't be read, and
    /// [`Error::Contended`] where others write the same items again and again.
    pub async fn user_change_by_hand(&self, seen: &User, after: User, by: &Decider, at: u64) -> Result<Outcome, Error> {
        self.user_change_outside_syncs(seen, after, Some(by), at).await
    }

    /// Changes a user by hand or, where nobody did, as the settings ask.
    pub(crate) async fn user_change_outside_syncs(
        &self,
        seen: &User,
        after: User,
        by: Option<&Decider>,
        at: u64,
    ) -> Result<Outcome, Error> {
        let (kind, action) = match (seen.deleted_at, after.deleted_at) {
            (Some(_), None) => (Kind::Reactivated, audit::Action::UserRecovered),
            (None, Some(_)) => (Kind::Removed, audit::Action::UserArchived),
            _ => (Kind::Updated, audit::Action::UserChanged),
        };
        let entry = entry(kind, Some(seen), &after, &HistoryContext { by, ..HistoryContext::outside_syncs(at) });
        let audit = self.audit_actions(&[Entry::of_user(at, by.cloned(), action, &after, &entry.fields)]).await?;
        let before = Some(seen.clone());
        let write = UserWrite { before, after, password: None, upload: None, entry, audit, now: at, protected: false };
        let outcome = self.user_write_all(vec![vec![write]]).await?[0];
        if outcome == Outcome::Done && action == audit::Action::UserArchived {
            self.enrolment_end_all_of(seen.guid, at).await?;
        }
        Ok(outcome)
    }

    /// Makes users outside any sync: the first administrator, and those of an example.
    ///
    /// Their versions are 1.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, [`Error::Item`] where an item of it can't be read, and
    /// [`Error::Contended`] where others write the same items again and again.
    pub async fn user_create_by_hand(
        &self,
        users: Vec<(User, Option<NewPassword>)>,
        at: u64,
    ) -> Result<Vec<Outcome>, Error> {
        let writes = users.into_iter().map(|(user, password)| {
            let entry = entry(Kind::Created, None, &user, &HistoryContext::outside_syncs(at));
            let (before, upload, audit) = (None, None, Vec::new());
            vec![UserWrite { before, after: user, password, upload, entry, audit, now: at, protected: false }]
        });
        self.user_write_all(writes.collect()).await
    }

    /// Writes each group of `groups` together or not at all, and returns what became of each write, in order.
    async fn user_write_all(&self, groups: Vec<Vec<UserWrite>>) -> Result<Vec<Outcome>, Error> {
        self.mark_disabled(&groups).await?;
        let moved = self.items_that_move(&groups).await?;
        let mut units = Vec::with_capacity(groups.len());
        for (i, writes) in groups.into_iter().enumerate() {
            units.push(Unit::new(i, writes, &moved)?);
        }
        // New administrators come before others go, for one has to be there at any time.
        let (losing, others): (Vec<_>, Vec<_>) = units.into_iter().partition(|unit| unit.administrators < 0);
        let mut written = self.write_units(others).await?;
        written.extend(self.write_units(losing).await?);
        written.sort_by_key(|written| written.number);
        Ok(written.into_iter().flat_map(|written| written.outcomes).collect())
    }

    /// Writes the units in as few transactions as can be.
    async fn write_units(&self, units: Vec<Unit>) -> Result<Vec<WrittenUnit>, Error> {
        let written = stream::iter(pack(units)).map(|units| self.write_pack(units)).buffer_unordered(SIDE_BY_SIDE);
        let written: Vec<Vec<WrittenUnit>> = written.try_collect().await?;
        Ok(written.into_iter().flatten().collect())
    }

    /// Writes the units of one transaction. Those that are refused are taken out, and the rest is tried again.
    async fn write_pack(&self, units: Vec<Unit>) -> Result<Vec<WrittenUnit>, Error> {
        let mut outcomes: Vec<Option<Vec<Outcome>>> = units.iter().map(Unit::outcome_without_writing).collect();
        loop {
            let open: Vec<usize> = (0..units.len()).filter(|&i| outcomes[i].is_none()).collect();
            if open.is_empty() {
                let written = units.iter().zip(outcomes);
                return Ok(written
                    .filter_map(|(unit, outcomes)| Some(WrittenUnit { number: unit.number, outcomes: outcomes? }))
                    .collect());
            }
            for settled in self.try_units(&units, &open).await? {
                outcomes[settled.place] = Some(settled.outcomes);
            }
        }
    }

    /// Tries one transaction with the units `open` of `units`, and returns those that it settles, by their places
    /// there.
    async fn try_units(&self, units: &[Unit], open: &[usize]) -> Result<Vec<Settled>, Error> {
        let settled_as = |place: usize, outcomes| Settled { place, outcomes };
        let mut actions: Vec<WriteAction> = Vec::new();
        let mut starts = Vec::new();
        for &i in open {
            starts.push(actions.len());
            actions.extend(units[i].actions());
        }
        let of_units = actions.len();
        actions.extend(unit::administrators(open.iter().map(|&i| units[i].administrators).sum()));
        let refused = match self.transact(actions).await? {
            Transacted::Committed => return Ok(open.iter().map(|&i| settled_as(i, units[i].done())).collect()),
            Transacted::Rejected(refused) => refused,
        };
        let mut settled = Vec::new();
        for (&i, &start) in open.iter().zip(&starts) {
            let of_unit = |&&at: &&usize| at < of_units && (start..start + units[i].len()).contains(&at);
            let refused: Vec<usize> = refused.iter().filter(of_unit).map(|at| at - start).collect();
            if !refused.is_empty() {
                settled.push(settled_as(i, units[i].refused(&refused)));
            }
        }
        if settled.is_empty() {
            // Only the number of administrators stood in the way: give one unit up that takes from it.
            let last = open.iter().rev().find(|&&i| units[i].administrators < 0);
            settled.extend(last.map(|&i| settled_as(i, units[i].would_be_last())));
        }
        if settled.is_empty() { Err(Error::Contended("the number of administrators")) } else { Ok(settled) }
    }

    /// Writes the marker items of users that are being disabled, so that they are found when they have been for long.
    /// They come before the deed: what is left of a write that fails means nothing.
    async fn mark_disabled(&self, groups: &[Vec<UserWrite>]) -> Result<(), Error> {
        let disabled = groups.iter().flatten().filter(|write| write.disables() && write.after.is_managed());
        let keys: Vec<Key> = disabled.map(|write| Key::disabled(write.now, write.after.guid)).collect();
        let put = stream::iter(keys).map(|key| async move { self.item_put(&key, Item::new()).await });
        put.buffer_unordered(SIDE_BY_SIDE).try_collect().await
    }

    /// Returns the items of users whose custom ID changes, which move to another key with all that is in them. Each is
    /// still the one that was seen if the transaction goes through.
    async fn items_that_move(&self, groups: &[Vec<UserWrite>]) -> Result<HashMap<Guid, Item>, Error> {
        let moving = groups.iter().flatten().filter(|write| write.moves()).filter_map(|write| write.before.as_ref());
        let moving: Vec<(Guid, Key)> = moving.map(|user| (user.guid, write::key_of(user))).collect();
        let read = stream::iter(moving).map(|(guid, key)| async move {
            let item = self.item_get(&key).await?;
            Ok::<_, Error>(item.map(|item| (guid, item)))
        });
        let read: Vec<_> = read.buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
        Ok(read.into_iter().flatten().collect())
    }
}

/// What became of the writes of a unit.
struct WrittenUnit {
    /// That of the unit among all.
    number: usize,
    outcomes: Vec<Outcome>,
}

/// What a transaction told of one of its units.
struct Settled {
    /// Among those of the pack.
    place: usize,
    outcomes: Vec<Outcome>,
}

/// Fills transactions: as many units in a row as fit, no two of which write the same item.
fn pack(units: Vec<Unit>) -> Vec<Vec<Unit>> {
    let mut packs: Vec<Vec<Unit>> = Vec::new();
    let mut keys = HashSet::new();
    let mut size = 0;
    for unit in units {
        // One action is kept for the number of administrators.
        let fits = size + unit.len() < MAX_ACTIONS && unit.keys().all(|key| !keys.contains(key));
        if packs.is_empty() || !fits {
            packs.push(Vec::new());
            keys.clear();
            size = 0;
        }
        size += unit.len();
        keys.extend(unit.keys().cloned());
        packs.last_mut().expect("there is one by now").push(unit);
    }
    packs
}

fn write_of(step: Step, applying: &Applying<'_>) -> Result<UserWrite, Error> {
    let Change { kind, guid, row, seen_version, before, after, restores, .. } = step.change;
    let seen = seen_version.unwrap_or_default();
    let deleted_before = restores.then_some(0);
    let before = before.map(|fields| User { deleted_at: deleted_before, ..fields.into_user(guid, seen) });
    let shown = match after {
        Some(fields) => fields.into_user(guid, seen + 1),
        None => {
            let before = before.clone().ok_or_else(|| Error::Item(format!("a change of {guid} has no user")))?;
            User { version: seen + 1, deleted_at: Some(applying.at), ..before }
        }
    };
    let by = applying.decision.by.as_ref();
    let stays = |was: fn(&User) -> bool| was(&shown) || !before.as_ref().is_some_and(was);
    let protected =
        by.is_some_and(|by| by.guid == guid) && !(stays(User::is_active_administrator) && stays(runs_organisation));
    let context = HistoryContext { at: applying.at, upload: Some(applying.upload), row, by };
    let entry = entry(kind, before.as_ref(), &shown, &context);
    let upload = Some(applying.upload.clone());
    let (after, password, audit) = (shown, step.password, Vec::new());
    Ok(UserWrite { before, after, password, upload, entry, audit, now: applying.now, protected })
}

/// When, by what and by whom a user is written, for its history.
struct HistoryContext<'a> {
    at: u64,
    upload: Option<&'a UploadId>,
    row: Option<u32>,
    by: Option<&'a Decider>,
}

impl HistoryContext<'_> {
    /// Returns the context of a write that is part of no upload, and that nobody made.
    fn outside_syncs(at: u64) -> Self {
        HistoryContext { at, upload: None, row: None, by: None }
    }
}

fn entry(kind: Kind, before: Option<&User>, after: &User, context: &HistoryContext<'_>) -> HistoryEntry {
    let values = |user: &User| {
        let custom_id = Some(user.custom_id.clone().unwrap_or_default());
        Fields::of(&User { custom_id, ..user.clone() }).expect("it has a custom ID, if an empty one")
    };
    let (old, new) = (before.map(values), values(after));
    let old: Vec<&str> =
        old.as_ref().map_or(vec![""; new.list().len()], |old| old.list().map(|(_, value)| value).into());
    let pairs = new.list().into_iter().zip(old);
    let changed = pairs.filter(|((_, after), before)| after != before).map(|((field, after), before)| FieldChange {
        field: field.to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
    });
    HistoryEntry {
        at: context.at,
        upload: context.upload.cloned(),
        row: context.row,
        by: context.by.map(|by| by.username.clone()),
        kind,
        fields: changed.collect(),
    }
}
