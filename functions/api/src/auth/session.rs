//! Sessions: how a browser gets one, and who it is whose session a request carries.

use std::time::Duration;

use axum::http::HeaderMap;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use cloud::sessions::Session;
use cloud::users::Account;
use cookie::SameSite;
use roster::role::Power;
use sha2::{Digest, Sha256};
use wire::http::POLL;

use crate::app::App;
use crate::auth::caller::Caller;
use crate::auth::cookies::CookieKind;
use crate::auth::password_policy::is_outgrown;
use crate::error::Failure;
use crate::random;

/// How long a session lasts at most; one that nobody uses ends sooner.
pub const LIFETIME: Duration = Duration::from_hours(12);

/// The cookie with the token.
pub const COOKIE: CookieKind = CookieKind { name: "rollbook_session", same_site: SameSite::Strict };

/// Returns the user whose session the request carries.
///
/// It is looked up anew each time, so that a session ends as soon as its user is disabled, deleted, no longer an
/// administrator, or has another password, and a role counts as it is now.
pub async fn caller(app: &App, headers: &HeaderMap) -> Result<Caller, Failure> {
    let id = presented(app, headers).ok_or(Failure::NotSignedIn)?;
    let now = app.now();
    let session = app.cloud.session_get(&id, now).await?.ok_or(Failure::NotSignedIn)?;
    if !session.signed_on && !opens_with_passwords(app, &session).await? {
        app.cloud.session_end(&id).await?;
        return Err(Failure::NotSignedIn);
    }
    let account = app.cloud.account_get(session.user).await?;
    let account = account.filter(|account| account.user.can_sign_in() && session.holds_for(account));
    let account = account.ok_or(Failure::NotSignedIn)?;
    let caller = caller_of(app, account.clone(), &session).await?.ok_or(Failure::NotSignedIn)?;
    if !session.signed_on && is_outgrown(&account, &caller) {
        return Err(Failure::NotSignedIn);
    }
    // What an open page asks by itself says nothing of whether somebody sits in front of it.
    if !headers.contains_key(POLL) {
        app.cloud.session_touch(&id, &session, now).await?;
    }
    Ok(caller)
}

/// Returns the user with what their roles let them do; `None` where the school isn't known.
pub async fn caller_of(app: &App, account: Account, session: &Session) -> Result<Option<Caller>, Failure> {
    let user = account.user;
    let Some(home) = app.cloud.school_get(&user.school).await? else {
        tracing::error!(user = %user.guid, school = %user.school.0, "a user's school is missing");
        return Ok(None);
    };
    let Power { permissions, school } = Power::of_user(&user, home.is_district(), &app.cloud.roles_get().await?.roles);
    Ok(Some(Caller {
        guid: user.guid,
        username: user.username,
        first_name: user.first_name,
        last_name: user.last_name,
        user_type: user.user_type,
        grade: user.grade,
        school,
        permissions,
        must_set_password: account.temporary_password && !session.signed_on,
        key: None,
    }))
}

/// Stores the session and returns its token.
///
/// The one that the browser had before ends.
pub async fn start(app: &App, session: &Session, before: Option<String>) -> Result<String, Failure> {
    let token = new_token()?;
    app.cloud.session_start(&digest(&token), session, session.started_at + LIFETIME.as_millis() as u64).await?;
    if let Some(before) = before {
        app.cloud.session_end(&before).await?;
    }
    Ok(token)
}

/// Lets the request's session go on with another password of its user.
///
/// The user's other sessions end.
pub async fn renew(app: &App, headers: &HeaderMap, password_hash: &str) -> Result<(), Failure> {
    let token = token(app, headers).ok_or(Failure::NotSignedIn)?;
    Ok(app.cloud.session_renew(&digest(token), password_hash).await?)
}

/// Returns whether a session that began with a password goes on: those from before single sign-on was switched on end.
async fn opens_with_passwords(app: &App, session: &Session) -> Result<bool, Failure> {
    let sign_on = app.cloud.sign_on_get().await?;
    let open = !sign_on.enabled || app.sign_on.passwords_too;
    Ok(open && sign_on.since.is_none_or(|since| since < session.started_at))
}

fn new_token() -> Result<String, Failure> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random::bytes::<32>()?))
}

/// Returns what is stored of a token: who reads the table can't sign in with it.
pub fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

fn token<'h>(app: &App, headers: &'h HeaderMap) -> Option<&'h str> {
    COOKIE.read(app, headers)
}

/// Returns what is stored of the session that the request carries.
pub fn presented(app: &App, headers: &HeaderMap) -> Option<String> {
    token(app, headers).map(digest)
}
