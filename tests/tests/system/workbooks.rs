//! Workbooks on their way in, and downloads as workbooks.

use reqwest::Method;
use roster::{Code, Mode, SetBytes, SetPart};
use tests::town::{Admin, Town};
use wire::http::{Link, NewUpload, TableFormat, UploadTicket, UsersDownload, Who};
use wire::{FileKind, Status, workbook};

use super::{roster, student, students};

/// A workbook that another program made, with a hidden row, a hidden sheet and a cell that is an error.
const PUPILS: &[u8] = include_bytes!("../../cases/workbook-xlsx/roster.xlsx");
/// One with two sheets that could be the roster.
const TWO_YEARS: &[u8] = include_bytes!("../../cases/fail-workbook-sheets/roster.xlsx");

async fn download(head: &Admin, who: Who) -> Vec<u8> {
    let asked = UsersDownload { school: None, who, format: TableFormat::Xlsx };
    let link: Link = head.ask(Method::POST, "users/download", &asked).await;
    assert!(link.url.contains(&format!("{}.xlsx", who.as_str())), "{}", link.url);
    head.fetch(&link.url).await
}

/// Returns the workbook with another text in all its cells that have the first one.
fn edited(book: &[u8], from: &str, to: &str) -> Vec<u8> {
    let table = workbook::sheets(book).unwrap().unwrap().remove(0);
    let csv = String::from_utf8(table.csv).unwrap();
    assert!(csv.contains(from), "{csv}");
    workbook::write(&[(&table.name, csv.replace(from, to).as_bytes())]).unwrap()
}

#[tokio::test]
async fn a_workbook_dropped_into_the_bucket_is_an_upload() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    town.drop_file("inbox/partial/pupils.xlsx", PUPILS).await;
    town.system.settled().await;
    let [upload] = &head.uploads().await[..] else { panic!("one upload") };
    assert_eq!((upload.status, upload.file_name.as_str()), (Status::AwaitingApproval, "pupils.xlsx"), "{upload:#?}");
    assert_eq!(upload.sheet.as_deref(), Some("Pupils"));
    assert_eq!(upload.counts.unwrap().created, 4);
    for code in [Code::SheetsLeftOut, Code::RowHidden, Code::CellExcelError] {
        assert_eq!(upload.findings.get(&code), Some(&1), "{code}: {:?}", upload.findings);
    }
    assert_eq!(town.cloud.object_list("inbox/").await.unwrap().len(), 0, "the workbook itself is gone");
    head.approve(upload).await;
    assert_eq!(head.wait_for_end(&upload.id).await.status, Status::CompletedWithErrors);
    let kept = String::from_utf8(head.file(&upload.id, FileKind::Uploaded).await).unwrap();
    assert!(kept.contains("Nia,Field,,,00871,10001"), "{kept}");
    assert_eq!(town.user("00871").await.last_name, "Field");
    assert_eq!(town.user("123456789012").await.last_name, "Stone");
}

#[tokio::test]
async fn no_password_of_a_workbook_is_kept() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let rows = roster(&[&student("S1", "10001", "9")]);
    let mut lines = rows.lines();
    let with = [format!("{},password", lines.next().unwrap()), format!("{},PLANTED-secret-7", lines.next().unwrap())];
    let book = workbook::write(&[("Pupils", with.join("\n").as_bytes())]).unwrap();
    let upload = head.wait_for_plan(&head.upload(Mode::Partial, "pupils.xlsx", book).await).await;
    for object in town.cloud.object_list("").await.unwrap() {
        let bytes = town.cloud.object_get(&object.key).await.unwrap().unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).contains("PLANTED"), "{}", object.key);
        assert!(!bytes.starts_with(b"PK"), "{} is a workbook", object.key);
    }
    let kept = String::from_utf8(head.file(&upload.id, FileKind::Uploaded).await).unwrap();
    assert!(kept.contains("S1") && kept.contains("password"), "{kept}");
}

#[tokio::test]
async fn a_sheet_that_is_not_told_is_asked_for() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    town.drop_file("inbox/partial/years.xlsx", TWO_YEARS).await;
    town.system.settled().await;
    let [upload] = &head.uploads().await[..] else { panic!("one upload") };
    let failure = upload.failure.as_deref().unwrap_or_default();
    assert!(failure.contains("“2025” (2 rows), “2026” (3 rows)"), "{upload:#?}");

    let asked = NewUpload {
        mode: Mode::Partial,
        file_name: "years.xlsx".to_owned(),
        bytes: TWO_YEARS.len() as u64,
        sha256: cloud::bucket::digest(TWO_YEARS),
        encoding: None,
        sheet: Some("2025".to_owned()),
        checked: None,
        schools: Default::default(),
        of_source: None,
        by_hand: false,
        repeat: wire::http::Repeat::Never,
    };
    let ticket: UploadTicket = head.ask(Method::POST, "uploads", &asked).await;
    head.put(&ticket, TWO_YEARS.to_vec()).await;
    let upload = head.wait_for_plan(&ticket.id).await;
    assert_eq!((upload.sheet.as_deref(), upload.counts.unwrap().created), (Some("2025"), 1), "{upload:#?}");
}

#[tokio::test]
async fn an_edited_workbook_changes_exactly_what_was_edited() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let users = format!("{}\n", students(3, "10001", "9").trim_end());
    let classes = "class_id,school_district_external_id,class_name\nM-9,10001,Mathematics\n1-2,10001,Art\n";
    let first = users.lines().nth(1).unwrap().split(',').nth(4).unwrap().to_owned();
    let enrolments = format!("class_id,custom_id,class_role\nM-9,{first},Student\n1-2,{first},Student\n");
    head.change_settings(|settings| {
        settings.partial.update_names = true;
        settings.classes.without_teacher = roster::ClassProblem::Warn;
    })
    .await;
    let set = SetBytes {
        users: Some(users.into_bytes()),
        classes: Some(classes.as_bytes().to_vec()),
        enrolments: Some(enrolments.into_bytes()),
    };
    // The set comes as a workbook.
    let sheets: Vec<(&str, &[u8])> =
        SetPart::ALL.iter().map(|part| (part.file_name().trim_end_matches(".csv"), set.part(*part).unwrap())).collect();
    let id = head.upload(Mode::Partial, "set.xlsx", workbook::write(&sheets).unwrap()).await;
    let planned = head.wait_for_plan(&id).await;
    assert_eq!(planned.parts, SetPart::ALL, "{planned:#?}");
    assert_eq!(planned.sheet.as_deref(), Some("users, classes, enrolments"));
    head.approve(&planned).await;
    head.wait_for_end(&id).await;
    assert_eq!(town.managed_users().await.len(), 3);

    for who in [Who::All, Who::WithClasses, Who::Classes, Who::Enrolments] {
        let book = download(&head, who).await;
        let same = town.sync(&head, Mode::Partial, book.clone()).await;
        assert_eq!(same.status, Status::Completed, "{who:?}: {same:#?}");
        assert_eq!(same.counts.map_or(0, |counts| counts.changes()), 0, "{who:?}: {same:#?}");
        assert_eq!(same.class_counts.map_or(0, |counts| counts.changes()), 0, "{who:?}: {same:#?}");
        if who == Who::Classes {
            let renamed = town.sync(&head, Mode::Partial, edited(&book, "Mathematics", "Maths")).await;
            assert_eq!(renamed.class_counts.unwrap().changes(), 1, "{renamed:#?}");
        }
        if who == Who::All {
            let before = town.managed_users().await;
            let name = before[0].first_name.clone();
            let row = format!("{name},{}", before[0].last_name);
            let renamed =
                town.sync(&head, Mode::Partial, edited(&book, &row, &format!("Zora,{}", before[0].last_name))).await;
            assert_eq!((renamed.counts.unwrap().updated, renamed.counts.unwrap().changes()), (1, 1), "{renamed:#?}");
            let after = town.managed_users().await;
            assert_eq!(after[0].first_name, "Zora");
            assert_eq!(after[1..], before[1..], "nobody else changed");
        }
    }
}
