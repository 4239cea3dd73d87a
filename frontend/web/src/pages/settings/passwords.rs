//! How new users get their passwords.

use std::collections::BTreeSet;

use leptos::prelude::*;
use roster::accounts::{NewPasswords, PasswordRule};
use roster::{Accounts, Grade};
use wire::http::DefaultPassword;

use super::form::whole;
use super::mode_form::Switch;
use crate::api::{CallFailure, use_api};
use crate::components::{Notice, NumberField, ProblemNote, RadioChoice, TextField, Tone};
use crate::session::use_session;
use crate::tasks::Tasks;
use crate::words;

/// The most days that the API takes.
const MOST_DAYS: u32 = 1000;

/// The settings of passwords, each in a signal of its own.
///
/// Numbers are text while they are typed.
#[derive(Clone, Copy)]
pub struct PasswordFields {
    source: RwSignal<NewPasswords>,
    words_for: RwSignal<BTreeSet<Grade>>,
    expire_days: RwSignal<String>,
    readable_days: RwSignal<String>,
    file_once: RwSignal<bool>,
}

impl PasswordFields {
    /// Returns the fields with the settings that are stored.
    pub fn new(accounts: &Accounts) -> PasswordFields {
        let rule = &accounts.passwords;
        PasswordFields {
            source: RwSignal::new(rule.source),
            words_for: RwSignal::new(rule.words_for.clone()),
            expire_days: RwSignal::new(rule.expire_days.to_string()),
            readable_days: RwSignal::new(rule.readable_days.to_string()),
            file_once: RwSignal::new(rule.file_once),
        }
    }

    /// Returns `base` with the settings of passwords as they stand; `None` while a number is not valid.
    pub fn values(self, base: Accounts) -> Option<Accounts> {
        let passwords = PasswordRule {
            source: self.source.get(),
            words_for: self.words_for.get(),
            expire_days: days(&self.expire_days.get())?,
            readable_days: days(&self.readable_days.get())?,
            file_once: self.file_once.get(),
        };
        Some(Accounts { passwords, ..base })
    }
}

/// Reads a number of days.
fn days(text: &str) -> Option<u32> {
    let days = u32::try_from(whole(text).ok()??).ok()?;
    (days <= MOST_DAYS).then_some(days)
}

/// Shows the settings of passwords.
///
/// `has_default` is whether somebody has set a default password.
#[component]
pub fn PasswordForm(fields: PasswordFields, has_default: RwSignal<bool>) -> impl IntoView {
    let choice = move |value: NewPasswords, id: &'static str, title: &'static str, what: &'static str| {
        view! {
            <RadioChoice name="password-source" id value=fields.source of=value title what/>
        }
    };
    const EXPECTED: &str = "Type a whole number from 0 to 1000.";
    let is_days = |text: &str| days(text).is_some();
    let lacks_default = move || fields.source.get() == NewPasswords::Default && !has_default.get();
    view! {
        <section class="panel mode-form" aria-labelledby="passwords-title">
            <h2 id="passwords-title">"Passwords of new users"</h2>
            <p class="muted">"A random or default password is temporary: it works once, and its user then sets an own one. Whoever sets the default password also needs the permission to manage roles."</p>
            <fieldset class="radios stacked">
                <legend>"Where they come from"</legend>
                {choice(NewPasswords::File, "source-file", "From the file", "From the column password. Who has none there, or one that is easily guessed, gets a random one.")}
                {choice(NewPasswords::Random, "source-random", "Random", "A different one for each, in the completed file. What the file says of new users is ignored.")}
                {choice(NewPasswords::Default, "source-default", "The default password", "The same for all new students; everybody else gets a random one. What the file says of them is ignored. Whoever knows it can sign in as a new student before they do.")}
            </fieldset>
            <Show when=lacks_default>
                <Notice tone=Tone::Attention title="There is no default password yet."><p>"Set one below before you save."</p></Notice>
            </Show>
            <Switch
                id="password-file-once".to_owned()
                value=fields.file_once
                title="Passwords from a file work once"
                what="Their users then set own ones. Switched off, they are good for ever, also for everybody who has seen the file."
            />
            <Words fields/>
            <h3>"How long"</h3>
            <NumberField
                id="expire-days"
                label="Temporary passwords expire after, days"
                hint="Unused for so long, one stops working and only a reset helps. 0 is never."
                value=fields.expire_days
                accepts=is_days
                expected=EXPECTED
            />
            <NumberField
                id="readable-days"
                label="Temporary passwords can be read for, days"
                hint="Then they are taken out of the completed file and the files of resets."
                value=fields.readable_days
                accepts=is_days
                expected=EXPECTED
            />
            <SetDefault has_default/>
        </section>
    }
}

#[component]
fn Words(fields: PasswordFields) -> impl IntoView {
    let grade = move |grade: Grade| {
        let chosen = move || fields.words_for.with(|grades| grades.contains(&grade));
        let choose = move |on: bool| {
            fields.words_for.update(|grades| {
                if on {
                    grades.insert(grade)
                } else {
                    grades.remove(&grade)
                };
            });
        };
        view! {
            <label class="radio">
                <input type="checkbox" prop:checked=chosen on:change:target=move |e| choose(e.target().checked())/>
                <span>{words::grade(grade)}</span>
            </label>
        }
    };
    view! {
        <fieldset class="radios">
            <legend>"Words instead of characters"</legend>
            <p class="muted small wide">"Students of these grades get four short English words, like acid-poker-slush-tiger. All others get twelve letters and digits, like abcd-efgh-jkmn."</p>
            {Grade::ALL.iter().map(|one| grade(*one)).collect_view()}
        </fieldset>
    }
}

/// Sets or changes the default password, apart from the other settings.
#[component]
fn SetDefault(has_default: RwSignal<bool>) -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let password = RwSignal::new(String::new());
    let failure = RwSignal::new(None::<CallFailure>);
    let (busy, saved) = (RwSignal::new(false), RwSignal::new(false));
    let set = move |_| {
        failure.set(None);
        saved.set(false);
        busy.set(true);
        let asked = DefaultPassword { password: password.get_untracked() };
        tasks.run(async move {
            let reply = api.set_default_password(&asked).await;
            busy.set(false);
            match reply {
                Ok(()) => {
                    session.say("The default password was set.");
                    password.set(String::new());
                    saved.set(true);
                    has_default.set(true);
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    let words = move || {
        if saved.get() {
            "It was set. Plans that were made before keep the one before."
        } else if has_default.get() {
            "There is one. It can be read nowhere, only changed."
        } else {
            "There is none yet."
        }
    };
    view! {
        <h3>"The default password"</h3>
        <p class="muted small" id="default-password-state">{words}</p>
        <TextField id="default-password" label="New default password" value=password kind="password" autocomplete="new-password"/>
        {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
        <div class="actions start">
            <button type="button" class="button" id="set-default-password" disabled=move || busy.get() || password.with(String::is_empty) on:click=set>
                {move || if busy.get() { "Saving\u{2026}" } else { "Set the default password" }}
            </button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::days;

    #[test]
    fn days_are_whole_and_not_too_many() {
        assert_eq!((days("0"), days(" 14 "), days("1,000")), (Some(0), Some(14), Some(1000)));
        for text in ["", "1001", "-1", "2.5", "ten", "99999999999"] {
            assert_eq!(days(text), None, "{text}");
        }
    }
}
