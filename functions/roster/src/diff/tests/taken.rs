//! User names and addresses that several want, give up or exchange.

use super::*;

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
