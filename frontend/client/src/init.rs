//! What `rollbook init` writes.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use crate::config::TEMPLATE;
use crate::trouble::Trouble;

/// A unit for systemd.
pub const UNIT: &str = include_str!("rollbook.service");

/// Writes an example of a configuration, unless there is a file.
pub fn write(path: &Path) -> Result<(), Trouble> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    match file.and_then(|mut file| file.write_all(TEMPLATE.as_bytes())) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let message = format!("{} is there already.", path.display());
            Err(Trouble::usage(message, "Edit it, or name another file with --config."))
        }
        Err(error) => Err(Trouble::machine("written", path, &error)),
    }
}
