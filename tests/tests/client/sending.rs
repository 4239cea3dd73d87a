//! Commands of the program, one after another.

use std::fs;

use reqwest::Method;
use roster::KeyUse;
use tests::town::{Admin, Town};
use wire::http::{MadeKey, NewKey, Page};
use wire::stored::KeyDecisions;
use wire::{Source, Status, Upload};

use crate::machine::{Machine, new_key};

/// Returns a roster with one new student of the school 10001.
pub fn roster(custom_id: &str) -> String {
    let headers =
        "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,position,grade,status";
    format!("{headers}\r\nNia,Klein,,,{custom_id},10001,Student,,9,Active\r\n")
}

async fn uploads(head: &Admin) -> Vec<Upload> {
    let page: Page<Upload> = head.get("uploads").await;
    page.items
}

#[tokio::test]
async fn a_file_is_checked_sent_approved_and_fetched() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let machine = Machine::set_up(&head, &town.system.address(), KeyDecisions::Approve).await;
    machine.write("good.csv", &roster("S1"));
    machine.write("bad.csv", &roster("S2").replace("10001", "10009"));
    machine.write("none.csv", "colour\nred\n");

    let checked = machine.run(&["check", "--mode", "full", "good.csv", "bad.csv"]).await;
    assert_eq!(checked.exit, 1, "{checked:?}");
    assert!(checked.said.contains("bad.csv: 1 row, 1 rejected") && checked.said.contains("row 2:"), "{checked:?}");
    assert_eq!(machine.run(&["check", "good.csv"]).await.exit, 2, "the key is for two kinds of sync");
    let unsent = machine.run(&["send", "--mode", "full", "none.csv"]).await;
    assert_eq!(unsent.exit, 1, "{unsent:?}");
    let strict = machine.run(&["send", "--mode", "full", "--strict", "bad.csv"]).await;
    assert!(strict.exit == 1 && strict.said.contains("bad.csv: not sent: ") && strict.said.contains("--strict"));
    assert!(unsent.said.contains("none.csv: not sent: it can't be processed"), "{unsent:?}");
    assert!(uploads(&head).await.is_empty(), "nothing leaves before it is checked");

    let sent = machine.run(&["send", "--mode", "full", "--wait", "--json", "gone.csv", "good.csv"]).await;
    assert!(sent.exit == 5 && sent.trouble.contains("gone.csv"), "one is missing, and the other is sent: {sent:?}");
    let id = sent.values()[1]["upload"].as_str().unwrap().to_owned();
    assert_eq!(sent.values()[2]["status"], "awaiting_approval", "{sent:?}");
    let again = machine.run(&["send", "--mode", "full", "good.csv"]).await;
    assert!(again.exit == 0 && again.said.contains("were sent before") && again.said.contains(&id), "{again:?}");

    let plan = machine.run(&["plan", &id, "--json"]).await;
    let digest = plan.values()[0]["upload"]["digest"].as_str().unwrap().to_owned();
    let wrong = machine.run(&["approve", &id, "--digest", &digest, "--removals", "7"]).await;
    assert!(wrong.exit == 3 && wrong.trouble.contains("removes"), "{wrong:?}");
    let approved = machine.run(&["approve", &id, "--digest", &digest, "--removals", "0"]).await;
    assert_eq!(approved.exit, 0, "{approved:?}");
    let ended = head.wait_for_end(&wire::UploadId(id.clone())).await;
    assert_eq!(ended.status, Status::Completed, "{ended:#?}");
    let by = ended.decision.unwrap().by.unwrap();
    assert_eq!(by.key.map(|key| key.name).as_deref(), Some("Night export"));
    assert!(matches!(&ended.source, Source::Administrator { key: Some(key), .. } if key.id == machine.key.row.key.id));
    assert_eq!(machine.run(&["status", &id]).await.exit, 0);

    let fetched = machine.run(&["download", &id, "--to", "files"]).await;
    assert_eq!(fetched.exit, 0, "{fetched:?}");
    let completed = fs::read_to_string(machine.path(&format!("files/{id}-completed.csv"))).unwrap();
    assert!(completed.contains("S1"), "{completed}");
    assert_eq!(uploads(&head).await.len(), 1);
}

#[tokio::test]
async fn a_folder_is_watched_and_what_is_wrong_stays_with_the_reason() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let machine = Machine::set_up(&head, &town.system.address(), KeyDecisions::None).await;
    let headers = format!("{},password", roster("S1").lines().next().unwrap());
    let secret = "PLANTED-9c1f-word";
    machine.write("full/night.csv", &format!("{headers}\r\nNia,Klein,,,S1,10001,Student,,9,Active,{secret}\r\n"));
    machine.write("full/broken.csv", "colour\nred\n");
    machine.write("full/growing.csv.part", "first_name");
    let ran = machine.run(&["run", "--once", "--json"]).await;
    assert_eq!(ran.exit, 1, "{ran:?}");
    let events: Vec<_> = ran.values().iter().map(|value| (value["event"].clone(), value["file"].clone())).collect();
    let last = ("awaits_approval".into(), serde_json::Value::Null);
    assert_eq!(events, [("kept".into(), "broken.csv".into()), ("sent".into(), "night.csv".into()), last]);
    let why = fs::read_to_string(machine.path("full/not-sent/broken.csv.why.txt")).unwrap();
    assert!(why.contains("can't be processed") && why.contains("first_name"), "{why}");
    assert!(why.contains("another system's export") && why.contains("keeps the\n  mapping"), "{why}");
    assert!(machine.path("full/done/night.csv").exists() && machine.path("full/growing.csv.part").exists());
    let kept = machine.state();
    for word in [secret, "Klein", "night.csv", machine.key.secret.as_str()] {
        assert!(!kept.contains(word) && !ran.said.contains("Klein") && !ran.said.contains(secret), "{word} is kept");
    }
    town.system.settled().await;
    assert_eq!(uploads(&head).await.len(), 1);
    machine.write("full/night-again.csv", &format!("{headers}\r\nNia,Klein,,,S1,10001,Student,,9,Active,{secret}\r\n"));
    let again = machine.run(&["run", "--once", "--json"]).await;
    let events: Vec<_> = again.values().iter().map(|value| value["event"].clone()).collect();
    assert_eq!(events, ["still_awaits_approval", "was_there"], "{again:?}");
    town.system.settled().await;
    assert_eq!(uploads(&head).await.len(), 1);
}

#[tokio::test]
async fn what_stands_in_the_way_is_said_with_what_to_do() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let address = town.system.address();
    let machine = Machine::set_up(&head, &address, KeyDecisions::None).await;
    machine.write("good.csv", &roster("S1"));
    assert_eq!(machine.run(&["check", "--offline", "--mode", "full", "good.csv"]).await.exit, 2, "never fetched");
    assert_eq!(machine.run(&["check", "--mode", "full", "good.csv"]).await.exit, 0);

    machine.ask_at("http://127.0.0.1:9");
    let offline = machine.run(&["check", "--mode", "full", "good.csv"]).await;
    assert!(offline.exit == 0 && offline.trouble.contains("fetched last"), "{offline:?}");
    assert_eq!(machine.run(&["check", "--offline", "--mode", "full", "good.csv"]).await.exit, 0);
    let unreachable = machine.run(&["send", "--mode", "full", "good.csv", "--json"]).await;
    let trouble: serde_json::Value = serde_json::from_str(&unreachable.trouble).unwrap();
    assert_eq!((unreachable.exit, &trouble["code"]), (3, &"unreachable".into()));
    machine.ask_at(&address);

    head.change_settings(|settings| settings.api_keys = KeyUse::Off).await;
    let off = machine.run(&["send", "--mode", "full", "good.csv"]).await;
    assert!(off.exit == 3 && off.trouble.contains("switched off"), "{off:?}");
    head.change_settings(|settings| settings.api_keys = KeyUse::On).await;
    let path = format!("keys/{}/end", machine.key.row.key.id);
    head.ask::<wire::http::KeyRow>(Method::POST, &path, &serde_json::json!({})).await;
    let ended = machine.run(&["send", "--mode", "full", "good.csv"]).await;
    assert!(ended.exit == 2 && ended.trouble.contains("was ended"), "{ended:?}");
    assert!(uploads(&head).await.is_empty());

    assert_eq!(machine.run(&["send"]).await.exit, 2, "clap's own code for a wrong command is the same");
    assert_eq!(machine.run(&["send", "--mode", "full", "nowhere.csv"]).await.exit, 2, "the key comes first");
    let unit = machine.run(&["init", "--systemd"]).await;
    assert!(unit.exit == 0 && unit.said.contains("[Service]"));
    assert_eq!(machine.run(&["init"]).await.exit, 2, "a configuration is not overwritten");

    let school = Some(town.school("10001").await.id);
    let new = NewKey { name: "High".to_owned(), school, ..new_key(KeyDecisions::None) };
    let of_school: MadeKey = head.ask(Method::POST, "keys", &new).await;
    machine.write("key", &of_school.secret);
    let other = machine.run(&["send", "--mode", "full", "--school", "10002", "good.csv"]).await;
    assert!(other.exit == 2 && other.trouble.contains("is not for the school \"10002\""), "{other:?}");
    assert_eq!(other.said, "", "it is refused before the file is checked");
}
