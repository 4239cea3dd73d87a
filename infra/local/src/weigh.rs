//! `cargo local bench page`: what a browser fetches before somebody can sign in.

use std::collections::BTreeSet;

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use local::{FunctionHost, Options, System};

use crate::run;
use build::page::{self, Build};
use build::problem::ProblemText;

/// What the files of the first view may weigh together, as they are sent to a browser.
const MOST: usize = 250_000;

/// Builds the page as it is deployed, asks for its first view as a browser does and prints what came.
pub async fn run() -> Result<(), ProblemText> {
    let page = page::build(Build::Deployed)?;
    let options =
        Options { functions: FunctionHost::Processes(run::program()?), page: Some(page), ..Options::temporary() };
    let system = System::start(options).await?;
    let weighed = weigh(&system).await;
    system.stop().await;
    let total = weighed?;
    if total > MOST {
        return Err(ProblemText::new(format!(
            "The first view weighs {total} bytes, {} more than it may.",
            total - MOST
        )));
    }
    println!("  at most {MOST}: met");
    Ok(())
}

async fn weigh(system: &System) -> Result<usize, ProblemText> {
    let mut total = 0;
    let mut known = BTreeSet::from(["/".to_owned()]);
    let mut left = vec!["/".to_owned()];
    println!("\n  {:>9}  {:<5} {:<30} file", "bytes", "sent", "cached");
    while let Some(path) = left.pop() {
        let (headers, body) = get(system, &path, "br").await?;
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("-");
        total += body.len();
        println!(
            "  {:>9}  {:<5} {:<30} {path}",
            body.len(),
            text(header::CONTENT_ENCODING),
            text(header::CACHE_CONTROL)
        );
        let (_, plain) = get(system, &path, "identity").await?;
        let named = references(&path, &String::from_utf8_lossy(&plain));
        left.extend(named.into_iter().filter(|path| known.insert(path.clone())));
    }
    println!("  {total:>9}  in all");
    Ok(total)
}

/// Returns the files that a browser loads because of this one: those that `index.html` links to, and imported scripts.
fn references(path: &str, text: &str) -> Vec<String> {
    let quoted = |before: &str| -> Vec<String> {
        text.split(before).skip(1).filter_map(|rest| rest.split(['"', '\'']).next()).map(str::to_owned).collect()
    };
    if path == "/" {
        return ["href=\"", "src=\""].into_iter().flat_map(quoted).collect();
    }
    if !path.ends_with(".js") {
        return Vec::new();
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    quoted("from \"./").into_iter().chain(quoted("from './")).map(|name| format!("{folder}/{name}")).collect()
}

/// Returns a file as it is sent to a browser that takes this encoding.
async fn get(system: &System, path: &str, encoding: &str) -> Result<(HeaderMap, Bytes), ProblemText> {
    let unread = |error| ProblemText::new(format!("{path} could not be fetched: {error}"));
    let request = reqwest::Client::new().get(format!("{}{path}", system.address()));
    let response = request.header(header::ACCEPT_ENCODING, encoding).send().await.map_err(unread)?;
    let response = response.error_for_status().map_err(unread)?;
    let headers = response.headers().clone();
    Ok((headers, response.bytes().await.map_err(unread)?))
}

#[cfg(test)]
mod tests {
    use super::references;

    #[test]
    fn what_a_browser_loads_is_found() {
        let index = "<meta content=\"/a/worker.js\"><link href=\"/a/style.css\"><script src=\"/a/start.js\"></script>";
        assert_eq!(references("/", index), ["/a/style.css", "/a/start.js"]);
        assert_eq!(references("/a/start.js", "import init from \"./web.js\";"), ["/a/web.js"]);
        assert_eq!(references("/a/web_bg.wasm", "from \"./web.js\""), Vec::<String>::new());
    }
}
