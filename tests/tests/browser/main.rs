//! The page in a real browser: Debian's Chromium, through ChromeDriver.

mod chrome;
mod edge;
mod watching;

use std::fs;
use std::time::Duration;

use chrome::Chrome;
use roster::{Mode, School, Scope, Settings};
use serde_json::{Value, json};
use tests::case::Case;
use tests::outcome::check;
use tests::sds::PLANTED;
use tests::town::{PASSWORD, Town};
use wire::http::FindingRow;
use wire::{FileKind, Status};

const BEFORE: &str = include_str!("../../example/before.csv");
const WITH_ERRORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/example/with-errors.csv");

#[tokio::test]
async fn a_roster_is_checked_sent_approved_and_its_files_are_downloaded() {
    let town = town_with_page().await;
    let head = town.administrator("head", "10000").await;
    town.sync(&head, Mode::Full, BEFORE).await;
    let chrome = Chrome::start().await;

    chrome.goto(&format!("{}/upload", town.system.address())).await;
    chrome.type_into("#username", "head").await;
    chrome.type_into("#password", PASSWORD).await;
    chrome.click("#sign-in").await;

    chrome.click("input[name=mode][value=full]").await;
    chrome.type_into("#file", WITH_ERRORS).await;
    let found = chrome.text_when("#check-result", |text| text.contains("7 rows have errors")).await;
    for (_, column, ..) in PLANTED {
        assert!(found.contains(column.header()), "{} is named in {found}", column.header());
    }
    assert!(found.contains("“dtodd@” is not an e-mail address."), "{found}");
    assert_eq!(head.uploads().await.len(), 1, "nothing was sent yet");

    chrome.click("#send").await;
    chrome.present("[data-status='Awaiting Approval']").await;
    let upload = head.uploads().await.remove(0);
    let counts = upload.counts.unwrap();
    assert_eq!((counts.created, counts.removed, counts.rejected), (5, 4, 7));
    chrome.type_into("#removals", "5").await;
    chrome.click("#approve").await;
    chrome.text_when(".confirm", |text| text.contains("removed: 4")).await;
    assert_eq!(head.detail(&upload.id).await.upload.status, Status::AwaitingApproval, "5 is not the number");
    chrome.clear("#removals").await;
    chrome.type_into("#removals", "4").await;
    chrome.click("#approve").await;
    chrome.present("[data-status='Completed with Errors']").await;

    chrome.click("#file-completed").await;
    let completed = chrome.downloaded("with-errors-completed.csv").await;
    assert_eq!(completed, head.file(&upload.id, FileKind::Completed).await);
    let completed = String::from_utf8(completed).unwrap();
    assert_eq!(completed.lines().count(), 1 + 98 - 7);
    assert_eq!(completed.lines().filter(|line| line.contains(",created")).count(), 5);
    assert!(completed.lines().next().unwrap().contains("user_guid,temporary_password,Result"), "{completed}");

    chrome.click("#file-errors").await;
    let errors = String::from_utf8(chrome.downloaded("with-errors-errors.csv").await).unwrap();
    assert_eq!(errors.lines().count(), 1 + 7);
    assert!(errors.lines().next().unwrap().ends_with(",Error"));
    assert!(errors.contains("“Ninth” is not a grade."), "{errors}");
    chrome.stop().await;
}

#[tokio::test]
async fn whoever_approves_says_which_new_ids_are_those_of_users_who_exist() {
    let town = town_with_page().await;
    let head = town.administrator("head", "10000").await;
    town.sync(&head, Mode::Full, BEFORE).await;
    let (florence, noah) = (town.user("13003").await, town.user("13004").await);
    let roster = BEFORE.replace(",13003,", ",F-3003,").replace(",13004,", ",N-3004,");
    let rows = ["F-3003", "N-3004"].map(|id| 1 + roster.lines().position(|line| line.contains(id)).unwrap());
    let id = head.upload(Mode::Full, "new-ids.csv", roster).await;
    let counts = head.wait_for_plan(&id).await.counts.unwrap();
    assert_eq!((counts.rekeyed, counts.created, counts.removed, counts.rejected), (2, 0, 0, 0));
    let chrome = Chrome::start().await;

    chrome.goto(&format!("{}/uploads/{id}", town.system.address())).await;
    sign_in(&chrome, "head", PASSWORD).await;
    chrome.text_when(".decision-doing", |text| text.contains("depends on the choice below")).await;
    // The list makes the panel longer, and the button stands below it.
    chrome.present(&format!("#treat-as-{}", rows[1])).await;
    chrome.click("#approve").await;
    chrome.text_when(".decision", |text| text.contains("Say first whether they are the same people.")).await;
    chrome.click("#rekeys-same").await;
    let all = "Approving will give a new custom ID to 2 users.";
    chrome.text_when(".decision-doing", |text| text == all).await;
    chrome.type_into(&format!("#treat-as-{}", rows[1]), "Two people").await;
    let one = "Approving will create 1 user, give a new custom ID to 1 user and delete 1 user.";
    chrome.text_when(".decision-doing", |text| text == one).await;
    chrome.type_into("#removals", "1").await;
    chrome.click("#approve").await;
    chrome.present("[data-status='Completed']").await;

    assert_eq!(town.user("F-3003").await.guid, florence.guid, "she keeps her account");
    assert_eq!(town.user("F-3003").await.username, florence.username);
    assert_ne!(town.user("N-3004").await.guid, noah.guid, "the other is a new user");
    assert!(town.user("13004").await.deleted_at.is_some());
    chrome.stop().await;
}

#[tokio::test]
async fn a_pupil_signs_in_with_a_slip_and_sets_an_own_password() {
    const OWN: &str = "violet tractor 9";
    let town = town_with_page().await;
    let head = town.administrator("head", "10000").await;
    let roster = "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,position,\
                  grade,status\nNia,Small,,,P1,10001,Student,,2,Active\n";
    let upload = town.sync(&head, Mode::Partial, roster).await;
    let completed = head.file(&upload.id, FileKind::Completed).await;
    let sheets = roster::slips::slips(&completed).unwrap();
    let slip = &sheets[0].slips[0];
    let chrome = Chrome::start().await;

    // The administrator prints the slips.
    chrome.goto(&format!("{}/uploads/{}/slips", town.system.address(), upload.id)).await;
    chrome.type_into("#username", "head").await;
    chrome.type_into("#password", PASSWORD).await;
    chrome.click("#sign-in").await;
    chrome.text_when(".slip-name", |text| text == "Nia Small").await;
    chrome.text_when(".slip-username", |text| text == slip.username).await;
    chrome.text_when(".slip-password", |text| text == slip.temporary_password).await;
    chrome.text_when(".sheet h2", |text| text == "Contoso High School, Grade 2").await;
    chrome.click("#sign-out").await;

    // The pupil begins.
    chrome.goto(&town.system.address()).await;
    sign_in(&chrome, &slip.username, &slip.temporary_password).await;
    chrome.type_into("#new-password", "password").await;
    chrome.type_into("#again-password", "password").await;
    chrome.click("#save-password").await;
    chrome.text_when("#own-password-problem", |text| text.contains("one of the first that anybody would try")).await;
    for field in ["#new-password", "#again-password"] {
        chrome.clear(field).await;
        chrome.type_into(field, OWN).await;
    }
    chrome.click("#save-password").await;
    chrome.text_when("#profile", |text| text.contains("Nia Small") && text.contains("Student, grade 2")).await;
    let menu = chrome.text_when("header.top", |text| text.contains("Nia Small")).await;
    assert!(!menu.contains("Users") && !menu.contains("Settings"), "{menu}");
    chrome.click("#sign-out").await;

    sign_in(&chrome, &slip.username, &slip.temporary_password).await;
    chrome.text_when("#sign-in-problem", |text| text.contains("not right")).await;
    chrome.clear("#username").await;
    sign_in(&chrome, &slip.username, OWN).await;
    chrome.present("#profile").await;
    chrome.stop().await;
}

#[tokio::test]
async fn a_new_pupil_is_filled_in_on_the_page_and_there_once_approved() {
    let town = town_with_page().await;
    let head = town.administrator("head", "10000").await;
    let chrome = Chrome::start().await;
    chrome.goto(&format!("{}/users/new", town.system.address())).await;
    sign_in(&chrome, "head", PASSWORD).await;

    chrome.type_into("#first_name", "Nia").await;
    chrome.type_into("#last_name", "Tuesday").await;
    chrome.type_into("#email", "nia@").await;
    chrome.type_into("#custom_id", "00123").await;
    // The list comes after the form.
    chrome.text_when("#school_district_external_id", |text| text.contains("Contoso High School")).await;
    chrome.type_into("#school_district_external_id", "Contoso High School").await;
    chrome.type_into("#grade", "Grade 4").await;
    chrome.click("#send-person").await;
    chrome.text_when("#email-error", |text| text.contains("is not an e-mail address")).await;
    assert!(head.uploads().await.is_empty(), "nothing was sent");
    chrome.clear("#email").await;
    chrome.type_into("#email", "nia@contoso.example").await;
    chrome.click("#send-person").await;
    chrome.present("[data-status='Awaiting Approval']").await;
    chrome.text_when(".decision-doing", |text| text == "Approving will create 1 user.").await;
    chrome.click("#approve").await;
    chrome.present("[data-status='Completed']").await;

    let nia = town.user("00123").await;
    assert_eq!((nia.first_name.as_str(), nia.email.as_str()), ("Nia", "nia@contoso.example"));
    let upload = head.uploads().await.remove(0);
    assert_eq!((upload.by_hand, upload.file_name.as_str()), (true, "by-hand-00123.csv"));
    chrome.stop().await;
}

/// Two students and a teacher of the first school; the first student is in the teacher's class.
const CLASS: &str = "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,position,grade,status,\
     class_id,class_name,class_role\n\
     Tom,Reed,,tom@town.example,T1,10001,Teacher,,,Active,MATH,Mathematics,\n\
     Sam,Pond,,,S1,10001,Student,,9,Active,MATH,Mathematics,\n\
     Nia,Moss,,,S2,10001,Student,,9,Active,,,\n";

#[tokio::test]
async fn a_class_gets_another_student_loses_one_and_is_archived_and_restored() {
    let town = town_with_page().await;
    let head = town.administrator("head", "10000").await;
    town.sync(&head, Mode::Partial, CLASS).await;
    let chrome = Chrome::start().await;
    let school = town.school("10001").await.id;
    let classes = format!("{}/classes?school={}", town.system.address(), school.0);
    chrome.goto(&classes).await;
    sign_in(&chrome, "head", PASSWORD).await;
    chrome.click_link("Mathematics").await;
    chrome.text_when("#students-title", |text| text == "Students (1)").await;

    chrome.type_into("#enrol-id", "S9").await;
    chrome.click("#enrol").await;
    chrome.text_when("#enrol-id-error", |text| text.starts_with("No user whom you may see has this custom ID")).await;
    chrome.clear("#enrol-id").await;
    chrome.type_into("#enrol-id", "T1").await;
    chrome.click("#enrol").await;
    chrome.text_when("#enrol-role-error", |text| text == "Tom Reed is no student. Choose another role.").await;
    chrome.clear("#enrol-id").await;
    chrome.type_into("#enrol-id", "S2").await;
    chrome.click("#enrol").await;
    approve_in(&chrome, "Approving will add 1 enrolment.").await;

    chrome.goto(&classes).await;
    chrome.click_link("Mathematics").await;
    chrome.text_when("#students-title", |text| text == "Students (2)").await;
    chrome.click("[aria-label='Take Sam Pond out of the class']").await;
    approve_in(&chrome, "Approving will end 1 enrolment.").await;

    chrome.goto(&classes).await;
    chrome.click_link("Mathematics").await;
    chrome.text_when("#students-title", |text| text == "Students (1)").await;
    chrome.text_when("#ended summary", |text| text == "Left in the last 30 days: 1 person").await;
    chrome.click("#archive-class").await;
    chrome
        .text_when("#archive-question", |text| {
            text.ends_with("2 enrolments will end: 1 student and 1 teacher or aide.")
        })
        .await;
    chrome.click("#archive-now").await;
    chrome.text_when("#students-title", |text| text == "Students (0)").await;
    chrome.click("#restore-class").await;
    chrome.text_when("#students-title", |text| text == "Students (1)").await;
    chrome.stop().await;
}

#[tokio::test]
async fn the_passwords_of_a_class_are_reset_and_their_slips_are_shown() {
    let town = town_with_page().await;
    let head = town.administrator("head", "10000").await;
    town.sync(&head, Mode::Partial, CLASS).await;
    let chrome = Chrome::start().await;
    chrome.goto(&format!("{}/classes?school={}", town.system.address(), town.school("10001").await.id.0)).await;
    sign_in(&chrome, "head", PASSWORD).await;
    chrome.click_link("Mathematics").await;
    chrome.type_into("#reset-whom", "Pond, Sam").await;
    chrome.click("#reset-ask").await;
    chrome.text_when("main", |text| text.contains("Reset the password of Pond, Sam?")).await;
    chrome.click("#reset-back").await;
    chrome.type_into("#reset-whom", "All of the class (1)").await;
    chrome.click("#reset-ask").await;
    chrome.text_when("main", |text| text.contains("Reset the passwords of 1 student of Mathematics?")).await;
    // The dangerous button is never the easy one.
    chrome.present("#reset-back:focus").await;
    chrome.click("#reset-back").await;
    chrome.click("#reset-ask").await;
    chrome.click("#reset-now").await;
    chrome.text_when("main", |text| text.contains("1 password was reset.")).await;
    chrome.text_when("main", |text| text.contains("Resets of this class")).await;
    chrome.click_link("Print slips").await;
    chrome.text_when("main", |text| text.contains("Sam Pond") && !text.contains("Tom Reed")).await;
    chrome.stop().await;
}

#[tokio::test]
async fn the_schools_lead_to_the_classes_that_one_may_see() {
    let town = town_with_page().await;
    town.administrator("head", "10000").await;
    town.administrator("principal", "10001").await;
    let schools = format!("{}/schools", town.system.address());
    let links = async |username: &str| {
        let chrome = Chrome::start().await;
        chrome.goto(&schools).await;
        sign_in(&chrome, username, PASSWORD).await;
        chrome.present("[aria-label='Classes of Contoso High School']").await;
        const LINKS: &str = "const [done] = arguments; \
            done([...document.querySelectorAll('a[href^=\"/classes?school=\"]')].map(a => a.getAttribute('aria-label')));";
        let links = chrome.run(LINKS, vec![]).await;
        chrome.stop().await;
        links.as_array().unwrap().clone()
    };
    assert_eq!(links("principal").await, ["Classes of Contoso High School"], "the own school and no other");
    let of_all = links("head").await;
    assert!(of_all.len() > 1 && of_all.contains(&json!("Classes of Contoso High School")), "{of_all:?}");
}

#[tokio::test]
async fn a_plan_says_how_many_classes_and_enrolments_were_rejected() {
    let town = town_with_page().await;
    let head = town.administrator("head", "10000").await;
    // Somebody is in a school that there is not, and in a class.
    let roster = format!("{CLASS}Lou,Lost,,,S9,10009,Student,,9,Active,MATH,Mathematics,\n");
    let id = head.upload(Mode::Full, "night.csv", roster).await;
    let counts = head.wait_for_plan(&id).await.class_counts.unwrap();
    assert_eq!((counts.classes.rejected, counts.enrolments.rejected), (0, 1));
    let chrome = Chrome::start().await;
    chrome.goto(&format!("{}/uploads/{id}", town.system.address())).await;
    sign_in(&chrome, "head", PASSWORD).await;
    let left = "1 class or enrolment was rejected, and left as they are.";
    chrome.text_when(".decision", |text| text.contains(left)).await;
    let rejected = "#class-counts tbody tr:nth-child(2) [data-label=Rejected]";
    chrome.text_when(rejected, |text| text == "1").await;
    chrome.text_when("#class-counts tbody tr:nth-child(1) [data-label=Rejected]", |text| text == "0").await;
    chrome.stop().await;
}

#[tokio::test]
async fn an_api_key_is_made_shown_once_and_ended() {
    let town = town_with_page().await;
    town.administrator("head", "10000").await;
    let chrome = Chrome::start().await;
    let keys = format!("{}/settings/keys", town.system.address());
    chrome.goto(&keys).await;
    sign_in(&chrome, "head", PASSWORD).await;
    chrome.text_when("main", |text| text.contains("There is no key.")).await;
    chrome.click("#make-key").await;
    chrome.type_into("#key-name", "Night export").await;
    chrome.click("#key-form button[type=submit]").await;
    let secret = chrome.text_when("#made-secret code", |text| text.starts_with("rb_")).await;
    chrome.present("#made-secret:focus").await;
    chrome.goto(&keys).await;
    let page = chrome.text_when("main", |text| text.contains("Night export")).await;
    assert!(!page.contains(&secret) && page.contains("Never"), "{page}");

    chrome.click("[aria-label='End the key Night export']").await;
    chrome.click("[aria-label='End the key Night export?'] button.danger").await;
    chrome.text_when("main", |text| text.contains("Ended by ")).await;
    chrome.stop().await;
}

#[tokio::test]
async fn a_class_is_seen_by_its_teacher_who_changes_nothing_in_it() {
    const OWN: &str = "violet tractor 9";
    let town = town_with_page().await;
    let head = town.administrator("head", "10000").await;
    let upload = town.sync(&head, Mode::Partial, CLASS).await;
    let sheets = roster::slips::slips(&head.file(&upload.id, FileKind::Completed).await).unwrap();
    let tom = sheets.iter().flat_map(|sheet| &sheet.slips).find(|slip| slip.first_name == "Tom").unwrap();
    let chrome = Chrome::start().await;
    chrome.goto(&town.system.address()).await;
    sign_in(&chrome, &tom.username, &tom.temporary_password).await;
    chrome.type_into("#new-password", OWN).await;
    chrome.type_into("#again-password", OWN).await;
    chrome.click("#save-password").await;
    chrome.text_when("header.top", |text| text.contains("Tom Reed")).await;
    chrome.goto(&format!("{}/classes", town.system.address())).await;
    chrome.text_when("h1", |text| text == "My classes").await;
    chrome.click_link("Mathematics").await;
    chrome.text_when("#students-title", |text| text == "Students (1)").await;
    let page = chrome.text_when("main", |text| text.contains("Pond, Sam")).await;
    for offered in ["Take out", "Add somebody", "Archive"] {
        assert!(!page.contains(offered), "{offered}: {page}");
    }
    chrome.stop().await;
}

/// Approves the plan that is shown, once it says what approving does, and waits for its end.
async fn approve_in(chrome: &Chrome, doing: &str) {
    chrome.present("[data-status='Awaiting Approval']").await;
    chrome.text_when(".decision-doing", |text| text == doing).await;
    chrome.click("#approve").await;
    chrome.present("[data-status='Completed']").await;
}

#[tokio::test]
async fn a_file_of_another_system_is_matched_once_and_read_by_itself_from_then_on() {
    let town = town_with_page().await;
    let head = town.administrator("head", "10000").await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name, text| file_in(&folder, name, text);
    let chrome = Chrome::start().await;
    let page = format!("{}/upload", town.system.address());
    chrome.goto(&page).await;
    sign_in(&chrome, "head", PASSWORD).await;

    chrome.type_into("#file", &file("students.csv", EXPORT)).await;
    chrome.text_when(".match", |text| text.contains("This looks like an export of PowerSchool.")).await;
    chrome.text_when(".match-people", |text| text.contains("Nia") && text.contains("PreK")).await;
    chrome.click("#accept-columns").await;
    chrome.text_when("#match-open", |text| text.starts_with("Look at user_type first.")).await;
    chrome.click("#look-user_type").await;
    // Who has left is not read at all.
    chrome.type_into("#value-status-1", "Leave these rows out").await;
    chrome.text_when("#match-open", |text| text == "Everything is clear.").await;
    chrome.text_when(".match-people", |text| !text.contains("Nia") && text.contains("Ben")).await;
    assert!(head.uploads().await.is_empty(), "nothing was sent yet");
    chrome.click("#accept-columns").await;
    chrome.text_when("#read-by", |text| text.contains("PowerSchool, not saved yet")).await;
    chrome.text_when("#check-result", |text| text.contains("No errors")).await;
    chrome.click("#send").await;
    chrome.present("[data-status='Awaiting Approval']").await;
    chrome.text_when("#read-by", |text| text == "the mapping PowerSchool, version 1").await;
    chrome.click("#approve").await;
    chrome.present("[data-status='Completed']").await;
    let upload = head.uploads().await.remove(0);
    assert_eq!((upload.counts.unwrap().created, upload.profile.unwrap().version), (2, 1));
    let ora = town.user("40001").await;
    assert_eq!((ora.first_name.as_str(), ora.last_name.as_str(), ora.middle_name.as_str()), ("Ora", "Klein", "M"));

    let next = EXPORT.replace("\"Okafor, Ben\",3", "\"Okafor, Ben\",4");
    chrome.goto(&page).await;
    chrome.type_into("#file", &file("students-again.csv", &next)).await;
    chrome.text_when("#read-by", |text| text.contains("Read by the mapping PowerSchool, version 1")).await;
    chrome.click("#send").await;
    chrome.present("[data-status='Awaiting Approval']").await;
    chrome.click("#approve").await;
    chrome.present("[data-status='Completed']").await;
    assert_eq!(head.uploads().await.len(), 2);
    chrome.stop().await;
}

#[tokio::test]
async fn who_may_not_save_a_mapping_checks_a_file_with_it_and_does_not_send_it() {
    let town = town_with_page().await;
    let principal = town.administrator("principal", "10001").await;
    let folder = tempfile::tempdir().unwrap();
    let chrome = Chrome::start().await;
    chrome.goto(&format!("{}/upload", town.system.address())).await;
    sign_in(&chrome, "principal", PASSWORD).await;

    chrome.type_into("#file", &file_in(&folder, "students.csv", EXPORT)).await;
    chrome.text_when(".match", |text| text.contains("An administrator has to save this mapping first.")).await;
    chrome.click("#look-user_type").await;
    chrome.click("#look-status").await;
    chrome.text_when("#match-open", |text| text == "Everything is clear.").await;
    chrome.click("#accept-columns").await;
    chrome.text_when("#check-result", |text| text.contains("No errors")).await;
    chrome.text_when("#not-to-be-sent", |text| text.contains("Ask a district administrator")).await;
    assert_eq!(chrome.run("arguments[0](document.querySelector('#send'))", vec![]).await, Value::Null);
    assert!(principal.uploads().await.is_empty());
    chrome.stop().await;
}

/// An export of PowerSchool, as it is by default.
const EXPORT: &str = "Student_Number,LastFirst,Grade_Level,SchoolID,Enroll_Status,Home_Room\n\
                      40001,\"Klein, Ora M\",-1,10001,0,1a\n40002,\"Okafor, Ben\",3,10001,0,2b\n\
                      40003,\"Small, Nia\",0,10001,3,2b\n";

/// Writes a file for the browser to choose, and gives its path.
fn file_in(folder: &tempfile::TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

async fn sign_in(chrome: &Chrome, username: &str, password: &str) {
    chrome.type_into("#username", username).await;
    chrome.type_into("#password", password).await;
    chrome.click("#sign-in").await;
}

#[tokio::test]
async fn the_page_finds_in_every_case_what_the_server_finds() {
    let town = town_with_page().await;
    let chrome = Chrome::start().await;
    chrome.goto(&town.system.address()).await;
    chrome.present("#sign-in").await;
    let mut differing = Vec::new();
    let names = Case::names();
    for name in &names {
        let case = Case::load(name);
        if case.set.as_ref().is_some_and(|set| !set.users) {
            continue; // no file of users for the page to look at
        }
        let page = in_page(&chrome, &case).await;
        let own: Vec<FindingRow> = check(case.sent(), &case.terms()).iter().map(FindingRow::from).collect();
        let page: Vec<FindingRow> = serde_json::from_value(page["findings"].clone()).unwrap();
        if page != own {
            differing.push(format!("{name}: the page finds {page:#?} and the server {own:#?}"));
        }
    }
    assert!(names.len() >= 60);
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    chrome.stop().await;
}

/// What the page's own check says of the case's roster.
async fn in_page(chrome: &Chrome, case: &Case) -> Value {
    // The roster as parts to be repeated, so that large ones need not travel through the driver.
    const SCRIPT: &str = r"
        const [parts, request, done] = arguments;
        const pieces = parts.map(part => [Uint8Array.from(part.hex.match(/../g) ?? [], h => parseInt(h, 16)), part.times]);
        const bytes = new Uint8Array(pieces.reduce((sum, [piece, times]) => sum + piece.length * times, 0));
        let at = 0;
        for (const [piece, times] of pieces) {
            if (piece.length == 1) {
                bytes.fill(piece[0], at, at + times);
                at += times;
            } else for (let i = 0; i < times; i++, at += piece.length) {
                bytes.set(piece, at);
            }
        }
        window.rollbookCheck(bytes, request).then(done, error => done({ error: String(error) }));
    ";
    let parts: Vec<Value> =
        case.parts().into_iter().map(|(bytes, times)| json!({ "hex": hex::encode(&bytes), "times": times })).collect();
    let terms = case.terms();
    let settings = Settings {
        partial: case.settings.clone(),
        full: case.settings.clone(),
        accounts: case.accounts.clone(),
        reading: case.reading.settings.clone(),
        ..Settings::default()
    };
    let schools: Vec<&School> = case.schools.iter().collect();
    let scope: &Scope = &terms.scope;
    let request = json!({ "schools": schools, "settings": settings, "mode": terms.mode, "scope": scope });
    let report = chrome.run(SCRIPT, vec![json!(parts), request]).await;
    assert!(report.get("error").is_none(), "{}: {report}", case.name);
    report
}

async fn town_with_page() -> Town {
    let page = std::env::var("ROLLBOOK_PAGE").expect("the page is built, and its folder named, by `cargo local test`");
    let index = std::path::Path::new(&page).join("index.html");
    assert!(fs::exists(&index).unwrap(), "there is no {}: run `cargo local test`", index.display());
    Town::build_with_page().await
}

/// How long the browser may take for anything.
const PATIENCE: Duration = Duration::from_secs(120);
