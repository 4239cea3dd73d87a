//! A password that arrives in a file is gone from everything stored once the file was checked.

use std::fs;
use std::path::Path;

use roster::Mode;
use tests::town::Town;
use wire::FileKind;

const MARK: &str = "PLANTED-9c1f";

#[tokio::test]
async fn a_password_from_a_file_is_stored_nowhere() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let headers = format!("{},password,temporary_password", super::HEADERS);
    let rows = [
        format!("Ada,One,,one@town.example,A1,10000,Administrator,,,Active,{MARK}-a,{MARK}-b"),
        format!("Nia,Bad,,,N2,10001,Student,,13,Active,{MARK}-c,{MARK}-d"),
        format!("Nia,Long,,,N3,10001,Student,,9,Active,{MARK}-e,{MARK}-f,{MARK}-g"),
        format!("Nia,Short,,,N4,10001,Student,,9,Active,{MARK}-h"),
        format!("Nia,Cut,,,N5,10001,Student,,9,Active,\"{MARK}-i"),
    ];
    let roster = format!("{headers}\r\n{}", rows.join("\r\n"));
    let id = head.upload(Mode::Partial, "secret.csv", roster).await;
    let planned = head.wait_for_plan(&id).await;
    town.system.settled().await;
    assert_found_nowhere(&town).await;

    head.approve(&planned).await;
    let ended = head.wait_for_end(&id).await;
    assert_eq!(ended.counts.unwrap().created, 1, "{ended:#?}");
    town.system.settled().await;
    assert_found_nowhere(&town).await;
    for kind in [FileKind::Uploaded, FileKind::Plan, FileKind::Completed, FileKind::Errors] {
        assert!(!holds_mark(&head.file(&id, kind).await), "{kind:?}");
    }
    town.sign_in("A1", &format!("{MARK}-a")).await;
}

#[tokio::test]
async fn a_password_in_a_file_that_fails_is_stored_nowhere() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let header = super::HEADERS.replace("first_name", "frist_name");
    let row = format!("Ada,One,,one@town.example,A1,10000,Administrator,,,Active,{MARK}-a");
    let id = head.upload(Mode::Partial, "secret.csv", format!("{header},password\n{row}\n")).await;
    head.wait_for_end(&id).await;
    town.system.settled().await;
    assert_found_nowhere(&town).await;
}

/// Looks through every object, every item and every line of the logs.
async fn assert_found_nowhere(town: &Town) {
    let objects = town.cloud.list_objects("").await.unwrap();
    assert!(!objects.is_empty());
    for object in objects {
        let bytes = town.cloud.get_needed_object(&object.key).await.unwrap();
        assert!(!holds_mark(&bytes) && !object.key.contains(MARK), "the object {}", object.key);
    }
    let mut items = town.cloud.dynamo.scan().table_name(&town.cloud.table).into_paginator().items().send();
    let mut seen = 0;
    while let Some(item) = items.next().await {
        let item = format!("{:?}", item.unwrap());
        assert!(!item.contains(MARK), "an item: {item}");
        seen += 1;
    }
    assert!(seen > 0);
    let logs = files_below(&town.system.folder().join("logs"));
    assert!(!logs.is_empty(), "the functions log");
    for log in logs {
        assert!(!holds_mark(&fs::read(&log).unwrap()), "the log {}", log.display());
    }
}

fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

fn holds_mark(bytes: &[u8]) -> bool {
    bytes.windows(MARK.len()).any(|window| window == MARK.as_bytes())
}
