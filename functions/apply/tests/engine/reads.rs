//! How often the functions read what is the same for all that they do at once.

use std::sync::{Arc, Mutex};

use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents, SharedInterceptor};
use aws_sdk_s3::error::BoxError;
use roster::durations::DAY;
use serde_json::{Value, json};
use wire::Status;

use crate::organisation::Organisation;

const ANN: &str = "Ann,Ash,,ann@a.example,T1,A,Teacher,Head,,Active";
/// Remembers the keys of all items that are read one by one.
#[derive(Debug, Clone, Default)]
struct Reads(Arc<Mutex<Vec<[String; 2]>>>);

impl Reads {
    /// Returns how many of the reads since it was last asked are of a partition and, in it, of this key or any.
    fn take(&self, pk: &str, sk: Option<&str>) -> usize {
        let reads = std::mem::take(&mut *self.0.lock().unwrap());
        reads.iter().filter(|[of, at]| of == pk && sk.is_none_or(|sk| sk == at)).count()
    }
}

impl Intercept for Reads {
    fn name(&self) -> &'static str {
        "reads"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        if request.headers().get("x-amz-target").is_some_and(|target| target.ends_with("GetItem")) {
            let body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default())?;
            let key = ["pk", "sk"].map(|part| body["Key"][part]["S"].as_str().unwrap_or_default().to_owned());
            self.0.lock().unwrap().push(key);
        }
        Ok(())
    }
}

async fn organisation() -> (Organisation, Reads) {
    let reads = Reads::default();
    (Organisation::new(Some(SharedInterceptor::new(reads.clone()))).await, reads)
}

#[tokio::test]
async fn the_settings_are_read_once_for_an_upload_and_once_in_a_sweep() {
    let (o, reads) = organisation().await;
    o.settings(r#"{ "partial": { "requires_approval": true }, "watch": { "enabled": true }, "feeds": ["clever"] }"#)
        .await;
    o.drop("inbox/partial/night.csv", &[ANN]).await;
    reads.take("", None);
    assert!(o.tell_of("inbox/partial/night.csv").await);
    assert_eq!(o.uploads().await[0].status, Status::AwaitingApproval);
    assert_eq!(reads.take("SETTINGS", Some("SYNC")), 1, "pause, reading, comparison and marks");
    let look = json!({ "look": true });
    Box::pin(apply::handle(o.cloud(), look.clone(), o.now)).await.unwrap();
    assert_eq!(reads.take("SETTINGS", Some("SYNC")), 1, "archive and feeds");
    Box::pin(validate::handle(o.cloud(), look, o.now)).await.unwrap();
    assert_eq!(reads.take("SETTINGS", Some("SYNC")), 1, "pauses, passwords and what is past keeping");
}

#[tokio::test]
async fn open_uploads_are_read_once_a_sweep_however_many_files_wait_for_the_end_of_a_pause() {
    let (mut o, reads) = organisation().await;
    let day = |at: u64| cloud::audit::iso_time(at)[..10].to_owned();
    let pause = json!({ "name": "Summer", "first": day(o.now), "last": day(o.now) });
    let settings = json!({ "partial": { "requires_approval": true }, "watch": { "enabled": true, "pauses": [pause] } });
    o.settings(&settings.to_string()).await;
    const FILES: usize = 6;
    for n in 0..FILES {
        o.drop(
            &format!("inbox/partial/{n}.csv"),
            &[&ANN.replace("T1", &format!("T{n}")).replace("ann@", &format!("ann{n}@"))],
        )
        .await;
    }
    assert!(o.tell().await);
    o.now += DAY;
    let look = json!({ "look": true });
    reads.take("", None);
    Box::pin(validate::handle(o.cloud(), look, o.now)).await.unwrap();
    let waiting = o.uploads().await.into_iter().filter(|upload| upload.status == Status::AwaitingApproval).count();
    assert_eq!(waiting, FILES, "those that wait for a person keep nobody waiting");
    // A few reads for each that is taken up, and one of each to know whether any is under way.
    let read = reads.take("UPLOADS", None);
    assert!(read <= 6 * FILES, "{read}");
}
