//! A function for the tests of the runtime. It answers with its event, unless the event says otherwise:
//! `{"die_without": "<file>"}` makes that file and dies in the middle of the invocation, if there was no such file;
//! `{"wait_for": "<file>"}` answers once there is such a file.

use std::path::Path;
use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

fn main() -> Result<(), Error> {
    tokio::runtime::Runtime::new()?.block_on(lambda_runtime::run(service_fn(echo)))
}

async fn echo(event: LambdaEvent<Value>) -> Result<Value, Error> {
    if let Some(file) = event.payload["die_without"].as_str().map(Path::new)
        && !file.exists()
    {
        std::fs::write(file, [])?;
        std::process::abort();
    }
    if let Some(file) = event.payload["wait_for"].as_str().map(Path::new) {
        while !file.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    match event.payload["fail"].as_str() {
        Some(message) => Err(message.into()),
        None => Ok(event.payload),
    }
}
