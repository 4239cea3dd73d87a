//! The way to an emulated CloudFront: an emulator knows a distribution by the host that a request names, and believes
//! that a viewer used encryption if it is told so.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What Lambda takes as a request, in bytes.
const LARGEST_REQUEST: usize = 6 * 1024 * 1024;

/// A server on this machine that stands for the address of a distribution.
///
/// It ends when it is dropped.
pub struct Front {
    address: SocketAddr,
    server: JoinHandle<()>,
}

struct Way {
    client: reqwest::Client,
    endpoint: String,
    host: HeaderValue,
    bucket: BucketOrigin,
}

/// Where a browser finds the bucket: on AWS, as the headers say, and here.
pub struct BucketOrigin {
    pub on_aws: String,
    pub here: String,
}

impl Front {
    /// Starts the way to the distribution `host` of the emulator at `endpoint`.
    pub async fn start(endpoint: &str, host: &str, bucket: BucketOrigin) -> Front {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let host = HeaderValue::from_str(host).expect("a host");
        let way = Arc::new(Way { client, endpoint: endpoint.to_owned(), host, bucket });
        let router = Router::new().fallback(forward).with_state(way);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("a server") });
        Front { address, server }
    }

    /// Returns its address.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn forward(State(way): State<Arc<Way>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_REQUEST).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let place = parts.uri.path_and_query().map_or("/", |place| place.as_str());
    let mut headers = parts.headers.clone();
    headers.remove(header::CONNECTION);
    headers.insert(header::HOST, way.host.clone());
    headers.insert(HeaderName::from_static("x-forwarded-proto"), HeaderValue::from_static("https"));
    let sent = way.client.request(parts.method, format!("{}{place}", way.endpoint)).headers(headers).body(body);
    let answer = match sent.send().await {
        Ok(answer) => answer,
        Err(error) => return (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    };
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    headers.remove(header::TRANSFER_ENCODING);
    headers.remove(header::CONNECTION);
    way.point_to_emulator(&mut headers);
    if !parts.headers.contains_key("sec-fetch-site") {
        let_cookies_come_unencrypted(&mut headers);
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

impl Way {
    /// Lets a browser connect to the emulator's bucket where it may connect to the one on AWS.
    fn point_to_emulator(&self, headers: &mut HeaderMap) {
        let Some(policy) = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok()) else {
            return;
        };
        if let Ok(policy) = HeaderValue::from_str(&policy.replace(&self.bucket.on_aws, &self.bucket.here)) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
}

/// A browser treats this machine as if it were encrypted, and the client of the tests does not.
fn let_cookies_come_unencrypted(headers: &mut HeaderMap) {
    let cookies: Vec<_> = headers
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|cookie| cookie.to_str().ok())
        .map(|cookie| cookie.replace("; Secure", ""))
        .collect();
    headers.remove(header::SET_COOKIE);
    for cookie in cookies {
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
}
