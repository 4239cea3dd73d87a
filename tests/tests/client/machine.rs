//! A machine of the district: a folder with a configuration and a key, and the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use reqwest::Method;
use roster::{KeyUse, Mode};
use serde_json::Value;
use tempfile::TempDir;
use tests::town::Admin;
use tokio::process::{Child, Command};
use wire::http::{MadeKey, NewKey};
use wire::stored::KeyDecisions;

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    pub exit: i32,
    pub said: String,
    pub trouble: String,
}

pub struct Machine {
    folder: TempDir,
    pub key: MadeKey,
}

impl Machine {
    /// Switches keys on, has one made, and writes the configuration of a machine that asks at `server`.
    pub async fn set_up(head: &Admin, server: &str, decisions: KeyDecisions) -> Machine {
        head.change_settings(|settings| settings.api_keys = KeyUse::On).await;
        let new = new_key(decisions);
        let key: MadeKey = head.ask(Method::POST, "keys", &new).await;
        let machine = Machine { folder: tempfile::tempdir().unwrap(), key };
        fs::create_dir(machine.path("full")).unwrap();
        write_private(&machine.path("key"), &machine.key.secret);
        machine.ask_at(server);
        machine
    }

    /// Has the program ask at another address from now on.
    pub fn ask_at(&self, server: &str) {
        let config = format!(
            "server = {server:?}\nkey_file = \"key\"\nstate = \"state\"\n[run]\nlook_every = 1\nsettled_after = 1\n\
             [[folder]]\npath = \"full\"\nmode = \"full\"\n"
        );
        fs::write(self.path("rollbook.toml"), config).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, contents: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, contents).unwrap();
        path
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let programs = std::env::current_exe().unwrap();
        let program = programs.parent().and_then(Path::parent).unwrap().join("rollbook");
        assert!(program.exists(), "build it first: cargo build --workspace --bins");
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .args(arguments)
            .env_remove("ROLLBOOK_KEY")
            .env_remove("ROLLBOOK_CONFIG");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Runs a command to its end.
    pub async fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().await.unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let ran =
            Ran { exit: output.status.code().unwrap_or(-1), said: text(output.stdout), trouble: text(output.stderr) };
        assert!(!ran.said.contains(&self.key.secret) && !ran.trouble.contains(&self.key.secret), "the key is shown");
        ran
    }

    /// Begins a command.
    pub fn begin(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    /// Returns everything that the program keeps on the machine.
    pub fn state(&self) -> String {
        let files = fs::read_dir(self.path("state")).unwrap().map(|entry| entry.unwrap().path());
        files.map(|file| fs::read_to_string(file).unwrap()).collect()
    }
}

impl Ran {
    /// Returns the values of `--json`, one for each line.
    pub fn values(&self) -> Vec<Value> {
        self.said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Returns a key to make, for all schools and two kinds of sync.
pub fn new_key(decisions: KeyDecisions) -> NewKey {
    NewKey {
        name: "Night export".to_owned(),
        school: None,
        source: None,
        modes: [Mode::Partial, Mode::Full].into(),
        decisions,
        days: 1,
    }
}

fn write_private(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}
