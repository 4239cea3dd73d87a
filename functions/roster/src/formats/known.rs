//! What every format is read with, and what comes of it.

use crate::file::SetBytes;
use crate::model::{Day, Schools};

use super::kind::Format;
use super::table::Tables;
use super::translation::Translation;

/// Files of another system, read as a set.
#[derive(Debug)]
pub struct Translated {
    pub set: SetBytes,
    pub translation: Translation,
}

/// What every format is read with.
pub(super) struct FormatFiles<'k> {
    pub format: Format,
    pub tables: &'k Tables,
    pub schools: &'k Schools,
    /// The day on which they are read, where it is known.
    pub today: Option<&'k Day>,
    /// The names of the files that were not opened.
    pub unread: &'k [String],
}

impl FormatFiles<'_> {
    /// Returns whether a file was sent, empty or not.
    pub fn is_there(&self, stem: &str) -> bool {
        self.tables.names.iter().any(|name| name == stem)
    }
}
