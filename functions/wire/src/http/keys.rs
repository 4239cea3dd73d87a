//! API keys, and what a program finds out with one.

use std::collections::{BTreeMap, BTreeSet};

use roster::{Mode, ModeSettings, Permission, ReadingSettings, School, SchoolId, Scope, SourceId, SourceRules};
use serde::{Deserialize, Serialize};

use crate::stored::api_key::ApiKey;
use crate::stored::api_key::KeyDecisions;
use crate::stored::api_key::KeyEnd;

/// What a program with an API key checks files with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientFacts {
    pub key: ApiKey,
    /// What the key may do now.
    pub permissions: BTreeSet<Permission>,
    /// Whose users its uploads may touch.
    pub scope: Scope,
    pub schools: Vec<School>,
    pub modes: BTreeMap<Mode, ModeSettings>,
    pub reading: ReadingSettings,
    pub sources: SourceRules,
}

/// An API key to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    pub name: String,
    /// The only school whose users it may touch; `None` for all that its maker may.
    #[serde(default)]
    pub school: Option<SchoolId>,
    #[serde(default)]
    pub source: Option<SourceId>,
    pub modes: BTreeSet<Mode>,
    #[serde(default)]
    pub decisions: KeyDecisions,
    /// For how many days it can be used, 400 at most.
    pub days: u32,
}

/// A key that was just made.
///
/// Nobody is told the secret again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeKey {
    pub row: KeyRow,
    /// The whole key, as programs send it.
    pub secret: String,
}

/// A key in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    pub key: ApiKey,
    /// When it was last used, to the minute, in milliseconds since 1970.
    pub used_at: Option<u64>,
    pub end: Option<KeyEnd>,
    pub state: KeyState,
}

/// Whether a key opens anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// It does, while the settings have keys switched on.
    Active,
    Expired,
    Ended,
    /// Whoever made it can't sign in any more, or is at another school.
    MakerGone,
}
