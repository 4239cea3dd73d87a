//! LocalStack, whose S3 keeps the buckets of the systems under test.

use std::fs::File;
use std::process::{Child, Command, Stdio};

use build::cargo;
use build::problem::{ProblemText, about, unusable};
use build::python::LOCALSTACK;
use build::stage::Stage;

use crate::emulator::{free_port, wait_for};

/// A running LocalStack, which ends with this.
pub struct LocalStackProcess {
    process: Child,
    address: String,
}

impl LocalStackProcess {
    /// Starts it with the services that are needed: S3 that checks signatures, and the queues that its events go to.
    ///
    /// # Errors
    ///
    /// Where it can't be installed, or does not start.
    pub fn start() -> Result<LocalStackProcess, ProblemText> {
        let python = LOCALSTACK.program("python")?;
        let stage = Stage::begin("Starting LocalStack");
        let port = free_port()?;
        let log = cargo::target().join("localstack.log");
        let output = File::create(&log).map_err(about(&log))?;
        let errors = output.try_clone().map_err(about(&log))?;
        let mut command = Command::new(python);
        command
            .args(["-m", "localstack.runtime.main"])
            .envs([("SERVICES", "s3,sqs"), ("EAGER_SERVICE_LOADING", "1"), ("S3_SKIP_SIGNATURE_VALIDATION", "0")])
            // It would send numbers about its use, and fetch a certificate.
            .envs([("DISABLE_EVENTS", "1"), ("SKIP_SSL_CERT_DOWNLOAD", "1")])
            .env("GATEWAY_LISTEN", format!("127.0.0.1:{port}"))
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors);
        let process = command.spawn().map_err(|error| unusable("LocalStack", &error))?;
        let started = LocalStackProcess { process, address: format!("http://127.0.0.1:{port}") };
        wait_for(port, "LocalStack", &log)?;
        stage.done();
        Ok(started)
    }

    /// Returns where it answers: `http://127.0.0.1:<port>`.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for LocalStackProcess {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
