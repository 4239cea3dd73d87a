//! What the bucket tells the functions, and how it is delivered: at least once, with Lambda's two retries.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use tokio::sync::watch;

use crate::function::Function;
use crate::invocation::{FunctionKind, InvokeError};
use crate::names::{BUCKET, REGION};

/// Which function hears of an object under which prefix.
pub(crate) const ROUTES: [(&str, FunctionKind); 3] =
    [("inbox/", FunctionKind::Validate), ("approvals/", FunctionKind::Apply), ("chunks/", FunctionKind::Apply)];

/// An object that was put into the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Created {
    pub(crate) key: String,
    pub(crate) size: u64,
    pub(crate) e_tag: String,
    /// S3's name for how it was put: `Put`, `Copy` or `CompleteMultipartUpload`.
    pub(crate) how: &'static str,
}

/// Delivers events to the functions.
pub(crate) struct Events {
    functions: Vec<Arc<Function>>,
    /// How long to wait before the first and the second retry.
    pauses: [Duration; 2],
    sequence: AtomicU64,
    under_way: watch::Sender<usize>,
}

impl Events {
    /// Delivers events to these functions; the pauses are those before Lambda's two retries.
    pub(crate) fn new(functions: Vec<Arc<Function>>, pauses: [Duration; 2]) -> Arc<Events> {
        Arc::new(Events { functions, pauses, sequence: AtomicU64::new(0), under_way: watch::Sender::new(0) })
    }

    /// Tells the function that listens for such keys, if one does. Returns at once.
    pub(crate) fn object_created(self: &Arc<Self>, created: &Created) {
        if let Some((_, kind)) = ROUTES.iter().find(|(prefix, _)| created.key.starts_with(prefix)) {
            let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
            self.send(*kind, Bytes::from(notification(created, sequence).to_string()));
        }
    }

    /// Sends the scheduled event on which a function looks for work whose own event was lost.
    pub(crate) fn look(self: &Arc<Self>) {
        self.send_looks(br#"{"look":true}"#);
    }

    /// Sends the scheduled event right after the start, when no function can be at work on what was left undone.
    pub(crate) fn look_at_once(self: &Arc<Self>) {
        self.send_looks(br#"{"look":"now"}"#);
    }

    fn send_looks(self: &Arc<Self>, event: &'static [u8]) {
        for kind in [FunctionKind::Validate, FunctionKind::Apply, FunctionKind::Notices] {
            self.send(kind, Bytes::from_static(event));
        }
    }

    /// Waits until every event has been dealt with, and those that came of them.
    pub(crate) async fn settled(&self) {
        // The sender is a field of `self`, so it cannot be gone while this waits.
        let _ = self.under_way.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Has a function deal with an event. Returns at once.
    pub(crate) fn send(self: &Arc<Self>, kind: FunctionKind, event: Bytes) {
        let Some(function) = self.functions.iter().find(|function| function.kind() == kind).cloned() else {
            return;
        };
        self.under_way.send_modify(|count| *count += 1);
        let events = self.clone();
        tokio::spawn(async move {
            events.deliver(&function, event).await;
            events.under_way.send_modify(|count| *count -= 1);
        });
    }

    async fn deliver(&self, function: &Arc<Function>, event: Bytes) {
        let name = function.kind().name();
        for pause in self.pauses {
            match function.invoke(event.clone()).await {
                Ok(_) | Err(InvokeError::Stopping) => return,
                Err(error) => tracing::warn!(function = name, %error, "an event failed; it will be tried again"),
            }
            tokio::time::sleep(pause).await;
        }
        match function.invoke(event).await {
            Ok(_) | Err(InvokeError::Stopping) => {}
            Err(error) => tracing::error!(function = name, %error, "AN EVENT WAS GIVEN UP after three attempts"),
        }
    }
}

/// Returns the event that S3 sends for a new object.
fn notification(created: &Created, sequence: u64) -> serde_json::Value {
    json!({ "Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": now(),
        "eventName": format!("ObjectCreated:{}", created.how),
        "userIdentity": { "principalId": "AWS:LOCAL" },
        "requestParameters": { "sourceIPAddress": "127.0.0.1" },
        "responseElements": { "x-amz-request-id": uuid::Uuid::new_v4().simple().to_string().to_uppercase() },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "rollbook",
            "bucket": {
                "name": BUCKET,
                "ownerIdentity": { "principalId": "LOCAL" },
                "arn": format!("arn:aws:s3:::{BUCKET}"),
            },
            "object": {
                "key": encode_key(&created.key),
                "size": created.size,
                "eTag": created.e_tag,
                "sequencer": format!("{sequence:016X}"),
            },
        },
    }]})
}

fn now() -> String {
    let now = DateTime::from(std::time::SystemTime::now());
    // Only a year that has more than four digits has no such form.
    now.fmt(DateTimeFormat::DateTime).unwrap_or_default()
}

/// Encodes a key as S3 does in its events: a space is a plus sign, and slashes stay.
fn encode_key(key: &str) -> String {
    const ENCODED: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/').remove(b' ');
    utf8_percent_encode(key, ENCODED).to_string().replace(' ', "+")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::function::tests::echo;

    #[tokio::test]
    async fn an_event_is_delivered_again_when_its_process_dies() {
        let (function, folder) = echo(FunctionKind::Apply);
        let events = Events::new(vec![function.clone()], [Duration::ZERO; 2]);
        let file = folder.path().join("died");
        events.send(FunctionKind::Apply, Bytes::from(json!({ "die_without": file }).to_string()));
        events.settled().await;
        assert!(file.exists(), "the first attempt died");
        assert!(function.peak_memory() > 0, "a later one did not");
    }

    #[tokio::test]
    async fn only_objects_that_a_function_listens_for_wake_it() {
        let (function, _folder) = echo(FunctionKind::Validate);
        let events = Events::new(vec![function.clone()], [Duration::ZERO; 2]);
        let created = |key: &str| Created { key: key.into(), size: 1, e_tag: "e".into(), how: "Put" };
        events.object_created(&created("uploads/1/plan.json"));
        events.settled().await;
        assert_eq!(function.peak_memory(), 0);
        events.object_created(&created("inbox/full/a.csv"));
        events.settled().await;
        assert!(function.peak_memory() > 0);
    }

    #[test]
    fn keys_are_encoded_as_s3_does() {
        assert_eq!(encode_key("inbox/full/a b+c é.csv"), "inbox/full/a+b%2Bc+%C3%A9.csv");
    }

    #[test]
    fn a_notification_has_what_the_functions_read() {
        let created = Created { key: "inbox/full/a b.csv".into(), size: 7, e_tag: "abc".into(), how: "Put" };
        let event = notification(&created, 255);
        let record = &event["Records"][0];
        assert_eq!(record["eventName"], "ObjectCreated:Put");
        assert_eq!(record["s3"]["bucket"]["name"], BUCKET);
        assert_eq!(
            record["s3"]["object"],
            json!({ "key": "inbox/full/a+b.csv", "size": 7, "eTag": "abc", "sequencer": "00000000000000FF" })
        );
    }
}
