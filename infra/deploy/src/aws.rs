//! Asking AWS, through the command-line program that people sign in with: it knows profiles, roles and sign-on, and an
//! emulator by `AWS_ENDPOINT_URL`.

use std::ffi::OsString;
use std::fs;
use std::process::{Command, Stdio};

use build::problem::{ProblemText, about, unusable};
use serde_json::Value;

/// The program, and the region that it is asked for.
#[derive(Debug, Clone)]
pub struct Aws {
    program: OsString,
    region: String,
}

/// What AWS answered to a request that it refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsRefusal {
    /// What was asked, as one would type it.
    command: String,
    /// The service's own, such as `AccessDenied`; empty where it did not answer.
    pub code: String,
    pub message: String,
}

impl Aws {
    /// Finds the program and the region: that of `--region`, of `AWS_REGION`, or of the profile.
    ///
    /// # Errors
    ///
    /// Where the program is not there, or no region is configured.
    pub fn find(region: Option<String>) -> Result<Aws, ProblemText> {
        let program = std::env::var_os("ROLLBOOK_AWS").unwrap_or_else(|| "aws".into());
        let mut version = Command::new(&program);
        version.arg("--version");
        if !build::cargo::succeeds(version) {
            return Err(ProblemText::new(
                "The program `aws` is not there. Install the AWS CLI (https://aws.amazon.com/cli/), sign in with `aws \
                 configure sso` or `aws configure`, and try again.",
            ));
        }
        let named = |name| std::env::var(name).ok().filter(|region| !region.is_empty());
        let region = region.or_else(|| named("AWS_REGION")).or_else(|| named("AWS_DEFAULT_REGION"));
        let region = region.or_else(|| configured_region(&program)).ok_or_else(|| {
            ProblemText::new(
                "No region is set. Say where Rollbook is to run, for example `cargo deploy --region eu-central-1`: the \
                 data stays there.",
            )
        })?;
        Ok(Aws { program, region })
    }

    /// Returns the region that is asked.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Asks for something and returns the answer; `null` where there is none.
    ///
    /// # Errors
    ///
    /// [`AwsRefusal`] where AWS refuses or does not answer.
    pub fn ask(&self, arguments: &[&str]) -> Result<Value, AwsRefusal> {
        let mut command = self.command(arguments);
        command.args(["--output", "json"]);
        let output = command.stdin(Stdio::null()).output();
        let refused = |error: &dyn std::fmt::Display| AwsRefusal::new(arguments, &error.to_string());
        let output = output.map_err(|error| refused(&error))?;
        if !output.status.success() {
            return Err(AwsRefusal::new(arguments, &String::from_utf8_lossy(&output.stderr)));
        }
        let answer = output.stdout.trim_ascii();
        if answer.is_empty() {
            Ok(Value::Null)
        } else {
            serde_json::from_slice(answer).map_err(|error| refused(&error))
        }
    }

    /// Asks for something that has no answer of use, such as a copy.
    ///
    /// # Errors
    ///
    /// [`AwsRefusal`] where AWS refuses or does not answer.
    pub fn tell(&self, arguments: &[&str]) -> Result<(), AwsRefusal> {
        let output = self.command(arguments).stdin(Stdio::null()).output();
        match output {
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => {
                let text = [output.stderr, output.stdout].map(|text| String::from_utf8_lossy(&text).into_owned());
                Err(AwsRefusal::new(arguments, &text.concat()))
            }
            Err(error) => Err(AwsRefusal::new(arguments, &error.to_string())),
        }
    }

    /// Sends an event to a function, and returns the bytes of its answer.
    ///
    /// `options` are such as `--invocation-type`.
    ///
    /// # Errors
    ///
    /// Where AWS refuses while doing `what`, or the event can't be written to a file for the program.
    pub fn invoke(&self, function: &str, event: &Value, options: &[&str], what: &str) -> Result<Vec<u8>, ProblemText> {
        let scratch = tempfile::tempdir().map_err(|error| unusable("A temporary folder", &error))?;
        let [sent, answered] = ["event.json", "answer.json"].map(|name| scratch.path().join(name));
        fs::write(&sent, event.to_string()).map_err(about(&sent))?;
        let (payload, target) = (format!("fileb://{}", sent.display()), answered.display().to_string());
        let arguments = ["lambda", "invoke", "--function-name", function, "--payload", &payload];
        self.ask(&[&arguments, options, &[target.as_str()]].concat()).map_err(|refusal| refusal.while_doing(what))?;
        fs::read(&answered).map_err(about(&answered))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).args(["--region", &self.region]);
        // Version 1 of the program does not read the variable for every service.
        if let Some(endpoint) = std::env::var_os("AWS_ENDPOINT_URL") {
            command.arg("--endpoint-url").arg(endpoint);
        }
        command.env("AWS_PAGER", "");
        command
    }
}

fn configured_region(program: &OsString) -> Option<String> {
    let output = Command::new(program).args(["configure", "get", "region"]).stdin(Stdio::null()).output().ok()?;
    let region = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !region.is_empty()).then_some(region)
}

impl AwsRefusal {
    /// Reads `An error occurred (Code) when calling the Name operation: message`.
    fn new(arguments: &[&str], said: &str) -> AwsRefusal {
        let asked = arguments.iter().take(2).copied().collect::<Vec<_>>().join(" ");
        let said = said.trim();
        let coded = said.split_once("An error occurred (").and_then(|(_, rest)| rest.split_once(')'));
        let (code, message) = match coded {
            Some((code, rest)) => (code.to_owned(), rest.split_once("operation: ").map_or(rest, |(_, text)| text)),
            None => (String::new(), said),
        };
        AwsRefusal { command: format!("aws {asked}"), code, message: message.trim().to_owned() }
    }

    /// Returns whether the one who asks may not do it.
    pub fn is_denied(&self) -> bool {
        matches!(self.code.as_str(), "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "403")
    }

    /// Returns the problem that this is while doing `what`.
    pub fn while_doing(self, what: &str) -> ProblemText {
        let AwsRefusal { command, code, message } = &self;
        let code = if code.is_empty() { String::new() } else { format!(" ({code})") };
        let hint = if self.is_denied() {
            " Ask whoever runs the account for that right, or sign in as somebody who has it, and run the command again."
        } else {
            " Run the command again once that is mended: it goes on where it stopped."
        };
        ProblemText::new(format!("{what} did not work: `{command}` answered{code}: {message}{hint}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_the_code_and_what_is_said() {
        let said = "\nAn error occurred (ValidationError) when calling the DescribeStacks operation: Stack with id x does \
                    not exist\n";
        let refusal = AwsRefusal::new(&["cloudformation", "describe-stacks", "--stack-name", "x"], said);
        assert_eq!(
            (refusal.code.as_str(), refusal.message.as_str()),
            ("ValidationError", "Stack with id x does not exist")
        );
        assert_eq!(refusal.command, "aws cloudformation describe-stacks");
    }

    #[test]
    fn what_nobody_foresaw_is_shown_as_it_is() {
        let refusal = AwsRefusal::new(&["sts", "get-caller-identity"], "Unable to locate credentials.");
        assert_eq!((refusal.code.as_str(), refusal.message.as_str()), ("", "Unable to locate credentials."));
    }
}
