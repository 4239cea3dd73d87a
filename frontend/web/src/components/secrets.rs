//! Pages of what is made with a secret, listed, and ended by somebody: the secret is shown once.

use std::collections::BTreeSet;

use leptos::prelude::*;

use super::DocumentEditor;
use crate::api::{Api, CallFailure, use_api};
use crate::browser::focus;
use crate::session::{PageSession, use_session};
use crate::tasks::{Tasks, sleep};

/// The state of a page of secrets, which its parts share.
///
/// `All` is what it lists, `Made` a new one with its secret, and `Id` what one is known by.
pub struct SecretsEditor<All: Send + Sync + 'static, Made: 'static, Id: 'static> {
    pub all: DocumentEditor<All>,
    /// Whether the form for a new one is open.
    pub making: RwSignal<bool>,
    /// The one that was just made, until the page is left.
    pub made: RwSignal<Option<Made>>,
    /// The one that somebody is about to end.
    pub ending: RwSignal<Option<Id>>,
    pub session: PageSession,
    pub api: Api,
    pub tasks: Tasks,
    make_button: &'static str,
}

impl<All: Send + Sync, Made, Id> Clone for SecretsEditor<All, Made, Id> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<All: Send + Sync, Made, Id> Copy for SecretsEditor<All, Made, Id> {}

/// The id of what shows a secret.
const SHOWN: &str = "made-secret";

impl<All, Made, Id> SecretsEditor<All, Made, Id>
where
    All: Clone + Send + Sync + 'static,
    Made: Clone + Send + Sync + 'static,
    Id: PartialEq + Send + Sync + 'static,
{
    /// Begins with what is listed, and with nothing made.
    ///
    /// `make_button` is the id of the button that opens the form.
    pub fn new(all: DocumentEditor<All>, make_button: &'static str) -> Self {
        SecretsEditor {
            all,
            making: RwSignal::new(false),
            made: RwSignal::new(None),
            ending: RwSignal::new(None),
            session: use_session(),
            api: use_api(),
            tasks: Tasks::here(),
            make_button,
        }
    }

    /// Opens the form for a new one.
    pub fn open_form(self) {
        self.made.set(None);
        self.making.set(true);
    }

    /// Closes the form for a new one.
    pub fn close_form(self) {
        self.all.forget_saving();
        self.making.set(false);
        self.focus_when_there(self.make_button.to_owned());
    }

    /// Shows the one that was just made, and puts it into the list.
    ///
    /// It is the only time that anybody sees its secret.
    pub fn show_made(self, made: Made, words: &'static str, list: impl FnOnce(&mut All)) {
        self.all.forget_saving();
        self.all.update_stored(list);
        self.session.say(words);
        self.made.set(Some(made));
        self.making.set(false);
        self.focus_when_there(SHOWN.to_owned());
    }

    /// Asks whether one is to be ended.
    ///
    /// `back` is the id of the button that keeps it.
    pub fn ask(self, id: Id, back: String) {
        self.ending.set(Some(id));
        self.focus_when_there(back);
    }

    /// Keeps the one that somebody was about to end.
    ///
    /// `button` is the id of the button that asks.
    pub fn keep(self, button: String) {
        self.ending.set(None);
        self.focus_when_there(button);
    }

    /// Moves the focus to something that is there as soon as the page is drawn.
    fn focus_when_there(self, id: String) {
        self.tasks.run(async move {
            sleep(0).await;
            focus(&id);
        });
    }
}

/// Shows a secret that was just made.
#[component]
pub fn SecretOnce(title: String, what_for: &'static str, secret: String) -> impl IntoView {
    view! {
        <section class="panel" id=SHOWN tabindex="-1" aria-labelledby="made-secret-title">
            <h2 id="made-secret-title">{title}</h2>
            <p><strong>"Copy it now: it is never shown again."</strong>" "{what_for}" A click selects all of it."</p>
            <p><code class="breaks secret">{secret}</code></p>
        </section>
    }
}

/// Asks in the row of one of them whether it is to be ended.
#[component]
pub fn EndInRow(
    /// What is asked, for screen readers.
    #[prop(into)]
    question: String,
    /// What will be no more.
    warning: &'static str,
    button: &'static str,
    back_id: String,
    busy: RwSignal<bool>,
    failure: RwSignal<Option<CallFailure>>,
    #[prop(into)] back: Callback<()>,
    #[prop(into)] end: Callback<()>,
) -> impl IntoView {
    view! {
        <div role="group" class="confirm-in-row" aria-label=question>
            <p>{warning}</p>
            {move || failure.get().map(|failure| view! { <super::ProblemNote failure/> })}
            <div class="actions">
                <button type="button" class="button small" id=back_id on:click=move |_| back.run(())>"Back"</button>
                <button type="button" class="button small danger" disabled=busy on:click=move |_| end.run(())>{button}</button>
            </div>
        </div>
    }
}

/// Lets one of several be ticked.
#[component]
pub fn TickOf<T>(one: T, label: &'static str, chosen: RwSignal<BTreeSet<T>>) -> impl IntoView
where
    T: Ord + Copy + Send + Sync + 'static,
{
    let set = move |on: bool| {
        chosen.update(|chosen| {
            if on {
                chosen.insert(one);
            } else {
                chosen.remove(&one);
            }
        });
    };
    view! {
        <label class="radio">
            <input
                type="checkbox"
                prop:checked=move || chosen.with(|chosen| chosen.contains(&one))
                on:change:target=move |event| set(event.target().checked())
            />
            <span>{label}</span>
        </label>
    }
}
