//! Classes: those of a school, one with who is in it, archiving and restoring, and what a teacher may.

use cloud::audit::Author;
use cloud::bucket::{digest, keys, lines};
use cloud::changes::Applying;
use roster::slips::slips;
use roster::{
    Class, ClassChange, ClassCounts, ClassFields, ClassGuid, ClassKind, ClassRole, ClassStatus, ClassTally, EndReason,
    EnrolmentChange, EnrolmentFields, EnrolmentKind, Grade, Guid, ItemCounts, Kind, Permission, SchoolId, Scope,
    ShownEnrolment, User, UserType,
};
use serde_json::{Value, json};
use uuid::Uuid;
use wire::http::RolesDocument;
use wire::stored::{ChunkHead, ChunkOf, Outcome};
use wire::upload::Decider;
use wire::{Decision, UploadId, Verdict};

use crate::decisions::awaiting;
use crate::plans::{change, head};
use crate::system::{DAY, PASSWORD, Person, START, System, own, student};

/// Returns a class of a school.
pub fn class(school: &SchoolId, class_id: &str) -> Class {
    let fields = ClassFields {
        class_id: class_id.to_owned(),
        school: school.clone(),
        name: format!("Class {class_id}"),
        grade: Grade::G9,
        course_code: String::new(),
        subject: "Mathematics".to_owned(),
        period: "3".to_owned(),
        term: "Fall".to_owned(),
        starts: None,
        ends: None,
        status: ClassStatus::Active,
    };
    Class { guid: ClassGuid(Uuid::new_v4()), version: 1, fields, archived_at: None }
}

/// Enters classes as they are, and who is in them.
pub async fn enter(system: &System, classes: &[Class], members: &[(&Class, &User, ClassRole)]) {
    let created = classes.iter().map(|class| ClassChange {
        kind: ClassKind::Created,
        class: class.guid,
        row: Some(2),
        part: None,
        seen_version: None,
        before: None,
        after: class.fields.clone(),
    });
    let enrolled = members.iter().map(|(class, user, role)| enrolled(class, user, member(*role)));
    carry_out(system, created.collect(), enrolled.collect()).await;
}

async fn carry_out(system: &System, classes: Vec<ClassChange>, enrolments: Vec<EnrolmentChange>) {
    let by = Decider { guid: Guid(Uuid::nil()), username: "Dora".to_owned(), key: None };
    let decision = Decision { verdict: Verdict::Approved, by: Some(by), at: 0, digest: String::new(), rekeys: None };
    let (upload, now) = (UploadId(Uuid::new_v4().to_string()), system.now());
    let applying = Applying { upload: &upload, at: now, now, decision: &decision };
    let mut outcomes = system.cloud.class_carry_out(&classes, &applying).await.unwrap();
    outcomes.extend(system.cloud.enrolment_carry_out(&enrolments, &applying).await.unwrap());
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Done), "{outcomes:?}");
}

fn member(role: ClassRole) -> EnrolmentFields {
    EnrolmentFields { role, starts: None, ends: None }
}

fn enrolled(class: &Class, user: &User, fields: EnrolmentFields) -> EnrolmentChange {
    EnrolmentChange {
        kind: EnrolmentKind::Created,
        class: class.guid,
        user: user.guid,
        two_people: None,
        row: Some(2),
        part: None,
        user_row: None,
        seen_version: None,
        before: None,
        after: Some(fields),
        only_two_people: false,
        why: None,
        shown: ShownEnrolment {
            school: class.fields.school.clone(),
            class_id: class.fields.class_id.clone(),
            class_name: class.fields.name.clone(),
            custom_id: user.custom_id.clone().unwrap_or_default(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
        },
    }
}

fn ended(class: &Class, user: &User, role: ClassRole) -> EnrolmentChange {
    EnrolmentChange {
        kind: EnrolmentKind::Ended,
        seen_version: Some(1),
        before: Some(member(role)),
        after: None,
        why: Some(EndReason::File),
        ..enrolled(class, user, member(role))
    }
}

async fn end(system: &System, class: &Class, user: &User, role: ClassRole) {
    carry_out(system, Vec::new(), vec![ended(class, user, role)]).await;
}

/// Adds a teacher of the school who can sign in.
async fn teacher(system: &System, username: &str, school: &SchoolId) -> User {
    let user = User {
        user_type: UserType::Teacher,
        email: format!("{username}@contoso.example"),
        username: username.to_owned(),
        grade: Grade::Unspecified,
        ..student("Tea", username, &format!("E-{username}"), school)
    };
    let password = own(runtime::passwords::hash(PASSWORD).unwrap());
    let made = system.cloud.user_create_by_hand(vec![(user.clone(), Some(password))], START).await.unwrap();
    assert_eq!(made, [Outcome::Done]);
    user
}

/// Lets every teacher reset passwords in the own classes.
async fn let_teachers_reset(system: &System) {
    let mut roles = roster::role::built_in();
    roles[1].permissions.insert(Permission::ResetOwnClasses);
    let author = Author { by: None, at: START };
    system.cloud.roles_save(RolesDocument { version: 0, roles }, &author).await.unwrap().unwrap();
}

async fn see(person: &Person<'_>, class: &Class) -> Value {
    person.get(&format!("/api/classes/{}", class.guid)).await.ok()
}

/// Returns one field of everybody in a list of members.
fn each<'v>(members: &'v Value, field: &str) -> Vec<&'v Value> {
    members.as_array().unwrap().iter().map(|member| &member[field]).collect()
}

#[tokio::test]
async fn the_classes_of_a_school_come_in_pages_by_name() {
    let system = System::start().await;
    let north = &system.north.id;
    let classes: Vec<Class> = (0..52).map(|n| class(north, &format!("C{n:03}"))).collect();
    let elsewhere = class(&system.south.id, "S1");
    enter(&system, &classes, &[]).await;
    enter(&system, &[elsewhere], &[]).await;
    let (dora, nora) = (system.dora().await, system.nora().await);
    let path = format!("/api/schools/{}/classes", north.0);
    let first = nora.get(&path).await.ok();
    let cursor = first["cursor"].as_str().unwrap().replace('#', "%23").replace(' ', "%20");
    let rest = nora.get(&format!("{path}?cursor={cursor}")).await.ok();
    let ids = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap().iter();
        items.map(|class| class["fields"]["class_id"].as_str().unwrap().to_owned()).collect()
    };
    let all: Vec<String> = ids(&first).into_iter().chain(ids(&rest)).collect();
    assert_eq!((ids(&first).len(), all), (50, (0..52).map(|n| format!("C{n:03}")).collect()));
    assert_eq!(nora.get(&format!("{path}?archived=true")).await.ok()["items"], json!([]));
    dora.post(&format!("/api/classes/{}/archive", classes[0].guid), json!({ "version": 1 })).await.ok();
    assert_eq!(ids(&nora.get(&format!("{path}?archived=true")).await.ok()), ["C000"]);
    for wrong in ["x", "a%23b", &format!("{}%23{}", "x".repeat(2000), classes[0].guid)] {
        assert_eq!(nora.get(&format!("{path}?cursor={wrong}")).await.said(), (400, "cursor_unknown"));
    }
    assert_eq!(dora.get("/api/schools/nothing/classes").await.said(), (404, "not_found"));
    let south = format!("/api/schools/{}/classes", system.south.id.0);
    assert_eq!(nora.get(&south).await.said(), (403, "other_school"));
    assert_eq!(ids(&dora.get(&south).await.ok()), ["S1"]);
}

#[tokio::test]
async fn a_class_shows_who_is_in_it_and_who_left_not_long_ago() {
    let system = System::start().await;
    let (north, south) = (&system.north.id, &system.south.id);
    let [ada, ben, zoe] = [("Ada", "1"), ("Ben", "2"), ("Zoe", "3")].map(|(name, id)| student(name, name, id, north));
    let guest = student("Guest", "Guest", "4", south);
    system.add(&[ada.clone(), ben.clone(), zoe.clone(), guest.clone()]).await;
    let (primary, aide) = (teacher(&system, "prim", north).await, teacher(&system, "aide", north).await);
    let maths = class(north, "M1");
    use ClassRole::{Aide, Primary, Student};
    let members =
        [(&maths, &zoe, Student), (&maths, &ada, Student), (&maths, &ben, Student), (&maths, &guest, Student)];
    enter(&system, std::slice::from_ref(&maths), &members).await;
    enter(&system, &[], &[(&maths, &aide, Aide), (&maths, &primary, Primary)]).await;
    system.later(60);
    end(&system, &maths, &zoe, Student).await;

    let nora = system.nora().await;
    let seen = see(&nora, &maths).await;
    assert_eq!(each(&seen["members"], "first_name"), ["Tea", "Tea", "Ada", "Ben", "Guest"]);
    let roles = ["Primary teacher", "Aide", "Student", "Student", "Student"];
    assert_eq!(each(&seen["members"], "role"), roles);
    // Of somebody of another school no more is said than that they are in the class.
    assert_eq!((&seen["members"][4]["custom_id"], &seen["members"][4]["visible"]), (&Value::Null, &json!(false)));
    assert_eq!((&seen["members"][2]["custom_id"], &seen["members"][2]["visible"]), (&json!("1"), &json!(true)));
    assert_eq!(each(&seen["ended"], "first_name"), ["Zoe"]);
    assert_eq!((&seen["may_change"], &seen["may_reset"]), (&json!(true), &json!(true)));
    assert!(!seen["history"].as_array().unwrap().is_empty());
    assert_eq!(see(&system.dora().await, &maths).await["members"][4]["custom_id"], "4");

    let of_zoe = nora.get(&format!("/api/users/{}/classes", zoe.guid)).await.ok();
    assert_eq!((&of_zoe[0]["class"]["guid"], of_zoe[0]["ended_at"].is_u64()), (&json!(maths.guid), true));
    let of_guest = format!("/api/users/{}/classes", guest.guid);
    assert_eq!(nora.get(&of_guest).await.said(), (404, "not_found"));
    assert_eq!(system.dora().await.get(&of_guest).await.ok()[0]["role"], "Student");

    system.later(31 * DAY);
    assert_eq!(see(&system.nora().await, &maths).await["ended"], json!([]));
}

#[tokio::test]
async fn a_class_is_archived_and_restored_with_who_was_in_it() {
    let system = System::start().await;
    let (north, south) = (&system.north.id, &system.south.id);
    let ada = student("Ada", "A", "1", north);
    system.add(std::slice::from_ref(&ada)).await;
    let (maths, other) = (class(north, "M1"), class(south, "S1"));
    enter(&system, &[maths.clone(), other.clone()], &[(&maths, &ada, ClassRole::Student)]).await;
    let nora = system.nora().await;
    let archive = format!("/api/classes/{}/archive", maths.guid);
    let restore = format!("/api/classes/{}/restore", maths.guid);
    let seen = |version: u64| json!({ "version": version });

    assert_eq!(nora.post(&archive, seen(7)).await.said(), (409, "class_changed"));
    assert_eq!(nora.post(&restore, seen(1)).await.said(), (409, "class_changed"), "it is not archived");
    let foreign = format!("/api/classes/{}/archive", other.guid);
    assert_eq!(nora.post(&foreign, seen(1)).await.said(), (404, "not_found"));
    system.later(60);
    let archived = nora.post(&archive, seen(1)).await.ok();
    assert_eq!((&archived["class"]["fields"]["status"], &archived["members"]), (&json!("Archived"), &json!([])));
    assert_eq!(each(&archived["ended"], "first_name"), ["Ada"]);
    assert_eq!(archived["restorable_until"], json!(system.now() + 30 * DAY * 1000));
    assert_eq!((&archived["may_reset"], &archived["class"]["version"]), (&json!(false), &json!(2)));
    assert_eq!(nora.post(&archive, seen(1)).await.ok(), archived, "the same request once more");
    assert_eq!(nora.post(&archive, seen(2)).await.said(), (409, "class_changed"), "there is nothing to archive");

    system.later(60);
    let restored = nora.post(&restore, seen(2)).await.ok();
    assert_eq!((&restored["class"]["fields"]["status"], &restored["ended"]), (&json!("Active"), &json!([])));
    assert_eq!(each(&restored["members"], "first_name"), ["Ada"]);
    let kinds: Vec<&Value> = each(&restored["history"], "kind").into_iter().filter(|kind| !kind.is_null()).collect();
    assert_eq!(kinds, ["restored", "archived", "created"]);
    assert_eq!(restored["history"][0]["by"], "nora");

    let log = system.dora().await.get("/api/audit").await.ok();
    let acts: Vec<&Value> = each(&log["items"], "action").into_iter().take(2).collect();
    assert_eq!(acts, ["class_restored", "class_archived"]);
    nora.post(&archive, seen(3)).await.ok();
    system.later(30 * DAY + 1);
    let nora = system.nora().await;
    assert_eq!(nora.post(&restore, seen(4)).await.said(), (410, "restore_over"));
}

#[tokio::test]
async fn a_teacher_sees_the_students_of_the_classes_that_they_teach_now_and_nothing_else() {
    let system = System::start().await;
    let north = &system.north.id;
    let (ada, zoe) = (student("Ada", "A", "1", north), student("Zoe", "Z", "2", north));
    system.add(&[ada.clone(), zoe.clone()]).await;
    let (tea, other) = (teacher(&system, "tea", north).await, teacher(&system, "other", north).await);
    let [taught, left, over, aided, taken, foreign] = ["1", "2", "3", "4", "5", "6"].map(|id| class(north, id));
    use ClassRole::{Aide, CoTeacher, Primary, Student};
    let classes = [&taught, &left, &over, &aided, &taken, &foreign].map(Clone::clone);
    let members = [
        (&taught, &tea, CoTeacher),
        (&taught, &other, Primary),
        (&taught, &ada, Student),
        (&taught, &zoe, Student),
        (&left, &tea, Primary),
        (&left, &ada, Student),
        (&aided, &tea, Aide),
        (&taken, &tea, Primary),
        (&foreign, &other, Primary),
    ];
    enter(&system, &classes, &members).await;
    // The day after the last one.
    let today = cloud::audit::iso_time(system.now() - DAY * 1000);
    let until = |day: &str| EnrolmentFields { ends: Some(day.parse().unwrap()), ..member(Primary) };
    carry_out(&system, Vec::new(), vec![enrolled(&over, &tea, until(&today[..10]))]).await;
    end(&system, &taught, &zoe, Student).await;
    end(&system, &left, &tea, Primary).await;
    let nora = system.nora().await;
    nora.post(&format!("/api/classes/{}/archive", taken.guid), json!({ "version": 1 })).await.ok();

    let person = system.sign_in("tea").await;
    let mine = person.get("/api/my/classes").await.ok();
    assert_eq!((mine.as_array().unwrap().len(), &mine[0]["class"]["guid"]), (1, &json!(taught.guid)));
    assert_eq!((&mine[0]["role"], &mine[0]["students"]), (&json!("Co-teacher"), &json!(1)));
    let seen = see(&person, &taught).await;
    assert_eq!(each(&seen["members"], "first_name"), ["Tea", "Tea", "Ada"]);
    assert_eq!(each(&seen["members"], "custom_id"), [&Value::Null, &Value::Null, &json!("1")], "of staff only names");
    assert!(each(&seen["members"], "visible").iter().all(|visible| **visible == json!(false)));
    assert_eq!((&seen["ended"], &seen["history"]), (&json!([]), &json!([])));
    assert_eq!((&seen["may_change"], &seen["may_reset"]), (&json!(false), &json!(false)));
    for not_theirs in [&left, &over, &aided, &taken, &foreign] {
        let answer = person.get(&format!("/api/classes/{}", not_theirs.guid)).await;
        assert_eq!(answer.said(), (404, "not_found"), "{}", not_theirs.fields.class_id);
    }
    let (class_id, user) = (taught.guid, ada.guid);
    for path in [
        format!("/api/schools/{}/classes", north.0),
        format!("/api/users/{user}"),
        format!("/api/users/{user}/classes"),
        format!("/api/users?school={}", north.0),
        "/api/passwords/resets".to_owned(),
        format!("/api/passwords/resets?class={class_id}"),
    ] {
        assert_eq!(person.get(&path).await.said(), (403, "not_allowed"), "{path}");
    }
    let archive = format!("/api/classes/{class_id}/archive");
    assert_eq!(person.post(&archive, json!({ "version": 1 })).await.said(), (403, "not_allowed"));
    let asked = json!({ "school": north, "class": class_id });
    assert_eq!(person.post("/api/passwords/resets", asked).await.said(), (403, "not_allowed"), "not by default");
    let schools = person.get("/api/schools").await.ok();
    assert_eq!(schools.as_array().unwrap().len(), 1, "the own one is enough for the page");
}

/// Returns the user names on the slips of a reset.
async fn slips_of(person: &Person<'_>, reset: &Value) -> Vec<String> {
    let path = format!("/api/passwords/resets/{}/file", reset["id"].as_str().unwrap());
    let link = person.get(&path).await.ok();
    let file = reqwest::get(link["url"].as_str().unwrap()).await.unwrap().bytes().await.unwrap();
    slips(&file).unwrap().into_iter().flat_map(|sheet| sheet.slips).map(|slip| slip.username).collect()
}

#[tokio::test]
async fn a_teacher_who_may_resets_the_students_of_an_own_class_and_nobody_else() {
    let system = System::start().await;
    let (north, south) = (&system.north.id, &system.south.id);
    let [ada, ben, zoe] = ["1", "2", "3"].map(|id| student("S", "S", id, north));
    let guest = student("Guest", "G", "4", south);
    system.add(&[ada.clone(), ben.clone(), zoe.clone(), guest.clone()]).await;
    let (tea, other) = (teacher(&system, "tea", north).await, teacher(&system, "other", north).await);
    // A member of staff is nobody's student, whatever a class says.
    let posing = teacher(&system, "posing", north).await;
    let (taught, foreign) = (class(north, "1"), class(north, "2"));
    use ClassRole::{Primary, Student};
    let members = [
        (&taught, &tea, Primary),
        (&taught, &ada, Student),
        (&taught, &ben, Student),
        (&taught, &zoe, Student),
        (&taught, &guest, Student),
        (&taught, &posing, Student),
        (&foreign, &other, Primary),
        (&foreign, &ben, Student),
    ];
    enter(&system, &[taught.clone(), foreign.clone()], &members).await;
    end(&system, &taught, &zoe, Student).await;
    let_teachers_reset(&system).await;
    let (person, nora) = (system.sign_in("tea").await, system.nora().await);
    let reset = async |person: &Person<'_>, asked: Value| person.post("/api/passwords/resets", asked).await;

    assert_eq!(reset(&person, json!({ "school": north })).await.said(), (403, "not_allowed"));
    assert_eq!(reset(&person, json!({ "school": north, "class": foreign.guid })).await.said(), (404, "not_found"));
    assert_eq!(reset(&person, json!({ "school": south, "class": taught.guid })).await.said(), (404, "not_found"));
    let one = format!("/api/users/{}/reset-password", ada.guid);
    assert_eq!(person.post(&one, json!({})).await.said(), (403, "not_allowed"));
    let asked = json!({ "school": north, "class": taught.guid });
    let row = reset(&person, asked.clone()).await.ok();
    assert_eq!((&row["users"], &row["skipped"], &row["class"]), (&json!(2), &json!(2), &json!(taught.guid)));
    assert_eq!(slips_of(&person, &row).await, ["1", "2"]);
    system.sign_in("posing").await;

    // Another class's and the school's resets are not theirs to read, nor to list.
    let of_foreign = reset(&nora, json!({ "school": north, "class": foreign.guid })).await.ok();
    let of_school = reset(&nora, json!({ "school": north, "grade": "9" })).await.ok();
    for row in [&of_foreign, &of_school] {
        let path = format!("/api/passwords/resets/{}/file", row["id"].as_str().unwrap());
        assert_eq!(person.get(&path).await.said(), (404, "not_found"));
    }
    let list = |class: &Class| format!("/api/passwords/resets?class={}", class.guid);
    assert_eq!(each(&person.get(&list(&taught)).await.ok()["items"], "id"), [&row["id"]]);
    assert_eq!(person.get(&list(&foreign)).await.said(), (404, "not_found"));
    assert_eq!(nora.get("/api/passwords/resets").await.ok()["items"].as_array().unwrap().len(), 3);

    // Whoever has left the class is not the teacher's to read any more; when the teacher has left it, nobody is.
    end(&system, &taught, &ben, Student).await;
    assert_eq!(slips_of(&person, &row).await, ["1"]);
    assert_eq!(slips_of(&nora, &row).await, ["1", "2"]);
    end(&system, &taught, &tea, Primary).await;
    let path = format!("/api/passwords/resets/{}/file", row["id"].as_str().unwrap());
    assert_eq!(person.get(&path).await.said(), (404, "not_found"));
    assert_eq!(reset(&person, asked).await.said(), (404, "not_found"));
}

#[tokio::test]
async fn a_teacher_who_may_resets_one_student_of_an_own_class_and_nobody_elses() {
    let system = System::start().await;
    let (north, south) = (&system.north.id, &system.south.id);
    let [ada, ben, foreigner] = ["1", "2", "3"].map(|id| student("S", "S", id, north));
    let (guest, gone) = (student("Guest", "G", "4", south), student("Gone", "G", "5", north));
    let off = User { status: roster::Status::Disabled, ..student("Off", "O", "6", north) };
    system.add(&[&ada, &ben, &foreigner, &guest, &gone, &off].map(User::clone)).await;
    let [tea, other, posing] = ["tea", "other", "posing"].map(|name| teacher(&system, name, north));
    let (tea, other, posing) = (tea.await, other.await, posing.await);
    let (taught, foreign) = (class(north, "1"), class(north, "2"));
    use ClassRole::{Primary, Student};
    let students = [&ada, &ben, &guest, &gone, &posing, &off].map(|user| (&taught, user, Student));
    let teachers = [(&taught, &tea, Primary), (&foreign, &other, Primary), (&foreign, &foreigner, Student)];
    enter(&system, &[taught.clone(), foreign.clone()], &[&students[..], &teachers].concat()).await;
    end(&system, &taught, &gone, Student).await;
    let one = |class: &Class, user: &User| json!({ "school": north, "class": class.guid, "user": user.guid });
    let reset = async |person: &Person<'_>, asked: Value| person.post("/api/passwords/resets", asked).await;
    let (person, others) = (system.sign_in("tea").await, system.sign_in("other").await);
    assert_eq!(reset(&person, one(&taught, &ada)).await.said(), (403, "not_allowed"), "nobody has given it yet");
    let_teachers_reset(&system).await;

    let row = reset(&person, one(&taught, &ada)).await.ok();
    assert_eq!((&row["users"], &row["skipped"], &row["user"]), (&json!(1), &json!(0), &json!(ada.guid)));
    assert_eq!(slips_of(&person, &row).await, ["1"]);
    assert_eq!(reset(&others, one(&taught, &ada)).await.said(), (404, "not_found"), "they do not teach the class");
    assert_eq!(reset(&others, one(&foreign, &ada)).await.said(), (404, "not_found"), "nor is she in theirs");
    let path = format!("/api/passwords/resets/{}/file", row["id"].as_str().unwrap());
    assert_eq!(others.get(&path).await.said(), (404, "not_found"));
    for user in [&foreigner, &guest, &gone, &posing] {
        assert_eq!(reset(&person, one(&taught, user)).await.said(), (404, "not_found"), "{}", user.first_name);
    }
    assert_eq!(reset(&person, one(&taught, &off)).await.said(), (422, "invalid"));
    let without_class = json!({ "school": north, "user": ada.guid });
    assert_eq!(reset(&person, without_class).await.said(), (422, "invalid"));

    // An administrator of the school may, too, and the log says of whom it was.
    system.later(1);
    let nora = system.nora().await;
    let of_nora = reset(&nora, one(&taught, &ben)).await.ok();
    assert_eq!(slips_of(&nora, &of_nora).await, ["2"]);
    let log = system.dora().await.get("/api/audit?action=password_reset").await.ok();
    let of = |n: usize| (log["items"][n]["subject"]["guid"].clone(), log["items"][n]["by"]["username"].clone());
    assert_eq!([of(0), of(1)], [(json!(ben.guid), json!("nora")), (json!(ada.guid), json!("tea"))]);
    assert_eq!(log["items"].as_array().unwrap().len(), 2);
}

fn class_head(of: ChunkOf, changes: u32, digest: String, tallies: &[(&SchoolId, ItemCounts)]) -> ChunkHead {
    let tally = |(school, counts): &(&SchoolId, ItemCounts)| {
        let (classes, enrolments) = match of {
            ChunkOf::Enrolments => (ItemCounts::default(), *counts),
            _ => (*counts, ItemCounts::default()),
        };
        ClassTally { school: Some((*school).clone()), counts: ClassCounts { classes, enrolments } }
    };
    let class_tallies = tallies.iter().map(tally).collect();
    let (passwords, tallies, last) = (None, Vec::new(), false);
    ChunkHead { changes, digest, passwords, tallies, last, of, class_tallies }
}

#[tokio::test]
async fn the_classes_of_a_plan_are_listed_apart_from_its_users() {
    let system = System::start().await;
    let (north, south) = (&system.north.id, &system.south.id);
    let user = change(Kind::Created, north, UserType::Student, 1);
    let (maths, art) = (class(north, "M1"), class(south, "A1"));
    let made = [&maths, &art].map(|class| ClassChange {
        kind: ClassKind::Created,
        class: class.guid,
        row: Some(2),
        part: None,
        seen_version: None,
        before: None,
        after: class.fields.clone(),
    });
    let ada = student("Ada", "A", "1", north);
    let enrolments = [enrolled(&maths, &ada, member(ClassRole::Student)), ended(&maths, &ada, ClassRole::Student)];
    let users = std::slice::from_ref(&user);
    let one = |created, ended| ItemCounts { created, ended, ..ItemCounts::default() };
    let heads = vec![
        head(users),
        class_head(ChunkOf::Classes, 2, digest(&lines(&made)), &[(north, one(1, 0)), (south, one(1, 0))]),
        class_head(ChunkOf::Enrolments, 2, digest(&lines(&enrolments)), &[(north, one(1, 1))]),
    ];
    let upload = awaiting(&system, Scope::Organisation, heads.clone()).await;
    for (n, bytes) in [lines(users), lines(&made), lines(&enrolments)].into_iter().enumerate() {
        let key = keys::changes_of_chunk(&upload.id, n as u32, &heads[n]);
        system.cloud.object_put(&key, bytes).await.unwrap();
    }
    let dora = system.dora().await;
    let changes = dora.get(&format!("/api/uploads/{}/changes", upload.id)).await.ok();
    assert_eq!(each(&changes["items"], "guid"), [&json!(user.guid)], "users alone");
    let path = format!("/api/uploads/{}/plan/classes", upload.id);
    for (query, expected) in [
        ("", vec!["class M1", "class A1", "enrolled", "ended"]),
        ("?of=classes", vec!["class M1", "class A1"]),
        ("?of=enrolments&kind=ended", vec!["ended"]),
        ("?kind=created", vec!["class M1", "class A1", "enrolled"]),
        ("?class=A1", vec!["class A1"]),
        (&format!("?school={}", south.0), vec!["class A1"]),
        ("?kind=updated", vec![]),
    ] {
        let page = dora.get(&format!("{path}{query}")).await.ok();
        let said: Vec<String> = page["items"].as_array().unwrap().iter().map(said).collect();
        assert_eq!(said, expected, "{query}");
        assert_eq!(page["cursor"], Value::Null);
    }
    assert_eq!(dora.get(&format!("{path}?cursor=x")).await.said(), (400, "cursor_unknown"));
    assert_eq!(system.nora().await.get(&path).await.said(), (404, "not_found"));
    let waiting = dora.get(&format!("/api/uploads/{}/plan/classes?of=users", upload.id)).await.ok();
    assert_eq!(waiting["items"], json!([]));

    system.add(std::slice::from_ref(&ada)).await;
    let waiting = dora.get(&format!("/api/users/{}/waiting", ada.guid)).await.ok();
    let [item] = waiting["items"].as_array().unwrap().as_slice() else { panic!("{waiting}") };
    assert_eq!(item["upload"], json!(upload.id));
    assert_eq!(item["change"], Value::Null, "the user stays as it is");
    assert_eq!(each(&item["enrolments"], "kind"), [&json!("created"), &json!("ended")]);
}

/// Returns what a line of the list is about.
fn said(change: &Value) -> String {
    match change["class"]["after"]["class_id"].as_str() {
        Some(id) => format!("class {id}"),
        None if change["enrolment"]["kind"] == "created" => "enrolled".to_owned(),
        None => change["enrolment"]["kind"].as_str().unwrap().to_owned(),
    }
}
