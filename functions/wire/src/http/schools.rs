//! Schools.

use roster::School;
use serde::{Deserialize, Serialize};

/// A new school, or what an existing one is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchoolEdit {
    pub name: String,
    pub external_id: String,
    /// What an existing school was when it was looked at; where it is something else by now, the answer is a 409.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<School>,
}
