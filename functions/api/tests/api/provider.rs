//! An OpenID Connect provider on loopback, with real signatures, that lets in whomever the test says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Form, Query, State};
use axum::response::Redirect;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openidconnect::core::{CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey};
use openidconnect::{JsonWebKeyId, PrivateSigningKey};
use rsa::pkcs1::EncodeRsaPrivateKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

pub const CLIENT: &str = "rollbook";

/// The provider, and what it says of whoever comes.
#[derive(Clone)]
pub struct Provider {
    pub issuer: String,
    key: Arc<CoreRsaPrivateSigningKey>,
    published: Arc<CoreRsaPrivateSigningKey>,
    /// Claims of the next token beside the usual ones; a usual one that stands here is replaced.
    claims: Arc<Mutex<Value>>,
    /// Requests to authorize by their code.
    begun: Arc<Mutex<HashMap<String, HashMap<String, String>>>>,
}

impl Provider {
    pub async fn start() -> Provider {
        let key = Arc::new(new_key());
        Provider::serve(key.clone(), key).await
    }

    /// Starts a provider that signs with another key than the one it publishes.
    pub async fn start_forging() -> Provider {
        Provider::serve(Arc::new(new_key()), Arc::new(new_key())).await
    }

    async fn serve(key: Arc<CoreRsaPrivateSigningKey>, published: Arc<CoreRsaPrivateSigningKey>) -> Provider {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = Provider {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            key,
            published,
            claims: Arc::default(),
            begun: Arc::default(),
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(provider.clone());
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        provider
    }

    /// Sets what the next token says.
    pub fn says(&self, claims: Value) {
        *self.claims.lock().unwrap() = claims;
    }

    fn sign(&self, claims: &Value) -> String {
        let header = json!({ "alg": "RS256", "kid": "first", "typ": "JWT" });
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(claims));
        let algorithm = CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256;
        let signature = self.key.sign(&algorithm, signed.as_bytes()).unwrap();
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

fn new_key() -> CoreRsaPrivateSigningKey {
    let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
    let pem = key.to_pkcs1_pem(rsa::pkcs1::LineEnding::LF).unwrap();
    CoreRsaPrivateSigningKey::from_pem(&pem, Some(JsonWebKeyId::new("first".to_owned()))).unwrap()
}

async fn metadata(State(provider): State<Provider>) -> Json<Value> {
    let issuer = provider.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}

async fn keys(State(provider): State<Provider>) -> Json<Value> {
    Json(json!({ "keys": [provider.published.as_verification_key()] }))
}

async fn authorize(State(provider): State<Provider>, Query(asked): Query<HashMap<String, String>>) -> Redirect {
    assert_eq!((asked["response_type"].as_str(), asked["client_id"].as_str()), ("code", CLIENT));
    assert_eq!(asked["code_challenge_method"], "S256");
    let code = format!("code-{}", provider.begun.lock().unwrap().len());
    let back = format!("{}?code={code}&state={}", asked["redirect_uri"], asked["state"]);
    provider.begun.lock().unwrap().insert(code, asked);
    Redirect::to(&back)
}

/// Answers with a token for a code. A code is good once, and only with the verifier of its challenge.
async fn token(State(provider): State<Provider>, Form(asked): Form<HashMap<String, String>>) -> Json<Value> {
    let Some(begun) = provider.begun.lock().unwrap().remove(&asked["code"]) else {
        return Json(json!({ "error": "invalid_grant" }));
    };
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&asked["code_verifier"]));
    assert_eq!((&challenge, &asked["redirect_uri"]), (&begun["code_challenge"], &begun["redirect_uri"]));
    let now = runtime::now() / 1000;
    let mut claims = json!({
        "iss": provider.issuer, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300, "nonce": begun["nonce"],
    });
    let said = provider.claims.lock().unwrap().clone();
    claims.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
    Json(json!({ "access_token": "x", "token_type": "Bearer", "id_token": provider.sign(&claims) }))
}
