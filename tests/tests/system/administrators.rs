//! Schools, users, and what a school administrator sees and may do.

use std::collections::BTreeSet;

use cloud::bucket::HEADERS_OF_A_LINK;
use reqwest::Method;
use roster::{Code, MAX_BYTES, Mode, School, User};
use tests::town::Town;
use wire::Status;
use wire::http::{CustomIdEdit, NewUpload, Page, Recover, SchoolEdit, SettingsDocument, UserDetail, UserRow};

use super::{roster, student, students};

#[tokio::test]
async fn schools_are_created_renamed_and_keep_their_users() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    town.sync(&head, Mode::Partial, students(2, "10001", "9")).await;
    let edit =
        |name: &str, external_id: &str| SchoolEdit { name: name.into(), external_id: external_id.into(), seen: None };
    let new: School = head.ask(Method::POST, "schools", &edit("Tailspin Primary", "0003")).await;
    let taken = head.refused(Method::POST, "schools", &edit("Another", "10001")).await;
    assert_eq!(taken, (409, "external_id_taken".into()));
    let contoso = town.school("10001").await;
    let path = format!("schools/{}", contoso.id.0);
    let renamed: School = head.ask(Method::PUT, &path, &edit("Contoso Upper School", "C-1")).await;
    assert_eq!((&renamed.id, renamed.name.as_str()), (&contoso.id, "Contoso Upper School"));

    let rows = [student("S00000", "C-1", "9"), student("N1", "0003", "1"), student("N2", "3", "1")];
    let ended = town.sync(&head, Mode::Partial, roster(&rows.each_ref().map(String::as_str))).await;
    let counts = ended.counts.unwrap();
    assert_eq!((counts.unchanged, counts.created, counts.rejected), (1, 1, 1));
    let listed: Page<UserRow> = head.get(&format!("users?school={}", new.id.0)).await;
    assert_eq!(listed.items.len(), 1);
}

#[tokio::test]
async fn users_are_listed_searched_and_given_a_custom_id() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let rows = ["Zoë,Müller,,,N1,10001,Student,,9,Active", "Max,Mustermann,,max@town.example,N2,10001,Staff,,,Active"];
    town.sync(&head, Mode::Partial, roster(&rows)).await;
    let school = town.school("10001").await.id.0;
    for (search, found) in [("müll", "N1"), ("N2", "N2"), ("MAX@town.example", "N2"), ("Max", "N2")] {
        let query = reqwest::Url::parse_with_params("http://x/", [("school", school.as_str()), ("search", search)]);
        let page: Page<UserRow> = head.get(&format!("users?{}", query.unwrap().query().unwrap())).await;
        let ids: Vec<_> = page.items.iter().filter_map(|user| user.custom_id.as_deref()).collect();
        assert_eq!(ids, [found], "searching for {search}");
    }
    let user = town.user("N1").await;
    let path = format!("users/{}/custom-id", user.guid);
    let taken = CustomIdEdit { custom_id: "N2".into(), version: user.version };
    assert_eq!(head.refused(Method::PUT, &path, &taken).await, (409, "custom_id_taken".into()));
    let given = CustomIdEdit { custom_id: "00N1".into(), version: user.version };
    let detail: UserDetail = head.ask(Method::PUT, &path, &given).await;
    assert_eq!(detail.user.custom_id.as_deref(), Some("00N1"));
    assert_eq!((detail.history[0].by.as_deref(), &detail.history[0].upload), (Some("head"), &None));
    assert_eq!(head.refused(Method::PUT, &path, &given).await, (409, "user_changed".into()));
}

#[tokio::test]
async fn a_school_administrator_touches_only_the_own_school() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let principal = town.administrator("principal", "10001").await;
    let everybody = [student("N1", "10001", "9"), student("N2", "10001", "9"), student("N3", "10002", "9")];
    let all = town.sync(&head, Mode::Partial, roster(&everybody.each_ref().map(String::as_str))).await;

    let rows = [student("N1", "10001", "10"), student("N3", "10001", "9"), student("N4", "10002", "9")];
    let own = town.sync(&principal, Mode::Full, roster(&rows.each_ref().map(String::as_str))).await;
    let counts = own.counts.unwrap();
    assert_eq!((counts.updated, counts.removed, counts.rejected, counts.created), (1, 1, 2, 0), "{own:#?}");
    assert_eq!(own.findings, [(Code::SchoolOutOfScope, 1), (Code::UserOutOfScope, 1)].into());
    let other = town.user("N3").await;
    assert_eq!((other.version, other.deleted_at), (1, None));

    assert_eq!(principal.uploads().await.len(), 1, "the district's uploads are not theirs to see");
    for (method, path) in [
        (Method::GET, format!("uploads/{}", all.id)),
        (Method::GET, format!("uploads/{}/files/completed", all.id)),
        (Method::GET, format!("users/{}", other.guid)),
    ] {
        let (status, code) = principal.refused(method, &path, &()).await;
        assert!(status == 403 || status == 404, "{path} answers {status} {code}");
    }
    let document: SettingsDocument = principal.get("settings").await;
    let refused = principal.refused(Method::PUT, "settings", &document).await;
    assert_eq!(refused, (403, "not_allowed".into()));
    let new = SchoolEdit { name: "Mine".into(), external_id: "9".into(), seen: None };
    assert_eq!(principal.refused(Method::POST, "schools", &new).await.0, 403);
}

#[tokio::test]
async fn a_pupil_who_was_deleted_by_mistake_is_recovered_as_before() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let everybody = [student("N1", "10001", "9"), student("N2", "10001", "9")];
    town.sync(&head, Mode::Full, roster(&everybody.each_ref().map(String::as_str))).await;
    let before = town.user("N2").await;
    let ended = town.sync(&head, Mode::Full, roster(&[&everybody[0]])).await;
    assert_eq!(ended.counts.unwrap().removed, 1);
    let deleted: Page<UserRow> = head.get("users?deleted=true").await;
    let [gone] = &deleted.items[..] else { panic!("one deleted user: {deleted:#?}") };
    assert_eq!((gone.guid, gone.recoverable_until.is_some()), (before.guid, true));

    let recover = Recover { version: gone.version };
    let detail: UserDetail = head.ask(Method::POST, &format!("users/{}/recover", gone.guid), &recover).await;
    assert_eq!(detail.user, UserRow::from(User { version: before.version + 2, ..before }));
    let again = town.sync(&head, Mode::Full, roster(&everybody.each_ref().map(String::as_str))).await;
    assert_eq!((again.counts.unwrap().unchanged, again.counts.unwrap().changes()), (2, 0), "it is as it was");
}

#[tokio::test]
async fn settings_changed_by_two_are_not_lost() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let mut document: SettingsDocument = head.get("settings").await;
    document.settings.full.update_names = true;
    let saved: SettingsDocument = head.ask(Method::PUT, "settings", &document).await;
    assert!(saved.settings.full.update_names && saved.version > document.version);
    assert_eq!(head.refused(Method::PUT, "settings", &document).await, (409, "settings_changed".into()));
}

#[tokio::test]
async fn the_link_to_upload_takes_just_the_file_that_was_announced() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let (bytes, sha256) = (MAX_BYTES as u64 + 1, "0".repeat(64));
    let too_large = NewUpload {
        mode: Mode::Full,
        file_name: "x.csv".into(),
        bytes,
        sha256,
        encoding: None,
        sheet: None,
        checked: None,
        schools: BTreeSet::new(),
        of_source: None,
        by_hand: false,
        repeat: wire::http::Repeat::Never,
    };
    assert_eq!(head.refused(Method::POST, "uploads", &too_large).await, (422, "file_too_large".into()));
    let ticket = head.ticket(Mode::Full, "x.csv", &[b'x'; 10]).await;
    let mut headers: Vec<&str> = ticket.headers.iter().map(|(name, _)| name.as_str()).collect();
    headers.sort_unstable();
    assert_eq!(headers, HEADERS_OF_A_LINK, "the bucket lets the page send no others");
    let answer = head.put(&ticket, vec![b'x'; 11]).await;
    assert!(answer.status().is_client_error(), "a longer file: {}", answer.status());
    let elsewhere =
        wire::http::UploadTicket { url: ticket.url.replace("inbox/full", "inbox/partial"), ..ticket.clone() };
    assert!(head.put(&elsewhere, vec![b'x'; 10]).await.status().is_client_error(), "another folder");
    let answer = head.put(&ticket, vec![b'y'; 10]).await;
    assert!(answer.status().is_client_error(), "another file: {}", answer.status());
    town.system.settled().await;
    assert_eq!(town.cloud.object_list("inbox/").await.unwrap().len(), 0);
    assert_eq!(head.detail(&ticket.id).await.upload.status, Status::Queued, "it still waits for its file");
    assert!(head.put(&ticket, vec![b'x'; 10]).await.status().is_success());
    assert_eq!(head.wait_for_end(&ticket.id).await.status, Status::Failed);
}
