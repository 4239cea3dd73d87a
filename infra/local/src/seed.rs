//! The example organisation: its users went through the pipeline, and one more upload awaits approval.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use local::{ADMINISTRATOR_FILE, SEEDED_FILE, System};
use wire::Status;
use wire::http::SignIn;

use crate::client::AdminSession;
use crate::organisation;
use build::cargo;
use build::problem::ProblemText;
use build::stage::Stage;

/// The users of the year before.
const BEFORE: &str = "before.csv";
/// This year's roster.
const ROSTER: &str = "roster.csv";

/// Brings a system to the state of the example, unless it is there already, and says how to sign in.
///
/// It may be stopped anywhere and goes on with the next start.
pub async fn seed(system: &System) -> Result<SignIn, ProblemText> {
    let sign_in = organisation::kept_sign_in(&system.folder().join(ADMINISTRATOR_FILE))?;
    let finished = system.folder().join(SEEDED_FILE);
    if finished.exists() {
        return Ok(sign_in);
    }
    let stage = Stage::begin("Filling in the example organisation");
    organisation::found(system, &schools()?, &sign_in).await?;
    let session = AdminSession::sign_in(system, &sign_in).await?;
    // Every step makes an upload, or brings it further.
    for _ in 0..4 {
        system.settled().await;
        let uploads = session.uploads().await?;
        match uploads.iter().find(|upload| upload.file_name == BEFORE) {
            None => drop_roster(system, "partial", BEFORE).await?,
            Some(before) if before.status == Status::AwaitingApproval => session.approve(before).await?,
            Some(before) if !before.status.is_final() => {
                return Err(ProblemText::new(format!("The upload of {BEFORE} did not get on; see .local/logs.")));
            }
            Some(_) if uploads.iter().all(|upload| upload.file_name != ROSTER) => {
                // A bucket tells times in whole seconds, and the history shall have this one above the other.
                tokio::time::sleep(Duration::from_secs(1)).await;
                drop_roster(system, "full", ROSTER).await?;
            }
            Some(_) => {}
        }
    }
    fs::write(&finished, [])
        .map_err(|error| ProblemText::new(format!("Cannot use {}: {error}", finished.display())))?;
    stage.done();
    Ok(sign_in)
}

async fn drop_roster(system: &System, mode: &str, name: &str) -> Result<(), ProblemText> {
    let bytes = read(name)?;
    let dropped = system.cloud().object_put(&format!("inbox/{mode}/{name}"), bytes).await;
    dropped.map_err(|error| ProblemText::new(format!("{name} could not be put into the bucket: {error}")))
}

fn schools() -> Result<Vec<(String, String)>, ProblemText> {
    let bytes = read("schools.csv")?;
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let schools = reader.deserialize().collect::<Result<_, _>>();
    schools.map_err(|error| ProblemText::new(format!("The example's schools could not be read: {error}")))
}

fn read(name: &str) -> Result<Vec<u8>, ProblemText> {
    let path: PathBuf = cargo::checkout().join("tests/example").join(name);
    fs::read(&path).map_err(|error| ProblemText::new(format!("Cannot use {}: {error}", path.display())))
}
