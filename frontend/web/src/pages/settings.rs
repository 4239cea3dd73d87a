//! What each of the two modes does and when it asks, and how accounts are made.

use leptos::prelude::*;
use roster::{Mode, Permission, Settings as Values};
use wire::http::SettingsDocument;

use crate::api::{Failure, use_api};
use crate::components::{Notice, PageHead, ProblemNote, Skeleton, Tone};
use crate::session::use_session;
use crate::tasks::Tasks;

mod archive;
mod form;
mod keeping;
mod mode_form;
mod passwords;
mod reading;
mod roles;
mod single_sign_on;
mod usernames;

use archive::{ArchiveFields, ArchiveForm};
use form::ModeFields;
use keeping::{KeepingFields, KeepingForm};
use mode_form::ModeForm;
use passwords::{PasswordFields, PasswordForm};
use reading::{ReadingFields, ReadingForm};
use roles::{RoleFields, RoleForm};
use single_sign_on::{SignOnFields, SignOnForm};
use usernames::{NameFields, UsernamesForm};

/// Where saving stands.
#[derive(Debug, Clone, PartialEq)]
enum Saving {
    No,
    Busy,
    Saved,
    /// Somebody else saved in between.
    Overtaken,
    Refused(Failure),
}

/// The page.
#[component]
pub fn Settings() -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let document = RwSignal::new(None::<SettingsDocument>);
    let failure = RwSignal::new(None::<Failure>);
    let load = Callback::new(move |()| {
        failure.set(None);
        tasks.run(async move {
            match api.settings().await {
                Ok(found) => document.set(Some(found)),
                Err(why) => failure.set(Some(why)),
            }
        });
    });
    load.run(());
    let saving = RwSignal::new(Saving::No);
    let may_change = move || session.is_district() && session.may(Permission::ChangeSettings);
    view! {
        <PageHead title="Settings"/>
        <p class="lead">"What a sync may do by itself, and when it waits for an administrator."</p>
        <Show when=move || !may_change()>
            <Notice tone=Tone::Info title="You can look at the settings."><p>"Only a district administrator can change them."</p></Notice>
        </Show>
        {move || failure.get().map(|failure| view! { <ProblemNote failure retry=load/> })}
        {move || match document.get() {
            Some(document_now) => view! {
                <fieldset class="bare" disabled=!may_change()>
                    <Form document=document_now saved=document saving load/>
                </fieldset>
            }
            .into_any(),
            None if failure.get().is_none() => view! { <Skeleton lines=12/> }.into_any(),
            None => ().into_any(),
        }}
    }
}

#[component]
fn Form(
    document: SettingsDocument,
    saved: RwSignal<Option<SettingsDocument>>,
    saving: RwSignal<Saving>,
    load: Callback<()>,
) -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let partial = ModeFields::new(&document.settings.partial);
    let full = ModeFields::new(&document.settings.full);
    let version = document.version;
    let before = document.settings;
    let names = NameFields::new(&before.accounts);
    let (sign_on, archive) = (SignOnFields::new(&before.accounts), ArchiveFields::new(&before.accounts));
    let accounts = before.accounts.clone();
    let files = ReadingFields::new(&before.reading);
    let keeping = KeepingFields::new(before.uploads_kept_days);
    let (passwords, roles) = (PasswordFields::new(&accounts), RoleFields::new(&accounts));
    let now = Memo::new(move |_| {
        let accounts = passwords.values(names.values(accounts.clone())?)?;
        let accounts = roles.values(archive.values(sign_on.values(accounts)?)?)?;
        Some(Values {
            partial: partial.values()?,
            full: full.values()?,
            accounts,
            reading: files.values()?,
            uploads_kept_days: keeping.value()?,
        })
    });
    let changed = Memo::new(move |_| now.get().as_ref() != Some(&before));
    let save = move |_| {
        let Some(settings) = now.get_untracked() else { return };
        if saving.get_untracked() == Saving::Busy {
            return;
        }
        saving.set(Saving::Busy);
        tasks.run(async move {
            let document = SettingsDocument { version, settings, has_default_password: false };
            match api.save_settings(&document).await {
                Ok(document) => {
                    session.say("The settings were saved.");
                    saving.set(Saving::Saved);
                    saved.set(Some(document));
                }
                Err(why) if why.status == 409 => saving.set(Saving::Overtaken),
                Err(why) => saving.set(Saving::Refused(why)),
            }
        });
    };
    let again = Callback::new(move |()| {
        saving.set(Saving::No);
        load.run(());
    });
    let busy = move || saving.get() == Saving::Busy;
    let wrong = move || now.get().is_none();
    let stale = move || saving.get() == Saving::Overtaken;
    view! {
        <div class="modes">
            <ModeForm mode=Mode::Partial fields=partial/>
            <ModeForm mode=Mode::Full fields=full/>
        </div>
        <ReadingForm fields=files/>
        <UsernamesForm fields=names/>
        <PasswordForm fields=passwords has_default=document.has_default_password/>
        <div class="modes">
            <SignOnForm fields=sign_on/>
            <ArchiveForm fields=archive/>
        </div>
        <KeepingForm fields=keeping/>
        <RoleForm fields=roles/>
        <div class="save-bar" class:shown=move || changed.get() || saving.get() != Saving::No>
            <div class="save-bar-inner" role="region" aria-label="Save the settings">
                <div class="save-bar-words" aria-live="polite">
                    {move || match (saving.get(), changed.get()) {
                        (Saving::Overtaken, _) => view! { <Overtaken again/> }.into_any(),
                        (Saving::Refused(failure), _) => view! { <ProblemNote failure/> }.into_any(),
                        (Saving::Saved, false) => view! { <p>"Saved."</p> }.into_any(),
                        _ if wrong() => view! { <p class="field-error">"Mend what is marked."</p> }.into_any(),
                        _ => view! { <p>"You have changes that are not saved."</p> }.into_any(),
                    }}
                </div>
                <Show when=move || changed.get()>
                    <div class="actions">
                        <button type="button" class="button" disabled=busy on:click=move |_| again.run(())>"Discard"</button>
                        <button type="button" class="button primary" id="save-settings" disabled=move || busy() || wrong() || stale() on:click=save>
                            {move || if busy() { "Saving\u{2026}" } else { "Save" }}
                        </button>
                    </div>
                </Show>
            </div>
        </div>
    }
}

#[component]
fn Overtaken(again: Callback<()>) -> impl IntoView {
    view! {
        <Notice tone=Tone::Attention title="Somebody else has changed the settings in between.">
            <p>"Load them again, and make your changes on top."</p>
            <p><button type="button" class="button small" on:click=move |_| again.run(())>"Load again"</button></p>
        </Notice>
    }
}
