//! LocalStack, whose S3 keeps the buckets of the systems under test.

use std::process::Command;

use build::problem::ProblemText;
use build::python::LOCALSTACK;
use build::stage::Stage;

use crate::emulator::free_port;
use crate::server_process::ServerProcess;

/// A running LocalStack, which ends with this.
pub struct LocalStackProcess {
    _process: ServerProcess,
    address: String,
}

impl LocalStackProcess {
    /// Starts it with the services that are needed.
    ///
    /// Those are S3 that checks signatures, and the queues that its events go to.
    ///
    /// # Errors
    ///
    /// Where it can't be installed, or does not start.
    pub fn start() -> Result<LocalStackProcess, ProblemText> {
        let python = LOCALSTACK.program("python")?;
        let stage = Stage::begin("Starting LocalStack");
        let port = free_port()?;
        let mut command = Command::new(python);
        command
            .args(["-m", "localstack.runtime.main"])
            .envs([("SERVICES", "s3,sqs"), ("EAGER_SERVICE_LOADING", "1"), ("S3_SKIP_SIGNATURE_VALIDATION", "0")])
            // It would send numbers about its use, and fetch a certificate.
            .envs([("DISABLE_EVENTS", "1"), ("SKIP_SSL_CERT_DOWNLOAD", "1")])
            .env("GATEWAY_LISTEN", format!("127.0.0.1:{port}"));
        let process = ServerProcess::start("localstack", command, port)?;
        stage.done();
        Ok(LocalStackProcess { _process: process, address: format!("http://127.0.0.1:{port}") })
    }

    /// Returns where it answers: `http://127.0.0.1:<port>`.
    pub fn address(&self) -> &str {
        &self.address
    }
}
