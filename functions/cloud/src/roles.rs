//! The roles of the organisation.

use roster::{Permission, Role};
use wire::audit::{Action, Entry, Subject};
use wire::http::RolesDocument;
use wire::stored::FieldChange;

use crate::audit::Author;
use crate::table::{Key, WriteOutcome, from_json, json, number};
use crate::{Cloud, Error};

impl Cloud {
    /// Returns the roles now; version 0 and the built-in ones where nobody changed any.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn roles_get(&self) -> Result<RolesDocument, Error> {
        match self.item_get(&Key::roles()).await? {
            None => Ok(RolesDocument { version: 0, roles: roster::role::built_in() }),
            Some(item) => Ok(RolesDocument {
                version: number(&item, "version").unwrap_or_default(),
                roles: from_json(&item, "roles")?,
            }),
        }
    }

    /// Replaces the roles whose version `document` names; `None` where they changed in between.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, [`Error::Item`] where an item of it can't be read, and
    /// [`Error::Contended`] where others write the same items again and again.
    pub async fn roles_save(&self, document: RolesDocument, author: &Author) -> Result<Option<RolesDocument>, Error> {
        let before = self.roles_get().await?;
        if before.version != document.version {
            return Ok(None);
        }
        let entries = entries(&before.roles, &document.roles, author);
        let values = vec![("roles", json(&document.roles)?)];
        Ok(match self.replace_document(&Key::roles(), document.version, values, &entries).await? {
            WriteOutcome::Written => Some(RolesDocument { version: document.version + 1, ..document }),
            WriteOutcome::ConditionFailed => None,
        })
    }
}

/// Returns an entry for each role that comes, goes or differs.
fn entries(before: &[Role], after: &[Role], author: &Author) -> Vec<Entry> {
    let of = |roles: &'_ [Role], role: &Role| roles.iter().find(|other| other.id == role.id).cloned();
    let gone = before.iter().filter(|role| of(after, role).is_none());
    let gone = gone.map(|role| entry(Action::RoleDeleted, Some(role), None, author));
    let kept = after.iter().filter_map(|role| match of(before, role) {
        None => Some(entry(Action::RoleAdded, None, Some(role), author)),
        Some(old) if old != *role => Some(entry(Action::RoleChanged, Some(&old), Some(role), author)),
        Some(_) => None,
    });
    kept.chain(gone).collect()
}

fn entry(action: Action, before: Option<&Role>, after: Option<&Role>, author: &Author) -> Entry {
    let id = after.or(before).map(|role| role.id.clone()).expect("a role comes, goes or differs");
    let name = |role: Option<&Role>| role.map(|role| role.name.clone()).unwrap_or_default();
    let may = |role: Option<&Role>| {
        let permissions = role.into_iter().flat_map(|role| &role.permissions).copied().map(Permission::as_str);
        permissions.collect::<Vec<_>>().join(";")
    };
    let change = |field: &str, before: String, after: String| FieldChange { field: field.to_owned(), before, after };
    let details =
        [change("name", name(before), name(after)), change("permissions", may(before), may(after))].into_iter();
    let details = details.filter(|change| change.before != change.after).collect();
    Entry { details, ..Entry::new(author.at, author.by.clone(), action, Subject::Role { id }) }
}
