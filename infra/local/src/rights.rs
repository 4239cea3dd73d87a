//! What the roles of the template allow the functions, to be compared with what they do.

use std::collections::BTreeSet;

use build::problem::{ProblemText, about, unusable};
use yaml_serde::Value;

use crate::recorder::UsedRight;

/// The roles, and the functions that have them.
const ROLES: [(&str, &str); 4] =
    [("ValidateRole", "validate"), ("ApplyRole", "apply"), ("ApiRole", "api"), ("NoticesRole", "notices")];

/// Rights that no request of a function takes: Lambda, or another service on its behalf, uses them.
const OF_SERVICES: [&str; 3] = ["kms:", "logs:", "sqs:"];

/// Rights that are used where no system test gets: after days or weeks, with a provider, or when a plan has to be given up
/// half-way. Each with the test that shows the use, on the embedded parts.
const SHOWN_ELSEWHERE: [(&str, &str, &str); 12] = [
    // What is left of erased users goes out of kept files, and files whose time is over go: engine `kept`.
    ("validate", "s3:GetObject", "uploads/"),
    ("validate", "s3:DeleteObject", "uploads/"),
    ("validate", "s3:GetObject", "credentials/"),
    ("validate", "s3:PutObject", "credentials/"),
    ("validate", "s3:DeleteObject", "credentials/"),
    ("validate", "s3:DeleteObject", "downloads/"),
    // The classes of who leaves a school, and who comes into a class: cloud `classes`.
    ("validate", "dynamodb:Query", "by_school"),
    ("apply", "dynamodb:ConditionCheckItem", "table"),
    ("api", "dynamodb:ConditionCheckItem", "table"),
    // Who was created by a plan that could not be carried out to its end: engine `broken_off`.
    ("apply", "dynamodb:BatchGetItem", "table"),
    // The passwords of a file whose plan is rejected: api `decisions`.
    ("api", "s3:DeleteObject", "uploads/"),
    // Whoever comes back from a provider: api `sign_on`.
    ("api", "dynamodb:Query", "by_email"),
];

/// Returns every right that a role of the template allows and that was not used.
///
/// Those that are shown elsewhere are left out.
///
/// # Errors
///
/// Where the template can't be read.
pub fn unused(used: &BTreeSet<UsedRight>) -> Result<Vec<UsedRight>, ProblemText> {
    let file = build::cargo::checkout().join("infra/template.yaml");
    let text = std::fs::read_to_string(&file).map_err(about(&file))?;
    let template: Value = yaml_serde::from_str(&text).map_err(|error| unusable("The template", &error))?;
    let allowed = ROLES.iter().flat_map(|(role, function)| allowed(&template["Resources"][*role], function));
    Ok(allowed.filter(|right| !used.contains(right) && !is_shown_elsewhere(right)).collect())
}

fn is_shown_elsewhere(right: &UsedRight) -> bool {
    let right = (right.function.as_str(), right.action.as_str(), right.resource.as_str());
    SHOWN_ELSEWHERE.contains(&right)
}

fn allowed(role: &Value, function: &str) -> Vec<UsedRight> {
    let statements =
        role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].as_sequence().into_iter().flatten();
    let rights = statements.map(in_an_account).flat_map(|statement| {
        let actions = texts(&statement["Action"]);
        let resources = texts(&statement["Resource"]);
        actions.into_iter().flat_map(move |action| {
            let right = |resource: &String| (action.clone(), named(resource));
            resources.iter().map(right).collect::<Vec<_>>()
        })
    });
    let of_function = rights.filter(|(action, _)| !OF_SERVICES.iter().any(|service| action.starts_with(service)));
    of_function.map(|(action, resource)| UsedRight { function: function.to_owned(), action, resource }).collect()
}

/// Returns what a resource is called in a [`UsedRight`]: its folder, or the table, an index, the whole bucket or the
/// identity of a sender.
fn named(resource: &str) -> String {
    if let Some(folder) = resource.strip_suffix('*') {
        let folder = folder.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        return format!("{folder}/");
    }
    match resource.split_once("/index/") {
        Some((_, index)) => index.to_owned(),
        None if resource.contains(":s3:::") => "bucket".to_owned(),
        None if resource.contains(":identity/") => "identity".to_owned(),
        None => "table".to_owned(),
    }
}

/// Returns what stands there in an account whose administrator chose everything: the first of what a condition chooses
/// between.
fn in_an_account(value: &Value) -> &Value {
    match value {
        Value::Tagged(tagged) if tagged.tag == "If" => in_an_account(&tagged.value[1]),
        value => value,
    }
}

/// Returns the text, or the texts of a list, without the functions of CloudFormation around them.
fn texts(value: &Value) -> Vec<String> {
    match in_an_account(value) {
        Value::Tagged(tagged) => texts(&tagged.value),
        Value::Sequence(list) => list.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_is_named() {
        let all = unused(&BTreeSet::new()).expect("the template");
        let right = |function: &str, action: &str, resource: &str| UsedRight {
            function: function.into(),
            action: action.into(),
            resource: resource.into(),
        };
        for expected in [
            right("validate", "s3:DeleteObject", "inbox/"),
            right("apply", "s3:PutObject", "chunks/"),
            right("api", "dynamodb:Query", "by_school"),
            right("api", "s3:ListBucket", "bucket"),
            right("notices", "ses:SendEmail", "identity"),
        ] {
            assert!(all.contains(&expected), "{expected:?}");
        }
        let used = BTreeSet::from([right("validate", "s3:DeleteObject", "inbox/")]);
        assert_eq!(unused(&used).expect("the template").len(), all.len() - 1);
    }
}
