//! Which user names rows get, who may have whose, and which rows are left alone.

use crate::settings::accounts::{ClashRule, Rename, UsernameMethod, UsernameRule};

use crate::model::{Grade, fold};

use super::*;

fn by(rule: UsernameRule) -> Setup {
    Setup { accounts: Accounts { usernames: rule, ..Accounts::default() }, ..PARTIAL() }
}

fn rule(method: UsernameMethod, rename: Rename) -> UsernameRule {
    UsernameRule { method, rename, ..UsernameRule::default() }
}

/// Custom IDs with the names that rows get, which must be the same in reverse.
fn named(setup: &Setup, directory: &[&str], rows: &[&str]) -> Vec<String> {
    let names = |rows: &[&str]| {
        let (diff, _) = compared(setup, directory, rows);
        let after = diff.changes.into_iter().filter_map(|change| change.after);
        let mut names: Vec<String> = after.map(|f| format!("{} {}", f.custom_id, f.username)).collect();
        names.sort();
        names
    };
    let reversed: Vec<&str> = rows.iter().rev().copied().collect();
    let found = names(rows);
    assert_eq!(names(&reversed), found, "in reverse order");
    found
}

#[test]
fn a_clash_takes_the_next_number() {
    let initial = by(rule(UsernameMethod::InitialLast, Rename::Column));
    let ann = |id: &str| format!("custom_id={id}|first_name=Ann|last_name=Smith");
    let [a, b, c] = ["a", "b", "c"].map(ann);
    assert_eq!(named(&initial, &[], &[&a, &b, &c]), ["a asmith", "b asmith2", "c asmith3"]);
    assert_eq!(named(&initial, &["custom_id=z|username=ASmith"], &[&a, &b]), ["a asmith2", "b asmith3"]);
    let deleted = ["custom_id=z|username=asmith|deleted=", "custom_id=|username=asmith2"];
    assert_eq!(named(&initial, &deleted, &[&a]), ["a asmith3"]);
    // A plain name goes before a number, and what a row asks for goes before both.
    let bare = "custom_id=z|first_name=A|last_name=Smith2";
    assert_eq!(named(&initial, &[], &[&a, &b, bare]), ["a asmith", "b asmith3", "z asmith2"]);
    let asks = "custom_id=z|username=asmith";
    assert_eq!(named(&initial, &[], &[&a, asks]), ["a asmith2", "z asmith"]);
    assert_eq!(named(&initial, &[], &[&a, &format!("{asks}|status=")]), ["a asmith2"]);
    let clash = ClashRule { start: 10, min_digits: 3 };
    let numbered = by(UsernameRule { clash, ..rule(UsernameMethod::InitialLast, Rename::Column) });
    assert_eq!(named(&numbered, &[], &[&a, &b, &c]), ["a asmith", "b asmith010", "c asmith011"]);
    let id = PARTIAL();
    assert_eq!(named(&id, &[], &["custom_id=x", "custom_id=X|last_name=Fir"]), ["X X", "x x2"]);
    assert_eq!(named(&id, &["custom_id=1|username=9"], &["custom_id=9"]), ["9 92"]);
}

#[test]
fn a_name_that_somebody_had_is_given_to_nobody_else() {
    let mut directory = users(&["custom_id=1|username=new", "custom_id=2|username=two"]);
    directory[0].former_usernames = vec!["old".to_owned()];
    let told = |rows: &[&str]| {
        let (diff, findings) = compared_with(&PARTIAL(), directory.clone(), rows);
        let names = diff.changes.iter().filter_map(|change| change.after.as_ref()).map(|f| f.username.clone());
        let why = findings.iter().map(|f| format!("{} {}", f.code, f.expected.as_deref().unwrap_or("-")));
        names.chain(why).collect::<Vec<_>>()
    };
    let never =
        "USERNAME_TAKEN A user name of one's own: a user name that somebody had is never given to somebody else.";
    assert_eq!(told(&["custom_id=2|username=OLD"]), [never]);
    assert_eq!(told(&["custom_id=9|username=old"]), [never]);
    assert_eq!(told(&["custom_id=9|username=old|status="]).last().map(String::as_str), Some(never));
    assert_eq!(told(&["custom_id=old"]), ["old2"]);
    assert_eq!(told(&["custom_id=1|username=old"]), ["old"], "it may come back to whom it was");
    // Nobody gets in this plan what somebody gives up in it, either; unless they exchange.
    assert_eq!(told(&["custom_id=1|username=newer", "custom_id=2|username=new"]), ["newer", never]);
    assert_eq!(told(&["custom_id=1|username=newer", "custom_id=9|username=new"]), ["newer", never]);
    assert_eq!(told(&["custom_id=1|username=two", "custom_id=2|username=new"]), ["two", "new"]);
    let row = "custom_id=1|username=two|status=";
    assert_eq!(told(&[row, "custom_id=2|username=new"]).last().map(String::as_str), Some("USERNAME_TAKEN -"));
}

#[test]
fn existing_users_are_renamed_only_where_the_settings_say_so() {
    let directory = ["custom_id=1|username=old|first_name=Ann|last_name=Smith"];
    let row = "custom_id=1|first_name=Ann|last_name=Smith";
    let asks = "custom_id=1|first_name=Ann|last_name=Smith|username=mine";
    let check_rule = |rename, row: &str, expected: &[&str]| {
        check(by(rule(UsernameMethod::InitialLast, rename)), &directory, &[row], expected);
    };
    check_rule(Rename::Never, row, &[]);
    check_rule(Rename::Never, asks, &[]);
    check_rule(Rename::Column, row, &[]);
    check_rule(Rename::Column, asks, &["renamed 1: username old>mine"]);
    check_rule(Rename::Always, row, &["renamed 1: username old>asmith"]);
    check_rule(Rename::Always, asks, &["renamed 1: username old>mine"]);
    let always = || rule(UsernameMethod::InitialLast, Rename::Always);
    let ignoring = UsernameRule { prefer_column: false, ..always() };
    check(by(ignoring), &directory, &[asks], &["renamed 1: username old>asmith"]);
    // Who has what the rule gives, with or without a number, keeps it. Who comes back is as everybody else.
    for name in ["asmith", "ASMITH", "asmith2", "asmith17"] {
        let directory = [&*format!("custom_id=1|username={name}|first_name=Ann|last_name=Smith")];
        check(by(always()), &directory, &[row], &[]);
    }
    let deleted = format!("{}|deleted=", directory[0]);
    let check_rule_of = |rename, expected: &str| {
        check(by(rule(UsernameMethod::InitialLast, rename)), &[&deleted], &[row], &[expected]);
    };
    check_rule_of(Rename::Always, "renamed 1: username old>asmith, temporary password, restored");
    check_rule_of(Rename::Column, "reactivated 1: temporary password, restored");
    check(by(rule(UsernameMethod::Email, Rename::Always)), &directory, &[row], &[]);
    // The name of another user is not free.
    let others = [directory[0], "custom_id=2|username=asmith"];
    check(by(always()), &others, &[row], &["renamed 1: username old>asmith2"]);
}

#[test]
fn names_by_rule_are_exchanged_in_circles() {
    let user = |id: u8, email: &str, name: &str| {
        let email = if email.is_empty() { String::new() } else { format!("{email}@x.example") };
        format!("custom_id={id}|user_type=Teacher|email={email}|username={name}")
    };
    let row = |id, email| user(id, email, "");
    let always = || by(rule(UsernameMethod::EmailName, Rename::Always));
    let directory = [user(1, "a", "a"), user(2, "b", "b"), user(3, "c", "c")];
    let [a, b, c] = [&*directory[0], &*directory[1], &*directory[2]];
    check(
        always(),
        &[a, b],
        &[&row(1, "b"), &row(2, "a")],
        &[
            "renamed 1: email a@x.example>b@x.example, username a>b, exchange 1",
            "renamed 2: email b@x.example>a@x.example, username b>a, exchange 1",
        ],
    );
    // One by rule, one because the row asks for it.
    let circle = [row(1, "b"), user(2, "c", "c"), row(3, "a")];
    let names = named(&always(), &[a, b, c], &[&circle[0], &circle[1], &circle[2]]);
    assert_eq!(names, ["1 b", "2 c", "3 a"]);
    // In a row of users, addresses move on, and user names do not.
    let names = named(&always(), &[a, b], &[&row(1, "b"), &row(2, "c")]);
    assert_eq!(names, ["1 b2", "2 c"]);
    // Who is beside a circle has no part in it.
    let pupil = "custom_id=9|email=a@x.example|username=z";
    let names = named(&always(), &[a, b, pupil], &[&row(1, "b"), &row(2, "a"), "custom_id=9|email=a@x.example"]);
    assert_eq!(names, ["1 b", "2 a", "9 a2"]);
}

#[test]
fn whoever_gets_no_name_gets_no_account() {
    let setup = |method| by(rule(method, Rename::Column));
    let rows = ["custom_id=1", "custom_id=2|email=b@x.example", "custom_id=3|username=c"];
    let empty = "2 USERNAME_EMPTY 1";
    let made = ["created 2: temporary password", "created 3: temporary password", empty];
    check(setup(UsernameMethod::EmailName), &[], &rows, &made);
    let column = ["created 3: temporary password", empty, "3 USERNAME_EMPTY 2"];
    check(setup(UsernameMethod::Column), &[], &rows, &column);
    check(setup(UsernameMethod::Column), &["custom_id=1"], &["custom_id=1"], &[]);
    let (_, findings) = compared(&setup(UsernameMethod::EmailName), &[], &rows);
    assert_eq!(findings[0].expected.as_deref(), Some("An e-mail address."));
}

#[test]
fn without_overwriting_users_that_exist_keep_everything() {
    let settings =
        || ModeSettings { overwrite: false, update_names: true, update_password: true, ..ModeSettings::default() };
    let directory = ["custom_id=1|grade=8", "custom_id=2", "custom_id=3|deleted=", "custom_id=5|username=x"];
    let rows = [
        "custom_id=1|grade=9|username=q|password=violet-tractor-9",
        "custom_id=2|password=violet-tractor-9",
        "custom_id=3",
        "custom_id=4|username=y",
        "custom_id=5|username=z|first_name=Jane",
    ];
    let expected = ["created 4: temporary password", "reactivated 3: temporary password, restored"];
    check(Setup { settings: settings(), ..PARTIAL() }, &directory, &rows, &expected);
    let (diff, _) = compared(&Setup { settings: settings(), ..FULL() }, &directory, &rows[1..]);
    let mut why: Vec<_> = diff.unchanged.iter().map(|u| (u.row.row, u.row.why)).collect();
    why.sort_by_key(|(row, _)| *row);
    assert_eq!(why, [(2, Unchanged::Same), (5, Unchanged::Kept)]);
    let removed = diff.changes.iter().filter(|change| change.row.is_none()).count();
    assert_eq!(removed, 1, "who is absent from a full roster is removed all the same");
}

#[test]
fn students_of_other_year_levels_are_left_alone() {
    let accounts = || Accounts { year_levels: Some([Grade::G9].into()), ..Accounts::default() };
    let directory = [
        "custom_id=1|grade=8",
        "custom_id=2|grade=8",
        "custom_id=3|grade=9",
        "custom_id=4|grade=9",
        "custom_id=5|grade=9",
        "custom_id=6|user_type=Teacher|email=t@x.example",
        "custom_id=7|grade=8",
    ];
    let rows = [
        "custom_id=1|grade=9",
        "custom_id=3|grade=10|first_name=Jane",
        "custom_id=4|grade=9|status=Disabled",
        "custom_id=8|grade=10|username=mine",
    ];
    check(
        Setup { accounts: accounts(), ..FULL() },
        &directory,
        &rows,
        &["removed 5", "removed 6", "updated 1: grade 8>9", "updated 4: status Active>Disabled"],
    );
    let (diff, _) = compared(&Setup { accounts: accounts(), ..FULL() }, &directory, &rows);
    let outside: Vec<_> = diff.unchanged.iter().map(|u| (u.row.row, u.row.guid.is_some(), &*u.row.username)).collect();
    assert_eq!(outside, [(3, true, "3"), (5, false, "mine")]);
    assert_eq!(diff.managed.values().sum::<u64>(), 4, "the students of grade 9 and the teacher");
}

/// First and last names from many languages; many have the same user name in the end.
const FIRST: [&str; 25] = [
    "Ann",
    "Anna",
    "Änne",
    "José",
    "Jose",
    "Øyvind",
    "Zoë",
    "Иван",
    "Ιωάννης",
    "محمد",
    "伟",
    "さくら",
    "민준",
    "Siân",
    "Łukasz",
    "Đức",
    "Nguyễn",
    "Şeyma",
    "İlker",
    "Þór",
    "Ægir",
    "Ōta",
    "Ngā",
    "Ana-María",
    "D’Arcy",
];
const LAST: [&str; 25] = [
    "Smith",
    "Schmidt",
    "Müller",
    "Mueller",
    "Muller",
    "Ångström",
    "Groß",
    "Gross",
    "O'Brien",
    "Ó Briain",
    "García",
    "Щукин",
    "Παπαδόπουλος",
    "القاهرة",
    "王",
    "田中",
    "김",
    "Nowak-Łęcka",
    "Trần",
    "Yılmaz",
    "Þórsdóttir",
    "de la Cruz",
    "van den Berg",
    "Dvořák",
    "Smith2",
];

#[test]
fn ten_thousand_names_from_many_languages() {
    let person = |i: usize| (FIRST[i * 7 % 25], LAST[i / 25 % 25]);
    let rows: Vec<String> = (0..10_000)
        .map(|i| format!("custom_id=n{i:05}|first_name={}|last_name={}", person(i).0, person(i).1))
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    for method in [UsernameMethod::InitialLast, UsernameMethod::FirstDotLast, UsernameMethod::LastInitial] {
        let setup = by(UsernameRule { max_chars: 12, ..rule(method, Rename::Column) });
        let names = named(&setup, &["custom_id=x|username=asmith", "custom_id=y|username=ann.smith"], &rows);
        assert_eq!(names.len(), rows.len());
        let names: Vec<&str> = names.iter().filter_map(|line| line.split_once(' ')).map(|(_, name)| name).collect();
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
        assert!(names.iter().all(|name| (1..=12).contains(&name.len()) && name.chars().all(allowed)));
        let different: std::collections::HashSet<String> = names.iter().map(|name| fold(name)).collect();
        assert_eq!(different.len(), names.len());
    }
}

#[test]
fn a_comparison_says_when_it_does_not_know_whose_a_name_is() {
    let names: Vec<String> = (2..13).map(|n| format!("custom_id=x{n}|username=asmith{n}")).collect();
    let everybody: Vec<&str> = names.iter().map(String::as_str).chain(["custom_id=y|username=asmith"]).collect();
    let setup = by(rule(UsernameMethod::InitialLast, Rename::Always));
    // A new custom ID could be anybody's, so that the row is about a user who gets another name.
    let ann = "custom_id=a|first_name=Ann|last_name=Smith|username=old";
    let named_only = |rows: &[&str], users: Vec<User>| {
        let (parsed, _) = parse(&roster(rows), &crate::Reading::strict());
        let (valid, _) = validate(&parsed.expect("the headers are right"), &schools(), &setup.scope, &setup.settings);
        let schools = schools();
        let maker = crate::username::Maker::new(&setup.accounts.usernames, &schools, crate::testing::NOW);
        let asked = valid.named(&maker).usernames;
        let known = |user: &User| user.username == "old" || asked.contains(&fold(&user.username));
        let users = users.into_iter().chain(crate::testing::users(&[ann])).filter(known).collect();
        let directory = Directory::of_named(users, asked);
        let comparison = Comparison {
            mode: setup.mode,
            sender: Default::default(),
            scope: setup.scope.clone(),
            settings: &setup.settings,
            accounts: &setup.accounts,
            now: crate::testing::NOW,
            schools: &schools,
            max_exchange_writes: crate::testing::MAX_EXCHANGE_WRITES,
            guid_seed: [1; 32],
            password_is_current: &|_, _| false,
        };
        match diff(valid, &directory, &comparison) {
            crate::Diffed::Complete(diff, _) => {
                Some(diff.changes.into_iter().filter_map(|c| c.after).map(|f| f.username).collect::<Vec<_>>())
            }
            crate::Diffed::NeedsWholeDirectory => None,
        }
    };
    let row = ["custom_id=a|first_name=Ann|last_name=Smith"];
    assert_eq!(named_only(&row, users(&everybody)), None, "more than eight numbers are taken");
    let all: Vec<&str> = everybody.iter().copied().chain([ann]).collect();
    assert_eq!(named(&setup, &all, &row), ["a asmith13"]);
    assert_eq!(named_only(&row, users(&everybody[..4])), Some(vec!["asmith".to_owned()]));
    let some: Vec<&str> = everybody[..4].iter().copied().chain(["custom_id=y|username=asmith"]).collect();
    assert_eq!(named_only(&row, users(&some)), Some(vec!["asmith6".to_owned()]));
}
