//! The changes of one user that wait in open plans.

use roster::{Change, Kind, Scope, UserType};
use serde_json::{Value, json};
use wire::upload::Decider;
use wire::{Decision, Status, Upload, Verdict};

use crate::plans::{change, planned, planned_for};
use crate::system::{Person, System, student};

/// Returns the names of the uploads whose changes wait for the user, with what they wait for.
async fn waiting(person: &Person<'_>, guid: roster::Guid) -> Vec<(String, String)> {
    let answer = person.get(&format!("/api/users/{guid}/waiting")).await.ok();
    let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
    let items = answer["items"].as_array().unwrap();
    items.iter().map(|item| (text(item, "upload"), text(item, "waits_for"))).collect()
}

async fn save(system: &System, id: &wire::UploadId, become_so: impl FnOnce(&mut Upload)) {
    let mut record = system.cloud.upload_get(id).await.unwrap().unwrap();
    become_so(&mut record.upload);
    assert_eq!(system.cloud.upload_save(&mut record).await.unwrap(), cloud::table::WriteOutcome::Written);
}

#[tokio::test]
async fn what_waits_for_a_user_is_found_in_open_plans_until_they_are_over() {
    let system = System::start().await;
    let dora = system.dora().await;
    let user = student("Ora", "Klein", "00001", &system.north.id);
    system.add(std::slice::from_ref(&user)).await;
    let others = |from: usize| (from..from + 3).map(|n| change(Kind::Updated, &system.north.id, UserType::Student, n));
    let own = Change { guid: user.guid, ..change(Kind::Removed, &system.north.id, UserType::Student, 9) };
    let chunks: [Vec<Change>; 3] =
        [others(10).collect(), others(20).chain([own.clone()]).collect(), others(30).collect()];
    let first = planned(&system, &chunks, |_| true).await;
    system.later(1);
    let second = planned(&system, &[vec![own.clone()]], |_| true).await;
    system.later(1);
    planned(&system, &[others(40).collect()], |_| true).await;

    let by = Decider { guid: user.guid, username: "Dora".to_owned(), key: None };
    let digest = second.digest.clone().unwrap();
    let decision = Decision { verdict: Verdict::Approved, by: Some(by), at: system.now(), digest, rekeys: None };
    save(&system, &second.id, |upload| upload.decide(decision)).await;
    let word = |upload: &Upload, word: &str| (upload.id.0.clone(), word.to_owned());
    assert_eq!(waiting(&dora, user.guid).await, [word(&second, "turn"), word(&first, "approval")]);
    save(&system, &second.id, |upload| upload.begin_applying(1, system.now())).await;
    assert_eq!(waiting(&dora, user.guid).await, [word(&second, "end"), word(&first, "approval")]);

    let answer = dora.get(&format!("/api/users/{}/waiting", user.guid)).await.ok();
    assert_eq!(answer["items"][1]["change"], serde_json::to_value(&own).unwrap());
    assert_eq!((&answer["items"][1]["file_name"], &answer["left_out"]), (&json!("roster.csv"), &Value::Null));
    save(&system, &first.id, |upload| upload.status = Status::Rejected).await;
    save(&system, &second.id, |upload| upload.status = Status::Completed).await;
    assert_eq!(waiting(&dora, user.guid).await, []);
}

#[tokio::test]
async fn plans_that_wait_are_listed_by_themselves_the_oldest_first() {
    let system = System::start().await;
    let (dora, nora) = (system.dora().await, system.nora().await);
    let of_school = |n: usize| vec![change(Kind::Updated, &system.north.id, UserType::Student, n)];
    let mut waiting = Vec::new();
    for n in 0..53 {
        waiting.push(planned(&system, &[of_school(n)], |_| true).await.id.0);
        system.later(1);
    }
    save(&system, &wire::UploadId(waiting.remove(51)), |upload| upload.status = Status::Rejected).await;
    let listed = async |person: &Person<'_>, path: &str| {
        let page = person.get(path).await.ok();
        let items = page["items"].as_array().unwrap();
        let ids: Vec<String> = items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
        (ids, page["cursor"].as_str().map(str::to_owned))
    };
    let (mut ids, cursor) = listed(&dora, "/api/uploads/waiting").await;
    let next = format!("/api/uploads/waiting?cursor={}", cursor.expect("there are more than a page has"));
    let (others, end) = listed(&dora, &next).await;
    ids.extend(others);
    assert_eq!((ids, end), (waiting, None));
    assert_eq!(listed(&nora, "/api/uploads/waiting").await.0, [] as [&str; 0], "they are of the whole organisation");
}

#[tokio::test]
async fn a_school_administrator_sees_what_waits_in_the_own_uploads() {
    let system = System::start().await;
    let (mine, theirs) = (student("A", "A", "1", &system.north.id), student("B", "B", "2", &system.south.id));
    system.add(&[mine.clone(), theirs.clone()]).await;
    let of = |guid| Change { guid, ..change(Kind::Updated, &system.north.id, UserType::Student, 1) };
    let own = planned_for(&system, Scope::School(system.north.id.clone()), &[vec![of(mine.guid)]], |_| true).await;
    system.later(1);
    let all = planned(&system, &[vec![of(mine.guid), of(theirs.guid)]], |_| true).await;
    let (dora, nora) = (system.dora().await, system.nora().await);
    let word = |upload: &Upload| (upload.id.0.clone(), "approval".to_owned());
    assert_eq!(waiting(&dora, mine.guid).await, [word(&all), word(&own)]);
    assert_eq!(waiting(&nora, mine.guid).await, [word(&own)]);
    assert_eq!(nora.get(&format!("/api/users/{}/waiting", theirs.guid)).await.said(), (404, "not_found"));
}

#[tokio::test]
async fn a_plan_with_very_many_changes_or_that_can_not_be_read_is_left_out_and_that_is_said() {
    let system = System::start().await;
    let user = student("Ora", "Klein", "00001", &system.north.id);
    system.add(std::slice::from_ref(&user)).await;
    let chunk = |n| vec![change(Kind::Created, &system.north.id, UserType::Student, n)];
    let chunks: Vec<Vec<Change>> = (0..301).map(chunk).collect();
    planned(&system, &chunks, |_| false).await;
    let answer = system.dora().await.get(&format!("/api/users/{}/waiting", user.guid)).await.ok();
    assert_eq!(answer, json!({ "items": [], "left_out": 1 }));
    system.later(1);
    planned(&system, &chunks[..2], |n| n == 0).await;
    let answer = system.dora().await.get(&format!("/api/users/{}/waiting", user.guid)).await.ok();
    assert_eq!(answer, json!({ "items": [], "left_out": 2 }));
}
