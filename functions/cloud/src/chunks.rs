//! Which chunks of an upload are carried out: a marker item for each.

use std::collections::HashSet;

use aws_sdk_dynamodb::types::Select;
use wire::UploadId;

use crate::table::{Item, Key, SortKeys, n, needed};
use crate::{Cloud, Error};

impl Cloud {
    /// Returns whether chunk `chunk` of the upload is carried out.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn chunk_is_done(&self, id: &UploadId, chunk: u32) -> Result<bool, Error> {
        Ok(self.item_get(&Key::chunk(id, chunk)).await?.is_some())
    }

    /// Returns the chunks of the upload that are carried out.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn chunk_list_done(&self, id: &UploadId) -> Result<HashSet<u32>, Error> {
        let prefix = Key::chunks_prefix();
        let mut done = HashSet::new();
        for marker in self.chunk_list_markers(id).await? {
            done.extend(needed(&marker, "sk")?.strip_prefix(prefix).and_then(|n| n.parse::<u32>().ok()));
        }
        Ok(done)
    }

    /// Records that chunk `chunk` is carried out, and answers with how many are.
    ///
    /// Every chunk writes an item of its own, so that those that end side by side do not get in each other's way. The
    /// count is taken after that and sees all that was written before it: whichever chunk is written last counts all of
    /// them. Others that end at the same moment may do so, too.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn chunk_mark_done(&self, id: &UploadId, chunk: u32, now: u64) -> Result<u64, Error> {
        let marker = [("done_at".to_owned(), n(now))].into();
        // The time is that of the first time, for a chunk that comes again has moved nothing.
        self.item_put_new(&Key::chunk(id, chunk), marker).await?.accept_either();
        self.chunk_count_done(id).await
    }

    /// Counts the chunks of the upload that are carried out.
    async fn chunk_count_done(&self, id: &UploadId) -> Result<u64, Error> {
        let query = self.query_pk(Key::chunk(id, 0).pk, SortKeys::StartingWith(Key::chunks_prefix()));
        let mut pages = query.consistent_read(true).select(Select::Count).into_paginator().send();
        let mut count = 0;
        while let Some(page) = pages.next().await {
            count += u64::try_from(page?.count()).unwrap_or_default();
        }
        Ok(count)
    }

    /// Returns the marker items of the chunks that are carried out.
    pub(crate) async fn chunk_list_markers(&self, id: &UploadId) -> Result<Vec<Item>, Error> {
        let query = self.query_pk(Key::chunk(id, 0).pk, SortKeys::StartingWith(Key::chunks_prefix()));
        let query = query.consistent_read(true).projection_expression("sk, done_at");
        Ok(query.into_paginator().items().send().collect::<Result<_, _>>().await?)
    }
}
