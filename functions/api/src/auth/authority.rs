//! Whether the caller may act on a certain school, user, upload or plan: the one place that compares the two.
//!
//! | question | answer |
//! | --- | --- |
//! | Which classes may they see, and whose passwords may they reset in one? | [`Caller::may_see_class`], [`Caller::teaches`], [`Caller::may_reset_in`] |
//! | Whose users, uploads and entries of the audit log may they see? | the methods of [`Caller`] named `may_see` |
//! | Whose temporary passwords may they see beside those of the own classes? | [`Caller::may_see_passwords`] |
//! | May they decide about this upload, and approve it? | [`Caller::may_decide`], [`Caller::check_may_approve`] |
//! | May they change who may do what, and how people sign in? | [`Caller::check_may_change_accounts`] |
//! | May they approve this plan, or read a file with passwords, going by the roles of its users? | [`RoleAuthority`] |
//! | May they act on the sign-in of this user? | [`UserAuthority`] |
//!
//! Handlers ask here, and compare nothing themselves. Whether somebody may make a request at all is said by the
//! [`Access`](crate::auth::access::Access) of its route.

use std::borrow::Cow;
use std::collections::HashSet;

use cloud::audit::iso_time;
use roster::accounts::Accounts;
use roster::role::Power;
use roster::{
    Class, ClassRole, Enrolment, Guid, Mode, Permission, Roles, SchoolId, Schools, Scope, SourceId, User, UserType,
    role,
};
use wire::audit::Entry;
use wire::http::RolesDocument;
use wire::stored::{ApiKey, KeyDecisions, PlanHead};
use wire::{Source, Status, Upload};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::{Failure, Thing};

impl Caller {
    /// Returns whether this is their own account, which nobody gives roles or a new password by hand.
    pub fn is(&self, user: Guid) -> bool {
        self.guid == user
    }

    /// Returns whether they may see the users of a school, and what was reset for them.
    pub fn may_see_school(&self, school: &SchoolId) -> bool {
        self.school.as_ref().is_none_or(|own| own == school)
    }

    /// Checks that they may see the school that they ask for.
    ///
    /// `None` is always allowed: what is found is limited to their own school then.
    pub fn check_may_see_school(&self, asked: Option<&SchoolId>) -> Result<(), Failure> {
        if asked.is_none_or(|school| self.may_see_school(school)) { Ok(()) } else { Err(Failure::OtherSchool) }
    }

    /// Returns whether they may see a class with everything that is known of it.
    ///
    /// So may whoever may see the users of its school.
    pub fn may_see_class(&self, class: &Class) -> bool {
        self.may(Permission::SeeUsers) && self.may_see_school(&class.fields.school)
    }

    /// Returns whether they may see a user with everything that is known of it.
    pub fn may_see_user(&self, user: &User) -> bool {
        self.may(Permission::SeeUsers) && self.may_see_school(&user.school)
    }

    /// Returns whether they may see the custom ID of somebody in a class that they may see.
    ///
    /// It is what a teacher knows students by.
    pub fn may_see_custom_id(&self, enrolment: &Enrolment, user: &User) -> bool {
        let is_own_student = enrolment.fields.role == ClassRole::Student && self.may_see_school(&user.school);
        is_own_student || self.may_see_user(user)
    }

    /// Returns whether they teach the class at a time, in milliseconds since 1970, and may see it for that.
    ///
    /// Nobody teaches a class that is archived, nor by an enrolment that has ended.
    pub fn teaches(&self, class: &Class, enrolments: &[Enrolment], now: u64) -> bool {
        let own = |enrolment: &Enrolment| enrolment.class == class.guid && self.is(enrolment.user);
        let mut own = enrolments.iter().filter(|enrolment| own(enrolment));
        self.may(Permission::SeeOwnClasses)
            && class.is_active()
            && own.any(|enrolment| enrolment.fields.role.teaches() && lasts(enrolment, now))
    }

    /// Returns whether they may reset the passwords of the students of a class, and read those that were.
    pub fn may_reset_in(&self, class: &Class, enrolments: &[Enrolment], now: u64) -> bool {
        let in_school = self.may_see_passwords() && self.may_see_school(&class.fields.school);
        in_school || self.may(Permission::ResetOwnClasses) && self.teaches(class, enrolments, now)
    }

    /// Returns whether they may reset passwords, and see temporary ones, of whole schools.
    ///
    /// Whoever may not can do so in the own classes only.
    pub fn may_see_passwords(&self) -> bool {
        self.may(Permission::SeePasswords)
    }

    /// Checks that they may reset passwords without naming a class.
    pub fn check_may_reset_everywhere(&self) -> Result<(), Failure> {
        if self.may_see_passwords() {
            return Ok(());
        }
        Err(Failure::NotAllowed { permission: Permission::SeePasswords })
    }

    /// Returns whether they may see the name of a school.
    ///
    /// Whoever may do something beyond the own classes may see all of them; for the profile of the others the own one
    /// is enough.
    pub fn may_see_in_list(&self, school: &SchoolId) -> bool {
        let may_do_something = self.permissions.iter().any(|p| p.part_of().is_none()) && !self.must_set_password;
        may_do_something || self.may_see_school(school)
    }

    /// Returns whether they may see uploads of this scope.
    pub fn may_see_scope(&self, scope: &Scope) -> bool {
        scope.is_visible_at(self.school.as_ref())
    }

    /// Returns whether they may see an upload.
    ///
    /// A program sees what it could have sent.
    pub fn may_see_upload(&self, upload: &Upload) -> bool {
        let covered = |key: &ApiKey| !upload.by_hand && key.covers(upload.mode, upload.of_source.as_ref());
        self.may_see_scope(&upload.scope) && self.key.as_ref().is_none_or(|acting| covered(&acting.key))
    }

    /// Checks that the caller's API key, if there is one, is for this mode and source.
    pub fn check_may_send(&self, mode: Mode, source: Option<&SourceId>) -> Result<(), Failure> {
        match self.key.as_ref().map(|acting| &acting.key) {
            Some(key) if !key.modes.contains(&mode) => Err(Failure::KeyOtherMode { mode }),
            Some(key) if !key.covers(mode, source) => Err(Failure::KeyOtherSource),
            _ => Ok(()),
        }
    }

    /// Returns whether they may see an API key.
    pub fn may_see_key(&self, key: &ApiKey) -> bool {
        self.school.is_none() || self.school == key.school
    }

    /// Checks that they may make an API key that decides so much.
    pub fn check_may_give(&self, decisions: KeyDecisions) -> Result<(), Failure> {
        if decisions == KeyDecisions::Approve && !self.may(Permission::Approve) {
            return Err(Failure::NotAllowed { permission: Permission::Approve });
        }
        Ok(())
    }

    /// Returns whether they may see an entry of the audit log.
    pub fn may_see_entry(&self, entry: &Entry) -> bool {
        self.school.is_none() || self.school == entry.school
    }

    /// Returns whether they may reject the upload as it is now.
    pub fn may_decide(&self, upload: &Upload) -> bool {
        upload.status == Status::AwaitingApproval && self.may(Permission::Approve)
    }

    /// Checks that they may approve the upload, which not everybody may who sent it.
    pub fn check_may_approve(&self, upload: &Upload) -> Result<(), Failure> {
        let is_own = matches!(upload.source, Source::Administrator { guid, .. } if self.is(guid));
        if is_own && !self.may(Permission::ApproveOwn) { Err(Failure::OwnUpload) } else { Ok(()) }
    }

    /// Checks that they may change the settings for accounts.
    ///
    /// Those of roles and of single sign-on decide who may do what, so they take as much as changing roles.
    pub fn check_may_change_accounts(&self, before: &Accounts, after: &Accounts) -> Result<(), Failure> {
        let decides_who_may_what = after.roles != before.roles || after.single_sign_on != before.single_sign_on;
        if decides_who_may_what && !self.may(Permission::ManageRoles) {
            return Err(Failure::NotAllowed { permission: Permission::ManageRoles });
        }
        Ok(())
    }
}

/// Returns whether somebody is in a class by the enrolment at a time.
///
/// They are until the end of its last day, where it has one.
pub fn lasts(enrolment: &Enrolment, now: u64) -> bool {
    let today = iso_time(now);
    let over = enrolment.fields.ends.as_ref().is_some_and(|day| today.get(..10).is_some_and(|now| day.as_str() < now));
    enrolment.is_active() && !over
}

/// Returns the students who are in the class at a time.
///
/// Of what a class lets somebody do, it is about them alone.
pub fn students_of(enrolments: &[Enrolment], now: u64) -> HashSet<Guid> {
    let students = enrolments.iter().filter(|enrolment| enrolment.fields.role == ClassRole::Student);
    students.filter(|enrolment| lasts(enrolment, now)).map(|enrolment| enrolment.user).collect()
}

/// What the caller may do, compared with what roles allow.
///
/// Who opens an account to somebody, reads its password or closes it
/// has to be allowed all that its roles allow.
pub struct RoleAuthority<'a> {
    caller: &'a Caller,
    roles: RolesDocument,
}

impl<'a> RoleAuthority<'a> {
    /// Reads the organisation's roles.
    pub async fn load(app: &App, caller: &'a Caller) -> Result<RoleAuthority<'a>, Failure> {
        Ok(RoleAuthority { caller, roles: app.cloud.roles_get().await? })
    }

    /// Checks that nobody with these roles may do more than the caller.
    pub fn check(&self, roles: &Roles) -> Result<(), Failure> {
        if self.covers(roles) { Ok(()) } else { Err(Failure::MayDoMore) }
    }

    /// Returns whether nobody with these roles may do more than the caller.
    pub fn covers(&self, roles: &Roles) -> bool {
        self.lacking(roles).is_none()
    }

    /// Checks that they may approve the plan.
    ///
    /// Nobody gains or gives by a file what their own roles do not allow, nor closes the account of somebody who may do
    /// more.
    pub fn check_plan(&self, plan: &PlanHead) -> Result<(), Failure> {
        match (self.lacking(&plan.hands_out), self.lacking(&plan.closes)) {
            (Some(permission), _) => Err(Failure::HandsOutMore { permission }),
            (None, Some(permission)) => Err(Failure::ClosesMore { permission }),
            (None, None) => Ok(()),
        }
    }

    /// Returns the first permission of these roles that the caller has not.
    fn lacking(&self, roles: &Roles) -> Option<Permission> {
        let own = match &self.caller.key {
            None => Cow::Borrowed(&self.caller.permissions),
            Some(acting) => Cow::Owned(role::with_key(&self.roles.roles, &acting.of_maker)),
        };
        self.roles.permissions_of(roles).difference(&own).next().copied()
    }
}

/// What the caller may do, compared with what users may do.
///
/// Whoever sets a user's password or custom ID can sign in as that user, so they need every permission that the user has.
pub struct UserAuthority<'a> {
    pub roles: RoleAuthority<'a>,
    schools: Schools,
}

impl<'a> UserAuthority<'a> {
    /// Reads the organisation's roles and schools.
    pub async fn load(app: &App, caller: &'a Caller) -> Result<UserAuthority<'a>, Failure> {
        Ok(UserAuthority { roles: RoleAuthority::load(app, caller).await?, schools: app.cloud.school_list().await? })
    }

    /// Checks that they may act on the user's sign-in: password, custom ID, or bringing the account back.
    pub fn check(&self, user: &User) -> Result<(), Failure> {
        self.roles.check(&self.roles_of([user]))
    }

    /// Checks that they may give the user a new password.
    ///
    /// Users who can't sign in need none, and the own password is set on the profile.
    pub fn check_reset(&self, user: &User) -> Result<(), Failure> {
        if self.roles.caller.is(user.guid) {
            return Err(Failure::OwnReset);
        }
        if !user.can_sign_in() {
            return Err(Failure::Invalid {
                message: "A disabled user can't sign in.",
                hint: "Activate the user with a roster first.",
            });
        }
        self.check(user)
    }

    /// Checks that they may give a student of a class a new password, and read it.
    ///
    /// Staff never get one so, whatever a class says of them.
    pub fn check_reset_student(&self, user: &User) -> Result<(), Failure> {
        if user.user_type != UserType::Student || !self.roles.caller.may_see_school(&user.school) {
            return Err(Failure::Missing { thing: Thing::User });
        }
        self.check_reset(user)
    }

    /// Returns whether they may read the user's password in a file.
    pub fn may_read_password(&self, user: &User) -> bool {
        self.roles.caller.may_see_school(&user.school) && self.covers(user)
    }

    /// Returns whether a user who is changed may do more than before.
    pub fn gains(&self, before: &User, after: &User) -> bool {
        self.power(after).exceeds(&self.power(before))
    }

    /// Returns what the user may do, and where.
    pub fn power(&self, user: &User) -> Power {
        Power::of_user(user, self.schools.is_district(&user.school), &self.roles.roles.roles)
    }

    /// Returns all roles that these users have.
    pub fn roles_of<'u>(&self, users: impl IntoIterator<Item = &'u User>) -> Roles {
        Roles::union(users.into_iter().map(|user| user.roles_in_force(self.schools.is_district(&user.school))))
    }

    fn covers(&self, user: &User) -> bool {
        self.roles.covers(&self.roles_of([user]))
    }
}
