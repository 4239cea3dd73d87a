//! The whole system on one machine: a bucket, a table, the functions and the page, on loopback ports.
//!
//! [`System`] is what `cargo local` runs and what the tests start. Its parts are real: S3 and DynamoDB speak the
//! protocol of AWS, and the functions are processes that speak the Lambda Runtime API, so that one can be stopped at
//! any instruction.

#![warn(clippy::missing_errors_doc)]

mod busy;
mod cargo_lambda;
mod connect;
mod dynamodb;
mod event;
mod fault;
pub mod foreign_processes;
mod function;
mod guard;
pub mod headers;
mod http;
mod invocation;
mod keys;
mod localstack;
mod lock;
mod log;
mod metered;
mod names;
mod options;
mod process;
mod processes;
mod s3;
mod sealed;
mod signature;
mod system;

pub use busy::TableFaults;
pub use cargo_lambda::free_port;
pub use connect::cloud as connect;
pub use fault::SystemFault;
pub use invocation::{FunctionKind, InvokeError};
pub use keys::{KEYS_FILE, Keys};
pub use metered::Usage;
pub use options::{BucketHost, FunctionHost, Options, Ports};
pub use system::{ADMINISTRATOR_FILE, MAIL_FOLDER, SEEDED_FILE, System, TableSize, clear};
