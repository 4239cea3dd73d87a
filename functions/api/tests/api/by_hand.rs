//! One person, edited by hand: what the API takes for it.

use cloud::bucket::digest;
use roster::Scope;
use serde_json::{Value, json};
use wire::UploadId;

use crate::system::System;

fn edit(mode: &str, bytes: u64) -> Value {
    json!({ "mode": mode, "file_name": "by-hand-7.csv", "bytes": bytes, "sha256": digest(b"12345"), "by_hand": true })
}

#[tokio::test]
async fn an_edit_by_hand_is_one_and_no_larger_than_a_row() {
    let system = System::start().await;
    let nora = system.nora().await;
    for (mode, bytes) in [("full", 5), ("students", 5), ("staff", 5), ("partial", 64 * 1024 + 1)] {
        assert_eq!(nora.post("/api/uploads", edit(mode, bytes)).await.said(), (422, "invalid"), "{mode} {bytes}");
    }
    let ticket = nora.post("/api/uploads", edit("partial", 64 * 1024)).await.ok();
    let id = UploadId(ticket["id"].as_str().unwrap().to_owned());
    let kept = system.cloud.ticket_get(&id).await.unwrap().unwrap();
    assert!(kept.by_hand);
    assert_eq!(kept.scope, Scope::School(system.north.id.clone()), "of the own school alone");
    let detail = nora.get(&format!("/api/uploads/{id}")).await.ok();
    assert_eq!(detail["upload"]["by_hand"], true);
}

#[tokio::test]
async fn a_file_is_by_hand_only_where_somebody_says_so() {
    let system = System::start().await;
    let mut file = edit("partial", 5);
    file.as_object_mut().unwrap().remove("by_hand");
    let ticket = system.dora().await.post("/api/uploads", file).await.ok();
    let id = UploadId(ticket["id"].as_str().unwrap().to_owned());
    assert!(!system.cloud.ticket_get(&id).await.unwrap().unwrap().by_hand);
}
