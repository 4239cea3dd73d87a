//! What each sync mode does and when it asks, and how accounts are made.

use leptos::prelude::*;
use roster::{Mode, Permission, Settings as Values};
use wire::http::SettingsDocument;

use crate::api::use_api;
use crate::browser::go_to;
use crate::components::{DocumentEditor, Notice, PageHead, SaveBar, Tone, WhenLoaded};
use crate::session::use_session;

mod api_keys;
mod archive;
mod classes;
mod feeds;
mod form;
mod keeping;
mod mappings;
mod mode_form;
mod passwords;
mod reading;
mod roles;
mod single_sign_on;
mod sources;
mod usernames;
mod watch;

use api_keys::{KeyUseField, KeyUseForm};
use archive::{ArchiveFields, ArchiveForm};
use classes::{ClassRuleFields, ClassesForm};
use feeds::{FeedFields, FeedsForm};
use form::ModeFields;
use keeping::{KeepingFields, KeepingForm};
use mode_form::ModeForm;
use passwords::{PasswordFields, PasswordForm};
use reading::{ReadingFields, ReadingForm};
use roles::{RoleFields, RoleForm};
use single_sign_on::{SignOnFields, SignOnForm};
use sources::{SourceFields, SourcesForm};
use usernames::{NameFields, UsernamesForm};
use watch::{WatchFields, WatchForm};

/// Shows the page of settings.
#[component]
pub fn Settings() -> impl IntoView {
    let (api, session) = (use_api(), use_session());
    let editor = DocumentEditor::new("settings", "settings_changed", move || api.settings());
    // Set apart from the other settings: a form that is built anew must still know of it.
    let has_default = RwSignal::new(false);
    let may_change = move || session.is_district() && session.may(Permission::ChangeSettings);
    view! {
        <PageHead title="Settings"/>
        <p class="lead">"What a sync may do by itself, and when it waits for an administrator."</p>
        <Show when=move || !may_change()>
            <Notice tone=Tone::Info title="You can look at the settings."><p>"Only a district administrator can change them."</p></Notice>
        </Show>
        <WhenLoaded editor lines=12>
            <fieldset class="bare" disabled=move || !may_change() || editor.is_busy()>
                {move || editor.stored().map(|document| view! { <Form document editor has_default/> })}
            </fieldset>
            <SaveBar editor save=move |document| async move { api.save_settings(&document).await }/>
        </WhenLoaded>
    }
}

/// The sections of the page: the ids of their titles, and what they are called here.
const SECTIONS: [(&str, &str); 15] = [
    ("partial-title", "Partial sync"),
    ("full-title", "Full sync"),
    ("sources-title", "Sources"),
    ("watch-title", "Watching"),
    ("classes-title", "Classes"),
    ("reading-title", "How files are read"),
    ("usernames-title", "User names"),
    ("levels-title", "Year levels"),
    ("passwords-title", "Passwords of new users"),
    ("sign-on-title", "Single sign-on"),
    ("archive-title", "Users that stay disabled"),
    ("keeping-title", "Files of uploads"),
    ("feeds-title", "Feeds for other systems"),
    ("api-keys-title", "API keys"),
    ("roles-title", "Roles of synced users"),
];

/// Leads to the sections of the page, which is long.
#[component]
fn Contents() -> impl IntoView {
    let link = |(id, title): (&'static str, &'static str)| {
        let go = move |event: leptos::ev::MouseEvent| {
            event.prevent_default();
            go_to(id);
        };
        view! { <li><a href=format!("#{id}") rel="external" on:click=go>{title}</a></li> }
    };
    view! {
        <nav class="contents" aria-label="On this page"><ul>{SECTIONS.map(link).collect_view()}</ul></nav>
    }
}

#[component]
fn Form(
    document: SettingsDocument,
    editor: DocumentEditor<SettingsDocument>,
    has_default: RwSignal<bool>,
) -> impl IntoView {
    let SettingsDocument { version, settings, has_default_password } = document;
    if has_default_password {
        has_default.set(true);
    }
    let [partial, full, students, staff] = Mode::ALL.map(|mode| ModeFields::new(settings.of(mode)));
    let (accounts, classes) = (settings.accounts, ClassRuleFields::new(&settings.classes));
    let names = NameFields::new(&accounts);
    let (sign_on, archive) = (SignOnFields::new(&accounts), ArchiveFields::new(&accounts));
    let files = ReadingFields::new(&settings.reading);
    let sources = SourceFields::new(&settings.sources);
    let watch = WatchFields::new(&settings.watch);
    let api_keys = KeyUseField::new(settings.api_keys);
    let feeds = FeedFields::new(&settings.feeds);
    let keeping = KeepingFields::new(settings.uploads_kept_days);
    let (passwords, roles) = (PasswordFields::new(&accounts), RoleFields::new(&accounts));
    let values = move || {
        let accounts = passwords.values(names.values(accounts.clone())?)?;
        let accounts = roles.values(archive.values(sign_on.values(accounts)?)?)?;
        let sources = sources.values()?;
        Some(Values {
            partial: partial.values()?,
            full: full.values()?,
            students: students.values()?,
            staff: staff.values()?,
            accounts,
            watch: watch.values(&sources)?,
            sources,
            classes: classes.values()?,
            reading: files.values()?,
            uploads_kept_days: keeping.value()?,
            api_keys: api_keys.value(),
            feeds: feeds.values(),
        })
    };
    editor.set_draft(Memo::new(move |_| {
        let settings = values().ok_or_else(|| "Correct the fields that are marked.".to_owned())?;
        Ok(SettingsDocument { version, settings, has_default_password })
    }));
    view! {
        <Contents/>
        <div class="modes">
            <ModeForm mode=Mode::Partial fields=partial/>
            <ModeForm mode=Mode::Full fields=full/>
        </div>
        <details class="further-modes">
            <summary>"More syncs: students only, staff only"</summary>
            <div class="modes">
                <ModeForm mode=Mode::Students fields=students/>
                <ModeForm mode=Mode::Staff fields=staff/>
            </div>
        </details>
        <SourcesForm fields=sources/>
        <WatchForm fields=watch sources=Signal::derive(move || sources.values())/>
        <ClassesForm fields=classes/>
        <ReadingForm fields=files/>
        <UsernamesForm fields=names/>
        <PasswordForm fields=passwords has_default/>
        <div class="modes">
            <SignOnForm fields=sign_on/>
            <ArchiveForm fields=archive/>
        </div>
        <KeepingForm fields=keeping/>
        <FeedsForm fields=feeds/>
        <KeyUseForm field=api_keys/>
        <RoleForm fields=roles/>
    }
}
