//! Everything that is kept about one person, for somebody who asks what that is.

use axum::Extension;
use axum::extract::State;
use roster::Guid;
use wire::audit::{Action, Entry, said};
use wire::http::Link;

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Failure;
use crate::extract::{Json, Path};
use crate::resources::downloads;
use crate::resources::everything::Everything;
use crate::resources::users::visible;

/// Serves `POST /api/users/{guid}/everything`.
pub async fn download(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(guid): Path<Guid>,
) -> Result<Json<Link>, Failure> {
    let user = visible(&app, &caller, guid).await?;
    let everything = Everything::collect(&app, &user).await?;
    let left_out = everything.uploads_left_out.len();
    let mut entry = Entry::of_user(app.now(), Some(caller.as_decider()), Action::Downloaded, &user, &[]);
    entry.details = vec![said("file", &"everything"), said("uploads", &everything.uploads.len())];
    entry.details.extend((left_out > 0).then(|| said("uploads_left_out", &left_out)));
    app.cloud.audit_append(&entry).await?;
    let key = downloads::store_document(&app, &everything).await?;
    tracing::info!(user = %guid, by = %caller.guid, left_out, "everything about a user downloaded");
    let name = format!("everything-{guid}.json");
    Ok(Json(Link { url: app.cloud.object_link_to_get(&key, &name).await?, left_out: left_out as u64 }))
}
