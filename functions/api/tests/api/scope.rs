//! What a school administrator sees and may do, beside a district administrator.

use axum::http::Method;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use cloud::bucket::keys;
use roster::{Scope, User};
use serde_json::{Value, json};
use wire::FileKind;

use crate::decisions::awaiting;
use crate::system::{System, student};

#[tokio::test]
async fn a_school_administrator_has_their_own_school_and_nothing_else() {
    let system = System::start().await;
    let (north, south) = (system.north.id.clone(), system.south.id.clone());
    let (hers, other) = (student("A", "A", "1", &north), student("B", "B", "2", &south));
    let gone = User { deleted_at: Some(system.now()), ..student("C", "C", "3", &south) };
    system.add(&[hers.clone(), other.clone(), gone.clone()]).await;
    let own = awaiting(&system, Scope::School(north.clone()), Vec::new()).await;
    system.later(1);
    let district = awaiting(&system, Scope::Organisation, Vec::new()).await;
    system.later(1);
    let souths = awaiting(&system, Scope::School(south.clone()), Vec::new()).await;
    let approve = |digest: &Option<String>| json!({ "digest": digest, "removals": 3 });
    let reject = |digest: &Option<String>| json!({ "digest": digest, "reason": "no" });
    let (get, post, put) = (Method::GET, Method::POST, Method::PUT);
    let none = Value::Null;

    let (nora, dora) = (system.nora().await, system.dora().await);
    // What, and the statuses of the school administrator and of the district administrator after her.
    let cases: Vec<(&Method, String, Value, u16, u16)> = vec![
        (&get, "/api/settings".into(), none.clone(), 200, 200),
        (&put, "/api/settings".into(), json!({ "version": 0, "settings": {} }), 403, 200),
        (&get, "/api/schools".into(), none.clone(), 200, 200),
        (&post, "/api/schools".into(), json!({ "name": "X", "external_id": "X" }), 403, 200),
        (&put, format!("/api/schools/{}", north.0), json!({ "name": "X", "external_id": "Y" }), 403, 200),
        (&get, format!("/api/users?school={}", north.0), none.clone(), 200, 200),
        (&get, format!("/api/users?school={}", south.0), none.clone(), 403, 200),
        (&get, format!("/api/users/{}", hers.guid), none.clone(), 200, 200),
        (&get, format!("/api/users/{}", other.guid), none.clone(), 404, 200),
        (&put, format!("/api/users/{}/custom-id", other.guid), json!({ "custom_id": "9", "version": 1 }), 404, 200),
        (&get, format!("/api/users?deleted=true&school={}", south.0), none.clone(), 403, 200),
        (&post, format!("/api/users/{}/recover", gone.guid), json!({ "version": 1 }), 404, 200),
        (&post, format!("/api/users/{}/reset-password", other.guid), json!({}), 404, 200),
        (&post, "/api/passwords/resets".into(), json!({ "school": south }), 403, 200),
        (&post, "/api/passwords/resets".into(), json!({ "school": north, "grade": "9" }), 200, 200),
        (&get, "/api/passwords/resets".into(), none.clone(), 200, 200),
        (&put, "/api/settings/default-password".into(), json!({ "password": "violet tractor 9" }), 403, 204),
        (&post, "/api/users/download".into(), json!({ "school": south, "who": "all" }), 403, 200),
        (&post, "/api/users/download".into(), json!({ "school": north, "who": "all" }), 200, 200),
        (&post, "/api/users/feed".into(), json!({ "school": south, "format": "canvas" }), 403, 200),
        (&post, "/api/users/feed".into(), json!({ "school": north, "format": "canvas" }), 200, 200),
        (&get, format!("/api/uploads/{}", own.id), none.clone(), 200, 200),
        (&get, format!("/api/uploads/{}", district.id), none.clone(), 404, 200),
        (&get, format!("/api/uploads/{}", souths.id), none.clone(), 404, 200),
        (&get, format!("/api/uploads/{}/changes", souths.id), none.clone(), 404, 200),
        (&get, format!("/api/uploads/{}/findings", district.id), none.clone(), 404, 200),
        (&get, format!("/api/uploads/{}/files/plan", souths.id), none.clone(), 404, 404),
        (&post, format!("/api/uploads/{}/approve", district.id), approve(&district.digest), 404, 200),
        (&post, format!("/api/uploads/{}/reject", souths.id), reject(&souths.digest), 404, 200),
        (&post, format!("/api/uploads/{}/approve", own.id), approve(&own.digest), 200, 200),
    ];
    for (method, path, body, for_nora, for_dora) in cases {
        let answer = nora.ask(method.clone(), &path, body.clone()).await;
        assert_eq!(answer.status.as_u16(), for_nora, "nora: {method} {path}: {}", answer.body);
        if for_nora >= 400 {
            assert!(answer.body["message"].is_string() && answer.body["hint"].is_string(), "{}", answer.body);
        }
        let answer = dora.ask(method.clone(), &path, body).await;
        assert_eq!(answer.status.as_u16(), for_dora, "dora: {method} {path}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_cursor_that_nobody_was_given_is_told_so() {
    let system = System::start().await;
    let dora = system.dora().await;
    let school = &system.south.id.0;
    let long = "x".repeat(2000);
    for (pk, sk, place) in [("", "", ""), ("USER#1", "USER", ""), ("", "USER", "A"), (long.as_str(), "USER", "A")] {
        let after = json!({ "pk": pk, "sk": sk, "gsi_sk": place });
        let cursor = BASE64_URL_SAFE_NO_PAD.encode(json!({ "school": school, "after": after }).to_string());
        assert_eq!(dora.get(&format!("/api/users?cursor={cursor}")).await.said(), (400, "cursor_unknown"), "{pk} {sk}");
    }
    for path in ["users", "uploads", "audit", "passwords/resets", &format!("schools/{school}/classes")] {
        let answer = dora.get(&format!("/api/{path}?cursor=")).await;
        assert_eq!(answer.said(), (400, "cursor_unknown"), "{path}");
    }
}

#[tokio::test]
async fn a_cursor_of_another_school_leads_nowhere() {
    let system = System::start().await;
    let users: Vec<_> = (0..60).map(|n| student("A", "A", &n.to_string(), &system.south.id)).collect();
    system.add(&users).await;
    let path = format!("/api/users?school={}", system.south.id.0);
    let page = system.dora().await.get(&path).await.ok();
    let path = format!("/api/users?cursor={}", page["cursor"].as_str().unwrap());
    assert_eq!(system.nora().await.get(&path).await.said(), (400, "cursor_unknown"));
}

#[tokio::test]
async fn files_have_links_once_they_are_there() {
    let system = System::start().await;
    let dora = system.dora().await;
    let upload = awaiting(&system, Scope::Organisation, Vec::new()).await;
    let path = |kind: FileKind| format!("/api/uploads/{}/files/{}", upload.id, kind.as_str());
    for kind in FileKind::ALL {
        assert_eq!(dora.get(&path(kind)).await.said(), (404, "not_found"), "{kind:?}");
    }
    let mut record = system.cloud.upload_get(&upload.id).await.unwrap().unwrap();
    record.upload.file_name = "Fall 2026.final é.csv".to_owned();
    record.upload.files = vec![FileKind::Uploaded, FileKind::Plan];
    assert_eq!(system.cloud.upload_save(&mut record).await.unwrap(), cloud::table::WriteOutcome::Written);
    for (kind, name) in [(FileKind::Uploaded, "Fall 2026.final _.csv"), (FileKind::Plan, "Fall 2026.final _-plan.csv")]
    {
        let key = keys::file(&record.upload, kind).unwrap();
        system.cloud.object_put(&key, format!("{kind:?}")).await.unwrap();
        let link = dora.get(&path(kind)).await.ok();
        let answer = reqwest::get(link["url"].as_str().unwrap()).await.unwrap();
        assert_eq!(
            answer.headers()["content-disposition"].to_str().unwrap(),
            format!(
                "attachment; filename=\"{name}\"; filename*=UTF-8''{}",
                name.replace(' ', "%20").replace("%20_", "%20%C3%A9")
            )
        );
        assert_eq!(answer.text().await.unwrap(), format!("{kind:?}"));
    }
    assert_eq!(dora.get(&path(FileKind::Completed)).await.said(), (404, "not_found"));
    assert_eq!(dora.get(&format!("/api/uploads/{}/files/secrets", upload.id)).await.said(), (404, "no_such_address"));
}
