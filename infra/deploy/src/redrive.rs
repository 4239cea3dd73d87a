//! Sending again what was given up: the events that a function failed at three times wait in a queue for two weeks.

use build::problem::ProblemText;
use serde_json::Value;

use crate::aws::{Aws, AwsRefusal};

/// Sends every event of the queue to its function again and returns how many they were.
///
/// An event leaves the queue only once its function has it: if this is broken off, some may be sent twice, which does
/// no harm.
///
/// # Errors
///
/// Where AWS refuses, or a message is none of Lambda's.
pub fn redrive(aws: &Aws, queue: &str) -> Result<usize, ProblemText> {
    let failed = |refusal: AwsRefusal| refusal.while_doing("Sending events again");
    let mut sent = 0;
    loop {
        let arguments = ["sqs", "receive-message", "--queue-url", queue, "--max-number-of-messages", "10"];
        // Long enough for ten to be sent, so that none is received again meanwhile.
        let answer = aws.ask(&[&arguments[..], &["--visibility-timeout", "120"]].concat()).map_err(failed)?;
        let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
        if messages.is_empty() {
            return Ok(sent);
        }
        for message in messages {
            let GivenUp { function, event } = GivenUp::read(&message)?;
            aws.invoke(&function, &event, &["--invocation-type", "Event"], "Sending events again")?;
            let receipt = message["ReceiptHandle"].as_str().unwrap_or_default();
            aws.tell(&["sqs", "delete-message", "--queue-url", queue, "--receipt-handle", receipt]).map_err(failed)?;
            sent += 1;
        }
    }
}

/// An event that a function failed at.
#[derive(Debug, PartialEq, Eq)]
struct GivenUp {
    function: String,
    event: Value,
}

impl GivenUp {
    /// Reads the record that Lambda sends to a destination for failures.
    fn read(message: &Value) -> Result<GivenUp, ProblemText> {
        let body: Value = serde_json::from_str(message["Body"].as_str().unwrap_or_default()).unwrap_or_default();
        let arn = body["requestContext"]["functionArn"].as_str().unwrap_or_default();
        // The version stands behind the name: the event goes to whatever runs now.
        let function = arn.split(':').nth(6).unwrap_or_default().to_owned();
        if function.is_empty() || body["requestPayload"].is_null() {
            let id = message["MessageId"].as_str().unwrap_or_default();
            return Err(ProblemText::new(format!(
                "The message {id} in the queue is no event that a function of Rollbook was given up with. It is left \
                 there: look at it in the console of SQS, and delete it if nobody needs it."
            )));
        }
        Ok(GivenUp { function, event: body["requestPayload"].clone() })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_of_lambda_names_the_function_and_the_event() {
        let body = json!({
            "requestContext": { "functionArn": "arn:aws:lambda:eu-west-1:1:function:rollbook-apply:$LATEST" },
            "requestPayload": { "look": true },
        });
        let message = json!({ "MessageId": "m", "Body": body.to_string() });
        let read = GivenUp::read(&message).expect("a record");
        assert_eq!(read, GivenUp { function: "rollbook-apply".into(), event: json!({ "look": true }) });
        let other = json!({ "MessageId": "m-1", "Body": "{\"hello\":1}" });
        assert!(GivenUp::read(&other).is_err_and(|problem| problem.to_string().contains("m-1")));
    }
}
