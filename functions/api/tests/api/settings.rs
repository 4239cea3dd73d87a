//! Reading and changing the settings.

use serde_json::json;

use crate::system::{System, student};

#[tokio::test]
async fn settings_are_the_defaults_until_somebody_changes_them() {
    let system = System::start().await;
    let dora = system.dora().await;
    let mut document = dora.get("/api/settings").await.ok();
    assert_eq!(document["version"], 0);
    assert_eq!(document["settings"]["full"]["requires_approval"], true);
    document["settings"]["partial"]["requires_approval"] = json!(false);
    document["settings"]["full"]["limits"]["overall"]["removals_percent"] = json!(2.5);
    document["settings"]["full"]["limits"]["large_changes"]["percent"] = json!(100.0);
    document["settings"]["reading"]["single_name"]["other"] = json!("\u{e9}".repeat(20));
    let saved = dora.put("/api/settings", document.clone()).await.ok();
    assert_eq!((&saved["version"], &saved["settings"]), (&json!(1), &document["settings"]));
    assert_eq!(dora.get("/api/settings").await.ok(), saved);
}

#[tokio::test]
async fn of_two_who_change_the_same_settings_the_second_is_told() {
    let system = System::start().await;
    let dora = system.dora().await;
    for version in 0..2 {
        let document = json!({ "version": version, "settings": {} });
        dora.put("/api/settings", document.clone()).await.ok();
        assert_eq!(dora.put("/api/settings", document).await.said(), (409, "settings_changed"));
    }
    let ahead = json!({ "version": 7, "settings": {} });
    assert_eq!(dora.put("/api/settings", ahead).await.said(), (409, "settings_changed"));
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused() {
    let system = System::start().await;
    let dora = system.dora().await;
    let share = |of: &str, value: f64| json!({ "version": 0, "settings": { "full": { "limits": { of: { "changes_percent": value } } } } });
    for (of, value) in [("overall", -1.0), ("per_school", 101.0), ("per_user_type", 1e300)] {
        assert_eq!(dora.put("/api/settings", share(of, value)).await.said(), (422, "invalid"), "{of} {value}");
    }
    let shrink = json!({ "version": 0, "settings": { "partial": { "limits": { "shrink_percent": 200 } } } });
    assert_eq!(dora.put("/api/settings", shrink).await.said(), (422, "invalid"));
    for percent in [5000.0, 100.5, -1.0] {
        let large = json!({ "full": { "limits": { "large_changes": { "percent": percent } } } });
        let answer = dora.put("/api/settings", json!({ "version": 0, "settings": large })).await;
        assert_eq!(answer.said(), (422, "invalid"), "{percent}");
        assert_eq!(answer.body["message"], "A share is not a percentage.");
    }
    let other = json!({ "reading": { "single_name": { "other": "x".repeat(21) } } });
    let answer = dora.put("/api/settings", json!({ "version": 0, "settings": other })).await;
    assert_eq!(answer.said(), (422, "invalid"));
    assert_eq!(answer.body["message"], "The text that stands for a missing name is too long.");
    let kept = json!({ "version": 0, "settings": { "uploads_kept_days": 3651 } });
    assert_eq!(dora.put("/api/settings", kept).await.said(), (422, "invalid"));
    for settings in
        [json!({ "accounts": { "year_levels": [] } }), json!({ "students": { "limits": { "shrink_percent": 200 } } })]
    {
        assert_eq!(
            dora.put("/api/settings", json!({ "version": 0, "settings": settings })).await.said(),
            (422, "invalid")
        );
    }
    let rule = json!({ "method": "template", "template": "{frist}" });
    let template = json!({ "version": 0, "settings": { "accounts": { "usernames": rule } } });
    assert_eq!(dora.put("/api/settings", template).await.said(), (422, "username_rule"));
    assert_eq!(dora.post("/api/settings/usernames/examples", rule).await.said(), (422, "username_rule"));
    let unknown = json!({ "version": 0, "settings": { "partial": { "require_approval": false } } });
    assert_eq!(dora.put("/api/settings", unknown).await.said(), (400, "unreadable"));
    assert_eq!(dora.get("/api/settings").await.ok()["version"], 0);
}

#[tokio::test]
async fn examples_of_user_names_come_from_the_users_that_one_may_see() {
    let system = System::start().await;
    let (north, south) = (system.north.id.clone(), system.south.id.clone());
    let users = [
        student("Zoë", "Müller", "1", &north),
        student("Ann", "Smith", "2", &south),
        student("Al", "Smith", "3", &south),
    ];
    system.add(&users).await;
    let rule = json!({ "method": "initial_last", "append": "-x" });
    let made = |examples: serde_json::Value| {
        let mut names: Vec<String> =
            examples.as_array().unwrap().iter().map(|e| e["made"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    let path = "/api/settings/usernames/examples";
    assert_eq!(made(system.nora().await.post(path, rule.clone()).await.ok()), ["zmueller-x"]);
    assert_eq!(made(system.dora().await.post(path, rule).await.ok()), ["asmith-x", "asmith2-x", "zmueller-x"]);
}

#[tokio::test]
async fn mappings_are_checked_and_numbered_when_they_are_saved() {
    let system = System::start().await;
    let dora = system.dora().await;
    let put = async |version: u32, profiles: serde_json::Value| {
        let document = json!({ "version": version, "settings": { "reading": { "profiles": profiles } } });
        dora.put("/api/settings", document).await
    };
    let mut profile = serde_json::to_value(roster::MappingProfile::identity()).unwrap();
    profile["version"] = json!(9);
    let saved = put(0, json!([profile])).await.ok();
    assert_eq!(saved["settings"]["reading"]["profiles"][0]["version"], 1, "it is new");
    let saved = put(1, saved["settings"]["reading"]["profiles"].clone()).await.ok();
    assert_eq!(saved["settings"]["reading"]["profiles"][0]["version"], 1, "nothing was changed");
    profile["columns"]["grade"]["values"] = json!({ "KG": "K" });
    let saved = put(2, json!([profile])).await.ok();
    assert_eq!(saved["settings"]["reading"]["profiles"][0]["version"], 2);
    let log = dora.get("/api/audit").await.ok().to_string();
    assert!(log.contains("As it is (version 2)") && !log.contains("schooldistrictexternalid"), "{log}");
    profile["columns"].as_object_mut().unwrap().remove("custom_id");
    let refused = put(3, json!([profile])).await;
    assert_eq!(refused.said(), (422, "invalid_mapping"));
    let message = "The mapping \u{201c}As it is\u{201d}: custom_id comes from nowhere, and is needed.";
    assert_eq!(
        (&refused.body["message"], &refused.body["hint"]),
        (&json!(message), &json!("Choose the header that has it."))
    );
    assert_eq!(put(3, json!([{ "name": "x" }])).await.said().0, 400, "it can't be read");
}
