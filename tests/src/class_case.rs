//! A case of classes: one file of `classes` with what is there before, what is sent, and what must come of it.
//!
//! ```text
//! about: What the case shows.
//! mode: full
//! expect: classes 1 created; enrolments 2 created, 1 ended
//! findings: CLASS_WITHOUT_TEACHER 1
//! //- before
//! MATH 10001 Mathematics: 14001 Primary teacher, 13001 Student
//! //- roster
//! custom_id,class_id,class_name
//! 14001,ART,Art
//! ```
//!
//! The users are those of `cases/directory.csv`. A roster's row says a user by the custom ID, and has that user's cells in all
//! columns that the section does not have. With `everybody: but 13001` it has a row without a class for all others than that one, too. A set
//! has the sections `users`, `classes` and `enrolments` instead.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use cloud::changes::MAX_EXCHANGE_WRITES;
use roster::{
    CheckedRoster, Class, ClassChange, ClassComparison, ClassCounts, ClassDirectory, ClassFields, ClassGuid, ClassPlan,
    ClassStatus, Code, Comparison, Directory, Enrolment, EnrolmentChange, EnrolmentFields, Finding, Findings, Grade,
    Guid, Inputs, ItemCounts, Mode, Plan, Reading, Schools, Scope, Sender, Sent, SetBytes, SetPart, Settings,
};
use uuid::Uuid;

use crate::case::Case;
use crate::outcome::NOW;
use crate::world::World;

/// A case of classes.
pub struct ClassCase {
    pub name: String,
    pub about: String,
    pub mode: Mode,
    scope: Option<String>,
    pub expected: ClassCounts,
    pub findings: BTreeMap<Code, u64>,
    pub holds: Vec<String>,
    /// The custom IDs of those who have no row, where everybody else has one without a class.
    everybody_but: Option<String>,
    settings: Settings,
    pub schools: Schools,
    pub before: ClassWorld,
    sections: HashMap<String, String>,
}

/// Users and classes.
#[derive(Clone)]
pub struct ClassWorld {
    pub users: World,
    pub classes: BTreeMap<ClassGuid, Class>,
    pub enrolments: BTreeMap<(ClassGuid, Guid), Enrolment>,
}

/// What came of a case.
pub struct ClassOutcome {
    pub plan: Plan,
    pub classes: ClassPlan,
    pub findings: Findings,
    pub after: ClassWorld,
}

impl ClassCase {
    /// Returns the folder of the cases.
    pub fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("classes")
    }

    /// Returns the names of all cases, sorted.
    pub fn names() -> Vec<String> {
        let files =
            fs::read_dir(ClassCase::folder()).expect("the folder of cases is there").map(|entry| entry.unwrap());
        let name = |path: PathBuf| {
            let is_case = path.extension().is_some_and(|ending| ending == "txt");
            is_case.then(|| path.file_stem().expect("a name").to_str().expect("a plain name").to_owned())
        };
        let mut names: Vec<String> = files.filter_map(|file| name(file.path())).collect();
        names.sort();
        names
    }

    /// Reads the case of that name.
    pub fn load(name: &str) -> ClassCase {
        let text = fs::read_to_string(ClassCase::folder().join(name).with_extension("txt")).expect("a case");
        let mut parts = text.split("//- ");
        let head = parts.next().expect("a head");
        let said: HashMap<&str, &str> = head.lines().filter_map(|line| line.split_once(": ")).collect();
        let sections = parts.filter_map(|part| part.split_once('\n'));
        let sections: HashMap<String, String> =
            sections.map(|(name, text)| (name.trim().to_owned(), text.to_owned())).collect();
        let base = Case::load("approval-not-required-partial");
        let settings = said.get("settings").map(|json| serde_json::from_str(json).expect("settings"));
        let before = sections.get("before").map(String::as_str).unwrap_or_default();
        ClassCase {
            name: name.to_owned(),
            about: said["about"].to_owned(),
            mode: Mode::from_word(said["mode"]).expect("a mode"),
            scope: said.get("scope").map(|scope| (*scope).to_owned()),
            expected: counts(said["expect"]),
            findings: said.get("findings").map(|found| codes(found)).unwrap_or_default(),
            holds: said.get("holds").map(|holds| holds.split("; ").map(str::to_owned).collect()).unwrap_or_default(),
            everybody_but: said.get("everybody").map(|but| (*but).to_owned()),
            settings: settings.unwrap_or_default(),
            before: ClassWorld::read(before, base.world, &base.schools),
            schools: base.schools,
            sections,
        }
    }

    /// Returns what is sent; `reversed` with the rows of every file in reverse order.
    pub fn sent(&self, world: &World, reversed: bool) -> Vec<u8> {
        let section = |name: &str| {
            let text = self.sections.get(name)?;
            let mut lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
            if reversed && !lines.is_empty() {
                lines[1..].reverse();
            }
            Some(lines.join("\n") + "\n")
        };
        let with_users = |text: String| rows_with_users(&text, world, &self.schools, self.everybody_but.as_deref());
        match section("roster") {
            Some(roster) => with_users(roster).into_bytes(),
            None => wire::archive::pack(&SetBytes {
                users: section("users").map(|users| with_users(users).into_bytes()),
                classes: section("classes").map(String::into_bytes),
                enrolments: section("enrolments").map(String::into_bytes),
            }),
        }
    }

    /// Plans what is sent against a world, and carries it out.
    pub fn run(&self, bytes: &[u8], world: &ClassWorld) -> ClassOutcome {
        let reading = Reading::default();
        let sent = wire::archive::read_sent(bytes, &reading).unwrap_or_else(|findings| panic!("{findings:#?}"));
        let scope = match &self.scope {
            Some(id) => Scope::School(self.schools.by_external_id(id).expect("a school").id.clone()),
            None => Scope::Organisation,
        };
        let directory = world.users.directory();
        let (plan, parsed, mut findings) = self.plan_users(&sent, &scope, &directory);
        let sent_ids = sent.set.as_ref().map(|_| parsed.custom_ids()).unwrap_or_default();
        let (lines, of_lines) = match &sent.set {
            Some(set) => {
                findings.append(set.findings.clone());
                let users = sent.users.is_some();
                roster::set_lines(users, set.classes.as_ref(), set.enrolments.as_ref(), &self.schools, &scope)
            }
            None => roster::class_lines(&parsed, &self.schools, &scope),
        };
        findings.append(of_lines);
        let comparison = ClassComparison {
            mode: self.mode,
            scope: &scope,
            rules: &self.settings.classes,
            accounts: &self.settings.accounts,
            sender: Sender::default(),
            guid_seed: [7; 32],
            sent_ids: &sent_ids,
        };
        let known = world.directory();
        let (classes, of_classes) = roster::plan_classes(&lines, &plan, &directory, &known, &comparison);
        findings.append(of_classes);
        findings.sort();
        let after = world.after(&plan, &classes);
        ClassOutcome { plan, classes, findings, after }
    }

    fn plan_users(&self, sent: &Sent, scope: &Scope, directory: &Directory) -> (Plan, roster::ParsedRoster, Findings) {
        let no_password = |_: &roster::User, _: &roster::Password| false;
        let comparison = Comparison {
            mode: if sent.users.is_some() { self.mode } else { Mode::Partial },
            sender: Sender::default(),
            scope: scope.clone(),
            settings: self.settings.of(self.mode),
            accounts: &self.settings.accounts,
            now: NOW,
            schools: &self.schools,
            max_exchange_writes: MAX_EXCHANGE_WRITES,
            guid_seed: [7; 32],
            password_is_current: &no_password,
        };
        let reading = Reading::default();
        let checked = match &sent.users {
            Some(users) => roster::check_roster(users, &reading, directory, &comparison).expect("a roster"),
            None => CheckedRoster::without_users(&reading),
        };
        let inputs = Inputs { reading: &reading, directory, comparison: &comparison, previous_rows: None };
        let planned = roster::plan_checked(checked, &inputs).expect("the world holds everybody");
        (planned.plan, planned.parsed, planned.findings)
    }
}

impl ClassWorld {
    fn read(text: &str, users: World, schools: &Schools) -> ClassWorld {
        let mut world = ClassWorld { users, classes: BTreeMap::new(), enrolments: BTreeMap::new() };
        for (number, line) in text.lines().filter(|line| !line.trim().is_empty()).enumerate() {
            let guid = ClassGuid(Uuid::from_u128(number as u128 + 1));
            let (class, members) = line.split_once(": ").unwrap_or((line, ""));
            let (archived, class) = class.strip_prefix('!').map_or((false, class), |class| (true, class));
            let mut words = class.splitn(3, ' ');
            let mut word = || words.next().expect("class ID, school and name").to_owned();
            let (class_id, school, name) = (word(), word(), word());
            let fields = ClassFields {
                class_id,
                school: schools.by_external_id(&school).expect("a school").id.clone(),
                name,
                grade: Grade::Unspecified,
                course_code: String::new(),
                subject: String::new(),
                period: String::new(),
                term: String::new(),
                starts: None,
                ends: None,
                status: if archived { ClassStatus::Archived } else { ClassStatus::Active },
            };
            let archived_at = archived.then_some(1);
            world.classes.insert(guid, Class { guid, version: 1, fields, archived_at });
            for member in members.split(", ").filter(|member| !member.is_empty()) {
                let (custom_id, role) = member.trim().split_once(' ').expect("a custom ID and a role");
                let directory = world.users.directory();
                let user = directory.by_custom_id(custom_id).unwrap_or_else(|| panic!("{custom_id}")).guid;
                let fields = EnrolmentFields { role: role.parse().expect("a role"), starts: None, ends: None };
                let enrolment = Enrolment { class: guid, user, version: 1, fields, ended_at: archived_at };
                world.enrolments.insert((guid, user), enrolment);
            }
        }
        world
    }

    /// Returns the classes as a directory.
    pub fn directory(&self) -> ClassDirectory {
        ClassDirectory::new(self.classes.values().cloned().collect(), self.enrolments.values().cloned().collect())
    }

    /// Returns users and classes after every change was carried out.
    fn after(&self, plan: &Plan, planned: &ClassPlan) -> ClassWorld {
        let mut after = self.clone();
        after.users = self.users.after(plan, &HashMap::new());
        planned.classes.iter().for_each(|change| after.change_class(change));
        planned.enrolments.iter().for_each(|change| after.change_enrolment(change));
        after.nobody_outlives();
        after
    }

    fn change_class(&mut self, change: &ClassChange) {
        let before = self.classes.get(&change.class);
        assert_eq!(change.seen_version, before.map(|class| class.version), "a change names the version that it saw");
        assert_eq!(change.before, before.map(|class| class.fields.clone()), "a change says how the class was");
        let version = change.seen_version.unwrap_or(0) + 1;
        let archived_at = (change.after.status == ClassStatus::Archived).then_some(2);
        let class = Class { guid: change.class, version, fields: change.after.clone(), archived_at };
        self.classes.insert(change.class, class);
    }

    fn change_enrolment(&mut self, change: &EnrolmentChange) {
        if change.only_two_people {
            return;
        }
        let key = (change.class, change.user);
        let before = self.enrolments.get(&key);
        assert_eq!(change.seen_version, before.map(|e| e.version), "a change names the version that it saw");
        let active = before.filter(|enrolment| enrolment.is_active()).map(|enrolment| enrolment.fields.clone());
        assert_eq!(change.before, active, "a change says how the enrolment was");
        let version = change.seen_version.unwrap_or(0) + 1;
        let (fields, ended_at) = match &change.after {
            Some(fields) => (fields.clone(), None),
            None => (change.before.clone().expect("who was not in a class does not leave it"), Some(2)),
        };
        let (class, user) = key;
        self.enrolments.insert(key, Enrolment { class, user, version, fields, ended_at });
    }

    /// Checks that nobody is in a class that is not taught, and nobody who is gone in any.
    fn nobody_outlives(&self) {
        let gone: HashSet<Guid> =
            self.users.users.iter().filter(|user| user.deleted_at.is_some()).map(|user| user.guid).collect();
        for enrolment in self.enrolments.values().filter(|enrolment| enrolment.is_active()) {
            assert!(self.classes[&enrolment.class].is_active(), "somebody is in an archived class");
            assert!(!gone.contains(&enrolment.user), "somebody who is gone is in a class");
        }
    }
}

/// Returns the rows with the cells of their users.
fn rows_with_users(text: &str, world: &World, schools: &Schools, everybody_but: Option<&str>) -> String {
    let known = String::from_utf8(roster::users_file(world.users.iter().filter(|u| u.is_managed()), schools)).unwrap();
    let mut known = csv::Reader::from_reader(known.trim_start_matches('\u{feff}').as_bytes());
    let of_user: Vec<String> = known.headers().unwrap().iter().map(str::to_owned).collect();
    let users: BTreeMap<String, csv::StringRecord> =
        known.records().map(|row| row.unwrap()).map(|row| (row[4].to_owned(), row)).collect();
    let mut sent = csv::Reader::from_reader(text.as_bytes());
    let own: Vec<String> = sent.headers().unwrap().iter().map(str::to_owned).collect();
    let id = own.iter().position(|header| header == "custom_id").expect("custom_id");
    // A GUID would say that another name is meant.
    let skipped = ["user_guid", "username"];
    let filled: Vec<usize> =
        (0..of_user.len()).filter(|&i| !own.contains(&of_user[i]) && !skipped.contains(&of_user[i].as_str())).collect();
    let mut file = csv::Writer::from_writer(Vec::new());
    let header = own.iter().chain(filled.iter().map(|&i| &of_user[i]));
    file.write_record(header).unwrap();
    let mut said = HashSet::new();
    for row in sent.records().map(|row| row.unwrap()) {
        let user = users.get(&row[id]);
        said.insert(row[id].to_owned());
        let cells = filled.iter().map(|&i| user.map_or("", |user| &user[i]));
        file.write_record(row.iter().chain(cells)).unwrap();
    }
    let is_asked_for = |id: &str| {
        let but = everybody_but.is_some_and(|but| !but.split(' ').any(|other| other == id));
        let is_there = |user: &roster::User| user.custom_id.as_deref() == Some(id) && user.deleted_at.is_none();
        but && !said.contains(id) && world.users.iter().any(is_there)
    };
    for (custom_id, user) in users.iter().filter(|(id, _)| is_asked_for(id)) {
        let cells = own.iter().map(|header| match of_user.iter().position(|of_user| of_user == header) {
            Some(_) if header == "custom_id" => custom_id.as_str(),
            Some(place) => &user[place],
            None => "",
        });
        file.write_record(cells.chain(filled.iter().map(|&i| &user[i]))).unwrap();
    }
    String::from_utf8(file.into_inner().unwrap()).unwrap()
}

/// Reads `classes 1 created; enrolments 2 created, 1 ended`.
fn counts(text: &str) -> ClassCounts {
    let mut counts = ClassCounts::default();
    for part in text.split("; ").filter(|part| *part != "nothing") {
        let (of, said) = part.split_once(' ').expect("what and how many");
        let items: &mut ItemCounts = if of == "classes" { &mut counts.classes } else { &mut counts.enrolments };
        for one in said.split(", ") {
            let (count, word) = one.split_once(' ').expect("a number and a word");
            let place = match word {
                "created" => &mut items.created,
                "updated" => &mut items.updated,
                "unchanged" => &mut items.unchanged,
                "ended" => &mut items.ended,
                "rejected" => &mut items.rejected,
                other => panic!("{other}"),
            };
            *place = count.parse().expect("a number");
        }
    }
    counts
}

fn codes(text: &str) -> BTreeMap<Code, u64> {
    let code = |one: &str| {
        let (code, count) = one.split_once(' ').expect("a code and how many");
        let code = Code::ALL.iter().find(|known| known.as_str() == code).unwrap_or_else(|| panic!("{code}"));
        (*code, count.parse().expect("a number"))
    };
    text.split(", ").map(code).collect()
}

/// Returns the finding's place: the file of a set, and the row.
pub fn place(finding: &Finding) -> String {
    let part = finding.part.map_or("", SetPart::file_name);
    format!("{part} {}", finding.row.map_or("file".to_owned(), |row| format!("row {row}"))).trim().to_owned()
}
