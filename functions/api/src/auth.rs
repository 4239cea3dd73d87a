//! Who asks, and what they may do.
//!
//! [`guard`] lets a request through whose [`caller`] has the [`access`] that its route asks for. [`authority`] answers
//! whether the caller may act on a certain user, school, upload or plan.

pub mod access;
pub mod address;
pub mod api_key;
pub mod authority;
pub mod caller;
pub mod cookies;
pub mod device;
pub mod guard;
pub mod oidc;
pub mod password_policy;
pub mod session;
