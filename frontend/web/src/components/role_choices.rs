//! Choosing roles.

use std::collections::BTreeSet;

use leptos::prelude::*;
use roster::{Role, RoleId};

/// Offers every role with a tick for those that are given.
///
/// `is_fixed` says which stay as they are.
#[component]
pub fn RoleChoices(
    roles: Vec<Role>,
    given: RwSignal<BTreeSet<RoleId>>,
    is_fixed: impl Fn(&RoleId) -> bool,
) -> impl IntoView {
    let choice = |Role { id, name, .. }: Role| {
        let (fixed, gives) = (is_fixed(&id), id.clone());
        let set = move |on: bool| {
            given.update(|given| {
                if on {
                    given.insert(gives.clone())
                } else {
                    given.remove(&gives)
                };
            });
        };
        view! {
            <label class="radio">
                <input
                    type="checkbox"
                    disabled=fixed
                    prop:checked=move || given.with(|given| given.contains(&id))
                    on:change:target=move |e| set(e.target().checked())
                />
                <span>{name}</span>
            </label>
        }
    };
    view! { <div class="radios">{roles.into_iter().map(choice).collect_view()}</div> }
}
