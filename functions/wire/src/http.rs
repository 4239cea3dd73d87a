//! What is sent: requests and replies of the API. All bodies are JSON; every route but `POST /api/session` and those of `sign-on` needs the session
//! cookie and answers 401 without it. A request that changes something must have the header
//! `Content-Type: application/json`, which no other site's form can send.
//!
//! | route | request | reply |
//! | --- | --- | --- |
//! | `POST /api/session` | [`SignIn`] | [`Me`] and the cookie |
//! | `GET /api/session` | | [`Me`] |
//! | `DELETE /api/session` | | 204 |
//! | `PUT /api/session/password` | [`OwnPassword`] | [`Me`] |
//! | `GET /api/sign-on` | | [`SignOnState`] |
//! | `GET /api/sign-on/start` | | 303 to the provider |
//! | `GET /api/sign-on/callback` | what the provider sends | 303 to the page with the cookie, or with a [`SignOnProblem`] |
//! | `GET /api/settings` | | [`SettingsDocument`] |
//! | `PUT /api/settings` | [`SettingsDocument`] | [`SettingsDocument`] |
//! | `PUT /api/settings/default-password` | [`DefaultPassword`] | 204 |
//! | `POST /api/settings/usernames/examples` | `UsernameRule` | `Vec<`[`UsernameExample`]`>` |
//! | `GET /api/roles` | | [`RolesDocument`] |
//! | `PUT /api/roles` | [`RolesDocument`] | [`RolesDocument`] |
//! | `GET /api/schools` | | `Vec<School>` sorted by name, the district first |
//! | `POST /api/schools` | [`SchoolEdit`] | `School` |
//! | `PUT /api/schools/{id}` | [`SchoolEdit`] | `School` |
//! | `GET /api/schools/{id}/classes` | [`ClassesQuery`] | [`Page`] of `Class`, by name |
//! | `GET /api/classes/{guid}` | | [`ClassDetail`] |
//! | `POST /api/classes/{guid}/archive` | [`SeenClass`] | [`ClassDetail`] |
//! | `POST /api/classes/{guid}/restore` | [`SeenClass`] | [`ClassDetail`] |
//! | `GET /api/my/classes` | | `Vec<`[`OwnClass`]`>` |
//! | `GET /api/users` | [`UsersQuery`] | [`Page`] of [`UserRow`] |
//! | `POST /api/users/download` | [`UsersDownload`] | [`Link`] |
//! | `POST /api/users/feed` | [`FeedDownload`] | [`Link`] to an archive |
//! | `GET /api/users/{guid}` | | [`UserDetail`] |
//! | `GET /api/users/{guid}/waiting` | | [`WaitingChanges`] |
//! | `GET /api/users/{guid}/last-file` | | [`LastFile`] |
//! | `GET /api/users/{guid}/classes` | | `Vec<`[`UserClass`]`>` |
//! | `PUT /api/users/{guid}/custom-id` | [`CustomIdEdit`] | [`UserDetail`] |
//! | `PUT /api/users/{guid}/roles` | [`RolesEdit`] | [`UserDetail`] |
//! | `POST /api/users/{guid}/recover` | [`Recover`] | [`UserDetail`] |
//! | `POST /api/users/{guid}/everything` | | [`Link`] |
//! | `POST /api/users/{guid}/reset-password` | | [`ResetRow`] |
//! | `POST /api/passwords/resets` | [`NewReset`] | [`ResetRow`] |
//! | `GET /api/passwords/resets` | [`ResetsQuery`] | [`Page`] of [`ResetRow`], newest first |
//! | `GET /api/passwords/resets/{id}/file` | | [`Link`] |
//! | `GET /api/uploads` | [`Cursor`] | [`Page`] of `Upload`, newest first |
//! | `POST /api/uploads` | [`NewUpload`] | [`UploadTicket`] |
//! | `GET /api/uploads/waiting` | [`Cursor`] | [`Page`] of `Upload` whose plan waits for approval, the oldest first |
//! | `GET /api/uploads/{id}` | | [`UploadDetail`] |
//! | `GET /api/uploads/{id}/changes` | [`ChangesQuery`] | [`Page`] of `Change` |
//! | `GET /api/uploads/{id}/plan/classes` | [`ClassChangesQuery`] | [`Page`] of [`PlannedClassChange`] |
//! | `GET /api/uploads/{id}/findings` | [`Cursor`] | [`Page`] of [`FindingRow`] |
//! | `POST /api/uploads/{id}/approve` | [`Approve`] | `Upload` |
//! | `POST /api/uploads/{id}/reject` | [`Reject`] | `Upload` |
//! | `POST /api/uploads/{id}/check` | | `Upload` |
//! | `GET /api/uploads/{id}/files/{kind}` | | [`Link`] |
//! | `GET /api/keys` | | `Vec<`[`KeyRow`]`>`, newest first |
//! | `POST /api/keys` | [`NewKey`] | [`MadeKey`] |
//! | `POST /api/keys/{id}/end` | | [`KeyRow`] |
//! | `GET /api/key` | | [`ClientFacts`] |
//! | `GET /api/watching` | | [`WatchState`] |
//! | `GET /api/session/notices` | | [`OwnNotices`] |
//! | `PUT /api/session/notices` | `NoticeChoice` | [`OwnNotices`] |
//! | `GET /api/webhooks` | | [`Webhooks`] |
//! | `POST /api/webhooks` | [`NewWebhook`] | [`MadeWebhook`] |
//! | `POST /api/webhooks/{id}/test` | | 204 |
//! | `POST /api/webhooks/{id}/remove` | | 204 |
//! | `GET /api/audit` | [`AuditQuery`] | [`Page`] of [`Entry`](crate::stored::audit::Entry), newest first |
//! | `POST /api/audit/download` | [`AuditQuery`] | [`Link`] |
//!
//! A program has no session: it sends an API key in the header [`API_KEY`], which opens `GET /api/key` and what is about uploads.
//!
//! A request that a page makes by itself, with nobody asking, has the header [`POLL`]: it does not keep the session from
//! ending because nobody uses it.
//!
//! A request that is neither GET nor HEAD has the SHA-256 of its body in the header [`BODY_SHA256`], also where the body
//! is empty.
//!
//! An error is a status of 4xx or 5xx and a [`Problem`]; a 429 says in `Retry-After` how many seconds to wait.

mod audit;
mod classes;
mod decisions;
mod downloads;
mod feeds;
mod keys;
mod last_file;
mod passwords;
mod plans;
mod roles;
mod schools;
mod session;
mod settings;
mod uploads;
mod users;
mod waiting;
mod watch;

use serde::{Deserialize, Serialize};

pub use audit::AuditQuery;
pub use classes::{ClassDetail, ClassMember, ClassesQuery, OwnClass, SeenClass, UserClass};
pub use decisions::{Approve, Reject};
pub use downloads::{Link, TableFormat, UsersDownload, Who};
pub use feeds::FeedDownload;
pub use keys::{ClientFacts, KeyRow, KeyState, MadeKey, NewKey};
pub use last_file::{KeptFile, LastFile, Outlook};
pub use passwords::{NewReset, ResetRow, ResetsQuery};
pub use plans::{ChangesQuery, ClassChangesQuery, FindingRow, ItemKind, PlannedClassChange};
pub use roles::{RolesDocument, RolesEdit};
pub use schools::SchoolEdit;
pub use session::{Me, OwnPassword, SignIn, SignOnProblem, SignOnState};
pub use settings::{DefaultPassword, SettingsDocument, UsernameExample};
pub use uploads::{BY_HAND_BYTES, FileArrival, NewUpload, Repeat, UploadDetail, UploadTicket};
pub use users::{CustomIdEdit, Origin, Recover, UserDetail, UserRow, UsersQuery};
pub use waiting::{WaitingChange, WaitingChanges, WaitsFor};
pub use watch::{MadeWebhook, NewWebhook, OwnNotices, WatchState, Webhooks};

/// The header of requests that a page makes again and again by itself, whatever its value.
pub const POLL: &str = "x-rollbook-poll";

/// The header with the SHA-256 of the body, in lower-case hexadecimal.
///
/// CloudFront signs a request for the function without reading its body, so the signature is right only where the
/// sender says what the body is.
pub const BODY_SHA256: &str = "x-amz-content-sha256";

/// The header with the API key of a program.
///
/// Not `Authorization`: CloudFront overwrites that one with its own signature of the request for the function.
pub const API_KEY: &str = "x-rollbook-key";

/// What went wrong, in a sentence for the person who asked, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A word for programs, such as `not_found` or `plan_changed`.
    pub code: String,
    pub message: String,
    pub hint: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Pass it back for the next part; `None` at the end. A page can be empty and still have a next one.
    pub cursor: Option<String>,
}

/// The query of a list without filters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}
