//! Carrying plans out: halfway, side by side, and when the world has moved on since.

use local::FunctionKind;
use reqwest::Method;
use roster::{Code, Mode};
use tests::town::{Town, approval_of};
use wire::http::{CustomIdEdit, Me, OwnPassword};
use wire::{FileKind, Status, Upload};

use super::{roster, student, students};

#[tokio::test]
async fn a_plan_whose_function_is_killed_is_carried_out_in_the_end() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let id = head.upload(Mode::Partial, "roster.csv", students(5_000, "10001", "9")).await;
    let planned = head.wait_for_plan(&id).await;
    head.approve(&planned).await;
    while town.system.kill(FunctionKind::Apply) == 0 {
        assert!(!head.detail(&id).await.upload.status.is_final(), "too fast to be killed");
        tokio::task::yield_now().await;
    }
    let ended = head.wait_for_end(&id).await;
    assert_eq!(ended.status, Status::Completed, "{ended:#?}");
    town.system.settled().await;
    let users = town.managed_users().await;
    assert_eq!(users.len(), 5_000);
    assert!(users.iter().all(|user| user.version == 1), "nobody was written twice");
    let completed = String::from_utf8(head.file(&id, FileKind::Completed).await).unwrap();
    assert_eq!(completed.lines().count(), 5_001);
    let history = head.user(users[4_999].guid).await.history;
    assert_eq!(history.len(), 1);
}

#[tokio::test]
async fn a_user_that_was_changed_meanwhile_is_left_alone_and_reported() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    town.sync(&head, Mode::Partial, students(12, "10001", "9")).await;

    let id = head.upload(Mode::Full, "roster.csv", students(11, "10001", "10")).await;
    let planned = head.wait_for_plan(&id).await;
    for (old, new) in [("S00003", "X3"), ("S00011", "X11")] {
        let user = town.user(old).await;
        let edit = CustomIdEdit { custom_id: new.into(), version: user.version };
        let path = format!("users/{}/custom-id", user.guid);
        head.ask::<wire::http::UserDetail>(Method::PUT, &path, &edit).await;
    }
    head.approve(&planned).await;
    let ended = head.wait_for_end(&id).await;
    assert_eq!((ended.status, ended.left_alone), (Status::CompletedWithErrors, 2), "{ended:#?}");
    assert_eq!(ended.findings, [(Code::UserDrifted, 2)].into());
    assert_eq!(town.user("X3").await.grade, roster::Grade::G9);
    assert_eq!(town.user("X11").await.deleted_at, None, "nor is who would have been removed");
    assert_eq!(town.user("S00004").await.grade, roster::Grade::G10);
    let errors = String::from_utf8(head.file(&id, FileKind::Errors).await).unwrap();
    assert_eq!(errors.lines().count(), 2, "the row of the one that has a row: {errors}");
    assert!(errors.contains("S00003"));
}

#[tokio::test]
async fn a_user_name_that_was_taken_meanwhile_is_reported() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let headers = format!("{},username", super::HEADERS);
    let mut plans = Vec::new();
    for custom_id in ["N1", "N2"] {
        let row = format!("{},nia", student(custom_id, "10001", "9"));
        let id = head.upload(Mode::Partial, "roster.csv", format!("{headers}\n{row}\n")).await;
        plans.push(head.wait_for_plan(&id).await);
    }
    let mut ended = Vec::new();
    for plan in &plans {
        head.approve(plan).await;
        ended.push(head.wait_for_end(&plan.id).await);
    }
    let ended: [Upload; 2] = ended.try_into().unwrap();
    assert_eq!(ended[0].status, Status::Completed);
    assert_eq!((ended[1].status, ended[1].left_alone), (Status::CompletedWithErrors, 1));
    assert_eq!(ended[1].findings, [(Code::TakenMeanwhile, 1)].into());
    assert_eq!(ended.map(|upload| upload.counts_done().map(|counts| counts.created)), [Some(1), Some(0)]);
    assert_eq!(town.managed_users().await.len(), 1);
}

#[tokio::test]
async fn two_administrators_who_approve_at_once_apply_the_plan_once() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let deputy = town.administrator("deputy", "10000").await;
    let id = head.upload(Mode::Partial, "roster.csv", students(300, "10001", "9")).await;
    let planned = head.wait_for_plan(&id).await;
    let path = format!("uploads/{id}/approve");
    let approval = approval_of(&planned);
    let (one, two) =
        tokio::join!(head.send(Method::POST, &path, &approval), deputy.send(Method::POST, &path, &approval));
    assert!(one.status().is_success() || two.status().is_success());
    for answer in [one, two] {
        assert!(answer.status().is_success() || answer.status() == 409, "{}", answer.status());
    }
    let ended = head.wait_for_end(&id).await;
    town.system.settled().await;
    assert_eq!((ended.status, ended.left_alone), (Status::Completed, 0));
    assert!(ended.decision.unwrap().by.is_some());
    let users = town.managed_users().await;
    assert_eq!(users.len(), 300);
    assert!(users.iter().all(|user| user.version == 1));
    assert_eq!(head.user(users[0].guid).await.history.len(), 1);
}

#[tokio::test]
async fn plans_are_applied_one_at_a_time() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let mut plans = Vec::new();
    for school in ["10001", "10002"] {
        let rows: Vec<String> = (0..2_000).map(|i| student(&format!("{school}-{i}"), school, "9")).collect();
        let rows = roster(&rows.iter().map(String::as_str).collect::<Vec<_>>());
        let id = head.upload(Mode::Partial, "roster.csv", rows).await;
        plans.push(head.wait_for_plan(&id).await);
    }
    tokio::join!(head.approve(&plans[0]), head.approve(&plans[1]));
    loop {
        let (one, two) = tokio::join!(head.detail(&plans[0].id), head.detail(&plans[1].id));
        let (one, two) = (one.upload, two.upload);
        // Each was asked for at its own moment, so ask again before saying that both are at work.
        if one.status == Status::InProgress && two.status == Status::InProgress {
            let again = head.detail(&plans[0].id).await.upload;
            assert!(again.status.is_final(), "both plans are being applied");
        }
        if one.status.is_final() && two.status.is_final() {
            assert_eq!((one.status, two.status), (Status::Completed, Status::Completed));
            break;
        }
    }
    assert_eq!(town.managed_users().await.len(), 4_000);
}

#[tokio::test]
async fn the_administrator_who_approves_is_not_removed() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let headers = format!("{},password,username", super::HEADERS);
    let one = "Ada,One,,one@town.example,A1,10000,Administrator,,,Active,violet tractor 9,one";
    town.sync(&head, Mode::Partial, format!("{headers}\n{one}\n")).await;
    let one = town.sign_in("one", "violet tractor 9").await;
    let asked = OwnPassword { current: None, new: "another violet tractor".to_owned() };
    let _: Me = one.ask(Method::PUT, "session/password", &asked).await;
    let ended = town.sync(&one, Mode::Full, roster(&[&student("N1", "10001", "9")])).await;
    assert_eq!((ended.status, ended.left_alone), (Status::CompletedWithErrors, 1), "{ended:#?}");
    assert_eq!(ended.findings, [(Code::UserProtected, 1)].into());
    assert_eq!(town.user("A1").await.deleted_at, None);
    let ended = town.sync(&head, Mode::Full, roster(&[&student("N1", "10001", "9")])).await;
    assert_eq!((ended.status, ended.left_alone), (Status::Completed, 0), "{ended:#?}");
    assert!(town.user("A1").await.deleted_at.is_some(), "another administrator may remove them");
}

#[tokio::test]
async fn a_deleted_user_comes_back_with_the_same_guid() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    town.sync(&head, Mode::Partial, students(3, "10001", "9")).await;
    let before = town.user("S00002").await;
    town.sync(&head, Mode::Full, students(2, "10001", "9")).await;
    assert!(town.user("S00002").await.deleted_at.is_some());
    let ended = town.sync(&head, Mode::Full, students(3, "10001", "10")).await;
    let counts = ended.counts.unwrap();
    assert_eq!((counts.reactivated, counts.updated), (1, 2));
    let after = town.user("S00002").await;
    assert_eq!((after.guid, after.deleted_at), (before.guid, None));
    let completed = String::from_utf8(head.file(&ended.id, FileKind::Completed).await).unwrap();
    let row = completed.lines().find(|line| line.contains("S00002")).unwrap();
    assert!(row.ends_with(",reactivated") && !row.ends_with(",,reactivated"), "a new temporary password: {row}");
}

#[tokio::test]
async fn teachers_exchange_their_addresses() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let teacher = |id: &str, email: &str| format!("Tom,Teacher {id},,{email}@town.example,{id},10001,Teacher,,,Active");
    let before = [teacher("T1", "one"), teacher("T2", "two"), teacher("T3", "three")];
    town.sync(&head, Mode::Partial, roster(&before.each_ref().map(String::as_str))).await;
    let after = [teacher("T1", "two"), teacher("T2", "one"), teacher("T4", "three")];
    let ended = town.sync(&head, Mode::Full, roster(&after.each_ref().map(String::as_str))).await;
    assert_eq!((ended.status, ended.left_alone), (Status::Completed, 0), "{ended:#?}");
    assert_eq!(town.user("T1").await.email, "two@town.example");
    assert_eq!(town.user("T2").await.email, "one@town.example");
    assert_eq!(town.user("T4").await.email, "three@town.example");
    assert!(town.user("T3").await.deleted_at.is_some());
}
