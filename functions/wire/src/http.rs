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
//! | `GET /api/uploads/{id}` | | [`UploadDetail`] |
//! | `GET /api/uploads/{id}/changes` | [`ChangesQuery`] | [`Page`] of `Change` |
//! | `GET /api/uploads/{id}/plan/classes` | [`ClassChangesQuery`] | [`Page`] of [`PlannedClassChange`] |
//! | `GET /api/uploads/{id}/findings` | [`Cursor`] | [`Page`] of [`FindingRow`] |
//! | `POST /api/uploads/{id}/approve` | [`Approve`] | `Upload` |
//! | `POST /api/uploads/{id}/reject` | [`Reject`] | `Upload` |
//! | `GET /api/uploads/{id}/files/{kind}` | | [`Link`] |
//! | `GET /api/keys` | | `Vec<`[`KeyRow`]`>`, newest first |
//! | `POST /api/keys` | [`NewKey`] | [`MadeKey`] |
//! | `POST /api/keys/{id}/end` | | [`KeyRow`] |
//! | `GET /api/key` | | [`ClientFacts`] |
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

use std::collections::{BTreeMap, BTreeSet};

use roster::{
    Change, Class, ClassChange, ClassGuid, ClassKind, ClassRole, ClassTally, Code, Day, EnrolmentChange, EnrolmentKind,
    FileEncoding, Finding, Grade, Guid, ItemCounts, Kind, Mode, ModeSettings, Permission, Person, Reading,
    RekeyChoices, Role, RoleId, Roles, School, SchoolId, Scope, Settings, Severity, SourceId, SourceRules, Status,
    Tally, User, UserType,
};
use serde::{Deserialize, Serialize};

use crate::stored::api_key::{ApiKey, KeyDecisions, KeyEnd};
use crate::stored::audit::Action;
use crate::stored::history::{ClassLogEntry, HistoryEntry};
use crate::stored::plan::ChunkOf;
use crate::stored::reset::Reset;
use crate::stored::upload::{Upload, UploadId};

/// The header of requests that a page makes again and again by itself, whatever its value.
pub const POLL: &str = "x-rollbook-poll";

/// The header with the SHA-256 of the body, in lower-case hexadecimal. CloudFront signs a request for the function
/// without reading its body, so the signature is right only where the sender says what the body is.
pub const BODY_SHA256: &str = "x-amz-content-sha256";

/// The header with the API key of a program. Not `Authorization`: CloudFront overwrites that one with its own signature of
/// the request for the function.
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

/// A user name and a password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    pub username: String,
    pub password: String,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    pub guid: Guid,
    pub username: String,
    pub first_name: String,
    pub last_name: String,
    pub user_type: UserType,
    /// Of a student.
    pub grade: Grade,
    /// `None` for users of the district office, whose permissions are for the whole organisation.
    pub school: Option<SchoolId>,
    pub permissions: BTreeSet<Permission>,
    /// They signed in with a temporary password, and may do nothing before they have set one of their own.
    pub must_set_password: bool,
}

/// The roles and the version that a change of them must name; a stale one answers 409.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RolesDocument {
    pub version: u64,
    pub roles: Vec<Role>,
}

impl RolesDocument {
    /// Returns what users with these roles may do. A role that is not there any more allows nothing.
    pub fn permissions_of(&self, roles: &Roles) -> BTreeSet<Permission> {
        roster::role::permissions_of(&self.roles, roles)
    }
}

/// How people sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOnState {
    /// At the organisation's provider, which `/api/sign-on/start` leads to.
    pub enabled: bool,
    /// With a password.
    pub passwords: bool,
}

/// Why somebody who came back from the provider is not signed in. The page is opened with `?sign-on=` and the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignOnProblem {
    /// Single sign-on is not on.
    Off,
    /// It took too long, or was begun in another browser.
    Expired,
    /// The provider did not let the person in.
    Refused,
    /// The provider can't be reached, or what it says can't be trusted.
    Provider,
    /// No account, or more than one, matches.
    Unknown,
    Disabled,
}

impl SignOnProblem {
    /// All of them.
    pub const ALL: [SignOnProblem; 6] = [
        SignOnProblem::Off,
        SignOnProblem::Expired,
        SignOnProblem::Refused,
        SignOnProblem::Provider,
        SignOnProblem::Unknown,
        SignOnProblem::Disabled,
    ];

    /// Returns the word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            SignOnProblem::Off => "off",
            SignOnProblem::Expired => "expired",
            SignOnProblem::Refused => "refused",
            SignOnProblem::Provider => "provider",
            SignOnProblem::Unknown => "unknown",
            SignOnProblem::Disabled => "disabled",
        }
    }
}

/// The settings and the version that a change of them must name; a stale one answers 409.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SettingsDocument {
    pub version: u64,
    pub settings: Settings,
    /// Whether somebody has set a default password. Looked at in replies only.
    #[serde(default)]
    pub has_default_password: bool,
}

/// A default password to set.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultPassword {
    pub password: String,
}

/// An own password to set.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnPassword {
    /// Needed unless the one that they signed in with is a temporary one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    pub new: String,
}

/// Whose passwords to reset: all users of a school, those of a grade or a type, or the students of a class of the school.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewReset {
    pub school: SchoolId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_type: Option<UserType>,
    /// Only students who are in this class now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassGuid>,
}

/// Which resets to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetsQuery {
    /// Those of this class only; who may reset only in the own classes has to name one of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassGuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A reset with what can still be had of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetRow {
    #[serde(flatten)]
    pub reset: Reset,
    /// Until when its file can be had; `None` once it can't.
    pub readable_until: Option<u64>,
}

/// A user, and what a rule for user names would call them if it named everybody anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsernameExample {
    pub first_name: String,
    pub last_name: String,
    pub user_type: UserType,
    /// The present user name.
    pub present: String,
    /// `None` where the rule gives this user no name.
    pub made: Option<String>,
}

/// A new school, or what an existing one is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchoolEdit {
    pub name: String,
    pub external_id: String,
    /// What an existing school was when it was looked at; where it is something else by now, the answer is a 409.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<School>,
}

/// Which classes of a school to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassesQuery {
    /// The archived ones, instead of those that are taught.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A class, who is in it, and what happened to it.
///
/// Somebody who sees it as its teacher alone sees no history, nobody who has left it, and of other staff only names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassDetail {
    pub class: Class,
    /// Who is in the class now, teachers first, then by name.
    pub members: Vec<ClassMember>,
    /// Whose enrolment ended in the last 30 days, the last one first.
    pub ended: Vec<ClassMember>,
    /// Newest first.
    pub history: Vec<ClassLogEntry>,
    /// Until when an archived class can be restored, in milliseconds since 1970; `None` of one that is taught.
    pub restorable_until: Option<u64>,
    /// Whether the one who asks may archive and restore it.
    pub may_change: bool,
    /// Whether the one who asks may reset the passwords of its students.
    pub may_reset: bool,
}

/// Somebody in a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassMember {
    pub user: Guid,
    pub first_name: String,
    pub last_name: String,
    /// `None` also where the one who asks may not see more than the name.
    pub custom_id: Option<String>,
    pub user_type: UserType,
    pub grade: Grade,
    pub status: Status,
    pub role: ClassRole,
    pub starts: Option<Day>,
    pub ends: Option<Day>,
    /// When it ended, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<u64>,
    /// Whether the one who asks may see the page of the user.
    pub visible: bool,
}

/// A class of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserClass {
    pub class: Class,
    pub role: ClassRole,
    pub starts: Option<Day>,
    pub ends: Option<Day>,
    /// When it ended, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<u64>,
    /// Whether the one who asks may see the page of the class.
    pub visible: bool,
}

/// A class that the one who asks teaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnClass {
    pub class: Class,
    pub role: ClassRole,
    /// How many students are in it.
    pub students: u64,
}

/// The version of the class that was looked at; a stale one answers 409.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenClass {
    pub version: u64,
}

/// Which users to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsersQuery {
    /// `None` for all schools that the one who asks may see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school: Option<SchoolId>,
    /// A part of a name, or a whole custom ID, user name or e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// The users that were deleted and can be recovered, instead of those that are not deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// The users that were archived and can be recovered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A user, in a list and alone: what pages show, and the version that a change of the user names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRow {
    pub guid: Guid,
    /// `None` of a user that no sync touches.
    pub custom_id: Option<String>,
    pub first_name: String,
    pub middle_name: String,
    pub last_name: String,
    pub email: String,
    pub school: SchoolId,
    pub user_type: UserType,
    /// Empty for students.
    pub position: String,
    /// `Unspecified` for everybody but students.
    pub grade: Grade,
    pub status: Status,
    pub username: String,
    pub version: u64,
    /// When the user was deleted or archived, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<u64>,
    /// Whether the user left the lists because it was disabled for long.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    /// Until when a deleted or archived user can be recovered; `None` of others, and of one whose personal fields were
    /// erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recoverable_until: Option<u64>,
    /// Those that were given; where there are none, the user has the one of its type.
    #[serde(default, skip_serializing_if = "Roles::is_empty")]
    pub roles: Roles,
    /// The source that the user came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceId>,
}

impl From<User> for UserRow {
    fn from(user: User) -> UserRow {
        let (archived, recoverable_until) = (user.is_archived(), user.recoverable_until());
        UserRow {
            guid: user.guid,
            custom_id: user.custom_id,
            first_name: user.first_name,
            middle_name: user.middle_name,
            last_name: user.last_name,
            email: user.email,
            school: user.school,
            user_type: user.user_type,
            position: user.position,
            grade: user.grade,
            status: user.status,
            username: user.username,
            version: user.version,
            deleted_at: user.deleted_at,
            archived,
            recoverable_until,
            roles: user.roles,
            source: user.source,
        }
    }
}

/// A user, what happened to it, newest first (at most the last 100 entries), and where its fields came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserDetail {
    pub user: UserRow,
    pub history: Vec<HistoryEntry>,
    pub origins: Vec<Origin>,
    /// The reset of the password that came with the change that this is the reply to: the user may do more than before,
    /// and others could have known the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<ResetRow>,
}

/// The changes of a user that plans have which are not carried out yet, newest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WaitingChanges {
    pub items: Vec<WaitingChange>,
    /// How many open uploads there was no time to look through: the user may be in them, too.
    #[serde(default, skip_serializing_if = "is_none")]
    pub left_out: u64,
}

/// What a plan changes of a user that waits: the user, places in classes, or both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaitingChange {
    pub upload: UploadId,
    pub file_name: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
    pub waits_for: WaitsFor,
    /// `None` where only places in classes change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// The places in classes that are given, changed or taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enrolments: Vec<EnrolmentChange>,
}

/// What a change that is not carried out yet waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    Approval,
    /// It is approved, and waits for its turn.
    Turn,
    /// It is being carried out.
    End,
}

/// What the newest file that a user could be in would do to the user now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LastFile {
    /// `None` where no file that the user could be in is kept.
    pub file: Option<KeptFile>,
    pub outlook: Outlook,
}

/// A file that was uploaded and is still kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFile {
    pub upload: UploadId,
    pub file_name: String,
    pub created_at: u64,
    pub mode: Mode,
}

/// What a kept file would do to a user now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outlook {
    /// No such file is kept.
    NoFile,
    /// The file is so large that it is not looked through.
    TooLarge,
    /// The file has no row for the user; `removes` where its sync removes who is absent.
    NoRow {
        removes: bool,
    },
    /// The row would be rejected: these are the reasons.
    Rejected(Vec<FindingRow>),
    /// The user is as the row says, or its sync leaves the user alone.
    Nothing,
    /// It can't be told from this row alone, because its custom ID is nobody's, or it would take over something.
    Unclear,
    Change(Box<Change>),
}

/// What set a field of a user last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The header of its column.
    pub field: String,
    pub at: u64,
    /// The upload that did it; `None` where it was done by hand.
    pub upload: Option<UploadId>,
    pub file_name: Option<String>,
    /// Whether the upload was filled in on the page, about this user alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
    pub row: Option<u32>,
    /// The user name of the administrator who approved or did it.
    pub by: Option<String>,
}

/// A custom ID to give, and the version of the user that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomIdEdit {
    pub custom_id: String,
    pub version: u64,
}

/// Roles to give to a user, and the version of the user that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolesEdit {
    pub roles: BTreeSet<RoleId>,
    pub version: u64,
}

/// The version of the deleted user that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recover {
    pub version: u64,
}

/// Whose users to download.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsersDownload {
    /// `None` for all schools that the one who asks may see.
    pub school: Option<SchoolId>,
    pub who: Who,
    #[serde(default)]
    pub format: TableFormat,
}

/// What a table is downloaded as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableFormat {
    #[default]
    Csv,
    /// A workbook of Excel.
    Xlsx,
}

impl TableFormat {
    /// Returns the ending of the file's name, without the dot.
    pub fn ending(self) -> &'static str {
        match self {
            TableFormat::Csv => "csv",
            TableFormat::Xlsx => "xlsx",
        }
    }
}

/// Who is in a download of users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    All,
    Staff,
    Administrators,
    /// Everybody, with a row for each class.
    WithClasses,
    /// The classes themselves.
    Classes,
    /// Who is in which class.
    Enrolments,
}

impl Who {
    /// Returns the word in the names of files.
    pub fn as_str(self) -> &'static str {
        match self {
            Who::All => "users",
            Who::Staff => "staff",
            Who::Administrators => "administrators",
            Who::WithClasses => "users-with-classes",
            Who::Classes => "classes",
            Who::Enrolments => "enrolments",
        }
    }

    /// Whether a user of this type belongs to the download.
    pub fn includes(self, user_type: UserType) -> bool {
        match self {
            Who::All | Who::WithClasses | Who::Classes | Who::Enrolments => true,
            Who::Staff => user_type.is_staff(),
            Who::Administrators => user_type == UserType::Administrator,
        }
    }
}

/// A file to be uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewUpload {
    pub mode: Mode,
    pub file_name: String,
    pub bytes: u64,
    /// The SHA-256 of the file in hexadecimal. An object with another one is nobody's upload, whoever put it there.
    pub sha256: String,
    /// The encoding that somebody chose for this file; `None` for what the settings say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<FileEncoding>,
    /// The sheet that somebody chose, where the file is a workbook; `None` for the one that is the roster by its headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The schools that the file is for; empty for all that its sender may touch.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub schools: BTreeSet<SchoolId>,
    /// The source of the users in the file, of those that the settings name; `None` for none of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_source: Option<SourceId>,
    /// Whether somebody filled in its one row on the page, about one person or one person's place in a class. Such an
    /// upload is a partial sync of at most [`BY_HAND_BYTES`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
    /// Of a program with an API key, whether the same contents once more are another upload.
    #[serde(default, skip_serializing_if = "Repeat::is_never")]
    pub repeat: Repeat,
}

/// Whether contents that were sent in the last 20 hours, with the same key as the same kind of sync, are sent once more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// Only where that upload failed or was rejected.
    #[default]
    Never,
    Always,
}

impl Repeat {
    fn is_never(&self) -> bool {
        *self == Repeat::Never
    }
}

/// How long the file of an edit by hand may be, in bytes.
pub const BY_HAND_BYTES: u64 = 64 * 1024;

/// Where to `PUT` the file: exactly `bytes` bytes, within 15 minutes, with these headers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadTicket {
    pub id: UploadId,
    #[serde(default)]
    pub arrival: FileArrival,
    pub url: String,
    pub headers: Vec<(String, String)>,
}

/// Whether there is anything left to send.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileArrival {
    #[default]
    Awaited,
    /// The same contents were sent before with the same API key: there is no address to send them to.
    Here,
}

/// An upload with the counts of its plan per school and user type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UploadDetail {
    pub upload: Upload,
    pub tallies: Vec<Tally>,
    /// The same of classes and enrolments per school.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub class_tallies: Vec<ClassTally>,
    /// How many of the plan's probable re-keys remove a user if they are two people: those whose changes have a
    /// `two_people.removal`. The others are of users that a partial sync leaves alone, or that are disabled already.
    #[serde(default)]
    pub rekeys_with_removal: u64,
    /// Whether the one who asks may reject now.
    pub may_decide: bool,
    /// Whether they may approve, too, which not everybody may who sent the file.
    pub may_approve: bool,
    /// Until when the one who asks finds temporary passwords in the completed file; `None` where there are none for
    /// them.
    pub passwords_until: Option<u64>,
}

/// Which changes to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangesQuery {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school: Option<SchoolId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_type: Option<UserType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Which changes of classes and enrolments to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassChangesQuery {
    /// Of classes only, or of enrolments only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<ChunkOf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ItemKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school: Option<SchoolId>,
    /// The class ID, as the district writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// What becomes of a class or an enrolment, as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    Created,
    /// Also a class that is taught again.
    Updated,
    /// Also a class that is archived.
    Ended,
}

impl ItemKind {
    /// All of them, in the order of the counts.
    pub const ALL: [ItemKind; 3] = [ItemKind::Created, ItemKind::Updated, ItemKind::Ended];

    /// Returns how many of them there are.
    pub fn of(self, counts: &ItemCounts) -> u64 {
        match self {
            ItemKind::Created => counts.created,
            ItemKind::Updated => counts.updated,
            ItemKind::Ended => counts.ended,
        }
    }
}

impl From<ClassKind> for ItemKind {
    fn from(kind: ClassKind) -> ItemKind {
        match kind {
            ClassKind::Created => ItemKind::Created,
            ClassKind::Updated | ClassKind::Restored => ItemKind::Updated,
            ClassKind::Archived => ItemKind::Ended,
        }
    }
}

impl From<EnrolmentKind> for ItemKind {
    fn from(kind: EnrolmentKind) -> ItemKind {
        match kind {
            EnrolmentKind::Created => ItemKind::Created,
            EnrolmentKind::Updated => ItemKind::Updated,
            EnrolmentKind::Ended => ItemKind::Ended,
        }
    }
}

/// A change of a plan, of a class or of an enrolment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlannedClassChange {
    Class(ClassChange),
    Enrolment(EnrolmentChange),
}

/// A finding with its texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingRow {
    pub row: Option<u32>,
    pub column: Option<String>,
    pub code: Code,
    pub severity: Severity,
    pub message: String,
    pub hint: String,
    /// Whom the row is about, as it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Box<Person>>,
    /// Of a note that stands for several rows: which, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<String>,
    /// Where it stands in the file of another system that was sent: `row 5 of students.csv`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

impl From<&Finding> for FindingRow {
    fn from(finding: &Finding) -> FindingRow {
        FindingRow {
            row: finding.row,
            column: finding.column.clone(),
            code: finding.code,
            severity: finding.severity(),
            message: finding.message(),
            hint: finding.hint(),
            person: finding.person.clone(),
            rows: finding.rows_in_words(),
            place: finding.in_file.as_ref().map(ToString::to_string),
        }
    }
}

/// The plan that was seen, and how many users it removes, typed by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approve {
    pub digest: String,
    /// The plan's removals and those of the re-keys with a removal for which the choice is two people.
    pub removals: u64,
    /// Needed where the plan has probable re-keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rekeys: Option<RekeyChoices>,
}

/// The plan that was seen, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    pub digest: String,
    pub reason: String,
}

/// Which entries of the audit log are asked for: those that match all of it. A download has no cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditQuery {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// The user name of who did it, whatever its case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<UploadId>,
    /// What was done to this user, also by uploads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Guid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school: Option<SchoolId>,
    /// Not before this time and before that one, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A link to a file, good for five minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub url: String,
    /// How many lines with passwords are left out, because their users may do more by now than the one who asks, or are
    /// elsewhere; of everything about a person, how many uploads there was no time to look through.
    #[serde(default, skip_serializing_if = "is_none")]
    pub left_out: u64,
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_user_is_sent_with_what_pages_show_and_nothing_else() {
        let mut sent = json!({
            "guid": "01890a5d-ac96-774b-bcce-b302099a8057", "custom_id": "00123", "first_name": "Ora",
            "middle_name": "M", "last_name": "Klein", "email": "ora@contoso.example", "school": "a",
            "user_type": "Student", "position": "", "grade": "9", "status": "Disabled", "username": "ora.klein",
            "version": 3, "deleted_at": 1000, "roles": "mentor",
        });
        let mut user = sent.clone();
        user["erase_at"] = json!(5000);
        user["former_usernames"] = json!(["ora.k"]);
        let row = UserRow::from(serde_json::from_value::<User>(user).unwrap());
        sent["archived"] = json!(true);
        sent["recoverable_until"] = json!(5000);
        assert_eq!(serde_json::to_value(&row).unwrap(), sent);
        assert_eq!(serde_json::from_value::<UserRow>(sent).unwrap(), row);
    }
}

/// An API key to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    pub name: String,
    /// The only school whose users it may touch; `None` for all that its maker may.
    #[serde(default)]
    pub school: Option<SchoolId>,
    #[serde(default)]
    pub source: Option<SourceId>,
    pub modes: BTreeSet<Mode>,
    #[serde(default)]
    pub decisions: KeyDecisions,
    /// For how many days it can be used, 400 at most.
    pub days: u32,
}

/// A key that was just made. Nobody is told the secret again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeKey {
    pub row: KeyRow,
    /// The whole key, as programs send it.
    pub secret: String,
}

/// A key in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    pub key: ApiKey,
    /// When it was last used, to the minute, in milliseconds since 1970.
    pub used_at: Option<u64>,
    pub end: Option<KeyEnd>,
    pub state: KeyState,
}

/// Whether a key opens anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// It does, while the settings have keys switched on.
    Active,
    Expired,
    Ended,
    /// Whoever made it can't sign in any more, or is at another school.
    MakerGone,
}

/// What a program with an API key checks files with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientFacts {
    pub key: ApiKey,
    /// What the key may do now.
    pub permissions: BTreeSet<Permission>,
    /// Whose users its uploads may touch.
    pub scope: Scope,
    pub schools: Vec<School>,
    pub modes: BTreeMap<Mode, ModeSettings>,
    pub reading: Reading,
    pub sources: SourceRules,
}
