//! Files that come during a pause: they wait in the inbox, and nothing of them is lost.

use std::collections::BTreeMap;
use std::time::Duration;

use cloud::bucket::keys;
use cloud::table::Key;
use cloud::tickets::Ticket;
use cloud::uploads::upload_id;
use roster::durations::DAY;
use roster::{Mode, Scope};
use serde_json::{Value, json};
use wire::stored::{KeyId, UsedKey};
use wire::upload::Decider;
use wire::{Source, Status, Upload};

use crate::organisation::{HEADER, Organisation};

const ANN: &str = "Ann,Ash,,ann@a.example,T1,A,Teacher,Head,,Active";
const BEN: &str = "Ben,Birch,,,00123,A,Student,,4,Active";
const CAT: &str = "Cat,Cedar,,,00124,B,Student,,K,Active";

/// Sets pauses of so many days from today on, in the time zone of the clock.
async fn pause_for(o: &Organisation, days: &[u64]) {
    let day = |at: u64| cloud::audit::iso_time(at)[..10].to_owned();
    let pause = |days: &u64| json!({ "name": "Summer", "first": day(o.now), "last": day(o.now + (days - 1) * DAY) });
    let pauses: Vec<Value> = days.iter().map(pause).collect();
    let settings = json!({ "partial": { "requires_approval": false }, "watch": { "enabled": true, "pauses": pauses } });
    o.settings(&settings.to_string()).await;
}

async fn look(o: &Organisation) {
    let event = json!({ "look": true });
    Box::pin(validate::handle(o.cloud(), event.clone(), o.now)).await.unwrap();
    Box::pin(apply::handle(o.cloud(), event, o.now)).await.unwrap();
}

async fn statuses(o: &Organisation) -> BTreeMap<String, Status> {
    o.uploads().await.into_iter().map(|upload| (upload.file_name, upload.status)).collect()
}

async fn only(o: &Organisation) -> Upload {
    let mut uploads = o.uploads().await;
    assert_eq!(uploads.len(), 1, "{uploads:#?}");
    uploads.remove(0)
}

#[tokio::test]
async fn a_file_of_a_pause_waits_and_is_checked_when_the_pause_is_over() {
    let mut o = Organisation::new(None).await;
    pause_for(&o, &[3]).await;
    o.drop("inbox/partial/night.csv", &[ANN]).await;
    for _ in 0..2 {
        // Events come more than once.
        assert!(o.tell().await);
        look(&o).await;
    }
    let paused = only(&o).await;
    assert_eq!((paused.status, paused.pause.unwrap().name.as_str()), (Status::Paused, "Summer"));
    assert_eq!(o.waiting().await, ["inbox/partial/night.csv"], "the file is where it was");
    o.now += 2 * DAY;
    look(&o).await;
    assert_eq!(only(&o).await.status, Status::Paused, "the last day is one of the pause");
    o.now += DAY;
    look(&o).await;
    o.settle().await;
    let done = only(&o).await;
    let pause = done.pause.unwrap();
    assert_eq!((done.status, pause.ended_at, pause.ended_by), (Status::Completed, Some(o.now), None));
    assert!(o.user("T1").await.is_some());
    o.assert_at_rest().await;
}

#[tokio::test]
async fn a_pause_that_is_changed_or_taken_away_loses_nothing() {
    let mut o = Organisation::new(None).await;
    pause_for(&o, &[2]).await;
    o.drop("inbox/partial/night.csv", &[ANN]).await;
    assert!(o.tell().await);
    pause_for(&o, &[2, 30]).await;
    o.now += 10 * DAY;
    look(&o).await;
    assert_eq!(only(&o).await.status, Status::Paused, "it is longer now");
    pause_for(&o, &[]).await;
    look(&o).await;
    o.settle().await;
    assert_eq!(only(&o).await.status, Status::Completed, "there is none any more");
}

#[tokio::test]
async fn nothing_waits_until_the_bucket_forgets_it() {
    let mut o = Organisation::new(None).await;
    pause_for(&o, &[100]).await;
    o.drop("inbox/partial/night.csv", &[ANN]).await;
    assert!(o.tell().await);
    o.now += 90 * DAY;
    // Somebody moves the pause on, again and again.
    pause_for(&o, &[100]).await;
    o.now += 29 * DAY;
    look(&o).await;
    assert_eq!(only(&o).await.status, Status::Paused);
    o.now += 2 * DAY;
    look(&o).await;
    o.settle().await;
    assert_eq!(only(&o).await.status, Status::Completed, "after 121 days");
}

#[tokio::test]
async fn files_that_waited_are_carried_out_in_the_order_in_which_they_came() {
    let mut o = Organisation::new(None).await;
    pause_for(&o, &[1]).await;
    // The names would have them the other way round.
    o.drop("inbox/partial/z.csv", &[ANN, "Ben,Birch,,,00123,A,Student,,4,Active"]).await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    o.drop("inbox/partial/a.csv", &["Ben,Birch,,,00123,A,Student,,5,Active"]).await;
    assert!(o.tell().await);
    o.now += DAY;
    look(&o).await;
    let expected = [("a.csv".to_owned(), Status::Paused), ("z.csv".to_owned(), Status::Queued)].into();
    assert_eq!(statuses(&o).await, expected, "one at a time: each is compared with what the one before it left");
    for prefix in [keys::APPROVALS, keys::CHUNKS] {
        for object in o.cloud().object_list(prefix).await.unwrap() {
            assert!(o.tell_of(&object.key).await);
        }
    }
    look(&o).await;
    o.settle().await;
    let all: Vec<Status> = o.uploads().await.into_iter().map(|upload| upload.status).collect();
    assert_eq!(all, [Status::Completed, Status::Completed]);
    assert_eq!(o.user("00123").await.unwrap().grade, roster::Grade::G5, "the later one holds");
}

#[tokio::test]
async fn a_file_that_a_newer_one_replaces_during_a_pause_ends_without_a_fuss() {
    let mut o = Organisation::new(None).await;
    pause_for(&o, &[3]).await;
    o.drop("inbox/partial/night.csv", &[ANN]).await;
    assert!(o.tell().await);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    o.now += DAY;
    o.drop("inbox/partial/night.csv", &[BEN, CAT]).await;
    assert!(o.tell().await);
    look(&o).await;
    let uploads = o.uploads().await;
    let (old, new) = (&uploads[0], &uploads[1]);
    assert_eq!((old.status, new.status), (Status::Failed, Status::Paused));
    assert!(old.is_gone_in_pause() && old.failure.as_ref().unwrap().contains("replaced by a newer one"));
    assert_eq!(
        cloud::arrivals::arrival(old).stage,
        roster::watching::WatchedStage::Dropped,
        "nobody is told every night that a file was replaced"
    );
    o.now += 2 * DAY;
    look(&o).await;
    o.settle().await;
    assert_eq!(o.uploads().await[1].status, Status::Completed);
    o.assert_at_rest().await;
}

#[tokio::test]
async fn only_the_table_says_that_a_file_need_not_wait() {
    let o = Organisation::new(None).await;
    pause_for(&o, &[3]).await;
    o.drop("inbox/partial/night.csv", &[ANN]).await;
    assert!(o.tell().await);
    let id = only(&o).await.id;
    // Whoever may write into the inbox may write this.
    for key in [keys::look_at(&id), "inbox/look/nothing".to_owned(), "inbox/look/a/b".to_owned()] {
        o.cloud().object_put(&key, Vec::new()).await.unwrap();
        assert!(o.tell_of(&key).await);
    }
    assert_eq!(only(&o).await.status, Status::Paused);
    assert_eq!(o.waiting().await, ["inbox/partial/night.csv"]);
    o.cloud().upload_end_pause(&id, None, o.now).await.unwrap();
    // The function that was to set it off was stopped: the schedule finds it.
    look(&o).await;
    o.settle().await;
    assert_eq!(only(&o).await.status, Status::Completed);
}

#[tokio::test]
async fn what_a_key_sent_is_known_when_its_link_is_long_forgotten() {
    let mut o = Organisation::new(None).await;
    pause_for(&o, &[30]).await;
    let row = format!("{HEADER}\n{ANN}\n");
    let used = UsedKey { id: KeyId("a".repeat(16)), name: "Night export".to_owned() };
    let id = upload_id(o.now, [3; 10]);
    let ticket = Ticket {
        key: keys::inbox(Mode::Partial, &id, "night.csv"),
        id: id.clone(),
        mode: Mode::Partial,
        by_hand: false,
        scope: Scope::Organisation,
        source: Source::Administrator { guid: o.admin.guid, username: "admin".to_owned(), key: Some(used) },
        of_source: None,
        file_name: "night.csv".to_owned(),
        encoding: None,
        sheet: None,
        checked: None,
        bytes: row.len() as u64,
        sha256: Some(cloud::bucket::digest(row.as_bytes())),
        created_at: o.now,
    };
    o.cloud().ticket_put(&ticket).await.unwrap();
    o.cloud().object_put(&ticket.key, row).await.unwrap();
    assert!(o.tell().await);
    assert_eq!(only(&o).await.status, Status::Paused);
    o.cloud().item_delete(&Key::ticket(&id)).await.unwrap();
    o.now += 10 * DAY;
    look(&o).await;
    assert_eq!(only(&o).await.status, Status::Paused);
    let by = Decider { guid: o.admin.guid, username: "admin".to_owned(), key: None };
    let taken = o.cloud().upload_end_pause(&id, Some(by), o.now).await.unwrap().unwrap();
    o.cloud().upload_look_at(&taken.upload).await.unwrap();
    o.settle().await;
    let done = only(&o).await;
    assert_eq!((done.id, done.status), (id, Status::Completed), "{:?}", done.failure);
    o.assert_at_rest().await;
}
