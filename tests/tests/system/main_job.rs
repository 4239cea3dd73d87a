//! A roster goes in, a plan comes out, an administrator approves it, accounts change.

use std::collections::BTreeMap;

use reqwest::Method;
use roster::{Change, Code, Column, Directory, Fields, Kind, Mode, Schools, User};
use tests::outcome::{CaseOutcome, CaseTerms, run};
use tests::sds::PLANTED;
use tests::town::{Admin, Town, approval_of};
use tests::world::World;
use wire::http::{FindingRow, Link, Page, TableFormat, UsersDownload, Who};
use wire::{FileKind, Status, Upload, UploadId, Verdict};

const BEFORE: &str = include_str!("../../example/before.csv");
const ROSTER: &str = include_str!("../../example/roster.csv");
const WITH_ERRORS: &str = include_str!("../../example/with-errors.csv");

#[tokio::test]
async fn the_example_is_planned_approved_and_carried_out() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let first = town.sync(&head, Mode::Full, BEFORE).await;
    assert_eq!((first.status, first.counts.unwrap().created), (Status::Completed, 97));
    let before = town.managed_users().await;

    let id = head.upload(Mode::Full, "Schuljahr 2026/27.csv", ROSTER).await;
    let planned = head.wait_for_plan(&id).await;
    assert_eq!(planned.file_name, "27.csv", "what stands after the last slash");
    let counts = planned.counts.unwrap();
    assert_eq!((counts.created, counts.updated, counts.moved, counts.reactivated), (5, 5, 3, 2));
    assert_eq!((counts.removed, counts.unchanged, counts.kept, counts.rejected), (4, 81, 2, 0));
    assert_eq!(town.managed_users().await, before, "a plan changes nobody");

    let changes = all_changes(&head, &id).await;
    assert_eq!(changes.len() as u64, counts.changes());
    let moved: Page<Change> = head.get(&format!("uploads/{id}/changes?kind=moved")).await;
    assert!(moved.items.iter().all(|c| c.kind == Kind::Moved) && moved.items.len() == 3);

    let wrong = wire::http::Approve { removals: 3, ..approval_of(&planned) };
    let approve = format!("uploads/{id}/approve");
    assert_eq!(head.refused(Method::POST, &approve, &wrong).await, (422, "removals_differ".into()));
    head.approve(&planned).await;
    let ended = head.wait_for_end(&id).await;
    assert_eq!(ended.status, Status::Completed, "{ended:#?}");
    assert_eq!(ended.decision.as_ref().unwrap().by.as_ref().unwrap().username, "head");
    assert_eq!(ended.files, [FileKind::Uploaded, FileKind::Plan, FileKind::Completed]);

    // The directory is what the pure domain makes of it, GUIDs of new users apart.
    let schools = town.schools().await;
    assert_eq!(fields(&town.managed_users().await), fields(&expected_after(&before, ROSTER, &schools)));
    let removed = town.user("13901").await;
    assert!(removed.deleted_at.is_some(), "a deleted user can be recovered");

    assert_eq!(head.file(&id, FileKind::Uploaded).await, ROSTER.as_bytes());
    let completed = rows_of(&head.file(&id, FileKind::Completed).await);
    assert_eq!(completed.len(), 98);
    for row in &completed {
        let user = town.user(&row["custom_id"]).await;
        assert_eq!((&row["user_guid"], &row["username"]), (&user.guid.to_string(), &user.username));
        assert_eq!(row["temporary_password"].is_empty(), row["Result"] != "created", "{row:?}");
    }
    let plan = rows_of(&head.file(&id, FileKind::Plan).await);
    assert!(plan.iter().any(|row| row["kind"] == "moved" && row["before"] == "10002" && row["after"] == "10001"));

    let detail = head.user(town.user("13002").await.guid).await;
    assert_eq!(detail.history.len(), 1, "who was not changed has no entry: {:#?}", detail.history);
    let detail = head.user(town.user("13010").await.guid).await;
    assert_eq!(detail.history[0].upload.as_ref(), Some(&id));
    assert_eq!(detail.history[0].fields[0].field, "grade");

    let again = town.sync(&head, Mode::Full, ROSTER).await;
    assert_eq!((again.status, again.counts.unwrap().changes()), (Status::Completed, 0), "again changes nothing");
}

#[tokio::test]
async fn a_corrected_error_file_is_uploaded_as_it_is() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let id = head.upload(Mode::Full, "with errors.csv", WITH_ERRORS).await;
    let planned = head.wait_for_plan(&id).await;
    let findings: Page<FindingRow> = head.get(&format!("uploads/{id}/findings")).await;
    assert_eq!(findings.items.len(), PLANTED.len());
    head.approve(&planned).await;
    let ended = head.wait_for_end(&id).await;
    assert_eq!(ended.status, Status::CompletedWithErrors);
    assert_eq!((ended.counts.unwrap().created, ended.counts.unwrap().rejected), (91, 7));

    let errors = head.file(&id, FileKind::Errors).await;
    let rows = rows_of(&errors);
    assert_eq!(rows.len(), 7);
    assert!(rows.iter().all(|row| !row["Error"].is_empty()), "{rows:#?}");
    let right: BTreeMap<String, Row> = rows_of(ROSTER.as_bytes()).into_iter().map(|r| (key(&r), r)).collect();
    let corrected = edit(&errors, |row| {
        let (_, column, _, _) = PLANTED.iter().find(|(id, ..)| *id == row["custom_id"]).unwrap();
        row.insert(column.header().to_owned(), right[&key(row)][column.header()].clone());
    });
    let second = town.sync(&head, Mode::Partial, corrected).await;
    assert_eq!((second.status, second.counts.unwrap().created), (Status::Completed, 7), "{second:#?}");
    assert_eq!(town.managed_users().await.len(), 98);
}

#[tokio::test]
async fn an_edited_download_changes_exactly_what_was_edited() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    town.sync(&head, Mode::Partial, ROSTER).await;
    let before = town.managed_users().await;
    let asked = UsersDownload { school: None, who: Who::All, format: TableFormat::Csv };
    let link: Link = head.ask(Method::POST, "users/download", &asked).await;
    let download = head.fetch(&link.url).await;

    let unedited = town.sync(&head, Mode::Full, download.clone()).await;
    assert_eq!((unedited.status, unedited.counts.unwrap().changes()), (Status::Completed, 0), "{unedited:#?}");

    let edited = edit(&download, |row| match row["custom_id"].as_str() {
        "13001" => _ = row.insert("custom_id".into(), "0013001".into()),
        "13002" => _ = row.insert("grade".into(), "11".into()),
        _ => {}
    });
    let second = town.sync(&head, Mode::Full, edited).await;
    assert_eq!((second.counts.unwrap().updated, second.counts.unwrap().changes()), (2, 2), "{second:#?}");
    let mut expected = before;
    for user in &mut expected {
        match user.custom_id.as_deref() {
            Some("13001") => user.custom_id = Some("0013001".into()),
            Some("13002") => user.grade = roster::Grade::G11,
            _ => {}
        }
    }
    assert_eq!(fields(&town.managed_users().await), fields(&expected));

    let asked =
        UsersDownload { school: Some(town.school("10001").await.id), who: Who::Staff, format: TableFormat::Csv };
    let link: Link = head.ask(Method::POST, "users/download", &asked).await;
    assert_eq!(rows_of(&head.fetch(&link.url).await).len(), 7, "the staff of one school");
}

#[tokio::test]
async fn where_approval_is_not_required_the_settings_approve() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    town.sync(&head, Mode::Partial, ROSTER).await;
    head.change_settings(|settings| {
        settings.partial.requires_approval = false;
        settings.full.requires_approval = false;
    })
    .await;

    let id = head.upload(Mode::Partial, "one.csv", super::roster(&[&super::student("N1", "10001", "9")])).await;
    let ended = head.wait_for_end(&id).await;
    let decision = ended.decision.expect("the settings decided");
    assert_eq!((ended.status, decision.verdict, decision.by), (Status::Completed, Verdict::Approved, None));
    assert_eq!(head.user(town.user("N1").await.guid).await.history[0].by, None);

    let few: Vec<&str> = ROSTER.lines().take(60).collect();
    let id = head.upload(Mode::Full, "few.csv", few.join("\n")).await;
    let held = head.wait_for_plan(&id).await;
    let limits = held.holds.iter().filter(|h| matches!(h, roster::Hold::Limit { .. })).count();
    assert!(limits > 0, "so many removals wait for somebody: {:#?}", held.holds);
}

#[tokio::test]
async fn a_rejected_plan_changes_nothing() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let id = head.upload(Mode::Partial, "roster.csv", ROSTER).await;
    let planned = head.wait_for_plan(&id).await;
    let digest = planned.digest.clone().unwrap();
    let reject = wire::http::Reject { digest, reason: "Last year's file".into() };
    let path = format!("uploads/{id}/reject");
    let rejected: Upload = head.ask(Method::POST, &path, &reject).await;
    assert_eq!(rejected.status, Status::Rejected);
    assert_eq!(rejected.decision.unwrap().verdict, Verdict::Rejected { reason: "Last year's file".into() });
    let approve = format!("uploads/{id}/approve");
    let late = head.refused(Method::POST, &approve, &approval_of(&planned)).await;
    assert_eq!(late, (409, "already_rejected".into()));
    town.system.settled().await;
    assert_eq!(town.managed_users().await, []);
}

#[tokio::test]
async fn nobody_approves_a_plan_that_they_have_not_seen() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let id = head.upload(Mode::Partial, "roster.csv", ROSTER).await;
    let planned = head.wait_for_plan(&id).await;
    let stale = wire::http::Approve { digest: "0".repeat(64), ..approval_of(&planned) };
    let path = format!("uploads/{id}/approve");
    assert_eq!(head.refused(Method::POST, &path, &stale).await, (409, "plan_changed".into()));
    assert_eq!(head.detail(&id).await.upload.status, Status::AwaitingApproval);
}

#[tokio::test]
async fn a_file_that_fails_says_why_and_changes_nothing() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let id = head.upload(Mode::Full, "roster.pdf", b"%PDF-1.7\n%\xe2\xe3\n1 0 obj").await;
    let failed = head.wait_for_end(&id).await;
    assert_eq!(failed.status, Status::Failed);
    assert_eq!(failed.failure.as_deref(), Some("The file is a PDF document, not a CSV file or a workbook."));
    assert_eq!(failed.findings, [(Code::FileNotText, 1)].into());
    let id = head.upload(Mode::Full, "roster.csv", ROSTER.replace("first_name", "favourite_colour")).await;
    let failed = head.wait_for_end(&id).await;
    assert_eq!(failed.findings, [(Code::HeaderMissing, 1)].into());
    let findings: Page<FindingRow> = head.get(&format!("uploads/{id}/findings")).await;
    assert!(findings.items[0].message.contains("first_name"), "{:?}", findings.items);
}

async fn all_changes(admin: &Admin, id: &UploadId) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut path = format!("uploads/{id}/changes");
    loop {
        let page: Page<Change> = admin.get(&path).await;
        changes.extend(page.items);
        match page.cursor {
            Some(cursor) => path = format!("uploads/{id}/changes?cursor={cursor}"),
            None => return changes,
        }
    }
}

/// What the domain alone makes of the users.
fn expected_after(before: &[User], roster: &str, schools: &Schools) -> Vec<User> {
    let world = World { users: before.to_vec(), ..World::default() };
    let settings = roster::ModeSettings::default();
    let scope = roster::Scope::Organisation;
    let (accounts, reading) = (roster::Accounts::default(), roster::Reading::default());
    let terms = CaseTerms {
        mode: Mode::Full,
        scope,
        sender: roster::Sender::default(),
        settings: &settings,
        class_rules: &roster::ClassRules::default(),
        set: None,
        accounts: &accounts,
        reading: &reading,
        notes: &[],
        translation: None,
        schools,
        previous_rows: None,
    };
    match run(roster.as_bytes(), &world, &terms) {
        CaseOutcome::Planned(planned) => {
            let directory: Directory = planned.after.directory();
            let mut users: Vec<User> = directory.iter().filter(|u| u.deleted_at.is_none()).cloned().collect();
            users.sort_by(|a, b| a.custom_id.cmp(&b.custom_id));
            users
        }
        CaseOutcome::Failed(findings) => panic!("{findings:#?}"),
    }
}

fn fields(users: &[User]) -> Vec<Fields> {
    let mut fields: Vec<Fields> = users.iter().filter_map(Fields::of).collect();
    fields.sort_by(|a, b| a.custom_id.cmp(&b.custom_id));
    fields
}

pub(super) type Row = BTreeMap<String, String>;

fn key(row: &Row) -> String {
    row[Column::CustomId.header()].clone()
}

/// The rows of one of our files, by header.
pub(super) fn rows_of(file: &[u8]) -> Vec<Row> {
    let text = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let mut reader = csv::Reader::from_reader(text);
    reader.deserialize().map(|row| row.unwrap()).collect()
}

/// The file with each row edited.
fn edit(file: &[u8], change: impl Fn(&mut Row)) -> Vec<u8> {
    let text = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let headers = csv::Reader::from_reader(text).headers().unwrap().clone();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headers).unwrap();
    for mut row in rows_of(file) {
        change(&mut row);
        writer.write_record(headers.iter().map(|header| &row[header])).unwrap();
    }
    writer.into_inner().unwrap()
}
