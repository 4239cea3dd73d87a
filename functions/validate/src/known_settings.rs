//! The settings as they are for one upload, or for one sweep: read once and handed on.

use cloud::Cloud;
use roster::Settings;

use crate::ValidateFault;

/// The settings, or that nobody can read them.
pub(crate) struct KnownSettings(Option<Settings>);

impl KnownSettings {
    /// Reads the settings. That they can't be read is a fault only where they are needed: a file is entered all the same,
    /// so that its attempts are counted and it is given up one day.
    pub(crate) async fn read(cloud: &Cloud) -> Result<KnownSettings, ValidateFault> {
        match cloud.settings_get().await {
            Ok(document) => Ok(KnownSettings(Some(document.settings))),
            Err(error @ cloud::Error::Item(_)) => {
                tracing::error!(%error, "nobody can read the settings");
                Ok(KnownSettings(None))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the settings.
    ///
    /// # Errors
    ///
    /// [`ValidateFault::SettingsUnreadable`] where nobody can read them.
    pub(crate) fn get(&self) -> Result<&Settings, ValidateFault> {
        self.0.as_ref().ok_or(ValidateFault::SettingsUnreadable)
    }
}
