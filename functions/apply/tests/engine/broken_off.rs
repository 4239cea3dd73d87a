//! The functions are stopped after every single request, and the work still ends as if nothing had happened.

use crate::line::Line;
use crate::organisation::{HEADER, Organisation};
use aws_sdk_s3::config::SharedInterceptor;
use cloud::audit::Trail;
use cloud::changes::Applying;
use roster::{
    Class, ClassChange, ClassFields, ClassGuid, ClassKind, ClassRole, ClassStatus, EnrolmentChange, EnrolmentFields,
    EnrolmentKind, Grade, Guid, ShownEnrolment, Status, User, UserType,
};
use uuid::Uuid;
use wire::stored::Outcome;
use wire::{Decision, FileKind, UploadId, Verdict};

/// One user of every kind of change: moved, removed, created with a password and without, and two that exchange. One class
/// is made and one has another name; somebody is put into each, and the ones who move and go leave theirs.
const AFTER: [&str; 5] = [
    "Ann,Ash,,eve@a.example,T1,A,Teacher,Head,,Active,,M,Maths",
    "Ben,Birch,,,00123,B,Student,,4,Active,,,",
    "Dan,Dale,,,00125,A,Student,,1,Active,correct horse,M,Maths",
    "Dan,Dale,,,00125,A,Student,,1,Active,correct horse,N,New",
    "Eve,Elm,,ann@a.example,T2,A,Teacher,,,Active,,N,New",
];

/// Who is in a class, by custom ID, with the version of the enrolment.
type Members = Vec<(String, String, u64)>;

/// What the end must be: the upload's status, its users, how many rows the file has, how much a history has, how many
/// passwords can be read, and what the audit log says.
type End = (wire::Status, Vec<(String, Option<u64>, String, u64)>, usize, usize, usize, Vec<&'static str>, Members);

/// Carries the roster out; where `stop` says so, every function is stopped after so many requests, and woken again.
async fn carry_out(stop: Option<i64>) -> (End, bool) {
    let line = Line::whole();
    let mut o = Organisation::new(Some(SharedInterceptor::new(line.clone()))).await;
    before(&o).await;
    o.settings(r#"{"full":{"requires_approval":false,"limits":{"overall":{},"per_school":{},"per_user_type":{}}}}"#)
        .await;
    o.now += 1000;
    let roster = format!("{HEADER},password,class_id,class_name\n{}\n", AFTER.join("\n"));
    o.cloud().object_put("inbox/full/after.csv", roster).await.unwrap();

    let mut stopped = false;
    let mut waiting = o.waiting().await;
    while !waiting.is_empty() {
        for key in &waiting {
            if let Some(requests) = stop {
                line.break_after(requests);
            }
            let worked = o.tell_of(key).await;
            stopped |= line.mend();
            // Lambda tries again what failed, even where the object is gone by then.
            if !worked {
                assert!(o.tell_of(key).await, "the second attempt fails");
            }
        }
        waiting = o.waiting().await;
    }
    o.assert_at_rest().await;
    let [upload] = &o.uploads().await[..] else { panic!("one upload") };
    let users = o.users().await.into_iter();
    let users = users.map(|(id, User { deleted_at, email, version, .. })| (id, deleted_at.map(|_| 0), email, version));
    let completed = o.file(upload, FileKind::Completed).await.lines().count();
    let history = o.cloud().history_list(o.guid("T1").await).await.unwrap().len();
    // Each password that can be read is the one that its user has.
    let credentials = o.credentials(upload).await.unwrap();
    let sheets = roster::slips::slips(credentials.as_bytes()).unwrap();
    let mut passwords = 0;
    for slip in sheets.into_iter().flat_map(|sheet| sheet.slips) {
        let account = o.cloud().account_get_by_username(&slip.username).await.unwrap().unwrap();
        assert!(runtime::passwords::verify(&slip.temporary_password, account.password_hash.as_deref()));
        passwords += 1;
    }
    let trail = o.cloud().audit_list(Trail::Upload(&upload.id), 0..u64::MAX, None, 100).await.unwrap();
    let mut trail: Vec<_> = trail.items.iter().map(|entry| entry.action.as_str()).collect();
    // What is written at the same moment stands in no order.
    trail.sort_unstable();
    let members = members(&o, ["M", "N"]).await;
    ((upload.status, users.collect(), completed, history, passwords, trail, members), stopped)
}

async fn members(o: &Organisation, ids: [&str; 2]) -> Members {
    let mut members = Vec::new();
    for id in ids {
        let classes = o.cloud().class_list_with_ids(&[id.to_owned()].into()).await.unwrap();
        let class = classes.first().expect("a class");
        for enrolment in o.cloud().enrolment_list_of_class(class.guid).await.unwrap() {
            let user = o.cloud().account_get(enrolment.user).await.unwrap().expect("a user").user;
            let ended = if enrolment.is_active() { "" } else { " ended" };
            members.push((format!("{}{ended}", class.fields.name), user.custom_id.unwrap(), enrolment.version));
        }
    }
    members.sort();
    members
}

async fn before(o: &Organisation) {
    let schools = o.cloud().school_list().await.unwrap();
    let user = |n: u128, custom_id: &str, email: &str, school: &str, user_type: UserType| {
        let user = User {
            guid: Guid(Uuid::from_u128(n)),
            custom_id: Some(custom_id.to_owned()),
            first_name: ["Ann", "Ben", "Cat"][n as usize].to_owned(),
            middle_name: String::new(),
            last_name: ["Ash", "Birch", "Cedar"][n as usize].to_owned(),
            email: email.to_owned(),
            school: schools.by_external_id(school).unwrap().id.clone(),
            user_type,
            position: String::new(),
            grade: Grade::Unspecified,
            status: Status::Active,
            username: custom_id.to_owned(),
            version: 1,
            deleted_at: None,
            erase_at: None,
            roles: roster::Roles::default(),
            source: None,
            former_usernames: Vec::new(),
        };
        (user, None)
    };
    let users = vec![
        user(0, "T1", "ann@a.example", "A", UserType::Teacher),
        user(1, "00123", "", "A", UserType::Student),
        user(2, "00124", "", "B", UserType::Student),
    ];
    assert_eq!(o.cloud().user_create_by_hand(users, 1).await.unwrap(), [Outcome::Done; 3]);
    let class = Class {
        guid: ClassGuid(Uuid::from_u128(9)),
        version: 0,
        fields: ClassFields {
            class_id: "M".to_owned(),
            school: schools.by_external_id("A").unwrap().id.clone(),
            name: "Mathematics".to_owned(),
            grade: Grade::Unspecified,
            course_code: String::new(),
            subject: String::new(),
            period: String::new(),
            term: String::new(),
            starts: None,
            ends: None,
            status: ClassStatus::Active,
        },
        archived_at: None,
    };
    enrol(o, &class, &[(0, ClassRole::Primary), (1, ClassRole::Student), (2, ClassRole::Student)]).await;
}

/// Makes a class with these users, as an earlier upload did.
async fn enrol(o: &Organisation, class: &Class, users: &[(u128, ClassRole)]) {
    let made = ClassChange {
        kind: ClassKind::Created,
        class: class.guid,
        row: None,
        part: None,
        seen_version: None,
        before: None,
        after: class.fields.clone(),
    };
    let enrolled = users.iter().map(|(user, role)| EnrolmentChange {
        kind: EnrolmentKind::Created,
        class: class.guid,
        user: Guid(Uuid::from_u128(*user)),
        two_people: None,
        row: None,
        part: None,
        user_row: None,
        seen_version: None,
        before: None,
        after: Some(EnrolmentFields { role: *role, starts: None, ends: None }),
        only_two_people: false,
        why: None,
        shown: ShownEnrolment {
            school: class.fields.school.clone(),
            class_id: class.fields.class_id.clone(),
            class_name: class.fields.name.clone(),
            custom_id: String::new(),
            first_name: String::new(),
            last_name: String::new(),
        },
    });
    let decision = Decision { verdict: Verdict::Approved, by: None, at: 1, digest: String::new(), rekeys: None };
    let upload = UploadId("earlier".to_owned());
    let applying = Applying { upload: &upload, at: 1, now: 1, decision: &decision };
    assert_eq!(o.cloud().class_carry_out(&[made], &applying).await.unwrap(), [Outcome::Done]);
    let enrolled: Vec<EnrolmentChange> = enrolled.collect();
    let outcomes = o.cloud().enrolment_carry_out(&enrolled, &applying).await.unwrap();
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Done));
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_after_any_number_of_requests() {
    const AT_ONCE: i64 = 8;
    let (undisturbed, _) = carry_out(None).await;
    assert_eq!(undisturbed.0, wire::Status::Completed);
    assert_eq!(undisturbed.5, ["applied", "approved", "checked", "uploaded"]);
    let members: Vec<_> = undisturbed.6.iter().map(|(class, user, _)| format!("{class} {user}")).collect();
    let expected = ["Maths 00125", "Maths T1", "Maths ended 00123", "Maths ended 00124", "New 00125", "New T2"];
    assert_eq!(members, expected);
    for first in (0..).step_by(AT_ONCE as usize) {
        let runs: Vec<_> = (first..first + AT_ONCE).map(|n| (n, tokio::spawn(carry_out(Some(n))))).collect();
        let mut all_stopped = true;
        for (requests, run) in runs {
            let (end, stopped) = run.await.unwrap();
            assert_eq!(end, undisturbed, "stopped after {requests} requests");
            all_stopped &= stopped;
        }
        if !all_stopped {
            assert!(first > 16, "hardly anything was stopped");
            return;
        }
    }
}
