//! What the API answers when it can't do what it was asked: one error for each reason, with its status and texts.

use std::fmt;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use roster::Permission;
use roster::password::policy::Weakness;
use roster::role::RolesError;
use wire::http::Problem;

/// Why a request was not carried out. The messages are for the person who asked; those of [`Failure::Fault`] and
/// [`Failure::Busy`] say nothing of the cause, which goes to the log.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("This temporary password was used before.")]
    TemporaryUsed,
    #[error("This temporary password is too old: nobody signed in with it in time.")]
    TemporaryExpired,
    #[error("The current password is not right.")]
    WrongPassword,
    #[error("Your password was changed in the meantime.")]
    PasswordChanged,
    #[error("You can't reset your own password here.")]
    OwnReset,
    #[error("These passwords can no longer be read.")]
    PasswordsGone,
    #[error("You are not signed in, or your session has ended.")]
    NotSignedIn,
    #[error("The user name or the password is not right.")]
    WrongSignIn,
    #[error("Passwords don't open accounts here: your organisation signs in with its own provider.")]
    SingleSignOn,
    #[error("You may do more than when this password was given to you, so others could misuse it.")]
    PasswordOutgrown,
    #[error("There were too many attempts to sign in.")]
    SlowedDown { seconds: u64 },
    #[error("This user may do more than you.")]
    MayDoMore,
    #[error("Your roles do not allow this: {}.", .0.label())]
    NotAllowed(Permission),
    #[error("You can't approve what you uploaded yourself.")]
    OwnUpload,
    #[error("The plan makes or hands over accounts that may do more than you: {}.", .0.label())]
    HandsOutMore(Permission),
    #[error("The plan disables or removes accounts that may do more than you: {}.", .0.label())]
    ClosesMore(Permission),
    #[error("You can't change your own roles.")]
    OwnRoles,
    #[error("Your password is a temporary one.")]
    PasswordNotSet,
    #[error("Only a district administrator can do this.")]
    DistrictOnly,
    #[error("You can see the users of your own school only.")]
    OtherSchool,

    #[error("There is no such address.")]
    NoSuchAddress,
    #[error("This address can't be used in this way.")]
    NoSuchMethod,
    #[error("The request is not marked as JSON.")]
    NotJson,
    #[error("The request can't be read: {0}.")]
    Unreadable(String),
    #[error("The request is too long.")]
    TooLong,
    #[error("This place in the list is not known.")]
    CursorUnknown,

    #[error("There is no such {0}.")]
    Missing(Thing),
    #[error("The files and the plan of this upload are no longer kept.")]
    FilesGone,
    #[error("{0}")]
    Invalid(&'static str, &'static str),
    #[error(transparent)]
    Weak(#[from] Weakness),
    #[error("User names can't be made by this rule: {0}.")]
    UsernameRule(#[from] roster::username::RuleError),
    #[error(transparent)]
    Roles(#[from] RolesError),

    #[error("The provider of the single sign-on can't be used: {0}.")]
    ProviderUnreachable(String),
    #[error("Somebody else changed the settings while you were looking at them.")]
    SettingsChanged,
    #[error("Somebody else changed the roles while you were looking at them.")]
    RolesChanged,
    #[error("The external ID {0} belongs to another school.")]
    ExternalIdTaken(String),
    #[error("Somebody else changed the school while you were looking at it.")]
    SchoolChanged,
    #[error("The custom ID {0} belongs to another user.")]
    CustomIdTaken(String),
    #[error("The user was changed while you were looking at it.")]
    UserChanged,
    #[error(
        "The user was changed at the same moment and has the roles of before, but a new temporary password already."
    )]
    ResetOnly,
    #[error("The e-mail address {0} belongs to another member of staff by now.")]
    EmailTaken(String),
    #[error("The time in which the user could be recovered is over, and its personal fields are erased.")]
    Erased,

    #[error("The file is empty.")]
    FileEmpty,
    #[error("The file is larger than {} MiB.", .limit / 1024 / 1024)]
    FileTooLarge { limit: u64 },
    #[error("The plan is no longer the one that you looked at.")]
    PlanChanged,
    #[error("The plan can't be read: it was altered or taken away, or another version of Rollbook made it.")]
    PlanUnreadable(#[source] cloud::Error),
    #[error("The upload is not awaiting approval: it is {}.", .0.label())]
    NotAwaiting(wire::Status),
    #[error("The plan was approved before you decided.")]
    AlreadyApproved,
    #[error("The plan was rejected before you decided.")]
    AlreadyRejected,
    #[error("That is not the number of users that this plan removes.")]
    RemovalsDiffer,
    #[error("It is not said of every new custom ID that looks like a user who exists whether it is the same person.")]
    ChoicesMissing,
    #[error("Too many new custom IDs are decided otherwise than the rest.")]
    TooManyChoices,

    #[error("Rollbook is busy.")]
    Busy(#[source] cloud::Error),
    #[error("Something went wrong on our side.")]
    Fault(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What was asked for and isn't there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    School,
    User,
    Upload,
    File,
    Plan,
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Thing::School => "school",
            Thing::User => "user",
            Thing::Upload => "upload",
            Thing::File => "file",
            Thing::Plan => "plan",
        })
    }
}

impl Failure {
    /// The status, the word for programs, and what to do about it.
    fn terms(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Failure::NotSignedIn => (S::UNAUTHORIZED, "not_signed_in", "Sign in."),
            Failure::WrongSignIn => (
                S::UNAUTHORIZED,
                "wrong_sign_in",
                "Check both, and that Caps Lock is off. A disabled account can't sign in.",
            ),
            Failure::TemporaryUsed => (S::UNAUTHORIZED, "temporary_used", "Ask your school for a new one."),
            Failure::TemporaryExpired => (S::UNAUTHORIZED, "temporary_expired", "Ask your school for a new one."),
            Failure::PasswordOutgrown => (S::UNAUTHORIZED, "password_outgrown", "Ask your school for a new one."),
            // Not a 401: the session goes on.
            Failure::WrongPassword => (S::FORBIDDEN, "wrong_password", "Check it, and that Caps Lock is off."),
            Failure::PasswordChanged => {
                (S::CONFLICT, "password_changed", "Sign in again with the password that you have now.")
            }
            Failure::OwnReset => {
                (S::UNPROCESSABLE_ENTITY, "own_reset", "Change it on your profile, or ask another administrator.")
            }
            Failure::PasswordsGone => (S::GONE, "passwords_gone", "Reset them again if they are still needed."),
            Failure::SingleSignOn => {
                (S::FORBIDDEN, "single_sign_on", "Reload the page, and sign in with your organisation's account.")
            }
            Failure::SlowedDown { .. } => (S::TOO_MANY_REQUESTS, "slowed_down", ""),
            Failure::MayDoMore => (S::FORBIDDEN, "may_do_more", "Ask an administrator who may do as much to do it."),
            Failure::NotAllowed(_) => {
                (S::FORBIDDEN, "not_allowed", "Ask a district administrator to do it, or for the role.")
            }
            Failure::OwnUpload => {
                (S::FORBIDDEN, "own_upload", "Ask another administrator to look at the plan and approve it.")
            }
            Failure::HandsOutMore(_) => {
                (S::FORBIDDEN, "hands_out_more", "Ask an administrator who may do that to approve it.")
            }
            Failure::ClosesMore(_) => {
                (S::FORBIDDEN, "closes_more", "Ask an administrator who may do that to approve it.")
            }
            Failure::OwnRoles => (S::FORBIDDEN, "own_roles", "Ask another district administrator to do it."),
            Failure::PasswordNotSet => (S::FORBIDDEN, "password_not_set", "Set a password of your own first."),
            Failure::DistrictOnly => (S::FORBIDDEN, "district_only", "Ask one to do it."),
            Failure::OtherSchool => (S::FORBIDDEN, "other_school", "Choose your own school."),
            Failure::NoSuchAddress => (S::NOT_FOUND, "no_such_address", "Go back and reload the page."),
            Failure::NoSuchMethod => (S::METHOD_NOT_ALLOWED, "no_such_method", "Reload the page."),
            Failure::NotJson => {
                (S::UNSUPPORTED_MEDIA_TYPE, "not_json", "Send the header Content-Type: application/json.")
            }
            Failure::Unreadable(_) => (S::BAD_REQUEST, "unreadable", "Reload the page and try again."),
            Failure::TooLong => (S::PAYLOAD_TOO_LARGE, "too_long", "Shorten what you typed."),
            Failure::CursorUnknown => (S::BAD_REQUEST, "cursor_unknown", "Reload the list."),
            Failure::Missing(Thing::Plan) => {
                (S::NOT_FOUND, "not_found", "Wait until the upload has been checked, or see why it failed.")
            }
            Failure::FilesGone => (
                S::GONE,
                "files_gone",
                "Its counts stay in the history; the page Settings says for how many days files are kept.",
            ),
            Failure::Missing(_) => (S::NOT_FOUND, "not_found", "Go back to the list and reload it."),
            Failure::Invalid(_, hint) => (S::UNPROCESSABLE_ENTITY, "invalid", hint),
            Failure::Weak(weakness) => (S::UNPROCESSABLE_ENTITY, "invalid", weakness.hint()),
            Failure::ProviderUnreachable(_) => (
                S::UNPROCESSABLE_ENTITY,
                "provider_unreachable",
                "Check the address; the provider's own help calls it the issuer.",
            ),
            Failure::UsernameRule(_) => (
                S::UNPROCESSABLE_ENTITY,
                "username_rule",
                "Correct the rule; the page Settings shows what it would give.",
            ),
            Failure::Roles(error) => (S::UNPROCESSABLE_ENTITY, "invalid", error.hint()),
            Failure::RolesChanged => (S::CONFLICT, "roles_changed", "Reload the page, and make your change again."),
            Failure::SettingsChanged => {
                (S::CONFLICT, "settings_changed", "Reload the page, and make your change again.")
            }
            Failure::ExternalIdTaken(_) => {
                (S::CONFLICT, "external_id_taken", "Choose another one, or change that school's first.")
            }
            Failure::CustomIdTaken(_) => {
                (S::CONFLICT, "custom_id_taken", "Check whether they are one person; else choose another one.")
            }
            Failure::SchoolChanged => (S::CONFLICT, "school_changed", "Reload the page, and make your change again."),
            Failure::UserChanged => (S::CONFLICT, "user_changed", "Reload the page, and make your change again."),
            Failure::ResetOnly => (
                S::CONFLICT,
                "reset_only",
                "Reload the page, and give the roles again. Whoever may see passwords finds the new one on the page \
                 Passwords.",
            ),
            Failure::EmailTaken(_) => {
                (S::CONFLICT, "email_taken", "Change that user's address with a roster first, then recover this one.")
            }
            Failure::Erased => (
                S::GONE,
                "erased",
                "Upload a roster that has the custom ID: the user comes back with the same GUID and user name.",
            ),
            Failure::FileEmpty => {
                (S::UNPROCESSABLE_ENTITY, "file_empty", "Export the roster again and choose the new file.")
            }
            Failure::FileTooLarge { .. } => (
                S::UNPROCESSABLE_ENTITY,
                "file_too_large",
                "Check that it is the right file; split a larger roster by school and upload the parts as partial syncs.",
            ),
            Failure::PlanChanged => (S::CONFLICT, "plan_changed", "Reload the page and look at the plan again."),
            Failure::PlanUnreadable(_) => (
                S::CONFLICT,
                "plan_unreadable",
                "If it waits for approval, reject it and upload the file again; tell whoever runs Rollbook of it.",
            ),
            Failure::NotAwaiting(_) => (S::CONFLICT, "not_awaiting", "Reload the page."),
            Failure::AlreadyApproved => (S::CONFLICT, "already_approved", "Reload the page."),
            Failure::AlreadyRejected => (S::CONFLICT, "already_rejected", "Reload the page."),
            Failure::RemovalsDiffer => (
                S::UNPROCESSABLE_ENTITY,
                "removals_differ",
                "Look at the plan again, and type how many users it removes.",
            ),
            Failure::ChoicesMissing => {
                (S::UNPROCESSABLE_ENTITY, "choices_missing", "Look at the plan again, and choose for each of them.")
            }
            Failure::TooManyChoices => (
                S::UNPROCESSABLE_ENTITY,
                "too_many_choices",
                "Reject the plan, and upload the rows that are to be treated otherwise by themselves.",
            ),
            Failure::Busy(_) => (S::SERVICE_UNAVAILABLE, "busy", "Wait a moment and try again."),
            Failure::Fault(_) => (
                S::INTERNAL_SERVER_ERROR,
                "fault",
                "Try again. If it stays so, tell whoever runs Rollbook what you did and when.",
            ),
        }
    }

    /// The error as the API says it.
    pub fn problem(&self) -> Problem {
        let (_, code, hint) = self.terms();
        let hint = match self {
            Failure::SlowedDown { seconds } => format!("Wait {} and try again.", in_words(*seconds)),
            _ => hint.to_owned(),
        };
        Problem { code: code.to_owned(), message: self.to_string(), hint: Some(hint) }
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.terms().0
    }
}

/// What DynamoDB and S3 say when they have too much to do.
const PASSING: [&str; 6] = [
    "TransactionConflictException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "InternalServerError",
    "SlowDown",
];

impl From<cloud::Error> for Failure {
    fn from(error: cloud::Error) -> Failure {
        match &error {
            cloud::Error::Altered(_) | cloud::Error::OtherVersion(_) => Failure::PlanUnreadable(error),
            cloud::Error::Contended(_) | cloud::Error::Request { code: None, .. } => Failure::Busy(error),
            cloud::Error::Request { code: Some(code), .. } if PASSING.contains(&code.as_str()) => Failure::Busy(error),
            _ => Failure::Fault(error.into()),
        }
    }
}

impl From<getrandom::Error> for Failure {
    fn from(error: getrandom::Error) -> Failure {
        Failure::Fault(error.into())
    }
}

impl From<tokio::task::JoinError> for Failure {
    fn from(error: tokio::task::JoinError) -> Failure {
        Failure::Fault(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match &self {
            Failure::Fault(source) => tracing::error!(error = %source, "request failed"),
            Failure::PlanUnreadable(source) => tracing::error!(error = %source, "request failed"),
            Failure::Busy(source) => tracing::warn!(error = %source, "request failed"),
            _ => {}
        }
        let mut response = (self.status(), Json(self.problem())).into_response();
        if let Failure::SlowedDown { seconds } = self {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

fn in_words(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=99 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_failure() -> Vec<Failure> {
        vec![
            Failure::NotSignedIn,
            Failure::WrongSignIn,
            Failure::TemporaryUsed,
            Failure::TemporaryExpired,
            Failure::PasswordOutgrown,
            Failure::WrongPassword,
            Failure::PasswordChanged,
            Failure::OwnReset,
            Failure::PasswordsGone,
            Failure::SingleSignOn,
            Failure::SlowedDown { seconds: 30 },
            Failure::SlowedDown { seconds: 480 },
            Failure::MayDoMore,
            Failure::NotAllowed(Permission::Upload),
            Failure::OwnUpload,
            Failure::HandsOutMore(Permission::Approve),
            Failure::ClosesMore(Permission::Approve),
            Failure::OwnRoles,
            Failure::PasswordNotSet,
            Failure::DistrictOnly,
            Failure::OtherSchool,
            Failure::NoSuchAddress,
            Failure::NoSuchMethod,
            Failure::NotJson,
            Failure::Unreadable("missing field `name`".to_owned()),
            Failure::TooLong,
            Failure::CursorUnknown,
            Failure::Missing(Thing::School),
            Failure::Missing(Thing::Plan),
            Failure::Invalid("The name is empty.", "Type one."),
            Failure::Weak(Weakness::TooShort),
            Failure::ProviderUnreachable("it answers 404".to_owned()),
            Failure::Roles(RolesError::TooMany),
            Failure::SettingsChanged,
            Failure::RolesChanged,
            Failure::ExternalIdTaken("10001".to_owned()),
            Failure::CustomIdTaken("00123".to_owned()),
            Failure::SchoolChanged,
            Failure::UserChanged,
            Failure::ResetOnly,
            Failure::EmailTaken("tom@contoso.example".to_owned()),
            Failure::Erased,
            Failure::FileEmpty,
            Failure::FileTooLarge { limit: 256 * 1024 * 1024 },
            Failure::PlanChanged,
            Failure::PlanUnreadable(cloud::Error::Altered("the plan".to_owned())),
            Failure::NotAwaiting(wire::Status::CompletedWithErrors),
            Failure::AlreadyApproved,
            Failure::AlreadyRejected,
            Failure::RemovalsDiffer,
            Failure::ChoicesMissing,
            Failure::TooManyChoices,
            Failure::Busy(cloud::Error::Contended("the school")),
            Failure::Fault("the bucket does not answer".into()),
        ]
    }

    #[test]
    fn every_failure_says_what_is_wrong_and_what_to_do() {
        let texts = every_failure().into_iter().map(|failure| {
            let Problem { code, message, hint } = failure.problem();
            format!("{} {code}: {message} {}\n", failure.status().as_u16(), hint.unwrap_or_default())
        });
        insta::assert_snapshot!(texts.collect::<String>(), @r"
        401 not_signed_in: You are not signed in, or your session has ended. Sign in.
        401 wrong_sign_in: The user name or the password is not right. Check both, and that Caps Lock is off. A disabled account can't sign in.
        401 temporary_used: This temporary password was used before. Ask your school for a new one.
        401 temporary_expired: This temporary password is too old: nobody signed in with it in time. Ask your school for a new one.
        401 password_outgrown: You may do more than when this password was given to you, so others could misuse it. Ask your school for a new one.
        403 wrong_password: The current password is not right. Check it, and that Caps Lock is off.
        409 password_changed: Your password was changed in the meantime. Sign in again with the password that you have now.
        422 own_reset: You can't reset your own password here. Change it on your profile, or ask another administrator.
        410 passwords_gone: These passwords can no longer be read. Reset them again if they are still needed.
        403 single_sign_on: Passwords don't open accounts here: your organisation signs in with its own provider. Reload the page, and sign in with your organisation's account.
        429 slowed_down: There were too many attempts to sign in. Wait 30 seconds and try again.
        429 slowed_down: There were too many attempts to sign in. Wait 8 minutes and try again.
        403 may_do_more: This user may do more than you. Ask an administrator who may do as much to do it.
        403 not_allowed: Your roles do not allow this: Upload rosters. Ask a district administrator to do it, or for the role.
        403 own_upload: You can't approve what you uploaded yourself. Ask another administrator to look at the plan and approve it.
        403 hands_out_more: The plan makes or hands over accounts that may do more than you: Approve and reject plans. Ask an administrator who may do that to approve it.
        403 closes_more: The plan disables or removes accounts that may do more than you: Approve and reject plans. Ask an administrator who may do that to approve it.
        403 own_roles: You can't change your own roles. Ask another district administrator to do it.
        403 password_not_set: Your password is a temporary one. Set a password of your own first.
        403 district_only: Only a district administrator can do this. Ask one to do it.
        403 other_school: You can see the users of your own school only. Choose your own school.
        404 no_such_address: There is no such address. Go back and reload the page.
        405 no_such_method: This address can't be used in this way. Reload the page.
        415 not_json: The request is not marked as JSON. Send the header Content-Type: application/json.
        400 unreadable: The request can't be read: missing field `name`. Reload the page and try again.
        413 too_long: The request is too long. Shorten what you typed.
        400 cursor_unknown: This place in the list is not known. Reload the list.
        404 not_found: There is no such school. Go back to the list and reload it.
        404 not_found: There is no such plan. Wait until the upload has been checked, or see why it failed.
        422 invalid: The name is empty. Type one.
        422 invalid: The password is too short. Take at least 8 characters. Three or four words that don't belong together are easy to remember.
        422 provider_unreachable: The provider of the single sign-on can't be used: it answers 404. Check the address; the provider's own help calls it the issuer.
        422 invalid: There are more than 50 roles. Delete one that nobody needs first.
        409 settings_changed: Somebody else changed the settings while you were looking at them. Reload the page, and make your change again.
        409 roles_changed: Somebody else changed the roles while you were looking at them. Reload the page, and make your change again.
        409 external_id_taken: The external ID 10001 belongs to another school. Choose another one, or change that school's first.
        409 custom_id_taken: The custom ID 00123 belongs to another user. Check whether they are one person; else choose another one.
        409 school_changed: Somebody else changed the school while you were looking at it. Reload the page, and make your change again.
        409 user_changed: The user was changed while you were looking at it. Reload the page, and make your change again.
        409 reset_only: The user was changed at the same moment and has the roles of before, but a new temporary password already. Reload the page, and give the roles again. Whoever may see passwords finds the new one on the page Passwords.
        409 email_taken: The e-mail address tom@contoso.example belongs to another member of staff by now. Change that user's address with a roster first, then recover this one.
        410 erased: The time in which the user could be recovered is over, and its personal fields are erased. Upload a roster that has the custom ID: the user comes back with the same GUID and user name.
        422 file_empty: The file is empty. Export the roster again and choose the new file.
        422 file_too_large: The file is larger than 256 MiB. Check that it is the right file; split a larger roster by school and upload the parts as partial syncs.
        409 plan_changed: The plan is no longer the one that you looked at. Reload the page and look at the plan again.
        409 plan_unreadable: The plan can't be read: it was altered or taken away, or another version of Rollbook made it. If it waits for approval, reject it and upload the file again; tell whoever runs Rollbook of it.
        409 not_awaiting: The upload is not awaiting approval: it is Completed with Errors. Reload the page.
        409 already_approved: The plan was approved before you decided. Reload the page.
        409 already_rejected: The plan was rejected before you decided. Reload the page.
        422 removals_differ: That is not the number of users that this plan removes. Look at the plan again, and type how many users it removes.
        422 choices_missing: It is not said of every new custom ID that looks like a user who exists whether it is the same person. Look at the plan again, and choose for each of them.
        422 too_many_choices: Too many new custom IDs are decided otherwise than the rest. Reject the plan, and upload the rows that are to be treated otherwise by themselves.
        503 busy: Rollbook is busy. Wait a moment and try again.
        500 fault: Something went wrong on our side. Try again. If it stays so, tell whoever runs Rollbook what you did and when.
        ");
    }
}
