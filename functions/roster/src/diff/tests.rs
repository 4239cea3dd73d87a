//! What rows do to users: each rule with the changes and findings that come of it.

mod names;
mod understood;

use crate::settings::{Mode, ModeSettings, RemovalAction, Scope};
use crate::testing::{guid, roster, schools, users};
use crate::user::{Directory, SchoolId, User};
use crate::{Accounts, Change, Comparison, Diff, Fields, Findings, PasswordSource, parse, validate};

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

fn compared_by(setup: &Setup, reading: &crate::Reading, users: Vec<User>, rows: &[&str]) -> (Diff, Findings) {
    let (upload, _) = parse(&roster(rows), reading);
    let (valid, mut findings) =
        validate(&upload.expect("the headers are right"), &schools(), &setup.scope, &setup.settings);
    let comparison = Comparison {
        mode: setup.mode,
        scope: setup.scope.clone(),
        settings: &setup.settings,
        accounts: &setup.accounts,
        now: crate::testing::NOW,
        schools: &schools(),
        guid_seed: [1; 32],
        password_is_current: &|_, password| password.reveal() == "current",
    };
    let (diff, more) = diff(valid, &Directory::new(users), &comparison);
    findings.append(more);
    findings.sort();
    (diff, findings)
}

/// Changes as `kind custom_id: fields that differ`, then findings as `row CODE value`.
fn check(setup: Setup, directory: &[&str], rows: &[&str], expected: &[&str]) {
    check_by(setup, &crate::Reading::strict(), directory, rows, expected);
}

fn check_by(setup: Setup, reading: &crate::Reading, directory: &[&str], rows: &[&str], expected: &[&str]) {
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
        PasswordSource::File => "password of the file".to_owned(),
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
    check(PARTIAL(), &[], &["custom_id=1|password=secret"], &["created 1: password of the file"]);
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
    let directory = ["custom_id=1|middle_name=M|username=ora"];
    let row = ["custom_id=1|first_name=Jane|password=new"];
    let with = |names, password| {
        let settings = ModeSettings { update_names: names, update_password: password, ..ModeSettings::default() };
        Setup { settings, ..PARTIAL() }
    };
    check(with(false, false), &directory, &row, &[]);
    check(with(true, false), &directory, &row, &["updated 1: first_name Ora>Jane, middle_name M>"]);
    check(with(false, true), &directory, &row, &["updated 1: password of the file"]);
    check(with(false, true), &directory, &["custom_id=1|password=current"], &[]);
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
        &["custom_id=1|grade=9"],
        &["reactivated 1: first_name Old>Ora, grade Unspecified>9, temporary password, restored"],
    );
    check(FULL(), &[deleted, "custom_id=2"], &["custom_id=2"], &[]);
    let by_guid = format!("custom_id=1|user_guid={}", guid(7));
    check(PARTIAL(), &["custom_id=1|guid=7|deleted="], &[&by_guid], &["reactivated 1: temporary password, restored"]);
}

#[test]
fn guids() {
    let row = |id: &str| format!("custom_id={id}|user_guid={}", guid(7));
    let known = ["custom_id=1|guid=7", "custom_id=2|guid=8"];
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
        &["custom_id=123", "custom_id=00123"],
        &["created 123: temporary password", "2 CUSTOM_ID_ZEROS_ALIKE 123"],
    );
    check(
        PARTIAL(),
        &["custom_id=123"],
        &["custom_id=00123"],
        &["created 00123: temporary password", "2 CUSTOM_ID_ZEROS_ALIKE 00123"],
    );
    check(PARTIAL(), &["custom_id=00123|deleted="], &["custom_id=123"], &["created 123: temporary password"]);
    check(PARTIAL(), &["custom_id=00123", "custom_id=123"], &["custom_id=123"], &[]);
    // A download that went through a spreadsheet has the right GUID and the wrong ID.
    let row = format!("custom_id=123|user_guid={}", guid(7));
    check(PARTIAL(), &["custom_id=00123|guid=7"], &[&row], &["2 CUSTOM_ID_ZEROS_LOST 123"]);
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
    check(north(Mode::Partial), &directory, &[&by_guid], &["2 USER_OUT_OF_SCOPE 00000000-0000-0000-0000-000000000007"]);
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
    for row in ["custom_id=9|username=a", "custom_id=9|username=a|status="] {
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
        let teacher = |i: usize| format!("guid={i}|user_type=Teacher|username=u{i}|email=u{i}@x.example|custom_id=");
        let directory: Vec<String> = (0..n).map(|i| format!("{}{i}", teacher(i))).collect();
        let row = |i: usize| {
            let next = teacher((i + 1) % n).split_once('|').map(|(_, rest)| rest.to_owned()).unwrap_or_default();
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
        let user = |i: usize| format!("guid={i}|username=u{i}|custom_id={i}|user_type=Teacher|email=u{i}@x.example");
        let row = |i: usize| format!("user_guid={}|username=u{}|custom_id=new{i}", guid(i as u128), (i + 1) % n);
        let directory: Vec<String> = (0..n).map(user).collect();
        let rows: Vec<String> = (0..n).map(row).collect();
        let [directory, rows] = [&directory, &rows].map(|all| all.iter().map(String::as_str).collect::<Vec<_>>());
        compared(&PARTIAL(), &directory, &rows).0.rejected.len()
    };
    assert_eq!([students(16), students(17)], [0, 17]);
}
