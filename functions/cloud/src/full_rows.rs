//! How long the last rosters were of those modes that remove who is absent.

use roster::{Mode, Scope, SourceId};
use wire::Upload;

use crate::bucket::digest;
use crate::table::{Item, Key, SortKeys, n, number, string};
use crate::{Cloud, Error};

/// Which rosters are compared by their length: those that should have the same users in them.
#[derive(Debug, Clone, Copy)]
pub struct RosterKind<'a> {
    pub mode: Mode,
    pub source: Option<&'a SourceId>,
    pub scope: &'a Scope,
}

impl<'a> RosterKind<'a> {
    /// Returns the kind of an upload's roster.
    pub fn of(upload: &'a Upload) -> RosterKind<'a> {
        RosterKind { mode: upload.mode, source: upload.of_source.as_ref(), scope: &upload.scope }
    }

    fn key(self) -> Key {
        Key::new("FULL", self.place())
    }

    /// Returns the words by which a key tells kinds apart. Both modes for everybody have the same.
    pub(crate) fn place(self) -> String {
        let of_scope = match self.scope {
            Scope::Organisation => "ORGANISATION".to_owned(),
            Scope::School(id) => format!("SCHOOL#{}", id.0),
            // They may be more than a key has room for.
            Scope::Schools(ids) => {
                let ids: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
                format!("SCHOOLS#{}", digest(ids.join("\n").as_bytes()))
            }
        };
        let of_mode = match self.mode {
            Mode::Partial | Mode::Full => "",
            Mode::Students => "STUDENTS#",
            Mode::Staff => "STAFF#",
        };
        let of_source = self.source.map_or_else(String::new, |source| format!("SOURCE#{}#", source.0));
        format!("{of_source}{of_mode}{of_scope}")
    }
}

impl Cloud {
    /// Returns the rows of the last roster of a kind that was carried out.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn full_rows_get(&self, of: RosterKind<'_>) -> Result<Option<u64>, Error> {
        Ok(self.item_get(&of.key()).await?.and_then(|item| number(&item, "rows")))
    }

    /// Returns the rows of the longest full roster of the whole organisation that was carried out.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn full_rows_get_largest(&self) -> Result<Option<u64>, Error> {
        let query = self.query_pk("FULL".to_owned(), SortKeys::All);
        let items: Vec<Item> = query.into_paginator().items().send().collect::<Result<_, _>>().await?;
        let of_all = items.iter().filter(|item| string(item, "sk").is_some_and(|key| key.ends_with("ORGANISATION")));
        Ok(of_all.filter_map(|item| number(item, "rows")).max())
    }

    /// Keeps the rows of a roster that was carried out, of a mode that removes who is absent.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn full_rows_set(&self, of: RosterKind<'_>, rows: u64) -> Result<(), Error> {
        self.item_put(&of.key(), [("rows".to_owned(), n(rows))].into()).await
    }
}
