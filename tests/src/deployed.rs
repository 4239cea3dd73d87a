//! The template deployed: a stack of a test's own on an emulator, or in an account, with the functions' real programs.
//!
//! `cargo local test --on ministack` has deployed one stack with `cargo deploy` before. Every test makes another one from
//! the same template with the same code, under a name of its own, so that none sees what another does.

use std::path::Path;
use std::process::{Command, Stdio};

use cloud::Cloud;
use local::{FunctionKind, Keys, foreign_processes};
use serde_json::{Value, json};

use crate::front::{BucketOrigin, Front};
use crate::quiet::quiet;

/// The variable with the name of the stack that was deployed before.
const STACK: &str = "ROLLBOOK_STACK";
const REGION: &str = "us-east-1";

/// Whoever sends the notices of a stack.
const MAIL_FROM: &str = "rollbook@town.example";

/// A stack, and the way to it.
pub struct Deployed {
    name: String,
    endpoint: String,
    bucket: String,
    front: Front,
}

impl Deployed {
    /// Returns whether the tests are to run against a stack.
    pub fn is_asked_for() -> bool {
        std::env::var_os(STACK).is_some()
    }

    /// Makes a stack.
    pub async fn start() -> Deployed {
        let endpoint = variable("AWS_ENDPOINT_URL");
        let name = format!("t{}", uuid::Uuid::new_v4().simple()).chars().take(12).collect::<String>();
        let outputs = tokio::task::spawn_blocking({
            let name = name.clone();
            move || deploy(&name)
        });
        let outputs = outputs.await.expect("a stack");
        let bucket = outputs["Bucket"].clone();
        let host = outputs["DistributionDomain"].clone();
        let links = std::env::var("ROLLBOOK_LINKS").unwrap_or_else(|_| endpoint.clone());
        let bucket_on_aws = format!("https://{bucket}.s3.{REGION}.amazonaws.com");
        let front = Front::start(&endpoint, &host, BucketOrigin { on_aws: bucket_on_aws, here: links }).await;
        Deployed { name, endpoint, bucket, front }
    }

    /// Puts the page there: the one that `cargo deploy` put into the stack before.
    ///
    /// The bucket lets it ask.
    pub fn upload_page(&self) {
        self.let_page_ask_bucket();
        let bucket = |stack: &str| {
            let page = describe(stack)["Outputs"]["PageBucket"].as_str().expect("a bucket for the page").to_owned();
            format!("s3://{page}")
        };
        let copied = ["s3", "cp", "--recursive", "--only-show-errors", &bucket(&variable(STACK)), &bucket(&self.name)];
        aws(&copied);
    }

    /// Lets the page ask the bucket from the address that it has here, by the rule for the one that it has on AWS.
    fn let_page_ask_bucket(&self) {
        let mut cors = aws(&["s3api", "get-bucket-cors", "--bucket", &self.bucket]);
        cors["CORSRules"][0]["AllowedOrigins"] = json!([self.address()]);
        let cors = cors.to_string();
        aws(&["s3api", "put-bucket-cors", "--bucket", &self.bucket, "--cors-configuration", &cors]);
    }

    /// Returns where the page and the API answer, as they do at the address of CloudFront.
    pub fn address(&self) -> String {
        self.front.address()
    }

    /// Returns the table and the bucket, for the account's root.
    pub fn cloud(&self) -> Cloud {
        let [access_key, secret_key] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map(variable);
        let cloud = local::connect(&self.endpoint, &self.endpoint, &Keys { access_key, secret_key });
        Cloud { table: self.name.clone(), bucket: self.bucket.clone(), ..cloud }
    }

    /// Sends a function the event of an object once more.
    pub fn send_again(&self, key: &str, size: u64, e_tag: &str) {
        let kind = if key.starts_with("inbox/") { FunctionKind::Validate } else { FunctionKind::Apply };
        let event = json!({ "Records": [{
            "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": REGION, "eventName": "ObjectCreated:Put",
            "eventTime": "2026-01-01T00:00:00.000Z", "userIdentity": {}, "requestParameters": {}, "responseElements": {},
            "s3": { "bucket": { "name": self.bucket }, "object": { "key": key, "size": size, "eTag": e_tag } },
        }]});
        self.send(kind, &event);
    }

    /// Sends the functions what the schedules send.
    pub fn look(&self) {
        for kind in [FunctionKind::Validate, FunctionKind::Apply, FunctionKind::Notices] {
            self.send(kind, &json!({ "look": true }));
        }
    }

    fn send(&self, kind: FunctionKind, event: &Value) {
        let scratch = tempfile::tempdir().expect("a folder");
        let [payload, answer] = ["event.json", "answer.json"].map(|name| scratch.path().join(name));
        std::fs::write(&payload, event.to_string()).expect("a file");
        let function = self.function(kind);
        let payload = format!("fileb://{}", payload.display());
        let arguments = ["lambda", "invoke", "--function-name", &function, "--payload", &payload];
        aws(&[&arguments[..], &[&answer.display().to_string()]].concat());
    }

    /// Returns the name of a function.
    pub fn function(&self, kind: FunctionKind) -> String {
        format!("{}-{}", self.name, kind.name())
    }

    /// Lets the stack send e-mail, as somebody does who verifies the sender's address in Amazon SES.
    pub fn verify_sender(&self) {
        if let Err(said) = try_aws(&["sesv2", "create-email-identity", "--email-identity", MAIL_FROM]) {
            assert!(said.contains("AlreadyExists"), "{said}");
        }
    }

    /// Returns the subjects of the e-mails that were sent to an address; `None` where nobody but SES knows them: only
    /// ministack tells.
    pub async fn subjects_to(&self, address: &str) -> Option<Vec<String>> {
        let answer = reqwest::get(format!("{}/_ministack/ses/messages", self.endpoint)).await.ok()?;
        let answer: Value = answer.error_for_status().ok()?.json().await.ok()?;
        let accounts = answer["messages"].as_object().into_iter().flatten();
        let mails = accounts.flat_map(|(_, mails)| mails.as_array().into_iter().flatten());
        let own = mails.filter(|mail| mail["To"].as_array().is_some_and(|to| to.iter().any(|one| one == address)));
        Some(own.filter_map(|mail| mail["Subject"].as_str().map(str::to_owned)).collect())
    }

    /// Waits until no object is left that wakes a function, and no upload that goes on by itself.
    pub async fn settled(&self) {
        quiet(&self.cloud()).await;
    }

    /// Kills every process of a function that runs on this machine, and says how many were at work.
    pub fn kill(&self, kind: FunctionKind) -> usize {
        let name = format!("AWS_LAMBDA_FUNCTION_NAME={}", self.function(kind));
        let busy = foreign_processes::busy(foreign_processes::with_variables(&[name]));
        for pid in &busy {
            assert!(foreign_processes::kill(*pid), "the process {pid} was gone before it was killed");
        }
        busy.len()
    }

    /// Returns what the functions logged.
    pub fn logs(&self) -> Vec<String> {
        let groups = FunctionKind::ALL.map(|kind| format!("/aws/lambda/{}", self.function(kind)));
        groups.map(|group| aws(&["logs", "filter-log-events", "--log-group-name", &group]).to_string()).into()
    }
}

impl Drop for Deployed {
    /// Takes the stack away, so that its schedules wake nobody while other tests run. Its bucket and table stay until the
    /// emulator ends.
    fn drop(&mut self) {
        if let Err(said) = try_aws(&["cloudformation", "delete-stack", "--stack-name", &self.name]) {
            eprintln!("the stack {} could not be deleted: {said}", self.name);
        }
    }
}

/// Makes a stack of the template with the code of the one that was deployed before, and returns its outputs.
fn deploy(name: &str) -> std::collections::HashMap<String, String> {
    let before = describe(&variable(STACK));
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/template.yaml");
    let template = template.display().to_string();
    let same = ["CodeBucket", "ValidateCode", "ApplyCode", "ApiCode", "NoticesCode", "Architecture", "Emulator"];
    let code: Vec<String> = same
        .iter()
        .map(|name| format!("{name}={}", before["Parameters"][name].as_str().expect("a parameter")))
        .collect();
    let bucket = before["Parameters"]["CodeBucket"].as_str().expect("the bucket of the code").to_owned();
    let mut arguments = vec!["cloudformation", "deploy", "--stack-name", name, "--template-file", &template];
    arguments.extend(["--s3-bucket", &bucket, "--capabilities", "CAPABILITY_NAMED_IAM"]);
    let own = [format!("Name={name}"), "Protect=false".to_owned(), format!("MailFrom={MAIL_FROM}")];
    arguments.push("--parameter-overrides");
    arguments.extend(code.iter().chain(&own).map(String::as_str));
    aws(&arguments);
    let after = describe(name);
    let outputs = after["Outputs"].as_object().expect("outputs").iter();
    outputs.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
}

/// Returns the parameters and the outputs of a stack, each by its name.
pub fn describe(stack: &str) -> Value {
    let answer = aws(&["cloudformation", "describe-stacks", "--stack-name", stack]);
    let pairs = |list: &Value, key: &str, value: &str| -> Value {
        let entries = list.as_array().into_iter().flatten();
        entries
            .map(|entry| (entry[key].as_str().unwrap_or_default().to_owned(), entry[value].clone()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let stack = &answer["Stacks"][0];
    json!({
        "Parameters": pairs(&stack["Parameters"], "ParameterKey", "ParameterValue"),
        "Outputs": pairs(&stack["Outputs"], "OutputKey", "OutputValue"),
    })
}

/// Asks AWS by its program, which has to succeed.
pub fn aws(arguments: &[&str]) -> Value {
    try_aws(arguments).unwrap_or_else(|said| panic!("aws {}: {said}", arguments.join(" ")))
}

/// Asks AWS by its program.
///
/// # Errors
///
/// What the program says where AWS refuses.
pub fn try_aws(arguments: &[&str]) -> Result<Value, String> {
    try_aws_as(arguments, &[])
}

/// Asks AWS as somebody else, whose keys are variables of the environment.
///
/// # Errors
///
/// What the program says where AWS refuses.
pub fn try_aws_as(arguments: &[&str], who: &[(&str, String)]) -> Result<Value, String> {
    let mut command = Command::new(std::env::var_os("ROLLBOOK_AWS").unwrap_or_else(|| "aws".into()));
    command.args(arguments).args(["--region", REGION, "--output", "json"]);
    command.args(["--endpoint-url", &variable("AWS_ENDPOINT_URL")]);
    command.envs(who.iter().map(|(name, value)| (*name, value.as_str())));
    let output = command.stdin(Stdio::null()).output().expect("the program aws");
    if !output.status.success() {
        return Err([output.stderr, output.stdout].map(|text| String::from_utf8_lossy(&text).into_owned()).concat());
    }
    Ok(serde_json::from_slice(output.stdout.trim_ascii()).unwrap_or(Value::Null))
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `cargo local test --on ministack`"))
}
