//! The program as a function: what the running system starts, once per process of a function.

use std::io::Read;
use std::process::ExitCode;

use local::FunctionKind;

/// Runs a function until the system that started it ends it or is gone.
pub fn run(kind: FunctionKind) -> ExitCode {
    std::thread::spawn(end_with_parent);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("ERROR the runtime could not be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(async {
        match kind {
            FunctionKind::Validate => validate::run().await,
            FunctionKind::Apply => apply::run().await,
            FunctionKind::Api => api::run().await,
            FunctionKind::Notices => notices::run().await,
        }
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ERROR the function ended: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Ends the process with the one that started it: standard input is a pipe that nobody writes to, and ends then.
fn end_with_parent() {
    let mut input = std::io::stdin();
    let mut buffer = [0];
    while !matches!(input.read(&mut buffer), Ok(0) | Err(_)) {}
    std::process::exit(0);
}
