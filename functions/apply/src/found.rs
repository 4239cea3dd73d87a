//! The organisation as the command that deploys founds it: the district office and its first administrator.
//!
//! Only who may invoke the function can ask for it: no object and no schedule does. Asking twice changes nothing.

use cloud::Cloud;
use cloud::changes::PasswordKind;
use cloud::people::NewAdministrator;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ApplyFault;

/// The event `{"organisation": {…}}`, without the key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrganisation {
    /// The name of the district office, which people can change on the page.
    name: String,
    external_id: String,
    username: String,
    /// Of a temporary password: it works once, and its user then chooses another one.
    password_hash: String,
    email: String,
    /// Whether the administrator is made though there are some, for when none of them gets in any more.
    even_if_there_are: bool,
}

impl NewOrganisation {
    pub(crate) fn read(event: &Value) -> Result<NewOrganisation, ApplyFault> {
        NewOrganisation::deserialize(event).map_err(ApplyFault::Founding)
    }
}

/// What became of the administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "administrator")]
pub(crate) enum Founded {
    Created,
    /// There are administrators, so that none was made.
    ThereAre,
    /// Somebody has, or had, that user name.
    UsernameTaken,
}

/// Founds the organisation, as far as it is not founded.
pub(crate) async fn found(cloud: &Cloud, new: NewOrganisation, now: u64) -> Result<Founded, ApplyFault> {
    let district = cloud.district_create(&new.name, &new.external_id).await?;
    if !new.even_if_there_are && cloud.administrator_count().await? > 0 {
        return Ok(Founded::ThereAre);
    }
    let administrator = NewAdministrator {
        username: &new.username,
        password_hash: &new.password_hash,
        password_kind: PasswordKind::Temporary,
        first_name: "First",
        last_name: "Administrator",
        email: &new.email,
        school: &district.id,
    };
    let created = cloud.administrator_create(administrator, now).await?;
    tracing::info!(created = created.is_some(), "an administrator was asked for");
    Ok(if created.is_some() { Founded::Created } else { Founded::UsernameTaken })
}
