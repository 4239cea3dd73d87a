//! The settings of the organisation.

use wire::http::SettingsDocument;

use crate::table::{Key, Wrote, condition, from_json, json, n, needed, number, s};
use crate::{Cloud, Error};

impl Cloud {
    /// The settings now; version 0 and the defaults where nobody set any. Whether there is a default password is not
    /// looked up.
    pub async fn settings(&self) -> Result<SettingsDocument, Error> {
        match self.get_item(&Key::settings()).await? {
            None => Ok(SettingsDocument { version: 0, settings: Default::default(), has_default_password: false }),
            Some(item) => Ok(SettingsDocument {
                version: number(&item, "version").unwrap_or_default(),
                settings: from_json(&item, "settings")?,
                has_default_password: false,
            }),
        }
    }

    /// The Argon2id hash of the default password, in PHC format; `None` where nobody set one.
    pub async fn default_password(&self) -> Result<Option<String>, Error> {
        let item = self.get_item(&Key::default_password()).await?;
        item.map(|item| needed(&item, "hash").map(str::to_owned)).transpose()
    }

    /// Sets or changes the default password, of which only the hash is kept.
    pub async fn set_default_password(&self, hash: &str, at: u64) -> Result<(), Error> {
        let item = [("hash".to_owned(), s(hash)), ("set_at".to_owned(), n(at))].into();
        self.put_item(&Key::default_password(), item).await
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
