//! The copy of an uploaded file that is kept.

use std::borrow::Cow;

use crate::parse;

/// The file as it was sent, minus passwords.
pub fn without_secrets(bytes: &[u8]) -> Cow<'_, [u8]> {
    match parse::parse(bytes) {
        (Some(upload), _) if !upload.columns.iter().any(|c| c.spec().secret) => Cow::Borrowed(bytes),
        _ => Cow::Owned(Vec::new()),
    }
}
