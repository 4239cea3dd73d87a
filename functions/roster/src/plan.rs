//! What an upload would change: the plan's types.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::password;
use crate::role::Roles;
use crate::settings::{Mode, RemovalAction, Scope};
use crate::user::{Grade, Guid, SchoolId, Status, User, UserType, fold};
use crate::{Code, Column};

/// All the changes of one upload, in the order in which they are shown and carried out. Immutable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub mode: Mode,
    pub scope: Scope,
    pub removal_action: RemovalAction,
    /// Over everything.
    pub counts: Counts,
    /// For each school and user type that the roster or the changes touch, sorted.
    pub tallies: Vec<Tally>,
    /// Why the plan waits for approval; empty when it may be approved by the settings.
    pub holds: Vec<Hold>,
    /// Sorted by school, user type, kind and custom ID; changes of one exchange stand together.
    pub changes: Vec<Change>,
    /// The rows that change nothing, by row number.
    pub unchanged: Vec<UnchangedRow>,
}

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

/// What an administrator decided about the probable re-keys of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RekeyChoices {
    pub all: RekeyChoice,
    /// The rows for which the other choice is made.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub except: BTreeSet<u32>,
}

impl RekeyChoices {
    /// The choice for the row of a change.
    pub fn choice_for(&self, row: u32) -> RekeyChoice {
        match (self.all, self.except.contains(&row)) {
            (choice, false) => choice,
            (RekeyChoice::SamePerson, true) => RekeyChoice::TwoPeople,
            (RekeyChoice::TwoPeople, true) => RekeyChoice::SamePerson,
        }
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

/// What kind of change it is. Every row that changes something is exactly one kind; removals have no row.
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

/// The fields of a user that a sync manages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fields {
    pub custom_id: String,
    pub first_name: String,
    pub middle_name: String,
    pub last_name: String,
    pub email: String,
    pub school: SchoolId,
    pub user_type: UserType,
    pub position: String,
    pub grade: Grade,
    pub status: Status,
    pub username: String,
    #[serde(default, skip_serializing_if = "Roles::is_empty")]
    pub roles: Roles,
}

/// Where the new password of a user comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordSource {
    /// From the file. It is a temporary one: known to whoever sees the file.
    File,
    /// A random temporary one of characters, made when the plan is applied.
    Temporary,
    /// A random temporary one of words, made when the plan is applied.
    Words,
    /// The organisation's default password, as it was when the file was checked. It is a temporary one, too.
    Default,
    /// From the file, and good for ever, because the settings say so.
    FileLasting,
}

impl PasswordSource {
    /// The random password itself, which follows from the upload's seed; `None` where it comes from elsewhere.
    pub fn temporary_password(self, seed: &[u8; 32], guid: Guid) -> Option<String> {
        match self {
            PasswordSource::Temporary => Some(password::temporary_password(seed, guid)),
            PasswordSource::Words => Some(password::temporary_words(seed, guid)),
            PasswordSource::File | PasswordSource::FileLasting | PasswordSource::Default => None,
        }
    }

    /// Whether it works once only, and the user has to set an own one.
    pub fn is_temporary(self) -> bool {
        self != PasswordSource::FileLasting
    }

    /// Whether it comes from the file.
    pub fn is_of_file(self) -> bool {
        matches!(self, PasswordSource::File | PasswordSource::FileLasting)
    }

    /// Whether its hash is made when the file is checked, and kept with the plan until it is applied.
    pub fn is_hashed_ahead(self) -> bool {
        self.is_of_file() || self == PasswordSource::Default
    }

    /// The words that files use.
    pub fn as_str(self) -> &'static str {
        match self {
            PasswordSource::File => "from the file",
            PasswordSource::Temporary => "temporary",
            PasswordSource::Words => "temporary, of words",
            PasswordSource::Default => "the default password",
            PasswordSource::FileLasting => "from the file, lasting",
        }
    }
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
    /// Another row about the same person decides.
    SamePerson,
}

impl Unchanged {
    /// The words of the completed file.
    pub fn as_str(self) -> &'static str {
        match self {
            Unchanged::Same => "unchanged",
            Unchanged::Kept => "differs, not updated",
            Unchanged::Outside => "outside year levels",
            Unchanged::SamePerson => "same person as another row",
        }
    }

    fn is_same(&self) -> bool {
        *self == Unchanged::Same
    }
}

/// How many rows do what; every row of the roster is counted in exactly one, and `removed` counts users.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub created: u64,
    pub updated: u64,
    pub moved: u64,
    pub reactivated: u64,
    pub removed: u64,
    pub unchanged: u64,
    pub rejected: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub renamed: u64,
    /// Rows of new custom IDs that are probably those of users that exist.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rekeyed: u64,
    /// Rows of users that exist and differ from them, where the settings keep their details.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub kept: u64,
    /// Rows of students outside the year levels that are synced.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub outside: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// The counts of one school and user type. A rejected row whose school or user type can't be told is counted
/// under `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub school: Option<SchoolId>,
    pub user_type: Option<UserType>,
    pub counts: Counts,
}

/// Why a plan waits for an administrator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Hold {
    /// The settings ask for approval of every plan.
    ApprovalRequired,
    /// A safety limit is passed. `measured` and `limit` are percentages where `share`, else numbers.
    Limit { of: LimitOf, school: Option<SchoolId>, user_type: Option<UserType>, share: bool, measured: f64, limit: f64 },
    /// The plan removes users, and these many rows can't be told whose they are.
    RowsWithoutOwner { rows: u64 },
    /// The plan removes users, and the file has fewer rows than the last full one by more than the limit.
    FileShrank { rows: u64, before: u64, limit_percent: f64 },
    /// The plan removes users, and the file ends in the middle of a row, or seems to.
    RowsCutOff,
    /// The plan makes accounts, or hands some over, that may do more than the one who uploaded the file.
    HandsOutMore,
    /// The plan closes accounts that may do more than the one who uploaded the file.
    ClosesMore,
    /// The file was dropped into the bucket, and the plan makes, hands over or closes accounts that may do more than
    /// students and teachers.
    FromBucket,
    /// Many of the new custom IDs are probably those of users that exist, as after a change of the student
    /// information system.
    ManyRekeyed { rekeyed: u64, new_ids: u64 },
    /// In so many rows of users that exist first and last names are exchanged.
    NamesExchanged { rows: u64, of: u64 },
    /// In so many rows of users that exist the first or last name is that of another user of the file, as where one
    /// column was sorted by itself.
    NamesMixedUp { rows: u64, of: u64 },
    /// Rows that are processed may not mean what they say: so many findings of a code of
    /// [`crate::Severity::Doubtful`].
    Doubtful { code: Code, count: u64 },
    /// So many more limits are passed, where not all are listed.
    Others { count: u64 },
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitOf {
    Removals,
    Changes,
}

impl Kind {
    /// The word that files and pages use.
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

    /// The kind of a change of a user that exists, or was deleted and `restores`.
    pub(crate) fn between(before: &Fields, after: &Fields, restores: bool) -> Kind {
        let activates = before.status == Status::Disabled && after.status == Status::Active;
        match before.school == after.school {
            _ if fold(&before.username) != fold(&after.username) => Kind::Renamed,
            false => Kind::Moved,
            true if restores || activates => Kind::Reactivated,
            true => Kind::Updated,
        }
    }
}

impl Change {
    /// The changes that are carried out by a choice: a probable re-key becomes an ordinary change of the user, or the
    /// creation of another one and, in a full sync, the removal of the absent one. Every other change is what it is.
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

    /// Whether it is a probable re-key whose user is removed if the row is about another person. One that a sync before
    /// has disabled is not removed again.
    pub fn is_rekey_with_removal(&self) -> bool {
        self.two_people.as_deref().is_some_and(|two_people| two_people.removal.is_some())
    }

    /// The users that may get a new password by it, whatever is chosen, and where it comes from.
    pub fn passwords(&self) -> impl Iterator<Item = (Guid, PasswordSource)> {
        let of_new = self.two_people.iter().filter_map(|two_people| Some((two_people.guid, two_people.password?)));
        self.password.map(|source| (self.guid, source)).into_iter().chain(of_new)
    }

    /// The fields to show: those after, or of a deleted user those before.
    pub fn shown(&self) -> Option<&Fields> {
        self.after.as_ref().or(self.before.as_ref())
    }

    /// What the completed file says of it. The default password can be read nowhere, so that it has to be named.
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

impl Fields {
    /// Whether the user, unless it is deleted, is an administrator who can sign in.
    pub fn is_active_administrator(&self) -> bool {
        self.user_type == UserType::Administrator && self.status == Status::Active
    }

    /// The fields of a managed user; `None` for a user without a custom ID.
    pub fn of(user: &User) -> Option<Fields> {
        Some(Fields {
            custom_id: user.custom_id.clone()?,
            first_name: user.first_name.clone(),
            middle_name: user.middle_name.clone(),
            last_name: user.last_name.clone(),
            email: user.email.clone(),
            school: user.school.clone(),
            user_type: user.user_type,
            position: user.position.clone(),
            grade: user.grade,
            status: user.status,
            username: user.username.clone(),
            roles: user.roles.clone(),
        })
    }

    /// Every field with the header of its column, in the order of the roster.
    pub fn list(&self) -> [(&'static str, &str); 12] {
        [
            ("first_name", &self.first_name),
            ("last_name", &self.last_name),
            ("middle_name", &self.middle_name),
            ("email", &self.email),
            ("custom_id", &self.custom_id),
            ("school_district_external_id", &self.school.0),
            ("user_type", self.user_type.as_str()),
            ("position", &self.position),
            ("grade", self.grade.as_str()),
            ("status", self.status.as_str()),
            ("username", &self.username),
            ("roles", self.roles.as_str()),
        ]
    }
}

impl Counts {
    /// Changes of every kind.
    pub fn changes(&self) -> u64 {
        self.created + self.updated + self.moved + self.reactivated + self.renamed + self.rekeyed + self.removed
    }

    /// The sum of both.
    pub fn plus(&self, other: &Counts) -> Counts {
        Counts {
            created: self.created + other.created,
            updated: self.updated + other.updated,
            moved: self.moved + other.moved,
            reactivated: self.reactivated + other.reactivated,
            removed: self.removed + other.removed,
            unchanged: self.unchanged + other.unchanged,
            rejected: self.rejected + other.rejected,
            renamed: self.renamed + other.renamed,
            rekeyed: self.rekeyed + other.rekeyed,
            kept: self.kept + other.kept,
            outside: self.outside + other.outside,
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        self.changes() - self.removed + self.unchanged + self.kept + self.outside + self.rejected
    }

    /// The count of rows that change nothing for one reason.
    pub fn of_unchanged(&mut self, why: Unchanged) -> &mut u64 {
        match why {
            Unchanged::Same | Unchanged::SamePerson => &mut self.unchanged,
            Unchanged::Kept => &mut self.kept,
            Unchanged::Outside => &mut self.outside,
        }
    }

    /// The count of one kind.
    pub fn of(&mut self, kind: Kind) -> &mut u64 {
        match kind {
            Kind::Created => &mut self.created,
            Kind::Updated => &mut self.updated,
            Kind::Moved => &mut self.moved,
            Kind::Reactivated => &mut self.reactivated,
            Kind::Renamed => &mut self.renamed,
            Kind::Rekeyed => &mut self.rekeyed,
            Kind::Removed => &mut self.removed,
        }
    }
}
