//! API keys: which there are, making and ending them, and what a program with one is told.

use std::collections::{BTreeMap, BTreeSet};

use axum::Extension;
use axum::extract::State;
use cloud::api_keys::KeyRecord;
use cloud::table::WriteOutcome;
use roster::durations::DAY;
use roster::{Mode, Permission};
use wire::http::{ClientFacts, KeyRow, KeyState, MadeKey, NewKey};
use wire::stored::{ApiKey, KeyId};

use crate::app::App;
use crate::auth::api_key::{self, FreshKey};
use crate::auth::caller::Caller;
use crate::error::{Failure, Thing};
use crate::extract::{Json, Path};
use crate::resources::sources::check_source;

/// The longest name in characters.
const NAME_CHARS: usize = 60;

/// The most days for which a key is made.
const MOST_DAYS: u32 = 400;

/// How many keys of one maker there may be that can be used: one maker's keys keep nobody else from making some.
const MOST_KEYS: usize = 50;

/// Serves `GET /api/keys`.
pub async fn list(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<Json<Vec<KeyRow>>, Failure> {
    let mut rows = Vec::new();
    for record in app.cloud.api_key_list().await? {
        if caller.may_see_key(&record.key) {
            rows.push(row(&app, record).await?);
        }
    }
    Ok(Json(rows))
}

/// Serves `POST /api/keys`.
///
/// The answer is the only one that ever has the whole key.
pub async fn make(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Json(asked): Json<NewKey>,
) -> Result<Json<MadeKey>, Failure> {
    let name = asked.name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS || name.chars().any(char::is_control) {
        return Err(Failure::Invalid {
            message: "The name is missing or too long.",
            hint: "Type up to 60 characters that say which program has the key, such as Nightly export.",
        });
    }
    if asked.modes.is_empty() {
        return Err(Failure::Invalid {
            message: "No kind of sync is chosen.",
            hint: "Choose at least one that the program sends files for.",
        });
    }
    if !(1..=MOST_DAYS).contains(&asked.days) {
        return Err(Failure::Invalid {
            message: "That is not a number of days for which a key can be made.",
            hint: "Type a number from 1 to 400.",
        });
    }
    let school = asked.school.or_else(|| caller.school.clone());
    caller.check_may_see_school(school.as_ref())?;
    if let Some(school) = &school
        && app.cloud.school_list().await?.by_id(school).is_none()
    {
        return Err(Failure::Missing { thing: Thing::School });
    }
    caller.check_may_give(asked.decisions)?;
    check_source(&app, asked.source.as_ref()).await?;
    let now = app.now();
    let counts =
        |record: &&KeyRecord| caller.is(record.key.maker) && record.end.is_none() && record.key.expires_at > now;
    if app.cloud.api_key_list().await?.iter().filter(counts).count() >= MOST_KEYS {
        return Err(Failure::KeyLimit { limit: MOST_KEYS });
    }
    let fresh = FreshKey::new()?;
    let key = ApiKey {
        id: fresh.id,
        name: name.to_owned(),
        maker: caller.guid,
        maker_name: caller.username.clone(),
        school,
        source: asked.source,
        modes: asked.modes,
        decisions: asked.decisions,
        made_at: now,
        expires_at: now + u64::from(asked.days) * DAY,
    };
    app.cloud.api_key_add(&key, &fresh.secret_digest, &caller.as_author(now)).await?;
    tracing::info!(made = %key.id, user = %caller.guid, "API key made");
    let row = KeyRow { key, used_at: None, end: None, state: KeyState::Active };
    Ok(Json(MadeKey { row, secret: fresh.text }))
}

/// Serves `POST /api/keys/{id}/end`: whoever sees a key and could make it may end it, whoever made it.
///
/// One that was ended before stays as it was ended.
pub async fn end(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<KeyId>,
) -> Result<Json<KeyRow>, Failure> {
    let missing = || Failure::Missing { thing: Thing::Key };
    let record = app.cloud.api_key_get(&id).await?.filter(|record| caller.may_see_key(&record.key));
    let record = record.ok_or_else(missing)?;
    if app.cloud.api_key_end(&record.key, &caller.as_author(app.now())).await? == WriteOutcome::Written {
        tracing::info!(ended = %record.key.id, user = %caller.guid, "API key ended");
    }
    let record = app.cloud.api_key_get(&id).await?.ok_or_else(missing)?;
    row(&app, record).await.map(Json)
}

/// Serves `GET /api/key`: what a program checks files with.
///
/// Settings that are not about files stay here.
pub async fn own(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<Json<ClientFacts>, Failure> {
    let key = caller.key.as_ref().ok_or(Failure::KeyNeeded)?.key.clone();
    let settings = app.cloud.settings_get().await?.settings;
    let modes: BTreeMap<_, _> = Mode::ALL.into_iter().map(|mode| (mode, settings.of(mode).clone())).collect();
    let schools = app.cloud.school_list().await?.iter().cloned().collect();
    let permissions: BTreeSet<Permission> = caller.permissions.clone();
    Ok(Json(ClientFacts {
        scope: caller.scope(),
        key,
        permissions,
        schools,
        modes,
        reading: settings.reading,
        sources: settings.sources,
    }))
}

async fn row(app: &App, record: KeyRecord) -> Result<KeyRow, Failure> {
    let state = api_key::state(app, &record).await?;
    let KeyRecord { key, used_at, end, .. } = record;
    Ok(KeyRow { key, used_at, end, state })
}
