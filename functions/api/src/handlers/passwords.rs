//! Passwords that people choose: their own, and the default password of the organisation.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use cloud::sign_in_failures::Attempt;
use cloud::table::WriteOutcome;
use cloud::users::Account;
use roster::password_policy::{self, KnownBy};
use roster::user::fold;
use runtime::passwords;
use wire::audit::{Action, Entry, Subject, said};
use wire::http::{DefaultPassword, Me, OwnPassword};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::auth::session;
use crate::error::Failure;
use crate::extract::Json;

/// Serves `PUT /api/session/password`: this session goes on, all others of the user end.
pub async fn set_own(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Json(asked): Json<OwnPassword>,
) -> Result<Json<Me>, Failure> {
    let account = app.cloud.account_get(caller.guid).await?.filter(|account| account.user.can_sign_in());
    let account = account.ok_or(Failure::NotSignedIn)?;
    if !account.temporary_password {
        check_current(&app, &account, asked.current.unwrap_or_default()).await?;
    }
    let (user, old) = (account.user.clone(), account.password_hash.clone());
    let hash = tokio::task::spawn_blocking(move || {
        password_policy::check(&asked.new, KnownBy::from(&user))?;
        if passwords::verify(&asked.new, old.as_deref()) {
            return Err(Failure::Invalid {
                message: "This is the password that you have.",
                hint: "Choose another one.",
            });
        }
        Ok(passwords::hash(&asked.new)?)
    });
    let hash = hash.await??;
    if app.cloud.password_set_own(&account, &hash, app.now()).await? == WriteOutcome::ConditionFailed {
        return Err(Failure::PasswordChanged);
    }
    session::renew(&app, &headers, &hash).await?;
    let entry = Entry::of_user(app.now(), Some(caller.as_decider()), Action::PasswordSet, &account.user, &[]);
    app.cloud.audit_append(&entry).await?;
    tracing::info!(user = %caller.guid, "own password set");
    Ok(Json(Caller { must_set_password: false, ..caller }.me()))
}

/// Serves `PUT /api/settings/default-password`: only its hash is kept.
pub async fn set_default(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Json(asked): Json<DefaultPassword>,
) -> Result<StatusCode, Failure> {
    let hash = tokio::task::spawn_blocking(move || {
        password_policy::check(&asked.password, KnownBy::default())?;
        Ok::<_, Failure>(passwords::hash(&asked.password)?)
    });
    app.cloud.default_password_set(&hash.await??, app.now()).await?;
    let entry = Entry::new(app.now(), Some(caller.as_decider()), Action::SettingsChanged, Subject::Settings);
    app.cloud.audit_append(&Entry { details: vec![said("default_password", &"set")], ..entry }).await?;
    tracing::info!(by = %caller.guid, "default password set");
    Ok(StatusCode::NO_CONTENT)
}

/// Checks the present password. Wrong ones slow down like sign-ins that failed, so that a session that somebody left
/// open does not help to guess it. They are counted apart, so that nobody is kept from another password by others who
/// try to sign in.
async fn check_current(app: &App, account: &Account, current: String) -> Result<(), Failure> {
    let name = fold(&account.user.username);
    if let Attempt::Wait { seconds } = app.cloud.password_attempt(&name, app.now()).await? {
        return Err(Failure::SlowedDown { seconds });
    }
    let hash = account.password_hash.clone();
    if !tokio::task::spawn_blocking(move || passwords::verify(&current, hash.as_deref())).await? {
        return Err(Failure::WrongPassword);
    }
    Ok(app.cloud.password_attempt_succeeded(&name).await?)
}
