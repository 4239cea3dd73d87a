//! Every route there is, as data: the router is built from it, and so is the test that walks all of them.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use roster::Permission;

use crate::{
    App, Failure, audit, decisions, downloads, guard, passwords, plans, resets, roles, schools, session, settings,
    sign_on, uploads, users,
};

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
    /// Everybody who is signed in, also before they have set a password of their own.
    SignedIn,
    /// Whoever has a role with the permission. What they see of it depends on their school.
    May(Permission),
    /// The same, but it is about the whole organisation, so only users of the district office.
    MayForAll(Permission),
    /// The same with two permissions.
    MayBothForAll(Permission, Permission),
}

macro_rules! routes {
    ($($method:ident $path:literal $access:ident $(($($permission:ident),+))? $handler:path;)+) => {
        &[$(Route {
            method: Method::$method,
            path: $path,
            access: Access::$access $(($(Permission::$permission),+))?,
            handler: |method| on(method, $handler),
        }),+]
    };
}

/// All routes.
pub static ROUTES: &[Route] = routes! {
    POST   "/api/session"                       Anybody                   session::sign_in;
    GET    "/api/session"                       SignedIn                  session::me;
    DELETE "/api/session"                       SignedIn                  session::sign_out;
    PUT    "/api/session/password"              SignedIn                  passwords::set_own;
    GET    "/api/sign-on"                       Anybody                   sign_on::state;
    GET    "/api/sign-on/start"                 Anybody                   sign_on::start;
    GET    "/api/sign-on/callback"              Anybody                   sign_on::callback;
    GET    "/api/settings"                      May(SeeSettings)          settings::read;
    PUT    "/api/settings"                      MayForAll(ChangeSettings) settings::write;
    PUT    "/api/settings/default-password"     MayBothForAll(ChangeSettings, ManageRoles) passwords::set_default;
    POST   "/api/settings/usernames/examples"   May(SeeUsers)             settings::username_examples;
    GET    "/api/roles"                         May(SeeSettings)          roles::read;
    PUT    "/api/roles"                         MayForAll(ManageRoles)    roles::write;
    GET    "/api/schools"                       SignedIn                  schools::list;
    POST   "/api/schools"                       MayForAll(ManageSchools)  schools::create;
    PUT    "/api/schools/{id}"                  MayForAll(ManageSchools)  schools::edit;
    GET    "/api/users"                         May(SeeUsers)             users::list;
    POST   "/api/users/download"                May(SeeUsers)             downloads::users;
    GET    "/api/users/{guid}"                  May(SeeUsers)             users::detail;
    PUT    "/api/users/{guid}/custom-id"        May(ChangeUsers)          users::set_custom_id;
    PUT    "/api/users/{guid}/roles"            MayForAll(ManageRoles)    users::set_roles;
    POST   "/api/users/{guid}/recover"          May(ChangeUsers)          users::recover;
    POST   "/api/users/{guid}/reset-password"   May(SeePasswords)         resets::of_user;
    POST   "/api/passwords/resets"              May(SeePasswords)         resets::of_class;
    GET    "/api/passwords/resets"              May(SeePasswords)         resets::list;
    GET    "/api/passwords/resets/{id}/file"    May(SeePasswords)         resets::file;
    GET    "/api/uploads"                       May(SeeUploads)           uploads::list;
    POST   "/api/uploads"                       May(Upload)               uploads::create;
    GET    "/api/uploads/{id}"                  May(SeeUploads)           uploads::detail;
    GET    "/api/uploads/{id}/changes"          May(SeeUploads)           plans::changes;
    GET    "/api/uploads/{id}/findings"         May(SeeUploads)           plans::findings;
    POST   "/api/uploads/{id}/approve"          May(Approve)              decisions::approve;
    POST   "/api/uploads/{id}/reject"           May(Approve)              decisions::reject;
    GET    "/api/uploads/{id}/files/{kind}"     May(SeeUploads)           downloads::file;
    GET    "/api/audit"                         May(ReadAudit)            audit::list;
    POST   "/api/audit/download"                May(ReadAudit)            audit::download;
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

/// Who may make this request. What isn't in the table is for whoever is signed in to hear that it isn't there.
pub(crate) fn access(method: &Method, path: Option<&str>) -> Access {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    let route = ROUTES.iter().find(|r| r.method == *method && Some(r.path) == path);
    route.map_or(Access::SignedIn, |r| r.access)
}
