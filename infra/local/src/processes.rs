//! The processes of a function: started when they are needed, and kept warm.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;

use crate::invocation::{FunctionKind, InvokeError};
use crate::lock::lock;
use crate::log::Log;
use crate::process::{Process, ProcessCommand};

/// As many processes of a function as were ever at work at the same moment.
pub(crate) struct Processes {
    kind: FunctionKind,
    command: Arc<ProcessCommand>,
    log: Arc<Log>,
    pub(crate) idle: Mutex<Vec<Process>>,
    pub(crate) busy: Mutex<HashMap<u64, Arc<Notify>>>,
    invocations: AtomicU64,
    peak_memory: AtomicU64,
}

impl Processes {
    /// Makes the processes of a function, which a command starts.
    pub(crate) fn new(kind: FunctionKind, command: Arc<ProcessCommand>, log: Log) -> Processes {
        Processes {
            kind,
            command,
            log: Arc::new(log),
            idle: Mutex::new(Vec::new()),
            busy: Mutex::new(HashMap::new()),
            invocations: AtomicU64::new(0),
            peak_memory: AtomicU64::new(0),
        }
    }

    /// Has an idle process deal with an event, or a new one.
    pub(crate) async fn invoke(&self, event: Bytes, timeout: Duration) -> Result<Bytes, InvokeError> {
        let mut process = match self.take_idle() {
            Some(process) => process,
            None => Process::start(self.kind, &self.command, &self.log).await.map_err(InvokeError::Start)?,
        };
        let number = self.invocations.fetch_add(1, Ordering::Relaxed);
        lock(&self.busy).insert(number, process.killer());
        let result = process.invoke(event, timeout).await;
        lock(&self.busy).remove(&number);
        self.peak_memory.fetch_max(process.peak_memory(), Ordering::Relaxed);
        match result {
            Ok(_) | Err(InvokeError::Function(_)) => lock(&self.idle).push(process),
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

    /// Kills all of them, and says how many were at work.
    pub(crate) fn kill(&self) -> usize {
        lock(&self.idle).clear();
        let busy = lock(&self.busy);
        for kill in busy.values() {
            kill.notify_one();
        }
        busy.len()
    }

    /// Returns the most memory that one of them ever had, in bytes, as far as its invocations have ended.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.peak_memory.load(Ordering::Relaxed)
    }
}
