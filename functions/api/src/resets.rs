//! Resets: new temporary passwords for one user or a class of users, in a file that can be read for a while.
//!
//! The file is written before the passwords: whoever's password is another one now stands in it, wherever the function
//! is stopped. A reset that was stopped can be made again; the passwords of the first one end then.

use std::collections::HashSet;

use axum::Extension;
use axum::extract::State;
use cloud::bucket::keys;
use cloud::table::WriteOutcome;
use cloud::uploads::upload_id;
use cloud::users::Listing;
use futures::{StreamExt, TryStreamExt, stream};
use roster::accounts::PasswordRule;
use roster::files::Credentials;
use roster::user::fold;
use roster::{Guid, Schools, User};
use runtime::passwords::{HashError, Temporary};
use runtime::{parallel, passwords};
use uuid::Uuid;
use wire::audit::{Action, Entry, Subject, said};
use wire::http::{Cursor, FieldChange, Link, NewReset, Page, ResetRow};
use wire::stored::Reset;

use crate::extract::{Json, Path, Query};
use crate::guard::Caller;
use crate::roles::Reach;
use crate::users::{schools_asked_for, visible};
use crate::{App, Failure, Thing};

/// How many passwords one request resets at most. Hashing as many takes some seconds.
const MOST_USERS: usize = 1000;

/// How many users are read at once, and how many passwords are being written.
const READ: u16 = 1000;
const SIDE_BY_SIDE: usize = 16;

/// How many resets a page has at most, and how many one request looks at in search of those of a school.
const PAGE: usize = 50;
const LOOKED_AT: usize = 500;

/// `POST /api/users/{guid}/reset-password`
pub async fn of_user(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(guid): Path<Guid>,
) -> Result<Json<ResetRow>, Failure> {
    let user = visible(&app, &caller, guid).await?;
    if user.deleted_at.is_some() {
        return Err(Failure::Missing(Thing::User));
    }
    if user.guid == caller.guid {
        return Err(Failure::OwnReset);
    }
    if !user.can_sign_in() {
        return Err(Failure::Invalid("A disabled user can't sign in.", "Activate the user with a roster first."));
    }
    if !Reach::of(&app, &caller).await?.covers(&user) {
        return Err(Failure::MayDoMore);
    }
    renew(&app, &caller, user).await.map(Json)
}

/// Gives one user a new temporary password for what the user may do as it is here.
pub async fn renew(app: &App, caller: &Caller, user: User) -> Result<ResetRow, Failure> {
    let asked = NewReset { school: user.school.clone(), grade: None, user_type: None };
    reset(app, caller, asked, Some(user.guid), Found { users: vec![user], skipped: 0 }).await
}

/// `POST /api/passwords/resets`
pub async fn of_class(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Json(asked): Json<NewReset>,
) -> Result<Json<ResetRow>, Failure> {
    schools_asked_for(&app, &caller, Some(&asked.school)).await?;
    let found = find(&app, &caller, &asked).await?;
    if found.users.is_empty() {
        return Err(Failure::Invalid("There is nobody whose password could be reset.", "Choose other users."));
    }
    reset(&app, &caller, asked, None, found).await.map(Json)
}

/// `GET /api/passwords/resets`
pub async fn list(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<Cursor>,
) -> Result<Json<Page<ResetRow>>, Failure> {
    let mut cursor = query.cursor.map(|id| id.parse::<Uuid>()).transpose().map_err(|_| Failure::CursorUnknown)?;
    let (rule, reach) = (rule(&app).await?, Reach::of(&app, &caller).await?);
    let (mut items, mut looked_at) = (Vec::new(), 0);
    loop {
        let start = cursor.map(|id| id.to_string());
        let page = app.cloud.resets(PAGE as u16, start.as_deref()).await?;
        looked_at += page.items.len();
        let seen = page.items.into_iter().filter(|reset| caller.may_see_school(&reset.school));
        items.extend(seen.map(|reset| {
            let readable = reach.covers_roles(&reset.hands_out);
            let row = row(reset, &rule, app.now());
            ResetRow { readable_until: row.readable_until.filter(|_| readable), ..row }
        }));
        cursor = page.cursor.and_then(|id| id.parse().ok());
        if cursor.is_none() || items.len() >= PAGE || looked_at >= LOOKED_AT {
            return Ok(Json(Page { items, cursor: cursor.map(|id| id.to_string()) }));
        }
    }
}

/// `GET /api/passwords/resets/{id}/file`
pub async fn file(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<Uuid>,
) -> Result<Json<Link>, Failure> {
    let reset = app.cloud.reset(&id.to_string()).await?.filter(|reset| caller.may_see_school(&reset.school));
    let reset = reset.ok_or(Failure::Missing(Thing::File))?;
    let reach = Reach::of(&app, &caller).await?;
    if !reach.covers_roles(&reset.hands_out) {
        return Err(Failure::MayDoMore);
    }
    let key = keys::reset_credentials(&reset.id);
    let until = rule(&app).await?.readable_until(reset.at);
    if until <= app.now() || app.cloud.head_object(&key).await?.is_none() {
        return Err(Failure::PasswordsGone);
    }
    let readable = Readable::of(&app, &caller, &reach, &key).await?;
    if readable.nobody {
        return Err(Failure::MayDoMore);
    }
    let mut entry = Entry { at: app.now(), ..entry(&caller, &reset, Action::Downloaded) };
    entry.details.extend(readable.said());
    app.cloud.audit(&entry).await?;
    tracing::info!(reset = reset.id, user = %caller.guid, left_out = readable.left_out, "link to passwords given");
    readable.link(&app, "passwords.csv").await.map(Json)
}

/// A file with passwords as somebody may read it now: without the lines of users who may do more by now, or who are in
/// another school.
pub struct Readable {
    key: String,
    left_out: u64,
    /// It has no password that they may read.
    nobody: bool,
}

impl Readable {
    pub async fn of(app: &App, caller: &Caller, reach: &Reach, key: &str) -> Result<Readable, Failure> {
        let file = app.cloud.get_object(key).await?.ok_or(Failure::PasswordsGone)?;
        let read = Credentials::read(&file).map_err(|why| Failure::Fault(why.into()))?;
        let users = app.cloud.users_of(read.users()).await?;
        let covered = users.iter().filter(|user| caller.may_see_school(&user.school) && reach.covers(user));
        let covered: HashSet<Guid> = covered.map(|user| user.guid).collect();
        let (rest, left_out) = read.only(|user| covered.contains(&user));
        let nobody = covered.is_empty();
        if left_out == 0 {
            return Ok(Readable { key: key.to_owned(), left_out, nobody });
        }
        let key = keys::credentials_copy(&Uuid::from_bytes(random()?).to_string());
        app.cloud.put_object(&key, rest).await?;
        Ok(Readable { key, left_out, nobody })
    }

    /// What the audit log says of it.
    pub fn said(&self) -> Option<FieldChange> {
        (self.left_out > 0).then(|| said("left_out", &self.left_out))
    }

    pub async fn link(&self, app: &App, name: &str) -> Result<Link, Failure> {
        Ok(Link { url: app.cloud.link_to(&self.key, name).await?, left_out: self.left_out })
    }
}

/// Users whose passwords are asked for.
struct Found {
    users: Vec<User>,
    /// Those that get none: who can't sign in, who may do more than the one who asks, and the one who asks.
    skipped: u64,
}

/// The users of the class as they are now; the list of a school may be a moment behind.
async fn find(app: &App, caller: &Caller, asked: &NewReset) -> Result<Found, Failure> {
    let meant = |user: &User| {
        user.school == asked.school
            && asked.grade.is_none_or(|grade| user.grade == grade)
            && asked.user_type.is_none_or(|user_type| user.user_type == user_type)
    };
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = app.cloud.users_of_school(&asked.school, Listing::Present, after.as_ref(), READ).await?;
        listed.extend(page.into_iter().map(|one| one.user).filter(meant));
        if listed.len() > MOST_USERS {
            return Err(Failure::Invalid(
                "These are more than 1,000 users.",
                "Choose one grade or one user type, and reset the others afterwards.",
            ));
        }
        match next {
            Some(place) => after = Some(place),
            None => break,
        }
    }
    let all = listed.len();
    let mut users = app.cloud.users_now(&listed).await?;
    let reach = Reach::of(app, caller).await?;
    users.retain(|user| meant(user) && user.can_sign_in() && user.guid != caller.guid && reach.covers(user));
    users.sort_by_cached_key(|user| (user.grade, fold(&user.last_name), fold(&user.first_name), user.guid));
    let skipped = (all - users.len()) as u64;
    Ok(Found { users, skipped })
}

/// A user with the new password and its hash.
struct Given {
    user: User,
    password: String,
    hash: String,
}

async fn reset(
    app: &App,
    caller: &Caller,
    asked: NewReset,
    user: Option<Guid>,
    found: Found,
) -> Result<ResetRow, Failure> {
    let (rule, schools, at) = (rule(app).await?, app.cloud.schools().await?, app.now());
    let (seed, id, reach) = (random::<32>()?, upload_id(at, random::<10>()?).0, Reach::of(app, caller).await?);
    let mut given = give(found.users, rule.clone(), seed).await?;
    let mut reset = Reset {
        id,
        at,
        by: caller.username.clone(),
        school: asked.school,
        grade: asked.grade,
        user_type: asked.user_type,
        user,
        users: given.len() as u64,
        skipped: found.skipped,
        hands_out: reach.roles_of(given.iter().map(|given| &given.user)),
    };
    app.cloud.put_reset(&reset).await?;
    write_file(app, &reset, &given, &schools).await?;
    app.cloud.audit(&entry(caller, &reset, Action::PasswordReset)).await?;
    let written = write(app, &reach, &given, &reset).await?;
    if written.contains(&WriteOutcome::ConditionFailed) {
        let mut written = written.into_iter();
        given.retain(|_| written.next() == Some(WriteOutcome::Written));
        reset.skipped += reset.users - given.len() as u64;
        reset.users = given.len() as u64;
        write_file(app, &reset, &given, &schools).await?;
        app.cloud.put_reset(&reset).await?;
    }
    tracing::info!(reset = reset.id, by = %caller.guid, users = reset.users, skipped = reset.skipped, "passwords reset");
    if user.is_some() && given.is_empty() {
        return Err(Failure::UserChanged);
    }
    Ok(row(reset, &rule, at))
}

/// What the audit log says of a reset.
fn entry(caller: &Caller, reset: &Reset, action: Action) -> Entry {
    let subject = match reset.user {
        Some(guid) => Subject::User { guid, custom_id: None },
        None => Subject::Users,
    };
    let grade = reset.grade.map(|grade| said("grade", &grade));
    let user_type = reset.user_type.map(|user_type| said("user_type", &user_type));
    let details = [said("reset", &reset.id), said("users", &reset.users)].into_iter().chain(grade).chain(user_type);
    let (school, details) = (Some(reset.school.clone()), details.collect());
    Entry { school, details, ..Entry::new(reset.at, Some(caller.as_decider()), action, subject) }
}

async fn give(users: Vec<User>, rule: PasswordRule, seed: [u8; 32]) -> Result<Vec<Given>, Failure> {
    let given = parallel::map(users, move |user| {
        let made = passwords::temporary(rule.random(user.user_type, user.grade), &seed, user.guid)?;
        Ok::<_, HashError>(made.map(|Temporary { password, hash }| Given { user: user.clone(), password, hash }))
    });
    let given: Vec<Option<Given>> = given.await.into_iter().collect::<Result<_, _>>()?;
    Ok(given.into_iter().flatten().collect())
}

async fn write_file(app: &App, reset: &Reset, given: &[Given], schools: &Schools) -> Result<(), Failure> {
    let lines = given.iter().map(|given| (&given.user, given.password.as_str()));
    Ok(app.cloud.put_object(&keys::reset_credentials(&reset.id), roster::reset_file(lines, schools)).await?)
}

/// Writes the passwords, and says of each in its order whether its user was still as it was seen.
async fn write(app: &App, reach: &Reach, given: &[Given], reset: &Reset) -> Result<Vec<WriteOutcome>, Failure> {
    let writes: Vec<_> = given.iter().map(|given| write_one(app, reach, given, reset)).collect();
    stream::iter(writes).buffered(SIDE_BY_SIDE).try_collect().await
}

/// Whoever was slowed down for trying the old password, on their own device, too, may try the new one at once.
async fn write_one(
    app: &App,
    reach: &Reach,
    Given { user, hash, .. }: &Given,
    reset: &Reset,
) -> Result<WriteOutcome, Failure> {
    let wrote = app.cloud.reset_password(user, hash, &reach.power(user), &reset.by, reset.at).await?;
    if wrote == WriteOutcome::Written {
        app.cloud.forget_failures(&user.username).await?;
    }
    Ok(wrote)
}

fn row(reset: Reset, rule: &PasswordRule, now: u64) -> ResetRow {
    let until = rule.readable_until(reset.at);
    let readable_until = (until > now && reset.users > 0).then_some(until);
    ResetRow { reset, readable_until }
}

async fn rule(app: &App) -> Result<PasswordRule, Failure> {
    Ok(app.cloud.settings().await?.settings.accounts.passwords)
}

fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
