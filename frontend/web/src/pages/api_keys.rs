//! The API keys with which programs send rosters: see, make and end them.

mod make;

use leptos::prelude::*;
use roster::{KeyUse, Permission};
use wire::http::{KeyRow, KeyState, MadeKey};
use wire::stored::KeyId;

use crate::api::{CallFailure, use_api};
use crate::browser::focus;
use crate::components::{
    Day, DocumentEditor, Empty, EndInRow, NotLoaded, Notice, PAGE_TITLE, PageHead, SecretOnce, SecretsEditor, Tone,
    When, WhenLoaded,
};
use crate::session::{PageSession, use_session};
use crate::words;

use make::MakeForm;

/// The id of the button that opens the form.
const MAKE: &str = "make-key";

const KEPT_WHERE: &str = "Put it into the file that the configuration of rollbook names, and nowhere else.";

/// The keys, and which parts of the page are open.
type KeysEditor = SecretsEditor<Vec<KeyRow>, MadeKey, KeyId>;

/// Returns whether the one who is signed in may make keys, and end them.
fn may_make(session: PageSession) -> bool {
    session.may(Permission::Upload)
}

/// Shows a key as it is once it was ended.
fn ended(editor: KeysEditor, row: KeyRow) {
    editor.session.say(format!("The key {} is ended.", row.key.name));
    editor.ending.set(None);
    editor.all.update_stored(|keys| {
        if let Some(place) = keys.iter().position(|other| other.key.id == row.key.id) {
            keys[place] = row;
        }
    });
    focus(PAGE_TITLE);
}

/// Shows the page of API keys.
#[component]
pub fn ApiKeys() -> impl IntoView {
    let (api, session) = (use_api(), use_session());
    let (sources, are_off) = (RwSignal::new(Vec::new()), RwSignal::new(false));
    let keys = DocumentEditor::new("keys", "", move || async move {
        let settings = api.settings().await?.settings;
        are_off.set(settings.api_keys == KeyUse::Off);
        sources.set(settings.sources.sources);
        api.keys().await
    });
    let editor = KeysEditor::new(keys, MAKE);
    view! {
        <PageHead
            title="API keys"
            above=ViewFn::from(|| view! { <p class="crumb"><a href="/settings">"Settings"</a></p> })
        >
            <Show when=move || may_make(session) && !editor.making.get()>
                <button type="button" class="button primary" id=MAKE disabled=move || keys.is_busy() on:click=move |_| editor.open_form()>
                    "Make a key"
                </button>
            </Show>
        </PageHead>
        <p class="lead">"The program rollbook sends rosters with a key instead of a password. A key acts for whoever made it, and does nothing any more once that person can\u{2019}t sign in."</p>
        <Show when=move || are_off.get()>
            <Notice tone=Tone::Attention title="API keys are switched off.">
                <p>"Every key is refused until a district administrator switches them on, on the page "<a href="/settings">"Settings"</a>"."</p>
            </Notice>
        </Show>
        {move || editor.made.get().map(|made| {
            let title = format!("The key {}", made.row.key.name);
            view! { <SecretOnce title what_for=KEPT_WHERE secret=made.secret/> }
        })}
        <Show when=move || editor.making.get()><MakeForm editor sources/></Show>
        <WhenLoaded editor=keys lines=4>
            <NotLoaded editor=keys/>
            <Table editor/>
        </WhenLoaded>
    }
}

#[component]
fn Table(editor: KeysEditor) -> impl IntoView {
    let list = move || editor.all.stored().unwrap_or_default();
    view! {
        <Show
            when=move || !list().is_empty()
            fallback=|| view! { <Empty title="There is no key."><p>"Make one for each program that sends rosters."</p></Empty> }
        >
            <div class="table-frame">
                <table class="table cards">
                    <caption class="unseen">"API keys"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th>
                            <th scope="col">"For"</th>
                            <th scope="col">"Made by"</th>
                            <th scope="col">"Last use"</th>
                            <th scope="col">"Until"</th>
                            <th scope="col"><span class="unseen">"Actions"</span></th>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=list key=|row| (row.key.id.clone(), row.end.is_some(), row.used_at) let:row><Row row editor/></For>
                    </tbody>
                </table>
            </div>
        </Show>
    }
}

#[component]
fn Row(row: KeyRow, editor: KeysEditor) -> impl IntoView {
    let KeyRow { key, used_at, end, state } = row;
    let about = StoredValue::new(purpose(&key, editor.session));
    let until = match (state, end) {
        (KeyState::Ended, Some(end)) => view! { <span>"Ended by "{end.by}", "<Day at=end.at/></span> }.into_any(),
        (KeyState::Expired, _) => view! { <span>"Expired, "<Day at=key.expires_at/></span> }.into_any(),
        (KeyState::MakerGone, _) => "Does nothing: its maker can\u{2019}t sign in, or is at another school".into_any(),
        (KeyState::Active | KeyState::Ended, _) => view! { <Day at=key.expires_at/> }.into_any(),
    };
    let used = match used_at {
        Some(at) => view! { <When at/> }.into_any(),
        None => "Never".into_any(),
    };
    let may_end = move || may_make(editor.session) && matches!(state, KeyState::Active | KeyState::MakerGone);
    let (id, name) = (key.id.clone(), key.name.clone());
    view! {
        <tr>
            <th scope="row" data-label="Name">{key.name}<br/><code class="small">{key.id.0}</code></th>
            <td data-label="For">{about.get_value()}</td>
            <td data-label="Made by"><span>{key.maker_name}", "<Day at=key.made_at/></span></td>
            <td data-label="Last use">{used}</td>
            <td data-label="Until">{until}</td>
            <td class="row-actions"><Show when=may_end><End id=id.clone() name=name.clone() editor/></Show></td>
        </tr>
    }
}

/// Ends a key, once somebody has said so twice.
#[component]
fn End(id: KeyId, name: String, editor: KeysEditor) -> impl IntoView {
    let (id, name) = (StoredValue::new(id), StoredValue::new(name));
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<CallFailure>));
    let is_ending = Memo::new(move |_| editor.ending.with(|ending| ending.as_ref() == Some(&id.get_value())));
    let button = move || format!("end-key-{}", id.get_value());
    let back_id = move || format!("keep-key-{}", id.get_value());
    let end = move |()| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        editor.tasks.run(async move {
            match editor.api.end_key(&id.get_value()).await {
                Ok(row) => ended(editor, row),
                Err(why) => {
                    busy.set(false);
                    failure.set(Some(why));
                }
            }
        });
    };
    let ask = move |_| {
        failure.set(None);
        editor.ask(id.get_value(), back_id());
    };
    let label = move || format!("End the key {}", name.get_value());
    view! {
        <Show
            when=move || is_ending.get()
            fallback=move || view! {
                <button type="button" class="button small" id=button() aria-label=label() on:click=ask>
                    "End\u{2026}"
                </button>
            }
        >
            <EndInRow
                question=format!("{}?", label())
                warning="The program that has it can\u{2019}t send any more, and the key can\u{2019}t be brought back."
                button="End this key"
                back_id=back_id()
                busy
                failure
                back=move |()| editor.keep(button())
                end
            />
        </Show>
    }
}

/// Returns what a key is for: `Contoso High School, sis: full. Approves plans.`
fn purpose(key: &wire::stored::ApiKey, session: PageSession) -> String {
    let school = key.school.as_ref().map_or_else(|| "All schools".to_owned(), |id| words::school_in_list(session, id));
    let source = key.source.as_ref().map(|source| format!(", {}", words::user_source(source))).unwrap_or_default();
    let modes: Vec<&str> = key.modes.iter().map(|mode| words::mode(*mode)).collect();
    let decides = if key.may_decide() { ". Approves plans" } else { "" };
    format!("{school}{source}: {}{decides}", modes.join(", "))
}
