//! The table: DynamoDB over SQLite, for requests that are signed with the system's secret.
//!
//! The library has a server of its own, which never verifies a signature; so this one reads the requests, and lets the
//! library do what they ask for.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use dynoxide::{Database, DynoxideError};
use serde_json::{Value, json};

use crate::SystemFault;
use crate::busy::{Busy, Fault, Refusal};
use crate::keys::Keys;
use crate::metered::{Meter, asking_for_units};
use crate::signature::{self, Unsigned};

/// What DynamoDB takes as a request, in bytes.
const LARGEST_REQUEST: usize = 16 * 1024 * 1024;

/// What goes before the name of an operation.
const TARGET: &str = "DynamoDB_20120810.";

const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.0");

/// Opens the database, in a file or in memory.
pub(crate) fn open(file: Option<&Path>) -> Result<Database, SystemFault> {
    let database = match file {
        Some(file) => Database::new(&file.to_string_lossy()),
        None => Database::memory(),
    };
    database.map_err(|error| SystemFault::Table(error.to_string()))
}

/// Removes the items whose time is up, as DynamoDB does of its own accord.
pub(crate) fn sweep(database: &Database) {
    if let Err(error) = database.sweep_ttl() {
        tracing::warn!(%error, "expired items could not be removed");
    }
}

/// Returns the service that answers on the table's port.
pub(crate) fn router(table: Table) -> Router {
    Router::new().route("/", post(answer)).with_state(Arc::new(table))
}

/// The table, and who stands before it.
pub(crate) struct Table {
    pub(crate) database: Database,
    pub(crate) keys: Keys,
    /// Has requests meet faults.
    pub(crate) busy: Option<Arc<Busy>>,
    /// Counts what requests take.
    pub(crate) meter: Option<Arc<Meter>>,
}

async fn answer(State(table): State<Arc<Table>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_REQUEST).await else {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLarge", "The request is too large, or broke off.");
    };
    if let Err(unsigned) = signature::check(&parts, &body, "dynamodb", &table.keys, SystemTime::now()) {
        let (kind, why) = match unsigned {
            Unsigned::Missing => ("MissingAuthenticationTokenException", "The request is not signed."),
            Unsigned::OtherKey => ("UnrecognizedClientException", "The request is signed with another access key."),
            Unsigned::Wrong => ("InvalidSignatureException", "The signature is not the one of this request."),
        };
        return refused(StatusCode::BAD_REQUEST, kind, why);
    }
    let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let name = target.strip_prefix(TARGET).unwrap_or_default();
    let Some(carry_out) = operation(name) else {
        return refused(StatusCode::BAD_REQUEST, "UnknownOperationException", "There is no such operation here.");
    };
    if let Some(meter) = &table.meter {
        let answer = carry_out(&table.database, &asking_for_units(&body));
        meter.table(name, answer.as_deref().unwrap_or_default());
        return answered(answer);
    }
    match table.busy.as_ref().and_then(|busy| busy.fault(name, &body)) {
        None => answered(carry_out(&table.database, &body)),
        Some(fault) => faulty(fault, |done| carry_out(&table.database, done.unwrap_or(&body))),
    }
}

/// Answers as the fault has it. `carry_out` does what is asked for, or what the fault lets through of it.
fn faulty(fault: Fault, carry_out: impl Fn(Option<&[u8]>) -> Result<Vec<u8>, DynoxideError>) -> Response {
    match fault {
        Fault::Refused(Refusal { status, body }) => in_json(status, body.to_string().into_bytes()),
        Fault::Partly { done, left, field } => answered(carry_out(Some(&done)).map(|answer| {
            let mut answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
            answer[field] = left;
            answer.to_string().into_bytes()
        })),
        Fault::Lost(Refusal { status, body }) => match carry_out(None) {
            Ok(_) => in_json(status, body.to_string().into_bytes()),
            refused => answered(refused),
        },
    }
}

fn answered(result: Result<Vec<u8>, DynoxideError>) -> Response {
    match result {
        Ok(answer) => in_json(StatusCode::OK, answer),
        Err(error) => {
            let status = StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            in_json(status, error.to_json().into_bytes())
        }
    }
}

/// Carries out an operation: takes its request, and returns its answer, as JSON.
type Operation = fn(&Database, &[u8]) -> Result<Vec<u8>, DynoxideError>;

macro_rules! operations {
    ($($name:literal $operation:ident)+) => {
        /// Returns what carries out the operation of this name.
        fn operation(name: &str) -> Option<Operation> {
            fn unreadable(error: serde_json::Error) -> DynoxideError {
                DynoxideError::SerializationException(error.to_string())
            }
            match name {
                $($name => Some(|database, body| {
                    let request = serde_json::from_slice(body).map_err(unreadable)?;
                    serde_json::to_vec(&database.$operation(request)?).map_err(unreadable)
                }),)+
                _ => None,
            }
        }
    };
}

operations! {
    "CreateTable" create_table
    "DescribeTable" describe_table
    "ListTables" list_tables
    "DeleteTable" delete_table
    "UpdateTimeToLive" update_time_to_live
    "DescribeTimeToLive" describe_time_to_live
    "GetItem" get_item
    "PutItem" put_item
    "UpdateItem" update_item
    "DeleteItem" delete_item
    "Query" query
    "Scan" scan
    "BatchGetItem" batch_get_item
    "BatchWriteItem" batch_write_item
    "TransactGetItems" transact_get_items
    "TransactWriteItems" transact_write_items
}

fn refused(status: StatusCode, kind: &str, why: &str) -> Response {
    let body = json!({ "__type": format!("com.amazon.coral.service#{kind}"), "message": why });
    in_json(status, body.to_string().into_bytes())
}

fn in_json(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, CONTENT_TYPE)], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect;
    use crate::guard::guarded;

    #[tokio::test]
    async fn the_table_answers_only_who_has_the_keys() {
        let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
        let [ours, others] = folders.each_ref().map(|folder| Keys::kept(folder.path()).expect("keys"));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let router =
            router(Table { database: open(None).expect("a database"), keys: ours.clone(), busy: None, meter: None });
        tokio::spawn(axum::serve(listener, guarded(router, address.port(), Vec::new())).into_future());

        let as_who = |keys: &Keys| connect::cloud("http://127.0.0.1:1", &format!("http://{address}"), keys);
        let cloud = as_who(&ours);
        cloud.table_create().await.expect("a table");
        let key = cloud::table::Key::new("p", "s");
        cloud.item_put(&key, [("text".to_owned(), cloud::table::s("here"))].into()).await.expect("it is written");
        let refused = async |keys: Keys| {
            let error = as_who(&keys).item_get(&key).await.expect_err("it is refused");
            error.code().unwrap_or_default().to_owned()
        };
        assert_eq!(refused(others.clone()).await, "UnrecognizedClientException");
        let guessed = Keys { access_key: ours.access_key.clone(), ..others };
        assert_eq!(refused(guessed).await, "InvalidSignatureException");
        let item = cloud.item_get(&key).await.expect("an answer").expect("the item");
        assert_eq!(cloud::table::string(&item, "text"), Some("here"));
    }
}
