//! Running cargo and other tools from a program that cargo runs.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::problem::ProblemText;

/// Returns a cargo command in the checkout.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(checkout());
    forget_this_package(&mut command);
    command
}

/// Takes out of the environment what cargo tells there of the running package.
///
/// Some build scripts would run again for it.
pub fn forget_this_package(command: &mut Command) {
    const NAMES: [&str; 6] = [
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
        "CARGO_BIN_NAME",
        "CARGO_CRATE_NAME",
        "CARGO_PRIMARY_PACKAGE",
        "OUT_DIR",
    ];
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        if NAMES.contains(&name_text.as_ref()) || name_text.starts_with("CARGO_PKG_") {
            command.env_remove(name);
        }
    }
}

/// Runs a command with its output shown as it comes.
pub fn run(mut command: Command) -> Result<(), ProblemText> {
    let line = line(&command);
    let status = command.stdin(std::process::Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(ProblemText::new(format!("`{line}` did not succeed ({status}); see above."))),
        Err(error) => Err(ProblemText::new(format!("`{line}` could not be run: {error}"))),
    }
}

/// Runs a command and returns what it writes to its standard output.
///
/// What it says besides is shown as it comes.
pub fn output(mut command: Command) -> Result<String, ProblemText> {
    use std::process::Stdio;
    let line = line(&command);
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    match output {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => Err(ProblemText::new(format!("`{line}` did not succeed ({}); see above.", output.status))),
        Err(error) => Err(ProblemText::new(format!("`{line}` could not be run: {error}"))),
    }
}

/// Returns whether a command succeeds; its output isn't shown.
pub fn succeeds(mut command: Command) -> bool {
    command.stdin(std::process::Stdio::null()).output().is_ok_and(|output| output.status.success())
}

/// Returns a command as one would type it.
pub fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// Returns the folder of the checkout that this program was built from.
pub fn checkout() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// Returns the folder in which cargo builds.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => checkout().join(folder),
        None => checkout().join("target"),
    }
}
