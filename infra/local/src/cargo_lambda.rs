//! `cargo lambda watch`, cargo-lambda's emulator of Lambda: it runs the functions' own programs.

use std::collections::HashMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use build::cargo;
use bytes::Bytes;
use tokio::sync::Notify;

use crate::SystemFault;
use crate::foreign_processes;
use crate::invocation::{FunctionKind, InvokeError};
use crate::lock::lock;

/// How many programs of one function run side by side. It is one number for all functions.
const CONCURRENCY: &str = "2";
/// How often the processes that it leaves behind are looked for.
const MOST_LOOKS: usize = 20;
/// How long it may take until the emulator listens.
const PATIENCE: Duration = Duration::from_secs(60);

/// The running emulator, for all functions of one system. It ends when this is dropped.
pub(crate) struct CargoLambda {
    start: EmulatorStart,
    /// `None` once it was stopped.
    running: Mutex<Option<Running>>,
    client: reqwest::Client,
    in_hand: Mutex<HashMap<u64, InHand>>,
    invocations: AtomicU64,
}

/// What the emulator is started with.
struct EmulatorStart {
    program: PathBuf,
    environment: Vec<(String, String)>,
    log: PathBuf,
}

struct Running {
    emulator: Child,
    port: u16,
}

/// An invocation that has not ended.
struct InHand {
    kind: FunctionKind,
    killed: Arc<Notify>,
}

impl CargoLambda {
    /// Starts the emulator, whose functions get these variables. What it and they write goes to a file.
    ///
    /// # Errors
    ///
    /// [`SystemFault::Start`] or [`SystemFault::File`] where it can't be started.
    pub(crate) fn start(
        program: PathBuf,
        environment: Vec<(String, String)>,
        log: PathBuf,
    ) -> Result<CargoLambda, SystemFault> {
        let start = EmulatorStart { program, environment, log };
        let running = Mutex::new(Some(start.run()?));
        Ok(CargoLambda {
            start,
            running,
            client: reqwest::Client::new(),
            in_hand: Mutex::default(),
            invocations: AtomicU64::new(0),
        })
    }

    /// Invokes a function and waits for its answer.
    pub(crate) async fn invoke(
        &self,
        kind: FunctionKind,
        event: Bytes,
        timeout: Duration,
    ) -> Result<Bytes, InvokeError> {
        let killed = Arc::new(Notify::new());
        let number = self.invocations.fetch_add(1, Ordering::Relaxed);
        lock(&self.in_hand).insert(number, InHand { kind, killed: killed.clone() });
        let result = tokio::select! {
            answer = self.ask(kind, event) => answer,
            () = killed.notified() => Err(InvokeError::Died),
            () = tokio::time::sleep(timeout) => Err(InvokeError::TimedOut(timeout)),
        };
        lock(&self.in_hand).remove(&number);
        result
    }

    async fn ask(&self, kind: FunctionKind, event: Bytes) -> Result<Bytes, InvokeError> {
        let began = Instant::now();
        let response = loop {
            let port = self.port()?;
            let address = format!("http://127.0.0.1:{port}/2015-03-31/functions/{}/invocations", kind.name());
            match self.client.post(address).body(event.clone()).send().await {
                // It does not listen yet.
                Err(error) if error.is_connect() && began.elapsed() < PATIENCE => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                result => break result.map_err(|_| InvokeError::Died)?,
            }
        };
        let is_answer = response.status().is_success();
        let body = response.bytes().await.map_err(|_| InvokeError::Died)?;
        // Lambda itself would say 200, and that the function failed in a header.
        if is_answer { Ok(body) } else { Err(InvokeError::Function(String::from_utf8_lossy(&body).into_owned())) }
    }

    /// Returns the port of the emulator, which has to be running.
    fn port(&self) -> Result<u16, InvokeError> {
        let mut running = lock(&self.running);
        let running = running.as_mut().ok_or(InvokeError::Stopping)?;
        match running.emulator.try_wait() {
            Ok(None) => Ok(running.port),
            Ok(Some(status)) => {
                let why = format!("cargo-lambda has ended ({status}); see {}", self.start.log.display());
                Err(InvokeError::Start(std::io::Error::other(why)))
            }
            Err(error) => Err(InvokeError::Start(error)),
        }
    }

    /// Kills every program of every function if one of this function computes, and says how many of it did. The emulator
    /// never replaces a program that dies, so it is started anew.
    pub(crate) fn kill(&self, kind: FunctionKind) -> usize {
        let mut running = lock(&self.running);
        let Some(port) = running.as_ref().map(|running| running.port) else { return 0 };
        let is_in_hand = lock(&self.in_hand).values().any(|invocation| invocation.kind == kind);
        let busy = if is_in_hand { foreign_processes::busy(programs(port, kind)).len() } else { 0 };
        if busy == 0 {
            return 0;
        }
        if let Some(ended) = running.take() {
            ended.end();
        }
        self.break_off();
        match self.start.run() {
            Ok(again) => *running = Some(again),
            // Whoever invokes a function next is told that it is not there.
            Err(error) => tracing::error!(%error, "cargo-lambda could not be started again"),
        }
        busy
    }

    /// Ends the emulator and the functions.
    pub(crate) fn stop(&self) {
        if let Some(running) = lock(&self.running).take() {
            running.end();
        }
        self.break_off();
    }

    fn break_off(&self) {
        for invocation in lock(&self.in_hand).values() {
            invocation.killed.notify_one();
        }
    }
}

impl Drop for CargoLambda {
    fn drop(&mut self) {
        self.stop();
    }
}

impl EmulatorStart {
    fn run(&self) -> Result<Running, SystemFault> {
        let log = std::fs::File::options().create(true).append(true).open(&self.log);
        let log = log.map_err(SystemFault::file(&self.log))?;
        let errors = log.try_clone().map_err(SystemFault::file(&self.log))?;
        let port = free_port().map_err(|source| SystemFault::Port { port: 0, what: "cargo-lambda", source })?;
        let mut command = Command::new(&self.program);
        command
            .args(["lambda", "watch", "--ignore-changes", "--invoke-address", "127.0.0.1"])
            .args(["--invoke-port", &port.to_string(), "--concurrency", CONCURRENCY])
            .current_dir(cargo::checkout())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors);
        // Who runs the tests may be somebody in an account.
        for name in ["AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_CONFIG_FILE"] {
            command.env_remove(name);
        }
        cargo::forget_this_package(&mut command);
        let emulator = command.spawn().map_err(|source| SystemFault::Start {
            function: "cargo-lambda",
            binary: self.program.clone(),
            source,
        })?;
        Ok(Running { emulator, port })
    }
}

impl Running {
    /// Kills the emulator and then the functions, which it would leave behind.
    fn end(mut self) {
        // It may have ended by itself.
        let _ = self.emulator.kill();
        let _ = self.emulator.wait();
        // What is being started while they are looked for is found the next time.
        for _ in 0..MOST_LOOKS {
            let left: Vec<u32> = FunctionKind::ALL.iter().flat_map(|kind| started_by(self.port, *kind)).collect();
            if left.is_empty() {
                return;
            }
            for pid in left {
                foreign_processes::kill(pid);
            }
        }
    }
}

/// Returns the processes that the emulator at a port has started for a function: cargo, and what cargo runs.
fn started_by(port: u16, kind: FunctionKind) -> Vec<u32> {
    foreign_processes::with_variables(&[
        format!("AWS_LAMBDA_RUNTIME_API=http://127.0.0.1:{port}/"),
        format!("AWS_LAMBDA_FUNCTION_NAME={}", kind.name()),
    ])
}

/// Returns those of them that are the function's program.
fn programs(port: u16, kind: FunctionKind) -> Vec<u32> {
    let is_program = |pid: &u32| {
        let program = std::fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
        program.file_name().is_some_and(|name| name == kind.name())
    };
    started_by(port, kind).into_iter().filter(is_program).collect()
}

/// Returns a port that nobody listens on.
///
/// # Errors
///
/// Where the system gives none.
pub fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
