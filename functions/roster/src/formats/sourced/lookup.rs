//! The rows of a file by their `sourcedId`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::formats::report::FormatReport;
use crate::formats::table::{ForeignRow, ForeignTable};
use crate::model::Code;

/// The rows of a file by their `sourcedId`. Of an ID that stands in several rows which say different things, none is found.
#[derive(Default)]
pub(super) struct Lookup<'t> {
    table: Option<&'t ForeignTable>,
    rows: HashMap<&'t str, Option<&'t ForeignRow>>,
}

impl<'t> Lookup<'t> {
    /// Reads a file that may be missing.
    pub fn read(table: Option<&'t ForeignTable>, report: &mut FormatReport) -> Lookup<'t> {
        let Some(table) = table else { return Lookup::default() };
        let id = table.place(&["sourcedid"]);
        let mut rows: HashMap<&str, Option<&ForeignRow>> = HashMap::new();
        for row in table.rows.iter().filter(|row| row.damage.is_none() && !row.get(id).is_empty()) {
            match rows.entry(row.get(id)) {
                Entry::Vacant(free) => {
                    free.insert(Some(row));
                }
                Entry::Occupied(mut taken) => {
                    if taken.get().is_none_or(|other| !other.says_the_same(row)) {
                        taken.insert(None);
                        let what = format!("{{value}} in {}", table.name);
                        report.of_row(Code::SourcedIdRepeated, table, row, &what, row.get(id));
                    }
                }
            }
        }
        Lookup { table: Some(table), rows }
    }

    /// Returns the file.
    pub fn table(&self) -> Option<&'t ForeignTable> {
        self.table
    }

    /// Returns the row with this ID.
    pub fn find(&self, id: &str) -> Option<&'t ForeignRow> {
        self.rows.get(id).copied().flatten()
    }

    /// Returns whether any row has this ID.
    pub fn has(&self, id: &str) -> bool {
        self.rows.contains_key(id)
    }

    /// Returns how many IDs there are.
    pub fn count(&self) -> usize {
        self.rows.len()
    }
}
