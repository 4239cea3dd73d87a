//! Changes of users against a real table: done once, or told why not, and never half.

mod support;

use cloud::Cloud;
use cloud::changes::{Applying, MAX_EXCHANGE_WRITES, NewPassword, PasswordKind, Step};
use cloud::users::Listing;
use roster::accounts::{Rename, UsernameRule};
use roster::{
    Accounts, Change, Comparison, Diff, Directory, Fields, Grade, Guid, Kind, Mode, ModeSettings, Named, Reading,
    School, SchoolId, SchoolKind, Schools, Scope, Sender, Status, User, UserType,
};
use uuid::Uuid;
use wire::stored::Outcome;
use wire::upload::Decider;
use wire::{Decision, UploadId, Verdict};

const AT: u64 = 1_700_000_000_000;

fn guid(n: u128) -> Guid {
    Guid(Uuid::from_u128(n))
}

fn fields(n: u128, user_type: UserType) -> Fields {
    Fields {
        custom_id: format!("{n:05}"),
        first_name: format!("First{n}"),
        middle_name: String::new(),
        last_name: format!("Last{n}"),
        email: format!("User{n}@school.example"),
        school: SchoolId(if user_type == UserType::Administrator { "district" } else { "s1" }.to_owned()),
        user_type,
        position: String::new(),
        grade: Grade::Unspecified,
        status: Status::Active,
        username: format!("Name{n}"),
        roles: roster::Roles::default(),
        source: None,
    }
}

fn change(kind: Kind, n: u128, seen_version: Option<u64>, before: Option<Fields>, after: Option<Fields>) -> Change {
    Change {
        kind,
        guid: guid(n),
        row: Some(2),
        seen_version,
        before,
        after,
        password: None,
        restores: false,
        exchange: None,
        two_people: None,
        not_updated: Vec::new(),
    }
}

fn created(n: u128, user_type: UserType) -> Change {
    change(Kind::Created, n, None, None, Some(fields(n, user_type)))
}

fn updated(n: u128, seen: u64, before: Fields, after: Fields) -> Change {
    change(Kind::Updated, n, Some(seen), Some(before), Some(after))
}

fn deleted(n: u128, seen: u64, before: Fields) -> Change {
    Change { row: None, ..change(Kind::Removed, n, Some(seen), Some(before), None) }
}

async fn carry_out(cloud: &Cloud, upload: &str, changes: Vec<Change>) -> Vec<Outcome> {
    carry_out_by(cloud, upload, None, changes).await
}

async fn carry_out_by(cloud: &Cloud, upload: &str, by: Option<u128>, changes: Vec<Change>) -> Vec<Outcome> {
    let by = by.map(|n| Decider { guid: guid(n), username: format!("Name{n}"), key: None });
    let decision = Decision { verdict: Verdict::Approved, by, at: AT, digest: "d".to_owned(), rekeys: None };
    let upload = UploadId(upload.to_owned());
    let applying = Applying { upload: &upload, at: AT, now: AT + 5, decision: &decision };
    let password = |change: &Change| {
        (change.kind == Kind::Created).then(|| NewPassword {
            hash: format!("hash of {}", change.guid),
            kind: PasswordKind::Temporary,
            power: None,
        })
    };
    let steps = changes.into_iter().map(|change| Step { password: password(&change), change });
    cloud.change_carry_out(steps.collect(), &applying).await.unwrap()
}

async fn user(cloud: &Cloud, n: u128) -> User {
    cloud.account_get(guid(n)).await.unwrap().expect("the user is there").user
}

async fn directory(cloud: &Cloud) -> Vec<User> {
    let mut users: Vec<User> = cloud.directory_get().await.unwrap().iter().cloned().collect();
    users.sort_by_key(|user| user.guid);
    users
}

use Outcome::{Done, Drifted, Protected, Taken};

#[tokio::test]
async fn a_new_user_is_found_by_everything_that_is_its_own() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    assert_eq!(carry_out(cloud, "u1", vec![created(1, UserType::Teacher)]).await, [Done]);

    let account = cloud.account_get(guid(1)).await.unwrap().unwrap();
    assert_eq!(Fields::of(&account.user).unwrap(), fields(1, UserType::Teacher));
    assert_eq!((account.user.version, account.user.deleted_at), (1, None));
    assert_eq!(account.password_hash.as_deref(), Some(format!("hash of {}", guid(1)).as_str()));
    assert!(account.temporary_password);

    let named = |named: Named| async move {
        let directory: Directory = cloud.directory_get_named(&named).await.unwrap();
        directory.iter().map(|user| user.guid).collect::<Vec<_>>()
    };
    let text = |text: &str| [text.to_owned()].into();
    assert_eq!(named(Named { custom_ids: text("00001"), ..Named::default() }).await, [guid(1)]);
    assert_eq!(named(Named { usernames: text("name1"), ..Named::default() }).await, [guid(1)]);
    assert_eq!(named(Named { staff_emails: text("user1@school.example"), ..Named::default() }).await, [guid(1)]);
    assert_eq!(named(Named { guids: [guid(1)].into(), ..Named::default() }).await, [guid(1)]);
    assert_eq!(named(Named { guids: [guid(2)].into(), usernames: text("x"), ..Named::default() }).await, []);

    let history = cloud.history_list(guid(1)).await.unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!((history[0].kind, history[0].row, history[0].at), (Kind::Created, Some(2), AT));
}

#[tokio::test]
async fn what_is_done_stays_done_when_it_is_repeated() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    let all = || (0..60).map(|n| created(n, UserType::Student)).collect::<Vec<_>>();
    assert_eq!(carry_out(cloud, "u1", all()[..25].to_vec()).await, [Done; 25]);
    assert_eq!(carry_out(cloud, "u1", all()).await, [Done; 60]);
    let before = directory(cloud).await;
    assert_eq!(carry_out(cloud, "u1", all()).await, [Done; 60]);
    assert_eq!(directory(cloud).await, before);
    assert_eq!(before.len(), 60);
    assert!(before.iter().all(|user| user.version == 1));
    assert_eq!(cloud.history_list(guid(3)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_change_that_was_done_is_known_although_the_user_moved_on() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    let (old, new) =
        (fields(1, UserType::Student), Fields { first_name: "New".to_owned(), ..fields(1, UserType::Student) });
    carry_out(cloud, "u1", vec![created(1, UserType::Student)]).await;
    let update = updated(1, 1, old, new);
    assert_eq!(carry_out(cloud, "u2", vec![update.clone()]).await, [Done]);
    let seen = user(cloud, 1).await;
    let by = Decider { guid: guid(9), username: "admin".to_owned(), key: None };
    let after = User { first_name: "By hand".to_owned(), version: 3, ..seen.clone() };
    assert_eq!(cloud.user_change_by_hand(&seen, after, &by, AT + 1).await.unwrap(), Done);
    assert_eq!(carry_out(cloud, "u2", vec![update]).await, [Done]);
    assert_eq!(user(cloud, 1).await.first_name, "By hand");
}

#[tokio::test]
async fn a_user_that_drifted_is_left_alone_and_the_others_are_not() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    carry_out(cloud, "u1", (0..40).map(|n| created(n, UserType::Student)).collect()).await;
    let rename = |n: u128, seen| {
        let old = fields(n, UserType::Student);
        updated(n, seen, old.clone(), Fields { first_name: "New".to_owned(), ..old })
    };
    let changes = (0..40).map(|n| rename(n, if n % 10 == 3 { 7 } else { 1 })).collect();
    let outcomes = carry_out(cloud, "u2", changes).await;
    for (n, outcome) in outcomes.iter().enumerate() {
        let drifted = n % 10 == 3;
        assert_eq!(*outcome, if drifted { Drifted } else { Done });
        let name = user(cloud, n as u128).await.first_name;
        assert_eq!(name, if drifted { format!("First{n}") } else { "New".to_owned() });
    }
}

#[tokio::test]
async fn names_addresses_and_ids_belong_to_one_user() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    carry_out(cloud, "u1", vec![created(1, UserType::Teacher)]).await;
    let with = |edit: fn(&mut Fields)| {
        let mut new = fields(2, UserType::Staff);
        edit(&mut new);
        change(Kind::Created, 2, None, None, Some(new))
    };
    let same_name = with(|new| new.username = "NAME1".to_owned());
    let same_mail = with(|new| new.email = "USER1@school.example".to_owned());
    let same_id = with(|new| new.custom_id = "00001".to_owned());
    for taken in [same_name, same_mail, same_id] {
        assert_eq!(carry_out(cloud, "u2", vec![taken]).await, [Taken]);
    }
    assert_eq!(directory(cloud).await.len(), 1);
    // Nothing of the refused ones is left behind, and pupils may share an address.
    let mut pupil = fields(3, UserType::Student);
    pupil.email = "user1@school.example".to_owned();
    let pupil = change(Kind::Created, 3, None, None, Some(pupil));
    assert_eq!(carry_out(cloud, "u3", vec![created(2, UserType::Staff), pupil]).await, [Done, Done]);
}

#[tokio::test]
async fn names_and_addresses_are_exchanged_together_or_not_at_all() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    carry_out(cloud, "u1", (1..=3).map(|n| created(n, UserType::Teacher)).collect()).await;
    let around = |seen: [u64; 3]| -> Vec<Change> {
        let all = [1u128, 2, 3].map(|n| fields(n, UserType::Teacher));
        (0..3)
            .map(|i| {
                let next = &all[(i + 1) % 3];
                let after = Fields { username: next.username.clone(), email: next.email.clone(), ..all[i].clone() };
                Change { exchange: Some(7), ..updated(i as u128 + 1, seen[i], all[i].clone(), after) }
            })
            .collect()
    };
    assert_eq!(carry_out(cloud, "u2", around([1, 5, 1])).await, [Taken, Drifted, Taken]);
    assert_eq!(user(cloud, 1).await.username, "Name1");
    assert_eq!(carry_out(cloud, "u3", around([1, 1, 1])).await, [Done; 3]);
    assert_eq!(carry_out(cloud, "u3", around([1, 1, 1])).await, [Done; 3]);
    for (n, next) in [(1, 2), (2, 3), (3, 1)] {
        let found = cloud.account_get_by_username(&format!("name{next}")).await.unwrap().unwrap().user;
        assert_eq!((found.guid, found.email), (guid(n), format!("User{next}@school.example")));
    }
}

/// A circle of users in which each takes over the user name of the next and, unless it is a student, the address; of
/// the first `moving` teachers the custom ID changes, too.
fn exchanged(teachers: u128, students: u128, moving: u128) -> Vec<Fields> {
    let user_type = |n| if n <= teachers { UserType::Teacher } else { UserType::Student };
    let count = teachers + students;
    let after = |n: u128| {
        let own = fields(n, user_type(n));
        let next = fields(n % count + 1, UserType::Student);
        let next_teacher = fields(n % teachers + 1, UserType::Teacher);
        let email = if n <= teachers { next_teacher.email } else { own.email.clone() };
        let custom_id = if n <= moving { format!("new-{n}") } else { own.custom_id.clone() };
        Fields { custom_id, email, username: next.username, ..own }
    };
    (1..=count).map(after).collect()
}

/// What the domain makes of a roster with these users.
fn planned(directory: &Directory, users: &[Fields]) -> Diff {
    let header = "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,position,\
                  grade,status,username,user_guid";
    let row = |(n, f): (u128, &Fields)| {
        let Fields { first_name, last_name, email, custom_id, username, .. } = f;
        let user_type = f.user_type.as_str();
        format!("{first_name},{last_name},,{email},{custom_id},S1,{user_type},,,Active,{username},{}\n", guid(n))
    };
    let rows: String = (1..).zip(users).map(row).collect();
    let (parsed, _) = roster::parse(format!("{header}\n{rows}").as_bytes(), &Reading::strict());
    let school = School {
        id: SchoolId("s1".to_owned()),
        external_id: "S1".to_owned(),
        name: "North".to_owned(),
        kind: SchoolKind::School,
    };
    let (schools, settings) = (Schools::new(vec![school]), ModeSettings::default());
    let (valid, findings) = roster::validate(&parsed.unwrap(), &schools, &Scope::Organisation, &settings);
    assert!(valid.rejected.is_empty(), "{findings:#?}");
    let comparison = Comparison {
        mode: Mode::Partial,
        sender: Sender::default(),
        scope: Scope::Organisation,
        settings: &settings,
        accounts: &Accounts {
            usernames: UsernameRule { rename: Rename::Column, ..Default::default() },
            ..Default::default()
        },
        now: AT,
        schools: &schools,
        max_exchange_writes: MAX_EXCHANGE_WRITES,
        guid_seed: [1; 32],
        password_is_current: &|_, _| false,
    };
    roster::diff(valid, directory, &comparison).of_everybody().0
}

#[tokio::test]
async fn the_largest_exchange_that_is_planned_is_carried_out_in_one_transaction() {
    // Of a teacher 2 writes, 2 more where the custom ID changes, and 1 for the name and 1 for the address; of a student
    // 2 and the name.
    for (teachers, students, moving, fits) in
        [(16, 1, 16, true), (15, 3, 15, true), (16, 2, 16, false), (17, 0, 16, false), (13, 7, 13, true)]
    {
        let servers = support::start(None).await;
        let cloud = &servers.cloud;
        let user_type = |n| if n <= teachers { UserType::Teacher } else { UserType::Student };
        carry_out(cloud, "u1", (1..=teachers + students).map(|n| created(n, user_type(n))).collect()).await;
        let after = exchanged(teachers, students, moving);
        let directory = cloud.directory_get().await.unwrap();
        let changes = planned(&directory, &after).changes;
        assert_eq!(changes.len(), if fits { after.len() } else { 0 }, "{teachers} {students} {moving}");
        assert!(changes.iter().all(|change| change.exchange.is_some()));
        let done = carry_out(cloud, "u2", changes).await;
        assert!(done.iter().all(|outcome| *outcome == Done), "{teachers} {students} {moving}: {done:?}");
    }
}

fn renamed(n: u128, seen: u64, from: &str, to: &str) -> Change {
    let named = |username: &str| Fields { username: username.to_owned(), ..fields(n, UserType::Student) };
    change(Kind::Renamed, n, Some(seen), Some(named(from)), Some(named(to)))
}

#[tokio::test]
async fn a_user_name_that_somebody_had_is_never_given_to_anybody_else() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    carry_out(cloud, "u1", (1..=2).map(|n| created(n, UserType::Student)).collect()).await;
    assert_eq!(carry_out(cloud, "u2", vec![renamed(1, 1, "Name1", "new")]).await, [Done]);
    assert_eq!(carry_out(cloud, "u2", vec![renamed(1, 1, "Name1", "new")]).await, [Done], "once more");
    assert_eq!(user(cloud, 1).await.former_usernames, ["name1"]);
    // Nobody signs in with it, and nobody else gets it, also by a plan from before.
    assert!(cloud.account_get_by_username("name1").await.unwrap().is_none());
    assert!(cloud.account_get_by_username("NEW").await.unwrap().is_some());
    let new = Fields { username: "NAME1".to_owned(), ..fields(3, UserType::Student) };
    let new = change(Kind::Created, 3, None, None, Some(new));
    assert_eq!(carry_out(cloud, "u3", vec![new, renamed(2, 1, "Name2", "name1")]).await, [Taken, Taken]);
    let asked = Named { usernames: ["name1".to_owned()].into(), ..Named::default() };
    let directory = cloud.directory_get_named(&asked).await.unwrap();
    assert_eq!(directory.by_username("Name1").map(|user| user.guid), Some(guid(1)));
    assert!(directory.knows_username("NAME1") && !directory.knows_username("name2"));
    // It may come back to whom it was, and stays reserved with the custom ID changed.
    assert_eq!(carry_out(cloud, "u4", vec![renamed(1, 2, "new", "Name1")]).await, [Done]);
    let mut moved = renamed(1, 3, "Name1", "newer");
    moved.after.as_mut().unwrap().custom_id = "77777".to_owned();
    assert_eq!(carry_out(cloud, "u5", vec![moved]).await, [Done]);
    let mut former = user(cloud, 1).await.former_usernames;
    former.sort();
    assert_eq!(former, ["name1", "new"]);
    assert_eq!(carry_out(cloud, "u6", vec![renamed(2, 1, "Name2", "new")]).await, [Taken]);
}

#[tokio::test]
async fn a_circle_of_three_hands_names_over() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    carry_out(cloud, "u1", (1..=3).map(|n| created(n, UserType::Student)).collect()).await;
    let name = |n: u128| format!("Name{}", (n - 1) % 3 + 1);
    let around = |upload: &'static str, seen: u64, step: u128| async move {
        let hand_on = |n| Change { exchange: Some(1), ..renamed(n, seen, &name(n + step), &name(n + step + 1)) };
        carry_out(cloud, upload, (1..=3).map(hand_on).collect()).await
    };
    assert_eq!(around("u2", 1, 0).await, [Done; 3]);
    assert_eq!(around("u3", 2, 1).await, [Done; 3]);
    for n in 1..=3 {
        let found = user(cloud, n).await;
        assert_eq!((found.username, found.former_usernames), (name(n + 2), Vec::new()));
    }
    // Who leaves the circle takes the name along for ever.
    assert_eq!(carry_out(cloud, "u4", vec![renamed(1, 3, "Name3", "one")]).await, [Done]);
    assert_eq!(carry_out(cloud, "u5", vec![renamed(3, 3, "Name2", "Name3")]).await, [Taken]);
    assert_eq!(carry_out(cloud, "u6", vec![renamed(1, 4, "one", "Name3")]).await, [Done]);
}

#[tokio::test]
async fn a_custom_id_changes_and_everything_else_stays() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    carry_out(cloud, "u1", vec![created(1, UserType::Student), created(2, UserType::Student)]).await;
    let old = fields(1, UserType::Student);
    let taken = updated(1, 1, old.clone(), Fields { custom_id: "00002".to_owned(), ..old.clone() });
    assert_eq!(carry_out(cloud, "u2", vec![taken]).await, [Taken]);
    let drifted = updated(1, 2, old.clone(), Fields { custom_id: "99999".to_owned(), ..old.clone() });
    assert_eq!(carry_out(cloud, "u3", vec![drifted]).await, [Drifted]);
    let corrected = updated(1, 1, old.clone(), Fields { custom_id: "99999".to_owned(), ..old });
    assert_eq!(carry_out(cloud, "u4", vec![corrected.clone()]).await, [Done]);
    assert_eq!(carry_out(cloud, "u4", vec![corrected]).await, [Done]);
    let account = cloud.account_get(guid(1)).await.unwrap().unwrap();
    assert_eq!(account.user.custom_id.as_deref(), Some("99999"));
    assert_eq!(account.user.version, 2);
    assert_eq!(account.password_hash.as_deref(), Some(format!("hash of {}", guid(1)).as_str()));
    assert_eq!(directory(cloud).await.len(), 2);
    let (listed, _) = cloud.user_list_by_school(&SchoolId("s1".to_owned()), Listing::Present, None, 10).await.unwrap();
    assert_eq!(listed.len(), 2);
}

#[tokio::test]
async fn a_deleted_user_leaves_the_lists_and_comes_back_the_same() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    let teacher = fields(1, UserType::Teacher);
    carry_out(cloud, "u1", vec![created(1, UserType::Teacher)]).await;
    assert_eq!(carry_out(cloud, "u2", vec![deleted(1, 1, teacher.clone())]).await, [Done]);
    assert_eq!(carry_out(cloud, "u2", vec![deleted(1, 1, teacher.clone())]).await, [Done]);
    let gone = user(cloud, 1).await;
    assert_eq!((gone.deleted_at, gone.version), (Some(AT), 2));
    let school = SchoolId("s1".to_owned());
    assert_eq!(cloud.user_list_by_school(&school, Listing::Present, None, 10).await.unwrap().0, []);
    let (deleted, _) = cloud.user_list_by_school(&school, Listing::Deleted, None, 10).await.unwrap();
    assert_eq!(deleted.into_iter().map(|listed| listed.user).collect::<Vec<_>>(), [gone]);

    // The address is free for a successor, the user name is not.
    let successor = Fields { email: teacher.email.clone(), ..fields(2, UserType::Teacher) };
    let namesake = Fields { username: "name1".to_owned(), ..fields(3, UserType::Teacher) };
    let new = |n, fields| change(Kind::Created, n, None, None, Some(fields));
    assert_eq!(carry_out(cloud, "u3", vec![new(2, successor), new(3, namesake)]).await, [Done, Taken]);

    let back = |email: &str| Change {
        restores: true,
        ..change(
            Kind::Reactivated,
            1,
            Some(2),
            Some(teacher.clone()),
            Some(Fields { email: email.to_owned(), ..teacher.clone() }),
        )
    };
    assert_eq!(carry_out(cloud, "u4", vec![back(&teacher.email)]).await, [Taken]);
    assert_eq!(carry_out(cloud, "u5", vec![back("again@school.example")]).await, [Done]);
    let again = user(cloud, 1).await;
    assert_eq!((again.deleted_at, again.version, again.guid), (None, 3, guid(1)));
    assert_eq!(cloud.user_list_by_school(&school, Listing::Present, None, 10).await.unwrap().0.len(), 2);
}

#[tokio::test]
async fn somebody_can_always_sign_in() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    let admins = |n: std::ops::RangeInclusive<u128>| n.map(|n| created(n, UserType::Administrator)).collect::<Vec<_>>();
    carry_out(cloud, "u1", admins(1..=3)).await;
    let admin = |n| fields(n, UserType::Administrator);
    let all = || vec![deleted(1, 1, admin(1)), deleted(2, 1, admin(2)), deleted(3, 1, admin(3))];
    let outcomes = carry_out(cloud, "u2", all()).await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Done).count(), 2);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Protected).count(), 1);
    let repeated = carry_out(cloud, "u2", all()).await;
    assert_eq!(repeated, outcomes);

    let left = 1 + outcomes.iter().position(|outcome| *outcome == Protected).unwrap() as u128;
    let disabled = Fields { status: Status::Disabled, ..admin(left) };
    let demoted = Fields { user_type: UserType::Staff, ..admin(left) };
    let moved = Fields { school: SchoolId("s1".to_owned()), ..admin(left) };
    for after in [disabled, demoted, moved] {
        assert_eq!(carry_out(cloud, "u3", vec![updated(left, 1, admin(left), after)]).await, [Protected]);
    }
    carry_out(cloud, "u4", admins(4..=4)).await;
    assert_eq!(carry_out(cloud, "u5", vec![deleted(left, 1, admin(left))]).await, [Done]);
}

#[tokio::test]
async fn who_approves_is_not_removed_by_it() {
    let servers = support::start(None).await;
    let cloud = &servers.cloud;
    carry_out(cloud, "u1", (1..=3).map(|n| created(n, UserType::Administrator)).collect()).await;
    let admin = |n| fields(n, UserType::Administrator);
    let renamed = updated(2, 1, admin(2), Fields { first_name: "New".to_owned(), ..admin(2) });
    let outcomes = carry_out_by(cloud, "u2", Some(1), vec![deleted(1, 1, admin(1)), renamed]).await;
    assert_eq!(outcomes, [Protected, Done]);
    let disabled = updated(1, 1, admin(1), Fields { status: Status::Disabled, ..admin(1) });
    assert_eq!(carry_out_by(cloud, "u3", Some(1), vec![disabled]).await, [Protected]);
    let moved = updated(1, 1, admin(1), Fields { school: SchoolId("s1".to_owned()), ..admin(1) });
    assert_eq!(carry_out_by(cloud, "u4", Some(1), vec![moved]).await, [Protected]);
    assert_eq!(carry_out_by(cloud, "u5", Some(2), vec![deleted(1, 1, admin(1))]).await, [Done]);
}
