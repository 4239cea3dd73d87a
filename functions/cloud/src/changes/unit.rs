//! What is written together: the actions of one user, or of several that exchange names.

use std::collections::{HashMap, HashSet};

use roster::user::fold;
use roster::{Guid, Status, User};
use wire::stored::Outcome;

use super::{NewPassword, Write, author};
use crate::Error;
use crate::schools::runs_organisation;
use crate::table::{Item, Key, json, n, s};
use crate::transact::{Action, MAX_ACTIONS};

/// The actions of one or more writes.
pub(super) struct Unit {
    /// With the write, by position, and what the action is for.
    actions: Vec<(usize, Part, Action)>,
    writes: usize,
    protected: Vec<usize>,
    /// By how much the number of active administrators of the district office grows.
    pub(super) administrators: i64,
}

/// What an action is for, so that a refusal can be told in words; the first that is refused counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    History,
    User,
    Reservation,
    /// Written wherever the rest is, and never refused by itself.
    Audit,
}

impl Unit {
    pub(super) fn new(writes: Vec<Write>, moved: &HashMap<Guid, Item>) -> Result<Unit, Error> {
        let mut actions = Vec::new();
        for (i, write) in writes.iter().enumerate() {
            actions.push((i, Part::History, history(write)?));
            actions.extend(write.audit.iter().map(|entry| (i, Part::Audit, entry.clone())));
            actions.extend(user(write, moved).into_iter().map(|(part, action)| (i, part, action)));
        }
        actions.extend(reservations(&writes, Key::username, usernames));
        actions.extend(reservations(&writes, Key::staff_email, staff_emails));
        let administrators = writes.iter().map(|write| {
            i64::from(runs_organisation(&write.after)) - i64::from(write.before.as_ref().is_some_and(runs_organisation))
        });
        let administrators = administrators.sum();
        let protected = (0..writes.len()).filter(|&i| writes[i].protected).collect();
        Ok(Unit { actions, writes: writes.len(), protected, administrators })
    }

    pub(super) fn len(&self) -> usize {
        self.actions.len()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.actions.iter().map(|(_, _, action)| &action.key)
    }

    pub(super) fn actions(&self) -> impl Iterator<Item = Action> {
        self.actions.iter().map(|(_, _, action)| action.clone())
    }

    /// What became of the writes where they must not even be tried.
    pub(super) fn outcome_without_writing(&self) -> Option<Vec<Outcome>> {
        if !self.protected.is_empty() {
            return Some(self.blame(&self.protected, Outcome::Protected));
        }
        // One action is kept for the number of administrators.
        (self.len() >= MAX_ACTIONS).then(|| self.all(Outcome::Taken))
    }

    pub(super) fn done(&self) -> Vec<Outcome> {
        self.all(Outcome::Done)
    }

    /// What it means that the actions `refused`, by position, were refused.
    pub(super) fn refused(&self, refused: &[usize]) -> Vec<Outcome> {
        let first = refused.iter().map(|&at| self.actions[at].1).min();
        let guilty: Vec<usize> =
            refused.iter().map(|&at| &self.actions[at]).filter(|action| Some(action.1) == first).map(|a| a.0).collect();
        match first {
            // All were written in one transaction, so all are done where one is.
            Some(Part::History) => self.done(),
            Some(Part::User) => self.blame(&guilty, Outcome::Drifted),
            _ => self.blame(&guilty, Outcome::Taken),
        }
    }

    /// Nobody could sign in any more.
    pub(super) fn would_be_last(&self) -> Vec<Outcome> {
        self.all(Outcome::Protected)
    }

    fn all(&self, outcome: Outcome) -> Vec<Outcome> {
        vec![outcome; self.writes]
    }

    /// The others of an exchange could not get what the guilty ones have.
    fn blame(&self, guilty: &[usize], outcome: Outcome) -> Vec<Outcome> {
        (0..self.writes).map(|i| if guilty.contains(&i) { outcome } else { Outcome::Taken }).collect()
    }
}

/// Where the user stands.
pub(super) fn key_of(user: &User) -> Key {
    Key::user(user.custom_id.as_deref(), user.guid)
}

/// Counts active administrators of the district office; there must be one left.
pub(super) fn administrators(more: i64) -> Option<Action> {
    let add = Action::update(&Key::administrators(), "ADD active :more", [(":more", n(more))]);
    match more {
        0 => None,
        1.. => Some(add),
        _ => Some(add.only_if("active > :fewer", [(":fewer", n(-more))])),
    }
}

/// The entry is written with the user, so it says for ever that the change is done.
fn history(write: &Write) -> Result<Action, Error> {
    let key = Key::user_log(write.after.guid, write.entry.at, &author(write.upload.as_ref()));
    Ok(Action::put_new(&key, [("entry".to_owned(), json(&write.entry)?)].into()))
}

fn user(write: &Write, moved: &HashMap<Guid, Item>) -> Vec<(Part, Action)> {
    let after = &write.after;
    let key = key_of(after);
    let home = || Item::from([("user_pk".to_owned(), s(&key.pk)), ("user_sk".to_owned(), s(&key.sk))]);
    let Some(before) = &write.before else {
        let attributes = attributes(write).into_iter().collect();
        return vec![
            (Part::Reservation, Action::put_new(&key, attributes)),
            (Part::Reservation, Action::put_new(&Key::guid(after.guid), home())),
        ];
    };
    if !write.moves() {
        return vec![(Part::User, update(write, &key, before.version))];
    }
    let whole = moved.get(&before.guid).cloned().unwrap_or_default();
    let mut whole: Item = whole.into_iter().filter(|(name, _)| !GONE.contains(&name.as_str())).collect();
    whole.extend(attributes(write));
    vec![
        (Part::User, Action::delete(&key_of(before)).only_if("version = :seen", [(":seen", n(before.version))])),
        (Part::Reservation, Action::put_new(&key, whole)),
        (Part::User, Action::put(&Key::guid(after.guid), home())),
    ]
}

/// Attributes that are not carried over to a new key: the keys, and what [`attributes`] has only sometimes.
const GONE: [&str; 6] = ["pk", "sk", "gsi_pk", "gsi_sk", "deleted_at", "archived"];

fn update(write: &Write, key: &Key, seen: u64) -> Action {
    let attributes = attributes(write);
    let set: Vec<String> = attributes.iter().map(|(name, _)| format!("#{name} = :{name}")).collect();
    let absent = ["gsi_pk", "gsi_sk", "deleted_at", "archived", "custom_id"];
    let absent: Vec<&str> = absent.into_iter().filter(|name| attributes.iter().all(|(had, _)| had != name)).collect();
    let remove = if absent.is_empty() { String::new() } else { format!(" REMOVE {}", absent.join(", ")) };
    Action::update(key, &format!("SET {}{remove}", set.join(", ")), [])
        .with_values(attributes)
        .only_if("version = :seen", [(":seen", n(seen))])
}

/// Everything that the write sets.
fn attributes(write: &Write) -> Vec<(String, aws_sdk_dynamodb::types::AttributeValue)> {
    let mut attributes = crate::users::attributes(&write.after);
    if let Some(NewPassword { hash, temporary }) = &write.password {
        attributes.push(("password_hash".to_owned(), s(hash)));
        attributes.push(("temporary_password".to_owned(), aws_sdk_dynamodb::types::AttributeValue::Bool(*temporary)));
    }
    let demoted =
        write.before.as_ref().is_some_and(User::is_active_administrator) && !write.after.is_active_administrator();
    if demoted || write.after.deleted_at.is_some() || write.after.status == Status::Disabled {
        attributes.push(("signed_out_at".to_owned(), n(write.now)));
    }
    if let Some(upload) = &write.upload {
        attributes.push(("last_upload".to_owned(), s(&upload.0)));
    }
    attributes
}

/// A user name is kept when its user is deleted, so that it can come back under it.
fn usernames(user: &User) -> Option<&str> {
    Some(&user.username)
}

fn staff_emails(user: &User) -> Option<&str> {
    let held = user.user_type.is_staff() && user.deleted_at.is_none() && !user.email.is_empty();
    held.then_some(&user.email)
}

/// What the writes give up and claim of one kind of value. A value that one gives up and another claims changes
/// hands in one action.
fn reservations(writes: &[Write], key: fn(&str) -> Key, of: fn(&User) -> Option<&str>) -> Vec<(usize, Part, Action)> {
    let before = |write: &Write| write.before.as_ref().and_then(|user| of(user).map(fold));
    let given_up: HashMap<String, Guid> =
        writes.iter().filter_map(|write| Some((before(write)?, write.after.guid))).collect();
    let mut claimed = HashSet::new();
    let mut actions = Vec::new();
    for (i, write) in writes.iter().enumerate() {
        let Some(value) = of(&write.after).map(fold) else { continue };
        if before(write).as_ref() != Some(&value) {
            let holder = given_up.get(&value).copied().unwrap_or(write.after.guid);
            let item = Item::from([("guid".to_owned(), s(write.after.guid.to_string()))]);
            actions.push((i, Part::Reservation, held_by(Action::put(&key(&value), item), holder)));
        }
        claimed.insert(value);
    }
    for (i, write) in writes.iter().enumerate() {
        if let Some(value) = before(write).filter(|value| !claimed.contains(value)) {
            actions.push((i, Part::Reservation, held_by(Action::delete(&key(&value)), write.after.guid)));
        }
    }
    actions
}

/// Only if the reservation is this user's or nobody's.
fn held_by(action: Action, holder: Guid) -> Action {
    action.only_if("attribute_not_exists(pk) OR guid = :holder", [(":holder", s(holder.to_string()))])
}
