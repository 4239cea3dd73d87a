//! A server that somebody else wrote, as a process of this program.

use std::fs::File;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use build::cargo;
use build::problem::{ProblemText, about, unusable};

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server, which ends with this.
pub struct ServerProcess(Child);

impl ServerProcess {
    /// Starts a server called `name` and waits until it answers on a port.
    ///
    /// What it writes goes to a file of that name in the folder in which cargo builds.
    ///
    /// # Errors
    ///
    /// Where it can't be started, or does not answer.
    pub fn start(name: &str, mut command: Command, port: u16) -> Result<ServerProcess, ProblemText> {
        let log = cargo::target().join(format!("{name}.log"));
        let output = File::create(&log).map_err(about(&log))?;
        let errors = output.try_clone().map_err(about(&log))?;
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        let server = ServerProcess(command.spawn().map_err(|error| unusable(name, &error))?);
        wait_for(port, name, &log)?;
        Ok(server)
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until something answers on a port; `log` is where it writes what hinders it.
fn wait_for(port: u16, what: &str, log: &Path) -> Result<(), ProblemText> {
    let since = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if since.elapsed() > PATIENCE {
            return Err(ProblemText::new(format!("{what} does not answer after a minute; see {}.", log.display())));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}
