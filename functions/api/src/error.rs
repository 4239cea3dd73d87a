//! What the API answers when it can't do what it was asked: one error for each reason, with its status and texts.

use std::error::Error;
use std::fmt;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use roster::password_policy::Weakness;
use roster::role::RolesError;
use roster::username::RuleError;
use roster::{Mode, Permission};
use wire::Status;
use wire::http::Problem;

// Each variant has its fields, each with an example for the test that shows all texts, then the status, the word for
// programs, what is wrong, and what to do about it. Both texts are formats that may name the fields.
macro_rules! failures {
    ($(
        $variant:ident $({ $($(#[$meta:meta])* $field:ident: $type:ty = $example:expr),+ $(,)? })? $status:ident $code:literal {
            $message:literal $(, $message_value:expr)*;
            $hint:literal $(, $hint_value:expr)*;
        }
    )+) => {
        /// Why a request was not carried out.
        ///
        /// The messages are for the person who asked; those of [`Failure::Fault`] and [`Failure::Busy`] say nothing of
        /// the cause, which goes to the log.
        #[derive(Debug, thiserror::Error)]
        pub enum Failure {
            $(
                #[error($message $(, $message_value)*)]
                $variant $({ $($(#[$meta])* $field: $type),+ })?,
            )+
        }

        impl Failure {
            /// Returns the status of the answer.
            pub fn status(&self) -> StatusCode {
                match self { $(Failure::$variant { .. } => StatusCode::$status),+ }
            }

            /// Returns the word for programs.
            pub fn code(&self) -> &'static str {
                match self { $(Failure::$variant { .. } => $code),+ }
            }

            /// Returns what the person who asked can do about it.
            pub fn hint(&self) -> String {
                match self {
                    $(Failure::$variant { $($($field),+)? } => {
                        // Not every hint names every field.
                        $($(let _ = $field;)+)?
                        fmt::format(format_args!($hint $(, $hint_value)*))
                    })+
                }
            }

            /// Returns an example of every failure.
            #[cfg(test)]
            fn examples() -> Vec<Failure> {
                vec![$(Failure::$variant $({ $($field: $example),+ })?),+]
            }
        }
    };
}

failures! {
    NotSignedIn UNAUTHORIZED "not_signed_in" {
        "You are not signed in, or your session has ended.";
        "Sign in.";
    }
    WrongSignIn UNAUTHORIZED "wrong_sign_in" {
        "The user name or the password is not right.";
        "Check both, and that Caps Lock is off. A disabled account can't sign in.";
    }
    TemporaryUsed UNAUTHORIZED "temporary_used" {
        "This temporary password was used before.";
        "Ask your school for a new one.";
    }
    TemporaryExpired UNAUTHORIZED "temporary_expired" {
        "This temporary password is too old: nobody signed in with it in time.";
        "Ask your school for a new one.";
    }
    PasswordOutgrown UNAUTHORIZED "password_outgrown" {
        "You may do more than when this password was given to you, so others could misuse it.";
        "Ask your school for a new one.";
    }
    // Not a 401: the session goes on.
    WrongPassword FORBIDDEN "wrong_password" {
        "The current password is not right.";
        "Check it, and that Caps Lock is off.";
    }
    PasswordChanged CONFLICT "password_changed" {
        "Your password was changed in the meantime.";
        "Sign in again with the password that you have now.";
    }
    OwnReset UNPROCESSABLE_ENTITY "own_reset" {
        "You can't reset your own password here.";
        "Change it on your profile, or ask another administrator.";
    }
    PasswordsGone GONE "passwords_gone" {
        "These passwords can no longer be read.";
        "Reset them again if they are still needed.";
    }
    SingleSignOn FORBIDDEN "single_sign_on" {
        "Passwords don't open accounts here: your organisation signs in with its own provider.";
        "Reload the page, and sign in with your organisation's account.";
    }
    KeyUnknown UNAUTHORIZED "key_unknown" {
        "This API key is not known: it was copied wrong, or it was ended long ago.";
        "Copy it again where it is kept, or have a new one made on the page Settings, API keys.";
    }
    KeyEnded UNAUTHORIZED "key_ended" {
        "This API key was ended.";
        "Have a new one made on the page Settings, API keys.";
    }
    KeyExpired UNAUTHORIZED "key_expired" {
        "This API key has expired.";
        "Have a new one made on the page Settings, API keys.";
    }
    KeyMakerGone UNAUTHORIZED "key_maker_gone" {
        "Whoever made this API key can't sign in any more, or is now at another school, so it does nothing.";
        "Have a new one made by somebody who may, on the page Settings, API keys.";
    }
    KeysOff FORBIDDEN "keys_off" {
        "API keys are switched off in the settings.";
        "Ask a district administrator to switch them on, on the page Settings, API keys.";
    }
    PersonNeeded FORBIDDEN "person_needed" {
        "This can't be done with an API key.";
        "Sign in on the page and do it there.";
    }
    KeyNeeded FORBIDDEN "key_needed" {
        "This address is for programs with an API key.";
        "Use the page instead, or make a key on the page Settings, API keys.";
    }
    KeyOtherMode { mode: Mode = Mode::Full } FORBIDDEN "key_other_mode" {
        "This API key does not send files for this kind of sync, {}.", mode.as_str();
        "Use a key that was made for it; the page Settings, API keys, says what each one is for.";
    }
    KeyOtherSource FORBIDDEN "key_other_source" {
        "This API key does not send files of this source.";
        "Use a key that was made for it; the page Settings, API keys, says what each one is for.";
    }
    KeyNoApproval FORBIDDEN "key_no_approval" {
        "This API key may not approve or reject plans, whatever its maker may.";
        "Decide on the page of the upload, or use a key that was made with the tick for approving, on the page Settings, API keys.";
    }
    KeyLimit { limit: usize = 50 } UNPROCESSABLE_ENTITY "key_limit" {
        "You have made {limit} API keys that can be used.";
        "End one that nobody needs first.";
    }
    SlowedDown { seconds: u64 = 30 } TOO_MANY_REQUESTS "slowed_down" {
        "There were too many attempts to sign in.";
        "Wait {} and try again.", in_words(*seconds);
    }
    MayDoMore FORBIDDEN "may_do_more" {
        "This user may do more than you.";
        "Ask an administrator who may do as much to do it.";
    }
    NotAllowed { permission: Permission = Permission::Upload } FORBIDDEN "not_allowed" {
        "Your roles do not allow this: {}.", permission.label();
        "Ask a district administrator to do it, or for the role.";
    }
    OwnUpload FORBIDDEN "own_upload" {
        "You can't approve what you uploaded yourself.";
        "Ask another administrator to look at the plan and approve it.";
    }
    HandsOutMore { permission: Permission = Permission::Approve } FORBIDDEN "hands_out_more" {
        "The plan makes or hands over accounts that may do more than you: {}.", permission.label();
        "Ask an administrator who may do that to approve it.";
    }
    ClosesMore { permission: Permission = Permission::Approve } FORBIDDEN "closes_more" {
        "The plan disables or removes accounts that may do more than you: {}.", permission.label();
        "Ask an administrator who may do that to approve it.";
    }
    OwnRoles FORBIDDEN "own_roles" {
        "You can't change your own roles.";
        "Ask another district administrator to do it.";
    }
    PasswordNotSet FORBIDDEN "password_not_set" {
        "Your password is a temporary one.";
        "Set a password of your own first.";
    }
    DistrictOnly FORBIDDEN "district_only" {
        "Only a district administrator can do this.";
        "Ask one to do it.";
    }
    OtherSchool FORBIDDEN "other_school" {
        "You can see the users of your own school only.";
        "Choose your own school.";
    }

    NoSuchAddress NOT_FOUND "no_such_address" {
        "There is no such address.";
        "Go back and reload the page.";
    }
    NoSuchMethod METHOD_NOT_ALLOWED "no_such_method" {
        "This address can't be used in this way.";
        "Reload the page.";
    }
    NotJson UNSUPPORTED_MEDIA_TYPE "not_json" {
        "The request is not marked as JSON.";
        "Send the header Content-Type: application/json.";
    }
    Unreadable { reason: String = "missing field `name`".to_owned() } BAD_REQUEST "unreadable" {
        "The request can't be read: {reason}.";
        "Reload the page and try again.";
    }
    TooLong PAYLOAD_TOO_LARGE "too_long" {
        "The request is too long.";
        "Shorten what you typed.";
    }
    CursorUnknown BAD_REQUEST "cursor_unknown" {
        "This place in the list is not known.";
        "Reload the list.";
    }

    Missing { thing: Thing = Thing::School } NOT_FOUND "not_found" {
        "There is no such {thing}.";
        "{}", thing.hint();
    }
    FilesGone GONE "files_gone" {
        "The files and the plan of this upload are no longer kept.";
        "Its counts stay in the history; the page Settings says for how many days files are kept.";
    }
    Invalid {
        message: &'static str = "The name is empty.",
        hint: &'static str = "Type one.",
    } UNPROCESSABLE_ENTITY "invalid" {
        "{message}";
        "{hint}";
    }
    Mapping { problem: String = "The mapping \u{201c}PowerSchool\u{201d}: Nobody has a name.".to_owned(), hint: String = "Choose where last_name comes from.".to_owned() } UNPROCESSABLE_ENTITY "invalid_mapping" {
        "{problem}";
        "{hint}";
    }
    Weak { #[from] source: Weakness = Weakness::TooShort } UNPROCESSABLE_ENTITY "invalid" {
        "{source}";
        "{}", source.hint();
    }
    UsernameRule { #[from] source: RuleError = RuleError::TooLong } UNPROCESSABLE_ENTITY "username_rule" {
        "User names can't be made by this rule: {source}.";
        "Correct the rule; the page Settings shows what it would give.";
    }
    ProviderUnreachable { reason: String = "it answers 404".to_owned() } UNPROCESSABLE_ENTITY "provider_unreachable" {
        "The provider of the single sign-on can't be used: {reason}.";
        "Check the address; the provider's own help calls it the issuer.";
    }
    Roles { #[from] source: RolesError = RolesError::TooMany } UNPROCESSABLE_ENTITY "invalid" {
        "{source}";
        "{}", source.hint();
    }

    SettingsChanged CONFLICT "settings_changed" {
        "Somebody else changed the settings while you were looking at them.";
        "Reload the page, and make your change again.";
    }
    RolesChanged CONFLICT "roles_changed" {
        "Somebody else changed the roles while you were looking at them.";
        "Reload the page, and make your change again.";
    }
    ExternalIdTaken { external_id: String = "10001".to_owned() } CONFLICT "external_id_taken" {
        "The external ID {external_id} belongs to another school.";
        "Choose another one, or change that school's first.";
    }
    CustomIdTaken { custom_id: String = "00123".to_owned() } CONFLICT "custom_id_taken" {
        "The custom ID {custom_id} belongs to another user.";
        "Check whether they are one person; else choose another one.";
    }
    SchoolChanged CONFLICT "school_changed" {
        "Somebody else changed the school while you were looking at it.";
        "Reload the page, and make your change again.";
    }
    UserChanged CONFLICT "user_changed" {
        "The user was changed while you were looking at it.";
        "Reload the page, and make your change again.";
    }
    ClassChanged CONFLICT "class_changed" {
        "The class was changed while you were looking at it.";
        "Reload the page, and look at it again.";
    }
    RestoreOver GONE "restore_over" {
        "The time in which the class could be restored is over.";
        "Upload a roster that has the class as active: it comes back with the same GUID.";
    }
    ResetOnly CONFLICT "reset_only" {
        "The user was changed at the same moment and has the roles of before, but a new temporary password already.";
        "Reload the page, and give the roles again. Whoever may see passwords finds the new one on the page Passwords.";
    }
    EmailTaken { email: String = "tom@contoso.example".to_owned() } CONFLICT "email_taken" {
        "The e-mail address {email} belongs to another member of staff by now.";
        "Change that user's address with a roster first, then recover this one.";
    }
    Erased GONE "erased" {
        "The time in which the user could be recovered is over, and its personal fields are erased.";
        "Upload a roster that has the custom ID: the user comes back with the same GUID and user name.";
    }

    FileEmpty UNPROCESSABLE_ENTITY "file_empty" {
        "The file is empty.";
        "Export the roster again and choose the new file.";
    }
    FileTooLarge { limit: u64 = 256 * 1024 * 1024 } UNPROCESSABLE_ENTITY "file_too_large" {
        "The file is larger than {} MiB.", limit / 1024 / 1024;
        "Check that it is the right file; split a larger roster by school and upload the parts as partial syncs.";
    }
    SheetTooLong UNPROCESSABLE_ENTITY "sheet_too_long" {
        "There are more rows than are written into a workbook, which is 400,000.";
        "Download CSV, or one school at a time.";
    }
    PlanChanged CONFLICT "plan_changed" {
        "The plan is no longer the one that you looked at.";
        "Reload the page and look at the plan again.";
    }
    PlanUnreadable { source: cloud::Error = cloud::Error::Altered("the plan".to_owned()) } CONFLICT "plan_unreadable" {
        "The plan can't be read: it was altered or taken away, or another version of Rollbook made it.";
        "If it waits for approval, reject it and upload the file again; tell whoever runs Rollbook of it.";
    }
    NotAwaiting { status: Status = Status::CompletedWithErrors } CONFLICT "not_awaiting" {
        "The upload is not awaiting approval: it is {}.", status.label();
        "Reload the page.";
    }
    NotPaused { status: Status = Status::Completed } CONFLICT "not_paused" {
        "The upload does not wait for the end of a pause: it is {}.", status.label();
        "Reload the page.";
    }
    AlreadyApproved CONFLICT "already_approved" {
        "The plan was approved before you decided.";
        "Reload the page.";
    }
    AlreadyRejected CONFLICT "already_rejected" {
        "The plan was rejected before you decided.";
        "Reload the page.";
    }
    RemovalsDiffer UNPROCESSABLE_ENTITY "removals_differ" {
        "That is not the number of users that this plan removes.";
        "Look at the plan again, and type how many users it removes.";
    }
    ChoicesMissing UNPROCESSABLE_ENTITY "choices_missing" {
        "It is not said of every new custom ID that looks like a user who exists whether it is the same person.";
        "Look at the plan again, and choose for each of them.";
    }
    TooManyChoices UNPROCESSABLE_ENTITY "too_many_choices" {
        "Too many new custom IDs are decided otherwise than the rest.";
        "Reject the plan, and upload the rows that are to be treated otherwise by themselves.";
    }

    Busy { source: cloud::Error = cloud::Error::Contended("the school") } SERVICE_UNAVAILABLE "busy" {
        "Rollbook is busy.";
        "Wait a moment and try again.";
    }
    Fault { source: Box<dyn Error + Send + Sync> = "the bucket does not answer".into() } INTERNAL_SERVER_ERROR "fault" {
        "Something went wrong on our side.";
        "Try again. If it stays so, tell whoever runs Rollbook what you did and when.";
    }
}

/// What was asked for and isn't there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    School,
    User,
    Class,
    Upload,
    File,
    Plan,
    Key,
    Webhook,
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Thing::School => "school",
            Thing::User => "user",
            Thing::Class => "class",
            Thing::Upload => "upload",
            Thing::File => "file",
            Thing::Plan => "plan",
            Thing::Key => "API key",
            Thing::Webhook => "webhook",
        })
    }
}

impl Thing {
    /// Returns what to do where it is missing.
    fn hint(self) -> &'static str {
        match self {
            Thing::Plan => "Wait until the upload has been checked, or see why it failed.",
            Thing::School | Thing::User | Thing::Class | Thing::Upload | Thing::File | Thing::Key | Thing::Webhook => {
                "Go back to the list and reload it."
            }
        }
    }
}

impl Failure {
    /// Returns the error as the API says it.
    pub fn problem(&self) -> Problem {
        Problem { code: self.code().to_owned(), message: self.to_string(), hint: Some(self.hint()) }
    }
}

impl From<cloud::Error> for Failure {
    fn from(error: cloud::Error) -> Failure {
        match error {
            cloud::Error::Altered(_) | cloud::Error::OtherVersion { .. } => Failure::PlanUnreadable { source: error },
            _ if error.is_transient() => Failure::Busy { source: error },
            _ => Failure::Fault { source: error.into() },
        }
    }
}

impl From<runtime::passwords::HashError> for Failure {
    fn from(error: runtime::passwords::HashError) -> Failure {
        Failure::Fault { source: error.into() }
    }
}

impl From<getrandom::Error> for Failure {
    fn from(error: getrandom::Error) -> Failure {
        Failure::Fault { source: error.into() }
    }
}

impl From<tokio::task::JoinError> for Failure {
    fn from(error: tokio::task::JoinError) -> Failure {
        Failure::Fault { source: error.into() }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match &self {
            Failure::Fault { source } => tracing::error!(error = %source, "request failed"),
            Failure::PlanUnreadable { source } => tracing::error!(error = %source, "request failed"),
            Failure::Busy { source } => tracing::warn!(error = %source, "request failed"),
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

    #[test]
    fn a_table_or_a_bucket_that_is_busy_is_worth_another_try() {
        let codes = ["TransactionConflictException", "ThrottlingException", "ProvisionedThroughputExceededException"];
        let codes = codes.into_iter().chain(["InternalServerError", "SlowDown", "ServiceUnavailable"]);
        let requests = codes.map(|code| cloud::Error::Request { code: Some(code.to_owned()), message: String::new() });
        for error in requests.chain([cloud::Error::Contended("an item of a transaction")]) {
            let failure = Failure::from(error);
            assert_eq!((failure.status(), failure.code()), (StatusCode::SERVICE_UNAVAILABLE, "busy"), "{failure:?}");
        }
    }

    #[test]
    fn every_failure_says_what_is_wrong_and_what_to_do() {
        let others = [Failure::SlowedDown { seconds: 480 }, Failure::Missing { thing: Thing::Plan }];
        let texts = Failure::examples().into_iter().chain(others).map(|failure| {
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
        401 key_unknown: This API key is not known: it was copied wrong, or it was ended long ago. Copy it again where it is kept, or have a new one made on the page Settings, API keys.
        401 key_ended: This API key was ended. Have a new one made on the page Settings, API keys.
        401 key_expired: This API key has expired. Have a new one made on the page Settings, API keys.
        401 key_maker_gone: Whoever made this API key can't sign in any more, or is now at another school, so it does nothing. Have a new one made by somebody who may, on the page Settings, API keys.
        403 keys_off: API keys are switched off in the settings. Ask a district administrator to switch them on, on the page Settings, API keys.
        403 person_needed: This can't be done with an API key. Sign in on the page and do it there.
        403 key_needed: This address is for programs with an API key. Use the page instead, or make a key on the page Settings, API keys.
        403 key_other_mode: This API key does not send files for this kind of sync, full. Use a key that was made for it; the page Settings, API keys, says what each one is for.
        403 key_other_source: This API key does not send files of this source. Use a key that was made for it; the page Settings, API keys, says what each one is for.
        403 key_no_approval: This API key may not approve or reject plans, whatever its maker may. Decide on the page of the upload, or use a key that was made with the tick for approving, on the page Settings, API keys.
        422 key_limit: You have made 50 API keys that can be used. End one that nobody needs first.
        429 slowed_down: There were too many attempts to sign in. Wait 30 seconds and try again.
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
        410 files_gone: The files and the plan of this upload are no longer kept. Its counts stay in the history; the page Settings says for how many days files are kept.
        422 invalid: The name is empty. Type one.
        422 invalid_mapping: The mapping “PowerSchool”: Nobody has a name. Choose where last_name comes from.
        422 invalid: The password is too short. Take at least 8 characters. Three or four words that don't belong together are easy to remember.
        422 username_rule: User names can't be made by this rule: a user name has at most 64 characters. Correct the rule; the page Settings shows what it would give.
        422 provider_unreachable: The provider of the single sign-on can't be used: it answers 404. Check the address; the provider's own help calls it the issuer.
        422 invalid: There are more than 50 roles. Delete one that nobody needs first.
        409 settings_changed: Somebody else changed the settings while you were looking at them. Reload the page, and make your change again.
        409 roles_changed: Somebody else changed the roles while you were looking at them. Reload the page, and make your change again.
        409 external_id_taken: The external ID 10001 belongs to another school. Choose another one, or change that school's first.
        409 custom_id_taken: The custom ID 00123 belongs to another user. Check whether they are one person; else choose another one.
        409 school_changed: Somebody else changed the school while you were looking at it. Reload the page, and make your change again.
        409 user_changed: The user was changed while you were looking at it. Reload the page, and make your change again.
        409 class_changed: The class was changed while you were looking at it. Reload the page, and look at it again.
        410 restore_over: The time in which the class could be restored is over. Upload a roster that has the class as active: it comes back with the same GUID.
        409 reset_only: The user was changed at the same moment and has the roles of before, but a new temporary password already. Reload the page, and give the roles again. Whoever may see passwords finds the new one on the page Passwords.
        409 email_taken: The e-mail address tom@contoso.example belongs to another member of staff by now. Change that user's address with a roster first, then recover this one.
        410 erased: The time in which the user could be recovered is over, and its personal fields are erased. Upload a roster that has the custom ID: the user comes back with the same GUID and user name.
        422 file_empty: The file is empty. Export the roster again and choose the new file.
        422 file_too_large: The file is larger than 256 MiB. Check that it is the right file; split a larger roster by school and upload the parts as partial syncs.
        422 sheet_too_long: There are more rows than are written into a workbook, which is 400,000. Download CSV, or one school at a time.
        409 plan_changed: The plan is no longer the one that you looked at. Reload the page and look at the plan again.
        409 plan_unreadable: The plan can't be read: it was altered or taken away, or another version of Rollbook made it. If it waits for approval, reject it and upload the file again; tell whoever runs Rollbook of it.
        409 not_awaiting: The upload is not awaiting approval: it is Completed with Errors. Reload the page.
        409 not_paused: The upload does not wait for the end of a pause: it is Completed. Reload the page.
        409 already_approved: The plan was approved before you decided. Reload the page.
        409 already_rejected: The plan was rejected before you decided. Reload the page.
        422 removals_differ: That is not the number of users that this plan removes. Look at the plan again, and type how many users it removes.
        422 choices_missing: It is not said of every new custom ID that looks like a user who exists whether it is the same person. Look at the plan again, and choose for each of them.
        422 too_many_choices: Too many new custom IDs are decided otherwise than the rest. Reject the plan, and upload the rows that are to be treated otherwise by themselves.
        503 busy: Rollbook is busy. Wait a moment and try again.
        500 fault: Something went wrong on our side. Try again. If it stays so, tell whoever runs Rollbook what you did and when.
        429 slowed_down: There were too many attempts to sign in. Wait 8 minutes and try again.
        404 not_found: There is no such plan. Wait until the upload has been checked, or see why it failed.
        ");
    }
}
