//! Classes: those of a school, one with who is in it, those of a user, and those that the caller teaches.

use std::collections::HashMap;

use axum::Extension;
use axum::extract::State;
use roster::user::{RECOVERABLE_MILLIS, fold};
use roster::{Class, ClassGuid, ClassRole, Enrolment, Guid, Permission, SchoolId, User};
use uuid::Uuid;
use wire::http::{ClassDetail, ClassMember, ClassesQuery, OwnClass, Page, SeenClass, UserClass};
use wire::stored::Outcome;

use crate::app::App;
use crate::auth::authority::{lasts, students_of};
use crate::auth::caller::Caller;
use crate::error::{Failure, Thing};
use crate::extract::{Json, Path, Query};
use crate::resources::classes::{SeenMembers, visible};
use crate::resources::users;
use crate::resources::users::schools_asked_for;

/// How many classes a page has at most.
const PAGE: u16 = 50;

/// The longest place in the list; the table takes none that is much longer.
const CURSOR_BYTES: usize = 1000;

/// For how long an enrolment that ended is shown, in milliseconds.
const ENDED_SHOWN: u64 = RECOVERABLE_MILLIS;

/// Serves `GET /api/schools/{id}/classes`.
pub async fn of_school(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<SchoolId>,
    Query(query): Query<ClassesQuery>,
) -> Result<Json<Page<Class>>, Failure> {
    schools_asked_for(&app, &caller, Some(&id)).await?;
    if query.cursor.as_deref().is_some_and(|cursor| !is_place(cursor)) {
        return Err(Failure::CursorUnknown);
    }
    let page = app.cloud.class_list_of_school(&id, query.archived, query.cursor, PAGE).await?;
    Ok(Json(Page { items: page.classes, cursor: page.next }))
}

/// Returns whether a cursor can be a place in the list: a name, and the class that has it.
fn is_place(cursor: &str) -> bool {
    let guid = cursor.rsplit_once('#').map(|(_, guid)| guid.parse::<Uuid>());
    cursor.len() <= CURSOR_BYTES && matches!(guid, Some(Ok(_)))
}

/// Serves `GET /api/classes/{guid}`.
pub async fn detail(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(guid): Path<ClassGuid>,
) -> Result<Json<ClassDetail>, Failure> {
    let seen = visible(&app, &caller, guid).await?;
    with_members(&app, &caller, seen).await.map(Json)
}

/// Serves `GET /api/users/{guid}/classes`.
///
/// Those that the user is in stand before those that the user left.
pub async fn of_user(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(guid): Path<Guid>,
) -> Result<Json<Vec<UserClass>>, Failure> {
    users::visible(&app, &caller, guid).await?;
    let classes = with_classes(&app, app.cloud.enrolment_list_of_user(guid).await?).await?;
    let mut listed: Vec<UserClass> = classes
        .into_iter()
        .map(|(class, enrolment)| UserClass {
            visible: caller.may_see_class(&class),
            role: enrolment.fields.role,
            starts: enrolment.fields.starts,
            ends: enrolment.fields.ends,
            ended_at: enrolment.ended_at,
            class,
        })
        .collect();
    listed.sort_by_cached_key(|one| (one.ended_at.is_some(), fold(&one.class.fields.name), one.class.guid));
    Ok(Json(listed))
}

/// Serves `GET /api/my/classes`: those that the caller teaches now.
pub async fn own(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<Json<Vec<OwnClass>>, Failure> {
    let classes = with_classes(&app, app.cloud.enrolment_list_of_user(caller.guid).await?).await?;
    let mut listed = Vec::new();
    for (class, enrolment) in classes {
        if !caller.teaches(&class, std::slice::from_ref(&enrolment), app.now()) {
            continue;
        }
        let students = students_of(&app.cloud.enrolment_list_of_class(class.guid).await?, app.now()).len() as u64;
        listed.push(OwnClass { role: enrolment.fields.role, students, class });
    }
    listed.sort_by_cached_key(|own| (fold(&own.class.fields.name), own.class.guid));
    Ok(Json(listed))
}

/// Returns each enrolment with its class.
async fn with_classes(app: &App, enrolments: Vec<Enrolment>) -> Result<Vec<(Class, Enrolment)>, Failure> {
    let guids: Vec<ClassGuid> = enrolments.iter().map(|enrolment| enrolment.class).collect();
    let classes = app.cloud.class_get_many(&guids).await?;
    let mut classes: HashMap<ClassGuid, Class> = classes.into_iter().map(|class| (class.guid, class)).collect();
    // There is one enrolment for each user and class.
    let pairs = enrolments.into_iter().filter_map(|enrolment| Some((classes.remove(&enrolment.class)?, enrolment)));
    Ok(pairs.collect())
}

/// Returns the class with as much of its members as the caller may see.
async fn with_members(app: &App, caller: &Caller, seen: SeenMembers) -> Result<ClassDetail, Failure> {
    let SeenMembers { class, enrolments } = seen;
    let (now, whole) = (app.now(), caller.may_see_class(&class));
    let may_reset = class.is_active() && caller.may_reset_in(&class, &enrolments, now);
    let shown = |enrolment: &&Enrolment| match enrolment.ended_at {
        _ if !whole => lasts(enrolment, now),
        Some(at) => at + ENDED_SHOWN > now,
        None => true,
    };
    let shown: Vec<&Enrolment> = enrolments.iter().filter(shown).collect();
    let users = app.cloud.user_get_many(shown.iter().map(|enrolment| enrolment.user)).await?;
    let users: HashMap<Guid, User> = users.into_iter().map(|user| (user.guid, user)).collect();
    let members =
        shown.into_iter().filter_map(|enrolment| Some(member(caller, enrolment, users.get(&enrolment.user)?)));
    let (mut ended, mut members): (Vec<_>, Vec<_>) = members.partition(|member| member.ended_at.is_some());
    members.sort_by_cached_key(|one| (rank(one), fold(&one.last_name), fold(&one.first_name), one.user));
    ended.sort_by_key(|one| (std::cmp::Reverse(one.ended_at), one.user));
    let history = if whole { app.cloud.class_history(class.guid).await? } else { Vec::new() };
    Ok(ClassDetail {
        restorable_until: class.archived_at.map(|at| at + RECOVERABLE_MILLIS),
        may_change: whole && caller.may(Permission::ChangeUsers),
        class,
        members,
        ended,
        history,
        may_reset,
    })
}

/// Returns what the caller may see of somebody in a class: of whom they see no more than the class, the name.
fn member(caller: &Caller, enrolment: &Enrolment, user: &User) -> ClassMember {
    ClassMember {
        user: user.guid,
        first_name: user.first_name.clone(),
        last_name: user.last_name.clone(),
        custom_id: user.custom_id.clone().filter(|_| caller.may_see_custom_id(enrolment, user)),
        user_type: user.user_type,
        grade: user.grade,
        status: user.status,
        role: enrolment.fields.role,
        starts: enrolment.fields.starts.clone(),
        ends: enrolment.fields.ends.clone(),
        ended_at: enrolment.ended_at,
        visible: caller.may_see_user(user),
    }
}

/// Returns where somebody stands in the list of a class.
fn rank(member: &ClassMember) -> u8 {
    match member.role {
        ClassRole::Primary => 0,
        ClassRole::CoTeacher => 1,
        ClassRole::Aide => 2,
        ClassRole::Student => 3,
    }
}

/// Serves `POST /api/classes/{guid}/archive`: ends its enrolments, too.
///
/// It can be restored with them for a while.
pub async fn archive(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(guid): Path<ClassGuid>,
    Json(asked): Json<SeenClass>,
) -> Result<Json<ClassDetail>, Failure> {
    let class = changeable(&app, &caller, guid).await?;
    check_seen(&class, asked, class.is_active())?;
    let outcome = app.cloud.class_archive_by_hand(&class, &caller.as_decider(), app.now()).await?;
    changed(&app, &caller, guid, outcome, "archived").await
}

/// Serves `POST /api/classes/{guid}/restore`.
///
/// It brings back the enrolments that ended when the class was archived, too.
pub async fn restore(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(guid): Path<ClassGuid>,
    Json(asked): Json<SeenClass>,
) -> Result<Json<ClassDetail>, Failure> {
    let class = changeable(&app, &caller, guid).await?;
    check_seen(&class, asked, !class.is_active())?;
    if class.archived_at.is_some_and(|at| at + RECOVERABLE_MILLIS < app.now()) {
        return Err(Failure::RestoreOver);
    }
    let outcome = app.cloud.class_restore_by_hand(&class, &caller.as_decider(), app.now()).await?;
    changed(&app, &caller, guid, outcome, "restored").await
}

/// Returns the class, if the caller may see the users of its school, whom a change of it is about.
async fn changeable(app: &App, caller: &Caller, guid: ClassGuid) -> Result<Class, Failure> {
    let class = app.cloud.class_get(guid).await?.filter(|class| caller.may_see_school(&class.fields.school));
    class.ok_or(Failure::Missing { thing: Thing::Class })
}

/// Checks that the class has the version that was shown.
///
/// Where nothing is left `to_do`, it has the next one: the same request, which was stopped half-way, is made again.
fn check_seen(class: &Class, asked: SeenClass, to_do: bool) -> Result<(), Failure> {
    let expected = if to_do { asked.version } else { asked.version.saturating_add(1) };
    if class.version == expected { Ok(()) } else { Err(Failure::ClassChanged) }
}

async fn changed(
    app: &App,
    caller: &Caller,
    guid: ClassGuid,
    outcome: Outcome,
    what: &'static str,
) -> Result<Json<ClassDetail>, Failure> {
    if outcome != Outcome::Done {
        return Err(Failure::ClassChanged);
    }
    tracing::info!(class = %guid, by = %caller.guid, what, "class changed by hand");
    let class = changeable(app, caller, guid).await?;
    let enrolments = app.cloud.enrolment_list_of_class(guid).await?;
    with_members(app, caller, SeenMembers { class, enrolments }).await.map(Json)
}
