//! Roles: editing them, giving them to users, and what they keep from whom.

use cloud::audit::Author;
use cloud::changes::PasswordKind;
use roster::{Permission, Scope, User, UserType};
use serde_json::{Value, json};
use wire::http::RolesDocument;
use wire::{Source, Upload};

use crate::decisions::awaiting;
use crate::system::{Answer, Person, START, System, credentials, own, student, temporary};

async fn give(person: &Person<'_>, user: &User, roles: &[&str], version: u64) -> Answer {
    person.put(&format!("/api/users/{}/roles", user.guid), json!({ "roles": roles, "version": version })).await
}

#[tokio::test]
async fn roles_are_built_in_until_somebody_changes_them() {
    let system = System::start().await;
    let dora = system.dora().await;
    let mut document = dora.get("/api/roles").await.ok();
    assert_eq!((&document["version"], document["roles"].as_array().unwrap().len()), (&json!(0), 7));
    document["roles"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "id": "mentor", "name": "Mentor", "permissions": ["see_users"] }));
    let saved = dora.put("/api/roles", document.clone()).await.ok();
    assert_eq!((&saved["version"], &saved["roles"]), (&json!(1), &document["roles"]));
    assert_eq!(dora.get("/api/roles").await.ok(), saved);
    assert_eq!(system.nora().await.get("/api/roles").await.ok(), saved, "who sees the settings sees the roles");
    assert_eq!(dora.put("/api/roles", document).await.said(), (409, "roles_changed"));
}

#[tokio::test]
async fn roles_that_would_lock_everybody_out_are_refused() {
    let system = System::start().await;
    let dora = system.dora().await;
    let document = dora.get("/api/roles").await.ok();
    let refused = async |change: &dyn Fn(&mut Vec<Value>)| {
        let mut changed = document.clone();
        change(changed["roles"].as_array_mut().unwrap());
        let answer = dora.put("/api/roles", changed).await;
        assert_eq!(answer.said(), (422, "invalid"));
        answer.body["message"].as_str().unwrap().to_owned()
    };
    let said = refused(&|roles| roles[5]["permissions"] = json!(["see_users", "see_settings", "manage_roles"])).await;
    assert_eq!(said, "The District Administrator must keep the permission: Change the settings.");
    let said = refused(&|roles| {
        roles.remove(0);
    })
    .await;
    assert_eq!(said, "The role Student Portal is built in and can't be deleted.");
    let said = refused(&|roles| roles[1]["name"] = json!("STAFF")).await;
    assert_eq!(said, "Two roles have the name Staff.");
    assert_eq!(dora.get("/api/roles").await.ok()["version"], 0);
}

#[tokio::test]
async fn a_sync_gives_only_roles_that_there_are_and_those_stay() {
    let system = System::start().await;
    let dora = system.dora().await;
    let settings =
        |teacher: Value| json!({ "version": 0, "settings": { "accounts": { "roles": { "teacher": teacher } } } });
    assert_eq!(dora.put("/api/settings", settings(json!(["mentor"]))).await.said(), (422, "invalid"));
    assert_eq!(dora.put("/api/settings", settings(json!([]))).await.said(), (422, "invalid"));
    let nobody =
        json!({ "version": 0, "settings": { "accounts": { "roles": { "district_administrator": ["staff"] } } } });
    assert_eq!(dora.put("/api/settings", nobody).await.said(), (422, "invalid"));

    let built_in = dora.get("/api/roles").await.ok();
    let mut with = built_in.clone();
    with["roles"].as_array_mut().unwrap().push(json!({ "id": "mentor", "name": "Mentor", "permissions": [] }));
    dora.put("/api/roles", with).await.ok();
    dora.put("/api/settings", settings(json!(["mentor"]))).await.ok();
    let answer = dora.put("/api/roles", json!({ "version": 1, "roles": built_in["roles"] })).await;
    assert_eq!(answer.said(), (422, "invalid"));
    assert_eq!(answer.body["message"], "A sync gives the role mentor, so it can't be deleted.");
}

#[tokio::test]
async fn whoever_had_a_role_that_was_deleted_gets_no_other_one() {
    let system = System::start().await;
    let user = User { user_type: UserType::Teacher, ..student("Ora", "Klein", "T1", &system.north.id) };
    system.add(std::slice::from_ref(&user)).await;
    let dora = system.dora().await;
    let built_in = dora.get("/api/roles").await.ok()["roles"].clone();
    let save = async |version: u32, added: &[Value]| {
        let roles: Vec<Value> = built_in.as_array().unwrap().iter().chain(added).cloned().collect();
        dora.put("/api/roles", json!({ "version": version, "roles": roles })).await.ok()["roles"][7].clone()
    };
    let role = |name: &str| json!({ "id": "new_role", "name": name, "permissions": [] });
    let helper = save(0, &[role("Lunch helper")]).await;
    assert_eq!(helper["id"], "lunch_helper");
    give(&dora, &user, &["lunch_helper"], 1).await.ok();
    save(1, &[]).await;
    assert_eq!(save(2, &[role("Registrar")]).await["id"], "registrar");
    assert_eq!(save(3, &[role("Lunch helper")]).await["id"], "lunch_helper", "the same name is the same role");
}

#[tokio::test]
async fn a_user_is_given_roles_by_hand() {
    let system = System::start().await;
    let user = User { user_type: UserType::Teacher, ..student("Ora", "Klein", "T1", &system.north.id) };
    system.add(std::slice::from_ref(&user)).await;
    let dora = system.dora().await;
    system.later(60);
    let detail = give(&dora, &user, &["teacher", "read_only_auditor"], 1).await.ok();
    assert_eq!(
        (&detail["user"]["roles"], &detail["user"]["version"]),
        (&json!("read_only_auditor;teacher"), &json!(2))
    );
    let entry = &detail["history"][0];
    let change = json!([{ "field": "roles", "before": "", "after": "read_only_auditor;teacher" }]);
    assert_eq!((&entry["fields"], &entry["by"], &entry["kind"]), (&change, &json!("Dora"), &json!("updated")));
    let origin = detail["origins"].as_array().unwrap().iter().find(|origin| origin["field"] == "roles").unwrap();
    assert_eq!((&origin["by"], &origin["at"], &origin["upload"]), (&json!("Dora"), &json!(system.now()), &json!(null)));

    assert_eq!(give(&dora, &user, &["teacher"], 1).await.said(), (409, "user_changed"));
    assert_eq!(give(&dora, &user, &[], 2).await.said(), (422, "invalid"));
    assert_eq!(give(&dora, &user, &["teacher", "nothing"], 2).await.said(), (422, "invalid"));
    assert_eq!(give(&dora, &user, &["read_only_auditor", "teacher"], 2).await.ok(), detail, "nothing changes");
    let gone = User { deleted_at: Some(system.now()), ..student("A", "A", "1", &system.north.id) };
    system.add(std::slice::from_ref(&gone)).await;
    assert_eq!(give(&dora, &gone, &["teacher"], 1).await.said(), (404, "not_found"));
}

#[tokio::test]
async fn administrators_of_the_district_keep_their_role_and_nobody_changes_their_own() {
    let system = System::start().await;
    let dora = system.dora().await;
    let herself = system.cloud.account_get_by_username("dora").await.unwrap().unwrap().user;
    let both = ["district_administrator", "teacher"];
    assert_eq!(give(&dora, &herself, &both, 1).await.said(), (403, "own_roles"));
    let other = User { user_type: UserType::Administrator, ..student("A", "A", "1", &system.district.id) };
    system.add(std::slice::from_ref(&other)).await;
    assert_eq!(give(&dora, &other, &["teacher"], 1).await.said(), (422, "invalid"));
    give(&dora, &other, &both, 1).await.ok();
    let nora = system.cloud.account_get_by_username("nora").await.unwrap().unwrap().user;
    give(&dora, &nora, &["teacher"], 1).await.ok();
    let me = system.nora().await.get("/api/session").await.ok();
    assert_eq!(me["permissions"], json!(["see_own_classes"]));
}

#[tokio::test]
async fn a_role_that_is_gone_is_simply_lost() {
    let system = System::start().await;
    let dora = system.dora().await;
    let built_in = dora.get("/api/roles").await.ok();
    let mut with = built_in.clone();
    with["roles"].as_array_mut().unwrap().push(json!({ "id": "x", "name": "X", "permissions": ["see_users"] }));
    dora.put("/api/roles", with).await.ok();
    let nora = system.cloud.account_get_by_username("nora").await.unwrap().unwrap().user;
    give(&dora, &nora, &["x"], 1).await.ok();
    let person = system.nora().await;
    let permissions = json!(["see_users", "see_own_classes"]);
    assert_eq!(person.get("/api/session").await.ok()["permissions"], permissions);
    dora.put("/api/roles", json!({ "version": 1, "roles": built_in["roles"] })).await.ok();
    assert_eq!(person.get("/api/session").await.ok()["permissions"], json!([]), "as soon as it is gone");
}

#[tokio::test]
async fn whoever_may_not_approve_their_own_upload_needs_somebody_else() {
    let system = System::start().await;
    let mut roles = roster::role::built_in();
    for role in &mut roles {
        role.permissions.remove(&Permission::ApproveOwn);
    }
    let author = Author { by: None, at: START };
    system.cloud.roles_save(RolesDocument { version: 0, roles }, &author).await.unwrap().unwrap();
    let (dora, nora) = (system.dora().await, system.nora().await);
    let hers = async || {
        system.later(1);
        let upload = awaiting(&system, Scope::School(system.north.id.clone()), Vec::new()).await;
        let nora = system.cloud.account_get_by_username("nora").await.unwrap().unwrap().user;
        let mut record = system.cloud.upload_get(&upload.id).await.unwrap().unwrap();
        record.upload.source = Source::Administrator { guid: nora.guid, username: nora.username, key: None };
        assert_eq!(system.cloud.upload_save(&mut record).await.unwrap(), cloud::table::WriteOutcome::Written);
        upload
    };
    let path = |upload: &Upload, what: &str| format!("/api/uploads/{}{what}", upload.id);
    let first = hers().await;
    let approval = json!({ "digest": first.digest, "removals": 3 });
    let detail = nora.get(&path(&first, "")).await.ok();
    assert_eq!((&detail["may_decide"], &detail["may_approve"]), (&json!(true), &json!(false)));
    assert_eq!(nora.post(&path(&first, "/approve"), approval.clone()).await.said(), (403, "own_upload"));
    dora.post(&path(&first, "/approve"), approval).await.ok();
    let second = hers().await;
    let rejection = json!({ "digest": second.digest, "reason": "A mistake" });
    nora.post(&path(&second, "/reject"), rejection).await.ok();
}

#[tokio::test]
async fn nobody_reaches_the_sign_in_of_those_who_may_do_more() {
    let system = System::start().await;
    let role = |id: &str, permissions: &[Permission]| roster::Role {
        id: roster::RoleId::new(id),
        name: id.to_owned(),
        permissions: permissions.iter().copied().collect(),
    };
    use Permission::{ChangeSettings, ChangeUsers, SeePasswords, SeeSettings, SeeUsers};
    let helper = role("helper", &[SeeUsers, ChangeUsers, SeePasswords, SeeSettings, ChangeSettings]);
    let roles = roster::role::built_in().into_iter().chain([helper]).collect();
    let author = Author { by: None, at: START };
    system.cloud.roles_save(RolesDocument { version: 0, roles }, &author).await.unwrap().unwrap();
    let user = |id: &str, roles: &str| User {
        user_type: UserType::Staff,
        roles: roster::Roles::read(roles),
        ..student("A", "A", id, &system.district.id)
    };
    let (clerk, chief, pupil) =
        (user("clerk", "helper"), user("chief", "district_administrator"), user("pupil", "staff"));
    let gone = User { deleted_at: Some(system.now()), ..user("gone", "district_administrator") };
    system.add(&[chief.clone(), pupil.clone(), gone.clone()]).await;
    let hash = runtime::passwords::hash(crate::system::PASSWORD).unwrap();
    let password = own(hash);
    system.cloud.user_create_by_hand(vec![(clerk, Some(password))], START).await.unwrap();

    let (dora, clerk) = (system.dora().await, system.sign_in("clerk").await);
    let reset = |user: &User| format!("/api/users/{}/reset-password", user.guid);
    let give_id = |user: &User| format!("/api/users/{}/custom-id", user.guid);
    assert_eq!(clerk.post(&reset(&chief), json!({})).await.said(), (403, "may_do_more"));
    assert_eq!(
        clerk.put(&give_id(&chief), json!({ "custom_id": "x", "version": 1 })).await.said(),
        (403, "may_do_more")
    );
    let recover = format!("/api/users/{}/recover", gone.guid);
    assert_eq!(clerk.post(&recover, json!({ "version": 1 })).await.said(), (403, "may_do_more"));
    clerk.post(&reset(&pupil), json!({})).await.ok();

    system.later(1);
    let of_chief = dora.post(&reset(&chief), json!({})).await.ok();
    let file = format!("/api/passwords/resets/{}/file", of_chief["id"].as_str().unwrap());
    dora.get(&file).await.ok();
    assert_eq!(clerk.get(&file).await.said(), (403, "may_do_more"));
    let listed = clerk.get("/api/passwords/resets").await.ok();
    let readable: Vec<bool> =
        listed["items"].as_array().unwrap().iter().map(|row| row["readable_until"].is_u64()).collect();
    assert_eq!(readable, [false, true], "the chief's, and the one of their own");

    system.later(1);
    let raised = give(&dora, &pupil, &["read_only_auditor"], 1).await.ok();
    assert_eq!(raised["reset"]["users"], 1, "somebody may have read the temporary password");
    let lowered = give(&dora, &pupil, &["teacher"], 2).await.ok();
    assert_eq!(lowered["reset"], Value::Null, "that is no reason for another one");
    assert_eq!(dora.get("/api/audit?from=1795323559542&to=1795323559541").await.ok()["items"], json!([]));

    let settings = |accounts: Value| json!({ "version": 0, "settings": { "accounts": accounts } });
    let give_all = settings(json!({ "roles": { "staff": ["district_administrator"] } }));
    assert_eq!(clerk.put("/api/settings", give_all).await.said(), (403, "not_allowed"));
    let own_provider = settings(json!({ "single_sign_on": { "enabled": true, "issuer": "https://x.example" } }));
    assert_eq!(clerk.put("/api/settings", own_provider).await.said(), (403, "not_allowed"));
    let never = settings(json!({ "archive": { "after_days": 1, "erase_after_days": 99999 } }));
    assert_eq!(clerk.put("/api/settings", never).await.said(), (422, "invalid"));
}

#[tokio::test]
async fn a_password_that_others_may_know_is_replaced_when_its_user_may_do_more() {
    let system = System::start().await;
    let (north, chosen) = (system.north.id.clone(), runtime::passwords::hash(crate::system::PASSWORD).unwrap());
    let staff = |id: &str| User { user_type: UserType::Staff, ..student("A", "A", id, &north) };
    let lasting = cloud::changes::NewPassword { kind: PasswordKind::Lasting, ..own(chosen.clone()) };
    let given = [
        (staff("file"), Some(lasting)),
        (staff("slip"), Some(temporary(chosen.clone()))),
        (staff("own"), Some(own(chosen))),
        (staff("none"), None),
    ];
    let users: Vec<User> = given.iter().map(|(user, _)| user.clone()).collect();
    system.cloud.user_create_by_hand(given.into(), START).await.unwrap();
    let dora = system.dora().await;
    for (user, renewed) in users.iter().zip([true, true, false, false]) {
        system.later(1);
        let session = if user.username == "none" { None } else { Some(system.sign_in(&user.username).await) };
        let same = give(&dora, user, &["parent"], 1).await.ok();
        assert_eq!(same["reset"], Value::Null, "{}: it allows no more", user.username);
        let detail = give(&dora, user, &["school_administrator"], 2).await.ok();
        assert_eq!(detail["reset"].is_object(), renewed, "{}: {detail}", user.username);
        let account = system.cloud.account_get(user.guid).await.unwrap().unwrap();
        assert_eq!(account.temporary_password, renewed, "{}", user.username);
        if let Some(session) = session {
            assert_eq!(session.get("/api/session").await.status == 401, renewed, "{}", user.username);
            let again = system.post("/api/session", credentials(&user.username, crate::system::PASSWORD)).await;
            assert_eq!(again.status == 401, renewed, "{}", user.username);
        }
    }
    let [file, ..] = &users[..] else { unreachable!() };
    let resets = dora.get("/api/passwords/resets").await.ok();
    let of_file = resets["items"].as_array().unwrap().iter().find(|row| row["user"] == json!(file.guid)).unwrap();
    let link = dora.get(&format!("/api/passwords/resets/{}/file", of_file["id"].as_str().unwrap())).await.ok();
    let sheet = reqwest::get(link["url"].as_str().unwrap()).await.unwrap().bytes().await.unwrap();
    let slip = &roster::slips::slips(&sheet).unwrap()[0].slips[0];
    let person = system.person("file", &slip.temporary_password).await;
    assert_eq!(person.get("/api/session").await.ok()["must_set_password"], true);
}

#[tokio::test]
async fn whoever_is_refused_after_the_reset_is_told_of_it() {
    let system = System::start().await;
    let dora = system.dora().await;
    let mut told = 0;
    for id in ["1", "2", "3", "4"] {
        let user = User { user_type: UserType::Staff, ..student("A", "A", id, &system.north.id) };
        let given = temporary(runtime::passwords::hash(crate::system::PASSWORD).unwrap());
        system.cloud.user_create_by_hand(vec![(user.clone(), Some(given))], START).await.unwrap();
        // Each looked at the same version, and one of them is the first to change it.
        let answers = (0..3).map(|_| give(&dora, &user, &["school_administrator"], 1));
        let answers = futures::future::join_all(answers).await;
        let (mut done, mut knowing) = (0, 0);
        for answer in answers {
            match answer.said() {
                (200, _) => (done, knowing) = (done + 1, knowing + u64::from(answer.body["reset"].is_object())),
                (409, "reset_only") => (told, knowing) = (told + 1, knowing + 1),
                said => assert_eq!(said, (409, "user_changed")),
            }
        }
        let resets = dora.get("/api/passwords/resets").await.ok();
        let of_user = resets["items"].as_array().unwrap().iter().filter(|row| row["user"] == json!(user.guid));
        let made: u64 = of_user.map(|row| row["users"].as_u64().unwrap()).sum();
        assert_eq!((done, knowing), (1, made), "whoever gave the user another password knows that");
    }
    assert!(told > 0, "the requests were not made side by side");
}

#[tokio::test]
async fn a_password_of_before_opens_nothing_once_its_user_may_do_more() {
    let system = System::start().await;
    let user = User { user_type: UserType::Staff, ..student("A", "A", "1", &system.north.id) };
    system.add(std::slice::from_ref(&user)).await;
    let (dora, nora) = (system.dora().await, system.nora().await);
    // Nora reads the new password, knowing that a plan awaits approval that makes its user an administrator.
    let row = nora.post(&format!("/api/users/{}/reset-password", user.guid), json!({})).await.ok();
    let link = nora.get(&format!("/api/passwords/resets/{}/file", row["id"].as_str().unwrap())).await.ok();
    let sheet = reqwest::get(link["url"].as_str().unwrap()).await.unwrap().bytes().await.unwrap();
    let password = roster::slips::slips(&sheet).unwrap()[0].slips[0].temporary_password.clone();
    let session = system.person("1", &password).await;

    let known = dora.get("/api/roles").await.ok();
    let mut more = known.clone();
    more["roles"][2]["permissions"] = json!(["manage_roles"]);
    assert_eq!(more["roles"][2]["id"], "staff");
    dora.put("/api/roles", more).await.ok();
    assert_eq!(session.get("/api/session").await.said(), (401, "not_signed_in"));
    let own = json!({ "new": "violet tractor 9" });
    assert_eq!(session.put("/api/session/password", own).await.said(), (401, "not_signed_in"));
    let row = dora.post(&format!("/api/users/{}/reset-password", user.guid), json!({})).await.ok();
    let link = dora.get(&format!("/api/passwords/resets/{}/file", row["id"].as_str().unwrap())).await.ok();
    let sheet = reqwest::get(link["url"].as_str().unwrap()).await.unwrap().bytes().await.unwrap();
    let password = roster::slips::slips(&sheet).unwrap()[0].slips[0].temporary_password.clone();

    let least = known["roles"].clone();
    dora.put("/api/roles", json!({ "version": 1, "roles": least })).await.ok();
    let mut elsewhere = dora.get("/api/roles").await.ok();
    elsewhere["roles"][2]["permissions"] = json!(["see_users", "manage_roles"]);
    dora.put("/api/roles", elsewhere).await.ok();
    let answer = system.post("/api/session", credentials("1", &password)).await;
    assert_eq!(answer.said(), (401, "password_outgrown"), "{answer:?}");
}
