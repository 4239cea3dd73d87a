//! What crosses the API and what is stored as JSON, apart from each other.
//!
//! [`attribute`] names what the table has of a user. [`stored`] is what one function writes and another reads, possibly a
//! release later. [`http`] is what the page and the API say to each other; they are deployed together, and [`http`] may
//! use what is stored, but not the other way round. [`shown`] has the words for changes that several programs show. [`unpacked`] takes what was sent out of its [`archive`] or [`workbook`].

#![warn(clippy::missing_errors_doc)]

pub mod archive;
pub mod attribute;
pub mod http;
pub mod origin;
pub mod shown;
pub mod stored;
pub mod unpacked;
pub mod workbook;

pub use stored::FileKind;
pub use stored::upload::{Decision, Progress, Source, Status, Upload, UploadId, Verdict};
pub use stored::{audit, upload};
pub use unpacked::{SheetChoice, Unpacked};
