//! Making and changing schools.

use serde_json::{Value, json};

use crate::system::{Person, System};

/// Reads name and external ID of every school, in the order of the list.
async fn list(person: &Person<'_>) -> Vec<(String, String)> {
    let schools = person.get("/api/schools").await.ok();
    let text = |school: &Value, field: &str| school[field].as_str().unwrap().to_owned();
    let schools = schools.as_array().unwrap().iter();
    schools.map(|school| (text(school, "name"), text(school, "external_id"))).collect()
}

fn pairs(list: &[(String, String)]) -> Vec<(&str, &str)> {
    list.iter().map(|(name, id)| (name.as_str(), id.as_str())).collect()
}

#[tokio::test]
async fn the_district_stands_first_and_the_schools_by_name() {
    let system = System::start().await;
    let dora = system.dora().await;
    dora.post("/api/schools", json!({ "name": " allenby ", "external_id": " 10003 " })).await.ok();
    let expected = [("Contoso District", "D1"), ("allenby", "10003"), ("North", "10001"), ("South", "10002")];
    assert_eq!(pairs(&list(&dora).await), expected);
    assert_eq!(pairs(&list(&system.nora().await).await), expected);
}

#[tokio::test]
async fn a_school_is_renamed_and_gets_another_external_id() {
    let system = System::start().await;
    let dora = system.dora().await;
    let path = format!("/api/schools/{}", system.north.id.0);
    let edits = [("Northern", "10001"), ("Northern", "N-1"), ("North", "10001"), ("North", "10001")];
    for (name, external_id) in edits {
        let school = dora.put(&path, json!({ "name": name, "external_id": external_id })).await.ok();
        let same = (&school["id"], &school["name"], &school["external_id"]);
        assert_eq!(same, (&json!(system.north.id), &json!(name), &json!(external_id)));
    }
    // Who saw something else is told, and nothing is lost.
    let seen = dora.get("/api/schools").await.ok()[1].clone();
    assert_eq!(seen["name"], "North");
    let edit = json!({ "name": "Upper", "external_id": "10001", "seen": seen });
    dora.put(&path, edit.clone()).await.ok();
    dora.put(&path, edit.clone()).await.ok();
    let late = json!({ "name": "North", "external_id": "N-2", "seen": seen });
    assert_eq!(dora.put(&path, late).await.said(), (409, "school_changed"));
    // What was given up in between can be given to another.
    dora.post("/api/schools", json!({ "name": "New", "external_id": "N-1" })).await.ok();
}

#[tokio::test]
async fn an_external_id_belongs_to_one_school() {
    let system = System::start().await;
    let dora = system.dora().await;
    let before = list(&dora).await;
    for taken in ["D1", "10001"] {
        let answer = dora.post("/api/schools", json!({ "name": "Third", "external_id": taken })).await;
        assert_eq!(answer.said(), (409, "external_id_taken"));
        assert_eq!(answer.body["message"], format!("The external ID {taken} belongs to another school."));
        let edit = json!({ "name": "South", "external_id": taken });
        let answer = dora.put(&format!("/api/schools/{}", system.south.id.0), edit).await;
        assert_eq!(answer.said(), (409, "external_id_taken"));
    }
    assert_eq!(list(&dora).await, before);
}

#[tokio::test]
async fn of_two_schools_made_at_once_with_one_external_id_there_is_one() {
    let system = System::start().await;
    let dora = system.dora().await;
    let make = async |name: &str| {
        dora.post("/api/schools", json!({ "name": name, "external_id": "10009" })).await.status.as_u16()
    };
    let made = futures::future::join_all((0..8).map(|_| make("Same"))).await;
    assert_eq!(made.iter().filter(|status| **status == 200).count(), 1, "{made:?}");
    assert_eq!(list(&dora).await.len(), 4);
}

#[tokio::test]
async fn there_is_one_district_office() {
    let system = System::start().await;
    let again = system.cloud.district_create("Another", "D2").await.unwrap();
    assert_eq!(again, system.district);
    let dora = system.dora().await;
    let edit = json!({ "name": "Contoso", "external_id": "C" });
    let school = dora.put("/api/schools/district", edit).await.ok();
    assert_eq!(school["kind"], "district");
}

#[tokio::test]
async fn what_can_be_no_school_is_refused() {
    let system = System::start().await;
    let dora = system.dora().await;
    let long = "x".repeat(101);
    let wrong = [
        ("", "1"),
        (" ", "1"),
        ("A", ""),
        ("A", " "),
        (long.as_str(), "1"),
        ("A", &long),
        ("A\u{7}", "1"),
        ("A", "1\n2"),
        ("A", "1E+05"),
    ];
    for (name, external_id) in wrong {
        let edit = json!({ "name": name, "external_id": external_id });
        assert_eq!(dora.post("/api/schools", edit.clone()).await.said(), (422, "invalid"), "{edit}");
        let path = format!("/api/schools/{}", system.south.id.0);
        assert_eq!(dora.put(&path, edit.clone()).await.said(), (422, "invalid"), "{edit}");
    }
    let edit = json!({ "name": "A", "external_id": "1" });
    for id in ["nothing", &"x".repeat(5000)] {
        assert_eq!(dora.put(&format!("/api/schools/{id}"), edit.clone()).await.said(), (404, "not_found"));
    }
}
