//! Resets: new temporary passwords for one user or many, in a file that can be read for a while.
//!
//! The file is written before the passwords: whoever's password is another one now stands in it, wherever the function
//! is stopped. A reset that was stopped can be made again; the passwords of the first one end then.

use cloud::bucket::keys;
use cloud::table::WriteOutcome;
use cloud::uploads::upload_id;
use futures::{StreamExt, TryStreamExt, stream};
use roster::accounts::PasswordRule;
use roster::{Schools, User};
use runtime::passwords::{HashError, Temporary};
use runtime::{parallel, passwords};
use wire::audit::{Action, Entry, Subject, said};
use wire::http::{NewReset, ResetRow};
use wire::stored::Reset;

use crate::app::App;
use crate::auth::authority::UserAuthority;
use crate::auth::caller::Caller;
use crate::error::Failure;
use crate::random;

/// How many passwords are being written at once.
const SIDE_BY_SIDE: usize = 16;

/// The users of a reset.
pub struct ResetUsers {
    pub users: Vec<User>,
    /// Those that get none: who can't sign in, who may do more than the one who asks, and the one who asks.
    pub skipped: u64,
}

/// Gives one user a new temporary password for what the user may do as it is here.
pub async fn renew(app: &App, caller: &Caller, user: User) -> Result<ResetRow, Failure> {
    let (school, only) = (user.school.clone(), Some(user.guid));
    let asked = NewReset { school, grade: None, user_type: None, class: None, user: only };
    reset(app, caller, asked, ResetUsers { users: vec![user], skipped: 0 }).await
}

/// Gives the users new temporary passwords.
pub async fn reset(app: &App, caller: &Caller, asked: NewReset, found: ResetUsers) -> Result<ResetRow, Failure> {
    let (rule, schools, at) = (rule(app).await?, app.cloud.school_list().await?, app.now());
    let (seed, id) = (random::bytes::<32>()?, upload_id(at, random::bytes()?).0);
    let authority = UserAuthority::load(app, caller).await?;
    let mut given = give(found.users, rule.clone(), seed).await?;
    let mut reset = Reset {
        id,
        at,
        by: caller.username.clone(),
        school: asked.school,
        grade: asked.grade,
        user_type: asked.user_type,
        class: asked.class,
        user: asked.user,
        users: given.len() as u64,
        skipped: found.skipped,
        hands_out: authority.roles_of(given.iter().map(|given| &given.user)),
    };
    app.cloud.reset_put(&reset).await?;
    write_file(app, &reset, &given, &schools).await?;
    app.cloud.audit_append(&entry(caller, &reset, Action::PasswordReset)).await?;
    let written = write(app, &authority, &given, &reset).await?;
    if written.contains(&WriteOutcome::ConditionFailed) {
        let mut written = written.into_iter();
        given.retain(|_| written.next() == Some(WriteOutcome::Written));
        reset.skipped += reset.users - given.len() as u64;
        reset.users = given.len() as u64;
        write_file(app, &reset, &given, &schools).await?;
        app.cloud.reset_put(&reset).await?;
    }
    tracing::info!(reset = reset.id, by = %caller.guid, users = reset.users, skipped = reset.skipped, "passwords reset");
    if asked.user.is_some() && given.is_empty() {
        return Err(Failure::UserChanged);
    }
    Ok(row(reset, &rule, at))
}

/// Returns what the audit log says of a reset.
pub fn entry(caller: &Caller, reset: &Reset, action: Action) -> Entry {
    let subject = match reset.user {
        Some(guid) => Subject::User { guid, custom_id: None },
        None => Subject::Users,
    };
    let grade = reset.grade.map(|grade| said("grade", &grade));
    let user_type = reset.user_type.map(|user_type| said("user_type", &user_type));
    let class = reset.class.map(|class| said("class", &class));
    let details = [said("reset", &reset.id), said("users", &reset.users)].into_iter();
    let details = details.chain(grade).chain(user_type).chain(class);
    let (school, details) = (Some(reset.school.clone()), details.collect());
    Entry { school, details, ..Entry::new(reset.at, Some(caller.as_decider()), action, subject) }
}

/// Returns a reset with what can still be had of it.
pub fn row(reset: Reset, rule: &PasswordRule, now: u64) -> ResetRow {
    let until = rule.readable_until(reset.at);
    let readable_until = (until > now && reset.users > 0).then_some(until);
    ResetRow { reset, readable_until }
}

/// Returns the settings for passwords.
pub async fn rule(app: &App) -> Result<PasswordRule, Failure> {
    Ok(app.cloud.settings_get().await?.settings.accounts.passwords)
}

/// A user with the new password and its hash.
struct ResetPassword {
    user: User,
    password: String,
    hash: String,
}

async fn give(users: Vec<User>, rule: PasswordRule, seed: [u8; 32]) -> Result<Vec<ResetPassword>, Failure> {
    let given = parallel::map(users, move |user| {
        let made = passwords::temporary(rule.random(user.user_type, user.grade), &seed, user.guid)?;
        Ok::<_, HashError>(made.map(|Temporary { password, hash }| ResetPassword {
            user: user.clone(),
            password,
            hash,
        }))
    });
    let given: Vec<Option<ResetPassword>> = given.await.into_iter().collect::<Result<_, _>>()?;
    Ok(given.into_iter().flatten().collect())
}

async fn write_file(app: &App, reset: &Reset, given: &[ResetPassword], schools: &Schools) -> Result<(), Failure> {
    let lines = given.iter().map(|given| (&given.user, given.password.as_str()));
    Ok(app.cloud.object_put(&keys::reset_credentials(&reset.id), roster::reset_file(lines, schools)).await?)
}

/// Writes the passwords, and says of each in its order whether its user was still as it was seen.
async fn write(
    app: &App,
    authority: &UserAuthority<'_>,
    given: &[ResetPassword],
    reset: &Reset,
) -> Result<Vec<WriteOutcome>, Failure> {
    let writes: Vec<_> = given.iter().map(|given| write_one(app, authority, given, reset)).collect();
    stream::iter(writes).buffered(SIDE_BY_SIDE).try_collect().await
}

/// Writes the new password of a user. Whoever was slowed down for trying the old one, on their own device, too, may try
/// the new one at once.
async fn write_one(
    app: &App,
    authority: &UserAuthority<'_>,
    ResetPassword { user, hash, .. }: &ResetPassword,
    reset: &Reset,
) -> Result<WriteOutcome, Failure> {
    let wrote = app.cloud.password_reset(user, hash, &authority.power(user), &reset.by, reset.at).await?;
    if wrote == WriteOutcome::Written {
        app.cloud.sign_in_forget_failures(&user.username).await?;
    }
    Ok(wrote)
}
