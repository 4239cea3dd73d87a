//! The state of the page of webhooks.

use roster::Permission;
use wire::http::{MadeWebhook, Webhooks};
use wire::stored::WebhookId;

use crate::components::SecretsEditor;
use crate::session::PageSession;

/// The id of the button that opens the form.
pub const MAKE: &str = "make-webhook";

/// The webhooks, and which parts of the page are open.
pub type WebhooksEditor = SecretsEditor<Webhooks, MadeWebhook, WebhookId>;

/// Returns whether the one who is signed in may make webhooks, and remove them.
pub fn may_change(session: PageSession) -> bool {
    session.may(Permission::ChangeSettings)
}
