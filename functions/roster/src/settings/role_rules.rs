//! Which roles an organisation can have, which of them a sync can give, and which somebody can be given by hand.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::model::role::{DISTRICT_ADMINISTRATOR, Permission, Role, RoleId, built_in};
use crate::model::{UserType, fold};

use super::accounts::RoleRule;

/// How many roles an organisation can have.
pub const MAX_ROLES: usize = 50;

/// The longest name of a role, in characters.
pub const NAME_CHARS: usize = 60;
/// The longest identifier of a role, in characters.
pub const ID_CHARS: usize = 40;

/// What the District Administrator always may, so that nobody locks everybody out.
pub const KEPT: [Permission; 4] =
    [Permission::SeeUsers, Permission::SeeSettings, Permission::ChangeSettings, Permission::ManageRoles];

/// Why roles can't be what somebody wants them to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RolesError {
    #[error("There are more than {MAX_ROLES} roles.")]
    TooMany,
    #[error("The role {0} is built in and can't be deleted.")]
    BuiltIn(String),
    #[error("{0:?} can't be the identifier of a role.")]
    Id(String),
    #[error("Two roles have the identifier {0}.")]
    RepeatedId(RoleId),
    #[error("{0:?} can't be the name of a role.")]
    Name(String),
    #[error("Two roles have the name {0}.")]
    RepeatedName(String),
    #[error("The District Administrator must keep the permission: {}.", .0.label())]
    Kept(Permission),
    #[error("A sync gives the role {0}, so it can't be deleted.")]
    GivenBySync(RoleId),
    #[error("There is no role {0}.")]
    Unknown(RoleId),
    #[error("A sync would give no role to {0}.")]
    NoneFor(&'static str),
    #[error("Administrators of the district office must have the role District Administrator.")]
    WithoutDistrictAdministrator,
    #[error("A user needs at least one role.")]
    None,
}

impl RolesError {
    /// Returns what to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            RolesError::TooMany => "Delete one that nobody needs first.",
            RolesError::BuiltIn(_) => "Take its permissions away instead.",
            RolesError::Id(_) => "Use up to 40 small letters, digits and underscores.",
            RolesError::RepeatedId(_) => "Choose another identifier.",
            RolesError::Name(_) => "Type a name of up to 60 characters.",
            RolesError::RepeatedName(_) => "Choose another name.",
            RolesError::GivenBySync(_) => "Choose another role in the settings first.",
            RolesError::Unknown(_) => "Reload the page: it may have been deleted.",
            RolesError::NoneFor(_) => "Choose at least one for each type of user.",
            RolesError::Kept(_) | RolesError::WithoutDistrictAdministrator => {
                "Somebody must be able to run the organisation."
            }
            RolesError::None => "Choose one. A role without permissions lets its users see their own profile only.",
        }
    }
}

/// Checks that `roles` can be the roles of an organisation whose syncs give those of `rule`.
///
/// Users that have a role that is gone simply lose it.
///
/// # Errors
///
/// The first thing that is wrong with them.
pub fn check(roles: &[Role], rule: &RoleRule) -> Result<(), RolesError> {
    if roles.len() > MAX_ROLES {
        return Err(RolesError::TooMany);
    }
    let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
    for role in roles {
        check_id(&role.id)?;
        check_name(&role.name)?;
        if !ids.insert(&role.id) {
            return Err(RolesError::RepeatedId(role.id.clone()));
        }
        if !names.insert(fold(&role.name)) {
            return Err(RolesError::RepeatedName(role.name.clone()));
        }
    }
    if let Some(missing) = built_in().into_iter().find(|role| !ids.contains(&role.id)) {
        return Err(RolesError::BuiltIn(missing.name));
    }
    if let Some(given) = rule.given().find(|id| !ids.contains(id)) {
        return Err(RolesError::GivenBySync(given.clone()));
    }
    let district = roles.iter().find(|role| role.id.0 == DISTRICT_ADMINISTRATOR);
    let lost = KEPT.into_iter().find(|kept| district.is_none_or(|role| !role.permissions.contains(kept)));
    lost.map_or(Ok(()), |lost| Err(RolesError::Kept(lost)))
}

/// Checks that a sync can give the roles of `rule` in an organisation that has `roles`.
///
/// # Errors
///
/// The first thing that is wrong with the rule.
pub fn check_rule(rule: &RoleRule, roles: &[Role]) -> Result<(), RolesError> {
    known(rule.given(), roles)?;
    if let Some((who, _)) = rule.groups().into_iter().find(|(_, ids)| ids.is_empty()) {
        return Err(RolesError::NoneFor(who));
    }
    runs_organisation(&rule.district_administrator)
}

/// Checks that a user of this type can be given `given` by hand in an organisation that has `roles`.
///
/// # Errors
///
/// The first thing that is wrong with what is given.
pub fn check_given(
    given: &BTreeSet<RoleId>,
    roles: &[Role],
    user_type: UserType,
    at_district: bool,
) -> Result<(), RolesError> {
    if given.is_empty() {
        return Err(RolesError::None);
    }
    known(given.iter(), roles)?;
    if user_type == UserType::Administrator && at_district { runs_organisation(given) } else { Ok(()) }
}

/// Returns `roles` with identifiers for those that have none yet.
///
/// Those that are not among the `known` ones get one that is made from the role's name.
///
/// Users keep the identifier of a role that was deleted. So no other one may get it than a role of the same name, whatever
/// identifier it came with.
pub fn with_ids(roles: Vec<Role>, known: &[Role]) -> Vec<Role> {
    let is_known = |role: &Role| known.iter().any(|other| other.id == role.id);
    let mut taken: Vec<Role> = known.to_vec();
    let with_id = |role: Role| {
        let role = if is_known(&role) { role } else { Role { id: new_id(&role.name, &taken), ..role } };
        taken.push(role.clone());
        role
    };
    roles.into_iter().map(with_id).collect()
}

/// Returns an identifier for a new role of this name that none of `taken` has.
///
/// Of a name that is more than words of ASCII it has a hash, so that two such names do not share an identifier.
pub fn new_id(name: &str, taken: &[Role]) -> RoleId {
    /// How much of an identifier a hash and a number may take.
    const REST: usize = 12;
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    let whole: String = name.chars().map(plain).collect();
    let words: Vec<&str> = whole.split('_').filter(|word| !word.is_empty()).collect();
    let mut base = words.join("_");
    base.truncate(ID_CHARS - REST);
    if base.replace('_', " ") != fold(name) {
        let hash = Sha256::digest(fold(name));
        let base_or_role = if base.is_empty() { "role" } else { &base };
        base = format!("{base_or_role}_{}", hex::encode(&hash[..4]));
    }
    let numbered = (2..).map(|n| format!("{base}_{n}"));
    let free = |id: &String| taken.iter().all(|role| role.id.0 != *id);
    RoleId([base.clone()].into_iter().chain(numbered).find(free).expect("numbers do not run out"))
}

fn known<'r>(mut ids: impl Iterator<Item = &'r RoleId>, roles: &[Role]) -> Result<(), RolesError> {
    let unknown = ids.find(|id| roles.iter().all(|role| role.id != **id));
    unknown.map_or(Ok(()), |id| Err(RolesError::Unknown(id.clone())))
}

fn runs_organisation(ids: &BTreeSet<RoleId>) -> Result<(), RolesError> {
    if ids.contains(&RoleId::new(DISTRICT_ADMINISTRATOR)) {
        Ok(())
    } else {
        Err(RolesError::WithoutDistrictAdministrator)
    }
}

fn check_id(id: &RoleId) -> Result<(), RolesError> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if (1..=ID_CHARS).contains(&id.0.len()) && id.0.bytes().all(plain) {
        Ok(())
    } else {
        Err(RolesError::Id(id.0.clone()))
    }
}

fn check_name(name: &str) -> Result<(), RolesError> {
    let length = (1..=NAME_CHARS).contains(&name.chars().count());
    if length && name.trim() == name && !name.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(RolesError::Name(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::role::TEACHER;

    fn custom(id: &str, name: &str) -> Role {
        Role { id: RoleId::new(id), name: name.to_owned(), permissions: BTreeSet::new() }
    }

    fn with(roles: impl IntoIterator<Item = Role>) -> Vec<Role> {
        built_in().into_iter().chain(roles).collect()
    }

    #[test]
    fn roles_can_be_renamed_and_added() {
        let rule = RoleRule::default();
        assert_eq!(check(&built_in(), &rule), Ok(()));
        let mut roles = with([custom("data_entry", "Data entry")]);
        roles[1].name = "Lehrkraft".to_owned();
        roles[4].permissions.clear();
        assert_eq!(check(&roles, &rule), Ok(()));
    }

    #[test]
    fn identifiers_and_names_are_plain_and_unique() {
        let rule = RoleRule::default();
        let long = "x".repeat(41);
        for id in ["", "A", "a b", "a;b", "ä", &long] {
            assert_eq!(check(&with([custom(id, "X")]), &rule), Err(RolesError::Id(id.to_owned())), "{id:?}");
        }
        let long = "x".repeat(61);
        for name in ["", " ", " x", "a\nb", &long] {
            assert_eq!(check(&with([custom("x", name)]), &rule), Err(RolesError::Name(name.to_owned())), "{name:?}");
        }
        let repeated = with([custom("teacher", "Another")]);
        assert_eq!(check(&repeated, &rule), Err(RolesError::RepeatedId(RoleId::new("teacher"))));
        let repeated = with([custom("x", "TEACHER")]);
        assert_eq!(check(&repeated, &rule), Err(RolesError::RepeatedName("TEACHER".to_owned())));
        let many = with((0..44).map(|n| custom(&format!("r{n}"), &format!("Role {n}"))));
        assert_eq!(check(&many[..MAX_ROLES], &rule), Ok(()));
        assert_eq!(check(&many, &rule), Err(RolesError::TooMany));
    }

    #[test]
    fn built_in_roles_stay_and_so_do_those_that_a_sync_gives() {
        let mut rule = RoleRule::default();
        for i in 0..built_in().len() {
            let mut roles = built_in();
            let gone = roles.remove(i);
            assert_eq!(check(&roles, &rule), Err(RolesError::BuiltIn(gone.name)));
        }
        rule.teacher.insert(RoleId::new("mentor"));
        assert_eq!(check(&built_in(), &rule), Err(RolesError::GivenBySync(RoleId::new("mentor"))));
        assert_eq!(check(&with([custom("mentor", "Mentor")]), &rule), Ok(()));
    }

    #[test]
    fn the_district_administrator_can_always_run_the_organisation() {
        for kept in KEPT {
            let mut roles = built_in();
            roles[5].permissions.remove(&kept);
            assert_eq!(check(&roles, &RoleRule::default()), Err(RolesError::Kept(kept)));
        }
        let mut roles = built_in();
        roles[5].permissions = KEPT.into();
        assert_eq!(check(&roles, &RoleRule::default()), Ok(()));
    }

    #[test]
    fn a_sync_gives_each_type_a_role_that_there_is() {
        let roles = built_in();
        assert_eq!(check_rule(&RoleRule::default(), &roles), Ok(()));
        let unknown = RoleRule { student: [RoleId::new("x")].into(), ..RoleRule::default() };
        assert_eq!(check_rule(&unknown, &roles), Err(RolesError::Unknown(RoleId::new("x"))));
        let none = RoleRule { staff: BTreeSet::new(), ..RoleRule::default() };
        assert_eq!(check_rule(&none, &roles), Err(RolesError::NoneFor("staff")));
        let nobody = RoleRule { district_administrator: [RoleId::new(TEACHER)].into(), ..RoleRule::default() };
        assert_eq!(check_rule(&nobody, &roles), Err(RolesError::WithoutDistrictAdministrator));
    }

    #[test]
    fn administrators_of_the_district_keep_their_role() {
        let (roles, teacher) = (built_in(), BTreeSet::from([RoleId::new(TEACHER)]));
        assert_eq!(check_given(&BTreeSet::new(), &roles, UserType::Student, false), Err(RolesError::None));
        let unknown = BTreeSet::from([RoleId::new("x")]);
        assert!(matches!(check_given(&unknown, &roles, UserType::Staff, true), Err(RolesError::Unknown(_))));
        assert_eq!(check_given(&teacher, &roles, UserType::Administrator, false), Ok(()));
        let refused = check_given(&teacher, &roles, UserType::Administrator, true);
        assert_eq!(refused, Err(RolesError::WithoutDistrictAdministrator));
        let both = BTreeSet::from([TEACHER, DISTRICT_ADMINISTRATOR].map(RoleId::new));
        assert_eq!(check_given(&both, &roles, UserType::Administrator, true), Ok(()));
    }

    #[test]
    fn a_new_role_has_an_identifier_of_its_own() {
        let roles = with([custom("data_entry", "Data entry")]);
        let names = ["Data Entry", "Teacher", "Front desk", "Büro", "B-ro", "名", &"long ".repeat(20)];
        let ids = names.map(|name| new_id(name, &roles));
        assert_eq!(ids[..3], ["data_entry_2", "teacher_2", "front_desk"].map(RoleId::new));
        let [.., buero, dash, _, _] = &ids;
        assert!(buero.0.starts_with("b_ro_") && dash.0.starts_with("b_ro_") && buero != dash);
        ids.iter().for_each(|id| assert_eq!(check_id(id), Ok(()), "{id}"));
    }

    #[test]
    fn a_role_gets_no_identifier_that_another_one_had() {
        let known = with([custom("counsellor", "Counsellor")]);
        let roles =
            vec![custom("counsellor", "Advisor"), custom("counsellor_2", "Registrar"), custom("x", "Counsellor")];
        let ids: Vec<RoleId> = with_ids(roles, &known).into_iter().map(|role| role.id).collect();
        assert_eq!(ids, ["counsellor", "registrar", "counsellor_2"].map(RoleId::new));
    }
}
