//! What holds of every plan, whatever the roster and the directory.

mod classes;
mod damage;
mod feeds;
mod foreign;
mod organisation;
mod scope;
mod settled;

use std::collections::{BTreeMap, HashMap, HashSet};

use organisation::{Case, Outcome, apply_chosen, apply_to, case, passwords_after, staff_email};
use proptest::prelude::*;
use roster::user::fold;
use roster::username::Maker;
use roster::{
    Change, Code, Column, Counts, Finding, Guid, Kind, Mode, OtherSource, Plan, RekeyChoice, Scope, SourceId, Status,
    UnchangedRow, UnchangedRows, User, UserType, validate,
};

fn planned(case: &Case) -> Outcome {
    case.outcome(&case.users, &HashMap::new())
}

fn touched(plan: &Plan) -> HashSet<Guid> {
    plan.changes.iter().map(|c| c.guid).collect()
}

/// The plan without row numbers, which are all that another order of the rows may change; the rows that change nothing
/// apart.
fn without_rows(mut plan: Plan) -> (Plan, Vec<UnchangedRow>) {
    plan.changes.iter_mut().for_each(|c| c.row = None);
    let mut unchanged: Vec<UnchangedRow> = plan.unchanged.iter().map(|u| UnchangedRow { row: 0, ..u }).collect();
    unchanged.sort_by(|a, b| (a.guid, &a.username, a.why.as_str()).cmp(&(b.guid, &b.username, b.why.as_str())));
    plan.unchanged = UnchangedRows::default();
    (plan, unchanged)
}

/// How many findings there are of each code.
fn codes(findings: &[Finding]) -> BTreeMap<Code, u64> {
    findings.iter().fold(BTreeMap::new(), |mut codes, finding| {
        *codes.entry(finding.code).or_default() += 1;
        codes
    })
}

fn active_administrators(users: &[User]) -> usize {
    let is_active = |u: &User| u.status == Status::Active && u.deleted_at.is_none();
    let runs_organisation = |u: &User| u.user_type == UserType::Administrator && u.school.0 == "id-D";
    users.iter().filter(|u| is_active(u) && runs_organisation(u)).count()
}

/// Few enough for every build; the variable PROPTEST_CASES asks for more.
fn config() -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig { cases: asked.cases.max(300), failure_persistence: None, ..asked }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn planning_again_after_applying_finds_nothing_to_do(case in case()) {
        let first = planned(&case);
        for choice in [RekeyChoice::SamePerson, RekeyChoice::TwoPeople] {
            let users = apply_chosen(&case.users, &first.plan, choice);
            let second = case.outcome(&users, &passwords_after(&first, choice));
            prop_assert_eq!(&second.plan.changes, &vec![], "after {:?} of {:#?}", choice, first.plan.changes);
            // The row of somebody who was decided to be another person may still ask for that one's user name, which was
            // left to whoever has it while it could be one person; from then on it is told.
            let asks_for_the_others = choice == RekeyChoice::TwoPeople && first.plan.counts.rekeyed > 0;
            let taken = second.findings.iter().filter(|f| f.code == Code::UsernameTaken).count() as u64;
            let allowed = if asks_for_the_others { taken } else { 0 };
            let more = second.plan.counts.rejected.saturating_sub(first.plan.counts.rejected);
            prop_assert!(second.plan.counts.rejected >= first.plan.counts.rejected && more <= allowed);
        }
    }

    #[test]
    fn the_order_of_the_rows_decides_nothing((case, shuffled) in case().prop_flat_map(|case| {
        let rows = Just(case.rows.clone()).prop_shuffle();
        (Just(case), rows)
    })) {
        let plan = planned(&case);
        // Of several rows about one person the first decides.
        prop_assume!(plan.findings.iter().all(|f| !matches!(f.code, Code::SeveralSchools | Code::SamePerson)));
        let other = planned(&Case { rows: shuffled, ..case });
        prop_assert_eq!(codes(&other.findings), codes(&plan.findings));
        prop_assert_eq!(without_rows(other.plan), without_rows(plan.plan));
    }

    #[test]
    fn names_and_addresses_stay_unique_and_an_administrator_stays(case in case()) {
        let plan = planned(&case).plan;
        for choice in [RekeyChoice::SamePerson, RekeyChoice::TwoPeople] {
            let users = apply_chosen(&case.users, &plan, choice);
            let all_different = |values: Vec<String>| values.iter().collect::<HashSet<_>>().len() == values.len();
            prop_assert!(all_different(users.iter().map(|u| fold(&u.username)).collect()), "user names of {users:#?}");
            prop_assert!(all_different(users.iter().filter_map(staff_email).collect()), "addresses of {users:#?}");
            prop_assert!(all_different(users.iter().filter_map(|u| u.custom_id.clone()).collect()), "IDs of {users:#?}");
            prop_assert_eq!(active_administrators(&users) > 0 || active_administrators(&case.users) == 0, true);
        }
    }

    #[test]
    fn a_user_name_is_never_given_to_somebody_else((case, rows) in case().prop_flat_map(|case| {
        (Just(case), organisation::rows())
    })) {
        let first = planned(&case).plan;
        let between = apply_to(&case.users, &first);
        let second = Case { rows, ..case.clone() }.outcome(&between, &HashMap::new()).plan;
        let after = apply_to(&between, &second);
        // Who has, or had, which name; those that change hands in an exchange apart.
        let mut owners: HashMap<String, Guid> = HashMap::new();
        for (users, plan) in [(&case.users, None), (&between, Some(&first)), (&after, Some(&second))] {
            let exchanged = |user: &User| plan.is_some_and(|plan| {
                plan.changes.iter().any(|c| c.guid == user.guid && c.exchange.is_some() && c.before.is_some())
            });
            for user in users {
                let owner = owners.insert(fold(&user.username), user.guid);
                let same = owner.is_none_or(|owner| owner == user.guid);
                prop_assert!(same || exchanged(user), "{user:#?} had another owner: {owner:?}");
            }
        }
        // Nobody's former name is anybody else's, either.
        for user in &after {
            for name in &user.former_usernames {
                prop_assert!(after.iter().all(|other| other.guid == user.guid || !other.is_named(name)));
            }
        }
    }

    #[test]
    fn user_names_that_are_made_follow_the_rule(case in case()) {
        let outcome = planned(&case);
        let rule = &case.accounts.usernames;
        let asked: HashSet<String> = outcome.parsed.rows.iter()
            .filter_map(|row| outcome.parsed.cell(row, Column::Username)).map(fold).collect();
        for change in outcome.plan.changes.iter().filter(|c| c.kind == Kind::Created) {
            let name = &change.after.as_ref().expect("a created user has fields").username;
            let made = name.chars().count() <= rule.max_chars.into()
                && fold(name).starts_with(&rule.prepend)
                && fold(name).ends_with(&rule.append);
            prop_assert!(!name.is_empty() && (made || asked.contains(&fold(name))), "{name}");
        }
    }

    #[test]
    fn only_users_that_a_sync_may_touch_are_touched(case in case()) {
        let outcome = &planned(&case);
        let touched = touched(&outcome.plan);
        let in_scope = |user: &User| match &case.scope {
            Scope::Organisation => true,
            Scope::School(school) => user.school == *school,
            Scope::Schools(schools) => schools.contains(&user.school),
        };
        let may_be = |user: &&User| user.custom_id.is_some() && in_scope(user) && case.mode.covers(user.user_type);
        for user in case.users.iter().filter(|user| !may_be(user)) {
            prop_assert!(!touched.contains(&user.guid), "{user:?}");
        }
        let after = || outcome.plan.changes.iter().filter_map(|change| change.after.as_ref());
        prop_assert!(after().all(|fields| case.mode.covers(fields.user_type)), "{:#?}", outcome.plan.changes);
        let from = |change: &Change| change.before.as_ref().map(|fields| fields.source.clone());
        for change in &outcome.plan.changes {
            match (change.kind, from(change)) {
                (_, None) => prop_assert_eq!(&change.after.as_ref().expect("a new user").source, &case.source),
                (Kind::Removed, Some(source)) => prop_assert_eq!(source, case.source.clone()),
                (_, Some(source)) => prop_assert!(
                    source == case.source
                        || source.as_ref().is_none_or(SourceId::is_by_hand)
                        || case.sources.other_source == OtherSource::TakeOver
                ),
            }
        }
        let removed = || outcome.plan.changes.iter().filter(|c| c.kind == Kind::Removed);
        prop_assert!(case.mode.removes_absent() || removed().count() == 0);
        let rejected: HashSet<u32> = outcome.diff.rejected.iter().map(|r| r.row).collect();
        let rows = outcome.parsed.rows.iter().filter(|row| rejected.contains(&row.number));
        let cell = |column| rows.clone().filter_map(move |row| outcome.parsed.cell(row, column)).collect::<HashSet<_>>();
        let (ids, guids) = (cell(Column::CustomId), cell(Column::UserGuid));
        for change in removed() {
            let id = change.before.as_ref().map(|f| f.custom_id.as_str()).unwrap_or_default();
            prop_assert!(!ids.contains(id) && !guids.contains(change.guid.to_string().as_str()), "{change:?}");
        }
    }

    #[test]
    fn every_row_is_counted_once(case in case()) {
        let outcome = planned(&case);
        let plan = &outcome.plan;
        let c = plan.counts;
        prop_assert_eq!(c.rows(), outcome.parsed.rows.len() as u64);
        prop_assert_eq!(c.changes(), plan.changes.len() as u64);
        prop_assert_eq!(touched(plan).len(), plan.changes.len(), "one change for each user");
        prop_assert_eq!(plan.tallies.iter().fold(Counts::default(), |sum, t| sum.plus(&t.counts)), c);
        let mut numbers: Vec<u32> = plan.changes.iter().filter_map(|c| c.row).collect();
        numbers.extend(plan.unchanged.iter().map(|u| u.row));
        numbers.extend(outcome.diff.rejected.iter().map(|r| r.row));
        numbers.sort_unstable();
        prop_assert_eq!(numbers, outcome.parsed.rows.iter().map(|r| r.number).collect::<Vec<_>>());
    }

    #[test]
    fn every_rejected_row_has_a_finding_that_says_why(case in case()) {
        let outcome = planned(&case);
        let explained: HashSet<u32> =
            outcome.findings.iter().filter(|f| f.severity() == roster::Severity::Row).filter_map(|f| f.row).collect();
        let rejected: HashSet<u32> = outcome.diff.rejected.iter().map(|r| r.row).collect();
        prop_assert_eq!(explained, rejected);
    }

    #[test]
    fn a_partial_sync_needs_only_the_users_that_the_roster_names(case in case()) {
        // For the custom IDs of nobody everybody is needed, as the documentation of `Named` says.
        let known = |row: &Vec<String>| case.users.iter().any(|user| user.custom_id.as_ref() == Some(&row[4]));
        let rows: Vec<Vec<String>> = case.rows.iter().filter(|row| known(row)).cloned().collect();
        prop_assume!(!rows.is_empty());
        let case = Case { mode: Mode::Partial, rows, ..case };
        let whole = planned(&case);
        let (valid, _) = validate(&whole.parsed, &organisation::schools(), &case.scope, &case.settings);
        let schools = organisation::schools();
        let named = valid.named(&Maker::new(&case.accounts.usernames, &schools, organisation::NOW));
        let is_named = |user: &&User| {
            user.custom_id.as_ref().is_some_and(|id| named.custom_ids.contains(id))
                || named.guids.contains(&user.guid)
                || named.usernames.contains(&fold(&user.username))
                || user.former_usernames.iter().any(|name| named.usernames.contains(name))
                || staff_email(user).is_some_and(|email| named.staff_emails.contains(&email))
        };
        let users = case.users.iter().filter(is_named).cloned().collect();
        let some = case.outcome_of_named(users, named.usernames.clone());
        prop_assume!(some.is_some());
        let some = some.expect("it was looked at");
        prop_assert_eq!(some.findings, whole.findings);
        prop_assert_eq!(some.plan, whole.plan);
    }

    #[test]
    fn no_bytes_make_it_panic(case in case(), at in any::<prop::sample::Index>(), noise in any::<Vec<u8>>()) {
        let mut bytes = case.bytes();
        let at = at.index(bytes.len());
        bytes.splice(at..(at + noise.len()).min(case.bytes().len()), noise.iter().copied());
        case.outcome_of(&bytes, &case.users, &HashMap::new());
        case.outcome_of(&noise, &case.users, &HashMap::new());
        let header = organisation::HEADER.as_bytes();
        case.outcome_of(&[header, b"\n", &noise].concat(), &case.users, &HashMap::new());
    }
}
