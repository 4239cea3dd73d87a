//! What one process takes: CPU, time and memory as the kernel counts them for a child, or instructions.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use build::cargo;
use build::problem::{ProblemText, unusable};

/// What the three took, run by run.
#[derive(Default)]
pub struct Runs {
    pub plan: Vec<Measured>,
    pub csv: Vec<Measured>,
    pub duckdb: Vec<Measured>,
}

const MEASURE: &str = include_str!("../../../bench/measure.py");

/// Runs commands by a script.
///
/// Only `wait4` tells how much memory a child had, and Rust calls it in unsafe code.
pub struct Measurer<'a> {
    python: &'a Path,
    script: PathBuf,
    output: PathBuf,
}

/// What a command took, and what it printed.
pub struct Output {
    pub measured: Measured,
    text: String,
}

/// What a command took: seconds and bytes.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Measured {
    /// Of the user and of the system.
    pub cpu: f64,
    pub wall: f64,
    pub peak_bytes: u64,
    code: i32,
}

impl Measurer<'_> {
    /// Makes what measures with a Python program, whose files go into `scratch`.
    pub fn new<'a>(python: &'a Path, scratch: &Path) -> Result<Measurer<'a>, ProblemText> {
        let script = scratch.join("measure.py");
        std::fs::write(&script, MEASURE).map_err(|error| unusable("The script that measures", &error))?;
        Ok(Measurer { python, script, output: scratch.join("output") })
    }

    /// Runs the command, which has to succeed.
    pub fn run(&self, command: &[PathBuf]) -> Result<Output, ProblemText> {
        let mut python = Command::new(self.python);
        python.arg(&self.script).arg(&self.output).args(command).stdin(Stdio::null()).stderr(Stdio::inherit());
        let line = cargo::line(&python);
        let answer = python.output().map_err(|error| unusable(&line, &error))?;
        let measured: Measured = serde_json::from_slice(&answer.stdout).map_err(|error| unusable(&line, &error))?;
        if measured.code != 0 {
            return Err(ProblemText::new(format!("`{line}` ended with {}; see above.", measured.code)));
        }
        let text = std::fs::read_to_string(&self.output).map_err(|error| unusable(&line, &error))?;
        Ok(Output { measured, text })
    }
}

impl Output {
    /// Reads the last line that the command printed, which is JSON.
    pub fn last_line<T: DeserializeOwned>(&self) -> Result<T, ProblemText> {
        let line = self.text.lines().next_back().unwrap_or_default();
        serde_json::from_str(line).map_err(|error| unusable(&format!("The last line `{line}`"), &error))
    }
}

/// Returns how many instructions the command takes; `None` without valgrind.
pub fn instructions(command: &[PathBuf], scratch: &Path) -> Result<Option<u64>, ProblemText> {
    let profile = scratch.join("callgrind.out");
    let mut valgrind = Command::new("valgrind");
    valgrind.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", profile.display())).args(command);
    match valgrind.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => return Err(unusable("valgrind", &String::from_utf8_lossy(&output.stderr))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable("valgrind", &error)),
    }
    let text = std::fs::read_to_string(&profile).map_err(|error| unusable("The profile", &error))?;
    let total = text.lines().find_map(|line| line.strip_prefix("summary: ")?.trim().parse().ok());
    total.map(Some).ok_or_else(|| ProblemText::new("The profile of valgrind has no sum."))
}

/// Returns the one in the middle.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
