//! What is kept of uploads: for so many days, and without whoever was erased.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_s3::config::SharedInterceptor;
use cloud::audit::Trail;
use cloud::bucket::keys;
use cloud::table::{Item, Key, json};
use cloud::uploads::upload_id;
use roster::durations::{DAY, MINUTE};
use roster::{Guid, RekeyChoice, RekeyChoices, Roles, Scope, User};
use serde_json::json;
use wire::audit::Action;
use wire::stored::Reset;
use wire::upload::Decider;
use wire::{Decision, FileKind, Status, Upload, Verdict};

use crate::line::Line;
use crate::organisation::Organisation;

const ANN: &str = "Ann,Ash,,ann@a.example,T1,A,Teacher,Head,,Active";
const BEN: &str = "Ben,Birch,,,00123,A,Student,,4,Active";
const CAT: &str = "Cat,Cedar,,,00124,B,Student,,K,Active";

async fn look(o: &Organisation) -> bool {
    let applied = Box::pin(apply::handle(o.cloud(), json!({ "look": true }), o.now)).await;
    let checked = Box::pin(validate::handle(o.cloud(), json!({ "look": true }), o.now)).await;
    checked.is_ok() && applied.is_ok()
}

/// Every object that is kept of uploads, and the temporary passwords.
async fn kept(o: &Organisation) -> BTreeMap<String, Vec<u8>> {
    let mut kept = BTreeMap::new();
    for prefix in ["uploads/", keys::CREDENTIALS] {
        for object in o.cloud().object_list(prefix).await.unwrap() {
            kept.insert(object.key.clone(), o.cloud().object_get(&object.key).await.unwrap().unwrap().to_vec());
        }
    }
    kept
}

fn with<'k>(kept: &'k BTreeMap<String, Vec<u8>>, text: &str) -> Vec<&'k str> {
    let holds = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    kept.iter().filter(|(_, bytes)| holds(bytes)).map(|(key, _)| key.as_str()).collect()
}

async fn named(o: &Organisation, name: &str) -> Upload {
    o.uploads().await.into_iter().find(|upload| upload.file_name == name).unwrap()
}

#[tokio::test]
async fn files_are_deleted_after_the_days_of_the_settings_and_the_history_stays() {
    let mut o = Organisation::new(None).await;
    o.drop("inbox/partial/1.csv", &[ANN, BEN, "Dan,Dell,,,5,A,Student,,99,Active"]).await;
    o.settle().await;
    o.settings("{}").await;
    o.drop("inbox/partial/2.csv", &[CAT]).await;
    o.settle().await;
    let (over, waiting) = (named(&o, "1.csv").await, named(&o, "2.csv").await);
    assert_eq!(waiting.status, Status::AwaitingApproval);
    let before = kept(&o).await;
    let of = |upload: &Upload, kept: &BTreeMap<String, Vec<u8>>| {
        kept.keys().filter(|key| key.contains(&upload.id.0)).count()
    };

    o.now += 400 * DAY - 1000;
    o.settings(r#"{"uploads_kept_days":0}"#).await;
    assert!(look(&o).await);
    o.settings("{}").await;
    assert!(look(&o).await);
    let without_passwords = before.len() - 1;
    assert_eq!(kept(&o).await.len(), without_passwords, "only the temporary passwords went");

    // The bucket's clock went on.
    o.now += DAY;
    assert!(look(&o).await && look(&o).await);
    let after = kept(&o).await;
    assert_eq!((of(&over, &after), of(&waiting, &after)), (0, of(&waiting, &before)));
    let gone = o.upload(&over.id).await;
    assert_eq!((gone.files_deleted_at, gone.files.len()), (Some(o.now), 0));
    assert_eq!((gone.status, gone.counts, &gone.findings), (over.status, over.counts, &over.findings));
    let trail = o.cloud().audit_list(Trail::Upload(&over.id), 0..u64::MAX, None, 100).await.unwrap();
    assert_eq!(trail.items.iter().filter(|entry| entry.action.as_str() == "files_deleted").count(), 1);
    assert_eq!(o.cloud().upload_list_with_files(None).await.unwrap().len(), 1, "the one that waits");
    assert_eq!(o.upload(&waiting.id).await, waiting);
}

/// One who is in four files and is erased: processed in the first, removed by the second, rejected in the third by an ID
/// that lost its zeros, and waiting to come back in the fourth.
async fn with_erased(line: Option<SharedInterceptor>) -> (Organisation, Guid) {
    let mut o = Organisation::new(line).await;
    o.drop("inbox/partial/1.csv", &[ANN, BEN, CAT]).await;
    o.settle().await;
    let ben = o.guid("00123").await;
    o.now += 1000;
    o.drop("inbox/partial/2.csv", &[&BEN.replace("00123", "123"), "Dan,Dell,,,5,A,Student,,99,Active"]).await;
    o.settle().await;
    o.now += 1000;
    o.drop("inbox/full/3.csv", &[ANN, CAT]).await;
    o.settle().await;
    o.approve(&named(&o, "3.csv").await).await;
    o.settle().await;
    assert!(o.user("00123").await.is_none(), "removed");
    o.settings(r#"{"accounts":{"passwords":{"readable_days":100}}}"#).await;
    o.now += 1000;
    o.drop("inbox/partial/4.csv", &[BEN]).await;
    o.settle().await;
    assert_eq!(named(&o, "4.csv").await.status, Status::AwaitingApproval);
    o.now += 31 * DAY;
    let school = o.cloud().school_list().await.unwrap().by_external_id("A").unwrap().id.clone();
    assert_eq!(o.cloud().user_erase_gone(&school, o.now).await.unwrap(), 1);
    (o, ben)
}

#[tokio::test]
async fn an_erased_user_goes_out_of_the_files_of_uploads_that_are_over() {
    let (mut o, ben) = with_erased(None).await;
    let erased_at = cloud::audit::iso_time(o.now);
    let before = kept(&o).await;
    assert!(with(&before, "Birch").len() > 10);
    o.now += 1000;
    assert!(look(&o).await);
    let after = kept(&o).await;
    let waiting = named(&o, "4.csv").await;
    assert!(!with(&after, "Birch").is_empty());
    for key in with(&after, "Birch").into_iter().chain(with(&after, &ben.to_string())) {
        assert!(key.contains(&waiting.id.0), "{key}");
    }
    for (key, bytes) in before.iter().filter(|(key, _)| key.contains(&waiting.id.0)) {
        assert_eq!(after.get(key), Some(bytes), "a plan that waits stays what its digest says");
    }
    // What is of others stays.
    let others = |kept| [with(kept, "Ash"), with(kept, "Cedar"), with(kept, "Dan,")].map(|keys| keys.len());
    assert_eq!(others(&after), others(&before));
    let first = named(&o, "1.csv").await;
    let uploaded = o.file(&first, FileKind::Uploaded).await;
    assert_eq!(uploaded.lines().map(str::to_owned).collect::<Vec<_>>()[1..], [ANN, "", CAT]);
    let plan = o.cloud().plan_head_get(&first.id, first.digest.as_deref().unwrap()).await.unwrap();
    assert_eq!(o.cloud().plan_changes_get(&first, 0, &plan.chunks[0]).await.unwrap().len(), 2);
    assert_eq!(first.redacted_at, Some(o.now));
    let second = named(&o, "2.csv").await;
    let found = o.cloud().finding_list(&second, 0).await.unwrap().unwrap();
    assert_eq!(found.iter().map(|finding| finding.row).collect::<Vec<_>>(), [Some(3)]);

    // It goes out of the plan that waits when that is decided about, and then it is forgotten.
    assert_eq!(o.cloud().erased_user_list().await.unwrap().len(), 1);
    reject(&o, &waiting).await;
    let slow = 15 * MINUTE;
    o.now += slow;
    assert!(look(&o).await);
    assert!(!with(&kept(&o).await, "Birch").is_empty(), "a function may still be at work, and would write it again");
    o.now += slow;
    assert!(look(&o).await && look(&o).await);
    assert_eq!(with(&kept(&o).await, "Birch"), Vec::<&str>::new());
    assert_eq!(o.cloud().erased_user_list().await.unwrap(), []);
    assert_eq!(receipts(&o, ben).await, [erased_at], "one, and it tells when the account was erased");

    // Who comes back has new lines, and those stay.
    o.now += 1000;
    o.settings(r#"{"partial":{"requires_approval":false}}"#).await;
    o.drop("inbox/partial/5.csv", &[BEN]).await;
    o.settle().await;
    assert_eq!(o.guid("00123").await, ben);
    assert!(look(&o).await);
    assert!(!with(&kept(&o).await, "Birch").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_somebody_out_may_be_stopped_after_any_number_of_requests() {
    let line = Line::whole();
    let (mut o, _) = with_erased(Some(SharedInterceptor::new(line.clone()))).await;
    let waiting = named(&o, "4.csv").await;
    let before = kept(&o).await;
    let (words, uploads) =
        (o.cloud().erased_user_list().await.unwrap(), o.cloud().upload_list_with_files(None).await.unwrap());
    let mut undisturbed = None;
    for requests in [None].into_iter().chain((0..).step_by(3).map(Some)) {
        for (key, bytes) in &before {
            o.cloud().object_put(key, bytes.clone()).await.unwrap();
        }
        for upload in &uploads {
            o.cloud().upload_files_redacted_to(&upload.id, upload.redacted_to).await.unwrap();
        }
        for word in &words {
            let item = Item::from([("custom_ids".to_owned(), json(&word.custom_ids).unwrap())]);
            o.cloud().item_put(&Key::erased(word.at, word.guid), item).await.unwrap();
        }
        o.now += 1000;
        let stopped = match requests {
            Some(requests) => {
                line.break_after(requests);
                let _ = Box::pin(validate::handle(o.cloud(), json!({ "look": true }), o.now)).await;
                line.mend()
            }
            None => false,
        };
        assert!(look(&o).await);
        let after = kept(&o).await;
        assert!(with(&after, "Birch").iter().all(|key| key.contains(&waiting.id.0)), "{requests:?}");
        assert_eq!(undisturbed.get_or_insert_with(|| after.clone()), &after, "stopped after {requests:?}");
        if requests.is_some_and(|requests| !stopped && requests > 20) {
            return;
        }
    }
}

#[tokio::test]
async fn a_former_custom_id_goes_too_unless_somebody_else_has_it() {
    let mut o = Organisation::new(None).await;
    o.drop("inbox/partial/1.csv", &[BEN, "Ora,Oak,,,7,A,Student,,4,Active"]).await;
    o.settle().await;
    let ben = o.user("00123").await.unwrap();
    // A row that is rejected says nothing of whom it is about but the ID of then.
    o.drop("inbox/partial/2.csv", &["Ben,Birch,,,00123,A,Student,,44,Active"]).await;
    o.settle().await;
    let after = roster::User { custom_id: Some("9".to_owned()), version: ben.version + 1, ..ben.clone() };
    let by = Decider { guid: o.admin.guid, username: "admin".to_owned(), key: None };
    o.cloud().user_change_by_hand(&ben, after, &by, o.now).await.unwrap();
    o.now += 1000;
    o.drop("inbox/full/3.csv", &["Ora,Oak,,,7,A,Student,,4,Active"]).await;
    o.settle().await;
    o.approve(&named(&o, "3.csv").await).await;
    o.settle().await;
    o.now += 31 * DAY;
    assert!(look(&o).await && look(&o).await);
    assert_eq!(with(&kept(&o).await, "Birch"), Vec::<&str>::new());
    assert!(with(&kept(&o).await, "Oak").len() > 5);
    assert_eq!(named(&o, "3.csv").await.scope, Scope::Organisation);
}

/// What the log says of a user that is out of all files: the account was erased and left the lists at the same moment,
/// and there are three uploads from before that and one that waited.
async fn receipts(o: &Organisation, guid: Guid) -> Vec<String> {
    let user = o.cloud().account_get(guid).await.unwrap().unwrap().user;
    let log = o.cloud().audit_list(Trail::User(&user), 0..u64::MAX, None, 100).await.unwrap().items;
    let receipts: Vec<_> = log.iter().filter(|entry| entry.action == Action::UserErasedFromFiles).collect();
    for receipt in &receipts {
        let said: Vec<_> = receipt.details.iter().map(|detail| detail.field.as_str()).collect();
        assert_eq!(said, ["account_erased", "left_lists", "uploads"]);
        assert_eq!((&receipt.details[1].after, receipt.details[2].after.as_str()), (&receipt.details[0].after, "4"));
        assert_eq!((receipt.at, &receipt.school), (o.now, &Some(user.school.clone())));
        let text = serde_json::to_string(receipt).unwrap();
        assert!(text.contains("00123") && !text.contains("Birch"), "{text}");
    }
    receipts.iter().map(|receipt| receipt.details[0].after.clone()).collect()
}

async fn reject(o: &Organisation, upload: &Upload) {
    let by = Decider { guid: o.admin.guid, username: o.admin.username.clone(), key: None };
    let verdict = Verdict::Rejected { reason: "no".to_owned() };
    let digest = upload.digest.clone().unwrap();
    let decision = Decision { verdict, by: Some(by), at: o.now, digest, rekeys: None };
    o.cloud().upload_decide(&upload.id, decision).await.unwrap();
}

/// Keeps the passwords of a reset with one user, made `at`, and answers with their key.
async fn reset(o: &Organisation, user: &User, at: u64) -> String {
    let reset = Reset {
        id: upload_id(at, [7; 10]).0,
        at,
        by: "admin".to_owned(),
        school: user.school.clone(),
        grade: None,
        user_type: None,
        class: None,
        user: None,
        users: 1,
        skipped: 0,
        hands_out: Roles::default(),
    };
    o.cloud().reset_put(&reset).await.unwrap();
    let file = roster::reset_file([(user, "brave-otter-42")].into_iter(), &o.cloud().school_list().await.unwrap());
    o.cloud().object_put(&keys::reset_credentials(&reset.id), file).await.unwrap();
    keys::reset_credentials(&reset.id)
}

#[tokio::test]
async fn who_was_erased_and_came_back_keeps_a_new_password() {
    let (mut o, ben) = with_erased(None).await;
    let back = User { guid: ben, last_name: "Birch".to_owned(), ..o.user("00124").await.unwrap() };
    let before = reset(&o, &back, o.now - 40 * DAY).await;
    let after = reset(&o, &back, o.now + 1000).await;
    o.now += 2000;
    assert!(look(&o).await);
    let with_password = with(&kept(&o).await, "brave-otter-42").into_iter().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(with_password, [after], "{before} is from before");
}

#[tokio::test]
async fn a_number_is_an_id_only_in_the_column_of_ids() {
    let mut o = Organisation::new(None).await;
    o.drop("inbox/partial/1.csv", &[ANN, &BEN.replace("00123", "9")]).await;
    o.settle().await;
    o.now += 1000;
    let header = "First Name,Last Name,Middle Name,Email,Student ID,School ID,Role,Position,Year Level,Status";
    let row = |name: &str, id: &str, grade: &str| format!("{name},,,{id},A,Student,,{grade},Gone");
    let rows = [row("Ben,Birch", "9", "4"), row("Cat,Cedar", "00124", "9")].join("\n");
    o.cloud().object_put("inbox/partial/2.csv", format!("{header}\n{rows}\n")).await.unwrap();
    o.settle().await;
    assert_eq!(named(&o, "2.csv").await.counts.unwrap().rejected, 2);
    o.now += 1000;
    o.drop("inbox/full/3.csv", &[ANN]).await;
    o.settle().await;
    o.approve(&named(&o, "3.csv").await).await;
    o.settle().await;
    let others = with(&kept(&o).await, "Cedar").len();
    o.now += 31 * DAY;
    assert!(look(&o).await && look(&o).await);
    let after = kept(&o).await;
    assert_eq!((with(&after, "Birch"), with(&after, "Cedar").len()), (vec![], others));
    assert!(o.file(&named(&o, "2.csv").await, FileKind::Errors).await.contains("Cedar"));
}

#[tokio::test]
async fn a_plan_that_can_not_be_read_keeps_nobody_in_the_files() {
    let (mut o, ben) = with_erased(None).await;
    let plan_of = async |name: &str| {
        let upload = named(&o, name).await;
        keys::plan(&upload.id, upload.digest.as_deref().unwrap())
    };
    let [altered, gone, other] = [plan_of("1.csv").await, plan_of("2.csv").await, plan_of("3.csv").await];
    let plan = o.cloud().object_get(&altered).await.unwrap().unwrap();
    o.cloud().object_put(&altered, [&plan[..], b"\n"].concat()).await.unwrap();
    o.cloud().object_delete(&gone).await.unwrap();
    let mut record = o.cloud().upload_get(&named(&o, "3.csv").await.id).await.unwrap().unwrap();
    let plan = o.cloud().object_get(&other).await.unwrap().unwrap();
    let plan = String::from_utf8(plan.to_vec()).unwrap().replace(r#""version":1"#, r#""version":99"#);
    let digest = cloud::bucket::digest(plan.as_bytes());
    o.cloud().object_put(&keys::plan(&record.upload.id, &digest), plan).await.unwrap();
    record.upload.digest = Some(digest);
    let _ = o.cloud().upload_save(&mut record).await.unwrap();
    let before = kept(&o).await;
    o.now += 1000;
    assert!(look(&o).await);
    let (after, waiting) = (kept(&o).await, named(&o, "4.csv").await);
    for key in with(&after, "Birch").into_iter().chain(with(&after, &ben.to_string())) {
        assert!(key.contains(&waiting.id.0), "{key}");
    }
    assert_eq!(with(&after, "Cedar"), with(&before, "Cedar"), "what is of others stays");
}

#[tokio::test]
async fn an_upload_that_can_not_be_read_does_not_keep_the_others_from_being_gone_through() {
    let (mut o, _) = with_erased(None).await;
    let first = named(&o, "1.csv").await;
    let waiting = named(&o, "4.csv").await;
    let key = Key::upload(&first.id);
    let record = o.cloud().item_get(&key).await.unwrap().unwrap();
    o.cloud().item_put(&key, Item::from([("upload".to_owned(), json(&"no upload").unwrap())])).await.unwrap();
    o.now += 1000;
    assert!(!look(&o).await, "somebody is told");
    let left = |kept: &BTreeMap<String, Vec<u8>>| {
        with(kept, "Birch")
            .iter()
            .filter(|key| !key.contains(&waiting.id.0))
            .map(|key| key.contains(&first.id.0))
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(left(&kept(&o).await), BTreeSet::from([true]));
    o.cloud().item_put(&key, record).await.unwrap();
    assert!(look(&o).await);
    assert_eq!(left(&kept(&o).await), BTreeSet::new());
}

/// One of two people whose custom IDs were taken for those of one is erased, and the other one stays.
async fn check_two_people(gone: &str, stays: &str) {
    let row = |id: &str| BEN.replace("00123", id);
    let mut o = Organisation::new(None).await;
    o.drop("inbox/partial/1.csv", &[ANN, &row("20007")]).await;
    o.settle().await;
    o.settings("{}").await;
    o.now += 1000;
    o.drop("inbox/partial/2.csv", &[ANN, &row("77007")]).await;
    o.settle().await;
    let second = named(&o, "2.csv").await;
    assert_eq!(second.counts.unwrap().rekeyed, 1);
    o.approve_with(&second, Some(RekeyChoices { all: RekeyChoice::TwoPeople, except: BTreeSet::new() })).await;
    o.settle().await;
    let [gone_guid, guid] = [o.guid(gone).await, o.guid(stays).await];
    o.now += 1000;
    o.drop("inbox/full/3.csv", &[ANN, &row(stays)]).await;
    o.settle().await;
    o.approve(&named(&o, "3.csv").await).await;
    o.settle().await;
    o.now += 31 * DAY;
    assert!(look(&o).await && look(&o).await);
    let after = kept(&o).await;
    assert_eq!(with(&after, gone), Vec::<&str>::new());
    assert_eq!(with(&after, &gone_guid.to_string()), Vec::<&str>::new());
    let uploads = if stays == "20007" { ["1.csv", "3.csv"] } else { ["2.csv", "3.csv"] };
    for name in uploads {
        let upload = named(&o, name).await;
        for kind in [FileKind::Uploaded, FileKind::Completed] {
            assert!(o.file(&upload, kind).await.contains(stays), "{name} {kind:?}");
        }
    }
    let second = named(&o, "2.csv").await;
    let plan = o.cloud().plan_head_get(&second.id, second.digest.as_deref().unwrap()).await.unwrap();
    let changes = o.cloud().plan_changes_get(&second, 0, &plan.chunks[0]).await.unwrap();
    let left = changes.iter().map(|change| change.guid).collect::<Vec<_>>();
    assert_eq!(left, if stays == "77007" { vec![guid] } else { vec![] });
    assert_eq!(o.cloud().erased_user_list().await.unwrap(), []);
}

#[tokio::test]
async fn of_two_people_who_were_taken_for_one_the_new_one_stays() {
    check_two_people("20007", "77007").await;
}

#[tokio::test]
async fn of_two_people_who_were_taken_for_one_the_new_one_goes() {
    check_two_people("77007", "20007").await;
}

#[tokio::test]
async fn who_came_by_another_upload_goes_out_of_those_that_did_not_create_anybody() {
    let mut o = Organisation::new(None).await;
    o.settings(r#"{"accounts":{"passwords":{"readable_days":100}}}"#).await;
    for name in ["rejected.csv", "second.csv", "first.csv"] {
        o.now += 1000;
        o.drop(&format!("inbox/partial/{name}"), &[ANN, BEN]).await;
        o.settle().await;
    }
    reject(&o, &named(&o, "rejected.csv").await).await;
    for (name, left_alone) in [("first.csv", 0), ("second.csv", 2)] {
        o.approve(&named(&o, name).await).await;
        o.settle().await;
        assert_eq!(named(&o, name).await.left_alone, left_alone);
    }
    o.now += 1000;
    o.drop("inbox/full/last.csv", &[ANN]).await;
    o.settle().await;
    o.approve(&named(&o, "last.csv").await).await;
    o.settle().await;
    let others = with(&kept(&o).await, "Ash").len();
    o.now += 31 * DAY;
    assert!(look(&o).await && look(&o).await);
    let after = kept(&o).await;
    assert_eq!((with(&after, "Birch"), with(&after, "00123")), (vec![], vec![]));
    assert_eq!(with(&after, "Ash").len(), others);
}
