//! The whole system, over HTTP and through the bucket: a real S3 and DynamoDB, and the functions as processes.
//!
//! Every test has a system of its own.

mod administrators;
mod applying;
mod busy_table;
mod by_hand;
mod classes;
mod feeds;
mod formats;
mod inbox;
mod main_job;
mod nights;
mod secrets;
mod sessions;
mod watching;
mod workbooks;

/// The headers of a roster.
const HEADERS: &str =
    "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,position,grade,status";

/// A roster of rows without the headers.
fn roster(rows: &[&str]) -> String {
    [&[HEADERS], rows].concat().join("\r\n") + "\r\n"
}

/// A student's row.
fn student(custom_id: &str, school: &str, grade: &str) -> String {
    format!("Nia,Student{custom_id},,,{custom_id},{school},Student,,{grade},Active")
}

/// A teacher's row.
fn teacher(custom_id: &str) -> String {
    format!("Tom,Teacher{custom_id},,{custom_id}@contoso.example,{custom_id},10001,Teacher,,,Active")
}

/// Rows of many students, the number of the row being the end of the ID.
fn students(count: usize, school: &str, grade: &str) -> String {
    let rows: Vec<String> = (0..count).map(|i| student(&format!("S{i:05}"), school, grade)).collect();
    roster(&rows.iter().map(String::as_str).collect::<Vec<_>>())
}
