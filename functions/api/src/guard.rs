//! The layer that every request passes: who asks, may they, and can another site's page have sent it.

use std::collections::BTreeSet;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use roster::role::Power;
use roster::{Grade, Guid, Permission, SchoolId, Scope, UserType};
use tracing::Instrument;
use wire::http::Me;
use wire::upload::Decider;

use crate::routes::{Access, access};
use crate::{App, Failure, session};

/// The one who is signed in. A handler that takes it can't be reached without a session.
#[derive(Debug, Clone)]
pub struct Caller {
    pub guid: Guid,
    pub username: String,
    pub first_name: String,
    pub last_name: String,
    pub user_type: UserType,
    pub grade: Grade,
    /// `None` for users of the district office, whose permissions are for the whole organisation.
    pub school: Option<SchoolId>,
    /// Of all their roles.
    pub permissions: BTreeSet<Permission>,
    /// They signed in with a temporary password, and may do nothing before they have set one of their own.
    pub must_set_password: bool,
}

/// Lets a request through that may be made. The span gives every line of the log its request and who asks; addresses hold ids
/// only, and the query, which may hold a name, is left out.
pub async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let span = tracing::info_span!(
        "request",
        method = %request.method(),
        path = request.uri().path(),
        by = tracing::field::Empty,
    );
    let mut response = async { pass(app, request, next).await.into_response() }.instrument(span).await;
    // Whoever uses the browser after somebody finds nothing of theirs in it.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Hands a request that may be made on, with its [`Caller`].
async fn pass(app: App, mut request: Request, next: Next) -> Result<Response, Failure> {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let access = access(request.method(), path.as_deref());
    if access != Access::Anybody {
        let caller = session::caller(&app, request.headers()).await?;
        tracing::Span::current().record("by", tracing::field::display(caller.guid));
        caller.check(access)?;
        request.extensions_mut().insert(caller);
    }
    if changes_something(request.method()) && !is_json(request.headers()) {
        return Err(Failure::NotJson);
    }
    Ok(next.run(request).await)
}

impl Caller {
    /// Whether they may make such a request at all. What they may see of it is up to the handlers.
    fn check(&self, access: Access) -> Result<(), Failure> {
        let (needed, for_all) = match access {
            Access::Anybody | Access::SignedIn => return Ok(()),
            Access::May(permission) => (vec![permission], false),
            Access::MayForAll(permission) => (vec![permission], true),
            Access::MayBothForAll(one, other) => (vec![one, other], true),
        };
        if self.must_set_password {
            return Err(Failure::PasswordNotSet);
        }
        if let Some(lacking) = needed.into_iter().find(|needed| !self.may(*needed)) {
            return Err(Failure::NotAllowed(lacking));
        }
        if for_all && self.school.is_some() { Err(Failure::DistrictOnly) } else { Ok(()) }
    }

    /// Whether one of their roles has the permission.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// What they may do, and where.
    pub fn power(&self) -> Power {
        Power { permissions: self.permissions.clone(), school: self.school.clone() }
    }

    /// Whose users their uploads may touch.
    pub fn scope(&self) -> Scope {
        match &self.school {
            None => Scope::Organisation,
            Some(school) => Scope::School(school.clone()),
        }
    }

    /// Whether they may see what is of this scope.
    pub fn may_see(&self, scope: &Scope) -> bool {
        self.school.is_none() || self.scope() == *scope
    }

    /// Whether they may see the users of a school.
    pub fn may_see_school(&self, school: &SchoolId) -> bool {
        self.school.as_ref().is_none_or(|own| own == school)
    }

    /// As the page shows them.
    pub fn me(&self) -> Me {
        Me {
            guid: self.guid,
            username: self.username.clone(),
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            user_type: self.user_type,
            grade: self.grade,
            school: self.school.clone(),
            permissions: self.permissions.clone(),
            must_set_password: self.must_set_password,
        }
    }

    /// As decisions name them.
    pub fn as_decider(&self) -> Decider {
        Decider { guid: self.guid, username: self.username.clone() }
    }
}

fn changes_something(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}
