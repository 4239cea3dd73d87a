//! A nightly job that nobody watches: what people and programs are told, by a mail server and a receiver of this test.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::routing::post;
use axum::{Router, extract::State};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cloud::table::{Key, n, s};
use hmac::{Hmac, KeyInit, Mac};
use local::Options;
use roster::durations::HOUR;
use roster::watching::{Mark, NoticeKind};
use roster::{Mode, SourceSchedule, WatchPause, Weekday};
use serde_json::{Value, json};
use sha2::Sha256;
use tests::tested_system::TestedSystem;
use tests::town::{Admin, Town};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use wire::Status;
use wire::http::{MadeWebhook, OwnNotices, WatchState, Webhooks};

use super::students;

/// The e-mails that a server took, as they were sent.
type Mails = Arc<Mutex<Vec<String>>>;

/// Starts a mail server that takes everything.
async fn mail_server() -> (SocketAddr, Mails) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, mails) = (listener.local_addr().unwrap(), Mails::default());
    let taken = mails.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(talk_smtp(stream, taken.clone()));
        }
    });
    (address, mails)
}

async fn talk_smtp(stream: TcpStream, mails: Mails) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 test ESMTP\r\n").await.unwrap();
    let mut data: Option<String> = None;
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = match &mut data {
            Some(text) if line == "." => {
                mails.lock().unwrap().push(std::mem::take(text));
                data = None;
                "250 taken\r\n"
            }
            Some(text) => {
                text.push_str(&line);
                text.push('\n');
                continue;
            }
            None if line.starts_with("DATA") => {
                data = Some(String::new());
                "354 go on\r\n"
            }
            None if line.starts_with("QUIT") => "221 bye\r\n",
            None => "250 fine\r\n",
        };
        write.write_all(answer.as_bytes()).await.unwrap();
    }
}

/// What a receiver was sent: the headers of the standard, and the body.
#[derive(Clone)]
struct Received {
    headers: BTreeMap<String, String>,
    body: String,
}

#[derive(Clone, Default)]
struct Receiver {
    received: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    /// Starts a receiver that refuses the first request.
    async fn start() -> (String, Receiver) {
        let receiver = Receiver::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/hook", listener.local_addr().unwrap());
        let router = Router::new().route("/hook", post(receive)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (address, receiver)
    }

    fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let mut received = receiver.received.lock().unwrap();
    received.push(Received { headers, body: String::from_utf8(body.to_vec()).unwrap() });
    if received.len() == 1 { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::NO_CONTENT }
}

impl Received {
    fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    /// Checks the signature, as a receiver does that has the secret.
    fn is_signed_with(&self, secret: &str) -> bool {
        let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{}.{}.{}", self.id(), self.headers["webhook-timestamp"], self.body).as_bytes());
        let expected = format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()));
        self.headers["webhook-signature"] == expected
    }
}

/// Expects a roster of no source by three minutes ago, every day, since an hour ago.
async fn expect_a_roster(town: &Town, head: &Admin) {
    let now = runtime::now();
    let minutes = (now / 60_000 - 3) % (24 * 60);
    let by = format!("{:02}:{:02}", minutes / 60, minutes % 60).parse().unwrap();
    let days = Weekday::ALL.into_iter().collect();
    head.change_settings(|settings| {
        settings.watch.enabled = true;
        settings.watch.schedules = vec![SourceSchedule { source: None, days, by, within_hours: 1 }];
    })
    .await;
    watch_since(town, now - HOUR).await;
}

/// Has watching have begun then.
async fn watch_since(town: &Town, since: u64) {
    let item = [("since".to_owned(), n(since)), ("held_until".to_owned(), n(0)), ("run".to_owned(), s(""))];
    town.cloud.item_put(&Key::watch_run(), item.into()).await.unwrap();
}

async fn look(town: &Town) {
    town.system.look();
    town.system.settled().await;
}

/// Lets the time come at which what failed is tried again.
async fn try_again_now(town: &Town) {
    for mut delivery in town.cloud.delivery_list().await.unwrap() {
        delivery.next_at = 0;
        town.cloud.delivery_save(&delivery).await.unwrap();
    }
}

async fn hear(admin: &Admin, kinds: &[NoticeKind]) {
    let choice = json!({ "kinds": kinds });
    let own: OwnNotices = admin.ask(Method::PUT, "session/notices", &choice).await;
    assert_eq!(own.choice.kinds, kinds.iter().copied().collect::<BTreeSet<_>>());
    assert!(own.email_is_sent && own.address.ends_with("@town.example"));
}

#[tokio::test]
async fn a_roster_that_does_not_come_is_told_once_in_a_file() {
    let town = Town::build_on(Options::temporary()).await;
    let head = town.administrator("head", "10000").await;
    hear(&head, &[NoticeKind::Late]).await;
    look(&town).await;
    let TestedSystem::Embedded(system) = &town.system else { panic!("it is on this machine") };
    let folder = system.folder().join(local::MAIL_FOLDER);
    assert!(!folder.exists(), "nothing is watched");
    expect_a_roster(&town, &head).await;
    let state: WatchState = head.get("watching").await;
    assert_eq!((state.late.len(), state.pause), (1, None));
    for _ in 0..3 {
        look(&town).await;
    }
    let files: Vec<_> = std::fs::read_dir(&folder).expect("the folder").map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let mail = std::fs::read_to_string(&files[0]).unwrap();
    assert!(mail.contains("Subject: Rollbook: No roster came in time"), "{mail}");
    assert!(mail.contains("To: head@town.example") && mail.contains("/uploads"), "{mail}");
    town.drop_file("inbox/partial/nightly.csv", students(2, "10001", "9")).await;
    town.system.settled().await;
    let state: WatchState = head.get("watching").await;
    assert_eq!(state.late, [], "it came, if late");
}

/// Deployed, the function sends under its own role, by Amazon SES.
#[tokio::test]
async fn what_is_late_is_told_wherever_rollbook_runs() {
    let town = Town::build().await;
    let watcher = town.administrator("watcher", "10000").await;
    if let TestedSystem::Deployed(deployed) = &town.system {
        deployed.verify_sender();
    }
    hear(&watcher, &[NoticeKind::Late]).await;
    look(&town).await;
    expect_a_roster(&town, &watcher).await;
    for _ in 0..3 {
        look(&town).await;
    }
    assert_eq!(town.cloud.notice_list_ids().await.unwrap().len(), 1, "once, however often one looks");
    assert_eq!(town.cloud.delivery_list().await.unwrap(), [], "it is sent");
    let expected = ["Rollbook: No roster came in time".to_owned()];
    if let TestedSystem::Deployed(deployed) = &town.system
        && let Some(subjects) = deployed.subjects_to("watcher@town.example").await
    {
        assert_eq!(subjects, expected);
    }
}

#[tokio::test]
async fn a_server_is_given_an_e_mail_for_each_person_and_each_stage() {
    let (smtp, mails) = mail_server().await;
    let town = Town::build_on(Options { smtp: Some(smtp), ..Options::temporary() }).await;
    let head = town.administrator("head", "10000").await;
    let north = town.administrator("north", "10001").await;
    let south = town.administrator("south", "10002").await;
    for admin in [&head, &north, &south] {
        hear(admin, &[NoticeKind::Held, NoticeKind::Done, NoticeKind::Failed]).await;
    }
    head.change_settings(|settings| settings.watch.enabled = true).await;
    watch_since(&town, runtime::now() - HOUR).await;
    town.drop_file("inbox/full/schools/10001/Nia Student.csv", students(3, "10001", "9")).await;
    town.system.settled().await;
    look(&town).await;
    let to = |name: &str| {
        let mails = mails.lock().unwrap();
        let own = mails.iter().filter(|mail| mail.contains(&format!("To: {name}@town.example")));
        own.map(|mail| mail.lines().find_map(|line| line.strip_prefix("Subject: Rollbook: ")).unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let waits = ["A plan waits for approval".to_owned()];
    assert_eq!((to("head"), to("north")), (waits.to_vec(), waits.to_vec()));
    let held = head.uploads().await.remove(0);
    assert_eq!(held.status, Status::AwaitingApproval);
    head.approve(&held).await;
    head.wait_for_end(&held.id).await;
    town.system.settled().await;
    for _ in 0..2 {
        look(&town).await;
    }
    assert_eq!(to("north"), [waits[0].clone(), "A roster was carried out".to_owned()]);
    assert_eq!(to("south"), Vec::<String>::new(), "it is another school's");
    let all = mails.lock().unwrap().join("\n");
    assert!(all.contains("3 changes") && all.contains(&format!("/uploads/{}", held.id)), "{all}");
    assert!(!all.contains("Nia") && !all.contains("Student"), "a file may be named after somebody: {all}");
    let ids: Vec<&str> = all.lines().filter(|line| line.starts_with("Message-ID")).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 4, "{ids:?}");
}

#[tokio::test]
async fn a_program_is_told_again_until_it_takes_the_notice() {
    let town = Town::build_on(Options::temporary()).await;
    let head = town.administrator("head", "10000").await;
    let (address, receiver) = Receiver::start().await;
    let new = json!({ "name": "Chat", "url": address, "kinds": ["late", "failed"] });
    let made: MadeWebhook = head.ask(Method::POST, "webhooks", &new).await;
    expect_a_roster(&town, &head).await;
    look(&town).await;
    let webhooks: Webhooks = head.get("webhooks").await;
    let troubled: Vec<_> =
        webhooks.troubled.iter().map(|delivery| (delivery.attempts, delivery.problem.as_deref())).collect();
    assert_eq!(troubled, [(1, Some("status 500"))]);
    look(&town).await;
    assert_eq!(receiver.received().len(), 1, "it is not tried again at once");
    try_again_now(&town).await;
    look(&town).await;
    look(&town).await;
    let received = receiver.received();
    assert_eq!(received.len(), 2, "once it is taken, it is not sent again");
    assert_eq!(received[0].id(), received[1].id());
    assert!(received.iter().all(|one| one.is_signed_with(&made.secret)));
    let body: Value = serde_json::from_str(&received[1].body).unwrap();
    assert_eq!(body["type"], "rollbook.late");
    assert!(body["data"]["link"].as_str().unwrap().ends_with("/uploads"), "{body}");
    let webhooks: Webhooks = head.get("webhooks").await;
    assert_eq!(webhooks.troubled, []);
    let logs = town.system.logs().join("\n");
    assert!(!logs.contains(&made.secret) && !logs.contains("town.example"), "no secret and no address in the log");
}

#[tokio::test]
async fn what_was_sent_when_the_function_was_stopped_is_sent_again_under_the_same_id() {
    let town = Town::build_on(Options::temporary()).await;
    let head = town.administrator("head", "10000").await;
    let (address, receiver) = Receiver::start().await;
    receiver.received.lock().unwrap().push(Received { headers: BTreeMap::new(), body: String::new() });
    let new = json!({ "name": "Chat", "url": address, "kinds": ["failed"] });
    let made: MadeWebhook = head.ask(Method::POST, "webhooks", &new).await;
    let path = format!("webhooks/{}/test", made.webhook.id.0);
    assert_eq!(head.send(Method::POST, &path, &json!({})).await.status(), StatusCode::NO_CONTENT);
    // As it is left where the function ends after the request and before it is recorded.
    let on_its_way = town.cloud.delivery_list().await.unwrap();
    head.change_settings(|settings| settings.watch.enabled = true).await;
    look(&town).await;
    town.cloud.delivery_save(&on_its_way[0]).await.unwrap();
    look(&town).await;
    let received = receiver.received();
    assert_eq!(received.len(), 3);
    assert!(received[1].id().starts_with("test_") && received[1].id() == received[2].id());
    assert!(received[2].is_signed_with(&made.secret));
    let id = head.upload(Mode::Partial, "broken.csv", "no,roster\r\n1,2\r\n").await;
    assert_eq!(head.wait_for_end(&id).await.status, Status::Failed);
    town.system.settled().await;
    look(&town).await;
    assert_eq!(receiver.received()[3].id(), format!("failed_{id}"));
}

#[tokio::test]
async fn no_two_tell_side_by_side() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    expect_a_roster(&town, &head).await;
    let now = runtime::now();
    assert!(town.cloud.notices_begin("one", now, now + HOUR).await.unwrap().is_some());
    assert!(town.cloud.notices_begin("one", now, now + HOUR).await.unwrap().is_some(), "after a lost answer");
    assert_eq!(town.cloud.notices_begin("two", now, now + HOUR).await.unwrap(), None);
    look(&town).await;
    assert_eq!(town.cloud.notice_list_ids().await.unwrap(), BTreeSet::new(), "one tells");
    let later = town.cloud.notices_begin("two", now + 2 * HOUR, now + 3 * HOUR).await.unwrap();
    assert_eq!(later.map(|memory| memory.since), Some(now.min(later_since(&town).await)), "one was stopped");
}

/// Returns since when the table says that it is watched.
async fn later_since(town: &Town) -> u64 {
    let item = town.cloud.item_get(&Key::watch_run()).await.unwrap().expect("it is watched");
    cloud::table::number(&item, "since").expect("a time")
}

/// Makes yesterday, today and tomorrow a pause, so that a test may run around midnight.
async fn pause(head: &Admin) {
    let now = runtime::now();
    let day = |at: u64| cloud::audit::iso_time(at)[..10].parse().expect("a day");
    let pause = WatchPause { name: "Summer".to_owned(), first: day(now - 24 * HOUR), last: day(now + 24 * HOUR) };
    head.change_settings(|settings| {
        settings.watch.enabled = true;
        settings.watch.pauses = vec![pause];
    })
    .await;
}

#[tokio::test]
async fn what_a_program_sends_in_a_pause_waits_and_what_a_person_sends_does_not() {
    let town = Town::build_on(Options::temporary()).await;
    let head = town.administrator("head", "10000").await;
    let south = town.administrator("south", "10002").await;
    pause(&head).await;
    let state: WatchState = head.get("watching").await;
    assert_eq!(state.pause.map(|pause| pause.name).as_deref(), Some("Summer"));
    town.drop_file("inbox/full/schools/10001/night.csv", students(3, "10001", "9")).await;
    town.system.settled().await;
    look(&town).await;
    let paused = head.uploads().await.remove(0);
    assert_eq!((paused.status, paused.files.len()), (Status::Paused, 0));
    let own = head.upload(Mode::Partial, "own.csv", students(1, "10002", "9")).await;
    assert_eq!(head.wait_for_plan(&own).await.status, Status::AwaitingApproval);
    let check = format!("uploads/{}/check", paused.id);
    assert_eq!(south.refused(Method::POST, &check, &json!({})).await, (404, "not_found".to_owned()));
    let taken: wire::Upload = head.ask(Method::POST, &check, &json!({})).await;
    assert_eq!(taken.pause.and_then(|pause| pause.ended_by).map(|by| by.username).as_deref(), Some("head"));
    let planned = head.wait_for_plan(&paused.id).await;
    assert_eq!(planned.status, Status::AwaitingApproval);
    assert_eq!(head.refused(Method::POST, &check, &json!({})).await, (409, "not_paused".to_owned()));
    town.system.settled().await;
    assert_eq!(town.cloud.object_list("inbox/").await.unwrap(), [], "what set it off is gone, too");
    let log: Value = head.get(&format!("audit?upload={}", paused.id)).await;
    let actions: Vec<&str> = log["items"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["checked", "pause_ended", "uploaded"]);
}

#[tokio::test]
async fn an_odd_roster_is_told_and_a_pause_that_ends_by_itself_is_found() {
    let (smtp, mails) = mail_server().await;
    let town = Town::build_on(Options { smtp: Some(smtp), ..Options::temporary() }).await;
    let head = town.administrator("head", "10000").await;
    hear(&head, &[NoticeKind::Odd]).await;
    pause(&head).await;
    watch_since(&town, runtime::now() - HOUR).await;
    town.drop_file("inbox/partial/night.csv", students(3, "10001", "9")).await;
    town.system.settled().await;
    assert_eq!(head.uploads().await[0].status, Status::Paused);
    head.change_settings(|settings| settings.watch.pauses.clear()).await;
    look(&town).await;
    let first = head.uploads().await.remove(0);
    assert_eq!((head.wait_for_plan(&first.id).await.marks, mails.lock().unwrap().len()), (Vec::new(), 0));
    // The bucket tells whole seconds, and what came last is told by them.
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    town.drop_file("inbox/partial/again.csv", students(3, "10001", "9")).await;
    town.system.settled().await;
    let again = head.uploads().await.remove(0);
    assert_eq!(again.marks, [Mark::Identical]);
    for _ in 0..2 {
        look(&town).await;
    }
    let mails = mails.lock().unwrap();
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert!(mails[0].contains("A roster is odd beside the last one") && mails[0].contains(&again.id.0), "{mails:?}");
}
