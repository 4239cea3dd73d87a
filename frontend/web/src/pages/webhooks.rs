//! The programs that are told by a request: see, make, try and remove them, and what could not be told.

mod make;
mod row;
mod troubled;

use leptos::prelude::*;
use roster::Permission;
use wire::http::{MadeWebhook, Webhooks as AllWebhooks};
use wire::stored::WebhookId;

use crate::api::{Api, use_api};
use crate::browser::focus;
use crate::components::{DocumentEditor, Empty, NotLoaded, Notice, PAGE_TITLE, PageHead, Tone, WhenLoaded};
use crate::session::{PageSession, use_session};
use crate::tasks::{Tasks, sleep};

use make::MakeWebhook;
use row::WebhookRow;
use troubled::Troubled;

/// The id of the button that opens the form.
const MAKE: &str = "make-webhook";

/// The state of the page, which its parts share.
#[derive(Clone, Copy)]
struct WebhooksEditor {
    all: DocumentEditor<AllWebhooks>,
    /// Whether the form for a new one is open.
    making: RwSignal<bool>,
    /// The one that was just made, until the page is left.
    made: RwSignal<Option<MadeWebhook>>,
    /// The one that somebody is about to remove.
    removing: RwSignal<Option<WebhookId>>,
    session: PageSession,
    api: Api,
    tasks: Tasks,
}

impl WebhooksEditor {
    fn may_change(self) -> bool {
        self.session.may(Permission::ChangeSettings)
    }

    /// Moves the focus to something that is there as soon as the page is drawn.
    fn focus_when_there(self, id: String) {
        self.tasks.run(async move {
            sleep(0).await;
            focus(&id);
        });
    }

    fn close_form(self) {
        self.all.forget_saving();
        self.making.set(false);
        self.focus_when_there(MAKE.to_owned());
    }

    /// Shows the one that was just made with its secret, which is the only time that anybody sees it.
    fn show_made(self, made: MadeWebhook) {
        self.all.update_stored(|all| all.webhooks.push(made.webhook.clone()));
        self.session.say("The webhook is made. Copy its secret now.");
        self.made.set(Some(made));
        self.making.set(false);
        self.focus_when_there("made-webhook".to_owned());
    }

    fn removed(self, id: &WebhookId) {
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

/// Shows the page of webhooks.
#[component]
pub fn Webhooks() -> impl IntoView {
    let (api, session) = (use_api(), use_session());
    let is_off = RwSignal::new(false);
    let all = DocumentEditor::new("webhooks", "", move || async move {
        is_off.set(!api.settings().await?.settings.watch.enabled);
        api.webhooks().await
    });
    let editor = WebhooksEditor {
        all,
        making: RwSignal::new(false),
        made: RwSignal::new(None),
        removing: RwSignal::new(None),
        session,
        api,
        tasks: Tasks::here(),
    };
    let open = move |_| {
        editor.made.set(None);
        editor.making.set(true);
    };
    view! {
        <PageHead
            title="Webhooks"
            above=ViewFn::from(|| view! { <p class="crumb"><a href="/settings">"Settings"</a></p> })
        >
            <Show when=move || editor.may_change() && !editor.making.get()>
                <button type="button" class="button primary" id=MAKE disabled=move || all.is_busy() on:click=open>
                    "Add a webhook"
                </button>
            </Show>
        </PageHead>
        <p class="lead">"A webhook tells a program of yours, such as a chat or a ticket system, what people are told by e-mail: counts and a link, and nothing about anybody."</p>
        <Show when=move || is_off.get()>
            <Notice tone=Tone::Attention title="Watching is switched off.">
                <p>"Nobody is told anything but a test, until somebody switches it on, on the page "<a href="/settings">"Settings"</a>"."</p>
            </Notice>
        </Show>
        {move || editor.made.get().map(|made| view! { <Made made/> })}
        <Show when=move || editor.making.get()><MakeWebhook editor/></Show>
        <WhenLoaded editor=all lines=4>
            <NotLoaded editor=all/>
            <Table editor/>
            <Troubled editor/>
        </WhenLoaded>
    }
}

/// Shows the secret of the one that was just made.
#[component]
fn Made(made: MadeWebhook) -> impl IntoView {
    view! {
        <section class="panel" id="made-webhook" tabindex="-1" aria-labelledby="made-webhook-title">
            <h2 id="made-webhook-title">{format!("The secret of {}", made.webhook.name)}</h2>
            <p><strong>"Copy it now: it is never shown again."</strong>" The program checks with it that a request is from Rollbook, as Standard Webhooks says. A click selects all of it."</p>
            <p><code class="breaks secret">{made.secret}</code></p>
        </section>
    }
}

#[component]
fn Table(editor: WebhooksEditor) -> impl IntoView {
    let list = move || editor.all.stored().map(|all| all.webhooks).unwrap_or_default();
    view! {
        <Show
            when=move || !list().is_empty()
            fallback=|| view! { <Empty title="There is no webhook."><p>"Add one for each program that is to be told."</p></Empty> }
        >
            <div class="table-frame">
                <table class="table cards">
                    <caption class="unseen">"Webhooks"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th>
                            <th scope="col">"Address"</th>
                            <th scope="col">"Is told when"</th>
                            <th scope="col">"Made by"</th>
                            <th scope="col"><span class="unseen">"Actions"</span></th>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=list key=|webhook| webhook.id.clone() let:webhook><WebhookRow webhook editor/></For>
                    </tbody>
                </table>
            </div>
        </Show>
    }
}
