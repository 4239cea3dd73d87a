//! The roles of the organisation. Who has which is part of a user.

use axum::Extension;
use axum::extract::State;
use roster::role;
use wire::http::RolesDocument;

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Failure;
use crate::extract::Json;

/// Serves `GET /api/roles`.
pub async fn read(State(app): State<App>) -> Result<Json<RolesDocument>, Failure> {
    Ok(Json(app.cloud.roles_get().await?))
}

/// Serves `PUT /api/roles`: all of them.
///
/// Users that have a role that is gone from then on simply lose it, and a new one gets its identifier here.
pub async fn write(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Json(document): Json<RolesDocument>,
) -> Result<Json<RolesDocument>, Failure> {
    let known = app.cloud.roles_get().await?;
    let document = RolesDocument { roles: role::with_ids(document.roles, &known.roles), ..document };
    role::check(&document.roles, &app.cloud.settings_get().await?.settings.accounts.roles)?;
    let saved = app.cloud.roles_save(document, &caller.as_author(app.now())).await?.ok_or(Failure::RolesChanged)?;
    tracing::info!(version = saved.version, roles = saved.roles.len(), "roles changed");
    Ok(Json(saved))
}
