//! What the tests run against: the system on this machine, or the template deployed to an emulator or an account.

use std::fs;
use std::path::{Path, PathBuf};

use cloud::Cloud;
use local::{FunctionKind, Options, System};

use crate::deployed::Deployed;
use crate::quiet::quiet;

/// A system of a test's own, wherever it is.
pub enum TestedSystem {
    Embedded(System),
    Deployed(Deployed),
}

impl TestedSystem {
    /// Starts the system that the environment asks for: `cargo local test --on` sets it.
    pub async fn start() -> TestedSystem {
        if Deployed::is_asked_for() {
            return TestedSystem::Deployed(Deployed::start().await);
        }
        TestedSystem::embedded(Options::temporary()).await
    }

    /// Starts a system on this machine with options of the caller's, whatever the environment asks for.
    pub async fn embedded(options: Options) -> TestedSystem {
        let started = System::start(options).await;
        TestedSystem::Embedded(started.unwrap_or_else(|fault| {
            panic!("the local system does not start: {fault}. Build it first: cargo build -p local --bin local")
        }))
    }

    /// Returns the address of the page and the API.
    pub fn address(&self) -> String {
        match self {
            TestedSystem::Embedded(system) => system.address(),
            TestedSystem::Deployed(deployed) => deployed.address(),
        }
    }

    /// Sees to it that the page is there, which most tests do without.
    pub fn upload_page(&self) {
        match self {
            // The tests' build made it.
            TestedSystem::Embedded(_) => {}
            TestedSystem::Deployed(deployed) => deployed.upload_page(),
        }
    }

    /// Returns the table and the bucket, for somebody who may do everything.
    pub fn cloud(&self) -> Cloud {
        match self {
            TestedSystem::Embedded(system) => system.cloud(),
            TestedSystem::Deployed(deployed) => deployed.cloud(),
        }
    }

    /// Sends the event of an object once more, as S3 may.
    pub fn send_again(&self, key: &str, size: u64, e_tag: &str) {
        match self {
            TestedSystem::Embedded(system) => system.send_again(key, size, e_tag),
            TestedSystem::Deployed(deployed) => deployed.send_again(key, size, e_tag),
        }
    }

    /// Makes the functions look for work whose event was lost.
    pub fn look(&self) {
        match self {
            TestedSystem::Embedded(system) => system.look(),
            TestedSystem::Deployed(deployed) => deployed.look(),
        }
    }

    /// Waits until every event has been dealt with, and those that came of them.
    pub async fn settled(&self) {
        match self {
            TestedSystem::Embedded(system) => {
                if system.has_foreign_bucket() {
                    quiet(&system.cloud()).await;
                }
                system.settled().await;
            }
            TestedSystem::Deployed(deployed) => deployed.settled().await,
        }
    }

    /// Kills every process of a function, and says how many of them were at work.
    pub fn kill(&self, kind: FunctionKind) -> usize {
        match self {
            TestedSystem::Embedded(system) => system.kill(kind),
            TestedSystem::Deployed(deployed) => deployed.kill(kind),
        }
    }

    /// Returns how many requests the busy table of this machine refused; deployed, no table is made to be busy.
    pub fn table_faults_met(&self) -> u64 {
        match self {
            TestedSystem::Embedded(system) => system.table_faults_met(),
            TestedSystem::Deployed(_) => 0,
        }
    }

    /// Returns what the functions logged, a text for each log.
    pub fn logs(&self) -> Vec<String> {
        match self {
            TestedSystem::Embedded(system) => {
                files_below(&system.folder().join("logs")).iter().map(|file| text(file)).collect()
            }
            TestedSystem::Deployed(deployed) => deployed.logs(),
        }
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

fn text(file: &Path) -> String {
    String::from_utf8_lossy(&fs::read(file).expect("a log")).into_owned()
}
