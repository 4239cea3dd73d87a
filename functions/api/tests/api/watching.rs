//! What is watched for, who is told, and which addresses may be told.

use serde_json::json;

use crate::system::System;

#[tokio::test]
async fn rules_that_can_not_be_kept_are_refused() {
    let system = System::start().await;
    let dora = system.dora().await;
    let put = async |watch: serde_json::Value| {
        dora.put("/api/settings", json!({ "version": 0, "settings": { "watch": watch } })).await
    };
    let schedule = json!({ "days": ["monday"], "by": "06:00", "within_hours": 0 });
    let endless = json!({ "name": "Summer", "first": "2026-06-01", "last": "2026-12-01" });
    for watch in [
        json!({ "zone": "Mars/Base" }),
        json!({ "schedules": [schedule] }),
        json!({ "schedules": [{ "source": "sis", "days": ["monday"], "by": "06:00" }] }),
        json!({ "pauses": [endless] }),
        json!({ "shrunken_percent": 101.0 }),
    ] {
        assert_eq!(put(watch.clone()).await.said(), (422, "invalid"), "{watch}");
    }
    assert_eq!(put(json!({ "digest_at": "25:00" })).await.said(), (400, "unreadable"));
    let good = json!({
        "enabled": true,
        "zone": "America/Chicago",
        "schedules": [{ "days": ["monday"], "by": "06:00" }],
        "pauses": [{ "name": "All", "first": "2020-01-01", "last": "2020-01-02" }],
    });
    let saved = put(good).await.ok();
    assert_eq!(saved["settings"]["watch"]["schedules"][0]["within_hours"], 12);
    assert_eq!(dora.get("/api/watching").await.ok()["pause"], json!(null));
}

#[tokio::test]
async fn everybody_chooses_for_themselves() {
    let system = System::start().await;
    let (dora, nora) = (system.dora().await, system.nora().await);
    let chosen = dora.put("/api/session/notices", json!({ "kinds": ["held", "digest"] })).await.ok();
    assert_eq!((&chosen["choice"]["kinds"], &chosen["email_is_sent"]), (&json!(["held", "digest"]), &json!(true)));
    assert_eq!(dora.get("/api/session/notices").await.ok(), chosen);
    assert_eq!(chosen["is_watching"], json!(false), "nobody has switched it on");
    assert_eq!(nora.get("/api/session/notices").await.ok()["choice"]["kinds"], json!([]));
    assert_eq!(dora.put("/api/session/notices", json!({ "kinds": ["all"] })).await.said(), (400, "unreadable"));
    dora.put("/api/session/notices", json!({ "kinds": [] })).await.ok();
    assert_eq!(system.cloud.notice_choice_list().await.unwrap(), []);
}

#[tokio::test]
async fn a_webhook_has_a_secret_that_is_shown_once() {
    let system = System::start().await;
    let dora = system.dora().await;
    let with = |url: &str| json!({ "name": "Chat", "url": url, "kinds": ["late"] });
    for url in ["http://hooks.example.org/", "ftp://hooks.example.org/", "https://a:b@hooks.example.org/", "hooks", ""]
    {
        assert_eq!(dora.post("/api/webhooks", with(url)).await.said(), (422, "invalid"), "{url}");
    }
    let made = dora.post("/api/webhooks", with("https://hooks.example.org/a?key=hidden")).await.ok();
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_"), "{secret}");
    let listed = dora.get("/api/webhooks").await.ok();
    assert_eq!(listed["webhooks"], json!([made["webhook"]]));
    assert!(!listed.to_string().contains(secret));
    let log = dora.get("/api/audit").await.ok().to_string();
    assert!(log.contains("webhook_made") && !log.contains("hidden") && !log.contains(secret), "{log}");
    let path = |what: &str| format!("/api/webhooks/{}/{what}", made["webhook"]["id"].as_str().unwrap());
    assert_eq!(dora.post(&path("test"), json!({})).await.said().0, 204);
    assert_eq!(dora.post(&path("remove"), json!({})).await.said().0, 204);
    assert_eq!(dora.post(&path("remove"), json!({})).await.said(), (404, "not_found"));
    assert_eq!(dora.post(&path("test"), json!({})).await.said(), (404, "not_found"));
}
