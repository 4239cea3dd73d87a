//! The step in which somebody says from which columns of a file ours are read.

mod choices;
mod columns;
mod doubt;
mod edit;
pub(super) mod save;
pub(super) mod state;
pub(super) mod step;
mod values;
