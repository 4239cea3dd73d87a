//! What wakes a function: the bucket tells of new objects, and a schedule asks for a sweep of what has not moved.

use aws_lambda_events::event::s3::{S3Event, S3EventRecord};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::Value;

/// An event that a function was invoked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Objects were put under these keys, as far as one knows: the same event may come twice, late, or after the
    /// object is gone.
    Created(Vec<String>),
    /// Time to go over what has not moved, in case an event was lost: `{"look":true}`, or whatever EventBridge's
    /// scheduler sends. Where the whole system was just started, so that no function can be at work: `{"look":"now"}`.
    Sweep(Grace),
    /// Nothing to do, such as the test event that S3 sends when notifications are set up.
    Other,
}

/// The grace period that a sweep leaves to what may still be moving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grace {
    Usual,
    None,
}

impl Grace {
    /// Returns the period in milliseconds, where `usual` is the usual one.
    pub fn millis(self, usual: u64) -> u64 {
        match self {
            Grace::Usual => usual,
            Grace::None => 0,
        }
    }
}

impl Event {
    /// Reads what a function was invoked with.
    ///
    /// # Errors
    ///
    /// Where it has records, and they are none of S3.
    pub fn read(event: &Value) -> Result<Event, UnreadableEvent> {
        if event["look"] == "now" {
            return Ok(Event::Sweep(Grace::None));
        }
        if event["look"] == Value::Bool(true) || event["source"] == "aws.events" || event["source"] == "aws.scheduler" {
            return Ok(Event::Sweep(Grace::Usual));
        }
        if event.get("Records").is_none() {
            return Ok(Event::Other);
        }
        let event = S3Event::deserialize(event).map_err(|error| UnreadableEvent(error.to_string()))?;
        let created = |record: &S3EventRecord| record.event_name.as_ref().is_some_and(|n| n.contains("ObjectCreated:"));
        let records = event.records.into_iter().filter(created);
        Ok(Event::Created(records.filter_map(|record| record.s3.object.key).map(|key| decoded(&key)).collect()))
    }
}

/// An event that has records, and they are none of S3.
#[derive(Debug, thiserror::Error)]
#[error("the event can't be read: {0}")]
pub struct UnreadableEvent(String);

/// Decodes a key, which is encoded as in a form: a plus sign is a space, and then `%41` is a byte. Some targets write a
/// space as `%20`, which reads the same. A key that was not encoded at all and has such signs is read wrong; the object
/// is found by the next sweep.
fn decoded(key: &str) -> String {
    percent_decode_str(&key.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What S3 sends of an object, as far as it has to be there.
    fn record(event: &str, key: &str) -> Value {
        json!({
            "eventTime": "1970-01-01T00:00:00.000Z",
            "eventName": event,
            "userIdentity": {},
            "requestParameters": {},
            "s3": { "bucket": {}, "object": { "key": key, "size": 7 } },
        })
    }

    fn read(event: Value) -> Event {
        Event::read(&event).expect("an event that is known")
    }

    #[test]
    fn keys_are_decoded_however_they_were_encoded() {
        let sent = ["inbox/full/a+b%2Bc.csv", "inbox/full/a%20%C3%A9.csv", "50%.csv"];
        let records: Vec<Value> = sent.iter().map(|key| record("ObjectCreated:Put", key)).collect();
        let keys = ["inbox/full/a b+c.csv", "inbox/full/a é.csv", "50%.csv"].map(str::to_owned).to_vec();
        assert_eq!(read(json!({ "Records": records })), Event::Created(keys));
    }

    #[test]
    fn a_schedule_asks_for_a_look_and_a_test_for_nothing() {
        assert_eq!(read(json!({ "look": true })), Event::Sweep(Grace::Usual));
        assert_eq!(
            read(json!({ "source": "aws.events", "detail-type": "Scheduled Event" })),
            Event::Sweep(Grace::Usual)
        );
        assert_eq!(read(json!({ "look": "now" })), Event::Sweep(Grace::None));
        assert_eq!(read(json!({ "Service": "Amazon S3", "Event": "s3:TestEvent" })), Event::Other);
        let removed = json!({ "Records": [record("ObjectRemoved:Delete", "a")] });
        assert_eq!(read(removed), Event::Created(Vec::new()));
    }

    #[test]
    fn records_of_something_else_are_not_taken_for_nothing() {
        let of_a_queue = json!({ "Records": [{ "eventSource": "aws:sqs", "body": "secret" }] });
        let error = Event::read(&of_a_queue).expect_err("records of a queue");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
