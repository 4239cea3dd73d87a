//! Files of other systems' formats: in an archive, and in a folder that a manifest closes.

use reqwest::Method;
use roster::{Code, FeedFormat, Mode, SentFile};
use tests::town::{Admin, Town};
use wire::archive;
use wire::http::{FeedDownload, FindingRow, Link, Page};
use wire::{FileKind, Status, Upload};

use super::main_job::rows_of;

const MANIFEST: &str = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.orgs,bulk\nfile.users,bulk\n\
                        file.classes,bulk\nfile.enrollments,bulk\nfile.demographics,bulk\n";

/// Returns OneRoster's files: a teacher, a student with a password, a guardian, and a row with a grade that is none.
fn files() -> Vec<SentFile> {
    let users = "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,\
                 middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\n\
                 u1,,,true,s1,teacher,TTeacher,,Tom,Teacher,,T1,tom@town.example,,,,,\n\
                 u2,,,true,s1,guardian,GParent,,Gus,Parent,,,gus@town.example,,,,,\n\
                 u3,,,true,s1,student,SPupil,,Sam,Pupil,,S1,,,,,09,PLANTED-kite-41\n\
                 u4,,,true,s1,student,NNobody,,Nia,Nobody,,S2,,,,,99,PLANTED-kite-42\n";
    let files = [
        (
            "orgs.csv",
            "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\ns1,,,North,school,10001,\n",
        ),
        ("users.csv", users),
        (
            "classes.csv",
            "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,\
             termSourcedIds,subjects,subjectCodes,periods\nc1,,,Mathematics,09,,M1,scheduled,,s1,,,,1\n",
        ),
        (
            "enrollments.csv",
            "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\n\
             e1,,,c1,s1,u1,teacher,true,,\ne2,,,c1,s1,u3,student,,,\n",
        ),
        ("demographics.csv", "sourcedId,birthDate,sex\nu3,PLANTED,PLANTED\n"),
    ];
    files.map(|(name, text)| SentFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() }).to_vec()
}

/// Checks what comes of the files, and what is kept of them.
async fn check_files(town: &Town, head: &Admin, upload: &Upload) {
    let findings =
        [(Code::GradeUnknown, 1), (Code::FormatRead, 1), (Code::PeopleLeftOut, 1), (Code::DemographicsNotRead, 1)];
    assert_eq!(upload.findings, findings.into(), "{upload:#?}");
    let shown: Page<FindingRow> = head.get(&format!("uploads/{}/findings", upload.id)).await;
    let message =
        |code| shown.items.iter().find(|finding| finding.code == code).map(|finding| finding.message.as_str());
    assert_eq!(message(Code::FormatRead), Some("Read as OneRoster 1.1: 1 school, 3 users, 1 class, 2 enrolments."));
    let grade = shown.items.iter().find(|finding| finding.code == Code::GradeUnknown).expect("a finding");
    assert_eq!((grade.row, grade.place.as_deref()), (Some(5), Some("row 5 of users.csv")));
    head.approve(upload).await;
    let ended = head.wait_for_end(&upload.id).await;
    assert_eq!(ended.status, Status::CompletedWithErrors, "{ended:#?}");
    assert_eq!(ended.counts.unwrap().created, 2);
    assert_eq!((town.user("T1").await.last_name, town.user("S1").await.username), ("Teacher".into(), "SPupil".into()));
    let errors = rows_of(&head.file(&upload.id, FileKind::Errors).await);
    assert_eq!((errors.len(), errors[0]["custom_id"].as_str()), (1, "S2"));
    assert!(errors[0]["Error"].ends_with("It is row 5 of users.csv."), "{errors:#?}");
    assert_eq!(town.cloud.object_list("inbox/").await.unwrap().len(), 0, "the files themselves are gone");
    for object in town.cloud.object_list("").await.unwrap() {
        let bytes = town.cloud.object_get(&object.key).await.unwrap().unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).contains("PLANTED"), "{}", object.key);
    }
}

#[tokio::test]
async fn files_of_a_format_come_in_an_archive() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let mut files = files();
    files.push(SentFile { name: "manifest.csv".to_owned(), bytes: MANIFEST.as_bytes().to_vec() });
    let archive = wire::archive::pack_files(&files);
    let id = head.upload(Mode::Partial, "OneRoster.zip", archive.clone()).await;
    check_files(&town, &head, &head.wait_for_plan(&id).await).await;

    // The same again changes nothing.
    let again = head.wait_for_end(&head.upload(Mode::Partial, "OneRoster.zip", archive).await).await;
    assert_eq!((again.counts.unwrap().changes(), again.class_counts.map(|counts| counts.changes())), (0, Some(0)));

    // A full sync refuses a delta.
    let delta = MANIFEST.replace("users,bulk", "users,delta");
    files.last_mut().expect("the manifest").bytes = delta.into_bytes();
    let id = head.upload(Mode::Full, "OneRoster.zip", wire::archive::pack_files(&files)).await;
    let refused = head.wait_for_end(&id).await;
    assert_eq!(refused.status, Status::Failed);
    assert!(refused.findings.contains_key(&Code::DeltaInFullSync), "{refused:#?}");
}

#[tokio::test]
async fn files_of_a_format_come_in_a_folder() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let folder = "inbox/partial/sets/night/";
    for file in files() {
        town.drop_file(&format!("{folder}{}", file.name), file.bytes).await;
    }
    town.drop_file(&format!("{folder}manifest.csv"), MANIFEST).await;
    town.system.settled().await;
    let [upload] = &head.uploads().await[..] else { panic!("one upload") };
    let upload = head.wait_for_plan(&upload.id).await;
    check_files(&town, &head, &upload).await;
}

/// Nobody would hear of it otherwise: no manifest comes.
#[tokio::test]
async fn an_archive_in_a_folder_of_files_waits_for_no_manifest() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let mut files = files();
    files.push(SentFile { name: "manifest.csv".to_owned(), bytes: MANIFEST.as_bytes().to_vec() });
    town.drop_file("inbox/partial/sets/night/OneRoster.zip", archive::pack_files(&files)).await;
    town.system.settled().await;
    let [upload] = &head.uploads().await[..] else { panic!("one upload") };
    let upload = head.wait_for_plan(&upload.id).await;
    check_files(&town, &head, &upload).await;
}

#[tokio::test]
async fn a_feed_for_another_system_comes_back_and_changes_nothing() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let mut files = files();
    files.push(SentFile { name: "manifest.csv".to_owned(), bytes: MANIFEST.as_bytes().to_vec() });
    let id = head.upload(Mode::Partial, "OneRoster.zip", archive::pack_files(&files)).await;
    head.approve(&head.wait_for_plan(&id).await).await;
    head.wait_for_end(&id).await;

    for format in FeedFormat::ALL {
        let asked = FeedDownload { school: None, format };
        let link: Link = head.ask(Method::POST, "users/feed", &asked).await;
        let name = format!("{}.zip", format.as_str());
        assert!(link.url.contains(&name), "{}", link.url);
        let feed = head.fetch(&link.url).await;
        let files = archive::unpack(&feed).expect("an archive").expect("tables").files;
        let all: String = files.iter().map(|file| String::from_utf8_lossy(&file.bytes).into_owned()).collect();
        assert!(all.contains("S1") && all.contains("Mathematics") && !all.contains("PLANTED"), "{all}");
        let upload = head.wait_for_end(&head.upload(Mode::Partial, &name, feed).await).await;
        assert_eq!(upload.status, Status::Completed, "{upload:#?}");
        assert_eq!((upload.counts.unwrap().changes(), upload.counts.unwrap().rejected), (0, 0), "{upload:#?}");
        assert_eq!(upload.class_counts.map(|counts| counts.changes()), Some(0), "{upload:#?}");
    }
    let everything = head.get::<Page<wire::audit::Entry>>("audit").await;
    let downloads = everything.items.iter().filter(|entry| entry.action == wire::audit::Action::Downloaded);
    assert_eq!(downloads.count(), FeedFormat::ALL.len());
}
