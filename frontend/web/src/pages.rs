//! One file for each page.

pub mod api_keys;
pub mod audit;
mod by_hand;
pub mod class;
pub mod classes;
pub mod passwords;
pub mod person;
pub mod profile;
pub mod roles;
pub mod schools;
pub mod set_password;
pub mod settings;
pub mod sign_in;
pub mod slips;
pub mod upload;
pub mod upload_detail;
pub mod uploads;
pub mod user;
pub mod users;
pub mod webhooks;
