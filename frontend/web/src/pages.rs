//! One file for each page.

pub mod audit;
pub mod roles;
pub mod schools;
pub mod settings;
pub mod sign_in;
pub mod upload;
pub mod upload_detail;
pub mod uploads;
pub mod user;
pub mod users;
