//! The state of the page of webhooks.

use leptos::prelude::*;
use roster::Permission;
use wire::http::{MadeWebhook, Webhooks};
use wire::stored::WebhookId;

use crate::api::Api;
use crate::browser::focus;
use crate::components::{DocumentEditor, PAGE_TITLE};
use crate::session::PageSession;
use crate::tasks::{Tasks, sleep};

/// The id of the button that opens the form.
pub const MAKE: &str = "make-webhook";

/// The state of the page, which its parts share.
#[derive(Clone, Copy)]
pub struct WebhooksEditor {
    pub all: DocumentEditor<Webhooks>,
    /// Whether the form for a new one is open.
    pub making: RwSignal<bool>,
    /// The one that was just made, until the page is left.
    pub made: RwSignal<Option<MadeWebhook>>,
    /// The one that somebody is about to remove.
    pub removing: RwSignal<Option<WebhookId>>,
    pub session: PageSession,
    pub api: Api,
    pub tasks: Tasks,
}

impl WebhooksEditor {
    /// Returns whether the one who is signed in may make webhooks, and remove them.
    pub fn may_change(self) -> bool {
        self.session.may(Permission::ChangeSettings)
    }

    /// Moves the focus to something that is there as soon as the page is drawn.
    pub fn focus_when_there(self, id: String) {
        self.tasks.run(async move {
            sleep(0).await;
            focus(&id);
        });
    }

    /// Closes the form for a new one.
    pub fn close_form(self) {
        self.all.forget_saving();
        self.making.set(false);
        self.focus_when_there(MAKE.to_owned());
    }

    /// Shows the one that was just made with its secret, which is the only time that anybody sees it.
    pub fn show_made(self, made: MadeWebhook) {
        self.all.update_stored(|all| all.webhooks.push(made.webhook.clone()));
        self.session.say("The webhook is made. Copy its secret now.");
        self.made.set(Some(made));
        self.making.set(false);
        self.focus_when_there("made-webhook".to_owned());
    }

    /// Leaves out one that is removed.
    pub fn removed(self, id: &WebhookId) {
        self.session.say("The webhook is removed.");
        self.removing.set(None);
        self.made.update(|made| {
            if made.as_ref().is_some_and(|made| made.webhook.id == *id) {
                *made = None;
            }
        });
        self.all.update_stored(|all| all.webhooks.retain(|webhook| webhook.id != *id));
        focus(PAGE_TITLE);
    }
}
