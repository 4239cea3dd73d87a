//! Signing in and out, and what nobody may do who hasn't.

use api::Access;
use api::routes::ROUTES;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::town::{PASSWORD, Town};
use wire::http::{Me, Problem};

#[tokio::test]
async fn an_administrator_signs_in_and_out() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let me: Me = head.get("session").await;
    assert_eq!((me.username.as_str(), me.school), ("head", None));

    let visitor = town.visitor();
    let wrong = visitor.try_sign_in("head", "wrong").await;
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(wrong.json::<Problem>().await.unwrap().code, "wrong_sign_in");
    let right = visitor.try_sign_in("HEAD", PASSWORD).await;
    let cookie = right.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");

    let out = head.send(Method::DELETE, "session", &Value::Null).await;
    assert_eq!(out.status(), StatusCode::NO_CONTENT);
    assert_eq!(head.request(Method::GET, "session").send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let still: Me = visitor.get("session").await;
    assert_eq!(still.username, "head", "the other session goes on");
}

#[tokio::test]
async fn five_failures_slow_the_account_down_and_no_other() {
    let town = Town::build().await;
    town.administrator("head", "10000").await;
    town.administrator("deputy", "10000").await;
    let visitor = town.visitor();
    for _ in 0..5 {
        assert_eq!(visitor.try_sign_in("head", "wrong").await.status(), StatusCode::UNAUTHORIZED);
    }
    let slowed = visitor.try_sign_in("head", PASSWORD).await;
    assert_eq!(slowed.status(), StatusCode::TOO_MANY_REQUESTS, "even with the right password");
    assert!(slowed.headers().contains_key("retry-after"));
    for _ in 0..5 {
        visitor.try_sign_in("nobody", "wrong").await;
    }
    let nobody = visitor.try_sign_in("nobody", "wrong").await;
    assert_eq!(nobody.status(), StatusCode::TOO_MANY_REQUESTS, "so nobody learns which names exist");
    town.sign_in("deputy", PASSWORD).await;
}

#[tokio::test]
async fn whoever_has_an_active_account_signs_in() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let headers = format!("{},password,username", super::HEADERS);
    let rows = [
        "Ada,One,,one@town.example,A1,10000,Administrator,,,Active,violet tractor 9,one",
        "Tom,Two,,two@town.example,A2,10001,Teacher,,,Active,violet tractor 9,two",
        "Ann,Three,,three@town.example,A3,10000,Administrator,,,Disabled,violet tractor 9,three",
    ];
    let roster = [&[headers.as_str()][..], &rows].concat().join("\n");
    town.sync(&head, roster::Mode::Partial, roster).await;
    let one = town.sign_in("one", "violet tractor 9").await;
    assert_eq!(town.visitor().try_sign_in("three", "violet tractor 9").await.status(), StatusCode::UNAUTHORIZED);
    let two = town.sign_in("two", "violet tractor 9").await;
    let me: Me = two.get("session").await;
    assert_eq!(
        me.permissions,
        [roster::Permission::SeeOwnClasses].into(),
        "a teacher has the own profile and the own classes"
    );
    let disabled = super::roster(&["Ada,One,,one@town.example,A1,10000,Administrator,,,Disabled"]);
    town.sync(&head, roster::Mode::Partial, disabled).await;
    let after = one.request(Method::GET, "session").send().await.unwrap();
    assert_eq!(after.status(), StatusCode::UNAUTHORIZED, "a session ends with its administrator");
}

#[tokio::test]
async fn no_route_but_signing_in_answers_without_a_session() {
    let town = Town::build().await;
    let visitor = town.visitor();
    let id = "00000000-0000-4000-8000-000000000000";
    let mut walked = 0;
    for route in ROUTES {
        let path = route.path.strip_prefix("/api/").expect("all routes are below /api");
        let path = path.replace("{id}", id).replace("{guid}", id).replace("{kind}", "errors");
        let method: Method = route.method.as_str().parse().unwrap();
        let answer = visitor.send(method, &path, &json!({})).await;
        let (status, cookie) = (answer.status(), answer.headers().get("set-cookie").cloned());
        match route.access {
            Access::Anybody if route.path == "/api/session" => assert_eq!(status, StatusCode::BAD_REQUEST),
            Access::Anybody => assert!(route.path.starts_with("/api/sign-on"), "{}", route.path),
            _ => assert_eq!(status, StatusCode::UNAUTHORIZED, "{} {}", route.method, route.path),
        }
        let session = cookie.is_some_and(|cookie| cookie.to_str().unwrap().contains("rollbook_session="));
        assert!(!session, "{} {} opens a session", route.method, route.path);
        walked += 1;
    }
    assert!(walked >= 20);
    let unknown = visitor.request(Method::GET, "secrets").send().await.unwrap();
    assert_eq!(unknown.status(), StatusCode::UNAUTHORIZED, "not even what is not there");
}

#[tokio::test]
async fn another_sites_form_changes_nothing() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let body = r#"{"name":"Evil","external_id":"666"}"#.into();
    let plain = head.sealed(Method::POST, "schools", body).header("content-type", "text/plain");
    let answer = plain.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(town.schools().await.by_external_id("666").is_none());
}
