//! The settings of the organisation.

use aws_sdk_dynamodb::types::AttributeValue;
use roster::Settings;
use wire::audit::{Action, Entry, Subject, differences};
use wire::http::SettingsDocument;

use crate::audit::Author;
use crate::table::{Item, Key, WriteOutcome, from_json, json, n, needed, number, s};
use crate::transact::{self, Transacted};
use crate::{Cloud, Error};

/// How people sign in by the settings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SignOn {
    pub enabled: bool,
    /// When it was last switched on, in milliseconds since 1970.
    pub since: Option<u64>,
}

impl Cloud {
    /// Returns the settings now; version 0 and the defaults where nobody set any.
    ///
    /// Whether there is a default password is not looked up.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn settings_get(&self) -> Result<SettingsDocument, Error> {
        match self.item_get(&Key::settings()).await? {
            None => Ok(SettingsDocument { version: 0, settings: Default::default(), has_default_password: false }),
            Some(item) => Ok(SettingsDocument {
                version: number(&item, "version").unwrap_or_default(),
                settings: from_json(&item, "settings")?,
                has_default_password: false,
            }),
        }
    }

    /// Returns whether people sign in at the organisation's provider, and since when.
    ///
    /// Sessions that were started with a password before that are over.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn sign_on_get(&self) -> Result<SignOn, Error> {
        let Some(item) = self.item_get(&Key::settings()).await? else { return Ok(SignOn::default()) };
        let settings: Settings = from_json(&item, "settings")?;
        Ok(SignOn { enabled: settings.accounts.single_sign_on.enabled, since: number(&item, "sign_on_since") })
    }

    /// Returns the Argon2id hash of the default password, in PHC format; `None` where nobody set one.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn default_password_get(&self) -> Result<Option<String>, Error> {
        let item = self.item_get(&Key::default_password()).await?;
        item.map(|item| needed(&item, "hash").map(str::to_owned)).transpose()
    }

    /// Sets or changes the default password, of which only the hash is kept.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn default_password_set(&self, hash: &str, at: u64) -> Result<(), Error> {
        let item = [("hash".to_owned(), s(hash)), ("set_at".to_owned(), n(at))].into();
        self.item_put(&Key::default_password(), item).await
    }

    /// Replaces the settings whose version `document` names; `None` where they changed in between.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, [`Error::Item`] where an item of it can't be read, and
    /// [`Error::Contended`] where others write the same items again and again.
    pub async fn settings_save(
        &self,
        document: SettingsDocument,
        author: &Author,
    ) -> Result<Option<SettingsDocument>, Error> {
        let before = self.settings_get().await?;
        if before.version != document.version {
            return Ok(None);
        }
        let details = differences(&before.settings, &document.settings);
        let entry =
            Entry { details, ..Entry::new(author.at, author.by.clone(), Action::SettingsChanged, Subject::Settings) };
        let entries = if entry.details.is_empty() { Vec::new() } else { vec![entry] };
        let mut values = vec![("settings", json(&document.settings)?)];
        let sign_on = self.sign_on_get().await?;
        let begins = !sign_on.enabled && document.settings.accounts.single_sign_on.enabled;
        let since = if begins { Some(author.at) } else { sign_on.since };
        values.extend(since.map(|at| ("sign_on_since", n(at))));
        Ok(match self.replace_document(&Key::settings(), document.version, values, &entries).await? {
            WriteOutcome::Written => Some(SettingsDocument { version: document.version + 1, ..document }),
            WriteOutcome::ConditionFailed => None,
        })
    }

    /// Writes a document that has versions, if its version is still the one that was `seen`; 0 where there was none.
    pub(crate) async fn replace_document(
        &self,
        key: &Key,
        seen: u64,
        values: Vec<(&str, AttributeValue)>,
        entries: &[Entry],
    ) -> Result<WriteOutcome, Error> {
        let values = values.into_iter().chain([("version", n(seen + 1))]);
        let item: Item = values.map(|(name, value)| (name.to_owned(), value)).collect();
        let put = transact::WriteAction::put(key, item);
        let put = match seen {
            0 => put.only_if("attribute_not_exists(pk)", []),
            seen => put.only_if("version = :seen", [(":seen", n(seen))]),
        };
        let actions = [put].into_iter().chain(self.audit_actions(entries).await?).collect();
        Ok(match self.transact(actions).await? {
            Transacted::Committed => WriteOutcome::Written,
            Transacted::Rejected(_) => WriteOutcome::ConditionFailed,
        })
    }
}
