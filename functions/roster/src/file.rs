//! From bytes to rows: how a file is read, and copies of it without what must not be kept.

pub(crate) mod cell;
pub(crate) mod csv_file;
pub(crate) mod decode;
pub(crate) mod header;
pub(crate) mod layout;
mod manifest;
pub(crate) mod mapped;
pub mod parse;
pub mod parse_part;
pub mod parsed;
pub(crate) mod plain;
pub(crate) mod plain_cell;
mod read_directory;
pub mod reading;
mod recognise;
pub(crate) mod records;
pub mod redact;
pub(crate) mod rows;
mod sent_rows;
mod set;
pub mod words;

pub use cell::protect;
pub use manifest::{MANIFEST, ManifestFile, NamedFiles, read_manifest};
pub use parse::{MAX_BYTES, MAX_ROWS, parse, recognise_headers};
pub use parse_part::{lone_part, parse_part};
pub use parsed::{ParsedRoster, Row};
pub use read_directory::{KnownError, read_directory, read_schools, read_users};
pub use reading::{NoPlace, Omissions, Reading};
pub use recognise::recognise_part;
pub use redact::{Erased, Redacted, RedactedFile, redact_copy, redact_file, redact_rows, without_secrets};
pub use sent_rows::{SentRow, sent_rows};
pub use set::SetBytes;
