//! Where each field of a user came from.

use std::collections::BTreeSet;

use crate::http::Origin;
use crate::stored::history::HistoryEntry;

/// Looks through the history of a user, newest first, for the entry that set each field.
///
/// It may come in parts.
#[derive(Debug)]
pub struct OriginSearch {
    wanted: BTreeSet<String>,
    found: Vec<Origin>,
}

impl OriginSearch {
    /// Begins a search for `fields`, by the headers of their columns.
    pub fn new<'f>(fields: impl IntoIterator<Item = &'f str>) -> OriginSearch {
        OriginSearch { wanted: fields.into_iter().map(str::to_owned).collect(), found: Vec::new() }
    }

    /// Whether there is nothing left to look for.
    pub fn is_over(&self) -> bool {
        self.wanted.is_empty()
    }

    /// Looks at the next older entries.
    pub fn look_at(&mut self, entries: &[HistoryEntry]) {
        for entry in entries {
            for field in entry.fields.iter().map(|change| &change.field) {
                if self.wanted.remove(field) {
                    self.found.push(Origin {
                        field: field.clone(),
                        at: entry.at,
                        upload: entry.upload.clone(),
                        file_name: None,
                        by_hand: false,
                        row: entry.row,
                        by: entry.by.clone(),
                    });
                }
            }
        }
    }

    /// Returns what was found.
    ///
    /// The names of the files are for those to add who know the uploads.
    pub fn found(self) -> Vec<Origin> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use roster::Kind;

    use super::*;
    use crate::stored::history::FieldChange;
    use crate::stored::upload::UploadId;

    fn entry(at: u64, upload: Option<&str>, fields: &[&str]) -> HistoryEntry {
        let change =
            |field: &&str| FieldChange { field: (*field).to_owned(), before: String::new(), after: "x".to_owned() };
        HistoryEntry {
            at,
            upload: upload.map(|id| UploadId(id.to_owned())),
            row: upload.map(|_| at as u32),
            by: Some("dora".to_owned()),
            kind: Kind::Updated,
            fields: fields.iter().map(change).collect(),
        }
    }

    fn at(origins: &[Origin]) -> Vec<(&str, u64)> {
        origins.iter().map(|origin| (origin.field.as_str(), origin.at)).collect()
    }

    #[test]
    fn the_newest_entry_that_set_a_field_is_its_origin() {
        let mut search = OriginSearch::new(["grade", "email", "custom_id"]);
        search.look_at(&[entry(9, Some("b"), &["email", "first_name"]), entry(8, None, &["custom_id"])]);
        assert!(!search.is_over());
        search.look_at(&[entry(7, Some("a"), &["email", "custom_id", "grade"])]);
        assert!(search.is_over());
        let found = search.found();
        assert_eq!(at(&found), [("email", 9), ("custom_id", 8), ("grade", 7)]);
        assert_eq!((&found[1].upload, found[1].by.as_deref()), (&None, Some("dora")));
        assert_eq!(found[0].row, Some(9));
    }

    #[test]
    fn a_field_that_nothing_tells_of_has_no_origin() {
        let mut search = OriginSearch::new(["grade", "email"]);
        search.look_at(&[entry(1, None, &["email"])]);
        assert!(!search.is_over());
        assert_eq!(at(&search.found()), [("email", 1)]);
    }
}
