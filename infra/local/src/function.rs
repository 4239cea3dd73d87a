//! A function: as many processes as it may have, started when they are needed and kept warm.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Notify, Semaphore};

use crate::log::Log;
use crate::process::{Process, ProcessCommand};

/// The functions of Rollbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Validate,
    Apply,
    Api,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Validate, Kind::Apply, Kind::Api];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Validate => "validate",
            Kind::Apply => "apply",
            Kind::Api => "api",
        }
    }

    /// How many of it run side by side.
    pub(crate) fn concurrency(self) -> usize {
        match self {
            Kind::Validate => 2,
            Kind::Apply | Kind::Api => 4,
        }
    }

    /// How long an invocation may take: what Lambda allows, and for HTTP what API Gateway waits.
    fn timeout(self) -> Duration {
        match self {
            Kind::Validate | Kind::Apply => Duration::from_secs(15 * 60),
            Kind::Api => Duration::from_secs(29),
        }
    }

    pub(crate) fn arn(self) -> String {
        format!("arn:aws:lambda:{}:000000000000:function:rollbook-{}", crate::system::REGION, self.name())
    }
}

/// Why an invocation gave no response.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// The handler answered with an error.
    #[error("the function failed: {0}")]
    Function(String),
    #[error("the function's process died")]
    Died,
    #[error("the function was stopped after {} s", .0.as_secs())]
    TimedOut(Duration),
    #[error("the function's process could not be started: {0}")]
    Start(std::io::Error),
    #[error("the system is stopping")]
    Stopping,
}

/// A function of the running system.
pub(crate) struct Function {
    kind: Kind,
    command: Arc<ProcessCommand>,
    log: Arc<Log>,
    permits: Semaphore,
    idle: Mutex<Vec<Process>>,
    busy: Mutex<HashMap<u64, Arc<Notify>>>,
    invocations: AtomicU64,
    peak_memory: AtomicU64,
}

impl Function {
    pub(crate) fn new(kind: Kind, command: Arc<ProcessCommand>, log: Log) -> Arc<Function> {
        Arc::new(Function {
            kind,
            command,
            log: Arc::new(log),
            permits: Semaphore::new(kind.concurrency()),
            idle: Mutex::new(Vec::new()),
            busy: Mutex::new(HashMap::new()),
            invocations: AtomicU64::new(0),
            peak_memory: AtomicU64::new(0),
        })
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Invokes the function once a process is free. The invocation goes on when nobody waits for it any more, as it
    /// does in Lambda.
    pub(crate) async fn invoke(self: &Arc<Self>, event: Bytes) -> Result<Bytes, InvokeError> {
        let function = self.clone();
        let invocation = tokio::spawn(async move { function.run(event).await });
        invocation.await.unwrap_or(Err(InvokeError::Died))
    }

    async fn run(&self, event: Bytes) -> Result<Bytes, InvokeError> {
        let _permit = self.permits.acquire().await.map_err(|_| InvokeError::Stopping)?;
        let mut process = match self.take_idle() {
            Some(process) => process,
            None => Process::start(self.kind, &self.command, &self.log).await.map_err(InvokeError::Start)?,
        };
        let number = self.invocations.fetch_add(1, Ordering::Relaxed);
        lock(&self.busy).insert(number, process.killer());
        let result = process.invoke(event, self.kind.timeout()).await;
        lock(&self.busy).remove(&number);
        self.peak_memory.fetch_max(process.peak_memory(), Ordering::Relaxed);
        match result {
            Ok(_) | Err(InvokeError::Function(_)) if !self.permits.is_closed() => lock(&self.idle).push(process),
            _ => process.end().await,
        }
        result
    }

    fn take_idle(&self) -> Option<Process> {
        let mut idle = lock(&self.idle);
        while let Some(mut process) = idle.pop() {
            if process.is_alive() {
                return Some(process);
            }
        }
        None
    }

    /// Kills every process of the function, and says how many of them were at work.
    pub(crate) fn kill(&self) -> usize {
        lock(&self.idle).clear();
        let busy = lock(&self.busy);
        for kill in busy.values() {
            kill.notify_one();
        }
        busy.len()
    }

    /// The most memory that one process of it ever had, in bytes, as far as its invocations have ended.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.peak_memory.load(Ordering::Relaxed)
    }

    /// Takes no more invocations and kills its processes.
    pub(crate) fn stop(&self) {
        self.permits.close();
        self.kill();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
