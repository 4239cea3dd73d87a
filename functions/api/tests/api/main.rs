//! The API as its callers meet it, on a real table and a real bucket.

mod audit;
mod by_hand;
mod classes;
mod decisions;
mod everything;
mod keys;
mod last_file;
mod passwords;
mod plans;
mod provider;
mod roles;
mod roles_by_route;
mod schools;
mod scope;
mod sessions;
mod settings;
mod sign_on;
mod system;
mod uploads;
mod users;
mod waiting;
mod walk;
mod watching;
