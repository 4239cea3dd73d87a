//! Sends what is on its way.

use cloud::Cloud;
use roster::durations::MINUTE;
use roster::{Guid, Settings, SourceId};
use wire::stored::{NoticeChannel, NoticeDelivery, WebhookId};

use crate::fault::NoticesFault;
use crate::messenger::Messenger;

/// For how long one run goes on sending, in milliseconds. What is left is for the next.
const SENDING: u64 = 3 * MINUTE;

/// What came of an attempt.
enum DeliveryOutcome {
    Arrived,
    /// There is nobody to tell any more, or nothing is to be told any more.
    NobodyThere,
    /// In words that name nobody.
    Failed(String),
}

/// Tries everything whose time has come. What one receiver does not take keeps nobody else from being told.
pub(crate) async fn send(
    cloud: &Cloud,
    messenger: &Messenger,
    settings: &Settings,
    now: u64,
) -> Result<(), NoticesFault> {
    let due = cloud.delivery_list().await?.into_iter().filter(|delivery| delivery.is_due(now));
    for mut delivery in due {
        let at = runtime::now();
        if at > now + SENDING {
            break;
        }
        let notice = delivery.notice.id.clone();
        match attempt(cloud, messenger, settings, &delivery, at).await? {
            DeliveryOutcome::Arrived | DeliveryOutcome::NobodyThere => {
                cloud.delivery_end(&delivery).await?;
                tracing::info!(%notice, "told");
            }
            DeliveryOutcome::Failed(problem) => {
                delivery.fail(problem, at);
                let (attempts, given_up) = (delivery.attempts, delivery.given_up_at.is_some());
                tracing::warn!(%notice, attempts, given_up, "could not be told");
                cloud.delivery_save(&delivery).await?;
            }
        }
    }
    Ok(())
}

async fn attempt(
    cloud: &Cloud,
    messenger: &Messenger,
    settings: &Settings,
    delivery: &NoticeDelivery,
    at: u64,
) -> Result<DeliveryOutcome, NoticesFault> {
    if !settings.watch.enabled && delivery.notice.kind().is_some() {
        return Ok(DeliveryOutcome::NobodyThere);
    }
    match &delivery.channel {
        NoticeChannel::Email(guid) => by_email(cloud, messenger, settings, delivery, *guid).await,
        NoticeChannel::Webhook(id) => by_webhook(cloud, messenger, delivery, id, at).await,
    }
}

async fn by_email(
    cloud: &Cloud,
    messenger: &Messenger,
    settings: &Settings,
    delivery: &NoticeDelivery,
    guid: Guid,
) -> Result<DeliveryOutcome, NoticesFault> {
    let account = cloud.account_get(guid).await?.filter(|account| account.user.can_sign_in());
    let address = account.map(|account| account.user.email).filter(|address| !address.is_empty());
    let (Some(address), Some(mailer)) = (address, &messenger.mailer) else { return Ok(DeliveryOutcome::NobodyThere) };
    let notice = &delivery.notice;
    let name = |id: &SourceId| settings.sources.by_id(id).map(|source| source.name.clone());
    let subject = format!("Rollbook: {}", notice.subject(name));
    let link = format!("{}{}", messenger.page, notice.path());
    let text =
        format!("{}\n\n{link}\n\nYou chose to be told, on your profile in Rollbook.\n", notice.text().trim_end());
    let message_id = format!("{}.{guid}", notice.id);
    Ok(match mailer.send(&address, &message_id, &subject, &text).await {
        Ok(()) => DeliveryOutcome::Arrived,
        Err(problem) => DeliveryOutcome::Failed(problem),
    })
}

async fn by_webhook(
    cloud: &Cloud,
    messenger: &Messenger,
    delivery: &NoticeDelivery,
    id: &WebhookId,
    at: u64,
) -> Result<DeliveryOutcome, NoticesFault> {
    let Some(record) = cloud.webhook_get(id).await? else { return Ok(DeliveryOutcome::NobodyThere) };
    let link = format!("{}{}", messenger.page, delivery.notice.path());
    Ok(match messenger.hooks.call(&record, &delivery.notice, &link, at).await {
        Ok(()) => DeliveryOutcome::Arrived,
        Err(problem) => DeliveryOutcome::Failed(problem),
    })
}
