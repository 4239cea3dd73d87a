//! What people and programs are told with.

use crate::address::Reach;
use crate::fault::NoticesFault;
use crate::mail::Mailer;
use crate::webhook::HookClient;

/// What it tells with.
pub struct Messenger {
    pub(crate) mailer: Option<Mailer>,
    pub(crate) hooks: HookClient,
    /// Where the page is: `https://…`, without a slash at the end.
    pub(crate) page: String,
}

impl Messenger {
    /// Reads how people and programs are told.
    ///
    /// Those are `ROLLBOOK_PAGE_ADDRESS`, what [`Mailer`] reads, and `ROLLBOOK_WEBHOOKS_LOOPBACK=1`, with which
    /// programs on the same machine may be told.
    ///
    /// # Errors
    ///
    /// Where the sender is no address, or there is no client to be made.
    pub async fn from_env() -> Result<Messenger, NoticesFault> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let reach = match variable("ROLLBOOK_WEBHOOKS_LOOPBACK").as_deref() {
            Some("1") => Reach::LoopbackToo,
            _ => Reach::Public,
        };
        let page = variable("ROLLBOOK_PAGE_ADDRESS").unwrap_or_default().trim_end_matches('/').to_owned();
        Ok(Messenger { mailer: Mailer::from_env(&variable).await?, hooks: HookClient::new(reach)?, page })
    }
}
