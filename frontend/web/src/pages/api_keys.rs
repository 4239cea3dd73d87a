//! The API keys with which programs send rosters: see, make and end them.

mod make;

use leptos::prelude::*;
use roster::{KeyUse, NamedSource, Permission};
use wire::http::{KeyRow, KeyState, MadeKey};
use wire::stored::KeyId;

use crate::api::{Api, CallFailure, use_api};
use crate::browser::focus;
use crate::components::{
    Day, DocumentEditor, Empty, NotLoaded, Notice, PAGE_TITLE, PageHead, ProblemNote, Tone, When, WhenLoaded,
};
use crate::session::{PageSession, use_session};
use crate::tasks::{Tasks, sleep};
use crate::words;

use make::MakeForm;

/// The id of the button that opens the form.
const MAKE: &str = "make-key";

/// The state of the page, which its parts share.
#[derive(Clone, Copy)]
struct KeysEditor {
    keys: DocumentEditor<Vec<KeyRow>>,
    /// Whether the form for a new key is open.
    making: RwSignal<bool>,
    /// The key that was just made, until the page is left.
    made: RwSignal<Option<MadeKey>>,
    /// The key that somebody is about to end.
    ending: RwSignal<Option<KeyId>>,
    sources: RwSignal<Vec<NamedSource>>,
    session: PageSession,
    api: Api,
    tasks: Tasks,
}

impl KeysEditor {
    fn may_make(self) -> bool {
        self.session.may(Permission::Upload)
    }

    /// Moves the focus to something that is there as soon as the page is drawn.
    fn focus_when_there(self, id: String) {
        self.tasks.run(async move {
            sleep(0).await;
            focus(&id);
        });
    }

    fn close_form(self) {
        self.keys.forget_saving();
        self.making.set(false);
        self.focus_when_there(MAKE.to_owned());
    }

    /// Shows the key that was just made, which is the only time that anybody sees it.
    fn show_made(self, made: MadeKey) {
        self.keys.update_stored(|keys| keys.insert(0, made.row.clone()));
        self.session.say("The key is made. Copy it now.");
        self.made.set(Some(made));
        self.making.set(false);
        self.focus_when_there("made-key".to_owned());
    }

    fn ended(self, row: KeyRow) {
        self.session.say(format!("The key {} is ended.", row.key.name));
        self.ending.set(None);
        self.keys.update_stored(|keys| {
            if let Some(place) = keys.iter().position(|other| other.key.id == row.key.id) {
                keys[place] = row;
            }
        });
        focus(PAGE_TITLE);
    }
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
    let editor = KeysEditor {
        keys,
        making: RwSignal::new(false),
        made: RwSignal::new(None),
        ending: RwSignal::new(None),
        sources,
        session,
        api,
        tasks: Tasks::here(),
    };
    let open = move |_| {
        editor.made.set(None);
        editor.making.set(true);
    };
    view! {
        <PageHead title="API keys">
            <Show when=move || editor.may_make() && !editor.making.get()>
                <button type="button" class="button primary" id=MAKE disabled=move || keys.is_busy() on:click=open>
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
        {move || editor.made.get().map(|made| view! { <Made made/> })}
        <Show when=move || editor.making.get()><MakeForm editor/></Show>
        <WhenLoaded editor=keys lines=4>
            <NotLoaded editor=keys/>
            <Table editor/>
        </WhenLoaded>
    }
}

/// Shows the key that was just made.
#[component]
fn Made(made: MadeKey) -> impl IntoView {
    view! {
        <section class="panel" id="made-key" tabindex="-1" aria-labelledby="made-title">
            <h2 id="made-title">{format!("The key {}", made.row.key.name)}</h2>
            <p><strong>"Copy it now: it is never shown again."</strong>" Put it into the file that the configuration of rollbook names, and nowhere else. A click selects all of it."</p>
            <p><code class="breaks secret">{made.secret}</code></p>
        </section>
    }
}

#[component]
fn Table(editor: KeysEditor) -> impl IntoView {
    let list = move || editor.keys.stored().unwrap_or_default();
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
    let may_end = move || editor.may_make() && matches!(state, KeyState::Active | KeyState::MakerGone);
    let (id, name) = (StoredValue::new(key.id.clone()), StoredValue::new(key.name.clone()));
    let is_ending = Memo::new(move |_| editor.ending.with(|ending| ending.as_ref() == Some(&id.get_value())));
    let button = format!("end-key-{}", key.id);
    let back_id = format!("keep-key-{}", key.id);
    let ask = {
        let back_id = back_id.clone();
        move |_| {
            editor.ending.set(Some(id.get_value()));
            editor.focus_when_there(back_id.clone());
        }
    };
    let (button, back_id) = (StoredValue::new(button), StoredValue::new(back_id));
    let ask = StoredValue::new(ask);
    view! {
        <tr>
            <th scope="row" data-label="Name">{key.name}<br/><code class="small">{key.id.0}</code></th>
            <td data-label="For">{about.get_value()}</td>
            <td data-label="Made by"><span>{key.maker_name}", "<Day at=key.made_at/></span></td>
            <td data-label="Last use">{used}</td>
            <td data-label="Until">{until}</td>
            <td class="row-actions">
                <Show when=move || may_end() && !is_ending.get()>
                    <button
                        type="button"
                        class="button small"
                        id=button.get_value()
                        aria-label=format!("End the key {}", name.get_value())
                        on:click=move |event| ask.with_value(|ask| ask(event))
                    >
                        "End\u{2026}"
                    </button>
                </Show>
                <Show when=move || is_ending.get()>
                    <Confirm id=id.get_value() name=name.get_value() button=button.get_value() back_id=back_id.get_value() editor/>
                </Show>
            </td>
        </tr>
    }
}

/// Asks whether a key is to be ended, and ends it.
#[component]
fn Confirm(id: KeyId, name: String, button: String, back_id: String, editor: KeysEditor) -> impl IntoView {
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<CallFailure>));
    let back = move |_| {
        editor.ending.set(None);
        editor.focus_when_there(button.clone());
    };
    let end = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        let id = id.clone();
        editor.tasks.run(async move {
            match editor.api.end_key(&id).await {
                Ok(row) => editor.ended(row),
                Err(why) => {
                    busy.set(false);
                    failure.set(Some(why));
                }
            }
        });
    };
    view! {
        <div role="group" class="confirm-in-row" aria-label=format!("End the key {name}?")>
            <p>"The program that has it can\u{2019}t send any more, and the key can\u{2019}t be brought back."</p>
            {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
            <div class="actions">
                <button type="button" class="button small" id=back_id on:click=back>"Back"</button>
                <button type="button" class="button small danger" disabled=busy on:click=end>
                    {move || if busy.get() { "Ending\u{2026}" } else { "End this key" }}
                </button>
            </div>
        </div>
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
