//! Files without what must not be kept: passwords, and the lines of erased users.

mod copy;
mod erased;
mod secrets;

pub use erased::{Erased, Redacted, redact_copy, redact_file, redact_rows};
pub use secrets::without_secrets;
