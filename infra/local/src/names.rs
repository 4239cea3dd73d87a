//! What the parts are called, and where they say that they are.

/// The name of the bucket.
pub(crate) const BUCKET: &str = "rollbook";
/// The region of everything.
pub(crate) const REGION: &str = "us-east-1";
/// The name of the table.
pub(crate) const TABLE: &str = "rollbook";
