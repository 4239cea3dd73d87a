//! API keys: what programs send rosters with.
//!
//! A key acts for whoever made it, with at most what that person may do at that moment, and with no more than what is
//! written here. Its secret is stored nowhere; the table has the SHA-256 of it.

use std::collections::BTreeSet;
use std::fmt;

use roster::{Guid, Mode, SchoolId, SourceId};
use serde::{Deserialize, Serialize};

/// The identifier of a key: sixteen digits and letters from a to f.
///
/// It is no secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(pub String);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A key without its secret.
///
/// Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    pub id: KeyId,
    /// As people call it.
    pub name: String,
    pub maker: Guid,
    /// The user name of its maker when it was made.
    pub maker_name: String,
    /// The only school whose users it may touch; `None` for the whole organisation.
    pub school: Option<SchoolId>,
    /// The only source whose files it sends; `None` where it is bound to none.
    pub source: Option<SourceId>,
    /// The kinds of sync that it sends.
    pub modes: BTreeSet<Mode>,
    pub decisions: KeyDecisions,
    pub made_at: u64,
    pub expires_at: u64,
}

/// Whether plans are decided with a key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyDecisions {
    /// A person does.
    #[default]
    None,
    /// It approves and rejects what it may send.
    Approve,
}

/// When and by whom a key was ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyEnd {
    pub at: u64,
    /// The user name.
    pub by: String,
}

/// The key with which something was done, as it was called then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedKey {
    pub id: KeyId,
    pub name: String,
}

impl ApiKey {
    /// Returns how histories name it.
    pub fn as_used(&self) -> UsedKey {
        UsedKey { id: self.id.clone(), name: self.name.clone() }
    }

    /// Returns whether plans are approved and rejected with it.
    pub fn may_decide(&self) -> bool {
        self.decisions == KeyDecisions::Approve
    }

    /// Returns whether it is for files of this kind and source.
    pub fn covers(&self, mode: Mode, source: Option<&SourceId>) -> bool {
        self.modes.contains(&mode) && self.source.as_ref().is_none_or(|own| Some(own) == source)
    }
}
