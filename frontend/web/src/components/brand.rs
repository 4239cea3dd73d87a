//! The sign of Rollbook.

use leptos::prelude::*;

/// Draws the sign of Rollbook.
#[component]
pub fn BrandSign() -> impl IntoView {
    view! {
        <svg class="brand-sign" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <rect x="3" y="2" width="18" height="20" rx="3"></rect>
            <path d="M7.5 8l1.5 1.5L11.5 7M14 8.4h3.5M7.5 15l1.5 1.5 2.5-2.5M14 15.4h3.5"></path>
        </svg>
    }
}
