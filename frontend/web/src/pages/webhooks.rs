//! The programs that are told by a request: see, make, try and remove them, and what could not be told.

mod editor;
mod make;
mod row;
mod troubled;

use leptos::prelude::*;
use wire::http::MadeWebhook;

use crate::api::use_api;
use crate::components::{DocumentEditor, Empty, NotLoaded, Notice, PageHead, Tone, WhenLoaded};
use crate::session::use_session;
use crate::tasks::Tasks;

use editor::{MAKE, WebhooksEditor};
use make::MakeWebhook;
use row::WebhookRow;
use troubled::Troubled;

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
