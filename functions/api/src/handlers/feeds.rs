//! The directory in the formats of other systems.

use axum::Extension;
use axum::extract::State;
use roster::{FeedFormat, SchoolId, Schools};
use wire::archive::pack_feed;
use wire::audit::{Action, Entry, Subject, said};
use wire::http::{FeedDownload, Link};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Failure;
use crate::extract::Json;
use crate::resources::classes_of_schools::ClassesOfSchools;
use crate::resources::downloads;
use crate::resources::users::schools_asked_for;

/// Serves `POST /api/users/feed`.
pub async fn download(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Json(asked): Json<FeedDownload>,
) -> Result<Json<Link>, Failure> {
    let ids = schools_asked_for(&app, &caller, asked.school.as_ref()).await?;
    let schools = app.cloud.school_list().await?;
    let users = app.cloud.user_list_managed(&ids, |_| true).await?;
    let classes = ClassesOfSchools::read(&app, &ids).await?;
    let archive = pack_feed(classes.feed(asked.format, &users, &schools, app.now()));
    let details = vec![said("who", &asked.format.as_str()), said("users", &users.len())];
    let entry = Entry::new(app.now(), Some(caller.as_decider()), Action::Downloaded, Subject::Users);
    let only = if let [only] = &ids[..] { Some(only.clone()) } else { None };
    app.cloud.audit_append(&Entry { school: only, details, ..entry }).await?;
    let key = downloads::store_archive(&app, archive).await?;
    tracing::info!(user = %caller.guid, format = asked.format.as_str(), users = users.len(), "feed downloaded");
    let name = feed_name(asked.format, &ids, &schools);
    Ok(Json(Link { url: app.cloud.object_link_to_get(&key, &name).await?, left_out: 0 }))
}

/// Returns the name of the archive, with the school where it is of one.
fn feed_name(format: FeedFormat, ids: &[SchoolId], schools: &Schools) -> String {
    let school = match ids {
        [only] => schools.by_id(only).map(|school| format!("-{}", school.external_id)),
        _ => None,
    };
    format!("{}{}.zip", format.as_str(), school.unwrap_or_default())
}
