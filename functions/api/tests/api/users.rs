//! The list of users, one of them, its custom ID, and the download.

use roster::{Guid, Status, User, UserType};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::system::{Person, System, student};

/// Reads the custom IDs, or user names where there are none, of all users under a query, and the sizes of the pages.
async fn list(person: &Person<'_>, query: &str) -> (Vec<String>, Vec<usize>) {
    let (mut ids, mut sizes, mut cursor) = (Vec::new(), Vec::new(), None::<String>);
    loop {
        let next = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page = person.get(&format!("/api/users?{query}{next}")).await.ok();
        let items = page["items"].as_array().unwrap();
        let name = |user: &Value| user["custom_id"].as_str().or(user["username"].as_str()).unwrap().to_owned();
        ids.extend(items.iter().map(name));
        sizes.push(items.len());
        cursor = page["cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            return (ids, sizes);
        }
    }
}

async fn ids(person: &Person<'_>, query: &str) -> Vec<String> {
    list(person, query).await.0
}

#[tokio::test]
async fn users_are_listed_by_school_and_name() {
    let system = System::start().await;
    let (north, south) = (&system.north.id, &system.south.id);
    system
        .add(&[
            student("Zoe", "adams", "3", north),
            student("Anna", "Adams", "2", north),
            student("Bo", "Ox", "1", south),
        ])
        .await;
    let dora = system.dora().await;
    assert_eq!(ids(&dora, &format!("school={}", north.0)).await, ["2", "3", "nora"], "Adams twice, then Admin");
    assert_eq!(ids(&dora, &format!("school={}", south.0)).await, ["1"]);
    assert_eq!(ids(&dora, "").await, ["Dora", "2", "3", "nora", "1"], "the district, North, South");
    assert_eq!(ids(&system.nora().await, "").await, ["2", "3", "nora"]);
    assert_eq!(dora.get("/api/users?school=nothing").await.said(), (404, "not_found"));
}

#[tokio::test]
async fn a_long_list_comes_in_pages_across_schools() {
    let system = System::start().await;
    let users = |school, from: usize, to| {
        (from..to).map(move |n| student("A", &format!("K{n:03}"), &format!("{n:03}"), school))
    };
    let users: Vec<User> = users(&system.north.id, 0, 120).chain(users(&system.south.id, 120, 140)).collect();
    system.add(&users).await;
    let dora = system.dora().await;
    let (seen, sizes) = list(&dora, "").await;
    let expected = ["Dora", "nora"].map(str::to_owned).into_iter().chain((0..140).map(|n| format!("{n:03}")));
    assert_eq!(seen, expected.collect::<Vec<_>>());
    assert!(sizes.iter().all(|size| *size <= 50), "{sizes:?}");
    assert_eq!(ids(&dora, "search=k").await.len(), 140);
    assert_eq!(ids(&dora, "search=k13").await.len(), 10);
}

#[tokio::test]
async fn a_search_finds_parts_of_names_and_whole_identifiers() {
    let system = System::start().await;
    let (north, south) = (&system.north.id, &system.south.id);
    let ora = User { middle_name: "Émilie".to_owned(), ..student("Ora", "Klein", "00123", north) };
    let shared = |n: &str| User { email: "family@example.com".to_owned(), ..student("Kid", n, n, south) };
    let tom = User {
        user_type: UserType::Teacher,
        email: "Tom.Berg@contoso.example".to_owned(),
        username: "TBerg".to_owned(),
        ..student("Tom", "Berg", "T1", south)
    };
    let named_like_an_id = student("Nick", "T1-Smith", "77", south);
    system.add(&[ora, shared("8"), shared("9"), tom, named_like_an_id]).await;
    let dora = system.dora().await;
    let cases: [(&str, &[&str]); 13] = [
        ("search=klei", &["00123"]),
        ("search=ora%20KLEIN", &["00123"]),
        ("search=klein%20ora", &["00123"]),
        ("search=%C3%89mil", &["00123"]),
        ("search=00123", &["00123"]),
        ("search=123", &[]),
        ("search=tberg", &["T1"]),
        ("search=tom.berg@CONTOSO.example", &["T1"]),
        ("search=family@example.com", &["8", "9"]),
        ("search=T1", &["T1", "77"]),
        ("search=nobody", &[]),
        ("search=dora", &["Dora"]),
        ("search=%20", &["Dora", "nora", "00123", "8", "9", "T1", "77"]),
    ];
    for (query, expected) in cases {
        assert_eq!(ids(&dora, query).await, expected, "{query}");
    }
    let at_north = format!("school={}&search=", north.0);
    assert_eq!(ids(&dora, &format!("{at_north}T1")).await, [""; 0]);
    assert_eq!(ids(&system.nora().await, "search=T1").await, [""; 0], "she can't find who isn't hers");
    assert_eq!(dora.get(&format!("/api/users?search={}", "x".repeat(300))).await.said(), (413, "too_long"));
}

async fn set_id(person: &Person<'_>, user: &User, custom_id: &str, version: u64) -> crate::system::Answer {
    let body = json!({ "custom_id": custom_id, "version": version });
    person.put(&format!("/api/users/{}/custom-id", user.guid), body).await
}

#[tokio::test]
async fn a_custom_id_is_corrected_with_an_entry_in_the_history() {
    let system = System::start().await;
    let user = User { username: "ora".to_owned(), ..student("Ora", "Klein", "123", &system.north.id) };
    system.add(std::slice::from_ref(&user)).await;
    let nora = system.nora().await;
    system.later(60);
    let detail = set_id(&nora, &user, " 00123 ", 1).await.ok();
    assert_eq!((&detail["user"]["custom_id"], &detail["user"]["version"]), (&json!("00123"), &json!(2)));
    let entry = &detail["history"][0];
    assert_eq!(entry["fields"], json!([{ "field": "custom_id", "before": "123", "after": "00123" }]));
    assert_eq!((&entry["by"], &entry["upload"], &entry["at"]), (&json!("nora"), &json!(null), &json!(system.now())));
    assert_eq!(detail["history"].as_array().unwrap().len(), 2);
    assert_eq!(nora.get(&format!("/api/users/{}", user.guid)).await.ok(), detail);
    // It is found under the new ID only, and the old one is free.
    assert_eq!((ids(&nora, "search=00123").await, ids(&nora, "search=123").await), (vec!["00123".to_owned()], vec![]));
    let other = User { username: "other".to_owned(), ..student("Al", "Berg", "123", &system.north.id) };
    system.add(&[other]).await;
    // Nothing to change is not a change.
    assert_eq!(set_id(&nora, &user, "00123", 2).await.ok(), detail);
}

#[tokio::test]
async fn a_user_without_a_custom_id_is_given_one_and_can_still_sign_in() {
    let system = System::start().await;
    let dora = system.dora().await;
    let user = system.cloud.account_get_by_username("nora").await.unwrap().unwrap().user;
    let detail = set_id(&dora, &user, "E-1", 1).await.ok();
    assert_eq!(detail["user"]["custom_id"], "E-1");
    assert_eq!(system.nora().await.get("/api/session").await.ok()["username"], "nora");
    assert_eq!(ids(&dora, &format!("school={}", system.north.id.0)).await, ["E-1"]);
}

#[tokio::test]
async fn a_custom_id_belongs_to_one_user_also_a_deleted_one() {
    let system = System::start().await;
    let (a, b) = (student("A", "A", "1", &system.north.id), student("B", "B", "2", &system.south.id));
    let deleted = User { deleted_at: Some(5), ..student("C", "C", "3", &system.south.id) };
    system.add(&[a.clone(), b, deleted.clone()]).await;
    let dora = system.dora().await;
    for taken in ["2", "3"] {
        let answer = set_id(&dora, &a, taken, 1).await;
        assert_eq!(answer.said(), (409, "custom_id_taken"));
        assert_eq!(answer.body["message"], format!("The custom ID {taken} belongs to another user."));
    }
    assert_eq!(set_id(&dora, &deleted, "4", 1).await.said(), (404, "not_found"));
    assert_eq!(ids(&dora, &format!("school={}", system.north.id.0)).await, ["1", "nora"]);
}

async fn recover(person: &Person<'_>, user: &User, version: u64) -> crate::system::Answer {
    person.post(&format!("/api/users/{}/recover", user.guid), json!({ "version": version })).await
}

#[tokio::test]
async fn a_deleted_user_is_listed_apart_and_recovered_as_it_was() {
    let system = System::start().await;
    let (north, south) = (&system.north.id, &system.south.id);
    let gone = |at, user: User| User { deleted_at: Some(system.now() - at), ..user };
    let (late, early) = (gone(5, student("Zoe", "Ash", "1", north)), gone(9, student("Al", "Zu", "2", north)));
    let other = gone(1, student("Bo", "Ox", "3", south));
    system.add(&[late.clone(), early, other.clone(), student("Kim", "Low", "4", north)]).await;
    let (dora, nora) = (system.dora().await, system.nora().await);
    assert_eq!(ids(&dora, "deleted=true").await, ["2", "1", "3"], "school by school, the earliest first");
    assert_eq!(ids(&dora, "deleted=true&search=zoe").await, ["1"]);
    assert_eq!(ids(&dora, "deleted=true&search=2").await, ["2"]);
    assert_eq!(ids(&nora, "deleted=true").await, ["2", "1"]);
    assert_eq!(ids(&nora, "").await, ["nora", "4"]);
    assert_eq!(recover(&nora, &other, 1).await.said(), (404, "not_found"));

    assert_eq!(recover(&nora, &late, 7).await.said(), (409, "user_changed"));
    system.later(60);
    let detail = recover(&nora, &late, 1).await.ok();
    let back = User { deleted_at: None, version: 2, ..late.clone() };
    assert_eq!(serde_json::from_value::<User>(detail["user"].clone()).unwrap(), back);
    let entry = &detail["history"][0];
    assert_eq!((&entry["kind"], &entry["by"], &entry["upload"]), (&json!("reactivated"), &json!("nora"), &json!(null)));
    assert_eq!(
        (ids(&nora, "").await, ids(&nora, "deleted=true").await),
        (vec!["nora".into(), "1".into(), "4".into()], vec!["2".to_owned()])
    );
    assert_eq!(recover(&nora, &late, 2).await.said(), (409, "user_changed"), "it is back already");
}

#[tokio::test]
async fn a_user_is_not_recovered_where_that_would_take_something_or_is_too_late() {
    let system = System::start().await;
    let teacher = |id: &str| User {
        user_type: UserType::Teacher,
        grade: roster::Grade::Unspecified,
        email: "tom@contoso.example".to_owned(),
        ..student("Tom", "Berg", id, &system.north.id)
    };
    let old = User { deleted_at: Some(system.now()), ..teacher("T1") };
    system.add(&[old.clone(), teacher("T2")]).await;
    let dora = system.dora().await;
    let answer = recover(&dora, &old, 1).await;
    assert_eq!(answer.said(), (409, "email_taken"));
    assert_eq!(
        answer.body["message"],
        "The e-mail address tom@contoso.example belongs to another member of staff by now."
    );
    system.later(roster::user::RECOVERABLE_MILLIS / 1000 + 1);
    let dora = system.dora().await;
    assert_eq!(recover(&dora, &old, 1).await.said(), (410, "erased"));
}

#[tokio::test]
async fn of_two_who_change_a_user_the_second_is_told() {
    let system = System::start().await;
    let user = student("A", "A", "1", &system.north.id);
    system.add(std::slice::from_ref(&user)).await;
    let (dora, nora) = (system.dora().await, system.nora().await);
    let (a, b) = futures::join!(set_id(&dora, &user, "10", 1), set_id(&nora, &user, "20", 1));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(set_id(&dora, &user, "30", 1).await.said(), (409, "user_changed"));
}

#[tokio::test]
async fn what_can_be_no_custom_id_is_refused() {
    let system = System::start().await;
    let user = student("A", "A", "1", &system.north.id);
    system.add(std::slice::from_ref(&user)).await;
    let dora = system.dora().await;
    for wrong in ["", "  ", "\u{200b}", "1\u{0}", "1.2E+11", "#N/A", &"9".repeat(65)] {
        assert_eq!(set_id(&dora, &user, wrong, 1).await.said(), (422, "invalid"), "{wrong:?}");
    }
    let nobody = User { guid: Guid(Uuid::nil()), ..user };
    assert_eq!(set_id(&dora, &nobody, "2", 1).await.said(), (404, "not_found"));
}

async fn download(person: &Person<'_>, school: Value, who: &str) -> (String, String) {
    let link = person.post("/api/users/download", json!({ "school": school, "who": who })).await.ok();
    let answer = reqwest::get(link["url"].as_str().unwrap()).await.unwrap().error_for_status().unwrap();
    let name = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
    (name, answer.text().await.unwrap())
}

#[tokio::test]
async fn users_are_downloaded_in_the_columns_of_the_roster() {
    let system = System::start().await;
    let (north, south) = (&system.north.id, &system.south.id);
    let teacher =
        User { user_type: UserType::Teacher, status: Status::Disabled, ..student("=Tom", "Berg", "007", north) };
    system.add(&[student("Ora", "Klein", "00123", north), teacher.clone(), student("Bo", "Ox", "1", south)]).await;
    let dora = system.dora().await;
    let (name, file) = download(&dora, json!(north), "all").await;
    assert_eq!(name, "attachment; filename=\"users-10001.csv\"");
    let lines: Vec<&str> = file.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0].split(',').next_back(), Some("user_guid"));
    let expected = format!("'=Tom,Berg,,,007,10001,Teacher,,9,Disabled,007,{}", teacher.guid);
    assert_eq!((lines.len(), lines[1]), (3, expected.as_str()));

    let cases = [
        (json!(null), "all", 4),
        (json!(null), "staff", 2),
        // Neither of the two has a custom ID.
        (json!(null), "administrators", 1),
        (json!(south), "staff", 1),
    ];
    for (school, who, lines) in cases {
        let (_, file) = download(&dora, school, who).await;
        assert_eq!(file.lines().count(), lines, "{who}");
    }
    let (name, file) = download(&system.nora().await, json!(null), "all").await;
    assert_eq!((name.as_str(), file.lines().count()), ("attachment; filename=\"users-10001.csv\"", 3));
}
