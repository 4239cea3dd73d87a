//! What the template says, as far as no emulator keeps it: it is compared with the code that relies on it.

use std::collections::BTreeSet;

use cloud::bucket::{HEADERS_OF_A_LINK, keys};
use cloud::table::{BY_EMAIL, BY_SCHOOL};
use local::headers;
use wire::attribute::Attribute;
use yaml_serde::Value;

/// The template, read once by each test.
struct Template(Value);

impl Template {
    fn read() -> Template {
        let text = include_str!("../../infra/template.yaml");
        Template(yaml_serde::from_str(text).expect("the template is YAML"))
    }

    /// Returns a resource's properties.
    fn properties(&self, resource: &str) -> Value {
        at(&self.0, &["Resources", resource, "Properties"])
    }

    fn parameter(&self, name: &str) -> Value {
        at(&self.0, &["Parameters", name, "Default"])
    }

    /// Returns the names of the resources of a type.
    fn of_type(&self, kind: &str) -> Vec<String> {
        let resources = self.0["Resources"].as_mapping().expect("resources");
        let found = resources.iter().filter(|(_, resource)| resource["Type"] == kind);
        found.map(|(name, _)| name.as_str().expect("a name").to_owned()).collect()
    }
}

/// Returns what stands at a path, without the functions of CloudFormation around it.
fn at(value: &Value, path: &[&str]) -> Value {
    path.iter().fold(value.clone(), |value, name| plain(value[*name].clone()))
}

/// Takes a value out of `!If [condition, value, otherwise]`, and a text out of `!Sub` or `!GetAtt`.
fn plain(value: Value) -> Value {
    match value {
        Value::Tagged(tagged) if tagged.tag == "If" => plain(tagged.value[1].clone()),
        Value::Tagged(tagged) => plain(tagged.value),
        value => value,
    }
}

fn list(value: &Value) -> Vec<Value> {
    value.as_sequence().cloned().unwrap_or_default().into_iter().map(plain).collect()
}

fn text(value: &Value) -> String {
    plain(value.clone()).as_str().unwrap_or_default().to_owned()
}

#[test]
fn the_table_is_what_the_code_makes_where_no_template_does() {
    let table = Template::read().properties("Table");
    let keys = |value: &Value| -> Vec<(String, String)> {
        list(value).iter().map(|key| (text(&key["AttributeName"]), text(&key["KeyType"]))).collect()
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(keys(&table["KeySchema"]), [pair("pk", "HASH"), pair("sk", "RANGE")]);
    let indexes = list(&table["GlobalSecondaryIndexes"]);
    let names: Vec<_> = indexes.iter().map(|index| text(&index["IndexName"])).collect();
    assert_eq!(names, [BY_SCHOOL, BY_EMAIL]);
    assert_eq!(keys(&indexes[0]["KeySchema"]), [pair("gsi_pk", "HASH"), pair("gsi_sk", "RANGE")]);
    assert_eq!(keys(&indexes[1]["KeySchema"]), [pair("email_key", "HASH")]);
    let projected: BTreeSet<_> = list(&indexes[0]["Projection"]["NonKeyAttributes"]).iter().map(text).collect();
    assert_eq!(projected, Attribute::in_index().map(|attribute| attribute.name().to_owned()).collect());
    assert_eq!(text(&indexes[1]["Projection"]["ProjectionType"]), "KEYS_ONLY");
}

#[test]
fn the_table_expires_items_and_can_be_brought_back() {
    let template = Template::read();
    let table = template.properties("Table");
    assert_eq!(text(&table["TimeToLiveSpecification"]["AttributeName"]), "expires");
    assert_eq!(table["TimeToLiveSpecification"]["Enabled"], true);
    assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(text(&template.parameter("Protect")), "true");
    assert_eq!(
        (&table["SSESpecification"]["SSEEnabled"], text(&table["SSESpecification"]["SSEType"])),
        (&true.into(), "KMS".into())
    );
    assert_eq!(text(&table["BillingMode"]), "PAY_PER_REQUEST");
    for resource in ["Table", "Rosters", "RostersPolicy", "Key"] {
        let policy = |name| text(&at(&template.0, &["Resources", resource, name]));
        assert_eq!(policy("DeletionPolicy"), "RetainExceptOnCreate", "{resource}");
        assert_eq!(policy("UpdateReplacePolicy"), "Retain", "{resource}");
    }
}

#[test]
fn the_bucket_tells_functions_of_the_folders_that_the_code_has() {
    let bucket = Template::read().properties("Rosters");
    let notifications = list(&at(&bucket, &["NotificationConfiguration", "LambdaConfigurations"]));
    let told: Vec<(String, String)> = notifications
        .iter()
        .map(|one| (text(&at(one, &["Filter", "S3Key", "Rules"])[0]["Value"]), text(&one["Function"])))
        .collect();
    let expected = [(keys::INBOX, "Validate.Arn"), (keys::APPROVALS, "Apply.Arn"), (keys::CHUNKS, "Apply.Arn")];
    assert_eq!(told, expected.map(|(prefix, function)| (prefix.to_owned(), function.to_owned())));
    for (i, (a, _)) in told.iter().enumerate() {
        let overlapping = told.iter().enumerate().any(|(j, (b, _))| i != j && b.starts_with(a.as_str()));
        assert!(!overlapping, "S3 refuses notifications for folders one of which is in the other: {a}");
    }
    assert!(notifications.iter().all(|one| text(&one["Event"]) == "s3:ObjectCreated:*"));
}

#[test]
fn the_bucket_forgets_what_was_left_behind_and_never_what_a_setting_keeps() {
    let bucket = Template::read().properties("Rosters");
    let rules = list(&bucket["LifecycleConfiguration"]["Rules"]);
    let days: Vec<(String, u64)> = rules
        .iter()
        .filter_map(|rule| Some((rule["Prefix"].as_str()?.to_owned(), rule["ExpirationInDays"].as_u64()?)))
        .collect();
    // A setting lets passwords be read for a thousand days at most.
    let expected = [
        (keys::INBOX, 150),
        (keys::APPROVALS, 30),
        (keys::CHUNKS, 30),
        (keys::CREDENTIALS, 1001),
        (keys::DOWNLOADS, 2),
    ];
    assert_eq!(days, expected.map(|(prefix, days)| (prefix.to_owned(), days)));
    let inbox = i64::try_from(days[0].1).expect("a number of days");
    assert!(inbox > roster::MAX_PAUSE_DAYS + 14, "no file is deleted that waits for the end of a pause: {inbox} days");
    let without_prefix = rules.iter().filter(|rule| rule["Prefix"].is_null());
    assert!(without_prefix.clone().all(|rule| rule["ExpirationInDays"].is_null()));
    assert_eq!(without_prefix.count(), 1, "parts of files that never came are deleted everywhere");
}

#[test]
fn the_bucket_is_closed_encrypted_and_keeps_no_old_versions() {
    let template = Template::read();
    let bucket = template.properties("Rosters");
    for resource in ["Rosters", "Page"] {
        let blocked = template.properties(resource)["PublicAccessBlockConfiguration"].clone();
        for what in ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"] {
            assert_eq!(blocked[what], true, "{resource}: {what}");
        }
    }
    assert!(bucket["VersioningConfiguration"].is_null());
    assert_eq!(text(&bucket["OwnershipControls"]["Rules"][0]["ObjectOwnership"]), "BucketOwnerEnforced");
    let rule = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0].clone();
    assert_eq!(text(&rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"]), "aws:kms");
    let cors = at(&bucket, &["CorsConfiguration", "CorsRules"])[0].clone();
    let texts = |name: &str| list(&cors[name]).iter().map(text).collect::<Vec<_>>();
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(texts("AllowedOrigins"), ["https://${Domain}"]);
    assert_eq!((texts("AllowedMethods"), texts("AllowedHeaders")), (owned(&["GET", "PUT"]), owned(&HEADERS_OF_A_LINK)));
    let statement = template.properties("RostersPolicy")["PolicyDocument"]["Statement"][0].clone();
    assert_eq!(text(&statement["Effect"]), "Deny");
    assert_eq!(text(&at(&statement, &["Condition"])["Bool"]["aws:SecureTransport"]), "false");
}

#[test]
fn what_is_for_emulators_alone_is_off_unless_somebody_asks() {
    let template = Template::read();
    assert_eq!(text(&template.parameter("Emulator")), "false");
    assert_eq!(text(&template.parameter("Runs")), "true");
    assert_eq!(text(&template.properties("Url")["AuthType"]), "AWS_IAM");
    let condition = at(&template.0, &["Conditions", "IsReal"]);
    assert_eq!((text(&condition[0]), text(&condition[1])), ("Emulator".into(), "false".into()));
    assert_eq!(
        text(&at(&template.properties("Api"), &["Environment", "Variables", "ROLLBOOK_BEHIND_CLOUDFRONT"])),
        "1"
    );
}

#[test]
fn apply_may_wake_itself_and_new_accounts_can_take_every_function() {
    let template = Template::read();
    assert_eq!(text(&template.properties("Apply")["RecursiveLoop"]), "Allow");
    assert_eq!(text(&template.properties("LoopAlarm")["MetricName"]), "Invocations");
    assert_eq!(template.parameter("Concurrency"), 0);
    for function in template.of_type("AWS::Lambda::Function") {
        let memory = at(&template.properties(&function), &["MemorySize"]);
        let memory = memory.as_u64().unwrap_or_else(|| template.parameter("Memory").as_u64().expect("a default"));
        assert!((512..=3008).contains(&memory), "{function}: a new account has 3008 MB at most");
        assert_eq!(text(&template.properties(&function)["LoggingConfig"]["LogFormat"]), "JSON");
    }
}

#[test]
fn what_fails_is_tried_twice_more_and_then_kept() {
    let template = Template::read();
    for resource in ["ValidateRetries", "ApplyRetries", "NoticesRetries"] {
        let retries = template.properties(resource);
        assert_eq!(retries["MaximumRetryAttempts"], 2);
        assert_eq!(text(&retries["DestinationConfig"]["OnFailure"]["Destination"]), "GivenUp.Arn");
    }
    for resource in ["ValidateSweep", "ApplySweep", "NoticesSweep"] {
        let schedule = template.properties(resource);
        let event = serde_json::from_str(&text(&schedule["Target"]["Input"])).expect("JSON");
        assert_eq!(runtime::Event::read(&event).expect("an event"), runtime::Event::Sweep(runtime::Grace::Usual));
    }
}

#[test]
fn every_permission_of_a_service_says_whose_requests_it_is_for() {
    let template = Template::read();
    for resource in template.of_type("AWS::Lambda::Permission") {
        let permission = template.properties(&resource);
        assert!(!permission["SourceArn"].is_null(), "{resource}");
        if text(&permission["Principal"]) == "s3.amazonaws.com" {
            assert!(!permission["SourceAccount"].is_null(), "{resource}: a bucket's ARN names no account");
        }
    }
}

#[test]
fn no_role_allows_everything_of_anything() {
    let template = Template::read();
    for role in template.of_type("AWS::IAM::Role") {
        for policy in list(&template.properties(&role)["Policies"]) {
            for statement in list(&policy["PolicyDocument"]["Statement"]) {
                for action in list(&statement["Action"]) {
                    assert!(!text(&action).contains('*'), "{role}: {action:?}");
                }
                let resources = plain(statement["Resource"].clone());
                let resources = if resources.is_sequence() { list(&resources) } else { vec![resources] };
                assert!(resources.iter().all(|resource| text(resource) != "*"), "{role}");
            }
        }
    }
}

#[test]
fn e_mail_is_sent_by_one_identity_and_by_notices_alone() {
    let template = Template::read();
    assert_eq!(text(&template.parameter("MailFrom")), "");
    let mut senders = Vec::new();
    for role in template.of_type("AWS::IAM::Role") {
        for statement in list(&template.properties(&role)["Policies"][0]["PolicyDocument"]["Statement"]) {
            if list(&statement["Action"]).iter().any(|action| text(action).starts_with("ses:")) {
                senders.push((role.clone(), list(&statement["Action"]), text(&statement["Resource"])));
            }
        }
    }
    let identity = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/${MailFrom}";
    assert_eq!(senders, [("NoticesRole".to_owned(), vec!["ses:SendEmail".into()], identity.to_owned())]);
}

#[test]
fn the_page_has_the_headers_that_it_has_locally() {
    let config = Template::read().properties("Headers")["ResponseHeadersPolicyConfig"].clone();
    let security = config["SecurityHeadersConfig"].clone();
    let bucket = "https://${Name}-rosters-${AWS::AccountId}-${AWS::Region}.s3.${AWS::Region}.amazonaws.com";
    assert_eq!(
        text(&security["ContentSecurityPolicy"]["ContentSecurityPolicy"]),
        headers::content_security_policy(bucket)
    );
    let age = security["StrictTransportSecurity"]["AccessControlMaxAgeSec"].as_u64().expect("an age");
    assert_eq!(headers::STRICT_TRANSPORT_SECURITY.1, format!("max-age={age}"));
    let mut given = vec![
        ("x-content-type-options".to_owned(), "nosniff".to_owned()),
        ("referrer-policy".to_owned(), text(&security["ReferrerPolicy"]["ReferrerPolicy"])),
    ];
    let custom = list(&config["CustomHeadersConfig"]["Items"]);
    given.extend(custom.iter().map(|header| (text(&header["Header"]), text(&header["Value"]))));
    assert!(!security["ContentTypeOptions"].is_null());
    assert_eq!(given, headers::SECURITY_HEADERS.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn places_of_the_page_are_found_by_the_function_that_is_tested() {
    let code = text(&Template::read().properties("Places")["FunctionCode"]);
    let tested = include_str!("../../infra/cloudfront/viewer-request.js");
    let tested = &tested[tested.find("function handler").expect("the handler")..];
    assert_eq!(code.trim(), tested.trim());
}

#[test]
fn the_template_can_be_sent_as_it_is() {
    let bytes = include_str!("../../infra/template.yaml").len();
    assert!(bytes < 1_000_000, "CloudFormation takes a megabyte from a bucket: {bytes}");
}
