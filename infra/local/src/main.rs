//! `cargo local`: Rollbook on this machine.

mod arguments;
mod bench;
mod checks;
mod child;
mod client;
mod emulator;
mod localstack_process;
mod organisation;
mod recorder;
mod rights;
mod run;
mod seed;
mod server_process;
mod tally;
mod weigh;

use std::process::ExitCode;

use arguments::Command;
use build::problem::ProblemText;

fn main() -> ExitCode {
    match arguments::parse(std::env::args_os()) {
        Ok(Command::Function(kind)) => child::run(kind),
        Ok(Command::Help) => {
            print!("{}", arguments::HELP);
            ExitCode::SUCCESS
        }
        Ok(Command::Run(options)) => finish(wait_for(run::run(options))),
        Ok(Command::Test(test)) => checks::run(&test),
        Ok(Command::Bench { rows }) => finish(wait_for(bench::run(rows))),
        Ok(Command::BenchDomain(options)) => finish(bench::domain::run(&options)),
        Ok(Command::BenchValidate { rows }) => finish(wait_for(bench::validate::run(rows))),
        Ok(Command::BenchCosts { users }) => finish(wait_for(bench::costs::run(&users))),
        Ok(Command::BenchPage) => finish(wait_for(weigh::run())),
        Err(error) => {
            eprintln!("{error}\n\n{}", arguments::HELP);
            ExitCode::from(2)
        }
    }
}

fn wait_for(work: impl Future<Output = Result<(), ProblemText>>) -> Result<(), ProblemText> {
    log_to_terminal();
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| ProblemText::new(format!("The runtime could not be started: {error}")))?;
    runtime.block_on(work)
}

/// Writes our own warnings to the terminal; what functions log goes to files. To the table's server every condition
/// that does not hold is worth a warning, and there are many.
fn log_to_terminal() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn,dynoxide=error".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

fn finish(result: Result<(), ProblemText>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("\n{problem}");
            ExitCode::FAILURE
        }
    }
}
