//! The template's parameters: what is said now, what was said before, and what the template lets them be.

use std::collections::HashMap;

use build::problem::ProblemText;
use regex::Regex;
use yaml_serde::Value;

use crate::arguments;

const TEMPLATE: &str = include_str!("../../template.yaml");

/// The parameters of a deployment.
pub struct Parameters {
    said: Vec<(&'static str, String)>,
    /// Those of what is deployed; none where nothing is.
    before: HashMap<String, String>,
    rules: Value,
}

impl Parameters {
    /// Puts together what is said now and what was said before.
    ///
    /// # Errors
    ///
    /// Where a value is none that the template takes: CloudFormation would say so only after everything was built.
    pub fn new(said: &[(&'static str, String)], before: HashMap<String, String>) -> Result<Parameters, ProblemText> {
        let parameters = Parameters { said: said.to_vec(), before, rules: rules() };
        for (name, value) in said {
            parameters.check(name, value)?;
        }
        parameters.check_key()?;
        Ok(parameters)
    }

    /// Returns the value that will hold: the one that is said, or was, or is in the template.
    pub fn value(&self, name: &str) -> &str {
        let said = self.said.iter().find(|(said, _)| *said == name).map(|(_, value)| value.as_str());
        let before = || self.before.get(name).map(String::as_str);
        said.or_else(before).or_else(|| self.rules[name]["Default"].as_str()).unwrap_or_default()
    }

    /// Returns a value that is a number.
    pub fn number(&self, name: &str) -> u64 {
        let default = || self.rules[name]["Default"].as_u64();
        self.value(name).parse().ok().or_else(default).unwrap_or_default()
    }

    /// Returns the number of what is deployed now; 0 where nothing is.
    pub fn number_before(&self, name: &str) -> u64 {
        self.before.get(name).and_then(|value| value.parse().ok()).unwrap_or_default()
    }

    /// Returns whether a user of this account drops files.
    pub fn make_a_drop_user(&self) -> bool {
        !self.value("DropFolder").is_empty() && self.value("DropPrincipal").is_empty()
    }

    /// Compares a value with what the template says of the parameter.
    fn check(&self, name: &str, value: &str) -> Result<(), ProblemText> {
        let rule = &self.rules[name];
        let bound = |name: &str| rule[name].as_u64();
        let expected = if rule["Type"].as_str() == Some("Number") {
            let (least, most) = (bound("MinValue"), bound("MaxValue"));
            let allowed = rule["AllowedValues"].as_sequence();
            let fits = value.parse::<u64>().is_ok_and(|number| {
                number >= least.unwrap_or(0)
                    && number <= most.unwrap_or(u64::MAX)
                    && allowed.is_none_or(|allowed| allowed.iter().any(|one| one.as_u64() == Some(number)))
            });
            (!fits).then(|| match (allowed, least, most) {
                (Some(allowed), ..) => {
                    let numbers: Vec<String> =
                        allowed.iter().filter_map(Value::as_u64).map(|n| n.to_string()).collect();
                    format!("one of {}", numbers.join(", "))
                }
                (None, least, Some(most)) => format!("a number from {} to {most}", least.unwrap_or(0)),
                (None, least, None) => format!("a number from {} on", least.unwrap_or(0)),
            })
        } else {
            let pattern = rule["AllowedPattern"].as_str().map(|pattern| format!("^(?:{pattern})$"));
            let fits = pattern.is_none_or(|pattern| Regex::new(&pattern).is_ok_and(|pattern| pattern.is_match(value)));
            let words = rule["AllowedValues"].as_sequence();
            let is_word = words.is_none_or(|words| words.iter().any(|word| word.as_str() == Some(value)));
            (!fits || !is_word).then(|| {
                let words = words.into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join(" or ");
                let form = rule["ConstraintDescription"].as_str().unwrap_or(&words);
                form.trim_end_matches('.').to_owned()
            })
        };
        match expected {
            None => Ok(()),
            Some(expected) => Err(ProblemText::new(format!(
                "--{} can't be “{value}”. Expected: {expected}.",
                arguments::option_of(name)
            ))),
        }
    }

    /// What is stored is encrypted with one key, and the functions may use only the one that is named.
    fn check_key(&self) -> Result<(), ProblemText> {
        let said = self.said.iter().find(|(name, _)| *name == "KeyArn");
        match (said, self.before.get("KeyArn")) {
            (Some((_, said)), Some(before)) if said != before => Err(ProblemText::new(
                "What is stored is encrypted with another key, and could not be read any more: the key can be chosen only \
                 when Rollbook is deployed for the first time. Leave --key out.",
            )),
            _ => Ok(()),
        }
    }
}

/// Returns what the template says of its parameters.
fn rules() -> Value {
    let template: Value = yaml_serde::from_str(TEMPLATE).expect("the template is YAML");
    template["Parameters"].clone()
}

#[cfg(test)]
impl Parameters {
    /// Returns parameters that nobody has checked.
    pub fn of(said: &[(&'static str, &str)], before: &[(&str, &str)]) -> Parameters {
        let said = said.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let before = before.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Parameters { said, before, rules: rules() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &'static str, value: &str) -> Result<(), String> {
        Parameters::new(&[(name, value.to_owned())], HashMap::new()).map(drop).map_err(|problem| problem.to_string())
    }

    #[test]
    fn values_are_what_the_template_takes() {
        for (name, value) in [
            ("DropFolder", ""),
            ("DropFolder", "full/sis"),
            ("DropFolder", "students/schools/10001"),
            ("DropFolder", "partial/schools/10001/office"),
            ("DropFolder", "full/sources/hr"),
            ("DropFolder", "full/sources/hr/schools/10001"),
            ("DropPrincipal", "arn:aws:iam::123456789012:role/sis"),
            ("Memory", "512"),
            ("LogDays", "90"),
            ("UploadWaitHours", "168"),
            ("Architecture", "x86_64"),
            ("Domain", "accounts.example.org"),
        ] {
            assert_eq!(check(name, value), Ok(()), "{name} {value}");
        }
    }

    #[test]
    fn other_values_are_refused_before_anything_is_built() {
        for (name, value, told) in [
            ("DropFolder", "full/a b", "--drop-folder can't be “full/a b”. Expected: The kind of sync"),
            ("DropFolder", "inbox/full", "full/schools/10001."),
            ("DropFolder", "full", "full/schools/10001."),
            ("DropFolder", "full/", "full/schools/10001."),
            ("DropFolder", "full/sis/more", "full/schools/10001."),
            ("DropPrincipal", "arn:aws:iam::123456789012:root", "Expected: The ARN of a user or a role"),
            ("Memory", "99999", "--memory can't be “99999”. Expected: a number from 512 to 10240."),
            ("Memory", "much", "a number from 512"),
            ("LogDays", "17", "Expected: one of 1, 3, 5"),
            ("UploadWaitHours", "999", "a number from 1 to 168"),
            ("Concurrency", "-1", "a number from 0 on"),
            ("Architecture", "mips", "Expected: arm64 or x86_64."),
            ("NotifyAddress", "nonsense", "--notify can't be “nonsense”"),
            ("CertificateArn", "arn:aws:acm:eu-west-1:123456789012:certificate/x", "us-east-1"),
        ] {
            let problem = check(name, value).expect_err(value);
            assert!(problem.contains(told), "{problem}");
        }
    }

    #[test]
    fn the_key_of_what_is_stored_stays() {
        let before = || HashMap::from([("KeyArn".to_owned(), String::new())]);
        let check = |said: &str| Parameters::new(&[("KeyArn", said.to_owned())], before()).is_ok();
        assert!(check("") && !check("arn:aws:kms:eu-west-1:123456789012:key/x"));
        assert!(Parameters::new(&[("KeyArn", "arn:x".to_owned())], HashMap::new()).is_ok());
    }

    #[test]
    fn what_was_said_before_holds() {
        let parameters = Parameters::of(&[("Memory", "512")], &[("Memory", "2048"), ("Concurrency", "7")]);
        let of_template = (parameters.number("LogDays"), parameters.value("Architecture"));
        assert_eq!(
            (parameters.number("Memory"), parameters.number("Concurrency"), of_template),
            (512, 7, (90, "arm64"))
        );
        assert!(!parameters.make_a_drop_user());
        assert!(Parameters::of(&[], &[("DropFolder", "full/sis")]).make_a_drop_user());
        assert!(!Parameters::of(&[("DropFolder", "")], &[("DropFolder", "full/sis")]).make_a_drop_user());
    }
}
