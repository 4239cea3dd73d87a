//! The users and schools that a roster is compared with.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::alike;
use crate::role::Roles;
use crate::text::normal;

/// An account of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub guid: Guid,
    /// The Employee ID or Student ID. Only a user that has one is managed: a sync can touch it.
    pub custom_id: Option<String>,
    pub first_name: String,
    pub middle_name: String,
    pub last_name: String,
    /// As written; empty where there is none. Compared through [`fold`].
    pub email: String,
    pub school: SchoolId,
    pub user_type: UserType,
    /// Empty for students.
    pub position: String,
    /// `Unspecified` for everybody but students.
    pub grade: Grade,
    pub status: Status,
    /// As written; compared through [`fold`].
    pub username: String,
    /// Grows with every write of the user. A change is carried out only on the version that its plan saw.
    #[serde(default)]
    pub version: u64,
    /// When a sync deleted the user, in milliseconds since 1970. Such a user counts as absent, and comes back with
    /// the same GUID when its custom ID comes back, also after its personal fields were erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<u64>,
    /// When the personal fields of an archived user are erased, in milliseconds since 1970: one that is deleted because
    /// it was disabled for long, and not because it was absent from a roster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erase_at: Option<u64>,
    #[serde(default, skip_serializing_if = "Roles::is_empty")]
    pub roles: Roles,
    /// Names that it had before, folded; they are never given to anybody else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_usernames: Vec<String>,
}

impl User {
    /// Whether a sync may touch the user.
    pub fn is_managed(&self) -> bool {
        self.custom_id.is_some()
    }

    /// Whether the user's account is open.
    pub fn can_sign_in(&self) -> bool {
        self.status == Status::Active && self.deleted_at.is_none()
    }

    /// The user's roles; of one that was never given any, the one of its type.
    pub fn roles_in_force(&self, at_district: bool) -> Roles {
        if self.roles.is_empty() { Roles::usual(self.user_type, at_district) } else { self.roles.clone() }
    }

    /// Whether it is the user's present name, whatever the case.
    pub fn is_named(&self, username: &str) -> bool {
        fold(&self.username) == fold(username)
    }

    /// Whether the user is an administrator who can sign in.
    pub fn is_active_administrator(&self) -> bool {
        self.user_type == UserType::Administrator && self.status == Status::Active && self.deleted_at.is_none()
    }

    /// Whether the user left the lists because it was disabled for long.
    pub fn is_archived(&self) -> bool {
        self.deleted_at.is_some() && self.erase_at.is_some()
    }

    /// Until when an administrator can bring a deleted user back as it was, in milliseconds since 1970; `None` for
    /// one that is not deleted, or whose personal fields were erased.
    pub fn recoverable_until(&self) -> Option<u64> {
        let erased = self.first_name.is_empty() && self.last_name.is_empty();
        let erase_at = self.deleted_at.map(|at| self.erase_at.unwrap_or(at + RECOVERABLE_MILLIS));
        erase_at.filter(|_| !erased)
    }
}

/// For how many days a deleted user is kept whole.
pub const RECOVERABLE_DAYS: u64 = 30;

/// [`RECOVERABLE_DAYS`] in milliseconds.
pub const RECOVERABLE_MILLIS: u64 = RECOVERABLE_DAYS * 24 * 60 * 60 * 1000;

/// The identifier that Rollbook gives every user; never changes, is never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Guid(pub Uuid);

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The identifier of a school inside Rollbook. It stays when the school's external ID is changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SchoolId(pub String);

/// A school, or the district office itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct School {
    pub id: SchoolId,
    /// What a roster calls it. Unique, compared exactly.
    pub external_id: String,
    pub name: String,
    pub kind: SchoolKind,
}

/// Whether it is a school or the office of the district. An Administrator of the district office is a district
/// administrator, an Administrator of a school a school administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SchoolKind {
    District,
    School,
}

/// All schools of the organisation, found by either identifier.
#[derive(Debug, Clone, Default)]
pub struct Schools {
    list: Vec<School>,
    by_external_id: HashMap<String, usize>,
    by_id: HashMap<SchoolId, usize>,
}

impl School {
    /// Returns whether it is the district office.
    pub fn is_district(&self) -> bool {
        self.kind == SchoolKind::District
    }
}

impl Schools {
    /// Indexes `list`, whose identifiers are unique.
    pub fn new(list: Vec<School>) -> Schools {
        let by_external_id = list.iter().enumerate().map(|(i, s)| (s.external_id.clone(), i)).collect();
        let by_id = list.iter().enumerate().map(|(i, s)| (s.id.clone(), i)).collect();
        Schools { list, by_external_id, by_id }
    }

    pub fn by_external_id(&self, external_id: &str) -> Option<&School> {
        self.by_external_id.get(external_id).map(|&i| &self.list[i])
    }

    pub fn by_id(&self, id: &SchoolId) -> Option<&School> {
        self.by_id.get(id).map(|&i| &self.list[i])
    }

    pub fn iter(&self) -> impl Iterator<Item = &School> {
        self.list.iter()
    }

    /// Returns whether the school is the district office, whose administrators run the whole organisation.
    pub fn is_district(&self, id: &SchoolId) -> bool {
        self.by_id(id).is_some_and(School::is_district)
    }
}

/// The users that a roster is compared with, found by everything that must be unique.
///
/// For a full sync it holds every user of the organisation; for a small partial one only those that the roster
/// names by custom ID, GUID, user name or e-mail address.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    users: Vec<User>,
    by_custom_id: HashMap<String, usize>,
    by_guid: HashMap<Guid, usize>,
    by_username: HashMap<String, usize>,
    by_staff_email: HashMap<String, usize>,
    /// The custom IDs by what they mean.
    alike: alike::Index,
    /// The folded user names that were asked for; `None` where all users are here.
    asked: Option<BTreeSet<String>>,
}

impl Directory {
    /// Indexes `users`. Deleted users keep their custom ID, GUID and user name, and give their e-mail address up.
    pub fn new(users: Vec<User>) -> Directory {
        let mut directory = Directory::default();
        for (i, user) in users.iter().enumerate() {
            directory.by_guid.insert(user.guid, i);
            directory.by_username.insert(fold(&user.username), i);
            if user.user_type.is_staff() && !user.email.is_empty() && user.deleted_at.is_none() {
                directory.by_staff_email.insert(fold(&user.email), i);
            }
            if let Some(id) = &user.custom_id {
                directory.by_custom_id.insert(id.clone(), i);
            }
        }
        let ids = users.iter().enumerate().filter_map(|(i, user)| Some((i, user.custom_id.as_deref()?)));
        directory.alike = alike::Index::new(ids);
        for (i, user) in users.iter().enumerate() {
            for former in &user.former_usernames {
                directory.by_username.entry(fold(former)).or_insert(i);
            }
        }
        directory.users = users;
        directory
    }

    /// Indexes just those users that a roster names; of other user names than the folded `asked` it can't be told
    /// whose they are.
    pub fn of_named(users: Vec<User>, asked: BTreeSet<String>) -> Directory {
        Directory { asked: Some(asked), ..Directory::new(users) }
    }

    /// Whether it can be told whose the user name is, or that it is nobody's.
    pub fn knows_username(&self, username: &str) -> bool {
        self.asked.as_ref().is_none_or(|asked| asked.contains(&fold(username)))
    }

    pub fn by_custom_id(&self, id: &str) -> Option<&User> {
        self.by_custom_id.get(id).map(|&i| &self.users[i])
    }

    pub fn by_guid(&self, guid: Guid) -> Option<&User> {
        self.by_guid.get(&guid).map(|&i| &self.users[i])
    }

    /// The user that has the user name, or had it before and nobody else since, whatever its case.
    pub fn by_username(&self, username: &str) -> Option<&User> {
        self.by_username.get(&fold(username)).map(|&i| &self.users[i])
    }

    /// The teacher, staff or administrator that has the address, whatever its case.
    pub fn by_staff_email(&self, email: &str) -> Option<&User> {
        self.by_staff_email.get(&fold(email)).map(|&i| &self.users[i])
    }

    /// The users whose custom ID is the same as `id` but for how it is written, deleted ones included; and whether
    /// there are too many to tell which one is meant.
    pub fn alike(&self, id: &str) -> (Vec<&User>, bool) {
        let found = self.alike.find(id);
        let users = found.places.into_iter().map(|i| &self.users[i]).filter(|u| u.custom_id.as_deref() != Some(id));
        (users.collect(), found.too_many)
    }

    /// Whether it holds every user of the organisation.
    pub fn is_whole(&self) -> bool {
        self.asked.is_none()
    }

    pub fn iter(&self) -> impl Iterator<Item = &User> {
        self.users.iter()
    }
}

/// The form in which user names and e-mail addresses are compared.
pub fn fold(text: &str) -> String {
    normal(text).to_lowercase()
}

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $(#[serde(rename = $word)] $variant),+ }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word that files and pages use.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = ();

            /// Takes exactly the accepted words.
            fn from_str(word: &str) -> Result<Self, ()> {
                match word { $($word => Ok($name::$variant),)+ _ => Err(()) }
            }
        }
    };
}

words! {
    /// What a user is.
    UserType { Student = "Student", Teacher = "Teacher", Staff = "Staff", Administrator = "Administrator" }
}

impl UserType {
    /// Everybody but students.
    pub fn is_staff(self) -> bool {
        self != UserType::Student
    }
}

words! {
    /// Whether a user may sign in.
    Status { Active = "Active", Disabled = "Disabled" }
}

words! {
    /// The year level of a student.
    Grade {
        Unspecified = "Unspecified", PreK = "PreK", K = "K", G1 = "1", G2 = "2", G3 = "3", G4 = "4", G5 = "5",
        G6 = "6", G7 = "7", G8 = "8", G9 = "9", G10 = "10", G11 = "11", G12 = "12", Other = "Other",
    }
}
