//! Loads a document that the API gives as a whole, and saves what somebody has made of it: the settings, the roles, the
//! schools.

use std::future::Future;

use leptos::prelude::*;

use super::{Notice, ProblemNote, Skeleton, Tone};
use crate::api::{ApiResult, CallFailure};
use crate::session::use_session;
use crate::tasks::Tasks;

/// How far saving has come.
#[derive(Debug, Clone, PartialEq)]
enum Saving {
    No,
    Busy,
    Saved,
    /// Somebody else saved first.
    Overtaken,
    Refused(CallFailure),
}

/// Loads and saves one document. The draft is in the fields of the page that edits it, and goes with them when the
/// document is loaded again.
pub struct DocumentEditor<D: Send + Sync + 'static> {
    /// What sentences call the document, such as `settings`.
    name: &'static str,
    stored: RwSignal<Option<D>>,
    not_loaded: RwSignal<Option<CallFailure>>,
    saving: RwSignal<Saving>,
    load: Callback<()>,
    tasks: Tasks,
}

impl<D: Send + Sync + 'static> Clone for DocumentEditor<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: Send + Sync + 'static> Copy for DocumentEditor<D> {}

impl<D: Clone + Send + Sync + 'static> DocumentEditor<D> {
    /// Begins to load the document. It is edited for as long as the part of the page that is being built now is there.
    pub fn new<F>(name: &'static str, fetch: impl Fn() -> F + Send + Sync + 'static) -> DocumentEditor<D>
    where
        F: Future<Output = ApiResult<D>> + 'static,
    {
        let (stored, not_loaded, tasks) = (RwSignal::new(None), RwSignal::new(None), Tasks::here());
        let load = Callback::new(move |()| {
            not_loaded.set(None);
            let answer = fetch();
            tasks.run(async move {
                match answer.await {
                    Ok(document) => stored.set(Some(document)),
                    Err(why) => not_loaded.set(Some(why)),
                }
            });
        });
        load.run(());
        DocumentEditor { name, stored, not_loaded, saving: RwSignal::new(Saving::No), load, tasks }
    }

    /// Returns the document as the API gave it last; `None` until it has come.
    pub fn stored(self) -> Option<D> {
        self.stored.get()
    }

    /// Forgets what came of saving, and loads the document again.
    pub fn start_over(self) {
        self.forget_saving();
        self.load.run(());
    }

    /// Forgets what came of saving.
    pub fn forget_saving(self) {
        self.saving.set(Saving::No);
    }

    /// Saves by `request`, and gives its answer to `saved`. Does nothing while something is being saved.
    pub fn save<T: 'static>(
        self,
        request: impl Future<Output = ApiResult<T>> + 'static,
        saved: impl FnOnce(T) + 'static,
    ) {
        if self.saving.get_untracked() == Saving::Busy {
            return;
        }
        self.saving.set(Saving::Busy);
        self.tasks.run(async move {
            match request.await {
                Ok(answer) => {
                    self.saving.set(Saving::Saved);
                    saved(answer);
                }
                Err(why) if is_overtaken(&why) => self.saving.set(Saving::Overtaken),
                Err(why) => self.saving.set(Saving::Refused(why)),
            }
        });
    }

    /// Returns whether something is being saved.
    pub fn is_busy(self) -> bool {
        self.saving.with(|saving| *saving == Saving::Busy)
    }

    fn is_overtaken(self) -> bool {
        self.saving.with(|saving| *saving == Saving::Overtaken)
    }
}

/// Returns whether the API refused because somebody else has changed the document since it was loaded.
fn is_overtaken(failure: &CallFailure) -> bool {
    failure.status == 409 && failure.problem.code.ends_with("_changed")
}

/// Shows `children` once the document has come, and why it has not come where that failed.
#[component]
pub fn WhenLoaded<D: Clone + Send + Sync + 'static>(
    editor: DocumentEditor<D>,
    /// How many lines stand in for the document until it has come.
    lines: u32,
    children: ChildrenFn,
) -> impl IntoView {
    let is_loaded = Memo::new(move |_| editor.stored.with(Option::is_some));
    let waits = move || editor.not_loaded.with(Option::is_none);
    view! {
        {move || editor.not_loaded.get().map(|failure| view! { <ProblemNote failure retry=editor.load/> })}
        <Show when=move || is_loaded.get() fallback=move || waits().then(|| view! { <Skeleton lines/> })>{children()}</Show>
    }
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
        Saving::No | Saving::Busy | Saving::Saved => ().into_any(),
    }
    }
}

/// Saves a draft or discards it. The bar is there as soon as the draft differs from what is stored.
#[component]
pub fn SaveBar<D, F, S>(
    editor: DocumentEditor<D>,
    /// The document as the fields have it, or why it can't be saved like that.
    draft: Memo<Result<D, String>>,
    /// Asks the API to save a document, and returns it as it is stored then.
    save: S,
) -> impl IntoView
where
    D: Clone + PartialEq + Send + Sync + 'static,
    F: Future<Output = ApiResult<D>> + 'static,
    S: Fn(D) -> F + Copy + Send + Sync + 'static,
{
    let session = use_session();
    let changed =
        Memo::new(move |_| draft.with(|draft| editor.stored.with(|stored| draft.as_ref().ok() != stored.as_ref())));
    let wrong = move || draft.with(|draft| draft.as_ref().err().cloned());
    let start_over = Callback::new(move |()| editor.start_over());
    let busy = move || editor.is_busy();
    let can_not_save = move || busy() || wrong().is_some() || editor.is_overtaken();
    let press = move |_| {
        let Ok(draft) = draft.get_untracked() else { return };
        editor.save(save(draft), move |saved| {
            session.say(format!("The {} were saved.", editor.name));
            editor.stored.set(Some(saved));
        });
    };
    view! {
        <div class="save-bar" class:shown=move || changed.get() || editor.saving.get() != Saving::No>
            <div class="save-bar-inner" role="region" aria-label=format!("Save the {}", editor.name)>
                <div class="save-bar-words" aria-live="polite">
                    {move || match (editor.saving.get(), changed.get(), wrong()) {
                        (Saving::Overtaken | Saving::Refused(_), ..) => {
                            view! { <NotSaved editor load_again=start_over/> }.into_any()
                        }
                        (Saving::Saved, false, _) => view! { <p>"Saved."</p> }.into_any(),
                        (_, _, Some(wrong)) => view! { <p class="field-error">{wrong}</p> }.into_any(),
                        _ => view! { <p>"You have changes that are not saved."</p> }.into_any(),
                    }}
                </div>
                <Show when=move || changed.get()>
                    <div class="actions">
                        <button type="button" class="button" disabled=busy on:click=move |_| editor.start_over()>"Discard"</button>
                        <button type="button" class="button primary" id=format!("save-{}", editor.name) disabled=can_not_save on:click=press>
                            {move || if busy() { "Saving\u{2026}" } else { "Save" }}
                        </button>
                    </div>
                </Show>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::is_overtaken;
    use crate::api::CallFailure;
    use crate::failure::said;

    #[test]
    fn only_a_change_of_somebody_else_overtakes() {
        let failed = |status, code| CallFailure { status, problem: said(code, "", ""), retry_after: None };
        for code in ["settings_changed", "roles_changed", "school_changed"] {
            assert!(is_overtaken(&failed(409, code)), "{code}");
        }
        assert!(!is_overtaken(&failed(409, "external_id_taken")) && !is_overtaken(&failed(422, "invalid")));
    }
}
