//! What CloudFront does in front of the page: its function, run in the browser, and the headers, which the browser obeys.

use serde_json::{Value, json};

use super::chrome::Chrome;
use super::town_with_page;

const VIEWER_REQUEST: &str = include_str!("../../../infra/cloudfront/viewer-request.js");

/// Returns the objects that requests of addresses and `Accept-Encoding` are answered with.
async fn objects(chrome: &Chrome, requests: &[(&str, Option<&str>)]) -> Vec<String> {
    let event = |(uri, takes): &(&str, Option<&str>)| {
        let headers = takes.map_or(json!({}), |takes| json!({ "accept-encoding": { "value": takes } }));
        json!({ "request": { "method": "GET", "uri": uri, "querystring": {}, "headers": headers, "cookies": {} } })
    };
    let events: Vec<Value> = requests.iter().map(event).collect();
    let script =
        format!("{VIEWER_REQUEST}\nconst [events, done] = arguments; done(events.map(event => handler(event).uri));");
    let answer = chrome.run(&script, vec![Value::from(events)]).await;
    serde_json::from_value(answer).unwrap()
}

#[tokio::test]
async fn every_place_of_the_page_is_its_index_and_files_are_sent_as_the_browser_takes_them() {
    assert!(VIEWER_REQUEST.len() < 10 * 1024, "CloudFront takes no larger function");
    let chrome = Chrome::start().await;
    let cases = [
        ("/", None, "/index.html"),
        ("/uploads/2026-01", None, "/index.html"),
        ("/users/", Some("gzip, deflate, br, zstd"), "/index.html.br"),
        ("/users", Some("gzip"), "/index.html.gz"),
        ("/index.html", Some("br"), "/index.html.br"),
        ("/v1.2/users", None, "/index.html"),
        ("/assets/1/web.js", None, "/assets/1/web.js"),
        ("/assets/1/web.js", Some("identity"), "/assets/1/web.js"),
        ("/assets/1/web.js", Some("GZIP;q=0.8, BR;q=1.0"), "/assets/1/web.js.br"),
        ("/assets/1/web.js", Some("gzip;q=0.8,br;q=0"), "/assets/1/web.js.gz"),
        ("/assets/1/web.js", Some("br; q=0.000, gzip; q=0"), "/assets/1/web.js"),
        ("/assets/1/web.js", Some("br;q=0.001"), "/assets/1/web.js.br"),
        ("/assets/1/web.js", Some("brotli, x-gzip"), "/assets/1/web.js"),
        ("/assets/1/", Some("br"), "/index.html.br"),
    ];
    let found = objects(&chrome, &cases.map(|(uri, takes, _)| (uri, takes))).await;
    assert_eq!(found, cases.map(|(_, _, object)| object));
    chrome.stop().await;
}

#[tokio::test]
async fn nothing_that_is_slipped_into_the_page_is_run() {
    const SLIPPED_IN: &str = "
        const done = arguments[0];
        const script = document.createElement('script');
        script.textContent = 'window.slippedIn = true';
        document.body.append(script);
        document.body.insertAdjacentHTML('beforeend', '<p id=marked style=\"color: red\">!</p>');
        const coloured = document.getElementById('marked').style.color != '';
        fetch('http://127.0.0.1:9/').then(() => true, () => false)
            .then(sent => done([window.slippedIn === true, coloured, sent]));
    ";
    let town = town_with_page().await;
    let chrome = Chrome::start().await;
    chrome.goto(&town.system.address()).await;
    chrome.present("#sign-in").await;
    assert_eq!(chrome.forbidden().await, Vec::<String>::new());
    let happened = chrome.run(SLIPPED_IN, Vec::new()).await;
    assert_eq!(happened, json!([false, false, false]));
    // So the console says it wherever a test ends with a look into it.
    assert!(chrome.forbidden().await.len() >= 3);
    chrome.stop().await;
}
