//! Who is told of what, and what is still to be told.

use std::collections::BTreeSet;

use roster::durations::MINUTE;
use roster::watching::{Notice, NoticeKind};
use roster::{Guid, SourceId};
use serde::{Deserialize, Serialize};

/// Which notices somebody gets by e-mail.
///
/// The address is that of the user when it is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeChoice {
    #[serde(default)]
    pub kinds: BTreeSet<NoticeKind>,
}

/// A program that is told by a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    pub id: WebhookId,
    pub name: String,
    pub url: String,
    pub kinds: BTreeSet<NoticeKind>,
    pub made_at: u64,
    /// The user name of who made it.
    pub made_by: String,
}

/// The identifier of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebhookId(pub String);

/// To whom a notice goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeChannel {
    Email(Guid),
    Webhook(WebhookId),
}

impl NoticeChannel {
    /// Returns the word that tells channels apart in keys.
    pub fn key(&self) -> String {
        match self {
            NoticeChannel::Email(guid) => format!("email.{guid}"),
            NoticeChannel::Webhook(id) => format!("webhook.{}", id.0),
        }
    }
}

/// A notice on its way to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeDelivery {
    pub notice: Notice,
    pub channel: NoticeChannel,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, in milliseconds since 1970.
    pub next_at: u64,
    /// Why the last attempt failed: a status or the kind of fault, and nothing that the other side wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// When it was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_up_at: Option<u64>,
}

/// After so many attempts a notice is given up: a day and a half after the first.
pub const MAX_NOTICE_ATTEMPTS: u32 = 8;

/// How long to wait after each attempt, in milliseconds.
const PAUSES: [u64; MAX_NOTICE_ATTEMPTS as usize - 1] =
    [MINUTE, 5 * MINUTE, 30 * MINUTE, 120 * MINUTE, 360 * MINUTE, 720 * MINUTE, 900 * MINUTE];

impl NoticeDelivery {
    /// Returns a notice that was not tried yet.
    pub fn new(notice: Notice, channel: NoticeChannel, now: u64) -> NoticeDelivery {
        NoticeDelivery { notice, channel, attempts: 0, next_at: now, problem: None, given_up_at: None }
    }

    /// Records an attempt that failed: it is tried again after a while, or given up.
    pub fn fail(&mut self, problem: String, now: u64) {
        let pause = PAUSES.get(self.attempts as usize);
        self.attempts += 1;
        self.problem = Some(problem);
        match pause {
            Some(pause) => self.next_at = now + pause,
            None => self.given_up_at = Some(now),
        }
    }

    /// Returns whether it is to be tried now.
    pub fn is_due(&self, now: u64) -> bool {
        self.given_up_at.is_none() && self.next_at <= now
    }
}

/// A source that is late, as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LateRow {
    pub source: Option<SourceId>,
    /// What the source is called.
    pub source_name: Option<String>,
    pub expected_at: u64,
    pub last_at: Option<u64>,
}

#[cfg(test)]
mod tests {
    use roster::watching::NoticeAbout;

    use super::*;

    #[test]
    fn a_notice_is_tried_more_and_more_seldom_and_then_given_up() {
        let notice = Notice { id: "test.1".to_owned(), at: 0, about: NoticeAbout::Test };
        let mut delivery = NoticeDelivery::new(notice, NoticeChannel::Webhook(WebhookId("w".to_owned())), 0);
        let mut times = vec![0];
        while delivery.given_up_at.is_none() {
            let now = delivery.next_at;
            assert!(delivery.is_due(now));
            delivery.fail("500".to_owned(), now);
            assert!(!delivery.is_due(now));
            times.push(delivery.next_at / MINUTE);
        }
        assert_eq!(times, [0, 1, 6, 36, 156, 516, 1236, 2136, 2136]);
        assert_eq!((delivery.attempts, delivery.given_up_at), (MAX_NOTICE_ATTEMPTS, Some(2136 * MINUTE)));
    }
}
