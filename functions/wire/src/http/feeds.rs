//! The directory for another system.

use roster::{FeedFormat, SchoolId};
use serde::{Deserialize, Serialize};

/// Which feed to download.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedDownload {
    /// `None` for all schools that the one who asks may see.
    pub school: Option<SchoolId>,
    pub format: FeedFormat,
}
