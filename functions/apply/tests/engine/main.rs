//! The two functions against a real table and bucket, from a roster in the inbox to accounts.

mod administrators;
mod altered;
mod broken_off;
mod checked_before;
mod flow;
mod kept;
mod line;
mod marks;
mod organisation;
mod overtaken;
mod pauses;
mod power;
mod reads;
mod refused;
mod rekey;
#[path = "../../../cloud/tests/support/mod.rs"]
mod servers;
mod set_folders;
mod side_by_side;
mod stored;
