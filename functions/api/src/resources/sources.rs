//! The sources that the settings name.

use roster::SourceId;

use crate::app::App;
use crate::error::Failure;

/// Checks that the settings name the source.
pub async fn check_source(app: &App, source: Option<&SourceId>) -> Result<(), Failure> {
    match source {
        Some(source) if app.cloud.settings_get().await?.settings.sources.by_id(source).is_none() => {
            Err(Failure::Invalid {
                message: "There is no such source any more.",
                hint: "Reload the page and choose another source.",
            })
        }
        _ => Ok(()),
    }
}
