//! What rows do to users: each rule with the changes and findings that come of it.

mod ids;
mod names;
mod rekeys;
mod taken;
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

fn compared_by(setup: &Setup, reading: &crate::file::Reading, users: Vec<User>, rows: &[&str]) -> (Diff, Findings) {
    let (parsed, _) = parse(&roster(rows), reading);
    let (valid, mut findings) =
        validate(&parsed.expect("the headers are right"), &schools(), &setup.scope, &setup.settings);
    let comparison = Comparison {
        mode: setup.mode,
        sender: Default::default(),
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

fn check_by(setup: Setup, reading: &crate::file::Reading, directory: &[&str], rows: &[&str], expected: &[&str]) {
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

#[test]
fn the_last_administrator_stays() {
    let boss = "custom_id=1|user_type=Administrator|school_district_external_id=D|email=a@x.example|username=a";
    let other = "custom_id=2|user_type=Administrator|school_district_external_id=D|email=b@x.example|username=b";
    check(FULL(), &[boss, "custom_id=3"], &["custom_id=3"], &["0 LAST_ADMINISTRATOR 1"]);
    let disabled = format!("{boss}|status=Disabled");
    check(PARTIAL(), &[boss], &[&disabled], &["2 LAST_ADMINISTRATOR 1"]);
    check(PARTIAL(), &[boss, other], &[&disabled], &["updated 1: status Active>Disabled"]);
    check(FULL(), &[boss], &[other], &["created 2: temporary password", "removed 1"]);
    check(
        FULL(),
        &[boss, "custom_id=|user_type=Administrator|school_district_external_id=D|username=root"],
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
    // Those of schools can't run the organisation, whether the office has any or not.
    check(FULL(), &[&c], &["custom_id=x"], &["created x: temporary password", "removed c"]);
    // Who administers the office is seen by a file for a school, too.
    let north = |mode| Setup { mode, scope: Scope::School(SchoolId("id-10".to_owned())), ..PARTIAL() };
    check(north(Mode::Full), &[&a, &c, "custom_id=x"], &["custom_id=x"], &["removed c"]);
    check(north(Mode::Partial), &[&a, &c], &[&format!("{c}|status=Disabled")], &["updated c: status Active>Disabled"]);
}
