//! Who asked the emulator for what: a server in front of it through which the functions go.
//!
//! That no role lacks anything shows in the tests, for the emulator refuses what a role does not allow. That none allows
//! more than what is used shows here.

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use build::problem::{ProblemText, unusable};
use serde_json::Value;

/// The most that a function sends or gets at once, in bytes.
const LARGEST: usize = 300 * 1024 * 1024;

/// Something that a function did: which one, what, and of what.
///
/// The last is a folder of the bucket, `bucket`, `table` or the name of an index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UsedRight {
    pub function: String,
    pub action: String,
    pub resource: String,
}

/// The server, which runs until this program ends.
pub struct Recorder {
    address: SocketAddr,
    state: Arc<RecorderState>,
    _runtime: tokio::runtime::Runtime,
}

struct RecorderState {
    client: reqwest::Client,
    endpoint: String,
    used: Mutex<BTreeSet<UsedRight>>,
    /// Which function signs with which key.
    keys: Mutex<HashMap<String, String>>,
}

impl Recorder {
    /// Starts the server in front of `endpoint`.
    ///
    /// # Errors
    ///
    /// Where there is no port.
    pub fn start(endpoint: &str) -> Result<Recorder, ProblemText> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.map_err(|error| unusable("The runtime", &error))?;
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
        let listener = listener.map_err(|error| unusable("A port", &error))?;
        let address = listener.local_addr().map_err(|error| unusable("A port", &error))?;
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
        let client = client.map_err(|error| unusable("A client", &error))?;
        let state = Arc::new(RecorderState {
            client,
            endpoint: endpoint.to_owned(),
            used: Mutex::default(),
            keys: Mutex::default(),
        });
        let router = Router::new().fallback(forward).with_state(state.clone());
        runtime.spawn(async move { axum::serve(listener, router).await });
        Ok(Recorder { address, state, _runtime: runtime })
    }

    /// Returns the address that the functions are given.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns what the functions did so far.
    pub fn used(&self) -> BTreeSet<UsedRight> {
        self.state.used.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn forward(State(state): State<Arc<RecorderState>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    // A browser asks whether it may ask; nobody needs a right for that.
    if parts.method != Method::OPTIONS {
        state.record(&parts, &body);
    }
    let place = parts.uri.path_and_query().map_or("/", |place| place.as_str());
    // The host stays: it is signed.
    let sent = state.client.request(parts.method.clone(), format!("{}{place}", state.endpoint)).headers(parts.headers);
    let answer = match sent.body(body).send().await {
        Ok(answer) => answer,
        Err(error) => return (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    };
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    headers.remove(header::TRANSFER_ENCODING);
    headers.remove(header::CONNECTION);
    if parts.method != Method::HEAD {
        headers.remove(header::CONTENT_LENGTH);
    }
    let body = match answer.bytes().await {
        Ok(body) => body,
        Err(error) => return (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

impl RecorderState {
    fn record(&self, parts: &Parts, body: &Bytes) {
        let Some(function) = self.function(parts) else { return };
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        for (action, resource) in rights(parts, body) {
            used.insert(UsedRight { function: function.clone(), action, resource });
        }
    }

    /// Returns which function asks. It says so itself, and signs with a key of its role; a link that it made is signed
    /// with that key, whoever follows it.
    fn function(&self, parts: &Parts) -> Option<String> {
        let key = access_key(parts)?;
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        let said = agent.split(' ').find_map(|word| word.strip_prefix("app/")).and_then(|name| name.rsplit('-').next());
        match said {
            Some(function) => {
                keys.insert(key, function.to_owned());
                Some(function.to_owned())
            }
            None => keys.get(&key).cloned(),
        }
    }
}

fn access_key(parts: &Parts) -> Option<String> {
    let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let signed = header.or(parts.uri.query()).unwrap_or_default();
    let rest = signed.split_once("Credential=")?.1;
    rest.split(['/', '%']).next().map(str::to_owned)
}

/// Where Amazon SES takes an e-mail.
const SEND_EMAIL: &str = "/v2/email/outbound-emails";

/// Returns the rights that a request takes, each with what it is needed for.
fn rights(parts: &Parts, body: &Bytes) -> Vec<(String, String)> {
    let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    match target.and_then(|target| target.strip_prefix("DynamoDB_20120810.")) {
        Some(operation) => of_table(operation, &serde_json::from_slice(body).unwrap_or_default()),
        None if parts.uri.path() == SEND_EMAIL => vec![("ses:SendEmail".to_owned(), "identity".to_owned())],
        None => vec![of_bucket(&parts.method, parts.uri.path())],
    }
}

fn of_table(operation: &str, request: &Value) -> Vec<(String, String)> {
    if operation == "TransactWriteItems" {
        let actions = request["TransactItems"].as_array().into_iter().flatten();
        let names = actions.filter_map(|action| action.as_object()?.keys().next().cloned());
        let right =
            |name: String| if name == "ConditionCheck" { "ConditionCheckItem".into() } else { format!("{name}Item") };
        return names.map(|name| (format!("dynamodb:{}", right(name)), "table".to_owned())).collect();
    }
    let resource = request["IndexName"].as_str().unwrap_or("table");
    vec![(format!("dynamodb:{operation}"), resource.to_owned())]
}

fn of_bucket(method: &Method, path: &str) -> (String, String) {
    let key = path.trim_start_matches('/').split_once('/').map_or("", |(_, key)| key);
    if key.is_empty() {
        return ("s3:ListBucket".to_owned(), "bucket".to_owned());
    }
    let action = match *method {
        Method::GET | Method::HEAD => "s3:GetObject",
        Method::DELETE => "s3:DeleteObject",
        _ => "s3:PutObject",
    };
    (action.to_owned(), format!("{}/", key.split('/').next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use serde_json::json;

    use super::*;

    fn parts(method: Method, uri: &str, target: Option<&str>) -> Parts {
        let mut request = Request::builder().method(method).uri(uri);
        if let Some(target) = target {
            request = request.header("x-amz-target", target);
        }
        request.body(()).expect("a request").into_parts().0
    }

    #[test]
    fn a_request_needs_the_rights_of_all_that_is_in_it() {
        let right = |action: &str, resource: &str| (action.to_owned(), resource.to_owned());
        let object = parts(Method::HEAD, "/rosters/inbox/full/a.csv", None);
        assert_eq!(rights(&object, &Bytes::new()), [right("s3:GetObject", "inbox/")]);
        let listed = parts(Method::GET, "/rosters/?list-type=2&prefix=inbox%2F", None);
        assert_eq!(rights(&listed, &Bytes::new()), [right("s3:ListBucket", "bucket")]);
        let email = parts(Method::POST, SEND_EMAIL, None);
        assert_eq!(rights(&email, &Bytes::new()), [right("ses:SendEmail", "identity")]);
        let query = parts(Method::POST, "/", Some("DynamoDB_20120810.Query"));
        let body = |value: Value| Bytes::from(value.to_string());
        assert_eq!(rights(&query, &body(json!({ "IndexName": "by_email" }))), [right("dynamodb:Query", "by_email")]);
        let transaction = parts(Method::POST, "/", Some("DynamoDB_20120810.TransactWriteItems"));
        let items = json!({ "TransactItems": [{ "Put": {} }, { "ConditionCheck": {} }] });
        let expected = [right("dynamodb:PutItem", "table"), right("dynamodb:ConditionCheckItem", "table")];
        assert_eq!(rights(&transaction, &body(items)), expected);
    }

    #[test]
    fn whoever_follows_a_link_uses_the_right_of_who_made_it() {
        let signed = parts(Method::PUT, "/b/inbox/full/x/a.csv?X-Amz-Credential=ASIA1%2F20261128%2Fus-east-1", None);
        assert_eq!(access_key(&signed).as_deref(), Some("ASIA1"));
    }
}
