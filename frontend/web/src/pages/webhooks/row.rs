//! A webhook in the table, with what can be done with it.

use leptos::prelude::*;
use roster::watching::NoticeKind;
use wire::stored::{Webhook, WebhookId};

use super::editor::{WebhooksEditor, may_change};
use crate::api::CallFailure;
use crate::browser::focus;
use crate::components::{Day, EndInRow, PAGE_TITLE, ProblemNote};

/// Shows a webhook.
#[component]
pub fn WebhookRow(webhook: Webhook, editor: WebhooksEditor) -> impl IntoView {
    let Webhook { id, name, url, kinds, made_at, made_by } = webhook;
    let kinds: Vec<&str> = kinds.into_iter().map(NoticeKind::label).collect();
    view! {
        <tr>
            <th scope="row" data-label="Name">{name.clone()}</th>
            <td data-label="Address"><span class="breaks">{host(&url)}</span></td>
            <td data-label="Is told when">{kinds.join("; ")}</td>
            <td data-label="Made by"><span>{made_by}", "<Day at=made_at/></span></td>
            <td class="row-actions">
                <Show when=move || may_change(editor.session)>
                    <Actions id=id.clone() name=name.clone() editor/>
                </Show>
            </td>
        </tr>
    }
}

/// Returns the part of an address that may be shown to everybody who sees the page: what follows it may be a password.
fn host(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // The sign that more follows stays on the line.
    let more = if rest.len() > host.len() + 1 { "/\u{2060}\u{2026}" } else { "" };
    format!("{scheme}://{host}{more}")
}

#[component]
fn Actions(id: WebhookId, name: String, editor: WebhooksEditor) -> impl IntoView {
    let (id, name) = (StoredValue::new(id), StoredValue::new(name));
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<CallFailure>));
    let is_removing = Memo::new(move |_| editor.ending.with(|removing| removing.as_ref() == Some(&id.get_value())));
    let button = move || format!("remove-webhook-{}", id.get_value().0);
    let back_id = move || format!("keep-webhook-{}", id.get_value().0);
    let ask = move |_| {
        failure.set(None);
        editor.ask(id.get_value(), back_id());
    };
    let begin = move || {
        let is_first = !busy.get_untracked();
        if is_first {
            busy.set(true);
            failure.set(None);
        }
        is_first
    };
    let test = move |_| {
        if !begin() {
            return;
        }
        editor.tasks.run(async move {
            match editor.api.test_webhook(&id.get_value()).await {
                Ok(()) => editor.session.say("A test is on its way: it arrives within five minutes."),
                Err(why) => failure.set(Some(why)),
            }
            busy.set(false);
        });
    };
    let remove = move |()| {
        if !begin() {
            return;
        }
        editor.tasks.run(async move {
            match editor.api.remove_webhook(&id.get_value()).await {
                Ok(()) => removed(editor, &id.get_value()),
                Err(why) => {
                    busy.set(false);
                    failure.set(Some(why));
                }
            }
        });
    };
    let label = move |what: &str| format!("{what} the webhook {}", name.get_value());
    view! {
        <Show
            when=move || is_removing.get()
            fallback=move || view! {
                {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
                <div class="actions">
                    <button type="button" class="button small" aria-label=label("Test") aria-disabled=move || busy.get().then_some("true") on:click=test>
                        "Send a test"
                    </button>
                    <button type="button" class="button small" id=button() aria-label=label("Remove") on:click=ask>"Remove\u{2026}"</button>
                </div>
            }
        >
            <EndInRow
                question=format!("{}?", label("Remove"))
                warning="The program is told nothing any more, and its secret can\u{2019}t be brought back."
                button="Remove this webhook"
                back_id=back_id()
                busy
                failure
                back=move |()| editor.keep(button())
                end=remove
            />
        </Show>
    }
}

/// Leaves out one that is removed.
fn removed(editor: WebhooksEditor, id: &WebhookId) {
    editor.session.say("The webhook is removed.");
    editor.ending.set(None);
    editor.made.update(|made| {
        if made.as_ref().is_some_and(|made| made.webhook.id == *id) {
            *made = None;
        }
    });
    editor.all.update_stored(|all| all.webhooks.retain(|webhook| webhook.id != *id));
    focus(PAGE_TITLE);
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn of_an_address_only_the_host_is_shown() {
        assert_eq!(host("https://hooks.example.org/services/T0/secret"), "https://hooks.example.org/\u{2060}\u{2026}");
        assert_eq!(host("https://hooks.example.org?key=secret"), "https://hooks.example.org/\u{2060}\u{2026}");
        assert_eq!(host("https://hooks.example.org:8443/"), "https://hooks.example.org:8443");
    }
}
