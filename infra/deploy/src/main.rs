//! `cargo deploy`: Rollbook in an AWS account of one's own.
//!
//! What is made is in `infra/template.yaml`, all of it but the bucket for the code, which has to be there before. Every
//! step can be taken again: a run that was broken off is finished by the next one.

mod account;
mod arguments;
mod aws;
mod code;
mod founding;
mod parameters;
mod redrive;
mod stack;
mod website;

use std::path::PathBuf;
use std::process::ExitCode;

use arguments::{DeployCommand, Deployment, Place};
use aws::Aws;
use build::cargo;
use build::page::{self, Build};
use build::problem::ProblemText;
use build::stage::Stage;
use code::Architecture;
use founding::{Founding, When};
use parameters::Parameters;
use stack::{Stack, StackFacts, StackState};

fn main() -> ExitCode {
    let result = match arguments::parse(std::env::args_os()) {
        Ok(DeployCommand::Help) => {
            print!("{}", arguments::HELP);
            Ok(())
        }
        Ok(DeployCommand::Deploy(deployment)) => deploy(&deployment),
        Ok(DeployCommand::Off(place)) => off(&place),
        Ok(DeployCommand::Redrive(place)) => redrive(&place),
        Ok(DeployCommand::NewAdministrator { place, username }) => new_administrator(&place, &username),
        Err(error) => {
            eprintln!("{error}\n\n{}", arguments::HELP);
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("\n{problem}");
            ExitCode::FAILURE
        }
    }
}

fn deploy(deployment: &Deployment) -> Result<(), ProblemText> {
    let name = &deployment.place.name;
    let aws = Aws::find(deployment.place.region.clone())?;
    let stage = Stage::begin("Looking at the account");
    let account = account::find(&aws)?;
    let stack = Stack { aws: &aws, name };
    let before = match stack.state()? {
        StackState::None => StackFacts::default(),
        StackState::Ready(facts) => facts,
    };
    let wanted = Parameters::new(&deployment.parameters, before.parameters.clone())?;
    let warnings = account::check(&aws, &account, &wanted)?;
    stage.done();
    for warning in &warnings {
        println!("  Note: {warning}");
    }
    if deployment.check {
        println!("The account {} can take Rollbook, in {}.", account.id, aws.region());
        return Ok(());
    }
    let functions = functions(architecture(&wanted)?)?;
    let page = page()?;
    let bucket = code::bucket(name, &account.id, aws.region());
    code::make_bucket(&aws, &bucket)?;
    let mut parameters = code::upload(&aws, &bucket, &functions)?;
    parameters.extend(fixed_parameters(name));
    parameters.extend(deployment.parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let stage = Stage::begin("Making the parts in AWS, which takes 5 to 15 minutes the first time");
    if let Ok(user) = before.output("DropUser")
        && !wanted.make_a_drop_user()
    {
        delete_keys(&aws, user)?;
        println!("  The keys of the user {user} are deleted: nobody drops files as this user any more.");
    }
    stack.deploy(&cargo::checkout().join("infra/template.yaml"), &bucket, &parameters)?;
    stage.done();
    let StackState::Ready(facts) = stack.state()? else {
        return Err(ProblemText::new("The stack is gone: somebody has deleted it. Run the command again."));
    };
    website::upload(&aws, &page, facts.output("PageBucket")?, facts.output("Distribution")?)?;
    let founded = founding::found(&aws, facts.output("Apply")?, &deployment.organisation, "admin", When::ThereIsNone)?;
    report(&facts, &founded)
}

/// Returns the parameters that the command itself decides.
fn fixed_parameters(name: &str) -> Vec<(String, String)> {
    let mut parameters = vec![("Name".to_owned(), name.to_owned()), ("Runs".to_owned(), "true".to_owned())];
    parameters.push(("Emulator".to_owned(), is_emulator().to_string()));
    if let Ok(secret) = std::env::var("ROLLBOOK_SIGN_ON_SECRET") {
        parameters.push(("SignOnSecret".to_owned(), secret));
    }
    parameters
}

/// Returns whether an emulator is deployed to: AWS itself is never asked without encryption.
fn is_emulator() -> bool {
    std::env::var("AWS_ENDPOINT_URL").is_ok_and(|url| url.starts_with("http://"))
}

fn architecture(parameters: &Parameters) -> Result<Architecture, ProblemText> {
    let name = parameters.value("Architecture");
    Architecture::from_name(name)
        .ok_or_else(|| ProblemText::new(format!("There is no architecture {name}: arm64 or x86_64.")))
}

/// Returns the folder of the functions: those that were built elsewhere, or built now.
fn functions(architecture: Architecture) -> Result<PathBuf, ProblemText> {
    match std::env::var_os("ROLLBOOK_FUNCTIONS") {
        Some(folder) => Ok(folder.into()),
        None => code::build(architecture),
    }
}

fn page() -> Result<PathBuf, ProblemText> {
    match std::env::var_os("ROLLBOOK_PAGE") {
        Some(folder) => Ok(folder.into()),
        None => page::build(Build::Deployed),
    }
}

fn report(facts: &StackFacts, founded: &Founding) -> Result<(), ProblemText> {
    println!("\n  The page   {}", facts.output("Address")?);
    match founded {
        Founding::Created(sign_in) => println!(
            "  Sign in    {} / {}\n             The password works once, and you choose your own then. It is shown only here.",
            sign_in.username, sign_in.password
        ),
        Founding::ThereAre => println!("  Sign in    as you did before"),
        Founding::UsernameTaken => println!(
            "  Sign in    nobody can: there is no active administrator of the district office, and the name admin is taken. \
             Run `cargo deploy --new-administrator NAME`."
        ),
    }
    println!("  Rosters    s3://{}/inbox/ with full/, partial/, students/ or staff/", facts.output("Bucket")?);
    if let Ok(user) = facts.output("DropUser") {
        println!("  Dropping   as the user {user}; `aws iam create-access-key --user-name {user}` makes its key");
    }
    let domain = facts.parameters.get("Domain").filter(|domain| !domain.is_empty());
    if let Some(domain) = domain {
        println!("  DNS        {domain} has to be a CNAME (or alias) of {}", facts.output("DistributionDomain")?);
    }
    Ok(())
}

/// Takes everything away but the data. What is gone is made again by the next deployment.
fn off(place: &Place) -> Result<(), ProblemText> {
    let aws = Aws::find(place.region.clone())?;
    let stack = Stack { aws: &aws, name: &place.name };
    let StackState::Ready(facts) = stack.state()? else {
        return Err(ProblemText::new(format!(
            "There is no Rollbook called {} in {}, so there is nothing to take away.",
            place.name,
            aws.region()
        )));
    };
    let bucket = facts.parameters.get("CodeBucket").cloned().unwrap_or_default();
    let stage = Stage::begin("Taking the functions and the page away, which takes 5 to 15 minutes");
    if let Ok(page) = facts.output("PageBucket") {
        // A bucket that has objects can't be deleted.
        aws.tell(&["s3", "rm", "--recursive", "--only-show-errors", &format!("s3://{page}")])
            .map_err(|refusal| refusal.while_doing("Emptying the bucket of the page"))?;
    }
    if let Ok(user) = facts.output("DropUser") {
        delete_keys(&aws, user)?;
    }
    code::make_bucket(&aws, &bucket)?;
    let parameters = [("Runs".to_owned(), "false".to_owned())];
    stack.deploy(&cargo::checkout().join("infra/template.yaml"), &bucket, &parameters)?;
    code::remove_bucket(&aws, &bucket)?;
    stage.done();
    println!(
        "\nThe table {}, the bucket {} and the keys stay, with all data. `cargo deploy` brings the rest back.",
        facts.output("Table")?,
        facts.output("Bucket")?
    );
    Ok(())
}

/// Deletes the keys of the user who drops files: IAM deletes nobody who has one.
fn delete_keys(aws: &Aws, user: &str) -> Result<(), ProblemText> {
    let failed = |refusal: aws::AwsRefusal| refusal.while_doing("Deleting the keys of the user who drops files");
    let answer = aws.ask(&["iam", "list-access-keys", "--user-name", user]).map_err(failed)?;
    for key in answer["AccessKeyMetadata"].as_array().into_iter().flatten() {
        let id = key["AccessKeyId"].as_str().unwrap_or_default();
        aws.tell(&["iam", "delete-access-key", "--user-name", user, "--access-key-id", id]).map_err(failed)?;
    }
    Ok(())
}

fn redrive(place: &Place) -> Result<(), ProblemText> {
    let aws = Aws::find(place.region.clone())?;
    let facts = running(&aws, place)?;
    match redrive::redrive(&aws, facts.output("GivenUpQueue")?)? {
        0 => println!("Nothing was given up."),
        1 => println!("1 event was sent again."),
        sent => println!("{sent} events were sent again."),
    }
    Ok(())
}

fn new_administrator(place: &Place, username: &str) -> Result<(), ProblemText> {
    let aws = Aws::find(place.region.clone())?;
    let facts = running(&aws, place)?;
    // The organisation is there, and keeps its name.
    match founding::found(&aws, facts.output("Apply")?, "School District", username, When::Always)? {
        Founding::Created(sign_in) => {
            println!("Sign in at {} as {} / {}", facts.output("Address")?, sign_in.username, sign_in.password);
            println!("The password works once, and you choose your own then. It is shown only here.");
            Ok(())
        }
        Founding::ThereAre | Founding::UsernameTaken => {
            Err(ProblemText::new(format!("Somebody has, or had, the user name {username}. Choose another one.")))
        }
    }
}

fn running(aws: &Aws, place: &Place) -> Result<StackFacts, ProblemText> {
    match (Stack { aws, name: &place.name }).state()? {
        StackState::Ready(facts) => Ok(facts),
        StackState::None => Err(ProblemText::new(format!(
            "There is no Rollbook called {} in {}. `cargo deploy` makes it.",
            place.name,
            aws.region()
        ))),
    }
}
