//! What more than one handler needs: the things of the organisation as the caller may see them, and lists in pages.

pub mod classes;
pub mod classes_of_schools;
pub mod downloads;
pub mod everything;
pub mod page;
pub mod password_file;
pub mod resets;
pub mod schools;
pub mod sendings;
pub mod sources;
pub mod uploads;
pub mod users;
