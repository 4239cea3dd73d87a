//! The roles of the organisation.

use wire::http::RolesDocument;

use crate::table::{Key, Wrote, condition, from_json, json, n, number};
use crate::{Cloud, Error};

impl Cloud {
    /// The roles now; version 0 and the built-in ones where nobody changed any.
    pub async fn roles(&self) -> Result<RolesDocument, Error> {
        match self.get_item(&Key::roles()).await? {
            None => Ok(RolesDocument { version: 0, roles: roster::role::built_in() }),
            Some(item) => Ok(RolesDocument {
                version: number(&item, "version").unwrap_or_default(),
                roles: from_json(&item, "roles")?,
            }),
        }
    }

    /// Replaces the roles whose version `document` names; `None` where they changed in between.
    pub async fn save_roles(&self, document: RolesDocument) -> Result<Option<RolesDocument>, Error> {
        let version = document.version + 1;
        let mut item = Key::roles().item();
        item.insert("version".to_owned(), n(version));
        item.insert("roles".to_owned(), json(&document.roles)?);
        let put = self.dynamo.put_item().table_name(&self.table).set_item(Some(item));
        let put = put
            .condition_expression("attribute_not_exists(pk) OR #v = :seen")
            .expression_attribute_names("#v", "version")
            .expression_attribute_values(":seen", n(document.version));
        Ok(match condition(put.send().await)? {
            Wrote::Yes => Some(RolesDocument { version, ..document }),
            Wrote::No => None,
        })
    }
}
