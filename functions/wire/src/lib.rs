//! What crosses the API and what is stored in the bucket as JSON.
//!
//! [`attribute`] names what the table has of a user. [`stored`] is what one function writes and another reads, possibly a release later: a plan carries
//! [`stored::VERSION`], and a reader refuses a version that it does not know. [`upload`] is the history, kept as JSON in
//! the table: a field that is added to it needs a default; so is [`audit`]. [`http`] is what the page and the API say to each other; they
//! are deployed together.

pub mod attribute;
pub mod audit;
pub mod http;
pub mod origin;
pub mod stored;
pub mod upload;

pub use upload::{Decision, FileKind, Progress, Source, Status, Upload, UploadId, Verdict};
