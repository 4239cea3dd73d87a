//! The audit log: what is in it, who reads what, and the file.

use cloud::audit::Author;
use cloud::bucket::{digest, keys, lines};
use roster::durations::HOUR;
use roster::{Change, Fields, Kind, Permission, Scope, User};
use serde_json::{Value, json};
use wire::audit::{Action, Entry};
use wire::http::RolesDocument;
use wire::stored::{ChangeResult, ChunkHead, ChunkOf, Outcome};

use crate::decisions::{alter_plan, awaiting};
use crate::system::{Person, START, System, student};

/// Returns every entry under a query, and how many pages that took.
async fn read(person: &Person<'_>, query: &str) -> (Vec<Entry>, usize) {
    let (mut entries, mut pages, mut cursor) = (Vec::new(), 0, None::<String>);
    loop {
        let next = cursor.map(|cursor| format!("&cursor={}", cursor.replace('#', "%23"))).unwrap_or_default();
        let page = person.get(&format!("/api/audit?{query}{next}")).await.ok();
        entries.extend(serde_json::from_value::<Vec<Entry>>(page["items"].clone()).unwrap());
        pages += 1;
        cursor = page["cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            return (entries, pages);
        }
    }
}

async fn actions(person: &Person<'_>, query: &str) -> Vec<&'static str> {
    read(person, query).await.0.iter().map(|entry| entry.action.as_str()).collect()
}

/// Lets school administrators read the audit log.
async fn open_to_schools(system: &System) {
    let mut roles = roster::role::built_in();
    roles[4].permissions.insert(Permission::ReadAudit);
    let author = Author { by: None, at: START };
    system.cloud.roles_save(RolesDocument { version: 0, roles }, &author).await.unwrap().unwrap();
}

#[tokio::test]
async fn whatever_somebody_changes_is_in_the_log_with_before_and_after() {
    let system = System::start().await;
    let dora = system.dora().await;
    system.later(1);
    dora.put("/api/settings", json!({ "version": 0, "settings": { "full": { "update_names": true } } })).await.ok();
    system.later(1);
    let mut document = dora.get("/api/roles").await.ok();
    document["roles"][1]["permissions"] = json!(["see_users"]);
    dora.put("/api/roles", document).await.ok();
    system.later(1);
    let path = format!("/api/schools/{}", system.north.id.0);
    dora.put(&path, json!({ "name": "Northern", "external_id": "10001" })).await.ok();
    system.later(1);
    let user = student("Ora", "Klein", "123", &system.north.id);
    system.add(std::slice::from_ref(&user)).await;
    let path = format!("/api/users/{}/custom-id", user.guid);
    dora.put(&path, json!({ "custom_id": "00123", "version": 1 })).await.ok();

    let (entries, _) = read(&dora, "by=DORA").await;
    let told: Vec<(&str, Value)> =
        entries.iter().map(|entry| (entry.action.as_str(), serde_json::to_value(&entry.details).unwrap())).collect();
    let change = |field: &str, before: &str, after: &str| json!([{ "field": field, "before": before, "after": after }]);
    assert_eq!(
        told,
        [
            ("user_changed", change("custom_id", "123", "00123")),
            ("school_changed", change("name", "North", "Northern")),
            ("role_changed", change("permissions", "see_own_classes", "see_users")),
            ("settings_changed", change("full.update_names", "false", "true")),
        ]
    );
    assert!(entries.iter().all(|entry| entry.by.as_ref().is_some_and(|by| by.username == "Dora")));
    assert_eq!(entries[0].at, system.now());
    let text = serde_json::to_string(&entries).unwrap();
    assert!(!text.contains("Klein") && !text.contains("Ora"), "nothing personal: {text}");
    // What is refused or changes nothing leaves nothing.
    dora.put("/api/settings", json!({ "version": 0, "settings": {} })).await;
    dora.put(&path, json!({ "custom_id": "00123", "version": 2 })).await.ok();
    assert_eq!(actions(&dora, "by=dora").await.len(), 4);
}

#[tokio::test]
async fn the_log_is_filtered_and_a_school_reads_its_own() {
    let system = System::start().await;
    open_to_schools(&system).await;
    let (dora, nora) = (system.dora().await, system.nora().await);
    system.later(1);
    let own = awaiting(&system, Scope::School(system.north.id.clone()), Vec::new()).await;
    system.later(1);
    let all = awaiting(&system, Scope::Organisation, Vec::new()).await;
    system.later(1);
    let (from, reject) = (system.now(), json!({ "digest": own.digest, "reason": "no" }));
    nora.post(&format!("/api/uploads/{}/reject", own.id), reject).await.ok();

    assert_eq!(actions(&dora, "").await.len(), 6, "a role, two schools, two uploads, a rejection");
    assert_eq!(actions(&nora, "").await, ["rejected", "uploaded", "school_added"]);
    assert_eq!(actions(&dora, &format!("upload={}", own.id)).await, ["rejected", "uploaded"]);
    assert_eq!(actions(&dora, "action=uploaded").await, ["uploaded", "uploaded"]);
    assert_eq!(actions(&dora, "by=nora").await, ["rejected"]);
    assert_eq!(actions(&dora, &format!("from={from}")).await, ["rejected"]);
    assert_eq!(actions(&dora, &format!("from={}&to={from}", from - 1000)).await, ["uploaded"]);
    assert_eq!(actions(&dora, &format!("school={}", system.south.id.0)).await, ["school_added"]);
    assert_eq!(nora.get(&format!("/api/audit?school={}", system.south.id.0)).await.said(), (403, "other_school"));
    assert_eq!(nora.get(&format!("/api/audit?upload={}", all.id)).await.said(), (404, "not_found"));
    let other = student("A", "A", "1", &system.south.id);
    system.add(std::slice::from_ref(&other)).await;
    assert_eq!(nora.get(&format!("/api/audit?user={}", other.guid)).await.said(), (404, "not_found"));
    for wrong in ["x", "1800000000000", "%23", "180000000000a%23b"] {
        assert_eq!(dora.get(&format!("/api/audit?cursor={wrong}")).await.said(), (400, "cursor_unknown"), "{wrong}");
    }
}

#[tokio::test]
async fn a_long_log_comes_newest_first_in_pages_across_months() {
    let system = System::start().await;
    let dora = system.dora().await;
    let mut expected = Vec::new();
    for n in 0..130 {
        // Three a moment, and another month every twenty moments.
        let at = START + n / 3 * 36 * HOUR;
        let entry = Entry::new(at, None, Action::Downloaded, wire::audit::Subject::Users);
        let entry = Entry { row: Some(n as u32), ..entry };
        system.cloud.audit_append(&entry).await.unwrap();
        expected.push((at, n as u32));
    }
    let (entries, pages) = read(&dora, "action=downloaded").await;
    let mut seen: Vec<(u64, u32)> = entries.iter().map(|entry| (entry.at, entry.row.unwrap())).collect();
    assert!(seen.is_sorted_by(|a, b| a.0 >= b.0) && pages >= 2, "{pages}");
    seen.sort_unstable();
    assert_eq!(seen, expected, "each of them once");
}

/// Makes an upload that moved two users, one of whom had drifted, and its entry in the history of the first.
async fn applied(system: &System, users: &[User; 2]) -> wire::Upload {
    let change = |user: &User, row| Change {
        kind: Kind::Updated,
        guid: user.guid,
        row: Some(row),
        seen_version: Some(1),
        before: Fields::of(user),
        after: Fields::of(&User { grade: roster::Grade::G10, ..user.clone() }),
        password: None,
        restores: false,
        exchange: None,
        two_people: None,
        not_updated: Vec::new(),
    };
    let changes = [change(&users[0], 2), change(&users[1], 3)];
    let bytes = lines(&changes);
    let chunk = ChunkHead {
        changes: 2,
        digest: digest(&bytes),
        passwords: None,
        tallies: Vec::new(),
        last: false,
        of: ChunkOf::Users,
        class_tallies: Vec::new(),
    };
    let upload = awaiting(system, Scope::Organisation, vec![chunk.clone()]).await;
    system.cloud.object_put(&keys::changes(&upload.id, 0, &chunk.digest), bytes).await.unwrap();
    let outcomes = [Outcome::Done, Outcome::Drifted];
    let results =
        users.iter().zip(outcomes).map(|(user, outcome)| ChangeResult { guid: user.guid, row: None, outcome });
    system.cloud.object_put(&keys::results(&upload.id, 0), lines(results)).await.unwrap();
    let dora = system.dora().await;
    let approval = json!({ "digest": upload.digest, "removals": 3 });
    dora.post(&format!("/api/uploads/{}/approve", upload.id), approval).await.ok();
    let mut record = system.cloud.upload_get(&upload.id).await.unwrap().unwrap();
    let decision = record.upload.decision.clone().unwrap();
    let by = cloud::changes::Applying { upload: &upload.id, at: system.now(), now: system.now(), decision: &decision };
    let [first, _] = changes;
    let steps = vec![cloud::changes::Step { change: first, password: None }];
    assert_eq!(system.cloud.change_carry_out(steps, &by).await.unwrap(), [Outcome::Done]);
    system.later(1);
    record.upload.status = wire::Status::CompletedWithErrors;
    let entry = Entry::of_upload(system.now(), Action::Applied, &record.upload);
    let wrote = system.cloud.upload_save_with(&mut record, &[entry]).await.unwrap();
    assert_eq!(wrote, cloud::table::WriteOutcome::Written);
    record.upload
}

#[tokio::test]
async fn of_a_user_the_log_tells_what_uploads_did_and_what_somebody_did_by_hand() {
    let system = System::start().await;
    let users = ["1", "2"].map(|id| student("Ora", "Klein", id, &system.north.id));
    system.add(&users).await;
    system.later(60);
    let upload = applied(&system, &users).await;
    system.later(60);
    let dora = system.dora().await;
    let path = format!("/api/users/{}", users[0].guid);
    dora.put(&format!("{path}/custom-id"), json!({ "custom_id": "01", "version": 2 })).await.ok();

    let (entries, _) = read(&dora, &format!("user={}", users[0].guid)).await;
    let told: Vec<&str> = entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(told, ["user_changed", "user_synced"]);
    let synced = &entries[1];
    assert_eq!((&synced.upload, synced.row), (&Some(upload.id.clone()), Some(2)));
    assert_eq!(synced.file_name.as_deref(), Some("roster.csv"));
    assert_eq!(synced.by.as_ref().map(|by| by.username.as_str()), Some("Dora"), "who approved");
    let fields: Vec<&str> = synced.details.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["change", "grade"]);

    let detail = dora.get(&path).await.ok();
    let origin = |field: &str| {
        detail["origins"].as_array().unwrap().iter().find(|origin| origin["field"] == field).cloned().unwrap()
    };
    let grade = origin("grade");
    assert_eq!((&grade["file_name"], &grade["row"]), (&json!("roster.csv"), &json!(2)));
    assert_eq!((&grade["by"], &grade["upload"]), (&json!("Dora"), &json!(upload.id)));
    assert_eq!((&origin("custom_id")["by"], &origin("custom_id")["upload"]), (&json!("Dora"), &json!(null)));
    assert_eq!(origin("first_name")["at"], START);
}

#[tokio::test]
async fn a_field_has_its_origin_however_long_ago_that_was() {
    let system = System::start().await;
    let user = student("Ora", "Klein", "0", &system.north.id);
    system.add(std::slice::from_ref(&user)).await;
    let mut seen = user.clone();
    let by = wire::upload::Decider { guid: user.guid, username: "dora".to_owned(), key: None };
    for n in 1..=120u64 {
        let after = User { custom_id: Some(n.to_string()), version: seen.version + 1, ..seen.clone() };
        let outcome = system.cloud.user_change_by_hand(&seen, after.clone(), &by, START + n).await.unwrap();
        assert_eq!(outcome, Outcome::Done);
        seen = after;
    }
    let detail = system.dora().await.get(&format!("/api/users/{}", user.guid)).await.ok();
    assert_eq!(detail["history"].as_array().unwrap().len(), 100);
    let at = |field: &str| {
        let origins = detail["origins"].as_array().unwrap();
        origins.iter().find(|origin| origin["field"] == field).unwrap()["at"].clone()
    };
    assert_eq!((at("custom_id"), at("last_name")), (json!(START + 120), json!(START)));
}

#[tokio::test]
async fn a_download_has_each_change_of_an_account_after_the_upload_that_made_it() {
    let system = System::start().await;
    open_to_schools(&system).await;
    let users = ["=1", "2"].map(|id| student("Ora", "Klein", id, &system.north.id));
    system.add(&users).await;
    system.later(60);
    let upload = applied(&system, &users).await;
    let dora = system.dora().await;
    let link = dora.post("/api/audit/download", json!({ "upload": upload.id })).await.ok();
    let answer = reqwest::get(link["url"].as_str().unwrap()).await.unwrap().error_for_status().unwrap();
    let file = answer.text().await.unwrap();
    let lines: Vec<&str> = file.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "time,by,action,subject,id,custom_id,school,upload,file,row,change,outcome,details");
    let id = &upload.id;
    assert!(lines[1].starts_with(&format!("2027-01-15T08:01:01Z,Dora,applied,upload,{id},")), "{}", lines[1]);
    let line = |user: &User, custom_id: &str, row, outcome: &str| {
        let guid = user.guid;
        format!(
            "2027-01-15T08:01:01Z,Dora,user_synced,user,{guid},{custom_id},10001,{id},roster.csv,{row},updated,{outcome},"
        )
    };
    assert_eq!(lines[2..4], [line(&users[0], "'=1", 2, "done"), line(&users[1], "2", 3, "drifted")]);
    assert_eq!(lines.len(), 6, "applied with two changes, approved, uploaded: {file}");
    assert!(!file.contains("Klein"));
    assert_eq!(actions(&dora, "action=downloaded").await, ["downloaded"]);
    assert_eq!(actions(&system.nora().await, "").await, ["school_added"], "an upload of all schools is not theirs");
}

#[tokio::test]
async fn a_download_says_of_which_upload_the_changes_can_not_be_read() {
    let system = System::start().await;
    let users = ["1", "2"].map(|id| student("Ora", "Klein", id, &system.north.id));
    system.add(&users).await;
    system.later(60);
    let upload = applied(&system, &users).await;
    alter_plan(&system, &upload).await;
    let dora = system.dora().await;
    let link = dora.post("/api/audit/download", json!({ "upload": upload.id })).await.ok();
    let file = reqwest::get(link["url"].as_str().unwrap()).await.unwrap().text().await.unwrap();
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines.len(), 5, "applied, what can't be read, approved, uploaded: {file}");
    assert!(lines[2].contains(&upload.id.0) && lines[2].contains("can't be read"), "{}", lines[2]);
}
