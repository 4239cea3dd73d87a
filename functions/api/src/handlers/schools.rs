//! The schools and the district office.

use axum::Extension;
use axum::extract::State;
use cloud::schools::SavedSchool;
use roster::{Column, School, SchoolId, typed_id};
use wire::http::SchoolEdit;

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::{Failure, Thing};
use crate::extract::{Json, Path};
use crate::resources::schools::in_order;

/// Serves `GET /api/schools`.
pub async fn list(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<Json<Vec<School>>, Failure> {
    let mut schools = in_order(&app.cloud.school_list().await?);
    schools.retain(|school| caller.may_see_in_list(&school.id));
    Ok(Json(schools))
}

/// Serves `POST /api/schools`.
pub async fn create(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Json(edit): Json<SchoolEdit>,
) -> Result<Json<School>, Failure> {
    let edit = checked(edit)?;
    answer(app.cloud.school_create(&edit.name, &edit.external_id, &caller.as_author(app.now())).await?, edit)
}

/// Serves `PUT /api/schools/{id}`.
pub async fn edit(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<SchoolId>,
    Json(edit): Json<SchoolEdit>,
) -> Result<Json<School>, Failure> {
    let edit = checked(edit)?;
    if id.0.len() > ID_BYTES {
        return Err(Failure::Missing { thing: Thing::School });
    }
    let (seen, author) = (edit.seen.as_ref(), caller.as_author(app.now()));
    answer(app.cloud.school_edit(&id, seen, &edit.name, &edit.external_id, &author).await?, edit)
}

fn answer(saved: SavedSchool, edit: SchoolEdit) -> Result<Json<School>, Failure> {
    match saved {
        SavedSchool::Saved(school) => {
            tracing::info!(school = %school.id.0, "school saved");
            Ok(Json(school))
        }
        SavedSchool::ExternalIdTaken => Err(Failure::ExternalIdTaken { external_id: edit.external_id }),
        SavedSchool::Changed => Err(Failure::SchoolChanged),
        SavedSchool::Missing => Err(Failure::Missing { thing: Thing::School }),
    }
}

/// The longest identifier of a school in bytes; the table takes none that is much longer.
const ID_BYTES: usize = 64;

/// The longest name of a school in characters.
const NAME_CHARS: usize = 100;

fn checked(edit: SchoolEdit) -> Result<SchoolEdit, Failure> {
    let name = edit.name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS || name.chars().any(char::is_control) {
        return Err(Failure::Invalid {
            message: "This can't be the name of a school.",
            hint: "Type a name of up to 100 characters.",
        });
    }
    let external_id = typed_id(Column::SchoolDistrictExternalId, &edit.external_id).ok_or(Failure::Invalid {
        message: "No roster could have this external ID.",
        hint: "Type the ID that rosters have in the column school_district_external_id, of up to 64 characters.",
    })?;
    Ok(SchoolEdit { name: name.to_owned(), external_id, seen: edit.seen.clone() })
}
