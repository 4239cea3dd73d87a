//! Whether this person may act on that one.

use std::collections::BTreeSet;

use roster::role::Power;
use roster::{Permission, Roles, SchoolId, Schools, Scope, User};
use wire::http::RolesDocument;
use wire::{Source, Upload};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Failure;

impl Caller {
    /// Returns whether they may see the users of a school.
    pub fn may_see_school(&self, school: &SchoolId) -> bool {
        self.school.as_ref().is_none_or(|own| own == school)
    }

    /// Returns whether they may see what is of this scope.
    pub fn may_see_scope(&self, scope: &Scope) -> bool {
        self.school.is_none() || self.scope() == *scope
    }
}

/// Whose sign-in somebody may touch: with a password, or as the one whom the provider vouches for, one could do what its
/// user may do, so only of those who may do no more than oneself.
pub struct Reach {
    roles: RolesDocument,
    schools: Schools,
    permissions: BTreeSet<Permission>,
}

impl Reach {
    pub async fn of(app: &App, caller: &Caller) -> Result<Reach, Failure> {
        let (roles, schools) = (app.cloud.roles().await?, app.cloud.schools().await?);
        Ok(Reach { roles, schools, permissions: caller.permissions.clone() })
    }

    /// Whether the user may do no more.
    pub fn covers(&self, user: &User) -> bool {
        self.covers_roles(&self.roles_of([user]))
    }

    /// What the user may do, and where.
    pub fn power(&self, user: &User) -> Power {
        let at_district = self.schools.is_district(&user.school);
        Power {
            permissions: self.roles.permissions_of(&user.roles_in_force(at_district)),
            school: (!at_district).then(|| user.school.clone()),
        }
    }

    /// Whether nobody with these roles may do more.
    pub fn covers_roles(&self, roles: &Roles) -> bool {
        self.roles.permissions_of(roles).is_subset(&self.permissions)
    }

    /// All roles that these users have.
    pub fn roles_of<'u>(&self, users: impl IntoIterator<Item = &'u User>) -> Roles {
        Roles::union(users.into_iter().map(|user| user.roles_in_force(self.schools.is_district(&user.school))))
    }
}

/// Whether the caller sent it.
pub fn is_own(upload: &Upload, caller: &Caller) -> bool {
    matches!(upload.source, Source::Administrator { guid, .. } if guid == caller.guid)
}
