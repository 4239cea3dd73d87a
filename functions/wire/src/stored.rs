//! What one function writes and another reads, possibly a release later.
//!
//! | module | where it is kept | how it changes |
//! | --- | --- | --- |
//! | [`upload`] | in the table, as JSON | a field that is added needs a default |
//! | [`api_key`], [`audit`], [`history`], [`reset`], [`watch`] | in the table, as JSON | the same |
//! | [`feeds`] | in the bucket, as JSON | the same |
//! | [`plan`] | in the bucket, as JSON and JSON lines | a plan has [`VERSION`], and a reader refuses another one |
//!
//! `tests/fixtures/stored` has what earlier versions wrote, and tests read it with the present types.

pub mod api_key;
pub mod audit;
pub mod feeds;
pub mod file_kind;
pub mod history;
pub mod plan;
pub mod reset;
pub mod upload;
pub mod watch;

pub use api_key::{ApiKey, KeyDecisions, KeyEnd, KeyId, UsedKey};
pub use feeds::WrittenFeeds;
pub use file_kind::FileKind;
pub use history::{ClassLogEntry, FieldChange, HistoryEntry};
pub use plan::{
    ChangeResult, ChunkHead, ChunkOf, ClassHead, ClassResult, CutFindings, Outcome, PasswordHash, PlanHead, Sources,
    VERSION,
};
pub use reset::Reset;
pub use watch::{NoticeChannel, NoticeChoice, NoticeDelivery, Webhook, WebhookId};
