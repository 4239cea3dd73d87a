//! Who may make a request at all. Every route in `routes.rs` has its [`Access`].

use roster::Permission;

use crate::auth::caller::Caller;
use crate::error::Failure;

/// What a route asks of those who use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody: signing in, and nothing else.
    Anybody,
    /// Everybody who is signed in, also before they have set a password of their own.
    SignedIn,
    /// Whoever has a role with the permission. What they see of it depends on their school.
    May(Permission),
    /// Whoever has one of the two. What they see of it depends on which, too.
    MayEither(Permission, Permission),
    /// As with [`Access::May`], but it is about the whole organisation, so only users of the district office.
    MayForAll(Permission),
    /// The same with two permissions.
    MayBothForAll(Permission, Permission),
}

/// Who may be the one who asks: people with a session, or programs with an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    People,
    PeopleAndKeys,
    Keys,
}

impl Callers {
    /// Checks that the caller is one of those.
    ///
    /// # Errors
    ///
    /// [`Failure::PersonNeeded`] or [`Failure::KeyNeeded`].
    pub fn check(self, caller: &Caller) -> Result<(), Failure> {
        match (self, &caller.key) {
            (Callers::People, Some(_)) => Err(Failure::PersonNeeded),
            (Callers::Keys, None) => Err(Failure::KeyNeeded),
            (Callers::People, None) | (Callers::Keys, Some(_)) | (Callers::PeopleAndKeys, _) => Ok(()),
        }
    }
}

impl Access {
    /// Checks whether the caller may make such a request.
    ///
    /// On whom they may act is for `authority.rs` to say.
    ///
    /// # Errors
    ///
    /// [`Failure::PasswordNotSet`], [`Failure::KeyNoApproval`], [`Failure::NotAllowed`] or [`Failure::DistrictOnly`],
    /// whichever says what the caller lacks.
    pub fn check(self, caller: &Caller) -> Result<(), Failure> {
        let (needed, for_all) = match self {
            Access::Anybody | Access::SignedIn => return Ok(()),
            Access::May(permission) => (vec![permission], false),
            // Whoever has neither is told of the one that reaches further.
            Access::MayEither(one, other) => (vec![if caller.may(other) { other } else { one }], false),
            Access::MayForAll(permission) => (vec![permission], true),
            Access::MayBothForAll(one, other) => (vec![one, other], true),
        };
        if caller.must_set_password {
            return Err(Failure::PasswordNotSet);
        }
        if let Some(lacking) = needed.into_iter().find(|needed| !caller.may(*needed)) {
            let is_of_key = caller.key.as_ref().is_some_and(|acting| !acting.key.may_decide());
            if lacking == Permission::Approve && is_of_key {
                return Err(Failure::KeyNoApproval);
            }
            return Err(Failure::NotAllowed { permission: lacking });
        }
        if for_all && caller.school.is_some() { Err(Failure::DistrictOnly) } else { Ok(()) }
    }
}
