//! What becomes of requests to a table that is written by others, or has too much to do. The table is one that answers
//! what a test has it answer, in order.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use axum::extract::{Request, State};
use axum::response::IntoResponse;
use axum::{Router, body};
use cloud::retry::{Patience, with_retries};
use cloud::table::{Item, Key, n};
use cloud::transact::{Transacted, WriteAction};
use cloud::{Cloud, Error};
use roster::Guid;
use serde_json::{Value, json};
use uuid::Uuid;
use wire::UploadId;

/// A table that answers from a list, and then always the last of it.
#[derive(Clone)]
struct Script {
    answers: Arc<Mutex<VecDeque<Value>>>,
    requests: Arc<Mutex<Vec<Value>>>,
}

impl Script {
    async fn start(answers: impl IntoIterator<Item = Value>) -> (Cloud, Script) {
        let answers = Arc::new(Mutex::new(answers.into_iter().collect()));
        let script = Script { answers, requests: Arc::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (connect(&url), script)
    }

    fn requests(&self) -> Vec<Value> {
        self.requests.lock().unwrap().clone()
    }
}

async fn answer(State(script): State<Script>, request: Request) -> impl IntoResponse {
    let bytes = body::to_bytes(request.into_body(), usize::MAX).await.unwrap();
    script.requests.lock().unwrap().push(serde_json::from_slice(&bytes).unwrap());
    let mut answers = script.answers.lock().unwrap();
    let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
    let answer = answer.unwrap_or_default();
    let status = match answer["__type"].as_str() {
        None => 200,
        Some("InternalServerError") => 500,
        Some(_) => 400,
    };
    (axum::http::StatusCode::from_u16(status).unwrap(), answer.to_string())
}

fn connect(url: &str) -> Cloud {
    let credentials = Credentials::new("test", "secret", None, None, "test");
    let http = aws_smithy_http_client::Builder::new().build_http();
    let region = Region::from_static("us-east-1");
    let dynamo = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(region.clone())
        .credentials_provider(credentials.clone())
        .http_client(http)
        .endpoint_url(url);
    let s3 = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(region)
        .credentials_provider(credentials);
    Cloud {
        dynamo: aws_sdk_dynamodb::Client::from_conf(with_retries(dynamo, Patience::Answering).build()),
        s3: aws_sdk_s3::Client::from_conf(s3.build()),
        table: "rollbook".to_owned(),
        bucket: "rollbook".to_owned(),
    }
}

fn error(kind: &str) -> Value {
    json!({ "__type": kind, "message": "no" })
}

fn cancelled(codes: &[&str]) -> Value {
    let reasons: Vec<Value> = codes.iter().map(|code| json!({ "Code": code })).collect();
    json!({ "__type": "TransactionCanceledException", "Message": "no", "CancellationReasons": reasons })
}

fn two_actions() -> Vec<WriteAction> {
    ["a", "b"].map(|sk| WriteAction::put_new(&Key::new("p", sk), Item::new())).into()
}

const CONFLICT: &str = "com.amazonaws.dynamodb.v20120810#TransactionConflictException";

#[tokio::test]
async fn single_writes_that_meet_a_transaction_are_sent_again() {
    let times = |answer: Value| [error(CONFLICT), error(CONFLICT), error(CONFLICT), answer];
    let key = Key::new("p", "s");
    let (cloud, script) = Script::start(times(json!({}))).await;
    cloud.item_put(&key, Item::new()).await.unwrap();
    assert_eq!(script.requests().len(), 4);

    let (cloud, script) = Script::start(times(json!({}))).await;
    cloud.item_delete(&key).await.unwrap();
    assert_eq!(script.requests().len(), 4);

    let (cloud, script) = Script::start(times(json!({ "Attributes": { "attempts": { "N": "1" } } }))).await;
    assert_eq!(cloud.upload_count_attempt(&UploadId("u".to_owned()), 1).await.unwrap(), 1);
    assert_eq!(script.requests().len(), 4);
}

#[tokio::test]
async fn a_transaction_is_sent_again_under_one_token() {
    let busy = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    let answers = busy.map(|code| cancelled(&["None", code])).into_iter();
    let (cloud, script) = Script::start(answers.chain([error("InternalServerError"), json!({})])).await;
    assert_eq!(cloud.transact(two_actions()).await.unwrap(), Transacted::Committed);
    let requests = script.requests();
    assert_eq!(requests.len(), 5);
    assert!(requests[0]["ClientRequestToken"].is_string(), "{}", requests[0]);
    assert!(requests.iter().all(|request| *request == requests[0]), "{requests:#?}");
}

#[tokio::test]
async fn a_transaction_that_is_refused_is_not_sent_again() {
    let (cloud, script) = Script::start([cancelled(&["TransactionConflict", "ConditionalCheckFailed"])]).await;
    assert_eq!(cloud.transact(two_actions()).await.unwrap(), Transacted::Rejected(vec![1]));
    let (invalid, other) = Script::start([cancelled(&["None", "ValidationError"])]).await;
    assert!(matches!(invalid.transact(two_actions()).await, Err(Error::Refused(_))));
    assert_eq!((script.requests().len(), other.requests().len()), (1, 1));
}

#[tokio::test]
async fn who_waits_for_an_answer_is_told_in_time_that_the_table_is_busy() {
    let (cloud, script) = Script::start([cancelled(&["TransactionConflict", "None"])]).await;
    let (single, others) = Script::start([error(CONFLICT)]).await;
    let key = Key::new("p", "s");
    let (transaction, write) = tokio::join!(cloud.transact(two_actions()), single.item_put(&key, Item::new()));
    assert!(transaction.is_err_and(|error| error.is_transient()));
    assert!(write.is_err_and(|error| error.is_transient()));
    assert_eq!((script.requests().len(), others.requests().len()), (12, 12));
}

#[tokio::test]
async fn many_refusals_at_once_use_up_nobodys_attempts() {
    let refusals = vec![error("ThrottlingException"); 300];
    let (cloud, script) = Script::start(refusals.into_iter().chain([json!({})])).await;
    let keys: Vec<Key> = (0..150).map(|i| Key::new("p", i.to_string())).collect();
    let writes = futures::future::join_all(keys.iter().map(|key| cloud.item_put(key, [("n".to_owned(), n(1))].into())));
    assert!(writes.await.into_iter().all(|written| written.is_ok()));
    assert_eq!(script.requests().len(), 450);
}

fn guid(i: u128) -> Guid {
    Guid(Uuid::from_u128(i))
}

/// What the table answers to a request for items of which it leaves `left` undone.
fn batch(found: &[Value], left: &[Value]) -> Value {
    let unprocessed = if left.is_empty() { json!({}) } else { json!({ "rollbook": { "Keys": left } }) };
    json!({ "Responses": { "rollbook": found }, "UnprocessedKeys": unprocessed })
}

#[tokio::test]
async fn keys_that_are_left_unprocessed_are_asked_for_again() {
    let entry = |i: u128| json!({ "pk": { "S": format!("USERLOG#{}", guid(i)) }, "sk": { "S": "0000000000007#u" } });
    let (one, two, three) = (entry(1), entry(2), entry(3));
    let answers = [
        batch(&[], &[one.clone(), two.clone(), three.clone()]),
        batch(&[two], &[one.clone(), three.clone()]),
        batch(&[], &[one.clone(), three]),
        batch(&[], std::slice::from_ref(&one)),
        batch(&[one], &[]),
    ];
    let (cloud, script) = Script::start(answers).await;
    let upload = UploadId("u".to_owned());
    let written = cloud.history_users_written_by(&upload, 7, [1, 2, 3].map(guid)).await.unwrap();
    assert_eq!(written, HashSet::from([guid(1), guid(2)]), "the third has none");
    let asked = script.requests();
    let asked = asked.iter().map(|request| request["RequestItems"]["rollbook"]["Keys"].as_array().unwrap().len());
    assert_eq!(asked.collect::<Vec<_>>(), [3, 3, 2, 2, 1]);
}

#[tokio::test]
async fn a_table_that_processes_nothing_is_not_asked_for_ever() {
    let key = json!({ "pk": { "S": "p" }, "sk": { "S": "s" } });
    let (cloud, script) = Script::start([batch(&[], &[key])]).await;
    let upload = UploadId("u".to_owned());
    let given_up = cloud.history_users_written_by(&upload, 7, [guid(1)]).await;
    assert!(given_up.is_err_and(|error| error.is_transient()));
    assert_eq!(script.requests().len(), 12);
}
