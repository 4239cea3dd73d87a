//! The program is killed in the middle of sending, and started again: there is one upload.

use std::time::Duration;

use reqwest::Method;
use tests::town::Town;
use wire::Upload;
use wire::http::{Page, Reject};
use wire::stored::KeyDecisions;

use crate::forwarder::{Forwarder, Moment};
use crate::machine::Machine;
use crate::sending::roster;

async fn killed_at(moment: Moment) {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let address = town.system.address();
    let forwarder = Forwarder::start(&address, moment).await;
    let machine = Machine::set_up(&head, &forwarder.address, KeyDecisions::None).await;
    machine.write("full/night.csv", &roster("S1"));
    let mut running = machine.begin(&["run"]);
    let reached = tokio::time::timeout(Duration::from_secs(60), forwarder.reached());
    reached.await.expect("the program sends the file");
    running.kill().await.unwrap();
    assert!(machine.path("full/night.csv").exists(), "it is not moved before it has arrived for sure");

    let again = machine.run(&["run", "--once"]).await;
    assert_eq!(again.exit, 4, "{moment:?}: its plan waits for approval: {again:?}");
    assert!(machine.path("full/done/night.csv").exists() && !machine.path("full/night.csv").exists());
    let third = machine.run(&["run", "--once", "--json"]).await;
    let said = third.values();
    assert_eq!((third.exit, said.len(), &said[0]["event"]), (4, 1, &"still_awaits_approval".into()), "{third:?}");
    town.system.settled().await;
    let uploads: Page<Upload> = head.get("uploads").await;
    assert_eq!(uploads.items.len(), 1, "{moment:?}: {uploads:#?}");
    let upload = head.wait_for_plan(&uploads.items[0].id).await;
    assert_eq!(upload.counts.unwrap().created, 1, "the whole file arrived");
    let digest = upload.digest.clone().unwrap();
    let reject = Reject { digest, reason: "Not tonight".to_owned() };
    head.ask::<Upload>(Method::POST, &format!("uploads/{}/reject", upload.id), &reject).await;
    let fourth = machine.run(&["run", "--once", "--json"]).await;
    let said = fourth.values();
    assert_eq!((fourth.exit, &said[0]["event"], &said[0]["status"]), (1, &"over".into(), &"rejected".into()));
    let fifth = machine.run(&["run", "--once"]).await;
    assert_eq!((fifth.exit, fifth.said.as_str()), (0, ""), "nothing is left to do");
}

#[tokio::test]
async fn before_it_hears_of_the_link() {
    killed_at(Moment::LinkGiven).await;
}

#[tokio::test]
async fn before_the_file_is_sent() {
    killed_at(Moment::BeforeFile).await;
}

#[tokio::test]
async fn before_it_hears_that_the_file_arrived() {
    killed_at(Moment::FileArrived).await;
}
