//! The command that deploys, on what `cargo local test --on` deploys to. Only that runs these tests.

mod roles;

use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tests::deployed::{aws, describe, try_aws};
use tests::front::{BucketOrigin, Front};
use wire::http::{BODY_SHA256, Me, SignIn};

/// A deployment under a name of its own.
struct Deployment {
    name: String,
}

impl Deployment {
    fn new() -> Deployment {
        let name = format!("d{}", uuid::Uuid::new_v4().simple());
        Deployment { name: name.chars().take(12).collect() }
    }

    /// Runs `cargo deploy` and returns what it printed.
    fn run(&self, arguments: &[&str]) -> String {
        let program = std::env::current_exe().expect("this test").with_file_name("../deploy");
        let output = Command::new(program).args(["--name", &self.name]).args(arguments).stdin(Stdio::null()).output();
        let output = output.expect("the command that deploys");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
        printed
    }

    /// Runs commands of the README for this deployment, up to the first that fails, and returns what they print.
    fn run_shell(&self, commands: &str) -> String {
        let aws = std::env::var("ROLLBOOK_AWS").unwrap_or_else(|_| "aws".to_owned());
        let deploy = std::env::current_exe().expect("this test").with_file_name("../deploy");
        let script = format!(
            "set -eu\naws() {{ \"{aws}\" \"$@\"; }}\ncargo() {{ shift; \"{}\" --name {} {} \"$@\"; }}\n{}",
            deploy.display(),
            self.name,
            ARCHITECTURE.join(" "),
            commands.replace("rollbook", &self.name),
        );
        let output = Command::new("sh").args(["-c", &script]).stdin(Stdio::null()).output().expect("a shell");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
        printed
    }

    fn output(&self, name: &str) -> String {
        describe(&self.name)["Outputs"][name].as_str().unwrap_or_default().to_owned()
    }

    /// Returns whether somebody gets in through the emulated CloudFront.
    async fn sign_in(&self, username: &str, password: &str) -> Me {
        let endpoint = std::env::var("AWS_ENDPOINT_URL").expect("an emulator");
        let bucket = BucketOrigin { on_aws: String::new(), here: String::new() };
        let front = Front::start(&endpoint, &self.output("DistributionDomain"), bucket).await;
        let sign_in = SignIn { username: username.to_owned(), password: password.to_owned() };
        let body = serde_json::to_vec(&sign_in).expect("JSON");
        let request = reqwest::Client::new().post(format!("{}/api/session", front.address()));
        let request = request.header("content-type", "application/json");
        let request = request.header(BODY_SHA256, cloud::bucket::digest(&body)).body(body);
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.json().await.expect("who is signed in")
    }
}

const ARCHITECTURE: [&str; 2] = ["--architecture", if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" }];

/// Returns the user name and the password of the line `Sign in    NAME / PASSWORD`.
fn sign_in_of(printed: &str) -> (String, String) {
    let line = printed.lines().find_map(|line| line.trim().strip_prefix("Sign in")).expect("a sign-in");
    let (username, password) = line.trim().split_once(" / ").expect("a user name and a password");
    (username.to_owned(), password.to_owned())
}

#[tokio::test]
async fn all_but_the_data_goes_and_comes_back_with_it() {
    let deployment = Deployment::new();
    let (username, password) = sign_in_of(&deployment.run(&ARCHITECTURE));
    let me = deployment.sign_in(&username, &password).await;
    assert!(me.must_set_password, "what was printed works once");

    let (bucket, function) = (deployment.output("Bucket"), deployment.output("Apply"));
    aws(&["s3api", "put-object", "--bucket", &bucket, "--key", "uploads/kept.txt"]);
    let printed = deployment.run(&["--off"]);
    assert!(printed.contains(&format!("The table {}, the bucket {bucket}", deployment.name)), "{printed}");
    assert_eq!(deployment.output("Address"), "");
    assert!(try_aws(&["lambda", "get-function", "--function-name", &function]).is_err(), "the function is gone");
    aws(&["dynamodb", "describe-table", "--table-name", &deployment.name]);

    let printed = deployment.run(&ARCHITECTURE);
    assert!(printed.contains("as you did before"), "{printed}");
    aws(&["s3api", "head-object", "--bucket", &bucket, "--key", "uploads/kept.txt"]);
    let printed = deployment.run(&["--new-administrator", "rescue"]);
    let password = printed.lines().next().and_then(|line| line.rsplit(" / ").next()).expect("a password").to_owned();
    assert_eq!(deployment.sign_in("rescue", &password).await.username, "rescue");
}

#[tokio::test]
async fn the_restore_of_the_readme_brings_the_table_back() {
    let deployment = Deployment::new();
    let (username, password) = sign_in_of(&deployment.run(&ARCHITECTURE));
    let blocks = shell_blocks(include_str!("../../../README.md"), "### Backup and restore");
    let [drill, steps @ ..] = &blocks[..] else { panic!("the part has no commands") };
    let table_id = || {
        let table = aws(&["dynamodb", "describe-table", "--table-name", &deployment.name])["Table"].clone();
        assert_eq!(list_length(&table["GlobalSecondaryIndexes"]), 2);
        // The emulator hands back the text of the template until the table is changed.
        let is_protected = [json!(true), json!("true")].contains(&table["DeletionProtectionEnabled"]);
        assert!(is_protected, "{table}");
        table["TableId"].clone()
    };
    let before = table_id();

    let printed = deployment.run_shell(drill);
    assert_eq!(printed.lines().filter(|line| *line == "1").count(), 2, "an administrator in each table: {printed}");
    assert_eq!(table_id(), before, "the drill touches nothing");

    let variables: Vec<&str> = drill.lines().take_while(|line| !line.starts_with("aws")).collect();
    deployment.run_shell(&[&[variables.join("\n")], steps].concat().join("\n"));
    assert_ne!(table_id(), before, "the table is another one");
    assert!(deployment.sign_in(&username, &password).await.must_set_password, "with what was in it");
    let ttl = aws(&["dynamodb", "describe-time-to-live", "--table-name", &deployment.name]);
    assert_eq!(ttl["TimeToLiveDescription"]["AttributeName"], "expires");
    // The emulator does not say whether it keeps this.
    assert!(steps.concat().contains("PointInTimeRecoveryEnabled=true"));
    let copies = aws(&["dynamodb", "list-backups", "--table-name", &format!("{}-restored", deployment.name)]);
    assert_eq!(list_length(&copies["BackupSummaries"]), 0, "nobody stays in a backup: {copies}");
}

fn list_length(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

/// Returns the blocks of commands of a part of the README.
fn shell_blocks(readme: &str, heading: &str) -> Vec<String> {
    let part = readme.split_once(&format!("\n{heading}\n")).expect("the part is there").1;
    let part = part.split_once("\n### ").expect("it ends").0;
    part.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn whoever_drops_files_may_do_nothing_else() {
    let deployment = Deployment::new();
    let printed = deployment.run(&[&ARCHITECTURE[..], &["--drop-folder", "full/sis"]].concat());
    let (bucket, user) = (deployment.output("Bucket"), deployment.output("DropUser"));
    assert!(printed.contains(&user), "{printed}");
    let key = aws(&["iam", "create-access-key", "--user-name", &user])["AccessKey"].clone();
    let text = |name: &str| key[name].as_str().expect("a key").to_owned();
    let as_user = |arguments: &[&str]| {
        tests::deployed::try_aws_as(
            arguments,
            &[("AWS_ACCESS_KEY_ID", text("AccessKeyId")), ("AWS_SECRET_ACCESS_KEY", text("SecretAccessKey"))],
        )
    };
    let put = |key: &str| as_user(&["s3api", "put-object", "--bucket", &bucket, "--key", key]);
    put("inbox/full/sis/a.csv").expect("that is what the user is for");
    for elsewhere in
        ["inbox/full/a.csv", "inbox/partial/sis/a.csv", "approvals/x", "chunks/x/0", "uploads/x/uploaded.csv"]
    {
        denied(put(elsewhere), elsewhere);
    }
    denied(as_user(&["s3api", "list-objects-v2", "--bucket", &bucket]), "listing");
    denied(as_user(&["s3api", "delete-object", "--bucket", &bucket, "--key", "inbox/full/sis/a.csv"]), "deleting");
    denied(as_user(&["dynamodb", "scan", "--table-name", &deployment.name]), "reading the table");
    deployment.run(&["--off"]);
    assert!(try_aws(&["iam", "get-user", "--user-name", &user]).is_err(), "the user goes with the rest");
}

#[test]
fn principals_of_others_fetch_feeds_or_drop_files_and_do_nothing_else() {
    let deployment = Deployment::new();
    let [fetching, dropping] = ["fetch", "drop"].map(|purpose| Outsider::new(&deployment, purpose));
    let others = ["--feed-principal", &fetching.arn, "--drop-principal", &dropping.arn, "--drop-folder", "full/sis"];
    deployment.run(&[&ARCHITECTURE[..], &others].concat());
    let bucket = deployment.output("Bucket");
    let put = |who: &Outsider, key: &str| who.aws(&["s3api", "put-object", "--bucket", &bucket, "--key", key]);
    let get =
        |who: &Outsider, key: &str| who.aws(&["s3api", "get-object", "--bucket", &bucket, "--key", key, "/dev/null"]);
    for key in ["feeds/clever.zip", "feeds/written.json", "uploads/x/uploaded.csv", "credentials/x"] {
        aws(&["s3api", "put-object", "--bucket", &bucket, "--key", key]);
    }

    get(&fetching, "feeds/clever.zip").expect("that is what it is named for");
    put(&dropping, "inbox/full/sis/a.csv").expect("that is what it is named for");
    for key in ["feeds/written.json", "uploads/x/uploaded.csv", "credentials/x", "inbox/full/sis/a.csv"] {
        denied(get(&fetching, key), &format!("fetching {key}"));
        denied(get(&dropping, key), &format!("reading {key}"));
    }
    for key in ["feeds/clever.zip", "inbox/full/a.csv", "approvals/x", "chunks/x/0"] {
        denied(put(&fetching, key), &format!("writing {key} for whoever fetches"));
        denied(put(&dropping, key), &format!("writing {key} for whoever drops"));
    }
    for who in [&fetching, &dropping] {
        denied(who.aws(&["s3api", "list-objects-v2", "--bucket", &bucket]), "listing");
        denied(who.aws(&["s3api", "delete-object", "--bucket", &bucket, "--key", "feeds/clever.zip"]), "deleting");
        denied(who.aws(&["dynamodb", "scan", "--table-name", &deployment.name]), "reading the table");
        who.forget();
    }
    deployment.run(&["--off"]);
}

/// A user of the account that Rollbook did not make, with rights of its own for nothing.
struct Outsider {
    name: String,
    arn: String,
    key: Value,
}

impl Outsider {
    fn new(deployment: &Deployment, purpose: &str) -> Outsider {
        let name = format!("{}-{purpose}", deployment.name);
        let arn = aws(&["iam", "create-user", "--user-name", &name])["User"]["Arn"].clone();
        let key = aws(&["iam", "create-access-key", "--user-name", &name])["AccessKey"].clone();
        Outsider { name, arn: arn.as_str().expect("an ARN").to_owned(), key }
    }

    /// Runs a command of `aws` with the user's own key.
    fn aws(&self, arguments: &[&str]) -> Result<Value, String> {
        let text = |name: &str| self.key[name].as_str().expect("a key").to_owned();
        let key = [("AWS_ACCESS_KEY_ID", text("AccessKeyId")), ("AWS_SECRET_ACCESS_KEY", text("SecretAccessKey"))];
        tests::deployed::try_aws_as(arguments, &key)
    }

    /// Deletes the user.
    fn forget(&self) {
        let id = self.key["AccessKeyId"].as_str().expect("a key");
        let (user, key) = (["--user-name", &self.name], ["--access-key-id", id]);
        try_aws(&[&["iam", "delete-access-key"][..], &user, &key].concat()).expect("the key goes");
        try_aws(&[&["iam", "delete-user"][..], &user].concat()).expect("the user goes");
    }
}

/// Asserts that a command was refused for want of a right.
fn denied(what: Result<Value, String>, name: &str) {
    match what {
        Ok(_) => panic!("{name} is allowed"),
        Err(said) => assert!(said.contains("AccessDenied"), "{name}: {said}"),
    }
}

#[test]
fn what_was_given_up_is_sent_again() {
    let deployment = Deployment::new();
    deployment.run(&ARCHITECTURE);
    assert!(deployment.run(&["--redrive"]).contains("Nothing was given up."));
    let arn = aws(&["lambda", "get-function", "--function-name", &deployment.output("Apply")]);
    let arn = arn["Configuration"]["FunctionArn"].as_str().expect("an ARN").to_owned();
    let record = serde_json::json!({
        "requestContext": { "functionArn": format!("{arn}:$LATEST"), "condition": "RetriesExhausted" },
        "requestPayload": { "look": true },
    });
    let queue = deployment.output("GivenUpQueue");
    aws(&["sqs", "send-message", "--queue-url", &queue, "--message-body", &record.to_string()]);
    assert!(deployment.run(&["--redrive"]).contains("1 event was sent again."));
    assert!(deployment.run(&["--redrive"]).contains("Nothing was given up."));
}

#[test]
fn an_account_is_looked_at_before_anything_is_made() {
    let deployment = Deployment::new();
    let printed = deployment.run(&["--check"]);
    assert!(printed.contains("can take Rollbook"), "{printed}");
    assert!(try_aws(&["cloudformation", "describe-stacks", "--stack-name", &deployment.name]).is_err());
}
