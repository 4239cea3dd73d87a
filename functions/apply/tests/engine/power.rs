//! What a roster can't give to anybody, nor take from anybody, beyond what whoever sent it may do.

use cloud::bucket::keys;
use cloud::tickets::Ticket;
use cloud::uploads::upload_id;
use cloud::users::Account;
use roster::{Hold, Mode, PasswordSource, Scope};
use runtime::passwords;
use wire::stored::{KeyId, UsedKey};
use wire::upload::Decider;
use wire::{Source, Status, Upload};

use crate::organisation::{HEADER, Organisation};

const SETTINGS: &str = r#"{"partial":{"requires_approval":false,"update_password":true}}"#;
const ANN: &str = "Ann,Ash,,ann@a.example,T1,A,Teacher,,,Active";
const SECRET: &str = "violet-tractor-9";

/// Drops a file with these rows, which end with a password.
async fn drop_with_passwords(o: &Organisation, name: &str, rows: &[&str]) {
    let roster = format!("{HEADER},password\n{}\n", rows.join("\n"));
    o.cloud().object_put(&format!("inbox/partial/{name}"), roster).await.unwrap();
    o.settle().await;
}

async fn account_of(o: &Organisation, id: &str) -> Account {
    o.cloud().account_get(o.guid(id).await).await.unwrap().unwrap()
}

async fn last(o: &Organisation, name: &str) -> Upload {
    o.uploads().await.into_iter().find(|upload| upload.file_name == name).unwrap()
}

/// The sources of the passwords that a plan gives, by custom ID.
async fn given(o: &Organisation, upload: &Upload) -> Vec<(String, Option<PasswordSource>)> {
    let head = o.cloud().plan_head_get(&upload.id, upload.digest.as_ref().unwrap()).await.unwrap();
    let mut given = Vec::new();
    for (n, chunk) in (0..).zip(&head.chunks) {
        let changes = o.cloud().plan_changes_get(upload, n, chunk).await.unwrap();
        given.extend(changes.iter().map(|change| (change.shown().unwrap().custom_id.clone(), change.password)));
    }
    given.sort_by(|a, b| a.0.cmp(&b.0));
    given
}

#[tokio::test]
async fn whoever_may_do_more_keeps_no_password_that_others_may_know() {
    let mut o = Organisation::new(None).await;
    o.settings(SETTINGS).await;
    let row = |id: &str, user_type: &str, school: &str, password: &str| {
        format!("Pat,Lee,,{id}@a.example,{id},{school},{user_type},,,Active,{password}")
    };
    let before = [
        row("file", "Teacher", "A", SECRET),
        row("slip", "Teacher", "A", ""),
        row("own", "Teacher", "A", SECRET),
        row("same", "Teacher", "A", SECRET),
    ];
    drop_with_passwords(&o, "1.csv", &before.each_ref().map(String::as_str)).await;
    let own = passwords::hash("another violet tractor").unwrap();
    assert_eq!(
        o.cloud().password_set_own(&account_of(&o, "own").await, &own, o.now).await.unwrap(),
        cloud::table::WriteOutcome::Written
    );
    let slip = account_of(&o, "slip").await.password_hash;

    o.now += 1000;
    let after = [
        row("file", "Administrator", "A", ""),
        row("slip", "Administrator", "A", ""),
        row("own", "Administrator", "A", ""),
        row("same", "Staff", "B", ""),
    ];
    drop_with_passwords(&o, "2.csv", &after.each_ref().map(String::as_str)).await;
    let upload = last(&o, "2.csv").await;
    assert_eq!((upload.status, &upload.holds[..]), (Status::AwaitingApproval, &[Hold::FromBucket][..]));
    let temporary = Some(PasswordSource::Temporary);
    let expected = [("file", temporary), ("own", None), ("same", None), ("slip", temporary)];
    assert_eq!(given(&o, &upload).await, expected.map(|(id, source)| (id.to_owned(), source)));
    let plan = o.file(&upload, wire::FileKind::Plan).await;
    assert_eq!(plan.lines().filter(|line| line.ends_with("password,,temporary")).count(), 2, "{plan}");

    o.approve(&upload).await;
    o.settle().await;
    let completed = o.credentials(&o.upload(&upload.id).await).await.unwrap();
    let told = completed.lines().filter(|line| line.ends_with(",updated with a new temporary password")).count();
    assert_eq!(told, 2, "{completed}");
    let file = account_of(&o, "file").await;
    assert!(file.temporary_password && !passwords::verify(SECRET, file.password_hash.as_deref()));
    assert_ne!(account_of(&o, "slip").await.password_hash, slip);
    assert!(account_of(&o, "own").await.own_password);
    assert!(passwords::verify(SECRET, account_of(&o, "same").await.password_hash.as_deref()), "staff may do no more");
    let power = file.password_power.unwrap();
    assert!(power.school.is_some() && power.permissions.contains(&roster::Permission::Upload));
    o.assert_at_rest().await;
}

#[tokio::test]
async fn a_file_in_the_bucket_waits_where_it_is_about_powerful_accounts() {
    let o = Organisation::new(None).await;
    o.settings(SETTINGS).await;
    let eve = "Eve,Elm,,eve@a.example,E1,A,Administrator,,,Active,";
    drop_with_passwords(&o, "usual.csv", &[&format!("{ANN},"), "Ben,Birch,,,00123,A,Student,,4,Active,"]).await;
    assert_eq!(last(&o, "usual.csv").await.status, Status::Completed, "students and teachers need nobody");
    drop_with_passwords(&o, "makes.csv", &[eve]).await;
    let makes = last(&o, "makes.csv").await;
    assert_eq!((makes.status, &makes.holds[..]), (Status::AwaitingApproval, &[Hold::FromBucket][..]));
    o.approve(&makes).await;
    o.settle().await;

    for (name, row) in [
        ("password.csv", format!("{eve}{SECRET}")),
        ("address.csv", eve.replace("eve@", "mallory@")),
        ("disables.csv", eve.replace("Active", "Disabled")),
    ] {
        drop_with_passwords(&o, name, &[&row]).await;
        let upload = last(&o, name).await;
        assert_eq!((upload.status, &upload.holds[..]), (Status::AwaitingApproval, &[Hold::FromBucket][..]), "{name}");
    }
    drop_with_passwords(&o, "title.csv", &[&eve.replace(",Administrator,,", ",Administrator,Head,")]).await;
    assert_eq!(last(&o, "title.csv").await.status, Status::Completed, "that gives nobody anything");

    let unattended = r#"{"partial":{"requires_approval":false},"accounts":{"roles":{"bucket_unattended":true}}}"#;
    o.settings(unattended).await;
    drop_with_passwords(&o, "again.csv", &["Max,Oak,,max@a.example,E2,A,Administrator,,,Active,"]).await;
    assert_eq!(last(&o, "again.csv").await.status, Status::Completed, "where the settings say so");
}

#[tokio::test]
async fn nobody_closes_the_account_of_who_may_do_more() {
    let o = Organisation::new(None).await;
    let school = o.cloud().school_list().await.unwrap().by_external_id("A").unwrap().id.clone();
    o.drop("inbox/partial/1.csv", &[ANN, &ANN.replace("T1", "T2").replace("ann@", "two@")]).await;
    o.settle().await;
    let by = Decider { guid: o.admin.guid, username: "head".to_owned(), key: None };
    for (id, roles) in [("T1", "school_administrator"), ("T2", "read_only_auditor")] {
        let user = o.user(id).await.unwrap();
        let roles = roster::Roles::read(roles);
        let after = roster::User { roles, version: user.version + 1, ..user.clone() };
        assert_eq!(o.cloud().user_change_by_hand(&user, after, &by, o.now).await.unwrap(), wire::stored::Outcome::Done);
    }
    let (ann, tess) = (o.user("T1").await.unwrap(), o.user("T2").await.unwrap().guid);
    let settings = r#"{"partial":{"requires_approval":false},"full":{"requires_approval":false,
        "limits":{"overall":{},"per_school":{},"per_user_type":{},"shrink_percent":null}}}"#;
    o.settings(settings).await;
    let holds_of = async |n: u8, mode: Mode, by_hand: bool, rows: &[&str]| {
        let id = upload_id(o.now, [n; 10]);
        let ticket = Ticket {
            key: keys::inbox(mode, &id, "school.csv"),
            id: id.clone(),
            mode,
            by_hand,
            scope: Scope::School(school.clone()),
            source: Source::Administrator { guid: ann.guid, username: "T1".to_owned(), key: None },
            of_source: None,
            file_name: "school.csv".to_owned(),
            encoding: None,
            sheet: None,
            checked: None,
            bytes: 1,
            sha256: None,
            created_at: o.now,
        };
        o.cloud().ticket_put(&ticket).await.unwrap();
        // What is typed about a user who is there has its GUID.
        let roster = if by_hand {
            format!("{HEADER},user_guid\n{},{tess}\n", rows[0])
        } else {
            format!("{HEADER}\n{}\n", rows.join("\n"))
        };
        o.cloud().object_put(&ticket.key, roster).await.unwrap();
        o.settle().await;
        o.upload(&id).await.holds
    };
    let two = ANN.replace("T1", "T2").replace("ann@", "two@").replace("Ann", "Tess");
    assert_eq!(holds_of(1, Mode::Partial, false, &[&two.replace("Active", "Disabled")]).await, [Hold::ClosesMore]);
    assert_eq!(holds_of(2, Mode::Full, false, &[ANN]).await, [Hold::ClosesMore]);
    assert_eq!(holds_of(3, Mode::Full, false, &[ANN, &two]).await, [], "nobody is closed");
    let by_hand = holds_of(4, Mode::Partial, true, &[&two.replace("Active", "Disabled")]).await;
    assert_eq!(by_hand, [Hold::ApprovalRequired, Hold::ClosesMore], "by hand it is no other");
    let sentence = Hold::ClosesMore.sentence(|_| None);
    assert_eq!(sentence, "The plan disables or removes accounts that may do more than the one who uploaded the file.");
}

#[tokio::test]
async fn a_file_that_a_program_sends_is_held_where_it_is_about_powerful_accounts() {
    let o = Organisation::new(None).await;
    o.settings(r#"{"partial":{"requires_approval":false}}"#).await;
    let holds_of = async |n: u8, key: Option<UsedKey>, row: &str| {
        let id = upload_id(o.now, [n; 10]);
        let ticket = Ticket {
            key: keys::inbox(Mode::Partial, &id, "night.csv"),
            id: id.clone(),
            mode: Mode::Partial,
            by_hand: false,
            scope: Scope::Organisation,
            source: Source::Administrator { guid: o.admin.guid, username: "head".to_owned(), key },
            of_source: None,
            file_name: "night.csv".to_owned(),
            encoding: None,
            sheet: None,
            checked: None,
            bytes: 1,
            sha256: None,
            created_at: o.now,
        };
        o.cloud().ticket_put(&ticket).await.unwrap();
        o.cloud().object_put(&ticket.key, format!("{HEADER}\n{row}\n")).await.unwrap();
        o.settle().await;
        o.upload(&id).await.holds
    };
    let key = || Some(UsedKey { id: KeyId("0123456789abcdef".to_owned()), name: "Night".to_owned() });
    let chief = |id: &str, name: &str| format!("{name},,{id}@a.example,{id},A,Administrator,,,Active");
    assert_eq!(holds_of(1, None, &chief("E1", "Eve,Elm")).await, [], "whoever sends it may do as much");
    assert_eq!(
        holds_of(2, key(), &chief("E2", "Max,Oak")).await,
        [Hold::HandsOutMore],
        "whoever finds the key may not"
    );
    assert_eq!(holds_of(3, key(), &chief("E1", "Eve,Elm").replace("Active", "Disabled")).await, [Hold::ClosesMore]);
    assert_eq!(holds_of(4, key(), ANN).await, [], "teachers are everyday business");
}

#[tokio::test]
async fn a_password_of_a_file_works_once_unless_the_settings_say_otherwise() {
    let o = Organisation::new(None).await;
    o.settings(SETTINGS).await;
    drop_with_passwords(&o, "1.csv", &[&format!("{ANN},{SECRET}")]).await;
    let lasting = r#"{"partial":{"requires_approval":false},"accounts":{"passwords":{"file_once":false}}}"#;
    o.settings(lasting).await;
    let two = ANN.replace("T1", "T2").replace("ann@", "two@").replace("Ann,Ash", "Tess,Birch");
    drop_with_passwords(&o, "2.csv", &[&format!("{two},{SECRET}")]).await;
    for (id, once) in [("T1", true), ("T2", false)] {
        let account = account_of(&o, id).await;
        assert_eq!((account.temporary_password, account.own_password), (once, false), "{id}");
        assert_eq!(account.temporary_since, once.then_some(o.now), "{id}: it expires like others");
        assert!(passwords::verify(SECRET, account.password_hash.as_deref()));
    }
}

#[tokio::test]
async fn a_weak_password_of_a_file_is_nobodys() {
    let o = Organisation::new(None).await;
    o.settings(SETTINGS).await;
    drop_with_passwords(&o, "1.csv", &[&format!("{ANN},password1")]).await;
    let upload = last(&o, "1.csv").await;
    assert_eq!(upload.findings[&roster::Code::PasswordWeak], 1);
    let account = account_of(&o, "T1").await;
    assert!(account.temporary_password && !passwords::verify("password1", account.password_hash.as_deref()));
}
