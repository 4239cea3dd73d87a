//! What is done for each request: one file for each resource. No handler uses another one; what several of them need
//! stands in `resources`.

pub mod audit;
pub mod classes;
pub mod decisions;
pub mod downloads;
pub mod everything;
pub mod feeds;
pub mod keys;
pub mod last_file;
pub mod passwords;
pub mod plans;
pub mod resets;
pub mod roles;
pub mod schools;
pub mod session;
pub mod settings;
pub mod sign_on;
pub mod uploads;
pub mod users;
pub mod waiting;
pub mod watching;
