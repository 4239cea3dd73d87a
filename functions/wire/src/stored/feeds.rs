//! The feeds that lie in the bucket for other systems.

use std::collections::{BTreeMap, BTreeSet};

use roster::FeedFormat;
use serde::{Deserialize, Serialize};

/// What the feeds in the bucket were made from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenFeeds {
    /// When the directory was read, in milliseconds since 1970 (UTC).
    pub at: u64,
    /// What was carried out last before it was read; `None` where nothing was known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    pub formats: BTreeSet<FeedFormat>,
    /// The entity tag of each feed that was put. A feed with another one is not the one that this tells of.
    #[serde(default)]
    pub etags: BTreeMap<FeedFormat, String>,
}
