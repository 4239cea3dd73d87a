//! Signing in with a password, and signing out.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use cloud::sessions::Session;
use cloud::sign_in_failures::{Attempt, SignInAttempt};
use cloud::table::WriteOutcome;
use roster::user::fold;
use runtime::passwords;
use wire::http::{Me, SignIn};

use crate::app::App;
use crate::auth::address::Address;
use crate::auth::caller::Caller;
use crate::auth::device::{self, Device};
use crate::auth::password_policy::{check_temporary, is_outgrown};
use crate::auth::session::{self, caller_of, presented};
use crate::error::Failure;
use crate::extract::Json;

/// The longest user name in characters; the rest of what was typed is not looked at.
const NAME_CHARS: usize = 64;

/// Serves `POST /api/session`: with a new token, whatever session the browser had.
pub async fn sign_in(
    State(app): State<App>,
    Address(address): Address,
    headers: HeaderMap,
    Json(asked): Json<SignIn>,
) -> Result<Response, Failure> {
    let name = fold(&asked.username.trim().chars().take(NAME_CHARS).collect::<String>());
    let now = app.now();
    let sign_on = app.cloud.settings_get().await?.settings.accounts.single_sign_on;
    if sign_on.enabled && !app.sign_on.passwords_too {
        return Err(Failure::SingleSignOn);
    }
    let (device, key) = (Device::read(&app, &headers), device::key(&app).await?);
    let known = device.as_ref().and_then(|device| device.known_to(&name, &key));
    let attempt = SignInAttempt { username: &name, address: &address, device: known };
    // Counted before the password is looked at, so that attempts made side by side count like others.
    if let Attempt::Wait { seconds } = app.cloud.sign_in_attempt(&attempt, now).await? {
        return Err(Failure::SlowedDown { seconds });
    }
    let account = app.cloud.account_get_by_username(&name).await?.filter(|account| account.user.can_sign_in());
    let hash = account.as_ref().and_then(|account| account.password_hash.clone());
    // One from a slip is typed by hand.
    let typed = if hash.as_deref().is_some_and(passwords::is_of_random) {
        roster::as_on_slip(&asked.password)
    } else {
        asked.password
    };
    let verify = move || passwords::verify_sign_in(&typed, hash.as_deref());
    let right = tokio::task::spawn_blocking(verify).await?;
    let Some(account) = account.filter(|_| right) else {
        return Err(Failure::WrongSignIn);
    };
    let session = Session::new(&account, now, false);
    let Some(caller) = caller_of(&app, account.clone(), &session).await? else {
        return Err(Failure::WrongSignIn);
    };
    app.cloud.sign_in_succeeded(&attempt, now).await?;
    check_temporary(&app, &account, now).await?;
    if is_outgrown(&account, &caller) {
        return Err(Failure::PasswordOutgrown);
    }
    let token = session::start(&app, &session, presented(&app, &headers)).await?;
    // Only now, so that a password is not used up by a sign-in that came to nothing.
    if account.temporary_password
        && app.cloud.password_use_temporary(&account, now).await? == WriteOutcome::ConditionFailed
    {
        app.cloud.session_end(&session::digest(&token)).await?;
        return Err(Failure::TemporaryUsed);
    }
    tracing::info!(user = %caller.guid, "signed in");
    let device = device.map_or_else(Device::new, Ok)?.remembering(&app, &name, &key);
    let cookies =
        [session::COOKIE.set(&app, &token, session::LIFETIME), device].map(|cookie| (header::SET_COOKIE, cookie));
    Ok((AppendHeaders(cookies), Json(caller.me())).into_response())
}

/// Serves `GET /api/session`.
pub async fn me(Extension(caller): Extension<Caller>) -> Json<Me> {
    Json(caller.me())
}

/// Serves `DELETE /api/session`.
pub async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, Failure> {
    if let Some(session) = presented(&app, &headers) {
        app.cloud.session_end(&session).await?;
    }
    let gone = session::COOKIE.remove(&app);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]).into_response())
}
