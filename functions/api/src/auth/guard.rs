//! The layer that every request passes: who asks, may they, and can another site's page have sent it.

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use crate::app::App;
use crate::auth::access::{Access, Callers};
use crate::auth::{api_key, session};
use crate::error::Failure;

/// Lets a request through that may be made; the router says with an extension whose requests those are.
///
/// The span gives every line of the log its request and who asks; addresses hold ids only, and the query, which may
/// hold a name, is left out.
pub async fn guard(
    State(app): State<App>,
    Extension(access): Extension<Access>,
    Extension(callers): Extension<Callers>,
    request: Request,
    next: Next,
) -> Response {
    let span = tracing::info_span!(
        "request",
        method = %request.method(),
        path = request.uri().path(),
        by = tracing::field::Empty,
        key = tracing::field::Empty,
    );
    let mut response =
        async { pass(app, (access, callers), request, next).await.into_response() }.instrument(span).await;
    // Whoever uses the browser after somebody finds nothing of theirs in it.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Hands a request that may be made on, with its [`Caller`](crate::auth::caller::Caller).
async fn pass(
    app: App,
    (access, callers): (Access, Callers),
    mut request: Request,
    next: Next,
) -> Result<Response, Failure> {
    if access != Access::Anybody {
        // Whoever sends a key is a program, whatever cookies it has.
        let caller = match api_key::presented(request.headers()) {
            Some(presented) => api_key::caller(&app, presented).await?,
            None => session::caller(&app, request.headers()).await?,
        };
        let span = tracing::Span::current();
        span.record("by", tracing::field::display(caller.guid));
        if let Some(acting) = &caller.key {
            span.record("key", tracing::field::display(&acting.key.id));
        }
        callers.check(&caller)?;
        access.check(&caller)?;
        request.extensions_mut().insert(caller);
    }
    if changes_something(request.method()) && !is_json(request.headers()) {
        return Err(Failure::NotJson);
    }
    Ok(next.run(request).await)
}

fn changes_something(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}
