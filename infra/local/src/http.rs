//! The page's port: the built page, and under `/api/` the function `api` as its function URL calls it, with the headers
//! and the refusals of CloudFront before both.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tower_http::services::{ServeDir, ServeFile};

use crate::function::Function;
use crate::headers::{SECURITY_HEADERS, content_security_policy};
use crate::sealed;

/// What API Gateway hands to Lambda at most, in bytes.
const LARGEST_REQUEST: usize = 6 * 1024 * 1024;

/// Returns the service that answers on the page's port. `bucket` is the bucket's address, which the page may connect
/// to.
pub(crate) fn router(api: Arc<Function>, page: Option<PathBuf>, bucket: &str) -> Router {
    let policy = content_security_policy(bucket);
    let router = Router::new().route("/api/{*path}", any(call)).with_state(api);
    let router = match page {
        Some(folder) => router.merge(files(folder)),
        None => router.fallback(async || (StatusCode::NOT_FOUND, "The page was not built.\n")),
    };
    router.layer(from_fn_with_state(policy, secure))
}

/// The address below which everything has a name that changes with its content.
const ASSETS: &str = "/assets/";

/// Returns the page's files. Every other address without a dot is a place in the page, which finds its own way from
/// there.
///
/// Each is sent as the file beside it in Brotli or gzip where there is one and the browser takes it.
fn files(folder: PathBuf) -> Router {
    let start = ServeFile::new(folder.join("index.html")).precompressed_br().precompressed_gzip();
    let files = ServeDir::new(&folder).precompressed_br().precompressed_gzip();
    Router::new().fallback(async move |request: Request| {
        let path = request.uri().path().to_owned();
        let last = Path::new(&path).file_name().map(|name| name.to_string_lossy().into_owned());
        let is_place = last.is_none_or(|name| !name.contains('.'));
        let served =
            if is_place { start.clone().try_call(request).await } else { files.clone().try_call(request).await };
        match served {
            Ok(mut response) => {
                let is_for_good = path.starts_with(ASSETS) && response.status().is_success();
                let kept = if is_for_good { "public, max-age=31536000, immutable" } else { "no-cache" };
                response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
                response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
                response.map(Body::new)
            }
            Err(error) => {
                tracing::error!(%error, "a file of the page could not be read");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    })
}

async fn secure(State(policy): State<String>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in SECURITY_HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

async fn call(State(api): State<Arc<Function>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match to_bytes(body, LARGEST_REQUEST).await {
        Ok(body) => answer(&api, &parts, &body).await.map(Body::from),
        Err(_) => message(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long").map(Body::from),
    }
}

/// Lets the function answer a request, unless AWS would refuse it.
pub(crate) async fn answer(api: &Arc<Function>, parts: &Parts, body: &[u8]) -> Response<Bytes> {
    if let Err(why) = sealed::check(parts, body) {
        tracing::warn!(method = %parts.method, path = parts.uri.path(), %why, "a request was refused, as AWS would");
        return message(StatusCode::FORBIDDEN, sealed::REFUSAL);
    }
    let event = event(parts, body).to_string();
    let failed = || message(StatusCode::BAD_GATEWAY, "Internal Server Error");
    match api.invoke(Bytes::from(event)).await {
        Ok(answer) => {
            let answer = serde_json::from_slice::<FunctionAnswer>(&answer).ok().and_then(FunctionAnswer::into_response);
            answer.unwrap_or_else(|| {
                tracing::error!("the function api answered with something that is no HTTP response");
                failed()
            })
        }
        Err(error) => {
            tracing::error!(function = "api", %error, "a request failed");
            failed()
        }
    }
}

/// Returns the event of version 2.0 that API Gateway and function URLs send.
fn event(parts: &Parts, body: &[u8]) -> Value {
    let path = parts.uri.path();
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let (body, is_base64) = match std::str::from_utf8(body) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (BASE64.encode(body), true),
    };
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "cookies": cookies(&parts.headers),
        "headers": headers(&parts.headers),
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": host,
            "domainPrefix": "local",
            "http": {
                "method": parts.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": peer(parts),
                "userAgent": agent,
            },
            "requestId": uuid::Uuid::new_v4().to_string(),
            "routeKey": "$default",
            "stage": "$default",
            "timeEpoch": 0,
        },
        "body": body,
        "isBase64Encoded": is_base64,
    })
}

/// Returns where the request comes from; one that came over no socket comes from this machine.
fn peer(parts: &Parts) -> String {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or_else(|| "127.0.0.1".to_owned(), |ConnectInfo(address)| address.ip().to_string())
}

fn cookies(headers: &HeaderMap) -> Vec<&str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).map(str::trim).filter(|cookie| !cookie.is_empty()).collect()
}

/// Returns the headers; several of one name are one, with commas.
fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let names = headers.keys().filter(|name| **name != header::COOKIE);
    let joined = names.map(|name| {
        let values: Vec<_> =
            headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        (name.as_str().to_owned(), Value::from(values.join(",")))
    });
    joined.collect()
}

/// A function's answer to an HTTP request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionAnswer {
    status_code: u16,
    #[serde(default)]
    headers: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    cookies: Vec<String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

impl FunctionAnswer {
    fn into_response(self) -> Option<Response<Bytes>> {
        let text = self.body.unwrap_or_default();
        let body = if self.is_base64_encoded { BASE64.decode(text).ok()? } else { text.into_bytes() };
        let mut response = Response::builder().status(self.status_code);
        for (name, value) in self.headers {
            // The length is worked out from the body.
            if !name.eq_ignore_ascii_case("content-length") {
                response = response.header(name, value);
            }
        }
        for cookie in self.cookies {
            response = response.header(header::SET_COOKIE, cookie);
        }
        response.body(Bytes::from(body)).ok()
    }
}

fn message(status: StatusCode, text: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(json!({ "message": text }).to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::function::tests::echo;
    use crate::headers::STRICT_TRANSPORT_SECURITY;
    use crate::invocation::FunctionKind;

    /// Asks a router, over a socket, and gives back the whole answer as text.
    async fn ask(router: Router, request: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        tokio::spawn(axum::serve(listener, router).into_future());
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.write_all(request.as_bytes()).await.expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        answer
    }

    fn page() -> (Router, Vec<tempfile::TempDir>) {
        let (api, folder) = echo(FunctionKind::Api);
        let page = tempfile::tempdir().expect("a folder");
        for (name, text) in [("index.html", "<p>the page</p>"), ("web.js", "export {}"), ("web_bg.wasm", "wasm")] {
            std::fs::write(page.path().join(name), text).expect("a file");
        }
        let assets = page.path().join("assets/1");
        std::fs::create_dir_all(&assets).expect("a folder");
        for (name, text) in [("style.css", "body {}"), ("style.css.br", "brotli"), ("style.css.gz", "gzipped")] {
            std::fs::write(assets.join(name), text).expect("a file");
        }
        (router(api, Some(page.path().to_owned()), "http://127.0.0.1:1"), vec![folder, page])
    }

    async fn get(path: &str) -> String {
        let (router, _folders) = page();
        ask(router, &format!("GET {path} HTTP/1.1\r\nHost: local\r\nConnection: close\r\n\r\n")).await
    }

    #[tokio::test]
    async fn places_in_the_page_are_the_page() {
        for path in ["/", "/uploads/2026-01", "/users?school=1"] {
            let answer = get(path).await;
            assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("<p>the page</p>"), "{path}: {answer}");
        }
    }

    #[tokio::test]
    async fn files_have_their_types_and_missing_ones_are_missing() {
        assert!(get("/web_bg.wasm").await.contains("content-type: application/wasm"));
        assert!(get("/web.js").await.contains("content-type: text/javascript"));
        assert!(get("/nothing.js").await.starts_with("HTTP/1.1 404"));
        assert!(!get("/..%2f..%2fetc/passwd.txt").await.contains("root:"));
    }

    #[tokio::test]
    async fn files_are_sent_as_the_browser_takes_them() {
        for (takes, sent) in [("br, gzip", "brotli"), ("gzip", "gzipped"), ("identity", "body {}")] {
            let (router, _folders) = page();
            let request = format!(
                "GET /assets/1/style.css HTTP/1.1\r\nHost: local\r\nAccept-Encoding: {takes}\r\nConnection: close\r\n\r\n"
            );
            let answer = ask(router, &request).await;
            assert!(answer.ends_with(&format!("\r\n\r\n{sent}")), "{takes}: {answer}");
            assert!(answer.contains("content-type: text/css") && answer.contains("vary: accept-encoding"), "{answer}");
            assert!(answer.contains("max-age=31536000, immutable"), "{answer}");
        }
    }

    #[tokio::test]
    async fn what_keeps_its_name_is_asked_for_anew() {
        for path in ["/", "/users", "/web.js", "/assets/0/gone.js"] {
            assert!(get(path).await.contains("cache-control: no-cache"), "{path}");
        }
    }

    #[tokio::test]
    async fn every_answer_has_the_security_headers() {
        for path in ["/", "/nothing.js", "/api/session"] {
            let answer = get(path).await;
            let policy = content_security_policy("http://127.0.0.1:1");
            for (name, value) in SECURITY_HEADERS.into_iter().chain([("content-security-policy", policy.as_str())]) {
                assert!(answer.contains(&format!("\r\n{name}: {value}\r\n")), "{name}: {answer}");
            }
            assert!(!answer.contains(STRICT_TRANSPORT_SECURITY.0), "{answer}");
        }
    }

    #[tokio::test]
    async fn the_function_hears_of_no_request_that_does_not_say_what_its_body_is() {
        let post = async |said: &str| {
            let (router, _folders) = page();
            let lines = format!("Host: local\r\nConnection: close\r\nContent-Length: 3\r\n{said}\r\n");
            ask(router, &format!("POST /api/schools HTTP/1.1\r\n{lines}abc")).await
        };
        for said in [String::new(), format!("x-amz-content-sha256: {}\r\n", cloud::bucket::digest(b"abd"))] {
            let answer = post(&said).await;
            assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
            assert!(answer.contains("{\"message\":\"The request signature we calculated does not match"), "{answer}");
        }
        let answer = post(&format!("x-amz-content-sha256: {}\r\n", cloud::bucket::digest(b"abc"))).await;
        assert!(!answer.starts_with("HTTP/1.1 403"), "{answer}");
    }

    #[test]
    fn a_request_becomes_an_event_of_version_2() {
        let request = Request::builder()
            .method("POST")
            .uri("/api/uploads?cursor=a%20b")
            .header("Cookie", "a=1; b=2")
            .header("X-Twice", "1")
            .header("X-Twice", "2")
            .extension(ConnectInfo(SocketAddr::from(([127, 0, 0, 9], 1))))
            .body(())
            .expect("a request");
        let event = event(&request.into_parts().0, b"{}");
        assert_eq!(event["requestContext"]["http"]["method"], "POST");
        assert_eq!(event["requestContext"]["http"]["sourceIp"], "127.0.0.9");
        assert_eq!((&event["rawPath"], &event["rawQueryString"]), (&json!("/api/uploads"), &json!("cursor=a%20b")));
        assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
        assert_eq!(event["headers"], json!({ "x-twice": "1,2" }));
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("{}"), &json!(false)));
    }

    #[test]
    fn an_answer_becomes_a_response() {
        let answer = json!({
            "statusCode": 201,
            "headers": { "content-type": "text/csv", "content-length": "99" },
            "cookies": ["a=1; HttpOnly", "b=2"],
            "body": "4pyT",
            "isBase64Encoded": true,
        });
        let answer: FunctionAnswer = serde_json::from_value(answer).expect("an answer");
        let response = answer.into_response().expect("a response");
        assert_eq!((response.status(), response.body().as_ref()), (StatusCode::CREATED, "✓".as_bytes()));
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
        assert!(response.headers().get("content-length").is_none());
    }
}
