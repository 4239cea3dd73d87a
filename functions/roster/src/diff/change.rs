//! What is done to one user, and the rows that change nothing.

use serde::{Deserialize, Serialize};

use crate::model::{Column, Fields, Guid, Status, fold};
use crate::settings::PasswordSource;

/// What is done to one user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub kind: Kind,
    /// The user; of a created one, the GUID that it will get.
    pub guid: Guid,
    /// The row of the roster; `None` for a removal.
    pub row: Option<u32>,
    /// The version on which the change may be carried out; `None` for a created user.
    pub seen_version: Option<u64>,
    /// `None` for a created user.
    pub before: Option<Fields>,
    /// `None` for a deleted user.
    pub after: Option<Fields>,
    /// Where a new password comes from, if there is one.
    pub password: Option<PasswordSource>,
    /// The user was deleted, and comes back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restores: bool,
    /// Changes with the same number exchange user names or e-mail addresses, and happen together or not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<u32>,
    /// Of a [`Kind::Rekeyed`] user: what happens instead if somebody says that the row is about another person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub two_people: Option<Box<TwoPeople>>,
    /// The fields in which the row differs from the user, who keeps them by the settings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_updated: Vec<KeptField>,
}

impl Change {
    /// Returns the changes that are carried out by a choice.
    ///
    /// A probable re-key becomes an ordinary change of the user, or the creation of another one and, in a full sync,
    /// the removal of the absent one. Every other change is what it is.
    pub fn chosen(&self, choice: RekeyChoice) -> Vec<Change> {
        let Some(two_people) = &self.two_people else { return vec![self.clone()] };
        let whole = Change { two_people: None, ..self.clone() };
        let TwoPeople { guid, fields, password, removal, exchange } = two_people.as_ref();
        match (choice, &self.before, &self.after) {
            (RekeyChoice::SamePerson, Some(before), Some(after)) => {
                vec![Change { kind: Kind::between(before, after, false), ..whole }]
            }
            (RekeyChoice::SamePerson, ..) => vec![whole],
            (RekeyChoice::TwoPeople, ..) => {
                let created = Change {
                    kind: Kind::Created,
                    guid: *guid,
                    seen_version: None,
                    before: None,
                    after: Some(fields.clone()),
                    password: *password,
                    exchange: *exchange,
                    not_updated: Vec::new(),
                    ..whole.clone()
                };
                let removed = removal.as_ref().map(|Removal { after, exchange }| Change {
                    kind: Kind::Removed,
                    row: None,
                    after: after.clone(),
                    password: None,
                    exchange: *exchange,
                    not_updated: Vec::new(),
                    ..whole
                });
                [Some(created), removed].into_iter().flatten().collect()
            }
        }
    }

    /// Returns whether the change is a probable re-key that may also remove its user.
    ///
    /// The user is removed if the row is about another person. One that a sync before has disabled is not removed
    /// again.
    pub fn is_rekey_with_removal(&self) -> bool {
        self.two_people.as_deref().is_some_and(|two_people| two_people.removal.is_some())
    }

    /// Returns the users that may get a new password by the change, and where that comes from.
    ///
    /// They are those of every choice.
    pub fn passwords(&self) -> impl Iterator<Item = (Guid, PasswordSource)> {
        let of_new = self.two_people.iter().filter_map(|two_people| Some((two_people.guid, two_people.password?)));
        self.password.map(|source| (self.guid, source)).into_iter().chain(of_new)
    }

    /// Returns the fields to show: those after, or of a deleted user those before.
    pub fn shown(&self) -> Option<&Fields> {
        self.after.as_ref().or(self.before.as_ref())
    }

    /// Returns what the completed file says of the change.
    ///
    /// The default password can be read nowhere, so that it has to be named.
    pub fn result(&self) -> &'static str {
        match (self.password, self.kind) {
            (Some(PasswordSource::Default), Kind::Created) => "created with the default password",
            (Some(PasswordSource::Default), Kind::Reactivated) => "reactivated with the default password",
            (Some(PasswordSource::Default), Kind::Renamed) => "renamed with the default password",
            (Some(PasswordSource::Default), Kind::Moved) => "moved with the default password",
            (Some(PasswordSource::Temporary | PasswordSource::Words), kind) if !self.restores => match kind {
                Kind::Updated => "updated with a new temporary password",
                Kind::Moved => "moved with a new temporary password",
                Kind::Reactivated => "reactivated with a new temporary password",
                Kind::Renamed => "renamed with a new temporary password",
                Kind::Created | Kind::Rekeyed | Kind::Removed => kind.as_str(),
            },
            _ => self.kind.as_str(),
        }
    }
}

/// What kind of change it is.
///
/// Every row that changes something is exactly one kind; removals have no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Created,
    Updated,
    /// To another school, whatever else changes with it.
    Moved,
    /// From Disabled (or deleted) to Active within the same school, whatever else changes with it.
    Reactivated,
    /// Gets another user name, whatever else changes with it: it changes how somebody signs in.
    Renamed,
    /// Probably has the custom ID of the row by now: the row is the user's but for the ID, which is nobody's. What is
    /// done is decided with the approval; see [`Change::chosen`].
    Rekeyed,
    Removed,
}

impl Kind {
    /// Returns the word that files and pages use.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Created => "created",
            Kind::Updated => "updated",
            Kind::Moved => "moved",
            Kind::Reactivated => "reactivated",
            Kind::Renamed => "renamed",
            Kind::Rekeyed => "rekeyed",
            Kind::Removed => "removed",
        }
    }

    /// Returns the kind of a change of a user that exists, or was deleted and `restores`.
    pub(crate) fn between(before: &Fields, after: &Fields, restores: bool) -> Kind {
        let activates = before.status == Status::Disabled && after.status == Status::Active;
        if fold(&before.username) != fold(&after.username) {
            Kind::Renamed
        } else if before.school != after.school {
            Kind::Moved
        } else if restores || activates {
            Kind::Reactivated
        } else {
            Kind::Updated
        }
    }
}

/// What happens to a probable re-key if the row is about another person than the user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TwoPeople {
    /// The GUID that the new user gets.
    pub guid: Guid,
    /// The new user.
    pub fields: Fields,
    pub password: Option<PasswordSource>,
    /// What becomes of the user whom the row is not about, which is absent from a full roster.
    pub removal: Option<Removal>,
    /// The exchange that the creation is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<u32>,
}

/// The removal of a user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Removal {
    /// `None` where the user is deleted.
    pub after: Option<Fields>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<u32>,
}

/// Whether a probable re-key is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RekeyChoice {
    /// The user gets the new custom ID, and keeps GUID, user name and history.
    SamePerson,
    /// The row makes a new user, and a full sync removes the one who is absent.
    TwoPeople,
}

/// A row that changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnchangedRow {
    pub row: u32,
    /// `None` where nobody is created.
    pub guid: Option<Guid>,
    pub username: String,
    #[serde(default, skip_serializing_if = "Unchanged::is_same")]
    pub why: Unchanged,
    /// The fields in which the row differs from the user, who keeps them by the settings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_updated: Vec<KeptField>,
}

/// Why a row changes nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unchanged {
    /// The user is as the row says.
    #[default]
    Same,
    /// The user differs, and the settings keep the details of users that exist.
    Kept,
    /// A student of a year level that is not synced.
    Outside,
    /// Somebody of a user type that this sync leaves alone.
    OtherType,
    /// Another row about the same person decides.
    SamePerson,
    /// The row has the user of another row once more, for a further class.
    FurtherClass,
}

impl Unchanged {
    /// Returns the words of the completed file.
    pub fn as_str(self) -> &'static str {
        match self {
            Unchanged::Same => "unchanged",
            Unchanged::Kept => "differs, not updated",
            Unchanged::Outside => "outside year levels",
            Unchanged::OtherType => "another user type",
            Unchanged::SamePerson => "same person as another row",
            Unchanged::FurtherClass => "same user as another row",
        }
    }

    fn is_same(&self) -> bool {
        *self == Unchanged::Same
    }
}

/// A field of a user that a row would change, and that the settings keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptField {
    pub column: Column,
    /// What the row says.
    pub said: String,
    /// What the user has.
    pub kept: String,
}
