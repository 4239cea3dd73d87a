//! What people get to read: the files of an upload, credential sheets and the generated documents.

pub mod docs;
pub mod files;
pub mod slips;

pub use files::{
    CompletedClass, CompletedRow, RowErrors, completed_file, completed_part, credentials_file, dictionary, error_file,
    errors_by_row, kept_part, plan_file, reset_file, template, users_file,
};
