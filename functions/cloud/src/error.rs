//! The one kind of fault of this crate: what is expected to happen is a value, not an error.

use std::error::Error as StdError;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use wire::UploadId;

/// The table or the bucket does not answer, or holds what can't be read.
///
/// It never holds an item or a cell.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the environment variable {0} is not set")]
    Environment(&'static str),
    /// A request failed. `code` is the service's own, where it answered at all.
    #[error("a request failed: {message}")]
    Request { code: Option<String>, message: String },
    #[error("an item of the table can't be read: {0}")]
    Item(String),
    #[error("{key} can't be read: {reason}")]
    Object { key: String, reason: String },
    /// What a plan stands for is not, or no longer, what its digest says, or is gone.
    #[error("{0} is not what its digest says")]
    Altered(String),
    /// The plan does not name the digest of all that is needed to carry it out.
    #[error("the plan of {upload} was made by another version of Rollbook: {reason}")]
    OtherVersion { upload: UploadId, reason: String },
    /// The table refuses a request as invalid, and always will.
    #[error("the table refuses a request: {0}")]
    Refused(String),
    /// Others wrote the same thing again and again.
    #[error("{0} is being written by too many at once")]
    Contended(&'static str),
}

impl Error {
    /// Returns the code that the service gave, such as `ConditionalCheckFailedException`.
    pub fn code(&self) -> Option<&str> {
        match self {
            Error::Request { code, .. } => code.as_deref(),
            _ => None,
        }
    }

    /// Returns whether trying again in a moment may help.
    ///
    /// The service has too much to do, or does not answer.
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Contended(_) | Error::Request { code: None, .. } => true,
            Error::Request { code: Some(code), .. } => TRANSIENT.contains(&code.as_str()),
            _ => false,
        }
    }

    /// Returns whether trying again is of no use.
    pub fn is_lasting(&self) -> bool {
        matches!(self, Error::Altered(_) | Error::OtherVersion { .. } | Error::Refused(_))
    }
}

/// The codes of DynamoDB and S3 when they have too much to do, or a fault of their own that passes.
const TRANSIENT: [&str; 9] = [
    "TransactionConflictException",
    "TransactionInProgressException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "InternalServerError",
    "InternalError",
    "ServiceUnavailable",
    "SlowDown",
];

/// The code by which DynamoDB refuses what is invalid, such as a key that is too long.
const INVALID: &str = "ValidationException";

/// The messages of the chain are taken and not their `Debug` form, which can hold a whole item.
impl<E, R> From<SdkError<E, R>> for Error
where
    E: ProvideErrorMetadata + StdError + 'static,
    R: std::fmt::Debug,
    SdkError<E, R>: StdError,
{
    fn from(error: SdkError<E, R>) -> Error {
        let service = error.as_service_error().map(|service| service.meta().clone());
        let mut message = error.to_string();
        let mut source = StdError::source(&error);
        while let Some(cause) = source {
            message.push_str(": ");
            message.push_str(&cause.to_string());
            source = cause.source();
        }
        if let Some(said) = service.as_ref().and_then(|meta| meta.message()) {
            message.push_str(": ");
            message.push_str(said);
        }
        match service.and_then(|meta| meta.code().map(str::to_owned)) {
            Some(code) if code == INVALID => Error::Refused(message),
            code => Error::Request { code, message },
        }
    }
}

impl From<aws_sdk_dynamodb::error::BuildError> for Error {
    fn from(error: aws_sdk_dynamodb::error::BuildError) -> Error {
        Error::Request { code: None, message: error.to_string() }
    }
}

/// Says where JSON can't be read. What stands there may be somebody's name, and is in no error.
pub(crate) fn unreadable_place(error: &serde_json::Error) -> String {
    format!("line {}, column {}: {:?}", error.line(), error.column(), error.classify())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_json_says_where_and_never_what() {
        let error = serde_json::from_str::<Vec<u32>>("[1,\n\"Ora Klein\"]").expect_err("a name is no number");
        assert!(error.to_string().contains("Ora"));
        assert_eq!(unreadable_place(&error), "line 2, column 11: Data");
    }
}
