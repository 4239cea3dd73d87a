//! Files without what must not be kept: passwords, and the lines of erased users.

mod copy;
mod erased;
mod secrets;

pub use erased::{Erased, Redacted, RedactedFile, redact_copy, redact_file, redact_rows};
pub(super) use secrets::harmless_places;
pub use secrets::without_secrets;
