//! Small organisations and rosters about them, made so that custom IDs, names and addresses collide.

use std::collections::{BTreeSet, HashMap, HashSet};

use proptest::prelude::*;
use roster::accounts::{ClashRule, Rename, UsernameMethod, UsernameRule};
use roster::user::fold;
use roster::{
    Accounts, Change, Comparison, Diff, Diffed, Directory, Findings, Grade, Guid, Inputs, Kind, Mode, ModeSettings,
    NamedSource, OtherSource, ParsedRoster, PasswordSource, Plan, Reading, RekeyChoice, RemovalAction, School,
    SchoolId, SchoolKind, Schools, Scope, Sender, SourceId, SourceRules, Status, Unplanned, User, UserType, diff,
    parse, plan, plan_roster, validate,
};

pub const HEADER: &str = "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,\
                          position,grade,status,password,username,user_guid";

const IDS: [&str; 14] = ["1", "01", "001", "2", "02", "3", "a", "A", "b", "c", "ora", "Bob", "4", "5"];
const NAMES: [&str; 8] = ["ora", "ORA", "bob", "x", "y", "z", "a", "1"];
const EMAILS: [&str; 9] = [
    "",
    "a@x.example",
    "A@x.example",
    "b@x.example",
    "c@x.example",
    "d@x.example",
    "e@x.example",
    "f@x.example",
    "g@x.example",
];
const SCHOOLS: [&str; 3] = ["10", "20", "D"];

/// When everything is compared: in November 2026.
pub const NOW: u64 = 1_795_000_000_000;

/// One roster, what it is compared with, and by what.
#[derive(Debug, Clone)]
pub struct Case {
    pub users: Vec<User>,
    pub rows: Vec<Vec<String>>,
    pub mode: Mode,
    pub scope: Scope,
    pub settings: ModeSettings,
    pub accounts: Accounts,
    pub reading: Reading,
    pub source: Option<SourceId>,
    pub sources: SourceRules,
}

/// What a roster comes to.
pub struct Outcome {
    pub parsed: ParsedRoster,
    pub plan: Plan,
    pub findings: Findings,
    pub diff: Diff,
    pub passwords: HashMap<Guid, String>,
}

pub fn schools() -> Schools {
    let school = |id: &&str| School {
        id: SchoolId(format!("id-{id}")),
        external_id: (*id).to_owned(),
        name: format!("School {id}"),
        kind: if *id == "D" { SchoolKind::District } else { SchoolKind::School },
    };
    Schools::new(SCHOOLS.iter().map(school).collect())
}

impl Case {
    pub fn bytes(&self) -> Vec<u8> {
        let lines = self.rows.iter().map(|row| row.join(",") + "\n");
        std::iter::once(format!("{HEADER}\n")).chain(lines).collect::<String>().into_bytes()
    }

    /// Plans the roster for these users, of whom some have a known password.
    pub fn outcome(&self, users: &[User], passwords: &HashMap<Guid, String>) -> Outcome {
        self.outcome_of(&self.bytes(), users, passwords).expect("the headers are right")
    }

    /// Plans the roster for just those users that it names; `None` where they are not enough.
    pub fn outcome_of_named(&self, users: Vec<User>, asked: BTreeSet<String>) -> Option<Outcome> {
        self.compared(&self.bytes(), &Directory::of_named(users, asked), &HashMap::new())
    }

    pub fn outcome_of(&self, bytes: &[u8], users: &[User], passwords: &HashMap<Guid, String>) -> Option<Outcome> {
        self.compared(bytes, &Directory::new(users.to_vec()), passwords)
    }

    fn compared(&self, bytes: &[u8], directory: &Directory, passwords: &HashMap<Guid, String>) -> Option<Outcome> {
        let (parsed, mut findings) = parse(bytes, &self.reading);
        let parsed = parsed?;
        let (valid, of_rows) = validate(&parsed, &schools(), &self.scope, &self.settings);
        findings.append(of_rows);
        let comparison = Comparison {
            mode: self.mode,
            sender: Sender { source: self.source.as_ref(), rules: Some(&self.sources), is_by_hand: false },
            scope: self.scope.clone(),
            settings: &self.settings,
            accounts: &self.accounts,
            now: NOW,
            schools: &schools(),
            max_exchange_writes: 99,
            guid_seed: [7; 32],
            password_is_current: &|user, password| {
                passwords.get(&user.guid).is_some_and(|current| current == password.reveal())
            },
        };
        let inputs = Inputs { reading: &self.reading, directory, comparison: &comparison, previous_rows: Some(3) };
        let planned = plan_roster(bytes, &inputs);
        let Diffed::Complete(diff, of_comparison) = diff(valid, directory, &comparison) else {
            assert!(matches!(planned, Err(Unplanned::NeedsWholeDirectory)));
            return None;
        };
        let diff = *diff;
        findings.append(of_comparison);
        findings.sort();
        let plan = plan(diff.clone(), &comparison, Some(3));
        // Whether rows are settled makes no difference.
        let planned = planned.expect("a plan, as step by step");
        assert_eq!(planned.plan, plan);
        assert_eq!(planned.findings, findings);
        assert_eq!(planned.passwords, diff.passwords);
        let revealed = diff.passwords.iter().map(|(guid, p)| (*guid, p.reveal().to_owned())).collect();
        Some(Outcome { parsed, plan, findings, diff, passwords: revealed })
    }
}

/// The users after a plan is carried out, as if every probable re-key were one.
pub fn apply_to(users: &[User], plan: &Plan) -> Vec<User> {
    apply_chosen(users, plan, RekeyChoice::SamePerson)
}

/// The users after a plan is carried out with that choice for its probable re-keys.
pub fn apply_chosen(users: &[User], plan: &Plan, choice: RekeyChoice) -> Vec<User> {
    let mut by_guid: HashMap<Guid, User> = users.iter().map(|u| (u.guid, u.clone())).collect();
    // A name that somebody else takes over is no former name.
    let changes: Vec<Change> = plan.changes.iter().flat_map(|change| change.chosen(choice)).collect();
    let after: HashSet<String> =
        changes.iter().filter_map(|c| c.after.as_ref()).map(|fields| fold(&fields.username)).collect();
    for change in &changes {
        let old = by_guid.get(&change.guid).cloned();
        assert_eq!(old.is_none(), change.kind == Kind::Created, "only a created user is new");
        assert_eq!(old.as_ref().map(|u| u.version), change.seen_version);
        let user = match (old, &change.after) {
            (Some(old), None) => User { deleted_at: Some(1), version: old.version + 1, ..old },
            (old, Some(fields)) => {
                let mut user = fields.clone().into_user(change.guid, old.as_ref().map_or(1, |u| u.version + 1));
                user.former_usernames = old.map_or_else(Vec::new, |old| former(old, &user, &after));
                user
            }
            (None, None) => unreachable!("a created user has fields"),
        };
        by_guid.insert(change.guid, user);
    }
    let mut users: Vec<User> = by_guid.into_values().collect();
    users.sort_by_key(|u| u.guid);
    users
}

/// The names that a user had, without those that went to somebody else.
fn former(old: User, user: &User, taken: &HashSet<String>) -> Vec<String> {
    let name = fold(&old.username);
    let mut former = old.former_usernames;
    if !user.is_named(&name) {
        former.retain(|former| *former != name);
        former.extend((!taken.contains(&name)).then_some(name));
    }
    former
}

/// The passwords after a plan is carried out.
pub fn passwords_after(outcome: &Outcome, choice: RekeyChoice) -> HashMap<Guid, String> {
    let changes = outcome.plan.changes.iter().flat_map(|change| change.chosen(choice));
    let from_file = changes.filter(|c| c.password.is_some_and(PasswordSource::is_of_file));
    from_file.map(|c| (c.guid, outcome.passwords[&c.guid].clone())).collect()
}

pub fn guid(i: usize) -> Guid {
    Guid(uuid::Uuid::from_u128(0x1000 + i as u128))
}

pub fn case() -> impl Strategy<Value = Case> {
    let users = prop::collection::vec(user(), 0..14).prop_map(without_clashes);
    let scope = prop_oneof![
        3 => Just(Scope::Organisation),
        1 => Just(Scope::School(SchoolId("id-10".to_owned()))),
        1 => Just(Scope::Schools(["id-10", "id-D"].map(|id| SchoolId(id.to_owned())).into())),
    ];
    let mode =
        prop_oneof![3 => Just(Mode::Partial), 3 => Just(Mode::Full), 1 => Just(Mode::Students), 1 => Just(Mode::Staff)];
    let reading = any::<bool>().prop_map(|strict| if strict { Reading::strict() } else { Reading::default() });
    let rest = (any::<u16>(), mode, scope, settings(), accounts(), reading, sources());
    (users, rows(), rest).prop_map(|(users, mut rows, (kept, mode, scope, settings, accounts, reading, sources))| {
        let (source, sources) = sources;
        // Some rows say just what the directory says, and some of these without the GUID.
        for (i, user) in users.iter().enumerate().filter(|(i, _)| kept >> i & 1 == 1) {
            rows.push(row_of(user, i % 2 == 0));
        }
        Case { users, rows, mode, scope, settings, accounts, reading, source, sources }
    })
}

/// The source of a roster, and what it may do to the users of others.
fn sources() -> impl Strategy<Value = (Option<SourceId>, SourceRules)> {
    let source = |id: &str| SourceId(id.to_owned());
    let of_roster = prop_oneof![2 => Just(None), 2 => Just(Some(source("sis"))), 1 => Just(Some(source("hr")))];
    let other_source = prop_oneof![Just(OtherSource::Reject), Just(OtherSource::TakeOver)];
    (of_roster, other_source, prop::bool::weighted(0.2)).prop_map(move |(of_roster, other_source, owns)| {
        let owned = if owns { [UserType::Student].into() } else { BTreeSet::new() };
        let named = [("sis", owned), ("hr", BTreeSet::new())];
        let named = named.map(|(id, owns)| NamedSource { id: source(id), name: id.to_owned(), owns });
        (of_roster, SourceRules { sources: named.to_vec(), other_source })
    })
}

pub fn rows() -> impl Strategy<Value = Vec<Vec<String>>> {
    prop::collection::vec(row(), 1..16)
}

fn settings() -> impl Strategy<Value = ModeSettings> {
    let overwrite = prop_oneof![4 => Just(true), 1 => Just(false)];
    (any::<[bool; 4]>(), any::<bool>(), overwrite).prop_map(
        |([password, names, email, approval], disable, overwrite)| ModeSettings {
            overwrite,
            update_password: password,
            update_names: names,
            student_email_required: email,
            requires_approval: approval,
            removal_action: if disable { RemovalAction::Disable } else { RemovalAction::Delete },
            ..ModeSettings::default()
        },
    )
}

fn accounts() -> impl Strategy<Value = Accounts> {
    let levels = prop_oneof![3 => Just(None), 1 => Just(Some([Grade::G9, Grade::K].into()))];
    (levels, usernames()).prop_map(|(year_levels, usernames)| Accounts {
        year_levels,
        usernames,
        ..Accounts::default()
    })
}

/// Rules that give few different names.
fn usernames() -> impl Strategy<Value = UsernameRule> {
    use UsernameMethod::*;
    const METHODS: [UsernameMethod; 9] =
        [CustomId, Email, EmailName, InitialLast, FirstInitial, FirstDotLast, LastInitial, Column, Template];
    let method = prop_oneof![1 => Just(CustomId), 2 => prop::sample::select(&METHODS[..])];
    let template = prop::sample::select(&["{first:1}{last:1}", "{custom_id:1}", "{email_name}{grade}", "{lsat}"][..]);
    let rename = prop::sample::select(&[Rename::Never, Rename::Column, Rename::Always][..]);
    let text = || prop_oneof![3 => Just(""), 1 => Just("x")];
    let clash = (0..3u32, 0..3u8).prop_map(|(start, min_digits)| ClashRule { start, min_digits });
    let switches = (any::<bool>(), prop_oneof![Just(9u8), Just(64u8)]);
    (method, template, rename, (text(), text()), clash, switches).prop_map(
        |(method, template, rename, (prepend, append), clash, (prefer_column, max_chars))| UsernameRule {
            method,
            template: template.to_owned(),
            prefer_column,
            prepend: prepend.to_owned(),
            append: append.to_owned(),
            max_chars,
            clash,
            rename,
            ..UsernameRule::default()
        },
    )
}

fn user() -> impl Strategy<Value = User> {
    let id = prop_oneof![5 => prop::sample::select(&IDS[..]).prop_map(Some), 1 => Just(None)];
    let words =
        (prop::sample::select(UserType::ALL), prop::sample::select(Status::ALL), prop::sample::select(Grade::ALL));
    let texts =
        (prop::sample::select(&NAMES[..]), prop::sample::select(&EMAILS[..]), prop::sample::select(&SCHOOLS[..]));
    (id, words, texts, 0..8u8).prop_map(|(id, (user_type, status, grade), (name, email, school), deleted)| User {
        guid: guid(0),
        custom_id: id.map(str::to_owned),
        first_name: name.to_owned(),
        middle_name: String::new(),
        last_name: "L".to_owned(),
        email: email.to_owned(),
        school: SchoolId(format!("id-{school}")),
        user_type,
        position: if status == Status::Active { "P".to_owned() } else { String::new() },
        grade,
        status,
        username: name.to_owned(),
        version: 1,
        deleted_at: (deleted == 0 && id.is_some()).then_some(1),
        erase_at: None,
        roles: roster::Roles::default(),
        source: [None, Some("sis"), Some("hr"), Some("by-hand")]
            .get(usize::from(deleted) / 2)
            .and_then(|id| id.map(|id| SourceId(id.to_owned()))),
        former_usernames: Vec::new(),
    })
}

/// Gives each user a GUID, and drops those that could not be in one directory.
fn without_clashes(users: Vec<User>) -> Vec<User> {
    let (mut ids, mut names, mut emails) = (HashSet::new(), HashSet::new(), HashSet::new());
    let mut kept = Vec::new();
    for user in users {
        let email = staff_email(&user);
        let id_free = user.custom_id.as_ref().is_none_or(|id| !ids.contains(id));
        let free =
            id_free && !names.contains(&fold(&user.username)) && email.as_ref().is_none_or(|e| !emails.contains(e));
        if free {
            ids.extend(user.custom_id.clone());
            names.insert(fold(&user.username));
            emails.extend(email);
            kept.push(User { guid: guid(kept.len()), ..user });
        }
    }
    kept
}

/// The address that must be one's own.
pub fn staff_email(user: &User) -> Option<String> {
    let must = user.user_type.is_staff() && !user.email.is_empty() && user.deleted_at.is_none();
    must.then(|| fold(&user.email))
}

/// Cells that are mostly right; those of one column in twelve are damaged somehow.
fn row() -> impl Strategy<Value = Vec<String>> {
    let mostly = |right: &'static [&'static str], odd: &'static [&'static str]| {
        prop_oneof![12 => prop::sample::select(right), 1 => prop::sample::select(odd)].prop_map(str::to_owned)
    };
    let guid = prop_oneof![
        5 => Just(String::new()),
        1 => (0..10usize).prop_map(|i| guid(i).to_string()),
        1 => Just("6f1c2a34".to_owned()),
    ];
    let cells = [
        mostly(&["F", "G", "ora", "x", "Y"], &["", "#N/A", "\"two\nlines\""]).boxed(),
        mostly(&["L", "L", "K"], &["", "\u{fffd}"]).boxed(),
        mostly(&["", "M"], &["a\u{7}b"]).boxed(),
        mostly(&EMAILS, &["no address"]).boxed(),
        mostly(&IDS, &["", "1.2E+11"]).boxed(),
        mostly(&SCHOOLS, &["", "30"]).boxed(),
        mostly(&["Student", "Teacher", "Staff", "Administrator"], &["", "Pupil"]).boxed(),
        mostly(&["", "P"], &["#REF!"]).boxed(),
        mostly(&["", "K", "9"], &["09"]).boxed(),
        mostly(&["Active", "Disabled"], &["", "active", "Active,surplus"]).boxed(),
        mostly(&["", "secret"], &["s\u{7}"]).boxed(),
        mostly(&["", "", "", "", "ora", "ORA", "bob", "x", "y", "z", "b"], &["o k"]).boxed(),
        guid.boxed(),
    ];
    cells.into_iter().collect::<Vec<_>>()
}

fn row_of(user: &User, with_guid: bool) -> Vec<String> {
    let school = user.school.0.trim_start_matches("id-").to_owned();
    let guid = if with_guid { user.guid.to_string() } else { String::new() };
    let id = user.custom_id.clone().unwrap_or_else(|| "5".to_owned());
    let words = [user.user_type.as_str().to_owned(), user.position.clone(), user.grade.as_str().to_owned()];
    let mut row = vec![user.first_name.clone(), user.last_name.clone(), String::new(), user.email.clone(), id, school];
    row.extend(words);
    row.extend([user.status.as_str().to_owned(), String::new(), String::new(), guid]);
    row
}
