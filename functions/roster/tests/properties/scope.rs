//! What a school learns by a roster: nothing of another school's users but that a value is taken.

use std::collections::HashMap;

use crate::organisation::{Case, Outcome, case, guid, schools};
use proptest::prelude::*;
use roster::user::fold;
use roster::{Grade, Guid, SchoolId, Scope, Status, User, UserType};

/// The school whose file it is.
const OWN: &str = "id-10";

/// What the users of other schools have that nobody else may have.
#[derive(Debug, Clone)]
struct Taken {
    custom_ids: Vec<String>,
    usernames: Vec<String>,
    staff_emails: Vec<String>,
}

/// A user of another school: everything that a school must not learn of.
#[derive(Debug, Clone)]
struct Stranger {
    guid: Guid,
    first_name: &'static str,
    school: &'static str,
    user_type: UserType,
    status: Status,
    grade: Grade,
    email: &'static str,
    deleted: bool,
    archived: bool,
}

fn stranger() -> impl Strategy<Value = Stranger> {
    let words =
        (prop::sample::select(UserType::ALL), prop::sample::select(Status::ALL), prop::sample::select(Grade::ALL));
    let texts = (
        prop::sample::select(&["F", "G", "Zoe"][..]),
        prop::sample::select(&["id-20", "id-D"][..]),
        prop::sample::select(&["", "a@x.example", "b@x.example", "z@x.example"][..]),
    );
    (words, texts, any::<[bool; 2]>(), 0..10usize).prop_map(
        |((user_type, status, grade), (first_name, school, email), [deleted, archived], n)| Stranger {
            guid: guid(n),
            first_name,
            school,
            user_type,
            status,
            grade,
            email,
            deleted,
            archived,
        },
    )
}

/// Gives the values that are taken to these users, whoever gets which.
fn users(taken: &Taken, strangers: &[Stranger], own: &[User]) -> Vec<User> {
    let mut users: Vec<User> = Vec::new();
    for (i, stranger) in strangers.iter().enumerate() {
        // Somebody has each address, and nobody another one.
        let email = taken.staff_emails.get(i);
        let student = email.is_none() && stranger.user_type == UserType::Student;
        let free = |guid: &Guid| own.iter().chain(&users).all(|user| user.guid != *guid);
        let guid = Some(stranger.guid).filter(free).unwrap_or(guid(100 + i));
        let deleted_at = (stranger.deleted && email.is_none()).then_some(1);
        let user_type = match (email, stranger.user_type) {
            (Some(_), UserType::Student) => UserType::Teacher,
            (_, user_type) => user_type,
        };
        users.push(User {
            guid,
            custom_id: None,
            first_name: stranger.first_name.to_owned(),
            middle_name: String::new(),
            last_name: "L".to_owned(),
            email: email.cloned().unwrap_or_else(|| if student { stranger.email.to_owned() } else { String::new() }),
            school: SchoolId(stranger.school.to_owned()),
            user_type,
            position: String::new(),
            grade: stranger.grade,
            status: stranger.status,
            username: taken.usernames[i].clone(),
            version: 1,
            deleted_at,
            erase_at: deleted_at.filter(|_| stranger.archived),
            roles: roster::Roles::default(),
            source: None,
            former_usernames: Vec::new(),
        });
    }
    // In another order, so that other values belong together.
    let (count, start) = (users.len(), strangers.iter().filter(|stranger| stranger.archived).count());
    for (i, id) in taken.custom_ids.iter().enumerate() {
        users[(start + i) % count].custom_id = Some(id.clone());
    }
    for (i, name) in taken.usernames[count..].iter().enumerate() {
        users[(start + i) % count].former_usernames.push(fold(name));
    }
    users
}

/// A file of one school, and twice the users of the others: with the same values, and nothing else in common.
fn two_worlds() -> impl Strategy<Value = (Case, Vec<User>, Vec<User>)> {
    const MOST: usize = 6;
    let strangers = || prop::collection::vec(stranger(), MOST);
    let names = prop::collection::hash_set("ora|bob|x|y|z|a|1|2|3|b|c", MOST..=MOST + 2);
    let ids = prop::collection::hash_set("1|01|001|2|02|3|a|A|b|4|5|0001", 0..=MOST);
    let emails = prop::collection::hash_set("[a-g]@x\\.example", 0..=4);
    (case(), (names, ids, emails), (strangers(), strangers()), any::<prop::sample::Index>()).prop_map(
        |(mut case, (names, ids, emails), (one, other), turn)| {
            let own = SchoolId(OWN.to_owned());
            case.users.retain(|user| user.school == own);
            case.scope = Scope::School(own);
            let has = |of: fn(&User) -> Option<String>, value: &String| {
                case.users.iter().any(|user| of(user).as_ref() == Some(value))
            };
            let free = |values: std::collections::HashSet<String>, of: fn(&User) -> Option<String>| {
                let mut values: Vec<String> = values.into_iter().filter(|value| !has(of, value)).collect();
                values.sort();
                values
            };
            let mut usernames = free(names, |user| Some(fold(&user.username)));
            while usernames.len() < MOST {
                usernames.push(format!("somebody{}", usernames.len()));
            }
            let taken = Taken {
                usernames,
                custom_ids: free(ids, |user| user.custom_id.clone()),
                staff_emails: free(emails, |user| Some(fold(&user.email))),
            };
            let mut turned = taken.clone();
            for values in [&mut turned.usernames, &mut turned.custom_ids, &mut turned.staff_emails] {
                if !values.is_empty() {
                    let by = turn.index(values.len());
                    values.rotate_left(by);
                }
            }
            let (one, other) = (users(&taken, &one, &case.users), users(&turned, &other, &case.users));
            (case, one, other)
        },
    )
}

fn outcome(case: &Case, others: &[User]) -> Outcome {
    case.outcome(&[case.users.clone(), others.to_vec()].concat(), &HashMap::new())
}

fn config() -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig { cases: asked.cases.max(1000), failure_persistence: None, ..asked }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_school_learns_only_that_a_value_is_taken((case, one, other) in two_worlds()) {
        let (one, other) = (outcome(&case, &one), outcome(&case, &other));
        prop_assert_eq!(&one.findings[..], &other.findings[..]);
        prop_assert_eq!(one.findings.counts(), other.findings.counts());
        prop_assert_eq!(&one.plan, &other.plan);
        let files = |outcome: &Outcome| {
            let errors = roster::error_file(&outcome.parsed, &roster::errors_by_row(&outcome.findings, None));
            let plan = roster::plan_file(outcome.plan.changes.iter(), None, &schools());
            [errors, plan].map(|file| String::from_utf8(file).expect("a file of text"))
        };
        prop_assert_eq!(files(&one), files(&other));
    }
}
