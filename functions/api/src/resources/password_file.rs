//! Files with temporary passwords, as somebody may read them now.

use std::collections::HashSet;

use cloud::bucket::keys;
use roster::files::Credentials;
use roster::{Guid, User};
use uuid::Uuid;
use wire::audit::said;
use wire::http::Link;
use wire::stored::FieldChange;
use wire::{FileKind, Upload};

use crate::app::App;
use crate::auth::authority::RoleAuthority;
use crate::auth::caller::Caller;
use crate::error::Failure;
use crate::random;
use crate::resources::uploads::readable;

/// A file with passwords that the caller may read.
///
/// It is without the lines of users who may do more by now, or who are in another school.
pub struct PasswordFile {
    key: String,
    /// How many lines were left out.
    pub left_out: u64,
    /// Whether there is no line that the caller may read.
    pub is_empty: bool,
}

impl PasswordFile {
    /// Reads the file under a key, whose lines about users who are not `readable` now are left out.
    ///
    /// Where there are some, the rest is stored as a file of its own.
    pub async fn load(app: &App, key: &str, readable: impl Fn(&User) -> bool) -> Result<PasswordFile, Failure> {
        let file = app.cloud.object_get(key).await?.ok_or(Failure::PasswordsGone)?;
        let read = Credentials::read(&file).map_err(|why| Failure::Fault { source: why.into() })?;
        let users = app.cloud.user_get_many(read.users()).await?;
        let covered = users.iter().filter(|user| readable(user));
        let covered: HashSet<Guid> = covered.map(|user| user.guid).collect();
        let (rest, left_out) = read.only(|user| covered.contains(&user));
        let is_empty = covered.is_empty();
        if left_out == 0 {
            return Ok(PasswordFile { key: key.to_owned(), left_out, is_empty });
        }
        let key = keys::credentials_copy(&Uuid::from_bytes(random::bytes()?).to_string());
        app.cloud.object_put(&key, rest).await?;
        Ok(PasswordFile { key, left_out, is_empty })
    }

    /// Returns what the audit log says of lines that were left out.
    pub fn detail(&self) -> Option<FieldChange> {
        (self.left_out > 0).then(|| said("left_out", &self.left_out))
    }

    /// Returns a link to the file, which the browser stores under a name.
    pub async fn link(&self, app: &App, name: &str) -> Result<Link, Failure> {
        Ok(Link { url: app.cloud.object_link_to_get(&self.key, name).await?, left_out: self.left_out })
    }
}

/// Returns until when the caller can read the temporary passwords of an upload in its completed file.
///
/// That is `None` where they may not see them, or there are none, or no longer.
pub async fn readable_passwords(app: &App, caller: &Caller, upload: &Upload) -> Result<Option<u64>, Failure> {
    if !caller.may_see_passwords() || !upload.files.contains(&FileKind::Completed) {
        return Ok(None);
    }
    let until = app.cloud.settings_get().await?.settings.accounts.passwords.readable_until(upload.updated_at);
    if until <= app.now() {
        return Ok(None);
    }
    if app.cloud.object_head(&keys::credentials(&upload.id)).await?.is_none() {
        return Ok(None);
    }
    // With a password one could sign in as its user, so none is for somebody who may do less.
    let Some(digest) = &upload.digest else { return Ok(None) };
    let Some(head) = readable(app.cloud.plan_head_get(&upload.id, digest).await)? else { return Ok(None) };
    let authority = RoleAuthority::load(app, caller).await?;
    Ok(authority.covers(&head.hands_out).then_some(until))
}
