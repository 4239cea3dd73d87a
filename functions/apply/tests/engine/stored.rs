//! What earlier versions stored is read by this one, and a plan that waits in it is carried out.
//!
//! A fixture is a whole organisation, table and bucket, as the functions of its day left it. Fixtures are only ever added,
//! never changed: each stands for what is in somebody's table. `ROLLBOOK_STORE=<name> cargo test --workspace --test engine
//! stored` adds one, which whoever changes a stored form does first. What is read of each is a snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cloud::Cloud;
use cloud::api_keys::SameContents;
use cloud::audit::{Author, Trail};
use cloud::bucket::from_lines;
use cloud::bucket::keys::{self, Part};
use cloud::full_rows::RosterKind;
use cloud::sessions::Session;
use cloud::sign_in_failures::SignInAttempt;
use cloud::table::{Item, WriteOutcome};
use cloud::tickets::Ticket;
use cloud::uploads::upload_id;
use roster::durations::{DAY, HOUR};
use roster::{
    Change, ClassChange, ClassRow, Code, EnrolmentChange, FeedFormat, Finding, Mode, Role, RoleId, Roles, Scope,
    UnchangedRow,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wire::attribute::Attribute;
use wire::http::RolesDocument;
use wire::stored::{
    ApiKey, ChangeResult, ClassResult, CutFindings, KeyDecisions, KeyId, PasswordHash, PlanHead, Reset, UsedKey,
    WrittenFeeds,
};
use wire::upload::{CheckedBefore, Decider};
use wire::{Source, Status, Upload};

use crate::organisation::{HEADER, Organisation};

mod watched;

/// A table and a bucket as they were at one moment.
#[derive(Serialize, Deserialize)]
pub struct Fixture {
    /// Milliseconds since 1970.
    pub at: u64,
    /// The table, as DynamoDB writes items.
    items: Vec<BTreeMap<String, Value>>,
    /// The bucket, whose objects are all text.
    objects: BTreeMap<String, String>,
}

impl Fixture {
    async fn take(o: &Organisation) -> Fixture {
        let cloud = o.cloud();
        let mut pages = cloud.dynamo.scan().table_name(&cloud.table).into_paginator().items().send();
        let mut items = Vec::new();
        while let Some(item) = pages.next().await {
            items.push(item.unwrap().iter().map(|(name, value)| (name.clone(), written(value))).collect());
        }
        items.sort_by_key(|item: &BTreeMap<String, Value>| (item["pk"].to_string(), item["sk"].to_string()));
        let mut objects = BTreeMap::new();
        for object in cloud.object_list("").await.unwrap() {
            let bytes = cloud.object_get(&object.key).await.unwrap().unwrap();
            objects.insert(object.key, String::from_utf8(bytes.to_vec()).unwrap());
        }
        Fixture { at: o.now, items, objects }
    }

    pub async fn restore(&self, cloud: &Cloud) {
        for item in &self.items {
            let item: Item = item.iter().map(|(name, value)| (name.clone(), read(value))).collect();
            cloud.dynamo.put_item().table_name(&cloud.table).set_item(Some(item)).send().await.unwrap();
        }
        for (key, text) in &self.objects {
            cloud.object_put(key, text.clone()).await.unwrap();
        }
    }
}

fn written(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::Bool(flag) => json!({ "BOOL": flag }),
        AttributeValue::Ss(texts) => json!({ "SS": texts }),
        AttributeValue::B(bytes) => json!({ "B": BASE64_STANDARD.encode(bytes) }),
        other => panic!("no attribute of ours: {other:?}"),
    }
}

fn read(value: &Value) -> AttributeValue {
    let (kind, value) = value.as_object().and_then(|value| value.iter().next()).expect("a kind and a value");
    let text = || value.as_str().expect("a text").to_owned();
    match kind.as_str() {
        "S" => AttributeValue::S(text()),
        "N" => AttributeValue::N(text()),
        "BOOL" => AttributeValue::Bool(value.as_bool().expect("true or false")),
        "SS" => AttributeValue::Ss(serde_json::from_value(value.clone()).expect("texts")),
        "B" => AttributeValue::B(Blob::new(BASE64_STANDARD.decode(text()).expect("bytes"))),
        other => panic!("no attribute of ours: {other}"),
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/stored")
}

/// Every fixture, the oldest first: their names begin with the month.
fn fixtures() -> Vec<(String, Fixture)> {
    let files = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    files.sort();
    assert!(!files.is_empty());
    let read = |path: &PathBuf| serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    files.iter().map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), read(path))).collect()
}

#[tokio::test]
async fn a_fixture_is_added_and_never_changed() {
    let Ok(name) = std::env::var("ROLLBOOK_STORE") else { return };
    let path = folder().join(name).with_extension("json");
    assert!(!path.exists(), "it stands for what somebody has stored; add another one");
    let fixture = Fixture::take(&Box::pin(busy()).await).await;
    std::fs::write(&path, serde_json::to_string_pretty(&fixture).unwrap() + "\n").unwrap();
}

/// An organisation that has something of every kind: a finished upload, users that were disabled, deleted and erased, and
/// a plan that waits and has a change of every kind.
async fn busy() -> Organisation {
    let mut o = Organisation::new(None).await;
    let by = Author { by: None, at: o.now };
    let mentor = Role { id: RoleId::new("mentor"), name: "Mentor".to_owned(), permissions: [].into() };
    let roles = roster::role::built_in().into_iter().chain([mentor]).collect();
    o.cloud().roles_save(RolesDocument { version: 0, roles }, &by).await.unwrap().unwrap();
    o.cloud().default_password_set(&runtime::passwords::hash("a default passphrase").unwrap(), o.now).await.unwrap();
    let people = [
        "Ann,Ash,Mae,ann@a.example,T1,A,Teacher,Head,,Active",
        "Ben,Birch,,,00123,A,Student,,4,Active",
        "Cat,Cedar,,,00124,B,Student,,K,Active",
        "Dan,Dell,,,00125,B,Student,,5,Disabled",
        "Eve,Elm,,eve@a.example,00126,A,Student,,6,Active",
        "Fay,Fir,,,00127,A,Student,,7,Active",
        "Guy,Gum,,,20007,A,Student,,8,Active",
        "Kim,Kane,,,00131,B,Student,,3,Active",
        "Lea,Lind,,,00132,B,Student,,2,Active",
    ];
    o.drop("inbox/partial/first.csv", &people).await;
    o.settle().await;
    o.now += 1000;
    by_hand(&o).await;
    o.now += 1000;
    o.drop("inbox/full/second.csv", &people.iter().filter(|row| !row.starts_with("Fay")).copied().collect::<Vec<_>>())
        .await;
    o.settle().await;
    Box::pin(set_with_errors(&o)).await;
    Box::pin(workbook(&o)).await;
    o.settings(r#"{"partial":{"requires_approval":false},"accounts":{"usernames":{"rename":"column"}}}"#).await;
    let renamed = format!("{HEADER},username\n{}\n", "Kim,Kane,,,00131,B,Student,,3,Disabled,kim.kane");
    o.now += 1000;
    o.cloud().object_put("inbox/partial/renamed.csv", renamed).await.unwrap();
    o.settle().await;
    Box::pin(mapped(&o)).await;
    let second = named(&o, "second.csv").await;
    o.approve(&second).await;
    o.settle().await;
    o.now += 31 * DAY;
    let school = o.cloud().school_list().await.unwrap().by_external_id("A").unwrap().id.clone();
    assert_eq!(o.cloud().user_erase_gone(&school, o.now).await.unwrap(), 1, "Fay");
    let archive = roster::accounts::ArchiveRule { after_days: Some(30), erase_after_days: 365 };
    assert_eq!(o.cloud().user_archive_disabled(&archive, o.now).await.unwrap(), 2, "Dan and Kim");
    o.drop("inbox/partial/disabled.csv", &["Lea,Lind,,,00132,B,Student,,2,Disabled"]).await;
    o.settle().await;
    let eve = o.user("00126").await.unwrap().guid;
    let eve = o.cloud().account_get(eve).await.unwrap().unwrap();
    assert_eq!(o.cloud().password_use_temporary(&eve, o.now).await.unwrap(), WriteOutcome::Written);
    let plain = json!({
        "full": { "update_names": true, "update_password": true, "person_differs": "wait", "limits": { "shrink_percent": 20 } },
        "partial": { "update_names": true },
        "accounts": { "usernames": { "method": "custom_id", "rename": "column" },
                      "archive": { "after_days": 30, "erase_after_days": 365 } },
        "uploads_kept_days": 500,
        "api_keys": "on",
        "reading": { "profiles": [profile()] },
        "watch": watched::rules(),
    });
    o.settings(&plain.to_string()).await;
    sign_ins(&o, &school).await;
    let waiting = [
        "Ann,Ashby,Mae,ann@a.example,T1,A,Teacher,Head,,Active,,",
        "Ben,Birch,,,00123,B,Student,,4,Active,,",
        "Cat,Cedar,,,00124,B,Student,,K,Active,,",
        "Dan,Dell,,,00125,B,Student,,5,Active,,",
        "Eve,Elm,,eve@a.example,00126,A,Student,,6,Active,,",
        "Guy,Gum,,,77007,A,Student,,8,Active,,",
        "Hal,Holm,,,00128,A,Student,,9,Active,violet-harbour-93,",
        "Ida,Inge,,,00129,A,Student,,99,Active,,",
        "Lea,Lind,,,00132,B,Student,,2,Disabled,,",
        "Jan,Juniper,,,00130,A,Student,,10,Active,,",
    ];
    let roster = format!("{HEADER},password,username\n{}\n", waiting.join("\n"));
    o.now += 1000;
    o.cloud().object_put("inbox/full/waiting.csv", roster).await.unwrap();
    o.settle().await;
    assert_eq!(named(&o, "waiting.csv").await.status, Status::AwaitingApproval);
    o.now += 1000;
    Box::pin(watched::tell(&o)).await;
    o
}

/// A mapping that reads another system's file.
fn profile() -> Value {
    let part =
        |part: &str| json!({ "from": { "name_part": { "header": "Who", "order": "last_comma_first", "part": part } } });
    json!({
        "name": "Export", "version": 2, "headers": ["grade", "number", "room", "state", "where", "who"],
        "columns": {
            "first_name": part("first"), "last_name": part("last"), "custom_id": { "from": { "header": "Number" } },
            "school_district_external_id": { "from": { "header": "Where" }, "values": { "South": "B" } },
            "user_type": { "from": { "fixed": "Student" } },
            "grade": { "from": { "header": "Grade" }, "values": { "0": "K" } },
            "status": { "from": { "header": "State" }, "values": { "in": "Active" } },
        },
        "leave_out": [{ "header": "State", "values": ["gone"] }],
    })
}

/// A file that a mapping reads, carried out, with a row that has something wrong and one that is left out.
async fn mapped(o: &Organisation) {
    let reading = json!({ "reading": { "profiles": [profile()] }, "partial": { "requires_approval": false } });
    o.settings(&reading.to_string()).await;
    let rows =
        "00124,\"Cedar, Cat\",South,0,in,7\n00131,\"Kane, Kim\",South,x,in,7\n00132,\"Lind, Lea\",South,2,gone,7\n";
    o.cloud()
        .object_put("inbox/partial/export.csv", format!("Number,Who,Where,Grade,State,Room\n{rows}"))
        .await
        .unwrap();
    Box::pin(o.settle()).await;
    let upload = named(o, "export.csv").await;
    let used = upload.profile.as_ref().map(|used| (used.name.as_str(), used.version));
    assert_eq!((upload.status, used), (Status::CompletedWithErrors, Some(("Export", 2))), "{upload:#?}");
}

/// A set that is carried out, with an enrolment that is in no class and a class that has no name.
async fn set_with_errors(o: &Organisation) {
    let bytes = |text: &str| Some(text.as_bytes().to_vec());
    let set = roster::SetBytes {
        users: bytes(&format!("{HEADER}\nAnn,Ash,Mae,ann@a.example,T1,A,Teacher,Head,,Active\n")),
        classes: bytes("class_id,school_district_external_id,class_name\nM,A,Maths\nN,A,\n"),
        enrolments: bytes(
            "class_id,custom_id,class_role,enrolment_start_date\nM,T1,Primary teacher,\nM,00123,Student,2026-08-31\n\
             M,nobody,Student,\n",
        ),
    };
    o.cloud().object_put("inbox/partial/set.zip", wire::archive::pack(&set)).await.unwrap();
    Box::pin(o.settle()).await;
    let waiting = named(o, "set.zip").await;
    o.approve(&waiting).await;
    Box::pin(o.settle()).await;
    let done = named(o, "set.zip").await;
    assert_eq!(done.class_done.map(|done| done.changes()), Some(3), "{done:#?}");
}

/// A workbook that says what is known.
async fn workbook(o: &Organisation) {
    let row = format!("{HEADER}\nAnn,Ash,Mae,ann@a.example,T1,A,Teacher,Head,,Active\n");
    let book = wire::workbook::write(&[("Staff", row.as_bytes())]).unwrap();
    o.cloud().object_put("inbox/partial/staff.xlsx", book).await.unwrap();
    Box::pin(o.settle()).await;
    let done = named(o, "staff.xlsx").await;
    assert_eq!((done.status, done.sheet.as_deref()), (Status::Completed, Some("Staff")), "{done:#?}");
}

/// A person who is added by hand, carried out.
async fn by_hand(o: &Organisation) {
    let row = format!("{HEADER}\nNora,Neu,,,00900,A,Student,,4,Active\n");
    let (id, scope) = (upload_id(o.now, [3; 10]), Scope::Organisation);
    let ticket = Ticket {
        key: keys::inbox(Mode::Partial, &id, "by-hand-00900.csv"),
        id,
        mode: Mode::Partial,
        by_hand: true,
        scope,
        source: Source::Administrator { guid: o.admin.guid, username: "admin".to_owned(), key: None },
        of_source: None,
        file_name: "by-hand-00900.csv".to_owned(),
        encoding: None,
        sheet: None,
        checked: None,
        bytes: row.len() as u64,
        sha256: Some(cloud::bucket::digest(row.as_bytes())),
        created_at: o.now,
    };
    o.cloud().ticket_put(&ticket).await.unwrap();
    o.cloud().object_put(&ticket.key, row).await.unwrap();
    o.settle().await;
    let edit = named(o, "by-hand-00900.csv").await;
    assert_eq!(edit.status, Status::AwaitingApproval, "{edit:#?}");
    o.approve(&edit).await;
    o.settle().await;
    assert_eq!(o.user("00900").await.unwrap().first_name, "Nora");
}

/// Tickets, sessions, resets and failures.
async fn sign_ins(o: &Organisation, school: &roster::SchoolId) {
    let cloud = o.cloud();
    let used = Some(Box::pin(api_keys(o)).await);
    let source = Source::Administrator { guid: o.admin.guid, username: "admin".to_owned(), key: used };
    let id = upload_id(o.now, [1; 10]);
    let key = keys::inbox(Mode::Full, &id, "sent.csv");
    let (file_name, sha256) = ("sent.csv".to_owned(), Some("00".repeat(32)));
    let (mode, scope) = (Mode::Full, Scope::School(school.clone()));
    let ticket = Ticket {
        id,
        mode,
        by_hand: false,
        scope,
        source,
        of_source: None,
        file_name,
        encoding: None,
        sheet: Some("Pupils".to_owned()),
        checked: Some(CheckedBefore { profile: Some(roster::MappingProfile::identity().used()) }),
        bytes: 7,
        sha256,
        key,
        created_at: o.now,
    };
    cloud.ticket_put(&ticket).await.unwrap();
    let reset = Reset {
        id: upload_id(o.now, [2; 10]).0,
        at: o.now,
        by: "admin".to_owned(),
        school: school.clone(),
        grade: Some(roster::Grade::G9),
        user_type: None,
        class: None,
        user: None,
        users: 2,
        skipped: 1,
        hands_out: Roles::read("teacher"),
    };
    cloud.reset_put(&reset).await.unwrap();
    let admin = cloud.account_get(o.admin.guid).await.unwrap().unwrap();
    let session = Session::new(&admin, o.now, false);
    cloud.session_start(&"ab".repeat(32), &session, o.now + 12 * HOUR).await.unwrap();
    let attempt = SignInAttempt { username: "admin", address: "192.0.2.7", device: None };
    assert_eq!(cloud.sign_in_attempt(&attempt, o.now).await.unwrap(), cloud::sign_in_failures::Attempt::Allowed);
    let known = SignInAttempt { device: Some("d1"), ..attempt };
    assert_eq!(cloud.sign_in_attempt(&known, o.now).await.unwrap(), cloud::sign_in_failures::Attempt::Allowed);
    assert_eq!(cloud.password_attempt("admin", o.now).await.unwrap(), cloud::sign_in_failures::Attempt::Allowed);
    cloud.device_key_get([7; 32]).await.unwrap();
}

/// A key that is used, and one that was ended with it.
async fn api_keys(o: &Organisation) -> UsedKey {
    let cloud = o.cloud();
    let by = Decider { guid: o.admin.guid, username: "admin".to_owned(), key: None };
    let key = |id: &str| ApiKey {
        id: KeyId(id.repeat(16)),
        name: "Night export".to_owned(),
        maker: by.guid,
        maker_name: by.username.clone(),
        school: None,
        source: Some(roster::SourceId("sis".to_owned())),
        modes: [Mode::Partial, Mode::Full].into(),
        decisions: KeyDecisions::Approve,
        made_at: o.now,
        expires_at: o.now + 30 * DAY,
    };
    let author = Author { by: Some(by.clone()), at: o.now };
    for key in [key("a"), key("b")] {
        cloud.api_key_add(&key, &"cd".repeat(32), &author).await.unwrap();
    }
    let record = cloud.api_key_get(&key("a").id).await.unwrap().unwrap();
    cloud.api_key_touch(&record, o.now).await.unwrap();
    let used = record.key.as_used();
    let with_key = Author { by: Some(Decider { key: Some(used.clone()), ..by.clone() }), at: o.now };
    assert_eq!(cloud.api_key_end(&key("b"), &with_key).await.unwrap(), WriteOutcome::Written);
    let sent = SameContents { key: &used.id, mode: Mode::Full, sha256: &"00".repeat(32) };
    assert_eq!(cloud.sent_put(&sent, None, &upload_id(o.now, [1; 10]), o.now).await.unwrap(), WriteOutcome::Written);
    used
}

async fn named(o: &Organisation, name: &str) -> Upload {
    o.uploads().await.into_iter().find(|upload| upload.file_name == name).unwrap()
}

#[tokio::test]
async fn what_earlier_versions_stored_is_read() {
    for (name, fixture) in fixtures() {
        let o = Organisation::restored(&fixture).await;
        insta::assert_snapshot!(format!("{name}-items"), items(&o).await);
        insta::assert_snapshot!(format!("{name}-objects"), objects(&fixture));
    }
}

/// What the present types read of the items.
async fn items(o: &Organisation) -> String {
    let cloud = o.cloud();
    let mut read = String::new();
    macro_rules! show {
        ($($value:expr),+ $(,)?) => { $(writeln!(read, "{}: {:#?}", stringify!($value), $value).unwrap();)+ };
    }
    let users = cloud.directory_get().await.unwrap();
    let mut users: Vec<_> = users.iter().cloned().collect();
    users.sort_by_key(|user| user.guid.to_string());
    for user in &users {
        let account = cloud.account_get(user.guid).await.unwrap().unwrap();
        let has_password = account.password_hash.is_some();
        show!(account.user, has_password, account.temporary_password, account.own_password, account.password_power);
        show!(account.temporary_since, account.temporary_used_at, account.signed_out_at, account.disabled_since);
        show!(cloud.history_list(user.guid).await.unwrap());
    }
    for class in cloud.class_list_with_ids(&["M".to_owned()].into()).await.unwrap() {
        show!(class, cloud.enrolment_list_of_class(class.guid).await.unwrap());
        show!(cloud.class_history(class.guid).await.unwrap());
        let school = &class.fields.school;
        show!(cloud.class_list_of_school(school, false, None, 10).await.unwrap().classes.len());
    }
    let mut uploads = cloud.upload_list(100, None).await.unwrap().items;
    uploads.sort_by(|a, b| a.file_name.cmp(&b.file_name));
    for upload in &uploads {
        let record = cloud.upload_get(&upload.id).await.unwrap().unwrap();
        let (seeds, mut chunks) = (
            cloud.seeds_get(&upload.id).await.unwrap(),
            Vec::from_iter(cloud.chunk_list_done(&upload.id).await.unwrap()),
        );
        chunks.sort();
        show!(record, seeds.is_some(), chunks);
    }
    show!(cloud.upload_list_open().await.unwrap(), cloud.upload_list_with_files(None).await.unwrap());
    show!(
        cloud.erased_user_list().await.unwrap(),
        cloud.full_rows_get(RosterKind { mode: Mode::Full, source: None, scope: &Scope::Organisation }).await.unwrap()
    );
    show!(cloud.settings_get().await.unwrap(), cloud.roles_get().await.unwrap());
    show!(cloud.school_list().await.unwrap().iter().collect::<Vec<_>>(), cloud.administrator_count().await.unwrap());
    show!(cloud.default_password_get().await.unwrap().is_some(), cloud.device_key_get([0; 32]).await.unwrap()[0]);
    show!(cloud.reset_list(10, None).await.unwrap().items, cloud.lease_holder().await.unwrap());
    show!(cloud.session_get(&"ab".repeat(32), o.now).await.unwrap());
    let resets = cloud.reset_list(10, None).await.unwrap().items;
    show!(cloud.ticket_get(&upload_id(resets[0].at, [1; 10])).await.unwrap());
    let keys = cloud.api_key_list().await.unwrap();
    for record in &keys {
        let sent = SameContents { key: &record.key.id, mode: Mode::Full, sha256: &"00".repeat(32) };
        show!(record, cloud.sent_get(&sent, o.now).await.unwrap());
    }
    show!(cloud.audit_list(Trail::All, 0..u64::MAX, None, 1000).await.unwrap().items);
    read.push_str(&watched::read(cloud, o.now).await);
    read
}

/// What the present types read of the objects that are JSON; of a file for people how long it is.
fn objects(fixture: &Fixture) -> String {
    fn lines<T: serde::de::DeserializeOwned + std::fmt::Debug>(key: &str, text: &str) -> String {
        format!("{:#?}", from_lines::<T>(key, text.as_bytes()).unwrap())
    }
    let mut read = String::new();
    for (key, text) in &fixture.objects {
        let shown = match Part::from_key(key) {
            Some(Part::Findings) => lines::<Finding>(key, text),
            Some(Part::CutFindings) => lines::<CutFindings>(key, text),
            Some(Part::Results) => lines::<ChangeResult>(key, text),
            Some(Part::Unchanged) => lines::<UnchangedRow>(key, text),
            Some(Part::Changes) => lines::<Change>(key, text),
            Some(Part::Plan) => lines::<PlanHead>(key, text),
            Some(Part::Passwords) => {
                let hashes: Vec<PasswordHash> = from_lines(key, text.as_bytes()).unwrap();
                format!("{:#?}", hashes.iter().map(|password| password.guid).collect::<Vec<_>>())
            }
            Some(Part::Classes) if key.ends_with("class_rows.jsonl") => lines::<ClassRow>(key, text),
            Some(Part::Classes) if key.contains("/classes/") => lines::<ClassChange>(key, text),
            Some(Part::Enrolments) => lines::<EnrolmentChange>(key, text),
            Some(Part::ClassResults) => lines::<ClassResult>(key, text),
            Some(Part::PlanFile | Part::RowsFile | Part::Uploaded | Part::EnrolmentsFile | Part::Classes) | None => {
                format!("{} lines", text.lines().count())
            }
        };
        writeln!(read, "{key}: {shown}").unwrap();
    }
    read
}

#[test]
fn every_attribute_and_every_kind_of_object_is_in_a_fixture() {
    let fixtures = fixtures();
    for attribute in Attribute::ALL {
        let has = |fixture: &Fixture| fixture.items.iter().any(|item| item.contains_key(attribute.name()));
        assert!(fixtures.iter().any(|(_, fixture)| has(fixture)), "{}: add a fixture that has it", attribute.name());
    }
    for part in Part::ALL {
        let has = |fixture: &Fixture| fixture.objects.keys().any(|key| Part::from_key(key) == Some(part));
        // It takes tens of thousands of findings; what it is like is below.
        let has_it = part == Part::CutFindings || fixtures.iter().any(|(_, fixture)| has(fixture));
        assert!(has_it, "{part:?}: add a fixture that has it");
    }
}

#[test]
fn the_codes_of_findings_that_were_cut_are_read() {
    let cut: Vec<CutFindings> = from_lines("cut.jsonl", br#"{"row":7,"codes":["GRADE_UNKNOWN"]}"#).unwrap();
    assert_eq!((cut[0].row, cut[0].codes.iter().collect::<Vec<_>>()), (7, vec![Code::GradeUnknown]));
}

#[test]
fn notes_about_feeds_are_read_with_and_without_entity_tags() {
    let at_first = r#"{"at":7,"after":"01J","formats":["clever"]}"#;
    let note: WrittenFeeds = serde_json::from_str(at_first).unwrap();
    let formats = BTreeSet::from([FeedFormat::Clever]);
    assert_eq!(note, WrittenFeeds { at: 7, after: Some("01J".to_owned()), formats, etags: BTreeMap::new() });
    let now = r#"{"at":7,"formats":["clever"],"etags":{"clever":"\"ab\""}}"#;
    let note: WrittenFeeds = serde_json::from_str(now).unwrap();
    assert_eq!(note.etags, BTreeMap::from([(FeedFormat::Clever, "\"ab\"".to_owned())]));
    assert_eq!(serde_json::to_string(&note).unwrap(), now);
}

#[tokio::test]
async fn a_plan_that_an_earlier_version_made_is_carried_out() {
    for (name, fixture) in fixtures() {
        let o = Organisation::restored(&fixture).await;
        let waiting = named(&o, "waiting.csv").await;
        let same = roster::RekeyChoices { all: roster::RekeyChoice::SamePerson, except: [].into() };
        o.approve_with(&waiting, Some(same)).await;
        o.settle().await;
        let done = o.upload(&waiting.id).await;
        assert_eq!((done.status, done.left_alone), (Status::CompletedWithErrors, 0), "{name}: a row was rejected");
        o.assert_at_rest().await;
        let users: Vec<_> = o.users().await.into_iter().filter(|(_, user)| user.deleted_at.is_none()).collect();
        let users: Vec<String> =
            users.iter().map(|(id, user)| format!("{id} {} {}", user.first_name, user.last_name)).collect();
        insta::assert_snapshot!(format!("{name}-users"), users.join("\n"));
    }
}
