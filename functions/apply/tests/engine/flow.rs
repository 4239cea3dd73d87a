//! What becomes of a roster.

use crate::organisation::{HEADER, Organisation, created};
use cloud::bucket::keys;
use cloud::uploads::Decided;
use roster::Code;
use roster::durations::{DAY, MINUTE};
use serde_json::json;
use wire::{FileKind, Status};

const ANN: &str = "Ann,Ash,,ann@a.example,T1,A,Teacher,Head,,Active";
const BEN: &str = "Ben,Birch,,,00123,A,Student,,4,Active";
const CAT: &str = "Cat,Cedar,,,00124,B,Student,,K,Active";

#[tokio::test]
async fn a_partial_roster_is_carried_out_where_the_settings_approve() {
    let o = Organisation::new(None).await;
    o.drop("inbox/partial/autumn term+1.csv", &[ANN, BEN, "Dan,Dell,,,5,A,Student,,99,Active"]).await;
    o.settle().await;
    let [upload] = &o.uploads().await[..] else { panic!("one upload") };
    assert_eq!((upload.status, upload.file_name.as_str()), (Status::CompletedWithErrors, "autumn term+1.csv"));
    let counts = upload.counts.unwrap();
    assert_eq!((counts.created, counts.rejected), (2, 1));
    assert_eq!(upload.decision.as_ref().unwrap().by, None);
    assert_eq!(upload.findings[&Code::GradeUnknown], 1);

    let ben = o.user("00123").await.unwrap();
    assert_eq!((ben.username.as_str(), ben.version), ("00123", 1));
    let completed = o.credentials(upload).await.unwrap();
    let row = completed.lines().find(|line| line.starts_with("Ben")).unwrap();
    let temporary = row.split(',').find(|cell| cell.len() == 14 && cell.matches('-').count() == 2).unwrap();
    let account = o.cloud().account_get(ben.guid).await.unwrap().unwrap();
    assert!(account.temporary_password);
    assert_eq!((account.temporary_since, account.temporary_used_at), (Some(o.now), None));
    assert!(runtime::passwords::verify(temporary, account.password_hash.as_deref()));
    let without = o.file(upload, FileKind::Completed).await;
    assert_eq!(without, emptied(&completed), "the kept file is the same without passwords");
    let errors = o.file(upload, FileKind::Errors).await;
    assert!(errors.lines().count() == 2 && errors.contains("Dan,"), "{errors}");
    assert!(o.file(upload, FileKind::Plan).await.lines().count() > 2);
    assert_eq!(o.file(upload, FileKind::Uploaded).await.lines().count(), 4);
    o.assert_at_rest().await;
}

#[tokio::test]
async fn a_full_roster_waits_for_approval_and_removes_who_is_absent() {
    let mut o = Organisation::new(None).await;
    o.drop("inbox/partial/first.csv", &[ANN, BEN, CAT]).await;
    o.settle().await;
    o.now += 1000;
    o.drop("inbox/full/second.csv", &[ANN, &BEN.replace(",4,", ",5,").replace(",A,", ",B,")]).await;
    o.settle().await;
    let upload = o.uploads().await.pop().unwrap();
    assert_eq!(upload.status, Status::AwaitingApproval);
    let counts = upload.counts.unwrap();
    assert_eq!((counts.moved, counts.removed, counts.unchanged), (1, 1, 1));
    assert!(o.user("00124").await.is_some());

    // An object that nobody decided on changes nothing.
    o.cloud().upload_wake_apply(&upload).await.unwrap();
    o.settle().await;
    assert_eq!(o.upload(&upload.id).await.status, Status::AwaitingApproval);

    assert!(matches!(o.approve(&upload).await, Decided::Recorded(_)));
    assert!(matches!(o.approve(&upload).await, Decided::NotAwaiting(_)));
    o.settle().await;
    let upload = o.upload(&upload.id).await;
    assert_eq!((upload.status, upload.left_alone), (Status::Completed, 0));
    assert_eq!(upload.decision.as_ref().unwrap().by.as_ref().unwrap().username, "admin");
    assert!(o.user("00124").await.is_none());
    let history = o.cloud().history_list(o.guid("00123").await).await.unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!((history[0].at, history[0].by.as_deref()), (o.now, Some("admin")));
    assert_eq!(o.cloud().full_rows_get_largest().await.unwrap(), Some(2));
    o.assert_at_rest().await;
}

#[tokio::test]
async fn a_roster_that_changes_nothing_is_completed_without_anybody() {
    let o = Organisation::new(None).await;
    o.drop("inbox/partial/1.csv", &[ANN, BEN]).await;
    o.settle().await;
    o.settings("{}").await;
    let before = o.users().await;
    o.drop("inbox/full/2.csv", &[BEN, ANN]).await;
    o.settle().await;
    let upload = o.uploads().await.into_iter().find(|upload| upload.mode == roster::Mode::Full).unwrap();
    assert_eq!((upload.status, upload.counts.unwrap().unchanged), (Status::Completed, 2));
    assert_eq!(o.users().await, before);
    assert_eq!(o.file(&upload, FileKind::Completed).await.lines().count(), 3);
    o.assert_at_rest().await;
}

#[tokio::test]
async fn what_cannot_be_a_roster_fails_and_says_why() {
    let o = Organisation::new(None).await;
    let put = async |key: &str, bytes: &str| o.cloud().object_put(key, bytes.to_owned()).await.unwrap();
    put("inbox/partial/empty.csv", "").await;
    put("inbox/partial/folder/pdf.csv", "%PDF-1.7 nothing").await;
    put("inbox/full/header.csv", &format!("{}\n{ANN}\n", HEADER.replace("grade", "phone"))).await;
    put("inbox/elsewhere.csv", &format!("{HEADER}\n{ANN}\n")).await;
    put("inbox/partial/", "").await;
    for key in o.waiting().await {
        assert!(o.tell_of(&key).await);
    }
    let mut uploads = o.uploads().await;
    uploads.sort_by(|a, b| a.file_name.cmp(&b.file_name));
    let names: Vec<&str> = uploads.iter().map(|upload| upload.file_name.as_str()).collect();
    assert_eq!(names, ["elsewhere.csv", "empty.csv", "header.csv", "pdf.csv"]);
    for upload in &uploads {
        assert_eq!(upload.status, Status::Failed);
        let sentence = upload.failure.as_deref().unwrap();
        assert!(sentence.ends_with('.') && sentence.len() > 15, "{sentence}");
    }
    assert!(uploads[0].failure.as_deref().unwrap().contains("inbox/full"));
    assert_eq!(o.cloud().finding_list(&uploads[2], 0).await.unwrap().unwrap()[0].code, Code::HeaderMissing);
    assert_eq!(o.users().await, []);
    o.cloud().object_delete("inbox/partial/").await.unwrap();
    o.assert_at_rest().await;
}

#[tokio::test]
async fn an_object_is_one_upload_however_often_it_is_heard_of() {
    let o = Organisation::new(None).await;
    o.drop("inbox/partial/a.csv", &[ANN]).await;
    for _ in 0..3 {
        assert!(o.tell_of("inbox/partial/a.csv").await);
    }
    o.settle().await;
    for key in
        ["inbox/partial/a.csv", &keys::approval(&o.uploads().await[0].id), &keys::chunk(&o.uploads().await[0].id, 0)]
    {
        assert!(o.tell_of(key).await);
    }
    assert_eq!(o.uploads().await.len(), 1);
    assert_eq!(o.user("T1").await.unwrap().version, 1);
    o.assert_at_rest().await;
}

#[tokio::test]
async fn one_plan_is_applied_at_a_time() {
    let mut o = Organisation::new(None).await;
    for (n, row) in [ANN, BEN, CAT].into_iter().enumerate() {
        o.now += 10;
        o.drop(&format!("inbox/partial/{n}.csv"), &[row]).await;
        assert!(o.tell_of(&format!("inbox/partial/{n}.csv")).await);
    }
    let uploads = o.uploads().await;
    let in_progress = async || o.uploads().await.iter().filter(|upload| upload.status == Status::InProgress).count();
    for upload in &uploads {
        assert!(o.tell_of(&keys::approval(&upload.id)).await);
        assert!(o.tell_of(&keys::approval(&upload.id)).await);
        assert_eq!(in_progress().await, 1);
    }
    assert_eq!(o.cloud().lease_waiters().await.unwrap().len(), 2);
    while !o.waiting().await.is_empty() {
        assert!(o.tell().await);
        assert!(in_progress().await <= 1);
    }
    assert!(o.uploads().await.iter().all(|upload| upload.status == Status::Completed));
    assert_eq!(o.users().await.len(), 3);
    o.assert_at_rest().await;
}

#[tokio::test]
async fn a_drifted_user_is_left_alone_and_reported() {
    let mut o = Organisation::new(None).await;
    o.drop("inbox/partial/1.csv", &[ANN, BEN, CAT]).await;
    o.settle().await;
    o.now += 1000;
    o.drop("inbox/full/2.csv", &[&ANN.replace("Head", "Tutor"), &BEN.replace(",4,", ",5,")]).await;
    o.settle().await;
    let upload = o.uploads().await.pop().unwrap();
    let by = wire::upload::Decider { guid: o.admin.guid, username: "admin".to_owned(), key: None };
    for (id, new) in [("00123", "90123"), ("00124", "90124")] {
        let seen = o.user(id).await.unwrap();
        let after = roster::User { custom_id: Some(new.to_owned()), version: seen.version + 1, ..seen.clone() };
        assert_eq!(o.cloud().user_change_by_hand(&seen, after, &by, o.now).await.unwrap(), wire::stored::Outcome::Done);
    }
    o.approve(&upload).await;
    o.settle().await;
    let upload = o.upload(&upload.id).await;
    assert_eq!((upload.status, upload.left_alone), (Status::CompletedWithErrors, 2));
    assert_eq!(upload.findings[&Code::UserDrifted], 2);
    assert_eq!(o.cloud().finding_list(&upload, 0).await.unwrap().unwrap().len(), 2);
    let errors = o.file(&upload, FileKind::Errors).await;
    assert!(errors.lines().count() == 2 && errors.contains("Ben,"), "{errors}");
    assert_eq!(o.file(&upload, FileKind::Completed).await.lines().count(), 2);
    assert_eq!(o.user("90123").await.unwrap().grade, roster::Grade::G4);
    assert!(o.user("90124").await.is_some());
    assert_eq!(o.user("T1").await.unwrap().position, "Tutor");
}

#[tokio::test]
async fn a_password_of_the_file_is_nowhere_but_hashed_in_the_directory() {
    let o = Organisation::new(None).await;
    let secret = "hunter2-correct-horse";
    let roster = format!("{HEADER},password\n{ANN},{secret}\n{BEN},\n{},{secret}\n", CAT.replace("Student", "Parent"));
    o.settings("{}").await;
    o.cloud().object_put("inbox/partial/p.csv", roster).await.unwrap();
    o.settle().await;
    let assert_nowhere = async || {
        for object in o.cloud().object_list("").await.unwrap() {
            let bytes = o.cloud().object_get(&object.key).await.unwrap().unwrap();
            assert!(!String::from_utf8_lossy(&bytes).contains(secret), "{} has it", object.key);
        }
    };
    assert_nowhere().await;
    let upload = o.uploads().await.pop().unwrap();
    assert_eq!(o.cloud().object_list(&keys::all_passwords(&upload.id)).await.unwrap().len(), 1);
    o.approve(&upload).await;
    o.settle().await;
    assert_nowhere().await;
    let ann = o.cloud().account_get(o.guid("T1").await).await.unwrap().unwrap();
    assert!(ann.temporary_password && !ann.own_password);
    assert!(runtime::passwords::verify(secret, ann.password_hash.as_deref()));
    o.assert_at_rest().await;
}

/// A file with temporary passwords without them.
fn emptied(credentials: &str) -> String {
    let lines = credentials.lines().map(|line| {
        let mut cells: Vec<&str> = line.split(',').collect();
        let password = cells.len() - 2;
        if cells[password] != "temporary_password" {
            cells[password] = "";
        }
        cells.join(",") + "\r\n"
    });
    lines.collect()
}

#[tokio::test]
async fn temporary_passwords_are_kept_for_as_long_as_the_settings_say() {
    let mut o = Organisation::new(None).await;
    o.drop("inbox/partial/1.csv", &[ANN, BEN, CAT]).await;
    o.settle().await;
    let upload = &o.uploads().await[0];
    let credentials = o.credentials(upload).await.unwrap();
    let cat = credentials.lines().find(|line| line.starts_with("Cat")).unwrap();
    let words = cat.split(',').rev().nth(1).unwrap();
    assert!(words.split('-').count() >= 4, "a child in kindergarten gets words: {words}");
    let account = o.cloud().account_get(o.guid("00124").await).await.unwrap().unwrap();
    assert!(runtime::passwords::verify(words, account.password_hash.as_deref()));

    let look = json!({ "look": true });
    o.now += 13 * DAY;
    validate::handle(o.cloud(), look.clone(), o.now).await.unwrap();
    assert_eq!(o.credentials(upload).await, Some(credentials.clone()));
    o.now += 2 * DAY;
    validate::handle(o.cloud(), look, o.now).await.unwrap();
    assert_eq!(o.credentials(upload).await, None);
    // Whoever hears of the upload once more does not bring them back.
    o.cloud().upload_wake_apply(upload).await.unwrap();
    o.settle().await;
    assert_eq!(o.credentials(upload).await, None);
    assert_eq!(o.file(upload, FileKind::Completed).await, emptied(&credentials));
    o.assert_at_rest().await;
}

/// In milliseconds.
#[tokio::test]
async fn the_default_password_is_the_one_of_the_check() {
    let o = Organisation::new(None).await;
    let (secret, later) = ("violet-tractor-9", "garden-plum-77");
    o.cloud().default_password_set(&runtime::passwords::hash(secret).unwrap(), o.now).await.unwrap();
    o.settings(r#"{"accounts":{"passwords":{"source":"default"}}}"#).await;
    o.drop("inbox/partial/1.csv", &[BEN, CAT]).await;
    o.settle().await;
    let upload = o.uploads().await.pop().unwrap();
    assert!(o.file(&upload, FileKind::Plan).await.contains("password,,the default password"));
    o.cloud().default_password_set(&runtime::passwords::hash(later).unwrap(), o.now).await.unwrap();
    o.settings("{}").await;
    o.approve(&upload).await;
    o.settle().await;
    let ben = o.cloud().account_get(o.guid("00123").await).await.unwrap().unwrap();
    assert!(ben.temporary_password && ben.temporary_since == Some(o.now));
    assert!(runtime::passwords::verify(secret, ben.password_hash.as_deref()));
    let upload = o.upload(&upload.id).await;
    assert_eq!(o.credentials(&upload).await, None, "there is nothing to read");
    let completed = o.file(&upload, FileKind::Completed).await;
    assert_eq!(completed.lines().filter(|line| line.ends_with(",,created with the default password")).count(), 2);
    o.assert_at_rest().await;
}

#[tokio::test]
async fn a_random_password_goes_before_that_of_the_file() {
    let o = Organisation::new(None).await;
    let settings = r#"{"partial":{"requires_approval":false},"accounts":{"passwords":{"source":"random"}}}"#;
    o.settings(settings).await;
    let roster = format!("{HEADER},password\n{ANN},hunter2-correct-horse\n");
    o.cloud().object_put("inbox/partial/p.csv", roster).await.unwrap();
    o.settle().await;
    let ann = o.cloud().account_get(o.guid("T1").await).await.unwrap().unwrap();
    assert!(ann.temporary_password);
    assert!(!runtime::passwords::verify("hunter2-correct-horse", ann.password_hash.as_deref()));
    for object in o.cloud().object_list("").await.unwrap() {
        let bytes = o.cloud().object_get(&object.key).await.unwrap().unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("hunter2"), "{} has it", object.key);
    }
}

#[tokio::test]
async fn a_lost_event_is_made_good_by_a_look() {
    let mut o = Organisation::new(None).await;
    let look = serde_json::json!({ "look": true });
    o.drop("inbox/partial/1.csv", &[ANN, BEN]).await;
    validate::handle(o.cloud(), look.clone(), o.now).await.unwrap();
    assert_eq!(o.uploads().await, [], "it may just be on its way");
    o.now += 4 * MINUTE;
    validate::handle(o.cloud(), look.clone(), o.now).await.unwrap();
    let id = o.uploads().await[0].id.clone();
    o.cloud().object_delete(&keys::approval(&id)).await.unwrap();
    o.now += 10 * MINUTE;
    apply::handle(o.cloud(), look.clone(), o.now).await.unwrap();
    assert_eq!(o.upload(&id).await.status, Status::InProgress);
    o.cloud().object_delete(&keys::chunk(&id, 0)).await.unwrap();
    o.now += 10 * MINUTE;
    apply::handle(o.cloud(), look.clone(), o.now).await.unwrap();
    o.settle().await;
    assert_eq!(o.upload(&id).await.status, Status::Completed);
    o.assert_at_rest().await;
}

#[tokio::test]
async fn who_is_disabled_for_long_is_archived_erased_and_still_the_same_user() {
    let mut o = Organisation::new(None).await;
    let days = |n: u64| n * DAY;
    o.settings(
        r#"{"partial":{"requires_approval":false},"accounts":{"archive":{"after_days":10,"erase_after_days":5}}}"#,
    )
    .await;
    o.drop("inbox/partial/1.csv", &[ANN, BEN, CAT]).await;
    o.settle().await;
    let ann = o.user("T1").await.unwrap();
    let disabled = |row: &str| row.replace(",Active", ",Disabled");
    o.now += 1000;
    o.drop("inbox/partial/2.csv", &[&disabled(ANN), &disabled(BEN)]).await;
    o.settle().await;
    let disabled_at = o.now;
    // Who comes back meanwhile starts anew.
    o.now += days(5);
    o.drop("inbox/partial/3.csv", &[BEN]).await;
    o.settle().await;
    o.now += 1000;
    o.drop("inbox/partial/4.csv", &[&disabled(BEN)]).await;
    o.settle().await;
    let cloud = o.cloud().clone();
    let look = async |now| apply::handle(&cloud, json!({ "look": true }), now).await.unwrap();
    let account = async |guid| cloud.account_get(guid).await.unwrap().unwrap();
    let listed = async |listing| cloud.user_list_by_school(&ann.school, listing, None, 10).await.unwrap().0;

    look(disabled_at + days(10)).await;
    assert_eq!(account(ann.guid).await.user.deleted_at, None);
    let archived_at = disabled_at + days(10) + 1;
    look(archived_at).await;
    let user = account(ann.guid).await.user;
    assert_eq!((user.deleted_at, user.recoverable_until()), (Some(archived_at), Some(archived_at + days(5))));
    assert!(user.is_archived() && user.first_name == "Ann");
    let guids = |listed: Vec<cloud::people::Listed>| listed.into_iter().map(|one| one.user.guid).collect::<Vec<_>>();
    assert_eq!(guids(listed(cloud::users::Listing::Archived).await), [ann.guid]);
    assert!(!guids(listed(cloud::users::Listing::Present).await).contains(&ann.guid));
    assert!(o.user("00123").await.is_some(), "disabled anew, and not for long");
    let entry = cloud.history_list(ann.guid).await.unwrap().remove(0);
    assert_eq!((entry.kind, entry.by, entry.upload), (roster::Kind::Removed, None, None));

    // As long as the roster says Disabled, it stays where it is.
    o.now = archived_at + 1000;
    o.drop("inbox/partial/5.csv", &[&disabled(ANN)]).await;
    o.settle().await;
    let counts = o.uploads().await.last().unwrap().counts.unwrap();
    assert_eq!((counts.unchanged, counts.changes()), (1, 0));

    look(archived_at + days(5) + 1).await;
    let erased = account(ann.guid).await.user;
    assert_eq!((erased.first_name.as_str(), erased.username.as_str(), erased.recoverable_until()), ("", "T1", None));
    o.now = archived_at + days(6);
    o.drop("inbox/partial/6.csv", &[ANN]).await;
    o.settle().await;
    let back = o.user("T1").await.unwrap();
    assert_eq!((back.guid, back.first_name.as_str(), back.erase_at), (ann.guid, "Ann", None));
    o.assert_at_rest().await;
}

#[tokio::test]
async fn a_deleted_user_is_erased_after_30_days_and_still_comes_back_as_the_same() {
    let mut o = Organisation::new(None).await;
    o.settings(r#"{"full":{"requires_approval":false,"limits":{"overall":{},"per_school":{},"per_user_type":{}}},"partial":{"requires_approval":false}}"#).await;
    o.drop("inbox/partial/1.csv", &[ANN, BEN, CAT]).await;
    o.settle().await;
    let ann = o.user("T1").await.unwrap();
    o.now += 1000;
    o.drop("inbox/full/2.csv", &[BEN]).await;
    o.settle().await;
    assert_eq!((o.user("T1").await, o.user("00124").await), (None, None));
    let look = async |now| apply::handle(o.cloud(), json!({ "look": true }), now).await.unwrap();
    let account = async |guid| o.cloud().account_get(guid).await.unwrap().unwrap();

    let last_moment = o.now + roster::user::RECOVERABLE_MILLIS;
    look(last_moment).await;
    let whole = account(ann.guid).await;
    assert_eq!((whole.user.first_name.as_str(), whole.user.recoverable_until()), ("Ann", Some(last_moment)));
    look(last_moment + 1).await;
    let erased = account(ann.guid).await;
    let user = &erased.user;
    let personal = [&user.first_name, &user.last_name, &user.middle_name, &user.email, &user.position];
    assert_eq!(personal, [""; 5]);
    assert_eq!((erased.password_hash, user.recoverable_until()), (None, None));
    assert_eq!((user.username.as_str(), user.custom_id.as_deref()), ("T1", Some("T1")));
    assert_eq!(o.cloud().history_list(ann.guid).await.unwrap(), []);
    let ben = o.user("00123").await.unwrap();
    assert_eq!(o.cloud().history_list(ben.guid).await.unwrap().len(), 1, "who is there keeps everything");
    // Nothing is left to do, and doing it again does nothing.
    look(last_moment + 2).await;
    assert_eq!(account(ann.guid).await.user, erased.user);

    o.now = last_moment + 5000;
    o.drop("inbox/partial/3.csv", &[ANN]).await;
    o.settle().await;
    let back = o.user("T1").await.unwrap();
    assert_eq!((back.guid, back.first_name.as_str(), back.position.as_str()), (ann.guid, "Ann", "Head"));
    assert!(o.cloud().account_get(ann.guid).await.unwrap().unwrap().temporary_password);
}

#[tokio::test]
async fn a_file_that_breaks_every_attempt_is_given_up() {
    let o = Organisation::new(None).await;
    o.drop("inbox/partial/1.csv", &[ANN]).await;
    break_settings(&o).await;
    for _ in 0..cloud::uploads::MAX_ATTEMPTS {
        assert!(validate::handle(o.cloud(), created("inbox/partial/1.csv"), o.now).await.is_err());
    }
    validate::handle(o.cloud(), created("inbox/partial/1.csv"), o.now).await.unwrap();
    assert_eq!(o.uploads().await[0].status, Status::Failed);
    o.assert_at_rest().await;
}

/// Settings that no function can read.
async fn break_settings(o: &Organisation) {
    let broken = cloud::table::Item::from([
        ("version".to_owned(), cloud::table::n(1)),
        ("settings".to_owned(), cloud::table::s("?")),
    ]);
    o.cloud().item_put(&cloud::table::Key::settings(), broken).await.unwrap();
}

#[tokio::test]
async fn an_attempt_is_given_its_time_before_the_next() {
    let mut o = Organisation::new(None).await;
    o.drop("inbox/partial/1.csv", &[ANN]).await;
    let settings = o.cloud().item_get(&cloud::table::Key::settings()).await.unwrap().unwrap();
    break_settings(&o).await;
    let look = json!({ "look": true });
    for minutes in [4, 17] {
        o.now += minutes * MINUTE;
        assert!(validate::handle(o.cloud(), look.clone(), o.now).await.is_err(), "it tries");
    }
    o.cloud().item_put(&cloud::table::Key::settings(), settings).await.unwrap();
    o.now += 15 * MINUTE;
    validate::handle(o.cloud(), look.clone(), o.now).await.unwrap();
    assert_eq!(o.uploads().await[0].status, Status::InProgress, "the attempt before may still be at work");
    // Unless it is known that nobody is at work.
    validate::handle(o.cloud(), json!({ "look": "now" }), o.now).await.unwrap();
    assert_eq!(o.uploads().await[0].status, Status::Queued);
}

#[tokio::test]
async fn an_upload_whose_object_is_gone_is_ended() {
    let mut o = Organisation::new(None).await;
    o.drop("inbox/full/1.csv", &[ANN]).await;
    let settings = o.cloud().item_get(&cloud::table::Key::settings()).await.unwrap().unwrap();
    break_settings(&o).await;
    assert!(validate::handle(o.cloud(), created("inbox/full/1.csv"), o.now).await.is_err());
    o.cloud().item_put(&cloud::table::Key::settings(), settings).await.unwrap();
    o.cloud().object_delete("inbox/full/1.csv").await.unwrap();
    let look = json!({ "look": true });
    o.now += 15 * MINUTE;
    validate::handle(o.cloud(), look.clone(), o.now).await.unwrap();
    assert_eq!(o.uploads().await[0].status, Status::InProgress);
    o.now += 2 * MINUTE;
    validate::handle(o.cloud(), look, o.now).await.unwrap();
    let upload = &o.uploads().await[0];
    assert_eq!(upload.status, Status::Failed);
    assert!(upload.failure.as_ref().unwrap().starts_with("The file was taken out of the inbox"), "{upload:#?}");
    o.assert_at_rest().await;
}

#[tokio::test]
async fn a_forgotten_ticket_widens_no_scope() {
    let o = Organisation::new(None).await;
    let schools = o.cloud().school_list().await.unwrap();
    let id = |n: u8| cloud::uploads::upload_id(o.now, [n; 10]);
    let ticket = |n: u8| cloud::tickets::Ticket {
        key: keys::inbox(roster::Mode::Full, &id(n), "school.csv"),
        id: id(n),
        mode: roster::Mode::Full,
        by_hand: false,
        scope: roster::Scope::School(schools.by_external_id("A").unwrap().id.clone()),
        source: wire::Source::Administrator { guid: o.admin.guid, username: "head".to_owned(), key: None },
        of_source: None,
        file_name: "school.csv".to_owned(),
        encoding: None,
        sheet: None,
        checked: None,
        bytes: 1,
        sha256: None,
        created_at: o.now,
    };
    let forget = async |n| o.cloud().item_delete(&cloud::table::Key::ticket(&id(n))).await.unwrap();
    o.drop("inbox/partial/1.csv", &[CAT]).await;
    o.settle().await;

    // One was made an upload before its ticket was forgotten: that one knows its scope.
    let first = ticket(1);
    o.cloud().ticket_put(&first).await.unwrap();
    o.drop(&first.key, &[BEN]).await;
    let settings = o.cloud().item_get(&cloud::table::Key::settings()).await.unwrap().unwrap();
    break_settings(&o).await;
    assert!(validate::handle(o.cloud(), created(&first.key), o.now).await.is_err());
    o.cloud().item_put(&cloud::table::Key::settings(), settings).await.unwrap();
    forget(1).await;
    o.settle().await;
    let upload = o.upload(&first.id).await;
    assert_eq!((upload.scope, upload.counts.unwrap().removed), (first.scope, 0), "Cat is of another school");

    // The other was not, and nobody knows whose it is.
    let second = ticket(2);
    o.drop(&second.key, &[BEN]).await;
    o.settle().await;
    let refused = o.uploads().await.into_iter().find(|u| u.status == Status::Failed).unwrap();
    assert!(refused.failure.unwrap().contains("no longer known who sent it"));
    assert!(o.cloud().upload_get(&second.id).await.unwrap().is_none());
    assert!(o.user("00124").await.is_some());
}

#[tokio::test]
async fn a_file_in_the_place_of_an_administrators_is_refused() {
    let o = Organisation::new(None).await;
    let id = |n: u8| cloud::uploads::upload_id(o.now, [n; 10]);
    let sent = format!("{HEADER}\n{ANN}\n");
    let ticket = |n: u8| cloud::tickets::Ticket {
        key: keys::inbox(roster::Mode::Partial, &id(n), "roster.csv"),
        id: id(n),
        mode: roster::Mode::Partial,
        by_hand: false,
        scope: roster::Scope::Organisation,
        source: wire::Source::Administrator { guid: o.admin.guid, username: "admin".to_owned(), key: None },
        of_source: None,
        file_name: "roster.csv".to_owned(),
        encoding: None,
        sheet: None,
        checked: None,
        bytes: sent.len() as u64,
        sha256: Some(cloud::bucket::digest(sent.as_bytes())),
        created_at: o.now,
    };
    let settings = o.cloud().item_get(&cloud::table::Key::settings()).await.unwrap().unwrap();
    // Also where the ticket is forgotten by then, and only the upload knows what was sent.
    for (n, row, forgotten) in [(1, BEN, false), (2, BEN, true), (3, ANN, false)] {
        let ticket = ticket(n);
        o.cloud().ticket_put(&ticket).await.unwrap();
        o.drop(&ticket.key, &[row]).await;
        if forgotten {
            break_settings(&o).await;
            o.drop(&ticket.key, &[ANN]).await;
            assert!(validate::handle(o.cloud(), created(&ticket.key), o.now).await.is_err());
            o.cloud().item_put(&cloud::table::Key::settings(), settings.clone()).await.unwrap();
            o.cloud().item_delete(&cloud::table::Key::ticket(&ticket.id)).await.unwrap();
            o.drop(&ticket.key, &[row]).await;
        }
        o.settle().await;
        let upload = o.upload(&ticket.id).await;
        if row == ANN {
            assert_eq!(upload.status, Status::Completed)
        } else {
            assert_eq!((upload.status, &upload.files[..]), (Status::Failed, &[][..]));
            assert!(upload.failure.unwrap().starts_with("What arrived is not the file that was sent"));
        }
    }
    assert!(o.user("T1").await.is_some() && o.user("00123").await.is_none());
    o.assert_at_rest().await;
}

#[tokio::test]
async fn nobody_becomes_an_administrator_by_a_file_that_the_settings_approve() {
    let o = Organisation::new(None).await;
    let school = o.cloud().school_list().await.unwrap().by_external_id("A").unwrap().id.clone();
    let clerk = roster::Role {
        id: roster::RoleId::new("clerk"),
        name: "Clerk".to_owned(),
        permissions: [roster::Permission::Upload].into(),
    };
    let roles = roster::role::built_in().into_iter().chain([clerk]).collect();
    let document = wire::http::RolesDocument { version: 0, roles };
    o.cloud().roles_save(document, &cloud::audit::Author { by: None, at: 1 }).await.unwrap().unwrap();
    o.drop("inbox/partial/1.csv", &["Ann,Ash,,ann@a.example,T1,A,Staff,,,Active"]).await;
    o.settle().await;
    let ann = o.user("T1").await.unwrap();
    let after = roster::User { roles: roster::Roles::read("clerk"), version: ann.version + 1, ..ann.clone() };
    let by = wire::upload::Decider { guid: o.admin.guid, username: "head".to_owned(), key: None };
    assert_eq!(o.cloud().user_change_by_hand(&ann, after, &by, o.now).await.unwrap(), wire::stored::Outcome::Done);

    let status_of = async |n: u8, row: &str| {
        let id = cloud::uploads::upload_id(o.now, [n; 10]);
        let ticket = cloud::tickets::Ticket {
            key: keys::inbox(roster::Mode::Partial, &id, "school.csv"),
            id: id.clone(),
            mode: roster::Mode::Partial,
            by_hand: false,
            scope: roster::Scope::School(school.clone()),
            source: wire::Source::Administrator { guid: ann.guid, username: "T1".to_owned(), key: None },
            of_source: None,
            file_name: "school.csv".to_owned(),
            encoding: None,
            sheet: None,
            checked: None,
            bytes: 1,
            sha256: None,
            created_at: o.now,
        };
        o.cloud().ticket_put(&ticket).await.unwrap();
        o.drop(&ticket.key, &[row]).await;
        o.settle().await;
        o.upload(&id).await.status
    };
    assert_eq!(status_of(1, BEN).await, Status::Completed, "a student may do less than she");
    let herself = "Ann,Ash,,ann@a.example,T1,A,Administrator,,,Active";
    assert_eq!(status_of(2, herself).await, Status::AwaitingApproval);
    let another = "Eve,Elm,,eve@a.example,T2,A,Administrator,,,Active";
    assert_eq!(status_of(3, another).await, Status::AwaitingApproval);
}

#[tokio::test]
async fn two_at_work_on_the_same_thing_do_it_once() {
    let o = Organisation::new(None).await;
    o.drop("inbox/partial/a.csv", &[ANN, BEN, CAT]).await;
    let twice = async |key: &str| {
        let (one, other) = tokio::join!(o.tell_of(key), o.tell_of(key));
        // One may be told that the other was faster; its event comes again.
        assert!(one || other);
        assert!(o.tell_of(key).await);
    };
    twice("inbox/partial/a.csv").await;
    let id = o.uploads().await[0].id.clone();
    twice(&keys::approval(&id)).await;
    twice(&keys::chunk(&id, 0)).await;
    assert_eq!(o.uploads().await.len(), 1);
    assert_eq!(o.upload(&id).await.status, Status::Completed);
    let users = o.users().await;
    assert!(users.len() == 3 && users.iter().all(|(_, user)| user.version == 1));
    o.assert_at_rest().await;
}

#[tokio::test]
async fn administrators_go_when_all_others_have_come() {
    let mut o = Organisation::new(None).await;
    let boss = "Bo,Ss,,boss@a.example,B1,D,Administrator,,,Active";
    o.drop("inbox/partial/1.csv", &[ANN, boss]).await;
    o.settle().await;
    // A file in the bucket makes no administrator by itself.
    o.approve(&o.uploads().await[0]).await;
    o.settle().await;
    o.now += 1000;
    let pupils: Vec<String> = (0..1001).map(|n| format!("Pupil,{n},,,P{n},A,Student,,4,Active")).collect();
    let mut rows: Vec<&str> = pupils.iter().map(String::as_str).collect();
    rows.push(ANN);
    o.drop("inbox/full/2.csv", &rows).await;
    assert!(o.tell().await);
    let upload = o.uploads().await.pop().unwrap();
    o.approve(&upload).await;
    assert!(o.tell_of(&keys::approval(&upload.id)).await);
    let chunk = |n| keys::chunk(&upload.id, n);
    assert_eq!(o.waiting().await, [chunk(0), chunk(1)]);
    assert!(o.tell_of(&chunk(1)).await);
    assert_eq!(o.waiting().await, [chunk(0)]);
    assert!(o.user("B1").await.is_some());
    assert!(o.tell_of(&chunk(0)).await);
    assert_eq!(o.waiting().await, [chunk(2)]);
    o.settle().await;
    let upload = o.upload(&upload.id).await;
    assert_eq!((upload.status, upload.progress.unwrap().done), (Status::Completed, 3));
    assert!(o.user("B1").await.is_none());
    assert_eq!(o.users().await.len(), 1003);
    o.assert_at_rest().await;
}
