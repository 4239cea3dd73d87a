//! Whose roles a plan hands out, and whose accounts it closes.

use crate::diff::Change;
use crate::model::{Fields, Roles, Schools, Status};

/// Returns the roles of the accounts that `changes` make, or give to somebody.
///
/// They are those of new accounts, of those that come back, and of those that get other roles, or something that one
/// signs in with. Whoever decides about the changes has to be allowed what these roles allow, and what those before
/// allowed, or a file would be a way to gain more.
pub fn handed_out<'c>(changes: impl IntoIterator<Item = &'c Change>, schools: &Schools) -> Roles {
    // Those before, too: who may do less must not take from somebody what that one may do.
    let handed = changes.into_iter().filter(|change| hands_out(change));
    // Whatever is decided about a probable re-key.
    let new = |change: &'c Change| change.two_people.as_deref().map(|two_people| &two_people.fields);
    in_force(handed.flat_map(|change| change.after.iter().chain(&change.before).chain(new(change))), schools)
}

/// Returns the roles of the accounts that `changes` close: of users that are disabled or removed.
///
/// Whoever decides about the changes has to be allowed what these roles allow, or a file would be a way to get rid of
/// those who may do more.
pub fn closed<'c>(changes: impl IntoIterator<Item = &'c Change>, schools: &Schools) -> Roles {
    in_force(changes.into_iter().filter(|change| closes(change)).filter_map(|change| change.before.as_ref()), schools)
}

fn in_force<'c>(all: impl Iterator<Item = &'c Fields>, schools: &Schools) -> Roles {
    Roles::union(all.map(|fields| {
        if fields.roles.is_empty() {
            Roles::usual(fields.user_type, schools.is_district(&fields.school))
        } else {
            fields.roles.clone()
        }
    }))
}

fn closes(change: &Change) -> bool {
    let Some(before) = &change.before else { return false };
    // Whatever is decided about a probable re-key.
    let may_go = change.is_rekey_with_removal();
    may_go
        || change.after.as_ref().is_none_or(|after| before.status == Status::Active && after.status == Status::Disabled)
}

fn hands_out(change: &Change) -> bool {
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return change.after.is_some() };
    // The custom ID may be what an identity of the provider is matched by, and roles count for the school one is of.
    let who = |f: &Fields| {
        let identity = [&f.email, &f.username, &f.custom_id].map(String::clone);
        (f.user_type, f.roles.clone(), f.school.clone(), identity)
    };
    let comes_back = change.restores || before.status == Status::Disabled && after.status == Status::Active;
    comes_back || change.password.is_some() || who(before) != who(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::Kind;
    use crate::settings::PasswordSource;
    use crate::testing::{schools, users};

    fn fields(spec: &str) -> Fields {
        Fields::of(&users(&[spec])[0]).expect("it has a custom ID")
    }

    fn change(before: Option<Fields>, after: Option<Fields>) -> Change {
        Change {
            kind: Kind::Updated,
            guid: crate::testing::guid(1),
            row: None,
            seen_version: None,
            before,
            after,
            password: None,
            restores: false,
            exchange: None,
            two_people: None,
            not_updated: Vec::new(),
        }
    }

    fn of(change: &Change) -> String {
        handed_out([change], &schools()).as_str().to_owned()
    }

    #[test]
    fn only_accounts_that_are_made_or_given_to_somebody_count() {
        let admin = || Some(fields("custom_id=1|user_type=Administrator|email=a@x.example"));
        let moved = Some(Fields { position: "Head".to_owned(), ..admin().unwrap() });
        assert_eq!(of(&change(admin(), moved)), "");
        assert_eq!(of(&change(admin(), None)), "");
        assert_eq!(of(&change(None, admin())), "school_administrator");
        assert_eq!(of(&Change { restores: true, ..change(admin(), admin()) }), "school_administrator");
        let password = Some(PasswordSource::File);
        assert_eq!(of(&Change { password, ..change(admin(), admin()) }), "school_administrator");
        let other_address = Some(Fields { email: "b@x.example".to_owned(), ..admin().unwrap() });
        assert_eq!(of(&change(admin(), other_address)), "school_administrator");
        let disabled = Some(Fields { status: Status::Disabled, ..admin().unwrap() });
        assert_eq!(of(&change(disabled, admin())), "school_administrator");
        let student = Some(fields("custom_id=1"));
        assert_eq!(of(&change(student.clone(), admin())), "school_administrator;student_portal");
        // Who takes it from somebody has to be allowed it, too.
        assert_eq!(of(&change(admin(), student)), "school_administrator;student_portal");
    }

    #[test]
    fn whoever_is_disabled_or_removed_counts_as_closed() {
        let closed = |change: &Change| closed([change], &schools()).as_str().to_owned();
        let admin = || Some(fields("custom_id=1|user_type=Administrator|email=a@x.example"));
        let disabled = || Some(Fields { status: Status::Disabled, ..admin().unwrap() });
        assert_eq!(closed(&change(admin(), None)), "school_administrator");
        assert_eq!(closed(&change(admin(), disabled())), "school_administrator");
        let set = Some(Fields { roles: Roles::read("x;y"), ..admin().unwrap() });
        assert_eq!(closed(&change(set, None)), "x;y");
        assert_eq!(closed(&change(disabled(), None)), "school_administrator", "it could come back");
        for stays in [change(admin(), admin()), change(None, admin()), change(disabled(), disabled())] {
            assert_eq!(closed(&stays), "");
        }
    }

    #[test]
    fn roles_that_are_set_count_before_the_usual_ones() {
        let of_district = fields("custom_id=1|user_type=Administrator|email=a@x.example|school_district_external_id=D");
        assert_eq!(of(&change(None, Some(of_district.clone()))), "district_administrator");
        let roles = Roles::read("x;y");
        assert_eq!(of(&change(None, Some(Fields { roles, ..of_district }))), "x;y");
    }
}
