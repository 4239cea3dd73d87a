//! Every route, asked by somebody of every role, about the own school, another one and the district office.
//!
//! What must come of it is written down here once more, by hand: a route without a line fails.

use api::routes::ROUTES;
use axum::http::Method;
use cloud::audit::Author;
use roster::{ClassGuid, Guid, Permission, Role, RoleId, Roles, SchoolId, Scope, User, UserType};
use serde_json::{Value, json};
use uuid::Uuid;
use wire::http::RolesDocument;
use wire::stored::Outcome;
use wire::{FileKind, Upload};

use crate::classes::{class, enter};
use crate::decisions::awaiting;
use crate::system::{PASSWORD, Person, START, System, own, student, temporary};

use Permission as P;

/// What a route asks for.
#[derive(Clone, Copy)]
enum Needs {
    Nothing,
    Session,
    Has(Permission),
    /// And to be of the district office.
    AtDistrict(Permission),
    /// And to have a second permission.
    BothAtDistrict(Permission, Permission),
    /// One of two. Who has the second alone teaches nothing here, and is answered with this status and word.
    Either(Permission, Permission, (u16, &'static str)),
}

/// A route, and how it is asked so that nothing changes: what is sent is stale or wrong, and only who may is told.
struct Line {
    method: Method,
    path: &'static str,
    needs: Needs,
    /// The status for whoever may, and for a school's user who asks about what is not theirs; the same where it is
    /// about no school.
    passed: u16,
    foreign: u16,
    query: fn(&Target) -> String,
    body: fn(&Target) -> Value,
}

/// What is asked about.
struct Target {
    school: SchoolId,
    user: Guid,
    class: ClassGuid,
    upload: Upload,
}

macro_rules! lines {
    ($($method:ident $path:literal $needs:expr, $passed:literal $foreign:literal
        $(? $query:expr)? $(, $body:expr)?;)+) => {
        vec![$(Line {
            method: Method::$method,
            path: $path,
            needs: $needs,
            passed: $passed,
            foreign: $foreign,
            query: first(&[$($query,)? no_query]),
            body: first(&[$($body,)? no_body]),
        }),+]
    };
}

fn school(target: &Target) -> String {
    format!("?school={}", target.school.0)
}

/// Returns what a line says, or what stands for nothing where it says nothing.
fn first<T>(said: &[fn(&Target) -> T]) -> fn(&Target) -> T {
    said[0]
}

fn no_query(_: &Target) -> String {
    String::new()
}

fn no_body(_: &Target) -> Value {
    json!({})
}

/// What is said of something that is there for others.
const NONE: (u16, &str) = (404, "not_found");
const NOT_ALLOWED: (u16, &str) = (403, "not_allowed");

fn lines() -> Vec<Line> {
    use Needs::{AtDistrict, BothAtDistrict, Either, Has, Nothing, Session};
    lines! {
        POST "/api/session" Nothing, 400 400;
        GET "/api/session" Session, 200 200;
        PUT "/api/session/password" Session, 400 400;
        GET "/api/sign-on" Nothing, 200 200;
        GET "/api/sign-on/start" Nothing, 303 303;
        GET "/api/sign-on/callback" Nothing, 303 303;
        GET "/api/settings" Has(P::SeeSettings), 200 200;
        PUT "/api/settings" AtDistrict(P::ChangeSettings), 409 409, |_| json!({ "version": 99, "settings": {} });
        PUT "/api/settings/default-password" BothAtDistrict(P::ChangeSettings, P::ManageRoles), 422 422,
            |_| json!({ "password": "short" });
        POST "/api/settings/usernames/examples" Has(P::SeeUsers), 200 200;
        GET "/api/roles" Has(P::SeeSettings), 200 200;
        PUT "/api/roles" AtDistrict(P::ManageRoles), 422 422, |_| json!({ "version": 99, "roles": [] });
        GET "/api/schools" Session, 200 200;
        POST "/api/schools" AtDistrict(P::ManageSchools), 422 422, |_| json!({ "name": "", "external_id": "" });
        PUT "/api/schools/{id}" AtDistrict(P::ManageSchools), 422 422, |_| json!({ "name": "", "external_id": "" });
        GET "/api/schools/{id}/classes" Has(P::SeeUsers), 200 403;
        GET "/api/classes/{guid}" Either(P::SeeUsers, P::SeeOwnClasses, NONE), 200 404;
        POST "/api/classes/{guid}/archive" Has(P::ChangeUsers), 409 404, |_| json!({ "version": 99 });
        POST "/api/classes/{guid}/restore" Has(P::ChangeUsers), 409 404, |_| json!({ "version": 99 });
        GET "/api/my/classes" Has(P::SeeOwnClasses), 200 200;
        GET "/api/users" Has(P::SeeUsers), 200 403 ? school;
        POST "/api/users/download" Has(P::SeeUsers), 200 403, |t| json!({ "school": t.school, "who": "staff" });
        POST "/api/users/feed" Has(P::SeeUsers), 200 403, |t| json!({ "school": t.school, "format": "clever" });
        GET "/api/users/{guid}" Has(P::SeeUsers), 200 404;
        GET "/api/users/{guid}/waiting" Has(P::SeeUsers), 200 404;
        GET "/api/users/{guid}/last-file" Has(P::SeeUsers), 200 404;
        GET "/api/users/{guid}/classes" Has(P::SeeUsers), 200 404;
        PUT "/api/users/{guid}/custom-id" Has(P::ChangeUsers), 409 404, |_| json!({ "custom_id": "9", "version": 99 });
        PUT "/api/users/{guid}/roles" AtDistrict(P::ManageRoles), 409 409,
            |_| json!({ "roles": ["teacher"], "version": 99 });
        POST "/api/users/{guid}/recover" Has(P::ChangeUsers), 409 404, |_| json!({ "version": 99 });
        POST "/api/users/{guid}/everything" AtDistrict(P::ManageRoles), 200 200;
        POST "/api/users/{guid}/reset-password" Has(P::SeePasswords), 200 404;
        POST "/api/passwords/resets" Either(P::SeePasswords, P::ResetOwnClasses, NOT_ALLOWED), 422 403,
            |t| json!({ "school": t.school, "grade": "Other" });
        GET "/api/passwords/resets" Either(P::SeePasswords, P::ResetOwnClasses, NOT_ALLOWED), 200 200;
        GET "/api/passwords/resets/{id}/file" Either(P::SeePasswords, P::ResetOwnClasses, NONE), 404 404;
        GET "/api/uploads" Has(P::SeeUploads), 200 200;
        POST "/api/uploads" Has(P::Upload), 422 422, |_| json!({ "mode": "full", "file_name": "a.csv", "bytes": 0, "sha256": "" });
        GET "/api/uploads/waiting" Has(P::SeeUploads), 200 200;
        GET "/api/uploads/{id}" Has(P::SeeUploads), 200 404;
        GET "/api/uploads/{id}/changes" Has(P::SeeUploads), 200 404;
        GET "/api/uploads/{id}/plan/classes" Has(P::SeeUploads), 200 404;
        GET "/api/uploads/{id}/findings" Has(P::SeeUploads), 200 404;
        POST "/api/uploads/{id}/approve" Has(P::Approve), 409 404, |_| json!({ "digest": "0", "removals": 0 });
        POST "/api/uploads/{id}/reject" Has(P::Approve), 422 404, |_| json!({ "digest": "0", "reason": "" });
        POST "/api/uploads/{id}/check" Has(P::Upload), 409 404;
        GET "/api/uploads/{id}/files/{kind}" Has(P::SeeUploads), 200 404;
        GET "/api/keys" Has(P::SeeSettings), 200 200;
        POST "/api/keys" Has(P::Upload), 422 422, |_| json!({ "name": "", "modes": [], "days": 0 });
        POST "/api/keys/{id}/end" Has(P::Upload), 404 404;
        // Not for people.
        GET "/api/key" Session, 403 403;
        GET "/api/watching" Has(P::SeeUploads), 200 200;
        GET "/api/session/notices" Has(P::SeeUploads), 200 200;
        PUT "/api/session/notices" Has(P::SeeUploads), 200 200;
        GET "/api/webhooks" AtDistrict(P::SeeSettings), 200 200;
        POST "/api/webhooks" AtDistrict(P::ChangeSettings), 422 422, |_| json!({ "name": "", "url": "", "kinds": [] });
        POST "/api/webhooks/{id}/test" AtDistrict(P::ChangeSettings), 404 404;
        POST "/api/webhooks/{id}/remove" AtDistrict(P::ChangeSettings), 404 404;
        GET "/api/audit" Has(P::ReadAudit), 200 403 ? school;
        POST "/api/audit/download" Has(P::ReadAudit), 200 403, |t| json!({ "school": t.school });
        // The last one: it ends the session.
        DELETE "/api/session" Session, 204 204;
    }
}

/// Returns the built-in roles and what they may, and a role with each permission alone.
fn roles() -> Vec<(String, Vec<Permission>)> {
    let of_school = vec![
        P::SeeUploads,
        P::Upload,
        P::Approve,
        P::ApproveOwn,
        P::SeeUsers,
        P::ChangeUsers,
        P::SeePasswords,
        P::SeeSettings,
    ];
    let built_in = [
        ("student_portal", vec![]),
        ("teacher", vec![P::SeeOwnClasses]),
        ("staff", vec![]),
        ("parent", vec![]),
        ("school_administrator", of_school),
        ("district_administrator", P::ALL.to_vec()),
        ("read_only_auditor", vec![P::SeeUploads, P::SeeUsers, P::SeeSettings, P::ReadAudit]),
    ];
    let built_in = built_in.map(|(id, permissions)| (id.to_owned(), permissions)).into_iter();
    built_in.chain(P::ALL.iter().map(|p| (format!("only_{}", p.as_str()), vec![*p]))).collect()
}

struct Asker<'a> {
    name: String,
    person: Person<'a>,
    permissions: Vec<Permission>,
    at_district: bool,
    must_set_password: bool,
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_anything_beyond_their_roles_and_their_school() {
    let system = System::start().await;
    let targets = targets(&system).await;
    let lines = lines();
    for asker in askers(&system).await {
        for line in &lines {
            let about_targets = line.path.contains('{') || line.passed != line.foreign;
            for target in targets.iter().take(if about_targets { targets.len() } else { 1 }) {
                let is_own = target.school == system.north.id;
                let expected = expected(line, &asker, is_own);
                let is_class = line.path.starts_with("/api/classes");
                let guid = if is_class { target.class.to_string() } else { target.user.to_string() };
                let path = line.path.replace("{guid}", &guid).replace("{kind}", "plan");
                let id = if path.contains("schools") { &target.school.0 } else { &target.upload.id.0 };
                let path = format!("{}{}", path.replace("{id}", id), (line.query)(target));
                let answer = asker.person.ask(line.method.clone(), &path, (line.body)(target)).await;
                let (status, code) = answer.said();
                let what = format!("{}: {} {path}: {}", asker.name, line.method, answer.body);
                assert_eq!(status, expected.0, "{what}");
                assert!(expected.1.is_none_or(|word| word == code), "{what}");
            }
        }
    }
}

/// Returns the status, and the word where somebody is turned away by what they are.
fn expected(line: &Line, asker: &Asker<'_>, is_own: bool) -> (u16, Option<&'static str>) {
    // What one may do for all of a school, one may do in the own classes, too.
    let has = |permission: &Permission| {
        let whole = match permission {
            P::SeeOwnClasses => P::SeeUsers,
            P::ResetOwnClasses => P::SeePasswords,
            other => *other,
        };
        asker.permissions.contains(permission) || asker.permissions.contains(&whole)
    };
    let (permissions, for_all) = match line.needs {
        Needs::Nothing | Needs::Session => return (line.passed, None),
        Needs::Either(whole, part, (status, word)) if !has(&whole) && has(&part) && !asker.must_set_password => {
            return (status, Some(word));
        }
        Needs::Either(permission, ..) => (vec![permission], false),
        Needs::Has(permission) => (vec![permission], false),
        Needs::AtDistrict(permission) => (vec![permission], true),
        Needs::BothAtDistrict(one, other) => (vec![one, other], true),
    };
    if asker.must_set_password {
        return (403, Some("password_not_set"));
    }
    if !permissions.iter().all(has) {
        return (403, Some("not_allowed"));
    }
    if asker.at_district {
        (line.passed, None)
    } else if for_all {
        (403, Some("district_only"))
    } else if is_own {
        (line.passed, None)
    } else {
        (line.foreign, None)
    }
}

#[test]
fn every_route_has_a_line() {
    let mut written: Vec<String> = lines().iter().map(|line| format!("{} {}", line.method, line.path)).collect();
    let mut served: Vec<String> = ROUTES.iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    written.sort();
    served.sort();
    assert_eq!(written, served);
}

/// Makes a target of North, of South and of the district office.
async fn targets(system: &System) -> Vec<Target> {
    let schools = [&system.north, &system.south, &system.district];
    let mut targets = Vec::new();
    for (n, school) in schools.into_iter().enumerate() {
        let user = student("A", "A", &format!("T{n}"), &school.id);
        system.add(std::slice::from_ref(&user)).await;
        let scope = if n == 2 { Scope::Organisation } else { Scope::School(school.id.clone()) };
        system.later(1);
        let upload = awaiting(system, scope, Vec::new()).await;
        let mut record = system.cloud.upload_get(&upload.id).await.unwrap().unwrap();
        record.upload.files = vec![FileKind::Plan];
        assert_eq!(system.cloud.upload_save(&mut record).await.unwrap(), cloud::table::WriteOutcome::Written);
        let class = class(&school.id, &format!("C{n}"));
        enter(system, std::slice::from_ref(&class), &[]).await;
        targets.push(Target { school: school.id.clone(), user: user.guid, class: class.guid, upload });
    }
    targets
}

/// Signs in somebody of each role in North and in the district office, and one of each who has yet to set a password.
async fn askers(system: &System) -> Vec<Asker<'_>> {
    let custom = P::ALL.iter().map(|permission| Role {
        id: RoleId(format!("only_{}", permission.as_str())),
        name: format!("Only: {}", permission.label()),
        permissions: [*permission].into(),
    });
    let document = RolesDocument { version: 0, roles: roster::role::built_in().into_iter().chain(custom).collect() };
    system.cloud.roles_save(document, &Author { by: None, at: START }).await.unwrap().unwrap();
    let hash = runtime::passwords::hash(PASSWORD).unwrap();
    let mut askers = Vec::new();
    for (school, at_district) in [(&system.north, false), (&system.district, true)] {
        let ready = roles().into_iter().map(|(role, permissions)| (role, permissions, false));
        let not_ready = [("district_administrator".to_owned(), P::ALL.to_vec(), true)];
        for (role, permissions, must_set_password) in ready.chain(not_ready) {
            let name = format!(
                "{role}{}{}",
                if at_district { "@district" } else { "" },
                if must_set_password { "!" } else { "" }
            );
            let user = User {
                guid: Guid(Uuid::new_v4()),
                custom_id: None,
                user_type: UserType::Staff,
                username: name.clone(),
                roles: Roles::from_ids(&[RoleId(role)]),
                ..student("A", "A", "", &school.id)
            };
            let password = if must_set_password { temporary(hash.clone()) } else { own(hash.clone()) };
            let made = system.cloud.user_create_by_hand(vec![(user, Some(password))], START).await.unwrap();
            assert_eq!(made, [Outcome::Done]);
            let person = system.sign_in(&name).await;
            askers.push(Asker { name, person, permissions, at_district, must_set_password });
        }
    }
    askers
}
