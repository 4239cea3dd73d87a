//! The API as its callers meet it, on a real table and a real bucket.

mod decisions;
mod passwords;
mod plans;
mod provider;
mod schools;
mod scope;
mod sessions;
mod settings;
mod sign_on;
mod system;
mod uploads;
mod users;
mod walk;
