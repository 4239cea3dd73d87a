//! The settings of the organisation.

use wire::http::SettingsDocument;

use crate::table::{Key, Wrote, condition, from_json, json, n, number};
use crate::{Cloud, Error};

impl Cloud {
    /// The settings now; version 0 and the defaults where nobody set any.
    pub async fn settings(&self) -> Result<SettingsDocument, Error> {
        match self.get_item(&Key::settings()).await? {
            None => Ok(SettingsDocument { version: 0, settings: Default::default() }),
            Some(item) => Ok(SettingsDocument {
                version: number(&item, "version").unwrap_or_default(),
                settings: from_json(&item, "settings")?,
            }),
        }
    }

    /// Replaces the settings whose version `document` names; `None` where they changed in between.
    pub async fn save_settings(&self, document: SettingsDocument) -> Result<Option<SettingsDocument>, Error> {
        let version = document.version + 1;
        let mut item = Key::settings().item();
        item.insert("version".to_owned(), n(version));
        item.insert("settings".to_owned(), json(&document.settings)?);
        let put = self.dynamo.put_item().table_name(&self.table).set_item(Some(item));
        let put = match document.version {
            0 => put.condition_expression("attribute_not_exists(pk)"),
            seen => put
                .condition_expression("#v = :seen")
                .expression_attribute_names("#v", "version")
                .expression_attribute_values(":seen", n(seen)),
        };
        Ok(match condition(put.send().await)? {
            Wrote::Yes => Some(SettingsDocument { version, ..document }),
            Wrote::No => None,
        })
    }
}
