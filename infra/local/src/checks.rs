//! `cargo local test`: every check, with one line at the end that says how they went.

use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc;

use crate::arguments::{Stand, Test};
use crate::emulator::{self, Emulator};
use crate::localstack_process::LocalStackProcess;
use crate::run;
use crate::tally::{CheckTally, Stream};
use build::cargo::{self, cargo};
use build::page::Build;
use build::problem::ProblemText;
use build::python::{CARGO_LAMBDA, TEMPLATE_CHECKS};
use build::stage::{Stage, clear_line};
use build::{page, setup};

/// What CI runs of the system tests with cargo-lambda: the main job, events that come twice or whose function dies, and
/// who is let in. All of them run on demand.
const ON_CARGO_LAMBDA: [&str; 4] = ["main_job", "inbox", "killed", "sessions"];

/// What CI runs of the tests with a bucket of LocalStack: the main job, the same in a browser, which asks the bucket first,
/// and what comes from the inbox.
const ON_LOCALSTACK: [&str; 4] =
    ["the_example", "a_roster_is_checked_sent", "the_link_to_upload", "file_dropped_into_the_bucket"];

/// What CI runs of the tests against the deployed template: the main job, the same in a browser, events that come twice or
/// whose function dies, what passwords reach, what whoever drops files and each function may do, and a restore. All of them
/// run on demand.
const ON_EMULATOR: [&str; 8] =
    ["main_job", "a_roster_is_checked", "inbox", "secrets", "killed", "whoever_drops", "no_role", "the_restore"];

/// Runs every check, or only the tests that are asked for.
///
/// The last line is `N passed, N failed`.
pub fn run(test: &Test) -> ExitCode {
    let mut tally = CheckTally::default();
    let filter = test.filter.as_deref();
    match &test.on {
        Stand::Embedded => {
            embedded(&mut tally, filter);
            if filter.is_none() {
                template(&mut tally);
                names(&mut tally);
                on_cargo_lambda(&mut tally, &ON_CARGO_LAMBDA);
                on_localstack(&mut tally, &ON_LOCALSTACK);
                emulated(&mut tally, &ON_EMULATOR);
            }
        }
        Stand::CargoLambda => on_cargo_lambda(&mut tally, filter.as_slice()),
        Stand::LocalStack => on_localstack(&mut tally, filter.as_slice()),
        Stand::Ministack => emulated(&mut tally, filter.as_slice()),
        Stand::Endpoint(endpoint) => {
            let target = Emulator::at(endpoint).and_then(deployed);
            on_emulator(&mut tally, filter.as_slice(), target);
        }
    }
    report(&tally)
}

/// Runs all checks on the parts of this program.
fn embedded(tally: &mut CheckTally, filter: Option<&str>) {
    if filter.is_none() {
        lint(tally);
    }
    let page = match note(tally, "the browser tests", browser_tests(filter)) {
        Some(Wanted::Yes) => {
            note(tally, "the browser for the tests", setup::browser());
            note(tally, "the page", page::build(Build::Local))
        }
        Some(Wanted::No) | None => None,
    };
    let page = page.map(|page| ("ROLLBOOK_PAGE".to_owned(), page.display().to_string()));
    // Tests start programs of packages that are not theirs, such as the sync client.
    note(tally, "the programs for the tests", cargo::run(cargo(&["build", "--workspace"])));
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    command.args(filter).envs(page);
    if let Err(problem) = tests(tally, command) {
        eprintln!("{problem}");
        tally.fail("the tests");
    }
}

/// Checks that every test that CI runs elsewhere is there: one that was given another name would no longer run.
fn names(tally: &mut CheckTally) {
    let list = tests_of(&["system", "browser", "deployment"], &["--list", "--format", "terse"]);
    let Some(tests) = note(tally, "the names of the tests", cargo::output(list)) else { return };
    let wanted = [&ON_CARGO_LAMBDA[..], &ON_LOCALSTACK, &ON_EMULATOR].concat();
    match wanted.into_iter().find(|name| !tests.contains(name)) {
        None => tally.pass(),
        Some(name) => tally.fail(&format!("there is no test with {name} in its name")),
    }
}

/// Has others look over the template.
fn template(tally: &mut CheckTally) {
    let template = cargo::checkout().join("infra/template.yaml");
    let checkov = ["--skip-download", "--compact", "--quiet", "--framework", "cloudformation", "--file"];
    for (program, options) in [("cfn-lint", &[][..]), ("checkov", &checkov)] {
        let Some(path) = note(tally, program, TEMPLATE_CHECKS.program(program)) else { continue };
        let mut command = Command::new(path);
        command.args(options).arg(&template);
        check(tally, &format!("the template ({program})"), command);
    }
}

/// Runs system tests with the functions' own programs, as cargo-lambda runs them.
fn on_cargo_lambda(tally: &mut CheckTally, filters: &[&str]) {
    let Some(program) = note(tally, "cargo-lambda", CARGO_LAMBDA.program("cargo-lambda")) else { return };
    let mut command = tests_of(&["system"], filters);
    command.env("ROLLBOOK_CARGO_LAMBDA", program);
    run_on(tally, "cargo-lambda", command);
}

/// Runs system and browser tests with a bucket of LocalStack, and the functions by cargo-lambda.
fn on_localstack(tally: &mut CheckTally, filters: &[&str]) {
    let Some(program) = note(tally, "cargo-lambda", CARGO_LAMBDA.program("cargo-lambda")) else { return };
    let Some(localstack) = note(tally, "LocalStack", LocalStackProcess::start()) else { return };
    note(tally, "the browser for the tests", setup::browser());
    let Some(page) = note(tally, "the page", page::build(Build::Local)) else { return };
    let mut command = tests_of(&["system", "browser"], filters);
    command.env("ROLLBOOK_CARGO_LAMBDA", program).env("ROLLBOOK_PAGE", page);
    command.env("ROLLBOOK_LOCALSTACK", localstack.address());
    run_on(tally, "LocalStack", command);
}

/// Runs system and browser tests, and those of the deployment, against the template, deployed to an emulator.
fn emulated(tally: &mut CheckTally, filters: &[&str]) {
    let target = Emulator::start().and_then(deployed);
    on_emulator(tally, filters, target);
}

/// Deploys what the tests' build made.
fn deployed(mut emulator: Emulator) -> Result<Emulator, ProblemText> {
    cargo::run(cargo(&["build", "--workspace"]))?;
    let page = page::build(Build::Local)?;
    emulator.deploy(&emulator::built_functions(), &page)?;
    Ok(emulator)
}

fn on_emulator(tally: &mut CheckTally, filters: &[&str], target: Result<Emulator, ProblemText>) {
    let Some(emulator) = note(tally, "the deployment", target) else { return };
    note(tally, "the browser for the tests", setup::browser());
    let mut command = tests_of(&["system", "browser", "deployment"], filters);
    command.envs(emulator.variables().iter().cloned());
    run_on(tally, "what is deployed", command);
    if filters.is_empty() {
        rights(tally, &emulator);
    }
}

/// Returns the command that runs tests of these programs, with arguments for the programs themselves.
fn tests_of(programs: &[&str], arguments: &[&str]) -> Command {
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    for program in programs {
        command.args(["--test", program]);
    }
    command.arg("--").args(arguments);
    command
}

/// Builds everything and runs tests on other parts than this program's.
fn run_on(tally: &mut CheckTally, what: &str, command: Command) {
    let ran = cargo::run(cargo(&["build", "--workspace"])).and_then(|()| tests(tally, command));
    if let Err(problem) = ran {
        eprintln!("{problem}");
        tally.fail(&format!("the tests on {what}"));
    }
}

/// Checks that the roles allow nothing that no test needs: all of them have run.
fn rights(tally: &mut CheckTally, emulator: &Emulator) {
    // `None` where nothing was recorded, or where it can't be compared, which is in the tally.
    let Some(unused) = note(tally, "the rights of the functions", emulator.unused_rights()).flatten() else { return };
    if unused.is_empty() {
        return tally.pass();
    }
    println!("\nRights that a role has and no test used:");
    for right in &unused {
        println!("  {}: {} on {}", right.function, right.action, right.resource);
    }
    tally.fail("the rights of the functions");
}

/// Whether something will be used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Yes,
    No,
}

/// Returns whether a browser test is among those that will run: only they need the page and a browser.
fn browser_tests(filter: Option<&str>) -> Result<Wanted, ProblemText> {
    let Some(filter) = filter else { return Ok(Wanted::Yes) };
    let tests = cargo::output(tests_of(&["browser"], &["--list", "--format", "terse", filter]))?;
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

fn tests(tally: &mut CheckTally, mut command: Command) -> Result<(), ProblemText> {
    let stage = Stage::begin("Checking: tests");
    // The tests' build replaces this program while it is running; the functions must stay as they are.
    let folder = tempfile::tempdir_in(cargo::target());
    let folder = folder.map_err(|error| ProblemText::new(format!("A temporary folder could not be made: {error}")))?;
    let program = folder.path().join("local");
    std::fs::copy(run::program()?, &program)
        .map_err(|error| ProblemText::new(format!("This program could not be copied: {error}")))?;
    command.env("ROLLBOOK_LOCAL", program);
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
