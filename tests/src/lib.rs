//! What the tests share: the example organisation, and how it was made from a public sample.

pub mod sds;
