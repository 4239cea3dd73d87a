//! Stands between the program and the system, and holds an answer back, so that the program can be killed at that moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Notify};
use wire::http::UploadTicket;

/// The moment at which the program hears nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Rollbook gave a link, and the program does not hear of it.
    LinkGiven,
    /// The program has the link, and the bucket gets nothing yet.
    BeforeFile,
    /// The bucket has the file, and the program does not hear of it.
    FileArrived,
}

pub struct Forwarder {
    pub address: String,
    reached: Arc<Notify>,
}

struct Way {
    client: reqwest::Client,
    system: String,
    moment: Moment,
    own: String,
    link: Mutex<Option<String>>,
    reached: Arc<Notify>,
    was_reached: AtomicBool,
}

impl Forwarder {
    /// Starts one before the system at this address.
    pub async fn start(system: &str, moment: Moment) -> Forwarder {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = format!("http://{}", listener.local_addr().unwrap());
        let reached = Arc::new(Notify::new());
        let way = Way {
            client: reqwest::Client::new(),
            system: system.to_owned(),
            moment,
            own: own.clone(),
            link: Mutex::default(),
            reached: reached.clone(),
            was_reached: AtomicBool::new(false),
        };
        let app = Router::new().fallback(forward).with_state(Arc::new(way));
        tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
        Forwarder { address: own, reached }
    }

    /// Waits until the moment is there.
    pub async fn reached(&self) {
        self.reached.notified().await;
    }
}

async fn forward(State(way): State<Arc<Way>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let path = parts.uri.path_and_query().unwrap().as_str();
    let is_file = parts.method == Method::PUT && path == "/file";
    if is_file {
        way.hold_at(Moment::BeforeFile).await;
    }
    let url = if is_file { way.link.lock().await.clone().unwrap() } else { format!("{}{path}", way.system) };
    let mut headers = parts.headers;
    headers.remove(header::HOST);
    let asked = way.client.request(parts.method.clone(), url).headers(headers).body(body);
    let answer = asked.send().await.unwrap();
    let (status, mut bytes) = (answer.status(), answer.bytes().await.unwrap().to_vec());
    if is_file {
        way.hold_at(Moment::FileArrived).await;
    }
    if parts.method == Method::POST && path == "/api/uploads" && status.is_success() {
        way.hold_at(Moment::LinkGiven).await;
        let mut ticket: UploadTicket = serde_json::from_slice(&bytes).unwrap();
        let link = std::mem::replace(&mut ticket.url, format!("{}/file", way.own));
        *way.link.lock().await = Some(link);
        bytes = serde_json::to_vec(&ticket).unwrap();
    }
    Response::builder().status(status).header(header::CONTENT_TYPE, "application/json").body(Body::from(bytes)).unwrap()
}

impl Way {
    /// Where it is the moment, says so the first time, and never goes on; a program that is started again gets its answers.
    async fn hold_at(&self, moment: Moment) {
        if self.moment == moment && !self.was_reached.swap(true, Ordering::Relaxed) {
            self.reached.notify_one();
            std::future::pending::<()>().await;
        }
    }
}
