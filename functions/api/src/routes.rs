//! Every route there is, as data: the router is built from it, and so is the test that walks all of them.

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::Method;
use axum::middleware::{from_fn_with_state, map_request};
use axum::routing::{MethodFilter, MethodRouter, on};
use roster::Permission;

use crate::app::App;
use crate::auth::access::{Access, Callers};
use crate::auth::guard::guard;
use crate::error::Failure;
use crate::handlers::{
    audit, classes, decisions, downloads, everything, feeds, keys, last_file, passwords, plans, resets, roles, schools,
    session, settings, sign_on, uploads, users, waiting, watching,
};

/// One thing that can be asked of the API.
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    /// Who may ask.
    pub access: Access,
    /// Whether it is for people, for programs, or for both.
    pub callers: Callers,
    handler: fn(MethodFilter) -> MethodRouter<App>,
}

macro_rules! routes {
    ($(
        $method:ident $path:literal $access:ident $(($($permission:ident),+))? $([$callers:ident])? $handler:path;
    )+) => {
        &[$(Route {
            method: Method::$method,
            path: $path,
            access: Access::$access $(($(Permission::$permission),+))?,
            callers: first(&[$(Callers::$callers,)? Callers::People]),
            handler: |method| on(method, $handler),
        }),+]
    };
}

/// Returns what a line of the table says, or else what holds where it says nothing.
const fn first(said: &[Callers]) -> Callers {
    said[0]
}

/// All routes.
///
/// A key opens only those that say so.
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
    GET    "/api/schools/{id}/classes"          May(SeeUsers)             classes::of_school;
    GET    "/api/classes/{guid}"                MayEither(SeeUsers, SeeOwnClasses) classes::detail;
    POST   "/api/classes/{guid}/archive"        May(ChangeUsers)          classes::archive;
    POST   "/api/classes/{guid}/restore"        May(ChangeUsers)          classes::restore;
    GET    "/api/my/classes"                    May(SeeOwnClasses)        classes::own;
    GET    "/api/users"                         May(SeeUsers)             users::list;
    POST   "/api/users/download"                May(SeeUsers)             downloads::users;
    POST   "/api/users/feed"                    May(SeeUsers)             feeds::download;
    GET    "/api/users/{guid}"                  May(SeeUsers)             users::detail;
    GET    "/api/users/{guid}/waiting"          May(SeeUsers)             waiting::changes;
    GET    "/api/users/{guid}/last-file"        May(SeeUsers)             last_file::outlook;
    GET    "/api/users/{guid}/classes"          May(SeeUsers)             classes::of_user;
    PUT    "/api/users/{guid}/custom-id"        May(ChangeUsers)          users::set_custom_id;
    PUT    "/api/users/{guid}/roles"            MayForAll(ManageRoles)    users::set_roles;
    POST   "/api/users/{guid}/recover"          May(ChangeUsers)          users::recover;
    POST   "/api/users/{guid}/everything"       MayForAll(ManageRoles)    everything::download;
    POST   "/api/users/{guid}/reset-password"   May(SeePasswords)         resets::of_user;
    POST   "/api/passwords/resets"              MayEither(SeePasswords, ResetOwnClasses) resets::of_many;
    GET    "/api/passwords/resets"              MayEither(SeePasswords, ResetOwnClasses) resets::list;
    GET    "/api/passwords/resets/{id}/file"    MayEither(SeePasswords, ResetOwnClasses) resets::file;
    GET    "/api/uploads"                       May(SeeUploads) [PeopleAndKeys] uploads::list;
    POST   "/api/uploads"                       May(Upload) [PeopleAndKeys] uploads::create;
    GET    "/api/uploads/waiting"               May(SeeUploads)           uploads::waiting;
    GET    "/api/uploads/{id}"                  May(SeeUploads) [PeopleAndKeys] uploads::detail;
    GET    "/api/uploads/{id}/changes"          May(SeeUploads) [PeopleAndKeys] plans::changes;
    GET    "/api/uploads/{id}/plan/classes"     May(SeeUploads) [PeopleAndKeys] plans::class_changes;
    GET    "/api/uploads/{id}/findings"         May(SeeUploads) [PeopleAndKeys] plans::findings;
    POST   "/api/uploads/{id}/approve"          May(Approve) [PeopleAndKeys] decisions::approve;
    POST   "/api/uploads/{id}/reject"           May(Approve) [PeopleAndKeys] decisions::reject;
    POST   "/api/uploads/{id}/check"            May(Upload)               watching::check_now;
    GET    "/api/uploads/{id}/files/{kind}"     May(SeeUploads) [PeopleAndKeys] downloads::file;
    GET    "/api/keys"                          May(SeeSettings)          keys::list;
    POST   "/api/keys"                          May(Upload)               keys::make;
    POST   "/api/keys/{id}/end"                 May(Upload)               keys::end;
    GET    "/api/key"                           SignedIn [Keys]           keys::own;
    GET    "/api/watching"                      May(SeeUploads)           watching::state;
    GET    "/api/session/notices"               May(SeeUploads)           watching::own;
    PUT    "/api/session/notices"               May(SeeUploads)           watching::choose;
    GET    "/api/webhooks"                      MayForAll(SeeSettings)    watching::list;
    POST   "/api/webhooks"                      MayForAll(ChangeSettings) watching::make;
    POST   "/api/webhooks/{id}/test"            MayForAll(ChangeSettings) watching::test;
    POST   "/api/webhooks/{id}/remove"          MayForAll(ChangeSettings) watching::remove;
    GET    "/api/audit"                         May(ReadAudit)            audit::list;
    POST   "/api/audit/download"                May(ReadAudit)            audit::download;
};

/// The longest body of a request; settings are the largest thing that is sent.
const BODY_BYTES: usize = 64 * 1024;

/// Returns the API as a service.
///
/// Nothing is reached without passing the guard, also no address that doesn't exist.
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
        .layer(from_fn_with_state(app.clone(), guard))
        .layer(map_request(with_access))
        .with_state(app)
}

/// Gives a request the [`Access`] and the [`Callers`] of its route, which the guard asks for.
async fn with_access(mut request: Request) -> Request {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let route = route_of(request.method(), path);
    // What isn't in the table is for whoever is signed in to hear that it isn't there.
    let access = route.map_or(Access::SignedIn, |route| route.access);
    let callers = route.map_or(Callers::PeopleAndKeys, |route| route.callers);
    request.extensions_mut().insert(access);
    request.extensions_mut().insert(callers);
    request
}

fn route_of(method: &Method, path: Option<&str>) -> Option<&'static Route> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    ROUTES.iter().find(|route| route.method == *method && Some(route.path) == path)
}
