//! The settings of the sync modes.

use std::collections::BTreeSet;

use axum::Extension;
use axum::extract::State;
use cloud::users::Listing;
use roster::accounts::{ArchiveRule, NewPasswords, PasswordRule, UsernameRule};
use roster::username::{Example, examples};
use roster::watching::Zone;
use roster::{
    LimitSet, Limits, MappingProblem, Mode, ReadingSettings, Settings, SingleName, SourceProblem, SourceRules, User,
    WatchProblem, check_profiles, count_up, role,
};
use wire::http::{SettingsDocument, UsernameExample};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::auth::oidc;
use crate::error::Failure;
use crate::extract::Json;
use crate::resources::users::schools_asked_for;

/// Serves `GET /api/settings`.
pub async fn read(State(app): State<App>) -> Result<Json<SettingsDocument>, Failure> {
    let has_default_password = app.cloud.default_password_get().await?.is_some();
    Ok(Json(SettingsDocument { has_default_password, ..app.cloud.settings_get().await? }))
}

/// Serves `PUT /api/settings`.
pub async fn write(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Json(mut document): Json<SettingsDocument>,
) -> Result<Json<SettingsDocument>, Failure> {
    for mode in Mode::ALL {
        check(&document.settings.of(mode).limits)?;
    }
    check_reading(&document.settings.reading)?;
    check_sources(&document.settings.sources)?;
    check_watch(&document.settings)?;
    let has_default_password = app.cloud.default_password_get().await?.is_some();
    check_passwords(&document.settings.accounts.passwords, has_default_password)?;
    document.settings.accounts.usernames.check()?;
    if document.settings.accounts.year_levels.as_ref().is_some_and(BTreeSet::is_empty) {
        return Err(Failure::Invalid {
            message: "No year level is chosen, so that no student would be synced.",
            hint: "Choose at least one year level, or sync all of them.",
        });
    }
    let stored = app.cloud.settings_get().await?.settings;
    let before = stored.accounts;
    count_up(&stored.reading.profiles, &mut document.settings.reading.profiles);
    let accounts = &document.settings.accounts;
    check_archive(&accounts.archive)?;
    if document.settings.uploads_kept_days > MOST_KEPT_DAYS {
        return Err(Failure::Invalid {
            message: "A number of days is too large.",
            hint: "Type a number from 0 to 3650.",
        });
    }
    caller.check_may_change_accounts(&before, accounts)?;
    // Otherwise nothing could be saved while the provider does not answer.
    if accounts.single_sign_on != before.single_sign_on {
        oidc::check_settings(&app, &accounts.single_sign_on).await?;
    }
    role::check_rule(&document.settings.accounts.roles, &app.cloud.roles_get().await?.roles)?;
    let saved =
        app.cloud.settings_save(document, &caller.as_author(app.now())).await?.ok_or(Failure::SettingsChanged)?;
    tracing::info!(version = saved.version, "settings changed");
    Ok(Json(SettingsDocument { has_default_password, ..saved }))
}

fn check_sources(sources: &SourceRules) -> Result<(), Failure> {
    let hint = match sources.check() {
        Ok(()) => return Ok(()),
        Err(SourceProblem::Name) => "Type a name of up to 40 characters for each source.",
        Err(SourceProblem::Id) => "Type 1 to 20 small letters, digits and hyphens, such as sis; by-hand is taken.",
        Err(SourceProblem::Twice) => "Give each source a name and a short name of its own.",
        Err(SourceProblem::OwnedTwice) => "Let each user type come only from one source.",
        Err(SourceProblem::TooMany) => "Name up to 20 sources.",
    };
    Err(Failure::Invalid { message: "The sources can't be told apart, or a name is missing.", hint })
}

fn check_watch(settings: &Settings) -> Result<(), Failure> {
    Zone::named(&settings.watch.zone).map_err(|_| Failure::Invalid {
        message: "There is no such time zone.",
        hint: "Type a name such as America/Chicago or Europe/Berlin.",
    })?;
    let hint = match settings.watch.check(&settings.sources) {
        Ok(()) => return Ok(()),
        Err(WatchProblem::Source) => "Take away the schedule of the source that is no longer there.",
        Err(WatchProblem::Twice) => "Give each source one schedule.",
        Err(WatchProblem::NoDay) => "Choose at least one day for each schedule.",
        Err(WatchProblem::Within) => "Type a number of hours from 1 to 24.",
        Err(WatchProblem::Name) => "Type a name of up to 40 characters for each pause.",
        Err(WatchProblem::Backwards) => "Let each pause end on the day it begins, or later.",
        Err(WatchProblem::TooLong) => "Let no pause last for more than 120 days, with those that go on with it.",
        Err(WatchProblem::TooMany) => "Name up to 50 schedules and 50 pauses.",
        Err(WatchProblem::Share) => "Type a percentage from 0 to 100.",
    };
    Err(Failure::Invalid { message: "The settings of watching can't be saved as they are.", hint })
}

fn check_reading(reading: &ReadingSettings) -> Result<(), Failure> {
    if let Some(problem) = check_profiles(&reading.profiles).into_iter().next() {
        let MappingProblem { profile, message, hint, .. } = problem;
        return Err(Failure::Mapping { problem: format!("The mapping \u{201c}{profile}\u{201d}: {message}"), hint });
    }
    if reading.single_name.other.chars().count() <= SingleName::MOST_CHARS {
        Ok(())
    } else {
        Err(Failure::Invalid {
            message: "The text that stands for a missing name is too long.",
            hint: "Type up to 20 characters, or nothing.",
        })
    }
}

/// The most days that a setting of passwords takes.
const MOST_DAYS: u32 = 1000;

fn check_passwords(rule: &PasswordRule, has_default: bool) -> Result<(), Failure> {
    if rule.expire_days > MOST_DAYS || rule.readable_days > MOST_DAYS {
        return Err(Failure::Invalid {
            message: "A number of days is too large.",
            hint: "Type a number from 0 to 1000.",
        });
    }
    if rule.source == NewPasswords::Default && !has_default {
        Err(Failure::Invalid {
            message: "There is no default password yet.",
            hint: "Set one first, then save the settings.",
        })
    } else {
        Ok(())
    }
}

/// The most days for which somebody stays disabled or in the archive.
const MOST_ARCHIVE_DAYS: u32 = 3650;

/// The most days for which the files of uploads are kept; for ever is 0.
const MOST_KEPT_DAYS: u32 = 3650;

fn check_archive(rule: &ArchiveRule) -> Result<(), Failure> {
    let mut days = rule.after_days.into_iter().chain([rule.erase_after_days]);
    if days.all(|days| (1..=MOST_ARCHIVE_DAYS).contains(&days)) {
        Ok(())
    } else {
        Err(Failure::Invalid {
            message: "A number of days of the archive is 0, or too large.",
            hint: "Type a number from 1 to 3650.",
        })
    }
}

/// How many users an example is chosen from, over all schools, and how many examples there are.
const LOOKED_AT: u16 = 400;
const EXAMPLES: usize = 8;

/// Serves `POST /api/settings/usernames/examples`.
///
/// It is what a rule, saved or not, would call users that the caller may see.
pub async fn username_examples(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Json(rule): Json<UsernameRule>,
) -> Result<Json<Vec<UsernameExample>>, Failure> {
    rule.check()?;
    let visible = schools_asked_for(&app, &caller, None).await?;
    let of_each = (LOOKED_AT / visible.len().clamp(1, 50) as u16).max(8);
    let mut users: Vec<User> = Vec::new();
    for school in &visible {
        if users.len() >= usize::from(LOOKED_AT) {
            break;
        }
        let (listed, _) = app.cloud.user_list_by_school(school, Listing::Present, None, of_each).await?;
        users.extend(listed.into_iter().map(|listed| listed.user).filter(User::is_managed));
    }
    let schools = app.cloud.school_list().await?;
    let examples = examples(&rule, &users, &schools, app.now(), EXAMPLES);
    let shown = examples.into_iter().map(|Example { user, made }| UsernameExample {
        first_name: user.first_name.clone(),
        last_name: user.last_name.clone(),
        user_type: user.user_type,
        present: user.username.clone(),
        made,
    });
    Ok(Json(shown.collect()))
}

fn check(limits: &Limits) -> Result<(), Failure> {
    let of = |set: &LimitSet| [set.removals_percent, set.changes_percent];
    let sets = [&limits.overall, &limits.per_school, &limits.per_user_type];
    let large = limits.large_changes.as_ref().map(|large| large.percent);
    let mut shares = sets.into_iter().flat_map(of).chain([limits.shrink_percent, large]).flatten();
    if shares.all(|share| (0.0..=100.0).contains(&share)) {
        Ok(())
    } else {
        Err(Failure::Invalid {
            message: "A share is not a percentage.",
            hint: "Type a number from 0 to 100, or nothing.",
        })
    }
}
