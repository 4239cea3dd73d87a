//! What the tests share: the cases, and the example organisation.

#![warn(clippy::missing_errors_doc)]

pub mod case;
pub mod deployed;
pub mod front;
pub mod imports;
pub mod outcome;
mod quiet;
pub mod sds;
pub mod tested_system;
pub mod town;
pub mod world;
