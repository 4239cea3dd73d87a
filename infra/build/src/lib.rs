//! What the programs of `infra` share: running cargo, what the machine needs beyond it, and building the page.

pub mod cargo;
pub mod page;
pub mod problem;
pub mod python;
pub mod setup;
pub mod stage;
