//! What the API answers when it can't do what it was asked: one error for each reason, with its status and texts.

use std::fmt;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use wire::http::Problem;

/// Why a request was not carried out. The messages are for the person who asked; those of [`Failure::Fault`] and
/// [`Failure::Busy`] say nothing of the cause, which goes to the log.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("You are not signed in, or your session has ended.")]
    NotSignedIn,
    #[error("The user name or the password is not right.")]
    WrongSignIn,
    #[error("There were too many attempts to sign in with this user name.")]
    SlowedDown { seconds: u64 },
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
    #[error("The request can't be read: {0}")]
    Unreadable(String),
    #[error("The request is too long.")]
    TooLong,
    #[error("This place in the list is not known.")]
    CursorUnknown,

    #[error("There is no such {0}.")]
    Missing(Thing),
    #[error("{0}")]
    Invalid(&'static str, &'static str),

    #[error("Somebody else changed the settings while you were looking at them.")]
    SettingsChanged,
    #[error("The external ID {0} belongs to another school.")]
    ExternalIdTaken(String),
    #[error("The custom ID {0} belongs to another user.")]
    CustomIdTaken(String),
    #[error("The user was changed while you were looking at it.")]
    UserChanged,

    #[error("The file is empty.")]
    FileEmpty,
    #[error("The file is larger than {} MiB.", .limit / 1024 / 1024)]
    FileTooLarge { limit: u64 },
    #[error("The plan is no longer the one that you looked at.")]
    PlanChanged,
    #[error("The upload is not awaiting approval: it is {}.", .0.label())]
    NotAwaiting(wire::Status),
    #[error("The plan was approved before you decided.")]
    AlreadyApproved,
    #[error("The plan was rejected before you decided.")]
    AlreadyRejected,
    #[error("That is not the number of users that this plan removes.")]
    RemovalsDiffer,

    #[error("Rollbook is busy.")]
    Busy,
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
                "Check both, and that Caps Lock is off. Only active administrators can sign in.",
            ),
            Failure::SlowedDown { .. } => (S::TOO_MANY_REQUESTS, "slowed_down", ""),
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
            Failure::Missing(_) => (S::NOT_FOUND, "not_found", "Go back to the list and reload it."),
            Failure::Invalid(_, hint) => (S::UNPROCESSABLE_ENTITY, "invalid", hint),
            Failure::SettingsChanged => {
                (S::CONFLICT, "settings_changed", "Reload the page, and make your change again.")
            }
            Failure::ExternalIdTaken(_) => {
                (S::CONFLICT, "external_id_taken", "Choose another one, or change that school's first.")
            }
            Failure::CustomIdTaken(_) => {
                (S::CONFLICT, "custom_id_taken", "Check whether they are one person; else choose another one.")
            }
            Failure::UserChanged => (S::CONFLICT, "user_changed", "Reload the page, and make your change again."),
            Failure::FileEmpty => {
                (S::UNPROCESSABLE_ENTITY, "file_empty", "Export the roster again and choose the new file.")
            }
            Failure::FileTooLarge { .. } => (
                S::UNPROCESSABLE_ENTITY,
                "file_too_large",
                "Check that it is the right file; split a larger roster by school and upload the parts.",
            ),
            Failure::PlanChanged => (S::CONFLICT, "plan_changed", "Reload the page and look at the plan again."),
            Failure::NotAwaiting(_) => (S::CONFLICT, "not_awaiting", "Reload the page."),
            Failure::AlreadyApproved => (S::CONFLICT, "already_approved", "Reload the page."),
            Failure::AlreadyRejected => (S::CONFLICT, "already_rejected", "Reload the page."),
            Failure::RemovalsDiffer => {
                (S::UNPROCESSABLE_ENTITY, "removals_differ", "Type the number of users that this plan removes.")
            }
            Failure::Busy => (S::SERVICE_UNAVAILABLE, "busy", "Wait a moment and try again."),
            Failure::Fault(_) => {
                (S::INTERNAL_SERVER_ERROR, "fault", "Try again; if it stays, tell whoever runs Rollbook the time.")
            }
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

impl From<cloud::Error> for Failure {
    fn from(error: cloud::Error) -> Failure {
        match error {
            cloud::Error::Contended(_) => Failure::Busy,
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
        if let Failure::Fault(source) = &self {
            tracing::error!(error = &**source, "request failed");
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
