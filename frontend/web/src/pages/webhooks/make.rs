//! The form in which a webhook is made.

use std::collections::BTreeSet;

use leptos::prelude::*;
use roster::watching::NoticeKind;
use wire::http::NewWebhook;

use super::editor::WebhooksEditor;
use crate::browser::focus;
use crate::components::{NotSaved, TextField, TickOf};

/// What is typed and chosen.
#[derive(Clone, Copy)]
struct WebhookFields {
    name: RwSignal<String>,
    url: RwSignal<String>,
    kinds: RwSignal<BTreeSet<NoticeKind>>,
    /// Whether somebody has tried to make it, so that what is missing is marked.
    tried: RwSignal<bool>,
}

impl WebhookFields {
    fn new() -> WebhookFields {
        WebhookFields {
            name: RwSignal::new(String::new()),
            url: RwSignal::new(String::new()),
            kinds: RwSignal::new([NoticeKind::Late, NoticeKind::Held, NoticeKind::Failed].into()),
            tried: RwSignal::new(false),
        }
    }

    /// Returns what is asked for; `None` while something is missing.
    fn value(self) -> Option<NewWebhook> {
        let some = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Some(NewWebhook {
            name: some(self.name.get())?,
            url: some(self.url.get())?,
            kinds: Some(self.kinds.get()).filter(|kinds| !kinds.is_empty())?,
        })
    }

    fn error(
        self,
        is_wrong: impl Fn(WebhookFields) -> bool + Send + Sync + 'static,
        words: &'static str,
    ) -> Signal<Option<String>> {
        Signal::derive(move || (self.tried.get() && is_wrong(self)).then(|| words.to_owned()))
    }
}

/// Asks which program is told of what.
#[component]
pub fn MakeWebhook(editor: WebhooksEditor) -> impl IntoView {
    let fields = WebhookFields::new();
    Effect::new(|_| focus("webhook-name"));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        fields.tried.set(true);
        let Some(new) = untrack(|| fields.value()) else { return };
        // The button that was pressed is disabled while the webhook is made.
        focus("webhook-form");
        let api = editor.api;
        editor.all.save(async move { api.make_webhook(&new).await }, move |made| {
            let webhook = made.webhook.clone();
            editor.show_made(made, "The webhook is made. Copy its secret now.", |all| all.webhooks.push(webhook));
        });
    };
    let no_name = fields.error(|fields| fields.name.with(|name| name.trim().is_empty()), "Give it a name.");
    let no_url =
        fields.error(|fields| fields.url.with(|url| url.trim().is_empty()), "Type an address such as https://\u{2026}");
    let no_kind = fields.error(|fields| fields.kinds.with(BTreeSet::is_empty), "Choose at least one.");
    view! {
        <section class="panel" aria-labelledby="make-webhook-title">
            <h2 id="make-webhook-title">"Add a webhook"</h2>
            <form id="webhook-form" tabindex="-1" aria-labelledby="make-webhook-title" on:submit=submit>
                <fieldset class="bare" disabled=move || editor.all.is_busy()>
                    <TextField id="webhook-name" label="Name" value=fields.name error=no_name hint="Which program is told, such as Chat of the IT office."/>
                    <TextField
                        id="webhook-url"
                        label="Address"
                        value=fields.url
                        inputmode="url"
                        error=no_url
                        hint="It begins with https:// and is reached over the internet."
                    />
                    <fieldset class="radios stacked">
                        <legend>"Tell it when"</legend>
                        {NoticeKind::ALL.map(|kind| view! { <TickOf one=kind label=kind.label() chosen=fields.kinds/> }).collect_view()}
                        <p class="field-error" aria-live="polite">{no_kind}</p>
                    </fieldset>
                    <div class="actions">
                        <button type="button" class="button" on:click=move |_| editor.close_form()>"Cancel"</button>
                        <button type="submit" class="button primary">"Add the webhook"</button>
                    </div>
                </fieldset>
            </form>
            <div aria-live="polite">
                <NotSaved editor=editor.all load_again=Callback::new(move |()| editor.all.load_again())/>
            </div>
        </section>
    }
}
