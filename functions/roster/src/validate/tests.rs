//! Every rule about rows, each with the findings that it makes.

use crate::file::parse;
use crate::model::{Code, Finding, Findings, SchoolId};
use crate::settings::accounts::UsernameRule;
use crate::settings::{ModeSettings, Scope};
use crate::testing::{roster, schools};
use crate::username::Maker;

use super::valid::Valid;
use super::validate;

mod lenient;

fn told(findings: &[Finding]) -> Vec<String> {
    let column = |f: &Finding| f.column.clone().unwrap_or_else(|| "-".to_owned());
    findings.iter().map(|f| format!("{} {} {}", f.row.unwrap_or_default(), f.code, column(f))).collect()
}

fn validated(rows: &[&str], scope: &Scope, settings: &ModeSettings) -> (Valid, Findings) {
    let (parsed, _) = parse(&roster(rows), &crate::Reading::strict());
    validate(&parsed.expect("the headers are right"), &schools(), scope, settings)
}

/// The first row is row 2, and the rows that have a finding of a warning only are taken.
fn check(rows: &[&str], expected: &[&str]) {
    check_with(rows, expected, &Scope::Organisation, &ModeSettings::default());
}

fn check_with(rows: &[&str], expected: &[&str], scope: &Scope, settings: &ModeSettings) {
    let (valid, findings) = validated(rows, scope, settings);
    assert_eq!(told(&findings), expected, "{rows:?}");
    let bad = |row: u32| findings.iter().any(|f| f.row == Some(row) && f.severity() == crate::Severity::Row);
    let taken: Vec<u32> = valid.rows.iter().map(|r| r.row).collect();
    let damaged = |row: u32| rows[row as usize - 2].starts_with('…');
    assert_eq!(taken, (2..rows.len() as u32 + 2).filter(|&r| !bad(r) && !damaged(r)).collect::<Vec<_>>(), "{rows:?}");
    assert_eq!(valid.rows.len() + valid.rejected.len(), rows.len());
}

#[test]
fn required_cells() {
    check(&["", "user_type=Teacher|email=a@x.example|grade="], &[]);
    check(
        &["first_name=|last_name= |middle_name=M|custom_id=|school_district_external_id=|user_type=|status="],
        &[
            "2 CELL_MISSING custom_id",
            "2 CELL_MISSING first_name",
            "2 CELL_MISSING last_name",
            "2 CELL_MISSING school_district_external_id",
            "2 CELL_MISSING status",
            "2 CELL_MISSING user_type",
        ],
    );
}

#[test]
fn words_are_exact() {
    check(
        &["user_type=student", "status=active", "grade=09"],
        &["2 USER_TYPE_UNKNOWN user_type", "3 STATUS_UNKNOWN status", "4 GRADE_UNKNOWN grade"],
    );
    check(&["user_type= Student |grade= K "], &[]);
}

#[test]
fn what_a_user_type_ignores_is_not_checked() {
    check(&["user_type=Staff|email=a@x.example|grade=#N/A", "position=#N/A"], &[]);
    check(&["user_type=Staff|email=a@x.example|position=#N/A"], &["2 CELL_EXCEL_ERROR position"]);
    let (valid, _) = validated(&["position=Boss"], &Scope::Organisation, &ModeSettings::default());
    assert_eq!(valid.rows[0].position, "");
}

#[test]
fn email_addresses() {
    check(&["email=", "email=a@x.example", "user_type=Teacher|email="], &["4 CELL_MISSING email"]);
    check(
        &["email=ora", "user_type=Nobody|email=ora"],
        &["2 EMAIL_INVALID email", "3 EMAIL_INVALID email", "3 USER_TYPE_UNKNOWN user_type"],
    );
    let settings = ModeSettings { student_email_required: true, ..ModeSettings::default() };
    check_with(&["email=", "email=a@x.example"], &["2 CELL_MISSING email"], &Scope::Organisation, &settings);
    let (_, findings) = validated(&["email="], &Scope::Organisation, &settings);
    assert_eq!(findings[0].expected.as_deref(), Some("An address: by the settings, students need one, too."));
}

#[test]
fn addresses_of_staff_are_their_own_and_students_may_share() {
    check(
        &[
            "user_type=Teacher|email=a@x.example",
            "user_type=Staff|email=A@X.example",
            "email=a@x.example",
            "email=f@x.example",
            "email=F@x.example",
        ],
        &["2 EMAIL_REPEATED email", "3 EMAIL_REPEATED email", "5 EMAIL_SHARED email", "6 EMAIL_SHARED email"],
    );
    // A row that is rejected for something else claims its address all the same.
    check(
        &["user_type=Teacher|email=a@x.example|status=", "user_type=Teacher|email=a@x.example"],
        &["2 CELL_MISSING status", "2 EMAIL_REPEATED email", "3 EMAIL_REPEATED email"],
    );
}

#[test]
fn schools_and_scope() {
    check(
        &["school_district_external_id=D", "school_district_external_id=20"],
        &["3 SCHOOL_UNKNOWN school_district_external_id"],
    );
    check(&["school_district_external_id=1.2E+11"], &["2 CUSTOM_ID_SCIENTIFIC school_district_external_id"]);
    let north = Scope::School(SchoolId("id-10".to_owned()));
    let rows = ["", "school_district_external_id=D"];
    check_with(&rows, &["3 SCHOOL_OUT_OF_SCOPE school_district_external_id"], &north, &ModeSettings::default());
}

#[test]
fn what_was_probably_meant_is_offered() {
    let check = |row: &str, hint: &str| {
        let (_, findings) = validated(&[row], &Scope::Organisation, &ModeSettings::default());
        assert_eq!(findings[0].expected.as_deref(), Some(hint), "{row}");
    };
    check("school_district_external_id=20", "Probably 0020.");
    check("school_district_external_id=south", "Probably 0020.");
    check("status=Inactive", "Probably Disabled. Active or Disabled.");
}

#[test]
fn repeated_custom_ids() {
    check(
        &["custom_id=1", "custom_id=2", "custom_id=1|last_name=K"],
        &["2 CUSTOM_ID_REPEATED custom_id", "4 CUSTOM_ID_REPEATED custom_id"],
    );
    check(&["custom_id=a", "custom_id=A", "custom_id=01", "custom_id=1"], &[]);
    check(&["custom_id=1", "custom_id= 1 ", "custom_id=1"], &["3 ROW_REPEATED -", "4 ROW_REPEATED -"]);
    // Two rows are the same, and a third has their custom ID.
    check(
        &["custom_id=1", "custom_id=1", "custom_id=1|grade=8"],
        &["2 CUSTOM_ID_REPEATED custom_id", "3 CUSTOM_ID_REPEATED custom_id", "4 CUSTOM_ID_REPEATED custom_id"],
    );
    // One person with an address is not two people with the same one.
    let teacher = "custom_id=1|user_type=Teacher|email=a@x.example";
    check(&[teacher, teacher], &["3 ROW_REPEATED -"]);
    check(
        &[teacher, &format!("{teacher}|position=P")],
        &["2 CUSTOM_ID_REPEATED custom_id", "3 CUSTOM_ID_REPEATED custom_id"],
    );
    check(&["custom_id=", "custom_id="], &["2 CELL_MISSING custom_id", "3 ROW_REPEATED -", "3 CELL_MISSING custom_id"]);
}

#[test]
fn the_other_rows_are_named() {
    let check = |rows: usize, expected: &str| {
        let rows: Vec<String> = (0..rows).map(|i| format!("custom_id=1|last_name=K{i}")).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let (_, findings) = validated(&rows, &Scope::Organisation, &ModeSettings::default());
        assert_eq!(findings[0].expected.as_deref(), Some(expected));
    };
    check(2, "Rows 2 and 3 have it.");
    check(3, "Rows 2, 3 and 4 have it.");
    check(9, "Rows 2, 3, 4, 5, 6 and 4 more have it.");
}

#[test]
fn guids_and_user_names() {
    let guid = "6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506";
    check(
        &[&format!("user_guid={guid}"), "user_guid=6f1c2a34", "user_guid=#N/A"],
        &["3 GUID_INVALID user_guid", "4 CELL_EXCEL_ERROR user_guid"],
    );
    check(
        &[&format!("user_guid={guid}"), &format!("user_guid={}", guid.to_uppercase())],
        &["2 GUID_REPEATED user_guid", "3 GUID_REPEATED user_guid"],
    );
    check(
        &["username=ora\nklein", "username=a", "username=A"],
        &["2 USERNAME_INVALID username", "3 USERNAME_REPEATED username", "4 USERNAME_REPEATED username"],
    );
}

#[test]
fn damage_of_programs() {
    check(
        &["custom_id=1.2E+11", "custom_id=1,2E+11", "custom_id=1E5", "custom_id=#REF!"],
        &["2 CUSTOM_ID_SCIENTIFIC custom_id", "3 CUSTOM_ID_SCIENTIFIC custom_id", "5 CELL_EXCEL_ERROR custom_id"],
    );
    check(
        &["first_name=#N/A", "last_name=a\u{7}", "custom_id=1\u{200b}2", "custom_id=1\n2"],
        &[
            "2 CELL_EXCEL_ERROR first_name",
            "3 CELL_CONTROL_CHARACTER last_name",
            "4 CELL_CONTROL_CHARACTER custom_id",
            "5 CELL_CONTROL_CHARACTER custom_id",
        ],
    );
    let long = "x".repeat(101);
    check(
        &[&format!("first_name={long}"), &format!("custom_id={long}")],
        &["2 CELL_TOO_LONG first_name", "3 CELL_TOO_LONG custom_id"],
    );
    check(&["first_name=Ora\r\n  Jane"], &["2 LINE_BREAK_IN_CELL first_name"]);
    let (valid, _) = validated(&["first_name=Ora\r\n  Jane"], &Scope::Organisation, &ModeSettings::default());
    assert_eq!(valid.rows[0].first_name, "Ora Jane");
}

#[test]
fn ids_as_a_spreadsheet_shows_numbers() {
    let rows = ["custom_id=205.0", "custom_id=205,0", "custom_id=1,234", "custom_id=1,234,567", "custom_id=12,34"];
    let code = |row: u32| format!("{row} CUSTOM_ID_SCIENTIFIC custom_id");
    check(&rows, &[2, 3, 4, 5].map(code).each_ref().map(String::as_str));
}

#[test]
fn ids_with_marks_of_a_spreadsheet() {
    let rows = [
        "custom_id=\"900\"",
        "custom_id==\"901\"",
        "custom_id='902",
        "custom_id==903",
        "custom_id='",
        "school_district_external_id='10",
        "school_district_external_id==\"10\"",
    ];
    let told = ["2", "4", "5", "6"].map(|row| format!("{row} CUSTOM_ID_MARKED custom_id"));
    let [a, b, c, d] = told.each_ref().map(String::as_str);
    check(&rows, &[a, b, c, d, "7 CUSTOM_ID_MARKED school_district_external_id"]);
    let (valid, findings) = validated(&rows, &Scope::Organisation, &ModeSettings::default());
    assert_eq!(valid.rows[0].custom_id, "901");
    // Only the directory can tell which ID a damaged one was.
    let expected: Vec<Option<&str>> = findings.iter().map(|f| f.expected.as_deref()).collect();
    assert_eq!(expected, [None, None, None, None, Some("Probably 10.")]);
    // They are kept as they are written, so that their users are found; of one that is only a mark nobody is.
    let ids: Vec<Option<&str>> = valid.rejected.iter().map(|r| r.custom_id.as_deref()).collect();
    assert_eq!(ids, [Some("\"900\""), Some("'902"), Some("=903"), Some("'"), Some("id7")]);
    assert_eq!(valid.rejected.iter().filter(|r| r.without_owner).count(), 1);
    let numbers =
        ["custom_id=20,007", "custom_id=20\u{202f}007", "custom_id=205.0", "custom_id=1.2E+11", "custom_id=+7"];
    let (_, findings) = validated(&numbers, &Scope::Organisation, &ModeSettings::default());
    assert_eq!(findings.iter().map(|f| f.expected.as_deref()).collect::<Vec<_>>(), [None; 5]);
}

#[test]
fn a_last_row_without_a_line_end_that_is_rejected_may_be_cut_off() {
    let cut_off = |rows: &[&str], line_end: bool| {
        let mut file = roster(rows);
        if !line_end {
            file.pop();
        }
        let parsed = parse(&file, &crate::Reading::strict()).0.expect("the headers are right");
        validate(&parsed, &schools(), &Scope::Organisation, &ModeSettings::default()).0.cut_off
    };
    assert!(cut_off(&["", "user_guid=6f1c2a34"], false));
    assert!(cut_off(&["", "status=Act"], false));
    assert!(!cut_off(&["", "status=Act"], true));
    assert!(!cut_off(&["status=Act", ""], false));
    assert!(!cut_off(&["", "first_name=Ora\n Jane"], false));
}

#[test]
fn a_finding_never_shows_a_password() {
    let (_, findings) = validated(&["password=se\u{7}cret"], &Scope::Organisation, &ModeSettings::default());
    assert_eq!(told(&findings), ["2 CELL_CONTROL_CHARACTER password"]);
    assert_eq!(findings[0].value, None);
    let (valid, _) = validated(&["password=secret"], &Scope::Organisation, &ModeSettings::default());
    assert!(!format!("{valid:?}").contains("secret"));
}

#[test]
fn damaged_rows_protect_whom_they_name_and_say_nothing_more() {
    check(&["…Ora,Klein", "…Ora,Klein,,,77,10,Student,,9,Active,,,,,surplus"], &[]);
    check(&["last_name=Kl\u{fffd}in|custom_id=7|status="], &["2 CELL_MISSING status"]);
    let rows = ["…Ora,Klein,,,77,10,Student,,9,Active,,,,,surplus", "last_name=\u{fffd}", "custom_id=1.2E+11"];
    let (valid, _) = validated(&rows, &Scope::Organisation, &ModeSettings::default());
    let ids: Vec<Option<&str>> = valid.rejected.iter().map(|r| r.custom_id.as_deref()).collect();
    assert_eq!(ids, [Some("77"), Some("id3"), Some("1.2E+11")], "as they are written");
    assert_eq!(valid.rejected.iter().map(|r| r.id_is_damaged).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(valid.rejected.iter().map(|r| r.without_owner).collect::<Vec<_>>(), [true, false, true]);
}

#[test]
fn a_damaged_row_makes_the_others_with_its_id_doubtful() {
    let rows = ["custom_id=77", "custom_id=77", "custom_id=78", "…Ora,Klein,,,77,10,Student,,9"];
    let (valid, findings) = validated(&rows, &Scope::Organisation, &ModeSettings::default());
    let good: Vec<&str> = valid.rows.iter().map(|row| row.custom_id.as_str()).collect();
    assert_eq!(good, ["78"]);
    let repeated = findings.iter().filter(|f| f.code == Code::CustomIdRepeated);
    assert_eq!(repeated.map(|f| f.row).collect::<Vec<_>>(), [Some(2), Some(3)]);
    assert!(findings.iter().all(|f| f.row != Some(5)), "the parser has said all of the damaged row");
}

#[test]
fn a_partial_sync_asks_for_ids_as_they_are_written() {
    let rows = ["custom_id=0123456789|username=OK", "custom_id='7", "custom_id=8|grade=x"];
    let (valid, _) = validated(&rows, &Scope::Organisation, &ModeSettings::default());
    let (rule, schools) = (UsernameRule::default(), schools());
    let named = valid.named(&Maker::new(&rule, &schools, crate::testing::NOW));
    let ids: Vec<&str> = named.custom_ids.iter().map(String::as_str).collect();
    assert_eq!(ids, ["0123456789", "8"], "a damaged one is nobody's");
    let names: Vec<&str> = named.usernames.iter().map(String::as_str).collect();
    assert_eq!(names, ["ok"]);
}

#[test]
fn a_weak_password_is_left_out_and_the_rule_is_named() {
    let rows = [
        "first_name=Ora|password=violet-tractor-9",
        "password=tv-7xk",
        "password=P@ssw0rd",
        "first_name=Violet|password=violet-tractor-9",
        "custom_id=S0099817|password=s0099817-plum",
        "password=",
    ];
    let (valid, findings) = validated(&rows, &Scope::Organisation, &ModeSettings::default());
    let kept: Vec<bool> = valid.rows.iter().map(|row| row.password.is_some()).collect();
    assert_eq!(kept, [true, false, false, false, false, false]);
    let said: Vec<_> = findings.iter().map(|f| (f.row, f.code, f.expected.as_deref().unwrap_or_default())).collect();
    let own = "A password without the user's name, user name, ID or e-mail address in it.";
    assert_eq!(
        said,
        [
            (Some(3), Code::PasswordWeak, "At least 8 characters."),
            (Some(4), Code::PasswordWeak, "A password that is none of the first that anybody would try."),
            (Some(5), Code::PasswordWeak, own),
            (Some(6), Code::PasswordWeak, own),
        ]
    );
    let told: String = findings.iter().map(|f| format!("{} {} {f:?}", f.message(), f.hint())).collect();
    assert!(!told.contains("tv-7xk") && !told.contains("P@ssw0rd") && !told.contains("tractor"), "{told}");
}
