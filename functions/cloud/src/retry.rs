//! Sending a request to the table again that met others, or too much work.
//!
//! All of it is the SDK's doing, with pauses that grow and of which every one is cut at random. It knows throttles and
//! faults of the table by itself; `NothingWritten` tells it of answers that say that others were writing the same item.
//!
//! What is sent again is the same request to the byte. A transaction carries a `ClientRequestToken` that the SDK makes
//! once for all attempts: where it was carried out and only the answer was lost, the next attempt is answered as if it
//! were the first, and does not fail at what itself has written. A single write has no such token: after a lost answer it
//! is simply done twice. So a condition on one, and a number that it adds to, must be right then, too; where they would
//! not be, a transaction of one action is what to use.

use std::time::Duration;

use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::config::interceptors::InterceptorContext;
use aws_sdk_dynamodb::config::retry::{ClassifyRetry, RetryAction, RetryConfig, RetryPartition, TokenBucket};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;

/// The longest pause before the second attempt. Each further one may be twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(25);

/// How long a busy table is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Somebody waits for the answer, and API Gateway for no more than 29 seconds: up to 11 seconds a request, half of
    /// that on average.
    Answering,
    /// Nobody waits, and giving up means that all is done again: up to 77 seconds a request, half of that on average.
    Working,
}

impl Patience {
    fn retries(self) -> RetryConfig {
        let (attempts, longest_pause) = match self {
            Patience::Answering => (12, 2),
            Patience::Working => (18, 8),
        };
        RetryConfig::standard()
            .with_max_attempts(attempts)
            .with_initial_backoff(FIRST_PAUSE)
            .with_max_backoff(Duration::from_secs(longest_pause))
    }
}

/// Returns the configuration of a client of the table that sends requests again.
///
/// The SDK would stop that once a hundred of a process's requests had been refused in a short time, however long the
/// pauses, and a function that writes thousands of items to a table that is only growing would fail for it. Here the
/// pauses and the number of attempts alone keep the load down.
pub fn with_retries(config: Builder, patience: Patience) -> Builder {
    let partition = RetryPartition::custom("table").token_bucket(TokenBucket::unlimited()).build();
    config.retry_config(patience.retries()).retry_partition(partition).retry_classifier(NothingWritten)
}

/// Has the SDK send again what was refused because others were writing the same item. Nothing was written then, so this
/// is right for numbers that are added to as well.
#[derive(Debug)]
struct NothingWritten;

impl ClassifyRetry for NothingWritten {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let error = context.output_or_error().and_then(|answer| answer.as_ref().err()?.as_operation_error());
        let met_others = error.is_some_and(|error| {
            let cancelled = || error.downcast_ref::<TransactWriteItemsError>().and_then(Cancelled::read);
            error.downcast_ref().is_some_and(PutItemError::is_transaction_conflict_exception)
                || error.downcast_ref().is_some_and(UpdateItemError::is_transaction_conflict_exception)
                || error.downcast_ref().is_some_and(DeleteItemError::is_transaction_conflict_exception)
                || cancelled() == Some(Cancelled::Collided)
        });
        if met_others { RetryAction::throttling_error() } else { RetryAction::NoActionIndicated }
    }

    fn name(&self) -> &'static str {
        "nothing was written because of others"
    }
}

/// Why nothing of a transaction was written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cancelled {
    Refused(Vec<usize>),
    /// Another transaction was writing one of the items, or the table is busy.
    Collided,
    /// One of the actions is invalid, and will be whenever it is tried.
    Invalid(String),
}

impl Cancelled {
    /// Reads what the table answered; `None` where it did not cancel the transaction.
    pub(crate) fn read(error: &TransactWriteItemsError) -> Option<Cancelled> {
        let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { return None };
        let reasons = cancelled.cancellation_reasons();
        if let Some(invalid) = reasons.iter().find(|reason| reason.code() == Some("ValidationError")) {
            return Some(Cancelled::Invalid(invalid.message().unwrap_or("an action is invalid").to_owned()));
        }
        let codes = || reasons.iter().map(|reason| reason.code().unwrap_or_default());
        let refused: Vec<_> =
            codes().enumerate().filter(|(_, code)| *code == "ConditionalCheckFailed").map(|(i, _)| i).collect();
        if !refused.is_empty() {
            return Some(Cancelled::Refused(refused));
        }
        let passing = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
        codes().any(|code| passing.contains(&code)).then_some(Cancelled::Collided)
    }
}
