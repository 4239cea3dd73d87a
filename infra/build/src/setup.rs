//! What the machine needs beyond the compiler: found, or installed where that can be done without asking.

use std::process::Command;

use crate::cargo;
use crate::problem::ProblemText;
use crate::stage::Stage;

/// What the page is built for.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Sets up the target that the page is built for.
pub fn wasm_target() -> Result<(), ProblemText> {
    if has_wasm_target() {
        return Ok(());
    }
    let stage = Stage::begin("Adding the compiler's target for the page");
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", WASM]).current_dir(cargo::checkout());
    let added = cargo::run(rustup);
    if added.is_err() || !has_wasm_target() {
        return Err(ProblemText::new(format!(
            "The page needs the compiler's target {WASM}, and `rustup target add {WASM}` did not install it. Install \
             Rust with rustup (https://rustup.rs), or your system's package of that target, and try again."
        )));
    }
    stage.done();
    Ok(())
}

fn has_wasm_target() -> bool {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", WASM]).current_dir(cargo::checkout());
    let Ok(output) = rustc.output() else { return false };
    let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success() && std::path::Path::new(&folder).is_dir()
}

/// Sets up a part of the toolchain that the checks need, known by the subcommand that it adds.
pub fn component(subcommand: &str, component: &str) -> Result<(), ProblemText> {
    if cargo::succeeds(cargo::cargo(&[subcommand, "--version"])) {
        return Ok(());
    }
    let stage = Stage::begin(format!("Adding {component}"));
    let mut rustup = Command::new("rustup");
    rustup.args(["component", "add", component]).current_dir(cargo::checkout());
    if cargo::run(rustup).is_err() {
        return Err(ProblemText::new(format!(
            "The checks need {component}, and `rustup component add {component}` did not install it. Install it and \
             try again."
        )));
    }
    stage.done();
    Ok(())
}

/// Sets up the browser of the browser tests.
pub fn browser() -> Result<(), ProblemText> {
    if is_in_path("chromium") && is_in_path("chromedriver") {
        return Ok(());
    }
    if !is_root() || !is_in_path("apt-get") {
        return Err(ProblemText::new(
            "The browser test needs `chromium` and `chromedriver`. On Debian: \
             `sudo apt-get update && sudo apt-get install --yes chromium chromium-driver`, then try again.",
        ));
    }
    let stage = Stage::begin("Installing the browser for its test");
    cargo::run(apt(&["update"]))?;
    cargo::run(apt(&["install", "--yes", "--no-install-recommends", "chromium", "chromium-driver"]))?;
    stage.done();
    Ok(())
}

fn apt(arguments: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_in_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    // The owner of this process's own entry is whoever runs it.
    std::fs::metadata("/proc/self").is_ok_and(|entry| entry.uid() == 0)
}
