//! Whether the account can take Rollbook: looked at before anything is built or made.

use build::problem::ProblemText;
use serde_json::Value;

use crate::aws::Aws;
use crate::parameters::Parameters;

/// The lowest quota of functions at once that is enough: one that checks, some that apply, and the rest that answer pages.
const LEAST_AT_ONCE: u64 = 10;

/// What CloudFormation needs of the one who deploys to make each kind of part of the template.
const RIGHTS: [&str; 23] = [
    "cloudformation:CreateChangeSet",
    "cloudformation:ExecuteChangeSet",
    "s3:CreateBucket",
    "s3:PutBucketPolicy",
    "s3:PutBucketNotification",
    "dynamodb:CreateTable",
    "kms:CreateKey",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:PutRolePolicy",
    "iam:PassRole",
    "lambda:CreateFunction",
    "lambda:PutFunctionRecursionConfig",
    "lambda:InvokeFunction",
    "lambda:AddPermission",
    "logs:CreateLogGroup",
    "cloudfront:CreateDistribution",
    "cloudfront:CreateFunction",
    "sqs:CreateQueue",
    "sns:CreateTopic",
    "scheduler:CreateSchedule",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:PutDashboard",
];

/// The account that is deployed into.
#[derive(Debug)]
pub struct TargetAccount {
    pub id: String,
    /// Who deploys.
    arn: String,
}

/// Asks who deploys, and into which account.
///
/// # Errors
///
/// Where AWS does not know, or the account is none that can take Rollbook: the text says why, and what to do.
pub fn find(aws: &Aws) -> Result<TargetAccount, ProblemText> {
    let who = aws.ask(&["sts", "get-caller-identity"]).map_err(|refusal| {
        ProblemText::new(format!(
            "AWS does not know who you are: {} Sign in with `aws sso login` or `aws configure`, and try again.",
            refusal.message
        ))
    })?;
    let (id, arn) = (text(&who["Account"]), text(&who["Arn"]));
    check_partition(&arn)?;
    Ok(TargetAccount { id, arn })
}

/// Looks at the account's quotas and rights.
///
/// Returns what should be seen to, though nothing keeps the deployment from going on.
///
/// # Errors
///
/// Where it can't take a deployment with these parameters: the text says why, and what to do.
pub fn check(aws: &Aws, account: &TargetAccount, parameters: &Parameters) -> Result<Vec<String>, ProblemText> {
    check_certificate(parameters)?;
    let mut warnings = check_quotas(aws, parameters)?;
    warnings.extend(check_rights(aws, &account.arn)?);
    Ok(warnings)
}

/// CloudFront is in the common partition only.
fn check_partition(arn: &str) -> Result<(), ProblemText> {
    match arn.split(':').nth(1) {
        Some("aws") => Ok(()),
        other => Err(ProblemText::new(format!(
            "This account is in the partition {}, which has no CloudFront, and that is what serves the page. Use an \
             account of the common regions.",
            other.unwrap_or("of no name")
        ))),
    }
}

fn check_certificate(parameters: &Parameters) -> Result<(), ProblemText> {
    match (parameters.value("Domain"), parameters.value("CertificateArn")) {
        (domain, "") if !domain.is_empty() => Err(ProblemText::new(format!(
            "The address {domain} needs a certificate: request one in AWS Certificate Manager, in the region us-east-1 \
             whatever region Rollbook runs in, and give its ARN with --certificate."
        ))),
        _ => Ok(()),
    }
}

/// The most memory of a function in an account that is new, in megabytes. AWS tells nobody which accounts are.
const MEMORY_WHEN_NEW: u64 = 3008;

/// Compares what the account may run at once with what is wanted.
fn check_quotas(aws: &Aws, parameters: &Parameters) -> Result<Vec<String>, ProblemText> {
    let limits = match aws.ask(&["lambda", "get-account-settings"]) {
        Ok(settings) => settings["AccountLimit"].clone(),
        Err(refusal) if refusal.is_denied() => {
            return Ok(vec![
                "The quotas of Lambda could not be read (lambda:GetAccountSettings is denied).".to_owned(),
            ]);
        }
        Err(refusal) => return Err(refusal.while_doing("Reading the quotas of Lambda")),
    };
    let at_once = limits["ConcurrentExecutions"].as_u64().unwrap_or(LEAST_AT_ONCE);
    let free = limits["UnreservedConcurrentExecutions"].as_u64().unwrap_or(at_once);
    let (wanted, reserved) = (parameters.number("Concurrency"), parameters.number_before("Concurrency"));
    // What the deployment has reserved already is no longer free, and is its own. AWS keeps a hundred for functions that
    // reserve none.
    let free = free + 2 * reserved;
    if wanted > reserved && free < 2 * wanted + 100 {
        return Err(ProblemText::new(format!(
            "--concurrency {wanted} reserves twice as many, and this account has {free} that are free, of which AWS keeps \
             100. Leave it out, or raise the quota \"Concurrent executions\" (code L-B99A9384): `aws service-quotas \
             request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000 --region {}`.",
            aws.region()
        )));
    }
    let mut warnings = Vec::new();
    if at_once < 50 {
        warnings.push(format!(
            "This account lets {at_once} functions run at once, as new accounts do. That is enough to begin with; for a \
             large organisation raise it: `aws service-quotas request-service-quota-increase --service-code lambda \
             --quota-code L-B99A9384 --desired-value 1000 --region {}`.",
            aws.region()
        ));
        let memory = parameters.number("Memory");
        if memory > MEMORY_WHEN_NEW {
            warnings.push(format!(
                "A new account gives a function {MEMORY_WHEN_NEW} MB at most, and --memory is {memory}: if the deployment \
                 fails for that, leave it out, or ask AWS support for more."
            ));
        }
    }
    Ok(warnings)
}

/// Asks IAM whether the one who deploys may do it, as far as IAM says.
fn check_rights(aws: &Aws, arn: &str) -> Result<Option<String>, ProblemText> {
    let Some(principal) = principal(arn) else { return Ok(None) };
    let mut arguments = vec!["iam", "simulate-principal-policy", "--policy-source-arn", &principal, "--action-names"];
    arguments.extend(RIGHTS);
    let results = match aws.ask(&arguments) {
        Ok(answer) => answer["EvaluationResults"].as_array().cloned().unwrap_or_default(),
        Err(_) => {
            return Ok(Some(
                "Whether you may make all that is needed could not be asked (iam:SimulatePrincipalPolicy); if you may \
                 not, the deployment says what and takes back what it made."
                    .to_owned(),
            ));
        }
    };
    let denied: Vec<_> = results
        .iter()
        .filter(|result| result["EvalDecision"] != "allowed")
        .map(|result| text(&result["EvalActionName"]))
        .collect();
    if denied.is_empty() {
        return Ok(None);
    }
    Err(ProblemText::new(format!(
        "{arn} may not do what a deployment needs: {}. Sign in as an administrator of the account, or ask for these \
         rights, and try again.",
        denied.join(", ")
    )))
}

/// Returns whose policies hold: of somebody who has assumed a role, those of the role. The root of an account has none.
fn principal(arn: &str) -> Option<String> {
    if arn.ends_with(":root") {
        return None;
    }
    match arn.split_once(":assumed-role/") {
        Some((start, rest)) => {
            let role = rest.split('/').next()?;
            Some(format!("{}:role/{role}", start.replacen(":sts:", ":iam:", 1)))
        }
        None => Some(arn.to_owned()),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_is_asked_about_and_not_its_session() {
        let session = "arn:aws:sts::123456789012:assumed-role/Admin/me@example.org";
        assert_eq!(principal(session).as_deref(), Some("arn:aws:iam::123456789012:role/Admin"));
        assert_eq!(principal("arn:aws:iam::123456789012:root"), None);
        let user = "arn:aws:iam::123456789012:user/me";
        assert_eq!(principal(user).as_deref(), Some(user));
    }

    #[test]
    fn a_domain_needs_a_certificate_where_cloudfront_looks() {
        let certificate = ("CertificateArn", "arn:aws:acm:us-east-1:123456789012:certificate/x");
        let check = |said: &[(&'static str, &str)], before: &[(&str, &str)]| {
            check_certificate(&Parameters::of(said, before)).map_err(|problem| problem.to_string())
        };
        assert_eq!(check(&[], &[]), Ok(()));
        assert!(check(&[("Domain", "a.example.org")], &[]).is_err_and(|text| text.contains("--certificate")));
        assert_eq!(check(&[("Domain", "a.example.org"), certificate], &[]), Ok(()));
        assert_eq!(check(&[("Domain", "b.example.org")], &[("Domain", "a.example.org"), certificate]), Ok(()));
    }

    #[test]
    fn every_kind_of_part_needs_a_right_that_is_asked_for() {
        let template = include_str!("../../template.yaml");
        let kinds = template.lines().filter_map(|line| line.trim().strip_prefix("Type: AWS::"));
        for kind in kinds {
            let service = match kind.split("::").next().unwrap_or_default() {
                "Events" => "scheduler".to_owned(),
                service => service.to_lowercase(),
            };
            assert!(RIGHTS.iter().any(|right| right.starts_with(&format!("{service}:"))), "{kind}");
        }
    }

    #[test]
    fn other_partitions_are_refused() {
        assert!(check_partition("arn:aws:iam::1:root").is_ok());
        let problem = check_partition("arn:aws-us-gov:iam::1:root").map_err(|problem| problem.to_string());
        assert!(problem.is_err_and(|text| text.contains("aws-us-gov")));
    }
}
