//! The roles of a user, and giving them by hand.

use std::collections::BTreeSet;

use leptos::prelude::*;
use roster::role::DISTRICT_ADMINISTRATOR;
use roster::{Permission, Role, RoleId, Roles, UserType};
use wire::http::{RolesEdit, UserDetail, UserRow};

use crate::api::{CallFailure, use_api};
use crate::components::{ProblemNote, RoleChoices, Skeleton};
use crate::session::{PageSession, use_session};
use crate::tasks::Tasks;

/// Shows the roles of a user to those who may see the roles that there are.
#[component]
pub fn RolesPanel(
    user: UserRow,
    detail: RwSignal<Option<UserDetail>>,
    saved: RwSignal<Option<String>>,
) -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let known = RwSignal::new(None::<Vec<Role>>);
    let failure = RwSignal::new(None::<CallFailure>);
    let load = Callback::new(move |()| {
        failure.set(None);
        tasks.run(async move {
            match api.roles().await {
                Ok(document) => known.set(Some(document.roles)),
                Err(why) => failure.set(Some(why)),
            }
        });
    });
    let may_see = session.may_now(Permission::SeeSettings);
    if may_see {
        load.run(());
    }
    let user = StoredValue::new(user);
    view! {
        <Show when=move || may_see>
            <section class="panel" aria-labelledby="user-roles-title">
                <h2 id="user-roles-title">"Roles"</h2>
                {move || failure.get().map(|failure| view! { <ProblemNote failure retry=load/> })}
                {move || match known.get() {
                    Some(roles) => view! { <Form user=user.get_value() roles detail saved/> }.into_any(),
                    None if failure.get().is_none() => view! { <Skeleton lines=3/> }.into_any(),
                    None => ().into_any(),
                }}
            </section>
        </Show>
    }
}

#[component]
fn Form(
    user: UserRow,
    roles: Vec<Role>,
    detail: RwSignal<Option<UserDetail>>,
    saved: RwSignal<Option<String>>,
) -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let at_district = is_district(session, &user);
    let in_force = if user.roles.is_empty() { Roles::usual(user.user_type, at_district) } else { user.roles.clone() };
    // One that was deleted is lost.
    let had: BTreeSet<RoleId> = roles.iter().map(|role| role.id.clone()).filter(|id| in_force.contains(id)).collect();
    let given = RwSignal::new(had.clone());
    let own = session.me_now().is_some_and(|me| me.guid == user.guid);
    let manages = session.me_now().is_some_and(|me| me.school.is_none()) && session.may_now(Permission::ManageRoles);
    let may_change = manages && !own;
    let keeps = at_district && user.user_type == UserType::Administrator;
    let failure = RwSignal::new(None::<CallFailure>);
    let busy = RwSignal::new(false);
    let (guid, version) = (user.guid.to_string(), user.version);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        failure.set(None);
        saved.set(None);
        busy.set(true);
        let (guid, edit) = (guid.clone(), RolesEdit { roles: given.get_untracked(), version });
        tasks.run(async move {
            let reply = api.set_roles(&guid, &edit).await;
            busy.set(false);
            match reply {
                Ok(found) => {
                    session.say("The roles were saved.");
                    saved.set(Some("The roles were saved.".to_owned()));
                    detail.set(Some(found));
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    let is_fixed = move |role: &RoleId| !may_change || keeps && role.0 == DISTRICT_ADMINISTRATOR;
    let blocked = move || busy.get() || given.with(|given| given.is_empty() || *given == had);
    view! {
        {own.then(|| view! { <p class="muted">"Your own roles are for another district administrator to change."</p> })}
        <form on:submit=submit>
            <fieldset>
                <legend class="unseen">"Roles"</legend>
                <RoleChoices roles given is_fixed/>
            </fieldset>
            <p class="field-error" aria-live="polite">
                {move || given.with(BTreeSet::is_empty).then_some("Choose at least one role.")}
            </p>
            {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
            <Show when=move || may_change>
                <div class="actions">
                    <button type="submit" class="button" id="save-user-roles" disabled=blocked.clone()>
                        {move || if busy.get() { "Saving\u{2026}" } else { "Save the roles" }}
                    </button>
                </div>
            </Show>
        </form>
    }
}

fn is_district(session: PageSession, user: &UserRow) -> bool {
    let schools = untrack(|| session.schools());
    schools.is_district(&user.school)
}
