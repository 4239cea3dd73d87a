//! Signing in at the organisation's own provider.

use leptos::prelude::*;
use roster::Accounts;
use roster::accounts::{Matching, SingleSignOn};

use super::mode_form::Switch;
use crate::components::{Notice, RadioChoice, TextField, Tone};

/// The settings of single sign-on while they are edited.
#[derive(Clone, Copy)]
pub struct SignOnFields {
    enabled: RwSignal<bool>,
    issuer: RwSignal<String>,
    client_id: RwSignal<String>,
    matching: RwSignal<Matching>,
    claim: RwSignal<String>,
    address: RwSignal<String>,
    was_enabled: bool,
}

impl SignOnFields {
    /// Returns the fields with the settings that are stored.
    pub fn new(accounts: &Accounts) -> SignOnFields {
        let sign_on = &accounts.single_sign_on;
        SignOnFields {
            enabled: RwSignal::new(sign_on.enabled),
            issuer: RwSignal::new(sign_on.issuer.clone()),
            client_id: RwSignal::new(sign_on.client_id.clone()),
            matching: RwSignal::new(sign_on.matching),
            claim: RwSignal::new(sign_on.claim.clone()),
            address: RwSignal::new(sign_on.address.clone()),
            was_enabled: sign_on.enabled,
        }
    }

    /// Returns `base` with these settings.
    ///
    /// Whether they work is checked when they are saved, for only then the provider is asked.
    pub fn values(self, base: Accounts) -> Option<Accounts> {
        let text = |field: RwSignal<String>| field.with(|text| text.trim().to_owned());
        let single_sign_on = SingleSignOn {
            enabled: self.enabled.get(),
            issuer: text(self.issuer),
            client_id: text(self.client_id),
            matching: self.matching.get(),
            claim: text(self.claim),
            address: text(self.address),
        };
        Some(Accounts { single_sign_on, ..base })
    }
}

/// Shows the settings of single sign-on.
#[component]
pub fn SignOnForm(fields: SignOnFields) -> impl IntoView {
    let choice = move |value: Matching, title: &'static str, what: &'static str| {
        view! {
            <RadioChoice name="sign-on-matching" value=fields.matching of=value title what/>
        }
    };
    let begins = move || fields.enabled.get() && !fields.was_enabled;
    view! {
        <section class="panel" aria-labelledby="sign-on-title">
            <h2 id="sign-on-title">"Single sign-on"</h2>
            <p class="muted">"People sign in with the accounts that your organisation gives them, at its OpenID Connect provider. No account is made by signing in."</p>
            <Switch
                id="sign-on-enabled".to_owned()
                value=fields.enabled
                title="Sign in at the organisation\u{2019}s provider"
                what="Passwords are still made for new users, but open nothing while this is on."
            />
            <Show when=move || fields.enabled.get()>
                <TextField
                    id="sign-on-issuer"
                    label="Issuer"
                    value=fields.issuer
                    inputmode="url"
                    hint="The provider\u{2019}s address, such as https://login.contoso.example. It is asked when you save."
                />
                <TextField id="sign-on-client" label="Client ID" value=fields.client_id hint="As the provider gave it to Rollbook."/>
                <TextField
                    id="sign-on-address"
                    label="Address of this page"
                    value=fields.address
                    inputmode="url"
                    hint="As people type it, such as https://rollbook.contoso.example. The provider sends them back there."
                />
                <p class="muted small">
                    "The provider must send people back to "
                    <code class="breaks">{move || format!("{}/api/sign-on/callback", fields.address.with(|a| a.trim().trim_end_matches('/').to_owned()))}</code>
                </p>
                <fieldset class="radios stacked">
                    <legend>"Who is who"</legend>
                    {choice(Matching::Email, "By e-mail address", "An address that several pupils share matches nobody.")}
                    {choice(Matching::CustomId, "By custom ID", "The provider sends the Employee ID or Student ID in a claim.")}
                </fieldset>
                <Show when=move || fields.matching.get() == Matching::CustomId>
                    <TextField id="sign-on-claim" label="Claim" value=fields.claim hint="The claim that has the custom ID, such as employee_number."/>
                </Show>
            </Show>
            <Show when=begins>
                <Notice tone=Tone::Attention title="From then on nobody signs in with a password, you included, and whoever did is signed out.">
                    <p>"Make sure that the provider knows you by the address or custom ID that your account has here. If nobody gets in, whoever runs Rollbook can let passwords in again."</p>
                </Notice>
            </Show>
        </section>
    }
}
