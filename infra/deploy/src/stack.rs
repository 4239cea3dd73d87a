//! The stack of CloudFormation: what state it is in, deploying it, and what it says of itself.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use build::problem::ProblemText;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::aws::{Aws, AwsRefusal};

/// A stack by its name.
pub struct Stack<'a> {
    pub aws: &'a Aws,
    pub name: &'a str,
}

/// What there is of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StackState {
    None,
    Ready(StackFacts),
}

/// What a stack that is ready says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StackFacts {
    pub outputs: HashMap<String, String>,
    pub parameters: HashMap<String, String>,
}

impl Stack<'_> {
    /// Returns the stack's state.
    ///
    /// # Errors
    ///
    /// Where something is under way or was broken off, so that nothing can be changed: the text says what to do.
    pub fn state(&self) -> Result<StackState, ProblemText> {
        let stack = match self.aws.ask(&["cloudformation", "describe-stacks", "--stack-name", self.name]) {
            Ok(answer) => answer["Stacks"][0].clone(),
            Err(refusal) if is_missing(&refusal) => return Ok(StackState::None),
            Err(refusal) => return Err(refusal.while_doing("Looking at what is deployed")),
        };
        let status = stack["StackStatus"].as_str().unwrap_or_default();
        match self.blocked(status) {
            Some(problem) => Err(problem),
            None if status == "DELETE_COMPLETE" || status == "REVIEW_IN_PROGRESS" => Ok(StackState::None),
            None => Ok(StackState::Ready(StackFacts {
                outputs: pairs(&stack["Outputs"], "OutputKey", "OutputValue"),
                parameters: pairs(&stack["Parameters"], "ParameterKey", "ParameterValue"),
            })),
        }
    }

    /// Returns why nothing can be changed in such a state.
    fn blocked(&self, status: &str) -> Option<ProblemText> {
        let (name, region) = (self.name, self.aws.region());
        let text = match status {
            "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "DELETE_FAILED" => format!(
                "The stack {name} could not be made the last time and is of no use any more. Remove it with `aws \
                 cloudformation delete-stack --stack-name {name} --region {region}`, and run the command again."
            ),
            "UPDATE_ROLLBACK_FAILED" => format!(
                "The last update of the stack {name} could not be taken back. Run `aws cloudformation \
                 continue-update-rollback --stack-name {name} --region {region}`, wait until it is done, and run the \
                 command again."
            ),
            "REVIEW_IN_PROGRESS" => return None,
            status if status.ends_with("_IN_PROGRESS") => format!(
                "The stack {name} is being changed by somebody ({status}). Run the command again when that is done: \
                 `aws cloudformation describe-stacks --stack-name {name} --region {region}` says so."
            ),
            _ => return None,
        };
        Some(ProblemText::new(text))
    }

    /// Makes the stack what the template says, all of it or nothing.
    ///
    /// It has these parameters, and the others as they are.
    ///
    /// # Errors
    ///
    /// Where it can't be: the text has what AWS says of the parts that failed.
    pub fn deploy(
        &self,
        template: &Path,
        code_bucket: &str,
        parameters: &[(String, String)],
    ) -> Result<(), ProblemText> {
        let template = template.display().to_string();
        // In a file that nobody else can read: arguments are seen by everybody on the machine, and one is a secret.
        let parameters = parameters_file(parameters)?;
        let parameters_path = format!("file://{}", parameters.path().display());
        let mut arguments = vec!["cloudformation", "deploy", "--stack-name", self.name, "--template-file", &template];
        arguments.extend(["--s3-bucket", code_bucket, "--s3-prefix", "templates"]);
        arguments.extend(["--capabilities", "CAPABILITY_NAMED_IAM", "--no-fail-on-empty-changeset"]);
        arguments.extend(["--parameter-overrides", &parameters_path]);
        self.aws.tell(&arguments).map_err(|refusal| self.failed(refusal))
    }

    /// Returns what AWS found wrong with the newest deployment before it began, such as a name that is taken.
    fn invalid(&self) -> Vec<String> {
        let answer = self.aws.ask(&["cloudformation", "describe-events", "--stack-name", self.name]);
        let events = answer.ok().and_then(|answer| answer["OperationEvents"].as_array().cloned()).unwrap_or_default();
        let newest = events.first().map(|event| event["OperationId"].clone()).unwrap_or_default();
        let invalid =
            events.iter().filter(|event| event["OperationId"] == newest && event["ValidationStatus"] == "FAILED");
        let text = |event: &Value, name: &str| event[name].as_str().unwrap_or_default().to_owned();
        invalid
            .map(|event| format!("{}: {}", text(event, "LogicalResourceId"), text(event, "ValidationStatusReason")))
            .collect()
    }

    /// Returns the problem of a deployment that failed, with the parts that did.
    fn failed(&self, refusal: AwsRefusal) -> ProblemText {
        let answer = self.aws.ask(&["cloudformation", "describe-stack-events", "--stack-name", self.name]);
        let events = answer.ok().and_then(|answer| answer["StackEvents"].as_array().cloned()).unwrap_or_default();
        let mut reasons = reasons(&events);
        if reasons.is_empty() {
            reasons = self.invalid();
        }
        if reasons.is_empty() {
            return refusal.while_doing("Deploying the stack");
        }
        ProblemText::new(format!(
            "AWS could not make all parts, and took back what it had begun; the data is as it was. What failed:\n  {}\nMend \
             that and run the command again.",
            reasons.join("\n  ")
        ))
    }
}

/// Writes parameters as `aws cloudformation deploy` reads them.
fn parameters_file(parameters: &[(String, String)]) -> Result<NamedTempFile, ProblemText> {
    let problem =
        |error| ProblemText::new(format!("The parameters could not be written into a file for `aws`: {error}"));
    let mut file = NamedTempFile::with_suffix(".json").map_err(problem)?;
    let list: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    file.write_all(json!(list).to_string().as_bytes()).map_err(problem)?;
    Ok(file)
}

/// Returns why parts failed in the newest deployment, the first one first. What was only given up because of another is
/// left out.
fn reasons(events: &[Value]) -> Vec<String> {
    let mut reasons = Vec::new();
    for event in events {
        let is_of_stack = event["ResourceType"] == "AWS::CloudFormation::Stack";
        let status = event["ResourceStatus"].as_str().unwrap_or_default();
        // Events come newest first: here is where the deployment began.
        if is_of_stack && matches!(status, "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS") {
            break;
        }
        let reason = event["ResourceStatusReason"].as_str().unwrap_or_default();
        if status.ends_with("_FAILED") && !is_of_stack && !reason.contains("cancelled") {
            let part = event["LogicalResourceId"].as_str().unwrap_or_default();
            reasons.push(format!("{part}: {reason}"));
        }
    }
    reasons.reverse();
    reasons
}

fn is_missing(refusal: &AwsRefusal) -> bool {
    refusal.code == "ValidationError" && refusal.message.contains("does not exist")
}

fn pairs(list: &Value, key: &str, value: &str) -> HashMap<String, String> {
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    list.as_array().into_iter().flatten().map(|entry| (text(entry, key), text(entry, value))).collect()
}

impl StackFacts {
    /// Returns an output that the template has.
    ///
    /// # Errors
    ///
    /// Where the stack was made by something else, or its functions are taken away.
    pub fn output(&self, name: &str) -> Result<&str, ProblemText> {
        self.outputs.get(name).map(String::as_str).ok_or_else(|| {
            ProblemText::new(format!(
                "The stack has no output {name}: its functions are switched off. Run `cargo deploy` first."
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(part: &str, status: &str, reason: &str) -> Value {
        let kind = if part == "rollbook" { "AWS::CloudFormation::Stack" } else { "AWS::S3::Bucket" };
        json!({ "LogicalResourceId": part, "ResourceType": kind, "ResourceStatus": status, "ResourceStatusReason": reason })
    }

    #[test]
    fn only_the_newest_failure_is_told_with_its_cause_first() {
        let events = [
            event("rollbook", "UPDATE_ROLLBACK_COMPLETE", ""),
            event("Page", "CREATE_FAILED", "Resource creation cancelled"),
            event("Url", "CREATE_FAILED", "second"),
            event("Rosters", "CREATE_FAILED", "first"),
            event("rollbook", "UPDATE_IN_PROGRESS", "User Initiated"),
            event("Table", "CREATE_FAILED", "of an earlier deployment"),
        ];
        assert_eq!(reasons(&events), ["Rosters: first", "Url: second"]);
    }
}
