//! What the tests share: the cases, and the example organisation.

pub mod case;
pub mod imports;
pub mod outcome;
pub mod sds;
pub mod town;
pub mod world;
