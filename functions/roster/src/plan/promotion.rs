//! Who may do more after a plan, and why such a user's password is not kept.

use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use crate::diff::Change;
use crate::model::role::{Permission, Role, Roles, permissions_of};
use crate::model::{Fields, Guid, SchoolId, Schools, User, UserType};
use crate::settings::accounts::PasswordRule;

/// Returns the users who may do more after a change than before.
///
/// By a role, in the whole organisation instead of one school, or in another school. `roles` are those that the
/// organisation has.
///
/// Others than such a user may know the present password, if it was not the user who set it: whoever has seen the file or
/// handed out the slips. They could then do what the user may do.
pub fn promoted<'c>(changes: impl IntoIterator<Item = &'c Change>, roles: &[Role], schools: &Schools) -> Vec<Guid> {
    let may_more = |change: &&Change| match (&change.before, &change.after) {
        (Some(before), Some(after)) if !change.restores && decisive(before) != decisive(after) => {
            Power::new(after, roles, schools).exceeds(&Power::new(before, roles, schools))
        }
        _ => false,
    };
    changes.into_iter().filter(may_more).map(|change| change.guid).collect()
}

/// Gives these users new temporary passwords, unless a change gives them another one anyway.
pub fn renew_passwords(changes: &mut [Change], users: &HashSet<Guid>, rule: &PasswordRule) {
    for change in changes.iter_mut().filter(|change| users.contains(&change.guid)) {
        if let (None, Some(after)) = (change.password, &change.after) {
            change.password = Some(rule.random(after.user_type, after.grade));
        }
    }
}

/// Returns what decides how much somebody may do.
fn decisive(fields: &Fields) -> (&Roles, UserType, &SchoolId) {
    (&fields.roles, fields.user_type, &fields.school)
}

/// What somebody may do, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Power {
    pub permissions: BTreeSet<Permission>,
    /// `None` for the whole organisation.
    pub school: Option<SchoolId>,
}

impl Power {
    /// Returns the power of a user with these fields, where `roles` are those of the organisation.
    pub fn new(fields: &Fields, roles: &[Role], schools: &Schools) -> Power {
        let at_district = schools.is_district(&fields.school);
        let own =
            if fields.roles.is_empty() { Roles::usual(fields.user_type, at_district) } else { fields.roles.clone() };
        Power { permissions: permissions_of(roles, &own), school: (!at_district).then(|| fields.school.clone()) }
    }

    /// Returns the power of a user, where `roles` are those of the organisation.
    pub fn of_user(user: &User, at_district: bool, roles: &[Role]) -> Power {
        let permissions = permissions_of(roles, &user.roles_in_force(at_district));
        Power { permissions, school: (!at_district).then(|| user.school.clone()) }
    }

    /// Returns whether the power allows anything that the other one does not.
    ///
    /// Seeing the own classes does not count: every teacher may, it reaches as far as the enrolments do, and a password that
    /// was given to a teacher before there were classes stays good.
    pub fn exceeds(&self, other: &Power) -> bool {
        let elsewhere = other.school.is_some() && self.school != other.school;
        let mut counted = self.permissions.iter().filter(|permission| **permission != Permission::SeeOwnClasses);
        counted.any(|permission| elsewhere || !other.permissions.contains(permission))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::Kind;
    use crate::model::role::built_in;
    use crate::settings::PasswordSource;
    use crate::testing::{guid, schools, users};

    fn fields(spec: &str) -> Fields {
        Fields::of(&users(&[&format!("custom_id=1|email=a@x.example|{spec}")])[0]).expect("it has a custom ID")
    }

    fn change(before: Option<&str>, after: Option<&str>) -> Change {
        Change {
            kind: Kind::Updated,
            guid: guid(1),
            row: None,
            seen_version: None,
            before: before.map(fields),
            after: after.map(fields),
            password: None,
            restores: false,
            exchange: None,
            two_people: None,
            not_updated: Vec::new(),
        }
    }

    fn is_promotion(change: &Change) -> bool {
        promoted([change], &built_in(), &schools()) == [guid(1)]
    }

    #[test]
    fn whoever_may_do_more_than_before_is_promoted() {
        let (student, teacher, admin) = ("user_type=Student", "user_type=Teacher", "user_type=Administrator");
        let head = "user_type=Administrator|school_district_external_id=D";
        let elsewhere = "user_type=Administrator|school_district_external_id=0020";
        let clerk = "user_type=Staff|school_district_external_id=D";
        for (before, after, expected) in [
            (student, admin, true),
            (teacher, head, true),
            (admin, head, true),
            (admin, elsewhere, true),
            (head, admin, false),
            (admin, teacher, false),
            (student, teacher, false),
            (teacher, clerk, false),
            (admin, "user_type=Administrator|first_name=Another", false),
        ] {
            assert_eq!(is_promotion(&change(Some(before), Some(after))), expected, "{before} -> {after}");
        }
        assert!(!is_promotion(&change(None, Some(head))) && !is_promotion(&change(Some(head), None)));
        assert!(!is_promotion(&Change { restores: true, ..change(Some(student), Some(head)) }));
    }

    #[test]
    fn roles_that_are_set_count_as_they_are_now() {
        let with = |roles: &str| Some(Fields { roles: Roles::read(roles), ..fields("user_type=Staff") });
        let of = |before: &str, after: &str| Change { before: with(before), after: with(after), ..change(None, None) };
        assert!(is_promotion(&of("staff", "staff;read_only_auditor")));
        assert!(!is_promotion(&of("read_only_auditor", "staff")) && !is_promotion(&of("staff", "gone")));
    }

    #[test]
    fn a_teacher_of_another_school_keeps_the_password_unless_it_opens_others() {
        let moves = change(Some("user_type=Teacher"), Some("user_type=Teacher|school_district_external_id=0020"));
        assert!(!is_promotion(&moves));
        let mut roles = built_in();
        roles[1].permissions.insert(Permission::ResetOwnClasses);
        assert_eq!(promoted([&moves], &roles, &schools()), [guid(1)]);
    }

    #[test]
    fn a_new_password_comes_only_where_there_is_none() {
        let rule = PasswordRule::default();
        let mut changes = [None, Some(PasswordSource::File)]
            .map(|password| Change { password, ..change(None, Some("user_type=Staff")) });
        renew_passwords(&mut changes, &HashSet::from([guid(1)]), &rule);
        let given = changes.each_ref().map(|change| change.password);
        assert_eq!(given, [Some(PasswordSource::Temporary), Some(PasswordSource::File)]);
        let mut other = [Change { guid: guid(2), ..change(None, Some("user_type=Staff")) }];
        renew_passwords(&mut other, &HashSet::from([guid(1)]), &rule);
        assert_eq!((other[0].password, changes[0].result()), (None, "updated with a new temporary password"));
    }
}
