//! What could not be told, to programs and to people.

use leptos::prelude::*;
use roster::watching::NoticeKind;
use wire::stored::{NoticeChannel, NoticeDelivery, Webhook};

use super::editor::WebhooksEditor;
use crate::components::When;

/// Shows the notices that failed at least once.
///
/// Those are tried again, or were given up.
#[component]
pub fn Troubled(editor: WebhooksEditor) -> impl IntoView {
    let list = move || editor.all.stored().map(|all| all.troubled).unwrap_or_default();
    view! {
        <Show when=move || !list().is_empty()>
            <section aria-labelledby="troubled-title">
                <h2 id="troubled-title">"Not told yet"</h2>
                <p class="muted">"What a program or a mail server did not take. It is tried eight times in a day and a half, and then given up."</p>
                <div class="table-frame">
                    <table class="table cards">
                        <caption class="unseen">"Notices that could not be told"</caption>
                        <thead>
                            <tr>
                                <th scope="col">"Notice"</th>
                                <th scope="col">"To"</th>
                                <th scope="col">"Why"</th>
                                <th scope="col">"Attempts"</th>
                                <th scope="col">"Next"</th>
                            </tr>
                        </thead>
                        <tbody>{move || list().into_iter().map(|delivery| view! { <Line delivery editor/> }).collect_view()}</tbody>
                    </table>
                </div>
            </section>
        </Show>
    }
}

#[component]
fn Line(delivery: NoticeDelivery, editor: WebhooksEditor) -> impl IntoView {
    let NoticeDelivery { notice, channel, attempts, next_at, problem, given_up_at } = delivery;
    let what = notice.kind().map_or("A test", NoticeKind::label);
    let to = match channel {
        NoticeChannel::Email(guid) => view! { <a href=format!("/users/{guid}")>"A person, by e-mail"</a> }.into_any(),
        NoticeChannel::Webhook(id) => {
            let webhooks = editor.all.stored().map(|all| all.webhooks).unwrap_or_default();
            let name = webhooks.into_iter().find(|webhook: &Webhook| webhook.id == id).map(|webhook| webhook.name);
            name.unwrap_or_else(|| "A webhook that was removed".to_owned()).into_any()
        }
    };
    let next = match given_up_at {
        Some(at) => view! { <span>"Given up "<When at/></span> }.into_any(),
        None => view! { <When at=next_at/> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row" data-label="Notice"><a href=notice.path()>{what}</a><br/><span class="muted small"><When at=notice.at/></span></th>
            <td data-label="To">{to}</td>
            <td data-label="Why">{problem.unwrap_or_default()}</td>
            <td data-label="Attempts">{attempts}</td>
            <td data-label="Next">{next}</td>
        </tr>
    }
}
