//! The classes that the caller may see, and who is in them.

use roster::{Class, ClassGuid, Enrolment};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::{Failure, Thing};

/// A class with all its enrolments, ended ones too.
pub struct SeenMembers {
    pub class: Class,
    pub enrolments: Vec<Enrolment>,
}

/// Returns the class, if the caller may see it with the users of its school, or teaches it.
pub async fn visible(app: &App, caller: &Caller, guid: ClassGuid) -> Result<SeenMembers, Failure> {
    let seen = load(app, guid).await?;
    let may_see = |seen: &SeenMembers| {
        caller.may_see_class(&seen.class) || caller.teaches(&seen.class, &seen.enrolments, app.now())
    };
    seen.filter(may_see).ok_or(Failure::Missing { thing: Thing::Class })
}

/// Returns the class, if the caller may reset the passwords of its students.
pub async fn members_to_reset(app: &App, caller: &Caller, guid: ClassGuid) -> Result<SeenMembers, Failure> {
    let seen = load(app, guid).await?;
    let may_reset = |seen: &SeenMembers| caller.may_reset_in(&seen.class, &seen.enrolments, app.now());
    seen.filter(may_reset).ok_or(Failure::Missing { thing: Thing::Class })
}

async fn load(app: &App, guid: ClassGuid) -> Result<Option<SeenMembers>, Failure> {
    let Some(class) = app.cloud.class_get(guid).await? else { return Ok(None) };
    let enrolments = app.cloud.enrolment_list_of_class(guid).await?;
    Ok(Some(SeenMembers { class, enrolments }))
}
