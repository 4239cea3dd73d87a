//! The settings of both sync modes.

use axum::extract::State;
use axum::{Extension, Json};
use roster::{LimitSet, Limits, role};
use wire::http::SettingsDocument;

use crate::asked::Body;
use crate::guard::Caller;
use crate::{App, Failure};

/// `GET /api/settings`
pub async fn read(State(app): State<App>) -> Result<Json<SettingsDocument>, Failure> {
    Ok(Json(app.cloud.settings().await?))
}

/// `PUT /api/settings`
pub async fn write(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(document): Body<SettingsDocument>,
) -> Result<Json<SettingsDocument>, Failure> {
    for mode in [&document.settings.partial, &document.settings.full] {
        check(&mode.limits)?;
    }
    role::check_rule(&document.settings.accounts.roles, &app.cloud.roles().await?.roles)?;
    let saved = app.cloud.save_settings(document, &app.author(&caller)).await?.ok_or(Failure::SettingsChanged)?;
    tracing::info!(version = saved.version, "settings changed");
    Ok(Json(saved))
}

fn check(limits: &Limits) -> Result<(), Failure> {
    let of = |set: &LimitSet| [set.removals_percent, set.changes_percent];
    let sets = [&limits.overall, &limits.per_school, &limits.per_user_type];
    let mut shares = sets.into_iter().flat_map(of).chain([limits.shrink_percent]).flatten();
    match shares.all(|share| (0.0..=100.0).contains(&share)) {
        true => Ok(()),
        false => Err(Failure::Invalid("A share is not a percentage.", "Type a number from 0 to 100, or nothing.")),
    }
}
