//! Single sign-on against a provider with real signatures.

use axum::http::{Method, header};
use roster::{Status, User, UserType};
use serde_json::{Value, json};

use crate::provider::{CLIENT, Provider};
use crate::system::{Answer, PASSWORD, System, credentials, request, student};

/// Switches single sign-on on, as a district administrator does.
async fn switch_on(system: &System, issuer: &str, matching: &str) -> Answer {
    let dora = system.dora().await;
    let sign_on = json!({
        "enabled": true, "issuer": issuer, "client_id": CLIENT, "matching": matching, "claim": "employee",
        "address": "https://rollbook.example/",
    });
    let settings = json!({ "version": 0, "settings": { "accounts": { "single_sign_on": sign_on } } });
    dora.put("/api/settings", settings).await
}

/// Goes from the page to the provider. Returns the cookie that goes along, and where the provider sends the browser.
async fn to_provider(system: &System) -> (String, String) {
    let mut asked = request(Method::GET, "/api/sign-on/start", None, None);
    asked.headers_mut().insert(header::HOST, "another.example".parse().unwrap());
    let begun = system.send(asked).await;
    assert_eq!(begun.status, 303, "{begun:?}");
    let set = begun.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(set.ends_with("; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=600"), "{set}");
    assert!(set.starts_with("__Host-rollbook_sign_on="), "{set}");
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let provider = client.get(begun.headers[header::LOCATION].to_str().unwrap()).send().await.unwrap();
    let back = provider.headers()["location"].to_str().unwrap().to_owned();
    (begun.cookie(), back.strip_prefix("https://rollbook.example").unwrap().to_owned())
}

async fn back(system: &System, cookie: Option<&str>, address: &str) -> Answer {
    let mut asked = request(Method::GET, address, cookie, None);
    asked.headers_mut().insert(header::HOST, "another.example".parse().unwrap());
    system.send(asked).await
}

/// Goes the whole way of a sign-on. Returns the session's cookie, or the word of the problem.
async fn sign_on(system: &System) -> Result<String, String> {
    let (cookie, address) = to_provider(system).await;
    told(&back(system, Some(&cookie), &address).await)
}

fn told(answer: &Answer) -> Result<String, String> {
    assert_eq!(answer.status, 303, "{answer:?}");
    let location = answer.headers[header::LOCATION].to_str().unwrap();
    match location.strip_prefix("/?sign-on=") {
        Some(problem) => Err(problem.to_owned()),
        None => {
            assert_eq!(location, "/");
            Ok(answer.cookie())
        }
    }
}

async fn name(system: &System, cookie: &str) -> Value {
    let me = system.send(request(Method::GET, "/api/session", Some(cookie), None)).await.ok();
    me["username"].clone()
}

#[tokio::test]
async fn whoever_the_provider_vouches_for_is_signed_in_by_address() {
    let (system, provider) = (System::start().await, Provider::start().await);
    let student = |email: &str, id| User { email: email.to_owned(), ..student("Kid", "K", id, &system.north.id) };
    let teacher = User { user_type: UserType::Teacher, ..student("tom@contoso.example", "T1") };
    let closed = User { status: Status::Disabled, ..student("closed@contoso.example", "C1") };
    let gone = User { deleted_at: Some(1), ..student("gone@contoso.example", "G1") };
    let family = ["F1", "F2"].map(|id| student("family@contoso.example", id));
    let alone = student("Kid@Contoso.example", "K1");
    let child_of_teacher = student("tom@contoso.example", "K2");
    let users = [teacher, closed, gone, alone, child_of_teacher].into_iter().chain(family).collect::<Vec<_>>();
    system.add(&users).await;
    switch_on(&system, &provider.issuer, "email").await.ok();
    let state = system.send(request(Method::GET, "/api/sign-on", None, None)).await.ok();
    assert_eq!(state, json!({ "enabled": true, "passwords": false }));

    let refused = |word: &str| Err(word.to_owned());
    for (claims, expected) in [
        (json!({ "email": "NORA@contoso.example", "email_verified": true }), Ok("nora")),
        (json!({ "email": "nora@contoso.example" , "given_name": "not vouched for" }), refused("unknown")),
        (json!({ "email": "kid@contoso.example", "email_verified": true }), Ok("K1")),
        (json!({ "email": "tom@contoso.example", "email_verified": true }), Ok("T1")),
        (json!({ "email": "nora@contoso.example", "email_verified": false }), refused("unknown")),
        (json!({ "email": "family@contoso.example", "email_verified": true }), refused("unknown")),
        (json!({ "email": "nobody@contoso.example", "email_verified": true }), refused("unknown")),
        (json!({ "email": "gone@contoso.example", "email_verified": true }), refused("unknown")),
        (json!({ "email": "closed@contoso.example", "email_verified": true }), refused("disabled")),
        (json!({}), refused("unknown")),
    ] {
        provider.says(claims.clone());
        match (sign_on(&system).await, expected) {
            (Ok(cookie), Ok(username)) => assert_eq!(name(&system, &cookie).await, username, "{claims}"),
            (told, expected) => assert_eq!(told, expected.map(str::to_owned), "{claims}"),
        }
    }
    assert!(
        system.cloud.account_get_by_username("nobody@contoso.example").await.unwrap().is_none(),
        "no account is made"
    );
}

#[tokio::test]
async fn whoever_the_provider_vouches_for_is_signed_in_by_custom_id() {
    let (system, provider) = (System::start().await, Provider::start().await);
    system.add(&[student("Kid", "K", "007", &system.north.id), student("Kid", "K", "7", &system.north.id)]).await;
    switch_on(&system, &provider.issuer, "custom_id").await.ok();
    for (employee, expected) in
        [(json!("007"), Ok("007")), (json!(7), Ok("7")), (json!("8"), Err("unknown".to_owned()))]
    {
        provider.says(json!({ "employee": employee, "email": "nora@contoso.example" }));
        match (sign_on(&system).await, expected) {
            (Ok(cookie), Ok(username)) => assert_eq!(name(&system, &cookie).await, username),
            (told, expected) => assert_eq!(told, expected.map(str::to_owned), "{employee}"),
        }
    }
}

#[tokio::test]
async fn passwords_open_nothing_while_it_is_on() {
    let (system, provider) = (System::start().await, Provider::start().await);
    switch_on(&system, &provider.issuer, "email").await.ok();
    let right = system.post("/api/session", credentials("Dora", PASSWORD)).await;
    let wrong = system.post("/api/session", credentials("Dora", "wrong")).await;
    assert_eq!((right.said(), wrong.said()), ((403, "single_sign_on"), (403, "single_sign_on")));
}

#[tokio::test]
async fn an_answer_that_can_not_be_trusted_signs_nobody_in() {
    let (system, provider) = (System::start().await, Provider::start().await);
    switch_on(&system, &provider.issuer, "email").await.ok();
    let nora = json!({ "email": "nora@contoso.example", "email_verified": true });
    let with = |name: &str, value: Value| {
        let mut claims = nora.clone();
        claims[name] = value;
        claims
    };
    for claims in [
        with("nonce", json!("another")),
        with("aud", json!("another")),
        with("iss", json!("http://127.0.0.1:1")),
        with("exp", json!(1)),
    ] {
        provider.says(claims.clone());
        assert_eq!(sign_on(&system).await, Err("provider".to_owned()), "{claims}");
    }

    provider.says(nora.clone());
    let (cookie, address) = to_provider(&system).await;
    assert_eq!(told(&back(&system, None, &address).await), Err("expired".to_owned()), "another browser");
    let (other, _) = to_provider(&system).await;
    assert_eq!(told(&back(&system, Some(&other), &address).await), Err("expired".to_owned()), "another beginning");
    let denied = address.replace("code=", "error=access_denied&x=");
    assert_eq!(told(&back(&system, Some(&cookie), &denied).await), Err("refused".to_owned()));
    assert!(told(&back(&system, Some(&cookie), &address).await).is_ok());
    assert_eq!(told(&back(&system, Some(&cookie), &address).await), Err("provider".to_owned()), "a code is good once");

    let (cookie, address) = to_provider(&system).await;
    system.later(601);
    assert_eq!(told(&back(&system, Some(&cookie), &address).await), Err("expired".to_owned()), "it took too long");
}

#[tokio::test]
async fn a_signature_of_another_key_signs_nobody_in() {
    let (system, provider) = (System::start().await, Provider::start_forging().await);
    switch_on(&system, &provider.issuer, "email").await.ok();
    provider.says(json!({ "email": "nora@contoso.example", "email_verified": true }));
    assert_eq!(sign_on(&system).await, Err("provider".to_owned()));
}

#[tokio::test]
async fn settings_with_which_nobody_could_sign_in_are_refused() {
    let (system, provider) = (System::start().await, Provider::start().await);
    for (issuer, said) in [
        ("contoso", "it is not an address"),
        ("http://sign-on.contoso.example", "it does not begin with https://"),
        ("http://127.0.0.1:1", "it does not answer"),
        (&format!("{}/other", provider.issuer), "it answers 404 Not Found"),
    ] {
        let answer = switch_on(&system, issuer, "email").await;
        assert_eq!(answer.said(), (422, "provider_unreachable"), "{issuer}");
        let message = answer.body["message"].as_str().unwrap();
        assert!(message.contains(said), "{issuer}: {message}");
    }
    assert_eq!(to_page(&system).await, Err("off".to_owned()));
}

#[tokio::test]
async fn the_page_is_where_the_settings_say_whatever_a_request_says() {
    let (system, provider) = (System::start().await, Provider::start().await);
    let dora = system.dora().await;
    let with = |address: &str| {
        let sign_on = json!({ "enabled": true, "issuer": provider.issuer, "client_id": CLIENT, "address": address });
        json!({ "version": 0, "settings": { "accounts": { "single_sign_on": sign_on } } })
    };
    for address in ["", "rollbook.example", "http://rollbook.example", "https://rollbook.example/page", "javascript:x"]
    {
        assert_eq!(dora.put("/api/settings", with(address)).await.said(), (422, "invalid"), "{address}");
    }
    dora.put("/api/settings", with("https://rollbook.example")).await.ok();
    let mut asked = request(Method::GET, "/api/sign-on/start", None, None);
    asked.headers_mut().insert(header::HOST, "evil.example".parse().unwrap());
    let begun = system.send(asked).await;
    let location = begun.headers[header::LOCATION].to_str().unwrap();
    assert!(location.contains("redirect_uri=https%3A%2F%2Frollbook.example%2Fapi%2Fsign-on%2Fcallback"), "{location}");
    assert!(!location.contains("evil.example"));
}

#[tokio::test]
async fn sessions_of_passwords_end_for_good_when_it_is_switched_on() {
    let (system, provider) = (System::start().await, Provider::start().await);
    let (nora, unused) = (system.nora().await, system.nora().await);
    system.later(60);
    switch_on(&system, &provider.issuer, "email").await.ok();
    assert_eq!(nora.get("/api/session").await.said(), (401, "not_signed_in"));
    provider.says(json!({ "email": "dora@contoso.example", "email_verified": true }));
    let cookie = sign_on(&system).await.unwrap();
    system.later(60);
    let off = Some(json!({ "version": 1, "settings": {} }));
    system.send(request(Method::PUT, "/api/settings", Some(&cookie), off)).await.ok();
    for before in [nora, unused] {
        assert_eq!(before.get("/api/session").await.said(), (401, "not_signed_in"), "also once it is off again");
    }
    system.nora().await.get("/api/session").await.ok();
}

#[tokio::test]
async fn signing_on_ends_the_session_that_the_browser_had() {
    let (system, provider) = (System::start().await, Provider::start().await);
    switch_on(&system, &provider.issuer, "email").await.ok();
    provider.says(json!({ "email": "dora@contoso.example", "email_verified": true }));
    let first = sign_on(&system).await.unwrap();
    let begun = system.send(request(Method::GET, "/api/sign-on/start", Some(&first), None)).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let provider = client.get(begun.headers[header::LOCATION].to_str().unwrap()).send().await.unwrap();
    let address = provider.headers()["location"].to_str().unwrap().strip_prefix("https://rollbook.example").unwrap();
    // The browser comes from another site, and sends no session along.
    let second = told(&back(&system, Some(&begun.cookie()), address).await).unwrap();
    assert_eq!(name(&system, &second).await, "Dora");
    let over = system.send(request(Method::GET, "/api/session", Some(&first), None)).await;
    assert_eq!(over.said(), (401, "not_signed_in"));
}

async fn to_page(system: &System) -> Result<String, String> {
    told(&system.send(request(Method::GET, "/api/sign-on/start", None, None)).await)
}
