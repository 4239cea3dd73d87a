//! What is written after `cargo deploy`.

use std::ffi::OsString;

use lexopt::{Arg, Parser, ValueExt};

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum DeployCommand {
    Help,
    Deploy(Deployment),
    /// Takes everything away but the data.
    Off(Place),
    /// Sends again what was given up.
    Redrive(Place),
    /// Makes one more administrator, for when none gets in any more.
    NewAdministrator {
        place: Place,
        username: String,
    },
}

/// Which deployment is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub name: String,
    /// `None` for the region that the profile names.
    pub region: Option<String>,
}

/// What to deploy, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Deployment {
    pub place: Place,
    /// The template's parameters by their names there, as far as they were said; the others stay as they are.
    pub parameters: Vec<(&'static str, String)>,
    /// The organisation's name, where it is founded now.
    pub organisation: String,
    /// Only looks whether the account can take it.
    pub check: bool,
}

/// The options that become parameters of the template, with the names that they have there.
const PARAMETERS: [(&str, &str); 14] = [
    ("domain", "Domain"),
    ("certificate", "CertificateArn"),
    ("notify", "NotifyAddress"),
    ("mail-from", "MailFrom"),
    ("sign-on-issuer", "SignOnIssuer"),
    ("drop-folder", "DropFolder"),
    ("drop-principal", "DropPrincipal"),
    ("feed-principal", "FeedPrincipal"),
    ("memory", "Memory"),
    ("concurrency", "Concurrency"),
    ("log-days", "LogDays"),
    ("key", "KeyArn"),
    ("architecture", "Architecture"),
    ("wait-hours", "UploadWaitHours"),
];

/// Returns the option that says a parameter of the template.
pub fn option_of(parameter: &str) -> &str {
    PARAMETERS.iter().find(|(_, name)| *name == parameter).map_or(parameter, |(option, _)| option)
}

/// What `cargo deploy --help` prints.
pub const HELP: &str = "\
Rollbook in an AWS account of your own. It uses the program `aws` as you are signed in with it.

  cargo deploy [OPTIONS]                 builds, deploys or updates, and prints the address and the first sign-in
  cargo deploy --check                   only looks whether the account can take it
  cargo deploy --off                     takes everything away but the table, the bucket and the keys
  cargo deploy --redrive                 sends again the events that were given up after three attempts
  cargo deploy --new-administrator NAME  makes one more administrator, for when none gets in any more

Which one:
  --name NAME              what every part is named by (rollbook)
  --region REGION          where it runs and the data stays; that of your profile unless told otherwise

What is said once stays until something else is said:
  --organisation NAME      the organisation's name, the first time (School District)
  --domain DOMAIN          the page's own address, such as accounts.example.org
  --certificate ARN        its certificate in AWS Certificate Manager, in us-east-1
  --notify ADDRESS         the e-mail address that hears of alarms
  --mail-from ADDRESS      the sender of notices, verified in Amazon SES; without it no e-mail is sent
  --sign-on-issuer URL     the only OpenID Connect provider that the settings may name
  --drop-folder FOLDER     a folder of the inbox that somebody else may put files into, such as full/sis or
                           full/schools/10001
  --drop-principal ARN     who that is, in another account; without it a user is made here
  --feed-principal ARN     who may read the feeds for other systems, and do nothing else
  --memory MB              of the functions that check and apply (1769)
  --concurrency N          how many of each of these run at once; 0 for as many as the account lets (0)
  --log-days N             how long logs are kept (90)
  --wait-hours N           for how many whole hours an upload may have waited for an hour before an alarm says so (2)
  --key ARN                a key of KMS of your own that encrypts the data, the first time
  --architecture NAME      arm64 or x86_64 (arm64)

The secret of a confidential client of the sign-on provider is read from ROLLBOOK_SIGN_ON_SECRET.
";

/// Understands the arguments, or says what is wrong with them.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<DeployCommand, lexopt::Error> {
    let mut parser = Parser::from_iter(arguments);
    let mut place = Place { name: "rollbook".to_owned(), region: None };
    let mut parameters = Vec::new();
    let mut organisation = "School District".to_owned();
    let mut action = DeployOption::Deploy;
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(DeployCommand::Help),
            Arg::Long("name") => place.name = parser.value()?.parse_with(name)?,
            Arg::Long("region") => place.region = Some(parser.value()?.string()?),
            Arg::Long("organisation") => organisation = parser.value()?.string()?,
            Arg::Long("check") => action = action.or(DeployOption::Check)?,
            Arg::Long("off") => action = action.or(DeployOption::Off)?,
            Arg::Long("redrive") => action = action.or(DeployOption::Redrive)?,
            Arg::Long("new-administrator") => {
                action = action.or(DeployOption::NewAdministrator(parser.value()?.string()?))?
            }
            Arg::Long(option) => match PARAMETERS.iter().find(|(name, _)| *name == option) {
                Some((_, parameter)) => parameters.push((*parameter, parser.value()?.string()?)),
                None => return Err(argument.unexpected()),
            },
            other => return Err(other.unexpected()),
        }
    }
    Ok(match action {
        DeployOption::Deploy => DeployCommand::Deploy(Deployment { place, parameters, organisation, check: false }),
        DeployOption::Check => DeployCommand::Deploy(Deployment { place, parameters, organisation, check: true }),
        DeployOption::Off => DeployCommand::Off(place),
        DeployOption::Redrive => DeployCommand::Redrive(place),
        DeployOption::NewAdministrator(username) => DeployCommand::NewAdministrator { place, username },
    })
}

enum DeployOption {
    Deploy,
    Check,
    Off,
    Redrive,
    NewAdministrator(String),
}

impl DeployOption {
    fn or(self, other: DeployOption) -> Result<DeployOption, &'static str> {
        match self {
            DeployOption::Deploy => Ok(other),
            _ => Err("only one of --check, --off, --redrive and --new-administrator at a time"),
        }
    }
}

/// The names of buckets, roles and functions begin with it, and bound its form.
fn name(text: &str) -> Result<String, &'static str> {
    let begins = text.starts_with(|first: char| first.is_ascii_lowercase());
    let allowed = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if begins && allowed && (3..=20).contains(&text.len()) {
        return Ok(text.to_owned());
    }
    Err("a name has 3 to 20 small letters, digits and hyphens, of which the first is a letter")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<DeployCommand, String> {
        let program = std::iter::once("deploy").chain(line.split_whitespace());
        parse(program.map(Into::into)).map_err(|error| error.to_string())
    }

    fn place(name: &str) -> Place {
        Place { name: name.to_owned(), region: None }
    }

    #[test]
    fn every_form_is_understood() {
        let deployment = |name, parameters, check| {
            DeployCommand::Deploy(Deployment {
                place: place(name),
                parameters,
                organisation: "School District".into(),
                check,
            })
        };
        assert_eq!(parsed(""), Ok(deployment("rollbook", Vec::new(), false)));
        let parameters = vec![("Memory", "3008".to_owned()), ("Domain", "a.example.org".to_owned())];
        assert_eq!(
            parsed("--name contoso --memory 3008 --domain a.example.org"),
            Ok(deployment("contoso", parameters, false))
        );
        assert_eq!(parsed("--check"), Ok(deployment("rollbook", Vec::new(), true)));
        assert_eq!(parsed("--off"), Ok(DeployCommand::Off(place("rollbook"))));
        assert_eq!(parsed("--redrive --name x-1"), Ok(DeployCommand::Redrive(place("x-1"))));
        let administrator = DeployCommand::NewAdministrator { place: place("rollbook"), username: "me".into() };
        assert_eq!(parsed("--new-administrator me"), Ok(administrator));
        assert_eq!(parsed("--off --help"), Ok(DeployCommand::Help));
    }

    #[test]
    fn mistakes_are_named() {
        assert!(parsed("--off --redrive").is_err_and(|text| text.contains("at a time")));
        assert!(parsed("--name Contoso").is_err_and(|text| text.contains("small letters")));
        assert!(parsed("--memroy 1").is_err_and(|text| text.contains("--memroy")));
    }

    #[test]
    fn the_help_has_every_option() {
        for (option, _) in PARAMETERS {
            assert!(HELP.contains(&format!("--{option} ")), "{option}");
        }
    }
}
