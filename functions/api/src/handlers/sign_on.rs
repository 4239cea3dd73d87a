//! Signing in at the organisation's provider: the addresses that a browser is sent to.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use cloud::sessions::Session;
use wire::http::{SignOnProblem, SignOnState};

use crate::app::App;
use crate::auth::oidc::{self, Arrival, Departure, ProviderAnswer, SignOnError};
use crate::auth::session;
use crate::error::Failure;
use crate::extract::{Json, Query};

/// Serves `GET /api/sign-on`: whether the page should send people to the provider.
pub async fn state(State(app): State<App>) -> Result<Json<SignOnState>, Failure> {
    let enabled = oidc::settings(&app).await?.enabled;
    Ok(Json(SignOnState { enabled, passwords: !enabled || app.sign_on.passwords_too }))
}

/// Serves `GET /api/sign-on/start`: on to the provider.
pub async fn start(State(app): State<App>, headers: HeaderMap) -> Result<Response, Failure> {
    match oidc::begin(&app, &headers).await {
        Ok(Departure { address, cookie }) => Ok(redirect(&address, &[cookie])),
        Err(SignOnError::Problem(problem)) => Ok(back(&app, problem)),
        Err(SignOnError::Failure(failure)) => Err(failure),
    }
}

/// Serves `GET /api/sign-on/callback`: back from the provider.
pub async fn callback(
    State(app): State<App>,
    headers: HeaderMap,
    Query(answer): Query<ProviderAnswer>,
) -> Result<Response, Failure> {
    let Arrival { account, session_before } = match oidc::finish(&app, &headers, answer).await {
        Ok(arrival) => arrival,
        Err(SignOnError::Problem(problem)) => return Ok(back(&app, problem)),
        Err(SignOnError::Failure(failure)) => return Err(failure),
    };
    let session = Session::new(&account, app.now(), true);
    let before = session::presented(&app, &headers).or(session_before);
    let token = session::start(&app, &session, before).await?;
    tracing::info!(user = %account.user.guid, "signed in at the provider");
    let cookie = session::COOKIE.set(&app, &token, session::LIFETIME);
    Ok(redirect("/", &[cookie, oidc::COOKIE.remove(&app)]))
}

/// Leads back to the page, which says what went wrong.
fn back(app: &App, problem: SignOnProblem) -> Response {
    tracing::info!(problem = problem.as_str(), "not signed in at the provider");
    redirect(&format!("/?sign-on={}", problem.as_str()), &[oidc::COOKIE.remove(app)])
}

fn redirect(to: &str, cookies: &[String]) -> Response {
    let location = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    let cookies = cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok());
    let cookies: Vec<_> = cookies.map(|cookie| (header::SET_COOKIE, cookie)).collect();
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)], AppendHeaders(cookies)).into_response()
}
