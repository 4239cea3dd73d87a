//! Users: the list with its search, one with its history, and its custom ID.

use axum::Extension;
use axum::extract::State;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use cloud::people::SchoolUsersCursor;
use cloud::users::Listing;
use roster::user::fold;
use roster::{Column, Fields, Guid, Roles, SchoolId, User, role, typed_id};
use serde::{Deserialize, Serialize};
use wire::http::{CustomIdEdit, Page, Recover, ResetRow, RolesEdit, UserDetail, UserRow, UsersQuery};
use wire::origin::OriginSearch;
use wire::stored::Outcome;

use crate::app::App;
use crate::auth::authority::UserAuthority;
use crate::auth::caller::Caller;
use crate::auth::password_policy::is_known_to_others;
use crate::error::{Failure, Thing};
use crate::extract::{Json, Path, Query};
use crate::resources::resets;
use crate::resources::users::{schools_asked_for, visible};

/// How many users a page has at most, apart from those that are found directly.
const PAGE: usize = 50;

/// How many users one request looks at in search of a part of a name, and in how many reads.
const LOOKED_AT: usize = 5000;
const READS: usize = 40;

/// The longest text that is searched for, in characters: as long as the longest e-mail address.
const SEARCH_CHARS: usize = 254;

/// Serves `GET /api/users`.
pub async fn list(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<UsersQuery>,
) -> Result<Json<Page<UserRow>>, Failure> {
    let schools = schools_asked_for(&app, &caller, query.school.as_ref()).await?;
    let search = UserSearch::parse(query.search.as_deref().unwrap_or_default())?;
    let listing = if query.deleted {
        Listing::Deleted
    } else if query.archived {
        Listing::Archived
    } else {
        Listing::Present
    };
    let mut items = Vec::new();
    if let (Some(search), None, Listing::Present) = (&search, &query.cursor, listing) {
        let known = app.cloud.user_list_known_as(&search.text).await?;
        items.extend(known.into_iter().filter(|user| schools.contains(&user.school)));
    }
    let start = query.cursor.as_deref().map(Start::from_cursor).transpose()?;
    let wanted = |user: &User| match (&search, listing) {
        (None, _) => true,
        (Some(search), Listing::Present) => search.finds_in_list(user),
        (Some(search), Listing::Deleted | Listing::Archived) => {
            search.finds_in_list(user) || search.finds_directly(user)
        }
    };
    let reading = PageRequest { schools: &schools, listing, at_once: if search.is_some() { 500 } else { PAGE } };
    let cursor = fill(&app, &mut items, &reading, start, wanted).await?;
    let items = items.into_iter().map(UserRow::from).collect();
    Ok(Json(Page { items, cursor: cursor.map(|start| start.cursor()) }))
}

/// Serves `GET /api/users/{guid}`.
pub async fn detail(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(guid): Path<Guid>,
) -> Result<Json<UserDetail>, Failure> {
    let user = visible(&app, &caller, guid).await?;
    with_history(&app, user).await
}

/// Serves `PUT /api/users/{guid}/custom-id`.
pub async fn set_custom_id(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(guid): Path<Guid>,
    Json(asked): Json<CustomIdEdit>,
) -> Result<Json<UserDetail>, Failure> {
    let user = visible(&app, &caller, guid).await?;
    if user.deleted_at.is_some() {
        return Err(Failure::Missing { thing: Thing::User });
    }
    let custom_id = checked_id(&asked.custom_id)?;
    if user.version != asked.version {
        return Err(Failure::UserChanged);
    }
    UserAuthority::load(&app, &caller).await?.check(&user)?;
    if user.custom_id.as_ref() == Some(&custom_id) {
        return with_history(&app, user).await;
    }
    let after = User { custom_id: Some(custom_id.clone()), version: user.version + 1, ..user.clone() };
    let taken = Failure::CustomIdTaken { custom_id };
    changed(&app, &caller, &user, after, taken, "custom ID given").await
}

/// Serves `PUT /api/users/{guid}/roles`.
pub async fn set_roles(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(guid): Path<Guid>,
    Json(asked): Json<RolesEdit>,
) -> Result<Json<UserDetail>, Failure> {
    let user = visible(&app, &caller, guid).await?;
    if user.deleted_at.is_some() {
        return Err(Failure::Missing { thing: Thing::User });
    }
    if caller.is(guid) {
        return Err(Failure::OwnRoles);
    }
    if user.version != asked.version {
        return Err(Failure::UserChanged);
    }
    let school = app.cloud.school_get(&user.school).await?.ok_or(Failure::Missing { thing: Thing::School })?;
    let known = app.cloud.roles_get().await?.roles;
    role::check_given(&asked.roles, &known, user.user_type, school.is_district())?;
    let roles = Roles::from_ids(&asked.roles);
    if user.roles == roles {
        return with_history(&app, user).await;
    }
    let after = User { roles, version: user.version + 1, ..user.clone() };
    let reset = renew_known_password(&app, &caller, &user, &after).await?;
    // Roles belong to nobody, so none can be taken.
    match changed(&app, &caller, &user, after, Failure::UserChanged, "roles given").await {
        Ok(Json(detail)) => Ok(Json(UserDetail { reset, ..detail })),
        // Else nobody would know why the password that the user has opens nothing.
        Err(Failure::UserChanged) if reset.is_some() => Err(Failure::ResetOnly),
        Err(failure) => Err(failure),
    }
}

/// Gives the user a new temporary password who may do more than before, unless the present one is known to the user alone.
/// It comes first: nobody who knows the present one is ever let in with more than before.
async fn renew_known_password(
    app: &App,
    caller: &Caller,
    before: &User,
    after: &User,
) -> Result<Option<ResetRow>, Failure> {
    if !UserAuthority::load(app, caller).await?.gains(before, after) {
        return Ok(None);
    }
    match app.cloud.account_get(before.guid).await? {
        Some(account) if is_known_to_others(&account) => {
            let user = User { version: before.version, ..after.clone() };
            resets::renew(app, caller, user).await.map(Some)
        }
        _ => Ok(None),
    }
}

/// Serves `POST /api/users/{guid}/recover`: brings a deleted user back as it was, password and all.
pub async fn recover(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(guid): Path<Guid>,
    Json(asked): Json<Recover>,
) -> Result<Json<UserDetail>, Failure> {
    let user = visible(&app, &caller, guid).await?;
    if user.version != asked.version || user.deleted_at.is_none() {
        return Err(Failure::UserChanged);
    }
    UserAuthority::load(&app, &caller).await?.check(&user)?;
    if user.recoverable_until().is_none_or(|until| until < app.now()) {
        return Err(Failure::Erased);
    }
    let after = User { deleted_at: None, erase_at: None, version: user.version + 1, ..user.clone() };
    let taken = Failure::EmailTaken { email: user.email.clone() };
    changed(&app, &caller, &user, after, taken, "recovered").await
}

/// Makes of a user what somebody wants by hand, and answers with what it is then. `taken` is what it means where
/// something belongs to somebody else, `what` is for the log.
async fn changed(
    app: &App,
    caller: &Caller,
    seen: &User,
    after: User,
    taken: Failure,
    what: &'static str,
) -> Result<Json<UserDetail>, Failure> {
    match app.cloud.user_change_by_hand(seen, after, &caller.as_decider(), app.now()).await? {
        Outcome::Done => {}
        Outcome::Taken => return Err(taken),
        Outcome::Drifted | Outcome::Protected => return Err(Failure::UserChanged),
    }
    tracing::info!(user = %seen.guid, by = %caller.guid, what, "changed by hand");
    let user = visible(app, caller, seen.guid).await?;
    with_history(app, user).await
}

/// Returns the user with what happened to it last, and with where its fields came from, however long ago that was.
async fn with_history(app: &App, user: User) -> Result<Json<UserDetail>, Failure> {
    let custom_id = Some(user.custom_id.clone().unwrap_or_default());
    let fields = Fields::of(&User { custom_id, ..user.clone() });
    let mut search = OriginSearch::new(fields.iter().flat_map(Fields::list).map(|(field, _)| field));
    let (history, mut next) = app.cloud.history_list_part(user.guid, None).await?;
    search.look_at(&history);
    while let Some(place) = next.filter(|_| !search.is_over()) {
        let (older, after) = app.cloud.history_list_part(user.guid, Some(&place)).await?;
        search.look_at(&older);
        next = after;
    }
    let mut origins = search.found();
    let uploads =
        app.cloud.upload_get_many(origins.iter().filter_map(|origin| origin.upload.clone()).collect()).await?;
    for origin in &mut origins {
        if let Some(upload) = origin.upload.as_ref().and_then(|id| uploads.get(id)) {
            (origin.file_name, origin.by_hand) = (Some(upload.file_name.clone()), upload.by_hand);
        }
    }
    Ok(Json(UserDetail { user: UserRow::from(user), history, origins, reset: None }))
}

fn checked_id(custom_id: &str) -> Result<String, Failure> {
    typed_id(Column::CustomId, custom_id).ok_or(Failure::Invalid {
        message: "No roster could have this custom ID.",
        hint: "Type the Employee ID or Student ID, of up to 64 characters.",
    })
}

/// What is read to fill a page.
struct PageRequest<'a> {
    schools: &'a [SchoolId],
    listing: Listing,
    /// How many users one read asks for at most.
    at_once: usize,
}

/// Adds users that are wanted from `start` on until the page is full or enough has been looked at, and says where to
/// go on.
async fn fill(
    app: &App,
    items: &mut Vec<User>,
    &PageRequest { schools, listing, at_once }: &PageRequest<'_>,
    start: Option<Start>,
    wanted: impl Fn(&User) -> bool,
) -> Result<Option<Start>, Failure> {
    let full = items.len() + PAGE;
    let first = start.as_ref().map_or(Some(0), |start| schools.iter().position(|id| *id == start.school));
    let first = first.ok_or(Failure::CursorUnknown)?;
    let mut after = start.and_then(|start| start.after);
    let (mut looked_at, mut reads) = (0, 0);
    for school in &schools[first..] {
        loop {
            if reads >= READS || looked_at >= LOOKED_AT {
                return Ok(Some(Start { school: school.clone(), after }));
            }
            let (listed, next) = app.cloud.user_list_by_school(school, listing, after.as_ref(), at_once as u16).await?;
            reads += 1;
            looked_at += listed.len();
            for one in listed {
                if wanted(&one.user) {
                    items.push(one.user);
                }
                if items.len() >= full {
                    return Ok(Some(Start { school: school.clone(), after: Some(one.place) }));
                }
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(None)
}

/// Where a page begins: in a school, after a certain user of it.
#[derive(Serialize, Deserialize)]
struct Start {
    school: SchoolId,
    after: Option<SchoolUsersCursor>,
}

impl Start {
    fn from_cursor(cursor: &str) -> Result<Start, Failure> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Failure::CursorUnknown)?;
        let start: Start = serde_json::from_slice(&bytes).map_err(|_| Failure::CursorUnknown)?;
        let is_place = start.after.as_ref().is_none_or(SchoolUsersCursor::is_place);
        if is_place { Ok(start) } else { Err(Failure::CursorUnknown) }
    }

    fn cursor(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).expect("names and keys are JSON"))
    }
}

/// What is searched for: parts of names, or the whole of something that a user has.
struct UserSearch {
    text: String,
    folded: String,
}

impl UserSearch {
    /// Reads what is searched for; `None` where nothing is.
    fn parse(text: &str) -> Result<Option<UserSearch>, Failure> {
        let text = text.trim();
        if text.chars().count() > SEARCH_CHARS {
            return Err(Failure::TooLong);
        }
        Ok((!text.is_empty()).then(|| UserSearch { text: text.to_owned(), folded: fold(text) }))
    }

    /// Returns whether the user belongs to the list beside those that were found directly.
    fn finds_in_list(&self, user: &User) -> bool {
        if self.finds_directly(user) {
            return false;
        }
        let names = [&user.first_name, &user.middle_name, &user.last_name].map(|name| fold(name));
        let every_word = self.folded.split_whitespace().all(|word| names.iter().any(|name| name.contains(word)));
        every_word || fold(&user.email) == self.folded
    }

    fn finds_directly(&self, user: &User) -> bool {
        user.custom_id.as_ref() == Some(&self.text)
            || fold(&user.username) == self.folded
            || user.user_type.is_staff() && fold(&user.email) == self.folded
    }
}
