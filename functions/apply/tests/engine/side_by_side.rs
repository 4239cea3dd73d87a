//! Chunks that end at the same moment: each is counted, one at least sees that all are done, and none of them gets in the
//! way of another.

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::operation::put_item::PutItemInput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::operation::update_item::UpdateItemInput;
use aws_sdk_s3::config::interceptors::BeforeSerializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents, SharedInterceptor};
use aws_sdk_s3::error::BoxError;
use cloud::bucket::keys;
use cloud::table::{Item, Key, json, n, string};
use cloud::tickets::Ticket;
use cloud::uploads::upload_id;
use roster::{Mode, Scope};
use wire::{Source, Status, Upload};

use crate::organisation::Organisation;

/// Notes the partition of every item that is written.
#[derive(Debug, Clone, Default)]
struct Partitions {
    written: Arc<Mutex<Vec<String>>>,
}

impl Partitions {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.written.lock().unwrap())
    }
}

impl Intercept for Partitions {
    fn name(&self) -> &'static str {
        "partitions"
    }

    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input();
        let mut items: Vec<&Item> = Vec::new();
        if let Some(transaction) = input.downcast_ref::<TransactWriteItemsInput>() {
            for item in transaction.transact_items() {
                items.extend(item.put().map(|put| put.item()));
                items.extend(item.update().map(|update| update.key()));
                items.extend(item.delete().map(|delete| delete.key()));
            }
        }
        items.extend(input.downcast_ref::<PutItemInput>().and_then(|put| put.item()));
        items.extend(input.downcast_ref::<UpdateItemInput>().and_then(|update| update.key()));
        let partitions = items.into_iter().filter_map(|item| string(item, "pk")).map(str::to_owned);
        self.written.lock().unwrap().extend(partitions);
        Ok(())
    }
}

/// An upload of 200 chunks that is being applied.
fn applying(o: &Organisation) -> Upload {
    let id = upload_id(o.now, [7; 10]);
    let ticket = Ticket {
        key: keys::inbox(Mode::Partial, &id, "a.csv"),
        id,
        mode: Mode::Partial,
        by_hand: false,
        scope: Scope::Organisation,
        source: Source::Bucket { key: "a.csv".to_owned() },
        of_source: None,
        file_name: "a.csv".to_owned(),
        encoding: None,
        sheet: None,
        checked: None,
        bytes: 1,
        sha256: None,
        created_at: o.now,
    };
    let mut upload = ticket.upload(o.now);
    upload.begin_applying(200, o.now);
    upload
}

#[tokio::test]
async fn all_that_end_side_by_side_are_counted_and_one_sees_the_end() {
    let o = Organisation::new(None).await;
    let upload = applying(&o);
    o.cloud().upload_enter(&upload).await.unwrap();
    // Each of them twice, as events come.
    let marks = (0..400).map(|n| o.cloud().chunk_mark_done(&upload.id, n % 200, o.now + 1 + u64::from(n)));
    let counts: Vec<u64> = futures::future::join_all(marks).await.into_iter().map(Result::unwrap).collect();
    assert!(counts.contains(&200) && counts.iter().all(|count| (1..=200).contains(count)), "{counts:?}");
    let seen = o.upload(&upload.id).await;
    let progress = seen.progress.unwrap();
    assert_eq!((progress.done, progress.total), (200, 200));
    assert!(seen.updated_at > o.now, "it has moved since it began");
    let listed = o.uploads().await.into_iter().find(|listed| listed.id == upload.id);
    assert_eq!(listed, Some(seen));
    assert_eq!(o.cloud().chunk_list_done(&upload.id).await.unwrap(), (0..200).collect());
}

#[tokio::test]
async fn a_chunk_does_not_write_the_item_of_its_upload() {
    let partitions = Partitions::default();
    let o = Organisation::new(Some(SharedInterceptor::new(partitions.clone()))).await;
    let rows: Vec<String> = (0..2500).map(|n| format!("Pupil,{n},,,P{n},A,Student,,4,Active")).collect();
    o.drop("inbox/partial/1.csv", &rows.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert!(o.tell_of("inbox/partial/1.csv").await);
    let id = o.uploads().await[0].id.clone();
    assert!(o.tell_of(&keys::approval(&id)).await);
    partitions.take();

    let chunk = |n| keys::chunk(&id, n);
    let (first, second) = (chunk(0), chunk(1));
    let told = tokio::join!(o.tell_of(&first), o.tell_of(&second));
    assert_eq!(told, (true, true));
    let written = partitions.take();
    let marker = format!("UPLOAD#{id}");
    assert_eq!(written.iter().filter(|pk| **pk == marker).count(), 2);
    assert!(written.len() > 8000, "the users are among them: {}", written.len());
    assert!(!written.iter().any(|pk| pk == "UPLOADS"));
    assert_eq!(o.upload(&id).await.progress.map(|progress| progress.done), Some(2));

    o.settle().await;
    let ended = o.upload(&id).await;
    assert_eq!((ended.status, ended.progress.unwrap().done), (Status::Completed, 3));
    assert_eq!(partitions.take().iter().filter(|pk| *pk == "UPLOADS").count(), 1, "its end is written once");
    assert_eq!(o.users().await.len(), 2500);
    o.assert_at_rest().await;
}

#[tokio::test]
async fn an_upload_whose_chunks_counted_themselves_in_its_item_is_still_read() {
    let o = Organisation::new(None).await;
    let mut upload = applying(&o);
    upload.fail("It was stopped.".to_owned(), o.now);
    let item = Item::from([
        ("upload".to_owned(), json(&upload).unwrap()),
        ("version".to_owned(), n(4)),
        ("status".to_owned(), json(&upload.status).unwrap()),
        ("done".to_owned(), n(3)),
        ("touched_at".to_owned(), n(o.now + 5)),
    ]);
    o.cloud().item_put(&Key::upload(&upload.id), item).await.unwrap();
    let seen = o.upload(&upload.id).await;
    assert_eq!((seen.progress.unwrap().done, seen.updated_at), (3, o.now + 5));
}
