//! What holds of every plan of classes, whatever the files, the users and the classes.

use std::collections::{BTreeSet, HashMap, HashSet};

use proptest::prelude::*;
use proptest::sample::select;
use roster::{
    Class, ClassComparison, ClassDirectory, ClassFields, ClassGuid, ClassKind, ClassPlan, ClassProblem, ClassRole,
    ClassRules, ClassStatus, Code, Column, Directory, EndReason, Enrolment, EnrolmentChange, EnrolmentFields,
    EnrolmentKind, Findings, Grade, Guid, ParsedRoster, RekeyChoice, SchoolId, Sender, SetPart, User, UserType,
    class_lines, parse_part, plan_classes, set_lines, typed_id,
};

use crate::organisation::{Case, HEADER, Outcome, apply_chosen, case, guid, passwords_after, schools};

const CLASS_HEADER: &str = "class_guid,class_id,class_name,class_status,class_role,class_member_status,\
                            enrolment_start_date,action";
const IDS: [&str; 6] = ["C1", "C2", "C3", "C4", "C5", ""];
const CUSTOM_IDS: [&str; 12] = ["1", "01", "2", "02", "3", "a", "A", "b", "ora", "Bob", "99", ""];

/// Files about users and classes, and what they are compared with.
#[derive(Debug, Clone)]
struct ClassCase {
    case: Case,
    classes: Vec<Class>,
    enrolments: Vec<Enrolment>,
    rules: ClassRules,
    files: ClassFiles,
}

#[derive(Debug, Clone)]
enum ClassFiles {
    /// The class cells of each row of users.
    Flat(Vec<Vec<String>>),
    /// The rows of both files of a set.
    Set(Vec<Vec<String>>, Vec<Vec<String>>),
}

/// What the files come to.
struct ClassOutcome {
    users: Outcome,
    parts: Vec<(SetPart, ParsedRoster)>,
    plan: ClassPlan,
    findings: Findings,
}

fn class_guid(i: usize) -> ClassGuid {
    ClassGuid(uuid::Uuid::from_u128(0x2000 + i as u128))
}

fn csv(header: &str, rows: &[Vec<String>]) -> Vec<u8> {
    let lines = rows.iter().map(|row| row.join(",") + "\n");
    std::iter::once(format!("{header}\n")).chain(lines).collect::<String>().into_bytes()
}

impl ClassCase {
    fn bytes(&self) -> Vec<u8> {
        match &self.files {
            ClassFiles::Set(..) => self.case.bytes(),
            ClassFiles::Flat(cells) => {
                let rows: Vec<Vec<String>> = std::iter::zip(&self.case.rows, cells)
                    .map(|(user, class)| user.iter().chain(class).cloned().collect())
                    .collect();
                csv(&format!("{HEADER},{CLASS_HEADER}"), &rows)
            }
        }
    }

    fn parts(&self) -> Vec<(SetPart, ParsedRoster)> {
        let ClassFiles::Set(classes, enrolments) = &self.files else { return Vec::new() };
        let classes = csv("class_guid,class_id,class_name,class_status,school_district_external_id", classes);
        let enrolments = csv("class_guid,class_id,class_role,class_member_status,user_guid,custom_id", enrolments);
        let read = |bytes: Vec<u8>, part| (part, parse_part(&bytes, part, &self.case.reading).0.expect("a file"));
        vec![read(classes, SetPart::Classes), read(enrolments, SetPart::Enrolments)]
    }

    fn outcome(&self, passwords: &HashMap<Guid, String>) -> ClassOutcome {
        let users = self.case.outcome_of(&self.bytes(), &self.case.users, passwords).expect("the headers are right");
        let parts = self.parts();
        let (lines, mut findings) = match &parts[..] {
            [] => class_lines(&users.parsed, &schools(), &self.case.scope),
            [classes, enrolments, ..] => {
                set_lines(true, Some(&classes.1), Some(&enrolments.1), &schools(), &self.case.scope)
            }
            [_] => unreachable!("a set has both files"),
        };
        let id = |row| typed_id(Column::CustomId, users.parsed.cell(row, Column::CustomId)?);
        let sent_ids: HashSet<String> = match &self.files {
            ClassFiles::Set(..) => users.parsed.rows.iter().filter_map(id).collect(),
            ClassFiles::Flat(_) => HashSet::new(),
        };
        let comparison = ClassComparison {
            mode: self.case.mode,
            scope: &self.case.scope,
            rules: &self.rules,
            accounts: &self.case.accounts,
            sender: Sender { source: self.case.source.as_ref(), rules: Some(&self.case.sources), is_by_hand: false },
            guid_seed: [7; 32],
            sent_ids: &sent_ids,
        };
        let directory = Directory::new(self.case.users.clone());
        let classes = ClassDirectory::new(self.classes.clone(), self.enrolments.clone());
        let (plan, of_comparison) = plan_classes(&lines, &users.plan, &directory, &classes, &comparison);
        findings.append(of_comparison);
        ClassOutcome { users, parts, plan, findings }
    }

    /// Returns the case after its plan was carried out with that choice for probable re-keys.
    fn after(&self, outcome: &ClassOutcome, choice: RekeyChoice) -> ClassCase {
        let users = apply_chosen(&self.case.users, &outcome.users.plan, choice);
        let mut classes: HashMap<ClassGuid, Class> = self.classes.iter().map(|c| (c.guid, c.clone())).collect();
        for change in &outcome.plan.classes {
            let old = classes.get(&change.class);
            assert_eq!(old.map(|class| class.version), change.seen_version);
            assert_eq!(old.is_none(), change.kind == ClassKind::Created);
            let version = old.map_or(1, |class| class.version + 1);
            let class = Class { guid: change.class, version, fields: change.after.clone(), archived_at: None };
            classes.insert(change.class, class);
        }
        let ids: HashSet<&String> = classes.values().map(|class| &class.fields.class_id).collect();
        assert_eq!(ids.len(), classes.len(), "class IDs are unique");
        let mut enrolments: HashMap<(ClassGuid, Guid), Enrolment> =
            self.enrolments.iter().map(|e| ((e.class, e.user), e.clone())).collect();
        for change in outcome.plan.enrolments.iter().filter_map(|change| change.chosen(choice)) {
            let key = (change.class, change.user);
            let old = enrolments.get(&key);
            assert_eq!(old.map(|e| e.version), change.seen_version, "{change:?}");
            assert_eq!(old.filter(|e| e.is_active()).map(|e| &e.fields), change.before.as_ref(), "{change:?}");
            let version = old.map_or(1, |e| e.version + 1);
            let ended_at = (change.kind == EnrolmentKind::Ended).then_some(1);
            let fields = change.after.or(change.before).expect("fields before or after");
            enrolments.insert(key, Enrolment { class: key.0, user: key.1, version, fields, ended_at });
        }
        let case = Case { users, ..self.case.clone() };
        let (classes, enrolments) = (classes.into_values().collect(), enrolments.into_values().collect());
        ClassCase { case, classes, enrolments, ..self.clone() }
    }
}

fn role_of(user: &User, turn: u8) -> ClassRole {
    match (user.user_type, turn % 3) {
        (UserType::Student, _) => ClassRole::Student,
        (_, 0) => ClassRole::Primary,
        (_, 1) => ClassRole::CoTeacher,
        _ => ClassRole::Aide,
    }
}

/// Classes, and in them some of the users who are there; each has one primary teacher at most.
fn members(users: &[User], classes: &[Class], places: &[(u8, u8, u8)]) -> Vec<Enrolment> {
    let mut enrolments: HashMap<(ClassGuid, Guid), Enrolment> = HashMap::new();
    let mut primary: HashSet<ClassGuid> = HashSet::new();
    for (class, user, turn) in places {
        let (Some(class), Some(user)) = (classes.get(usize::from(*class)), users.get(usize::from(*user))) else {
            continue;
        };
        let gone = !class.is_active() || user.deleted_at.is_some() || user.custom_id.is_none() || turn % 5 == 0;
        let role = match role_of(user, *turn) {
            ClassRole::Primary if gone || !primary.insert(class.guid) => ClassRole::CoTeacher,
            role => role,
        };
        let fields = EnrolmentFields { role, starts: None, ends: None };
        let key = (class.guid, user.guid);
        let enrolment = Enrolment { class: key.0, user: key.1, version: 4, fields, ended_at: gone.then_some(1) };
        if let Some(old) = enrolments.insert(key, enrolment)
            && old.is_active()
            && old.fields.role == ClassRole::Primary
        {
            primary.remove(&class.guid);
        }
    }
    enrolments.into_values().collect()
}

fn classes() -> impl Strategy<Value = Vec<Class>> {
    let class = (select(&["id-10", "id-20", "id-D"][..]), prop::bool::weighted(0.8), select(&["N", "X"][..]));
    prop::collection::vec(class, 0..5).prop_map(|classes| {
        let class = |(i, (school, active, name)): (usize, (&str, bool, &str))| Class {
            guid: class_guid(i),
            version: 3,
            fields: ClassFields {
                class_id: IDS[i].to_owned(),
                school: SchoolId(school.to_owned()),
                name: name.to_owned(),
                grade: Grade::Unspecified,
                course_code: String::new(),
                subject: String::new(),
                period: String::new(),
                term: String::new(),
                starts: None,
                ends: None,
                status: if active { ClassStatus::Active } else { ClassStatus::Archived },
            },
            archived_at: (!active).then_some(1),
        };
        classes.into_iter().enumerate().map(class).collect()
    })
}

/// Cells about a class, and which of [`IDS`] they have.
type NamedClass = (Vec<String>, usize);

/// The cells that name a class, and what is said of it: nearly always the same of one class.
fn named() -> impl Strategy<Value = NamedClass> {
    let guid = prop_oneof![
        8 => Just(None),
        2 => (0..5usize).prop_map(|i| Some(class_guid(i).to_string())),
        1 => Just(Some("C1".to_owned())),
    ];
    let id = prop_oneof![14 => 0..5usize, 2 => Just(5usize)];
    let odd = prop_oneof![20 => Just(""), 1 => Just("1.2E+05")];
    (guid, id, odd, prop_oneof![24 => Just("N"), 1 => Just("")], prop_oneof![24 => Just(""), 1 => Just("Gone")])
        .prop_map(|(guid, id, odd, name, status)| {
            let id_cell = if odd.is_empty() { IDS[id] } else { odd };
            (vec![guid.unwrap_or_default(), id_cell.to_owned(), name.to_owned(), status.to_owned()], id)
        })
}

fn member_cells() -> impl Strategy<Value = Vec<String>> {
    let role = select(&["", "", "", "Teacher", "Student", "Primary teacher", "Co-teacher", "Aide", "Proctor"][..]);
    let over = prop_oneof![9 => Just(""), 1 => Just("Ended")];
    (role, over).prop_map(|(role, over)| vec![role.to_owned(), over.to_owned()])
}

/// Writes into the cells whether the class is archived, as all rows of the class say.
fn with_status((mut cells, id): NamedClass, archived: u8) -> Vec<String> {
    if cells[3].is_empty() && archived >> id & 1 == 1 {
        cells[3] = "Archived".to_owned();
    }
    cells
}

fn files() -> impl Strategy<Value = ClassFiles> {
    // Of five classes one is archived now and then.
    let archived = || prop_oneof![2 => Just(0u8), 1 => (0..5u8).prop_map(|i| 1 << i)];
    let last =
        (prop_oneof![9 => Just(""), 1 => Just("2026-09-01")], prop_oneof![24 => Just(""), 1 => Just("REMOVE-CLASS")]);
    let cells = (named(), member_cells(), last, prop::bool::weighted(0.8));
    let flat = (prop::collection::vec(cells, 32), archived()).prop_map(|(rows, archived)| {
        let row = |(class, member, (starts, action), speaks): (NamedClass, Vec<String>, (&str, &str), bool)| {
            let rest = vec![starts.to_owned(), action.to_owned()];
            let cells = [with_status(class, archived), member, rest].concat();
            if speaks { cells } else { vec![String::new(); cells.len()] }
        };
        ClassFiles::Flat(rows.into_iter().map(row).collect())
    });
    let class = (named(), select(&["10", "10", "20", "D", "30"][..]));
    let user = (prop_oneof![4 => Just(None), 1 => (0..10usize).prop_map(|i| Some(guid(i)))], select(&CUSTOM_IDS[..]));
    let enrolment = (named(), member_cells(), user);
    let set = (prop::collection::vec(class, 0..6), prop::collection::vec(enrolment, 0..16), archived()).prop_map(
        |(classes, enrolments, archived)| {
            let class = |(class, school): (NamedClass, &str)| {
                let mut cells = with_status(class, archived);
                cells.push(school.to_owned());
                cells
            };
            let enrolment = |((class, _), member, (guid, id)): (NamedClass, Vec<String>, (Option<Guid>, &str))| {
                let user = vec![guid.map_or(String::new(), |guid| guid.to_string()), id.to_owned()];
                [class[..2].to_vec(), member, user].concat()
            };
            let classes = classes.into_iter().map(class).collect();
            ClassFiles::Set(classes, enrolments.into_iter().map(enrolment).collect())
        },
    );
    prop_oneof![flat, set]
}

fn rules() -> impl Strategy<Value = ClassRules> {
    let problem = || select(vec![ClassProblem::Reject, ClassProblem::Warn]);
    (problem(), problem(), any::<bool>(), select(vec![1, 80])).prop_map(|(teacher, school, replace, large)| {
        ClassRules {
            without_teacher: teacher,
            other_school: school,
            replace_primary: replace,
            large_class: large,
            ..ClassRules::default()
        }
    })
}

fn class_case() -> impl Strategy<Value = ClassCase> {
    let places = prop::collection::vec((0..5u8, 0..14u8, any::<u8>()), 0..24);
    (case(), classes(), places, files(), rules(), any::<u32>()).prop_map(
        |(mut case, classes, places, mut files, rules, twice)| {
            if let ClassFiles::Flat(cells) = &mut files {
                // Users have a row for each of their classes.
                let again: Vec<Vec<String>> = case
                    .rows
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| twice >> (i % 32) & 1 == 1)
                    .map(|(_, row)| row.clone())
                    .collect();
                case.rows.extend(again);
                case.rows.truncate(cells.len());
                cells.truncate(case.rows.len());
            }
            let enrolments = members(&case.users, &classes, &places);
            ClassCase { case, classes, enrolments, rules, files }
        },
    )
}

/// The plan without row numbers, which are all that another order of the rows may change.
fn without_rows(plan: &ClassPlan) -> ClassPlan {
    let mut plan = plan.clone();
    plan.classes.iter_mut().for_each(|change| change.row = None);
    plan.enrolments.iter_mut().for_each(|change| (change.row, change.user_row) = (None, None));
    let key = |change: &EnrolmentChange| {
        (
            change.shown.school.clone(),
            change.shown.class_id.clone(),
            change.kind,
            change.shown.custom_id.clone(),
            change.user,
        )
    };
    plan.enrolments.sort_by_cached_key(key);
    plan.rows.iter_mut().for_each(|row| row.row = 0);
    plan.rows.sort_by_key(|row| (row.part, row.class, row.why.as_str()));
    plan
}

fn codes(findings: &Findings) -> Vec<(Code, u64)> {
    findings.counts().iter().map(|(code, count)| (*code, *count)).collect()
}

fn config() -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig { cases: asked.cases.max(500), failure_persistence: None, ..asked }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn planning_classes_again_after_applying_finds_nothing_to_do(case in class_case()) {
        let first = case.outcome(&HashMap::new());
        // An ID that a class gives up is free only once it has.
        let renames = |change: &roster::ClassChange| {
            change.before.as_ref().is_some_and(|before| before.class_id != change.after.class_id)
        };
        prop_assume!(!first.plan.classes.iter().any(renames));
        for choice in [RekeyChoice::SamePerson, RekeyChoice::TwoPeople] {
            let after = case.after(&first, choice);
            let second = after.outcome(&passwords_after(&first.users, choice));
            prop_assert_eq!(&second.plan.classes, &vec![], "after {:#?}", first.plan);
            prop_assert_eq!(&second.plan.enrolments, &vec![], "after {:?} of {:#?}", choice, first.plan);
        }
    }

    #[test]
    fn the_order_of_rows_decides_nothing_about_classes((case, seed) in (class_case(), any::<u64>())) {
        let first = case.outcome(&HashMap::new());
        // Of several rows about one person the first decides.
        prop_assume!(first.users.findings.iter().all(|f| !matches!(f.code, Code::SeveralSchools | Code::SamePerson)));
        let mut shuffled = case.clone();
        let order = |len: usize| {
            let mut order: Vec<usize> = (0..len).collect();
            order.sort_by_key(|i| (*i as u64 + 1).wrapping_mul(seed | 1).rotate_left(17));
            order
        };
        let permute = |rows: &mut Vec<Vec<String>>| *rows = order(rows.len()).into_iter().map(|i| rows[i].clone()).collect();
        permute(&mut shuffled.case.rows);
        match &mut shuffled.files {
            ClassFiles::Flat(cells) => permute(cells),
            ClassFiles::Set(classes, enrolments) => {
                permute(classes);
                permute(enrolments);
            }
        }
        let second = shuffled.outcome(&HashMap::new());
        prop_assert_eq!(without_rows(&second.plan), without_rows(&first.plan));
        prop_assert_eq!(codes(&second.findings), codes(&first.findings));
    }

    #[test]
    fn absence_ends_enrolments_in_full_syncs_of_classes_in_the_file_only(case in class_case()) {
        let outcome = case.outcome(&HashMap::new());
        let absent: Vec<_> = outcome.plan.enrolments.iter().filter(|e| e.why == Some(EndReason::Absent)).collect();
        prop_assert!(case.case.mode.removes_absent() || absent.is_empty(), "{absent:#?}");
        let held: HashSet<ClassGuid> = outcome.plan.rows.iter().map(|row| row.class)
            .chain(outcome.plan.enrolments.iter().filter(|e| e.row.is_some()).map(|e| e.class)).collect();
        let rejected = outcome.plan.counts.enrolments.rejected > 0;
        prop_assert!(absent.iter().all(|e| rejected || held.contains(&e.class)), "{absent:#?}");
        let covered = |user: Guid| case.case.users.iter().any(|u| u.guid == user && case.case.mode.covers(u.user_type));
        prop_assert!(absent.iter().all(|e| covered(e.user)));
    }

    #[test]
    fn an_enrolment_never_outlives_its_class_or_its_user(case in class_case()) {
        let outcome = case.outcome(&HashMap::new());
        for choice in [RekeyChoice::SamePerson, RekeyChoice::TwoPeople] {
            let after = case.after(&outcome, choice);
            let removed: HashSet<Guid> = outcome.users.plan.changes.iter().flat_map(|change| change.chosen(choice))
                .filter(|change| change.kind == roster::Kind::Removed).map(|change| change.guid).collect();
            for enrolment in after.enrolments.iter().filter(|e| e.is_active()) {
                let class = after.classes.iter().find(|class| class.guid == enrolment.class);
                prop_assert!(class.is_some_and(Class::is_active), "{enrolment:?} outlives {class:?}");
                let user = after.case.users.iter().find(|user| user.guid == enrolment.user);
                prop_assert!(user.is_some_and(|user| user.deleted_at.is_none()), "{enrolment:?} outlives {user:?}");
                prop_assert!(!removed.contains(&enrolment.user), "{enrolment:?} of somebody who is removed");
            }
            for class in &after.classes {
                let primary = |e: &&Enrolment| e.class == class.guid && e.is_active() && e.fields.role == ClassRole::Primary;
                let teachers = after.enrolments.iter().filter(primary).count();
                prop_assert!(choice == RekeyChoice::TwoPeople || teachers <= 1, "{teachers} primary teachers of {class:?}");
            }
        }
    }

    #[test]
    fn every_row_about_a_class_is_counted_once(case in class_case()) {
        let outcome = case.outcome(&HashMap::new());
        let plan = &outcome.plan;
        let counted = |part: Option<SetPart>, sent: &BTreeSet<u32>| {
            let rejects = |f: &&roster::Finding| f.severity().rejects() && f.part == part;
            let mut rows: Vec<u32> = plan.enrolments.iter().filter(|e| e.part == part).filter_map(|e| e.row).collect();
            rows.extend(plan.rows.iter().filter(|row| row.part == part).map(|row| row.row));
            let all = outcome.findings.iter().chain(outcome.users.findings.iter());
            let rejected: BTreeSet<u32> = all.filter(rejects).filter_map(|f| f.row).collect();
            rows.extend(rejected.intersection(sent));
            rows.sort_unstable();
            rows
        };
        for (part, file) in &outcome.parts {
            let sent: BTreeSet<u32> = file.rows.iter().map(|row| row.number).collect();
            let of_parser: BTreeSet<u32> = file.rows.iter().filter(|row| row.damage.is_some()).map(|row| row.number).collect();
            prop_assert!(of_parser.is_empty());
            prop_assert_eq!(counted(Some(*part), &sent), sent.into_iter().collect::<Vec<_>>());
        }
        if let ClassFiles::Flat(_) = case.files {
            let parsed = &outcome.users.parsed;
            let speaks = |row: &&roster::Row| [Column::ClassId, Column::ClassGuid].into_iter()
                .any(|column| parsed.cell(row, column).is_some_and(|cell| !cell.is_empty()));
            let sent: BTreeSet<u32> = parsed.rows.iter().filter(speaks).map(|row| row.number).collect();
            let rows: Vec<u32> = counted(None, &sent).into_iter().filter(|row| sent.contains(row)).collect();
            prop_assert_eq!(rows, sent.into_iter().collect::<Vec<_>>());
        }
        let changes = plan.classes.len() + plan.enrolments.iter().filter(|e| !e.only_two_people).count();
        prop_assert_eq!(plan.counts.changes(), changes as u64);
        let mut keys: Vec<_> = plan.enrolments.iter().filter(|e| !e.only_two_people).map(|e| (e.class, e.user)).collect();
        let all = keys.len();
        keys.sort_unstable();
        keys.dedup();
        prop_assert_eq!(keys.len(), all, "one change for each enrolment");
    }
}
