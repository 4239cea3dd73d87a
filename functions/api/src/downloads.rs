//! Links to files: those of an upload, and users in the roster's own columns.

use axum::Extension;
use axum::extract::State;
use cloud::bucket::keys;
use cloud::users::Listing;
use roster::{Permission, SchoolId, User, files};
use uuid::Uuid;
use wire::audit::{Action, Entry, Subject, said};
use wire::http::{Link, UsersDownload, Who};
use wire::{FileKind, Upload};

use crate::extract::{Json, Path};
use crate::guard::Caller;
use crate::resets::Readable;
use crate::roles::Reach;
use crate::uploads::{readable, visible, with_files};
use crate::users::schools_asked_for;
use crate::{App, Failure, Thing};

/// How many users are read at once.
const READ: u16 = 1000;

/// `GET /api/uploads/{id}/files/{kind}`
pub async fn file(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path((id, kind)): Path<(Uuid, FileKind)>,
) -> Result<Json<Link>, Failure> {
    let upload = with_files(visible(&app, &caller, id).await?)?;
    let key = keys::file(&upload, kind).ok_or(Failure::Missing(Thing::File))?;
    let with_passwords = kind == FileKind::Completed && readable_passwords(&app, &caller, &upload).await?.is_some();
    let readable = if with_passwords {
        let reach = Reach::of(&app, &caller).await?;
        Some(Readable::of(&app, &caller, &reach, &keys::credentials(&upload.id)).await?)
    } else {
        None
    };
    let name = match kind {
        FileKind::Uploaded => upload.file_name.clone(),
        _ => format!("{}-{}.csv", stem(&upload.file_name), kind.as_str()),
    };
    let entry = Entry::of_upload(app.now(), Action::Downloaded, &upload);
    let mut details = vec![said("file", &kind.as_str())];
    details.extend(with_passwords.then(|| said("with_passwords", &"yes")));
    details.extend(readable.as_ref().and_then(Readable::said));
    app.cloud.audit(&Entry { by: Some(caller.as_decider()), details, ..entry }).await?;
    tracing::info!(upload = %upload.id, user = %caller.guid, file = kind.as_str(), "link given");
    match readable {
        Some(readable) => readable.link(&app, &name).await.map(Json),
        None => Ok(Json(Link { url: app.cloud.link_to(&key, &name).await?, left_out: 0 })),
    }
}

/// Until when the caller can read the temporary passwords of an upload in its completed file; `None` where they may not
/// see them, or there are none, or no longer.
pub async fn readable_passwords(app: &App, caller: &Caller, upload: &Upload) -> Result<Option<u64>, Failure> {
    if !caller.may(Permission::SeePasswords) || !upload.files.contains(&FileKind::Completed) {
        return Ok(None);
    }
    let until = app.cloud.settings().await?.settings.accounts.passwords.readable_until(upload.updated_at);
    if until <= app.now() {
        return Ok(None);
    }
    if app.cloud.head_object(&keys::credentials(&upload.id)).await?.is_none() {
        return Ok(None);
    }
    // With a password one could sign in as its user, so none is for somebody who may do less.
    let Some(digest) = &upload.digest else { return Ok(None) };
    let Some(head) = readable(app.cloud.plan_head(&upload.id, digest).await)? else { return Ok(None) };
    let may_do = app.cloud.roles().await?.permissions_of(&head.hands_out);
    Ok(may_do.is_subset(&caller.permissions).then_some(until))
}

/// `POST /api/users/download`: the managed users, for those without a custom ID can be in no roster.
pub async fn users(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Json(asked): Json<UsersDownload>,
) -> Result<Json<Link>, Failure> {
    let ids = schools_asked_for(&app, &caller, asked.school.as_ref()).await?;
    let mut users = Vec::new();
    for school in &ids {
        read(&app, school, asked.who, &mut users).await?;
    }
    let schools = app.cloud.schools().await?;
    let file = files::users_file(users.iter(), &schools);
    let details = vec![said("who", &asked.who.as_str()), said("users", &users.len())];
    let entry = Entry::new(app.now(), Some(caller.as_decider()), Action::Downloaded, Subject::Users);
    let only = if let [only] = &ids[..] { Some(only.clone()) } else { None };
    app.cloud.audit(&Entry { school: only, details, ..entry }).await?;
    let key = kept(&app, file).await?;
    tracing::info!(user = %caller.guid, users = users.len(), "users downloaded");
    let school = match &ids[..] {
        [only] => schools.by_id(only).map(|school| school.external_id.as_str()),
        _ => None,
    };
    Ok(Json(Link { url: app.cloud.link_to(&key, &users_name(school, asked.who)).await?, left_out: 0 }))
}

/// Keeps a file to be downloaded, under a key that can't be guessed. It is deleted after a day.
pub async fn kept(app: &App, file: Vec<u8>) -> Result<String, Failure> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)?;
    let key = keys::download(&Uuid::from_bytes(random).to_string());
    app.cloud.put_object(&key, file).await?;
    Ok(key)
}

async fn read(app: &App, school: &SchoolId, who: Who, users: &mut Vec<User>) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let (listed, next) = app.cloud.users_of_school(school, Listing::Present, after.as_ref(), READ).await?;
        // A row without a custom ID could not be uploaded again.
        let asked_for = |user: &User| user.is_managed() && who.includes(user.user_type);
        users.extend(listed.into_iter().map(|one| one.user).filter(asked_for));
        match next {
            Some(place) => after = Some(place),
            None => return Ok(()),
        }
    }
}

fn users_name(school: Option<&str>, who: Who) -> String {
    let who = who.as_str();
    match school {
        Some(external_id) => format!("{who}-{external_id}.csv"),
        None => format!("{who}.csv"),
    }
}

/// The file name without its last extension.
fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}
