//! Every route there is, as data: the router is built from it, and so is the test that walks all of them.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::{App, Failure, decisions, downloads, guard, plans, schools, session, settings, uploads, users};

/// One thing that can be asked of the API.
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
    handler: fn(MethodFilter) -> MethodRouter<App>,
}

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody: signing in, and nothing else.
    Anybody,
    /// Any administrator. What they see of it depends on their school.
    Administrator,
    /// District administrators only.
    District,
}

macro_rules! routes {
    ($($method:ident $path:literal $access:ident $handler:path;)+) => {
        &[$(Route {
            method: Method::$method,
            path: $path,
            access: Access::$access,
            handler: |method| on(method, $handler),
        }),+]
    };
}

/// All routes.
pub static ROUTES: &[Route] = routes! {
    POST   "/api/session"                       Anybody       session::sign_in;
    GET    "/api/session"                       Administrator session::me;
    DELETE "/api/session"                       Administrator session::sign_out;
    GET    "/api/settings"                      Administrator settings::read;
    PUT    "/api/settings"                      District      settings::write;
    POST   "/api/settings/usernames/examples"   Administrator settings::username_examples;
    GET    "/api/schools"                       Administrator schools::list;
    POST   "/api/schools"                       District      schools::create;
    PUT    "/api/schools/{id}"                  District      schools::edit;
    GET    "/api/users"                         Administrator users::list;
    POST   "/api/users/download"                Administrator downloads::users;
    GET    "/api/users/{guid}"                  Administrator users::detail;
    PUT    "/api/users/{guid}/custom-id"        Administrator users::set_custom_id;
    POST   "/api/users/{guid}/recover"          Administrator users::recover;
    GET    "/api/uploads"                       Administrator uploads::list;
    POST   "/api/uploads"                       Administrator uploads::create;
    GET    "/api/uploads/{id}"                  Administrator uploads::detail;
    GET    "/api/uploads/{id}/changes"          Administrator plans::changes;
    GET    "/api/uploads/{id}/findings"         Administrator plans::findings;
    POST   "/api/uploads/{id}/approve"          Administrator decisions::approve;
    POST   "/api/uploads/{id}/reject"           Administrator decisions::reject;
    GET    "/api/uploads/{id}/files/{kind}"     Administrator downloads::file;
};

/// The longest body of a request; settings are the largest thing that is sent.
const BODY_BYTES: usize = 64 * 1024;

/// The API as a service. Nothing is reached without passing the guard, also no address that doesn't exist.
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        let method = MethodFilter::try_from(route.method.clone()).expect("the table holds plain methods only");
        router = router.route(route.path, (route.handler)(method));
    }
    router
        .fallback(async || Failure::NoSuchAddress)
        .method_not_allowed_fallback(async || Failure::NoSuchMethod)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn_with_state(app.clone(), guard::guard))
        .with_state(app)
}

/// Who may make this request. What isn't in the table is for signed-in administrators to hear that it isn't there.
pub(crate) fn access(method: &Method, path: Option<&str>) -> Access {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    let route = ROUTES.iter().find(|r| r.method == *method && Some(r.path) == path);
    route.map_or(Access::Administrator, |r| r.access)
}
