//! Resets of passwords: of one user or many, the list of them, and their files.
//!
//! Whoever may reset only in the own classes has to name one of them, for a reset, for the list and for a file alike.

use std::collections::HashSet;

use axum::Extension;
use axum::extract::State;
use cloud::bucket::keys;
use cloud::users::Listing;
use roster::user::fold;
use roster::{ClassGuid, Guid, User};
use uuid::Uuid;
use wire::audit::{Action, Entry};
use wire::http::{Link, NewReset, Page, ResetRow, ResetsQuery};
use wire::stored::Reset;

use crate::app::App;
use crate::auth::authority::{RoleAuthority, UserAuthority, students_of};
use crate::auth::caller::Caller;
use crate::error::{Failure, Thing};
use crate::extract::{Json, Path, Query};
use crate::resources::classes::{SeenMembers, members_to_reset};
use crate::resources::page::{PAGE, visible_page};
use crate::resources::password_file::PasswordFile;
use crate::resources::resets::{ResetUsers, entry, renew, reset, row, rule};
use crate::resources::users::{schools_asked_for, visible};

/// How many passwords one request resets at most. Hashing as many takes some seconds.
const MOST_USERS: usize = 1000;

/// How many users are read at once.
const READ: u16 = 1000;

/// Serves `POST /api/users/{guid}/reset-password`.
pub async fn of_user(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(guid): Path<Guid>,
) -> Result<Json<ResetRow>, Failure> {
    let user = visible(&app, &caller, guid).await?;
    if user.deleted_at.is_some() {
        return Err(Failure::Missing { thing: Thing::User });
    }
    UserAuthority::load(&app, &caller).await?.check_reset(&user)?;
    renew(&app, &caller, user).await.map(Json)
}

/// Serves `POST /api/passwords/resets`.
pub async fn of_many(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Json(asked): Json<NewReset>,
) -> Result<Json<ResetRow>, Failure> {
    let found = match asked.class {
        Some(class) => find_in_class(&app, &caller, &asked, class).await?,
        None if asked.user.is_some() => {
            return Err(Failure::Invalid {
                message: "The class is missing whose student is to get a new password.",
                hint: "Name a class that the student is in.",
            });
        }
        None => {
            caller.check_may_reset_everywhere()?;
            schools_asked_for(&app, &caller, Some(&asked.school)).await?;
            find(&app, &caller, &asked).await?
        }
    };
    if found.users.is_empty() {
        return Err(Failure::Invalid {
            message: "There is nobody whose password could be reset.",
            hint: "Choose other users.",
        });
    }
    reset(&app, &caller, asked, found).await.map(Json)
}

/// Serves `GET /api/passwords/resets`.
pub async fn list(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<ResetsQuery>,
) -> Result<Json<Page<ResetRow>>, Failure> {
    match query.class {
        Some(class) => drop(members_to_reset(&app, &caller, class).await?),
        None => caller.check_may_reset_everywhere()?,
    }
    let read = |start: Option<String>| {
        let app = &app;
        async move { app.cloud.reset_list(PAGE, start.as_deref()).await }
    };
    let wanted = |reset: &Reset| {
        caller.may_see_school(&reset.school) && query.class.is_none_or(|class| reset.class == Some(class))
    };
    let page = visible_page(query.cursor, read, wanted).await?;
    let (rule, authority) = (rule(&app).await?, RoleAuthority::load(&app, &caller).await?);
    let rows = page.items.into_iter().map(|reset| {
        let readable = authority.covers(&reset.hands_out);
        let row = row(reset, &rule, app.now());
        ResetRow { readable_until: row.readable_until.filter(|_| readable), ..row }
    });
    Ok(Json(Page { items: rows.collect(), cursor: page.cursor }))
}

/// Serves `GET /api/passwords/resets/{id}/file`.
pub async fn file(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<Uuid>,
) -> Result<Json<Link>, Failure> {
    let reset = app.cloud.reset_get(&id.to_string()).await?.filter(|reset| caller.may_see_school(&reset.school));
    let reset = reset.ok_or(Failure::Missing { thing: Thing::File })?;
    let only = students_readable(&app, &caller, &reset).await?;
    let authority = UserAuthority::load(&app, &caller).await?;
    authority.roles.check(&reset.hands_out)?;
    let key = keys::reset_credentials(&reset.id);
    let until = rule(&app).await?.readable_until(reset.at);
    if until <= app.now() || app.cloud.object_head(&key).await?.is_none() {
        return Err(Failure::PasswordsGone);
    }
    let may_read = |user: &User| match &only {
        Some(students) => students.contains(&user.guid) && authority.check_reset_student(user).is_ok(),
        None => authority.may_read_password(user),
    };
    let readable = PasswordFile::load(&app, &key, may_read).await?;
    if readable.is_empty {
        return Err(Failure::MayDoMore);
    }
    let mut entry = Entry { at: app.now(), ..entry(&caller, &reset, Action::Downloaded) };
    entry.details.extend(readable.detail());
    app.cloud.audit_append(&entry).await?;
    tracing::info!(reset = reset.id, user = %caller.guid, left_out = readable.left_out, "link to passwords given");
    readable.link(&app, "passwords.csv").await.map(Json)
}

/// Returns which students' passwords of a reset a teacher may read; `None` for callers who may read all of them.
///
/// They are those who are in the class now, and not those who have left it. A reset that is not of a class is missing for
/// callers who may reset passwords in their own classes only.
async fn students_readable(app: &App, caller: &Caller, reset: &Reset) -> Result<Option<HashSet<Guid>>, Failure> {
    if caller.may_see_passwords() {
        return Ok(None);
    }
    let class = reset.class.ok_or(Failure::Missing { thing: Thing::File })?;
    let SeenMembers { enrolments, .. } = match members_to_reset(app, caller, class).await {
        Err(Failure::Missing { .. }) => Err(Failure::Missing { thing: Thing::File }),
        seen => seen,
    }?;
    Ok(Some(students_of(&enrolments, app.now())))
}

/// Returns the students in the class now whom the other terms of the request fit, and who may be reset.
///
/// Where a single student was asked for, the reason that forbids it is an error.
async fn find_in_class(app: &App, caller: &Caller, asked: &NewReset, class: ClassGuid) -> Result<ResetUsers, Failure> {
    let SeenMembers { class, enrolments } = members_to_reset(app, caller, class).await?;
    if class.fields.school != asked.school {
        return Err(Failure::Missing { thing: Thing::Class });
    }
    let meant = |user: &User| {
        asked.grade.is_none_or(|grade| user.grade == grade)
            && asked.user_type.is_none_or(|user_type| user.user_type == user_type)
    };
    let mut students = students_of(&enrolments, app.now());
    students.retain(|student| asked.user.is_none_or(|user| user == *student));
    let mut users = app.cloud.user_get_many(students).await?;
    users.retain(meant);
    check_not_too_many(users.len())?;
    let all = users.len();
    let authority = UserAuthority::load(app, caller).await?;
    if asked.user.is_some() {
        let user = users.first().ok_or(Failure::Missing { thing: Thing::User })?;
        authority.check_reset_student(user)?;
    }
    users.retain(|user| authority.check_reset_student(user).is_ok());
    Ok(in_order(users, all))
}

fn check_not_too_many(users: usize) -> Result<(), Failure> {
    if users > MOST_USERS {
        return Err(Failure::Invalid {
            message: "These are more than 1,000 users.",
            hint: "Choose one grade or one user type, and reset the others afterwards.",
        });
    }
    Ok(())
}

/// Returns the users in the order of their slips, and how many of `all` are left out.
fn in_order(mut users: Vec<User>, all: usize) -> ResetUsers {
    users.sort_by_cached_key(|user| (user.grade, fold(&user.last_name), fold(&user.first_name), user.guid));
    let skipped = (all - users.len()) as u64;
    ResetUsers { users, skipped }
}

/// Returns the users of a school who are asked for as they are now; the list of a school may be a moment behind.
async fn find(app: &App, caller: &Caller, asked: &NewReset) -> Result<ResetUsers, Failure> {
    let meant = |user: &User| {
        user.school == asked.school
            && asked.grade.is_none_or(|grade| user.grade == grade)
            && asked.user_type.is_none_or(|user_type| user.user_type == user_type)
    };
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = app.cloud.user_list_by_school(&asked.school, Listing::Present, after.as_ref(), READ).await?;
        listed.extend(page.into_iter().map(|one| one.user).filter(meant));
        check_not_too_many(listed.len())?;
        match next {
            Some(place) => after = Some(place),
            None => break,
        }
    }
    let all = listed.len();
    let mut users = app.cloud.user_get_again(&listed).await?;
    let authority = UserAuthority::load(app, caller).await?;
    users.retain(|user| meant(user) && authority.check_reset(user).is_ok());
    Ok(in_order(users, all))
}
