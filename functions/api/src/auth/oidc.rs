//! The organisation's OpenID Connect provider: the code flow with PKCE.
//!
//! What the second step needs of the first is in a cookie of the browser that began, so nothing is kept for people who
//! never come back, and an answer of the provider is worth nothing in another browser. No account is made by signing
//! in: an identity that matches nobody, or several, is refused.

use std::fmt;
use std::time::Duration;

use axum::http::HeaderMap;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use cloud::users::Account;
use cookie::SameSite;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::reqwest;
use openidconnect::url::Url;
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl,
    Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse,
};
use roster::accounts::{Matching, SingleSignOn};
use serde::{Deserialize, Serialize};
use wire::http::SignOnProblem;

use crate::app::App;
use crate::auth::cookies::CookieKind;
use crate::auth::session;
use crate::error::Failure;

/// How long somebody may take at the provider.
const PATIENCE: Duration = Duration::from_mins(10);

/// How long the provider may take to answer one request.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// The cookie with what the second step needs of the first.
///
/// Lax, because the browser comes back from another site.
pub const COOKIE: CookieKind = CookieKind { name: "rollbook_sign_on", same_site: SameSite::Lax };

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignOnError {
    /// Something that the page tells the person who comes back to it.
    #[error("not signed in at the provider: {}", .0.as_str())]
    Problem(SignOnProblem),
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<SignOnProblem> for SignOnError {
    fn from(problem: SignOnProblem) -> SignOnError {
        SignOnError::Problem(problem)
    }
}

/// Where to send the browser, and what it keeps until it comes back.
pub struct Departure {
    pub address: String,
    /// The header that sets its cookie.
    pub cookie: String,
}

/// Who came back.
pub struct Arrival {
    pub account: Account,
    /// What is stored of the session that the browser had when it left. Coming from another site, it sends no cookie of
    /// the session.
    pub session_before: Option<String>,
}

/// Prepares a sign-in at the provider.
pub async fn begin(app: &App, headers: &HeaderMap) -> Result<Departure, SignOnError> {
    let settings = settings_in_use(app).await?;
    let client = client(app, &settings).await?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    let request = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
    let request = ["email", "profile"].into_iter().fold(request, |r, scope| r.add_scope(Scope::new(scope.to_owned())));
    let (address, state, nonce) = request.set_pkce_challenge(challenge).url();
    let begun = PendingSignOn {
        state: state.into_secret(),
        nonce: nonce.secret().clone(),
        verifier: verifier.into_secret(),
        at: app.now(),
        session: session::presented(app, headers),
    };
    Ok(Departure { address: address.into(), cookie: COOKIE.set(app, &begun.sealed(), PATIENCE) })
}

/// Returns the account of the identity that the provider vouches for.
pub async fn finish(app: &App, headers: &HeaderMap, answer: ProviderAnswer) -> Result<Arrival, SignOnError> {
    let settings = settings_in_use(app).await?;
    let begun = PendingSignOn::read(app, headers).filter(|begun| answer.state.as_ref() == Some(&begun.state));
    let begun = begun.ok_or(SignOnProblem::Expired)?;
    let (Some(code), None) = (answer.code, answer.error) else { return Err(SignOnProblem::Refused.into()) };
    let session_before = begun.session.clone();
    let identity = identity(app, &settings, begun, code).await?.ok_or(SignOnProblem::Unknown)?;
    let found = match settings.matching {
        Matching::Email => app.cloud.account_get_by_email(&identity).await,
        Matching::CustomId => app.cloud.account_get_by_custom_id(&identity).await,
    };
    let account = found.map_err(Failure::from)?.ok_or(SignOnProblem::Unknown)?;
    if account.user.can_sign_in() {
        Ok(Arrival { account, session_before })
    } else {
        Err(SignOnProblem::Disabled.into())
    }
}

/// Checks that people could sign in with these settings: the provider has to answer.
pub async fn check_settings(app: &App, settings: &SingleSignOn) -> Result<(), Failure> {
    if !settings.enabled {
        return Ok(());
    }
    if address(app, settings).is_none() {
        return Err(Failure::Invalid {
            message: "The address of this page is missing, or can't be used.",
            hint: "Type it as people do, such as https://rollbook.contoso.example; it begins with https://.",
        });
    }
    if !app.sign_on.allows(&settings.issuer) {
        return Err(Failure::Invalid {
            message: "This is not the provider that Rollbook was deployed for.",
            hint: "Type the address of the organisation's own provider, or ask whoever deployed Rollbook.",
        });
    }
    if settings.client_id.trim().is_empty() {
        return Err(Failure::Invalid {
            message: "The client ID is missing.",
            hint: "Copy it from the provider, where Rollbook is registered.",
        });
    }
    if settings.matching == Matching::CustomId && settings.claim.trim().is_empty() {
        return Err(Failure::Invalid {
            message: "The claim is missing.",
            hint: "Name the claim in which the provider sends the custom ID.",
        });
    }
    discovered(&settings.issuer).await.map(|_| ()).map_err(|reason| Failure::ProviderUnreachable { reason })
}

/// What the provider sends the browser back with.
#[derive(Deserialize)]
pub struct ProviderAnswer {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// What the browser keeps while somebody is at the provider.
#[derive(Serialize, Deserialize)]
struct PendingSignOn {
    state: String,
    nonce: String,
    verifier: String,
    /// Milliseconds since 1970.
    at: u64,
    /// What is stored of the session that the browser had.
    session: Option<String>,
}

impl PendingSignOn {
    fn sealed(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).expect("texts and numbers are JSON"))
    }

    fn read(app: &App, headers: &HeaderMap) -> Option<PendingSignOn> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(COOKIE.read(app, headers)?).ok()?;
        let begun: PendingSignOn = serde_json::from_slice(&bytes).ok()?;
        (app.now().saturating_sub(begun.at) < PATIENCE.as_millis() as u64).then_some(begun)
    }
}

/// Returns what the verified token says of who it is; `None` where it does not say so.
async fn identity(
    app: &App,
    settings: &SingleSignOn,
    begun: PendingSignOn,
    code: String,
) -> Result<Option<String>, SignOnProblem> {
    let client = client(app, settings).await?;
    let distrust = |what: &'static str, error: &dyn fmt::Display| {
        tracing::warn!(what, %error, "the provider's answer is not good");
        SignOnProblem::Provider
    };
    let request = client.exchange_code(AuthorizationCode::new(code)).map_err(|error| distrust("metadata", &error))?;
    let request = request.set_pkce_verifier(PkceCodeVerifier::new(begun.verifier));
    let reply = request.request_async(&http()).await.map_err(|error| distrust("code", &error))?;
    let token = reply.id_token().ok_or(SignOnProblem::Provider)?;
    let verifier = client.id_token_verifier();
    let claims = token.claims(&verifier, &Nonce::new(begun.nonce)).map_err(|error| distrust("token", &error))?;
    Ok(match settings.matching {
        // An address that the provider does not vouch for could be one that somebody typed.
        Matching::Email if claims.email_verified() != Some(true) => None,
        Matching::Email => claims.email().map(|email| email.to_string()),
        Matching::CustomId => claim(&token.to_string(), settings.claim.trim()),
    })
}

/// Returns a claim of a token that was verified before.
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

async fn client(app: &App, settings: &SingleSignOn) -> Result<Client, SignOnProblem> {
    if !app.sign_on.allows(&settings.issuer) {
        tracing::warn!("the settings name another provider than the environment allows");
        return Err(SignOnProblem::Provider);
    }
    let metadata = discovered(&settings.issuer).await.map_err(|error| {
        tracing::warn!(error, "the provider can't be asked");
        SignOnProblem::Provider
    })?;
    let secret = app.sign_on.client_secret.clone().map(ClientSecret::new);
    let client =
        CoreClient::from_provider_metadata(metadata, ClientId::new(settings.client_id.trim().to_owned()), secret);
    let address = address(app, settings).ok_or(SignOnProblem::Provider)?;
    let back = RedirectUrl::new(format!("{address}/api/sign-on/callback")).map_err(|_| SignOnProblem::Provider)?;
    Ok(client.set_redirect_uri(back))
}

/// Returns what the provider says of itself, or why it can't be asked.
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

/// Returns a client that follows no redirection: a provider that sends elsewhere is not the one of the settings.
fn http() -> reqwest::Client {
    let client = reqwest::ClientBuilder::new().redirect(reqwest::redirect::Policy::none()).timeout(ANSWERS_WITHIN);
    client.build().expect("a client of known parts")
}

/// Returns the page's own address: what the environment says, or else the settings. Never what a request says, which anybody
/// can write.
fn address(app: &App, settings: &SingleSignOn) -> Option<String> {
    let said = app.sign_on.address.as_deref().unwrap_or(settings.address.trim());
    let url = Url::parse(said).ok()?;
    let on_this_machine = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    let good = url.scheme() == "https" || url.scheme() == "http" && on_this_machine;
    let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    (good && plain).then(|| url.origin().ascii_serialization())
}

/// Returns the settings, where people sign in at the provider.
async fn settings_in_use(app: &App) -> Result<SingleSignOn, SignOnError> {
    let settings = settings(app).await?;
    if settings.enabled { Ok(settings) } else { Err(SignOnProblem::Off.into()) }
}

/// Returns the settings of single sign-on.
pub async fn settings(app: &App) -> Result<SingleSignOn, Failure> {
    Ok(app.cloud.settings_get().await?.settings.accounts.single_sign_on)
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
