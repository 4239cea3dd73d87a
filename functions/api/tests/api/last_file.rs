//! What the newest file would do to one user now.

use cloud::bucket::keys;
use roster::{Guid, Mode, SchoolId, Scope};
use serde_json::{Value, json};
use wire::http::SettingsDocument;
use wire::{FileKind, Status, Upload};

use crate::system::{Person, System, student};
use crate::uploads::upload;

const HEADER: &str = "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,position,\
                      grade,status";

/// Keeps an upload that was carried out, with its file.
async fn kept(system: &System, rows: &str, is_so: impl FnOnce(&mut Upload)) -> Upload {
    system.later(1);
    let mut upload = upload(system.now(), Scope::Organisation);
    (upload.status, upload.files) = (Status::Completed, vec![FileKind::Uploaded]);
    is_so(&mut upload);
    system.cloud.object_put(&keys::uploaded(&upload.id), format!("{HEADER}\n{rows}\n")).await.unwrap();
    system.cloud.upload_enter(&upload).await.unwrap();
    upload
}

async fn last_file(person: &Person<'_>, guid: Guid) -> Value {
    person.get(&format!("/api/users/{guid}/last-file")).await.ok()
}

/// Returns a student's row in the school North.
fn row(id: &str, name: &str, grade: &str) -> String {
    format!("{name},Klein,,,{id},10001,Student,,{grade},Active")
}

#[tokio::test]
async fn the_newest_file_that_could_have_the_user_says_what_it_would_do() {
    let system = System::start().await;
    let user = student("Ora", "Klein", "00123", &system.north.id);
    system.add(std::slice::from_ref(&user)).await;
    let dora = system.dora().await;
    assert_eq!(last_file(&dora, user.guid).await, json!({ "file": null, "outlook": "no_file" }));

    let rows = [row("9", "Bo", "4"), row("00123", "Ora", "10"), row("00124", "Al", "4")].join("\n");
    let first = kept(&system, &rows, |_| {}).await;
    let answer = last_file(&dora, user.guid).await;
    let change = &answer["outlook"]["change"];
    assert_eq!((&change["before"]["grade"], &change["after"]["grade"]), (&json!("9"), &json!("10")));
    assert_eq!((&change["kind"], &change["row"]), (&json!("updated"), &json!(3)));
    assert_eq!(answer["file"]["upload"], json!(first.id));

    // What does not count: by hand, failed, of another school, of staff, no longer kept.
    let other = row("00123", "Ora", "11");
    kept(&system, &other, |upload| (upload.by_hand, upload.mode) = (true, Mode::Partial)).await;
    kept(&system, &other, |upload| upload.status = Status::Failed).await;
    kept(&system, &other, |upload| upload.scope = Scope::School(system.south.id.clone())).await;
    kept(&system, &other, |upload| upload.mode = Mode::Staff).await;
    kept(&system, &other, |upload| upload.files_deleted_at = Some(1)).await;
    assert_eq!(last_file(&dora, user.guid).await["file"]["upload"], json!(first.id));

    kept(&system, &row("00123", "Ora", "9"), |upload| upload.mode = Mode::Students).await;
    assert_eq!(last_file(&dora, user.guid).await["outlook"], "nothing");
}

#[tokio::test]
async fn of_a_file_from_before_the_id_was_changed_it_is_not_said_that_it_removes_the_user() {
    let system = System::start().await;
    let user = student("Ora", "Klein", "00123", &system.north.id);
    system.add(std::slice::from_ref(&user)).await;
    let dora = system.dora().await;
    kept(&system, &row("00123", "Ora", "9"), |_| {}).await;
    let edit = json!({ "custom_id": "00777", "version": 1 });
    dora.put(&format!("/api/users/{}/custom-id", user.guid), edit).await.ok();
    assert_eq!(last_file(&dora, user.guid).await["outlook"], "unclear");
}

#[tokio::test]
async fn who_is_not_in_a_file_would_be_removed_by_a_full_sync_only() {
    let system = System::start().await;
    let user = student("Ora", "Klein", "00123", &system.north.id);
    system.add(std::slice::from_ref(&user)).await;
    let dora = system.dora().await;
    for (mode, removes) in [(Mode::Full, true), (Mode::Partial, false), (Mode::Students, true)] {
        kept(&system, &row("9", "Bo", "4"), |upload| upload.mode = mode).await;
        let outlook = last_file(&dora, user.guid).await["outlook"].clone();
        assert_eq!(outlook, json!({ "no_row": { "removes": removes } }), "{mode:?}");
    }
}

#[tokio::test]
async fn a_row_that_would_be_rejected_says_why_and_one_written_otherwise_is_unclear() {
    let system = System::start().await;
    let (user, other) =
        (student("Ora", "Klein", "00123", &system.north.id), student("Bo", "Ox", "123", &system.north.id));
    system.add(&[user.clone(), other.clone()]).await;
    let dora = system.dora().await;
    kept(&system, &[row("123", "Bo", "4"), row("00123", "Ora", "Ninth")].join("\n"), |_| {}).await;
    let reasons = last_file(&dora, user.guid).await["outlook"]["rejected"].clone();
    let [reason] = &reasons.as_array().unwrap()[..] else { panic!("one reason: {reasons}") };
    assert_eq!(
        (&reason["code"], &reason["row"], &reason["column"]),
        (&json!("GRADE_UNKNOWN"), &json!(3), &json!("grade"))
    );

    kept(&system, &row("0123", "Ora", "4"), |_| {}).await;
    assert_eq!(last_file(&dora, user.guid).await["outlook"], "unclear");
}

#[tokio::test]
async fn the_settings_of_the_files_mode_and_of_today_decide() {
    let system = System::start().await;
    let user = student("Ora", "Klein", "00123", &system.north.id);
    system.add(std::slice::from_ref(&user)).await;
    let dora = system.dora().await;
    kept(&system, &row("00123", "Orla", "9"), |_| {}).await;
    assert_eq!(last_file(&dora, user.guid).await["outlook"], "nothing", "full syncs keep names");
    let mut document: SettingsDocument = serde_json::from_value(dora.get("/api/settings").await.ok()).unwrap();
    document.settings.full.update_names = true;
    dora.put("/api/settings", serde_json::to_value(&document).unwrap()).await.ok();
    let change = last_file(&dora, user.guid).await["outlook"]["change"].clone();
    assert_eq!(change["after"]["first_name"], "Orla");
}

#[tokio::test]
async fn a_school_administrator_sees_files_of_the_own_school_only() {
    let system = System::start().await;
    let (mine, theirs) = (student("Ora", "Klein", "1", &system.north.id), student("Bo", "Ox", "2", &system.south.id));
    system.add(&[mine.clone(), theirs.clone()]).await;
    let of = |school: &SchoolId| Scope::School(school.clone());
    let own = kept(&system, &row("1", "Ora", "9"), |upload| upload.scope = of(&system.north.id)).await;
    let all = kept(&system, &row("1", "Ora", "4"), |_| {}).await;
    let (dora, nora) = (system.dora().await, system.nora().await);
    let seen = async |person: &Person<'_>| last_file(person, mine.guid).await["file"]["upload"].clone();
    assert_eq!((seen(&dora).await, seen(&nora).await), (json!(all.id), json!(own.id)));
    assert_eq!(nora.get(&format!("/api/users/{}/last-file", theirs.guid)).await.said(), (404, "not_found"));
}

#[tokio::test]
async fn a_file_that_is_too_large_is_not_looked_through() {
    let system = System::start().await;
    let user = student("Ora", "Klein", "00123", &system.north.id);
    system.add(std::slice::from_ref(&user)).await;
    kept(&system, &row("00123", "Ora", "4"), |upload| upload.bytes = 64 * 1024 * 1024 + 1).await;
    assert_eq!(last_file(&system.dora().await, user.guid).await["outlook"], "too_large");
}
