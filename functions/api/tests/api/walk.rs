//! Every route there is, walked without a session, with a wrong one, and without the mark that makes it ours.

use api::Access;
use api::routes::{ROUTES, Route};
use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::json;

use crate::system::{System, request};

/// Returns an address of the route.
fn address(route: &Route) -> String {
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    route.path.replace("{id}", id).replace("{guid}", id).replace("{kind}", "plan")
}

fn guarded() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().filter(|route| route.access != Access::Anybody)
}

#[tokio::test]
async fn no_route_but_signing_in_answers_without_a_session() {
    let system = System::start().await;
    let wrong = [
        None,
        Some("__Host-rollbook_session="),
        Some("__Host-rollbook_session=AAAA"),
        Some("other=1; __Host-rollbook_session=x"),
    ];
    for route in guarded() {
        for cookie in wrong {
            let answer = system.send(request(route.method.clone(), &address(route), cookie, Some(json!({})))).await;
            assert_eq!(answer.said(), (401, "not_signed_in"), "{} {} {cookie:?}", route.method, route.path);
        }
    }
    let open: Vec<_> = ROUTES.iter().filter(|route| route.access == Access::Anybody).map(|r| r.path).collect();
    assert_eq!(open, ["/api/session", "/api/sign-on", "/api/sign-on/start", "/api/sign-on/callback"]);
}

#[tokio::test]
async fn nobody_learns_without_a_session_which_addresses_exist() {
    let system = System::start().await;
    for (method, path) in [(Method::GET, "/api/nothing"), (Method::GET, "/"), (Method::PATCH, "/api/settings")] {
        let answer = system.send(request(method.clone(), path, None, Some(json!({})))).await;
        assert_eq!(answer.said(), (401, "not_signed_in"), "{method} {path}");
    }
    let dora = system.dora().await;
    assert_eq!(dora.get("/api/nothing").await.said(), (404, "no_such_address"));
    assert_eq!(dora.get("/api/users/not-a-guid").await.said(), (404, "no_such_address"));
    assert_eq!(dora.ask(Method::PATCH, "/api/settings", json!({})).await.said(), (405, "no_such_method"));
}

#[tokio::test]
async fn what_changes_something_must_be_marked_as_json() {
    let system = System::start().await;
    let dora = system.dora().await;
    let types = [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("multipart/form-data")];
    for route in ROUTES.iter().filter(|route| route.method != Method::GET) {
        for content_type in types {
            let mut request = Request::builder().method(route.method.clone()).uri(address(route));
            request = request.header(header::COOKIE, &dora.cookie);
            if let Some(content_type) = content_type {
                request = request.header(header::CONTENT_TYPE, content_type);
            }
            let answer = system.send(request.body(Body::from("{}")).unwrap()).await;
            assert_eq!(answer.said(), (415, "not_json"), "{} {} {content_type:?}", route.method, route.path);
        }
    }
}

#[tokio::test]
async fn an_unreadable_request_is_told_so() {
    let system = System::start().await;
    let dora = system.dora().await;
    assert_eq!(dora.post("/api/schools", json!({ "name": 1 })).await.said(), (400, "unreadable"));
    assert_eq!(dora.post("/api/schools", json!({ "name": "x".repeat(100_000) })).await.said(), (413, "too_long"));
    for path in ["/api/users?cursor=x", "/api/uploads?cursor=x"] {
        assert_eq!(dora.get(path).await.said(), (400, "cursor_unknown"), "{path}");
    }
}

#[test]
fn the_documentation_lists_exactly_these_routes() {
    let documentation = include_str!("../../../wire/src/http.rs");
    let documented: Vec<&str> =
        documentation.lines().filter_map(|line| line.strip_prefix("//! | `")?.split_once('`')).map(|r| r.0).collect();
    let served: Vec<String> = ROUTES.iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    assert_eq!(documented, served);
}
