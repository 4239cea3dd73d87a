//! The one who asks.

use std::collections::BTreeSet;

use cloud::audit::Author;
use roster::role::Power;
use roster::{Grade, Guid, Permission, SchoolId, Scope, UserType};
use wire::http::Me;
use wire::stored::ApiKey;
use wire::upload::Decider;

/// The one who is signed in, or whose API key a program has.
///
/// A handler that takes it can't be reached without a session or a key.
#[derive(Debug, Clone)]
pub struct Caller {
    pub guid: Guid,
    pub username: String,
    pub first_name: String,
    pub last_name: String,
    pub user_type: UserType,
    pub grade: Grade,
    /// `None` for users of the district office, whose permissions are for the whole organisation.
    pub school: Option<SchoolId>,
    /// Of all their roles.
    pub permissions: BTreeSet<Permission>,
    /// They signed in with a temporary password, and may do nothing before they have set one of their own.
    pub must_set_password: bool,
    /// The key that a program asks with; `None` for people. The fields above say of it whom it acts for, and what and
    /// where it may.
    pub key: Option<ActingKey>,
}

/// An API key that somebody asks with.
#[derive(Debug, Clone)]
pub struct ActingKey {
    pub key: ApiKey,
    /// What its maker may do now.
    pub of_maker: BTreeSet<Permission>,
}

impl Caller {
    /// Returns whether one of their roles has the permission.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// Returns what they may do, and where.
    pub fn power(&self) -> Power {
        Power { permissions: self.permissions.clone(), school: self.school.clone() }
    }

    /// Returns whose users their uploads may touch.
    pub fn scope(&self) -> Scope {
        match &self.school {
            None => Scope::Organisation,
            Some(school) => Scope::School(school.clone()),
        }
    }

    /// Returns what the page shows of them.
    pub fn me(&self) -> Me {
        Me {
            guid: self.guid,
            username: self.username.clone(),
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            user_type: self.user_type,
            grade: self.grade,
            school: self.school.clone(),
            permissions: self.permissions.clone(),
            must_set_password: self.must_set_password,
        }
    }

    /// Returns how decisions name them.
    pub fn as_decider(&self) -> Decider {
        Decider {
            guid: self.guid,
            username: self.username.clone(),
            key: self.key.as_ref().map(|acting| acting.key.as_used()),
        }
    }

    /// Returns how the audit log names them for what they do at a time, in milliseconds since 1970.
    pub fn as_author(&self, at: u64) -> Author {
        Author { by: Some(self.as_decider()), at }
    }
}
