//! What the parts are called, and where they say that they are.

pub(crate) const BUCKET: &str = "rollbook";
pub(crate) const REGION: &str = "us-east-1";
pub(crate) const TABLE: &str = "rollbook";
