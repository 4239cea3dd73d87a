//! Rows that are told at once to change nothing: a plan and its findings are the same as if every row were read.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use roster::accounts::Rename;
use roster::{
    Accounts, Comparison, Diffed, Directory, Findings, Grade, Guid, Inputs, Mode, ModeSettings, NamedSource,
    OtherSource, Plan, PlannedRoster, Reading, RemovalAction, SchoolId, Scope, Sender, SourceId, SourceRules, Status,
    Unplanned, User, UserType, diff, parse, plan, plan_roster, validate,
};

use super::organisation::{HEADER, NOW, schools};

/// Names and positions as people have and programs leave them.
const TEXTS: [&str; 34] = [
    "Ora",
    "Klein",
    "Ann",
    "José",
    "Núñez",
    "O'Neil",
    "Mary-Jane",
    "J.",
    "Nora",
    "Null",
    "null",
    "NA",
    "n/a",
    "None",
    "N",
    "Ng",
    "-",
    ".",
    "Ana Maria",
    "Ann  Lee",
    " Ora",
    "Ann \"Annie\"",
    "Lee, Jr.",
    "JosÃ©",
    "Jos\u{e9}\u{200d}",
    "Jose\u{301}",
    "\u{410}na",
    "G?s",
    "#N/A",
    "=1+1",
    "'=x",
    "‘Ora’",
    "Bücher & Co",
    "Zoë\u{a0}K",
];
const IDS: [&str; 26] = [
    "1001", "1002", "1003", "01001", "A-1", "a-1", "A1", "Ａ1", "1,001", "1001.0", "1E5", "1E+05", "100000", "0", "00",
    "000", "NA", "none", "xxx", "'1001", "10-12", "12-Oct", "А1", "1002 ", "T/7", "9_9",
];
const EMAILS: [&str; 14] = [
    "",
    "a@x.example",
    "A@X.example",
    "b@x.example",
    "c.d@x.example",
    "n@x.example",
    "e@x",
    "é@x.example",
    "n/a",
    "a@x.example ",
    "x..y@x.example",
    "f_g@x.example",
    "h@x-y.example",
    "i@1.example",
];
const USERNAMES: [&str; 12] =
    ["", "okey", "OKey", "1001", "1002", "null", "nora", "n.n", "jo sé", "a@x.example", "zoë", "=x"];
const POSITIONS: [&str; 9] =
    ["", "Teacher", "Nurse", "N/A", "Teacher, Maths", "Head (acting)", "K-5", "Clerk & cook", "Teacher/Aide"];
const OTHERS: [&str; 12] =
    ["", "10", "20", "Student", "student", "Active", "yes", "5", "05", "Unspecified", "Secret-Word-77", "é"];

#[derive(Debug, Clone)]
struct Case {
    users: Vec<User>,
    /// What becomes of the rows of users, which else say what is known.
    edits: Vec<(usize, Edit)>,
    quoted: Vec<usize>,
    mode: Mode,
    settings: ModeSettings,
    accounts: Accounts,
    reading: Reading,
    scope: Scope,
    line_break: &'static str,
    ends: bool,
    /// The roster's source, and whether it takes over the users of others.
    of_source: Option<SourceId>,
    takes_over: bool,
    /// Whether the settings say that all students come from a source.
    owns: bool,
}

#[derive(Debug, Clone)]
enum Edit {
    Left,
    Twice,
    /// A cell says something else.
    Says(usize, &'static str),
    /// A cell says what another row says there.
    SaysAs(usize, usize),
    /// The row with the ID is somebody else's.
    NewId(&'static str),
    /// As a line is damaged.
    Cut(usize),
    Below(&'static str),
}

fn user() -> impl Strategy<Value = User> {
    let texts = (select(&TEXTS[..]), select(&TEXTS[..]), select(&TEXTS[..]), select(&POSITIONS[..]));
    let words = (
        prop_oneof![6 => Just(UserType::Student), 3 => Just(UserType::Teacher), 1 => Just(UserType::Administrator)],
        select(Grade::ALL),
        prop_oneof![9 => Just(Status::Active), 1 => Just(Status::Disabled)],
        select(vec!["10", "20", "D"]),
    );
    let rest = (select(&EMAILS[..]), select(&USERNAMES[..]), prop::bool::weighted(0.05), prop::bool::weighted(0.05));
    (texts, words, rest, select(&IDS[..]), prop::bool::weighted(0.5)).prop_map(
        |(
            (first, last, middle, position),
            (user_type, grade, status, school),
            (email, name, deleted, former),
            id,
            plain,
        )| {
            let (first, last) = if plain { ("Eli", "Fir") } else { (first, last) };
            User {
                guid: Guid(uuid::Uuid::nil()),
                custom_id: Some(id.to_owned()),
                first_name: first.to_owned(),
                middle_name: if plain { "" } else { middle }.to_owned(),
                last_name: last.to_owned(),
                email: email.to_owned(),
                school: SchoolId(format!("id-{school}")),
                user_type,
                position: if user_type == UserType::Student { "" } else { position }.to_owned(),
                grade: if user_type == UserType::Student { grade } else { Grade::Unspecified },
                status,
                username: name.to_owned(),
                version: 3,
                deleted_at: deleted.then_some(NOW - 5),
                erase_at: None,
                roles: roster::Roles::default(),
                // One that is named no longer, too.
                source: ["sis", "old"].get(first.len() % 4).filter(|_| !plain).map(|id| SourceId((*id).to_owned())),
                former_usernames: if former { vec!["okey".to_owned()] } else { Vec::new() },
            }
        },
    )
}

/// Users of whom no two have the same custom ID or user name, and no two of staff the same address. A few have IDs and
/// names of their own, so that some rows have nothing to do with others.
fn users() -> impl Strategy<Value = Vec<User>> {
    prop::collection::vec((user(), prop::bool::weighted(0.6)), 1..14).prop_map(|drawn| {
        let mut users: Vec<User> = Vec::new();
        for (i, (user, own)) in drawn.into_iter().enumerate() {
            let number = i + 1;
            let mut user = User { guid: Guid(uuid::Uuid::from_u128(0x1000 + number as u128)), ..user };
            if own {
                user.custom_id = Some(format!("70{number:02}"));
                user.username = if i % 2 == 0 { format!("70{number:02}") } else { format!("Name{number}") };
                user.email = if user.email.is_empty() { String::new() } else { format!("p{number}@x.example") };
            }
            if user.username.is_empty() {
                user.username = format!("name{number}");
            }
            let fold = |text: &str| roster::user::fold(text);
            let clashes = users.iter().any(|other: &User| {
                let names = |user: &User| -> Vec<String> {
                    user.former_usernames.iter().chain([&user.username]).map(|name| fold(name)).collect()
                };
                let staff = other.user_type.is_staff() && user.user_type.is_staff();
                other.custom_id == user.custom_id
                    || names(other).iter().any(|name| names(&user).contains(name))
                    || (staff && !user.email.is_empty() && fold(&other.email) == fold(&user.email))
            });
            if !clashes {
                users.push(user);
            }
        }
        users
    })
}

fn edit() -> impl Strategy<Value = Edit> {
    let cell = 0..13usize;
    let text = prop_oneof![
        select(&TEXTS[..]),
        select(&IDS[..]),
        select(&EMAILS[..]),
        select(&USERNAMES[..]),
        select(&POSITIONS[..]),
        select(&OTHERS[..])
    ];
    prop_oneof![
        2 => Just(Edit::Left),
        1 => Just(Edit::Twice),
        5 => (cell.clone(), text).prop_map(|(cell, text)| Edit::Says(cell, text)),
        4 => (cell, 0..14usize).prop_map(|(cell, row)| Edit::SaysAs(cell, row)),
        3 => select(&IDS[..]).prop_map(Edit::NewId),
        1 => (0..60usize).prop_map(Edit::Cut),
        1 => select(vec![",,,,", "Total 3", "\"a", "x;y;z"]).prop_map(Edit::Below),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let settings = any::<[bool; 5]>().prop_map(|[disable, names, overwrite, needs, password]| ModeSettings {
        requires_approval: false,
        removal_action: if disable { RemovalAction::Disable } else { RemovalAction::Delete },
        update_names: names,
        overwrite,
        student_email_required: needs,
        update_password: password,
        ..ModeSettings::default()
    });
    let accounts = (select(vec![Rename::Never, Rename::Column, Rename::Always]), any::<[bool; 2]>()).prop_map(
        |(rename, [prefer_column, levels])| {
            let mut accounts = Accounts::default();
            accounts.usernames.rename = rename;
            accounts.usernames.prefer_column = prefer_column;
            accounts.year_levels = levels.then(|| Grade::ALL.iter().copied().filter(|g| *g != Grade::K).collect());
            accounts
        },
    );
    let scope = prop_oneof![4 => Just(Scope::Organisation), 1 => Just(Scope::School(SchoolId("id-10".to_owned())))];
    let reading =
        prop::bool::weighted(0.2).prop_map(|strict| if strict { Reading::strict() } else { Reading::default() });
    let rows = (users(), prop::collection::vec((0..14usize, edit()), 0..5), prop::collection::vec(0..14usize, 0..4));
    let file = (select(vec!["\n", "\r\n", "\r"]), any::<bool>());
    let source = || select(vec![None, Some("sis"), Some("hr")]).prop_map(|id| id.map(|id| SourceId(id.to_owned())));
    let sources = (source(), any::<[bool; 2]>());
    let mode =
        prop_oneof![3 => Just(Mode::Full), 1 => Just(Mode::Partial), 1 => Just(Mode::Students), 1 => Just(Mode::Staff)];
    (rows, settings, accounts, scope, reading, file, (mode, sources)).prop_map(
        |(
            (users, edits, quoted),
            settings,
            accounts,
            scope,
            reading,
            (line_break, ends),
            (mode, (of_source, [takes_over, owns])),
        )| Case {
            users,
            edits,
            quoted,
            mode,
            settings,
            accounts,
            reading,
            scope,
            line_break,
            ends,
            of_source,
            takes_over,
            owns,
        },
    )
}

impl Case {
    fn cells(&self, user: &User) -> Vec<String> {
        let schools = schools();
        let school = schools.by_id(&user.school).expect("a school").external_id.clone();
        let text = |text: &str| text.to_owned();
        vec![
            text(&user.first_name),
            text(&user.last_name),
            text(&user.middle_name),
            text(&user.email),
            user.custom_id.clone().expect("a custom ID"),
            school,
            text(user.user_type.as_str()),
            text(&user.position),
            text(user.grade.as_str()),
            text(user.status.as_str()),
            String::new(),
            text(&user.username),
            user.guid.to_string(),
        ]
    }

    fn file(&self) -> Vec<u8> {
        let all: Vec<Vec<String>> = self.users.iter().map(|user| self.cells(user)).collect();
        let mut lines = vec![HEADER.to_owned()];
        for (i, known) in all.iter().enumerate() {
            let mut cells = known.clone();
            // Most files have neither.
            if i % 3 != 0 {
                cells[11].clear();
            }
            if i % 4 != 0 {
                cells[12].clear();
            }
            let edits = || self.edits.iter().filter(|(row, _)| *row == i).map(|(_, edit)| edit);
            for edit in edits() {
                match edit {
                    Edit::Says(cell, text) => cells[*cell] = (*text).to_owned(),
                    Edit::SaysAs(cell, row) => cells[*cell].clone_from(&all[row % all.len()][*cell]),
                    Edit::NewId(id) => cells[4] = (*id).to_owned(),
                    _ => {}
                }
            }
            let line = cells.iter().map(|cell| self.written(i, cell)).collect::<Vec<_>>().join(",");
            for edit in edits() {
                match edit {
                    Edit::Twice => lines.push(line.clone()),
                    Edit::Cut(at) => lines.extend(line.get(..*at).map(str::to_owned)),
                    Edit::Below(text) => lines.push((*text).to_owned()),
                    _ => {}
                }
            }
            if !edits().any(|edit| matches!(edit, Edit::Left)) {
                lines.push(line);
            }
        }
        let end = if self.ends { self.line_break } else { "" };
        (lines.join(self.line_break) + end).into_bytes()
    }

    fn written(&self, row: usize, cell: &str) -> String {
        let quoted = self.quoted.contains(&row) || cell.contains([',', '"', '\n', '\r']);
        if quoted { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
    }

    fn with<T>(&self, plan: impl FnOnce(&Inputs) -> T) -> T {
        let schools = schools();
        let owned = if self.owns { [UserType::Student].into() } else { BTreeSet::new() };
        let named = |id: &str, owns| NamedSource { id: SourceId(id.to_owned()), name: id.to_owned(), owns };
        let other_source = if self.takes_over { OtherSource::TakeOver } else { OtherSource::Reject };
        let rules = SourceRules { sources: vec![named("sis", owned), named("hr", BTreeSet::new())], other_source };
        let comparison = Comparison {
            mode: self.mode,
            sender: Sender { source: self.of_source.as_ref(), rules: Some(&rules), is_by_hand: false },
            scope: self.scope.clone(),
            settings: &self.settings,
            accounts: &self.accounts,
            now: NOW,
            schools: &schools,
            max_exchange_writes: 99,
            guid_seed: [7; 32],
            password_is_current: &|_, _| false,
        };
        let directory = Directory::new(self.users.clone());
        plan(&Inputs { reading: &self.reading, directory: &directory, comparison: &comparison, previous_rows: None })
    }
}

/// Reads every row. `Err` where the file fails as a whole.
fn step_by_step(bytes: &[u8], inputs: &Inputs) -> Result<(Plan, Findings), Findings> {
    let c = inputs.comparison;
    let (parsed, mut findings) = parse(bytes, inputs.reading);
    let Some(parsed) = parsed else { return Err(findings) };
    let (valid, of_rows) = validate(&parsed, c.schools, &c.scope, c.settings);
    findings.append(of_rows);
    let Diffed::Complete(diff, of_comparison) = diff(valid, inputs.directory, c) else {
        panic!("the directory holds everybody")
    };
    findings.append(of_comparison);
    findings.sort();
    Ok((plan(*diff, c, None), findings))
}

fn at_once(bytes: &[u8], inputs: &Inputs) -> Result<PlannedRoster, Findings> {
    plan_roster(bytes, inputs).map_err(|unplanned| match unplanned {
        Unplanned::Failed(findings) => findings,
        Unplanned::NeedsWholeDirectory => panic!("the directory holds everybody"),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]
    #[test]
    fn a_plan_is_the_same_as_if_every_row_were_read(case in case()) {
        let file = case.file();
        case.with(|inputs| {
            let (planned, read) = (at_once(&file, inputs), step_by_step(&file, inputs));
            let planned = planned.map(|planned| (planned.plan, planned.findings));
            prop_assert_eq!(planned, read, "{}", String::from_utf8_lossy(&file));
            Ok(())
        })?;
    }

    #[test]
    fn most_rows_that_say_what_is_known_are_not_read(case in case()) {
        let mode = if case.mode.covers(UserType::Student) { case.mode } else { Mode::Full };
        let case = Case { edits: Vec::new(), mode, scope: Scope::Organisation, ends: true, of_source: None, owns: false, ..case };
        let planned = case.with(|inputs| at_once(&case.file(), inputs));
        let renames = case.settings.overwrite && case.accounts.usernames.rename == Rename::Always;
        if let Ok(planned) = planned && !renames {
            let plain = |user: &&User| {
                let own = user.custom_id.as_deref().is_some_and(|id| id.starts_with("70"));
                own && user.first_name == "Eli" && user.email.is_empty() && user.user_type == UserType::Student
                    && !case.settings.student_email_required && user.deleted_at.is_none()
                    && (case.accounts.year_levels.is_none() || user.grade != Grade::K)
            };
            let plain = case.users.iter().skip(1).filter(plain).count();
            let read = planned.parsed.rows.len();
            prop_assert!(read + plain <= planned.parsed.row_count(), "{} of {}", read, planned.parsed.row_count());
        }
    }
}
