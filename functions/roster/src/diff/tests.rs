//! What rows do to users: each rule with the changes and findings that come of it.

mod names;
mod understood;

use crate::diff::{Change, Comparison, Diff, RekeyChoice, Unchanged};
use crate::file::parse;
use crate::model::{Directory, Fields, Findings, SchoolId, User};
use crate::settings::{Accounts, Mode, ModeSettings, PasswordSource, PersonDiffers, RemovalAction, Scope};
use crate::testing::{guid, roster, schools, users};
use crate::validate::validate;

use super::diff;

/// A comparison for a test: partial, of the whole organisation, with the usual settings.
struct Setup {
    mode: Mode,
    scope: Scope,
    settings: ModeSettings,
    accounts: Accounts,
}

const PARTIAL: fn() -> Setup = || Setup {
    mode: Mode::Partial,
    scope: Scope::Organisation,
    settings: ModeSettings::default(),
    accounts: Accounts::default(),
};
const FULL: fn() -> Setup = || Setup { mode: Mode::Full, ..PARTIAL() };

fn compared(setup: &Setup, directory: &[&str], rows: &[&str]) -> (Diff, Findings) {
    compared_with(setup, users(directory), rows)
}

fn compared_with(setup: &Setup, users: Vec<User>, rows: &[&str]) -> (Diff, Findings) {
    compared_by(setup, &crate::Reading::strict(), users, rows)
}

fn compared_by(setup: &Setup, reading: &crate::settings::Reading, users: Vec<User>, rows: &[&str]) -> (Diff, Findings) {
    let (parsed, _) = parse(&roster(rows), reading);
    let (valid, mut findings) =
        validate(&parsed.expect("the headers are right"), &schools(), &setup.scope, &setup.settings);
    let comparison = Comparison {
        mode: setup.mode,
        scope: setup.scope.clone(),
        settings: &setup.settings,
        accounts: &setup.accounts,
        now: crate::testing::NOW,
        schools: &schools(),
        max_exchange_writes: crate::testing::MAX_EXCHANGE_WRITES,
        guid_seed: [1; 32],
        password_is_current: &|_, password| password.reveal() == "current-tractor-9",
    };
    let (diff, more) = diff(valid, &Directory::new(users), &comparison).of_everybody();
    findings.append(more);
    findings.sort();
    (diff, findings)
}

/// Changes as `kind custom_id: fields that differ`, then findings as `row CODE value`.
fn check(setup: Setup, directory: &[&str], rows: &[&str], expected: &[&str]) {
    check_by(setup, &crate::Reading::strict(), directory, rows, expected);
}

fn check_by(setup: Setup, reading: &crate::settings::Reading, directory: &[&str], rows: &[&str], expected: &[&str]) {
    let (diff, findings) = compared_by(&setup, reading, users(directory), rows);
    let mut told: Vec<String> = diff.changes.iter().map(change).collect();
    told.sort();
    told.extend(
        findings
            .iter()
            .map(|f| format!("{} {} {}", f.row.unwrap_or_default(), f.code, f.value.as_deref().unwrap_or("-"))),
    );
    assert_eq!(told, expected, "users {directory:#?}, rows {rows:#?}");
    let by_rows = diff.changes.iter().filter(|c| c.row.is_some()).count();
    assert_eq!(by_rows + diff.unchanged.len() + diff.rejected.len(), rows.len());
}

fn change(change: &Change) -> String {
    let fields = |fields: &Option<Fields>| fields.clone().map(|f| f.list().map(|(h, v)| (h, v.to_owned())));
    let mut differ: Vec<String> = match (fields(&change.before), fields(&change.after)) {
        (Some(before), Some(after)) => {
            before.iter().zip(&after).filter(|(b, a)| b != a).map(|(b, a)| format!("{} {}>{}", b.0, b.1, a.1)).collect()
        }
        _ => Vec::new(),
    };
    differ.extend(change.password.map(|source| match source {
        PasswordSource::File | PasswordSource::FileLasting => "password of the file".to_owned(),
        PasswordSource::Temporary => "temporary password".to_owned(),
        PasswordSource::Words => "temporary password of words".to_owned(),
        PasswordSource::Default => "default password".to_owned(),
    }));
    differ.extend(change.restores.then(|| "restored".to_owned()));
    differ.extend(change.exchange.map(|number| format!("exchange {number}")));
    let id = change.shown().map(|f| f.custom_id.clone()).unwrap_or_default();
    format!("{} {id}: {}", change.kind.as_str(), differ.join(", ")).trim_end_matches([':', ' ']).to_owned()
}

#[test]
fn kinds_of_changes() {
    check(PARTIAL(), &[], &["custom_id=1"], &["created 1: temporary password"]);
    check(PARTIAL(), &[], &["custom_id=1|password=violet-tractor-9"], &["created 1: password of the file"]);
    check(PARTIAL(), &["custom_id=1"], &["custom_id=1"], &[]);
    check(PARTIAL(), &["custom_id=1"], &["custom_id=1|grade=9"], &["updated 1: grade Unspecified>9"]);
    check(
        PARTIAL(),
        &["custom_id=1|status=Disabled"],
        &["custom_id=1|grade=9"],
        &["reactivated 1: grade Unspecified>9, status Disabled>Active"],
    );
    check(PARTIAL(), &["custom_id=1"], &["custom_id=1|status=Disabled"], &["updated 1: status Active>Disabled"]);
    let moved = "custom_id=1|school_district_external_id=D";
    check(
        PARTIAL(),
        &["custom_id=1|status=Disabled"],
        &[moved],
        &["moved 1: school_district_external_id id-10>id-D, status Disabled>Active"],
    );
    check(FULL(), &["custom_id=1", "custom_id=2"], &["custom_id=1"], &["removed 2"]);
}

#[test]
fn names_and_passwords_change_only_where_the_settings_say_so() {
    let directory = ["custom_id=1|first_name=Ann|middle_name=M|username=ora"];
    let row = ["custom_id=1|first_name=Jane|password=violet-tractor-9"];
    let with = |names, password| {
        let settings = ModeSettings { update_names: names, update_password: password, ..ModeSettings::default() };
        Setup { settings, ..PARTIAL() }
    };
    check(with(false, false), &directory, &row, &[]);
    check(with(true, false), &directory, &row, &["updated 1: first_name Ann>Jane, middle_name M>"]);
    check(with(false, true), &directory, &row, &["updated 1: password of the file"]);
    check(with(false, true), &directory, &["custom_id=1|password=current-tractor-9"], &[]);
    check(with(false, false), &directory, &["custom_id=1|username=OKlein"], &["renamed 1: username ora>OKlein"]);
}

#[test]
fn a_position_of_a_student_and_a_grade_of_staff_do_not_count() {
    check(PARTIAL(), &["custom_id=1|position=Captain"], &["custom_id=1|position=Goalkeeper"], &[]);
    let teacher = "custom_id=1|user_type=Teacher|email=a@x.example";
    check(PARTIAL(), &[&format!("{teacher}|grade=9")], &[&format!("{teacher}|grade=10")], &[]);
    check(
        PARTIAL(),
        &["custom_id=1|position=P|grade=9"],
        &[&format!("{teacher}|position=P")],
        &["updated 1: email >a@x.example, user_type Student>Teacher, position >P, grade 9>Unspecified, roles >teacher"],
    );
}

#[test]
fn deleted_users_come_back() {
    let deleted = "custom_id=1|deleted=|first_name=Old|username=old";
    check(
        PARTIAL(),
        &[deleted],
        &["custom_id=1|first_name=Ann|grade=9"],
        &["reactivated 1: first_name Old>Ann, grade Unspecified>9, temporary password, restored"],
    );
    check(FULL(), &[deleted, "custom_id=2"], &["custom_id=2"], &[]);
    let by_guid = format!("custom_id=1|user_guid={}", guid(7));
    check(PARTIAL(), &["custom_id=1|guid=7|deleted="], &[&by_guid], &["reactivated 1: temporary password, restored"]);
}

#[test]
fn guids() {
    let row = |id: &str| format!("custom_id={id}|last_name=Fir|user_guid={}", guid(7));
    let known = ["custom_id=1|last_name=Fir|guid=7", "custom_id=2|guid=8"];
    check(PARTIAL(), &known, &[&row("1")], &[]);
    check(PARTIAL(), &known, &[&row("3")], &["updated 3: custom_id 1>3"]);
    check(PARTIAL(), &known, &[&row("2")], &[&format!("2 GUID_SWAPPED {}", guid(7))]);
    let unknown = format!("2 GUID_UNKNOWN {}", guid(7));
    check(PARTIAL(), &["custom_id=1|guid=6"], &[&row("1")], &[&unknown]);
    check(PARTIAL(), &["custom_id=|username=u|guid=7"], &[&row("1")], &[&unknown]);
    check(PARTIAL(), &["custom_id=1|guid=7|deleted="], &[&row("2")], &[&unknown]);
    // Another row has the custom ID that this one changes.
    check(PARTIAL(), &known, &[&row("3"), "custom_id=1"], &["2 USER_REPEATED 1", "3 USER_REPEATED 1"]);
    // Two users that give each other their IDs are two swapped GUIDs.
    let other = format!("custom_id=1|user_guid={}", guid(8));
    check(
        PARTIAL(),
        &known,
        &[&row("2"), &other],
        &[&format!("2 GUID_SWAPPED {}", guid(7)), &format!("3 GUID_SWAPPED {}", guid(8))],
    );
}

#[test]
fn zeros_that_a_spreadsheet_took() {
    check(FULL(), &["custom_id=00123"], &["custom_id=123"], &["2 CUSTOM_ID_ZEROS_LOST 123"]);
    check(FULL(), &["custom_id=00123"], &["custom_id=0123"], &["2 CUSTOM_ID_ZEROS_LOST 0123"]);
    check(
        PARTIAL(),
        &["custom_id=00123"],
        &["custom_id=123|last_name=Fir", "custom_id=00123"],
        &["created 123: temporary password", "2 CUSTOM_ID_ZEROS_ALIKE 123"],
    );
    // One person would be two users.
    check(PARTIAL(), &["custom_id=00123"], &["custom_id=123", "custom_id=00123"], &["2 CUSTOM_ID_ZEROS_LOST 123"]);
    // And who is Disabled in the one row and Active in the other is not shut out.
    check(
        PARTIAL(),
        &["custom_id=00123"],
        &["custom_id=123", "custom_id=00123|status=Disabled"],
        &["2 CUSTOM_ID_ZEROS_LOST 123", "3 USER_REPEATED 00123"],
    );
    check(PARTIAL(), &["custom_id=123"], &["custom_id=00123"], &["2 CUSTOM_ID_ALIKE 00123"]);
    // Who was deleted does not come back as somebody else, and is in nobody else's way.
    check(PARTIAL(), &["custom_id=00123|deleted="], &["custom_id=123"], &["2 CUSTOM_ID_ZEROS_LOST 123"]);
    let other = "custom_id=123|last_name=Fir";
    check(PARTIAL(), &["custom_id=00123|deleted="], &[other], &["created 123: temporary password"]);
    // Of several the one of the same name is meant, and of none all are named.
    let several = ["custom_id=00123|last_name=Ash", "custom_id=0123|last_name=Birch"];
    let named = |last_name: &str| {
        let (_, findings) = compared(&PARTIAL(), &several, &[&format!("custom_id=123|last_name={last_name}")]);
        findings[0].expected.clone().unwrap_or_default()
    };
    assert_eq!(named("Birch"), "The ID with its leading zeros: 0123.");
    assert_eq!(named("Fir"), "The ID of one of these users: 00123, 0123.");
    check(PARTIAL(), &["custom_id=00123", "custom_id=123"], &["custom_id=123"], &[]);
    // A download that went through a spreadsheet has the right GUID and the wrong ID.
    let row = format!("custom_id=123|user_guid={}", guid(7));
    check(PARTIAL(), &["custom_id=00123|guid=7"], &[&row], &["2 CUSTOM_ID_ZEROS_LOST 123"]);
    let row = format!("custom_id=00123|user_guid={}", guid(7));
    check(PARTIAL(), &["custom_id=123|guid=7"], &[&row], &["updated 00123: custom_id 123>00123"]);
}

#[test]
fn ids_that_are_only_written_otherwise() {
    let alike = |known: &str, written: &str, why: &str| {
        let (user, row) = (format!("custom_id={known}"), format!("custom_id={written}"));
        for setup in [PARTIAL(), FULL()] {
            check(setup, &[&user], &[&row], &[&format!("2 CUSTOM_ID_ALIKE {written}")]);
        }
        let (_, findings) = compared(&FULL(), &[&user], &[&row]);
        assert_eq!(findings[0].expected, Some(format!("Probably {known}: it differs {why}.")));
        let by_guid = format!("{row}|user_guid={}", guid(7));
        compared(&FULL(), &[&format!("{user}|guid=7")], &[&by_guid]).0.changes.len()
    };
    let corrected = 1;
    assert_eq!(alike("S-AB12", "s-ab12", "by capital letters only"), corrected);
    assert_eq!(
        alike("Ä1", "A\u{308}1", "only by how its letters are stored, or by letters that can't be seen"),
        corrected
    );
    assert_eq!(alike("AB-07", "AB\u{2011}07", "only by the kind of hyphen, or by spaces"), corrected);
    assert_eq!(alike("20007", "20 007", "only by the kind of hyphen, or by spaces"), corrected);
    // What a spreadsheet makes of an ID nobody means, not even with the GUID.
    assert_eq!(alike("10-12", "12-Oct", "because a spreadsheet makes a date of it"), 0);
    assert_eq!(alike("20007", "20.007", "only by marks between the thousands"), 0);
    let last = "only by its last digits, which a spreadsheet turns to zeros";
    assert_eq!(alike("1234567890123456", "1234567890123450", last), 0);

    // Both are there, or both are meant.
    check(PARTIAL(), &["custom_id=ab", "custom_id=AB"], &["custom_id=AB"], &[]);
    check(
        PARTIAL(),
        &["custom_id=ab"],
        &["custom_id=AB|first_name=Ida|last_name=Null", "custom_id=ab"],
        &["created AB: temporary password", "2 CUSTOM_ID_ZEROS_ALIKE AB"],
    );
    check(
        PARTIAL(),
        &[],
        &["custom_id=ab", "custom_id=AB|username=x|first_name=Eli"],
        &[
            "created AB: temporary password",
            "created ab: temporary password",
            "2 CUSTOM_ID_ZEROS_ALIKE ab",
            "3 CUSTOM_ID_ZEROS_ALIKE AB",
        ],
    );
    // One person in two rows would be two users.
    check(PARTIAL(), &[], &["custom_id=ab", "custom_id=AB"], &["2 CUSTOM_ID_ALIKE ab", "3 CUSTOM_ID_ALIKE AB"]);
    // The ID of another user is corrected by nobody's GUID.
    let row = format!("custom_id=ab|user_guid={}", guid(7));
    check(FULL(), &["custom_id=9|guid=7", "custom_id=AB"], &[&row], &["2 CUSTOM_ID_ALIKE ab"]);
    // Of users of other schools nothing is told.
    let north = Setup { scope: Scope::School(SchoolId("id-10".to_owned())), ..PARTIAL() };
    let (_, findings) = compared(&north, &["custom_id=AB|school_district_external_id=D"], &["custom_id=ab"]);
    assert_eq!((findings[0].code.as_str(), &findings[0].expected), ("CUSTOM_ID_ALIKE", &None));
}

#[test]
fn a_rejected_row_protects_its_user_whatever_is_wrong_with_it() {
    let directory = ["custom_id=20007|first_name=Gus|last_name=Hazel", "custom_id=1"];
    let stays = |row: &str| {
        let (diff, findings) = compared(&FULL(), &directory, &[row, "custom_id=1"]);
        assert!(diff.changes.is_empty(), "{row}: {:#?} {findings:#?}", diff.changes);
        diff.rows_without_owner
    };
    for id in [
        "'20007",
        "“20007”",
        "\"20007\"",
        "20,007",
        "20\u{202f}007",
        "20007.0",
        "2.0007E+04",
        "2\u{200b}0007",
        "+20007",
    ] {
        assert_eq!(stays(&format!("custom_id={id}|status=on")), 0, "{id}");
    }
    let name = "first_name=Gus|last_name=Hazel";
    assert_eq!(stays(&format!("custom_id=x9|{name}|status=")), 0, "by the whole name");
    assert_eq!(
        stays(&format!("custom_id=x9|{name}|school_district_external_id=?")),
        0,
        "at a school that nobody knows"
    );
    assert_eq!(stays("custom_id=x9|status=|username=20007"), 0, "by the user name");
    assert_eq!(stays("custom_id=10|school_district_external_id=20007"), 0, "by an ID in another column");
    assert_eq!(stays(&format!("custom_id=|{name}")), 1, "an empty ID can be anybody's");
    // Who may be meant is not removed without somebody who looks.
    let (diff, _) =
        compared(&FULL(), &directory, &["custom_id=x9|first_name=G|last_name=Hazel|status=", "custom_id=1"]);
    assert_eq!((diff.changes.len(), diff.rows_without_owner), (1, 1));
    let (diff, _) =
        compared(&FULL(), &directory, &["custom_id=x9|first_name=Ida|last_name=Null|status=", "custom_id=1"]);
    assert_eq!((diff.changes.len(), diff.rows_without_owner), (1, 0), "a new pupil's row is about nobody");
}

#[test]
fn somebody_else_under_a_known_id() {
    let directory = ["custom_id=20005|first_name=Eli|last_name=Fir|guid=7"];
    let row = "custom_id=20005|first_name=Lionel|last_name=Voss";
    let by_guid = format!("{row}|user_guid={}", guid(7));
    let with = |update_names, person_differs| {
        let settings = ModeSettings { update_names, person_differs, ..ModeSettings::default() };
        Setup { settings, ..PARTIAL() }
    };
    let names = "updated 20005: first_name Eli>Lionel, last_name Fir>Voss";
    check(with(false, PersonDiffers::Wait), &directory, &[row], &["2 PERSON_DIFFERS 20005"]);
    check(with(true, PersonDiffers::Wait), &directory, &[row], &[names, "2 PERSON_DIFFERS 20005"]);
    check(with(true, PersonDiffers::Reject), &directory, &[row], &["2 PERSON_IS_ANOTHER 20005"]);
    check(with(true, PersonDiffers::Reject), &directory, &[&by_guid], &[names]);
    for same in ["first_name=Eli|last_name=Voss", "first_name=Fir|last_name=Eli", "first_name=Elias|last_name=Voss"] {
        let (diff, findings) =
            compared(&with(true, PersonDiffers::Wait), &directory, &[&format!("custom_id=20005|{same}")]);
        assert!(findings.is_empty() && diff.doubts.is_empty(), "{same}");
    }
    let (diff, findings) = compared(&with(false, PersonDiffers::Wait), &directory, &[row]);
    assert_eq!(diff.doubts.into_iter().collect::<Vec<_>>(), [(crate::Code::PersonDiffers, 1)]);
    let whom = "The row of Eli Fir, whose custom ID 20005 is; the row is about Lionel Voss, who would get the account of Eli Fir.";
    assert_eq!(findings[0].expected.as_deref(), Some(whom));
    let (_, findings) = compared(&with(true, PersonDiffers::Wait), &directory, &[row]);
    let whom = "The row of Eli Fir, whose custom ID 20005 is; the row would make Lionel Voss of Eli Fir.";
    assert_eq!(findings[0].expected.as_deref(), Some(whom));
    // Who gets an ID by GUID that is somebody's no longer is told all the same.
    let moved = format!("custom_id=5|first_name=Lionel|last_name=Voss|user_guid={}", guid(7));
    check(with(false, PersonDiffers::Reject), &directory, &[&moved], &["2 PERSON_IS_ANOTHER 5"]);
}

#[test]
fn the_same_person_under_a_new_id() {
    let fay = "custom_id=20006|first_name=Fay|last_name=Gorse|grade=10|username=fay";
    let row = "custom_id=77006|first_name=FAY|last_name=Gorse|grade=11";
    let others = ["custom_id=1", fay];
    let rekeyed = "rekeyed 77006: custom_id 20006>77006, grade 10>11";
    let found = "2 PROBABLE_REKEY 77006";
    for setup in [PARTIAL(), FULL()] {
        check(setup, &others, &[row, "custom_id=1"], &[rekeyed, found]);
    }
    let (diff, findings) = compared(&FULL(), &others, &[row, "custom_id=1"]);
    let told = |choice| diff.changes[0].chosen(choice).iter().map(change).collect::<Vec<_>>();
    assert_eq!(told(RekeyChoice::SamePerson), ["updated 77006: custom_id 20006>77006, grade 10>11"]);
    assert_eq!(told(RekeyChoice::TwoPeople), ["created 77006: temporary password", "removed 20006"]);
    assert_eq!(
        findings[0].expected.as_deref(),
        Some(
            "The custom ID of Fay Gorse, who is in the directory as 20006 and in no row of the file: probably it is 77006 now."
        )
    );
    let (diff, _) = compared(&PARTIAL(), &others, &[row]);
    let two = diff.changes[0].chosen(RekeyChoice::TwoPeople);
    assert_eq!(two.iter().map(change).collect::<Vec<_>>(), ["created 77006: temporary password"]);

    // Who is at another school, of another type or in the file is another person.
    let created = "created 77006: temporary password";
    check(PARTIAL(), &others, &[&format!("{row}|school_district_external_id=D")], &[created]);
    check(PARTIAL(), &others, &[&format!("{row}|user_type=Staff|email=f@x.example")], &[created]);
    check(PARTIAL(), &others, &[row, fay], &[created]);
    // Of two nobody knows which one.
    let twins = [fay, "custom_id=20016|first_name=Fay|last_name=Gorse"];
    check(PARTIAL(), &twins, &[row], &[created, "2 REKEY_UNCLEAR 77006"]);
    let rows = [row, "custom_id=77007|first_name=Fay|last_name=Gorse"];
    check(
        PARTIAL(),
        &twins[..1],
        &rows,
        &[created, "created 77007: temporary password", "2 REKEY_UNCLEAR 77006", "3 REKEY_UNCLEAR 77007"],
    );
    // A letter that was lost in the name, and an ID in the wrong column.
    let garbled = "custom_id=77006|first_name=F?y|last_name=Gorse";
    check(
        FULL(),
        &others,
        &[garbled, "custom_id=1"],
        &[created, "removed 20006", "2 TEXT_DOUBTFUL F?y", "2 REKEY_UNCLEAR 77006"],
    );
    let swapped = "custom_id=Fay|first_name=20006|last_name=Gorse";
    check(
        FULL(),
        &others,
        &[swapped, "custom_id=1"],
        &["created Fay: temporary password", "removed 20006", "2 REKEY_UNCLEAR Fay"],
    );
}

#[test]
fn a_new_id_and_the_user_name_of_before() {
    let fay = "custom_id=20006|first_name=Fay|last_name=Gorse|username=fay";
    let row = "custom_id=77006|first_name=Fay|last_name=Gorse|username=FAY";
    for setup in [PARTIAL(), FULL()] {
        check(setup, &[fay], &[row], &["rekeyed 77006: custom_id 20006>77006", "2 PROBABLE_REKEY 77006"]);
    }
    let (diff, _) = compared(&FULL(), &[fay], &[row]);
    let usernames = |choice| {
        let changes = diff.changes[0].chosen(choice);
        changes.iter().map(|change| change.shown().map(|f| f.username.clone())).collect::<Vec<_>>()
    };
    assert_eq!(usernames(RekeyChoice::SamePerson), [Some("fay".to_owned())]);
    assert_eq!(usernames(RekeyChoice::TwoPeople), [Some("77006".to_owned()), Some("fay".to_owned())]);
    // Of two users of one name it is the one who has the user name, and of two rows the one that says it.
    let other = "custom_id=20016|first_name=Fay|last_name=Gorse|username=fay2";
    let found = "2 PROBABLE_REKEY 77006";
    check(PARTIAL(), &[fay, other], &[row], &["rekeyed 77006: custom_id 20006>77006", found]);
    let second = "custom_id=77007|first_name=Fay|last_name=Gorse";
    let created = "created 77007: temporary password";
    check(PARTIAL(), &[fay], &[row, second], &[created, "rekeyed 77006: custom_id 20006>77006", found]);
    // Where two rows have it, or it is somebody else's, it is taken as ever.
    let again = "custom_id=77008|first_name=Fay|last_name=Gorse|username=fay";
    let repeated =
        ["2 USERNAME_REPEATED FAY", "2 USERNAME_TAKEN FAY", "3 USERNAME_REPEATED fay", "3 USERNAME_TAKEN fay"];
    check(PARTIAL(), &[fay], &[row, again], &repeated);
    check(PARTIAL(), &[fay], &[&row.replace("Gorse", "Voss")], &["2 USERNAME_TAKEN FAY"]);
    check(
        PARTIAL(),
        &[fay],
        &[row, &fay.replace("username=fay", "grade=9")],
        &["updated 20006: grade Unspecified>9", "2 USERNAME_TAKEN FAY"],
    );
}

#[test]
fn broken_text_holds_a_plan_where_somebody_gets_it() {
    let waits = |user: &str, row: &str, update_names: bool| {
        let settings = ModeSettings { update_names, ..ModeSettings::default() };
        let setup = Setup { settings, ..PARTIAL() };
        let (diff, findings) = compared_by(&setup, &crate::Reading::default(), users(&[user]), &[row]);
        assert!(findings.iter().any(|finding| finding.code == crate::Code::TextDoubtful), "{findings:#?}");
        diff.doubts.contains_key(&crate::Code::TextDoubtful)
    };
    let (right, broken) = ("custom_id=1|last_name=Müller", "custom_id=1|last_name=M?ller");
    assert!(waits("custom_id=2", broken, false));
    assert!(waits(right, broken, true));
    // The user keeps its name, or has just this one, or the row is rejected.
    assert!(!waits(right, broken, false));
    assert!(!waits(broken, broken, true));
    assert!(!waits(right, &format!("{broken}|user_guid={}", guid(7)), true));
}

#[test]
fn a_row_that_is_not_quite_like_somebody_who_would_be_removed() {
    let waits = |user: &str, row: &str| {
        let (diff, _) = compared(&FULL(), &[&format!("custom_id=20006|{user}"), "custom_id=1"], &[row, "custom_id=1"]);
        diff.doubts.contains_key(&crate::Code::RekeyUnclear)
    };
    let fay = "first_name=Fay|last_name=Gorse";
    // The row says less, or more, or a nickname, or two letters are lost, or the school is another one.
    assert!(waits("first_name=Fay Ida|last_name=Gorse Lopez", &format!("custom_id=7|{fay}")));
    assert!(waits(fay, "custom_id=7|first_name=Fay Ida|last_name=Gorse Lopez"));
    assert!(waits("first_name=William|last_name=Gorse", "custom_id=7|first_name=Bill|last_name=Gorse"));
    assert!(waits("first_name=Gustav|last_name=Hazel", "custom_id=7|first_name=Gustv|last_name=Hazl"));
    assert!(waits(fay, &format!("custom_id=7|{fay}|school_district_external_id=0020")));
    let married = "custom_id=7|first_name=Fay|last_name=Voss|email=fay@x.example";
    assert!(waits(&format!("{fay}|email=fay@x.example"), married));
    // The custom ID lost a digit, and the name is alike in part.
    assert!(waits(fay, "custom_id=2006|first_name=Fay|last_name=Voss"));
    assert!(!waits(fay, "custom_id=7|first_name=Fay|last_name=Voss"));
    assert!(!waits(fay, "custom_id=7|first_name=Gus|last_name=Gorse"));
    assert!(!waits(fay, "custom_id=2006|first_name=Ana|last_name=Voss"));
}

#[test]
fn a_rejected_row_of_nobody_holds_removals_where_it_may_be_about_one() {
    let owners = |row: &str| {
        let users = ["custom_id=20007|first_name=Gus|last_name=Hazel", "custom_id=1"];
        let (diff, _) = compared(&FULL(), &users, &[&format!("{row}|status=?"), "custom_id=1"]);
        diff.rows_without_owner
    };
    assert_eq!(owners("custom_id=2007|first_name=#REF!|last_name=#REF!"), 1);
    assert_eq!(owners("custom_id=2007|first_name=-|last_name=-"), 1);
    assert_eq!(owners("custom_id=9|first_name=Gustav|last_name=Hasel"), 1);
    assert_eq!(owners("custom_id=2007|first_name=Ida|last_name=Voss"), 1);
    assert_eq!(owners("custom_id=9|first_name=Ida|last_name=Voss"), 0);
}

#[test]
fn a_new_id_of_whom_the_settings_leave_as_it_is() {
    let kept =
        |mode| Setup { mode, settings: ModeSettings { overwrite: false, ..ModeSettings::default() }, ..PARTIAL() };
    // The address that somebody else takes over would be kept.
    let tess = "custom_id=8001|first_name=Tess|last_name=Ames|user_type=Teacher|email=t@x.example";
    let row = "custom_id=E8001|first_name=Tess|last_name=Ames|user_type=Teacher|email=tess@x.example";
    let zed = "custom_id=9|first_name=Zed|last_name=Voss|user_type=Teacher|email=t@x.example";
    let (diff, findings) = compared(&kept(Mode::Full), &[tess], &[row, zed]);
    assert!(diff.changes.iter().all(|change| change.two_people.is_none()));
    assert!(findings.iter().any(|finding| finding.code == crate::Code::RekeyUnclear));
    // What the row says otherwise is said.
    let fay = "custom_id=20006|first_name=Fay|last_name=Gorse|grade=10";
    let (diff, _) = compared(&kept(Mode::Partial), &[fay], &[&fay.replace("20006", "7").replace("=10", "=11")]);
    assert_eq!(diff.changes[0].not_updated.len(), 1);
}

#[test]
fn a_new_id_takes_no_more_from_a_user_than_its_row_says() {
    let lenient = crate::Reading::default();
    let one = |user: &str, rows: &[&str]| {
        let (diff, _) = compared_by(&PARTIAL(), &lenient, users(&[user]), rows);
        diff.changes[0].chosen(RekeyChoice::SamePerson).iter().map(change).collect::<Vec<_>>()
    };
    let fay = "custom_id=20006|first_name=Fay|last_name=Gorse|email=fay@x.example";
    let row = "custom_id=7|first_name=Fay|last_name=Gorse|email=nobody at home";
    assert_eq!(one(fay, &[row]), ["updated 7: custom_id 20006>7"]);
    let (first, second) = (format!("{fay}|school_district_external_id=0020"), fay.to_owned());
    let rows = [first.replace("20006", "7"), second.replace("20006", "7")];
    assert_eq!(one(fay, &[&rows[0], &rows[1]]), ["updated 7: custom_id 20006>7"]);
}

#[test]
fn a_new_id_and_an_address_that_is_handed_on() {
    let tess = "custom_id=8001|first_name=Tess|last_name=Ames|user_type=Teacher|email=t@x.example|guid=7";
    let row = "custom_id=E8001|first_name=Tess|last_name=Ames|user_type=Teacher|email=t@x.example";
    // In a partial sync the address is taken, and it is said by whom.
    check(PARTIAL(), &[tess], &[row], &["2 EMAIL_TAKEN t@x.example"]);
    let (_, findings) = compared(&PARTIAL(), &[tess], &[row]);
    let expected = findings[0].expected.as_deref().unwrap_or_default();
    assert!(expected.contains("8001") && expected.contains("user_guid"), "{expected}");
    // In a full one it would be handed on from the one to the other.
    check(FULL(), &[tess], &[row], &["rekeyed E8001: custom_id 8001>E8001", "2 PROBABLE_REKEY E8001"]);
    let (diff, _) = compared(&FULL(), &[tess], &[row]);
    let told = |choice| diff.changes[0].chosen(choice).iter().map(change).collect::<Vec<_>>();
    assert_eq!(told(RekeyChoice::SamePerson), ["updated E8001: custom_id 8001>E8001"]);
    assert_eq!(
        told(RekeyChoice::TwoPeople),
        ["created E8001: temporary password, exchange 1", "removed 8001: exchange 1"]
    );
    // A third one takes the address over in either case.
    let (third, gives) =
        ("custom_id=9|user_type=Teacher|email=t@x.example", "custom_id=9|user_type=Teacher|email=n@x.example");
    let row = "custom_id=E8001|first_name=Tess|last_name=Ames|user_type=Teacher|email=new@x.example";
    let (diff, _) = compared(&FULL(), &[tess, gives], &[row, third]);
    for choice in [RekeyChoice::SamePerson, RekeyChoice::TwoPeople] {
        let mut told: Vec<String> = diff.changes.iter().flat_map(|c| c.chosen(choice)).map(|c| change(&c)).collect();
        told.retain(|told| told.ends_with("exchange 1"));
        assert_eq!(told.len(), 2, "{told:?}");
    }
}

#[test]
fn what_is_kept_is_said() {
    let directory = ["custom_id=1|first_name=Ora|grade=9", "custom_id=2"];
    let rows = ["custom_id=1|first_name=Jane|grade=9", "custom_id=2|middle_name=M|grade=K"];
    let (diff, _) = compared(&PARTIAL(), &directory, &rows);
    let kept = |fields: &[crate::diff::KeptField]| {
        fields.iter().map(|f| format!("{} {}>{}", f.column.header(), f.kept, f.said)).collect::<Vec<_>>()
    };
    let [row] = &diff.unchanged[..] else { panic!("{:#?}", diff.unchanged) };
    assert_eq!((row.row.why, kept(&row.row.not_updated)), (Unchanged::Kept, vec!["first_name Ora>Jane".to_owned()]));
    assert_eq!(kept(&diff.changes[0].not_updated), ["middle_name >M"]);
    // Nobody can see this.
    let (diff, _) = compared(&PARTIAL(), &["custom_id=1|first_name=José"], &["custom_id=1|first_name=Jose\u{301}"]);
    assert_eq!(diff.unchanged[0].row.why, Unchanged::Same);
}

#[test]
fn names_in_the_wrong_columns() {
    let user = |i: usize, first: &str, last: &str| format!("custom_id=u{i}|first_name={first}|last_name={last}");
    let names = [("Ana", "Ash"), ("Ben", "Birch"), ("Cleo", "Cedar"), ("Dov", "Elm"), ("Eli", "Fir")];
    let all = |name: fn(usize) -> (usize, usize)| -> Vec<String> {
        let of = |i: usize| (names[name(i).0].0, names[name(i).1].1);
        (0..5).map(|i| user(i, of(i).0, of(i).1)).collect()
    };
    let right = all(|i| (i, i));
    let misplaced_by = |update_names: bool, rows: Vec<String>| {
        let [directory, rows] = [&right, &rows].map(|all| all.iter().map(String::as_str).collect::<Vec<_>>());
        let settings = ModeSettings { update_names, ..ModeSettings::default() };
        let diff = compared(&Setup { settings, ..PARTIAL() }, &directory, &rows).0;
        [diff.names_exchanged, diff.names_mixed_up, diff.known_rows]
    };
    let misplaced = |rows| misplaced_by(true, rows);
    // Names that are kept are in no wrong place.
    assert_eq!(misplaced_by(false, all(|i| (i, (i + 1) % 5))), [0, 0, 0]);
    assert_eq!(misplaced(all(|i| (i, i))), [0, 0, 5]);
    assert_eq!(misplaced(all(|i| (i, (i + 1) % 5))), [0, 5, 5]);
    assert_eq!(misplaced(all(|i| ((i + 2) % 5, i))), [0, 5, 5]);
    assert_eq!(misplaced((0..5).map(|i| user(i, names[i].1, names[i].0)).collect()), [5, 0, 5]);
    assert_eq!(misplaced((0..5).map(|i| user(i, names[i].0, "Married")).collect()), [0, 0, 5]);
}

#[test]
fn a_rejected_row_counts_as_present() {
    let directory = ["custom_id=1", "custom_id=2|guid=7", "custom_id=003", "custom_id=4"];
    let by_guid = format!("custom_id=|user_guid={}", guid(7));
    check(
        FULL(),
        &directory,
        &["custom_id=1|status=on", &by_guid, "custom_id=3|grade=99"],
        &["removed 4", "2 STATUS_UNKNOWN on", "3 CELL_MISSING -", "4 CUSTOM_ID_ZEROS_LOST 3", "4 GRADE_UNKNOWN 99"],
    );
    check(FULL(), &["custom_id=1", "custom_id=2"], &["…A,B,,,2,10,Student"], &["removed 1"]);
}

#[test]
fn users_without_a_custom_id_are_left_alone() {
    check(FULL(), &["custom_id=|username=root", "custom_id=2"], &["custom_id=2"], &[]);
    check(FULL(), &["custom_id=|username=root"], &["custom_id=3|username=ROOT"], &["2 USERNAME_TAKEN ROOT"]);
}

#[test]
fn what_removal_means() {
    let disable = || {
        let settings = ModeSettings { removal_action: RemovalAction::Disable, ..ModeSettings::default() };
        Setup { settings, ..FULL() }
    };
    let directory = ["custom_id=1", "custom_id=2", "custom_id=3|status=Disabled"];
    check(disable(), &directory, &["custom_id=1"], &["removed 2: status Active>Disabled"]);
    check(FULL(), &directory, &["custom_id=1"], &["removed 2", "removed 3"]);
}

#[test]
fn a_school_administrator_touches_only_one_school() {
    let north = |mode| Setup { mode, scope: Scope::School(SchoolId("id-10".to_owned())), ..PARTIAL() };
    let directory = ["custom_id=1", "custom_id=2", "custom_id=3|school_district_external_id=D|guid=7"];
    check(north(Mode::Full), &directory, &["custom_id=1"], &["removed 2"]);
    check(north(Mode::Partial), &directory, &["custom_id=3"], &["2 USER_OUT_OF_SCOPE 3"]);
    let by_guid = format!("custom_id=4|user_guid={}", guid(7));
    let unknown = "2 GUID_UNKNOWN 00000000-0000-0000-0000-000000000007";
    check(north(Mode::Partial), &directory, &[&by_guid], &[unknown]);
    // Nobody becomes an administrator of the district office, neither a new user nor one of the school.
    for id in ["1", "9"] {
        let row = format!("custom_id={id}|user_type=Administrator|email=a@x.example|school_district_external_id=D");
        check(north(Mode::Partial), &directory, &[&row], &["2 SCHOOL_OUT_OF_SCOPE D"]);
    }
}

const A: &str = "custom_id=1|user_type=Teacher|email=a@x.example|username=a";
const B: &str = "custom_id=2|user_type=Teacher|email=b@x.example|username=b";

#[test]
fn names_and_addresses_that_belong_to_others() {
    let new = "custom_id=9|user_type=Staff|email=A@x.example";
    check(PARTIAL(), &[A], &[new], &["2 EMAIL_TAKEN A@x.example"]);
    check(PARTIAL(), &[A], &["custom_id=9|username=A"], &["2 USERNAME_TAKEN A"]);
    // Students share addresses, with staff too.
    check(PARTIAL(), &[A], &["custom_id=9|email=a@x.example"], &["created 9: temporary password"]);
    // A deleted user has let go of its address, and keeps its name.
    check(PARTIAL(), &[&format!("{A}|deleted=")], &[new], &["created 9: temporary password"]);
    check(PARTIAL(), &[&format!("{A}|deleted=")], &["custom_id=9|username=a"], &["2 USERNAME_TAKEN a"]);
    let keeps =
        "A user name of one's own: the user who has this one is deleted, and a deleted user keeps the user name.";
    let (_, findings) = compared(&PARTIAL(), &[&format!("{A}|deleted=")], &["custom_id=9|username=a"]);
    assert_eq!(findings[0].expected.as_deref(), Some(keeps));
    let other = "first_name=Ida|last_name=Null";
    for row in [&*format!("custom_id=9|username=a|{other}"), &format!("custom_id=9|username=a|status=|{other}")] {
        let (diff, findings) = compared(&FULL(), &[A], &[row]);
        assert_eq!(diff.changes.len(), 1, "the one who has the name is removed");
        assert_eq!(findings.last().and_then(|f| f.expected.as_deref()), Some(keeps));
    }
    // A row that is rejected for something else hears of it, too.
    check(PARTIAL(), &[A], &[&format!("{new}|status=")], &["2 CELL_MISSING -", "2 EMAIL_TAKEN A@x.example"]);
}

#[test]
fn what_is_given_up_can_be_taken_over() {
    let swap_a = "custom_id=1|user_type=Teacher|email=b@x.example|username=b";
    let swap_b = "custom_id=2|user_type=Teacher|email=a@x.example|username=a";
    check(
        PARTIAL(),
        &[A, B],
        &[swap_a, swap_b],
        &[
            "renamed 1: email a@x.example>b@x.example, username a>b, exchange 1",
            "renamed 2: email b@x.example>a@x.example, username b>a, exchange 1",
        ],
    );
    check(PARTIAL(), &[A, B], &[swap_a], &["2 EMAIL_TAKEN b@x.example", "2 USERNAME_TAKEN b"]);
    let successor = "custom_id=9|user_type=Teacher|email=a@x.example";
    check(FULL(), &[A, B], &[successor, B], &["created 9: temporary password, exchange 1", "removed 1: exchange 1"]);
    // Whoever is only disabled keeps the address.
    let settings = ModeSettings { removal_action: RemovalAction::Disable, ..ModeSettings::default() };
    let successor = &*format!("{successor}|first_name=Ida|last_name=Null");
    check(
        Setup { settings, ..FULL() },
        &[A, B],
        &[successor, B],
        &["removed 1: status Active>Disabled", "2 EMAIL_TAKEN a@x.example"],
    );
}

#[test]
fn a_rejected_row_gives_nothing_up() {
    // 2 wants the address of 1, who wants that of 3, who keeps it.
    let teacher = |id: u8, email: &str| format!("custom_id={id}|user_type=Teacher|email={email}@x.example");
    let rows = [teacher(2, "one"), teacher(1, "three")];
    let directory = [teacher(1, "one"), teacher(2, "two"), teacher(3, "three")];
    let [directory, rows] = [&directory[..], &rows].map(|all| all.iter().map(String::as_str).collect::<Vec<_>>());
    check(PARTIAL(), &directory, &rows, &["2 EMAIL_TAKEN one@x.example", "3 EMAIL_TAKEN three@x.example"]);
    let (_, findings) = compared(&PARTIAL(), &directory, &rows);
    let why = "An address of one's own; row 3, which would give this one up, is rejected.";
    assert_eq!(findings[0].expected.as_deref(), Some(why));
}

#[test]
fn exchanges_are_small() {
    let circle = |users: usize| {
        let user = |i: usize, name: usize| format!("custom_id=u{i:02}|username=n{}", name % users);
        let directory: Vec<String> = (0..users).map(|i| user(i, i)).collect();
        let rows: Vec<String> = (0..users).map(|i| user(i, i + 1)).collect();
        let (directory, rows): (Vec<&str>, Vec<&str>) =
            (directory.iter().map(String::as_str).collect(), rows.iter().map(String::as_str).collect());
        let (diff, findings) = compared(&PARTIAL(), &directory, &rows);
        (diff.changes.len(), findings.len())
    };
    assert_eq!(circle(20), (20, 0));
    assert_eq!(circle(21), (0, 21));
}

#[test]
fn the_last_administrator_stays() {
    let boss = "custom_id=1|user_type=Administrator|email=a@x.example|username=a";
    let other = "custom_id=2|user_type=Administrator|email=b@x.example|username=b";
    check(FULL(), &[boss, "custom_id=3"], &["custom_id=3"], &["0 LAST_ADMINISTRATOR 1"]);
    let disabled = format!("{boss}|status=Disabled");
    check(PARTIAL(), &[boss], &[&disabled], &["2 LAST_ADMINISTRATOR 1"]);
    check(PARTIAL(), &[boss, other], &[&disabled], &["updated 1: status Active>Disabled"]);
    check(FULL(), &[boss], &[other], &["created 2: temporary password", "removed 1"]);
    check(
        FULL(),
        &[boss, "custom_id=|user_type=Administrator|username=root"],
        &["custom_id=3"],
        &["created 3: temporary password", "removed 1"],
    );
    let (_, findings) = compared(&FULL(), &[boss], &["custom_id=3"]);
    assert_eq!(
        findings[0].message(),
        "The user “1” is one of the last administrators who can run the organisation and would no longer be one, so the user is left as it is."
    );
    // Nobody gets the address of an administrator who stays after all.
    check(
        FULL(),
        &[boss],
        &["custom_id=3|user_type=Teacher|email=a@x.example"],
        &["0 LAST_ADMINISTRATOR 1", "2 EMAIL_TAKEN a@x.example"],
    );
    // Where there is none, there is none to keep.
    check(FULL(), &["custom_id=1", "custom_id=2"], &["custom_id=1"], &["removed 2"]);
}

#[test]
fn a_guid_comes_from_the_custom_id_and_is_never_given_twice() {
    let created = |directory: Vec<User>| {
        let (diff, _) = compared_with(&PARTIAL(), directory, &["custom_id=1|username=new"]);
        diff.changes[0].guid
    };
    let first = created(Vec::new());
    assert_eq!(created(Vec::new()), first);
    let mut holder = users(&["custom_id=2"]);
    holder[0].guid = first;
    assert_ne!(created(holder), first);
}

#[test]
fn the_last_administrator_of_the_district_office_stays_there() {
    let admin = |id: &str, school: &str| {
        format!("custom_id={id}|user_type=Administrator|email={id}@x.example|school_district_external_id={school}")
    };
    let (a, b, c) = (admin("a", "D"), admin("b", "D"), admin("c", "10"));
    let (moved_a, moved_b) = (admin("a", "10"), admin("b", "10"));
    let moved = |id: &str, how: &str| format!("moved {id}: school_district_external_id {how}");
    check(PARTIAL(), &[&a, &c], &[&moved_a], &["2 LAST_ADMINISTRATOR a"]);
    check(FULL(), &[&a, &c], &[&c], &["0 LAST_ADMINISTRATOR a"]);
    check(PARTIAL(), &[&a, &b, &c], &[&moved_a], &[&moved("a", "id-D>id-10, roles >school_administrator")]);
    check(PARTIAL(), &[&a, &b], &[&moved_a, &moved_b], &["2 LAST_ADMINISTRATOR a", "3 LAST_ADMINISTRATOR b"]);
    // Somebody who comes in the same plan is there after it.
    check(
        PARTIAL(),
        &[&a, &c],
        &[&moved_a, &admin("c", "D")],
        &[
            &moved("a", "id-D>id-10, roles >school_administrator"),
            &moved("c", "id-10>id-D, roles >district_administrator"),
        ],
    );
    // Where the office has none, those of schools are all there are.
    check(FULL(), &[&c], &["custom_id=x"], &["created x: temporary password", "0 LAST_ADMINISTRATOR c"]);
}

#[test]
fn an_exchange_fits_into_one_transaction() {
    let rejected = |n: usize| {
        let teacher = |i: usize| {
            format!("last_name=Fir|guid={i}|user_type=Teacher|username=u{i}|email=u{i}@x.example|custom_id=")
        };
        let directory: Vec<String> = (0..n).map(|i| format!("{}{i}", teacher(i))).collect();
        let row = |i: usize| {
            let next = teacher((i + 1) % n).replace(&format!("|guid={}|", (i + 1) % n), "|");
            format!("user_guid={}|{next}new{i}", guid(i as u128))
        };
        let rows: Vec<String> = (0..n).map(row).collect();
        let [directory, rows] = [&directory, &rows].map(|all| all.iter().map(String::as_str).collect::<Vec<_>>());
        let (diff, findings) = compared(&PARTIAL(), &directory, &rows);
        assert!(findings.iter().all(|f| f.code == crate::Code::TooManyExchanged), "{findings:#?}");
        assert_eq!(diff.changes.len() + diff.rejected.len(), n);
        diff.rejected.len()
    };
    assert_eq!([rejected(2), rejected(16), rejected(17)], [0, 0, 17]);
    // An address that is given up and not taken is written, too.
    let students = |n: usize| {
        let user = |i: usize| {
            format!("last_name=Fir|guid={i}|username=u{i}|custom_id={i}|user_type=Teacher|email=u{i}@x.example")
        };
        let row = |i: usize| {
            format!("last_name=Fir|user_guid={}|username=u{}|custom_id=new{i}", guid(i as u128), (i + 1) % n)
        };
        let directory: Vec<String> = (0..n).map(user).collect();
        let rows: Vec<String> = (0..n).map(row).collect();
        let [directory, rows] = [&directory, &rows].map(|all| all.iter().map(String::as_str).collect::<Vec<_>>());
        compared(&PARTIAL(), &directory, &rows).0.rejected.len()
    };
    assert_eq!([students(16), students(17)], [0, 17]);
}

#[test]
fn a_damaged_id_is_named_where_it_can_be_one_users_only() {
    #[track_caller]
    fn check(directory: &[&str], id: &str, expected: Option<&str>) {
        let (_, findings) = compared(&FULL(), directory, &[&format!("custom_id={id}|first_name=Ora")]);
        let damaged = [crate::Code::CustomIdScientific, crate::Code::CustomIdMarked];
        let finding = findings.iter().find(|f| damaged.contains(&f.code)).expect("the ID is damaged");
        assert_eq!(finding.expected.as_deref(), expected, "{id}");
    }
    for (own, damaged) in [
        ("00123", "'123"),
        ("AB-07", "=ab-7"),
        ("0020007", "20,007"),
        ("120000000000", "1.2E+11"),
        ("00120000000000", "1.2E+11"),
        ("1234567890123456", "1.23456789012346E+15"),
        ("20007", "2.0007E+4"),
        ("900", "“900”"),
    ] {
        let user = format!("custom_id={own}");
        check(&[&user], damaged, Some(&format!("Probably {own}.")));
        let (diff, _) = compared(&FULL(), &[&user], &[&user]);
        assert!(diff.rejected.is_empty(), "what was named is accepted: {own}");
        check(&["custom_id=7"], damaged, None);
    }
    check(&["custom_id=120000000001", "custom_id=120000000002"], "1.2E+11", None);
    check(&["custom_id=0123", "custom_id=123"], "'123", None);
    // Of another school's users nothing is told.
    let north = Setup { scope: Scope::School(SchoolId("id-10".to_owned())), ..PARTIAL() };
    let (_, findings) = compared(&north, &["custom_id=123|school_district_external_id=D"], &["custom_id='123"]);
    assert_eq!(findings[0].expected, None);
}

#[test]
fn an_id_that_looks_like_a_users_is_refused_beside_it_too() {
    check(FULL(), &["custom_id=AB-07"], &["custom_id=AB-07", "custom_id=АВ-07"], &["3 CUSTOM_ID_ALIKE АВ-07"]);
    check(PARTIAL(), &["custom_id=A0012"], &["custom_id=А0012"], &["2 CUSTOM_ID_ALIKE А0012"]);
    let both = ["custom_id=AB-07", "custom_id=АВ-07|last_name=Berg"];
    check(FULL(), &both, &both, &[]);
}
