//! One person, added and edited by hand: an upload of one row, from the form to the account.

use reqwest::Method;
use roster::{Code, Guid, Hold, Mode, SourceId};
use tests::town::{Admin, Town};
use wire::http::{LastFile, NewUpload, Outlook, WaitingChanges, WaitsFor};
use wire::{Status, UploadId};

use super::{HEADERS, roster, student};

/// Returns the row that the page makes of what is filled in.
fn typed(row: &str) -> Vec<u8> {
    format!("{HEADERS},username,user_guid\r\n{row}\r\n").into_bytes()
}

/// Returns the row of a user with a name, whose GUID says that it is meant.
fn edit(name: &str, custom_id: &str, school: &str, grade: &str, guid: Guid) -> Vec<u8> {
    typed(&format!("{name},Student{custom_id},,,{custom_id},{school},Student,,{grade},Active,,{guid}"))
}

/// Sends what was filled in, as the page does.
pub(super) async fn send(admin: &Admin, file: Vec<u8>) -> UploadId {
    let new = NewUpload {
        mode: Mode::Partial,
        file_name: "by-hand.csv".into(),
        bytes: file.len() as u64,
        sha256: cloud::bucket::digest(&file),
        encoding: None,
        sheet: None,
        checked: None,
        schools: [].into(),
        of_source: None,
        by_hand: true,
        repeat: wire::http::Repeat::Never,
    };
    let ticket: wire::http::UploadTicket = admin.ask(Method::POST, "uploads", &new).await;
    assert!(admin.put(&ticket, file).await.status().is_success());
    ticket.id
}

/// Sends what was filled in, and approves its plan.
pub(super) async fn carry_out(admin: &Admin, file: Vec<u8>) {
    let id = send(admin, file).await;
    let planned = admin.wait_for_plan(&id).await;
    admin.approve(&planned).await;
    assert_eq!(admin.wait_for_end(&id).await.status, Status::Completed);
}

#[tokio::test]
async fn a_pupil_is_added_edited_and_disabled_by_hand() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    // Nothing else waits, and details and names are kept: what is typed is meant all the same.
    head.change_settings(|settings| {
        let partial = &mut settings.partial;
        (partial.requires_approval, partial.overwrite, partial.update_names) = (false, false, false);
    })
    .await;

    let id = send(&head, typed("Nia,StudentP1,,,P1,10001,Student,,4,Active,,")).await;
    let planned = head.wait_for_plan(&id).await;
    let counts = planned.counts.unwrap();
    assert_eq!((counts.rows(), counts.created, counts.changes()), (1, 1, 1));
    assert_eq!((planned.by_hand, &planned.holds[..]), (true, &[Hold::ApprovalRequired][..]));
    assert!(town.managed_users().await.is_empty(), "nothing happens before somebody has approved");
    head.approve(&planned).await;
    assert_eq!(head.wait_for_end(&id).await.status, Status::Completed);
    let nia = town.user("P1").await;

    let renamed = send(&head, edit("Nina", "P1", "10002", "5", nia.guid)).await;
    let planned = head.wait_for_plan(&renamed).await;
    assert_eq!(planned.counts.unwrap().moved, 1, "{planned:#?}");
    let waiting: WaitingChanges = head.get(&format!("users/{}/waiting", nia.guid)).await;
    let [change] = &waiting.items[..] else { panic!("one change waits: {waiting:#?}") };
    assert_eq!((&change.upload, change.waits_for, change.by_hand), (&renamed, WaitsFor::Approval, true));
    assert_eq!(change.change.as_ref().unwrap().after.as_ref().unwrap().first_name, "Nina");
    head.approve(&planned).await;
    assert_eq!(head.wait_for_end(&renamed).await.status, Status::Completed);
    let nina = town.user("P1").await;
    let moved_to = town.school("10002").await.id;
    assert_eq!((nina.guid, nina.first_name.as_str(), &nina.school), (nia.guid, "Nina", &moved_to));
    assert_eq!(nina.grade, roster::Grade::G5);
    let waiting: WaitingChanges = head.get(&format!("users/{}/waiting", nia.guid)).await;
    assert!(waiting.items.is_empty());

    let disabled = format!("Nina,StudentP1,,,P1,10002,Student,,5,Disabled,,{}", nia.guid);
    carry_out(&head, typed(&disabled)).await;
    assert_eq!(town.user("P1").await.status, roster::Status::Disabled);

    let detail = head.user(nia.guid).await;
    let origin = detail.origins.iter().find(|origin| origin.field == "first_name").unwrap();
    assert_eq!((origin.by_hand, origin.by.as_deref(), &origin.upload), (true, Some("head"), &Some(renamed)));
}

#[tokio::test]
async fn a_later_roster_treats_what_was_typed_as_the_settings_say() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    town.sync(&head, Mode::Partial, roster(&[&student("P1", "10001", "4")])).await;
    let nia = town.user("P1").await;
    carry_out(&head, edit("Nina", "P1", "10001", "5", nia.guid)).await;

    let last: LastFile = head.get(&format!("users/{}/last-file", nia.guid)).await;
    let Outlook::Change(change) = &last.outlook else { panic!("{last:#?}") };
    let after = change.after.as_ref().unwrap();
    assert_eq!((after.first_name.as_str(), after.grade), ("Nina", roster::Grade::G4), "names are kept, grades are not");
    assert_eq!(town.user("P1").await.grade, roster::Grade::G5, "looking changes nothing");

    town.sync(&head, Mode::Partial, roster(&[&student("P1", "10001", "6")])).await;
    let kept = town.user("P1").await;
    assert_eq!((kept.first_name.as_str(), kept.grade), ("Nina", roster::Grade::G6));
    head.change_settings(|settings| settings.partial.update_names = true).await;
    town.sync(&head, Mode::Partial, roster(&[&student("P1", "10001", "6")])).await;
    assert_eq!(town.user("P1").await.first_name, "Nia");
}

#[tokio::test]
async fn whoever_is_added_by_hand_stays_until_a_roster_has_them() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    carry_out(&head, typed("Nia,StudentP1,,,P1,10001,Student,,4,Active,,")).await;
    let source = async || town.user("P1").await.source;
    assert_eq!(source().await, Some(SourceId::by_hand()));
    let with = |ids: [&str; 2]| roster(&ids.map(|id| student(id, "10001", "4")).each_ref().map(String::as_str));
    town.sync(&head, Mode::Full, with(["P2", "P3"])).await;
    let nia = town.user("P1").await;
    assert_eq!(nia.deleted_at, None, "no roster answers for who was added by hand");

    town.sync(&head, Mode::Full, with(["P1", "P2"])).await;
    assert_eq!(source().await, None, "the roster has taken her over");
    carry_out(&head, edit("Nina", "P1", "10001", "5", nia.guid)).await;
    assert_eq!(source().await, None, "an edit changes the source of nobody");
    town.sync(&head, Mode::Full, with(["P2", "P3"])).await;
    assert!(town.managed_users().await.iter().all(|user| user.custom_id.as_deref() != Some("P1")));
}

#[tokio::test]
async fn an_edit_by_hand_is_about_one_person() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let rows = [student("P1", "10001", "4"), student("P2", "10001", "4")];
    let two = send(&head, roster(&rows.each_ref().map(String::as_str)).into_bytes()).await;
    let failed = head.wait_for_end(&two).await;
    assert_eq!(failed.status, Status::Failed);
    assert!(failed.failure.as_deref().unwrap().starts_with("An edit by hand has one row, about one person"));
    let none = send(&head, format!("{HEADERS}\r\n").into_bytes()).await;
    assert_eq!(head.wait_for_end(&none).await.status, Status::Failed);
    assert!(town.managed_users().await.is_empty());
}

#[tokio::test]
async fn a_school_administrator_adds_and_edits_users_of_the_own_school_only() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let principal = town.administrator("principal", "10001").await;
    town.sync(&head, Mode::Partial, roster(&[&student("P3", "10002", "4")])).await;
    let theirs = town.user("P3").await;

    let foreign = send(&principal, edit("Nina", "P3", "10002", "5", theirs.guid)).await;
    let ended = principal.wait_for_end(&foreign).await;
    assert_eq!((ended.counts.unwrap().rejected, ended.counts.unwrap().changes()), (1, 0));
    let taken = send(&principal, edit("Nina", "P3", "10001", "5", theirs.guid)).await;
    let ended = principal.wait_for_end(&taken).await;
    assert_eq!(ended.findings, [(Code::UserOutOfScope, 1)].into());
    assert_eq!(town.user("P3").await, theirs);

    carry_out(&principal, typed("Nia,StudentP4,,,P4,10001,Student,,4,Active,,")).await;
    let own = town.user("P4").await;
    carry_out(&principal, edit("Nina", "P4", "10001", "5", own.guid)).await;
    assert_eq!(town.user("P4").await.first_name, "Nina");
}
