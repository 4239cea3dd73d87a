//! API keys: who makes and ends them, what they open and for how long, and what is kept of them.

use api::Access;
use api::routes::ROUTES;
use axum::body::Body;
use axum::http::{Method, Request, header};
use cloud::audit::Trail;
use cloud::bucket::digest;
use roster::{Roles, Scope, Status, User, UserType, role};
use serde_json::{Value, json};
use wire::UploadId;
use wire::audit::Action;
use wire::http::API_KEY;
use wire::stored::KeyId;
use wire::upload::Decider;

use crate::decisions::{awaiting, awaiting_that_reaches};
use crate::system::{Answer, DAY, HOUR, Person, System};

/// A program with an API key.
struct Program<'a> {
    system: &'a System,
    secret: String,
    id: KeyId,
}

impl Program<'_> {
    async fn ask(&self, method: Method, path: &str, body: Value) -> Answer {
        let request = Request::builder().method(method).uri(path).header(API_KEY, &self.secret);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        self.system.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, json!({})).await
    }

    async fn send(&self, new: Value) -> Answer {
        self.ask(Method::POST, "/api/uploads", new).await
    }
}

/// Starts a system whose settings let programs in, and name a source.
async fn open_system() -> System {
    let system = System::start().await;
    switch(&system, "on").await;
    system
}

async fn switch(system: &System, keys: &str) {
    let dora = system.dora().await;
    let mut document = dora.get("/api/settings").await.ok();
    document["settings"]["api_keys"] = json!(keys);
    document["settings"]["sources"]["sources"] = json!([{ "id": "sis", "name": "SIS" }, { "id": "hr", "name": "HR" }]);
    dora.put("/api/settings", document).await.ok();
}

fn new_key() -> Value {
    json!({ "name": "Night", "modes": ["partial", "full"], "days": 30 })
}

async fn make<'a>(system: &'a System, maker: &Person<'_>, with: Value) -> Program<'a> {
    let mut new = new_key();
    new.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    let made = maker.post("/api/keys", new).await.ok();
    let id = KeyId(made["row"]["key"]["id"].as_str().unwrap().to_owned());
    Program { system, secret: made["secret"].as_str().unwrap().to_owned(), id }
}

fn file(contents: &[u8]) -> Value {
    json!({ "mode": "full", "file_name": "night.csv", "bytes": contents.len(), "sha256": digest(contents) })
}

fn with(mut value: Value, name: &str, other: Value) -> Value {
    value[name] = other;
    value
}

async fn change(system: &System, username: &str, edit: impl FnOnce(&mut User)) {
    let user = system.cloud.account_get_by_username(username).await.unwrap().unwrap().user;
    let mut after = User { version: user.version + 1, ..user.clone() };
    edit(&mut after);
    let by = Decider { guid: user.guid, username: "x".to_owned(), key: None };
    let outcome = system.cloud.user_change_by_hand(&user, after, &by, system.now()).await.unwrap();
    assert_eq!(outcome, wire::stored::Outcome::Done);
}

#[tokio::test]
async fn a_key_opens_what_is_about_uploads_and_nothing_else() {
    let system = open_system().await;
    let program = make(&system, &system.dora().await, json!({})).await;
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let mut opened = Vec::new();
    for route in ROUTES.iter().filter(|route| route.access != Access::Anybody) {
        let path = route.path.replace("{id}", id).replace("{guid}", id).replace("{kind}", "plan");
        let answer = program.ask(route.method.clone(), &path, json!({})).await;
        match answer.said() {
            (403, "person_needed") => {}
            _ => opened.push(format!("{} {} {}", route.method, route.path, answer.said().0)),
        }
    }
    insta::assert_snapshot!(opened.join("\n"), @r"
    GET /api/uploads 200
    POST /api/uploads 400
    GET /api/uploads/{id} 404
    GET /api/uploads/{id}/changes 404
    GET /api/uploads/{id}/plan/classes 404
    GET /api/uploads/{id}/findings 404
    POST /api/uploads/{id}/approve 403
    POST /api/uploads/{id}/reject 403
    GET /api/uploads/{id}/files/{kind} 404
    GET /api/key 200
    ");
    assert_eq!(program.get("/api/nothing").await.said(), (404, "no_such_address"));
    assert_eq!(system.dora().await.get("/api/key").await.said(), (403, "key_needed"));
}

#[tokio::test]
async fn a_secret_is_shown_once_and_stored_as_its_hash() {
    let system = open_system().await;
    let dora = system.dora().await;
    let program = make(&system, &dora, json!({})).await;
    let (_, secret) = program.secret.rsplit_once(&format!("{}_", program.id)).unwrap();
    let record = system.cloud.api_key_get(&program.id).await.unwrap().unwrap();
    assert_eq!(record.secret_digest, digest(secret.as_bytes()));
    program.send(file(b"a")).await.ok();
    let mut items = system.cloud.dynamo.scan().table_name(&system.cloud.table).into_paginator().items().send();
    let mut seen = 0;
    while let Some(item) = items.next().await {
        assert!(!format!("{:?}", item.unwrap()).contains(secret));
        seen += 1;
    }
    assert!(seen > 5);
    let list = dora.get("/api/keys").await.ok();
    assert!(!list.to_string().contains(secret) && !list.to_string().contains(&record.secret_digest), "{list}");
    for wrong in [
        format!("rb_{}_{}", program.id, "A".repeat(43)),
        format!("rb_{}_", program.id),
        format!("rb_0123456789abcdef_{secret}"),
        secret.to_owned(),
        "rb_".to_owned(),
        String::new(),
    ] {
        let other = Program { secret: wrong, id: program.id.clone(), ..program };
        assert_eq!(other.get("/api/key").await.said(), (401, "key_unknown"), "{}", other.secret);
    }
}

#[tokio::test]
async fn a_key_is_over_once_it_expired_was_ended_or_keys_are_off() {
    let system = open_system().await;
    let dora = system.dora().await;
    let [short, long] = [make(&system, &dora, json!({ "days": 1 })).await, make(&system, &dora, json!({})).await];
    switch(&system, "off").await;
    for program in [&short, &long] {
        assert_eq!(program.get("/api/key").await.said(), (403, "keys_off"));
    }
    switch(&system, "on").await;
    system.later(DAY - 1);
    short.get("/api/key").await.ok();
    system.later(1);
    assert_eq!(short.get("/api/key").await.said(), (401, "key_expired"));
    long.get("/api/key").await.ok();

    let dora = system.dora().await;
    let path = format!("/api/keys/{}/end", long.id);
    let ended = dora.post(&path, json!({})).await.ok();
    assert_eq!((&ended["state"], &ended["end"]["by"]), (&json!("ended"), &json!("Dora")));
    assert_eq!(long.get("/api/key").await.said(), (401, "key_ended"));
    system.later(60);
    assert_eq!(dora.post(&path, json!({})).await.ok(), ended, "once more changes nothing");
    let states: Vec<Value> =
        dora.get("/api/keys").await.ok().as_array().unwrap().iter().map(|k| k["state"].clone()).collect();
    assert_eq!(states.len(), 2);
    assert!(states.contains(&json!("expired")) && states.contains(&json!("ended")), "{states:?}");
    assert_eq!(dora.post("/api/keys/0000000000000000/end", json!({})).await.said(), (404, "not_found"));
}

#[tokio::test]
async fn keys_are_off_before_somebody_switches_them_on() {
    let system = System::start().await;
    let program = make(&system, &system.dora().await, json!({})).await;
    assert_eq!(program.get("/api/key").await.said(), (403, "keys_off"));
}

#[tokio::test]
async fn a_key_sends_for_its_school_only() {
    let system = open_system().await;
    let (dora, nora) = (system.dora().await, system.nora().await);
    let (north, south) = (system.north.id.clone(), system.south.id.clone());
    let of_north = make(&system, &dora, json!({ "school": north })).await;
    let own = make(&system, &nora, json!({})).await;
    for program in [&of_north, &own] {
        let ticket = program.send(file(b"a")).await.ok();
        let id = UploadId(ticket["id"].as_str().unwrap().to_owned());
        let ticket = system.cloud.ticket_get(&id).await.unwrap().unwrap();
        assert_eq!(ticket.scope, Scope::School(north.clone()));
        let for_south = with(file(b"a"), "schools", json!([south]));
        assert_eq!(program.send(for_south).await.said(), (403, "other_school"));
        assert_eq!(program.get("/api/key").await.ok()["scope"], json!({ "school": north }));
    }
    let whole = awaiting(&system, Scope::Organisation, Vec::new()).await;
    assert_eq!(own.get(&format!("/api/uploads/{}", whole.id)).await.said(), (404, "not_found"));

    assert_eq!(nora.post("/api/keys", with(new_key(), "school", json!(south))).await.said(), (403, "other_school"));
    let of_all = make(&system, &dora, json!({})).await;
    let seen = nora.get("/api/keys").await.ok();
    let seen: Vec<&str> = seen.as_array().unwrap().iter().map(|row| row["key"]["id"].as_str().unwrap()).collect();
    assert_eq!(seen.len(), 2);
    assert!(!seen.contains(&of_all.id.0.as_str()));
    let path = format!("/api/keys/{}/end", of_all.id);
    assert_eq!(nora.post(&path, json!({})).await.said(), (404, "not_found"));
    nora.post(&format!("/api/keys/{}/end", of_north.id), json!({})).await.ok();
}

#[tokio::test]
async fn a_key_sends_and_sees_its_kinds_and_its_source_only() {
    let system = open_system().await;
    let dora = system.dora().await;
    let program = make(&system, &dora, json!({ "source": "sis", "modes": ["full"] })).await;
    let ticket = program.send(file(b"a")).await.ok();
    let id = UploadId(ticket["id"].as_str().unwrap().to_owned());
    let source = system.cloud.ticket_get(&id).await.unwrap().unwrap().of_source.unwrap();
    assert_eq!(source.0, "sis", "which is taken from the key where the request names none");
    program.get(&format!("/api/uploads/{id}")).await.ok();

    let other = with(file(b"b"), "of_source", json!("hr"));
    assert_eq!(program.send(other.clone()).await.said(), (403, "key_other_source"));
    assert_eq!(program.send(with(file(b"b"), "mode", json!("partial"))).await.said(), (403, "key_other_mode"));
    assert_eq!(
        program.send(with(with(file(b"b"), "mode", json!("partial")), "by_hand", json!(true))).await.said(),
        (403, "person_needed")
    );
    for hers in [other, file(b"c"), with(with(file(b"d"), "mode", json!("staff")), "of_source", json!("sis"))] {
        let ticket = dora.post("/api/uploads", hers).await.ok();
        let path = format!("/api/uploads/{}", ticket["id"].as_str().unwrap());
        assert_eq!(program.get(&path).await.said(), (404, "not_found"));
    }
    assert_eq!(dora.post("/api/keys", with(new_key(), "source", json!("nowhere"))).await.said(), (422, "invalid"));
}

#[tokio::test]
async fn the_same_contents_sent_twice_with_a_key_are_one_upload() {
    let system = open_system().await;
    let dora = system.dora().await;
    let [program, other] = [make(&system, &dora, json!({})).await, make(&system, &dora, json!({})).await];
    let id = |ticket: &Value| ticket["id"].as_str().unwrap().to_owned();
    let first = program.send(file(b"a")).await.ok();
    let renamed = with(file(b"a"), "file_name", json!("again.csv"));
    let second = program.send(renamed.clone()).await.ok();
    assert_eq!((id(&second), &second["arrival"]), (id(&first), &json!("awaited")));
    assert!(second["url"].as_str().unwrap().contains("night.csv"), "the same object");
    for different in
        [file(b"b"), with(file(b"a"), "mode", json!("partial")), with(file(b"a"), "of_source", json!("sis"))]
    {
        assert_ne!(id(&program.send(different).await.ok()), id(&first));
    }
    assert_ne!(id(&other.send(file(b"a")).await.ok()), id(&first), "another key");

    let ticket = system.cloud.ticket_get(&UploadId(id(&first))).await.unwrap().unwrap();
    system.cloud.upload_enter(&ticket.upload(system.now())).await.unwrap();
    let third = program.send(renamed.clone()).await.ok();
    assert_eq!((id(&third), &third["arrival"], &third["url"]), (id(&first), &json!("here"), &json!("")));
    let again = program.send(with(file(b"a"), "repeat", json!("always"))).await.ok();
    assert_ne!(id(&again), id(&first), "somebody wants it sent once more");
    assert_eq!(id(&program.send(file(b"a")).await.ok()), id(&again));

    let ticket = system.cloud.ticket_get(&UploadId(id(&again))).await.unwrap().unwrap();
    let mut record = system.cloud.upload_enter(&ticket.upload(system.now())).await.unwrap();
    record.upload.fail("It has no headers.".to_owned(), system.now());
    assert_eq!(system.cloud.upload_save(&mut record).await.unwrap(), cloud::table::WriteOutcome::Written);
    let mended = program.send(file(b"a")).await.ok();
    assert_ne!(id(&mended), id(&again), "what failed can be sent once more");
    system.later(20 * HOUR);
    assert_ne!(id(&program.send(file(b"a")).await.ok()), id(&mended), "the next night");
}

#[tokio::test]
async fn a_maker_who_moves_to_a_school_gets_no_link_of_the_organisation() {
    let system = open_system().await;
    let (north, district) = (system.north.id.clone(), system.district.id.clone());
    change(&system, "nora", |nora| nora.school = district).await;
    let program = make(&system, &system.nora().await, json!({})).await;
    let before = program.send(file(b"a")).await.ok();
    change(&system, "nora", |nora| nora.school = north.clone()).await;
    let after = program.send(file(b"a")).await.ok();
    assert_ne!(after["id"], before["id"]);
    let id = UploadId(after["id"].as_str().unwrap().to_owned());
    assert_eq!(system.cloud.ticket_get(&id).await.unwrap().unwrap().scope, Scope::School(north));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_side_by_side_for_the_same_contents_get_one_upload() {
    let system = open_system().await;
    let program = make(&system, &system.dora().await, json!({})).await;
    let [a, b, c] = [(); 3].map(|()| program.send(file(b"a")));
    let (a, b, c) = tokio::join!(a, b, c);
    let answers = [a, b, c];
    let given: Vec<&Answer> = answers.iter().filter(|answer| answer.status.is_success()).collect();
    assert!(!given.is_empty() && given.iter().all(|answer| answer.body["id"] == given[0].body["id"]), "{answers:?}");
    assert!(answers.iter().all(|answer| answer.status.is_success() || answer.said() == (503, "busy")), "{answers:?}");
}

#[tokio::test]
async fn a_key_does_no_more_than_its_maker_may_now() {
    let system = open_system().await;
    let (dora, nora) = (system.dora().await, system.nora().await);
    let decides = json!({ "decisions": "approve" });
    let program = make(&system, &nora, decides.clone()).await;
    program.send(file(b"a")).await.ok();
    change(&system, "nora", |nora| nora.user_type = UserType::Teacher).await;
    assert_eq!(program.send(file(b"b")).await.said(), (403, "not_allowed"));
    change(&system, "nora", |nora| nora.user_type = UserType::Administrator).await;
    program.send(file(b"b")).await.ok();
    let south = system.south.id.clone();
    change(&system, "nora", |nora| nora.school = south).await;
    assert_eq!(program.send(file(b"b")).await.said(), (401, "key_maker_gone"), "she looks after another school");
    let state = async || dora.get("/api/keys").await.ok()[0]["state"].clone();
    assert_eq!(state().await, "maker_gone");
    let north = system.north.id.clone();
    change(&system, "nora", |nora| nora.school = north).await;
    assert_eq!(state().await, "active");
    change(&system, "nora", |nora| nora.status = Status::Disabled).await;
    assert_eq!(program.get("/api/key").await.said(), (401, "key_maker_gone"));
    assert_eq!(state().await, "maker_gone");
}

#[tokio::test]
async fn a_key_opens_nothing_while_its_maker_has_a_temporary_password() {
    let system = open_system().await;
    let (dora, nora) = (system.dora().await, system.nora().await);
    let program = make(&system, &nora, json!({})).await;
    program.get("/api/key").await.ok();
    let maker = system.cloud.account_get_by_username("nora").await.unwrap().unwrap().user.guid;
    dora.post(&format!("/api/users/{maker}/reset-password"), json!({})).await.ok();
    assert_eq!(program.get("/api/key").await.said(), (401, "key_maker_gone"));
    assert_eq!(dora.get("/api/keys").await.ok()[0]["state"], "maker_gone");
}

#[tokio::test]
async fn one_makers_many_keys_keep_nobody_else_from_making_one() {
    let system = open_system().await;
    let (dora, nora) = (system.dora().await, system.nora().await);
    for _ in 0..50 {
        make(&system, &nora, json!({})).await;
    }
    assert_eq!(nora.post("/api/keys", new_key()).await.said(), (422, "key_limit"));
    make(&system, &dora, json!({})).await;
    system.later(31 * DAY);
    make(&system, &system.nora().await, json!({})).await;
}

#[tokio::test]
async fn a_file_that_never_came_is_not_awaited_for_ever() {
    let system = open_system().await;
    let program = make(&system, &system.dora().await, json!({})).await;
    let ticket = program.send(file(b"a")).await.ok();
    let path = format!("/api/uploads/{}", ticket["id"].as_str().unwrap());
    assert_eq!(program.get(&path).await.ok()["upload"]["status"], "queued");
    system.later(DAY);
    assert_eq!(program.get(&path).await.said(), (404, "not_found"), "though the table still has its ticket");
    assert_ne!(program.send(file(b"a")).await.ok()["id"], ticket["id"]);
}

#[tokio::test]
async fn approving_is_a_tick_of_its_own_and_never_makes_administrators() {
    let system = open_system().await;
    let dora = system.dora().await;
    let plain = make(&system, &dora, json!({})).await;
    let deciding = make(&system, &dora, json!({ "decisions": "approve" })).await;
    let upload = awaiting(&system, Scope::Organisation, Vec::new()).await;
    let path = format!("/api/uploads/{}/approve", upload.id);
    let approve = json!({ "digest": upload.digest, "removals": 3 });
    assert_eq!(plain.ask(Method::POST, &path, approve.clone()).await.said(), (403, "key_no_approval"));
    let approved = deciding.ask(Method::POST, &path, approve).await.ok();
    assert_eq!(approved["decision"]["by"]["key"], json!({ "id": deciding.id, "name": "Night" }));

    system.later(1);
    let roles = |id: &str| Roles::from_ids(&[roster::RoleId::new(id)]);
    let teachers = [roles(role::TEACHER), Roles::default()];
    for (reach, expected) in [
        (teachers, 200),
        ([roles(role::DISTRICT_ADMINISTRATOR), Roles::default()], 403),
        ([Roles::default(), roles(role::SCHOOL_ADMINISTRATOR)], 403),
    ] {
        system.later(1);
        let upload = awaiting_that_reaches(&system, Scope::Organisation, Vec::new(), reach).await;
        let path = format!("/api/uploads/{}/approve", upload.id);
        let answer = deciding.ask(Method::POST, &path, json!({ "digest": upload.digest, "removals": 3 })).await;
        assert_eq!(answer.status.as_u16(), expected, "{answer:?}");
    }
}

#[tokio::test]
async fn nobody_gives_a_key_what_they_have_not() {
    let system = open_system().await;
    let mut roles = role::built_in();
    let school_administrator = roles.iter_mut().find(|role| role.id.0 == role::SCHOOL_ADMINISTRATOR).unwrap();
    school_administrator.permissions.remove(&roster::Permission::Approve);
    let author = cloud::audit::Author { by: None, at: system.now() };
    let document = wire::http::RolesDocument { version: 0, roles };
    system.cloud.roles_save(document, &author).await.unwrap().unwrap();
    let nora = system.nora().await;
    let deciding = with(new_key(), "decisions", json!("approve"));
    assert_eq!(nora.post("/api/keys", deciding).await.said(), (403, "not_allowed"));
    nora.post("/api/keys", new_key()).await.ok();
    for wrong in [
        with(new_key(), "name", json!("  ")),
        with(new_key(), "name", json!("x".repeat(61))),
        with(new_key(), "modes", json!([])),
        with(new_key(), "days", json!(0)),
        with(new_key(), "days", json!(401)),
    ] {
        assert_eq!(nora.post("/api/keys", wrong.clone()).await.said(), (422, "invalid"), "{wrong}");
    }
}

#[tokio::test]
async fn the_last_use_is_written_once_a_minute() {
    let system = open_system().await;
    let program = make(&system, &system.dora().await, json!({})).await;
    let used_at = async || system.cloud.api_key_get(&program.id).await.unwrap().unwrap().used_at;
    assert_eq!(used_at().await, None);
    program.get("/api/key").await.ok();
    let first = system.now();
    assert_eq!(used_at().await, Some(first));
    system.later(59);
    program.get("/api/uploads").await.ok();
    assert_eq!(used_at().await, Some(first));
    system.later(1);
    program.get("/api/users").await;
    assert_eq!(used_at().await, Some(first + 60_000), "also by what is refused");
}

#[tokio::test]
async fn what_is_done_with_a_key_is_in_the_log_with_its_name() {
    let system = open_system().await;
    let dora = system.dora().await;
    let program = make(&system, &dora, json!({ "decisions": "approve", "source": "sis" })).await;
    let ticket = program.send(file(b"a")).await.ok();
    let id = UploadId(ticket["id"].as_str().unwrap().to_owned());
    let ticket = system.cloud.ticket_get(&id).await.unwrap().unwrap();
    system.cloud.upload_enter(&ticket.upload(system.now())).await.unwrap();
    system.later(1);
    dora.post(&format!("/api/keys/{}/end", program.id), json!({})).await.ok();

    let log = system.cloud.audit_list(Trail::All, 0..u64::MAX, None, 50).await.unwrap().items;
    let of = |action: Action| log.iter().find(|entry| entry.action == action).unwrap();
    let uploaded = of(Action::Uploaded).by.as_ref().unwrap();
    assert_eq!(uploaded.username, "Dora");
    assert_eq!(uploaded.key.as_ref().map(|key| (&key.id, key.name.as_str())), Some((&program.id, "Night")));
    for action in [Action::KeyMade, Action::KeyEnded] {
        let entry = of(action);
        assert_eq!(entry.subject, wire::audit::Subject::ApiKey { id: program.id.clone() });
        assert!(entry.by.as_ref().is_some_and(|by| by.key.is_none() && by.username == "Dora"));
    }
    let told: Vec<String> =
        of(Action::KeyMade).details.iter().map(|detail| format!("{}={}", detail.field, detail.after)).collect();
    assert!(
        told.contains(&"modes=partial;full".to_owned()) && told.contains(&"decisions=approve".to_owned()),
        "{told:?}"
    );
    let link = dora.post("/api/audit/download", json!({})).await.ok();
    let csv = reqwest::get(link["url"].as_str().unwrap()).await.unwrap().text().await.unwrap();
    assert!(csv.contains(&format!("API key: {} Night", program.id)), "{csv}");
}
