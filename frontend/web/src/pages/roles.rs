//! The roles: what the people of each may do.

use std::collections::BTreeSet;

use leptos::prelude::*;
use roster::accounts::RoleRule;
use roster::role::{self, DISTRICT_ADMINISTRATOR, KEPT};
use roster::{Permission, Role, RoleId};
use wire::http::RolesDocument;

use crate::api::use_api;
use crate::components::{DocumentEditor, Icon, Notice, PageHead, SaveBar, Sign, Tone, WhenLoaded};
use crate::format::count;
use crate::session::use_session;

/// The permissions as the page groups them.
const GROUPS: [(&str, &[Permission]); 4] = [
    ("Uploads", &[Permission::SeeUploads, Permission::Upload, Permission::Approve, Permission::ApproveOwn]),
    ("Users and classes", &[Permission::SeeUsers, Permission::ChangeUsers, Permission::SeePasswords]),
    ("For teachers", &[Permission::SeeOwnClasses, Permission::ResetOwnClasses]),
    (
        "Organisation",
        &[
            Permission::SeeSettings,
            Permission::ChangeSettings,
            Permission::ManageSchools,
            Permission::ManageRoles,
            Permission::ReadAudit,
        ],
    ),
];

/// A role while it is edited.
#[derive(Clone, Copy)]
struct RoleDraft {
    id: StoredValue<RoleId>,
    name: RwSignal<String>,
    permissions: RwSignal<BTreeSet<Permission>>,
}

impl RoleDraft {
    fn of(role: &Role) -> RoleDraft {
        RoleDraft {
            id: StoredValue::new(role.id.clone()),
            name: RwSignal::new(role.name.clone()),
            permissions: RwSignal::new(role.permissions.clone()),
        }
    }

    fn role(self) -> Role {
        Role { id: self.id.get_value(), name: self.name.get().trim().to_owned(), permissions: self.permissions.get() }
    }
}

/// Shows the page of roles.
#[component]
pub fn Roles() -> impl IntoView {
    let (api, session) = (use_api(), use_session());
    let editor = DocumentEditor::new("roles", "roles_changed", move || api.roles());
    let may_change = move || session.is_district() && session.may(Permission::ManageRoles);
    view! {
        <PageHead title="Roles"/>
        <p class="lead">"A role lets its users do things. The settings say which roles a sync gives, and a user\u{2019}s page gives them by hand. Users of a school do everything for their own school only."</p>
        <Show when=move || !may_change()>
            <Notice tone=Tone::Info title="You can look at the roles.">
                <p>"Only users of the district office who may manage roles can change them."</p>
            </Notice>
        </Show>
        <WhenLoaded editor lines=10>
            <fieldset class="bare" disabled=move || !may_change() || editor.is_busy()>
                {move || editor.stored().map(|document| view! { <Form document editor may_change=Signal::derive(may_change)/> })}
            </fieldset>
            <SaveBar editor save=move |document| async move { api.save_roles(&document).await }/>
        </WhenLoaded>
    }
}

#[component]
fn Form(document: RolesDocument, editor: DocumentEditor<RolesDocument>, may_change: Signal<bool>) -> impl IntoView {
    let session = use_session();
    let RolesDocument { version, roles } = document;
    let stored = StoredValue::new(roles.clone());
    let drafts = RwSignal::new(roles.iter().map(RoleDraft::of).collect::<Vec<_>>());
    // The one that was added last stands open.
    let opened = RwSignal::new(None::<RoleId>);
    let now = Memo::new(move |_| drafts.get().into_iter().map(RoleDraft::role).collect::<Vec<Role>>());
    editor.set_draft(Memo::new(move |_| {
        let roles = now.get();
        // Which of them a sync gives is known to the API.
        role::check(&roles, &RoleRule::default()).map_err(|error| format!("{error} {}", error.hint()))?;
        Ok(RolesDocument { version, roles })
    }));
    let add = move |_| {
        // The API makes the identifier of the name that is saved. Until then no other role has it, also none that is
        // deleted by the same save.
        let role = now.with_untracked(|roles| {
            let numbered = (2..).map(|n| format!("New role {n}"));
            let free = |name: &String| roles.iter().all(|role| role.name != *name);
            let name = ["New role".to_owned()].into_iter().chain(numbered).find(free).unwrap_or_default();
            let taken = [roles.as_slice(), &stored.get_value()].concat();
            Role { id: role::new_id(&name, &taken), name, permissions: BTreeSet::new() }
        });
        opened.set(Some(role.id.clone()));
        drafts.update(|drafts| drafts.push(RoleDraft::of(&role)));
        session.say("A role was added.");
    };
    view! {
        <ul class="roles">
            <For each=move || drafts.get() key=|draft| draft.id.get_value() let:draft>
                <Editor draft drafts opened/>
            </For>
        </ul>
        <Show when=move || may_change.get()>
            <div class="actions start">
                <button type="button" class="button" id="add-role" on:click=add><Icon sign=Sign::Plus/>"Add a role"</button>
            </div>
        </Show>
    }
}

#[component]
fn Editor(draft: RoleDraft, drafts: RwSignal<Vec<RoleDraft>>, opened: RwSignal<Option<RoleId>>) -> impl IntoView {
    let session = use_session();
    let id = draft.id.get_value();
    let built_in = role::built_in().iter().any(|role| role.id == id);
    let open = opened.get_untracked().as_ref() == Some(&id);
    let gone = id.clone();
    let delete = move |_| {
        drafts.update(|drafts| drafts.retain(|other| other.id.get_value() != gone));
        session.say("The role will be deleted when you save.");
    };
    let name_id = format!("role-{id}-name");
    let much = move || match draft.permissions.with(BTreeSet::len) {
        0 => "Own profile only".to_owned(),
        n => count(n as u64, "permission", "permissions"),
    };
    view! {
        <li class="role">
            <details open=open>
                <summary>
                    <span class="role-name">{move || draft.name.get()}</span>
                    <span class="muted small">{much}</span>
                    {built_in.then(|| view! { <span class="chip">"Built in"</span> })}
                </summary>
                <div class="field">
                    <label for=name_id.clone()>"Name"</label>
                    <input
                        type="text"
                        id=name_id
                        autocomplete="off"
                        prop:value=draft.name
                        on:input:target=move |e| draft.name.set(e.target().value())
                    />
                </div>
                <Permissions draft id=id.clone()/>
                <p class="muted small">"In files and in the audit log: "<code>{id.0}</code></p>
                {(!built_in).then(|| view! {
                    <p class="muted small">"Users that have a role that is deleted lose it, and keep their others."</p>
                    <div class="actions start">
                        <button type="button" class="button small danger" on:click=delete>"Delete the role"</button>
                    </div>
                })}
            </details>
        </li>
    }
}

#[component]
fn Permissions(draft: RoleDraft, id: RoleId) -> impl IntoView {
    let keeps = id.0 == DISTRICT_ADMINISTRATOR;
    let line = move |permission: Permission, id: &RoleId| {
        let kept = keeps && KEPT.contains(&permission);
        let set = move |on: bool| {
            draft.permissions.update(|permissions| {
                if on {
                    permissions.insert(permission)
                } else {
                    permissions.remove(&permission)
                };
            });
        };
        let box_id = format!("role-{id}-{}", permission.as_str());
        view! {
            <tr>
                <td>
                    <input
                        type="checkbox"
                        id=box_id.clone()
                        disabled=kept
                        prop:checked=move || draft.permissions.with(|permissions| permissions.contains(&permission))
                        on:change:target=move |e| set(e.target().checked())
                    />
                </td>
                <td>
                    <label for=box_id>{permission.label()}</label>
                    {note(permission, kept).map(|note| view! { <span class="muted small">{note}</span> })}
                </td>
            </tr>
        }
    };
    let groups = GROUPS.map(|(title, permissions)| {
        let lines = permissions.iter().map(|permission| line(*permission, &id)).collect_view();
        view! { <tbody><tr><th scope="rowgroup" colspan="2">{title}</th></tr>{lines}</tbody> }
    });
    view! { <table class="permissions"><caption class="unseen">"Permissions"</caption>{groups}</table> }
}

fn note(permission: Permission, kept: bool) -> Option<&'static str> {
    match permission {
        _ if kept => Some("Stays, so that somebody can run the organisation."),
        Permission::SeeOwnClasses => Some("Whoever may see users has this without it."),
        Permission::ResetOwnClasses => {
            Some("With the slips of their students. Whoever may reset passwords has this without it.")
        }
        Permission::ApproveOwn => Some("Without it, the uploads of these users have to be approved by somebody else."),
        Permission::ChangeSettings | Permission::ManageSchools | Permission::ManageRoles => {
            Some("Works for users of the district office only.")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_is_in_one_group() {
        let mut grouped: Vec<Permission> = GROUPS.iter().flat_map(|(_, group)| group.iter().copied()).collect();
        grouped.sort();
        let mut all = Permission::ALL.to_vec();
        all.sort();
        assert_eq!(grouped, all);
    }
}
