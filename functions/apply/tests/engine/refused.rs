//! What the table refuses as invalid: no row can make it so, and nothing is tried again that never works.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents, SharedInterceptor};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::primitives::SdkBody;
use roster::Code;
use wire::{Status, Upload};

use crate::organisation::Organisation;

const ANN: &str = "Ann,Ash,,,00124,B,Student,,K,Active";

#[tokio::test]
async fn an_id_that_is_too_long_for_a_key_is_damage_and_not_a_key() {
    let o = Organisation::new(None).await;
    let long = "9".repeat(3000);
    let rows = [
        format!("Ben,Birch,,,{long},A,Student,,4,Active"),
        format!("Cat,Cedar,,,{long},A,Student,,4,Active,surplus"),
        format!("Dan,Dale,,,{long},A,Student"),
        format!("Eve,Elm,,{long}@a.example,T1,A,Teacher,,,Active"),
        ANN.to_owned(),
    ];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    o.drop("inbox/partial/long.csv", &rows).await;
    o.settle().await;
    let [upload] = &o.uploads().await[..] else { panic!("one upload") };
    assert_eq!(upload.status, Status::CompletedWithErrors, "{upload:#?}");
    assert_eq!((upload.counts.unwrap().created, upload.counts.unwrap().rejected), (1, 4));
    assert!(upload.findings.contains_key(&Code::RowTooLong));
    // Nor is it one where somebody types it.
    assert_eq!(o.cloud().user_list_known_as(&long).await.unwrap(), []);
    assert!(o.cloud().account_get_by_custom_id(&long).await.unwrap().is_none());
}

/// A table that refuses some requests as invalid.
#[derive(Debug, Clone, Default)]
struct Refusing {
    /// The operation, and what is in a request that is refused.
    which: Arc<Mutex<Option<(&'static str, &'static str)>>>,
}

impl Intercept for Refusing {
    fn name(&self) -> &'static str {
        "refusing"
    }

    /// Takes the key out of a request that is to be refused, so that the table itself has to refuse it.
    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some((operation, with)) = *self.which.lock().unwrap() else { return Ok(()) };
        let request = context.request_mut();
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let meant = request.headers().get("x-amz-target").is_some_and(|target| target.ends_with(operation));
        if meant && body.contains(with) {
            let body = body.replace(r#""sk":{"S":""#, &format!(r#""sk":{{"S":"{}"#, "x".repeat(2000)));
            request.headers_mut().insert("content-length", body.len().to_string());
            *request.body_mut() = SdkBody::from(body);
        }
        Ok(())
    }
}

/// What becomes of a roster where the table refuses such requests; every function is told of everything once.
async fn refused(operation: &'static str, with: &'static str) -> (Organisation, Upload) {
    let line = Refusing::default();
    let o = Organisation::new(Some(SharedInterceptor::new(line.clone()))).await;
    o.drop("inbox/partial/a.csv", &[ANN]).await;
    *line.which.lock().unwrap() = Some((operation, with));
    o.settle().await;
    let upload = o.uploads().await.pop().unwrap();
    o.assert_at_rest().await;
    (o, upload)
}

#[tokio::test]
async fn a_check_that_the_table_refuses_fails_and_is_not_tried_again() {
    let (_, upload) = refused("BatchGetItem", "").await;
    assert_eq!(upload.status, Status::Failed);
    let sentence = upload.failure.unwrap();
    assert!(
        sentence.contains("refuses something of this file") && sentence.contains("nothing was changed"),
        "{sentence}"
    );
}

#[tokio::test]
async fn a_plan_that_the_table_refuses_stops_and_lets_others_have_their_turn() {
    let (o, upload) = refused("TransactWriteItems", "USERLOG#").await;
    assert_eq!((upload.status, o.users().await.len()), (Status::Failed, 0));
    let sentence = upload.failure.unwrap();
    assert!(sentence.contains("refuses something of the plan") && sentence.contains("0 of its 1 parts"), "{sentence}");
}

#[tokio::test]
async fn a_part_that_is_refused_half_way_tells_whom_it_created() {
    let line = Refusing::default();
    let o = Organisation::new(Some(SharedInterceptor::new(line.clone()))).await;
    // More than the transactions that are under way at once, so that some are through before the last one is refused.
    let rows: Vec<String> = (1000..1300).map(|n| format!("Ann,Ash,,,{n},B,Student,,K,Active")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    o.drop("inbox/partial/a.csv", &rows).await;
    *line.which.lock().unwrap() = Some(("TransactWriteItems", "C#1299"));
    o.settle().await;
    *line.which.lock().unwrap() = None;
    let upload = o.uploads().await.pop().unwrap();
    assert_eq!(upload.status, Status::Failed);
    let users = o.users().await;
    assert!(!users.is_empty() && users.len() < rows.len());
    let slips = roster::slips::slips(o.credentials(&upload).await.unwrap().as_bytes()).unwrap();
    let told = slips.into_iter().flat_map(|sheet| sheet.slips).map(|slip| slip.username);
    let created = users.into_iter().map(|(_, user)| user.username);
    assert_eq!(told.collect::<BTreeSet<_>>(), created.collect::<BTreeSet<_>>());
}
