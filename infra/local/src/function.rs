//! A function: as many invocations side by side as it may have, whoever runs its program.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::Semaphore;

use crate::cargo_lambda::CargoLambda;
use crate::invocation::{FunctionKind, InvokeError};
use crate::metered::Meter;
use crate::processes::Processes;

/// A function of the running system.
pub(crate) struct Function {
    kind: FunctionKind,
    programs: Programs,
    permits: Semaphore,
    meter: Arc<Meter>,
}

/// Who runs the program of a function.
pub(crate) enum Programs {
    /// This system, as processes of its own.
    Own(Processes),
    /// cargo-lambda, the same for all functions.
    CargoLambda(Arc<CargoLambda>),
}

impl Function {
    /// Makes a function whose program somebody runs. The meter counts its invocations.
    pub(crate) fn new(kind: FunctionKind, programs: Programs, meter: Arc<Meter>) -> Arc<Function> {
        Arc::new(Function { kind, programs, permits: Semaphore::new(kind.concurrency()), meter })
    }

    /// Returns which function it is.
    pub(crate) fn kind(&self) -> FunctionKind {
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
        let (timeout, since) = (self.kind.timeout(), Instant::now());
        let result = match &self.programs {
            Programs::Own(processes) => processes.invoke(event, timeout).await,
            Programs::CargoLambda(emulator) => emulator.invoke(self.kind, event, timeout).await,
        };
        self.meter.invocation(since.elapsed());
        if self.permits.is_closed() {
            // What became idle meanwhile goes, too.
            self.end_programs();
            return result.map_err(|_| InvokeError::Stopping);
        }
        result
    }

    /// Kills every process of the function, and says how many of them were at work.
    pub(crate) fn kill(&self) -> usize {
        match &self.programs {
            Programs::Own(processes) => processes.kill(),
            Programs::CargoLambda(emulator) => emulator.kill(self.kind),
        }
    }

    /// Returns the most memory that one process of it ever had, in bytes, as far as its invocations have ended; zero
    /// where another program runs them.
    pub(crate) fn peak_memory(&self) -> u64 {
        match &self.programs {
            Programs::Own(processes) => processes.peak_memory(),
            Programs::CargoLambda(_) => 0,
        }
    }

    /// Takes no more invocations and kills its processes.
    pub(crate) fn stop(&self) {
        self.permits.close();
        self.end_programs();
    }

    fn end_programs(&self) {
        match &self.programs {
            Programs::Own(processes) => {
                processes.kill();
            }
            Programs::CargoLambda(emulator) => emulator.stop(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::path::PathBuf;

    use serde_json::{Value, json};
    use tempfile::TempDir;

    use super::*;
    use crate::lock::lock;
    use crate::log::Log;
    use crate::process::ProcessCommand;

    /// A function that is the example `echo`, and a folder for its log and whatever else.
    pub(crate) fn echo(kind: FunctionKind) -> (Arc<Function>, TempDir) {
        let folder = TempDir::new().expect("a temporary folder");
        let test = std::env::current_exe().expect("the path of the test");
        let binary: PathBuf = test.ancestors().nth(2).expect("the target's folder").join("examples/echo");
        let command = Arc::new(ProcessCommand { binary, environment: Vec::new() });
        let log = Log::open(folder.path(), kind.name(), false).expect("a log");
        (Function::new(kind, Programs::Own(Processes::new(kind, command, log)), Arc::default()), folder)
    }

    fn own(function: &Function) -> &Processes {
        match &function.programs {
            Programs::Own(processes) => processes,
            Programs::CargoLambda(_) => panic!("the function has no processes of its own"),
        }
    }

    async fn answer(function: &Arc<Function>, event: Value) -> Result<Value, InvokeError> {
        let bytes = function.invoke(Bytes::from(event.to_string())).await?;
        Ok(serde_json::from_slice(&bytes).expect("an answer of JSON"))
    }

    #[tokio::test]
    async fn an_event_reaches_a_process_and_its_answer_comes_back() {
        let (function, _folder) = echo(FunctionKind::Api);
        for number in 0..3 {
            let event = json!({ "number": number });
            assert_eq!(answer(&function, event.clone()).await.expect("an answer"), event);
        }
        assert_eq!(lock(&own(&function).idle).len(), 1, "one process answered them all");
        assert!(function.peak_memory() > 100_000);
    }

    #[tokio::test]
    async fn a_failure_is_told_and_the_process_stays() {
        let (function, _folder) = echo(FunctionKind::Api);
        let failure = answer(&function, json!({ "fail": "no such thing" })).await;
        assert!(matches!(failure, Err(InvokeError::Function(text)) if text.contains("no such thing")));
        assert_eq!(lock(&own(&function).idle).len(), 1);
    }

    #[tokio::test]
    async fn what_a_dying_process_has_in_hand_fails_and_the_next_gets_a_new_one() {
        let (function, folder) = echo(FunctionKind::Api);
        let event = json!({ "die_without": folder.path().join("died") });
        assert!(matches!(answer(&function, event.clone()).await, Err(InvokeError::Died)));
        assert_eq!(answer(&function, event.clone()).await.expect("an answer"), event);
    }

    #[tokio::test]
    async fn a_killed_process_fails_its_invocation() {
        let (function, _folder) = echo(FunctionKind::Api);
        let event = json!({ "wait_for": "/nowhere/at/all" });
        let invocation = tokio::spawn({
            let function = function.clone();
            async move { answer(&function, event).await }
        });
        while function.kill() == 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(invocation.await.expect("no panic"), Err(InvokeError::Died)));
        assert_eq!(answer(&function, json!(1)).await.expect("an answer"), json!(1));
    }

    #[tokio::test]
    async fn no_more_processes_than_allowed_run_side_by_side() {
        let (function, folder) = echo(FunctionKind::Validate);
        let file = folder.path().join("go on");
        let event = json!({ "wait_for": file });
        let invocations: Vec<_> = (0..5)
            .map(|_| {
                let (function, event) = (function.clone(), event.clone());
                tokio::spawn(async move { answer(&function, event).await })
            })
            .collect();
        while lock(&own(&function).busy).len() < FunctionKind::Validate.concurrency() {
            tokio::task::yield_now().await;
        }
        std::fs::write(file, []).expect("a file");
        for invocation in invocations {
            assert!(invocation.await.expect("no panic").is_ok());
        }
        assert_eq!(lock(&own(&function).idle).len(), FunctionKind::Validate.concurrency());
    }

    #[tokio::test]
    async fn a_stopped_function_takes_nothing_more() {
        let (function, _folder) = echo(FunctionKind::Api);
        function.stop();
        assert!(matches!(answer(&function, json!(1)).await, Err(InvokeError::Stopping)));
    }
}
