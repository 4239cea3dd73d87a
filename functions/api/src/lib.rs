//! What the browser and the sync client talk to: HTTP on Lambda.
//!
//! [`routes::ROUTES`] lists everything that can be asked. Every request passes [`guard`], which lets nothing through
//! without a session but signing in. What a person did wrong is a [`Failure`] with its own texts.

mod address;
mod audit;
mod decisions;
mod device;
mod downloads;
mod extract;
mod failure;
mod guard;
mod passwords;
mod plans;
mod resets;
mod roles;
pub mod routes;
mod schools;
mod session;
mod settings;
pub mod sign_on;
mod uploads;
mod users;

use std::sync::Arc;

use cloud::Cloud;
use cloud::audit::Author;
use guard::Caller;

pub use failure::{Failure, Thing};
pub use routes::router;

/// What the handlers work with.
#[derive(Clone)]
pub struct App {
    pub cloud: Cloud,
    /// Whether the session cookie is sent over HTTPS only.
    pub secure_cookie: bool,
    pub clock: Clock,
    pub sign_on: sign_on::Environment,
}

/// Tells the time in milliseconds since 1970.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

impl App {
    /// As the environment says.
    pub async fn from_env() -> Result<App, cloud::Error> {
        let insecure = std::env::var("ROLLBOOK_INSECURE_COOKIE").is_ok_and(|value| value == "1");
        Ok(App {
            cloud: Cloud::from_env().await?,
            secure_cookie: !insecure,
            clock: Arc::new(runtime::now),
            sign_on: sign_on::Environment::from_env(),
        })
    }

    fn now(&self) -> u64 {
        (self.clock)()
    }

    /// The one who asks, for the audit log.
    fn author(&self, caller: &Caller) -> Author {
        Author { by: Some(caller.as_decider()), at: self.now() }
    }
}

/// Serves requests until Lambda ends the process.
pub async fn run() -> Result<(), lambda_http::Error> {
    lambda_http::tracing::init_default_subscriber();
    lambda_http::run(router(App::from_env().await?)).await
}
