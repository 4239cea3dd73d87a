//! Who is told of a notice.

use cloud::Cloud;
use roster::role::Power;
use roster::watching::{Notice, NoticeKind};
use roster::{Guid, Permission, SchoolId, Scope};
use wire::Upload;
use wire::stored::{NoticeChannel, NoticeChoice, NoticeDelivery, Webhook};

use crate::collect::WatchedUploads;
use crate::fault::NoticesFault;
use crate::messenger::Messenger;

/// Somebody who wants to hear of something, and may.
struct Hearer {
    guid: Guid,
    choice: NoticeChoice,
    /// `None` for users of the district office, who may see everything.
    school: Option<SchoolId>,
}

impl Hearer {
    /// Returns whether they want to hear of it, and may see what it is about.
    ///
    /// What is about no upload is about the whole organisation.
    fn hears(&self, kind: NoticeKind, upload: Option<&Upload>) -> bool {
        let scope = upload.map_or(&Scope::Organisation, |upload| &upload.scope);
        scope.is_visible_at(self.school.as_ref()) && self.choice.kinds.contains(&kind)
    }
}

/// Enters notices in the table, each with everybody who is told.
pub(crate) async fn enter(
    cloud: &Cloud,
    messenger: &Messenger,
    due: &[Notice],
    seen: &WatchedUploads,
    now: u64,
) -> Result<(), NoticesFault> {
    if due.is_empty() {
        return Ok(());
    }
    let hearers = if messenger.mailer.is_some() { hearers(cloud).await? } else { Vec::new() };
    let webhooks: Vec<Webhook> = cloud.webhook_list().await?.into_iter().map(|record| record.webhook).collect();
    for notice in due {
        let Some(kind) = notice.kind() else { continue };
        let upload = notice.upload().and_then(|id| seen.uploads.get(id));
        let people = hearers.iter().filter(|hearer| hearer.hears(kind, upload));
        let people = people.map(|hearer| NoticeChannel::Email(hearer.guid));
        let programs = webhooks.iter().filter(|webhook| webhook.kinds.contains(&kind));
        let programs = programs.map(|webhook| NoticeChannel::Webhook(webhook.id.clone()));
        let to: Vec<NoticeDelivery> =
            people.chain(programs).map(|channel| NoticeDelivery::new(notice.clone(), channel, now)).collect();
        cloud.notice_enter(notice, &to, now).await?;
        tracing::info!(notice = %notice.id, to = to.len(), "due");
    }
    Ok(())
}

/// Returns those who want to hear of something, can sign in, and may see uploads.
async fn hearers(cloud: &Cloud) -> Result<Vec<Hearer>, NoticesFault> {
    let roles = cloud.roles_get().await?.roles;
    let mut hearers = Vec::new();
    for (guid, choice) in cloud.notice_choice_list().await? {
        let account = cloud.account_get(guid).await?.filter(|account| account.user.can_sign_in());
        let Some(user) = account.map(|account| account.user) else { continue };
        let Some(home) = cloud.school_get(&user.school).await? else { continue };
        let Power { permissions, school } = Power::of_user(&user, home.is_district(), &roles);
        if permissions.contains(&Permission::SeeUploads) {
            hearers.push(Hearer { guid, choice, school });
        }
    }
    Ok(hearers)
}
