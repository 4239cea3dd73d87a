//! What is carried out is what was checked and approved: a plan of which any part was altered is refused as a whole.

use cloud::bucket::{from_lines, keys, lines};
use wire::stored::PasswordHash;
use wire::{FileKind, Status, Upload};

use crate::organisation::{HEADER, Organisation};

/// A new user with a password, one with a temporary one, one that stays as it is, and a row that is rejected.
const ROWS: [&str; 4] = [
    "Ann,Ash,,ann@a.example,T1,A,Teacher,Head,,Active,correct horse 9",
    "Ben,Birch,,,00123,A,Student,,4,Active,",
    "Cat,Cedar,,,00124,B,Student,,K,Active,",
    "Dan,Dell,,,5,A,Student,,99,Active,",
];

/// Drops the roster, and answers with its upload, which waits for approval.
async fn awaiting(o: &mut Organisation, name: &str) -> Upload {
    o.now += 10;
    let roster = format!("{HEADER},password\n{}\n", ROWS.join("\n"));
    o.cloud().object_put(&format!("inbox/partial/{name}"), roster).await.unwrap();
    o.settle().await;
    let upload = o.uploads().await.into_iter().find(|upload| upload.file_name == name).unwrap();
    assert_eq!(upload.status, Status::AwaitingApproval, "{upload:#?}");
    upload
}

async fn organisation() -> Organisation {
    let o = Organisation::new(None).await;
    o.drop("inbox/partial/before.csv", &["Cat,Cedar,,,00124,B,Student,,K,Active"]).await;
    o.settle().await;
    o.settings("{}").await;
    o
}

/// Which objects an upload is carried out and ended with; the others are for people.
fn is_read(key: &str) -> bool {
    !key.ends_with("plan.csv") && !key.ends_with("errors.csv")
}

/// The hashes with one of a password that the attacker knows.
fn with_known_password(key: &str, bytes: &[u8]) -> Vec<u8> {
    let hashes: Vec<PasswordHash> = from_lines(key, bytes).unwrap();
    let hash = runtime::passwords::hash("known to the attacker").unwrap();
    lines(hashes.into_iter().map(|PasswordHash { guid, .. }| PasswordHash { guid, hash: hash.clone() }))
}

async fn assert_refused(o: &Organisation, upload: &Upload, what: &str, done: &str) {
    let upload = o.upload(&upload.id).await;
    let sentence = upload.failure.as_deref().unwrap_or_default();
    assert_eq!(upload.status, Status::Failed, "{what}");
    assert!(sentence.contains("altered or taken away") && sentence.contains(done), "{what}: {sentence}");
    assert_eq!(o.users().await.len(), 1, "{what}");
    o.assert_at_rest().await;
}

#[tokio::test]
async fn a_plan_of_which_a_part_was_altered_while_it_waited_is_refused() {
    let mut o = organisation().await;
    let first = awaiting(&mut o, "first.csv").await;
    let prefix = format!("uploads/{}/", first.id);
    let objects = o.cloud().object_list(&prefix).await.unwrap();
    let parts: Vec<_> = objects.iter().filter(|object| is_read(&object.key)).map(|object| object.key.clone()).collect();
    let kinds = ["uploaded.csv", "plan.json", "unchanged.jsonl", "findings/0.jsonl", "changes/", "passwords/"];
    assert!(kinds.iter().all(|kind| parts.iter().any(|key| key.contains(kind))) && parts.len() == 6, "{parts:?}");

    for (n, kind) in kinds.into_iter().enumerate() {
        for gone in [false, true] {
            let upload = awaiting(&mut o, &format!("{n}-{gone}.csv")).await;
            let objects = o.cloud().object_list(&format!("uploads/{}/", upload.id)).await.unwrap();
            let key = &objects.iter().find(|object| object.key.contains(kind)).unwrap().key;
            let bytes = o.cloud().object_get(key).await.unwrap().unwrap();
            let altered = match kind {
                "passwords/" => with_known_password(key, &bytes),
                _ => [&bytes[..], b"\n"].concat(),
            };
            if gone {
                o.cloud().object_delete(key).await.unwrap()
            } else {
                o.cloud().object_put(key, altered).await.unwrap()
            }
            o.approve(&upload).await;
            o.settle().await;
            let upload = o.upload(&upload.id).await;
            assert_eq!(upload.status, Status::Failed, "{kind}");
            let sentence = upload.failure.as_deref().unwrap_or_default();
            assert!(
                sentence.contains("altered or taken away") && sentence.contains("nothing was changed"),
                "{sentence}"
            );
            assert_eq!(o.users().await.len(), 1, "{kind}");
        }
    }

    o.approve(&first).await;
    o.settle().await;
    assert_eq!(o.upload(&first.id).await.status, Status::CompletedWithErrors);
    assert_eq!(o.users().await.len(), 3);
    o.assert_at_rest().await;
}

#[tokio::test]
async fn temporary_passwords_come_from_the_secret_that_the_plan_was_made_with() {
    let mut o = organisation().await;
    let upload = awaiting(&mut o, "a.csv").await;
    let key = cloud::table::Key::seed(&upload.id);
    o.cloud().item_delete(&key).await.unwrap();
    let known = cloud::uploads::Seeds { guid: [7; 32], password: [7; 32] };
    assert!(o.cloud().seeds_get_or_create(&upload.id, known.clone()).await.unwrap() == known);
    o.approve(&upload).await;
    o.settle().await;
    assert_refused(&o, &upload, "the secret", "nothing was changed").await;
}

#[tokio::test]
async fn a_part_that_is_altered_while_the_plan_is_carried_out_stops_it() {
    let mut o = organisation().await;
    let upload = awaiting(&mut o, "a.csv").await;
    o.approve(&upload).await;
    assert!(o.tell_of(&keys::approval(&upload.id)).await);
    assert_eq!(o.upload(&upload.id).await.status, Status::InProgress);
    let passwords = o.cloud().object_list(&keys::all_passwords(&upload.id)).await.unwrap();
    let [object] = &passwords[..] else { panic!("one chunk") };
    let bytes = o.cloud().object_get(&object.key).await.unwrap().unwrap();
    o.cloud().object_put(&object.key, with_known_password(&object.key, &bytes)).await.unwrap();
    o.settle().await;
    assert_refused(&o, &upload, "passwords", "when 0 of its 1 parts had been carried out").await;
}

/// The upload, stopped after its only part was carried out because `key` was altered meanwhile.
async fn stopped_at_its_end(o: &mut Organisation, key: impl Fn(&Upload) -> String) -> Upload {
    let upload = awaiting(o, "a.csv").await;
    o.approve(&upload).await;
    assert!(o.tell_of(&keys::approval(&upload.id)).await);
    let key = key(&upload);
    let bytes = o.cloud().object_get(&key).await.unwrap().unwrap();
    o.cloud().object_put(&key, [&bytes[..], b"\n"].concat()).await.unwrap();
    o.settle().await;
    o.assert_at_rest().await;
    assert_eq!(o.users().await.len(), 3, "both are created");
    let upload = o.upload(&upload.id).await;
    assert_eq!(upload.status, Status::Failed);
    upload
}

#[tokio::test]
async fn a_plan_that_is_stopped_tells_whom_it_created_and_their_passwords() {
    let mut o = organisation().await;
    let unchanged = |upload: &Upload| keys::unchanged(&upload.id, upload.digest.as_deref().unwrap());
    let upload = stopped_at_its_end(&mut o, unchanged).await;
    let sentence = upload.failure.as_deref().unwrap();
    assert!(sentence.contains("the completed file has whom it changed: upload"), "{sentence}");
    assert!(o.file(&upload, FileKind::Completed).await.contains("Ben,Birch"));
    assert!(o.file(&upload, FileKind::Errors).await.contains("Dan,Dell"));
    let slips = roster::slips::slips(o.credentials(&upload).await.unwrap().as_bytes()).unwrap();
    let [slip] = &slips[0].slips[..] else { panic!("one temporary password") };
    let ben = o.cloud().account_get(o.guid("00123").await).await.unwrap().unwrap();
    assert_eq!(slip.username, ben.user.username);
    assert!(runtime::passwords::verify(&slip.temporary_password, ben.password_hash.as_deref()));
}

#[tokio::test]
async fn a_plan_that_is_stopped_says_how_many_passwords_are_lost_where_it_has_no_files() {
    let mut o = organisation().await;
    let upload = stopped_at_its_end(&mut o, |upload| keys::uploaded(&upload.id)).await;
    let sentence = upload.failure.as_deref().unwrap();
    assert!(sentence.contains("one user got a temporary password that nobody can read"), "{sentence}");
    assert!(!upload.files.contains(&FileKind::Completed) && o.credentials(&upload).await.is_none());
}

#[tokio::test]
async fn a_plan_without_a_password_that_it_sets_is_stopped_and_lets_others_have_their_turn() {
    let mut o = organisation().await;
    let upload = awaiting(&mut o, "a.csv").await;
    let mut head = o.cloud().plan_head_get(&upload.id, upload.digest.as_deref().unwrap()).await.unwrap();
    head.chunks[0].passwords = None;
    let head = serde_json::to_vec(&head).unwrap();
    let mut record = o.cloud().upload_get(&upload.id).await.unwrap().unwrap();
    let digest = cloud::bucket::digest(&head);
    let before = record.upload.digest.replace(digest.clone()).unwrap();
    o.cloud().object_put(&keys::plan(&upload.id, &digest), head).await.unwrap();
    for kind in [keys::unchanged, |id: &_, digest: &str| keys::findings(id, Some(digest), 0)] {
        let object = o.cloud().object_get(&kind(&upload.id, &before)).await.unwrap().unwrap();
        o.cloud().object_put(&kind(&upload.id, &digest), object).await.unwrap();
    }
    let _ = o.cloud().upload_save(&mut record).await.unwrap();
    o.approve(&record.upload).await;
    o.settle().await;
    let stopped = o.upload(&upload.id).await;
    let sentence = stopped.failure.as_deref().unwrap_or_default();
    assert_eq!(stopped.status, Status::Failed);
    assert!(sentence.contains("is missing") && sentence.contains("0 of its 1 parts"), "{sentence}");
    o.assert_at_rest().await;
}

#[tokio::test]
async fn hashes_that_an_attempt_left_are_used_if_they_are_whole() {
    let mut o = organisation().await;
    let first = awaiting(&mut o, "a.csv").await;
    let hashes = async |o: &Organisation, upload: &Upload| {
        o.cloud().object_list(&keys::all_passwords(&upload.id)).await.unwrap()
    };
    let before = hashes(&o, &first).await;
    // As an attempt that was stopped before its result was recorded.
    let mut record = o.cloud().upload_get(&first.id).await.unwrap().unwrap();
    record.upload.digest = None;
    record.upload.status = Status::InProgress;
    record.upload.files.clear();
    let _ = o.cloud().upload_save(&mut record).await.unwrap();
    let upload = &o.upload(&first.id).await;
    let roster = format!("{HEADER},password\n{}\n", ROWS.join("\n"));
    let ticket = cloud::tickets::Ticket {
        id: upload.id.clone(),
        mode: upload.mode,
        by_hand: false,
        scope: upload.scope.clone(),
        source: wire::Source::Administrator { guid: o.admin.guid, username: "admin".to_owned(), key: None },
        of_source: None,
        file_name: "a.csv".to_owned(),
        encoding: None,
        sheet: None,
        checked: None,
        bytes: roster.len() as u64,
        sha256: Some(cloud::bucket::digest(roster.as_bytes())),
        key: keys::inbox(upload.mode, &upload.id, "a.csv"),
        created_at: upload.created_at,
    };
    o.cloud().ticket_put(&ticket).await.unwrap();
    o.cloud().object_put(&ticket.key, roster).await.unwrap();
    assert!(o.tell_of(&ticket.key).await);
    assert_eq!(o.upload(&first.id).await.digest, first.digest, "the same plan");
    let keys_of = |objects: &[cloud::bucket::Head]| objects.iter().map(|o| o.key.clone()).collect::<Vec<_>>();
    assert_eq!(keys_of(&hashes(&o, &first).await), keys_of(&before), "nothing was hashed anew");
}
