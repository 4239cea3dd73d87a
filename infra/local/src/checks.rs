//! `cargo local test`: every check, with one line at the end that says how they went.

use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc;

use crate::run;
use crate::tally::{CheckTally, Stream};
use build::cargo::{self, cargo};
use build::page::Build;
use build::problem::ProblemText;
use build::stage::{Stage, clear_line};
use build::{page, setup};

/// Runs every check, or only the tests whose names contain `filter`. The last line is `N passed, N failed`.
pub fn run(filter: Option<&str>) -> ExitCode {
    let mut tally = CheckTally::default();
    if filter.is_none() {
        lint(&mut tally);
    }
    let page = match note(&mut tally, "the browser tests", browser_tests(filter)) {
        Some(Wanted::Yes) => {
            note(&mut tally, "the browser for the tests", setup::browser());
            note(&mut tally, "the page", page::build(Build::Local))
        }
        Some(Wanted::No) | None => None,
    };
    if let Err(problem) = tests(&mut tally, filter, page.as_deref()) {
        eprintln!("{problem}");
        tally.fail("the tests");
    }
    report(&tally)
}

/// Whether something will be used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Yes,
    No,
}

/// Whether a browser test is among those that will run: only they need the page and a browser.
fn browser_tests(filter: Option<&str>) -> Result<Wanted, ProblemText> {
    let Some(filter) = filter else { return Ok(Wanted::Yes) };
    let list = cargo(&["test", "--workspace", "--test", "browser", "--", "--list", "--format", "terse", filter]);
    let tests = cargo::output(list)?;
    Ok(if tests.lines().any(|line| line.ends_with(": test")) { Wanted::Yes } else { Wanted::No })
}

fn lint(tally: &mut CheckTally) {
    if note(tally, "rustfmt", setup::component("fmt", "rustfmt")).is_some() {
        check(tally, "format", cargo(&["fmt", "--all", "--check"]));
    }
    let clippy = note(tally, "clippy", setup::component("clippy", "clippy"));
    let target = note(tally, "the target of the page", setup::wasm_target());
    if clippy.is_some() {
        check(tally, "clippy", cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]));
    }
    if clippy.is_some() && target.is_some() {
        let page =
            ["clippy", "--package", "web", "--package", "worker", "--target", setup::WASM, "--", "--deny", "warnings"];
        check(tally, "clippy of the page", cargo(&page));
    }
}

/// Returns what something needed is, or that it is missing; the other checks go on without it.
fn note<T>(tally: &mut CheckTally, what: &str, result: Result<T, ProblemText>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(problem) => {
            eprintln!("\n{problem}\n");
            tally.fail(what);
            None
        }
    }
}

fn check(tally: &mut CheckTally, name: &str, command: Command) {
    let stage = Stage::begin(format!("Checking: {name}"));
    if note(tally, name, cargo::run(command)).is_some() {
        tally.pass();
    }
    stage.done();
}

fn report(tally: &CheckTally) -> ExitCode {
    if !tally.failures().is_empty() {
        println!("\nFailed:");
    }
    for failure in tally.failures() {
        println!("  {failure}");
    }
    println!("\n{} passed, {} failed", tally.passed(), tally.failed());
    if tally.failed() == 0 && tally.passed() > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn tests(tally: &mut CheckTally, filter: Option<&str>, page: Option<&Path>) -> Result<(), ProblemText> {
    let stage = Stage::begin("Checking: tests");
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    command.args(filter);
    // The tests' build replaces this program while it is running; the functions must stay as they are.
    let folder = tempfile::tempdir_in(cargo::target());
    let folder = folder.map_err(|error| ProblemText::new(format!("A temporary folder could not be made: {error}")))?;
    let program = folder.path().join("local");
    std::fs::copy(run::program()?, &program)
        .map_err(|error| ProblemText::new(format!("This program could not be copied: {error}")))?;
    command.env("ROLLBOOK_LOCAL", program);
    if let Some(page) = page {
        command.env("ROLLBOOK_PAGE", page);
    }
    let line = cargo::line(&command);
    let failed = |error| ProblemText::new(format!("`{line}` could not be run: {error}"));
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
                Stream::Out => show(&mut std::io::stdout().lock(), &bytes),
                Stream::Err => show(&mut std::io::stderr().lock(), &bytes),
            };
            let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            if lines.send((stream, line)).is_err() || shown.is_err() {
                return;
            }
            bytes.clear();
        }
    });
}

fn show(stream: &mut (impl Write + IsTerminal), line: &[u8]) -> std::io::Result<()> {
    stream.write_all(clear_line(stream).as_bytes())?;
    stream.write_all(line)
}
