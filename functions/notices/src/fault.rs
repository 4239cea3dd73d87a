//! Why nothing could be told.

use runtime::UnreadableEvent;

/// Why nothing could be told.
#[derive(Debug, thiserror::Error)]
pub enum NoticesFault {
    #[error(transparent)]
    Cloud(#[from] cloud::Error),
    #[error(transparent)]
    Event(#[from] UnreadableEvent),
    #[error("the settings name a time zone that there is not")]
    Zone(#[from] roster::watching::NoZone),
    #[error("the sender of e-mail can't be used: {0}")]
    Sender(String),
    #[error("no client for webhooks can be made: {0}")]
    Client(reqwest::Error),
    #[error("no random bytes: {0}")]
    Random(getrandom::Error),
}
