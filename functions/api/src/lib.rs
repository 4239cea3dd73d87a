//! What the browser talks to: HTTP on Lambda.
//!
//! Whether somebody may do something is decided in three places, which stand in the order in which a request passes
//! them:
//!
//! | question | place |
//! | --- | --- |
//! | Which permission does a route need? | [`routes::ROUTES`] |
//! | Who asks, and have they that permission? | `auth/guard.rs`, which asks `auth/access.rs` |
//! | May this person act on that user, school, upload or plan? | `auth/authority.rs` |
//!
//! The files stand in rooms, and none uses one of a room above its own; `tests/tests/architecture.rs` holds that:
//!
//! | room | what it is |
//! | --- | --- |
//! | [`routes`] | the table of all routes, and the router that is made of it |
//! | `handlers` | what is done for a request: one file for each resource, and none uses another |
//! | `resources` | what more than one handler needs |
//! | `auth` | who asks, and what they may do |
//! | `extract`, `random` | reading requests, and random bytes |
//! | [`error`] | a [`Failure`] for every reason not to do what was asked, with its texts |
//! | [`app`] | what all of them work with |

#![warn(clippy::missing_errors_doc)]

pub mod app;
mod auth;
pub mod error;
mod extract;
mod handlers;
mod random;
mod resources;
pub mod routes;

pub use app::{App, Clock};
pub use auth::access::Access;
pub use error::{Failure, Thing};
pub use routes::router;

/// Serves requests until Lambda ends the process.
///
/// # Errors
///
/// Where the environment does not name the table and the bucket, or the Lambda runtime fails.
pub async fn run() -> Result<(), lambda_http::Error> {
    lambda_http::tracing::init_default_subscriber();
    lambda_http::run(router(App::from_env().await?)).await
}
