//! What can go wrong on this machine, said so that the reader can do something about it.

use std::io;
use std::path::PathBuf;

/// A fault of the local system.
///
/// Its text is complete: nothing needs to be added to it.
#[derive(Debug, thiserror::Error)]
pub enum SystemFault {
    #[error(
        "Port {port}, for {what}, is in use. Stop what uses it, or choose other ports: `cargo local --port {other}` \
         takes {other} to {last}.",
        other = port.saturating_add(1000),
        last = port.saturating_add(1002)
    )]
    PortInUse { port: u16, what: &'static str },
    #[error("Cannot open port {port} for {what}: {source}")]
    Port { port: u16, what: &'static str, source: io::Error },
    #[error("Another `cargo local` is running on {}. Stop it, or give this one a folder of its own with --data.", .0.display())]
    AlreadyRunning(PathBuf),
    #[error("Cannot use {}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("The system gives no random numbers: {0}")]
    Random(String),
    #[error("The table could not be opened: {0}")]
    Table(String),
    #[error("The bucket could not be opened: {0}")]
    Bucket(String),
    #[error("The function {function} could not be started from {}: {source}", binary.display())]
    Start { function: &'static str, binary: PathBuf, source: io::Error },
}

impl SystemFault {
    /// Names the file that an input or output error is about; for `map_err`.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> SystemFault {
        let path = path.into();
        move |source| SystemFault::File { path, source }
    }
}

impl From<SystemFault> for build::problem::ProblemText {
    fn from(fault: SystemFault) -> build::problem::ProblemText {
        build::problem::ProblemText::new(fault.to_string())
    }
}
