//! Links to files: those of an upload, and users in the roster's own columns.

use axum::Extension;
use axum::extract::State;
use cloud::bucket::keys;
use roster::{User, files};
use uuid::Uuid;
use wire::FileKind;
use wire::audit::{Action, Entry, Subject, said};
use wire::http::{Link, TableFormat, UsersDownload, Who};
use wire::workbook::{self, WorkbookFault};

use crate::app::App;
use crate::auth::authority::UserAuthority;
use crate::auth::caller::Caller;
use crate::error::{Failure, Thing};
use crate::extract::{Json, Path};
use crate::resources::classes_of_schools::ClassesOfSchools;
use crate::resources::downloads;
use crate::resources::password_file::{PasswordFile, readable_passwords};
use crate::resources::uploads::{visible, with_files};
use crate::resources::users::schools_asked_for;

/// Serves `GET /api/uploads/{id}/files/{kind}`.
pub async fn file(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path((id, kind)): Path<(Uuid, FileKind)>,
) -> Result<Json<Link>, Failure> {
    let upload = with_files(visible(&app, &caller, id).await?)?;
    let key = keys::file(&upload, kind).ok_or(Failure::Missing { thing: Thing::File })?;
    let with_passwords = kind == FileKind::Completed && readable_passwords(&app, &caller, &upload).await?.is_some();
    let readable = if with_passwords {
        let authority = UserAuthority::load(&app, &caller).await?;
        let readable = |user: &User| authority.may_read_password(user);
        Some(PasswordFile::load(&app, &keys::credentials(&upload.id), readable).await?)
    } else {
        None
    };
    let name = match kind {
        // Of a workbook its sheet is kept, as CSV.
        // A set is called by its folder.
        FileKind::Uploaded if upload.sheet.is_some() || !upload.file_name.contains('.') => {
            format!("{}.csv", stem(&upload.file_name))
        }
        FileKind::Uploaded => upload.file_name.clone(),
        _ => format!("{}-{}.csv", stem(&upload.file_name), kind.as_str()),
    };
    let entry = Entry::of_upload(app.now(), Action::Downloaded, &upload);
    let mut details = vec![said("file", &kind.as_str())];
    details.extend(with_passwords.then(|| said("with_passwords", &"yes")));
    details.extend(readable.as_ref().and_then(PasswordFile::detail));
    app.cloud.audit_append(&Entry { by: Some(caller.as_decider()), details, ..entry }).await?;
    tracing::info!(upload = %upload.id, user = %caller.guid, file = kind.as_str(), "link given");
    match readable {
        Some(readable) => readable.link(&app, &name).await.map(Json),
        None => Ok(Json(Link { url: app.cloud.object_link_to_get(&key, &name).await?, left_out: 0 })),
    }
}

/// Serves `POST /api/users/download`: the managed users.
///
/// Those without a custom ID can be in no roster.
pub async fn users(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Json(asked): Json<UsersDownload>,
) -> Result<Json<Link>, Failure> {
    let ids = schools_asked_for(&app, &caller, asked.school.as_ref()).await?;
    let schools = app.cloud.school_list().await?;
    let mut users = Vec::new();
    if asked.who != Who::Classes {
        users = app.cloud.user_list_managed(&ids, |user| asked.who.includes(user.user_type)).await?;
    }
    let file = match asked.who {
        Who::All | Who::Staff | Who::Administrators => files::users_file(users.iter(), &schools),
        Who::WithClasses => ClassesOfSchools::read(&app, &ids).await?.with_users(&users, &schools),
        Who::Classes => ClassesOfSchools::read_classes(&app, &ids).await?.file(&schools),
        Who::Enrolments => ClassesOfSchools::read(&app, &ids).await?.enrolments(&app, users.clone()).await?,
    };
    let details = vec![said("who", &asked.who.as_str()), said("users", &users.len())];
    let entry = Entry::new(app.now(), Some(caller.as_decider()), Action::Downloaded, Subject::Users);
    let only = if let [only] = &ids[..] { Some(only.clone()) } else { None };
    app.cloud.audit_append(&Entry { school: only, details, ..entry }).await?;
    let key = match asked.format {
        TableFormat::Csv => downloads::store(&app, file).await?,
        TableFormat::Xlsx => downloads::store_workbook(&app, workbook(asked.who, &file)?).await?,
    };
    tracing::info!(user = %caller.guid, users = users.len(), "users downloaded");
    let school = match &ids[..] {
        [only] => schools.by_id(only).map(|school| school.external_id.as_str()),
        _ => None,
    };
    let name = users_name(school, &asked);
    Ok(Json(Link { url: app.cloud.object_link_to_get(&key, &name).await?, left_out: 0 }))
}

/// Returns one of our files as a workbook.
fn workbook(who: Who, file: &[u8]) -> Result<Vec<u8>, Failure> {
    workbook::write(&[(who.as_str(), file)]).map_err(|fault| match fault {
        WorkbookFault::TooManyRows => Failure::SheetTooLong,
        fault => Failure::Fault { source: fault.into() },
    })
}

fn users_name(school: Option<&str>, asked: &UsersDownload) -> String {
    let (who, ending) = (asked.who.as_str(), asked.format.ending());
    match school {
        Some(external_id) => format!("{who}-{external_id}.{ending}"),
        None => format!("{who}.{ending}"),
    }
}

/// Returns the file name without its last extension.
fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}
