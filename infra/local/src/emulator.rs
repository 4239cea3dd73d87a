//! ministack, an emulator of AWS, and Rollbook deployed to it: by `cargo deploy`, as to an account.

use std::path::{Path, PathBuf};
use std::process::Command;

use build::cargo;
use build::problem::{ProblemText, unusable};
use build::python::{AWS_CLI, MINISTACK};
use build::stage::Stage;

use crate::recorder::{Recorder, UsedRight};
use crate::rights;
use crate::server_process::ServerProcess;

/// The key that the emulator takes for the account's root.
const ROOT: &str = "test";

/// A running emulator, which ends with this.
pub struct Emulator {
    /// `None` where somebody else runs what answers.
    _process: Option<ServerProcess>,
    /// What the functions ask it for.
    recorder: Option<Recorder>,
    /// What the programs need to know that ask it.
    variables: Vec<(String, String)>,
}

impl Emulator {
    /// Starts the emulator with roles that hold: every function may do what its own role says.
    ///
    /// # Errors
    ///
    /// Where it can't be installed, or does not start.
    pub fn start() -> Result<Emulator, ProblemText> {
        let [program, aws] = [MINISTACK.program("ministack")?, AWS_CLI.program("aws")?];
        let stage = Stage::begin("Starting the emulator of AWS");
        let port = free_port()?;
        let endpoint = format!("http://127.0.0.1:{port}");
        let recorder = Recorder::start(&endpoint)?;
        let mut command = Command::new(program);
        command
            .envs([("AUTH", "true"), ("BIND_HOST", "127.0.0.1"), ("AWS_ENDPOINT_URL", &recorder.address())])
            .envs([("GATEWAY_PORT", port.to_string()), ("EDGE_PORT", port.to_string())])
            .envs([("LAMBDA_ASYNC_RETRY_BASE_SECONDS", "0.5"), ("LAMBDA_ASYNC_RETRY_MAX_SECONDS", "1")]);
        let process = ServerProcess::start("ministack", command, port)?;
        let mut variables = variables(&endpoint, &aws);
        variables.push(("ROLLBOOK_LINKS".to_owned(), recorder.address()));
        stage.done();
        Ok(Emulator { _process: Some(process), recorder: Some(recorder), variables })
    }

    /// Returns another emulator, which somebody else runs.
    ///
    /// Its keys are those of the environment, or the ones that emulators take.
    ///
    /// # Errors
    ///
    /// Where the program that asks it can't be installed.
    pub fn at(endpoint: &str) -> Result<Emulator, ProblemText> {
        let variables = variables(endpoint, &AWS_CLI.program("aws")?);
        let variables = variables.into_iter().map(|(name, value)| {
            let value = std::env::var(&name)
                .ok()
                .filter(|_| name.starts_with("AWS_ACCESS") || name.starts_with("AWS_SECRET"))
                .unwrap_or(value);
            (name, value)
        });
        Ok(Emulator { _process: None, recorder: None, variables: variables.collect() })
    }

    /// Deploys Rollbook with the functions that `folder` has as programs by their names, and the page.
    ///
    /// # Errors
    ///
    /// Where the command that deploys fails.
    pub fn deploy(&mut self, functions: &Path, page: &Path) -> Result<(), ProblemText> {
        let mut command = cargo::cargo(&["run", "--quiet", "--bin", "deploy", "--", "--architecture", ARCHITECTURE]);
        let built = [("ROLLBOOK_FUNCTIONS", functions), ("ROLLBOOK_PAGE", page)];
        self.variables.extend(built.map(|(name, folder)| (name.to_owned(), folder.display().to_string())));
        command.envs(self.variables.clone());
        cargo::run(command)?;
        self.variables.push(("ROLLBOOK_STACK".to_owned(), "rollbook".to_owned()));
        Ok(())
    }

    /// Returns the rights of the functions' roles that none of them has used.
    ///
    /// `None` where nothing was recorded.
    ///
    /// # Errors
    ///
    /// Where the template can't be read.
    pub fn unused_rights(&self) -> Result<Option<Vec<UsedRight>>, ProblemText> {
        self.recorder.as_ref().map(|recorder| rights::unused(&recorder.used())).transpose()
    }

    /// Returns the variables by which the tests find what is deployed.
    pub fn variables(&self) -> &[(String, String)] {
        &self.variables
    }
}

/// What this machine's programs are, as the template calls it.
const ARCHITECTURE: &str = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };

fn variables(endpoint: &str, aws: &Path) -> Vec<(String, String)> {
    let fixed = [
        ("AWS_ACCESS_KEY_ID", ROOT),
        ("AWS_SECRET_ACCESS_KEY", ROOT),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_ENDPOINT_URL", endpoint),
    ];
    let program = ("ROLLBOOK_AWS".to_owned(), aws.display().to_string());
    fixed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).chain([program]).collect()
}

/// Returns a port that nobody listens on.
pub fn free_port() -> Result<u16, ProblemText> {
    local::free_port().map_err(|error| unusable("A port", &error))
}

/// Returns the folder in which cargo has built the functions for tests.
pub fn built_functions() -> PathBuf {
    cargo::target().join("debug")
}
