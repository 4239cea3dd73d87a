//! `cargo local test`: every check, with one line at the end that says how they went.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc;

use crate::cargo::{self, cargo};
use crate::problem::Problem;
use crate::stage::Stage;
use crate::tally::{Stream, Tally};
use crate::{page, run, setup};

/// Runs every check, or only the tests whose names contain `filter`. The last line is `N passed, N failed`.
pub fn run(filter: Option<&str>) -> ExitCode {
    let mut tally = Tally::default();
    if let Err(problem) = check_all(filter, &mut tally) {
        eprintln!("\n{problem}");
        tally.fail("setting up");
    }
    let failures = tally.failures();
    if !failures.is_empty() {
        println!("\nFailed:");
        for failure in failures {
            println!("  {failure}");
        }
    }
    println!("\n{} passed, {} failed", tally.passed(), tally.failed());
    match tally.failed() == 0 && tally.passed() > 0 {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn check_all(filter: Option<&str>, tally: &mut Tally) -> Result<(), Problem> {
    setup::check_tools()?;
    setup::wasm_target()?;
    if filter.is_none() {
        check(tally, "format", cargo(&["fmt", "--all", "--check"]));
        let lints = ["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"];
        check(tally, "clippy", cargo(&lints));
        let lints = ["clippy", "--package", "web", "--target", "wasm32-unknown-unknown", "--", "--deny", "warnings"];
        check(tally, "clippy of the page", cargo(&lints));
    }
    let page = page::build()?;
    let programs = tempfile::tempdir().map_err(|error| Problem::new(format!("No temporary folder: {error}")))?;
    // The tests' build replaces this program while it is running; the functions must stay as they are.
    let program = programs.path().join("local");
    std::fs::copy(run::program()?, &program)
        .map_err(|error| Problem::new(format!("This program could not be copied: {error}")))?;
    tests(tally, filter, &program, &page)
}

fn check(tally: &mut Tally, name: &str, command: Command) {
    let stage = Stage::begin(format!("Checking: {name}"));
    match cargo::run(command) {
        Ok(()) => tally.pass(),
        Err(problem) => {
            eprintln!("{problem}");
            tally.fail(name);
        }
    }
    stage.done();
}

fn tests(tally: &mut Tally, filter: Option<&str>, program: &Path, page: &Path) -> Result<(), Problem> {
    let stage = Stage::begin("Checking: tests");
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    command.args(filter).env("ROLLBOOK_LOCAL", program).env("ROLLBOOK_PAGE", page);
    let line = cargo::line(&command);
    let failed = |error| Problem::new(format!("`{line}` could not be run: {error}"));
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(failed)?;
    let (sender, lines) = mpsc::channel();
    if let Some(out) = child.stdout.take() {
        forward(out, Stream::Out, sender.clone());
    }
    if let Some(err) = child.stderr.take() {
        forward(err, Stream::Err, sender.clone());
    }
    drop(sender);
    for (stream, line) in lines {
        tally.read(stream, &line);
    }
    let status = child.wait().map_err(failed)?;
    tally.end_of_tests(status.success());
    stage.done();
    Ok(())
}

/// Shows what a stream says as it comes, and sends it on line by line.
fn forward(source: impl Read + Send + 'static, stream: Stream, lines: mpsc::Sender<(Stream, String)>) {
    std::thread::spawn(move || {
        let mut source = BufReader::new(source);
        let mut bytes = Vec::new();
        while matches!(source.read_until(b'\n', &mut bytes), Ok(read) if read > 0) {
            let shown = match stream {
                Stream::Out => std::io::stdout().lock().write_all(&bytes),
                Stream::Err => std::io::stderr().lock().write_all(&bytes),
            };
            let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            if lines.send((stream, line)).is_err() || shown.is_err() {
                return;
            }
            bytes.clear();
        }
    });
}
