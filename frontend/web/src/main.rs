//! The page of Rollbook: client-side rendered, static files.
//!
//! What takes long is done by a worker, which loads a module of its own: the crate `worker`.

mod api;
mod app;
mod browser;
mod components;
mod digest;
mod downloading;
mod failure;
mod findings_csv;
mod format;
mod jobs;
mod pages;
mod query;
mod session;
mod tasks;
mod visits;
mod words;

fn main() {
    console_error_panic_hook::set_once();
    jobs::offer_to_scripts();
    leptos::mount::mount_to_body(app::App);
}
