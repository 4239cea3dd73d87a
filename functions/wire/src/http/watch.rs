//! Watching: what is late, who is told, and what could not be told.

use std::collections::BTreeSet;

use roster::WatchPause;
use roster::watching::NoticeKind;
use serde::{Deserialize, Serialize};

use crate::stored::watch::{LateRow, NoticeChoice, NoticeDelivery, Webhook};

/// How things stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchState {
    pub late: Vec<LateRow>,
    /// The pause that lasts today.
    pub pause: Option<WatchPause>,
}

/// The own choice of notices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnNotices {
    pub choice: NoticeChoice,
    /// The address that they go to. Looked at in replies only.
    #[serde(default)]
    pub address: String,
    /// Whether this deployment sends e-mail at all. Looked at in replies only.
    #[serde(default)]
    pub email_is_sent: bool,
    /// Whether anybody is told anything: whether watching is switched on. Looked at in replies only.
    #[serde(default)]
    pub is_watching: bool,
}

/// A webhook to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    pub name: String,
    pub url: String,
    pub kinds: BTreeSet<NoticeKind>,
}

/// A webhook that was just made.
///
/// Nobody is told the secret again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeWebhook {
    pub webhook: Webhook,
    /// With which it checks the signatures, as Standard Webhooks writes it: `whsec_` and Base64.
    pub secret: String,
}

/// The webhooks, and what waits to be told or was given up, to programs and to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhooks {
    pub webhooks: Vec<Webhook>,
    /// Those that failed at least once.
    pub troubled: Vec<NoticeDelivery>,
    pub email_is_sent: bool,
}
