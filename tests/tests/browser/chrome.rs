//! Chromium, driven.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::time::{Duration, Instant};

use fantoccini::error::CmdError;
use fantoccini::wd::{TimeoutConfiguration, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::PATIENCE;

const OPTIONS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1600",
];

/// A browser with a profile and a folder for downloads of its own.
pub struct Chrome {
    client: Client,
    driver: Driver,
    folder: TempDir,
}

impl Chrome {
    pub async fn start() -> Chrome {
        let driver = Driver::start();
        let folder = TempDir::with_prefix("rollbook-browser-").unwrap();
        let mut options = OPTIONS.map(str::to_owned).to_vec();
        options.push(format!("--user-data-dir={}", folder.path().join("profile").display()));
        let preferences = json!({
            "download.default_directory": downloads(&folder),
            "download.prompt_for_download": false,
            "profile.default_content_setting_values.automatic_downloads": 1,
        });
        let capabilities = json!({
            "goog:chromeOptions": { "args": options, "prefs": preferences },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let Value::Object(capabilities) = capabilities else { unreachable!("it is written as an object") };
        let address = format!("http://127.0.0.1:{}", driver.port);
        let mut client = ClientBuilder::new(HttpConnector::new());
        let started = client.capabilities(capabilities.into_iter().collect()).connect(&address);
        let client = started.await.expect("Chromium starts; install Debian's packages chromium and chromium-driver");
        let timeouts = TimeoutConfiguration::new(Some(PATIENCE), Some(PATIENCE), None);
        client.update_timeouts(timeouts).await.unwrap();
        Chrome { client, driver, folder }
    }

    /// Ends the browser, in which no page may have tried what its headers forbid.
    pub async fn stop(self) {
        let forbidden = self.forbidden().await;
        assert!(forbidden.is_empty(), "the headers of the page forbid what it does: {forbidden:#?}");
        self.client.close().await.unwrap();
        drop(self.driver);
    }

    pub async fn goto(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// Waits until there is such an element.
    pub async fn present(&self, css: &str) {
        self.until(css, async || self.client.find(Locator::Css(css)).await.map(drop)).await;
    }

    /// Clicks as soon as it can be clicked: the page may be drawing it anew.
    pub async fn click(&self, css: &str) {
        self.until(css, async || self.client.find(Locator::Css(css)).await?.click().await).await;
    }

    /// Follows the link with this text.
    pub async fn click_link(&self, text: &str) {
        self.until(text, async || self.client.find(Locator::LinkText(text)).await?.click().await).await;
    }

    /// Types into a field, or gives a file's path to one that takes files.
    pub async fn type_into(&self, css: &str, text: &str) {
        self.until(css, async || self.client.find(Locator::Css(css)).await?.send_keys(text).await).await;
    }

    pub async fn clear(&self, css: &str) {
        self.until(css, async || self.client.find(Locator::Css(css)).await?.clear().await).await;
    }

    /// The text of an element once it is as it should be.
    pub async fn text_when(&self, css: &str, is_so: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let text = match self.client.find(Locator::Css(css)).await {
                Ok(element) => element.text().await.unwrap_or_default(),
                Err(_) => String::new(),
            };
            if is_so(&text) {
                return text;
            }
            assert!(start.elapsed() < PATIENCE, "{css} says {text:?}\n{}", self.page().await);
            pause().await;
        }
    }

    /// Runs a script that ends by calling its last argument, and gives what it is called with.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute_async(script, arguments).await.unwrap()
    }

    /// The bytes of the download of that name. It has the name once it is complete.
    pub async fn downloaded(&self, name: &str) -> Vec<u8> {
        let path = downloads(&self.folder).join(name);
        let start = Instant::now();
        loop {
            if let Ok(bytes) = std::fs::read(&path) {
                return bytes;
            }
            assert!(start.elapsed() < PATIENCE, "no download of {name}\n{}", self.page().await);
            pause().await;
        }
    }

    /// Takes out of the console what it says of the headers of the pages: what they forbade, and what in them the browser
    /// does not understand.
    pub async fn forbidden(&self) -> Vec<String> {
        let lines = self.client.issue_cmd(TakeConsole).await.unwrap();
        let lines = lines.as_array().expect("the console has lines").iter();
        let lines = lines.filter_map(|line| Some((line["source"].as_str()?, line["message"].as_str()?)));
        let is_about = |message: &str| ["Content Security Policy", "-Policy"].iter().any(|name| message.contains(name));
        lines
            .filter(|(source, text)| *source == "security" || is_about(text))
            .map(|(_, text)| text.to_owned())
            .collect()
    }

    async fn until(&self, css: &str, action: impl AsyncFn() -> Result<(), CmdError>) {
        let start = Instant::now();
        while let Err(error) = action().await {
            assert!(start.elapsed() < PATIENCE, "{css}: {error}\n{}", self.page().await);
            pause().await;
        }
    }

    /// What the page says, for a message.
    async fn page(&self) -> String {
        match self.client.find(Locator::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(error) => error.to_string(),
        }
    }
}

/// Takes the lines out of the console.
#[derive(Debug)]
struct TakeConsole;

impl WebDriverCompatibleCommand for TakeConsole {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as FromStr>::Err> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}

async fn pause() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

fn downloads(folder: &TempDir) -> PathBuf {
    folder.path().join("downloads")
}

/// The ChromeDriver, which is killed with its browser when it is dropped.
struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    fn start() -> Driver {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        // A group of its own, so that Chromium can be killed along with it.
        command.process_group(0);
        let mut process = command
            .spawn()
            .unwrap_or_else(|error| panic!("chromedriver: {error}; install chromium-driver and chromium"));
        let lines = BufReader::new(process.stdout.take().expect("its output is read")).lines();
        let said = |line: String| line.rsplit_once("successfully on port ")?.1.trim_end_matches('.').parse().ok();
        let port = lines.map_while(Result::ok).find_map(said).expect("chromedriver says on which port it listens");
        Driver { process, port }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // What has ended by itself can't be killed, and needs not be.
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.process.id())]).status();
        let _ = self.process.wait();
    }
}
