//! Signing in and out, and finding out who asks.

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use cloud::sessions::{Attempt, Session, SignInAttempt};
use cloud::table::WriteOutcome;
use cloud::users::Account;
use roster::user::fold;
use runtime::passwords;
use sha2::{Digest, Sha256};
use wire::http::{Me, POLL, SignIn};

use crate::address::Address;
use crate::device::{self, Device};
use crate::extract::Json;
use crate::guard::Caller;
use crate::{App, Failure};

/// How long a session lasts at most; one that nobody uses ends sooner.
pub const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

/// No user name is longer, in characters; the rest of what was typed is not looked at.
const NAME_CHARS: usize = 64;

const COOKIE: &str = "rollbook_session";

/// `POST /api/session`: with a new token, whatever session the browser had.
pub async fn sign_in(
    State(app): State<App>,
    Address(address): Address,
    headers: HeaderMap,
    Json(asked): Json<SignIn>,
) -> Result<Response, Failure> {
    let name = fold(&asked.username.trim().chars().take(NAME_CHARS).collect::<String>());
    let now = app.now();
    let sign_on = app.cloud.settings().await?.settings.accounts.single_sign_on;
    if sign_on.enabled && !app.sign_on.passwords_too {
        return Err(Failure::SingleSignOn);
    }
    let (device, key) = (Device::of(&app, &headers), device::key(&app).await?);
    let known = device.as_ref().and_then(|device| device.known_to(&name, &key));
    let attempt = SignInAttempt { username: &name, address: &address, device: known };
    // Counted before the password is looked at, so that attempts made side by side count like others.
    if let Attempt::Wait { seconds } = app.cloud.sign_in_attempt(&attempt, now).await? {
        return Err(Failure::SlowedDown { seconds });
    }
    let account = app.cloud.account_named(&name).await?.filter(|account| account.user.can_sign_in());
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
    let token = start(&app, &session, presented(&app, &headers)).await?;
    // Only now, so that a password is not used up by a sign-in that came to nothing.
    if account.temporary_password
        && app.cloud.use_temporary_password(&account, now).await? == WriteOutcome::ConditionFailed
    {
        app.cloud.end_session(&digest(&token)).await?;
        return Err(Failure::TemporaryUsed);
    }
    tracing::info!(user = %caller.guid, "signed in");
    let device = device.map_or_else(Device::new, Ok)?.remembering(&app, &name, &key);
    let cookies = [set_cookie(&app, &token, LIFETIME), device].map(|cookie| (header::SET_COOKIE, cookie));
    Ok((AppendHeaders(cookies), Json(caller.me())).into_response())
}

/// Whether others may know the password, and its user may do more than when it was given.
fn is_outgrown(account: &Account, caller: &Caller) -> bool {
    !account.own_password && account.password_power.as_ref().is_some_and(|given| caller.power().exceeds(given))
}

/// A temporary password works once, and not for ever.
async fn check_temporary(app: &App, account: &Account, now: u64) -> Result<(), Failure> {
    if !account.temporary_password {
        return Ok(());
    }
    if account.temporary_used_at.is_some() {
        return Err(Failure::TemporaryUsed);
    }
    let rule = app.cloud.settings().await?.settings.accounts.passwords;
    if account.temporary_since.is_some_and(|since| rule.is_expired(since, now)) {
        Err(Failure::TemporaryExpired)
    } else {
        Ok(())
    }
}

/// Has the session that the request carries go on with another password of its user, whose other sessions end.
pub async fn go_on(app: &App, headers: &HeaderMap, password_hash: &str) -> Result<(), Failure> {
    let token = token(app, headers).ok_or(Failure::NotSignedIn)?;
    Ok(app.cloud.renew_session(&digest(token), password_hash).await?)
}

/// `GET /api/session`
pub async fn me(Extension(caller): Extension<Caller>) -> Json<Me> {
    Json(caller.me())
}

/// `DELETE /api/session`
pub async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, Failure> {
    if let Some(session) = presented(&app, &headers) {
        app.cloud.end_session(&session).await?;
    }
    let gone = set_cookie(&app, "", Duration::ZERO);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]).into_response())
}

/// The user whose session the request carries. Looked up anew each time, so that a session ends as soon as its user is
/// disabled, deleted, no longer an administrator, or has another password, and a role counts as it is now.
pub async fn caller(app: &App, headers: &HeaderMap) -> Result<Caller, Failure> {
    let id = presented(app, headers).ok_or(Failure::NotSignedIn)?;
    let now = app.now();
    let session = app.cloud.session(&id, now).await?.ok_or(Failure::NotSignedIn)?;
    if !session.signed_on && !opens_with_passwords(app, &session).await? {
        app.cloud.end_session(&id).await?;
        return Err(Failure::NotSignedIn);
    }
    let account = app.cloud.account(session.user).await?;
    let account = account.filter(|account| account.user.can_sign_in() && session.holds_for(account));
    let account = account.ok_or(Failure::NotSignedIn)?;
    let caller = caller_of(app, account.clone(), &session).await?.ok_or(Failure::NotSignedIn)?;
    if !session.signed_on && is_outgrown(&account, &caller) {
        return Err(Failure::NotSignedIn);
    }
    // What an open page asks by itself says nothing of whether somebody sits in front of it.
    if !headers.contains_key(POLL) {
        app.cloud.session_used(&id, &session, now).await?;
    }
    Ok(caller)
}

/// Whether a session that was started with a password goes on: those from before single sign-on was switched on do not.
async fn opens_with_passwords(app: &App, session: &Session) -> Result<bool, Failure> {
    let sign_on = app.cloud.sign_on().await?;
    let open = !sign_on.enabled || app.sign_on.passwords_too;
    Ok(open && sign_on.since.is_none_or(|since| since < session.started_at))
}

/// The user with what their roles let them do; `None` where the school isn't known.
async fn caller_of(app: &App, account: Account, session: &Session) -> Result<Option<Caller>, Failure> {
    let user = account.user;
    let Some(school) = app.cloud.school(&user.school).await? else {
        tracing::error!(user = %user.guid, school = %user.school.0, "a user's school is missing");
        return Ok(None);
    };
    let at_district = school.is_district();
    let own = user.roles_in_force(at_district);
    let roles = app.cloud.roles().await?.roles.into_iter().filter(|role| own.contains(&role.id));
    Ok(Some(Caller {
        guid: user.guid,
        username: user.username,
        first_name: user.first_name,
        last_name: user.last_name,
        user_type: user.user_type,
        grade: user.grade,
        school: (!at_district).then_some(school.id),
        permissions: roles.flat_map(|role| role.permissions).collect(),
        must_set_password: account.temporary_password && !session.signed_on,
    }))
}

/// Keeps the session and answers with its token. The one that the browser had before ends.
pub async fn start(app: &App, session: &Session, before: Option<String>) -> Result<String, Failure> {
    let token = new_token()?;
    app.cloud.start_session(&digest(&token), session, session.started_at + LIFETIME.as_millis() as u64).await?;
    if let Some(before) = before {
        app.cloud.end_session(&before).await?;
    }
    Ok(token)
}

fn new_token() -> Result<String, Failure> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// What is stored of a token: who reads the table can't sign in with it.
fn digest(token: &str) -> String {
    Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn token<'h>(app: &App, headers: &'h HeaderMap) -> Option<&'h str> {
    cookie_of(headers, &name_of(app, COOKIE))
}

/// What is stored of the session that the request carries.
pub fn presented(app: &App, headers: &HeaderMap) -> Option<String> {
    token(app, headers).map(digest)
}

/// A cookie that the request carries.
pub fn cookie_of<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(own, _)| *own == name).map(|(_, value)| value)
}

/// The header that gives the browser a session.
pub fn set_cookie(app: &App, token: &str, lifetime: Duration) -> String {
    host_cookie(app, COOKIE, token, lifetime)
}

/// A cookie for this host alone, which neither other sites nor scripts get at.
pub fn host_cookie(app: &App, name: &str, value: &str, lifetime: Duration) -> String {
    cookie(app, name, value, lifetime, "Strict")
}

/// A cookie for this host alone; `same_site` is whether it goes along when another site leads here.
pub fn cookie(app: &App, name: &str, value: &str, lifetime: Duration, same_site: &str) -> String {
    let (name, secure) = (name_of(app, name), if app.secure_cookie { "; Secure" } else { "" });
    format!("{name}={value}; Path=/; Max-Age={}; HttpOnly; SameSite={same_site}{secure}", lifetime.as_secs())
}

/// The whole name of a cookie. Over HTTPS a browser takes one of that name from this very host only, so that no other
/// host of the domain can plant one.
pub fn name_of(app: &App, name: &str) -> String {
    if app.secure_cookie { format!("__Host-{name}") } else { name.to_owned() }
}
