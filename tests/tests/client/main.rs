//! `rollbook`, the sync client, as a program of its own against a whole system.

mod forwarder;
mod kills;
mod machine;
mod plans;
mod sending;
