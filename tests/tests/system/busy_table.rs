//! A table that is written by others at the same moment, has too much to do, or whose answers are lost: neither people nor
//! the directory notice anything of it.

use cloud::audit::Trail;
use local::{Options, TableFaults};
use reqwest::{Method, StatusCode};
use roster::slips::slips;
use roster::{Counts, Fields, Mode};
use serde_json::json;
use tests::town::{Admin, PASSWORD, Town};
use wire::http::{Link, Me, OwnPassword, Problem, ResetRow};
use wire::{FileKind, Status};

use super::{roster, student};

/// What everybody sets as a password.
const OWN: &str = "copper lantern meadow";

/// A town at whose table a quarter of the requests meet a fault.
async fn busy_town(seed: u64) -> Town {
    let table_faults = Some(TableFaults { seed, share: 0.25 });
    Town::build_on(Options { table_faults, ..Options::temporary() }).await
}

/// What syncs leave behind, without what is made at random.
#[derive(Debug, PartialEq)]
struct LeftBehind {
    counts: Vec<Counts>,
    /// Every user with its version, and whether it is deleted.
    users: Vec<(Fields, u64, bool)>,
    /// How many entries the histories of some of them have.
    histories: Vec<usize>,
    /// What was done and by whom.
    log: Vec<(String, Option<String>)>,
}

#[tokio::test]
async fn a_busy_table_leaves_what_a_quiet_one_does() {
    let quiet = Town::build().await;
    let expected = sync_twice(&quiet).await;
    assert_eq!(quiet.system.table_faults_met(), 0);
    drop(quiet);
    for seed in 1..=3 {
        let busy = busy_town(seed).await;
        assert_eq!(sync_twice(&busy).await, expected, "with the seed {seed}");
        // How many there are depends on how requests fall together.
        assert!(busy.system.table_faults_met() > 100, "the table was busy: {}", busy.system.table_faults_met());
        assert_nothing_failed(&busy);
    }
}

/// Has two rosters of several chunks carried out, of which the second changes and removes users and administrators.
async fn sync_twice(town: &Town) -> LeftBehind {
    let head = town.administrator("head", "10000").await;
    let boss = |i: usize| format!("Ada,Boss{i},,boss{i}@town.example,B{i},10000,Administrator,,,Active");
    let teacher = |i: usize| format!("Tom,Teacher{i},,tom{i}@town.example,T{i},10002,Teacher,,,Active");
    let pupil = |i: usize, grade: &str| student(&format!("S{i:05}"), "10001", grade);
    let first: Vec<String> = (0..2200).map(|i| pupil(i, "9")).chain((0..15).map(boss)).collect();
    let changed = (100..1300).map(|i| pupil(i, "10")).chain((1300..2200).map(|i| pupil(i, "9")));
    let second: Vec<String> = changed.chain((0..50).map(teacher)).chain((0..5).map(boss)).collect();
    let mut counts = Vec::new();
    for (mode, rows) in [(Mode::Partial, first), (Mode::Full, second)] {
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let ended = town.sync(&head, mode, roster(&rows)).await;
        let progress = ended.progress.expect("it was carried out");
        assert_eq!((ended.status, ended.left_alone, progress.done), (Status::Completed, 0, progress.total));
        assert!(progress.total > 1);
        counts.push(ended.counts.expect("it was planned"));
    }
    assert_eq!((counts[0].created, counts[1].created, counts[1].updated, counts[1].removed), (2215, 50, 1200, 110));
    town.system.settled().await;
    left_behind(town, counts).await
}

async fn left_behind(town: &Town, counts: Vec<Counts>) -> LeftBehind {
    let directory = town.cloud.directory_get().await.unwrap();
    let managed = directory.iter().filter_map(|user| Some((Fields::of(user)?, user)));
    let mut managed: Vec<_> = managed.collect();
    managed.sort_by(|(one, _), (other, _)| one.custom_id.cmp(&other.custom_id));
    let mut histories = Vec::new();
    for (_, user) in managed.iter().step_by(97) {
        histories.push(town.cloud.history_list(user.guid).await.unwrap().len());
    }
    let schools = town.schools().await;
    let users = managed.into_iter().map(|(mut fields, user)| {
        // Schools are named at random.
        let school = schools.iter().find(|school| school.id == fields.school).expect("a school of the town");
        fields.school.0.clone_from(&school.external_id);
        (fields, user.version, user.deleted_at.is_some())
    });
    let users = users.collect();
    let entries = town.cloud.audit_list(Trail::All, 0..u64::MAX, None, 1000).await.unwrap();
    assert_eq!(entries.cursor, None);
    let entries =
        entries.items.into_iter().map(|entry| (format!("{:?}", entry.action), entry.by.map(|by| by.username)));
    let mut log: Vec<_> = entries.collect();
    log.sort();
    LeftBehind { counts, users, histories, log }
}

#[tokio::test]
async fn a_busy_table_keeps_nobody_from_signing_in() {
    let town = busy_town(4).await;
    let head = town.administrator("head", "10000").await;
    let rows: Vec<String> = (0..20).map(|i| student(&format!("N{i:02}"), "10001", "9")).collect();
    let created = town.sync(&head, Mode::Partial, roster(&rows.iter().map(String::as_str).collect::<Vec<_>>())).await;
    let given = passwords_of(&head.file(&created.id, FileKind::Completed).await);
    assert_eq!(given.len(), 20);
    for (username, password) in &given {
        use_once(&town, username, password).await;
    }

    let guid = town.user("N07").await.guid;
    let row: ResetRow = head.ask(Method::POST, &format!("users/{guid}/reset-password"), &json!({})).await;
    let link: Link = head.get(&format!("passwords/resets/{}/file", row.reset.id)).await;
    let renewed = passwords_of(&head.fetch(&link.url).await);
    use_once(&town, &renewed[0].0, &renewed[0].1).await;

    let stranger = town.visitor();
    for _ in 0..5 {
        assert_eq!(stranger.try_sign_in("head", "wrong").await.status(), StatusCode::UNAUTHORIZED);
    }
    let slowed = stranger.try_sign_in("head", PASSWORD).await;
    assert_eq!(slowed.status(), StatusCode::TOO_MANY_REQUESTS, "each attempt was counted once");
    let me: Me = head.get("session").await;
    assert_eq!(me.username, "head");
    assert_nothing_failed(&town);
}

/// Signs in with a temporary password, which opens the account once, and sets an own one.
async fn use_once(town: &Town, username: &str, temporary: &str) {
    let user = town.sign_in(username, temporary).await;
    let again = town.visitor().try_sign_in(username, temporary).await;
    assert_eq!(again.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(again.json::<Problem>().await.unwrap().code, "temporary_used");
    let asked = OwnPassword { current: None, new: OWN.to_owned() };
    let me: Me = user.ask(Method::PUT, "session/password", &asked).await;
    assert!(!me.must_set_password);
    let back: Admin = town.sign_in(username, OWN).await;
    let me: Me = back.get("session").await;
    assert!(me.username.eq_ignore_ascii_case(username));
}

fn passwords_of(file: &[u8]) -> Vec<(String, String)> {
    let slips = slips(file).unwrap().into_iter().flat_map(|sheet| sheet.slips);
    slips.map(|slip| (slip.username, slip.temporary_password)).collect()
}

/// That no request and no event ended in a fault.
fn assert_nothing_failed(town: &Town) {
    for log in town.system.logs() {
        let failed: Vec<&str> =
            log.lines().filter(|line| line.contains("ERROR") || line.contains("request failed")).collect();
        assert!(failed.is_empty(), "{failed:#?}");
    }
}
