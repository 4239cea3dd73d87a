//! The users that the caller may see.

use roster::{Guid, SchoolId, User};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::{Failure, Thing};
use crate::resources::schools::in_order;

/// Returns the schools whose users are asked for, in the order of the list.
///
/// It is one, or all that the caller may see.
pub async fn schools_asked_for(app: &App, caller: &Caller, asked: Option<&SchoolId>) -> Result<Vec<SchoolId>, Failure> {
    caller.check_may_see_school(asked)?;
    let wanted = |id: &SchoolId| asked.is_none_or(|asked| asked == id) && caller.may_see_school(id);
    let schools = in_order(&app.cloud.school_list().await?).into_iter().map(|school| school.id);
    let schools: Vec<SchoolId> = schools.filter(wanted).collect();
    if schools.is_empty() {
        return Err(Failure::Missing { thing: Thing::School });
    }
    Ok(schools)
}

/// Returns the user, if the caller may see it; deleted ones included.
pub async fn visible(app: &App, caller: &Caller, guid: Guid) -> Result<User, Failure> {
    let account = app.cloud.account_get(guid).await?;
    let user = account.map(|account| account.user).filter(|user| caller.may_see_school(&user.school));
    user.ok_or(Failure::Missing { thing: Thing::User })
}
