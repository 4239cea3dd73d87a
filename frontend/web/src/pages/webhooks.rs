//! The programs that are told by a request: see, make, try and remove them, and what could not be told.

mod editor;
mod make;
mod row;
mod troubled;

use leptos::prelude::*;

use crate::api::use_api;
use crate::components::{DocumentEditor, Empty, NotLoaded, Notice, PageHead, SecretOnce, Tone, WhenLoaded};
use crate::session::use_session;

use editor::{MAKE, WebhooksEditor, may_change};
use make::MakeWebhook;
use row::WebhookRow;
use troubled::Troubled;

const CHECKED_HOW: &str = "The program checks with it that a request is from Rollbook, as Standard Webhooks says.";

/// Shows the page of webhooks.
#[component]
pub fn Webhooks() -> impl IntoView {
    let (api, session) = (use_api(), use_session());
    let is_off = RwSignal::new(false);
    let all = DocumentEditor::new("webhooks", "", move || async move {
        is_off.set(!api.settings().await?.settings.watch.enabled);
        api.webhooks().await
    });
    let editor = WebhooksEditor::new(all, MAKE);
    view! {
        <PageHead
            title="Webhooks"
            above=ViewFn::from(|| view! { <p class="crumb"><a href="/settings">"Settings"</a></p> })
        >
            <Show when=move || may_change(session) && !editor.making.get()>
                <button type="button" class="button primary" id=MAKE disabled=move || all.is_busy() on:click=move |_| editor.open_form()>
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
        {move || editor.made.get().map(|made| {
            let title = format!("The secret of {}", made.webhook.name);
            view! { <SecretOnce title what_for=CHECKED_HOW secret=made.secret/> }
        })}
        <Show when=move || editor.making.get()><MakeWebhook editor/></Show>
        <WhenLoaded editor=all lines=4>
            <NotLoaded editor=all/>
            <Table editor/>
            <Troubled editor/>
        </WhenLoaded>
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
