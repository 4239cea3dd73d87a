//! Signing in and out, and what ends a session.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use cloud::full_rows::RosterKind;
use roster::{Mode, Scope, Status, User, UserType};
use serde_json::json;
use sha2::Digest;
use wire::upload::Decider;

use crate::system::{Answer, DAY, HOUR, PASSWORD, System, credentials, own, request, student};

#[tokio::test]
async fn an_administrator_signs_in_and_out() {
    let system = System::start().await;
    let answer = system.post("/api/session", credentials(" dORA ", PASSWORD)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!((&answer.body["username"], &answer.body["school"]), (&json!("Dora"), &json!(null)));
    let set = answer.headers[header::SET_COOKIE].to_str().unwrap();
    let (name, token) = answer.cookie().split_once('=').map(|(n, t)| (n.to_owned(), t.to_owned())).unwrap();
    assert_eq!(
        set,
        format!("{name}={token}; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=43200"),
        "the page's scripts and other sites can't get at it"
    );
    assert_eq!(name, "__Host-rollbook_session", "no other host can plant one");
    assert_eq!(token.len(), 43, "256 bits");
    assert!(system.cloud.session_get(&token, system.now()).await.unwrap().is_none(), "the token itself is not stored");

    let dora = system.dora().await;
    assert_eq!(dora.get("/api/session").await.ok()["username"], "Dora");
    let gone = dora.ask(Method::DELETE, "/api/session", json!({})).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert!(gone.headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(dora.get("/api/session").await.said(), (401, "not_signed_in"));
}

#[tokio::test]
async fn a_school_administrator_is_told_their_school() {
    let system = System::start().await;
    let me = system.nora().await.get("/api/session").await.ok();
    assert_eq!(me["school"], json!(system.north.id));
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours() {
    let system = System::start().await;
    let dora = system.dora().await;
    for _ in 0..12 {
        assert_eq!(dora.get("/api/session").await.status, StatusCode::OK);
        system.later(HOUR - 1);
    }
    assert_eq!(dora.get("/api/session").await.status, StatusCode::OK);
    system.later(12);
    assert_eq!(dora.get("/api/session").await.said(), (401, "not_signed_in"));
}

#[tokio::test]
async fn a_session_ends_when_nobody_uses_it_for_an_hour() {
    let system = System::start().await;
    let (used, left) = (system.dora().await, system.dora().await);
    system.later(40 * 60);
    used.get("/api/session").await.ok();
    system.later(40 * 60);
    used.get("/api/session").await.ok();
    assert_eq!(left.get("/api/session").await.said(), (401, "not_signed_in"));
}

#[tokio::test]
async fn what_a_page_asks_by_itself_is_no_use_of_a_session() {
    let system = System::start().await;
    let (used, left) = (system.dora().await, system.dora().await);
    let poll = async |cookie: &str| {
        let mut request = request(Method::GET, "/api/uploads", Some(cookie), None);
        request.headers_mut().insert(wire::http::POLL, "1".parse().unwrap());
        system.send(request).await
    };
    for minute in 0..59 {
        system.later(60);
        for person in [&used, &left] {
            poll(&person.cookie).await.ok();
        }
        if minute == 30 {
            used.get("/api/uploads").await.ok();
        }
    }
    system.later(60);
    assert_eq!(poll(&left.cookie).await.said(), (401, "not_signed_in"));
    poll(&used.cookie).await.ok();
}

#[tokio::test]
async fn a_sign_in_has_a_new_token_and_ends_the_session_that_the_browser_had() {
    let system = System::start().await;
    let (first, elsewhere) = (system.dora().await, system.dora().await);
    let body = Some(credentials("nora", PASSWORD));
    let second = system.send(request(Method::POST, "/api/session", Some(&first.cookie), body)).await;
    assert_ne!(second.cookie(), first.cookie);
    assert_eq!(second.ok()["username"], "nora");
    assert_eq!(first.get("/api/session").await.said(), (401, "not_signed_in"));
    elsewhere.get("/api/session").await.ok();
}

#[tokio::test]
async fn no_answer_is_kept_by_a_browser() {
    let system = System::start().await;
    let dora = system.dora().await;
    let answers = [
        system.post("/api/session", credentials("Dora", PASSWORD)).await,
        system.post("/api/session", credentials("Dora", "wrong")).await,
        system.send(request(Method::GET, "/api/session", None, None)).await,
        system.send(request(Method::GET, "/api/sign-on/start", None, None)).await,
        dora.get("/api/users").await,
        dora.get("/api/nothing").await,
        dora.ask(Method::PATCH, "/api/settings", json!({})).await,
    ];
    for answer in answers {
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store", "{answer:?}");
    }
}

#[tokio::test]
async fn a_session_ends_when_its_user_is_no_longer_an_active_administrator() {
    for what in ["disabled", "made a teacher", "deleted"] {
        let system = System::start().await;
        let nora = system.nora().await;
        let user = system.cloud.account_get_by_username("nora").await.unwrap().unwrap().user;
        let mut after = User { version: user.version + 1, ..user.clone() };
        match what {
            "disabled" => after.status = Status::Disabled,
            "made a teacher" => after.user_type = UserType::Teacher,
            _ => after.deleted_at = Some(1),
        }
        let by = Decider { guid: user.guid, username: "x".to_owned(), key: None };
        let outcome = system.cloud.user_change_by_hand(&user, after, &by, system.now()).await.unwrap();
        assert_eq!(outcome, wire::stored::Outcome::Done);
        assert_eq!(nora.get("/api/session").await.said(), (401, "not_signed_in"), "{what}");
        let answer = system.post("/api/session", credentials("nora", PASSWORD)).await;
        match what {
            "made a teacher" => {
                assert_eq!(answer.ok()["permissions"], json!(["see_own_classes"]), "the session is a new one");
            }
            _ => assert_eq!(answer.said(), (401, "wrong_sign_in"), "{what}"),
        }
    }
}

#[tokio::test]
async fn a_session_stays_over_once_its_user_was_disabled_or_has_another_password() {
    let system = System::start().await;
    let nora = system.nora().await;
    let dora = system.cloud.account_get_by_username("dora").await.unwrap().unwrap().user;
    let by = Decider { guid: dora.guid, username: dora.username, key: None };
    let account = async || system.cloud.account_get_by_username("nora").await.unwrap().unwrap();
    for status in [Status::Disabled, Status::Active] {
        system.later(60);
        let user = account().await.user;
        let after = User { status, version: user.version + 1, ..user.clone() };
        let outcome = system.cloud.user_change_by_hand(&user, after, &by, system.now()).await.unwrap();
        assert_eq!(outcome, wire::stored::Outcome::Done);
    }
    assert_eq!(nora.get("/api/session").await.said(), (401, "not_signed_in"), "a session from before");
    system.later(60);
    let nora = system.nora().await;
    nora.get("/api/session").await.ok();

    let key = cloud::table::Key::user(None, account().await.user.guid);
    let hash = runtime::passwords::hash("another long passphrase").unwrap();
    let change = system.cloud.dynamo.update_item().table_name(&system.cloud.table).set_key(Some(key.item()));
    let change = change.update_expression("SET password_hash = :hash");
    change.expression_attribute_values(":hash", cloud::table::s(hash)).send().await.unwrap();
    assert_eq!(nora.get("/api/session").await.said(), (401, "not_signed_in"), "a session with the old password");
}

#[tokio::test]
async fn who_can_not_sign_in_is_answered_alike() {
    let system = System::start().await;
    let hash = runtime::passwords::hash(PASSWORD).unwrap();
    let password = own(hash);
    let closed = User { status: Status::Disabled, ..student("Ora", "Klein", "closed", &system.north.id) };
    let gone = User { deleted_at: Some(1), ..student("Tom", "Berg", "gone", &system.north.id) };
    let without = User { user_type: UserType::Administrator, ..student("No", "Password", "none", &system.north.id) };
    let users = vec![(closed, Some(password.clone())), (gone, Some(password)), (without, None)];
    let outcomes = system.cloud.user_create_by_hand(users, system.now()).await.unwrap();
    assert_eq!(outcomes, [wire::stored::Outcome::Done; 3]);
    let wrong = system.post("/api/session", credentials("Dora", "wrong")).await;
    assert_eq!(wrong.said(), (401, "wrong_sign_in"));
    for username in ["closed", "gone", "none", "nobody", "", &"x".repeat(10_000)] {
        let answer = system.post("/api/session", credentials(username, PASSWORD)).await;
        assert_eq!((answer.status, &answer.body), (wrong.status, &wrong.body), "{username}");
        assert!(!answer.headers.contains_key(header::SET_COOKIE));
    }
}

#[tokio::test]
async fn five_failures_slow_an_account_down_whether_or_not_it_exists() {
    for username in ["nora", "nobody"] {
        let system = System::start().await;
        for _ in 0..5 {
            let answer = system.post("/api/session", credentials(username, "wrong")).await;
            assert_eq!(answer.said(), (401, "wrong_sign_in"), "{username}");
        }
        for wait in [30, 60, 120, 240, 480, 900, 900] {
            for given in [username, &username.to_uppercase()] {
                let answer = system.post("/api/session", credentials(given, PASSWORD)).await;
                assert_eq!(answer.said(), (429, "slowed_down"), "also with the right password");
                assert_eq!(answer.headers[header::RETRY_AFTER], wait.to_string());
            }
            system.later(wait);
            let answer = system.post("/api/session", credentials(username, "wrong")).await;
            assert_eq!(answer.said(), (401, "wrong_sign_in"), "{username} after {wait} s");
        }
        // Others are not slowed down.
        system.dora().await;
    }
}

#[tokio::test]
async fn a_sign_in_that_succeeds_forgives_the_failures_before_it() {
    let system = System::start().await;
    for _ in 0..3 {
        for _ in 0..4 {
            system.post("/api/session", credentials("nora", "wrong")).await;
        }
        system.nora().await;
    }
}

#[tokio::test]
async fn attempts_side_by_side_count_like_others() {
    let system = System::start().await;
    let attempt = async || system.post("/api/session", credentials("nora", "wrong")).await.status.as_u16();
    let attempts = (0..20).map(|_| attempt());
    let looked_at = futures::future::join_all(attempts).await.into_iter().filter(|status| *status == 401).count();
    assert!(looked_at <= 5, "{looked_at} passwords were looked at");
}

#[tokio::test]
async fn a_cookie_is_found_among_others() {
    let system = System::start().await;
    let dora = system.dora().await;
    let cookies = format!("theme=dark; {}; a=b=c", dora.cookie);
    let answer = system.send(request(Method::GET, "/api/session", Some(&cookies), None)).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn the_cookie_of_an_event_of_lambda_is_found() {
    let system = System::start().await;
    let dora = system.dora().await;
    let event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/api/users",
        "rawQueryString": "search=D%C3%B6ra+x",
        "cookies": ["theme=dark", dora.cookie],
        "headers": { "host": "example.com" },
        "requestContext": { "http": { "method": "GET", "path": "/api/users" }, "stage": "$default" },
        "isBase64Encoded": false
    });
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let answer = system.send(request.map(Body::new)).await;
    assert_eq!((answer.status, &answer.body["items"]), (StatusCode::OK, &json!([])));
}

/// Returns a request to sign in as API Gateway hands it on.
fn sign_in_from(address: &str, cookies: &[&str], username: &str, password: &str) -> axum::http::Request<Body> {
    let event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/api/session",
        "rawQueryString": "",
        "cookies": cookies,
        "headers": { "host": "example.com", "content-type": "application/json", "x-forwarded-for": "198.51.100.1" },
        "requestContext": {
            "http": { "method": "POST", "path": "/api/session", "sourceIp": address }, "stage": "$default",
        },
        "body": credentials(username, password).to_string(),
        "isBase64Encoded": false
    });
    lambda_http::request::from_str(&event.to_string()).unwrap().map(|body| Body::from(body.to_vec()))
}

/// Returns how many of these attempts were looked at.
async fn looked_at(system: &System, attempts: impl Iterator<Item = (String, String)>) -> usize {
    let mut looked_at = 0;
    for (address, username) in attempts {
        let answer = system.send(sign_in_from(&address, &[], &username, "wrong")).await;
        assert!([401, 429].contains(&answer.status.as_u16()), "{answer:?}");
        looked_at += usize::from(answer.status == 401);
    }
    looked_at
}

#[tokio::test]
async fn an_address_is_slowed_down_whatever_names_it_tries() {
    let system = System::start().await;
    let attempts = (0..60).map(|n| ("203.0.113.7".to_owned(), format!("nobody{n}")));
    assert_eq!(looked_at(&system, attempts).await, 40);
    let slowed = system.send(sign_in_from("203.0.113.7", &[], "nora", PASSWORD)).await;
    assert_eq!(slowed.said(), (429, "slowed_down"), "also with the right password");
    assert!(slowed.headers[header::RETRY_AFTER].to_str().unwrap().parse::<u64>().unwrap() <= 300);
    system.send(sign_in_from("203.0.113.8", &[], "nora", PASSWORD)).await.ok();
    system.later(300);
    system.send(sign_in_from("203.0.113.7", &[], "nora", PASSWORD)).await.ok();
}

/// Returns how many of 60 attempts are looked at, which come from `source` and have `header` of CloudFront.
async fn looked_at_of(system: &System, source: impl Fn(u8) -> String, header: impl Fn(u8) -> Option<String>) -> usize {
    let mut looked_at = 0;
    for n in 0..60 {
        let mut request = sign_in_from(&source(n), &[], &format!("nobody{n}"), "wrong");
        if let Some(said) = header(n) {
            request.headers_mut().insert("cloudfront-viewer-address", said.parse().unwrap());
        }
        looked_at += usize::from(system.send(request).await.status == StatusCode::UNAUTHORIZED);
    }
    looked_at
}

fn one(_: u8) -> String {
    "203.0.113.7".to_owned()
}

fn many(n: u8) -> String {
    format!("198.51.100.{n}")
}

#[tokio::test]
async fn a_header_that_anybody_can_send_is_no_address() {
    let system = System::start().await;
    assert_eq!(looked_at_of(&system, one, |n| Some(format!("{}:46532", many(n)))).await, 40);
}

#[tokio::test]
async fn behind_cloudfront_its_header_is_the_address() {
    let start = async || System::start_with(|app| app.behind_cloudfront = true).await;
    // Ports differ from one connection to the next.
    assert_eq!(looked_at_of(&start().await, many, |n| Some(format!("{}:4653{n}", one(n)))).await, 40);
    assert_eq!(looked_at_of(&start().await, one, |n| Some(format!("{}:46532", many(n)))).await, 60);
}

#[tokio::test]
async fn behind_cloudfront_whoever_it_does_not_name_is_unknown() {
    let system = System::start_with(|app| app.behind_cloudfront = true).await;
    assert_eq!(looked_at_of(&system, many, |_| None).await, 40);
}

#[tokio::test]
async fn those_who_sign_in_in_the_end_do_not_slow_down_their_address() {
    let system = System::start().await;
    for _ in 0..20 {
        for password in ["wrong", "wrong", "wrong", PASSWORD] {
            let answer = system.send(sign_in_from("203.0.113.7", &[], "nora", password)).await;
            assert_eq!(answer.status.as_u16(), if password == PASSWORD { 200 } else { 401 });
        }
    }
}

/// Returns the shard in which the failures of a name are counted.
fn shard_of(username: &str) -> u8 {
    sha2::Sha256::digest(username)[0] % 8
}

#[tokio::test]
async fn failures_that_are_over_are_not_taken_back_from_the_present_ones() {
    let system = System::start().await;
    let people = ["nora", "dora"];
    for n in 0..4 {
        let mistyped = people.map(|username| (format!("203.0.113.{n}"), username.to_owned()));
        looked_at(&system, mistyped.into_iter()).await;
        system.later(300);
    }
    system.later(8 * HOUR);
    for username in people {
        system.send(sign_in_from("203.0.113.7", &[], username, PASSWORD)).await.ok();
    }
    let attempts = (0..60).map(|n| ("203.0.113.7".to_owned(), format!("nobody{n}")));
    assert_eq!(looked_at(&system, attempts).await, 40, "as many as from any address");
}

#[tokio::test]
async fn failures_elsewhere_stay_counted_when_their_user_signs_in() {
    let system = System::start().await;
    looked_at(&system, (0..4).map(|n| (format!("203.0.113.{n}"), "nora".to_owned()))).await;
    system.send(sign_in_from("203.0.113.7", &[], "nora", PASSWORD)).await.ok();
    let of_shard = (0..).map(|n| format!("pupil{n}")).filter(|name| shard_of(name) == shard_of("nora"));
    let attempts = of_shard.take(40).enumerate().map(|(n, name)| (format!("203.0.114.{n}"), name));
    assert_eq!(looked_at(&system, attempts).await, 25 - 4);
}

#[tokio::test]
async fn sign_ins_side_by_side_take_back_no_more_than_was_counted() {
    let system = System::start().await;
    for _ in 0..6 {
        let sign_in = || system.send(sign_in_from("203.0.113.7", &[], "nora", PASSWORD));
        futures::future::join_all((0..4).map(|_| sign_in())).await;
    }
    let attempts = (0..60).map(|n| ("203.0.113.7".to_owned(), format!("nobody{n}")));
    assert_eq!(looked_at(&system, attempts).await, 40);
}

#[tokio::test]
async fn attempts_that_are_refused_for_others_count_nowhere() {
    let system = System::start().await;
    // Against the name, where the address is refused.
    looked_at(&system, (0..40).map(|n| ("203.0.113.7".to_owned(), format!("nobody{n}")))).await;
    let refused = (0..20).map(|_| ("203.0.113.7".to_owned(), "nora".to_owned()));
    assert_eq!(looked_at(&system, refused).await, 0);
    system.send(sign_in_from("203.0.113.8", &[], "nora", PASSWORD)).await.ok();

    // Against the address, where the shard is refused.
    system.later(300);
    let others = |prefix| (0..).map(move |n| format!("{prefix}{n}")).filter(|name| shard_of(name) != shard_of("nora"));
    let shard = shard_of(&others("pupil").next().unwrap());
    let of_shard = |prefix| others(prefix).filter(move |name| shard_of(name) == shard);
    let attack = of_shard("pupil").take(25).enumerate().map(|(n, name)| (format!("203.0.114.{n}"), name));
    assert_eq!(looked_at(&system, attack).await, 25);
    let refused = of_shard("teacher").take(60).map(|name| ("203.0.113.7".to_owned(), name));
    assert_eq!(looked_at(&system, refused).await, 0);
    system.send(sign_in_from("203.0.113.7", &[], "nora", PASSWORD)).await.ok();
}

#[tokio::test]
async fn where_there_are_many_users_more_failures_of_all_are_looked_at() {
    let check = async |scope: fn(&System) -> Scope, rows: u64, expected: usize| {
        let system = System::start().await;
        system
            .cloud
            .full_rows_set(RosterKind { mode: Mode::Full, source: None, scope: &scope(&system) }, rows)
            .await
            .unwrap();
        let of_shard = (0..).map(|n| format!("pupil{n}")).filter(|name| shard_of(name) == shard_of("nora"));
        let attempts = of_shard.take(50).enumerate().map(|(n, name)| (format!("203.0.114.{n}"), name));
        assert_eq!(looked_at(&system, attempts).await, expected, "{rows} rows");
    };
    check(|_| Scope::Organisation, 800, 25).await;
    check(|_| Scope::Organisation, 6_400, 40).await;
    // What a school has says nothing of the rest.
    check(|system| Scope::School(system.north.id.clone()), 6_400, 25).await;
}

#[tokio::test]
async fn one_password_for_very_many_names_from_very_many_addresses_is_slowed_down() {
    let system = System::start().await;
    let attempts = || (0..400).map(|n| (format!("203.0.{}.{}", n / 200, n % 200), format!("pupil{n}")));
    let first = looked_at(&system, attempts()).await;
    assert!((100..=200).contains(&first), "{first}");
    system.later(300);
    let again = looked_at(&system, attempts()).await;
    assert!((100..=200).contains(&again), "so many in five minutes and no more: {again}");
}

#[tokio::test]
async fn nobody_is_locked_out_of_their_own_device() {
    let system = System::start().await;
    let signed_in = system.send(sign_in_from("203.0.113.7", &[], "nora", PASSWORD)).await;
    let set = signed_in.headers.get_all(header::SET_COOKIE).iter().nth(1).unwrap().to_str().unwrap();
    assert!(
        set.starts_with("__Host-rollbook_device=") && set.contains("HttpOnly") && set.contains("Max-Age=34560000"),
        "{set}"
    );
    let device = device_of(&signed_in);
    let device = device.as_str();

    // From the same address, too.
    let attack = (0..80).map(|n| ("203.0.113.7".to_owned(), if n % 2 == 0 { "nora".into() } else { format!("x{n}") }));
    looked_at(&system, attack).await;
    let elsewhere = system.send(sign_in_from("203.0.113.9", &[], "nora", PASSWORD)).await;
    assert_eq!(elsewhere.said(), (429, "slowed_down"));
    let at_home = system.send(sign_in_from("203.0.113.7", &[device], "nora", PASSWORD)).await;
    assert_eq!((at_home.status, device_of(&at_home).as_str()), (StatusCode::OK, device), "it stays the same");

    // Its own failures count by themselves.
    for _ in 0..5 {
        let answer = system.send(sign_in_from("203.0.113.7", &[device], "nora", "wrong")).await;
        assert_eq!(answer.said(), (401, "wrong_sign_in"));
    }
    let answer = system.send(sign_in_from("203.0.113.7", &[device], "nora", PASSWORD)).await;
    assert_eq!(answer.said(), (429, "slowed_down"));
}

/// Returns the cookie of the device that an answer set, as a browser sends it back.
fn device_of(answer: &Answer) -> String {
    let set: Vec<_> = answer.headers.get_all(header::SET_COOKIE).iter().map(|c| c.to_str().unwrap()).collect();
    let [_, device] = set[..] else { panic!("a session and a device: {set:?}") };
    device.split(';').next().unwrap().to_owned()
}

/// Returns the same text with another first letter.
fn altered(text: &str) -> String {
    let other = if text.starts_with('A') { "B" } else { "A" };
    format!("{other}{}", &text[1..])
}

#[tokio::test]
async fn a_device_is_known_for_those_who_signed_in_on_it_only() {
    let system = System::start().await;
    let device = device_of(&system.send(sign_in_from("203.0.113.7", &[], "nora", PASSWORD)).await);
    let (name, value) = device.split_once('=').unwrap();
    let (id, signature) = value.split_once('.').unwrap();
    let cookies = [
        ("Dora", value.to_owned()),
        ("nora", format!("{id}.{}", altered(signature))),
        ("nora", format!("{}.{signature}", altered(id))),
        ("nora", format!("{id}.{}", &signature[..4])),
        ("nora", format!("{id}.")),
        ("nora", id.to_owned()),
        ("nora", "x.y".to_owned()),
    ];
    for (username, cookie) in cookies {
        system.later(DAY);
        let used_up = (0..5).map(|_| ("203.0.113.8".to_owned(), username.to_owned()));
        assert_eq!(looked_at(&system, used_up).await, 5);
        // A device that were taken as known would have attempts of its own.
        let cookie = format!("{name}={cookie}");
        let first = system.send(sign_in_from("203.0.113.8", &[&cookie], username, "wrong")).await;
        assert_eq!(first.said(), (429, "slowed_down"), "{cookie} is no way to guess on as {username}");
    }
    system.later(DAY);
    // Several people use one device.
    let device = device_of(&system.send(sign_in_from("203.0.113.7", &[&device], "Dora", PASSWORD)).await);
    for username in ["nora", "Dora"] {
        looked_at(&system, (0..9).map(|n| (format!("203.0.113.{n}"), username.to_owned()))).await;
        system.send(sign_in_from("203.0.113.7", &[&device], username, PASSWORD)).await.ok();
    }
}

#[tokio::test]
async fn whoever_was_slowed_down_may_try_a_new_password_at_once_also_on_their_own_devices() {
    let system = System::start().await;
    let user = student("Ora", "Klein", "0013001", &system.north.id);
    let password = own(runtime::passwords::hash(PASSWORD).unwrap());
    system.cloud.user_create_by_hand(vec![(user.clone(), Some(password))], system.now()).await.unwrap();
    let sign_in = |device: String, password: String| {
        let cookies = if device.is_empty() { vec![] } else { vec![device.as_str()] };
        system.send(sign_in_from("203.0.113.7", &cookies, "0013001", &password))
    };
    let mut places = vec![String::new()];
    for _ in 0..2 {
        places.push(device_of(&sign_in(String::new(), PASSWORD.to_owned()).await));
    }
    for place in &places {
        for _ in 0..5 {
            sign_in(place.clone(), "wrong".to_owned()).await;
        }
        assert_eq!(sign_in(place.clone(), PASSWORD.to_owned()).await.said(), (429, "slowed_down"), "{place:?}");
    }

    let dora = system.dora().await;
    let row = dora.post(&format!("/api/users/{}/reset-password", user.guid), json!({})).await.ok();
    let link = dora.get(&format!("/api/passwords/resets/{}/file", row["id"].as_str().unwrap())).await.ok();
    let file = reqwest::get(link["url"].as_str().unwrap()).await.unwrap().bytes().await.unwrap();
    let given = roster::slips::slips(&file).unwrap()[0].slips[0].temporary_password.clone();
    for place in &places {
        assert_eq!(sign_in(place.clone(), "wrong".to_owned()).await.said(), (401, "wrong_sign_in"), "{place:?}");
    }
    sign_in(places[1].clone(), given).await.ok();
}
