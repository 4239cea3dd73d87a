//! The loop that serves events until Lambda ends the process.

use std::error::Error;

use lambda_runtime::{LambdaEvent, service_fn};
use roster::durations::MINUTE;
use serde::Serialize;
use serde_json::Value;

/// Hands every event with the time to `handle`, and its answer to whoever waits for one.
///
/// An event that fails is logged, and sent again by Lambda.
///
/// # Errors
///
/// Where Lambda's own endpoint does not answer.
pub async fn serve<T, E>(handle: impl AsyncFn(Value, u64) -> Result<T, E>) -> Result<(), lambda_runtime::Error>
where
    T: Serialize,
    E: Error + Send + Sync + 'static,
{
    let handle = &handle;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        // What a function keeps while it waits is too much for the stack of a thread.
        let result = Box::pin(handle(event.payload, now())).await;
        result.inspect_err(|fault| tracing::error!(%fault, "to be tried again")).map_err(lambda_runtime::Error::from)
    }))
    .await
}

/// How long ago a function began what it can't be at work on any more.
///
/// In milliseconds: it runs for 15 minutes at most.
pub const DEAD_AFTER: u64 = 16 * MINUTE;

/// Returns the time in milliseconds since 1970.
pub fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
