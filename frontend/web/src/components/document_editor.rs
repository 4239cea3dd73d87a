//! Loads a document that the API gives as a whole, and saves what somebody has made of it: the settings, the roles, the
//! schools.

use std::future::Future;

use leptos::prelude::*;

use super::{Notice, PAGE_TITLE, ProblemNote, Skeleton, Tone};
use crate::api::{ApiResult, CallFailure};
use crate::browser::focus;
use crate::session::use_session;
use crate::tasks::{Latest, Tasks};

/// The bar takes the focus when one of its buttons is pressed: a button that is disabled or gone has none.
const BAR: &str = "save-bar";

/// How far saving has come.
#[derive(Debug, Clone, PartialEq)]
enum Saving {
    No,
    Busy,
    /// The form has what is stored, and these words say how that came about.
    Done(&'static str),
    /// Somebody else saved first.
    Overtaken,
    Refused(CallFailure),
}

/// What the fields of a form make, or why it can't be saved like that.
type DraftSignal<D> = Memo<Result<D, String>>;

/// Loads and saves one document.
///
/// The draft is in the fields of the form that edits it, and goes with them when the form is built anew.
pub struct DocumentEditor<D: Send + Sync + 'static> {
    /// What sentences call the document, such as `settings`.
    name: &'static str,
    overtaken: &'static str,
    stored: RwSignal<Option<D>>,
    draft: RwSignal<Option<DraftSignal<D>>>,
    loading: RwSignal<bool>,
    not_loaded: RwSignal<Option<CallFailure>>,
    saving: RwSignal<Saving>,
    load: Callback<()>,
    loads: Latest,
    saves: Tasks,
}

impl<D: Send + Sync + 'static> Clone for DocumentEditor<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: Send + Sync + 'static> Copy for DocumentEditor<D> {}

impl<D: Clone + Send + Sync + 'static> DocumentEditor<D> {
    /// Begins to load the document.
    ///
    /// It is edited for as long as the part of the page that is being built now is there. `overtaken` is the code by
    /// which the API says that somebody else has saved since it was loaded.
    pub fn new<F>(
        name: &'static str,
        overtaken: &'static str,
        fetch: impl Fn() -> F + Send + Sync + 'static,
    ) -> DocumentEditor<D>
    where
        F: Future<Output = ApiResult<D>> + 'static,
    {
        let (stored, not_loaded, loading) = (RwSignal::new(None), RwSignal::new(None), RwSignal::new(false));
        let (saving, loads) = (RwSignal::new(Saving::No), Latest::here());
        let load = Callback::new(move |()| {
            not_loaded.set(None);
            loading.set(true);
            let answer = fetch();
            loads.run(async move {
                let answer = answer.await;
                loading.set(false);
                match answer {
                    Ok(document) => {
                        stored.set(Some(document));
                        if saving.get_untracked() != Saving::No {
                            saving.set(Saving::Done("Loaded again."));
                        }
                    }
                    Err(why) => not_loaded.set(Some(why)),
                }
            });
        });
        load.run(());
        DocumentEditor {
            name,
            overtaken,
            stored,
            draft: RwSignal::new(None),
            loading,
            not_loaded,
            saving,
            load,
            loads,
            saves: Tasks::here(),
        }
    }

    /// Returns the document as the API gave it last; `None` until it has come.
    pub fn stored(self) -> Option<D> {
        self.stored.get()
    }

    /// Changes the document that is shown into what it is by now.
    ///
    /// Loads it if it has not come yet.
    pub fn update_stored(self, change: impl FnOnce(&mut D)) {
        match self.stored.get_untracked() {
            None => self.load_again(),
            Some(mut document) => {
                change(&mut document);
                self.stored.set(Some(document));
            }
        }
    }

    /// Records the draft of the form that is being built.
    pub fn set_draft(self, draft: DraftSignal<D>) {
        self.draft.set(Some(draft));
    }

    /// Loads the document again.
    ///
    /// Does nothing while something is being saved, whose answer is newer.
    pub fn load_again(self) {
        if self.saving.get_untracked() != Saving::Busy {
            self.load.run(());
        }
    }

    /// Forgets what came of saving.
    pub fn forget_saving(self) {
        self.saving.set(Saving::No);
    }

    /// Builds the form anew from what is stored. Where that is out of date, the bar goes on saying so.
    fn discard(self) {
        if untrack(|| self.is_busy()) {
            return;
        }
        self.stored.notify();
        if !untrack(|| self.is_overtaken()) {
            self.saving.set(Saving::Done("Your changes were discarded."));
        }
    }

    /// Saves by `request`, and gives its answer to `saved`.
    ///
    /// Does nothing while something is being saved. A load that is under way ends, because it may bring what was stored
    /// before.
    pub fn save<T: 'static>(
        self,
        request: impl Future<Output = ApiResult<T>> + 'static,
        saved: impl FnOnce(T) + 'static,
    ) {
        if self.saving.get_untracked() == Saving::Busy {
            return;
        }
        self.loads.stop();
        self.loading.set(false);
        self.saving.set(Saving::Busy);
        self.saves.run(async move {
            match request.await {
                Ok(answer) => {
                    self.saving.set(Saving::Done("Saved."));
                    saved(answer);
                }
                Err(why) if why.problem.code == self.overtaken => self.saving.set(Saving::Overtaken),
                Err(why) => self.saving.set(Saving::Refused(why)),
            }
        });
    }

    /// Returns whether something is being saved or loaded.
    ///
    /// What is typed meanwhile would be lost.
    pub fn is_busy(self) -> bool {
        self.is_saving() || self.loading.get()
    }

    fn is_saving(self) -> bool {
        self.saving.with(|saving| *saving == Saving::Busy)
    }

    fn is_overtaken(self) -> bool {
        self.saving.with(|saving| *saving == Saving::Overtaken)
    }

    /// Returns whether the draft differs from what is stored.
    fn is_changed(self) -> bool
    where
        D: PartialEq,
    {
        // The draft of a form that is gone differs from nothing.
        let differs = |draft: &Result<D, String>| self.stored.with(|stored| draft.as_ref().ok() != stored.as_ref());
        self.draft.get().and_then(|draft| draft.try_with(differs)).unwrap_or_default()
    }

    /// Returns why the draft can't be saved.
    fn wrong(self) -> Option<String> {
        self.draft.get().and_then(|draft| draft.try_with(|draft| draft.as_ref().err().cloned())).flatten()
    }
}

/// Shows `children` once the document has come, and until then why it has not come where that failed.
#[component]
pub fn WhenLoaded<D: Clone + Send + Sync + 'static>(
    editor: DocumentEditor<D>,
    /// How many lines stand in for the document until it has come.
    lines: u32,
    children: ChildrenFn,
) -> impl IntoView {
    let is_loaded = Memo::new(move |_| editor.stored.with(Option::is_some));
    let instead = move || {
        let waits = editor.not_loaded.with(Option::is_none);
        view! { <NotLoaded editor/> {waits.then(|| view! { <Skeleton lines/> })} }
    };
    view! { <Show when=move || is_loaded.get() fallback=instead>{children()}</Show> }
}

/// Shows why the document could not be loaded, with a button to try again.
#[component]
pub fn NotLoaded<D: Clone + Send + Sync + 'static>(
    editor: DocumentEditor<D>,
    /// The id of what takes the focus when the button is gone.
    #[prop(default = PAGE_TITLE)]
    focused: &'static str,
) -> impl IntoView {
    let retry = Callback::new(move |()| {
        focus(focused);
        editor.load_again();
    });
    move || editor.not_loaded.get().map(|failure| view! { <ProblemNote failure retry/> })
}

/// Shows why the document was not saved, and what to do about it.
#[component]
pub fn NotSaved<D: Clone + Send + Sync + 'static>(
    editor: DocumentEditor<D>,
    /// What "Load again" does.
    load_again: Callback<()>,
) -> impl IntoView {
    move || {
        match editor.saving.get() {
        Saving::Overtaken => view! {
            <Notice tone=Tone::Attention title=format!("Somebody else has changed the {} in between.", editor.name)>
                <p>"Load them again, and make your changes on top."</p>
                <p><button type="button" class="button small" on:click=move |_| load_again.run(())>"Load again"</button></p>
            </Notice>
        }
        .into_any(),
        Saving::Refused(failure) => view! { <ProblemNote failure/> }.into_any(),
        Saving::No | Saving::Busy | Saving::Done(_) => ().into_any(),
    }
    }
}

/// Saves a draft or discards it.
///
/// The bar is there as soon as the draft differs from what is stored, and stays when the form is built anew.
#[component]
pub fn SaveBar<D, F, S>(
    editor: DocumentEditor<D>,
    /// Asks the API to save a document, and returns it as it is stored then.
    save: S,
) -> impl IntoView
where
    D: Clone + PartialEq + Send + Sync + 'static,
    F: Future<Output = ApiResult<D>> + 'static,
    S: Fn(D) -> F + Copy + Send + Sync + 'static,
{
    let session = use_session();
    let changed = Memo::new(move |_| editor.is_changed());
    Effect::new(move || {
        let changed = changed.get();
        // Words about the last change are out of date with the next one, and a refusal with a change that was undone.
        let is_out_of_date = match editor.saving.get_untracked() {
            Saving::Done(_) => changed,
            Saving::Refused(_) => !changed,
            _ => false,
        };
        if is_out_of_date {
            editor.forget_saving();
        }
    });
    let busy = move || editor.is_busy();
    let can_not_save = move || busy() || editor.wrong().is_some() || editor.is_overtaken();
    let load_again = Callback::new(move |()| {
        focus(BAR);
        editor.load_again();
    });
    let discard = move |_| {
        focus(BAR);
        editor.discard();
    };
    let press = move |_| {
        let draft = editor.draft.get_untracked().and_then(|draft| draft.try_get_untracked());
        let Some(Ok(draft)) = draft else { return };
        focus(BAR);
        editor.save(save(draft), move |saved| {
            session.say(format!("The {} were saved.", editor.name));
            editor.stored.set(Some(saved));
        });
    };
    let words = move || {
        if editor.loading.get() {
            return view! { <p>"Loading\u{2026}"</p> }.into_any();
        }
        if editor.not_loaded.with(Option::is_some) {
            return view! { <NotLoaded editor focused=BAR/> }.into_any();
        }
        match (editor.saving.get(), editor.wrong()) {
            (Saving::Overtaken | Saving::Refused(_), _) => view! { <NotSaved editor load_again/> }.into_any(),
            (Saving::Done(words), _) => view! { <p>{words}</p> }.into_any(),
            (_, Some(wrong)) => view! { <p class="field-error">{wrong}</p> }.into_any(),
            _ => view! { <p>"You have changes that are not saved."</p> }.into_any(),
        }
    };
    let is_shown = move || changed.get() || editor.saving.get() != Saving::No;
    view! {
        <div class="save-bar" class:shown=is_shown>
            <div class="save-bar-inner" id=BAR role="region" tabindex="-1" aria-label=format!("Save the {}", editor.name)>
                <div class="save-bar-words" aria-live="polite">{words}</div>
                <Show when=move || changed.get()>
                    <div class="actions">
                        <button type="button" class="button" disabled=busy on:click=discard>"Discard"</button>
                        <button type="button" class="button primary" id=format!("save-{}", editor.name) disabled=can_not_save on:click=press>
                            {move || if editor.is_saving() { "Saving\u{2026}" } else { "Save" }}
                        </button>
                    </div>
                </Show>
            </div>
        </div>
    }
}
