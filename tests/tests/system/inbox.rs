//! Files that are dropped into the bucket, and events that come twice, late or halfway.

use std::collections::BTreeSet;

use local::FunctionKind;
use roster::{Mode, NamedSource, Scope, SourceId};
use tests::town::{Admin, Town};
use wire::{Source, Status, Upload};

use super::{roster, student, students, teacher};

#[tokio::test]
async fn a_file_dropped_into_the_bucket_is_an_upload() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    town.drop_file("inbox/full/2026/roster.csv", students(3, "10001", "9")).await;
    let upload = dropped(&town, &head, "roster.csv").await;
    assert_eq!((upload.mode, upload.status), (Mode::Full, Status::AwaitingApproval));
    assert_eq!(upload.source, Source::Bucket { key: "inbox/full/2026/roster.csv".into() });
    assert_eq!(town.cloud.object_list("inbox/").await.unwrap().len(), 0, "the file itself is gone");
    head.approve(&upload).await;
    assert_eq!(head.wait_for_end(&upload.id).await.status, Status::Completed);
    assert_eq!(town.managed_users().await.len(), 3);
}

#[tokio::test]
async fn file_names_may_be_odd() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let names =
        ["a b.csv", "a+b.csv", "100%.csv", "a%20b.csv", "Ümläute 5ß.csv", "日本.csv", "a&b=c?d#e.csv", "x.txt", "no"];
    for (n, name) in names.iter().enumerate() {
        let row = student(&format!("N{n}"), "10001", "9");
        town.drop_file(&format!("inbox/partial/{name}"), roster(&[&row])).await;
    }
    for name in names {
        let upload = dropped(&town, &head, name).await;
        assert_eq!(upload.status, Status::AwaitingApproval, "{name}: {upload:#?}");
    }
    let id = head.upload(Mode::Partial, "Schüler & Lehrer +50 %.csv", roster(&[&student("N99", "10001", "9")])).await;
    assert_eq!(head.wait_for_plan(&id).await.file_name, "Schüler & Lehrer +50 %.csv");
    assert_eq!(head.uploads().await.len(), names.len() + 1);
}

#[tokio::test]
async fn a_file_in_no_folder_of_a_mode_fails_and_says_where_it_belongs() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    for key in ["inbox/lost.csv", "inbox/FULL/lost.csv", "inbox/full.csv"] {
        town.drop_file(key, students(1, "10001", "9")).await;
    }
    town.system.settled().await;
    let uploads = head.uploads().await;
    assert_eq!(uploads.len(), 3);
    for upload in uploads {
        assert_eq!(upload.status, Status::Failed);
        assert!(
            upload.failure.as_deref().unwrap().contains("inbox/full, inbox/students or inbox/staff"),
            "{upload:#?}"
        );
    }
    assert_eq!(town.cloud.object_list("inbox/").await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_file_in_a_schools_folder_touches_that_school_alone() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let both = roster(&[&student("S1", "10001", "9"), &student("S2", "10002", "9")]);
    town.sync(&head, Mode::Partial, both).await;
    town.drop_file("inbox/full/schools/10001/sis/own.csv", students(1, "10001", "9")).await;
    let upload = dropped(&town, &head, "own.csv").await;
    assert_eq!(upload.scope, Scope::School(town.school("10001").await.id));
    let counts = upload.counts.unwrap();
    assert_eq!((counts.created, counts.removed), (1, 1), "the other school's pupil is no absent one: {counts:?}");

    for (n, folder) in ["schools/10009/", "schools/", "Schools/10001/", "school/10001/", "schools/10001/sources/sis/"]
        .into_iter()
        .enumerate()
    {
        let name = format!("lost-{n}.csv");
        town.drop_file(&format!("inbox/full/{folder}{name}"), students(1, "10001", "9")).await;
        let upload = dropped(&town, &head, &name).await;
        assert_eq!(upload.status, Status::Failed, "{folder}");
        assert!(upload.failure.as_deref().unwrap().contains("external ID of exactly one school"), "{upload:#?}");
    }
}

#[tokio::test]
async fn a_file_in_the_folder_of_students_or_of_staff_touches_these_alone() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let everybody = [student("S1", "10001", "9"), student("S2", "10001", "9"), teacher("T1"), teacher("T2")];
    town.sync(&head, Mode::Partial, roster(&everybody.each_ref().map(String::as_str))).await;
    let [one_pupil, _, one_teacher, _] = &everybody;
    let part = roster(&[one_pupil, one_teacher]);
    for (folder, mode, removed) in [("students", Mode::Students, "S2"), ("staff", Mode::Staff, "T2")] {
        town.drop_file(&format!("inbox/{folder}/{folder}.csv"), part.clone()).await;
        let upload = dropped(&town, &head, &format!("{folder}.csv")).await;
        assert_eq!((upload.mode, upload.status), (mode, Status::AwaitingApproval), "{upload:#?}");
        let counts = upload.counts.unwrap();
        assert_eq!((counts.removed, counts.unchanged, counts.outside), (1, 1, 1), "{counts:?}");
        head.approve(&upload).await;
        assert_eq!(head.wait_for_end(&upload.id).await.status, Status::Completed);
        let left = town.managed_users().await;
        assert!(left.iter().all(|user| user.custom_id.as_deref() != Some(removed)), "{left:#?}");
    }
    assert_eq!(town.managed_users().await.len(), 2);
}

#[tokio::test]
async fn a_file_in_the_folder_of_a_source_removes_only_users_of_that_source() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let named = |id: &str| NamedSource { id: SourceId(id.to_owned()), name: id.to_owned(), owns: BTreeSet::new() };
    head.change_settings(|settings| settings.sources.sources = vec![named("sis"), named("hr")]).await;
    let both = roster(&[&student("S1", "10001", "9"), &student("S2", "10001", "9")]);
    for (folder, text) in [("sis", both), ("hr", roster(&[&teacher("T1")])), ("sis", students(1, "10001", "9"))] {
        let name = format!("{}.csv", text.len());
        town.drop_file(&format!("inbox/full/sources/{folder}/{name}"), text).await;
        let upload = dropped(&town, &head, &name).await;
        assert_eq!(upload.of_source, Some(SourceId(folder.to_owned())));
        head.approve(&upload).await;
        assert_eq!(head.wait_for_end(&upload.id).await.status, Status::Completed);
    }
    let left: BTreeSet<_> = town.managed_users().await.into_iter().filter_map(|user| user.custom_id).collect();
    assert_eq!(left, ["S00000", "T1"].map(str::to_owned).into(), "S1 and S2 are gone, and the teacher stays");

    for (n, folder) in ["sources/sap/", "sources/", "Source/sis/", "sources/sis/schools/10009/"].into_iter().enumerate()
    {
        let name = format!("lost-{n}.csv");
        town.drop_file(&format!("inbox/full/{folder}{name}"), students(1, "10001", "9")).await;
        let upload = dropped(&town, &head, &name).await;
        assert_eq!(upload.status, Status::Failed, "{folder}: {upload:#?}");
    }
    let key = "inbox/full/sources/sis/schools/10001/own.csv";
    town.drop_file(key, students(1, "10001", "9")).await;
    let upload = dropped(&town, &head, "own.csv").await;
    assert_eq!((upload.scope, upload.counts.unwrap().unchanged), (Scope::School(town.school("10001").await.id), 1));
}

#[tokio::test]
async fn an_event_that_comes_again_makes_no_second_upload() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let key = "inbox/partial/roster.csv";
    town.drop_file(key, students(3, "10001", "9")).await;
    let object = town.cloud.object_head(key).await.unwrap();
    let (bytes, e_tag) = object.map_or((0, String::new()), |head| (head.bytes, head.etag));
    for _ in 0..4 {
        town.system.send_again(key, bytes, &e_tag);
    }
    town.system.settled().await;
    town.system.send_again(key, bytes, &e_tag);
    town.system.settled().await;
    let uploads = head.uploads().await;
    assert_eq!(uploads.len(), 1, "{uploads:#?}");
    assert_eq!(uploads[0].status, Status::AwaitingApproval);

    let id = &uploads[0].id;
    head.approve(&uploads[0]).await;
    town.system.send_again(&format!("approvals/{id}"), 0, "");
    town.system.settled().await;
    let ended = head.wait_for_end(id).await;
    town.system.send_again(&format!("approvals/{id}"), 0, "");
    town.system.send_again(&format!("chunks/{id}/0"), 0, "");
    town.system.settled().await;
    assert_eq!(head.detail(id).await.upload, ended, "what is over stays as it is");
    assert!(town.managed_users().await.iter().all(|user| user.version == 1), "everybody was written once");
}

#[tokio::test]
async fn another_file_of_the_same_name_is_a_new_upload() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    for grade in ["9", "10"] {
        town.drop_file("inbox/partial/roster.csv", students(1, "10001", grade)).await;
        town.system.settled().await;
    }
    assert_eq!(head.uploads().await.len(), 2);
}

#[tokio::test]
async fn a_check_that_is_killed_is_done_by_the_next_one() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let id = head.upload(Mode::Full, "roster.csv", students(20_000, "10001", "9")).await;
    // A process that has begun is killed; the event comes again.
    while town.system.kill(FunctionKind::Validate) == 0 {
        assert_ne!(head.detail(&id).await.upload.status, Status::AwaitingApproval, "too fast to be killed");
        tokio::task::yield_now().await;
    }
    let planned = head.wait_for_plan(&id).await;
    assert_eq!(planned.counts.unwrap().created, 20_000);
    town.system.settled().await;
    assert_eq!(town.cloud.object_list("inbox/").await.unwrap().len(), 0);
    assert_eq!(head.uploads().await.len(), 1);
}

/// The upload of a dropped file once it was checked.
async fn dropped(town: &Town, admin: &Admin, file_name: &str) -> Upload {
    town.system.settled().await;
    let uploads = admin.uploads().await;
    let found = uploads.iter().find(|upload| upload.file_name == file_name);
    found.unwrap_or_else(|| panic!("there is no upload of {file_name}: {uploads:#?}")).clone()
}
