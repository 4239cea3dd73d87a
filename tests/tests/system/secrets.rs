//! A password that arrives in a file is gone from everything stored once the file was checked, a temporary one can be
//! read in one place for a while, and one that somebody chose nowhere ever.

use reqwest::Method;
use roster::Mode;
use roster::accounts::NewPasswords;
use roster::slips::{Slip, slips};
use tests::town::{Admin, Town};
use wire::FileKind;
use wire::http::{DefaultPassword, Link, Me, OwnPassword, ResetRow};

const MARK: &str = "PLANTED-9c1f";

#[tokio::test]
async fn a_password_from_a_file_is_stored_nowhere() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let headers = format!("{},password,temporary_password", super::HEADERS);
    let rows = [
        format!("Ada,One,,one@town.example,A1,10000,Administrator,,,Active,{MARK}-a,{MARK}-b"),
        format!("Nia,Bad,,,N2,10001,Student,,99,Active,{MARK}-c,{MARK}-d"),
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
    let header = super::HEADERS.replace("first_name", "favourite_colour");
    let row = format!("Ada,One,,one@town.example,A1,10000,Administrator,,,Active,{MARK}-a");
    let id = head.upload(Mode::Partial, "secret.csv", format!("{header},password\n{row}\n")).await;
    head.wait_for_end(&id).await;
    town.system.settled().await;
    assert_found_nowhere(&town).await;
}

/// Signs in with a temporary password and sets an own one.
async fn set_own(town: &Town, username: &str, temporary: &str, own: &str) {
    let user = town.sign_in(username, temporary).await;
    let me: Me = user.get("session").await;
    assert!(me.must_set_password);
    let asked = OwnPassword { current: None, new: own.to_owned() };
    let me: Me = user.ask(Method::PUT, "session/password", &asked).await;
    assert!(!me.must_set_password);
}

fn slips_of(file: &[u8]) -> Vec<Slip> {
    slips(file).unwrap().into_iter().flat_map(|sheet| sheet.slips).collect()
}

async fn change_passwords(head: &Admin, source: NewPasswords, readable_days: u32) {
    head.change_settings(|settings| {
        settings.accounts.passwords.source = source;
        settings.accounts.passwords.readable_days = readable_days;
    })
    .await;
}

#[tokio::test]
async fn passwords_can_be_read_in_one_place_and_for_a_while_only() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let default = format!("{MARK} default");
    let asked = DefaultPassword { password: default.clone() };
    let answer = head.send(Method::PUT, "settings/default-password", &asked).await;
    assert_eq!(answer.status(), reqwest::StatusCode::NO_CONTENT);
    change_passwords(&head, NewPasswords::Default, 14).await;
    town.sync(&head, Mode::Partial, super::roster(&["Nia,Default,,,D1,10001,Student,,9,Active"])).await;
    set_own(&town, "D1", &default, &format!("{MARK} own one")).await;

    change_passwords(&head, NewPasswords::File, 14).await;
    let rows = [
        format!("Nia,Paper,,,F1,10001,Student,,9,Active,{MARK}-file"),
        "Nia,Words,,,W1,10001,Student,,K,Active,".to_owned(),
        "Nia,Characters,,,C1,10001,Student,,9,Active,".to_owned(),
    ];
    let roster = format!("{},password\n{}\n", super::HEADERS, rows.join("\n"));
    let upload = town.sync(&head, Mode::Partial, roster).await;
    let given = slips_of(&head.file(&upload.id, FileKind::Completed).await);
    assert_eq!(given.iter().map(|slip| slip.username.as_str()).collect::<Vec<_>>(), ["W1", "C1"]);
    for slip in &given {
        set_own(&town, &slip.username, &slip.temporary_password, &format!("{MARK} own two")).await;
    }
    let guid = town.user("F1").await.guid;
    let row: ResetRow = head.ask(Method::POST, &format!("users/{guid}/reset-password"), &serde_json::json!({})).await;
    let file = format!("passwords/resets/{}/file", row.reset.id);
    let link: Link = head.get(&file).await;
    let reset = slips_of(&head.fetch(&link.url).await);
    town.sign_in("F1", &reset[0].temporary_password).await;

    let temporary = given.iter().chain(&reset).map(|slip| slip.temporary_password.as_str());
    let secrets: Vec<&str> = [MARK].into_iter().chain(temporary).collect();
    town.system.settled().await;
    assert_found_only_below(&town, &secrets, Some("credentials/")).await;
    for kind in [FileKind::Uploaded, FileKind::Plan, FileKind::Completed] {
        assert!(!holds(&head.file(&upload.id, kind).await, MARK), "{kind:?}");
    }

    change_passwords(&head, NewPasswords::File, 0).await;
    let without = head.file(&upload.id, FileKind::Completed).await;
    assert!(secrets.iter().all(|secret| !holds(&without, secret)), "refused at once");
    assert_eq!(head.refused_get(&file).await, (410, "passwords_gone".into()));
    town.system.look();
    town.system.settled().await;
    assert_eq!(town.cloud.object_list("credentials/").await.unwrap(), []);
    assert_found_only_below(&town, &secrets, None).await;
}

/// Looks through every object, every item and every line of the logs.
async fn assert_found_nowhere(town: &Town) {
    assert_found_only_below(town, &[MARK], None).await;
}

/// The same, but objects below `allowed` may hold temporary passwords, and nothing that anybody typed.
async fn assert_found_only_below(town: &Town, secrets: &[&str], allowed: Option<&str>) {
    let objects = town.cloud.object_list("").await.unwrap();
    assert!(!objects.is_empty());
    for object in objects {
        let bytes = town.cloud.object_get_needed(&object.key).await.unwrap();
        let may = |secret: &str| secret != MARK && allowed.is_some_and(|prefix| object.key.starts_with(prefix));
        let found = secrets.iter().any(|secret| !may(secret) && (holds(&bytes, secret) || object.key.contains(secret)));
        assert!(!found, "the object {}", object.key);
    }
    let mut items = town.cloud.dynamo.scan().table_name(&town.cloud.table).into_paginator().items().send();
    let mut seen = 0;
    while let Some(item) = items.next().await {
        let item = format!("{:?}", item.unwrap());
        assert!(secrets.iter().all(|secret| !item.contains(secret)), "an item: {item}");
        seen += 1;
    }
    assert!(seen > 0);
    let logs = town.system.logs();
    assert!(!logs.is_empty(), "the functions log");
    for log in logs {
        assert!(secrets.iter().all(|secret| !log.contains(secret)), "a log");
    }
}

fn holds_mark(bytes: &[u8]) -> bool {
    holds(bytes, MARK)
}

fn holds(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
}
