//! The form in which somebody sets an own password.

use leptos::prelude::*;
use wire::http::{Me, OwnPassword};

use super::{ProblemNote, TextField};
use crate::api::{CallFailure, use_api};
use crate::browser::focus;
use crate::tasks::Tasks;

/// Asks for a new password of the one who is signed in.
///
/// With `asks_current` the present one must be typed, too; `done` gets who is signed in then.
#[component]
pub fn OwnPasswordForm(asks_current: bool, #[prop(into)] done: Callback<Me>) -> impl IntoView {
    let (api, tasks) = (use_api(), Tasks::here());
    let (current, new, again) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let differs = RwSignal::new(None::<String>);
    let failure = RwSignal::new(None::<CallFailure>);
    let busy = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        failure.set(None);
        let same = new.get_untracked() == again.get_untracked();
        differs.set((!same).then(|| "This is not the same as above.".to_owned()));
        if !same {
            return focus("again-password");
        }
        busy.set(true);
        let asked = OwnPassword { current: asks_current.then(|| current.get_untracked()), new: new.get_untracked() };
        tasks.run(async move {
            let reply = api.set_own_password(&asked).await;
            busy.set(false);
            match reply {
                Ok(me) => {
                    for field in [current, new, again] {
                        field.set(String::new());
                    }
                    done.run(me);
                }
                Err(why) => {
                    let wrong_field =
                        if why.problem.code == "wrong_password" { "current-password" } else { "new-password" };
                    failure.set(Some(why));
                    focus(wrong_field);
                }
            }
        });
    };
    view! {
        <form on:submit=submit>
            <Show when=move || asks_current>
                <TextField id="current-password" label="Current password" value=current kind="password" autocomplete="current-password"/>
            </Show>
            <TextField
                id="new-password"
                label="New password"
                value=new
                kind="password"
                autocomplete="new-password"
                hint="At least 8 characters, and nothing that you are known by. Three or four words are easy to remember."
            />
            <TextField id="again-password" label="The same again" value=again error=differs kind="password" autocomplete="new-password"/>
            <div id="own-password-problem">{move || failure.get().map(|failure| view! { <ProblemNote failure/> })}</div>
            <div class="actions">
                <button type="submit" class="button primary" id="save-password" disabled=move || busy.get() || new.with(String::is_empty)>
                    {move || if busy.get() { "Saving\u{2026}" } else { "Set the password" }}
                </button>
            </div>
        </form>
    }
}
