//! Roles: what the people of an organisation may do.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::user_type::UserType;

/// A named set of permissions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    pub id: RoleId,
    /// As people call it.
    pub name: String,
    pub permissions: BTreeSet<Permission>,
}

/// The identifier of a role: small letters, digits and underscores.
///
/// It stays when the role is renamed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoleId(pub String);

impl RoleId {
    /// Makes the identifier of a role.
    pub fn new(id: &str) -> RoleId {
        RoleId(id.to_owned())
    }
}

impl fmt::Display for RoleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! permissions {
    ($($(#[$meta:meta])* $variant:ident $id:literal $label:literal)+) => {
        /// Something that a role lets its users do: a menu option of the page, and what the API asks for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Permission { $($(#[$meta])* #[serde(rename = $id)] $variant),+ }

        impl Permission {
            /// All of them, in the order in which pages list them.
            pub const ALL: &'static [Permission] = &[$(Permission::$variant),+];

            /// Returns the word that documents and the API use.
            pub fn as_str(self) -> &'static str {
                match self { $(Permission::$variant => $id),+ }
            }

            /// Returns the words that pages use.
            pub fn label(self) -> &'static str {
                match self { $(Permission::$variant => $label),+ }
            }
        }
    };
}

permissions! {
    /// Uploads with their plans, findings and files.
    SeeUploads "see_uploads" "See uploads and plans"
    /// Sending rosters.
    Upload "upload" "Upload rosters"
    /// Approving and rejecting plans.
    Approve "approve" "Approve and reject plans"
    /// Without it, somebody else has to approve what one uploaded.
    ApproveOwn "approve_own_upload" "Approve own uploads"
    /// Users with their history, and downloads of them.
    SeeUsers "see_users" "See users"
    /// Custom IDs, and bringing deleted users back.
    ChangeUsers "change_users" "Change and recover users"
    /// Temporary passwords: the completed file with them, credential sheets, and resets.
    SeePasswords "see_passwords" "See and reset temporary passwords"
    /// The classes that one teaches, and their students. Whoever sees users has it, too.
    SeeOwnClasses "see_own_classes" "See the own classes and their students"
    /// Resets of the students in the classes that one teaches, and their slips. Whoever sees passwords has it, too.
    ResetOwnClasses "reset_own_classes" "Reset passwords in the own classes"
    SeeSettings "see_settings" "See the settings"
    /// Of the whole organisation: only users of the district office can use it.
    ChangeSettings "change_settings" "Change the settings"
    /// Of the whole organisation: only users of the district office can use it.
    ManageSchools "manage_schools" "Manage schools"
    /// Roles, and who has which. Of the whole organisation: only users of the district office can use it.
    ManageRoles "manage_roles" "Manage roles"
    /// School users read the entries about their own school.
    ReadAudit "read_audit_log" "Read the audit log"
}

impl Permission {
    /// Returns the permission that allows this one, too, because it reaches further.
    pub fn part_of(self) -> Option<Permission> {
        match self {
            Permission::SeeOwnClasses => Some(Permission::SeeUsers),
            Permission::ResetOwnClasses => Some(Permission::SeePasswords),
            _ => None,
        }
    }
}

/// The built-in role of students.
///
/// Every organisation has the built-in ones: they can be edited, and can't be deleted.
pub const STUDENT: &str = "student_portal";
/// The built-in role of teachers.
pub const TEACHER: &str = "teacher";
/// The built-in role of staff.
pub const STAFF: &str = "staff";
/// The built-in role of parents.
pub const PARENT: &str = "parent";
/// The built-in role of administrators of a school.
pub const SCHOOL_ADMINISTRATOR: &str = "school_administrator";
/// The built-in role of administrators of the district office.
pub const DISTRICT_ADMINISTRATOR: &str = "district_administrator";
/// The built-in role of those who may read everything and change nothing.
pub const AUDITOR: &str = "read_only_auditor";

/// Returns the built-in roles as they are before anybody edits them.
///
/// Everybody who is signed in sees the own profile; a role without permissions allows that and nothing else. A change here
/// changes nothing in an organisation that has saved its roles: from then on only the saved ones count.
///
/// Teachers see their own classes, and reset nothing before somebody lets them: an account of theirs may be made by a file
/// that nobody looks at, and with it one could sign in as their students.
pub fn built_in() -> Vec<Role> {
    use Permission as P;
    let role = |id: &str, name: &str, permissions: &[Permission]| Role {
        id: RoleId::new(id),
        name: name.to_owned(),
        permissions: permissions.iter().copied().collect(),
    };
    let of_school = [
        P::SeeUploads,
        P::Upload,
        P::Approve,
        P::ApproveOwn,
        P::SeeUsers,
        P::ChangeUsers,
        P::SeePasswords,
        P::SeeSettings,
    ];
    vec![
        role(STUDENT, "Student Portal", &[]),
        role(TEACHER, "Teacher", &[P::SeeOwnClasses]),
        role(STAFF, "Staff", &[]),
        role(PARENT, "Parent", &[]),
        role(SCHOOL_ADMINISTRATOR, "School Administrator", &of_school),
        role(DISTRICT_ADMINISTRATOR, "District Administrator", Permission::ALL),
        role(AUDITOR, "Read-only Auditor", &[P::SeeUploads, P::SeeUsers, P::SeeSettings, P::ReadAudit]),
    ]
}

/// Returns what users with the roles `had` may do where `known` are those of the organisation.
///
/// A role that is gone allows nothing, and a permission allows those that are part of it.
pub fn permissions_of(known: &[Role], had: &Roles) -> BTreeSet<Permission> {
    let had = known.iter().filter(|role| had.contains(&role.id));
    let given: BTreeSet<Permission> = had.flat_map(|role| role.permissions.iter().copied()).collect();
    let allowed = |permission: &Permission| {
        given.contains(permission) || permission.part_of().is_some_and(|whole| given.contains(&whole))
    };
    Permission::ALL.iter().copied().filter(allowed).collect()
}

/// Returns what everybody may do whose account is made without anybody looking: students and teachers.
pub fn everyday(known: &[Role]) -> BTreeSet<Permission> {
    permissions_of(known, &Roles::from_ids(&[STUDENT, TEACHER].map(RoleId::new)))
}

/// Returns what a program may give or take away that acts with an API key.
///
/// `of_maker` is what the key's maker may do.
///
/// Nobody looks at what a program does, so it makes and closes no accounts that may do more than those of students and
/// teachers: whoever finds a key can't make themselves an administrator.
pub fn with_key(known: &[Role], of_maker: &BTreeSet<Permission>) -> BTreeSet<Permission> {
    everyday(known).intersection(of_maker).copied().collect()
}

/// The roles of a user: identifiers in order, separated by `;`.
///
/// Files and lists of changes show them so.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Roles(String);

impl Roles {
    /// Returns these roles, each once and in order.
    pub fn from_ids<'r>(ids: impl IntoIterator<Item = &'r RoleId>) -> Roles {
        let ids: BTreeSet<&str> = ids.into_iter().map(|id| id.0.as_str()).collect();
        Roles(ids.into_iter().collect::<Vec<_>>().join(";"))
    }

    /// Returns every role that one of `all` has.
    pub fn union(all: impl IntoIterator<Item = Roles>) -> Roles {
        // Thousands of users have the same few.
        let distinct: BTreeSet<Roles> = all.into_iter().collect();
        Roles::from_ids(&distinct.iter().flat_map(Roles::iter).collect::<Vec<_>>())
    }

    /// Reads roles as [`Roles::as_str`] writes them.
    pub fn read(text: &str) -> Roles {
        Roles::from_ids(&text.split(';').filter(|id| !id.is_empty()).map(RoleId::new).collect::<Vec<_>>())
    }

    /// Returns the one role that users of a type have where no settings say otherwise.
    pub fn usual(user_type: UserType, at_district: bool) -> Roles {
        Roles(
            match user_type {
                UserType::Student => STUDENT,
                UserType::Teacher => TEACHER,
                UserType::Staff => STAFF,
                UserType::Administrator if at_district => DISTRICT_ADMINISTRATOR,
                UserType::Administrator => SCHOOL_ADMINISTRATOR,
            }
            .to_owned(),
        )
    }

    /// Returns each of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = RoleId> {
        self.0.split(';').filter(|id| !id.is_empty()).map(RoleId::new)
    }

    /// Returns whether this role is one of them.
    pub fn contains(&self, id: &RoleId) -> bool {
        self.iter().any(|own| own == *id)
    }

    /// Returns whether there are no roles.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the identifiers of the roles with semicolons between them, as they are stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_a_set_in_order() {
        let ids = ["b", "a", "b"].map(RoleId::new);
        let roles = Roles::from_ids(&ids);
        assert_eq!((roles.as_str(), roles.iter().count()), ("a;b", 2));
        assert!(roles.contains(&ids[0]) && !roles.contains(&RoleId::new("c")));
        assert!(Roles::default().is_empty() && Roles::default().iter().count() == 0);
    }

    #[test]
    fn whoever_may_do_something_for_all_may_do_it_for_the_own_classes() {
        let known = [Role {
            id: RoleId::new("x"),
            name: "X".to_owned(),
            permissions: [Permission::SeeUsers, Permission::Upload].into(),
        }];
        let may = permissions_of(&known, &Roles::read("x"));
        assert_eq!(may, [Permission::SeeUsers, Permission::SeeOwnClasses, Permission::Upload].into());
        assert_eq!(permissions_of(&built_in(), &Roles::read(TEACHER)), [Permission::SeeOwnClasses].into());
    }

    #[test]
    fn with_a_key_nobody_may_more_than_students_and_teachers() {
        let mut known = built_in();
        let all: BTreeSet<Permission> = Permission::ALL.iter().copied().collect();
        assert_eq!(with_key(&known, &all), [Permission::SeeOwnClasses].into());
        assert_eq!(with_key(&known, &[Permission::SeeUsers].into()), BTreeSet::new(), "no more than its maker");
        known.iter_mut().find(|role| role.id.0 == TEACHER).unwrap().permissions.insert(Permission::Upload);
        assert_eq!(with_key(&known, &all), [Permission::SeeOwnClasses, Permission::Upload].into());
    }

    #[test]
    fn every_usual_role_is_built_in() {
        let known: Vec<RoleId> = built_in().into_iter().map(|role| role.id).collect();
        for user_type in UserType::ALL {
            for at_district in [false, true] {
                assert!(Roles::usual(*user_type, at_district).iter().all(|id| known.contains(&id)));
            }
        }
    }
}
