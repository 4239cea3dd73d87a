//! The page of Rollbook: client-side rendered, static files.
//!
//! The same module is loaded twice. In a window it mounts the page; in a worker, where there is no window, it only
//! offers [`check`], so that checking a large roster never freezes the page.

mod api;
mod app;
mod browser;
mod check;
mod components;
mod findings_csv;
mod format;
mod pages;
mod query;
mod session;
mod tasks;
mod words;

fn main() {
    console_error_panic_hook::set_once();
    if leptos::web_sys::window().is_some() {
        check::page::offer_to_scripts();
        leptos::mount::mount_to_body(app::App);
    }
}
