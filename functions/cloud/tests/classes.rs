//! Classes and enrolments against a real table: carried out once, found by whom and what they are of, and gone with either.

#[path = "../../apply/tests/engine/line.rs"]
mod line;
mod support;

use std::collections::BTreeSet;

use aws_sdk_s3::config::SharedInterceptor;
use cloud::Cloud;
use cloud::audit::Trail;
use cloud::changes::{Applying, Step};
use line::Line;
use roster::accounts::ArchiveRule;
use roster::durations::DAY;
use roster::user::RECOVERABLE_DAYS;
use roster::{
    Change, Class, ClassChange, ClassFields, ClassGuid, ClassKind, ClassRole, ClassStatus, EndReason, Enrolment,
    EnrolmentChange, EnrolmentFields, EnrolmentKind, Fields, Grade, Guid, Kind, SchoolId, ShownEnrolment, Status, User,
    UserType,
};
use uuid::Uuid;
use wire::audit::{Action, Subject};
use wire::stored::Outcome::{self, Done, Drifted, Taken};
use wire::upload::Decider;
use wire::{Decision, UploadId, Verdict};

const AT: u64 = 1_700_000_000_000;

fn guid(n: u128) -> Guid {
    Guid(Uuid::from_u128(n))
}

fn class_guid(n: u128) -> ClassGuid {
    ClassGuid(Uuid::from_u128(1_000_000 + n))
}

fn school() -> SchoolId {
    SchoolId("s1".to_owned())
}

fn fields(n: u128) -> ClassFields {
    ClassFields {
        class_id: format!("C{n:03}"),
        school: school(),
        name: format!("Class {n:03}"),
        grade: Grade::G9,
        course_code: "M1".to_owned(),
        subject: "Mathematics".to_owned(),
        period: "3".to_owned(),
        term: "Fall".to_owned(),
        starts: Some("2026-08-31".parse().unwrap()),
        ends: None,
        status: ClassStatus::Active,
    }
}

fn created(n: u128) -> ClassChange {
    let (row, part, seen_version, before) = (Some(2), None, None, None);
    ClassChange { kind: ClassKind::Created, class: class_guid(n), row, part, seen_version, before, after: fields(n) }
}

fn changed(kind: ClassKind, n: u128, seen: u64, before: ClassFields, after: ClassFields) -> ClassChange {
    ClassChange { kind, seen_version: Some(seen), before: Some(before), after, ..created(n) }
}

fn archived(n: u128, seen: u64) -> ClassChange {
    let after = ClassFields { status: ClassStatus::Archived, ..fields(n) };
    changed(ClassKind::Archived, n, seen, fields(n), after)
}

fn member(role: ClassRole) -> EnrolmentFields {
    EnrolmentFields { role, starts: None, ends: None }
}

fn enrolment(kind: EnrolmentKind, class: u128, user: u128) -> EnrolmentChange {
    EnrolmentChange {
        kind,
        class: class_guid(class),
        user: guid(user),
        two_people: None,
        row: Some(2),
        part: None,
        user_row: None,
        seen_version: None,
        before: None,
        after: None,
        only_two_people: false,
        why: None,
        shown: ShownEnrolment {
            school: school(),
            class_id: String::new(),
            class_name: String::new(),
            custom_id: String::new(),
            first_name: String::new(),
            last_name: String::new(),
        },
    }
}

fn enrolled(class: u128, user: u128) -> EnrolmentChange {
    EnrolmentChange { after: Some(member(ClassRole::Student)), ..enrolment(EnrolmentKind::Created, class, user) }
}

fn updated(class: u128, user: u128, seen: u64, role: ClassRole) -> EnrolmentChange {
    let (before, after) = (Some(member(ClassRole::Student)), Some(member(role)));
    EnrolmentChange { seen_version: Some(seen), before, after, ..enrolment(EnrolmentKind::Updated, class, user) }
}

fn ended(class: u128, user: u128, seen: u64, why: EndReason) -> EnrolmentChange {
    let before = Some(member(ClassRole::Student));
    EnrolmentChange { seen_version: Some(seen), before, why: Some(why), ..enrolment(EnrolmentKind::Ended, class, user) }
}

fn decision() -> Decision {
    Decision { verdict: Verdict::Approved, by: None, at: AT, digest: "d".to_owned(), rekeys: None }
}

async fn classes(cloud: &Cloud, upload: &str, changes: &[ClassChange]) -> Vec<Outcome> {
    let upload = UploadId(upload.to_owned());
    let applying = Applying { upload: &upload, at: AT, now: AT + 5, decision: &decision() };
    cloud.class_carry_out(changes, &applying).await.unwrap()
}

async fn enrolments(cloud: &Cloud, upload: &str, changes: &[EnrolmentChange]) -> Vec<Outcome> {
    let upload = UploadId(upload.to_owned());
    let applying = Applying { upload: &upload, at: AT, now: AT + 5, decision: &decision() };
    cloud.enrolment_carry_out(changes, &applying).await.unwrap()
}

fn user_fields(n: u128) -> Fields {
    Fields {
        custom_id: format!("{n:05}"),
        first_name: format!("First{n}"),
        middle_name: String::new(),
        last_name: format!("Last{n}"),
        email: String::new(),
        school: school(),
        user_type: UserType::Student,
        position: String::new(),
        grade: Grade::Unspecified,
        status: Status::Active,
        username: format!("Name{n}"),
        roles: roster::Roles::default(),
        source: None,
    }
}

/// Creates the users of these numbers, or deletes them.
async fn users(cloud: &Cloud, upload: &str, kind: Kind, numbers: impl Iterator<Item = u128>) {
    let creates = kind == Kind::Created;
    let changes = numbers.map(|n| Change {
        kind,
        guid: guid(n),
        row: None,
        seen_version: (!creates).then_some(1),
        before: (!creates).then(|| user_fields(n)),
        after: creates.then(|| user_fields(n)),
        password: None,
        restores: false,
        exchange: None,
        two_people: None,
        not_updated: Vec::new(),
    });
    let steps = changes.map(|change| Step { change, password: None }).collect();
    let upload = UploadId(upload.to_owned());
    let applying = Applying { upload: &upload, at: AT, now: AT + 5, decision: &decision() };
    let outcomes = cloud.change_carry_out(steps, &applying).await.unwrap();
    assert!(outcomes.iter().all(|outcome| *outcome == Done));
}

/// An organisation with the users 1 to `count`, and classes.
async fn organisation(cloud: &Cloud, count: u128, class_count: u128) {
    users(cloud, "users", Kind::Created, 1..=count).await;
    let all: Vec<ClassChange> = (1..=class_count).map(created).collect();
    assert!(classes(cloud, "classes", &all).await.iter().all(|outcome| *outcome == Done));
}

async fn class(cloud: &Cloud, n: u128) -> Class {
    cloud.class_get(class_guid(n)).await.unwrap().expect("the class is there")
}

async fn members(cloud: &Cloud, n: u128) -> Vec<Enrolment> {
    cloud.enrolment_list_of_class(class_guid(n)).await.unwrap()
}

/// Who is in a class now.
async fn present(cloud: &Cloud, n: u128) -> Vec<Guid> {
    members(cloud, n).await.into_iter().filter(Enrolment::is_active).map(|enrolment| enrolment.user).collect()
}

#[tokio::test]
async fn a_class_is_found_by_everything_that_is_its_own() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    let all: Vec<ClassChange> = (1..=5).rev().map(created).collect();
    assert_eq!(classes(cloud, "u1", &all).await, [Done; 5]);
    assert_eq!(classes(cloud, "u1", &all).await, [Done; 5], "again");
    let first = class(cloud, 1).await;
    assert_eq!((&first.fields, first.version, first.archived_at), (&fields(1), 1, None));
    assert_eq!(cloud.class_get(class_guid(9)).await.unwrap(), None);
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<String>>();
    assert_eq!(cloud.class_list_with_ids(&ids(&["C001", "none"])).await.unwrap(), [first]);
    assert_eq!(cloud.class_get_many(&[class_guid(2), class_guid(3), class_guid(9)]).await.unwrap().len(), 2);

    let page = cloud.class_list_of_school(&school(), false, None, 3).await.unwrap();
    let names = |classes: &[Class]| classes.iter().map(|class| class.fields.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&page.classes), ["Class 001", "Class 002", "Class 003"]);
    let rest = cloud.class_list_of_school(&school(), false, page.next, 3).await.unwrap();
    assert_eq!((names(&rest.classes), rest.next), (vec!["Class 004".to_owned(), "Class 005".to_owned()], None));

    assert_eq!(classes(cloud, "u2", &[archived(2, 1)]).await, [Done]);
    assert_eq!(classes(cloud, "u2", &[archived(2, 1)]).await, [Done], "again");
    let of = async |archived| cloud.class_list_of_school(&school(), archived, None, 9).await.unwrap().classes;
    assert_eq!(names(&of(true).await), ["Class 002"]);
    assert_eq!(of(false).await.len(), 4);
    let second = class(cloud, 2).await;
    assert_eq!((second.version, second.archived_at, second.is_active()), (2, Some(AT), false));
    assert_eq!(cloud.class_list_with_ids(&ids(&["C002"])).await.unwrap(), [second], "the ID is kept");

    let again = ClassFields { name: "Again".to_owned(), ..fields(2) };
    let restored = changed(ClassKind::Restored, 2, 2, archived(2, 1).after, again);
    assert_eq!(classes(cloud, "u3", &[restored]).await, [Done]);
    let second = class(cloud, 2).await;
    assert_eq!((second.version, second.archived_at, second.is_active()), (3, None, true));
    assert_eq!(names(&of(false).await)[0], "Again");
    let history = cloud.class_history(class_guid(2)).await.unwrap();
    let kinds: BTreeSet<ClassKind> = history.iter().filter_map(|entry| entry.kind).collect();
    assert_eq!(kinds.len(), 3);
}

#[tokio::test]
async fn a_class_that_drifted_or_whose_id_is_taken_is_left_alone() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    organisation(cloud, 0, 2).await;
    let renamed = ClassFields { name: "New".to_owned(), ..fields(1) };
    let drifted = changed(ClassKind::Updated, 1, 4, fields(1), renamed.clone());
    let same_id = ClassFields { class_id: "C002".to_owned(), ..fields(1) };
    let taken = changed(ClassKind::Updated, 1, 1, fields(1), same_id);
    let new = ClassChange { class: class_guid(3), ..created(2) };
    assert_eq!(classes(cloud, "u1", &[drifted]).await, [Drifted]);
    assert_eq!(classes(cloud, "u1", &[taken, new]).await, [Taken, Taken]);
    assert_eq!(class(cloud, 1).await.version, 1);

    // A class takes another ID, and the former one is free.
    let other_id = ClassFields { class_id: "X".to_owned(), ..fields(1) };
    let moves = changed(ClassKind::Updated, 1, 1, fields(1), other_id);
    assert_eq!(classes(cloud, "u2", std::slice::from_ref(&moves)).await, [Done]);
    let successor = ClassChange { after: fields(1), ..created(4) };
    assert_eq!(classes(cloud, "u3", &[successor]).await, [Done]);
    assert_eq!(classes(cloud, "u2", &[moves]).await, [Done], "what was done is known");
    let found = cloud.class_list_with_ids(&["C001".to_owned(), "X".to_owned()].into()).await.unwrap();
    assert_eq!(found.len(), 2);
}

#[tokio::test]
async fn enrolments_are_carried_out_once() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    organisation(cloud, 4, 3).await;
    let all: Vec<EnrolmentChange> = (1..=3).flat_map(|class| (1..=3).map(move |user| enrolled(class, user))).collect();
    for _ in 0..2 {
        assert_eq!(enrolments(cloud, "u1", &all).await, [Done; 9]);
    }
    assert_eq!(present(cloud, 1).await, [guid(1), guid(2), guid(3)]);
    let of_user = cloud.enrolment_list_of_user(guid(2)).await.unwrap();
    let of_classes: BTreeSet<ClassGuid> = of_user.iter().map(|enrolment| enrolment.class).collect();
    assert_eq!(of_classes, (1..=3).map(class_guid).collect());
    assert!(of_user.iter().all(|enrolment| enrolment.version == 1 && enrolment.fields == member(ClassRole::Student)));

    let changes =
        [updated(1, 1, 1, ClassRole::Aide), ended(1, 2, 1, EndReason::File), updated(1, 3, 7, ClassRole::Aide)];
    for _ in 0..2 {
        assert_eq!(enrolments(cloud, "u2", &changes).await, [Done, Done, Drifted]);
    }
    let [aide, gone, same] = &members(cloud, 1).await[..] else { panic!("three") };
    assert_eq!((aide.version, aide.fields.role), (2, ClassRole::Aide));
    assert_eq!((gone.version, gone.ended_at, gone.is_active()), (2, Some(AT), false));
    assert_eq!(same.version, 1);
    assert_eq!(enrolments(cloud, "u3", &[ended(1, 2, 2, EndReason::File)]).await, [Drifted], "it has ended");
    assert_eq!(enrolments(cloud, "u4", &[enrolled(1, 2), enrolled(1, 3)]).await, [Done, Drifted]);
    let again = &members(cloud, 1).await[1];
    assert_eq!((again.version, again.ended_at), (3, None));

    let history = cloud.class_history(class_guid(1)).await.unwrap();
    let counts: BTreeSet<[u64; 3]> = history.iter().map(|entry| [entry.enrolled, entry.updated, entry.ended]).collect();
    assert_eq!(counts, [[0, 0, 0], [3, 0, 0], [0, 1, 1], [1, 0, 0]].into());
    assert_eq!(history.len(), 4);
}

#[tokio::test]
async fn nobody_comes_into_an_archived_class_or_is_enrolled_who_is_gone() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    organisation(cloud, 6, 2).await;
    assert_eq!(enrolments(cloud, "u1", &[enrolled(1, 1), enrolled(1, 2)]).await, [Done, Done]);
    assert_eq!(classes(cloud, "u2", &[archived(1, 1)]).await, [Done]);
    users(cloud, "u3", Kind::Removed, 5..=5).await;
    let changes = [
        enrolled(1, 3),
        updated(1, 1, 1, ClassRole::Aide),
        ended(1, 2, 1, EndReason::ClassArchived),
        enrolled(2, 4),
        enrolled(2, 5),
        enrolled(2, 77),
        enrolled(3, 6),
    ];
    for _ in 0..2 {
        let outcomes = enrolments(cloud, "u4", &changes).await;
        assert_eq!(outcomes, [Drifted, Drifted, Done, Done, Drifted, Drifted, Drifted]);
    }
    assert_eq!(present(cloud, 2).await, [guid(4)]);
    assert_eq!(present(cloud, 1).await, [guid(1)]);
    // What was done stays done although the class is archived since.
    assert_eq!(enrolments(cloud, "u1", &[enrolled(1, 1)]).await, [Done]);
    assert_eq!(present(cloud, 1).await, [guid(1)]);
}

#[tokio::test]
async fn a_class_of_hundreds_takes_several_transactions() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    organisation(cloud, 300, 1).await;
    let all: Vec<EnrolmentChange> = (1..=300).map(|user| enrolled(1, user)).collect();
    assert_eq!(enrolments(cloud, "u1", &all[..120]).await, [Done; 120]);
    assert_eq!(enrolments(cloud, "u1", &all).await, [Done; 300]);
    assert_eq!(present(cloud, 1).await.len(), 300);
    let history = cloud.class_history(class_guid(1)).await.unwrap();
    assert_eq!(history.iter().find(|entry| entry.upload == Some(UploadId("u1".to_owned()))).unwrap().enrolled, 300);

    let directory = cloud.class_directory_get(&["C001".to_owned()].into(), &BTreeSet::new(), &[]).await.unwrap();
    assert_eq!(directory.members(class_guid(1)).len(), 300);
    let all: Vec<EnrolmentChange> = (1..=300).map(|user| ended(1, user, 1, EndReason::Absent)).collect();
    assert_eq!(enrolments(cloud, "u2", &all).await, [Done; 300]);
    assert_eq!(present(cloud, 1).await, []);
}

#[tokio::test]
async fn a_comparison_gets_the_named_classes_whole_and_those_of_who_leaves() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    organisation(cloud, 3, 5).await;
    let places = [(1, 1), (1, 2), (2, 1), (3, 2), (3, 3), (4, 3), (5, 2)];
    let all: Vec<EnrolmentChange> = places.iter().map(|(class, user)| enrolled(*class, *user)).collect();
    assert_eq!(enrolments(cloud, "u1", &all).await, [Done; 7]);
    let ids = ["C001".to_owned(), "none".to_owned()].into();
    let guids = [class_guid(2), class_guid(99)].into();
    let directory = cloud.class_directory_get(&ids, &guids, &[guid(3), guid(88)]).await.unwrap();
    let found: BTreeSet<ClassGuid> = directory.iter().map(|class| class.guid).collect();
    assert_eq!(found, [1, 2, 3, 4].map(class_guid).into());
    assert_eq!([1, 2, 3, 4].map(|n| directory.members(class_guid(n)).len()), [2, 1, 1, 1]);
    assert_eq!(directory.of_user(guid(3)).count(), 2);
    assert!(directory.by_id("C001").is_some() && directory.by_id("C005").is_none());
}

fn administrator() -> Decider {
    Decider { guid: guid(900), username: "Dora".to_owned(), key: None }
}

/// A class of three, of which one left before the class is archived by hand.
async fn archived_by_hand(cloud: &Cloud) -> Class {
    organisation(cloud, 4, 2).await;
    let all = [enrolled(1, 1), enrolled(1, 2), enrolled(1, 3), enrolled(2, 1)];
    assert_eq!(enrolments(cloud, "u1", &all).await, [Done; 4]);
    assert_eq!(enrolments(cloud, "u2", &[ended(1, 3, 1, EndReason::File)]).await, [Done]);
    let seen = class(cloud, 1).await;
    assert_eq!(cloud.class_archive_by_hand(&seen, &administrator(), AT + 10).await.unwrap(), Done);
    assert_eq!(present(cloud, 1).await, []);
    seen
}

#[tokio::test]
async fn a_class_that_is_archived_by_hand_comes_back_with_who_was_in_it() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    let seen = archived_by_hand(cloud).await;
    let gone = class(cloud, 1).await;
    assert_eq!((gone.version, gone.archived_at, gone.is_active()), (2, Some(AT + 10), false));
    assert_eq!(present(cloud, 2).await, [guid(1)], "the other class is as it was");
    assert_eq!(cloud.class_archive_by_hand(&seen, &administrator(), AT + 11).await.unwrap(), Done, "it is");
    assert_eq!(class(cloud, 1).await.version, 2);

    users(cloud, "u3", Kind::Removed, 2..=2).await;
    assert_eq!(cloud.class_restore_by_hand(&seen, &administrator(), AT + 20).await.unwrap(), Drifted);
    assert_eq!(cloud.class_restore_by_hand(&gone, &administrator(), AT + 20).await.unwrap(), Done);
    assert_eq!(present(cloud, 1).await, [guid(1)], "one is deleted, and one had left before");
    let [back, ..] = &members(cloud, 1).await[..] else { panic!("three") };
    assert_eq!((back.version, back.ended_at), (3, None));
    let again = class(cloud, 1).await;
    assert_eq!((again.version, again.archived_at), (3, None));
    assert_eq!(cloud.class_archive_by_hand(&seen, &administrator(), AT + 30).await.unwrap(), Drifted);

    let history = cloud.class_history(class_guid(1)).await.unwrap();
    let told = |kind| history.iter().find(|entry| entry.kind == Some(kind)).unwrap();
    let (archived, restored) = (told(ClassKind::Archived), told(ClassKind::Restored));
    assert_eq!((archived.at, archived.ended, archived.by.as_deref()), (AT + 10, 2, Some("Dora")));
    assert_eq!((restored.at, restored.enrolled, restored.fields.len()), (AT + 20, 1, 1));
    let log = cloud.audit_list(Trail::All, 0..u64::MAX, None, 10).await.unwrap().items;
    let actions: Vec<Action> = log.iter().map(|entry| entry.action).collect();
    assert_eq!(actions, [Action::ClassRestored, Action::ClassArchived], "once each");
    assert_eq!(log[0].subject, Subject::Class { guid: class_guid(1), class_id: "C001".to_owned() });
    assert_eq!(log[0].school, Some(school()));
}

#[tokio::test]
async fn a_class_that_was_archived_half_way_is_archived_to_the_end() {
    let line = Line::whole();
    let servers = support::start(Some(SharedInterceptor::new(line.clone()))).await;
    let cloud = &servers.cloud;
    organisation(cloud, 120, 1).await;
    let all: Vec<EnrolmentChange> = (1..=120).map(|user| enrolled(1, user)).collect();
    assert_eq!(enrolments(cloud, "u1", &all).await, [Done; 120]);
    let seen = class(cloud, 1).await;
    for allowed in 0.. {
        line.break_after(allowed);
        let archived = cloud.class_archive_by_hand(&seen, &administrator(), AT + allowed as u64).await;
        line.mend();
        if archived.is_ok() {
            assert!(allowed > 0);
            break;
        }
    }
    assert_eq!(present(cloud, 1).await, []);
    let gone = class(cloud, 1).await;
    assert_eq!(gone.version, 2);
    for allowed in 0.. {
        line.break_after(allowed);
        let restored = cloud.class_restore_by_hand(&gone, &administrator(), AT + 100 + allowed as u64).await;
        line.mend();
        if restored.is_ok() {
            break;
        }
    }
    assert_eq!(present(cloud, 1).await.len(), 120);
    assert_eq!(class(cloud, 1).await.version, 3);
    let history = cloud.class_history(class_guid(1)).await.unwrap();
    assert_eq!(history.iter().map(|entry| entry.ended).sum::<u64>(), 120);
    assert_eq!(history.iter().map(|entry| entry.enrolled).sum::<u64>(), 240);
    let log = cloud.audit_list(Trail::All, 0..u64::MAX, None, 10).await.unwrap().items;
    assert_eq!(log.len(), 2);
}

#[tokio::test]
async fn who_left_with_a_class_long_ago_does_not_come_back() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    archived_by_hand(cloud).await;
    let gone = class(cloud, 1).await;
    let late = AT + 10 + RECOVERABLE_DAYS * DAY + 1;
    assert_eq!(cloud.class_restore_by_hand(&gone, &administrator(), late).await.unwrap(), Done);
    assert_eq!(present(cloud, 1).await, []);
}

#[tokio::test]
async fn a_class_that_a_plan_archived_is_brought_back_by_hand() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    organisation(cloud, 3, 1).await;
    let all = [enrolled(1, 1), enrolled(1, 2), enrolled(1, 3)];
    assert_eq!(enrolments(cloud, "u1", &all).await, [Done; 3]);
    assert_eq!(classes(cloud, "u2", &[archived(1, 1)]).await, [Done]);
    let ends = [1, 2].map(|user| ended(1, user, 1, EndReason::ClassArchived));
    assert_eq!(enrolments(cloud, "u2", &ends).await, [Done; 2]);
    assert_eq!(enrolments(cloud, "u2", &[ended(1, 3, 1, EndReason::UserMoved)]).await, [Done]);
    let gone = class(cloud, 1).await;
    assert_eq!(cloud.class_restore_by_hand(&gone, &administrator(), AT + 20).await.unwrap(), Done);
    assert_eq!(present(cloud, 1).await, [guid(1), guid(2)]);
}

#[tokio::test]
async fn no_enrolment_outlives_its_user() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    organisation(cloud, 4, 3).await;
    let all: Vec<EnrolmentChange> = (1..=3).flat_map(|class| (1..=4).map(move |user| enrolled(class, user))).collect();
    assert_eq!(enrolments(cloud, "u1", &all).await, [Done; 12]);
    let active = async |user| {
        let all = cloud.enrolment_list_of_user(guid(user)).await.unwrap();
        all.iter().filter(|enrolment| enrolment.is_active()).count()
    };

    // By hand, or because it was disabled for long.
    let user = cloud.account_get(guid(1)).await.unwrap().unwrap().user;
    let after = User { deleted_at: Some(AT + 7), version: 2, ..user.clone() };
    assert_eq!(cloud.user_change_by_hand(&user, after, &administrator(), AT + 7).await.unwrap(), Done);
    assert_eq!((active(1).await, active(2).await), (0, 3));
    assert_eq!(cloud.enrolment_end_all_of(guid(2), AT + 8).await.unwrap(), 3);
    assert_eq!(cloud.enrolment_end_all_of(guid(2), AT + 8).await.unwrap(), 0, "again");

    // By an upload whose plan knows two of three places: it has done all of it.
    users(cloud, "u2", Kind::Removed, 3..=3).await;
    assert_eq!(active(3).await, 0);
    let ends = [1, 2].map(|class| ended(class, 3, 1, EndReason::UserRemoved));
    assert_eq!(enrolments(cloud, "u2", &ends).await, [Done; 2]);

    let later = AT + 7 + RECOVERABLE_DAYS * DAY + 1;
    assert_eq!(cloud.user_erase_gone(&school(), later).await.unwrap(), 2);
    assert_eq!(cloud.enrolment_list_of_user(guid(1)).await.unwrap(), []);
    for n in 1..=3 {
        let left: Vec<Guid> = members(cloud, n).await.into_iter().map(|enrolment| enrolment.user).collect();
        assert_eq!(left, [guid(2), guid(4)]);
    }
}

#[tokio::test]
async fn who_is_archived_leaves_every_class_even_if_that_is_stopped() {
    let line = Line::whole();
    let servers = support::start(Some(SharedInterceptor::new(line.clone()))).await;
    let cloud = &servers.cloud;
    organisation(cloud, 1, 3).await;
    let all: Vec<EnrolmentChange> = (1..=3).map(|class| enrolled(class, 1)).collect();
    assert_eq!(enrolments(cloud, "u1", &all).await, [Done; 3]);
    let user = cloud.account_get(guid(1)).await.unwrap().unwrap().user;
    let disabled = User { status: Status::Disabled, version: 2, ..user.clone() };
    assert_eq!(cloud.user_change_by_hand(&user, disabled, &administrator(), AT).await.unwrap(), Done);
    let rule = ArchiveRule { after_days: Some(1), ..ArchiveRule::default() };
    for allowed in 0.. {
        line.break_after(allowed);
        let archived = cloud.user_archive_disabled(&rule, AT + 2 * DAY).await;
        line.mend();
        if archived.is_ok() {
            break;
        }
    }
    assert!(cloud.account_get(guid(1)).await.unwrap().unwrap().user.deleted_at.is_some());
    let left = cloud.enrolment_list_of_user(guid(1)).await.unwrap();
    assert!(left.len() == 3 && left.iter().all(|enrolment| !enrolment.is_active()));
}
