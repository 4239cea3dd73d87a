//! The typed client of the API. Every call that answers 401 ends the session, wherever it was made.

use js_sys::Uint8Array;
use leptos::prelude::expect_context;
use leptos::web_sys::{Headers, RequestInit, Response, window};
use roster::accounts::UsernameRule;
use roster::{Change, Class, ClassGuid, Guid, School, SchoolId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wire::audit::Entry;
use wire::http::{
    Approve, AuditQuery, BODY_SHA256, ChangesQuery, ClassChangesQuery, ClassDetail, ClassesQuery, Cursor, CustomIdEdit,
    DefaultPassword, FeedDownload, FindingRow, KeyRow, LastFile, Link, MadeKey, MadeWebhook, Me, NewKey, NewReset,
    NewUpload, NewWebhook, OwnClass, OwnNotices, OwnPassword, POLL, Page, PlannedClassChange, Problem, Recover, Reject,
    ResetRow, ResetsQuery, RolesDocument, RolesEdit, SchoolEdit, SeenClass, SettingsDocument, SignIn, SignOnState,
    UploadDetail, UploadTicket, UserClass, UserDetail, UserRow, UsernameExample, UsersDownload, UsersQuery,
    WaitingChanges, WatchState, Webhooks,
};
use wire::stored::{KeyId, NoticeChoice, WebhookId};
use wire::{FileKind, Upload, UploadId};

use crate::digest;
pub use crate::failure::CallFailure;
use crate::failure::said;
use crate::format::curly;
use crate::query::{encode, with_query};
use crate::session::PageSession;

/// The result of a call of the API.
pub type ApiResult<T> = Result<T, CallFailure>;

/// A client of the API, which ends `session` when the API says that nobody is signed in.
#[derive(Clone, Copy)]
pub struct Api {
    session: PageSession,
    asker: AskedBy,
}

/// Returns the client of the page.
pub fn use_api() -> Api {
    expect_context()
}

/// Who asks the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AskedBy {
    /// Somebody who uses the page.
    Person,
    /// The page, which asks again and again.
    Page,
}

impl Api {
    /// Returns a client for what somebody does on the page.
    pub fn new(session: PageSession) -> Api {
        Api { session, asker: AskedBy::Person }
    }

    /// Returns a client for what the page asks by itself.
    ///
    /// A session that nobody uses ends, though a page is open.
    pub fn by_itself(self) -> Api {
        Api { asker: AskedBy::Page, ..self }
    }

    /// Asks who is signed in.
    pub async fn me(self) -> ApiResult<Me> {
        self.get("/api/session").await
    }

    /// Asks who is signed in, and tells the session.
    pub async fn look_who_is_signed_in(self) {
        match self.me().await {
            Ok(me) => self.session.sign_in(me),
            Err(failure) if failure.status == 401 => {}
            Err(failure) => self.session.unreachable(failure),
        }
    }

    /// Asks how people can sign in.
    pub async fn sign_on_state(self) -> ApiResult<SignOnState> {
        self.get("/api/sign-on").await
    }

    /// Signs somebody in.
    ///
    /// A 401 says that the user name or the password is not right, and not that a session ended.
    pub async fn sign_in(self, sign_in: &SignIn) -> ApiResult<Me> {
        json(fetch("POST", "/api/session", Some(body(sign_in)?)).await?)
    }

    /// Signs out the one who is signed in.
    pub async fn sign_out(self) -> ApiResult<()> {
        signed_out(fetch("DELETE", "/api/session", None).await)
    }

    /// Sets the password of the one who is signed in.
    ///
    /// The session goes on, all others of the user end.
    pub async fn set_own_password(self, password: &OwnPassword) -> ApiResult<Me> {
        self.send("PUT", "/api/session/password", password).await
    }

    /// Returns what is late, and the pause that lasts.
    pub async fn watching(self) -> ApiResult<WatchState> {
        self.get("/api/watching").await
    }

    /// Returns the webhooks, and what could not be told.
    pub async fn webhooks(self) -> ApiResult<Webhooks> {
        self.get("/api/webhooks").await
    }

    /// Makes a webhook.
    ///
    /// The answer is the only one that has its secret.
    pub async fn make_webhook(self, webhook: &NewWebhook) -> ApiResult<MadeWebhook> {
        self.send("POST", "/api/webhooks", webhook).await
    }

    /// Has a program told that notices arrive.
    pub async fn test_webhook(self, id: &WebhookId) -> ApiResult<()> {
        self.call("POST", &format!("/api/webhooks/{}/test", id.0), None).await.map(drop)
    }

    /// Removes a webhook.
    pub async fn remove_webhook(self, id: &WebhookId) -> ApiResult<()> {
        self.call("POST", &format!("/api/webhooks/{}/remove", id.0), None).await.map(drop)
    }

    /// Returns of what the one who is signed in hears.
    pub async fn own_notices(self) -> ApiResult<OwnNotices> {
        self.get("/api/session/notices").await
    }

    /// Changes that.
    pub async fn choose_notices(self, choice: &NoticeChoice) -> ApiResult<OwnNotices> {
        self.send("PUT", "/api/session/notices", choice).await
    }

    /// Sets the password that new students get.
    pub async fn set_default_password(self, password: &DefaultPassword) -> ApiResult<()> {
        self.call("PUT", "/api/settings/default-password", Some(body(password)?)).await.map(drop)
    }

    /// Gives one user a new temporary password.
    pub async fn reset_password(self, guid: &str) -> ApiResult<ResetRow> {
        json(self.call("POST", &format!("/api/users/{}/reset-password", encode(guid)), None).await?)
    }

    /// Gives many users new temporary passwords.
    pub async fn reset_passwords(self, reset: &NewReset) -> ApiResult<ResetRow> {
        self.send("POST", "/api/passwords/resets", reset).await
    }

    /// Lists the resets of passwords that `query` asks for, newest first.
    pub async fn resets(self, query: &ResetsQuery) -> ApiResult<Page<ResetRow>> {
        self.get(&with_query("/api/passwords/resets", query)).await
    }

    /// Asks for a link to the file with the passwords of a reset.
    pub async fn reset_file(self, id: &str) -> ApiResult<Link> {
        self.get(&format!("/api/passwords/resets/{}/file", encode(id))).await
    }

    /// Fetches the bytes of a file that a link leads to.
    pub async fn fetch(self, link: &Link) -> ApiResult<Vec<u8>> {
        fetch("GET", &link.url, None).await
    }

    /// Asks for the settings.
    pub async fn settings(self) -> ApiResult<SettingsDocument> {
        self.get("/api/settings").await
    }

    /// Saves the settings and returns them as they are stored.
    pub async fn save_settings(self, document: &SettingsDocument) -> ApiResult<SettingsDocument> {
        self.send("PUT", "/api/settings", document).await
    }

    /// Asks what a rule would call some users, without saving it.
    pub async fn username_examples(self, rule: &UsernameRule) -> ApiResult<Vec<UsernameExample>> {
        self.send("POST", "/api/settings/usernames/examples", rule).await
    }

    /// Asks for the roles.
    pub async fn roles(self) -> ApiResult<RolesDocument> {
        self.get("/api/roles").await
    }

    /// Lists the API keys, newest first.
    pub async fn keys(self) -> ApiResult<Vec<KeyRow>> {
        self.get("/api/keys").await
    }

    /// Makes an API key; the answer is the only one that has the whole of it.
    pub async fn make_key(self, new: &NewKey) -> ApiResult<MadeKey> {
        self.send("POST", "/api/keys", new).await
    }

    /// Ends an API key for good.
    pub async fn end_key(self, id: &KeyId) -> ApiResult<KeyRow> {
        json(self.call("POST", &format!("/api/keys/{}/end", encode(&id.0)), None).await?)
    }

    /// Saves the roles and returns them as they are stored.
    pub async fn save_roles(self, document: &RolesDocument) -> ApiResult<RolesDocument> {
        self.send("PUT", "/api/roles", document).await
    }

    /// Lists the schools that the one who is signed in may see.
    pub async fn schools(self) -> ApiResult<Vec<School>> {
        self.get("/api/schools").await
    }

    /// Adds a school and returns it.
    pub async fn add_school(self, edit: &SchoolEdit) -> ApiResult<School> {
        self.send("POST", "/api/schools", edit).await
    }

    /// Changes a school and returns it.
    pub async fn change_school(self, id: &SchoolId, edit: &SchoolEdit) -> ApiResult<School> {
        self.send("PUT", &format!("/api/schools/{}", encode(&id.0)), edit).await
    }

    /// Lists the classes of a school that `query` asks for.
    pub async fn classes(self, school: &SchoolId, query: &ClassesQuery) -> ApiResult<Page<Class>> {
        self.get(&with_query(&format!("/api/schools/{}/classes", encode(&school.0)), query)).await
    }

    /// Asks for a class with who is in it.
    pub async fn class(self, guid: &str) -> ApiResult<ClassDetail> {
        self.get(&format!("/api/classes/{}", encode(guid))).await
    }

    /// Archives a class, which ends its enrolments, and returns it.
    pub async fn archive_class(self, guid: ClassGuid, seen: SeenClass) -> ApiResult<ClassDetail> {
        self.send("POST", &format!("/api/classes/{guid}/archive"), &seen).await
    }

    /// Restores an archived class with its enrolments, and returns it.
    pub async fn restore_class(self, guid: ClassGuid, seen: SeenClass) -> ApiResult<ClassDetail> {
        self.send("POST", &format!("/api/classes/{guid}/restore"), &seen).await
    }

    /// Lists the classes that the one who is signed in teaches.
    pub async fn own_classes(self) -> ApiResult<Vec<OwnClass>> {
        self.get("/api/my/classes").await
    }

    /// Lists the classes of a user.
    pub async fn user_classes(self, guid: Guid) -> ApiResult<Vec<UserClass>> {
        self.get(&format!("/api/users/{guid}/classes")).await
    }

    /// Lists the users that `query` asks for.
    pub async fn users(self, query: &UsersQuery) -> ApiResult<Page<UserRow>> {
        self.get(&with_query("/api/users", query)).await
    }

    /// Asks for a link to a file of users.
    pub async fn users_download(self, download: &UsersDownload) -> ApiResult<Link> {
        self.send("POST", "/api/users/download", download).await
    }

    /// Asks for a link to the directory in the format of another system.
    pub async fn feed_download(self, download: &FeedDownload) -> ApiResult<Link> {
        self.send("POST", "/api/users/feed", download).await
    }

    /// Asks for a user with everything that its page shows.
    pub async fn user(self, guid: &str) -> ApiResult<UserDetail> {
        self.get(&format!("/api/users/{}", encode(guid))).await
    }

    /// Asks which changes of a user wait in open plans.
    pub async fn waiting(self, guid: &str) -> ApiResult<WaitingChanges> {
        self.get(&format!("/api/users/{}/waiting", encode(guid))).await
    }

    /// Asks what the newest file that a user could be in would do to the user now.
    pub async fn last_file(self, guid: &str) -> ApiResult<LastFile> {
        self.get(&format!("/api/users/{}/last-file", encode(guid))).await
    }

    /// Gives a user another custom ID and returns the user.
    pub async fn set_custom_id(self, guid: &str, edit: &CustomIdEdit) -> ApiResult<UserDetail> {
        self.send("PUT", &format!("/api/users/{}/custom-id", encode(guid)), edit).await
    }

    /// Gives a user other roles and returns the user.
    pub async fn set_roles(self, guid: &str, edit: &RolesEdit) -> ApiResult<UserDetail> {
        self.send("PUT", &format!("/api/users/{}/roles", encode(guid)), edit).await
    }

    /// Asks for a link to a file of everything that is kept about a user.
    pub async fn everything(self, guid: &str) -> ApiResult<Link> {
        self.send("POST", &format!("/api/users/{}/everything", encode(guid)), &()).await
    }

    /// Brings a deleted or archived user back and returns it.
    pub async fn recover(self, guid: &str, recover: &Recover) -> ApiResult<UserDetail> {
        self.send("POST", &format!("/api/users/{}/recover", encode(guid)), recover).await
    }

    /// Lists the uploads, newest first.
    pub async fn uploads(self, cursor: Option<String>) -> ApiResult<Page<Upload>> {
        self.get(&with_query("/api/uploads", &Cursor { cursor })).await
    }

    /// Returns the uploads whose plans wait for approval: a page of them, the oldest first.
    pub async fn waiting_uploads(self) -> ApiResult<Page<Upload>> {
        self.get("/api/uploads/waiting").await
    }

    /// Announces an upload and returns where its file is to be sent.
    pub async fn new_upload(self, upload: &NewUpload) -> ApiResult<UploadTicket> {
        self.send("POST", "/api/uploads", upload).await
    }

    /// Asks for an upload with everything that its page shows.
    pub async fn upload(self, id: &UploadId) -> ApiResult<UploadDetail> {
        self.get(&upload_path(id, "")).await
    }

    /// Lists the changes of an upload's plan.
    pub async fn changes(self, id: &UploadId, query: &ChangesQuery) -> ApiResult<Page<Change>> {
        self.get(&with_query(&upload_path(id, "/changes"), query)).await
    }

    /// Lists the changes of classes and enrolments of an upload's plan.
    pub async fn class_changes(self, id: &UploadId, query: &ClassChangesQuery) -> ApiResult<Page<PlannedClassChange>> {
        self.get(&with_query(&upload_path(id, "/plan/classes"), query)).await
    }

    /// Lists the findings of an upload.
    pub async fn findings(self, id: &UploadId, cursor: Option<String>) -> ApiResult<Page<FindingRow>> {
        self.get(&with_query(&upload_path(id, "/findings"), &Cursor { cursor })).await
    }

    /// Approves the plan of an upload and returns the upload.
    pub async fn approve(self, id: &UploadId, approve: &Approve) -> ApiResult<Upload> {
        self.send("POST", &upload_path(id, "/approve"), approve).await
    }

    /// Rejects the plan of an upload and returns the upload.
    pub async fn reject(self, id: &UploadId, reject: &Reject) -> ApiResult<Upload> {
        self.send("POST", &upload_path(id, "/reject"), reject).await
    }

    /// Has an upload checked that waits for the end of a pause.
    pub async fn check_now(self, id: &UploadId) -> ApiResult<Upload> {
        json(self.call("POST", &upload_path(id, "/check"), None).await?)
    }

    /// Asks for a link to a file of an upload.
    pub async fn file(self, id: &UploadId, kind: FileKind) -> ApiResult<Link> {
        self.get(&upload_path(id, &format!("/files/{}", kind.as_str()))).await
    }

    /// Lists the entries of the audit log that `query` asks for.
    pub async fn audit(self, query: &AuditQuery) -> ApiResult<Page<Entry>> {
        self.get(&with_query("/api/audit", query)).await
    }

    /// Asks for a link to a file of the entries that `query` asks for.
    pub async fn audit_download(self, query: &AuditQuery) -> ApiResult<Link> {
        self.send("POST", "/api/audit/download", query).await
    }

    async fn get<T: DeserializeOwned>(self, path: &str) -> ApiResult<T> {
        json(self.call("GET", path, None).await?)
    }

    async fn send<T: DeserializeOwned>(self, method: &str, path: &str, content: &impl Serialize) -> ApiResult<T> {
        json(self.call(method, path, Some(body(content)?)).await?)
    }

    async fn call(self, method: &str, path: &str, body: Option<String>) -> ApiResult<Vec<u8>> {
        let reply = fetch_as(self.asker, method, path, body).await;
        if matches!(&reply, Err(failure) if failure.status == 401) {
            self.session.expire();
        }
        reply
    }
}

/// Takes a 401 for success, because it says that nobody is signed in, which is what was asked for. After any other
/// failure the session may go on.
fn signed_out(reply: ApiResult<Vec<u8>>) -> ApiResult<()> {
    match reply {
        Err(failure) if failure.status != 401 => Err(failure),
        _ => Ok(()),
    }
}

fn upload_path(id: &UploadId, rest: &str) -> String {
    format!("/api/uploads/{}{rest}", encode(&id.0))
}

fn body(content: &impl Serialize) -> ApiResult<String> {
    serde_json::to_string(content).map_err(|_| not_understood())
}

fn json<T: DeserializeOwned>(bytes: Vec<u8>) -> ApiResult<T> {
    serde_json::from_slice(&bytes).map_err(|_| not_understood())
}

async fn fetch(method: &str, path: &str, body: Option<String>) -> ApiResult<Vec<u8>> {
    fetch_as(AskedBy::Person, method, path, body).await
}

async fn fetch_as(asker: AskedBy, method: &str, path: &str, body: Option<String>) -> ApiResult<Vec<u8>> {
    let response = request(asker, method, path, body).await.map_err(|_| unreachable())?;
    let bytes = read(&response).await.map_err(|_| unreachable())?;
    if response.ok() { Ok(bytes) } else { Err(failure(&response, &bytes)) }
}

async fn request(asker: AskedBy, method: &str, path: &str, body: Option<String>) -> Result<Response, JsValue> {
    let init = RequestInit::new();
    init.set_method(method);
    let headers = Headers::new()?;
    if method != "GET" {
        let body = body.unwrap_or_default();
        headers.set("Content-Type", "application/json")?;
        headers.set(BODY_SHA256, &digest::sha256(body.as_bytes()).await?)?;
        init.set_body(&JsValue::from_str(&body));
    }
    if asker == AskedBy::Page {
        headers.set(POLL, "1")?;
    }
    init.set_headers(&headers);
    let window = window().ok_or(JsValue::NULL)?;
    JsFuture::from(window.fetch_with_str_and_init(path, &init)).await?.dyn_into()
}

async fn read(response: &Response) -> Result<Vec<u8>, JsValue> {
    let buffer = JsFuture::from(response.array_buffer()?).await?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

fn failure(response: &Response, bytes: &[u8]) -> CallFailure {
    let status = response.status();
    let retry_after = response.headers().get("Retry-After").ok().flatten().and_then(|s| s.trim().parse().ok());
    let problem: Problem = serde_json::from_slice(bytes).unwrap_or_else(|_| {
        said(
            "unexpected",
            &format!("Rollbook could not do that (HTTP {status})."),
            "Try again in a moment. If it stays, tell whoever runs Rollbook for you.",
        )
    });
    let problem = Problem { message: curly(&problem.message), hint: problem.hint.as_deref().map(curly), ..problem };
    CallFailure { status, problem, retry_after }
}

fn unreachable() -> CallFailure {
    let problem = said("unreachable", "Rollbook can\u{2019}t be reached.", "Check the connection and try again.");
    CallFailure { status: 0, problem, retry_after: None }
}

fn not_understood() -> CallFailure {
    let problem = said(
        "not_understood",
        "The page and the server do not understand each other.",
        "Load the page again: it may be older than the server.",
    );
    CallFailure { status: 0, problem, retry_after: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_ends_the_session() {
        let failed = |status| Err(CallFailure { status, ..unreachable() });
        assert!(signed_out(Ok(Vec::new())).is_ok() && signed_out(failed(401)).is_ok());
        for status in [0, 429, 500, 503] {
            assert_eq!(signed_out(failed(status)).map_err(|failure| failure.status), Err(status));
        }
    }
}
