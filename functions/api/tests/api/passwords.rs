//! Temporary passwords, own ones, the default one, resets, and who can read which.

use axum::http::Method;
use cloud::bucket::keys;
use cloud::table::WriteOutcome;
use roster::role::Power;
use roster::slips::{Slip, slips};
use roster::{Grade, PasswordSource, Scope, Status, User, UserType};
use runtime::passwords;
use serde_json::{Value, json};
use wire::FileKind;

use crate::decisions::awaiting;
use crate::system::{Answer, DAY, HOUR, PASSWORD, Person, System, credentials, own, student, temporary};

const TEMPORARY: &str = "abcd-efgh-jkmn";
const OWN: &str = "violet tractor 9";
/// Adds a student of the school North with a temporary password.
async fn with_temporary(system: &System) -> User {
    let user = student("Ora", "Klein", "0013001", &system.north.id);
    let password = temporary(passwords::hash_characters(TEMPORARY).unwrap());
    system.cloud.user_create_by_hand(vec![(user.clone(), Some(password))], system.now()).await.unwrap();
    user
}

async fn try_sign_in(system: &System, username: &str, password: &str) -> Answer {
    system.post("/api/session", credentials(username, password)).await
}

async fn set(person: &Person<'_>, current: Option<&str>, new: &str) -> Answer {
    person.put("/api/session/password", json!({ "current": current, "new": new })).await
}

#[tokio::test]
async fn a_temporary_password_works_once_and_opens_only_the_way_to_an_own_one() {
    let system = System::start().await;
    let user = with_temporary(&system).await;
    let ora = system.person("0013001", TEMPORARY).await;
    assert_eq!(ora.get("/api/session").await.ok()["must_set_password"], true);
    assert_eq!(ora.get("/api/users").await.said(), (403, "password_not_set"));
    assert_eq!(try_sign_in(&system, "0013001", TEMPORARY).await.said(), (401, "temporary_used"));
    assert_eq!(try_sign_in(&system, "0013001", "wrong").await.said(), (401, "wrong_sign_in"));
    ora.get("/api/session").await.ok();

    system.later(60);
    let me = set(&ora, None, OWN).await.ok();
    assert_eq!((&me["must_set_password"], &me["grade"]), (&json!(false), &json!("9")));
    assert_eq!(ora.get("/api/session").await.ok(), me, "the session goes on");
    assert_eq!(try_sign_in(&system, "0013001", TEMPORARY).await.said(), (401, "wrong_sign_in"));
    for _ in 0..2 {
        system.person("0013001", OWN).await;
    }
    let account = system.cloud.account_get(user.guid).await.unwrap().unwrap();
    assert!(!account.temporary_password && account.temporary_used_at.is_none());
    assert_eq!(account.user.version, 1, "a plan that was made before still holds");
    let history = system.cloud.history_list(user.guid).await.unwrap();
    assert_eq!((history[0].by.as_deref(), history[0].fields[0].field.as_str()), (Some("0013001"), "password"));
    let told = serde_json::to_string(&history).unwrap();
    assert!(!told.contains(OWN) && !told.contains("argon2"), "{told}");
}

#[tokio::test]
async fn of_two_who_use_a_temporary_password_at_the_same_moment_one_is_let_in() {
    let system = System::start().await;
    with_temporary(&system).await;
    let attempts = (0..4).map(|_| try_sign_in(&system, "0013001", TEMPORARY));
    let answers = futures::future::join_all(attempts).await;
    assert_eq!(answers.iter().filter(|answer| answer.status.is_success()).count(), 1);
    assert!(answers.iter().any(|answer| answer.said() == (401, "temporary_used")), "{answers:?}");
}

#[tokio::test]
async fn a_temporary_password_expires() {
    let system = System::start().await;
    let dora = system.dora().await;
    with_temporary(&system).await;
    system.later(90 * DAY);
    assert_eq!(try_sign_in(&system, "0013001", "wrong").await.said(), (401, "wrong_sign_in"));
    assert_eq!(try_sign_in(&system, "0013001", TEMPORARY).await.said(), (401, "temporary_expired"));
    let dora = if dora.get("/api/session").await.status == 401 { system.dora().await } else { dora };
    let never = json!({ "version": 0, "settings": { "accounts": { "passwords": { "expire_days": 0 } } } });
    dora.put("/api/settings", never).await.ok();
    system.person("0013001", TEMPORARY).await;
}

#[tokio::test]
async fn an_own_password_is_changed_with_the_current_one_and_ends_all_other_sessions() {
    let system = System::start().await;
    let (nora, elsewhere) = (system.nora().await, system.nora().await);
    assert_eq!(set(&nora, None, OWN).await.said(), (403, "wrong_password"));
    assert_eq!(set(&nora, Some("wrong"), OWN).await.said(), (403, "wrong_password"));
    set(&nora, Some(PASSWORD), OWN).await.ok();
    nora.get("/api/users").await.ok();
    assert_eq!(elsewhere.get("/api/session").await.said(), (401, "not_signed_in"));
    system.person("nora", OWN).await;
    for _ in 0..5 {
        assert_eq!(set(&nora, Some("wrong"), "another good passphrase").await.said(), (403, "wrong_password"));
    }
    assert_eq!(set(&nora, Some(OWN), "another good passphrase").await.said(), (429, "slowed_down"));
}

#[tokio::test]
async fn an_own_password_is_neither_common_nor_short_nor_ones_name_nor_the_one_before() {
    let system = System::start().await;
    with_temporary(&system).await;
    let ora = system.person("0013001", TEMPORARY).await;
    let long = "x".repeat(129);
    for (new, why) in [
        ("tv-7xk", "The password is too short."),
        (&*long, "The password is too long."),
        ("P@ssw0rd", "This password is one of the first that anybody would try."),
        ("kleine tractor", "The password has your name, your user name, your ID or your e-mail address in it."),
        ("violet 0013001", "The password has your name, your user name, your ID or your e-mail address in it."),
        (TEMPORARY, "This is the password that you have."),
    ] {
        let answer = set(&ora, None, new).await;
        assert_eq!((answer.said(), answer.body["message"].as_str()), ((422, "invalid"), Some(why)));
        assert!(answer.body["hint"].is_string());
    }
    assert_eq!(ora.get("/api/session").await.ok()["must_set_password"], true);
}

#[tokio::test]
async fn the_default_password_is_set_before_the_settings_use_it_and_read_by_nobody() {
    let system = System::start().await;
    let (dora, nora) = (system.dora().await, system.nora().await);
    let settings = json!({ "version": 0, "settings": { "accounts": { "passwords": { "source": "default" } } } });
    assert_eq!(dora.put("/api/settings", settings.clone()).await.said(), (422, "invalid"));
    assert_eq!(dora.get("/api/settings").await.ok()["has_default_password"], false);
    let path = "/api/settings/default-password";
    assert_eq!(dora.put(path, json!({ "password": "password1" })).await.said(), (422, "invalid"));
    assert_eq!(nora.put(path, json!({ "password": OWN })).await.status, 403);
    assert_eq!(dora.put(path, json!({ "password": OWN })).await.status, 204);
    let saved = dora.put("/api/settings", settings).await.ok();
    assert_eq!(saved["has_default_password"], true);
    assert_eq!(dora.get("/api/settings").await.ok(), saved);
    let hash = system.cloud.default_password_get().await.unwrap().unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && passwords::verify(OWN, Some(&hash)));
    let items = system.cloud.dynamo.scan().table_name(&system.cloud.table).send().await.unwrap();
    assert!(!format!("{:?}", items.items()).contains(OWN));
}

#[tokio::test]
async fn days_without_end_are_refused() {
    let system = System::start().await;
    let dora = system.dora().await;
    for days in ["expire_days", "readable_days"] {
        let settings = json!({ "version": 0, "settings": { "accounts": { "passwords": { days: 1001 } } } });
        assert_eq!(dora.put("/api/settings", settings).await.said(), (422, "invalid"), "{days}");
    }
}

/// Returns the slips of a reset's file.
async fn slips_of(person: &Person<'_>, row: &Value) -> Vec<Slip> {
    let path = format!("/api/passwords/resets/{}/file", row["id"].as_str().unwrap());
    let link = person.get(&path).await.ok();
    let file = reqwest::get(link["url"].as_str().unwrap()).await.unwrap().bytes().await.unwrap();
    slips(&file).unwrap().into_iter().flat_map(|sheet| sheet.slips).collect()
}

#[tokio::test]
async fn a_reset_gives_one_user_a_new_temporary_password() {
    let system = System::start().await;
    let user = with_temporary(&system).await;
    let ora = system.person("0013001", TEMPORARY).await;
    set(&ora, None, OWN).await.ok();
    let nora = system.nora().await;
    let path = format!("/api/users/{}/reset-password", user.guid);
    let row = nora.post(&path, json!({})).await.ok();
    assert_eq!((&row["users"], &row["skipped"], &row["by"]), (&json!(1), &json!(0), &json!("nora")));
    assert_eq!(row["readable_until"], json!(system.now() + 14 * DAY * 1000));
    assert_eq!(ora.get("/api/session").await.said(), (401, "not_signed_in"), "sessions end");
    assert_eq!(try_sign_in(&system, "0013001", OWN).await.said(), (401, "wrong_sign_in"));
    let [slip] = &slips_of(&nora, &row).await[..] else { panic!("one slip") };
    assert_eq!((slip.username.as_str(), slip.last_name.as_str()), ("0013001", "Klein"));
    let typed = format!(" {} ", slip.temporary_password.to_uppercase().replace('-', " "));
    system.person("0013001", &typed).await;
    let history = system.cloud.history_list(user.guid).await.unwrap();
    assert!(history.iter().any(|entry| entry.by.as_deref() == Some("nora") && entry.fields[0].field == "password"));
    let items = system.cloud.dynamo.scan().table_name(&system.cloud.table).send().await.unwrap();
    assert!(!format!("{:?}", items.items()).contains(&slip.temporary_password), "no item has it");
}

#[tokio::test]
async fn a_reset_of_a_class_skips_who_can_not_sign_in_and_the_one_who_asks() {
    let system = System::start().await;
    let child = |n: u32, grade| User { grade, ..student("A", &format!("Last{n}"), &format!("{n}"), &system.north.id) };
    let closed = User { status: Status::Disabled, ..child(3, Grade::K) };
    let users = [child(1, Grade::K), child(2, Grade::G9), closed, student("B", "B", "4", &system.south.id)];
    system.add(&users).await;
    let (dora, nora) = (system.dora().await, system.nora().await);
    let asked = json!({ "school": system.north.id });
    let row = nora.post("/api/passwords/resets", asked).await.ok();
    assert_eq!((&row["users"], &row["skipped"]), (&json!(2), &json!(2)), "the disabled one and herself");
    let all = slips_of(&nora, &row).await;
    let of = |username: &str| all.iter().find(|slip| slip.username == username).unwrap().temporary_password.clone();
    assert!(of("1").split('-').count() >= 4 && of("2").split('-').count() == 3, "words for the youngest: {all:?}");
    system.person("1", &of("1")).await;
    nora.get("/api/session").await.ok();

    system.later(60);
    let asked = json!({ "school": system.north.id, "grade": "K", "user_type": "Student" });
    let again = dora.post("/api/passwords/resets", asked).await.ok();
    assert_eq!((&again["users"], &again["skipped"]), (&json!(1), &json!(1)));
    let [slip] = &slips_of(&dora, &again).await[..] else { panic!("one slip") };
    assert_eq!(try_sign_in(&system, "1", &of("1")).await.said(), (401, "wrong_sign_in"), "the one before is over");
    system.person("1", &slip.temporary_password).await;
    let nobody = json!({ "school": system.north.id, "grade": "12" });
    assert_eq!(dora.post("/api/passwords/resets", nobody).await.said(), (422, "invalid"));
    let listed = nora.get("/api/passwords/resets").await.ok();
    assert_eq!(listed["items"], json!([again, row]), "newest first");
}

#[tokio::test]
async fn resets_keep_to_the_scope_and_spare_oneself() {
    let system = System::start().await;
    let hers = student("A", "A", "1", &system.north.id);
    let other = student("B", "B", "2", &system.south.id);
    let closed = User { status: Status::Disabled, ..student("C", "C", "3", &system.north.id) };
    system.add(&[hers.clone(), other.clone(), closed.clone()]).await;
    let (dora, nora) = (system.dora().await, system.nora().await);
    let head = system.cloud.account_get_by_username("dora").await.unwrap().unwrap().user;
    let own = system.cloud.account_get_by_username("nora").await.unwrap().unwrap().user;
    let reset = async |person: &Person<'_>, user: &User| {
        person.post(&format!("/api/users/{}/reset-password", user.guid), json!({})).await
    };
    assert_eq!(reset(&nora, &other).await.said(), (404, "not_found"));
    assert_eq!(reset(&nora, &head).await.said(), (404, "not_found"), "nor anybody of the district office");
    assert_eq!(reset(&nora, &own).await.said(), (422, "own_reset"));
    assert_eq!(reset(&nora, &closed).await.said(), (422, "invalid"));
    for school in [&system.south.id, &system.district.id] {
        let asked = json!({ "school": school });
        assert_eq!(nora.post("/api/passwords/resets", asked).await.said(), (403, "other_school"));
    }
    let row = reset(&dora, &other).await.ok();
    let file = format!("/api/passwords/resets/{}/file", row["id"].as_str().unwrap());
    dora.get(&file).await.ok();
    assert_eq!(nora.get(&file).await.said(), (404, "not_found"));
    assert_eq!(nora.get("/api/passwords/resets").await.ok()["items"], json!([]));
    assert_eq!(dora.get("/api/passwords/resets?cursor=x").await.said(), (400, "cursor_unknown"));
    let row = reset(&nora, &hers).await.ok();
    let path = format!("/api/passwords/resets/{}/file", row["id"].as_str().unwrap());
    system.later(14 * DAY);
    let nora = system.nora().await;
    assert_eq!(nora.get(&path).await.said(), (410, "passwords_gone"), "by its age, also where the file is there");
    assert_eq!(nora.get("/api/passwords/resets").await.ok()["items"][0]["readable_until"], Value::Null);
}

#[tokio::test]
async fn at_most_a_thousand_passwords_are_reset_at_once() {
    let system = System::start().await;
    let users: Vec<User> = (0..1001).map(|n| student("A", "A", &n.to_string(), &system.south.id)).collect();
    system.add(&users).await;
    let answer = system.dora().await.post("/api/passwords/resets", json!({ "school": system.south.id })).await;
    assert_eq!(
        (answer.said(), &answer.body["message"]),
        ((422, "invalid"), &json!("These are more than 1,000 users."))
    );
}

#[tokio::test]
async fn the_completed_file_has_passwords_for_those_who_may_see_them_and_for_a_while() {
    let system = System::start().await;
    let upload = awaiting(&system, Scope::School(system.north.id.clone()), Vec::new()).await;
    let mut record = system.cloud.upload_get(&upload.id).await.unwrap().unwrap();
    record.upload.status = wire::Status::Completed;
    record.upload.files = vec![FileKind::Completed];
    record.upload.updated_at = system.now();
    assert_eq!(system.cloud.upload_save(&mut record).await.unwrap(), WriteOutcome::Written);
    system.cloud.object_put(&keys::completed(&upload.id), "without").await.unwrap();
    let with = "custom_id,temporary_password,user_guid\n";
    system.cloud.object_put(&keys::credentials(&upload.id), with).await.unwrap();
    let auditor = User {
        user_type: UserType::Staff,
        roles: roster::Roles::read(roster::role::AUDITOR),
        ..student("Au", "Dit", "audit", &system.north.id)
    };
    let password = own(passwords::hash(PASSWORD).unwrap());
    system.cloud.user_create_by_hand(vec![(auditor, Some(password))], system.now()).await.unwrap();

    let path = format!("/api/uploads/{}/files/completed", upload.id);
    let text = async |person: &Person<'_>| {
        let link = person.get(&path).await.ok();
        reqwest::get(link["url"].as_str().unwrap()).await.unwrap().text().await.unwrap()
    };
    let until = async |person: &Person<'_>| {
        person.get(&format!("/api/uploads/{}", upload.id)).await.ok()["passwords_until"].clone()
    };
    let (nora, auditor) = (system.nora().await, system.person("audit", PASSWORD).await);
    assert_eq!((text(&nora).await.as_str(), text(&auditor).await.as_str()), (with, "without"));
    assert_eq!((until(&nora).await, until(&auditor).await), (json!(system.now() + 14 * DAY * 1000), Value::Null));
    assert_eq!(auditor.ask(Method::GET, "/api/passwords/resets", Value::Null).await.said(), (403, "not_allowed"));

    system.later(14 * DAY);
    let nora = system.nora().await;
    assert_eq!((text(&nora).await.as_str(), until(&nora).await), ("without", Value::Null), "though it is still there");
    let dora = system.dora().await;
    let longer = json!({ "version": 0, "settings": { "accounts": { "passwords": { "readable_days": 30 } } } });
    dora.put("/api/settings", longer).await.ok();
    assert_eq!(text(&nora).await, with);
    system.cloud.object_delete(&keys::credentials(&upload.id)).await.unwrap();
    assert_eq!((text(&nora).await.as_str(), until(&nora).await), ("without", Value::Null));
}

#[tokio::test]
async fn a_password_that_changes_while_the_custom_id_does_is_not_lost() {
    let system = System::start().await;
    let user = with_temporary(&system).await;
    let seed = [1; 32];
    let power = Power { permissions: Default::default(), school: Some(system.north.id.clone()) };
    let hash = passwords::temporary(PasswordSource::Words, &seed, user.guid).unwrap().unwrap().hash;
    assert_eq!(
        system.cloud.password_reset(&user, &hash, &power, "dora", system.now()).await.unwrap(),
        WriteOutcome::Written
    );
    let dora = system.dora().await;
    let path = format!("/api/users/{}/custom-id", user.guid);
    dora.put(&path, json!({ "custom_id": "0013002", "version": 1 })).await.ok();
    let account = system.cloud.account_get(user.guid).await.unwrap().unwrap();
    assert_eq!((account.password_hash.as_deref(), account.temporary_since), (Some(&*hash), Some(system.now())));
    // Whoever saw the user before the change writes nothing.
    assert_eq!(
        system.cloud.password_reset(&user, &hash, &power, "dora", system.now()).await.unwrap(),
        WriteOutcome::ConditionFailed
    );
}

#[tokio::test]
async fn passwords_are_read_by_who_may_do_as_much_as_their_users_do_now() {
    let system = System::start().await;
    let north = system.north.id.clone();
    let users: Vec<User> = ["stays", "rises", "moves"].map(|id| student("A", "A", id, &north)).into();
    system.add(&users).await;
    let (dora, nora) = (system.dora().await, system.nora().await);
    let row = nora.post("/api/passwords/resets", json!({ "school": north, "grade": "9" })).await.ok();
    let upload = completed_with(&system, &users).await;

    let by = wire::upload::Decider { guid: users[0].guid, username: "x".to_owned(), key: None };
    let after = [
        User { roles: roster::Roles::read(roster::role::AUDITOR), version: 2, ..users[1].clone() },
        User { school: system.south.id.clone(), version: 2, ..users[2].clone() },
    ];
    for (before, after) in users[1..].iter().zip(after) {
        let outcome = system.cloud.user_change_by_hand(before, after, &by, system.now()).await.unwrap();
        assert_eq!(outcome, wire::stored::Outcome::Done);
    }

    let reset = format!("/api/passwords/resets/{}/file", row["id"].as_str().unwrap());
    let completed = format!("/api/uploads/{}/files/completed", upload.id);
    for path in [&reset, &completed] {
        for (person, expected) in [(&nora, vec!["stays"]), (&dora, vec!["moves", "rises", "stays"])] {
            let link = person.get(path).await.ok();
            let left_out = json!(3 - expected.len());
            assert_eq!(link.get("left_out").cloned().unwrap_or(json!(0)), left_out, "{path}");
            let file = reqwest::get(link["url"].as_str().unwrap()).await.unwrap().bytes().await.unwrap();
            let mut names: Vec<String> =
                slips(&file).unwrap().into_iter().flat_map(|s| s.slips).map(|s| s.username).collect();
            names.sort();
            assert_eq!(names, expected, "{path}");
        }
    }
    // The copies that were made for her can be read in the one place only, and not for long.
    let copies = system.cloud.object_list(keys::CREDENTIALS_COPIES).await.unwrap();
    assert_eq!(copies.len(), 2);
    let (rule, later) = (Default::default(), copies[0].modified_at + HOUR * 1000 + 1000);
    assert_eq!(system.cloud.credentials_delete_old(&rule, later).await.unwrap(), 2);

    let only = User { custom_id: Some("rises".to_owned()), ..users[1].clone() };
    let row = dora.post(&format!("/api/users/{}/reset-password", only.guid), json!({})).await.ok();
    let path = format!("/api/passwords/resets/{}/file", row["id"].as_str().unwrap());
    assert_eq!(nora.get(&path).await.said(), (403, "may_do_more"));
}

/// Makes an upload that ended, whose completed file has a password for each of these users.
async fn completed_with(system: &System, users: &[User]) -> wire::Upload {
    let upload = awaiting(system, Scope::School(system.north.id.clone()), Vec::new()).await;
    let mut record = system.cloud.upload_get(&upload.id).await.unwrap().unwrap();
    record.upload.status = wire::Status::Completed;
    record.upload.files = vec![FileKind::Completed];
    record.upload.updated_at = system.now();
    assert_eq!(system.cloud.upload_save(&mut record).await.unwrap(), WriteOutcome::Written);
    let schools = system.cloud.school_list().await.unwrap();
    let file = roster::reset_file(users.iter().map(|user| (user, "abcd-efgh-jkmn")), &schools);
    system.cloud.object_put(&keys::credentials(&upload.id), file).await.unwrap();
    upload
}

#[tokio::test]
async fn the_default_password_takes_the_permission_to_manage_roles_too() {
    let system = System::start().await;
    let mut roles = roster::role::built_in();
    roles[2].permissions = [roster::Permission::ChangeSettings].into();
    let document = wire::http::RolesDocument { version: 0, roles };
    let author = cloud::audit::Author { by: None, at: system.now() };
    system.cloud.roles_save(document, &author).await.unwrap().unwrap();
    let clerk = User { user_type: UserType::Staff, ..student("A", "A", "clerk", &system.district.id) };
    let password = own(passwords::hash(PASSWORD).unwrap());
    system.cloud.user_create_by_hand(vec![(clerk, Some(password))], system.now()).await.unwrap();
    let clerk = system.sign_in("clerk").await;
    let answer = clerk.put("/api/settings/default-password", json!({ "password": OWN })).await;
    assert_eq!(answer.said(), (403, "not_allowed"));
    assert!(system.cloud.default_password_get().await.unwrap().is_none());
}
