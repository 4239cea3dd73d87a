//! Classes: in one file, as a set in an archive, and as a set in a folder that a manifest closes.

use std::collections::BTreeMap;
use std::time::Duration;

use roster::{ClassCounts, ClassRole, Code, ItemCounts, Mode, SetBytes, SetPart};
use tests::town::{Admin, Town};
use wire::http::{Link, TableFormat, UsersDownload, Who};
use wire::{FileKind, Status, Upload};

use super::by_hand::{carry_out, send};
use super::main_job::rows_of;

const FLAT: &str = "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,position,grade,\
                    status,class_id,class_name,class_role\n";

/// Returns the row of a student of the first school in a class.
fn pupil(n: usize, class: &str) -> String {
    format!("Sam,Pupil{n},,,S{n},10001,Student,,9,Active,{class},The {class},\n")
}

fn teacher(n: usize, class: &str) -> String {
    format!("Tom,Teacher{n},,tom{n}@town.example,T{n},10001,Teacher,,,Active,{class},The {class},\n")
}

fn flat(rows: &[String]) -> String {
    FLAT.to_owned() + &rows.concat()
}

fn counts(classes: [u64; 5], enrolments: [u64; 5]) -> Option<ClassCounts> {
    let items = |[created, updated, unchanged, ended, rejected]: [u64; 5]| ItemCounts {
        created,
        updated,
        unchanged,
        ended,
        rejected,
    };
    Some(ClassCounts { classes: items(classes), enrolments: items(enrolments) })
}

/// Returns who is in the class, by custom ID.
async fn members(town: &Town, class_id: &str) -> BTreeMap<String, ClassRole> {
    let classes = town.cloud.class_list_with_ids(&[class_id.to_owned()].into()).await.unwrap();
    let [class] = &classes[..] else { return BTreeMap::new() };
    let enrolments = town.cloud.enrolment_list_of_class(class.guid).await.unwrap();
    let mut members = BTreeMap::new();
    for enrolment in enrolments.into_iter().filter(|enrolment| enrolment.is_active()) {
        let user = town.cloud.account_get(enrolment.user).await.unwrap().expect("a user").user;
        members.insert(user.custom_id.unwrap(), enrolment.fields.role);
    }
    members
}

#[tokio::test]
async fn one_file_has_users_and_classes() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let rows = [teacher(1, "MATH"), pupil(1, "MATH"), pupil(2, "MATH"), pupil(1, "ART"), teacher(1, "ART")];
    let first = town.sync(&head, Mode::Full, flat(&rows)).await;
    assert_eq!(first.status, Status::Completed, "{first:#?}");
    assert_eq!((first.counts.unwrap().created, first.counts.unwrap().further), (3, 2));
    assert_eq!(first.class_counts, counts([2, 0, 0, 0, 0], [5, 0, 0, 0, 0]));
    assert_eq!(first.class_done, first.class_counts);
    let expected = [("S1", ClassRole::Student), ("S2", ClassRole::Student), ("T1", ClassRole::Primary)];
    assert_eq!(members(&town, "MATH").await, expected.map(|(id, role)| (id.to_owned(), role)).into());
    let completed = rows_of(&head.file(&first.id, FileKind::Completed).await);
    assert_eq!(completed.len(), 5);
    assert!(
        completed.iter().all(|row| row["class_guid"].len() == 36 && row["user_guid"].len() == 36),
        "{completed:#?}"
    );
    assert_eq!(completed[0]["Result"], "created; enrolled");

    // The same again changes nothing.
    let again = town.sync(&head, Mode::Full, flat(&rows)).await;
    assert_eq!(again.class_counts, counts([0, 0, 2, 0, 0], [0, 0, 5, 0, 0]));

    // A partial sync takes nobody out of a class; a full one does, of the classes that it has.
    let fewer = [teacher(1, "MATH"), pupil(1, "MATH"), teacher(1, "ART"), pupil(1, "ART"), pupil(2, "ART")];
    let partial = town.sync(&head, Mode::Partial, flat(&fewer)).await;
    assert_eq!(partial.class_counts, counts([0, 0, 2, 0, 0], [1, 0, 4, 0, 0]));
    let full = town.sync(&head, Mode::Full, flat(&fewer)).await;
    assert_eq!(full.class_counts, counts([0, 0, 2, 0, 0], [0, 0, 5, 1, 0]));
    assert_eq!(members(&town, "MATH").await.len(), 2);

    // Who is removed leaves all classes.
    let without = [teacher(1, "MATH"), pupil(2, "ART"), teacher(1, "ART")];
    let removed = town.sync(&head, Mode::Full, flat(&without)).await;
    assert_eq!((removed.counts.unwrap().removed, removed.class_counts), (1, counts([0, 0, 2, 0, 0], [0, 0, 3, 2, 0])));
    assert_eq!(members(&town, "MATH").await.len(), 1);
}

#[tokio::test]
async fn what_is_wrong_with_a_class_leaves_its_users_alone() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let mut rows = vec![teacher(1, "MATH"), pupil(1, "MATH"), pupil(2, "LONELY")];
    rows.push(pupil(3, "MATH").replace("The MATH", "The Math"));
    let upload = town.sync(&head, Mode::Partial, flat(&rows)).await;
    assert_eq!((upload.status, upload.counts.unwrap().created), (Status::CompletedWithErrors, 4));
    assert_eq!(upload.class_counts, counts([0, 0, 0, 0, 2], [0, 0, 0, 0, 4]));
    assert_eq!(upload.findings, [(Code::ClassCellsDiffer, 3), (Code::ClassWithoutTeacher, 1)].into());
    let errors = rows_of(&head.file(&upload.id, FileKind::Errors).await);
    assert_eq!(errors.len(), 4);
    assert!(errors.iter().all(|row| row["user_guid"].len() == 36), "the users were made: {errors:#?}");
}

/// Returns what the page of a class makes of one person's place in it.
fn place(class: &str, custom_id: &str, role: &str, status: &str) -> Vec<u8> {
    format!("class_id,custom_id,class_role,class_member_status\r\n{class},{custom_id},{role},{status}\r\n").into_bytes()
}

#[tokio::test]
async fn one_person_is_put_into_a_class_and_taken_out_by_hand() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let principal = town.administrator("principal", "10001").await;
    town.sync(&head, Mode::Partial, flat(&[teacher(1, "MATH"), pupil(1, "MATH"), pupil(2, ""), teacher(2, "")])).await;

    let id = send(&principal, place("MATH", "S2", "Student", "")).await;
    let planned = principal.wait_for_plan(&id).await;
    assert_eq!((planned.by_hand, planned.class_counts), (true, counts([0; 5], [1, 0, 0, 0, 0])));
    assert_eq!(members(&town, "MATH").await.len(), 2, "nothing happens before somebody has approved");
    principal.approve(&planned).await;
    assert_eq!(principal.wait_for_end(&id).await.status, Status::Completed);
    carry_out(&principal, place("MATH", "T2", "Co-teacher", "")).await;
    let all = ["S1", "S2", "T1", "T2"].map(str::to_owned);
    assert_eq!(members(&town, "MATH").await.into_keys().collect::<Vec<_>>(), all);

    carry_out(&principal, place("MATH", "S2", "Student", "dropped")).await;
    assert_eq!(members(&town, "MATH").await.into_keys().collect::<Vec<_>>(), ["S1", "T1", "T2"]);

    // What can't be done says why, and changes nothing.
    for (row, code) in [
        (place("MATH", "S9", "Student", ""), Code::EnrolmentFileMissing),
        (place("ART", "S2", "Student", ""), Code::ClassFileMissing),
        (place("MATH", "T2", "Student", ""), Code::ClassRoleWrong),
    ] {
        let id = send(&principal, row).await;
        let ended = principal.wait_for_end(&id).await;
        assert_eq!((ended.status, &ended.findings), (Status::CompletedWithErrors, &[(code, 1)].into()));
    }
    let mut two = place("MATH", "S1", "Student", "dropped");
    two.extend_from_slice(b"MATH,T1,Primary,dropped\r\n");
    let two = send(&principal, two).await;
    assert_eq!(principal.wait_for_end(&two).await.status, Status::Failed);
    assert_eq!(members(&town, "MATH").await.len(), 3);
}

fn set() -> SetBytes {
    let users = "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,position,grade,status\n\
                 Sam,Pupil1,,,S1,10001,Student,,9,Active\nTom,Teacher1,,tom@town.example,T1,10001,Teacher,,,Active\n";
    let classes = "class_id,school_district_external_id,class_name\nMATH,10001,Mathematics\n";
    let enrolments = "class_id,custom_id,class_role\nMATH,S1,Student\nMATH,T1,Teacher\nMATH,S9,Student\n";
    let bytes = |text: &str| Some(text.as_bytes().to_vec());
    SetBytes { users: bytes(users), classes: bytes(classes), enrolments: bytes(enrolments) }
}

/// Checks what comes of the set, of which one enrolment is of nobody.
async fn check_set(town: &Town, head: &Admin, upload: &Upload) {
    assert_eq!(upload.parts, SetPart::ALL);
    assert_eq!(upload.class_counts, counts([1, 0, 0, 0, 0], [2, 0, 0, 0, 1]), "{upload:#?}");
    assert_eq!(upload.findings, [(Code::EnrolmentUserUnknown, 1)].into());
    head.approve(upload).await;
    let ended = head.wait_for_end(&upload.id).await;
    assert_eq!(ended.status, Status::CompletedWithErrors, "{ended:#?}");
    assert_eq!(members(town, "MATH").await.len(), 2);
    let completed = rows_of(&head.file(&upload.id, FileKind::CompletedEnrolments).await);
    assert_eq!(completed.iter().map(|row| row["Result"].as_str()).collect::<Vec<_>>(), ["enrolled", "enrolled"]);
    let errors = rows_of(&head.file(&upload.id, FileKind::ErrorsEnrolments).await);
    assert_eq!((errors.len(), errors[0]["custom_id"].as_str()), (1, "S9"));
    assert_eq!(town.cloud.object_list("inbox/").await.unwrap().len(), 0, "the files themselves are gone");
}

#[tokio::test]
async fn a_set_comes_in_an_archive() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let id = head.upload(Mode::Full, "set.zip", wire::archive::pack(&set())).await;
    check_set(&town, &head, &head.wait_for_plan(&id).await).await;

    // Each of the downloads changes what was edited, and nothing else.
    for (who, name) in
        [(Who::Enrolments, "enrolments.csv"), (Who::Classes, "classes.csv"), (Who::WithClasses, "all.csv")]
    {
        let asked = UsersDownload { school: None, who, format: TableFormat::Csv };
        let link: Link = head.ask(reqwest::Method::POST, "users/download", &asked).await;
        let file = String::from_utf8(head.fetch(&link.url).await).unwrap();
        let same = town.sync(&head, Mode::Partial, file.clone()).await;
        assert_eq!(same.class_counts.map_or(0, |counts| counts.changes()), 0, "{name}: {file}\n{same:#?}");
        assert_eq!(same.counts.map_or(0, |counts| counts.changes()), 0, "{name}: {same:#?}");
        let edited = file.replace("Mathematics", "Maths");
        if who == Who::Classes {
            let renamed = town.sync(&head, Mode::Partial, edited).await;
            assert_eq!(renamed.class_counts, counts([0, 1, 0, 0, 0], [0; 5]), "{renamed:#?}");
        }
    }
}

/// Returns the newest upload once there are so many.
async fn newest(head: &Admin, uploads: usize) -> Upload {
    loop {
        let mut all = head.uploads().await;
        if all.len() == uploads {
            return all.remove(0);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn a_set_in_a_folder_waits_for_its_manifest() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let (folder, set) = ("inbox/full/sets/night/", set());
    for part in [SetPart::Enrolments, SetPart::Users] {
        town.drop_file(&format!("{folder}{}", part.file_name()), set.part(part).unwrap()).await;
    }
    // The inbox is not empty before the manifest comes, so that nothing can be waited for.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(head.uploads().await.is_empty(), "nothing happens before the manifest");
    let manifest = "file,sha256\nusers.csv,\nclasses.csv,\nenrolments.csv,\n";
    town.drop_file(&format!("{folder}manifest.csv"), manifest).await;
    let failed = newest(&head, 1).await;
    let failed = head.wait_for_end(&failed.id).await;
    assert_eq!((failed.status, failed.findings), (Status::Failed, [(Code::SetIncomplete, 1)].into()));
    assert!(failed.failure.unwrap().contains("classes.csv is missing"));

    // What is missing, and the manifest again, are enough.
    town.drop_file(&format!("{folder}classes.csv"), set.part(SetPart::Classes).unwrap()).await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    town.drop_file(&format!("{folder}manifest.csv"), manifest).await;
    let waiting = newest(&head, 2).await;
    let waiting = head.wait(&waiting.id, |upload| upload.status == Status::AwaitingApproval).await;
    assert_eq!(waiting.file_name, "night", "it is known by its folder");
    check_set(&town, &head, &waiting).await;
}

#[tokio::test]
async fn a_class_is_archived_by_one_row_of_any_member() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let rows = [teacher(1, "MATH"), pupil(1, "MATH"), pupil(2, "MATH")];
    town.sync(&head, Mode::Partial, flat(&rows)).await;
    let header = FLAT.trim_end().to_owned() + ",action\n";
    let row = pupil(1, "MATH").trim_end().to_owned() + ",REMOVE-CLASS\n";
    let archived = town.sync(&head, Mode::Partial, header + &row).await;
    assert_eq!(archived.class_counts, counts([0, 0, 0, 1, 0], [0, 0, 0, 3, 0]));
    assert!(members(&town, "MATH").await.is_empty());
    let plan = String::from_utf8(head.file(&archived.id, FileKind::Plan).await).unwrap();
    assert_eq!(plan.matches("the class is archived").count(), 3, "{plan}");
    let again = town.sync(&head, Mode::Partial, flat(&rows)).await;
    assert_eq!(again.class_counts, counts([0, 1, 0, 0, 0], [3, 0, 0, 0, 0]), "the file has it, so it is taught again");
}
