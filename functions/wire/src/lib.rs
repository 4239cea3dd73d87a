//! What crosses the API and what is stored in the bucket as JSON.
//!
//! [`stored`] is what one function writes and another reads, possibly a release later: its documents carry
//! [`stored::VERSION`], and a reader refuses a version that it does not know. [`http`] is what the page and the
//! API say to each other; they are deployed together.

pub mod http;
pub mod stored;
pub mod upload;

pub use upload::{Decision, FileKind, Progress, Source, Status, Upload, UploadId, Verdict};
