//! The users that the caller may see.

use cloud::users::Listing;
use roster::{Guid, SchoolId, User};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::{Failure, Thing};
use crate::resources::schools::in_order;

/// Returns the schools whose users are asked for, in the order of the list: one, or all that the caller may see.
pub async fn schools_asked_for(app: &App, caller: &Caller, asked: Option<&SchoolId>) -> Result<Vec<SchoolId>, Failure> {
    caller.check_may_see_school(asked)?;
    let only = asked.or(caller.school.as_ref());
    let schools = in_order(&app.cloud.school_list().await?).into_iter().map(|school| school.id);
    let schools: Vec<SchoolId> = schools.filter(|id| only.is_none_or(|only| only == id)).collect();
    if schools.is_empty() {
        return Err(Failure::Missing { thing: Thing::School });
    }
    Ok(schools)
}

/// Returns the managed users of schools who are asked for: one without a custom ID could not be found again.
pub async fn managed_of(
    app: &App,
    schools: &[SchoolId],
    is_asked_for: impl Fn(&User) -> bool,
) -> Result<Vec<User>, Failure> {
    /// How many users are read at once.
    const READ: u16 = 1000;
    let mut users = Vec::new();
    for school in schools {
        let mut after = None;
        loop {
            let (listed, next) = app.cloud.user_list_by_school(school, Listing::Present, after.as_ref(), READ).await?;
            let asked_for =
                listed.into_iter().map(|one| one.user).filter(|user| user.is_managed() && is_asked_for(user));
            users.extend(asked_for);
            match next {
                Some(place) => after = Some(place),
                None => break,
            }
        }
    }
    Ok(users)
}

/// Returns the user, if the caller may see it; deleted ones included.
pub async fn visible(app: &App, caller: &Caller, guid: Guid) -> Result<User, Failure> {
    let account = app.cloud.account_get(guid).await?;
    let user = account.map(|account| account.user).filter(|user| caller.may_see_school(&user.school));
    user.ok_or(Failure::Missing { thing: Thing::User })
}
