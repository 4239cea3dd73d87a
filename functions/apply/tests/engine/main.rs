//! The two functions against a real table and bucket, from a roster in the inbox to accounts.

mod broken_off;
mod flow;
mod line;
mod organisation;
mod power;
#[path = "../../../cloud/tests/support/mod.rs"]
mod servers;
