//! Signing in at the organisation's OpenID Connect provider: the code flow with PKCE.
//!
//! What the second step needs of the first is in a cookie of the browser that began, so nothing is kept for people who
//! never come back, and an answer of the provider is worth nothing in another browser. No account is made by signing
//! in: an identity that matches nobody, or several, is refused.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use cloud::sessions::Session;
use cloud::users::Account;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::reqwest;
use openidconnect::url::Url;
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl,
    Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse,
};
use roster::accounts::{Matching, SingleSignOn};
use serde::{Deserialize, Serialize};
use wire::http::{SignOnProblem, SignOnState};

use crate::extract::{Json, Query};
use crate::session::{self, cookie_of, name_of, presented, set_cookie};
use crate::{App, Failure};

/// How long somebody may take at the provider.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// How long the provider may take to answer one request.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

const BEGUN: &str = "rollbook_sign_on";

/// What signing on needs of the environment.
#[derive(Clone, Default)]
pub struct Environment {
    /// The page's address as people type it, such as `https://rollbook.contoso.example`; where there is none, that of the
    /// settings.
    pub address: Option<String>,
    /// Of a confidential client. It stands in no setting, for settings can be read.
    pub client_secret: Option<String>,
    /// Passwords open accounts although single sign-on is on: the way back in when the provider is set up wrong.
    pub passwords_too: bool,
}

impl Environment {
    /// `ROLLBOOK_ADDRESS`, `ROLLBOOK_SIGN_ON_SECRET`, and `ROLLBOOK_PASSWORD_SIGN_IN=1`.
    pub fn from_env() -> Environment {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Environment {
            address: variable("ROLLBOOK_ADDRESS").map(|address| address.trim_end_matches('/').to_owned()),
            client_secret: variable("ROLLBOOK_SIGN_ON_SECRET"),
            passwords_too: variable("ROLLBOOK_PASSWORD_SIGN_IN").as_deref() == Some("1"),
        }
    }
}

/// `GET /api/sign-on`: whether the page should send people to the provider.
pub async fn state(State(app): State<App>) -> Result<Json<SignOnState>, Failure> {
    let enabled = settings(&app).await?.enabled;
    Ok(Json(SignOnState { enabled, passwords: !enabled || app.sign_on.passwords_too }))
}

/// `GET /api/sign-on/start`: on to the provider.
pub async fn start(State(app): State<App>, headers: HeaderMap) -> Result<Response, Failure> {
    match begin(&app, &headers).await? {
        Ok((address, begun)) => Ok(redirect(&address, &[cookie(&app, &begun.sealed(), PATIENCE)])),
        Err(problem) => Ok(back(&app, problem)),
    }
}

/// `GET /api/sign-on/callback`: back from the provider.
pub async fn callback(
    State(app): State<App>,
    headers: HeaderMap,
    Query(answer): Query<Answer>,
) -> Result<Response, Failure> {
    let account = match identified(&app, &headers, answer).await? {
        Ok(account) => account,
        Err(problem) => return Ok(back(&app, problem)),
    };
    let session = Session::new(&account, app.now(), true);
    // Coming from another site the browser leaves the session out, so it was noted at the start.
    let before = presented(&app, &headers).or_else(|| Begun::of(&app, &headers)?.session);
    let token = session::start(&app, &session, before).await?;
    tracing::info!(user = %account.user.guid, "signed in at the provider");
    let gone = cookie(&app, "", Duration::ZERO);
    Ok(redirect("/", &[set_cookie(&app, &token, session::LIFETIME), gone]))
}

/// Refuses settings with which nobody could sign in: the provider has to answer.
pub async fn check(app: &App, settings: &SingleSignOn) -> Result<(), Failure> {
    if !settings.enabled {
        return Ok(());
    }
    if address(app, settings).is_none() {
        return Err(Failure::Invalid(
            "The address of this page is missing, or is none.",
            "Type it as people do, such as https://rollbook.contoso.example; it begins with https://.",
        ));
    }
    if settings.client_id.trim().is_empty() {
        return Err(Failure::Invalid(
            "The client ID is missing.",
            "Copy it from the provider, where Rollbook is registered.",
        ));
    }
    if settings.matching == Matching::CustomId && settings.claim.trim().is_empty() {
        return Err(Failure::Invalid(
            "The claim is missing.",
            "Name the claim in which the provider sends the custom ID.",
        ));
    }
    discovered(&settings.issuer).await.map(|_| ()).map_err(Failure::ProviderUnreachable)
}

/// What the provider sends the browser back with.
#[derive(Deserialize)]
pub struct Answer {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// What the browser keeps while somebody is at the provider.
#[derive(Serialize, Deserialize)]
struct Begun {
    state: String,
    nonce: String,
    verifier: String,
    /// Milliseconds since 1970.
    at: u64,
    /// What is stored of the session that the browser had.
    session: Option<String>,
}

impl Begun {
    fn sealed(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).expect("texts and numbers are JSON"))
    }

    fn of(app: &App, headers: &HeaderMap) -> Option<Begun> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cookie_of(headers, &name_of(app, BEGUN))?).ok()?;
        let begun: Begun = serde_json::from_slice(&bytes).ok()?;
        (app.now().saturating_sub(begun.at) < PATIENCE.as_millis() as u64).then_some(begun)
    }
}

type Tried<T> = Result<Result<T, SignOnProblem>, Failure>;

async fn begin(app: &App, headers: &HeaderMap) -> Tried<(String, Begun)> {
    let settings = settings(app).await?;
    if !settings.enabled {
        return Ok(Err(SignOnProblem::Off));
    }
    let Some(client) = client(app, &settings).await else { return Ok(Err(SignOnProblem::Provider)) };
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    let request = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
    let request = ["email", "profile"].into_iter().fold(request, |r, scope| r.add_scope(Scope::new(scope.to_owned())));
    let (address, state, nonce) = request.set_pkce_challenge(challenge).url();
    let begun = Begun {
        state: state.into_secret(),
        nonce: nonce.secret().clone(),
        verifier: verifier.into_secret(),
        at: app.now(),
        session: presented(app, headers),
    };
    Ok(Ok((address.into(), begun)))
}

/// The account of the identity that the provider vouches for.
async fn identified(app: &App, headers: &HeaderMap, answer: Answer) -> Tried<Account> {
    let settings = settings(app).await?;
    if !settings.enabled {
        return Ok(Err(SignOnProblem::Off));
    }
    let begun = Begun::of(app, headers).filter(|begun| answer.state.as_ref() == Some(&begun.state));
    let Some(begun) = begun else { return Ok(Err(SignOnProblem::Expired)) };
    let (Some(code), None) = (answer.code, answer.error) else { return Ok(Err(SignOnProblem::Refused)) };
    let Some(identity) = identity(app, &settings, begun, code).await else {
        return Ok(Err(SignOnProblem::Provider));
    };
    let found = match (identity, settings.matching) {
        (Some(address), Matching::Email) => app.cloud.account_of_email(&address).await?,
        (Some(id), Matching::CustomId) => app.cloud.account_of_custom_id(&id).await?,
        (None, _) => None,
    };
    Ok(match found {
        None => Err(SignOnProblem::Unknown),
        Some(account) if !account.user.can_sign_in() => Err(SignOnProblem::Disabled),
        Some(account) => Ok(account),
    })
}

/// What the verified token says of who it is; `None` outside where it can't be trusted, inside where it says nothing.
async fn identity(app: &App, settings: &SingleSignOn, begun: Begun, code: String) -> Option<Option<String>> {
    let client = client(app, settings).await?;
    let distrust = |what: &'static str, error: String| tracing::warn!(what, error, "the provider's answer is not good");
    let request =
        client.exchange_code(AuthorizationCode::new(code)).inspect_err(|e| distrust("metadata", e.to_string()));
    let request = request.ok()?.set_pkce_verifier(PkceCodeVerifier::new(begun.verifier));
    let reply = request.request_async(&http()).await.inspect_err(|e| distrust("code", e.to_string())).ok()?;
    let token = reply.id_token()?;
    let verifier = client.id_token_verifier();
    let claims = token.claims(&verifier, &Nonce::new(begun.nonce)).inspect_err(|e| distrust("token", e.to_string()));
    let claims = claims.ok()?;
    Some(match settings.matching {
        // An address that the provider does not vouch for could be one that somebody typed.
        Matching::Email if claims.email_verified() != Some(true) => None,
        Matching::Email => claims.email().map(|email| email.to_string()),
        Matching::CustomId => claim(&token.to_string(), settings.claim.trim()),
    })
}

/// A claim of a token that was verified before.
fn claim(token: &str, name: &str) -> Option<String> {
    let payload = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&payload).ok()?;
    match claims.get(name)? {
        serde_json::Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

async fn client(app: &App, settings: &SingleSignOn) -> Option<Client> {
    let metadata = discovered(&settings.issuer).await;
    let metadata = metadata.inspect_err(|error| tracing::warn!(error, "the provider can't be asked")).ok()?;
    let secret = app.sign_on.client_secret.clone().map(ClientSecret::new);
    let client =
        CoreClient::from_provider_metadata(metadata, ClientId::new(settings.client_id.trim().to_owned()), secret);
    let back = RedirectUrl::new(format!("{}/api/sign-on/callback", address(app, settings)?)).ok()?;
    Some(client.set_redirect_uri(back))
}

/// What the provider says of itself, or why it can't be asked.
async fn discovered(issuer: &str) -> Result<CoreProviderMetadata, String> {
    let issuer = IssuerUrl::new(issuer.trim().to_owned()).map_err(|_| "it is not an address".to_owned())?;
    let on_this_machine = matches!(issuer.url().host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    if issuer.url().scheme() != "https" && !on_this_machine {
        return Err("it does not begin with https://".to_owned());
    }
    CoreProviderMetadata::discover_async(issuer, &http()).await.map_err(|error| match error {
        openidconnect::DiscoveryError::Validation(why) => why,
        openidconnect::DiscoveryError::Response(status, ..) => format!("it answers {status}"),
        openidconnect::DiscoveryError::Parse(_) => "its answer is not that of a provider".to_owned(),
        _ => "it does not answer".to_owned(),
    })
}

/// Follows no redirection: a provider that sends elsewhere is not the one of the settings.
fn http() -> reqwest::Client {
    let client = reqwest::ClientBuilder::new().redirect(reqwest::redirect::Policy::none()).timeout(ANSWERS_WITHIN);
    client.build().expect("a client of known parts")
}

/// The page's own address: what the environment says, or else the settings. Never what a request says, which anybody
/// can write.
fn address(app: &App, settings: &SingleSignOn) -> Option<String> {
    let said = app.sign_on.address.as_deref().unwrap_or(settings.address.trim());
    let url = Url::parse(said).ok()?;
    let on_this_machine = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    let good = url.scheme() == "https" || url.scheme() == "http" && on_this_machine;
    let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    (good && plain).then(|| url.origin().ascii_serialization())
}

async fn settings(app: &App) -> Result<SingleSignOn, Failure> {
    Ok(app.cloud.settings().await?.settings.accounts.single_sign_on)
}

/// Lax, because the browser comes back from another site; for the steps of signing on only.
fn cookie(app: &App, value: &str, lifetime: Duration) -> String {
    session::cookie(app, BEGUN, value, lifetime, "Lax")
}

/// Back to the page, which says what went wrong.
fn back(app: &App, problem: SignOnProblem) -> Response {
    tracing::info!(problem = problem.as_str(), "not signed in at the provider");
    redirect(&format!("/?sign-on={}", problem.as_str()), &[cookie(app, "", Duration::ZERO)])
}

fn redirect(to: &str, cookies: &[String]) -> Response {
    let location = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    let cookies = cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok());
    let cookies: Vec<_> = cookies.map(|cookie| (header::SET_COOKIE, cookie)).collect();
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)], AppendHeaders(cookies)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_a_text_or_a_number() {
        let payload = BASE64_URL_SAFE_NO_PAD.encode(r#"{"id":" 007 ","n":7,"none":"","list":[1]}"#);
        let token = format!("x.{payload}.y");
        let told = ["id", "n", "none", "list", "missing"].map(|name| claim(&token, name));
        assert_eq!(told, [Some("007".to_owned()), Some("7".to_owned()), None, None, None]);
        assert_eq!(claim("no token", "id"), None);
    }
}
