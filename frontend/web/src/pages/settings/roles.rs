//! Which roles a sync gives.

use std::collections::BTreeSet;

use leptos::prelude::*;
use roster::accounts::{GiveRoles, RoleRule};
use roster::role::DISTRICT_ADMINISTRATOR;
use roster::{Accounts, Role, RoleId};

use super::mode_form::Switch;
use crate::api::{CallFailure, use_api};
use crate::components::{ProblemNote, RadioChoice, RoleChoices, Skeleton};
use crate::tasks::Tasks;

type GivenRoles = RwSignal<BTreeSet<RoleId>>;

/// The rule while it is edited.
#[derive(Clone, Copy)]
pub struct RoleFields {
    student: GivenRoles,
    teacher: GivenRoles,
    staff: GivenRoles,
    school_administrator: GivenRoles,
    district_administrator: GivenRoles,
    when: RwSignal<GiveRoles>,
    bucket_unattended: RwSignal<bool>,
}

impl RoleFields {
    /// Returns the fields with the rule that is stored.
    pub fn new(accounts: &Accounts) -> RoleFields {
        let RoleRule { student, teacher, staff, school_administrator, district_administrator, when, bucket_unattended } =
            accounts.roles.clone();
        RoleFields {
            student: RwSignal::new(student),
            teacher: RwSignal::new(teacher),
            staff: RwSignal::new(staff),
            school_administrator: RwSignal::new(school_administrator),
            district_administrator: RwSignal::new(district_administrator),
            when: RwSignal::new(when),
            bucket_unattended: RwSignal::new(bucket_unattended),
        }
    }

    /// Returns `base` with the rule as it stands; `None` while somebody would get no role.
    pub fn values(self, base: Accounts) -> Option<Accounts> {
        let roles = RoleRule {
            student: self.student.get(),
            teacher: self.teacher.get(),
            staff: self.staff.get(),
            school_administrator: self.school_administrator.get(),
            district_administrator: self.district_administrator.get(),
            when: self.when.get(),
            bucket_unattended: self.bucket_unattended.get(),
        };
        let complete = roles.groups().iter().all(|(_, ids)| !ids.is_empty());
        complete.then_some(Accounts { roles, ..base })
    }
}

/// Shows the rule, with the roles that there are.
#[component]
pub fn RoleForm(fields: RoleFields) -> impl IntoView {
    let (api, tasks) = (use_api(), Tasks::here());
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
    load.run(());
    view! {
        <section class="panel" aria-labelledby="roles-title">
            <h2 id="roles-title">"Roles of synced users"</h2>
            <p class="muted">"Which roles a sync gives to users of each type. What a role allows is on the page "<a href="/roles">"Roles"</a>"."</p>
            <When fields/>
            <Switch
                id="bucket-unattended".to_owned()
                value=fields.bucket_unattended
                title="Files in the bucket may change powerful accounts without approval"
                what="Switched off, a file that was dropped into the bucket waits for approval where it makes, changes or closes accounts that may do more than students and teachers."
            />
            {move || failure.get().map(|failure| view! { <ProblemNote failure retry=load/> })}
            {move || match known.get() {
                Some(roles) => view! { <Groups fields roles/> }.into_any(),
                None if failure.get().is_none() => view! { <Skeleton lines=5/> }.into_any(),
                None => ().into_any(),
            }}
        </section>
    }
}

#[component]
fn When(fields: RoleFields) -> impl IntoView {
    let choice = move |value: GiveRoles, title: &'static str, what: &'static str| {
        view! {
            <RadioChoice name="give-roles" value=fields.when of=value title what/>
        }
    };
    view! {
        <fieldset class="radios stacked">
            <legend>"When"</legend>
            {choice(
                GiveRoles::OnCreation,
                "To new users",
                "And to users who become one of another type. Otherwise, roles that were given by hand stay.",
            )}
            {choice(GiveRoles::Always, "At every sync", "Roles that were given by hand are taken back.")}
        </fieldset>
    }
}

#[component]
fn Groups(fields: RoleFields, roles: Vec<Role>) -> impl IntoView {
    let groups = [
        ("students", "Students", fields.student),
        ("teachers", "Teachers", fields.teacher),
        ("staff", "Staff", fields.staff),
        ("school-administrators", "Administrators of a school", fields.school_administrator),
        ("district-administrators", "Administrators of the district office", fields.district_administrator),
    ];
    groups.map(|(id, title, given)| view! { <Group id title given roles=roles.clone()/> }).collect_view()
}

#[component]
fn Group(id: &'static str, title: &'static str, given: GivenRoles, roles: Vec<Role>) -> impl IntoView {
    let error_id = format!("roles-{id}-error");
    let described = error_id.clone();
    // Somebody must be able to run the organisation.
    let is_fixed = move |role: &RoleId| id == "district-administrators" && role.0 == DISTRICT_ADMINISTRATOR;
    view! {
        <fieldset class="given" aria-describedby=described>
            <legend>{title}</legend>
            <RoleChoices roles given is_fixed/>
            <p class="field-error" id=error_id aria-live="polite">
                {move || given.with(BTreeSet::is_empty).then_some("Choose at least one role.")}
            </p>
        </fieldset>
    }
}
