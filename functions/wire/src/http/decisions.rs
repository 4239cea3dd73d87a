//! Approving and rejecting.

use roster::RekeyChoices;
use serde::{Deserialize, Serialize};

/// The plan that was seen, and how many users it removes, typed by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approve {
    pub digest: String,
    /// The plan's removals and those of the re-keys with a removal for which the choice is two people.
    pub removals: u64,
    /// Needed where the plan has probable re-keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rekeys: Option<RekeyChoices>,
}

/// The plan that was seen, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    pub digest: String,
    pub reason: String,
}
