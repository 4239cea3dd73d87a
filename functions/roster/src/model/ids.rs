//! The identifiers that Rollbook gives.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

/// The identifier that Rollbook gives every user; never changes, is never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Guid(pub Uuid);

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The identifier that Rollbook gives every class; never changes, is never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClassGuid(pub Uuid);

impl fmt::Display for ClassGuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Returns the UUID that is derived from a seed and what it is for: the same ones give the same, so that a file that is
/// compared again gives the same GUIDs, and nobody without the seed can tell them.
pub(crate) fn derived_uuid(seed: &[u8; 32], parts: &[&[u8]]) -> Uuid {
    let mut mac = Hmac::<Sha256>::new_from_slice(seed).expect("a key of any length is fine");
    parts.iter().for_each(|part| mac.update(part));
    let mut first = [0; 16];
    first.copy_from_slice(&mac.finalize().into_bytes()[..16]);
    uuid::Builder::from_custom_bytes(first).into_uuid()
}

/// The identifier of a school inside Rollbook.
///
/// It stays when the school's external ID is changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SchoolId(pub String);

/// The short name of a system that users come from, such as `sis`.
///
/// The organisation gives it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceId(pub String);

impl SourceId {
    const BY_HAND: &str = "by-hand";

    /// Returns the source of users who were added by hand on the page.
    pub fn by_hand() -> SourceId {
        SourceId(SourceId::BY_HAND.to_owned())
    }

    /// Returns whether users came by no roster: a roster that has them takes them over.
    pub fn is_by_hand(&self) -> bool {
        self.0 == SourceId::BY_HAND
    }
}
