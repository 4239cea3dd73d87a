//! Whether programs may send rosters.

use leptos::prelude::*;
use roster::KeyUse;

use super::mode_form::Switch;

/// The setting while it is edited.
#[derive(Clone, Copy)]
pub struct KeyUseField {
    on: RwSignal<bool>,
}

impl KeyUseField {
    /// Returns the field with the setting that is stored.
    pub fn new(stored: KeyUse) -> KeyUseField {
        KeyUseField { on: RwSignal::new(stored == KeyUse::On) }
    }

    /// Returns the setting as it stands.
    pub fn value(self) -> KeyUse {
        if self.on.get() { KeyUse::On } else { KeyUse::Off }
    }
}

/// Shows whether programs may send rosters, and leads to their keys.
#[component]
pub fn KeyUseForm(field: KeyUseField) -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="api-keys-title">
            <h2 id="api-keys-title">"API keys"</h2>
            <p class="muted">"The program rollbook, on a server of yours, sends rosters with a key instead of a password."</p>
            <Switch
                id="api-keys-on".to_owned()
                value=field.on
                title="Programs may send rosters with API keys"
                what="Off, every key is refused at once, and none is lost."
            />
            <p><a href="/settings/keys">"See, make and end keys"</a></p>
        </section>
    }
}
