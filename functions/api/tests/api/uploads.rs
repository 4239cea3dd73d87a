//! Sending a file, and the history.

use std::collections::BTreeMap;

use cloud::bucket::digest;
use cloud::uploads::upload_id;
use roster::{Mode, SchoolId, Scope};
use serde_json::{Value, json};
use wire::{Source, Status, Upload, UploadId};

use crate::system::{Person, System};

/// Returns an upload that is being checked.
pub fn upload(at: u64, scope: Scope) -> Upload {
    Upload {
        id: upload_id(at, (at % 1_000_000).to_be_bytes()[..].repeat(2)[..10].try_into().unwrap()),
        status: Status::InProgress,
        mode: Mode::Full,
        by_hand: false,
        scope,
        source: Source::Bucket { key: "inbox/full/roster.csv".to_owned() },
        of_source: None,
        file_name: "roster.csv".to_owned(),
        encoding: None,
        sheet: None,
        checked: None,
        profile: None,
        bytes: 100,
        sha256: None,
        created_at: at,
        updated_at: at,
        failure: None,
        counts: None,
        class_counts: None,
        parts: Vec::new(),
        findings: BTreeMap::new(),
        holds: Vec::new(),
        digest: None,
        compared_after: None,
        decision: None,
        progress: None,
        left_alone: 0,
        done: None,
        class_done: None,
        files_deleted_at: None,
        redacted_at: None,
        marks: Vec::new(),
        pause: None,
        files: Vec::new(),
    }
}

async fn put(ticket: &Value, bytes: Vec<u8>) -> u16 {
    let mut request = reqwest::Client::new().put(ticket["url"].as_str().unwrap()).body(bytes);
    for header in ticket["headers"].as_array().unwrap() {
        request = request.header(header[0].as_str().unwrap(), header[1].as_str().unwrap());
    }
    request.send().await.unwrap().status().as_u16()
}

/// Returns a request to send five bytes, `12345`, or, wrongly, another number of bytes.
fn new_upload(file_name: &str, bytes: u64) -> Value {
    json!({ "mode": "partial", "file_name": file_name, "bytes": bytes, "sha256": digest(b"12345") })
}

#[tokio::test]
async fn a_file_is_sent_through_a_link_and_queued_until_it_is_looked_at() {
    let system = System::start().await;
    let nora = system.nora().await;
    let ticket = nora.post("/api/uploads", new_upload("Über uns.csv", 5)).await.ok();
    let id = ticket["id"].as_str().unwrap();
    let names: Vec<&str> = ticket["headers"].as_array().unwrap().iter().map(|h| h[0].as_str().unwrap()).collect();
    assert_eq!(names, ["content-type", "x-amz-checksum-sha256", "if-none-match"], "a page may set no other");
    assert_eq!(put(&ticket, b"12345".to_vec()).await, 200);
    assert_eq!(put(&ticket, b"12345".to_vec()).await, 412, "what is there is not replaced while it is being checked");
    let key = format!("inbox/partial/{id}/_ber_uns.csv");
    assert_eq!(system.cloud.object_get(&key).await.unwrap().unwrap(), &b"12345"[..]);

    let detail = nora.get(&format!("/api/uploads/{id}")).await.ok();
    let upload = &detail["upload"];
    assert_eq!((&upload["status"], &upload["file_name"]), (&json!("queued"), &json!("Über uns.csv")));
    assert_eq!(upload["scope"], json!({ "school": system.north.id }));
    assert_eq!(upload["source"]["administrator"]["username"], "nora");
    assert_eq!(detail["may_decide"], false);
    let ticket = system.cloud.ticket_get(&UploadId(id.to_owned())).await.unwrap().unwrap();
    assert_eq!((ticket.key, ticket.scope), (key, Scope::School(system.north.id.clone())));
    assert_eq!(ticket.sha256, Some(digest(b"12345")));
}

#[tokio::test]
async fn an_upload_is_for_the_schools_that_are_chosen() {
    let system = System::start().await;
    let (north, south) = (system.north.id.clone(), system.south.id.clone());
    let asked = |schools: &[&SchoolId]| {
        let mut new = new_upload("roster.csv", 5);
        new["schools"] = json!(schools);
        new
    };
    let scope = async |ticket: Value| {
        let id = UploadId(ticket["id"].as_str().unwrap().to_owned());
        system.cloud.ticket_get(&id).await.unwrap().unwrap().scope
    };
    let (dora, nora) = (system.dora().await, system.nora().await);
    let for_both = dora.post("/api/uploads", asked(&[&south, &north])).await.ok();
    assert_eq!(scope(for_both).await, Scope::Schools([north.clone(), south.clone()].into()));
    let for_one = dora.post("/api/uploads", asked(&[&south])).await.ok();
    assert_eq!(scope(for_one).await, Scope::School(south.clone()));
    let for_own = nora.post("/api/uploads", asked(&[&north])).await.ok();
    assert_eq!(scope(for_own).await, Scope::School(north.clone()));
    assert_eq!(nora.post("/api/uploads", asked(&[&north, &south])).await.said(), (403, "other_school"));
    let unknown = SchoolId("nowhere".to_owned());
    assert_eq!(dora.post("/api/uploads", asked(&[&unknown])).await.said(), (404, "not_found"));
}

#[tokio::test]
async fn only_as_many_bytes_as_were_named_can_be_sent() {
    let system = System::start().await;
    let ticket = system.dora().await.post("/api/uploads", new_upload("roster.csv", 5)).await.ok();
    for bytes in [b"123456".to_vec(), b"1234".to_vec(), vec![b'x'; 1_000_000]] {
        assert_eq!(put(&ticket, bytes).await, 403);
    }
    assert!(system.cloud.object_list("inbox/").await.unwrap().is_empty());
}

#[tokio::test]
async fn only_the_file_that_was_named_can_be_sent() {
    let system = System::start().await;
    let ticket = system.dora().await.post("/api/uploads", new_upload("roster.csv", 5)).await.ok();
    assert_eq!(put(&ticket, b"12346".to_vec()).await, 400);
    let mut unsigned = ticket.clone();
    unsigned["headers"].as_array_mut().unwrap().retain(|header| header[0] != "x-amz-checksum-sha256");
    assert_eq!(put(&unsigned, b"12346".to_vec()).await, 403);
}

#[tokio::test]
async fn what_can_be_no_roster_gets_no_link() {
    let system = System::start().await;
    let dora = system.dora().await;
    let answer = dora.post("/api/uploads", new_upload("roster.csv", 0)).await;
    assert_eq!(answer.said(), (422, "file_empty"));
    let limit = 256 * 1024 * 1024;
    let answer = dora.post("/api/uploads", new_upload("roster.csv", limit + 1)).await;
    assert_eq!(answer.said(), (422, "file_too_large"));
    for sha256 in ["", "5", &"5".repeat(63), &"5".repeat(65), &"A".repeat(64), &"g".repeat(64)] {
        let new = json!({ "mode": "partial", "file_name": "roster.csv", "bytes": 5, "sha256": sha256 });
        assert_eq!(dora.post("/api/uploads", new).await.said(), (422, "invalid"), "{sha256}");
    }
    for (chars, status) in [(255, 200), (256, 422)] {
        let mut new = new_upload("roster.xlsx", 5);
        new["sheet"] = json!("x".repeat(chars));
        assert_eq!(dora.post("/api/uploads", new).await.status, status, "another sheet is never read instead");
    }
    let without = json!({ "mode": "partial", "file_name": "roster.csv", "bytes": 5 });
    assert_eq!(dora.post("/api/uploads", without).await.said(), (400, "unreadable"));
    dora.post("/api/uploads", new_upload("roster.csv", limit)).await.ok();
}

/// Returns every upload that a person sees, and how many pages that took.
async fn history(person: &Person<'_>) -> (Vec<String>, usize) {
    let (mut ids, mut pages, mut cursor) = (Vec::new(), 0, None::<String>);
    loop {
        let query = cursor.map(|cursor| format!("?cursor={cursor}")).unwrap_or_default();
        let page = person.get(&format!("/api/uploads{query}")).await.ok();
        ids.extend(page["items"].as_array().unwrap().iter().map(|u| u["id"].as_str().unwrap().to_owned()));
        pages += 1;
        cursor = page["cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            return (ids, pages);
        }
    }
}

#[tokio::test]
async fn the_history_is_newest_first_and_each_sees_their_own() {
    let system = System::start().await;
    let scope_of = |n: u64| match n % 10 {
        0 => Scope::School(system.north.id.clone()),
        1 => Scope::School(SchoolId("elsewhere".to_owned())),
        _ => Scope::Organisation,
    };
    let uploads: Vec<Upload> = (0..120).map(|n| upload(1_700_000_000_000 + n * 1000, scope_of(n))).collect();
    for upload in &uploads {
        system.cloud.upload_enter(upload).await.unwrap();
    }
    let newest_first = |mut ids: Vec<String>| {
        ids.reverse();
        ids
    };
    let all = newest_first(uploads.iter().map(|upload| upload.id.0.clone()).collect());
    let (seen, pages) = history(&system.dora().await).await;
    assert_eq!(seen, all);
    assert!(pages >= 3, "{pages}");
    let norths = uploads.iter().filter(|upload| upload.scope == scope_of(0)).map(|upload| upload.id.0.clone());
    assert_eq!(history(&system.nora().await).await.0, newest_first(norths.collect()));
}

#[tokio::test]
async fn an_upload_keeps_by_which_mapping_it_was_checked_before_it_was_sent() {
    let system = System::start().await;
    let nora = system.nora().await;
    let with = |profile: Value| {
        let mut new = new_upload("roster.csv", 5);
        new["checked"] = json!({ "profile": profile });
        new
    };
    let used = json!({ "name": "PowerSchool", "version": 3, "digest": digest(b"3") });
    let ticket = nora.post("/api/uploads", with(used.clone())).await.ok();
    let upload = nora.get(&format!("/api/uploads/{}", ticket["id"].as_str().unwrap())).await.ok()["upload"].clone();
    assert_eq!(upload["checked"]["profile"], used);
    let long = json!({ "name": "x".repeat(256), "version": 3, "digest": digest(b"3") });
    let no_digest = json!({ "name": "PowerSchool", "version": 3, "digest": "3" });
    for wrong in [long, no_digest] {
        assert_eq!(nora.post("/api/uploads", with(wrong)).await.said(), (422, "invalid"));
    }
}
