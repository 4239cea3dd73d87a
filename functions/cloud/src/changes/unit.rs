//! What is written together: the actions of one user, or of several that exchange names.

use std::collections::{BTreeSet, HashMap, HashSet};

use aws_sdk_dynamodb::types::AttributeValue;
use roster::user::fold;
use roster::{Guid, Status, User};
use wire::attribute::Attribute;
use wire::stored::Outcome;

use super::write::{NewPassword, PasswordKind, UserWrite, author, is_disabled, key_of};
use crate::Error;
use crate::schools::runs_organisation;
use crate::table::{Item, Key, json, n, s};
use crate::transact::{MAX_ACTIONS, WriteAction};
use crate::users::named;

/// The actions of one or more writes.
pub(super) struct Unit {
    /// Which of all units it is.
    pub(super) number: usize,
    actions: Vec<PlannedAction>,
    writes: usize,
    protected: Vec<usize>,
    /// By how much the number of active administrators of the district office grows.
    pub(super) administrators: i64,
}

/// An action of a unit.
struct PlannedAction {
    /// The write that it belongs to, by position.
    write: usize,
    purpose: Purpose,
    action: WriteAction,
}

/// What an action is for, so that a refusal can be told in words; the first that is refused counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Purpose {
    History,
    User,
    Reservation,
    /// Written wherever the rest is, and never refused by itself.
    Audit,
}

impl Unit {
    /// Makes the unit of writes that are done together or not at all.
    pub(super) fn new(number: usize, writes: Vec<UserWrite>, moved: &HashMap<Guid, Item>) -> Result<Unit, Error> {
        let mut actions = Vec::new();
        let names: HashSet<String> = writes.iter().map(|write| fold(&write.after.username)).collect();
        for (i, write) in writes.iter().enumerate() {
            let former = FormerName::from_write(write, &names);
            let planned = |purpose, action| PlannedAction { write: i, purpose, action };
            actions.push(planned(Purpose::History, history(write)?));
            actions.extend(write.audit.iter().map(|entry| planned(Purpose::Audit, entry.clone())));
            actions.extend(user(i, write, moved, former));
        }
        actions.extend(claimed(&writes, Key::username, usernames));
        actions.extend(claimed(&writes, Key::staff_email, staff_emails));
        // The reservation of a user name stays for ever: that is how it is never given to anybody else.
        actions.extend(given_up(&writes, Key::staff_email, staff_emails));
        let administrators = writes.iter().map(|write| {
            i64::from(runs_organisation(&write.after)) - i64::from(write.before.as_ref().is_some_and(runs_organisation))
        });
        let administrators = administrators.sum();
        let protected = (0..writes.len()).filter(|&i| writes[i].protected).collect();
        Ok(Unit { number, actions, writes: writes.len(), protected, administrators })
    }

    /// Returns how many items it writes.
    pub(super) fn len(&self) -> usize {
        self.actions.len()
    }

    /// Returns the keys of the items that it writes.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.actions.iter().map(|planned| &planned.action.key)
    }

    /// Returns what it writes, in order.
    pub(super) fn actions(&self) -> impl Iterator<Item = WriteAction> {
        self.actions.iter().map(|planned| planned.action.clone())
    }

    /// Returns what became of the writes where they must not even be tried.
    pub(super) fn outcome_without_writing(&self) -> Option<Vec<Outcome>> {
        if !self.protected.is_empty() {
            return Some(self.blame(&self.protected, Outcome::Protected));
        }
        // One action is kept for the number of administrators.
        (self.len() >= MAX_ACTIONS).then(|| self.all(Outcome::Taken))
    }

    /// Returns what became of the writes where they were done.
    pub(super) fn done(&self) -> Vec<Outcome> {
        self.all(Outcome::Done)
    }

    /// Returns what became of the writes where the actions at the positions `refused` were refused.
    pub(super) fn refused(&self, refused: &[usize]) -> Vec<Outcome> {
        let refused = || refused.iter().map(|&at| &self.actions[at]);
        let first = refused().map(|planned| planned.purpose).min();
        let guilty = refused().filter(|planned| Some(planned.purpose) == first).map(|planned| planned.write);
        let guilty: Vec<usize> = guilty.collect();
        match first {
            // All were written in one transaction, so all are done where one is.
            Some(Purpose::History) => self.done(),
            Some(Purpose::User) => self.blame(&guilty, Outcome::Drifted),
            _ => self.blame(&guilty, Outcome::Taken),
        }
    }

    /// Returns what became of the writes where nobody could sign in any more.
    pub(super) fn would_be_last(&self) -> Vec<Outcome> {
        self.all(Outcome::Protected)
    }

    fn all(&self, outcome: Outcome) -> Vec<Outcome> {
        vec![outcome; self.writes]
    }

    /// Returns `outcome` for the writes `guilty`, and for the others of an exchange that they could not get what those
    /// have.
    fn blame(&self, guilty: &[usize], outcome: Outcome) -> Vec<Outcome> {
        (0..self.writes).map(|i| if guilty.contains(&i) { outcome } else { Outcome::Taken }).collect()
    }
}

/// Counts active administrators of the district office; there must be one left.
pub(super) fn administrators(more: i64) -> Option<WriteAction> {
    let add = WriteAction::update(&Key::administrators(), "ADD active :more", [(":more", n(more))]);
    match more {
        0 => None,
        1.. => Some(add),
        _ => Some(add.only_if("active > :fewer", [(":fewer", n(-more))])),
    }
}

/// Returns the action that writes the entry of the history. It is written with the user, so it says for ever that the
/// change is done.
fn history(write: &UserWrite) -> Result<WriteAction, Error> {
    let key = Key::user_log(write.after.guid, write.entry.at, &author(write.upload.as_ref()));
    Ok(WriteAction::put_new(&key, [("entry".to_owned(), json(&write.entry)?)].into()))
}

/// A user name that a write parts from its user.
enum FormerName {
    /// The reservation stays, and the user remembers it.
    Kept(String),
    /// Somebody takes it over in the same unit, so it is the user's no longer.
    HandedOver(String),
}

impl FormerName {
    /// Returns the user name that a write gives up; `names` are those that the users of the unit have after it.
    fn from_write(write: &UserWrite, names: &HashSet<String>) -> Option<FormerName> {
        let name = fold(&write.before.as_ref()?.username);
        let goes = name != fold(&write.after.username);
        goes.then(|| if names.contains(&name) { FormerName::HandedOver(name) } else { FormerName::Kept(name) })
    }

    /// Returns the clause by which an update adds the name to the set `former_usernames` or deletes it there, and
    /// the set with the name that the clause calls `:former`.
    fn clause(self) -> (&'static str, AttributeValue) {
        match self {
            FormerName::Kept(name) => (" ADD former_usernames :former", AttributeValue::Ss(vec![name])),
            FormerName::HandedOver(name) => (" DELETE former_usernames :former", AttributeValue::Ss(vec![name])),
        }
    }

    /// Adds the name to the set `former_usernames` of an item that moves to another key, or removes it there.
    fn put_into(self, item: &mut Item) {
        let names = item.remove("former_usernames").and_then(|names| names.as_ss().ok().cloned());
        let mut names: BTreeSet<String> = names.unwrap_or_default().into_iter().collect();
        match self {
            FormerName::Kept(name) => names.insert(name),
            FormerName::HandedOver(name) => names.remove(&name),
        };
        if !names.is_empty() {
            item.insert("former_usernames".to_owned(), AttributeValue::Ss(names.into_iter().collect()));
        }
    }
}

fn user(i: usize, write: &UserWrite, moved: &HashMap<Guid, Item>, former: Option<FormerName>) -> Vec<PlannedAction> {
    let planned = |purpose, action| PlannedAction { write: i, purpose, action };
    let after = &write.after;
    let key = key_of(after);
    let home = || Item::from([("user_pk".to_owned(), s(&key.pk)), ("user_sk".to_owned(), s(&key.sk))]);
    let Some(before) = &write.before else {
        return vec![
            planned(Purpose::Reservation, WriteAction::put_new(&key, named(attributes(write)).collect())),
            planned(Purpose::Reservation, WriteAction::put_new(&Key::guid(after.guid), home())),
        ];
    };
    if !write.moves() {
        return vec![planned(Purpose::User, update(write, &key, before.version, former))];
    }
    let whole = moved.get(&before.guid).cloned().unwrap_or_default();
    let old = delete_unchanged(before, &whole);
    let mut whole: Item = whole.into_iter().filter(|(name, _)| is_carried_over(name, write)).collect();
    whole.extend(named(attributes(write)));
    former.into_iter().for_each(|former| former.put_into(&mut whole));
    vec![
        planned(Purpose::User, old),
        planned(Purpose::Reservation, WriteAction::put_new(&key, whole)),
        planned(Purpose::User, WriteAction::put(&Key::guid(after.guid), home())),
    ]
}

/// Returns whether an item that moves to another key takes the attribute along, unless the write sets it anew.
fn is_carried_over(name: &str, write: &UserWrite) -> bool {
    let is_key = ["pk", "sk"].contains(&name);
    !is_key && Attribute::from_name(name).is_none_or(|attribute| !goes(attribute, write))
}

/// Returns whether the write takes the attribute away, unless it sets it.
fn goes(attribute: Attribute, write: &UserWrite) -> bool {
    // Who stays disabled has been since then.
    let enabled = attribute == Attribute::DisabledSince && !is_disabled(&write.after);
    let of_password = attribute.is_of_given_password() && write.password.is_some();
    attribute.may_be_missing() || enabled || of_password
}

/// Deletes the user's old item, of which `read` is written elsewhere, if it is still the same. Passwords change without
/// a new version, so they are looked at, too.
fn delete_unchanged(before: &User, read: &Item) -> WriteAction {
    let mut condition = "version = :seen".to_owned();
    let mut values = vec![("seen".to_owned(), n(before.version))];
    for name in ["password_hash", "temporary_used_at"] {
        match read.get(name) {
            Some(value) => {
                condition.push_str(&format!(" AND {name} = :{name}"));
                values.push((name.to_owned(), value.clone()));
            }
            None => condition.push_str(&format!(" AND attribute_not_exists({name})")),
        }
    }
    WriteAction::delete(&key_of(before)).only_if(&condition, []).with_values(values)
}

fn update(write: &UserWrite, key: &Key, seen: u64, former: Option<FormerName>) -> WriteAction {
    let attributes = attributes(write);
    let set: Vec<String> = attributes.iter().map(|(attribute, _)| format!("#{0} = :{0}", attribute.name())).collect();
    let is_set = |attribute: &Attribute| attributes.iter().any(|(set, _)| set == attribute);
    let absent = Attribute::ALL.into_iter().filter(|attribute| goes(*attribute, write) && !is_set(attribute));
    let absent: Vec<&str> = absent.map(Attribute::name).collect();
    let remove = if absent.is_empty() { String::new() } else { format!(" REMOVE {}", absent.join(", ")) };
    let (clause, name) = former.map(FormerName::clause).unzip();
    let clause = clause.unwrap_or_default();
    WriteAction::update(key, &format!("SET {}{remove}{clause}", set.join(", ")), [])
        .with_values(named(attributes).collect())
        .with_values(name.map(|name| ("former".to_owned(), name)).into_iter().collect())
        .only_if("version = :seen", [(":seen", n(seen))])
}

/// Returns everything that the write sets.
fn attributes(write: &UserWrite) -> Vec<(Attribute, AttributeValue)> {
    let mut attributes = crate::users::attributes(&write.after);
    if let Some(NewPassword { hash, kind, power }) = &write.password {
        let temporary = *kind == PasswordKind::Temporary;
        attributes.push((Attribute::PasswordHash, s(hash)));
        attributes.push((Attribute::TemporaryPassword, AttributeValue::Bool(temporary)));
        attributes.push((Attribute::OwnPassword, AttributeValue::Bool(*kind == PasswordKind::Own)));
        attributes.extend(temporary.then(|| (Attribute::TemporarySince, n(write.now))));
        let power = power.as_ref().map(|power| serde_json::to_string(power).expect("our own types are JSON"));
        attributes.extend(power.map(|power| (Attribute::PasswordPower, s(power))));
    }
    let demoted =
        write.before.as_ref().is_some_and(User::is_active_administrator) && !write.after.is_active_administrator();
    if demoted || write.after.deleted_at.is_some() || write.after.status == Status::Disabled {
        attributes.push((Attribute::SignedOutAt, n(write.now)));
    }
    if write.disables() {
        attributes.push((Attribute::DisabledSince, n(write.now)));
    }
    if let Some(upload) = &write.upload {
        attributes.push((Attribute::LastUpload, s(&upload.0)));
    }
    attributes
}

/// Returns the user name that is reserved. Deleted users have theirs, too, so that they can come back under it.
fn usernames(user: &User) -> Option<&str> {
    Some(&user.username)
}

fn staff_emails(user: &User) -> Option<&str> {
    let held = user.user_type.is_staff() && user.deleted_at.is_none() && !user.email.is_empty();
    held.then_some(&user.email)
}

/// What a user has of one kind of value that only one may have.
type Held = fn(&User) -> Option<&str>;

/// Returns what the writes claim of one kind of value. A value that one gives up and another claims changes hands in
/// one action.
fn claimed(writes: &[UserWrite], key: fn(&str) -> Key, of: Held) -> Vec<PlannedAction> {
    let given_up: HashMap<String, Guid> =
        writes.iter().filter_map(|write| Some((before(write, of)?, write.after.guid))).collect();
    let claim = |(i, write): (usize, &UserWrite)| {
        let value = of(&write.after).map(fold).filter(|value| before(write, of).as_ref() != Some(value))?;
        let holder = given_up.get(&value).copied().unwrap_or(write.after.guid);
        let item = Item::from([("guid".to_owned(), s(write.after.guid.to_string()))]);
        let action = held_by(WriteAction::put(&key(&value), item), holder);
        Some(PlannedAction { write: i, purpose: Purpose::Reservation, action })
    };
    writes.iter().enumerate().filter_map(claim).collect()
}

/// Returns what the writes give up of one kind of value, and nobody claims.
fn given_up(writes: &[UserWrite], key: fn(&str) -> Key, of: Held) -> Vec<PlannedAction> {
    let held: HashSet<String> = writes.iter().filter_map(|write| of(&write.after).map(fold)).collect();
    let give_up = |(i, write): (usize, &UserWrite)| {
        let value = before(write, of).filter(|value| !held.contains(value))?;
        let action = held_by(WriteAction::delete(&key(&value)), write.after.guid);
        Some(PlannedAction { write: i, purpose: Purpose::Reservation, action })
    };
    writes.iter().enumerate().filter_map(give_up).collect()
}

fn before(write: &UserWrite, of: Held) -> Option<String> {
    write.before.as_ref().and_then(|user| of(user).map(fold))
}

/// Returns the action under the condition that the reservation is this user's or nobody's.
fn held_by(action: WriteAction, holder: Guid) -> WriteAction {
    action.only_if("attribute_not_exists(pk) OR guid = :holder", [(":holder", s(holder.to_string()))])
}
