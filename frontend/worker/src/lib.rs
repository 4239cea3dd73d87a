//! What the page has done off its thread, as a WebAssembly module of its own.
//!
//! The page links the types of this crate, and a worker of the page the code: so nobody waits for the tables of
//! encodings, letters and passwords who only signs in, and a large roster never freezes the page.

mod check;
mod look;
mod propose;
mod template;

pub use check::{CheckReport, Request, check, too_large};
pub use look::{LookReport, LookRequest, SeenValues, look};
pub use propose::{ProposalReport, ProposalRequest, propose_mapping};
pub use template::{Blank, template};
