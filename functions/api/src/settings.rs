//! The settings of both sync modes.

use axum::Json;
use axum::extract::State;
use roster::accounts::{NewPasswords, PasswordRule};
use roster::{LimitSet, Limits};
use wire::http::SettingsDocument;

use crate::asked::Body;
use crate::{App, Failure};

/// `GET /api/settings`
pub async fn read(State(app): State<App>) -> Result<Json<SettingsDocument>, Failure> {
    let has_default_password = app.cloud.default_password().await?.is_some();
    Ok(Json(SettingsDocument { has_default_password, ..app.cloud.settings().await? }))
}

/// `PUT /api/settings`
pub async fn write(
    State(app): State<App>,
    Body(document): Body<SettingsDocument>,
) -> Result<Json<SettingsDocument>, Failure> {
    for mode in [&document.settings.partial, &document.settings.full] {
        check(&mode.limits)?;
    }
    let has_default_password = app.cloud.default_password().await?.is_some();
    check_passwords(&document.settings.accounts.passwords, has_default_password)?;
    let saved = app.cloud.save_settings(document).await?.ok_or(Failure::SettingsChanged)?;
    tracing::info!(version = saved.version, "settings changed");
    Ok(Json(SettingsDocument { has_default_password, ..saved }))
}

/// The most days that a setting of passwords takes.
const MOST_DAYS: u32 = 1000;

fn check_passwords(rule: &PasswordRule, has_default: bool) -> Result<(), Failure> {
    if rule.expire_days > MOST_DAYS || rule.readable_days > MOST_DAYS {
        return Err(Failure::Invalid("A number of days is too large.", "Type a number from 0 to 1000."));
    }
    match rule.source == NewPasswords::Default && !has_default {
        true => Err(Failure::Invalid("There is no default password yet.", "Set one first, then save the settings.")),
        false => Ok(()),
    }
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
