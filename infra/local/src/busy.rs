//! What the embedded table never does and DynamoDB does now and then: it refuses what it could do, leaves a part of a
//! batch undone, or does something and its answer is lost.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::http::StatusCode;
use fastrand::Rng;
use serde_json::{Map, Value, json};

/// How often a table fails, and how its chances fall.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TableFaults {
    /// The same seed gives the same faults to the same requests in the same order.
    pub seed: u64,
    /// The share of the requests that meet a fault, from 0 to 1.
    pub share: f64,
}

/// Has requests meet faults.
pub(crate) struct Busy {
    chances: Mutex<Rng>,
    share: f64,
    met: AtomicU64,
}

/// What a request meets.
pub(crate) enum Fault {
    /// Nothing is done.
    Refused(Refusal),
    /// `done` is the request for what is done, `left` is in the answer what is not, under the name `field`.
    Partly { done: Vec<u8>, left: Value, field: &'static str },
    /// Everything is done, and this is the answer all the same.
    Lost(Refusal),
}

/// An error as DynamoDB answers it.
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

/// The kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FaultKind {
    Throttled,
    TooMuch,
    Internal,
    /// A single write of an item that a transaction is writing.
    Conflict,
    /// A transaction that is cancelled with this reason for one of its items.
    Cancelled(&'static str, &'static str),
    Partly(&'static str),
    Lost,
}

use FaultKind::{Cancelled, Conflict, Internal, Lost, Partly, Throttled, TooMuch};

const READ: &[FaultKind] = &[Throttled, TooMuch, Internal];
const WRITE: &[FaultKind] = &[Conflict, Conflict, Throttled, TooMuch, Internal, Lost, Lost];
const BATCH_READ: &[FaultKind] = &[Partly("UnprocessedKeys"), Partly("UnprocessedKeys"), Throttled, TooMuch, Internal];
const BATCH_WRITE: &[FaultKind] = &[Partly("UnprocessedItems"), Partly("UnprocessedItems"), Throttled, TooMuch, Lost];
const TRANSACTION: &[FaultKind] = &[
    Cancelled("TransactionConflict", ONGOING),
    Cancelled("TransactionConflict", ONGOING),
    Cancelled("ThrottlingError", GROWING),
    Cancelled("ProvisionedThroughputExceeded", EXCEEDED),
    Throttled,
    Internal,
    Lost,
    Lost,
];

const ONGOING: &str = "Transaction is ongoing for the item";
const GROWING: &str = "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling \
                       your table or index so please try again shortly.";
const EXCEEDED: &str = "The level of configured provisioned throughput for the table was exceeded. Consider increasing \
                        your provisioning level with the UpdateTable API.";

impl Busy {
    /// Begins with the first chance of the seed.
    pub(crate) fn new(faults: TableFaults) -> Busy {
        Busy { chances: Mutex::new(Rng::with_seed(faults.seed)), share: faults.share, met: AtomicU64::new(0) }
    }

    /// Returns how many requests have met a fault.
    pub(crate) fn met(&self) -> u64 {
        self.met.load(Ordering::Relaxed)
    }

    /// Returns what a request for an operation meets, if anything. Making and describing tables never fails.
    pub(crate) fn fault(&self, operation: &str, request: &[u8]) -> Option<Fault> {
        let kinds = match operation {
            "GetItem" | "Query" | "Scan" | "TransactGetItems" => READ,
            "PutItem" | "UpdateItem" | "DeleteItem" => WRITE,
            "BatchGetItem" => BATCH_READ,
            "BatchWriteItem" => BATCH_WRITE,
            "TransactWriteItems" => TRANSACTION,
            _ => return None,
        };
        let mut chances = self.chances.lock().unwrap_or_else(PoisonError::into_inner);
        if chances.f64() >= self.share {
            return None;
        }
        let fault = fault(*chances.choice(kinds)?, request, &mut chances);
        self.met.fetch_add(u64::from(fault.is_some()), Ordering::Relaxed);
        fault
    }
}

fn fault(kind: FaultKind, request: &[u8], chances: &mut Rng) -> Option<Fault> {
    let service = |name: &str, message: &str| {
        Refusal::new(StatusCode::BAD_REQUEST, &format!("com.amazonaws.dynamodb.v20120810#{name}"), message)
    };
    let internal = || Refusal {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        ..service("InternalServerError", "Internal server error")
    };
    Some(match kind {
        Throttled => {
            let kind = "com.amazon.coral.availability#ThrottlingException";
            Fault::Refused(Refusal::new(StatusCode::BAD_REQUEST, kind, GROWING))
        }
        TooMuch => Fault::Refused(service("ProvisionedThroughputExceededException", EXCEEDED)),
        Internal => Fault::Refused(internal()),
        Conflict => Fault::Refused(service("TransactionConflictException", ONGOING)),
        Cancelled(code, message) => Fault::Refused(cancelled(code, message, request, chances)?),
        Partly(field) => {
            let (done, left) = halves(request)?;
            Fault::Partly { done, left, field }
        }
        Lost => Fault::Lost(internal()),
    })
}

impl Refusal {
    fn new(status: StatusCode, kind: &str, message: &str) -> Refusal {
        Refusal { status, body: json!({ "__type": kind, "message": message }) }
    }
}

/// Cancels a transaction because of one of its items. The message has a capital letter there, and there only.
fn cancelled(code: &str, message: &str, request: &[u8], chances: &mut Rng) -> Option<Refusal> {
    let request: Value = serde_json::from_slice(request).ok()?;
    let items = request["TransactItems"].as_array()?.len();
    if items == 0 {
        return None;
    }
    let guilty = chances.usize(..items);
    let codes: Vec<&str> = (0..items).map(|i| if i == guilty { code } else { "None" }).collect();
    let mut reasons: Vec<Value> = codes.iter().map(|code| json!({ "Code": code })).collect();
    reasons[guilty]["Message"] = json!(message);
    let said =
        format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", codes.join(", "));
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": said,
        "CancellationReasons": reasons,
    });
    Some(Refusal { status: StatusCode::BAD_REQUEST, body })
}

/// Cuts a batch in two: the request for the first half, and the second as an answer says that it was left; `None` where
/// there are not two.
fn halves(request: &[u8]) -> Option<(Vec<u8>, Value)> {
    let mut done: Value = serde_json::from_slice(request).ok()?;
    let mut left = Map::new();
    for (table, wanted) in done["RequestItems"].as_object_mut()? {
        let list = if wanted.is_array() { wanted.as_array_mut()? } else { wanted["Keys"].as_array_mut()? };
        let others = list.split_off(list.len().div_ceil(2));
        if others.is_empty() {
            continue;
        }
        let mut second = wanted.clone();
        match &mut second {
            Value::Array(list) => *list = others,
            keys => keys["Keys"] = Value::Array(others),
        }
        left.insert(table.clone(), second);
    }
    (!left.is_empty()).then(|| (done.to_string().into_bytes(), Value::Object(left)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(seed: u64, operation: &str, request: &Value) -> Vec<Option<String>> {
        let busy = Busy::new(TableFaults { seed, share: 0.5 });
        let kind = |fault: Fault| match fault {
            Fault::Refused(Refusal { body, .. }) => body["__type"].as_str().unwrap_or_default().to_owned(),
            Fault::Partly { left, .. } => left.to_string(),
            Fault::Lost(refusal) => format!("lost: {}", refusal.status),
        };
        (0..200).map(|_| busy.fault(operation, request.to_string().as_bytes()).map(kind)).collect()
    }

    #[test]
    fn a_seed_gives_the_same_faults_again() {
        let request = json!({ "TransactItems": [{}, {}, {}] });
        let first = faults(7, "TransactWriteItems", &request);
        assert_eq!(first, faults(7, "TransactWriteItems", &request));
        assert_ne!(first, faults(8, "TransactWriteItems", &request));
        let met = first.iter().flatten().count();
        assert!((70..130).contains(&met), "half of them meet one: {met}");
        assert_eq!(faults(7, "CreateTable", &request), vec![None; 200]);
    }

    #[test]
    fn a_transaction_is_cancelled_because_of_one_item() {
        let request = json!({ "TransactItems": [{}, {}, {}] }).to_string();
        let refusal = cancelled("TransactionConflict", ONGOING, request.as_bytes(), &mut Rng::with_seed(1));
        let body = refusal.expect("it is a transaction").body;
        let reasons = body["CancellationReasons"].as_array().expect("reasons");
        assert_eq!(reasons.len(), 3);
        assert_eq!(reasons.iter().filter(|reason| reason["Code"] == "TransactionConflict").count(), 1);
        assert_eq!(reasons.iter().filter(|reason| reason["Code"] == "None").count(), 2);
    }

    #[test]
    fn a_batch_is_left_half_done_with_all_that_was_asked_of_it() {
        let request = json!({ "RequestItems": { "t": { "Keys": [1, 2, 3], "ConsistentRead": true } } });
        let (done, left) = halves(request.to_string().as_bytes()).expect("two halves");
        let done: Value = serde_json::from_slice(&done).expect("JSON");
        assert_eq!(done["RequestItems"], json!({ "t": { "Keys": [1, 2], "ConsistentRead": true } }));
        assert_eq!(left, json!({ "t": { "Keys": [3], "ConsistentRead": true } }));
        let request = json!({ "RequestItems": { "t": [1, 2] } });
        assert_eq!(halves(request.to_string().as_bytes()).expect("two halves").1, json!({ "t": [2] }));
        assert!(halves(json!({ "RequestItems": { "t": [1] } }).to_string().as_bytes()).is_none());
    }
}
