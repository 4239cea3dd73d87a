//! The configuration: a file of TOML, and the key in a file of its own or the environment.

use std::collections::BTreeSet;
use std::env::{self, VarError};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Url;
use roster::Mode;
use serde::Deserialize;

use crate::api::Secret;
use crate::trouble::Trouble;

/// The variable with the key.
pub const KEY_VARIABLE: &str = "ROLLBOOK_KEY";

/// What `rollbook init` writes.
pub const TEMPLATE: &str = include_str!("rollbook.toml");

/// The configuration.
///
/// Paths that are not absolute are below the folder of its file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address at which people open Rollbook.
    pub server: String,
    /// The file with the API key.
    pub key_file: Option<PathBuf>,
    /// Where the ledger and the settings for checks are kept.
    pub state: PathBuf,
    #[serde(default)]
    pub run: RunRules,
    /// The folders that `rollbook run` watches.
    #[serde(default, rename = "folder")]
    pub folders: Vec<WatchedFolder>,
}

/// How folders are watched.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunRules {
    /// How often they are looked at, in seconds.
    pub look_every: u64,
    /// For how long a file has to stay the same before it is sent, in seconds.
    pub settled_after: u64,
    /// For how long `run --once` waits for what becomes of what was sent, in seconds.
    pub wait_for_end: u64,
}

impl Default for RunRules {
    fn default() -> Self {
        RunRules { look_every: 15, settled_after: 60, wait_for_end: 600 }
    }
}

/// A folder in which rosters appear.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchedFolder {
    pub path: PathBuf,
    pub mode: Mode,
    /// The short name of the source of its files, of those that the settings name.
    pub source: Option<String>,
    /// The external IDs of the schools that its files are for; none for all that the key may.
    #[serde(default)]
    pub schools: BTreeSet<String>,
    /// Where files go that were sent; `done` in the folder where none is named.
    done: Option<PathBuf>,
    /// Where files go that can't be processed, with a text that says why; `not-sent` in the folder where none is named.
    not_sent: Option<PathBuf>,
}

impl WatchedFolder {
    /// Returns where files go that were sent.
    pub fn done(&self) -> PathBuf {
        self.done.clone().unwrap_or_else(|| self.path.join("done"))
    }

    /// Returns where files go that can't be processed.
    pub fn not_sent(&self) -> PathBuf {
        self.not_sent.clone().unwrap_or_else(|| self.path.join("not-sent"))
    }
}

impl RunRules {
    /// Returns how often the folders are looked at.
    pub fn look_every(&self) -> Duration {
        Duration::from_secs(self.look_every.max(1))
    }

    /// Returns for how long a file has to stay the same.
    pub fn settled_after(&self) -> Duration {
        Duration::from_secs(self.settled_after)
    }

    /// Returns for how long `run --once` waits for the end of what was sent.
    pub fn wait_for_end(&self) -> Duration {
        Duration::from_secs(self.wait_for_end)
    }
}

impl Config {
    /// Reads the configuration.
    pub fn load(path: &Path) -> Result<Config, Trouble> {
        let text = fs::read_to_string(path).map_err(|error| {
            let message = format!("The configuration {} can't be read: {error}.", path.display());
            Trouble::usage(message, "Write one with `rollbook init`, or name it with --config.")
        })?;
        Config::parse(&text, path.parent().unwrap_or(Path::new("")))
            .map_err(|why| Trouble::usage(format!("{}: {}", path.display(), why.message), why.hint))
    }

    fn parse(text: &str, folder: &Path) -> Result<Config, Trouble> {
        let mut config: Config = toml::from_str(text).map_err(|error| {
            let words = "Correct that line; `rollbook init` writes an example with every setting.";
            Trouble::usage(error.to_string().trim_end().to_owned(), words)
        })?;
        config.server = config.server.trim().trim_end_matches('/').to_owned();
        check_server(&config.server)?;
        let below = |path: &PathBuf| folder.join(path);
        config.state = below(&config.state);
        config.key_file = config.key_file.as_ref().map(below);
        for watched in &mut config.folders {
            watched.path = below(&watched.path);
            watched.done = watched.done.as_ref().map(below);
            watched.not_sent = watched.not_sent.as_ref().map(below);
        }
        let mut seen = BTreeSet::new();
        match config.folders.iter().find(|folder| !seen.insert(&folder.path)) {
            None => Ok(config),
            Some(twice) => Err(Trouble::usage(
                format!("The folder {} is named twice.", twice.path.display()),
                "Name one folder for each kind of sync and source.",
            )),
        }
    }

    /// Returns the key, of the environment or else of its file.
    ///
    /// It is never an argument, which everybody on the machine can see.
    pub fn key(&self) -> Result<Secret, Trouble> {
        match env::var(KEY_VARIABLE) {
            Ok(key) if !key.trim().is_empty() => return Ok(Secret(key.trim().to_owned())),
            Ok(_) | Err(VarError::NotPresent) => {}
            Err(VarError::NotUnicode(_)) => {
                return Err(Trouble::usage(
                    format!("The variable {KEY_VARIABLE} is no text: it is not UTF-8."),
                    "Set it to the whole key, which begins with rb_.",
                ));
            }
        }
        let Some(path) = &self.key_file else {
            return Err(Trouble::usage(
                "There is no API key.",
                format!("Name its file as `key_file` in the configuration, or set {KEY_VARIABLE}."),
            ));
        };
        check_private(path)?;
        let text = fs::read_to_string(path).map_err(|error| Trouble::machine("read", path, &error))?;
        let key = text.trim().to_owned();
        if key.starts_with("rb_") && key.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Secret(key))
        } else {
            Err(Trouble::usage(
                format!("There is no API key in {}.", path.display()),
                "Put the whole key there, and nothing else; it begins with rb_.",
            ))
        }
    }
}

/// Checks that a key is not sent where others may read it on its way.
fn check_server(server: &str) -> Result<(), Trouble> {
    let good = |url: &Url| {
        let is_plain = url.username().is_empty() && url.password().is_none();
        let is_whole = url.query().is_none() && url.fragment().is_none();
        let is_safe = match (url.scheme(), url.host_str()) {
            ("https", Some(_)) => true,
            ("http", Some(host)) => matches!(host, "127.0.0.1" | "localhost"),
            _ => false,
        };
        is_plain && is_whole && is_safe
    };
    if Url::parse(server).is_ok_and(|url| good(&url)) {
        Ok(())
    } else {
        Err(Trouble::usage(
            format!("`server` is {server:?}, which is no address of Rollbook."),
            "Write it as people type it, such as https://rollbook.contoso.example.",
        ))
    }
}

/// Checks that nobody but its owner may read or write the file.
#[cfg(unix)]
fn check_private(path: &Path) -> Result<(), Trouble> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).map_err(|error| Trouble::machine("read", path, &error))?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(Trouble::usage(
        format!(
            "Others on this machine may read the API key: {} has the mode {mode:o}, and 600 is expected.",
            path.display()
        ),
        format!("Run `chmod 600 {}`. If others work on this machine, end the key and make a new one.", path.display()),
    ))
}

/// On Windows the folder of the configuration decides who may read it, which `rollbook init` says.
#[cfg(not(unix))]
fn check_private(_: &Path) -> Result<(), Trouble> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(text, Path::new("/etc/rollbook")).map_err(|why| why.message)
    }

    #[test]
    fn the_template_is_a_configuration() {
        let config = parse(TEMPLATE).expect("the template");
        assert_eq!(config.server, "https://rollbook.contoso.example");
        assert_eq!(config.key_file, Some(PathBuf::from("/etc/rollbook/rollbook.key")));
        assert_eq!(config.run, RunRules::default(), "what it says");
        assert_eq!(config.folders.len(), 1);
    }

    #[test]
    fn a_key_goes_to_no_address_without_encryption() {
        let of = |server: &str| parse(&format!("server = {server:?}\nstate = \"s\"")).map(|config| config.server);
        assert_eq!(of("https://a.example/"), Ok("https://a.example".to_owned()));
        assert_eq!(of("http://127.0.0.1:4000"), Ok("http://127.0.0.1:4000".to_owned()));
        for wrong in [
            "http://a.example",
            "a.example",
            "https://",
            "http://localhost.a.example",
            "ftp://a.example",
            "http://localhost:x@evil.example",
            "http://localhost:1@evil.example",
            "https://a.example@evil.example",
            "https://a.example?x=",
        ] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_not_known_is_named() {
        let wrong = parse("server = \"https://a.example\"\nstate = \"s\"\nkey = \"rb_x\"").unwrap_err();
        assert!(wrong.contains("key") && wrong.contains("line 3"), "{wrong}");
        let folder = "[[folder]]\npath = \"in\"\nmode = \"full\"\n";
        let twice = parse(&format!("server = \"https://a.example\"\nstate = \"s\"\n{folder}{folder}")).unwrap_err();
        assert!(twice.contains("/etc/rollbook/in") && twice.contains("twice"), "{twice}");
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, "rb_0123456789abcdef_secret\n").unwrap();
        let mut config = parse("server = \"https://a.example\"\nstate = \"s\"").unwrap();
        config.key_file = Some(path.clone());
        for (mode, good) in [(0o644, false), (0o640, false), (0o602, false), (0o600, true), (0o400, true)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(config.key().is_ok(), good, "{mode:o}");
        }
        assert_eq!(config.key().unwrap().0, "rb_0123456789abcdef_secret");
        assert_eq!(format!("{:?}", config.key().unwrap()), "(an API key)");
    }
}
