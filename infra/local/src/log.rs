//! The logs of the functions: one file each, and what is serious also in the terminal.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::SystemFault;

/// The log of one function, shared by its processes.
pub(crate) struct Log {
    function: &'static str,
    file: Mutex<File>,
    /// Whether warnings and errors are shown in the terminal too.
    shown: bool,
}

impl Log {
    /// Opens `<folder>/<function>.log` to append to it.
    pub(crate) fn open(folder: &Path, function: &'static str, shown: bool) -> Result<Log, SystemFault> {
        fs::create_dir_all(folder).map_err(SystemFault::file(folder))?;
        let path = folder.join(format!("{function}.log"));
        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(SystemFault::file(path))?;
        Ok(Log { function, file: Mutex::new(file), shown })
    }

    /// Appends a line.
    pub(crate) fn line(&self, line: &str) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = writeln!(file, "{line}") {
            eprintln!("{}: the log could not be written: {error}", self.function);
        }
        if self.shown && is_serious(line) {
            eprintln!("{}: {line}", self.function);
        }
    }
}

/// Returns whether a line of `tracing` (JSON or text) or of a panic is a warning or worse.
fn is_serious(line: &str) -> bool {
    const SIGNS: [&str; 5] = ["\"level\":\"WARN\"", "\"level\":\"ERROR\"", " WARN ", "ERROR ", "panicked at"];
    SIGNS.iter().any(|sign| line.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::is_serious;

    #[test]
    fn warnings_errors_and_panics_are_serious() {
        assert!(is_serious(r#"{"timestamp":"…","level":"WARN","fields":{}}"#));
        assert!(is_serious("2026-01-01T00:00:00Z ERROR apply: no answer"));
        assert!(is_serious("thread 'main' panicked at src/main.rs:1:1:"));
        assert!(!is_serious(r#"{"timestamp":"…","level":"INFO","fields":{"warnings":3}}"#));
    }
}
