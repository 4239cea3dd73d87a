//! What wakes a function: the bucket tells of new objects, and a schedule asks for a sweep of what has not moved.

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
    pub fn of(self, usual: u64) -> u64 {
        match self {
            Grace::Usual => usual,
            Grace::None => 0,
        }
    }
}

impl Event {
    pub fn read(event: &Value) -> Event {
        if event["look"] == "now" {
            return Event::Sweep(Grace::None);
        }
        if event["look"] == Value::Bool(true) || event["source"] == "aws.events" || event["source"] == "aws.scheduler" {
            return Event::Sweep(Grace::Usual);
        }
        let Some(records) = event["Records"].as_array() else { return Event::Other };
        let created =
            |record: &&Value| record["eventName"].as_str().is_some_and(|name| name.contains("ObjectCreated:"));
        let keys = records.iter().filter(created).filter_map(|record| record["s3"]["object"]["key"].as_str());
        Event::Created(keys.map(decoded).collect())
    }
}

/// Keys are encoded as in a form: a plus sign is a space, and then `%41` is a byte. Some targets write a space as
/// `%20`, which reads the same. A key that was not encoded at all and has such signs is read wrong; the object is found
/// by the next sweep.
fn decoded(key: &str) -> String {
    let spaced = key.replace('+', " ");
    let mut bytes = Vec::with_capacity(spaced.len());
    let mut rest = spaced.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = (byte == b'%').then(|| after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok())).flatten();
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(key: &str) -> Value {
        json!({ "eventName": "ObjectCreated:Put", "s3": { "object": { "key": key } } })
    }

    #[test]
    fn keys_are_decoded_however_they_were_encoded() {
        let records =
            json!({ "Records": [of("inbox/full/a+b%2Bc.csv"), of("inbox/full/a%20%C3%A9.csv"), of("50%.csv")] });
        let keys = ["inbox/full/a b+c.csv", "inbox/full/a é.csv", "50%.csv"].map(str::to_owned).to_vec();
        assert_eq!(Event::read(&records), Event::Created(keys));
    }

    #[test]
    fn a_schedule_asks_for_a_look_and_a_test_for_nothing() {
        assert_eq!(Event::read(&json!({ "look": true })), Event::Sweep(Grace::Usual));
        assert_eq!(
            Event::read(&json!({ "source": "aws.events", "detail-type": "Scheduled Event" })),
            Event::Sweep(Grace::Usual)
        );
        assert_eq!(Event::read(&json!({ "look": "now" })), Event::Sweep(Grace::None));
        assert_eq!(Event::read(&json!({ "Service": "Amazon S3", "Event": "s3:TestEvent" })), Event::Other);
        let removed =
            json!({ "Records": [{ "eventName": "ObjectRemoved:Delete", "s3": { "object": { "key": "a" } } }] });
        assert_eq!(Event::read(&removed), Event::Created(Vec::new()));
    }
}
