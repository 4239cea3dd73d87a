//! A table, a bucket and the API over them, with a small organisation: a district, two schools, an administrator
//! of each kind.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use api::{App, router};
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region, RequestChecksumCalculation};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use cloud::Cloud;
use cloud::audit::Author;
use cloud::changes::{NewPassword, PasswordKind};
use cloud::people::NewAdministrator;
use cloud::schools::SavedSchool;
use roster::durations;
use roster::{Grade, Guid, School, SchoolId, Status, User, UserType};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tower::Service;
use uuid::Uuid;

/// An hour in seconds, for [`System::later`].
pub const HOUR: u64 = durations::HOUR / 1000;

/// A day in seconds.
pub const DAY: u64 = durations::DAY / 1000;

pub const PASSWORD: &str = "correct horse";

/// When every test begins.
pub const START: u64 = 1_800_000_000_000;

pub struct System {
    pub cloud: Cloud,
    pub district: School,
    pub north: School,
    pub south: School,
    api: Router,
    clock: Arc<AtomicU64>,
    _folder: TempDir,
}

/// What the API answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

/// Somebody who is signed in.
pub struct Person<'a> {
    system: &'a System,
    pub cookie: String,
}

impl System {
    pub async fn start() -> System {
        System::start_with(|_| {}).await
    }

    /// Starts with an app that is not as in the other tests.
    pub async fn start_with(change: impl FnOnce(&mut App)) -> System {
        let folder = tempfile::tempdir().unwrap();
        let cloud = connect(&serve_bucket(&folder).await, &serve_table().await);
        cloud.table_create().await.unwrap();
        let district = cloud.district_create("Contoso District", "D1").await.unwrap();
        let north = school(&cloud, "North", "10001").await;
        let south = school(&cloud, "South", "10002").await;
        for (username, school) in [("Dora", &district), ("nora", &north)] {
            let new = NewAdministrator {
                username,
                password_hash: &runtime::passwords::hash(PASSWORD).unwrap(),
                password_kind: cloud::changes::PasswordKind::Own,
                first_name: username,
                last_name: "Admin",
                email: &format!("{username}@contoso.example"),
                school: &school.id,
            };
            cloud.administrator_create(new, START).await.unwrap().unwrap();
        }
        let clock = Arc::new(AtomicU64::new(START));
        let hand = clock.clone();
        let mut app = App {
            cloud: cloud.clone(),
            secure_cookie: true,
            behind_cloudfront: false,
            clock: Arc::new(move || hand.load(Ordering::Relaxed)),
            sign_on: Default::default(),
            sends_email: true,
        };
        change(&mut app);
        System { cloud, district, north, south, api: router(app), clock, _folder: folder }
    }

    /// Lets time pass.
    pub fn later(&self, seconds: u64) {
        self.clock.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    pub fn now(&self) -> u64 {
        self.clock.load(Ordering::Relaxed)
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.api.clone().call(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(request(Method::POST, path, None, Some(body))).await
    }

    /// Signs in a district administrator.
    pub async fn dora(&self) -> Person<'_> {
        self.sign_in("Dora").await
    }

    /// Signs in an administrator of the school North.
    pub async fn nora(&self) -> Person<'_> {
        self.sign_in("nora").await
    }

    pub async fn sign_in(&self, username: &str) -> Person<'_> {
        self.person(username, PASSWORD).await
    }

    /// Signs in somebody with a password of their own or a temporary one.
    pub async fn person(&self, username: &str, password: &str) -> Person<'_> {
        let answer = self.post("/api/session", credentials(username, password)).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        Person { system: self, cookie: answer.cookie() }
    }

    /// Enters users as they are.
    pub async fn add(&self, users: &[User]) {
        let users = users.iter().map(|user| (user.clone(), None)).collect();
        let outcomes = self.cloud.user_create_by_hand(users, START).await.unwrap();
        assert!(outcomes.iter().all(|outcome| *outcome == wire::stored::Outcome::Done), "{outcomes:?}");
    }
}

impl Person<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.system.send(request(Method::GET, path, Some(&self.cookie), None)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, body).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PUT, path, body).await
    }

    pub async fn ask(&self, method: Method, path: &str, body: Value) -> Answer {
        self.system.send(request(method, path, Some(&self.cookie), Some(body))).await
    }
}

impl Answer {
    /// Returns the word of the problem.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// Status and word.
    pub fn said(&self) -> (u16, &str) {
        (self.status.as_u16(), self.code())
    }

    pub fn ok(self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{:?}", self.body);
        self.body
    }

    /// Returns the cookie that was set, as a browser sends it back.
    pub fn cookie(&self) -> String {
        let set = self.headers[header::SET_COOKIE].to_str().unwrap();
        set.split(';').next().unwrap().to_owned()
    }
}

pub fn request(method: Method, path: &str, cookie: Option<&str>, body: Option<Value>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    match body {
        Some(body) => {
            let request = request.header(header::CONTENT_TYPE, "application/json");
            request.body(Body::from(body.to_string())).unwrap()
        }
        None => request.body(Body::empty()).unwrap(),
    }
}

/// Returns a password that its user chose.
pub fn own(hash: String) -> NewPassword {
    NewPassword { hash, kind: PasswordKind::Own, power: None }
}

/// Returns a password that works once.
pub fn temporary(hash: String) -> NewPassword {
    NewPassword { hash, kind: PasswordKind::Temporary, power: None }
}

pub fn credentials(username: &str, password: &str) -> Value {
    serde_json::json!({ "username": username, "password": password })
}

/// Returns a student of the school.
pub fn student(first: &str, last: &str, custom_id: &str, school: &SchoolId) -> User {
    User {
        guid: Guid(Uuid::new_v4()),
        custom_id: Some(custom_id.to_owned()),
        first_name: first.to_owned(),
        middle_name: String::new(),
        last_name: last.to_owned(),
        email: String::new(),
        school: school.clone(),
        user_type: UserType::Student,
        position: String::new(),
        grade: Grade::G9,
        status: Status::Active,
        username: custom_id.to_owned(),
        version: 1,
        deleted_at: None,
        erase_at: None,
        roles: roster::Roles::default(),
        source: None,
        former_usernames: Vec::new(),
    }
}

async fn school(cloud: &Cloud, name: &str, external_id: &str) -> School {
    match cloud.school_create(name, external_id, &Author { by: None, at: START }).await.unwrap() {
        SavedSchool::Saved(school) => school,
        other => panic!("{other:?}"),
    }
}

async fn serve_table() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(dynoxide::server::serve_on(listener, dynoxide::Database::memory().unwrap()));
    format!("http://{address}")
}

async fn serve_bucket(folder: &TempDir) -> String {
    std::fs::create_dir(folder.path().join("bucket")).unwrap();
    let files = s3s_fs::FileSystem::new(folder.path()).unwrap();
    let mut builder = s3s::service::S3ServiceBuilder::new(files);
    builder.set_auth(s3s::auth::SimpleAuth::from_single("key", "secret"));
    let service = builder.build();
    let answer = move |request: axum::extract::Request| {
        let service = service.clone();
        async move { service.call(request.map(s3s::Body::http_body_unsync)).await.unwrap().map(Body::new) }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, Router::new().fallback(answer)).await.unwrap() });
    format!("http://{address}")
}

fn connect(s3: &str, dynamodb: &str) -> Cloud {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let credentials = Credentials::new("key", "secret", None, None, "test");
    let s3 = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(credentials.clone())
        .http_client(http.clone())
        .endpoint_url(s3)
        .force_path_style(true)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .build();
    let dynamo = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(credentials)
        .http_client(http)
        .endpoint_url(dynamodb)
        .build();
    Cloud {
        dynamo: aws_sdk_dynamodb::Client::from_conf(dynamo),
        s3: aws_sdk_s3::Client::from_conf(s3),
        table: "rollbook".to_owned(),
        bucket: "bucket".to_owned(),
    }
}
