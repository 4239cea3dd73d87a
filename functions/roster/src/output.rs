//! What goes out: the files of an upload, credential sheets, the generated documents, and feeds for other systems.

pub mod docs;
pub mod feeds;
pub mod files;
pub mod slips;

pub use feeds::{FeedContents, feed};
pub use files::{
    CompletedClass, CompletedRow, RowErrors, completed_file, completed_part, credentials_file, dictionary, error_file,
    errors_by_row, kept_part, plan_file, reset_file, template, users_file,
};
