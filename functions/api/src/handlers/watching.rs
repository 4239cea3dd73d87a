//! What is late, and who is told of what.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::Uri;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cloud::arrivals::arrival;
use cloud::table::WriteOutcome;
use cloud::webhooks::WebhookRecord;
use roster::Settings;
use roster::watching::{LateSource, Notice, NoticeAbout, WatchedUpload, late_at, pause_at};
use uuid::Uuid;
use wire::http::{MadeWebhook, NewWebhook, OwnNotices, WatchState, Webhooks};
use wire::stored::watch::LateRow;
use wire::stored::{NoticeChannel, NoticeChoice, NoticeDelivery, Webhook, WebhookId};
use wire::{Status, Upload};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::{Failure, Thing};
use crate::extract::{Json, Path};
use crate::random;
use crate::resources::uploads::visible;

/// The longest name in characters, and the longest address in bytes.
const NAME_CHARS: usize = 60;
const URL_BYTES: usize = 500;

const MOST_WEBHOOKS: usize = 20;

/// Serves `GET /api/watching`.
pub async fn state(State(app): State<App>) -> Result<Json<WatchState>, Failure> {
    let Settings { watch: rules, sources, .. } = app.cloud.settings_get().await?.settings;
    let now = app.now();
    if !rules.enabled {
        return Ok(Json(WatchState::default()));
    }
    let arrivals: Vec<WatchedUpload> = app.cloud.upload_list_watched(now).await?.iter().map(arrival).collect();
    // Settings without such a time zone are not saved.
    let late = late_at(now, &rules, &arrivals).unwrap_or_default().into_iter();
    let late = late.map(|LateSource { source, expected_at, last_at }| {
        let named = source.as_ref().and_then(|id| sources.by_id(id));
        LateRow { source_name: named.map(|source| source.name.clone()), source, expected_at, last_at }
    });
    Ok(Json(WatchState { late: late.collect(), pause: pause_at(now, &rules).ok().flatten().cloned() }))
}

/// Serves `POST /api/uploads/{id}/check`: an upload that waits for the end of a pause is checked now.
pub async fn check_now(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<Uuid>,
) -> Result<Json<Upload>, Failure> {
    let seen = visible(&app, &caller, id).await?;
    let record = app.cloud.upload_end_pause(&seen.id, Some(caller.as_decider()), app.now()).await?;
    let upload = record.map_or(seen, |record| record.upload);
    // Asked for once more, in case that the first time ended halfway, it is set off again.
    if upload.status != Status::InProgress || upload.pause.is_none() || upload.digest.is_some() {
        return Err(Failure::NotPaused { status: upload.status });
    }
    app.cloud.upload_look_at(&upload).await?;
    tracing::info!(upload = %upload.id, user = %caller.guid, "checked despite a pause");
    Ok(Json(upload))
}

/// Serves `GET /api/session/notices`.
pub async fn own(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<Json<OwnNotices>, Failure> {
    let choice = app.cloud.notice_choice_get(caller.guid).await?;
    let address = app.cloud.account_get(caller.guid).await?.map(|account| account.user.email).unwrap_or_default();
    let is_watching = app.cloud.settings_get().await?.settings.watch.enabled;
    Ok(Json(OwnNotices { choice, address, email_is_sent: app.sends_email, is_watching }))
}

/// Serves `PUT /api/session/notices`.
pub async fn choose(
    state: State<App>,
    caller: Extension<Caller>,
    Json(choice): Json<NoticeChoice>,
) -> Result<Json<OwnNotices>, Failure> {
    state.cloud.notice_choice_set(caller.guid, &choice).await?;
    own(state, caller).await
}

/// Serves `GET /api/webhooks`.
pub async fn list(State(app): State<App>) -> Result<Json<Webhooks>, Failure> {
    let webhooks = app.cloud.webhook_list().await?.into_iter().map(|record| record.webhook).collect();
    let troubled = app.cloud.delivery_list().await?.into_iter().filter(|delivery| delivery.attempts > 0).collect();
    Ok(Json(Webhooks { webhooks, troubled, email_is_sent: app.sends_email }))
}

/// Serves `POST /api/webhooks`.
///
/// The answer is the only one that ever has the secret.
pub async fn make(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Json(asked): Json<NewWebhook>,
) -> Result<Json<MadeWebhook>, Failure> {
    let name = asked.name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS || name.chars().any(char::is_control) {
        return Err(Failure::Invalid {
            message: "The name is missing or too long.",
            hint: "Type up to 60 characters that say which program is told.",
        });
    }
    if asked.kinds.is_empty() {
        return Err(Failure::Invalid { message: "No kind of notice is chosen.", hint: "Choose at least one." });
    }
    if !is_address(&asked.url) {
        return Err(Failure::Invalid {
            message: "The address of the program can't be used.",
            hint: "Type one that begins with https:// and has no user name or password in it.",
        });
    }
    if app.cloud.webhook_list().await?.len() >= MOST_WEBHOOKS {
        return Err(Failure::Invalid {
            message: "There are twenty webhooks already.",
            hint: "Remove one that nobody needs any more.",
        });
    }
    let now = app.now();
    let id = hex::encode(random::bytes::<8>()?);
    let webhook = Webhook {
        id: WebhookId(id),
        name: name.to_owned(),
        url: asked.url,
        kinds: asked.kinds,
        made_at: now,
        made_by: caller.username.clone(),
    };
    let secret = format!("whsec_{}", BASE64_STANDARD.encode(random::bytes::<32>()?));
    let record = WebhookRecord { webhook, secret };
    app.cloud.webhook_add(&record, &caller.as_author(now)).await?;
    tracing::info!(webhook = %record.webhook.id.0, "webhook made");
    Ok(Json(MadeWebhook { webhook: record.webhook, secret: record.secret }))
}

/// Returns whether this may be an address of a program. Where its name leads is looked at when it is asked.
fn is_address(text: &str) -> bool {
    let uri: Option<Uri> = text.parse().ok().filter(|_| text.len() <= URL_BYTES);
    let Some(authority) = uri.as_ref().and_then(Uri::authority) else { return false };
    let is_local = ["localhost", "127.0.0.1"].contains(&authority.host());
    let scheme = uri.as_ref().and_then(Uri::scheme_str);
    // The function that sends asks no machine but its own without encryption, and that one only where it is told to.
    !authority.as_str().contains('@') && (scheme == Some("https") || scheme == Some("http") && is_local)
}

/// Serves `POST /api/webhooks/{id}/test`: the program is told with the next notices, within minutes.
pub async fn test(State(app): State<App>, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    let record = found(&app, id).await?;
    let now = app.now();
    let random = hex::encode(random::bytes::<8>()?);
    let notice = Notice { id: format!("test_{random}"), at: now, about: NoticeAbout::Test };
    let delivery = NoticeDelivery::new(notice, NoticeChannel::Webhook(record.webhook.id), now);
    app.cloud.delivery_add(&delivery).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Serves `POST /api/webhooks/{id}/remove`.
pub async fn remove(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    let record = found(&app, id).await?;
    match app.cloud.webhook_remove(&record.webhook, &caller.as_author(app.now())).await? {
        WriteOutcome::Written => Ok(StatusCode::NO_CONTENT),
        WriteOutcome::ConditionFailed => Err(Failure::Missing { thing: Thing::Webhook }),
    }
}

async fn found(app: &App, id: String) -> Result<WebhookRecord, Failure> {
    app.cloud.webhook_get(&WebhookId(id)).await?.ok_or(Failure::Missing { thing: Thing::Webhook })
}
