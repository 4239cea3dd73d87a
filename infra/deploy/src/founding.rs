//! The organisation and its administrators, made by the function `apply`: whoever deploys may invoke it, and nobody else.

use build::problem::{ProblemText, unusable};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::aws::Aws;

/// How the administrator that was made signs in.
///
/// The password works once.
pub struct FirstSignIn {
    pub username: String,
    pub password: String,
}

/// What became of it.
pub enum Founding {
    Created(FirstSignIn),
    ThereAre,
    UsernameTaken,
}

/// When an administrator is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    ThereIsNone,
    Always,
}

/// Founds the organisation as far as it is not, and makes an administrator.
///
/// # Errors
///
/// Where the function does not answer as it should.
pub fn found(
    aws: &Aws,
    function: &str,
    organisation: &str,
    username: &str,
    when: When,
) -> Result<Founding, ProblemText> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| unusable("The system's source of random numbers", &error))?;
    let password = roster::temporary_password(&seed, roster::Guid(Uuid::nil()));
    // Only the hash leaves this machine.
    let password_hash =
        runtime::passwords::hash_characters(&password).map_err(|error| unusable("The password", &error))?;
    let event = json!({ "organisation": {
        "name": organisation,
        "external_id": "DISTRICT",
        "username": username,
        "password_hash": password_hash,
        "email": "",
        "even_if_there_are": when == When::Always,
    }});
    let answer = aws.invoke(function, &event, &[], "Founding the organisation")?;
    let answer: Value = serde_json::from_slice(&answer).map_err(|error| unusable("The function's answer", &error))?;
    match answer["administrator"].as_str() {
        Some("created") => Ok(Founding::Created(FirstSignIn { username: username.to_owned(), password })),
        Some("there_are") => Ok(Founding::ThereAre),
        Some("username_taken") => Ok(Founding::UsernameTaken),
        _ => Err(ProblemText::new(format!(
            "The function {function} did not found the organisation: it answered {answer}. See its log: `aws logs tail \
             /aws/lambda/{function} --region {}`.",
            aws.region()
        ))),
    }
}
