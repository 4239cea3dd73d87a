//! The roles of the organisation. Who has which is part of a user.

use std::collections::BTreeSet;

use axum::Extension;
use axum::extract::State;
use roster::role::Power;
use roster::{Permission, Roles, Schools, User, role};
use wire::http::RolesDocument;

use crate::extract::Json;
use crate::guard::Caller;
use crate::{App, Failure};

/// `GET /api/roles`
pub async fn read(State(app): State<App>) -> Result<Json<RolesDocument>, Failure> {
    Ok(Json(app.cloud.roles().await?))
}

/// `PUT /api/roles`: all of them. Users that have a role that is gone from then on simply lose it.
pub async fn write(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Json(document): Json<RolesDocument>,
) -> Result<Json<RolesDocument>, Failure> {
    role::check(&document.roles, &app.cloud.settings().await?.settings.accounts.roles)?;
    let saved = app.cloud.save_roles(document, &app.author(&caller)).await?.ok_or(Failure::RolesChanged)?;
    tracing::info!(version = saved.version, roles = saved.roles.len(), "roles changed");
    Ok(Json(saved))
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
