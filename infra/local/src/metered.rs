//! What a system uses of what AWS charges for.

use std::ops::Sub;
use std::sync::Mutex;
use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::lock::lock;

/// What was used, by the units that AWS charges for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// Read request units of the table and its indexes.
    pub table_reads: f64,
    /// Write request units of the table and its indexes.
    pub table_writes: f64,
    /// Requests that write to the bucket or list it.
    pub bucket_writes: u64,
    /// Requests that read an object or look at it. Deleting is free.
    pub bucket_reads: u64,
    pub invocations: u64,
    /// How long the invocations took on this machine.
    pub function_time: Duration,
}

impl Sub for Usage {
    type Output = Usage;

    /// Returns what was used since `before`.
    fn sub(self, before: Usage) -> Usage {
        Usage {
            table_reads: self.table_reads - before.table_reads,
            table_writes: self.table_writes - before.table_writes,
            bucket_writes: self.bucket_writes - before.bucket_writes,
            bucket_reads: self.bucket_reads - before.bucket_reads,
            invocations: self.invocations - before.invocations,
            function_time: self.function_time - before.function_time,
        }
    }
}

/// Adds up what a system uses.
#[derive(Default)]
pub(crate) struct Meter(Mutex<Usage>);

impl Meter {
    /// Returns what was used so far.
    pub(crate) fn usage(&self) -> Usage {
        *lock(&self.0)
    }

    /// Counts a request to the bucket.
    pub(crate) fn bucket(&self, method: &Method, query: Option<&str>) {
        let mut usage = lock(&self.0);
        let lists = query.is_some_and(|query| query.contains("list-type="));
        match *method {
            Method::GET | Method::HEAD if !lists => usage.bucket_reads += 1,
            Method::GET | Method::PUT | Method::POST => usage.bucket_writes += 1,
            _ => {}
        }
    }

    /// Counts an invocation.
    pub(crate) fn invocation(&self, took: Duration) {
        let mut usage = lock(&self.0);
        usage.invocations += 1;
        usage.function_time += took;
    }

    /// Counts what the table says that an operation took; [`asking_for_units`] makes it say so. What it refuses counts
    /// nothing, though DynamoDB charges for a write whose condition does not hold.
    pub(crate) fn table(&self, operation: &str, answer: &[u8]) {
        let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
        let taken = match &answer["ConsumedCapacity"] {
            Value::Array(tables) => tables.iter().filter_map(units).sum(),
            table => units(table).unwrap_or_default(),
        };
        let mut usage = lock(&self.0);
        match operation {
            "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" | "TransactWriteItems" => {
                usage.table_writes += taken;
            }
            _ => usage.table_reads += taken,
        }
    }
}

fn units(capacity: &Value) -> Option<f64> {
    capacity["CapacityUnits"].as_f64()
}

/// Returns a request to the table that also asks how many units it takes.
pub(crate) fn asking_for_units(body: &[u8]) -> Vec<u8> {
    match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(mut request)) => {
            request.insert("ReturnConsumedCapacity".to_owned(), json!("TOTAL"));
            Value::Object(request).to_string().into_bytes()
        }
        // The table says what is wrong with it.
        _ => body.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_count_by_what_is_charged_for_them() {
        let meter = Meter::default();
        meter.bucket(&Method::GET, Some("x-id=GetObject"));
        meter.bucket(&Method::GET, Some("list-type=2&prefix=a"));
        meter.bucket(&Method::PUT, None);
        meter.bucket(&Method::DELETE, None);
        meter.table("Query", br#"{"ConsumedCapacity":{"CapacityUnits":1.5}}"#);
        meter.table("TransactWriteItems", br#"{"ConsumedCapacity":[{"CapacityUnits":4.0}]}"#);
        let usage = meter.usage();
        assert_eq!((usage.bucket_reads, usage.bucket_writes), (1, 2));
        assert_eq!((usage.table_reads, usage.table_writes), (1.5, 4.0));
    }
}
