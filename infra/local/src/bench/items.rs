//! Writes many items into a table of this machine, as fast as it takes them.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use cloud::table::Item;
use futures::{StreamExt, TryStreamExt, stream};

use build::problem::ProblemText;

/// What one request may hold.
const BATCH: usize = 25;
const SIDE_BY_SIDE: usize = 8;

/// Writes an item for each of `values` with BatchWriteItem.
///
/// # Errors
///
/// Where the table refuses one of them.
pub async fn write<T>(
    client: &Client,
    table: &str,
    values: &[T],
    item: impl Fn(&T) -> Item + Copy,
) -> Result<(), ProblemText> {
    let batches = values.chunks(BATCH).map(|batch| write_batch(client, table, batch.iter().map(item)));
    stream::iter(batches).buffer_unordered(SIDE_BY_SIDE).try_collect().await
}

async fn write_batch(client: &Client, table: &str, items: impl Iterator<Item = Item>) -> Result<(), ProblemText> {
    let mut requests = Vec::with_capacity(BATCH);
    for item in items {
        let put = PutRequest::builder().set_item(Some(item)).build().map_err(|error| failed(&error))?;
        requests.push(WriteRequest::builder().put_request(put).build());
    }
    while !requests.is_empty() {
        let answer = client.batch_write_item().request_items(table, requests).send().await;
        let answer = answer.map_err(|error| failed(&error.into_service_error()))?;
        requests = answer.unprocessed_items.and_then(|mut tables| tables.remove(table)).unwrap_or_default();
    }
    Ok(())
}

fn failed(error: &dyn std::fmt::Display) -> ProblemText {
    ProblemText::new(format!("The table could not be filled: {error}"))
}
