//! Everything that is kept about one person.

use cloud::bucket::{keys, lines};
use cloud::changes::Applying;
use roster::{Change, ClassGuid, Code, Column, Finding, Kind, Scope, User, UserType};
use serde_json::{Value, json};
use wire::stored::{ChangeResult, Outcome};
use wire::{Decision, UploadId, Verdict};

use crate::decisions::awaiting;
use crate::plans::{change, head};
use crate::system::{PASSWORD, Person, System, own, student};

async fn everything(person: &Person<'_>, user: &User) -> (Value, String) {
    let link = person.post(&format!("/api/users/{}/everything", user.guid), json!({})).await.ok();
    let answer = reqwest::get(link["url"].as_str().unwrap()).await.unwrap().error_for_status().unwrap();
    let disposition = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(disposition.contains(&format!("everything-{}.json", user.guid)), "{disposition}");
    let text = answer.text().await.unwrap();
    (serde_json::from_str(&text).unwrap(), text)
}

/// Puts the user into a class.
async fn in_a_class(system: &System, user: &User) {
    let class = ClassGuid(uuid::Uuid::from_u128(7));
    let decision =
        Decision { verdict: Verdict::Approved, by: None, at: system.now(), digest: String::new(), rekeys: None };
    let upload = UploadId("u".to_owned());
    let applying = Applying { upload: &upload, at: system.now(), now: system.now(), decision: &decision };
    let school = &user.school.0;
    let new_class = json!({
        "kind": "created", "class": class, "row": 2, "seen_version": null, "before": null,
        "after": {
            "class_id": "M-1", "school": school, "name": "Algebra", "grade": "9", "course_code": "", "subject": "",
            "period": "", "term": "", "starts": null, "ends": null, "status": "Active",
        },
    });
    let made = system.cloud.class_carry_out(&[serde_json::from_value(new_class).unwrap()], &applying).await;
    assert_eq!(made.unwrap(), [Outcome::Done]);
    let enrolled = json!({
        "kind": "created", "class": class, "user": user.guid, "row": 2, "seen_version": null, "before": null,
        "after": { "role": "Student" },
        "shown": {
            "school": school, "class_id": "M-1", "class_name": "Algebra", "custom_id": "", "first_name": "",
            "last_name": "",
        },
    });
    let made = system.cloud.enrolment_carry_out(&[serde_json::from_value(enrolled).unwrap()], &applying).await;
    assert_eq!(made.unwrap(), [Outcome::Done]);
}

/// Makes an upload whose file has a row of the user and a row of somebody else.
async fn in_an_upload(system: &System, user: &User) -> String {
    let changes = [
        Change { guid: user.guid, row: Some(3), ..change(Kind::Updated, &system.north.id, UserType::Student, 3) },
        change(Kind::Created, &system.north.id, UserType::Student, 2),
    ];
    let chunk = head(&changes);
    let upload = awaiting(system, Scope::Organisation, vec![chunk.clone()]).await;
    let file = "first_name,custom_id\nBo,77\nOra,00123\nOra,0123\n";
    let findings = [4, 2].map(|row| Finding::at(Code::GradeUnknown, row, Column::Grade, "x"));
    let result = |change: &Change| ChangeResult { guid: change.guid, row: change.row, outcome: Outcome::Done };
    let id = &upload.id;
    for (key, bytes) in [
        (keys::changes(id, 0, &chunk.digest), lines(&changes)),
        (keys::uploaded(id), file.as_bytes().to_vec()),
        (keys::findings(id, upload.digest.as_deref(), 0), lines(&findings)),
        (keys::all_findings(id, 0), lines(&findings)),
        (keys::results(id, 0), lines(changes.iter().map(result))),
    ] {
        system.cloud.object_put(&key, bytes).await.unwrap();
    }
    upload.id.0
}

#[tokio::test]
async fn everything_about_a_person_is_one_file_and_nothing_of_others() {
    let system = System::start().await;
    let ora = student("Ora", "Klein", "00123", &system.north.id);
    let hash = runtime::passwords::hash(PASSWORD).unwrap();
    let made = system.cloud.user_create_by_hand(vec![(ora.clone(), Some(own(hash.clone())))], system.now()).await;
    assert_eq!(made.unwrap(), [Outcome::Done]);
    let session = system.sign_in("00123").await;
    let wrong = json!({ "username": "00123", "password": "wrong" });
    assert_eq!(system.post("/api/session", wrong).await.said(), (401, "wrong_sign_in"));
    let upload = in_an_upload(&system, &ora).await;
    in_a_class(&system, &ora).await;
    let began = system.now();
    system.later(1);
    let dora = system.dora().await;
    let edit = json!({ "custom_id": "00124", "version": 1 });
    dora.put(&format!("/api/users/{}/custom-id", ora.guid), edit).await.ok();

    let (all, text) = everything(&dora, &ora).await;
    assert_eq!((&all["user"]["last_name"], &all["user"]["custom_id"]), (&json!("Klein"), &json!("00124")));
    assert_eq!(all["custom_ids"], json!(["00124", "00123"]));
    assert_eq!((&all["has_password"], &all["user"]["own_password"]), (&json!(true), &json!(true)));
    assert_eq!((&all["history"][0]["by"], &all["audit_log"][0]["action"]), (&json!("Dora"), &json!("user_changed")));
    assert_eq!(all["sessions"][0]["started_at"], began);
    assert_eq!(all["failed_sign_ins"][0]["failures"], 1);
    let place = &all["enrolments"][0];
    assert_eq!((&place["class_name"], &place["fields"]["role"]), (&json!("Algebra"), &json!("Student")));
    let found = all["uploads"].as_array().unwrap();
    assert_eq!((found.len(), &found[0]["upload"]), (1, &json!(upload)));
    let rows: Vec<&Value> = found[0]["rows"].as_array().unwrap().iter().map(|row| &row["row"]).collect();
    assert_eq!(rows, [3, 4], "by the change, and by an ID that lost a zero");
    assert_eq!(found[0]["rows"][0]["cells"][0], json!(["first_name", "Ora"]));
    let count = |part: &str| found[0][part].as_array().unwrap().len();
    assert_eq!(["changes", "results", "findings", "unchanged"].map(count), [1, 1, 1, 0]);
    assert_eq!(all["uploads_left_out"], json!([]));

    let token = session.cookie.split_once('=').unwrap().1;
    for secret in [hash.as_str(), "argon2", token, "password_hash", "\"Bo\""] {
        assert!(!text.contains(secret), "{secret}");
    }
    let log = dora.get(&format!("/api/audit?user={}&action=downloaded", ora.guid)).await.ok();
    assert_eq!(log["items"][0]["details"][0]["after"], "everything");
    assert!(!log.to_string().contains("Klein"));
}

#[tokio::test]
async fn of_an_account_without_a_password_there_is_little() {
    let system = System::start().await;
    let bo = student("Bo", "Ox", "7", &system.south.id);
    system.add(std::slice::from_ref(&bo)).await;
    let (all, _) = everything(&system.dora().await, &bo).await;
    assert_eq!((&all["has_password"], &all["password_since"]), (&json!(false), &Value::Null));
    assert_eq!(
        ["sessions", "failed_sign_ins", "uploads", "enrolments"].map(|part| all[part].clone()),
        [json!([]), json!([]), json!([]), json!([])]
    );
}

#[tokio::test]
async fn an_upload_with_a_line_that_cant_be_read_is_named() {
    let system = System::start().await;
    let ora = student("Ora", "Klein", "00123", &system.north.id);
    system.add(std::slice::from_ref(&ora)).await;
    let upload = in_an_upload(&system, &ora).await;
    let dora = system.dora().await;
    let (all, _) = everything(&dora, &ora).await;
    assert_eq!(all["uploads_left_out"], json!([]));

    let key = keys::results(&UploadId(upload.clone()), 0);
    let mut results = system.cloud.object_get(&key).await.unwrap().unwrap().to_vec();
    results.extend(b"{\"guid\": 7}\n");
    system.cloud.object_put(&key, results).await.unwrap();
    let (all, _) = everything(&dora, &ora).await;
    assert_eq!(all["uploads_left_out"], json!([upload]));
    assert_eq!(all["uploads"][0]["results"].as_array().unwrap().len(), 1, "what can be read is still there");
}
