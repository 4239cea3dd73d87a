//! A bucket of LocalStack: made for one system, and the bridge that brings its events to the functions.
//!
//! LocalStack runs no functions here, so its S3 writes its events to queues of its own, one for each function.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::error::{DisplayErrorContext, SdkError};
use aws_sdk_s3::types::{
    CorsConfiguration, CorsRule, Event, FilterRule, FilterRuleName, NotificationConfiguration,
    NotificationConfigurationFilter, QueueConfiguration, S3KeyFilter,
};
use bytes::Bytes;
use cloud::Cloud;
use cloud::bucket::HEADERS_OF_A_LINK;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::SystemFault;
use crate::event::{Events, ROUTES};
use crate::invocation::FunctionKind;
use crate::keys::Keys;
use crate::names::REGION;

/// The account of whoever asks without another one.
const ACCOUNT: &str = "000000000000";

/// Returns the keys that LocalStack takes.
pub(crate) fn keys() -> Keys {
    Keys { access_key: "test".to_owned(), secret_key: "test".to_owned() }
}

/// The queues of one bucket.
pub(crate) struct LocalStackQueues {
    endpoint: String,
    client: reqwest::Client,
    queues: Vec<(FunctionKind, String)>,
}

impl LocalStackQueues {
    /// Makes the bucket, which only the page may ask from a browser, and its queues.
    ///
    /// # Errors
    ///
    /// [`SystemFault::Bucket`] where LocalStack refuses or does not answer.
    pub(crate) async fn make(
        cloud: &Cloud,
        endpoint: &str,
        origins: &[String],
    ) -> Result<LocalStackQueues, SystemFault> {
        let mut made =
            LocalStackQueues { endpoint: endpoint.to_owned(), client: reqwest::Client::new(), queues: Vec::new() };
        cloud.s3.create_bucket().bucket(&cloud.bucket).send().await.map_err(refused)?;
        let cors = CorsConfiguration::builder().cors_rules(cors_rule(origins)?).build().map_err(fault)?;
        let put = cloud.s3.put_bucket_cors().bucket(&cloud.bucket).cors_configuration(cors);
        put.send().await.map_err(refused)?;
        let mut notifications = NotificationConfiguration::builder();
        for kind in [FunctionKind::Validate, FunctionKind::Apply] {
            let name = format!("{}-{}", cloud.bucket, kind.name());
            let queue: CreatedQueue = made.ask("CreateQueue", &json!({ "QueueName": name })).await?;
            made.queues.push((kind, queue.queue_url));
            for (prefix, _) in ROUTES.iter().filter(|(_, of)| *of == kind) {
                notifications = notifications.queue_configurations(notification(&name, prefix)?);
            }
        }
        let put = cloud.s3.put_bucket_notification_configuration().bucket(&cloud.bucket);
        put.notification_configuration(notifications.build()).send().await.map_err(refused)?;
        Ok(made)
    }

    /// Brings what comes into the queues to the functions, as long as the system runs.
    pub(crate) async fn bring(self, events: Arc<Events>) {
        let queues = self.queues.iter().map(|(kind, url)| self.bring_from(*kind, url, &events));
        futures::future::join_all(queues).await;
    }

    async fn bring_from(&self, kind: FunctionKind, url: &str, events: &Arc<Events>) {
        loop {
            if let Err(error) = self.bring_next(kind, url, events).await {
                tracing::warn!(function = kind.name(), %error, "a queue of LocalStack could not be read");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }

    async fn bring_next(&self, kind: FunctionKind, url: &str, events: &Arc<Events>) -> Result<(), SystemFault> {
        let question = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 5 });
        let received: Received = self.ask("ReceiveMessage", &question).await?;
        for message in received.messages {
            if is_about_objects(&message.body) {
                events.send(kind, Bytes::from(message.body));
            }
            let taken = json!({ "QueueUrl": url, "ReceiptHandle": message.receipt_handle });
            let _: Value = self.ask("DeleteMessage", &taken).await?;
        }
        Ok(())
    }

    async fn ask<T: DeserializeOwned>(&self, what: &str, question: &Value) -> Result<T, SystemFault> {
        let request = self.client.post(&self.endpoint).header("x-amz-target", format!("AmazonSQS.{what}"));
        let request = request.header("content-type", "application/x-amz-json-1.0").body(question.to_string());
        let answer = request.send().await.and_then(reqwest::Response::error_for_status).map_err(fault)?;
        let bytes = answer.bytes().await.map_err(fault)?;
        // Some answers have no body.
        serde_json::from_slice(if bytes.is_empty() { b"null" } else { &bytes }).map_err(fault)
    }
}

/// Returns whether a message says what happened to objects: S3 also writes one to try whether it may write.
fn is_about_objects(body: &str) -> bool {
    serde_json::from_str::<Value>(body).is_ok_and(|body| body.get("Records").is_some())
}

#[derive(Deserialize)]
struct CreatedQueue {
    #[serde(rename = "QueueUrl")]
    queue_url: String,
}

#[derive(Deserialize)]
struct Received {
    #[serde(rename = "Messages", default)]
    messages: Vec<QueueMessage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct QueueMessage {
    body: String,
    receipt_handle: String,
}

/// Returns the rule of the template, for the page of this system.
fn cors_rule(origins: &[String]) -> Result<CorsRule, SystemFault> {
    CorsRule::builder()
        .set_allowed_origins(Some(origins.to_vec()))
        .set_allowed_methods(Some(vec!["GET".to_owned(), "PUT".to_owned()]))
        .set_allowed_headers(Some(HEADERS_OF_A_LINK.map(str::to_owned).into()))
        .expose_headers("ETag")
        .max_age_seconds(3600)
        .build()
        .map_err(fault)
}

fn notification(queue: &str, prefix: &str) -> Result<QueueConfiguration, SystemFault> {
    let rule = FilterRule::builder().name(FilterRuleName::Prefix).value(prefix).build();
    let filter =
        NotificationConfigurationFilter::builder().key(S3KeyFilter::builder().filter_rules(rule).build()).build();
    QueueConfiguration::builder()
        .queue_arn(format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"))
        .events(Event::from("s3:ObjectCreated:*"))
        .filter(filter)
        .build()
        .map_err(fault)
}

fn refused<E: std::error::Error + 'static>(error: SdkError<E>) -> SystemFault {
    SystemFault::Bucket(DisplayErrorContext(error).to_string())
}

fn fault(error: impl std::fmt::Display) -> SystemFault {
    SystemFault::Bucket(error.to_string())
}
